/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the samples along one side of a picture weigh in PDQ's grid. */

#include "fingerprint/pdq-axis.h"

#include <math.h>

#define GRID  WEIR_PDQ_GRID
#define ROUGH WEIR_PDQ_ROUGH_GRID

/* The weights of four neighbours in the mean that is a point of a rough grid.
 * With 0.41 as much at the sides as in the middle nothing would be left of
 * frequency 48, which 32 points cannot tell from 16. */
#define N_JOINED 4

static const gdouble joined[N_JOINED] = { 2. / 14, 5. / 14, 5. / 14, 2. / 14 };

/* What the weights of a rough grid's rows add up to: as much as keeps the
 * heaviest, which but at the edges has 5 / 14 at most, below
 * WEIR_PDQ_WINDOW_WHOLE. */
#define ROUGH_GAIN 176

/* A box of @window samples about one sample, cut off at the picture's edges. */
typedef struct {
  guint first;
  guint last;
} Box;

static guint
window_size (guint side)
{
  return (side + 2 * GRID - 1) / (2 * GRID);
}

static Box
box_about (guint centre, guint window, guint side)
{
  guint after = (window + 2) / 2 - 1;
  guint before = window - 1 - after;
  Box box = {
    .first = centre > before ? centre - before : 0,
    .last = MIN (centre + after, side - 1),
  };

  return box;
}

static void
axis_set_whole_weights (WeirPdqAxis *axis, guint point)
{
  gsize first = (gsize) point * axis->n_weights;

  for (guint i = 0; i < axis->n_weights; i++)
    axis->whole_weights[first + i] = (guint8) axis->weights[first + i];
}

/* The means of the first pass that the second takes the mean of. */
static Box
get_outer (const WeirPdqSpan *span, guint point)
{
  guint centre = (guint) (((point + 0.5) * span->length) / GRID);

  return box_about (centre, window_size (span->length), span->length);
}

/* The samples that the means in @outer are of. */
static Box
get_reach (const WeirPdqSpan *span, const Box *outer)
{
  guint side = span->length, window = window_size (side);

  return (Box){
    .first = box_about (outer->first, window, side).first,
    .last = box_about (outer->last, window, side).last,
  };
}

/* Which of the samples at hand has sample @position. */
static guint
get_block (const WeirPdqSpan *span, guint position)
{
  return (position + span->phase) / span->block;
}

/* What sample @position weighs in a grid point, the means of which the second
 * pass takes being those in @outer. Elsewhere than at the edges it is @gain /
 * window^2 times a whole number. */
static gdouble
get_weight (
    guint position, const Box *outer, guint window, guint side, gdouble gain)
{
  gdouble weight = 0.0;

  for (guint i = outer->first; i <= outer->last; i++) {
    Box inner = box_about (i, window, side);

    if (position >= inner.first && position <= inner.last)
      weight += gain / ((gdouble) (outer->last - outer->first + 1) *
                           (inner.last - inner.first + 1));
  }
  return weight;
}

/* Makes the weights of @point whole, as near to what they were as their sum
 * allows, which stays. */
static void
axis_round_point (WeirPdqAxis *axis, guint point, guint sum)
{
  gfloat *weights = axis->weights + point * axis->n_weights;
  guint8 *whole = axis->whole_weights + point * axis->n_weights;
  guint rest = sum, i;

  for (i = 0; i < axis->count[point]; i++) {
    whole[i] = (guint8) weights[i];
    rest -= whole[i];
  }
  for (; rest > 0; rest--) {
    guint most = 0;

    for (i = 1; i < axis->count[point]; i++)
      if (weights[i] - whole[i] > weights[most] - whole[most])
        most = i;
    whole[most]++;
  }
  axis->whole[point] = TRUE;
  for (i = 0; i < axis->count[point]; i++) {
    weights[i] = whole[i];
    axis->whole[point] &= whole[i] <= WEIR_PDQ_WINDOW_WHOLE;
  }
}

/* Adds the weights of grid point @from, times @gain, to @weights, of samples at
 * hand from @first_block on. Returns the last of these. */
static guint
add_grid_point (gfloat *weights, guint first_block, guint from,
    const WeirPdqSpan *span, gdouble gain)
{
  guint side = span->length, window = window_size (side);
  Box outer = get_outer (span, from);
  Box reach = get_reach (span, &outer);

  for (guint i = reach.first; i <= reach.last; i++)
    weights[get_block (span, i) - first_block] +=
        (gfloat) get_weight (i, &outer, window, side, gain);
  return get_block (span, reach.last);
}

/* The weights of @point of a rough grid, times @gain. Past the edges the picture
 * goes on as its mirror image. */
static void
axis_set_rough_point (
    WeirPdqAxis *axis, guint point, const WeirPdqSpan *span, gdouble gain)
{
  Box outer = get_outer (span, point > 0 ? 2 * point - 1 : 0);
  guint first_block = get_block (span, get_reach (span, &outer).first);
  gfloat *weights = axis->weights + point * axis->n_weights;
  guint last_block = first_block;

  for (guint i = 0; i < N_JOINED; i++) {
    gint from = CLAMP ((gint) (2 * point + i) - 1, 0, GRID - 1);

    last_block = add_grid_point (
        weights, first_block, (guint) from, span, gain * joined[i]);
  }
  axis->first[point] = first_block;
  axis->count[point] = last_block - first_block + 1;
  if (gain > 1)
    axis_round_point (axis, point, ROUGH_GAIN);
}

/* The heaviest that a sample at hand can be, in whole weights. */
static guint
get_heaviest (const WeirPdqSpan *span)
{
  guint window = window_size (span->length);

  return MIN (window * span->block, window * window);
}

/* The weights of grid point @point after two box passes, times @gain. An even
 * window is cut off at the last grid point: its weights are not whole. */
static void
axis_set_point (
    WeirPdqAxis *axis, guint point, const WeirPdqSpan *span, gdouble gain)
{
  guint side = span->length, window = window_size (side);
  Box outer = get_outer (span, point);
  Box reach = get_reach (span, &outer);
  guint first_block = get_block (span, reach.first);
  gfloat *weights = axis->weights + point * axis->n_weights;
  gboolean whole = TRUE;

  for (guint i = reach.first; i <= reach.last; i++) {
    gdouble weight = get_weight (i, &outer, window, side, gain);

    weights[get_block (span, i) - first_block] += (gfloat) weight;
    whole = whole && weight == floor (weight);
  }
  axis->first[point] = first_block;
  axis->count[point] = get_block (span, reach.last) - first_block + 1;
  axis->whole[point] = whole && get_heaviest (span) <= WEIR_PDQ_WINDOW_WHOLE;
  if (axis->whole[point])
    axis_set_whole_weights (axis, point);
}

/* The weights of all rows of a grid row add up to the gain. */
static guint
rows_at_once (const WeirPdqAxis *axis, const WeirPdqSpan *span)
{
  if (weir_pdq_span_get_gain (span) <= WEIR_PDQ_WEIGHTS_16_BITS)
    return axis->n_weights;
  return MAX (WEIR_PDQ_WEIGHTS_16_BITS / get_heaviest (span) / 2 * 2, 2);
}

void
weir_pdq_axis_init (WeirPdqAxis *axis, const WeirPdqSpan *span, gdouble gain)
{
  guint longest = 2 * window_size (span->length) - 1;

  if (span->rough)
    longest += (N_JOINED - 1) * (span->length / GRID + 1);
  longest = (longest + 2 * span->block - 2) / span->block;
  axis->n_samples = weir_pdq_span_count (span);
  axis->n_points = span->rough ? ROUGH : GRID;
  axis->n_weights =
      (longest + WEIR_PDQ_LANES - 1) / WEIR_PDQ_LANES * WEIR_PDQ_LANES;
  axis->weights = g_new0 (gfloat, axis->n_points * axis->n_weights);
  axis->whole_weights = g_new0 (guint8, axis->n_points * axis->n_weights);
  for (guint i = 0; i < axis->n_points; i++) {
    if (span->rough)
      axis_set_rough_point (axis, i, span, gain);
    else
      axis_set_point (axis, i, span, gain);
  }
  axis->rows_at_once = rows_at_once (axis, span);
}

void
weir_pdq_axis_clear (WeirPdqAxis *axis)
{
  g_free (axis->weights);
  g_free (axis->whole_weights);
}

gdouble
weir_pdq_rough_get_response (guint frequency)
{
  gdouble angle = G_PI / 2 / GRID * frequency;

  return 2 * (joined[0] * cos (3 * angle) + joined[1] * cos (angle));
}

gdouble
weir_pdq_span_get_gain (const WeirPdqSpan *rows)
{
  if (rows->rough)
    return ROUGH_GAIN;
  return (gdouble) window_size (rows->length) * window_size (rows->length);
}
