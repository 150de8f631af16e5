/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How rare the levels of a stream's bands are in it. */
#include "match/audio-rarities.h"

#include <string.h>

/* Steps of the stream that are compared, 5 s. */
#define N_COMPARED 157

/* What is left of a stream's levels when the band's mean and what moves with the
 * bands beside it are taken off, is counted by these. */
#define RESIDUAL_UNIT 0.25f
#define N_RESIDUALS   65
#define N_BESIDE      2

/* Their density is smoothed by a normal kernel and mixed with a broad one, so
 * that it is never 0. */
#define N_KERNEL   4
#define BROAD      4.0f
#define BROAD_PART 0.1f

#define GREATEST_RARITY 1e3f

typedef struct {
  gfloat near[N_KERNEL + 1];
  gfloat broad[N_RESIDUALS];
} Kernels;

static Kernels *
make_kernels (void)
{
  Kernels *kernels = g_new (Kernels, 1);

  for (guint i = 0; i <= N_KERNEL; i++)
    kernels->near[i] = weir_audio_normal_get (
        (gfloat) i * RESIDUAL_UNIT, WEIR_AUDIO_LEVEL_DEVIATION);
  for (gint i = 0; i < N_RESIDUALS; i++)
    kernels->broad[i] = weir_audio_normal_get (
        (gfloat) (i - N_RESIDUALS / 2) * RESIDUAL_UNIT, BROAD);

  return kernels;
}

static const Kernels *
get_kernels (void)
{
  static gsize kernels;

  if (g_once_init_enter (&kernels))
    g_once_init_leave (&kernels, (gsize) make_kernels ());
  return (const Kernels *) kernels;
}

/* The bands' means over the steps. */
static void
get_means (const WeirAudioHistory *history, gint32 first, gint32 last,
    gfloat means[WEIR_SOUND_N_BANDS])
{
  memset (means, 0, WEIR_SOUND_N_BANDS * sizeof (gfloat));
  for (gint32 i = first; i <= last; i++)
    for (guint j = 0; j < WEIR_SOUND_N_BANDS; j++)
      means[j] += weir_audio_level_get (history, i, j);
  for (guint j = 0; j < WEIR_SOUND_N_BANDS; j++)
    means[j] /= (gfloat) (last - first + 1);
}

/* The residuals of a step, by number. */
static void
get_residuals (const WeirAudioHistory *history, gint32 step,
    const gfloat means[WEIR_SOUND_N_BANDS],
    guint8 residuals[WEIR_SOUND_N_BANDS])
{
  gfloat changes[WEIR_SOUND_N_BANDS];

  for (guint i = 0; i < WEIR_SOUND_N_BANDS; i++)
    changes[i] = weir_audio_level_get (history, step, i) - means[i];
  for (gint i = 0; i < WEIR_SOUND_N_BANDS; i++) {
    gint low = MAX (i - N_BESIDE, 0);
    gint high = MIN (i + N_BESIDE, WEIR_SOUND_N_BANDS - 1);
    gfloat sum = 0, residual;
    gint number;

    for (gint j = low; j <= high; j++)
      sum += changes[j];
    residual = changes[i] - sum / (gfloat) (high - low + 1);
    number = (gint) lrintf (residual / RESIDUAL_UNIT) + N_RESIDUALS / 2;
    residuals[i] = (guint8) CLAMP (number, 0, N_RESIDUALS - 1);
  }
}

/* F / p by residual, out of how often each was among @n. */
static void
get_rarities (const Kernels *kernels, const guint counts[N_RESIDUALS], guint n,
    gfloat rarities[N_RESIDUALS])
{
  gfloat below = 0;

  for (gint i = 0; i < N_RESIDUALS; i++) {
    gint last = MIN (i + N_KERNEL, N_RESIDUALS - 1);
    gfloat sum = 0, density;

    for (gint j = MAX (i - N_KERNEL, 0); j <= last; j++)
      sum += (gfloat) counts[j] * kernels->near[ABS (i - j)];
    density =
        (1 - BROAD_PART) * sum / (gfloat) n + BROAD_PART * kernels->broad[i];
    below += density * RESIDUAL_UNIT;
    rarities[i] = MIN (below / density - RESIDUAL_UNIT / 2, GREATEST_RARITY);
  }
}

void
weir_audio_rarities_find (WeirAudioHistory *history)
{
  const Kernels *kernels = get_kernels ();
  WeirAudioRarities *found = &history->rarities;
  guint8 residuals[N_COMPARED][WEIR_SOUND_N_BANDS];
  gfloat means[WEIR_SOUND_N_BANDS];
  guint n;

  found->end = history->end;
  found->last =
      MIN ((gint32) history->n_steps, (gint32) (history->end + 1) / 2);
  found->last -= 1;
  found->first = MAX (found->last - (N_COMPARED - 1), 0);
  if (found->last < found->first)
    return;
  n = (guint) (found->last - found->first + 1);
  get_means (history, found->first, found->last, means);
  for (guint i = 0; i < n; i++)
    get_residuals (history, found->first + (gint32) i, means, residuals[i]);
  for (guint j = 0; j < WEIR_SOUND_N_BANDS; j++) {
    guint counts[N_RESIDUALS] = { 0 };
    gfloat rarities[N_RESIDUALS];

    for (guint i = 0; i < n; i++)
      counts[residuals[i][j]]++;
    get_rarities (kernels, counts, n, rarities);
    for (guint i = 0; i < n; i++)
      found->values[((guint32) found->first + i) % N_STEPS][j] =
          rarities[residuals[i][j]];
  }
}
