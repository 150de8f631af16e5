/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where exactly a place is. */

#include "match/audio-places.h"

#include "fingerprint/spectrum.h"

/* Rows by which a place may be off, the likeliest first. */
static const gint searched_rows[] = { 0, -1, 1, -2, 2 };

/* Its speed, pitch and offset are improved by these steps, if its peaks gain as
 * much by it. */
#define STRETCH_STEP 0.004f
#define SHIFT_STEP   0.5f
#define OFFSET_STEP  0.5
#define LEAST_GAIN   0.25
#define N_CHANGES    8

/* Bins by which the pitch falls for each unit that the speed rises. */
#define BINS_PER_SPEED (WEIR_SPECTRUM_BINS_PER_OCTAVE / (gfloat) G_LN2)

/* Changes the warp of a place so that its newest row stays where it is. */
static WeirAudioPlace
rewarp (const WeirAudioHistory *history, const WeirAudioPlace *place,
    gfloat stretch, gfloat shift)
{
  gdouble end = weir_audio_history_get_end (history);
  WeirAudioPlace changed = *place;

  changed.warp.stretch += stretch;
  changed.warp.shift += shift;
  changed.offset -= (gdouble) stretch * end;
  return changed;
}

static gdouble
get_fit (const WeirAudioHistory *history, const WeirAudioPlace *place,
    const WeirAudioPeaks *peaks)
{
  WeirAudioComparison comparison;

  weir_audio_history_compare_peaks (history, place, peaks, &comparison);
  return comparison.fit;
}

/* Changes of a place that are tried, the speed's with its pitch. */
static WeirAudioPlace
change_place (
    const WeirAudioHistory *history, const WeirAudioPlace *place, guint number)
{
  const gfloat pitch = STRETCH_STEP * BINS_PER_SPEED;
  gfloat sign = number % 2 ? 1 : -1;
  WeirAudioPlace changed = *place;

  switch (number / 2) {
    case 0:
      return rewarp (history, place, sign * STRETCH_STEP, 0);
    case 1:
      return rewarp (history, place, sign * STRETCH_STEP, -sign * pitch);
    case 2:
      return rewarp (history, place, 0, sign * SHIFT_STEP);
    default:
      changed.offset += (gdouble) sign * OFFSET_STEP;
      return changed;
  }
}

/* Returns the fit of its peaks then. */
static gdouble
improve (const WeirAudioHistory *history, WeirAudioPlace *place,
    const WeirAudioPeaks *peaks)
{
  const WeirAudioPlace start = *place;
  gdouble best = get_fit (history, place, peaks) + LEAST_GAIN;
  guint i;

  for (i = 0; i < N_CHANGES; i++) {
    WeirAudioPlace changed = change_place (history, &start, i);
    gdouble fit = get_fit (history, &changed, peaks);

    if (fit > best) {
      best = fit;
      *place = changed;
    }
  }

  return best;
}

/* The best place within a candidate's bin; FALSE when the peaks of none exceed
 * @least. */
static gboolean
search_bin (const WeirAudioHistory *history, WeirAudioPlace *place,
    const WeirAudioPeaks *peaks, gdouble least)
{
  const WeirAudioPlace middle = *place;
  gdouble best = least;
  gboolean found = FALSE;
  guint i;

  for (i = 0; i < G_N_ELEMENTS (searched_rows); i++) {
    WeirAudioPlace tried = middle;
    WeirAudioComparison comparison;

    tried.offset += searched_rows[i];
    weir_audio_history_compare_peaks (history, &tried, peaks, &comparison);
    if (comparison.peaks <= best)
      continue;
    best = comparison.peaks;
    *place = tried;
    found = TRUE;
  }
  return found;
}

gboolean
weir_audio_place_look_around (const WeirAudioHistory *history,
    const WeirSoundStep *steps, guint32 n_steps, gdouble least,
    WeirAudioPlace *place, gdouble *fit)
{
  WeirAudioPeaks peaks;

  if (!weir_audio_history_take_peaks (history, place, steps, n_steps, &peaks) ||
      !search_bin (history, place, &peaks, least))
    return FALSE;
  *fit = improve (history, place, &peaks);
  return TRUE;
}

gboolean
weir_audio_place_improve (const WeirAudioHistory *history,
    const WeirSoundStep *steps, guint32 n_steps, WeirAudioPlace *place)
{
  WeirAudioPeaks peaks;

  if (!weir_audio_history_take_peaks (history, place, steps, n_steps, &peaks))
    return FALSE;
  improve (history, place, &peaks);
  return TRUE;
}
