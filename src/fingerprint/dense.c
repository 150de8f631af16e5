/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bands of the spectrum: the signs of their changes, and where they stand out. */
#include "fingerprint/dense.h"

#include "fingerprint/peaks.h"
#include "fingerprint/prominence.h"
#include "fingerprint/spectrum.h"
#include "fingerprint/step-levels.h"

#include <string.h>

#define BINS_PER_BAND (WEIR_SPECTRUM_N_BINS / WEIR_SOUND_N_BANDS)

/* Steps kept: a power of two. */
#define N_KEPT 16

G_STATIC_ASSERT (BINS_PER_BAND *WEIR_SOUND_N_BANDS == WEIR_SPECTRUM_N_BINS);
G_STATIC_ASSERT (N_KEPT >= WEIR_PROMINENCE_AROUND);
G_STATIC_ASSERT (N_KEPT > WEIR_DENSE_SHORT_LAG);
G_STATIC_ASSERT (WEIR_DENSE_PROMINENT_BITS <= WEIR_SOUND_N_BANDS);
G_STATIC_ASSERT (WEIR_DENSE_N_BITS <= 64);

struct _WeirDenseExtractor {
  guint n_rows; /* of the step that is not complete */
  gfloat sums[WEIR_SOUND_N_BANDS];
  gfloat highest[WEIR_SOUND_N_BANDS]; /* sums of the strongest bins */
  guint64 n_steps;
  WeirSoundBands kept[N_KEPT]; /* by step, modulo */
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

static void
add_row (WeirDenseExtractor *extractor, const gfloat *row)
{
  for (guint i = 0; i < WEIR_SOUND_N_BANDS; i++) {
    const gfloat *bins = row + i * BINS_PER_BAND;
    gfloat highest = bins[0];

    for (guint j = 0; j < BINS_PER_BAND; j++) {
      extractor->sums[i] += bins[j];
      highest = MAX (highest, bins[j]);
    }
    extractor->highest[i] += highest;
  }
  extractor->n_rows++;
}

static const WeirSoundBands *
get_kept (const WeirDenseExtractor *extractor, guint64 step)
{
  return &extractor->kept[step % N_KEPT];
}

static void
keep_step (WeirDenseExtractor *extractor)
{
  WeirSoundBands *kept = &extractor->kept[extractor->n_steps++ % N_KEPT];

  for (guint i = 0; i < WEIR_SOUND_N_BANDS; i++) {
    kept->levels[i] = extractor->sums[i] / (2.0f * BINS_PER_BAND);
    kept->highest[i] = extractor->highest[i] / 2.0f;
  }
  memset (extractor->sums, 0, sizeof (extractor->sums));
  memset (extractor->highest, 0, sizeof (extractor->highest));
  extractor->n_rows = 0;
}

/* Those of the values that are greater than @least. */
static void
set_bits (WeirSoundStep *step, guint first, const gfloat *values, guint n,
    gfloat least)
{
  for (guint i = 0; i < n; i++)
    if (values[i] > least)
      step->code[(first + i) / 32] |= 1u << (first + i) % 32;
}

static void
fill_step (const WeirDenseExtractor *extractor, WeirSoundStep *step)
{
  guint64 now = extractor->n_steps - 1;
  gfloat values[WEIR_DENSE_SHORT_BITS];

  memset (step->code, 0, sizeof (step->code));
  memset (step->peaks, WEIR_SOUND_NO_PEAK, sizeof (step->peaks));
  weir_step_levels_pack (step, get_kept (extractor, now)->highest, now % 2);
  if (now < WEIR_DENSE_SHORT_LAG)
    return;
  weir_dense_get_short (get_kept (extractor, now)->levels,
      get_kept (extractor, now - WEIR_DENSE_SHORT_LAG)->levels, values);
  set_bits (step, 0, values, WEIR_DENSE_SHORT_BITS, 0);
}

static void
fill_earlier (const WeirDenseExtractor *extractor, WeirSoundStep *step)
{
  guint64 newest = extractor->n_steps - 1;
  guint64 now = newest - WEIR_PROMINENCE_AFTER;
  const WeirSoundBands *around[WEIR_PROMINENCE_AROUND];
  gfloat values[WEIR_SOUND_N_BANDS];
  guint n = 0;

  if (weir_sound_bands_get_loudest (get_kept (extractor, now)) <
      WEIR_PEAKS_FLOOR)
    return;
  for (guint64 i = now - MIN (now, WEIR_PROMINENCE_BEFORE); i <= newest; i++)
    around[n++] = get_kept (extractor, i);
  weir_prominence_get (get_kept (extractor, now), around, n, values);
  set_bits (step, WEIR_DENSE_SHORT_BITS, values, WEIR_DENSE_PROMINENT_BITS,
      WEIR_DENSE_PROMINENT);
}

gboolean
weir_dense_extractor_push (WeirDenseExtractor *extractor, const gfloat *row,
    WeirSoundBands *bands, WeirSoundStep *step, WeirSoundStep *earlier)
{
  add_row (extractor, row);
  if (extractor->n_rows < 2)
    return FALSE;
  keep_step (extractor);
  *bands = *get_kept (extractor, extractor->n_steps - 1);
  if (step != NULL)
    fill_step (extractor, step);
  if (earlier != NULL && extractor->n_steps > WEIR_PROMINENCE_AFTER)
    fill_earlier (extractor, earlier);

  return TRUE;
}
