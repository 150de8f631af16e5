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
check_video (WeirBankSegment *segment, const gchar *name, GError **error)
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
    segment->counts[info->reference].n_video++;
  }
  return TRUE;
}

static gboolean
check_audio (WeirBankSegment *segment, const gchar *name, GError **error)
{
  guint32 i;

  for (i = 0; i < segment->n_audio; i++) {
    const WeirBankAudioPosting *posting = &segment->audio_postings[i];

    if (posting->reference >= segment->n_references)
      return weir_bank_refuse_damaged (
          error, name, "record of an audio fingerprint");
    if (i > 0 && segment->audio_keys[i - 1] > segment->audio_keys[i])
      return weir_bank_refuse_damaged (error, name, "order of the audio keys");
    segment->counts[posting->reference].n_audio++;
  }
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
    WeirBankSegment *segment, const gchar *name, GError **error)
{
  return check_references (segment, name, error) &&
         check_reference_order (segment, name, error) &&
         check_video (segment, name, error) &&
         check_audio (segment, name, error) &&
         check_sound (segment, name, error);
}
