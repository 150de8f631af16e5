/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finding what a bank file holds, and access to it. */
#include "bank/segment.h"

#include "bank/bank-error.h"
#include "bank/index-check.h"
#include "bank/sections.h"
#include "bank/segment-check.h"
#include "fingerprint/landmark.h"

#include <string.h>

/* The steps are there with a span for each reference, or not at all. */
static gboolean
find_sound (WeirBankSegment *segment, const gchar *name, GError **error)
{
  const WeirBankHeader *header = segment->header;
  gconstpointer spans, steps;
  gsize n_spans, n_steps;

  if (!weir_bank_sections_have (header, WEIR_BANK_SECTION_SOUND_SPANS) &&
      !weir_bank_sections_have (header, WEIR_BANK_SECTION_SOUND_STEPS))
    return TRUE;
  if (!weir_bank_sections_find (header, WEIR_BANK_SECTION_SOUND_SPANS,
          sizeof (WeirBankSoundSpan), &spans, &n_spans, name, error) ||
      !weir_bank_sections_find (header, WEIR_BANK_SECTION_SOUND_STEPS,
          sizeof (WeirSoundStep), &steps, &n_steps, name, error))
    return FALSE;
  if (n_spans != segment->n_references)
    return weir_bank_refuse_damaged (
        error, name, "sections of different length");
  segment->sound_spans = spans;
  segment->sound_steps = steps;
  segment->n_steps = (guint32) n_steps;
  return TRUE;
}

static gboolean
find_sections (WeirBankSegment *segment, const gchar *name, GError **error)
{
  const WeirBankHeader *header = segment->header;
  gconstpointer strings, references, order, hashes, infos, starts, keys;
  gconstpointer postings;
  gsize n_references, n_order, n_hashes, n_infos, n_starts, n_keys, n_postings;

  if (!weir_bank_sections_find (header, WEIR_BANK_SECTION_STRINGS, 1, &strings,
          &segment->strings_length, name, error) ||
      !weir_bank_sections_find (header, WEIR_BANK_SECTION_REFERENCES,
          sizeof (WeirBankReferenceRecord), &references, &n_references, name,
          error) ||
      !weir_bank_sections_find (header, WEIR_BANK_SECTION_REFERENCE_ORDER,
          sizeof (guint32), &order, &n_order, name, error) ||
      !weir_bank_sections_find (header, WEIR_BANK_SECTION_VIDEO_HASHES,
          sizeof (WeirPdqHash), &hashes, &n_hashes, name, error) ||
      !weir_bank_sections_find (header, WEIR_BANK_SECTION_VIDEO_INFOS,
          sizeof (WeirBankVideoInfo), &infos, &n_infos, name, error) ||
      !weir_bank_sections_find (header, WEIR_BANK_SECTION_VIDEO_STARTS,
          sizeof (guint32), &starts, &n_starts, name, error) ||
      !weir_bank_sections_find (header, WEIR_BANK_SECTION_AUDIO_KEYS,
          sizeof (guint32), &keys, &n_keys, name, error) ||
      !weir_bank_sections_find (header, WEIR_BANK_SECTION_AUDIO_POSTINGS,
          sizeof (WeirBankAudioPosting), &postings, &n_postings, name, error))
    return FALSE;
  if (n_references != n_order || n_hashes + 1 != n_starts ||
      n_keys != n_postings)
    return weir_bank_refuse_damaged (
        error, name, "sections of different length");

  segment->strings = strings;
  segment->references = references;
  segment->n_references = (guint32) n_references;
  segment->reference_order = order;
  segment->video.hashes = hashes;
  segment->video.n_hashes = (guint32) n_hashes;
  segment->video_starts = starts;
  segment->video_infos = infos;
  segment->n_video = (guint32) n_infos;
  segment->audio_keys = keys;
  segment->audio_postings = postings;
  segment->n_audio = (guint32) n_keys;
  return TRUE;
}

/* The next section of a table from number @from on, or NULL. */
static const WeirBankSection *
find_table (const WeirBankHeader *header, guint from)
{
  const WeirBankSection *sections = (const WeirBankSection *) (header + 1);

  for (guint i = from; i < header->n_sections; i++) {
    if (sections[i].type == WEIR_BANK_SECTION_VIDEO_TABLE)
      return &sections[i];
  }
  return NULL;
}

/* Each part with its tables, which are in the same order. */
static gboolean
add_parts (WeirVideoIndex *index, const WeirBankHeader *header,
    const WeirBankVideoPart *parts, gsize n_parts)
{
  const WeirBankSection *sections = (const WeirBankSection *) (header + 1);
  const WeirBankSection *table = find_table (header, 0);

  for (gsize i = 0; i < n_parts; i++) {
    if (!weir_video_index_add_part (index, &parts[i]))
      return FALSE;
    for (guint j = 0; j < parts[i].n_tables; j++) {
      if (table == NULL ||
          !weir_video_index_add_table (
              index, (const guint8 *) header + table->offset, table->length))
        return FALSE;
      table = find_table (header, (guint) (table - sections) + 1);
    }
  }
  return table == NULL && weir_video_index_is_complete (index);
}

static gboolean
open_index (WeirBankSegment *segment, const gchar *name, GError **error)
{
  gconstpointer parts;
  gsize n_parts;

  if (!weir_bank_sections_find (segment->header, WEIR_BANK_SECTION_VIDEO_PARTS,
          sizeof (WeirBankVideoPart), &parts, &n_parts, name, error))
    return FALSE;
  segment->video.base = segment->header;
  if (!add_parts (&segment->video, segment->header, parts, n_parts))
    return weir_bank_refuse_damaged (
        error, name, "index of the video fingerprints");
  return TRUE;
}

/* A table over the upper bits of the keys, so that a lookup need not search
 * them all: as many bits as give a table no longer than the keys. */
static void
index_audio (WeirBankSegment *segment)
{
  guint bits = 0;
  guint32 i, k = 0;

  while (bits < WEIR_LANDMARK_PAIR_BITS && segment->n_audio >> (bits + 1) > 0)
    bits++;
  /* A shift by the whole width has no meaning in C. */
  bits = MAX (bits, 1);
  segment->audio_start_shift = 32 - bits;
  segment->audio_starts = g_new (guint32, (1u << bits) + 1);
  for (i = 0; i < 1u << bits; i++) {
    while (k < segment->n_audio &&
           segment->audio_keys[k] >> segment->audio_start_shift < i)
      k++;
    segment->audio_starts[i] = k;
  }
  segment->audio_starts[i] = segment->n_audio;
}

gboolean
weir_bank_segment_open (
    WeirBankSegment *segment, GBytes *bytes, const gchar *name, GError **error)
{
  gsize size;

  segment->bytes = g_bytes_ref (bytes);
  segment->header = g_bytes_get_data (bytes, &size);
  if (!weir_bank_sections_check (segment->header, size, name, error) ||
      !find_sections (segment, name, error) ||
      !find_sound (segment, name, error))
    return FALSE;
  segment->counts = g_new0 (WeirFingerprintCounts, segment->n_references);
  if (!weir_bank_segment_check (segment, name, error) ||
      !open_index (segment, name, error))
    return FALSE;
  index_audio (segment);
  weir_video_coverage_init (&segment->coverage, segment->video_infos,
      segment->n_video, segment->n_references);
  return TRUE;
}

const gchar *
weir_bank_segment_get_id (const WeirBankSegment *segment, guint32 number)
{
  return segment->strings + segment->references[number].id;
}

gboolean
weir_bank_segment_find (
    const WeirBankSegment *segment, const gchar *id, guint32 *number)
{
  guint32 low = 0, high = segment->n_references;

  while (low < high) {
    guint32 middle = low + (high - low) / 2;
    guint32 candidate = segment->reference_order[middle];
    gint order = strcmp (weir_bank_segment_get_id (segment, candidate), id);

    if (order == 0) {
      *number = candidate;
      return TRUE;
    }
    if (order < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return FALSE;
}

void
weir_bank_segment_clear (WeirBankSegment *segment)
{
  g_clear_pointer (&segment->bytes, g_bytes_unref);
  g_clear_pointer (&segment->counts, g_free);
  weir_video_coverage_clear (&segment->coverage);
  g_clear_pointer (&segment->audio_starts, g_free);
}
