/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checks the records of a bank file once, when it is opened. */
#include "bank/segment-check.h"

#include "bank/bank-error.h"

#include <string.h>

static gboolean
is_text (const WeirBankSegment *segment, guint32 offset)
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
check_references (
    const WeirBankSegment *segment, const gchar *name, GError **error)
{
  guint32 i;

  for (i = 0; i < segment->n_references; i++) {
    const WeirBankReferenceRecord *record = &segment->references[i];

    if (!is_text (segment, record->id) || !is_text (segment, record->family) ||
        !is_text (segment, record->label) || !is_text (segment, record->list) ||
        !is_text (segment, record->source))
      return weir_bank_refuse_damaged (error, name, "text of a reference");
    if (segment->strings[record->id] == '\0')
      return weir_bank_refuse_damaged (
          error, name, "a reference without an id");
    if (record->opinion > WEIR_OPINION_DISPUTED ||
        record->max_action > WEIR_ACTION_CUT || record->reserved != 0 ||
        (record->flags & ~WEIR_BANK_REFERENCE_BENIGN) != 0)
      return weir_bank_refuse_damaged (error, name, "record of a reference");
  }
  return TRUE;
}

/* Ids that ascend are different, and so are their numbers: all are there. */
static gboolean
check_reference_order (
    const WeirBankSegment *segment, const gchar *name, GError **error)
{
  const guint32 *order = segment->reference_order;

  for (guint32 i = 0; i < segment->n_references; i++) {
    if (order[i] >= segment->n_references)
      return weir_bank_refuse_damaged (error, name, "number of a reference");
    if (i > 0 && strcmp (weir_bank_segment_get_id (segment, order[i - 1]),
                     weir_bank_segment_get_id (segment, order[i])) >= 0)
      return weir_bank_refuse_damaged (error, name, "order of the references");
  }
  return TRUE;
}

static gboolean
check_video (const WeirBankSegment *segment, const gchar *name, GError **error)
{
  const guint32 n_hashes = segment->video.n_hashes;
  guint32 i;

  for (i = 0; i < n_hashes; i++) {
    if (segment->video_starts[i] >= segment->video_starts[i + 1])
      return weir_bank_refuse_damaged (
          error, name, "order of the video fingerprints");
  }
  if (segment->video_starts[0] != 0 ||
      segment->video_starts[n_hashes] != segment->n_video)
    return weir_bank_refuse_damaged (
        error, name, "number of video fingerprints");
  for (i = 0; i < segment->n_video; i++) {
    const WeirBankVideoInfo *info = &segment->video_infos[i];

    if (info->reference >= segment->n_references || info->quality > 100 ||
        info->view >= WEIR_N_VIEWS || info->reserved != 0)
      return weir_bank_refuse_damaged (
          error, name, "record of a video fingerprint");
  }
  return TRUE;
}

/* Blocks ascend, so that no stretch of a reference is there twice. */
static gboolean
check_audio_blocks (
    const WeirBankSegment *segment, const gchar *name, GError **error)
{
  for (guint32 i = 0; i < segment->n_audio_blocks; i++) {
    const WeirBankAudioBlock *block = &segment->audio_blocks[i];

    if (block->reference >= segment->n_references ||
        block->time % WEIR_BANK_AUDIO_BLOCK_MS != 0)
      return weir_bank_refuse_damaged (
          error, name, "record of a block of audio");
    if (i > 0 && (block[-1].reference > block->reference ||
                     (block[-1].reference == block->reference &&
                         block[-1].time >= block->time)))
      return weir_bank_refuse_damaged (
          error, name, "order of the blocks of audio");
  }
  return TRUE;
}

static gboolean
check_audio (const WeirBankSegment *segment, const gchar *name, GError **error)
{
  guint32 i;

  for (i = 0; i < segment->n_audio; i++) {
    if (segment->audio_postings[i] >> WEIR_BANK_AUDIO_BLOCK_BITS >=
        segment->n_audio_blocks)
      return weir_bank_refuse_damaged (
          error, name, "record of an audio fingerprint");
    if (i > 0 && segment->audio_keys[i - 1] > segment->audio_keys[i])
      return weir_bank_refuse_damaged (error, name, "order of the audio keys");
  }
  return TRUE;
}

/* The keys ascend: so the starts are what they must be. */
static gboolean
check_audio_starts (
    const WeirBankSegment *segment, const gchar *name, GError **error)
{
  const guint32 *keys = segment->audio_keys;
  const guint shift = segment->audio_start_shift;
  const guint32 n_starts = 1u << (32 - shift);
  guint32 position = 0;

  for (guint32 i = 0; i <= n_starts; i++) {
    if (segment->audio_starts[i] != position)
      return weir_bank_refuse_damaged (error, name, "starts of the audio keys");
    while (position < segment->n_audio && keys[position] >> shift == i)
      position++;
  }
  return TRUE;
}

static gboolean
do_times_ascend (
    const WeirBankSegment *segment, const WeirBankReferenceSpan *span)
{
  const guint32 *times = segment->video_times + span->first_time;

  for (guint32 i = 1; i < span->n_video; i++)
    if (times[i - 1] > times[i])
      return FALSE;
  return TRUE;
}

/* That the spans share out all fingerprints in the order of the references. To
 * whom the infos and postings give them is the builder's business. */
static gboolean
check_spans (const WeirBankSegment *segment, const gchar *name, GError **error)
{
  guint32 n_video = 0;
  guint32 n_audio = 0;

  for (guint32 i = 0; i < segment->n_references; i++) {
    const WeirBankReferenceSpan *span = &segment->reference_spans[i];

    if (span->first_time != n_video ||
        span->n_video > segment->n_video - n_video ||
        span->n_audio > segment->n_audio - n_audio)
      return weir_bank_refuse_damaged (
          error, name, "fingerprints of a reference");
    if (!do_times_ascend (segment, span))
      return weir_bank_refuse_damaged (error, name, "times of a reference");
    n_video += span->n_video;
    n_audio += span->n_audio;
  }
  if (n_video != segment->n_video || n_audio != segment->n_audio)
    return weir_bank_refuse_damaged (
        error, name, "number of the references' fingerprints");
  return TRUE;
}

/* That each span of sound is within the steps. */
static gboolean
check_sound (const WeirBankSegment *segment, const gchar *name, GError **error)
{
  guint32 i;

  for (i = 0; segment->sound_spans && i < segment->n_references; i++) {
    const WeirBankSoundSpan *span = &segment->sound_spans[i];

    if (span->first > segment->n_steps ||
        span->n_steps > segment->n_steps - span->first)
      return weir_bank_refuse_damaged (
          error, name, "place of a reference's sound");
  }
  return TRUE;
}

gboolean
weir_bank_segment_check (
    const WeirBankSegment *segment, const gchar *name, GError **error)
{
  return check_references (segment, name, error) &&
         check_reference_order (segment, name, error) &&
         check_video (segment, name, error) &&
         check_audio_blocks (segment, name, error) &&
         check_audio (segment, name, error) &&
         check_audio_starts (segment, name, error) &&
         check_spans (segment, name, error) &&
         check_sound (segment, name, error);
}
