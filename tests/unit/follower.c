/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a copy is shown is followed: from what hits to what hits nearer. */

#include "fingerprint/follower.h"

#include <math.h>

#define FRAME_DURATION (40 * G_GINT64_CONSTANT (1000000))
#define PASSED         0.04

/* A part is this many bits away for each hundredth that an edge of its window
 * is off, and for each degree. Squares add up. */
#define EDGE_BITS  6.0
#define ANGLE_BITS 10.0

/* Where a copy shows the part. */
static const WeirWindow shown = { 0.213f, 0.262f, 0.55f, 0.541f, 1.5f };

static const WeirAim coarse = {
  .view = WEIR_VIEW_MIDDLE,
  .edits = WEIR_EDIT_CROPPED,
  .window = { 0.233f, 0.25f, 0.53f, 0.53f, 0 },
};

static guint
get_distance (const WeirWindow *window)
{
  gdouble left = window->left - shown.left;
  gdouble top = window->top - shown.top;
  gdouble right = left + window->width - shown.width;
  gdouble bottom = top + window->height - shown.height;
  gdouble edges =
      sqrt (left * left + top * top + right * right + bottom * bottom);

  return (
      guint) (2 * lrint (hypot (100 * edges * EDGE_BITS,
                             (window->degrees - shown.degrees) * ANGLE_BITS) /
                         2));
}

/* A look at @aim as if it had been looked up. */
static WeirLook
make_look (guint base, const WeirAim *aim)
{
  guint distance = get_distance (&aim->window);

  return (WeirLook){
    .view = aim->view,
    .edits = aim->edits,
    .hit = distance <= 31,
    .distance = distance,
    .base = base,
    .aim = *aim,
  };
}

/* Shows the frame @n, and what the follower asks for of it. Returns the bits
 * of the nearest look; @n_aims: how many there were. */
static guint
show_frame (WeirFollower *follower, guint n, guint *n_aims)
{
  WeirFollowerAim aims[WEIR_FOLLOWER_AIMS_MAX];
  WeirLook looks[WEIR_FOLLOWER_AIMS_MAX];
  guint nearest = WEIR_PDQ_BITS, i;

  *n_aims = weir_follower_get_aims (follower, n * FRAME_DURATION, PASSED, aims);
  g_assert_cmpuint (*n_aims, <=, WEIR_FOLLOWER_AIMS_MAX);
  for (i = 0; i < *n_aims; i++) {
    const WeirWindow *window = &aims[i].aim.window;

    g_assert_cmpfloat (window->left, >=, -0.001);
    g_assert_cmpfloat (window->top, >=, -0.001);
    g_assert_cmpfloat (window->left + window->width, <=, 1.001);
    g_assert_cmpfloat (window->top + window->height, <=, 1.001);
    looks[i] = make_look (aims[i].base, &aims[i].aim);
    nearest = MIN (nearest, looks[i].distance);
  }
  weir_follower_learn (follower, n * FRAME_DURATION, looks, *n_aims);
  return nearest;
}

/* What was hit from afar is nearer after a second: edges and angle. */
static void
test_nearer (void)
{
  g_autoptr (WeirFollower) follower = weir_follower_new ();
  WeirLook look = make_look (0, &coarse);
  guint n, n_aims, nearest = WEIR_PDQ_BITS;

  g_assert_true (look.hit);
  g_assert_cmpuint (look.distance, >=, 22);
  weir_follower_learn (follower, 0, &look, 1);
  for (n = 1; n <= 25; n++) {
    nearest = show_frame (follower, n, &n_aims);
    g_assert_cmpuint (n_aims, >=, 1);
  }
  g_assert_cmpuint (nearest, <=, 12);
}

/* Without a hit there is nothing to follow, and a second after one. */
static void
test_lost (void)
{
  g_autoptr (WeirFollower) follower = weir_follower_new ();
  WeirFollowerAim aims[WEIR_FOLLOWER_AIMS_MAX];
  WeirLook look = make_look (0, &coarse), missed = look;

  missed.hit = FALSE;
  weir_follower_learn (follower, 0, &missed, 1);
  g_assert_cmpuint (
      weir_follower_get_aims (follower, FRAME_DURATION, PASSED, aims), ==, 0);
  weir_follower_learn (follower, 2 * FRAME_DURATION, &look, 1);
  g_assert_cmpuint (
      weir_follower_get_aims (follower, 26 * FRAME_DURATION, PASSED, aims), >,
      1);
  g_assert_cmpuint (
      weir_follower_get_aims (follower, 28 * FRAME_DURATION, PASSED, aims), ==,
      0);
  weir_follower_learn (follower, 29 * FRAME_DURATION, &look, 1);
  weir_follower_reset (follower);
  g_assert_cmpuint (
      weir_follower_get_aims (follower, 30 * FRAME_DURATION, PASSED, aims), ==,
      0);
}

/* However much is hit, few looks are followed, and time counts, not frames. */
static void
test_bounds (void)
{
  g_autoptr (WeirFollower) follower = weir_follower_new ();
  WeirFollowerAim aims[WEIR_FOLLOWER_AIMS_MAX];
  WeirLook looks[WEIR_N_VIEWS];
  guint n_looks = 0, n_slow, n_fast, view;

  for (view = WEIR_VIEW_TOP_LEFT; view < WEIR_N_VIEWS; view++) {
    WeirAim aim = coarse;

    aim.view = (WeirView) view;
    looks[n_looks++] = make_look (0, &aim);
  }
  weir_follower_learn (follower, 0, looks, n_looks);
  n_fast = weir_follower_get_aims (follower, FRAME_DURATION, PASSED, aims);
  n_slow =
      weir_follower_get_aims (follower, 3 * FRAME_DURATION, 2 * PASSED, aims);
  g_assert_cmpuint (n_fast, >, WEIR_FOLLOWED_MAX);
  g_assert_cmpuint (n_fast, <=, 4 * WEIR_FOLLOWED_MAX);
  g_assert_cmpuint (n_slow, >, n_fast);
  g_assert_cmpuint (
      weir_follower_get_aims (follower, 4 * FRAME_DURATION, 100, aims), <=,
      WEIR_FOLLOWER_AIMS_MAX);
}

/* Where one part hits, each other that was not cut is looked for where it is
 * then. */
static void
test_other_parts (void)
{
  /* Of the picture that @coarse is the middle of; it lost its corners. */
  static const struct {
    gfloat left, top;
  } places[WEIR_N_VIEWS] = {
    [WEIR_VIEW_INNER_TOP_LEFT] = { 0.1005f, 0.1175f },
    [WEIR_VIEW_INNER_TOP_RIGHT] = { 0.3655f, 0.1175f },
    [WEIR_VIEW_INNER_BOTTOM_LEFT] = { 0.1005f, 0.3825f },
    [WEIR_VIEW_INNER_BOTTOM_RIGHT] = { 0.3655f, 0.3825f },
  };
  g_autoptr (WeirFollower) follower = weir_follower_new ();
  guint n, i, view, n_seen[WEIR_N_VIEWS] = { 0 };
  WeirLook look = make_look (1, &coarse);

  weir_follower_learn (follower, 0, &look, 1);
  for (n = 1; n <= 20; n++) {
    WeirFollowerAim aims[WEIR_FOLLOWER_AIMS_MAX];
    guint n_aims =
        weir_follower_get_aims (follower, n * FRAME_DURATION, PASSED, aims);

    for (i = 0; i < n_aims; i++) {
      const WeirAim *aim = &aims[i].aim;

      n_seen[aim->view]++;
      g_assert_cmpuint (aims[i].base, ==, 1);
      if (aim->view == WEIR_VIEW_MIDDLE)
        continue;
      g_assert_cmpint (aim->edits, ==, WEIR_EDIT_CROPPED);
      g_assert_cmpfloat_with_epsilon (
          aim->window.left, places[aim->view].left, 1e-5);
      g_assert_cmpfloat_with_epsilon (
          aim->window.top, places[aim->view].top, 1e-5);
      g_assert_cmpfloat (aim->window.width, ==, coarse.window.width);
      g_assert_cmpfloat (aim->window.height, ==, coarse.window.height);
    }
  }
  for (view = 0; view < WEIR_VIEW_MIDDLE; view++)
    g_assert_cmpuint (n_seen[view], ==, 0);
  for (view = WEIR_VIEW_INNER_TOP_LEFT; view < WEIR_N_VIEWS; view++)
    g_assert_cmpuint (n_seen[view], ==, 5);
}

/* The whole picture less an edge is one within borders; what hits as near as
 * it can is left where it is. */
static void
test_whole (void)
{
  g_autoptr (WeirFollower) follower = weir_follower_new ();
  WeirFollowerAim aims[WEIR_FOLLOWER_AIMS_MAX];
  const WeirAim aim = { .window = { .width = 1, .height = 1 } };
  WeirLook look = { .hit = TRUE, .distance = 28, .aim = aim };
  guint n, n_aims, i, n_bordered = 0;

  weir_follower_learn (follower, 0, &look, 1);
  for (n = 1; n <= 10; n++) {
    n_aims =
        weir_follower_get_aims (follower, n * FRAME_DURATION, PASSED, aims);
    for (i = 1; i < n_aims; i++)
      if (aims[i].aim.edits == WEIR_EDIT_BORDERED) {
        g_assert_cmpint (aims[i].aim.view, ==, WEIR_VIEW_UNBORDERED);
        n_bordered++;
      }
  }
  g_assert_cmpuint (n_bordered, >=, 4);
  look.distance = 4;
  weir_follower_learn (follower, n * FRAME_DURATION, &look, 1);
  n_aims =
      weir_follower_get_aims (follower, (n + 1) * FRAME_DURATION, PASSED, aims);
  g_assert_cmpuint (n_aims, ==, 1);
}

/* A small step aside is not told; a larger one is, and so is what was known
 * before it. */
static void
test_told (void)
{
  static const struct {
    WeirWindow window;
    guint base;
    WeirEdits told;
  } cases[] = {
    { { 0, 0.016f, 1, 0.984f, 0 }, 0, 0 },
    { { 0, 0.048f, 1, 0.952f, 0 }, 0, WEIR_EDIT_BORDERED },
    { { 0, 0, 1, 0.984f, -1 }, 1, WEIR_EDIT_BORDERED },
    { { 0, 0, 1, 1, 1.5f }, 0, WEIR_EDIT_ROTATED },
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    const WeirLook look = {
      .edits = WEIR_EDIT_BORDERED | WEIR_EDIT_ROTATED,
      .base = cases[i].base,
      .aim = { .view = WEIR_VIEW_UNBORDERED, .window = cases[i].window },
    };

    g_assert_cmpuint (weir_follower_get_told (&look), ==, cases[i].told);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/follower/nearer", test_nearer);
  g_test_add_func ("/follower/lost", test_lost);
  g_test_add_func ("/follower/bounds", test_bounds);
  g_test_add_func ("/follower/other-parts", test_other_parts);
  g_test_add_func ("/follower/whole", test_whole);
  g_test_add_func ("/follower/told", test_told);
  return g_test_run ();
}
