/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One bank file, mapped. Every byte of it is checked once when it is opened;
 * after that nothing is verified again: what a lookup follows has been shown
 * to be in bounds.
 */
#pragma once

#include "bank/bank-format.h"
#include "bank/bank.h"
#include "bank/index.h"

G_BEGIN_DECLS

/* One file. All points into its bytes. */
typedef struct {
  GBytes *bytes;
  const WeirBankHeader *header;
  const gchar *strings;
  gsize strings_length;
  const WeirBankReferenceRecord *references;
  guint32 n_references;
  const guint32 *reference_order; /* their numbers, in order of their ids */
  const WeirBankReferenceSpan *reference_spans;
  WeirVideoIndex video;
  const guint32 *video_starts; /* hash k has the infos from [k] to [k + 1] */
  const WeirBankVideoInfo *video_infos;
  const guint32 *video_times; /* of the spans */
  guint32 n_video;            /* infos, and times */
  const guint32 *audio_keys;
  const guint32 *audio_postings;
  guint32 n_audio;
  const WeirBankAudioBlock *audio_blocks;
  guint32 n_audio_blocks;
  /* Where the keys begin whose upper bits are the index; one more at the end */
  const guint32 *audio_starts;
  guint audio_start_shift;              /* what the upper bits are above */
  const WeirBankSoundSpan *sound_spans; /* NULL without */
  const WeirSoundStep *sound_steps;
  guint32 n_steps; /* of sound */
} WeirBankSegment;

/* Fills @segment, which is all zeros, from @bytes, to which it keeps a
 * reference. FALSE with a one-line @error when a check fails; clear it then
 * too. */
gboolean weir_bank_segment_open (
    WeirBankSegment *segment, GBytes *bytes, const gchar *name, GError **error);
void weir_bank_segment_clear (WeirBankSegment *segment);

/* The reference's number in the segment and the time (ms) of the landmark at
 * @position. */
static inline WeirBankAudioBlock
weir_bank_segment_get_audio (const WeirBankSegment *segment, guint32 position)
{
  const guint32 posting = segment->audio_postings[position];
  WeirBankAudioBlock place =
      segment->audio_blocks[posting >> WEIR_BANK_AUDIO_BLOCK_BITS];

  place.time +=
      (posting & (WEIR_BANK_AUDIO_BLOCK_ROWS - 1)) * WEIR_BANK_AUDIO_ROW_MS;

  return place;
}

/* The id of the reference @number, of those of the segment. */
const gchar *weir_bank_segment_get_id (
    const WeirBankSegment *segment, guint32 number);

/* Finds the reference with @id. FALSE: there is none. */
gboolean weir_bank_segment_find (
    const WeirBankSegment *segment, const gchar *id, guint32 *number);

G_END_DECLS
