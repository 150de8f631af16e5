/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pictures within the picture are found by their sides, also where one side
 * shows in a part of its length only, and are looked at. */

#include "fingerprint/panes.h"
#include "fingerprint/frame.h"

#include "pdq-definition.h"

#include <math.h>
#include <string.h>

#define WIDTH    480
#define HEIGHT   320
#define N_LOOKS  12
#define INTERVAL (100 * G_GINT64_CONSTANT (1000000))

/* A place is the same within this, a share of the frame's side. */
#define SAME 0.01f

typedef struct {
  guint left, top, width, height;
} Place;

/* How much of the top side, and of the left one, shows no seam. */
typedef struct {
  gdouble of_top, of_left;
} Hidden;

/* One picture: @place shows something else than what is about it. Where a side
 * is hidden what is beside it goes on into it. */
static guint8 *
draw (const Place *place, const Hidden *hidden, guint number)
{
  guint8 *all =
      pdq_picture_new (PDQ_PICTURE_SCENE, WIDTH, HEIGHT, 1000 + number);
  g_autofree guint8 *front =
      pdq_picture_new (PDQ_PICTURE_SCENE, place->width, place->height, number);
  guint hidden_width = (guint) (hidden->of_top * place->width);
  guint hidden_height = (guint) (hidden->of_left * place->height);
  guint8 *corner = all + place->top * WIDTH + place->left;
  guint row, column;

  for (row = 0; row < place->height; row++)
    memcpy (corner + row * WIDTH, front + row * place->width, place->width);
  for (row = 1; row <= 12; row++)
    memcpy (corner - row * WIDTH, corner, hidden_width);
  for (row = 0; row < hidden_height; row++)
    for (column = 1; column <= 12; column++)
      corner[(gint) (row * WIDTH) - (gint) column] = corner[row * WIDTH];
  return all;
}

/* At which place of the list @place is told; WEIR_PANES_MAX if it is not. */
static guint
find (const Place *place, const Hidden *hidden)
{
  g_autoptr (WeirPaneFinder) finder = weir_pane_finder_new ();
  WeirWindow panes[WEIR_PANES_MAX];
  guint n_panes = 0, n, i;

  for (n = 0; n < N_LOOKS; n++) {
    g_autofree guint8 *all = draw (place, hidden, n);
    WeirLuma luma = pdq_picture_get_luma (all, WIDTH, HEIGHT);

    n_panes = weir_pane_finder_run (finder, &luma, n * INTERVAL, panes);
  }
  g_assert_cmpuint (n_panes, <=, WEIR_PANES_MAX);
  for (i = 0; i < n_panes; i++)
    if (fabsf (panes[i].left * WIDTH - (gfloat) place->left) < SAME * WIDTH &&
        fabsf (panes[i].top * HEIGHT - (gfloat) place->top) < SAME * HEIGHT &&
        fabsf (panes[i].width * WIDTH - (gfloat) place->width) < SAME * WIDTH &&
        fabsf (panes[i].height * HEIGHT - (gfloat) place->height) <
            SAME * HEIGHT)
      return i;
  return WEIR_PANES_MAX;
}

static const Place places[] = {
  { 240, 160, 216, 144 }, /* near a corner */
  { 72, 32, 360, 240 },
  { 48, 160, 200, 120 },
};

static void
test_found (void)
{
  const Hidden nothing = { 0, 0 };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (places); i++)
    g_assert_cmpuint (find (&places[i], &nothing), <=, 2);
}

/* What is beside a side may be as bright as it is. */
static void
test_weak_side (void)
{
  const Hidden weak[] = { { 0.5, 0 }, { 0, 0.5 }, { 0.4, 0.4 } };
  guint i, j;

  for (i = 0; i < G_N_ELEMENTS (places); i++)
    for (j = 0; j < G_N_ELEMENTS (weak); j++)
      g_assert_cmpuint (find (&places[i], &weak[j]), <, WEIR_PANES_MAX);
}

/* Three sides are no pane, nor are two and two halves too short. */
static void
test_missing_side (void)
{
  const Hidden missing[] = { { 1, 0 }, { 0, 1 }, { 0.9, 0.9 } };
  guint i, j;

  for (i = 0; i < G_N_ELEMENTS (places); i++)
    for (j = 0; j < G_N_ELEMENTS (missing); j++)
      g_assert_cmpuint (find (&places[i], &missing[j]), ==, WEIR_PANES_MAX);
}

/* A picture alone has none for long: what differs within it moves about. */
static void
test_none (void)
{
  g_autoptr (WeirPaneFinder) finder = weir_pane_finder_new ();
  WeirWindow panes[WEIR_PANES_MAX];
  guint n;

  for (n = 0; n < N_LOOKS; n++) {
    g_autofree guint8 *all =
        pdq_picture_new (PDQ_PICTURE_SCENE, WIDTH, HEIGHT, n);
    WeirLuma luma = pdq_picture_get_luma (all, WIDTH, HEIGHT);

    g_assert_cmpuint (
        weir_pane_finder_run (finder, &luma, n * INTERVAL, panes), ==, 0);
  }
}

/* Eight looks are enough; at thirty pictures a second each third is looked at,
 * though three of their times, rounded down, are less than a tenth of one. */
static void
test_rounded_times (void)
{
  const Hidden nothing = { 0, 0 };
  g_autoptr (WeirPaneFinder) finder = weir_pane_finder_new ();
  WeirWindow panes[WEIR_PANES_MAX];
  guint n_panes = 0, n;

  for (n = 0; n < 22; n++) {
    g_autofree guint8 *all = draw (&places[0], &nothing, n);
    WeirLuma luma = pdq_picture_get_luma (all, WIDTH, HEIGHT);

    n_panes = weir_pane_finder_run (
        finder, &luma, n * G_GINT64_CONSTANT (33333333), panes);
  }
  g_assert_cmpuint (n_panes, >, 0);
}

/* Of pictures that are seconds apart, as keyframes are, three are enough. */
static void
test_keyframes (void)
{
  const Hidden nothing = { 0, 0 };
  g_autoptr (WeirPaneFinder) finder = weir_pane_finder_new ();
  WeirWindow panes[WEIR_PANES_MAX];
  guint n;

  for (n = 0; n < 3; n++) {
    g_autofree guint8 *all = draw (&places[0], &nothing, n);
    WeirLuma luma = pdq_picture_get_luma (all, WIDTH, HEIGHT);
    guint n_panes =
        weir_pane_finder_run (finder, &luma, n * 20 * INTERVAL, panes);

    g_assert_cmpint (n_panes > 0, ==, n == 2);
  }
}

/* Lays @front over a picture of 640x480, which it returns. */
static guint8 *
lay_over (const guint8 *front, guint left, guint top, guint width, guint height,
    guint32 seed)
{
  guint8 *all = pdq_picture_new (PDQ_PICTURE_SCENE, 640, 480, seed);
  guint row;

  for (row = 0; row < height; row++)
    memcpy (all + (top + row) * 640 + left, front + row * width, width);
  return all;
}

/* A picture in a corner of another, beside another, before a blurred one. */
static void
check_pane (guint left, guint top, guint width, guint height)
{
  g_autoptr (WeirFrameHasher) query = weir_frame_hasher_new (WEIR_FRAME_QUERY);
  guint nearest = WEIR_PDQ_BITS, n, i;

  for (n = 0; n < N_LOOKS; n++) {
    g_autofree guint8 *front =
        pdq_picture_new (PDQ_PICTURE_SCENE, width, height, n);
    g_autofree guint8 *all =
        lay_over (front, left, top, width, height, 1000 + n);
    WeirLuma luma = pdq_picture_get_luma (all, 640, 480);
    WeirPdqHash expected;
    WeirFrame frame;
    guint quality;

    pdq_definition_hash (front, width, height, TRUE, &expected, &quality);
    g_assert_true (weir_frame_hasher_run (query, &luma, n * INTERVAL, &frame));
    for (i = 0; n + 3 >= N_LOOKS && i < frame.n_looks; i++)
      if (frame.looks[i].edits == WEIR_EDIT_INSET)
        nearest =
            MIN (nearest, weir_pdq_distance (&frame.looks[i].hash, &expected));
  }
  g_assert_cmpuint (nearest, <=, 24);
}

static void
test_frame (void)
{
  check_pane (300, 220, 320, 240);
  check_pane (20, 30, 260, 200);
  check_pane (0, 0, 320, 480);
  check_pane (0, 120, 640, 240);
}

/* Of a pane all parts have their turn soon, wherever they are in it. */
static void
test_frame_parts (void)
{
  g_autoptr (WeirFrameHasher) query = weir_frame_hasher_new (WEIR_FRAME_QUERY);
  gboolean was_seen[WEIR_N_VIEWS] = { FALSE };
  guint n, i, view;

  for (n = 0; n < 2 * N_LOOKS; n++) {
    g_autofree guint8 *front = pdq_picture_new (PDQ_PICTURE_SCENE, 320, 240, n);
    g_autofree guint8 *all = lay_over (front, 300, 220, 320, 240, 1000 + n);
    WeirLuma luma = pdq_picture_get_luma (all, 640, 480);
    WeirFrame frame;

    g_assert_true (weir_frame_hasher_run (query, &luma, n * INTERVAL, &frame));
    for (i = 0; i < frame.n_looks; i++) {
      const WeirLook *look = &frame.looks[i];

      if (look->edits == WEIR_EDIT_INSET && weir_view_is_part (look->view) &&
          fabsf (look->aim.window.width - 0.25f) < 0.01f) {
        g_assert_cmpfloat (look->aim.window.left, >, 299.0 / 640);
        g_assert_cmpfloat (look->aim.window.top, >, 219.0 / 480);
        was_seen[look->view] = TRUE;
      }
    }
  }
  for (view = WEIR_VIEW_TOP_LEFT; view < WEIR_N_VIEWS; view++)
    g_assert_true (was_seen[view]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/panes/found", test_found);
  g_test_add_func ("/panes/weak-side", test_weak_side);
  g_test_add_func ("/panes/missing-side", test_missing_side);
  g_test_add_func ("/panes/none", test_none);
  g_test_add_func ("/panes/rounded-times", test_rounded_times);
  g_test_add_func ("/panes/keyframes", test_keyframes);
  g_test_add_func ("/panes/frame", test_frame);
  g_test_add_func ("/panes/frame-parts", test_frame_parts);
  return g_test_run ();
}
