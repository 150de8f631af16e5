/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Place and speed from pairs of stream time and reference time. */
#include "match/track.h"

#include <math.h>

#define MS     G_GINT64_CONSTANT (1000000)
#define SECOND (1000 * MS)

/* A track through @n pairs each @step ns at @speed, off by up to @error ns to
 * both sides in turn; it begins at @time and @position. */
static WeirTrack
make_track (gint64 time, gint64 position, gdouble speed, guint n, gint64 step,
    gint64 error)
{
  WeirTrack track;
  guint i;

  for (i = 0; i < n; i++) {
    gint64 later = i * step;
    gint64 seen = position + (gint64) (later * speed);

    seen += i % 2 == 0 ? error : -error;
    if (i == 0)
      weir_track_init (&track, time, seen, 50 * MS);
    else
      weir_track_add (&track, time + later, seen, 50 * MS, 1);
  }
  return track;
}

static void
test_speeds (void)
{
  static const gdouble speeds[] = { 0.5, 0.8, 0.9, 1.1, 1.25, 1.5, 2 };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (speeds); i++) {
    WeirTrack track = make_track (
        3600 * SECOND, 100 * SECOND, speeds[i], 40, SECOND / 4, 40 * MS);
    WeirTrackPoint first = weir_track_get (&track, 3600 * SECOND);
    WeirTrackPoint later = weir_track_get (&track, 3620 * SECOND);

    g_assert_cmpfloat (fabs (first.speed - speeds[i]), <, 0.02);
    g_assert_cmpint (ABS (first.position - 100 * SECOND), <, 60 * MS);
    g_assert_cmpint (ABS (later.position - 100 * SECOND -
                          (gint64) (20 * SECOND * speeds[i])),
        <, 250 * MS);
  }
}

/* Speed 1 is told as exactly 1, whatever the pairs are off by. */
static void
test_one (void)
{
  static const gdouble speeds[] = { 0.99, 1, 1.01 };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (speeds); i++) {
    WeirTrack track =
        make_track (0, 5 * SECOND, speeds[i], 50, SECOND / 5, 40 * MS);

    g_assert_cmpfloat (weir_track_get (&track, SECOND).speed, ==, 1);
  }
}

/* What has just begun may be anywhere soon, and is taken for speed 1. */
static void
test_young (void)
{
  WeirTrack track = make_track (0, 5 * SECOND, 2, 1, SECOND, 0);
  WeirTrackPoint now = weir_track_get (&track, 0);
  WeirTrackPoint later = weir_track_get (&track, 2 * SECOND);

  g_assert_cmpfloat (later.speed, ==, 1);
  g_assert_cmpint (now.deviation, ==, 50 * MS);
  g_assert_cmpint (later.deviation, >, 500 * MS);
  g_assert_cmpint (later.position, ==, 7 * SECOND);
}

/* A picture that stands for five seconds is in the middle of them, give or
 * take; what moves after it says where it was. */
static void
test_still_start (void)
{
  WeirTrack track;
  WeirTrackPoint first;
  guint i;

  weir_track_init (&track, 0, 2500 * MS, 1440 * MS);
  for (i = 1; i < 60; i++)
    weir_track_add (&track, i * SECOND / 30, 2500 * MS, 1440 * MS, 0.05);
  for (i = 0; i < 10; i++)
    weir_track_add (&track, 2 * SECOND + i * SECOND / 10,
        5 * SECOND + i * SECOND / 10, 50 * MS, 1);
  first = weir_track_get (&track, 0);
  g_assert_cmpfloat (first.speed, ==, 1);
  g_assert_cmpint (ABS (first.position - 3 * SECOND), <, 100 * MS);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/track/speeds", test_speeds);
  g_test_add_func ("/track/one", test_one);
  g_test_add_func ("/track/young", test_young);
  g_test_add_func ("/track/still-start", test_still_start);
  return g_test_run ();
}
