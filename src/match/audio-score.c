/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is gathered of a place, as a score. */
#include "match/audio-score.h"

#include <math.h>

/* Less than this says nothing. */
#define MIN_PEAKS 8

/* The parts' weights, and the least that counts of each. */
#define WIDE_PEAKS_WEIGHT 0.3
#define ALL_PEAKS_WEIGHT  1.5
#define SHORT_WEIGHT      0.2
#define PROMINENT_WEIGHT  0.8
#define PROMINENCE_WEIGHT 1.7
#define SCORE_SCALE       20.0 /* of their sum, squared */
#define LEAST_PART        -2.0

/* What levels weigh beside the other parts' score. */
#define LEVELS_WEIGHT 1.5

/* Silence stands out by nothing. */
#define MIN_POWER      1e-3
#define MIN_BITS_POWER 1e-6
#define MIN_SET_POWER  1.0

/* Least share of the rows' places near a peak that chance is counted with. */
#define MIN_DENSITY 0.005

void
weir_audio_sums_add (WeirAudioSums *sums, const WeirAudioSums *added)
{
  sums->n_peaks += added->n_peaks;
  for (guint i = 0; i < WEIR_N_PEAKS; i++) {
    sums->n_hits[i] += added->n_hits[i];
    sums->n_set[i] += added->n_set[i];
  }
  sums->n_rows += added->n_rows;
  sums->prominence += added->prominence;
  sums->n_prominences += added->n_prominences;
  sums->power += added->power;
  sums->n_powers += added->n_powers;
  sums->product += added->product;
  sums->product_power += added->product_power;
  sums->prominent += added->prominent;
  sums->prominent_power += added->prominent_power;
}

gdouble
weir_audio_sums_get_peaks (const WeirAudioSums *sums, WeirPeaksKind kind)
{
  gdouble n = sums->n_peaks, places, density, share, ratio;

  if (sums->n_peaks < MIN_PEAKS)
    return LEAST_PART;
  places = (gdouble) WEIR_SPECTRUM_N_BINS * MAX (sums->n_rows, 1);
  density = CLAMP (sums->n_set[kind] / places, MIN_DENSITY, 0.5);
  share = CLAMP (sums->n_hits[kind] / n, 1e-6, 1 - 1e-6);
  ratio = share * log (share / density) +
          (1 - share) * log ((1 - share) / (1 - density));

  return copysign (sqrt (2 * n * MAX (ratio, 0)), share - density);
}

static gdouble
get_short_part (const WeirAudioSums *sums)
{
  return MAX (
      sums->product / sqrt (sums->product_power + MIN_BITS_POWER), LEAST_PART);
}

/* By how much the stream stands out where the reference does. */
static gdouble
get_prominent_part (const WeirAudioSums *sums)
{
  return MAX (sums->prominent / sqrt (sums->prominent_power + MIN_SET_POWER),
      LEAST_PART);
}

/* By how many standard deviations the stream stands out where the reference has
 * peaks. */
static gdouble
get_prominence_part (const WeirAudioSums *sums)
{
  gdouble power;

  if (sums->n_prominences < MIN_PEAKS || sums->n_powers == 0)
    return LEAST_PART;
  power = sums->power / sums->n_powers + MIN_POWER;

  return MAX (
      sums->prominence / sqrt (sums->n_prominences * power), LEAST_PART);
}

gdouble
weir_audio_sums_get_score (const WeirAudioSums *sums)
{
  gdouble wide = weir_audio_sums_get_peaks (sums, WEIR_PEAKS_WIDE);
  gdouble all = weir_audio_sums_get_peaks (sums, WEIR_PEAKS_ALL);
  gdouble sum = WIDE_PEAKS_WEIGHT * MAX (wide, LEAST_PART) +
                ALL_PEAKS_WEIGHT * MAX (all, LEAST_PART) +
                SHORT_WEIGHT * get_short_part (sums) +
                PROMINENT_WEIGHT * get_prominent_part (sums) +
                PROMINENCE_WEIGHT * get_prominence_part (sums);

  return sum > 0 ? sum * sum / SCORE_SCALE : 0;
}

gdouble
weir_audio_score_add_levels (gdouble score, gdouble levels)
{
  return score + LEVELS_WEIGHT * levels;
}

gdouble
weir_audio_score_get_levels (gdouble score, gdouble sum)
{
  return (sum - score) / LEVELS_WEIGHT;
}

gdouble
weir_audio_score_limit (const WeirAudioSums *blocks, guint n_blocks,
    gdouble levels, const gdouble *block_levels, gdouble score)
{
  WeirAudioSums newer = { 0 }, older[N_BLOCKS + 1];
  gdouble least = G_MAXDOUBLE;

  older[n_blocks] = (WeirAudioSums){ 0 };
  for (guint i = n_blocks; i > 0; i--) {
    older[i - 1] = older[i];
    weir_audio_sums_add (&older[i - 1], &blocks[i - 1]);
  }
  for (guint i = 0; i + HALF_SECOND <= n_blocks; i++) {
    WeirAudioSums rest = newer;
    gdouble rest_levels = levels;

    weir_audio_sums_add (&rest, &older[i + HALF_SECOND]);
    for (guint j = i; j < i + HALF_SECOND; j++)
      rest_levels -= block_levels[j];
    least = MIN (least, weir_audio_score_add_levels (
                            weir_audio_sums_get_score (&rest), rest_levels));
    weir_audio_sums_add (&newer, &blocks[i]);
  }

  return MIN (score, 2 * MAX (least, 0));
}
