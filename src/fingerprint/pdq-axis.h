/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How one side of a picture is reduced to PDQ's grid: what each sample weighs
 * after two box passes and the choice of 64 of their results (pdq.h).
 *
 * The samples at hand may be means of several of the picture's (coarse.h). Each
 * then weighs what those would together: the centres of the weights stay where
 * they are, wherever the picture begins.
 *
 * A rough grid has 32 points each way, which is enough for the 16 frequencies of
 * a hash as long as what is finer than 32 of them is kept out: each point is a
 * mean of four of the grid's, one of them to each side of the two in its place.
 * What the mean takes off each frequency the transform puts back. The hash is
 * that of the grid but for a bit, of a fourth of the points.
 */
#pragma once

#include "fingerprint/pdq-dsp.h"

G_BEGIN_DECLS

/* One side of a picture. */
typedef struct {
  guint length; /* samples, WEIR_PDQ_MIN_SIDE..MAX_SIDE */
  guint block; /* of so many a sample at hand is the mean; 1: all are at hand */
  guint phase; /* the picture begins so far into the first block */
  gboolean rough; /* for a rough grid */
} WeirPdqSpan;

/* How many samples are at hand. */
static inline guint
weir_pdq_span_count (const WeirPdqSpan *span)
{
  return (span->phase + span->length + span->block - 1) / span->block;
}

/* What the mean of four points leaves of @frequency, 1..16. */
gdouble weir_pdq_rough_get_response (guint frequency);

/* What multiplies the weights of the rows of a picture so high, to make them
 * whole numbers; the columns make up for it. */
gdouble weir_pdq_span_get_gain (const WeirPdqSpan *rows);

/* Sets @axis to the weights of @span times @gain; those of rows of a rough grid
 * are rounded to whole numbers. Clear with weir_pdq_axis_clear(). */
void weir_pdq_axis_init (
    WeirPdqAxis *axis, const WeirPdqSpan *span, gdouble gain);
void weir_pdq_axis_clear (WeirPdqAxis *axis);

/* A hasher for pictures of any size. */
WeirPdqHasher *weir_pdq_hasher_new_for_axes (void);

/* As weir_pdq_hasher_run(), of the samples at hand of a picture with @columns
 * across and @rows down. Allocates only when there are more columns than ever
 * before. */
void weir_pdq_hasher_run_axes (WeirPdqHasher *hasher, const WeirPdqAxis *rows,
    const WeirPdqAxis *columns, const WeirLuma *luma, WeirPdqPicture *picture);

G_END_DECLS
