/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Opens bank files, checks every byte of them once, and looks up where they
 * lie. After the checks nothing is verified again: what a lookup follows has
 * been shown to be in bounds.
 */
#include "bank/bank.h"

#include "bank/bank-private.h"
#include "bank/index.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

#define MAX_SEGMENTS   64
#define VERSION_LENGTH 16

typedef struct {
  guint32 n_video;
  guint32 n_audio;
} FingerprintCounts;

/* One file. All but the counts points into its bytes. */
typedef struct {
  GBytes *bytes;
  const WeirBankHeader *header;
  const gchar *strings;
  gsize strings_length;
  const WeirBankReferenceRecord *references;
  guint32 n_references;
  guint32 first_reference; /* the bank's number of the first of them */
  WeirVideoIndex video;
  const WeirBankVideoInfo *video_infos;
  const guint32 *audio_keys;
  const WeirBankAudioPosting *audio_postings;
  guint32 n_audio;
  FingerprintCounts *counts; /* for each reference */
} Segment;

struct _WeirBank {
  /* Counted with the macros of GLib, which are compiled in here: a checker of
   * threads cannot see into the functions of a library. */
  gint n_holders;
  gchar *path;
  gchar version[VERSION_LENGTH + 1];
  guint32 n_references;
  guint n_segments;
  Segment segments[MAX_SEGMENTS];
};

G_DEFINE_QUARK (weir - bank - error - quark, weir_bank_error)

gchar *
weir_bank_printable (const gchar *text)
{
  gchar *printable = g_utf8_make_valid (text, -1);
  gchar *next;

  for (next = printable; *next != '\0'; next++) {
    if (g_ascii_iscntrl (*next))
      *next = '?';
  }
  return printable;
}

/* Sets "'name' " and the message; returns FALSE for the caller to return. */
G_GNUC_PRINTF (4, 5)
static gboolean
refuse (GError **error, WeirBankError code, const gchar *name,
    const gchar *format, ...)
{
  g_autofree gchar *printable = weir_bank_printable (name);
  g_autofree gchar *message = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (error, WEIR_BANK_ERROR, code, "'%s' %s", printable, message);
  return FALSE;
}

static gboolean
refuse_damaged (GError **error, const gchar *name, const gchar *what)
{
  return refuse (error, WEIR_BANK_ERROR_DAMAGED, name,
      "is damaged (%s); copy or build it again", what);
}

/* ---- The header and the table of sections ---- */

guint32
weir_bank_header_compute_checksum (const WeirBankHeader *header)
{
  WeirBankHeader copy = *header;
  gsize table_length = header->n_sections * sizeof (WeirBankSection);
  uLong checksum;

  copy.checksum = 0;
  checksum = crc32_z (0, (const Bytef *) &copy, sizeof (copy));
  checksum = crc32_z (checksum, (const Bytef *) (header + 1), table_length);
  return (guint32) checksum;
}

/* What tells a bank of this version from all else. */
static gboolean
check_identity (
    const WeirBankHeader *header, gsize size, const gchar *name, GError **error)
{
  const gsize identity_length = G_STRUCT_OFFSET (WeirBankHeader, file_size);

  if (size == 0)
    return refuse (
        error, WEIR_BANK_ERROR_EMPTY, name, "is empty; copy or build it again");
  if (memcmp (header, WEIR_BANK_MAGIC, MIN (size, WEIR_BANK_MAGIC_LENGTH)) != 0)
    return refuse (error, WEIR_BANK_ERROR_FOREIGN, name,
        "is not a bank; make one with 'weir bank build' or 'weir bank import'");
  if (size < identity_length)
    return refuse (error, WEIR_BANK_ERROR_TRUNCATED, name,
        "ends within its header; copy it again");
  if (header->byte_order == GUINT32_SWAP_LE_BE (WEIR_BANK_BYTE_ORDER_MARK))
    return refuse (error, WEIR_BANK_ERROR_ENDIAN, name,
        "is of the other byte order; banks are written and read on "
        "little-endian machines");
  if (header->byte_order != WEIR_BANK_BYTE_ORDER_MARK || header->version == 0)
    return refuse_damaged (error, name, "start of the header");
  if (header->version > WEIR_BANK_FORMAT_VERSION)
    return refuse (error, WEIR_BANK_ERROR_NEWER, name,
        "has format version %u and this program reads %u; update Weir",
        header->version, WEIR_BANK_FORMAT_VERSION);
  return TRUE;
}

static gboolean
check_header (
    const WeirBankHeader *header, gsize size, const gchar *name, GError **error)
{
  if (!check_identity (header, size, name, error))
    return FALSE;
  if (size < sizeof (*header))
    return refuse (error, WEIR_BANK_ERROR_TRUNCATED, name,
        "ends within its header; copy it again");
  if (header->file_size > size)
    return refuse (error, WEIR_BANK_ERROR_TRUNCATED, name,
        "has %" G_GSIZE_FORMAT " bytes of %" G_GUINT64_FORMAT "; copy it again",
        size, header->file_size);
  if (header->file_size < size)
    return refuse_damaged (error, name, "longer than its header says");
  if (header->n_sections > WEIR_BANK_MAX_SECTIONS ||
      header->n_sections * sizeof (WeirBankSection) > size - sizeof (*header))
    return refuse_damaged (error, name, "number of sections");
  if (weir_bank_header_compute_checksum (header) != header->checksum)
    return refuse_damaged (error, name, "checksum of the header");
  return TRUE;
}

static gboolean
is_zero (const guint8 *data, gsize length)
{
  gsize i;

  for (i = 0; i < length; i++) {
    if (data[i] != 0)
      return FALSE;
  }
  return TRUE;
}

/* That the sections follow each other with nothing but zeros between, up to
 * the end of the file, and that each holds the bytes it was written with. */
static gboolean
check_sections (const WeirBankHeader *header, const gchar *name, GError **error)
{
  const guint8 *data = (const guint8 *) header;
  const WeirBankSection *sections = (const WeirBankSection *) (header + 1);
  const guint64 size = header->file_size;
  guint64 end = sizeof (*header) + header->n_sections * sizeof (*sections);
  guint i;

  for (i = 0; i < header->n_sections; i++) {
    const WeirBankSection *section = &sections[i];

    if (section->offset % WEIR_BANK_ALIGNMENT != 0 || section->offset < end ||
        section->offset > size || section->length > size - section->offset)
      return refuse_damaged (error, name, "place of a section");
    if (!is_zero (data + end, section->offset - end))
      return refuse_damaged (error, name, "gap between sections");
    if (crc32_z (0, data + section->offset, section->length) !=
        section->checksum)
      return refuse_damaged (error, name, "checksum of a section");
    end = section->offset + section->length;
  }
  if (end != size)
    return refuse_damaged (error, name, "bytes after the last section");
  return TRUE;
}

/* Finds the one section of @type, @n records of @record_size. */
static gboolean
find_section (const WeirBankHeader *header, WeirBankSectionType type,
    gsize record_size, gconstpointer *records, gsize *n, const gchar *name,
    GError **error)
{
  const WeirBankSection *sections = (const WeirBankSection *) (header + 1);
  const WeirBankSection *found = NULL;
  guint i;

  for (i = 0; i < header->n_sections; i++) {
    if (sections[i].type != type)
      continue;
    if (found != NULL)
      return refuse_damaged (error, name, "a section is there twice");
    found = &sections[i];
  }
  if (found == NULL)
    return refuse_damaged (error, name, "a section is missing");
  if (found->length % record_size != 0)
    return refuse_damaged (error, name, "length of a section");
  *records = (const guint8 *) header + found->offset;
  *n = found->length / record_size;
  if (*n > WEIR_BANK_MAX_RECORDS)
    return refuse (error, WEIR_BANK_ERROR_LIMIT, name,
        "holds more than %d records of one kind; split it",
        WEIR_BANK_MAX_RECORDS);
  return TRUE;
}

static gboolean
find_sections (Segment *segment, const gchar *name, GError **error)
{
  const WeirBankHeader *header = segment->header;
  gconstpointer strings, references, hashes, infos, keys, postings;
  gsize n_references, n_hashes, n_infos, n_keys, n_postings;

  if (!find_section (header, WEIR_BANK_SECTION_STRINGS, 1, &strings,
          &segment->strings_length, name, error) ||
      !find_section (header, WEIR_BANK_SECTION_REFERENCES,
          sizeof (WeirBankReferenceRecord), &references, &n_references, name,
          error) ||
      !find_section (header, WEIR_BANK_SECTION_VIDEO_HASHES,
          sizeof (WeirPdqHash), &hashes, &n_hashes, name, error) ||
      !find_section (header, WEIR_BANK_SECTION_VIDEO_INFOS,
          sizeof (WeirBankVideoInfo), &infos, &n_infos, name, error) ||
      !find_section (header, WEIR_BANK_SECTION_AUDIO_KEYS, sizeof (guint32),
          &keys, &n_keys, name, error) ||
      !find_section (header, WEIR_BANK_SECTION_AUDIO_POSTINGS,
          sizeof (WeirBankAudioPosting), &postings, &n_postings, name, error))
    return FALSE;
  if (n_hashes != n_infos || n_keys != n_postings)
    return refuse_damaged (error, name, "sections of different length");

  segment->strings = strings;
  segment->references = references;
  segment->n_references = (guint32) n_references;
  segment->video.hashes = hashes;
  segment->video.n_hashes = (guint32) n_hashes;
  segment->video_infos = infos;
  segment->audio_keys = keys;
  segment->audio_postings = postings;
  segment->n_audio = (guint32) n_keys;
  return TRUE;
}

/* ---- The records ---- */

static gboolean
is_text (const Segment *segment, guint32 offset)
{
  gsize rest, length;

  if (offset >= segment->strings_length)
    return FALSE;
  rest = segment->strings_length - offset;
  length = strnlen (segment->strings + offset, rest);
  return length < rest && length <= WEIR_REFERENCE_MAX_TEXT &&
         g_utf8_validate (segment->strings + offset, (gssize) length, NULL);
}

static gboolean
check_references (const Segment *segment, const gchar *name, GError **error)
{
  guint32 i;

  for (i = 0; i < segment->n_references; i++) {
    const WeirBankReferenceRecord *record = &segment->references[i];

    if (!is_text (segment, record->id) || !is_text (segment, record->family) ||
        !is_text (segment, record->label) || !is_text (segment, record->list) ||
        !is_text (segment, record->source))
      return refuse_damaged (error, name, "text of a reference");
    if (segment->strings[record->id] == '\0')
      return refuse_damaged (error, name, "a reference without an id");
    if (record->opinion > WEIR_OPINION_DISPUTED ||
        record->max_action > WEIR_ACTION_CUT || record->reserved != 0)
      return refuse_damaged (error, name, "record of a reference");
  }
  return TRUE;
}

static gboolean
check_video (Segment *segment, const gchar *name, GError **error)
{
  guint32 i;

  for (i = 0; i < segment->video.n_hashes; i++) {
    const WeirBankVideoInfo *info = &segment->video_infos[i];

    if (info->reference >= segment->n_references || info->quality > 100 ||
        info->view != WEIR_BANK_VIEW_PLAIN || info->reserved != 0)
      return refuse_damaged (error, name, "record of a video fingerprint");
    segment->counts[info->reference].n_video++;
  }
  return TRUE;
}

static gboolean
check_audio (Segment *segment, const gchar *name, GError **error)
{
  guint32 i;

  for (i = 0; i < segment->n_audio; i++) {
    const WeirBankAudioPosting *posting = &segment->audio_postings[i];

    if (posting->reference >= segment->n_references)
      return refuse_damaged (error, name, "record of an audio fingerprint");
    if (i > 0 && segment->audio_keys[i - 1] > segment->audio_keys[i])
      return refuse_damaged (error, name, "order of the audio keys");
    segment->counts[posting->reference].n_audio++;
  }
  return TRUE;
}

/* Takes @bytes as the next segment of @bank if it passes every check. */
static gboolean
add_segment (WeirBank *bank, GBytes *bytes, const gchar *name, GError **error)
{
  Segment *segment = &bank->segments[bank->n_segments++];
  gsize size;

  segment->bytes = g_bytes_ref (bytes);
  segment->header = g_bytes_get_data (bytes, &size);
  if (!check_header (segment->header, size, name, error) ||
      !check_sections (segment->header, name, error) ||
      !find_sections (segment, name, error))
    return FALSE;
  if (segment->n_references > G_MAXUINT32 - bank->n_references)
    return refuse (error, WEIR_BANK_ERROR_LIMIT, name,
        "is one reference too many; open fewer files at once");
  segment->first_reference = bank->n_references;
  bank->n_references += segment->n_references;
  segment->counts = g_new0 (FingerprintCounts, segment->n_references);
  return check_references (segment, name, error) &&
         check_video (segment, name, error) &&
         check_audio (segment, name, error);
}

/* ---- Open and close ---- */

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

static gboolean
refuse_to_open (GError **error, const gchar *name, gint failure)
{
  const gchar *remedy = "see why and try again";

  if (failure == ENOENT || failure == ENOTDIR)
    remedy = "check the path";
  else if (failure == EACCES || failure == EPERM)
    remedy = "make it readable for this user";
  return refuse (error, WEIR_BANK_ERROR_FILE, name, "cannot be opened: %s; %s",
      g_strerror (failure), remedy);
}

static GBytes *
map_descriptor (gint descriptor, const gchar *name, GError **error)
{
  g_autoptr (GMappedFile) file = NULL;
  g_autoptr (GError) map_error = NULL;
  struct stat status;

  if (fstat (descriptor, &status) != 0) {
    refuse_to_open (error, name, errno);
    return NULL;
  }
  if (!S_ISREG (status.st_mode)) {
    refuse (error, WEIR_BANK_ERROR_FILE, name, "%s",
        S_ISDIR (status.st_mode) ? "is a directory; name a bank file in it"
                                 : "is no regular file; name a bank file");
    return NULL;
  }
  file = g_mapped_file_new_from_fd (descriptor, FALSE, &map_error);
  if (file == NULL) {
    refuse (error, WEIR_BANK_ERROR_FILE, name,
        "cannot be mapped: %s; see why and try again", map_error->message);
    return NULL;
  }
  return g_mapped_file_get_bytes (file);
}

static GBytes *
map_file (const gchar *name, GError **error)
{
  /* Without O_NONBLOCK a FIFO would hold us until it has a writer. */
  gint descriptor = g_open (name, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
  GBytes *bytes;

  if (descriptor < 0) {
    refuse_to_open (error, name, errno);
    return NULL;
  }
  bytes = map_descriptor (descriptor, name, error);
  g_close (descriptor, NULL);
  return bytes;
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
    refuse (error, WEIR_BANK_ERROR_LIMIT, path,
        "names more than %d files; merge some", MAX_SEGMENTS);
    return NULL;
  }
  if (names[0] == NULL) {
    refuse_to_open (error, path, ENOENT);
    return NULL;
  }
  for (i = 0; names[i] != NULL; i++) {
    g_autoptr (GBytes) bytes = map_file (names[i], error);

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
    g_free (bank->segments[i].counts);
    g_bytes_unref (bank->segments[i].bytes);
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
    n_video += bank->segments[i].video.n_hashes;
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

void
weir_bank_get_reference (
    const WeirBank *bank, guint32 index, WeirReference *reference)
{
  const Segment *segment = bank->segments;
  const WeirBankReferenceRecord *record;
  const FingerprintCounts *counts;

  g_return_if_fail (index < bank->n_references);

  while (index - segment->first_reference >= segment->n_references)
    segment++;
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
  const Segment *segment;
  GArray *hits;
} VideoLookup;

static void
append_video_hit (guint32 position, guint distance, gpointer user_data)
{
  const VideoLookup *lookup = user_data;
  const WeirBankVideoInfo *info = &lookup->segment->video_infos[position];
  WeirVideoHit hit = {
      .reference = lookup->segment->first_reference + info->reference,
      .time = info->time,
      .distance = (guint16) distance,
  };

  g_array_append_val (lookup->hits, hit);
}

void
weir_bank_lookup_video (
    const WeirBank *bank, const WeirPdqHash *hash, guint radius, GArray *hits)
{
  guint i;

  for (i = 0; i < bank->n_segments; i++) {
    VideoLookup lookup = {&bank->segments[i], hits};

    weir_video_index_lookup (
        &lookup.segment->video, hash, radius, append_video_hit, &lookup);
  }
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
    const Segment *segment = &bank->segments[i];
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
