/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A stream as its history takes it. */
#include "history-streams.h"

Recorder *
recorder_new (guint seconds)
{
  Recorder *recorder = g_new0 (Recorder, 1);

  recorder->history = weir_history_new (seconds);
  recorder->query = weir_landmark_extractor_new (WEIR_LANDMARK_QUERY);
  recorder->reference = weir_landmark_extractor_new (WEIR_LANDMARK_REFERENCE);
  recorder->query_sound = weir_sound_new ();
  recorder->reference_sound = weir_sound_new ();
  recorder->frame_step = FRAME;
  return recorder;
}

void
recorder_free (Recorder *recorder)
{
  weir_history_free (recorder->history);
  weir_landmark_extractor_free (recorder->query);
  weir_landmark_extractor_free (recorder->reference);
  weir_sound_free (recorder->query_sound);
  weir_sound_free (recorder->reference_sound);
  g_free (recorder);
}

guint64
to_running_time (gint64 time)
{
  return stream_stamp (time).running_time;
}

static void
show (Recorder *recorder, const WeirPdqHash *hash)
{
  WeirStamp stamp = stream_stamp (recorder->time);
  WeirFrame frame = { .n_looks = 1 };
  WeirLook *look = frame.looks;
  WeirPdqPicture picture;

  make_picture (hash, &picture);
  look->quality = recorder->dark ? 0 : picture.quality;
  look->firm_bits = recorder->dark ? WEIR_FIRM_MIN_BITS : 0;
  look->firm = all_bits;
  weir_pdq_picture_get_hash (&picture,
      recorder->mirrored ? WEIR_PDQ_MIRROR : WEIR_PDQ_PLAIN, &look->hash);
  if (recorder->part_detail > 0) {
    frame.looks[1] = *look;
    frame.looks[1].view = WEIR_VIEW_MIDDLE;
    frame.looks[1].quality = 0;
    frame.looks[1].firm_bits = WEIR_FIRM_MIN_BITS;
    frame.looks[1].detail = recorder->part_detail;
    frame.n_looks = 2;
  }
  weir_history_add_video (recorder->history, &stamp, &frame);
}

static void
play_sound (Recorder *recorder, const GArray *sound, gint64 from)
{
  guint n = (guint) (recorder->frame_step * WEIR_AUDIO_RATE / SECOND);
  guint first = (guint) (from * WEIR_AUDIO_RATE / SECOND);
  WeirStamp stamp = stream_stamp (recorder->time + recorder->frame_step);

  g_assert_cmpuint (first + n, <=, sound->len);
  if (recorder->n_heard == 0)
    recorder->origin = recorder->time;
  weir_landmark_extractor_push_both (recorder->query, recorder->reference,
      &g_array_index (sound, gfloat, first), n, recorder->query_sound,
      recorder->reference_sound);
  recorder->n_heard += n;
  weir_history_add_sound (recorder->history, &stamp, recorder->origin,
      recorder->query_sound, recorder->reference_sound);
  weir_sound_consume (recorder->query_sound);
  weir_sound_consume (recorder->reference_sound);
}

void
recorder_play (Recorder *recorder, const GArray *frames, const GArray *sound,
    gint64 from, gint64 to)
{
  gint64 position;

  for (position = from; position < to; position += recorder->frame_step) {
    if (frames)
      show (recorder, &g_array_index (frames, WeirPdqHash, position / FRAME));
    if (sound)
      play_sound (recorder, sound, position);
    recorder->time += recorder->frame_step;
  }
}

void
recorder_restart_sound (Recorder *recorder)
{
  weir_landmark_extractor_reset (recorder->query);
  weir_landmark_extractor_reset (recorder->reference);
  weir_sound_reset (recorder->query_sound);
  weir_sound_reset (recorder->reference_sound);
  weir_history_restart_sound (recorder->history);
  recorder->n_heard = 0;
}
