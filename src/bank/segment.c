/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finding what a bank file holds, and access to it. */
#include "bank/segment.h"

#include "bank/bank-error.h"
#include "bank/index-check.h"
#include "bank/sections.h"
#include "bank/segment-check.h"

#include <string.h>

static gboolean
refuse_lengths (GError **error, const gchar *name)
{
  return weir_bank_refuse_damaged (error, name, "sections of different length");
}

static gboolean
find_references (WeirBankSegment *segment, const gchar *name, GError **error)
{
  const WeirBankHeader *header = segment->header;
  gconstpointer strings, references, order, spans;
  gsize n_references, n_order, n_spans;

  if (!weir_bank_sections_find (header, WEIR_BANK_SECTION_STRINGS, 1, &strings,
          &segment->strings_length, name, error) ||
      !weir_bank_sections_find (header, WEIR_BANK_SECTION_REFERENCES,
          sizeof (WeirBankReferenceRecord), &references, &n_references, name,
          error) ||
      !weir_bank_sections_find (header, WEIR_BANK_SECTION_REFERENCE_ORDER,
          sizeof (guint32), &order, &n_order, name, error) ||
      !weir_bank_sections_find (header, WEIR_BANK_SECTION_REFERENCE_SPANS,
          sizeof (WeirBankReferenceSpan), &spans, &n_spans, name, error))
    return FALSE;
  if (n_references != n_order || n_references != n_spans)
    return refuse_lengths (error, name);
  segment->strings = strings;
  segment->references = references;
  segment->n_references = (guint32) n_references;
  segment->reference_order = order;
  segment->reference_spans = spans;
  return TRUE;
}

static gboolean
find_video (WeirBankSegment *segment, const gchar *name, GError **error)
{
  const WeirBankHeader *header = segment->header;
  gconstpointer hashes, starts, infos, times;
  gsize n_hashes, n_starts, n_infos, n_times;

  if (!weir_bank_sections_find (header, WEIR_BANK_SECTION_VIDEO_HASHES,
          sizeof (WeirPdqHash), &hashes, &n_hashes, name, error) ||
      !weir_bank_sections_find (header, WEIR_BANK_SECTION_VIDEO_STARTS,
          sizeof (guint32), &starts, &n_starts, name, error) ||
      !weir_bank_sections_find (header, WEIR_BANK_SECTION_VIDEO_INFOS,
          sizeof (WeirBankVideoInfo), &infos, &n_infos, name, error) ||
      !weir_bank_sections_find (header, WEIR_BANK_SECTION_VIDEO_TIMES,
          sizeof (guint32), &times, &n_times, name, error))
    return FALSE;
  if (n_hashes + 1 != n_starts || n_infos != n_times)
    return refuse_lengths (error, name);
  segment->video.hashes = hashes;
  segment->video.n_hashes = (guint32) n_hashes;
  segment->video_starts = starts;
  segment->video_infos = infos;
  segment->video_times = times;
  segment->n_video = (guint32) n_infos;
  return TRUE;
}

static gboolean
find_audio (WeirBankSegment *segment, const gchar *name, GError **error)
{
  const WeirBankHeader *header = segment->header;
  gconstpointer keys, postings, blocks, starts;
  gsize n_keys, n_postings, n_blocks, n_starts;
  guint n_bits;

  if (!weir_bank_sections_find (header, WEIR_BANK_SECTION_AUDIO_KEYS,
          sizeof (guint32), &keys, &n_keys, name, error) ||
      !weir_bank_sections_find (header, WEIR_BANK_SECTION_AUDIO_POSTINGS,
          sizeof (guint32), &postings, &n_postings, name, error) ||
      !weir_bank_sections_find (header, WEIR_BANK_SECTION_AUDIO_BLOCKS,
          sizeof (WeirBankAudioBlock), &blocks, &n_blocks, name, error) ||
      !weir_bank_sections_find (header, WEIR_BANK_SECTION_AUDIO_STARTS,
          sizeof (guint32), &starts, &n_starts, name, error))
    return FALSE;
  if (n_keys != n_postings)
    return refuse_lengths (error, name);
  for (n_bits = 1; n_bits < WEIR_BANK_AUDIO_START_BITS; n_bits++)
    if (n_starts <= ((gsize) 1 << n_bits) + 1)
      break;
  if (n_starts != ((gsize) 1 << n_bits) + 1)
    return refuse_lengths (error, name);
  segment->audio_keys = keys;
  segment->audio_postings = postings;
  segment->n_audio = (guint32) n_keys;
  segment->audio_blocks = blocks;
  segment->n_audio_blocks = (guint32) n_blocks;
  segment->audio_starts = starts;
  segment->audio_start_shift = 32 - n_bits;
  return TRUE;
}

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
    return refuse_lengths (error, name);
  segment->sound_spans = spans;
  segment->sound_steps = steps;
  segment->n_steps = (guint32) n_steps;
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

gboolean
weir_bank_segment_open (
    WeirBankSegment *segment, GBytes *bytes, const gchar *name, GError **error)
{
  gsize size;

  segment->bytes = g_bytes_ref (bytes);
  segment->header = g_bytes_get_data (bytes, &size);
  return weir_bank_sections_check (segment->header, size, name, error) &&
         find_references (segment, name, error) &&
         find_video (segment, name, error) &&
         find_audio (segment, name, error) &&
         find_sound (segment, name, error) &&
         weir_bank_segment_check (segment, name, error) &&
         open_index (segment, name, error);
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
}
