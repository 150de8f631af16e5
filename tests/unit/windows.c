/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where parts of a copy that was cut anywhere are looked for, and how soon. */

#include "fingerprint/windows.h"

#include <math.h>

#define PART 0.5

/* Aims that a stream takes in five seconds: see the rates in frame.c. */
#define SOON 1165

/* A window so far from its place, in shares of its side, hits mostly; one that
 * is too large or small by twice as much does as well. */
#define NEAR 0.013

/* Where the parts that are looked for begin in a reference. */
static const struct {
  gdouble left, top;
} places[WEIR_N_VIEWS] = {
  [WEIR_VIEW_MIDDLE] = { 0.25, 0.25 },
  [WEIR_VIEW_INNER_TOP_LEFT] = { 0.125, 0.125 },
  [WEIR_VIEW_INNER_TOP_RIGHT] = { 0.375, 0.125 },
  [WEIR_VIEW_INNER_BOTTOM_LEFT] = { 0.125, 0.375 },
  [WEIR_VIEW_INNER_BOTTOM_RIGHT] = { 0.375, 0.375 },
};

/* A copy that lost @cut of the sides, of which these at the left and the top. */
typedef struct {
  gdouble cut, at_left, at_top;
} Crop;

/* How far @aim is from the part that it is to show of a copy. */
static gdouble
get_error (const WeirAim *aim, const Crop *crop)
{
  gdouble kept = 1 - crop->cut, size = PART / kept;
  gdouble left = (places[aim->view].left - crop->at_left * crop->cut) / kept;
  gdouble top = (places[aim->view].top - crop->at_top * crop->cut) / kept;
  gdouble grown = aim->window.width / size - 1;
  gdouble across =
      (aim->window.left + aim->window.width / 2 - left) / size - PART;
  gdouble down = (aim->window.top + aim->window.height / 2 - top) / size - PART;

  return sqrt (across * across + down * down + grown * grown / 4);
}

/* Every aim shows a part that is at no edge, where a copy that was cut by up to
 * a fifth may have it. */
static void
test_places (void)
{
  guint n_aims, n_views[WEIR_N_VIEWS] = { 0 }, view, i;
  const WeirAim *aims = weir_aims_get (WEIR_AIMS_STRAYS, &n_aims);

  for (i = 0; i < n_aims; i++) {
    const WeirWindow *window = &aims[i].window;
    gdouble kept = PART / window->width;
    gdouble at_left = places[aims[i].view].left - window->left * kept;
    gdouble at_top = places[aims[i].view].top - window->top * kept;

    g_assert_cmpint (aims[i].edits, ==, WEIR_EDIT_CROPPED);
    g_assert_cmpuint (aims[i].view, >=, WEIR_VIEW_MIDDLE);
    g_assert_cmpfloat (window->width, ==, window->height);
    g_assert_cmpfloat (window->left, >=, 0);
    g_assert_cmpfloat (window->top, >=, 0);
    g_assert_cmpfloat (window->left + window->width, <=, 1 + 1e-6);
    g_assert_cmpfloat (window->top + window->height, <=, 1 + 1e-6);
    g_assert_cmpfloat (kept, >=, 0.78);
    g_assert_cmpfloat (at_left, >=, -1e-5);
    g_assert_cmpfloat (at_left, <=, 1 - kept + 1e-5);
    g_assert_cmpfloat (at_top, >=, -1e-5);
    g_assert_cmpfloat (at_top, <=, 1 - kept + 1e-5);
    n_views[aims[i].view]++;
  }
  for (view = WEIR_VIEW_MIDDLE; view < WEIR_N_VIEWS; view++)
    g_assert_cmpuint (n_views[view], >, n_aims / 8);
}

/* The share of copies cut by @cut anywhere for which one of @n aims is near,
 * whichever of all comes first. */
static gdouble
get_share_found (gdouble cut, guint n)
{
  guint n_aims, n_found = 0, n_copies = 0, first, place, i;
  const WeirAim *aims = weir_aims_get (WEIR_AIMS_STRAYS, &n_aims);

  for (first = 0; first < n_aims; first += 233)
    for (place = 0; place < 100; place++) {
      Crop crop = { cut, (place / 10 + 0.5) / 10, (place % 10 + 0.5) / 10 };

      for (i = 0; i < n; i++)
        if (get_error (&aims[(first + i) % n_aims], &crop) <= NEAR)
          break;
      n_found += i < n;
      n_copies++;
    }
  g_test_message ("%g: %u of %u", cut, n_found, n_copies);
  return (gdouble) n_found / n_copies;
}

/* In five seconds most of what was cut is found; once round, nearly all. */
static void
test_soon (void)
{
  guint n_aims;

  weir_aims_get (WEIR_AIMS_STRAYS, &n_aims);
  g_assert_cmpfloat (get_share_found (0.04, SOON), >, 0.85);
  g_assert_cmpfloat (get_share_found (0.08, SOON), >, 0.8);
  g_assert_cmpfloat (get_share_found (0.13, SOON), >, 0.8);
  g_assert_cmpfloat (get_share_found (0.19, SOON), >, 0.65);
  g_assert_cmpfloat (get_share_found (0.04, n_aims), >, 0.9);
  g_assert_cmpfloat (get_share_found (0.13, n_aims), >, 0.9);
}

/* Whatever a picture was cut to or turned by, some aims at it come in each
 * eighth of a round. */
static void
test_spread (void)
{
  enum { N_SIZES = 4, N_ANGLES = 3 };
  guint n_aims, first, i;
  const WeirAim *aims = weir_aims_get (WEIR_AIMS_CROPS, &n_aims);

  for (first = 0; first < n_aims; first++) {
    guint n_of_size[N_SIZES] = { 0 }, n_of_angle[N_ANGLES] = { 0 };

    for (i = 0; i < n_aims / 8; i++) {
      const WeirWindow *window = &aims[(first + i) % n_aims].window;
      gfloat side = MAX (window->width, window->height);

      n_of_size[MIN ((guint) ((side - 0.5f) / 0.0425f), N_SIZES - 1)]++;
      n_of_angle[window->degrees < 0 ? 0 : window->degrees > 0 ? 2 : 1]++;
    }
    for (i = 0; i < N_SIZES; i++)
      g_assert_cmpuint (n_of_size[i], >=, 5);
    for (i = 0; i < N_ANGLES; i++)
      g_assert_cmpuint (n_of_angle[i], >=, 3);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/windows/strays/places", test_places);
  g_test_add_func ("/windows/strays/soon", test_soon);
  g_test_add_func ("/windows/crops/spread", test_spread);
  return g_test_run ();
}
