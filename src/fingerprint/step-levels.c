/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The levels of bands that a step of a reference keeps. */
#include "fingerprint/step-levels.h"

#include <math.h>
#include <string.h>

#define N_BANDS  (2 * WEIR_SOUND_STEP_LEVELS)
#define TOP_UNIT 0.25f
#define TOP_MAX  127
#define LOUDEST  15

G_STATIC_ASSERT (N_BANDS <= WEIR_SOUND_N_BANDS);

static gfloat
get_top (guint number)
{
  return WEIR_STEP_LEVELS_LOWEST + (gfloat) number * TOP_UNIT;
}

void
weir_step_levels_pack (WeirSoundStep *step,
    const gfloat highest[WEIR_SOUND_N_BANDS], gboolean is_odd)
{
  gfloat loudest = highest[0];
  guint top;

  step->top = 0;
  memset (step->levels, 0, sizeof (step->levels));
  for (guint i = 1; i < N_BANDS; i++)
    loudest = MAX (loudest, highest[i]);
  if (loudest < WEIR_STEP_LEVELS_LEAST)
    return;
  top = (guint) lrintf ((loudest - WEIR_STEP_LEVELS_LOWEST) / TOP_UNIT);
  top = MIN (top, TOP_MAX);
  step->top = (guint8) (top << 1 | (is_odd ? 1 : 0));
  for (guint i = 0; i < WEIR_SOUND_STEP_LEVELS; i++) {
    gfloat below = get_top (top) - highest[2 * i + (is_odd ? 1 : 0)];
    gint level = LOUDEST - (gint) lrintf (below);

    step->levels[i / 2] |= (guint8) (CLAMP (level, 0, LOUDEST) << i % 2 * 4);
  }
}

guint
weir_step_levels_unpack (
    const WeirSoundStep *step, WeirStepLevel levels[WEIR_SOUND_STEP_LEVELS])
{
  gfloat top = get_top (step->top >> 1);
  guint n = 0;

  if (step->top >> 1 == 0)
    return 0;
  for (guint i = 0; i < WEIR_SOUND_STEP_LEVELS; i++) {
    guint level = step->levels[i / 2] >> i % 2 * 4 & LOUDEST;

    if (level == 0)
      continue;
    levels[n++] = (WeirStepLevel){
      .band = 2 * i + (step->top & 1),
      .level = top - (gfloat) (LOUDEST - level),
      .depth = LOUDEST - level,
    };
  }

  return n;
}
