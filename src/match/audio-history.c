/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keeping the last seconds of sound. */
#include "match/audio-history-private.h"
#include "match/audio-score.h"

#include <math.h>
#include <string.h>

WeirAudioHistory *
weir_audio_history_new (void)
{
  return g_new0 (WeirAudioHistory, 1);
}

void
weir_audio_history_free (WeirAudioHistory *history)
{
  g_free (history);
}

void
weir_audio_history_clear (WeirAudioHistory *history)
{
  memset (history, 0, sizeof (*history));
}

void
weir_audio_history_renew_controls (WeirAudioHistory *history)
{
  history->n_controls = 0;
}

guint32
weir_audio_history_get_end (const WeirAudioHistory *history)
{
  return history->end;
}

static guint
count_bits (const guint32 words[N_WORDS])
{
  guint n = 0;

  for (guint i = 0; i < N_WORDS; i++)
    n += (guint) __builtin_popcount (words[i]);
  return n;
}

/* Each with the shorter ones in it. */
static void
sum_windows (WeirAudioHistory *history)
{
  WeirAudioSums sum = { 0 };
  guint block = 0;

  for (guint i = 0; i < N_WINDOWS; i++) {
    for (; block < weir_audio_window_get_n_blocks (i); block++)
      weir_audio_sums_add (&sum, &history->density[block]);
    history->window_density[i] = sum;
  }
}

static void
sum_density (WeirAudioHistory *history)
{
  gint32 begin = weir_audio_history_get_begin (history);
  gint32 end = (gint32) history->end;

  memset (history->density, 0, sizeof (history->density));
  for (gint32 row = begin; row < end; row++) {
    guint block = weir_audio_history_get_block ((guint) (end - 1 - row));
    WeirAudioSums *sums = &history->density[block];

    sums->n_rows++;
    if (row % 2 == 0 &&
        weir_audio_history_knows_prominence (history, row / 2)) {
      sums->power += (gdouble) history->powers[row / 2 % N_STEPS];
      sums->n_powers++;
    }
    for (guint i = 0; i < WEIR_N_PEAKS; i++)
      sums->n_set[i] += count_bits (history->bits[(guint32) row % N_ROWS][i]);
  }
  sum_windows (history);
}

static void
set_bits (guint32 words[N_WORDS], gfloat bin)
{
  gint middle = (gint) lrintf (bin);

  for (gint i = MAX (middle - 1, 0);
       i <= MIN (middle + 1, WEIR_SPECTRUM_N_BINS - 1); i++)
    words[i / 32] |= 1u << i % 32;
}

static void
set_peak (WeirAudioHistory *history, const WeirSoundPeak *peak)
{
  for (guint32 row = MAX (peak->row, 1) - 1; row <= peak->row + 1; row++) {
    set_bits (history->bits[row % N_ROWS][WEIR_PEAKS_ALL], peak->bin);
    if (peak->is_wide)
      set_bits (history->bits[row % N_ROWS][WEIR_PEAKS_WIDE], peak->bin);
  }
}

/* The row after a peak's may be set before it is known itself. */
static void
add_peaks (WeirAudioHistory *history, const WeirSound *sound)
{
  guint32 end = sound->n_rows;
  guint next = 0;

  for (guint32 row = history->end; row < end; row++) {
    memset (history->bits[(row + 1) % N_ROWS], 0, sizeof (history->bits[0]));
    for (; next < sound->peaks->len; next++) {
      const WeirSoundPeak *peak =
          &g_array_index (sound->peaks, WeirSoundPeak, next);

      if (peak->row > row)
        break;
      set_peak (history, peak);
    }
  }
  history->end = end;
}

static void
set_prominence (WeirAudioHistory *history, guint32 step)
{
  const WeirSoundBands *around[WEIR_PROMINENCE_AROUND];
  guint32 first = MAX (step, WEIR_PROMINENCE_BEFORE) - WEIR_PROMINENCE_BEFORE;
  guint n = 0;

  for (guint32 i = first; i <= step + WEIR_PROMINENCE_AFTER; i++)
    around[n++] = &history->bands[i % N_STEPS];
  history->powers[step % N_STEPS] =
      weir_prominence_get (&history->bands[step % N_STEPS], around, n,
          history->prominences[step % N_STEPS].levels);
}

static void
add_bands (WeirAudioHistory *history, const WeirSoundBands *bands)
{
  guint32 step = history->n_steps++;

  history->bands[step % N_STEPS] = *bands;
  if (step >= WEIR_PROMINENCE_AFTER)
    set_prominence (history, step - WEIR_PROMINENCE_AFTER);
}

void
weir_audio_history_add (WeirAudioHistory *history, const WeirSound *sound)
{
  for (guint i = 0; i < sound->bands->len; i++)
    add_bands (history, &g_array_index (sound->bands, WeirSoundBands, i));
  if (sound->n_rows > history->end) {
    add_peaks (history, sound);
    sum_density (history);
  }
}
