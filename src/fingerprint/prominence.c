/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stands out of a stream's bands. */
#include "fingerprint/prominence.h"

#define N_BESIDE 4
#define GREATEST 3.0f

/* Of @changes, the mean of a band and of those beside it. */
static gfloat
get_mean_beside (const gfloat changes[WEIR_SOUND_N_BANDS], gint band)
{
  gint first = MAX (band - N_BESIDE, 0);
  gint last = MIN (band + N_BESIDE, WEIR_SOUND_N_BANDS - 1);
  gfloat sum = 0;

  for (gint i = first; i <= last; i++)
    sum += changes[i];
  return sum / (gfloat) (last - first + 1);
}

gfloat
weir_prominence_get (const WeirSoundBands *now,
    const WeirSoundBands *const around[], guint n_around,
    gfloat values[WEIR_SOUND_N_BANDS])
{
  gfloat changes[WEIR_SOUND_N_BANDS];
  gfloat power = 0;

  for (guint i = 0; i < WEIR_SOUND_N_BANDS; i++) {
    gfloat sum = 0;

    for (guint j = 0; j < n_around; j++)
      sum += around[j]->levels[i];
    changes[i] = now->levels[i] - sum / (gfloat) n_around;
  }
  for (gint i = 0; i < WEIR_SOUND_N_BANDS; i++) {
    gfloat value = changes[i] - get_mean_beside (changes, i);

    values[i] = CLAMP (value, -GREATEST, GREATEST);
    power += values[i] * values[i];
  }

  return power / WEIR_SOUND_N_BANDS;
}
