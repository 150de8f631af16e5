/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Weighted least squares of reference time on stream time. */

#include "match/track.h"

#include <math.h>

#define SECOND 1e9

/* The speeds that copies are played at: mostly 1, from 0.5 to 2. */
#define SPEED_MIN             0.45
#define SPEED_MAX             2.2
#define SPEED_PRIOR           1.0
#define SPEED_PRIOR_DEVIATION 0.4

/* A speed within so much of 1, or within so many of its own standard
 * deviations, is told as 1. Hits of one scene err together, so that it is off by
 * two of them more often than by chance. */
#define SPEED_TOLERANCE  0.02
#define SPEED_DEVIATIONS 3.0

void
weir_track_init (
    WeirTrack *track, gint64 time, gint64 position, gint64 deviation)
{
  *track = (WeirTrack){ .x_origin = time, .y_origin = position };
  weir_track_add (track, time, position, deviation, 1);
}

void
weir_track_add (WeirTrack *track, gint64 time, gint64 position,
    gint64 deviation, gdouble share)
{
  gdouble x = (time - track->x_origin) / SECOND;
  gdouble y = (position - track->y_origin) / SECOND;
  gdouble weight = share / ((deviation / SECOND) * (deviation / SECOND));

  track->weight += weight;
  track->x += weight * x;
  track->y += weight * y;
  track->xx += weight * x * x;
  track->xy += weight * x * y;
}

WeirTrackPoint
weir_track_get (const WeirTrack *track, gint64 time)
{
  gdouble prior = 1 / (SPEED_PRIOR_DEVIATION * SPEED_PRIOR_DEVIATION);
  gdouble x_mean = track->x / track->weight;
  gdouble y_mean = track->y / track->weight;
  gdouble x = (time - track->x_origin) / SECOND - x_mean;
  gdouble xx = MAX (track->xx - track->x * x_mean, 0);
  gdouble xy = track->xy - track->x * y_mean;
  gdouble speed = (xy + SPEED_PRIOR * prior) / (xx + prior);
  gdouble variance = 1 / (xx + prior);
  gdouble deviation = sqrt (1 / track->weight + x * x * variance);

  speed = CLAMP (speed, SPEED_MIN, SPEED_MAX);
  if (fabs (speed - 1) <=
      MAX (SPEED_TOLERANCE, SPEED_DEVIATIONS * sqrt (variance)))
    speed = 1;
  return (WeirTrackPoint){
    .speed = speed,
    .position = track->y_origin + (gint64) ((y_mean + speed * x) * SECOND),
    .deviation = (gint64) (deviation * SECOND),
  };
}
