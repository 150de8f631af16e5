/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the samples along one side of a picture weigh in PDQ's grid. */

#include "fingerprint/pdq-axis.h"

#include <math.h>

#define GRID WEIR_PDQ_GRID

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
  guint centre = (guint) (((point + 0.5) * side) / GRID);
  Box outer = box_about (centre, window, side);
  guint first = box_about (outer.first, window, side).first;
  guint last = box_about (outer.last, window, side).last;
  guint first_block = (first + span->phase) / span->block;
  guint last_block = (last + span->phase) / span->block;
  gfloat *weights = axis->weights + point * axis->n_weights;
  gboolean whole = TRUE;

  for (guint i = first; i <= last; i++) {
    gdouble weight = get_weight (i, &outer, window, side, gain);

    weights[(i + span->phase) / span->block - first_block] += (gfloat) weight;
    whole = whole && weight == floor (weight);
  }
  axis->first[point] = first_block;
  axis->count[point] = last_block - first_block + 1;
  axis->whole[point] = whole && get_heaviest (span) <= WEIR_PDQ_WINDOW_WHOLE;
  if (axis->whole[point])
    axis_set_whole_weights (axis, point);
}

/* The weights of all rows of a grid row add up to window^2. */
static guint
rows_at_once (const WeirPdqSpan *span)
{
  guint window = window_size (span->length);

  if (window * window <= WEIR_PDQ_WEIGHTS_16_BITS)
    return 2 * window;
  return MAX (WEIR_PDQ_WEIGHTS_16_BITS / get_heaviest (span) / 2 * 2, 2);
}

void
weir_pdq_axis_init (WeirPdqAxis *axis, const WeirPdqSpan *span, gdouble gain)
{
  guint longest = 2 * window_size (span->length) - 1;

  longest = (longest + 2 * span->block - 2) / span->block;
  axis->n_samples = weir_pdq_span_count (span);
  axis->n_weights =
      (longest + WEIR_PDQ_LANES - 1) / WEIR_PDQ_LANES * WEIR_PDQ_LANES;
  axis->weights = g_new0 (gfloat, GRID * axis->n_weights);
  axis->whole_weights = g_new0 (guint8, GRID * axis->n_weights);
  for (guint i = 0; i < GRID; i++)
    axis_set_point (axis, i, span, gain);
  axis->rows_at_once = rows_at_once (span);
}

void
weir_pdq_axis_clear (WeirPdqAxis *axis)
{
  g_free (axis->weights);
  g_free (axis->whole_weights);
}

gdouble
weir_pdq_span_get_gain (const WeirPdqSpan *rows)
{
  return (gdouble) window_size (rows->length) * window_size (rows->length);
}
