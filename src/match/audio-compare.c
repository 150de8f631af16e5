/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Comparing the last seconds of sound with references. */
#include "fingerprint/dense.h"
#include "match/audio-dsp.h"
#include "match/audio-history-private.h"
#include "match/audio-levels.h"
#include "match/audio-score.h"

#include <math.h>
#include <string.h>

#define BINS_PER_BAND (WEIR_SPECTRUM_N_BINS / WEIR_SOUND_N_BANDS)

/* Less than this says nothing. */
#define MIN_ROWS 94

/* Dense bits are compared at every other step: neighbours say much the same.
 * What is compared with a step of the stream looks back by more than the lag
 * when the stream is slow, and the first steps' prominence is of little. */
#define DENSE_STRIDE 2
#define FIRST_STEP   12

/* The value beyond which a short bit counts in full. */
#define SHORT_FULL 4.0f

/* Of a window that scores less by that, levels are not compared and nothing is
 * concluded. */
#define LEAST_SCORE 4.0

/* For each window its rows, whole blocks and at last all, and the tail of its
 * score on wrong places: in 8 s of sound that no reference holds the highest
 * score of all that is compared exceeds BASE + n * SCALE with probability
 * exp (-n). Fitted to the highest tenth of such pieces of the class whose tail
 * is heaviest, of music, speech and scenes, against 0.85 h of references, by
 * tests/eval/audio/calibrate; tests/eval/audio/run shows how well it holds for
 * others. */
static const struct {
  guint rows;
  gdouble base;
  gdouble scale;
} windows[N_WINDOWS] = {
  { 128, 1.0, 6.06 },
  { 192, 6.6, 5.27 },
  { 312, 15.1, 3.61 },
};

guint
weir_audio_window_get_n_blocks (guint window)
{
  return windows[window].rows / BLOCK_ROWS;
}

gint32
weir_audio_history_get_begin (const WeirAudioHistory *history)
{
  return MAX ((gint32) history->end - N_BLOCKS * BLOCK_ROWS, 1);
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

/* The stream's row where the reference has @peaks, in row @i, and its block;
 * FALSE where it has none, or that row is not compared. */
static inline gboolean
find_row (const WeirAudioHistory *history, const WeirAudioPlace *place,
    gint64 i, const guint8 *peaks, gint32 *row, guint *block)
{
  gint32 end = (gint32) history->end;

  if (peaks[0] == WEIR_SOUND_NO_PEAK && peaks[1] == WEIR_SOUND_NO_PEAK)
    return FALSE;
  *row = (gint32) lrint (
      ((gdouble) i - place->offset) / (gdouble) place->warp.stretch);
  /* From weir_audio_history_get_begin() on: the oldest block begins there. */
  if (*row < 1 || *row >= end)
    return FALSE;
  *block = weir_audio_history_get_block ((guint) (end - 1 - *row));
  return *block < N_BLOCKS;
}

/* Goes through the reference's rows from the newest on. */
static void
sum_peaks (const WeirAudioHistory *history, const WeirAudioPlace *place,
    const WeirSoundStep *steps, guint32 n_steps, WeirAudioSums sums[N_BLOCKS],
    WeirAudioComparison *comparison)
{
  Run run = { 0 };
  gint64 first, last;

  get_reference_rows (history, place, n_steps, &first, &last);
  for (gint64 i = last; i >= first; i--) {
    const guint8 *peaks = steps[i / 2].peaks + i % 2 * WEIR_SOUND_ROW_PEAKS;
    gint32 row;
    guint block;

    if (!find_row (history, place, i, peaks, &row, &block))
      continue;
    for (guint j = 0; j < WEIR_SOUND_ROW_PEAKS; j++) {
      gint bin;
      gboolean hit;

      if (peaks[j] >= WEIR_SPECTRUM_N_BINS)
        continue;
      bin = (gint) lrintf (peaks[j] - place->warp.shift);
      if (bin < 1 || bin >= WEIR_SPECTRUM_N_BINS - 1)
        continue;
      hit = has_peak (history, WEIR_PEAKS_WIDE, row, bin);
      sums[block].n_peaks++;
      sums[block].n_hits[WEIR_PEAKS_WIDE] += hit;
      sums[block].n_hits[WEIR_PEAKS_ALL] +=
          has_peak (history, WEIR_PEAKS_ALL, row, bin);
      add_prominence (history, row, bin, &sums[block]);
      extend_run (&run, hit, row, comparison);
    }
  }
}

static gboolean
is_long_enough (const WeirAudioHistory *history, guint32 n_steps)
{
  return n_steps > 0 && history->end >= MIN_ROWS;
}

static gboolean
begin_comparison (const WeirAudioHistory *history, guint32 n_steps,
    WeirAudioSums sums[N_BLOCKS], WeirAudioComparison *comparison)
{
  *comparison = (WeirAudioComparison){ .evidence = -G_MAXDOUBLE };
  memcpy (sums, history->density, sizeof (history->density));

  return is_long_enough (history, n_steps);
}

/* Puts what a window's wide peaks say into @comparison. */
static void
add_fit (const WeirAudioSums *sums, WeirAudioComparison *comparison)
{
  gdouble part = weir_audio_sums_get_peaks (sums, WEIR_PEAKS_WIDE);

  comparison->peaks = MAX (comparison->peaks, part);
  comparison->fit += part;
}

/* The windows of the blocks, each with the shorter ones in it. */
static void
finish_peaks (const WeirAudioSums sums[N_BLOCKS],
    WeirAudioSums window_sums[N_WINDOWS], WeirAudioComparison *comparison)
{
  WeirAudioSums sum = { 0 };
  guint block = 0;

  comparison->peaks = -G_MAXDOUBLE;
  for (guint i = 0; i < N_WINDOWS; i++) {
    for (; block < weir_audio_window_get_n_blocks (i); block++)
      weir_audio_sums_add (&sum, &sums[block]);
    window_sums[i] = sum;
    add_fit (&sum, comparison);
  }
  comparison->hits = sum.n_hits[WEIR_PEAKS_WIDE];
}

gboolean
weir_audio_history_take_peaks (const WeirAudioHistory *history,
    const WeirAudioPlace *place, const WeirSoundStep *steps, guint32 n_steps,
    WeirAudioPeaks *peaks)
{
  gint64 first, last;

  if (!is_long_enough (history, n_steps))
    return FALSE;
  get_reference_rows (history, place, n_steps, &first, &last);
  first = MAX (first - WEIR_AUDIO_PEAKS_AROUND, 0);
  last = MIN (last + WEIR_AUDIO_PEAKS_AROUND, 2 * (gint64) n_steps - 1);
  peaks->first_row = first;
  peaks->n = 0;
  for (gint64 i = last; i >= first; i--) {
    const guint8 *bins = steps[i / 2].peaks + i % 2 * WEIR_SOUND_ROW_PEAKS;

    if (peaks->n + WEIR_SOUND_ROW_PEAKS > WEIR_AUDIO_MAX_PEAKS)
      break;
    for (guint j = 0; j < WEIR_SOUND_ROW_PEAKS; j++) {
      if (bins[j] >= WEIR_SPECTRUM_N_BINS)
        continue;
      peaks->rows[peaks->n] = (gint32) (i - first);
      peaks->bins[peaks->n++] = bins[j];
    }
  }

  return TRUE;
}

void
weir_audio_history_compare_peaks (const WeirAudioHistory *history,
    const WeirAudioPlace *place, const WeirAudioPeaks *peaks,
    WeirAudioComparison *comparison)
{
  WeirAudioSearch search = {
    .bits = history->bits,
    .end = (gint32) history->end,
    .stretch = place->warp.stretch,
    .shift = place->warp.shift,
    .offset = place->offset,
  };
  guint n_peaks[N_WINDOWS], n_hits[N_WINDOWS];
  gint64 first, last;

  *comparison =
      (WeirAudioComparison){ .peaks = -G_MAXDOUBLE, .evidence = -G_MAXDOUBLE };
  get_reference_rows (history, place, G_MAXUINT32, &first, &last);
  search.first = (gint32) (first - peaks->first_row);
  search.last = (gint32) (last - peaks->first_row);
  for (guint i = 0; i < N_WINDOWS; i++)
    search.max_ages[i] = windows[i].rows;
  weir_audio_dsp_get ()->count_peaks (peaks, &search, n_peaks, n_hits);
  for (guint i = 0; i < N_WINDOWS; i++) {
    WeirAudioSums sums = history->window_density[i];

    sums.n_peaks = n_peaks[i];
    sums.n_hits[WEIR_PEAKS_WIDE] = n_hits[i];
    add_fit (&sums, comparison);
  }
  comparison->hits = n_hits[N_WINDOWS - 1];
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
    const WeirSoundStep *steps, guint32 n_steps, WeirAudioSums sums[N_BLOCKS])
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
    guint block = weir_audio_history_get_block ((guint) MAX (age, 0));

    if (now < FIRST_STEP || now + 1 >= history->n_steps ||
        (steps[i].code[0] | steps[i].code[1]) == 0)
      continue;
    if (block < N_BLOCKS)
      compare_step (history, place, now, &steps[i], &sums[block]);
  }
}

/* Takes the scores without levels. What is evidence is limited. FALSE when levels
 * cannot be compared now. */
static gboolean
add_levels (WeirAudioHistory *history, const WeirAudioPlace *place,
    const WeirSoundStep *steps, guint32 n_steps,
    const WeirAudioSums sums[N_BLOCKS], gboolean is_known,
    gdouble scores[N_WINDOWS])
{
  WeirAudioLevels levels = { 0 };
  gdouble enough[N_WINDOWS], highest = 0;

  for (guint i = 0; i < N_WINDOWS; i++) {
    highest = MAX (highest, scores[i]);
    enough[i] = weir_audio_score_get_levels (scores[i], windows[i].base);
  }
  if (highest >= LEAST_SCORE && !weir_audio_levels_compare (history, place,
                                    steps, n_steps, is_known, enough, &levels))
    return FALSE;
  for (guint i = 0; i < N_WINDOWS; i++) {
    gdouble score = weir_audio_score_add_levels (scores[i], levels.values[i]);

    if (scores[i] < LEAST_SCORE)
      score = 0;
    else if (levels.values[i] >= enough[i])
      score = weir_audio_score_limit (sums, weir_audio_window_get_n_blocks (i),
          levels.values[i], levels.blocks[i], score);
    scores[i] = MAX (score, 0);
  }

  return TRUE;
}

gboolean
weir_audio_history_compare (WeirAudioHistory *history,
    const WeirAudioPlace *place, const WeirSoundStep *steps, guint32 n_steps,
    gboolean is_known, WeirAudioComparison *comparison)
{
  WeirAudioSums sums[N_BLOCKS], window_sums[N_WINDOWS];

  if (!begin_comparison (history, n_steps, sums, comparison))
    return FALSE;
  sum_peaks (history, place, steps, n_steps, sums, comparison);
  sum_dense (history, place, steps, n_steps, sums);
  finish_peaks (sums, window_sums, comparison);
  for (guint i = 0; i < N_WINDOWS; i++)
    comparison->scores[i] = weir_audio_sums_get_score (&window_sums[i]);
  if (!add_levels (
          history, place, steps, n_steps, sums, is_known, comparison->scores))
    return FALSE;
  for (guint i = 0; i < N_WINDOWS; i++) {
    comparison->windows[i] =
        (comparison->scores[i] - windows[i].base) / windows[i].scale;
    comparison->evidence = MAX (comparison->evidence, comparison->windows[i]);
  }

  return TRUE;
}
