/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The hypotheses about speed, tempo and pitch. */
#include "match/audio-warp.h"

#include "fingerprint/spectrum.h"

#include <math.h>

/* Speeds of 2 % to 12 % either way, tempos to 10 %, pitches to 6 bins (two
 * semitones). */
#define N_SPEEDS  12
#define N_TEMPOS  10
#define N_PITCHES 6

G_STATIC_ASSERT (WEIR_AUDIO_N_WARPS == 1 + N_SPEEDS + N_TEMPOS + N_PITCHES);

void
weir_audio_warps_fill (WeirWarp warps[WEIR_AUDIO_N_WARPS])
{
  guint n = 0;

  warps[n++] = (WeirWarp){ 1, 0 };
  for (gint i = -N_SPEEDS / 2; i <= N_SPEEDS / 2; i++) {
    gdouble speed = 1 + 0.02 * i;

    if (i != 0)
      warps[n++] = (WeirWarp){ (gfloat) speed,
        (gfloat) (-WEIR_SPECTRUM_BINS_PER_OCTAVE * log2 (speed)) };
  }
  for (gint i = -N_TEMPOS / 2; i <= N_TEMPOS / 2; i++)
    if (i != 0)
      warps[n++] = (WeirWarp){ (gfloat) (1 + 0.02 * i), 0 };
  for (gint i = -N_PITCHES / 2; i <= N_PITCHES / 2; i++)
    if (i != 0)
      warps[n++] = (WeirWarp){ 1, (gfloat) (2 * i) };
}
