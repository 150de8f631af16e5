/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where a stream is in a reference: a straight line through pairs of stream
 * time and reference time, whose slope is the speed.
 *
 * Least squares, each pair weighted by the inverse of its variance, with a
 * normal prior on the slope (A. Gelman et al., "Bayesian Data Analysis", 2013,
 * section 14.8): a picture that stands still knows neither place nor speed,
 * and weighs next to nothing.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* All times in ns. Sums of weight, of its products with the stream time, x,
 * and with the reference time, y, in seconds from the origins. */
typedef struct {
  gint64 x_origin;
  gint64 y_origin;
  gdouble weight, x, y, xx, xy;
} WeirTrack;

/* What it says. */
typedef struct {
  gdouble speed;    /* exactly 1 when it cannot be told from 1 */
  gint64 position;  /* in the reference; below 0 before its start */
  gint64 deviation; /* standard deviation of the position */
} WeirTrackPoint;

/* The stream showed @position at @time, known to @deviation (> 0). */
void weir_track_init (
    WeirTrack *track, gint64 time, gint64 position, gint64 deviation);

/* As above, once more. @share (0..1) of a whole observation: pictures that
 * tell the same again are worth less. */
void weir_track_add (WeirTrack *track, gint64 time, gint64 position,
    gint64 deviation, gdouble share);

/* Where the stream is at @time, which may be before what was added. */
WeirTrackPoint weir_track_get (const WeirTrack *track, gint64 time);

G_END_DECLS
