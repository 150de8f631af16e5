/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How well the levels of a stream follow those of a reference. */
#include "match/audio-levels.h"

#include "fingerprint/step-levels.h"
#include "match/audio-dsp.h"

#include <math.h>
#include <string.h>

#define N_BANDS (2 * WEIR_SOUND_STEP_LEVELS)

/* Steps of the stream that are compared, 5 s. */
#define N_COMPARED 157

/* Below this a stream is silent. */
#define LEAST_LEVEL (-30.0f)

/* What is left of a stream's levels when the band's mean and a part of what
 * moves with the bands beside it are taken off, is counted by these. */
#define RESIDUAL_UNIT 0.25f
#define N_RESIDUALS   65
#define N_BESIDE      2
#define SHARED        0.8f

/* Their density is smoothed by a normal kernel, as broad as a copy's levels
 * differ so that what is steady is worth nothing, and mixed with a broad one, so
 * that it is never 0. */
#define N_KERNEL   4
#define BROAD      4.0f
#define BROAD_PART 0.1f

#define GREATEST_RARITY 1e3f

/* Of a copy: by how much its levels differ from the reference's where nothing
 * covers them, and the share of what obeys no rule. */
#define DEVIATION 0.35f
#define OUTLIERS  0.1f

/* Gains that are tried, around the one of most bands. */
#define N_GAINS   32
#define GAIN_UNIT 0.5f
#define FURTHEST  12.0f /* differences from that gain beyond this are alike */

/* Nats that it costs when gains of neighbouring bands differ by a unit. */
#define GAIN_PRICE 8.0f

/* The tables have an entry for each tenth of a unit of level. */
#define FINENESS 5 /* entries for each gain */
#define N_COARSE 80

/* Of the reference's levels, those that tell the gain of most bands; it is where
 * this share of them lies below. */
#define LOUD_DEPTH 3
#define LOW_SHARE  0.3f
#define N_OFFSETS  300

/* Fewer cells say nothing. */
#define MIN_CELLS 300
#define MIN_LOUD  10

/* Reference steps are up to 1.15 times as many as the stream's. */
#define MAX_CELLS 4096

/* Factors that a product of single precision holds. */
#define MAX_FACTORS 12

G_STATIC_ASSERT (N_GAINS % WEIR_AUDIO_LANES == 0);

/* A reference's level beside the stream's. */
typedef struct {
  gfloat difference; /* of the stream's from it */
  gfloat rarity;     /* F(s) / p(s) of the stream's */
  guint8 band;
  guint8 block;
  gboolean is_loud;
} Cell;

/* By what the stream's level is above the reference's, from 20 units on down,
 * so that the gains of a cell are entries that follow each other. */
typedef struct {
  gfloat equal[FINENESS][N_COARSE];
  gfloat covered[FINENESS][N_COARSE];
  gfloat kernel[N_KERNEL + 1];
  gfloat broad[N_RESIDUALS];
} Tables;

/* Likelihood ratios by band and gain: logarithms by window, and a product of
 * the window at hand that is yet to be added. */
typedef struct {
  gfloat sums[N_WINDOWS][N_BANDS][N_GAINS];
  gfloat products[N_BANDS][N_GAINS];
  guint n_factors[N_BANDS];
} Ratios;

static gfloat
get_normal (gfloat value, gfloat deviation)
{
  gfloat scaled = value / deviation;

  return expf (-scaled * scaled / 2) / (deviation * sqrtf (2 * (gfloat) G_PI));
}

static Tables *
make_tables (void)
{
  Tables *tables = g_new (Tables, 1);

  for (guint i = 0; i < FINENESS; i++) {
    for (guint j = 0; j < N_COARSE; j++) {
      gfloat entry = (gfloat) ((N_COARSE - j) * FINENESS + i);
      gfloat above = entry * (GAIN_UNIT / FINENESS) - N_COARSE * GAIN_UNIT / 2;

      tables->equal[i][j] = (1 - OUTLIERS) * get_normal (above, DEVIATION);
      tables->covered[i][j] =
          OUTLIERS +
          (1 - OUTLIERS) / 2 * erfcf (-above / (DEVIATION * (gfloat) G_SQRT2));
    }
  }
  for (guint i = 0; i <= N_KERNEL; i++)
    tables->kernel[i] = get_normal ((gfloat) i * RESIDUAL_UNIT, DEVIATION);
  for (gint i = 0; i < N_RESIDUALS; i++)
    tables->broad[i] =
        get_normal ((gfloat) (i - N_RESIDUALS / 2) * RESIDUAL_UNIT, BROAD);

  return tables;
}

static const Tables *
get_tables (void)
{
  static gsize tables;

  if (g_once_init_enter (&tables))
    g_once_init_leave (&tables, (gsize) make_tables ());
  return (const Tables *) tables;
}

static gfloat
get_level (const WeirAudioHistory *history, gint32 step, guint band)
{
  return MAX (
      history->bands[(guint32) step % N_STEPS].highest[band], LEAST_LEVEL);
}

/* ---- What is rare ---- */

/* The bands' means over the steps. */
static void
get_means (const WeirAudioHistory *history, gint32 first, gint32 last,
    gfloat means[WEIR_SOUND_N_BANDS])
{
  memset (means, 0, WEIR_SOUND_N_BANDS * sizeof (gfloat));
  for (gint32 i = first; i <= last; i++)
    for (guint j = 0; j < WEIR_SOUND_N_BANDS; j++)
      means[j] += get_level (history, i, j);
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
    changes[i] = get_level (history, step, i) - means[i];
  for (gint i = 0; i < WEIR_SOUND_N_BANDS; i++) {
    gint low = MAX (i - N_BESIDE, 0);
    gint high = MIN (i + N_BESIDE, WEIR_SOUND_N_BANDS - 1);
    gfloat sum = 0, residual;
    gint number;

    for (gint j = low; j <= high; j++)
      sum += changes[j];
    residual = changes[i] - SHARED * sum / (gfloat) (high - low + 1);
    number = (gint) lrintf (residual / RESIDUAL_UNIT) + N_RESIDUALS / 2;
    residuals[i] = (guint8) CLAMP (number, 0, N_RESIDUALS - 1);
  }
}

/* F / p by residual, out of how often each was among @n. */
static void
get_rarities (const Tables *tables, const guint counts[N_RESIDUALS], guint n,
    gfloat rarities[N_RESIDUALS])
{
  gfloat below = 0;

  for (gint i = 0; i < N_RESIDUALS; i++) {
    gint last = MIN (i + N_KERNEL, N_RESIDUALS - 1);
    gfloat sum = 0, density;

    for (gint j = MAX (i - N_KERNEL, 0); j <= last; j++)
      sum += (gfloat) counts[j] * tables->kernel[ABS (i - j)];
    density =
        (1 - BROAD_PART) * sum / (gfloat) n + BROAD_PART * tables->broad[i];
    below += density * RESIDUAL_UNIT;
    rarities[i] = MIN (below / density - RESIDUAL_UNIT / 2, GREATEST_RARITY);
  }
}

static void
find_rarities (const Tables *tables, WeirAudioHistory *history)
{
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
    get_rarities (tables, counts, n, rarities);
    for (guint i = 0; i < n; i++)
      found->values[((guint32) found->first + i) % N_STEPS][j] =
          rarities[residuals[i][j]];
  }
}

/* ---- Cells ---- */

/* The stream's level at a place between steps and bands. */
static gfloat
sample_level (
    const WeirAudioHistory *history, gdouble step, gint32 low_step, gfloat band)
{
  gfloat late = (gfloat) (step - low_step);
  guint low = (guint) band;
  guint high = MIN (low + 1, WEIR_SOUND_N_BANDS - 1);
  gfloat part = band - (gfloat) low;
  gfloat low_level = get_level (history, low_step, low);
  gfloat high_level = get_level (history, low_step, high);

  low_level += late * (get_level (history, low_step + 1, low) - low_level);
  high_level += late * (get_level (history, low_step + 1, high) - high_level);

  return low_level + part * (high_level - low_level);
}

/* Those of one step of the reference, at @now of the stream. */
static guint
collect_step (const WeirAudioHistory *history, gdouble now, gfloat shift,
    const WeirSoundStep *step, guint block, Cell cells[WEIR_SOUND_STEP_LEVELS])
{
  const WeirAudioRarities *rarities = &history->rarities;
  WeirStepLevel levels[WEIR_SOUND_STEP_LEVELS];
  guint n_levels = weir_step_levels_unpack (step, levels), n = 0;
  gint32 low_step = (gint32) floor (now);

  if (low_step < rarities->first || low_step + 1 > rarities->last)
    return 0;
  for (guint i = 0; i < n_levels; i++) {
    gfloat band = (gfloat) levels[i].band - shift;
    guint nearest;

    if (!(band >= 0 && band < WEIR_SOUND_N_BANDS))
      continue;
    nearest = MIN ((guint) lrintf (band), WEIR_SOUND_N_BANDS - 1);
    cells[n++] = (Cell){
      .difference =
          sample_level (history, now, low_step, band) - levels[i].level,
      .rarity = rarities->values[(guint32) lrint (now) % N_STEPS][nearest],
      .band = (guint8) levels[i].band,
      .block = (guint8) block,
      .is_loud = levels[i].depth < LOUD_DEPTH,
    };
  }

  return n;
}

/* From the newest on. */
static guint
collect_cells (const WeirAudioHistory *history, const WeirAudioPlace *place,
    const WeirSoundStep *steps, guint32 n_steps, Cell cells[MAX_CELLS])
{
  const gdouble stretch = (gdouble) place->warp.stretch;
  const gfloat shift =
      place->warp.shift * WEIR_SOUND_N_BANDS / WEIR_SPECTRUM_N_BINS;
  gint32 begin = weir_audio_history_get_begin (history),
         end = (gint32) history->end;
  gint64 first = (gint64) ceil ((begin * stretch + place->offset) / 2);
  gint64 last = (gint64) floor ((end * stretch + place->offset) / 2);
  guint n = 0;

  last = MIN (last, (gint64) n_steps - 1);
  for (gint64 i = last; i >= MAX (first, 0); i--) {
    gdouble now = weir_audio_place_get_step (place, i);
    gint32 age = end - 1 - (gint32) (2 * now);
    guint block = weir_audio_history_get_block ((guint) MAX (age, 0));

    if (block == N_BLOCKS || n + WEIR_SOUND_STEP_LEVELS > MAX_CELLS)
      break;
    n += collect_step (history, now, shift, &steps[i], block, &cells[n]);
  }

  return n;
}

/* The gain that some of the bands have, near the middle of what the others do;
 * FALSE when nothing is loud. */
static gboolean
get_usual_gain (const Cell *cells, guint n_cells, gfloat *gain)
{
  guint counts[N_OFFSETS] = { 0 }, n_loud = 0, n_below = 0, i;

  for (i = 0; i < n_cells; i++) {
    gint number =
        (gint) lrintf (cells[i].difference / GAIN_UNIT) + N_OFFSETS / 2;

    if (!cells[i].is_loud)
      continue;
    counts[CLAMP (number, 0, N_OFFSETS - 1)]++;
    n_loud++;
  }
  for (i = 0; i < N_OFFSETS - 1 && n_below < LOW_SHARE * (gfloat) n_loud; i++)
    n_below += counts[i];
  *gain = ((gfloat) i - N_OFFSETS / 2) * GAIN_UNIT;

  return n_loud >= MIN_LOUD;
}

/* ---- Likelihood ratios ---- */

static void
fold_band (Ratios *ratios, guint window, guint band)
{
  if (ratios->n_factors[band] == 0)
    return;
  for (guint i = 0; i < N_GAINS; i++) {
    ratios->sums[window][band][i] += logf (ratios->products[band][i]);
    ratios->products[band][i] = 1;
  }
  ratios->n_factors[band] = 0;
}

/* The logarithms' arguments of a cell: @rarity times the first and the second,
 * by gain. */
static void
get_entries (const Tables *tables, const Cell *cell, gfloat usual_gain,
    const gfloat **equal, const gfloat **covered)
{
  const gfloat entry = GAIN_UNIT / FINENESS;
  gfloat above = CLAMP (cell->difference - usual_gain, -FURTHEST, FURTHEST);
  /* Of the lowest gain, which is half of them below the usual one. */
  guint place = (guint) lrintf (
      (above + (N_GAINS / 2 + N_COARSE / 2) * GAIN_UNIT) / entry);

  *equal = &tables->equal[place % FINENESS][N_COARSE - place / FINENESS];
  *covered = &tables->covered[place % FINENESS][N_COARSE - place / FINENESS];
}

static void
add_cell (const WeirAudioDsp *dsp, const Tables *tables, Ratios *ratios,
    const Cell *cell, guint window, gfloat usual_gain)
{
  const gfloat *equal, *covered;

  get_entries (tables, cell, usual_gain, &equal, &covered);
  dsp->multiply (
      ratios->products[cell->band], equal, covered, cell->rarity, N_GAINS);
  if (++ratios->n_factors[cell->band] == MAX_FACTORS)
    fold_band (ratios, window, cell->band);
}

static void
sum_cells (const Tables *tables, const Cell *cells, guint n_cells,
    gfloat usual_gain, Ratios *ratios)
{
  const WeirAudioDsp *dsp = weir_audio_dsp_get ();
  guint window = 0;

  memset (ratios, 0, sizeof (*ratios));
  for (guint i = 0; i < N_BANDS; i++)
    for (guint j = 0; j < N_GAINS; j++)
      ratios->products[i][j] = 1;
  for (guint i = 0; i < n_cells; i++) {
    while (cells[i].block >= weir_audio_window_get_n_blocks (window)) {
      for (guint j = 0; j < N_BANDS; j++)
        fold_band (ratios, window, j);
      window++;
    }
    add_cell (dsp, tables, ratios, &cells[i], window, usual_gain);
  }
  for (guint i = 0; i < N_BANDS; i++)
    fold_band (ratios, window, i);
}

/* For each band and its gain the greatest sum over the bands up to it of any row
 * of gains, less their price. */
static void
sum_bands (gfloat sums[N_BANDS][N_GAINS], gfloat best[N_BANDS][N_GAINS])
{
  memcpy (best[0], sums[0], sizeof (best[0]));
  for (guint i = 1; i < N_BANDS; i++) {
    memcpy (best[i], best[i - 1], sizeof (best[i]));
    for (guint j = 1; j < N_GAINS; j++)
      best[i][j] = MAX (best[i][j], best[i][j - 1] - GAIN_PRICE);
    for (guint j = N_GAINS - 1; j > 0; j--)
      best[i][j - 1] = MAX (best[i][j - 1], best[i][j] - GAIN_PRICE);
    for (guint j = 0; j < N_GAINS; j++)
      best[i][j] += sums[i][j];
  }
}

/* The gain with the greatest sum, less @price for each unit that it is from
 * @near. */
static guint
choose_gain (const gfloat best[N_GAINS], guint near, gfloat price)
{
  gfloat greatest = -G_MAXFLOAT;
  guint chosen = 0;

  for (guint i = 0; i < N_GAINS; i++) {
    gfloat sum = best[i] - price * (gfloat) ABS ((gint) i - (gint) near);

    if (sum > greatest) {
      greatest = sum;
      chosen = i;
    }
  }

  return chosen;
}

/* What the cells of the first @n_blocks are worth by block, with the gains that
 * give the greatest sum, @highest of the highest band. */
static void
sum_blocks (const Tables *tables, const Cell *cells, guint n_cells,
    gfloat usual_gain, gfloat best[N_BANDS][N_GAINS], guint highest,
    guint n_blocks, gdouble blocks[N_BLOCKS])
{
  guint gains[N_BANDS];

  gains[N_BANDS - 1] = highest;
  for (guint i = N_BANDS - 1; i > 0; i--)
    gains[i - 1] = choose_gain (best[i - 1], gains[i], GAIN_PRICE);
  memset (blocks, 0, N_BLOCKS * sizeof (gdouble));
  for (guint i = 0; i < n_cells && cells[i].block < n_blocks; i++) {
    guint gain = gains[cells[i].band];
    const gfloat *equal, *covered;

    get_entries (tables, &cells[i], usual_gain, &equal, &covered);
    blocks[cells[i].block] +=
        (gdouble) logf (cells[i].rarity * equal[gain] + covered[gain]);
  }
}

void
weir_audio_levels_compare (WeirAudioHistory *history,
    const WeirAudioPlace *place, const WeirSoundStep *steps, guint32 n_steps,
    const gdouble enough[N_WINDOWS], WeirAudioLevels *levels)
{
  const Tables *tables = get_tables ();
  gfloat best[N_BANDS][N_GAINS];
  Cell cells[MAX_CELLS];
  Ratios ratios;
  gfloat usual_gain;
  guint n_cells;

  memset (levels->values, 0, sizeof (levels->values));
  if (history->rarities.end != history->end)
    find_rarities (tables, history);
  n_cells = collect_cells (history, place, steps, n_steps, cells);
  if (n_cells < MIN_CELLS || !get_usual_gain (cells, n_cells, &usual_gain))
    return;
  sum_cells (tables, cells, n_cells, usual_gain, &ratios);
  for (guint i = 0; i < N_WINDOWS; i++) {
    guint highest;

    if (i > 0)
      for (guint j = 0; j < N_BANDS; j++)
        for (guint k = 0; k < N_GAINS; k++)
          ratios.sums[i][j][k] += ratios.sums[i - 1][j][k];
    sum_bands (ratios.sums[i], best);
    highest = choose_gain (best[N_BANDS - 1], 0, 0);
    levels->values[i] = (gdouble) best[N_BANDS - 1][highest];
    if (levels->values[i] >= enough[i])
      sum_blocks (tables, cells, n_cells, usual_gain, best, highest,
          weir_audio_window_get_n_blocks (i), levels->blocks[i]);
  }
}
