/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Comparing the last seconds of sound with references. */
#include "fingerprint/dense.h"
#include "match/audio-history-private.h"
#include "match/audio-levels.h"

#include <math.h>
#include <string.h>

#define BINS_PER_BAND (WEIR_SPECTRUM_N_BINS / WEIR_SOUND_N_BANDS)

/* Less than this says nothing. */
#define MIN_ROWS  94
#define MIN_PEAKS 8

/* Dense bits are compared at every other step: neighbours say much the same.
 * What is compared with a step of the stream looks back by more than the lag
 * when the stream is slow, and the first steps' prominence is of little. */
#define DENSE_STRIDE 2
#define FIRST_STEP   12

/* The value beyond which a short bit counts in full. */
#define SHORT_FULL 4.0f

/* The parts' weights, and the least that counts of each. */
#define WIDE_PEAKS_WEIGHT 0.3
#define ALL_PEAKS_WEIGHT  1.5
#define SHORT_WEIGHT      0.2
#define PROMINENT_WEIGHT  0.8
#define PROMINENCE_WEIGHT 1.7
#define SCORE_SCALE       20.0 /* of their sum, squared */
#define LEAST_PART        -2.0

/* Of a window that scores less by that, levels are not compared and nothing is
 * concluded. */
#define LEAST_SCORE 4.0

/* What levels weigh beside the other parts' score. */
#define LEVELS_WEIGHT 1.5

/* Silence stands out by nothing. */
#define MIN_POWER      1e-3
#define MIN_BITS_POWER 1e-6
#define MIN_SET_POWER  1.0

/* Least share of the rows' places near a peak that chance is counted with. */
#define MIN_DENSITY 0.005

/* For each window its rows, and the tail of its score on wrong places: in 8 s
 * of sound that no reference holds the highest score of all that is compared
 * exceeds BASE + n * SCALE with probability exp (-n). Fitted to the highest
 * tenth of such pieces of the class whose tail is heaviest, of music, speech
 * and scenes, against 0.85 h of references, by tests/eval/audio/calibrate;
 * tests/eval/audio/run shows how well it holds for others. */
static const struct {
  guint rows;
  gdouble base;
  gdouble scale;
} windows[N_WINDOWS] = {
  { 125, 6.4, 7.40 },
  { 188, 4.1, 7.11 },
  { 312, 17.0, 3.24 },
};

guint
weir_audio_history_get_window (guint age)
{
  guint window = 0;

  while (window < N_WINDOWS && age >= windows[window].rows)
    window++;
  return window;
}

gint32
weir_audio_history_get_begin (const WeirAudioHistory *history)
{
  gint32 longest = (gint32) windows[N_WINDOWS - 1].rows;

  return MAX ((gint32) history->end - longest, 1);
}

/* ---- Peaks ---- */

static gboolean
has_peak (
    const WeirAudioHistory *history, WeirPeaksKind kind, gint32 row, gint bin)
{
  return history->bits[(guint32) row % N_ROWS][kind][bin / 32] >> bin % 32 & 1;
}

/* Where hits begin and end: the stretch, going back from the newest, in which
 * they are the most likelier to be a copy (that keeps half of its peaks) than
 * chance (1 of 20). */
typedef struct {
  gdouble likelihood; /* nats, of the stretch at hand */
  gdouble highest;
  gint32 end; /* of the stretch at hand */
} Run;

static void
extend_run (Run *run, gboolean hit, gint32 row, WeirAudioComparison *comparison)
{
  if (!hit) {
    run->likelihood -= 0.64;
    return;
  }
  if (run->likelihood <= 0) {
    run->likelihood = 0;
    run->end = row;
  }
  run->likelihood += 2.30;
  if (run->likelihood > run->highest) {
    run->highest = run->likelihood;
    comparison->first_row = row;
    comparison->last_row = run->end;
  }
}

static void
add_prominence (
    const WeirAudioHistory *history, gint32 row, gint bin, WeirAudioSums *sums)
{
  if (!weir_audio_history_knows_prominence (history, row / 2))
    return;
  sums->prominence += (gdouble) history->prominences[row / 2 % N_STEPS]
                          .levels[bin / BINS_PER_BAND];
  sums->n_prominences++;
}

/* The reference's rows that are compared. */
static void
get_reference_rows (const WeirAudioHistory *history,
    const WeirAudioPlace *place, guint32 n_steps, gint64 *first, gint64 *last)
{
  const gdouble stretch = (gdouble) place->warp.stretch;
  gint32 begin = weir_audio_history_get_begin (history);
  gdouble newest = (gdouble) history->end - 1;

  *first = (gint64) ceil (begin * stretch + place->offset);
  *first = MAX (*first, 0);
  *last = (gint64) floor (newest * stretch + place->offset);
  *last = MIN (*last, 2 * (gint64) n_steps - 1);
}

/* Wide peaks alone, as sum_peaks() has them: this is done for every candidate a
 * few times over. */
static void
count_peaks (const WeirAudioHistory *history, const WeirAudioPlace *place,
    const WeirSoundStep *steps, guint32 n_steps, WeirAudioSums sums[N_WINDOWS])
{
  const gdouble stretch = (gdouble) place->warp.stretch;
  gint32 begin = weir_audio_history_get_begin (history),
         end = (gint32) history->end;
  guint window = 0;
  gint64 first, last;

  get_reference_rows (history, place, n_steps, &first, &last);
  for (gint64 i = last; i >= first; i--) {
    const guint8 *peaks = steps[i / 2].peaks + i % 2 * WEIR_SOUND_ROW_PEAKS;
    gint32 row;

    if (peaks[0] == WEIR_SOUND_NO_PEAK && peaks[1] == WEIR_SOUND_NO_PEAK)
      continue;
    row = (gint32) lrint (((gdouble) i - place->offset) / stretch);
    if (row < begin || row >= end)
      continue;
    while ((guint) (end - 1 - row) >= windows[window].rows) {
      if (++window == N_WINDOWS)
        return;
    }
    for (guint j = 0; j < WEIR_SOUND_ROW_PEAKS; j++) {
      gint bin = (gint) lrintf (peaks[j] - place->warp.shift);

      if (peaks[j] >= WEIR_SPECTRUM_N_BINS || bin < 1 ||
          bin >= WEIR_SPECTRUM_N_BINS - 1)
        continue;
      sums[window].n_peaks++;
      sums[window].n_hits[WEIR_PEAKS_WIDE] +=
          has_peak (history, WEIR_PEAKS_WIDE, row, bin);
    }
  }
}

/* Goes through the reference's rows from the newest on. */
static void
sum_peaks (const WeirAudioHistory *history, const WeirAudioPlace *place,
    const WeirSoundStep *steps, guint32 n_steps, WeirAudioSums sums[N_WINDOWS],
    WeirAudioComparison *comparison)
{
  const gdouble stretch = (gdouble) place->warp.stretch;
  gint32 begin = weir_audio_history_get_begin (history),
         end = (gint32) history->end;
  Run run = { 0 };
  gint64 first, last;

  get_reference_rows (history, place, n_steps, &first, &last);
  for (gint64 i = last; i >= first; i--) {
    const guint8 *peaks = steps[i / 2].peaks + i % 2 * WEIR_SOUND_ROW_PEAKS;
    gint32 row;
    guint window;

    if (peaks[0] == WEIR_SOUND_NO_PEAK && peaks[1] == WEIR_SOUND_NO_PEAK)
      continue;
    row = (gint32) lrint (((gdouble) i - place->offset) / stretch);
    if (row < begin || row >= end)
      continue;
    window = weir_audio_history_get_window ((guint) (end - 1 - row));
    for (guint j = 0; j < WEIR_SOUND_ROW_PEAKS && window < N_WINDOWS; j++) {
      gint bin;
      gboolean hit;

      if (peaks[j] >= WEIR_SPECTRUM_N_BINS)
        continue;
      bin = (gint) lrintf (peaks[j] - place->warp.shift);
      if (bin < 1 || bin >= WEIR_SPECTRUM_N_BINS - 1)
        continue;
      hit = has_peak (history, WEIR_PEAKS_WIDE, row, bin);
      sums[window].n_peaks++;
      sums[window].n_hits[WEIR_PEAKS_WIDE] += hit;
      sums[window].n_hits[WEIR_PEAKS_ALL] +=
          has_peak (history, WEIR_PEAKS_ALL, row, bin);
      add_prominence (history, row, bin, &sums[window]);
      extend_run (&run, hit, row, comparison);
    }
  }
}

static void
accumulate (WeirAudioSums *sums, const WeirAudioSums *shorter)
{
  sums->n_peaks += shorter->n_peaks;
  for (guint i = 0; i < WEIR_N_PEAKS; i++) {
    sums->n_hits[i] += shorter->n_hits[i];
    sums->n_set[i] += shorter->n_set[i];
  }
  sums->n_rows += shorter->n_rows;
  sums->prominence += shorter->prominence;
  sums->n_prominences += shorter->n_prominences;
  sums->power += shorter->power;
  sums->n_powers += shorter->n_powers;
  sums->product += shorter->product;
  sums->product_power += shorter->product_power;
  sums->prominent += shorter->prominent;
  sums->prominent_power += shorter->prominent_power;
}

/* Twice the log-likelihood ratio of as many hits against chance, its root with
 * the sign of their difference: on wrong places much like a standard normal
 * variable also where few hits are expected. */
static gdouble
get_peaks_part (const WeirAudioSums *sums, WeirPeaksKind kind)
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

static gboolean
begin_comparison (const WeirAudioHistory *history, guint32 n_steps,
    WeirAudioSums sums[N_WINDOWS], WeirAudioComparison *comparison)
{
  *comparison = (WeirAudioComparison){ .evidence = -G_MAXDOUBLE };
  memcpy (sums, history->density, sizeof (history->density));

  return n_steps > 0 && history->end >= MIN_ROWS;
}

/* Each window with the shorter ones in it. */
static void
finish_peaks (WeirAudioSums sums[N_WINDOWS], WeirAudioComparison *comparison)
{
  comparison->peaks = LEAST_PART;
  for (guint i = 0; i < N_WINDOWS; i++) {
    gdouble part;

    if (i > 0)
      accumulate (&sums[i], &sums[i - 1]);
    part = get_peaks_part (&sums[i], WEIR_PEAKS_WIDE);
    comparison->peaks = MAX (comparison->peaks, part);
    comparison->fit += part;
  }
  comparison->hits = sums[N_WINDOWS - 1].n_hits[WEIR_PEAKS_WIDE];
}

gboolean
weir_audio_history_compare_peaks (const WeirAudioHistory *history,
    const WeirAudioPlace *place, const WeirSoundStep *steps, guint32 n_steps,
    WeirAudioComparison *comparison)
{
  WeirAudioSums sums[N_WINDOWS];

  if (!begin_comparison (history, n_steps, sums, comparison))
    return FALSE;
  count_peaks (history, place, steps, n_steps, sums);
  finish_peaks (sums, comparison);

  return TRUE;
}

/* ---- Dense bits ---- */

/* The levels at a place between two steps, its bands moved. */
static void
sample_bands (const WeirSoundBands *ring, gdouble step, gfloat shift,
    gfloat levels[WEIR_SOUND_N_BANDS])
{
  gdouble below = floor (step);
  gfloat weight = (gfloat) (step - below);
  const gfloat *early = ring[(guint32) below % N_STEPS].levels;
  const gfloat *late = ring[((guint32) below + 1) % N_STEPS].levels;
  gfloat mixed[WEIR_SOUND_N_BANDS];
  gfloat whole = floorf (-shift);
  gfloat part = -shift - whole;

  for (guint i = 0; i < WEIR_SOUND_N_BANDS; i++)
    mixed[i] = early[i] + weight * (late[i] - early[i]);
  for (gint i = 0; i < WEIR_SOUND_N_BANDS; i++) {
    gint low = CLAMP (i + (gint) whole, 0, WEIR_SOUND_N_BANDS - 1);
    gint high = CLAMP (i + (gint) whole + 1, 0, WEIR_SOUND_N_BANDS - 1);

    levels[i] = mixed[low] + part * (mixed[high] - mixed[low]);
  }
}

static void
compare_short (const WeirAudioHistory *history, gdouble now, gfloat shift,
    gfloat stretch, const WeirSoundStep *step, WeirAudioSums *sums)
{
  gfloat newer[WEIR_SOUND_N_BANDS], older[WEIR_SOUND_N_BANDS];
  gfloat values[WEIR_DENSE_SHORT_BITS];
  gfloat product = 0, power = 0;

  sample_bands (history->bands, now, shift, newer);
  sample_bands (history->bands,
      now - (gdouble) (WEIR_DENSE_SHORT_LAG / stretch), shift, older);
  weir_dense_get_short (newer, older, values);
  for (guint i = 0; i < WEIR_DENSE_SHORT_BITS; i++) {
    gfloat weight = CLAMP (values[i] / SHORT_FULL, -1.0f, 1.0f);

    product += weir_dense_get_bit (step, i) ? weight : -weight;
    power += weight * weight;
  }
  sums->product += (gdouble) product;
  sums->product_power += (gdouble) power;
}

static void
compare_prominent (const WeirAudioHistory *history, gdouble now, gfloat shift,
    const WeirSoundStep *step, WeirAudioSums *sums)
{
  gfloat values[WEIR_SOUND_N_BANDS];
  gfloat sum = 0, power = 0;
  guint n_bits = 0;

  if (!weir_audio_history_knows_prominence (history, (gint32) now + 1))
    return;
  sample_bands (history->prominences, now, shift, values);
  for (guint i = 0; i < WEIR_DENSE_PROMINENT_BITS; i++) {
    power += values[i] * values[i];
    if (!weir_dense_get_bit (step, WEIR_DENSE_SHORT_BITS + i))
      continue;
    sum += values[i];
    n_bits++;
  }
  sums->prominent += (gdouble) sum;
  sums->prominent_power += n_bits * (gdouble) power / WEIR_DENSE_PROMINENT_BITS;
}

static void
compare_step (const WeirAudioHistory *history, const WeirAudioPlace *place,
    gdouble now, const WeirSoundStep *step, WeirAudioSums *sums)
{
  const gfloat shift =
      place->warp.shift * WEIR_SOUND_N_BANDS / WEIR_SPECTRUM_N_BINS;

  compare_short (history, now, shift, place->warp.stretch, step, sums);
  compare_prominent (history, now, shift, step, sums);
}

static void
sum_dense (const WeirAudioHistory *history, const WeirAudioPlace *place,
    const WeirSoundStep *steps, guint32 n_steps, WeirAudioSums sums[N_WINDOWS])
{
  const gdouble stretch = (gdouble) place->warp.stretch;
  gint32 begin = weir_audio_history_get_begin (history),
         end = (gint32) history->end;
  gint64 first = (gint64) ceil ((begin * stretch + place->offset) / 2);
  gint64 last = (gint64) floor ((end * stretch + place->offset) / 2);

  last = MIN (last, (gint64) n_steps - 1);
  last -= last % DENSE_STRIDE;
  for (gint64 i = last; i >= MAX (first, 0); i -= DENSE_STRIDE) {
    gdouble now = weir_audio_place_get_step (place, i);
    gint32 age = end - 1 - (gint32) (2 * now);
    guint window = weir_audio_history_get_window ((guint) MAX (age, 0));

    if (now < FIRST_STEP || now + 1 >= history->n_steps ||
        (steps[i].code[0] | steps[i].code[1]) == 0)
      continue;
    if (window < N_WINDOWS)
      compare_step (history, place, now, &steps[i], &sums[window]);
  }
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

/* Without levels. Each part is nearly normal on wrong places, so that the square
 * of their sum has an exponential tail. */
static gdouble
get_score (const WeirAudioSums *sums)
{
  gdouble wide = get_peaks_part (sums, WEIR_PEAKS_WIDE);
  gdouble all = get_peaks_part (sums, WEIR_PEAKS_ALL);
  gdouble sum = WIDE_PEAKS_WEIGHT * MAX (wide, LEAST_PART) +
                ALL_PEAKS_WEIGHT * MAX (all, LEAST_PART) +
                SHORT_WEIGHT * get_short_part (sums) +
                PROMINENT_WEIGHT * get_prominent_part (sums) +
                PROMINENCE_WEIGHT * get_prominence_part (sums);

  return sum > 0 ? sum * sum / SCORE_SCALE : 0;
}

/* Takes the scores without levels. */
static void
add_levels (WeirAudioHistory *history, const WeirAudioPlace *place,
    const WeirSoundStep *steps, guint32 n_steps, gdouble scores[N_WINDOWS])
{
  gdouble levels[N_WINDOWS] = { 0 }, highest = 0;

  for (guint i = 0; i < N_WINDOWS; i++)
    highest = MAX (highest, scores[i]);
  if (highest >= LEAST_SCORE)
    weir_audio_levels_compare (history, place, steps, n_steps, levels);
  for (guint i = 0; i < N_WINDOWS; i++)
    scores[i] = scores[i] < LEAST_SCORE
                    ? 0
                    : MAX (scores[i] + LEVELS_WEIGHT * levels[i], 0);
}

gboolean
weir_audio_history_compare (WeirAudioHistory *history,
    const WeirAudioPlace *place, const WeirSoundStep *steps, guint32 n_steps,
    WeirAudioComparison *comparison)
{
  WeirAudioSums sums[N_WINDOWS];

  if (!begin_comparison (history, n_steps, sums, comparison))
    return FALSE;
  sum_peaks (history, place, steps, n_steps, sums, comparison);
  sum_dense (history, place, steps, n_steps, sums);
  finish_peaks (sums, comparison);
  for (guint i = 0; i < N_WINDOWS; i++)
    comparison->scores[i] = get_score (&sums[i]);
  add_levels (history, place, steps, n_steps, comparison->scores);
  for (guint i = 0; i < N_WINDOWS; i++) {
    comparison->windows[i] =
        (comparison->scores[i] - windows[i].base) / windows[i].scale;
    comparison->evidence = MAX (comparison->evidence, comparison->windows[i]);
  }

  return TRUE;
}
