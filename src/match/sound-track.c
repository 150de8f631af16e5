/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sound of one reference. */

#include "match/sound-track.h"

#include <string.h>

static const WeirSoundStep unknown_step = {
  .peaks = { WEIR_SOUND_NO_PEAK, WEIR_SOUND_NO_PEAK, WEIR_SOUND_NO_PEAK,
      WEIR_SOUND_NO_PEAK },
};

WeirSoundTrack *
weir_sound_track_new (void)
{
  WeirSoundTrack *track = g_new0 (WeirSoundTrack, 1);

  track->landmarks = g_array_new (FALSE, FALSE, sizeof (WeirLandmark));
  track->steps = g_array_new (FALSE, FALSE, sizeof (WeirSoundStep));
  track->levels = g_array_new (FALSE, FALSE, sizeof (gfloat));

  return track;
}

void
weir_sound_track_free (WeirSoundTrack *track)
{
  if (track == NULL)
    return;
  g_array_unref (track->landmarks);
  g_array_unref (track->steps);
  g_array_unref (track->levels);
  g_free (track);
}

static void
add_steps (WeirSoundTrack *track, guint first, const WeirSound *sound)
{
  const gfloat unknown_level = WEIR_SOUND_TRACK_UNKNOWN;
  guint n_known = track->steps->len;
  guint n_skipped = MIN (n_known - MIN (first, n_known), sound->steps->len);

  for (guint i = n_known; i < first; i++) {
    g_array_append_val (track->steps, unknown_step);
    g_array_append_val (track->levels, unknown_level);
  }
  g_array_append_vals (track->steps,
      (const WeirSoundStep *) sound->steps->data + n_skipped,
      sound->steps->len - n_skipped);
  g_array_append_vals (track->levels,
      (const gfloat *) sound->levels->data + n_skipped,
      sound->levels->len - n_skipped);
}

static void
add_landmarks (WeirSoundTrack *track, gint64 origin, const GArray *landmarks)
{
  for (guint i = 0; i < landmarks->len; i++) {
    WeirLandmark landmark = g_array_index (landmarks, WeirLandmark, i);

    landmark.time = (guint64) MAX (origin + (gint64) landmark.time, 0);
    g_array_append_val (track->landmarks, landmark);
  }
}

void
weir_sound_track_add (
    WeirSoundTrack *track, gint64 origin, const WeirSound *sound)
{
  gint64 time = MAX (origin, 0) + sound->first_step * WEIR_SOUND_STEP;

  add_landmarks (track, origin, sound->landmarks);
  add_landmarks (track, origin, sound->patches);
  if (sound->steps->len > 0)
    add_steps (
        track, (guint) ((time + WEIR_SOUND_STEP / 2) / WEIR_SOUND_STEP), sound);
}

guint
weir_sound_track_get_step (const WeirLandmark *landmark)
{
  gint64 row = (gint64) landmark->time - WEIR_SOUND_LEAD + WEIR_SOUND_ROW / 2;

  return (guint) (MAX (row, 0) / WEIR_SOUND_STEP);
}

void
weir_sound_track_drop (WeirSoundTrack *track, guint begin, guint end)
{
  WeirLandmark *landmarks = (WeirLandmark *) track->landmarks->data;
  guint n_kept = 0;

  for (guint i = begin; i < MIN (end, track->steps->len); i++) {
    g_array_index (track->steps, WeirSoundStep, i) = unknown_step;
    g_array_index (track->levels, gfloat, i) = WEIR_SOUND_TRACK_UNKNOWN;
  }
  for (guint i = 0; i < track->landmarks->len; i++) {
    guint step = weir_sound_track_get_step (&landmarks[i]);

    if (step < begin || step >= end)
      landmarks[n_kept++] = landmarks[i];
  }
  g_array_set_size (track->landmarks, n_kept);
}
