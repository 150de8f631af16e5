/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bands of the spectrum and the signs of their changes. */
#include "fingerprint/dense.h"

#include "fingerprint/spectrum.h"

#include <string.h>

#define BINS_PER_BAND (WEIR_SPECTRUM_N_BINS / WEIR_SOUND_N_BANDS)

/* Steps kept: a power of two. */
#define N_KEPT 16

G_STATIC_ASSERT (BINS_PER_BAND *WEIR_SOUND_N_BANDS == WEIR_SPECTRUM_N_BINS);
G_STATIC_ASSERT (N_KEPT >= WEIR_DENSE_HISTORY);
G_STATIC_ASSERT (WEIR_DENSE_N_BITS <= 64);

struct _WeirDenseExtractor {
  guint n_rows; /* of the step that is not complete */
  gfloat sums[WEIR_SOUND_N_BANDS];
  guint64 n_steps;
  WeirSoundBands kept[N_KEPT];  /* by step, modulo */
  WeirSoundBands means[N_KEPT]; /* over the last steps up to each */
};

WeirDenseExtractor *
weir_dense_extractor_new (void)
{
  return g_new0 (WeirDenseExtractor, 1);
}

void
weir_dense_extractor_free (WeirDenseExtractor *extractor)
{
  g_free (extractor);
}

void
weir_dense_extractor_reset (WeirDenseExtractor *extractor)
{
  memset (extractor, 0, sizeof (*extractor));
}

void
weir_dense_get_short (const gfloat now[WEIR_SOUND_N_BANDS],
    const gfloat before[WEIR_SOUND_N_BANDS],
    gfloat values[WEIR_DENSE_SHORT_BITS])
{
  for (guint i = 0; i < WEIR_DENSE_SHORT_BITS; i++) {
    const gfloat *n = now + 2 * i;
    const gfloat *b = before + 2 * i;

    values[i] =
        0.5f * ((n[0] + n[1] - n[2] - n[3]) - (b[0] + b[1] - b[2] - b[3]));
  }
}

void
weir_dense_get_long (const gfloat now[WEIR_SOUND_N_BANDS],
    const gfloat before[WEIR_SOUND_N_BANDS],
    gfloat values[WEIR_DENSE_LONG_BITS])
{
  for (guint i = 0; i < WEIR_DENSE_LONG_BITS; i++)
    values[i] = (now[i] - now[i + 1]) - (before[i] - before[i + 1]);
}

static void
add_row (WeirDenseExtractor *extractor, const gfloat *row)
{
  for (guint i = 0; i < WEIR_SOUND_N_BANDS; i++)
    for (guint j = 0; j < BINS_PER_BAND; j++)
      extractor->sums[i] += row[i * BINS_PER_BAND + j];
  extractor->n_rows++;
}

static const gfloat *
get_kept (const WeirSoundBands *ring, guint64 step)
{
  return ring[step % N_KEPT].levels;
}

static void
keep_step (WeirDenseExtractor *extractor)
{
  guint slot = extractor->n_steps % N_KEPT;
  guint n_mean = (guint) MIN (extractor->n_steps + 1, WEIR_DENSE_LONG_MEAN);
  gfloat *means = extractor->means[slot].levels;

  for (guint i = 0; i < WEIR_SOUND_N_BANDS; i++)
    extractor->kept[slot].levels[i] =
        extractor->sums[i] / (2.0f * BINS_PER_BAND);
  memset (extractor->sums, 0, sizeof (extractor->sums));
  extractor->n_rows = 0;

  memset (means, 0, sizeof (extractor->means[slot].levels));
  for (guint i = 0; i < n_mean; i++) {
    const gfloat *kept = get_kept (extractor->kept, extractor->n_steps - i);

    for (guint j = 0; j < WEIR_SOUND_N_BANDS; j++)
      means[j] += kept[j] / (gfloat) n_mean;
  }
  extractor->n_steps++;
}

static void
set_bits (WeirSoundStep *step, guint first, const gfloat *values, guint n)
{
  for (guint i = 0; i < n; i++)
    if (values[i] > 0)
      step->code[(first + i) / 32] |= 1u << (first + i) % 32;
}

static void
fill_step (const WeirDenseExtractor *extractor, WeirSoundStep *step)
{
  guint64 now = extractor->n_steps - 1;
  gfloat values[WEIR_DENSE_N_BITS];

  memset (step->code, 0, sizeof (step->code));
  memset (step->peaks, WEIR_SOUND_NO_PEAK, sizeof (step->peaks));
  if (now >= WEIR_DENSE_SHORT_LAG) {
    weir_dense_get_short (get_kept (extractor->kept, now),
        get_kept (extractor->kept, now - WEIR_DENSE_SHORT_LAG), values);
    set_bits (step, 0, values, WEIR_DENSE_SHORT_BITS);
  }
  if (now >= WEIR_DENSE_HISTORY - 1) {
    weir_dense_get_long (get_kept (extractor->means, now),
        get_kept (extractor->means, now - WEIR_DENSE_LONG_LAG), values);
    set_bits (step, WEIR_DENSE_SHORT_BITS, values, WEIR_DENSE_LONG_BITS);
  }
}

gboolean
weir_dense_extractor_push (WeirDenseExtractor *extractor, const gfloat *row,
    WeirSoundBands *bands, WeirSoundStep *step)
{
  add_row (extractor, row);
  if (extractor->n_rows < 2)
    return FALSE;
  keep_step (extractor);
  *bands = extractor->kept[(extractor->n_steps - 1) % N_KEPT];
  if (step != NULL)
    fill_step (extractor, step);

  return TRUE;
}
