/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The loops of comparing sound in portable C. */
#include "match/audio-dsp.h"

#include "fingerprint/cpu.h"

#include <math.h>
#include <string.h>

static void
count_peaks (const WeirAudioPeaks *peaks, const WeirAudioSearch *search,
    guint n_peaks[N_WINDOWS], guint n_hits[N_WINDOWS])
{
  for (guint i = 0; i < N_WINDOWS; i++)
    n_peaks[i] = n_hits[i] = 0;
  for (guint i = 0; i < peaks->n; i++) {
    gint bin = (gint) lrintf (peaks->bins[i] - search->shift);
    gint32 row;
    guint age, hit;

    if (peaks->rows[i] < search->first || peaks->rows[i] > search->last ||
        bin < 1 || bin >= WEIR_SPECTRUM_N_BINS - 1)
      continue;
    row = (gint32) lrint (
        ((gdouble) (peaks->first_row + peaks->rows[i]) - search->offset) /
        (gdouble) search->stretch);
    if (row < 1 || row >= search->end)
      continue;
    age = (guint) (search->end - 1 - row);
    hit = search->bits[(guint32) row % N_ROWS][WEIR_PEAKS_WIDE][bin / 32] >>
              bin % 32 &
          1;
    for (guint j = 0; j < N_WINDOWS; j++)
      if (age < search->max_ages[j]) {
        n_peaks[j]++;
        n_hits[j] += hit;
      }
  }
}

static void
multiply (gfloat *restrict products, const gfloat *restrict equal,
    const gfloat *restrict covered, gfloat rarity, guint n)
{
  for (guint i = 0; i < n; i++)
    products[i] *= rarity * equal[i] + covered[i];
}

static void
take_exponents (gfloat *restrict products, gfloat *restrict exponents, guint n)
{
  for (guint i = 0; i < n; i++) {
    guint32 bits;

    memcpy (&bits, &products[i], sizeof (bits));
    exponents[i] += (gfloat) ((gint32) (bits >> 23) - 127);
    bits = (bits & 0x7fffff) | 127u << 23;
    memcpy (&products[i], &bits, sizeof (bits));
  }
}

const WeirAudioDsp weir_audio_dsp_c = {
  .count_peaks = count_peaks,
  .multiply = multiply,
  .take_exponents = take_exponents,
};

const WeirAudioDsp *
weir_audio_dsp_get (void)
{
#ifdef WEIR_HAVE_AVX2
  if (weir_cpu_get_flags () & WEIR_CPU_AVX2)
    return &weir_audio_dsp_avx2;
#endif
  return &weir_audio_dsp_c;
}
