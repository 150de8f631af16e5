/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How well the levels of a stream follow those of a reference. */
#include "match/audio-levels.h"

#include "fingerprint/step-levels.h"
#include "match/audio-dsp.h"
#include "match/audio-rarities.h"

#include <math.h>
#include <string.h>

#define N_BANDS (2 * WEIR_SOUND_STEP_LEVELS)

/* Of a copy: by how much its levels differ from the reference's, and the share of
 * what obeys no rule. */
#define DEVIATION WEIR_AUDIO_LEVEL_DEVIATION
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

/* The same seconds are compared out of step too, so many times, when a window is
 * worth this, nats. The first is out of step by that share of the seconds, each
 * of the others by the golden section more, modulo; so that they are spread and no
 * rhythm is met by all of them. None is by less than LEAST_SHARE either way. */
#define N_CONTROLS       8
#define LEAST_CONTROLLED 10.0
#define FIRST_CONTROL    0.3
#define GOLDEN_SECTION   0.618034
#define LEAST_SHARE      0.1

/* Comparisons out of step before weir_audio_history_renew_controls(). */
#define MAX_CONTROLS 64

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
} Tables;

/* Likelihood ratios by band and gain: logarithms by window, and of the window at
 * hand what is yet to be added, as a product and a power of two. */
typedef struct {
  gfloat sums[N_WINDOWS][N_BANDS][N_GAINS];
  gfloat products[N_BANDS][N_GAINS];
  gfloat exponents[N_BANDS][N_GAINS];
  guint n_factors[N_BANDS]; /* since the products were less than 2 */
} Ratios;

static Tables *
make_tables (void)
{
  Tables *tables = g_new (Tables, 1);

  for (guint i = 0; i < FINENESS; i++) {
    for (guint j = 0; j < N_COARSE; j++) {
      gfloat entry = (gfloat) ((N_COARSE - j) * FINENESS + i);
      gfloat above = entry * (GAIN_UNIT / FINENESS) - N_COARSE * GAIN_UNIT / 2;

      tables->equal[i][j] =
          (1 - OUTLIERS) * weir_audio_normal_get (above, DEVIATION);
      tables->covered[i][j] =
          OUTLIERS +
          (1 - OUTLIERS) / 2 * erfcf (-above / (DEVIATION * (gfloat) G_SQRT2));
    }
  }

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
  gfloat low_level = weir_audio_level_get (history, low_step, low);
  gfloat high_level = weir_audio_level_get (history, low_step, high);

  low_level +=
      late * (weir_audio_level_get (history, low_step + 1, low) - low_level);
  high_level +=
      late * (weir_audio_level_get (history, low_step + 1, high) - high_level);

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

/* @now, when it is one of the steps that are compared, moved among them by a
 * share of their number; what leaves at the end comes again at the beginning. */
static gdouble
move_step (const WeirAudioRarities *rarities, gdouble now, gdouble share)
{
  gdouble moved = now + share * (rarities->last - rarities->first);

  if (now < rarities->first || now >= rarities->last)
    return now;
  return moved < rarities->last ? moved
                                : moved - (rarities->last - rarities->first);
}

/* From the newest on. The stream's steps are moved by @share. */
static guint
collect_cells (const WeirAudioHistory *history, const WeirAudioPlace *place,
    const WeirSoundStep *steps, guint32 n_steps, gdouble share,
    Cell cells[MAX_CELLS])
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
    now = move_step (&history->rarities, now, share);
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

/* Adds what the window at hand has. */
static void
finish_window (Ratios *ratios, guint window)
{
  for (guint i = 0; i < N_BANDS; i++)
    for (guint j = 0; j < N_GAINS; j++) {
      ratios->sums[window][i][j] = logf (ratios->products[i][j]) +
                                   (gfloat) G_LN2 * ratios->exponents[i][j];
      ratios->products[i][j] = 1;
      ratios->exponents[i][j] = 0;
    }
  memset (ratios->n_factors, 0, sizeof (ratios->n_factors));
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
    const Cell *cell, gfloat usual_gain)
{
  const guint band = cell->band;
  const gfloat *equal, *covered;

  get_entries (tables, cell, usual_gain, &equal, &covered);
  dsp->multiply (ratios->products[band], equal, covered, cell->rarity, N_GAINS);
  if (++ratios->n_factors[band] == MAX_FACTORS) {
    dsp->take_exponents (
        ratios->products[band], ratios->exponents[band], N_GAINS);
    ratios->n_factors[band] = 0;
  }
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
    while (cells[i].block >= weir_audio_window_get_n_blocks (window))
      finish_window (ratios, window++);
    add_cell (dsp, tables, ratios, &cells[i], usual_gain);
  }
  finish_window (ratios, window);
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

/* Of each window with the shorter ones in it the greatest sum of any gains. Where
 * it is @enough[], what its blocks are worth. FALSE when there is too little. */
static gboolean
compare (const WeirAudioHistory *history, const WeirAudioPlace *place,
    const WeirSoundStep *steps, guint32 n_steps, gdouble share,
    const gdouble enough[N_WINDOWS], WeirAudioLevels *levels)
{
  const Tables *tables = get_tables ();
  gfloat best[N_BANDS][N_GAINS];
  Cell cells[MAX_CELLS];
  Ratios ratios;
  gfloat usual_gain;
  guint n_cells;

  n_cells = collect_cells (history, place, steps, n_steps, share, cells);
  if (n_cells < MIN_CELLS || !get_usual_gain (cells, n_cells, &usual_gain))
    return FALSE;
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

  return TRUE;
}

/* What the same seconds are worth out of step. */
typedef struct {
  guint n;
  gdouble highest[N_WINDOWS]; /* 0 at least */
  gdouble sums[N_WINDOWS];
  gdouble squares[N_WINDOWS];
} Controls;

static void
add_control (Controls *controls, const WeirAudioLevels *control)
{
  controls->n++;
  for (guint i = 0; i < N_WINDOWS; i++) {
    gdouble value = control->values[i];

    controls->highest[i] = MAX (controls->highest[i], value);
    controls->sums[i] += value;
    controls->squares[i] += value * value;
  }
}

/* What is taken off: the highest of them, and as much as they differ by, for the
 * places in step were chosen from more than there are controls. */
static gdouble
get_controlled (const Controls *controls, guint window)
{
  gdouble mean, variance;

  if (controls->n < 2)
    return controls->highest[window];
  mean = controls->sums[window] / controls->n;
  variance = controls->squares[window] / controls->n - mean * mean;

  return controls->highest[window] + sqrt (MAX (variance, 0));
}

/* Whether a window is worth enough without what controls take off. */
static gboolean
is_enough (const WeirAudioLevels *levels, const Controls *controls,
    const gdouble enough[N_WINDOWS])
{
  for (guint i = 0; i < N_WINDOWS; i++)
    if (levels->values[i] - get_controlled (controls, i) >=
        MAX (enough[i], LEAST_CONTROLLED))
      return TRUE;

  return FALSE;
}

/* By how much of them the seconds are out of step. */
static gdouble
get_control_share (guint number)
{
  gdouble turn = fmod (FIRST_CONTROL + number * GOLDEN_SECTION, 1);

  return LEAST_SHARE + (1 - 2 * LEAST_SHARE) * turn;
}

/* Takes off what the same seconds are worth out of step; as soon as that leaves
 * too little, the rest is not looked at. FALSE when there have been too many
 * already. */
static gboolean
take_off_controls (WeirAudioHistory *history, const WeirAudioPlace *place,
    const WeirSoundStep *steps, guint32 n_steps,
    const gdouble enough[N_WINDOWS], WeirAudioLevels *levels)
{
  static const gdouble never[N_WINDOWS] = { G_MAXDOUBLE, G_MAXDOUBLE,
    G_MAXDOUBLE };
  Controls controls = { 0 };

  for (guint i = 0; i < N_CONTROLS && is_enough (levels, &controls, enough);
       i++) {
    gdouble share = get_control_share (i);
    WeirAudioLevels control;

    if (history->n_controls++ >= MAX_CONTROLS)
      return FALSE;
    if (compare (history, place, steps, n_steps, share, never, &control))
      add_control (&controls, &control);
  }
  for (guint i = 0; i < N_WINDOWS; i++)
    levels->values[i] -= get_controlled (&controls, i);

  return TRUE;
}

gboolean
weir_audio_levels_compare (WeirAudioHistory *history,
    const WeirAudioPlace *place, const WeirSoundStep *steps, guint32 n_steps,
    gboolean is_known, const gdouble enough[N_WINDOWS], WeirAudioLevels *levels)
{
  memset (levels->values, 0, sizeof (levels->values));
  if (history->rarities.end != history->end)
    weir_audio_rarities_find (history);

  return !compare (history, place, steps, n_steps, 0, enough, levels) ||
         is_known ||
         take_off_controls (history, place, steps, n_steps, enough, levels);
}
