/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A bank: one or several files, looked up where they lie. */
#include "bank/bank.h"

#include "bank/bank-private.h"
#include "bank/segment.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MAX_SEGMENTS   64
#define VERSION_LENGTH 16

struct _WeirBank {
  /* Counted with the macros of GLib, which are compiled in here: a checker of
   * threads cannot see into the functions of a library. */
  gint n_holders;
  gchar *path;
  gchar version[VERSION_LENGTH + 1];
  guint32 n_references;
  guint n_segments;
  WeirBankSegment segments[MAX_SEGMENTS];
};

/* clang-format off */
G_DEFINE_QUARK (weir-bank-error-quark, weir_bank_error)
/* clang-format on */

/* Takes @bytes as the next segment of @bank if it passes every check. */
static gboolean
add_segment (WeirBank *bank, GBytes *bytes, const gchar *name, GError **error)
{
  WeirBankSegment *segment = &bank->segments[bank->n_segments++];

  if (!weir_bank_segment_open (segment, bytes, name, error))
    return FALSE;
  if (segment->n_references > G_MAXUINT32 - bank->n_references)
    return weir_bank_refuse (error, WEIR_BANK_ERROR_LIMIT, name,
        "is one reference too many; open fewer files at once");
  segment->first_reference = bank->n_references;
  bank->n_references += segment->n_references;
  return TRUE;
}

static WeirBank *
bank_new (const gchar *path)
{
  WeirBank *bank = g_new0 (WeirBank, 1);

  g_atomic_int_set (&bank->n_holders, 1);
  bank->path = g_strdup (path);
  return bank;
}

static void
format_digest (const guint8 *digest, gchar version[VERSION_LENGTH + 1])
{
  guint i;

  for (i = 0; i < VERSION_LENGTH / 2; i++)
    g_snprintf (&version[2 * i], 3, "%02x", digest[i]);
}

static gint
compare_digests (gconstpointer a, gconstpointer b)
{
  const guint8 *const *digest_a = a;
  const guint8 *const *digest_b = b;

  return memcmp (*digest_a, *digest_b, WEIR_BANK_DIGEST_LENGTH);
}

/* The digest of one file, or of the digests of several, whose order is that of
 * a command line and does not matter. */
static void
set_version (WeirBank *bank)
{
  const guint8 *digests[MAX_SEGMENTS];
  guint8 joined[WEIR_BANK_DIGEST_LENGTH];
  gsize joined_length = sizeof (joined);
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  guint i;

  for (i = 0; i < bank->n_segments; i++)
    digests[i] = bank->segments[i].header->digest;
  if (bank->n_segments == 1) {
    format_digest (digests[0], bank->version);
    return;
  }
  qsort (digests, bank->n_segments, sizeof (*digests), compare_digests);
  for (i = 0; i < bank->n_segments; i++)
    g_checksum_update (sum, digests[i], WEIR_BANK_DIGEST_LENGTH);
  g_checksum_get_digest (sum, joined, &joined_length);
  format_digest (joined, bank->version);
}

WeirBank *
weir_bank_open (const gchar *path, GError **error)
{
  g_autoptr (WeirBank) bank = NULL;
  g_auto (GStrv) names = NULL;
  guint i;

  g_return_val_if_fail (path != NULL, NULL);

  bank = bank_new (path);
  names = g_strsplit (path, ",", -1);
  if (g_strv_length (names) > MAX_SEGMENTS) {
    weir_bank_refuse (error, WEIR_BANK_ERROR_LIMIT, path,
        "names more than %d files; build them into fewer", MAX_SEGMENTS);
    return NULL;
  }
  if (names[0] == NULL) {
    weir_bank_refuse (error, WEIR_BANK_ERROR_FILE, path,
        "is no name of a bank file; check the path");
    return NULL;
  }
  for (i = 0; names[i] != NULL; i++) {
    g_autoptr (GBytes) bytes = weir_bank_map_file (names[i], error);

    if (bytes == NULL || !add_segment (bank, bytes, names[i], error))
      return NULL;
  }
  set_version (bank);
  return g_steal_pointer (&bank);
}

WeirBank *
weir_bank_open_bytes (GBytes *bytes, const gchar *name, GError **error)
{
  g_autoptr (WeirBank) bank = NULL;
  gconstpointer data;

  g_return_val_if_fail (bytes != NULL && name != NULL, NULL);
  data = g_bytes_get_data (bytes, NULL);
  g_return_val_if_fail (GPOINTER_TO_SIZE (data) % sizeof (guint64) == 0, NULL);

  bank = bank_new (name);
  if (!add_segment (bank, bytes, name, error))
    return NULL;
  set_version (bank);
  return g_steal_pointer (&bank);
}

WeirBank *
weir_bank_ref (WeirBank *bank)
{
  g_atomic_int_inc (&bank->n_holders);
  return bank;
}

void
weir_bank_unref (WeirBank *bank)
{
  guint i;

  if (!g_atomic_int_dec_and_test (&bank->n_holders))
    return;
  for (i = 0; i < bank->n_segments; i++) {
    weir_bank_segment_clear (&bank->segments[i]);
  }
  g_free (bank->path);
  g_free (bank);
}

/* ---- What it holds ---- */

const gchar *
weir_bank_get_version (const WeirBank *bank)
{
  return bank->version;
}

const gchar *
weir_bank_get_path (const WeirBank *bank)
{
  return bank->path;
}

gint64
weir_bank_get_created (const WeirBank *bank)
{
  gint64 created = bank->segments[0].header->created;
  guint i;

  for (i = 1; i < bank->n_segments; i++)
    created = MIN (created, bank->segments[i].header->created);
  return created;
}

guint32
weir_bank_get_n_references (const WeirBank *bank)
{
  return bank->n_references;
}

guint64
weir_bank_get_n_video (const WeirBank *bank)
{
  guint64 n_video = 0;
  guint i;

  for (i = 0; i < bank->n_segments; i++)
    n_video += bank->segments[i].n_video;
  return n_video;
}

guint64
weir_bank_get_n_audio (const WeirBank *bank)
{
  guint64 n_audio = 0;
  guint i;

  for (i = 0; i < bank->n_segments; i++)
    n_audio += bank->segments[i].n_audio;
  return n_audio;
}

static const WeirBankSegment *
find_segment (const WeirBank *bank, guint32 index)
{
  const WeirBankSegment *segment = bank->segments;

  while (index - segment->first_reference >= segment->n_references)
    segment++;
  return segment;
}

void
weir_bank_get_reference (
    const WeirBank *bank, guint32 index, WeirReference *reference)
{
  const WeirBankSegment *segment;
  const WeirBankReferenceRecord *record;
  const WeirFingerprintCounts *counts;

  g_return_if_fail (index < bank->n_references);

  segment = find_segment (bank, index);
  record = &segment->references[index - segment->first_reference];
  counts = &segment->counts[index - segment->first_reference];
  *reference = (WeirReference){
    .id = segment->strings + record->id,
    .family = segment->strings + record->family,
    .label = segment->strings + record->label,
    .list = segment->strings + record->list,
    .source = segment->strings + record->source,
    .added = record->added,
    .duration = record->duration,
    .opinion = (WeirOpinion) record->opinion,
    .max_action = (WeirAction) record->max_action,
    .n_video = counts->n_video,
    .n_audio = counts->n_audio,
  };
}

/* ---- Lookup ---- */

typedef struct {
  const WeirBankSegment *segment;
  GArray *hits;
} VideoLookup;

/* A hit for each time that the hash occurs. */
static void
append_video_hits (
    guint query, guint32 position, guint distance, gpointer user_data)
{
  const VideoLookup *lookup = user_data;
  const WeirBankSegment *segment = lookup->segment;
  const guint32 end = segment->video_starts[position + 1];

  for (guint32 i = segment->video_starts[position]; i < end; i++) {
    const WeirBankVideoInfo *info = &segment->video_infos[i];
    WeirVideoHit hit = {
      .reference = segment->first_reference + info->reference,
      .time = info->time,
      .distance = (guint16) distance,
      .view = info->view,
    };

    g_array_append_val (lookup->hits, hit);
  }
}

static gint
compare_video_hits (gconstpointer a, gconstpointer b)
{
  const WeirVideoHit *first = a;
  const WeirVideoHit *second = b;

  if (first->reference != second->reference)
    return first->reference < second->reference ? -1 : 1;
  if (first->time != second->time)
    return first->time < second->time ? -1 : 1;
  if (first->distance != second->distance)
    return first->distance < second->distance ? -1 : 1;
  return (first->view > second->view) - (first->view < second->view);
}

void
weir_bank_lookup_video (
    const WeirBank *bank, const WeirPdqHash *hash, guint radius, GArray *hits)
{
  const guint n_before = hits->len;
  guint i;

  for (i = 0; i < bank->n_segments; i++) {
    VideoLookup lookup = { &bank->segments[i], hits };

    weir_video_index_lookup (
        &lookup.segment->video, hash, radius, append_video_hits, &lookup);
  }
  /* The index finds them in an order of its own. */
  if (hits->len > n_before + 1)
    qsort (&g_array_index (hits, WeirVideoHit, n_before), hits->len - n_before,
        sizeof (WeirVideoHit), compare_video_hits);
}

gboolean
weir_bank_has_video (
    const WeirBank *bank, guint32 index, guint32 begin, guint32 end)
{
  const WeirBankSegment *segment;

  g_return_val_if_fail (index < bank->n_references, FALSE);

  segment = find_segment (bank, index);
  return weir_video_coverage_has (
      &segment->coverage, index - segment->first_reference, begin, end);
}

/* The first of the sorted @keys that is not below @key, or @n_keys. */
static guint32
find_first_key (const guint32 *keys, guint32 n_keys, guint32 key)
{
  guint32 low = 0, high = n_keys;

  while (low < high) {
    guint32 middle = low + (high - low) / 2;

    if (keys[middle] < key)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

void
weir_bank_lookup_audio (const WeirBank *bank, guint32 key, GArray *hits)
{
  guint i;

  for (i = 0; i < bank->n_segments; i++) {
    const WeirBankSegment *segment = &bank->segments[i];
    guint32 k = find_first_key (segment->audio_keys, segment->n_audio, key);

    for (; k < segment->n_audio && segment->audio_keys[k] == key; k++) {
      const WeirBankAudioPosting *posting = &segment->audio_postings[k];
      WeirAudioHit hit = {
        .reference = segment->first_reference + posting->reference,
        .time = posting->time,
      };

      g_array_append_val (hits, hit);
    }
  }
}
