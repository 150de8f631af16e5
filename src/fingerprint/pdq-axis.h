/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How one side of a picture is reduced to PDQ's grid: what each sample weighs
 * after two box passes and the choice of 64 of their results (pdq.h).
 */
#pragma once

#include "fingerprint/pdq-dsp.h"

G_BEGIN_DECLS

/* One side of a picture. */
typedef struct {
  guint length; /* samples, WEIR_PDQ_MIN_SIDE..MAX_SIDE */
} WeirPdqSpan;

/* What multiplies the weights of the rows of a picture so high, to make them
 * whole numbers; the columns make up for it. */
gdouble weir_pdq_span_get_gain (const WeirPdqSpan *rows);

/* Sets @axis to the weights of @span times @gain. Clear with
 * weir_pdq_axis_clear(). */
void weir_pdq_axis_init (
    WeirPdqAxis *axis, const WeirPdqSpan *span, gdouble gain);
void weir_pdq_axis_clear (WeirPdqAxis *axis);

G_END_DECLS
