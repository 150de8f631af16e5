/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Looks at parts of large pictures, which are taken in a coarse one: what that
 * holds, and that the hashes are those of the picture itself.
 */
#include "fingerprint/look.h"
#include "fingerprint/coarse-dsp.h"
#include "fingerprint/cpu.h"

#include "pdq-definition.h"

#include <math.h>
#include <string.h>

/* Hashes of the same part, from the coarse picture and from the picture: most
 * differ by no more than the first, none by more than the second. */
#define USUAL_BITS 2
#define MOST_BITS  8

/* Of a window of an edited copy, which is hashed roughly. */
#define USUAL_ROUGH_BITS 4
#define MOST_ROUGH_BITS  16

/* Of a turned window, which is sampled. */
#define TURNED_BITS 12

/* ---- coarse pictures ---- */

static guint
get_mean (const WeirLuma *luma, const WeirCoarse *coarse, guint x, guint y)
{
  guint sum = 0, n = 0, column, row;

  for (row = y * coarse->down; row < (y + 1) * coarse->down; row++)
    for (column = x * coarse->across; column < (x + 1) * coarse->across;
         column++)
      if (row < luma->height && column < luma->width) {
        sum += weir_luma_get_sample (luma, column, row);
        n++;
      }
  return (sum + n / 2) / n;
}

static void
check_means (const WeirLuma *luma, guint across, guint down)
{
  WeirCoarse coarse = { 0 };
  guint x, y;

  weir_coarse_take (&coarse, luma, WEIR_COARSE_SIDE);
  g_assert_cmpuint (coarse.across, ==, across);
  g_assert_cmpuint (coarse.down, ==, down);
  g_assert_cmpuint (coarse.luma.width, ==, (luma->width + across - 1) / across);
  g_assert_cmpuint (coarse.luma.height, ==, (luma->height + down - 1) / down);
  g_assert_cmpint (coarse.luma.full_range, ==, luma->full_range);
  for (y = 0; y < coarse.luma.height; y++)
    for (x = 0; x < coarse.luma.width; x++)
      g_assert_cmpuint (weir_luma_get_sample (&coarse.luma, x, y), ==,
          get_mean (luma, &coarse, x, y));
  weir_coarse_clear (&coarse);
}

/* In portable C and in what else there is. */
static void
check_both_means (const WeirLuma *luma, guint across, guint down)
{
  weir_cpu_set_flags_mask (0);
  check_means (luma, across, down);
  weir_cpu_set_flags_mask (G_MAXUINT);
  check_means (luma, across, down);
}

static void
test_means (void)
{
  static const struct {
    guint width, height, across, down;
  } sizes[] = { { 300, 200, 1, 1 }, { 959, 961, 1, 2 }, { 962, 540, 2, 1 },
    { 1283, 500, 2, 1 }, { 1921, 969, 4, 2 }, { 3843, 70, 8, 1 },
    { 7681, 65, 16, 1 }, { 70, 1923, 1, 4 } };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (sizes); i++) {
    guint width = sizes[i].width, height = sizes[i].height;
    g_autofree guint8 *noise =
        pdq_picture_new (PDQ_PICTURE_NOISE, width, height, i);
    WeirLuma luma = pdq_picture_get_luma (noise, width, height);

    check_both_means (&luma, sizes[i].across, sizes[i].down);
  }
}

/* However the plane lies in memory. */
static void
test_layouts (void)
{
  const guint width = 966, height = 1000;
  g_autofree guint8 *noise =
      pdq_picture_new (PDQ_PICTURE_NOISE, 2 * width, height, 1);
  WeirLuma luma = pdq_picture_get_luma (noise, width, height);

  luma.data = noise + (height - 1) * width;
  luma.stride = -(gssize) width;
  check_both_means (&luma, 2, 2);

  luma.data = noise;
  luma.stride = 2 * (gssize) width;
  luma.pixel_stride = 2;
  check_both_means (&luma, 2, 2);

  luma.depth = 10;
  luma.shift = 6;
  luma.full_range = FALSE;
  check_both_means (&luma, 2, 2);
}

static void
check_walk (const WeirCoarse *coarse, const WeirCoarseWalk *walk)
{
  guint8 expected[64], found[64];

  weir_coarse_dsp_c.walk (expected, sizeof (expected), coarse, walk);
  weir_coarse_dsp_get ()->walk (found, sizeof (found), coarse, walk);
  g_assert_cmpmem (expected, sizeof (expected), found, sizeof (found));
}

/* Within the picture, past its edges and to its last sample. */
static void
test_walks (void)
{
  g_autofree guint8 *noise = pdq_picture_new (PDQ_PICTURE_NOISE, 480, 480, 3);
  g_autoptr (GRand) rand = g_rand_new_with_seed (5);
  WeirLuma luma = pdq_picture_get_luma (noise, 480, 480);
  const gint32 one = 1 << WEIR_COARSE_FRACTION;
  WeirCoarse coarse = { 0 };
  WeirCoarseWalk walk = { 0, 100 * one, one, 0 };
  guint8 row[64];
  guint i;

  weir_coarse_take (&coarse, &luma, WEIR_COARSE_SIDE);
  weir_coarse_dsp_get ()->walk (row, sizeof (row), &coarse, &walk);
  g_assert_cmpmem (row, sizeof (row), noise + 100 * 480, sizeof (row));
  for (i = 0; i < 500; i++) {
    walk.column = g_rand_int_range (rand, -40 * one, 520 * one);
    walk.row = g_rand_int_range (rand, -40 * one, 520 * one);
    walk.column_step = g_rand_int_range (rand, -8 * one, 8 * one);
    walk.row_step = g_rand_int_range (rand, -8 * one, 8 * one);
    check_walk (&coarse, &walk);
  }
  walk = (WeirCoarseWalk){ 479 * one, 479 * one, one, one };
  check_walk (&coarse, &walk);
  weir_coarse_clear (&coarse);
}

/* ---- looks ---- */

static guint
get_share (gfloat share, guint length)
{
  return (guint) lrintf (CLAMP (share, 0, 1) * (gfloat) length);
}

/* The hash of an upright window of the picture itself. */
static void
hash_window (
    const WeirLuma *luma, const WeirWindow *window, WeirPdqPicture *picture)
{
  guint width = get_share (window->width, luma->width);
  guint height = get_share (window->height, luma->height);
  g_autoptr (WeirPdqHasher) hasher = weir_pdq_hasher_new (width, height);
  WeirLuma part = weir_luma_cut (luma,
      MIN (get_share (window->left, luma->width), luma->width - width),
      MIN (get_share (window->top, luma->height), luma->height - height), width,
      height);

  weir_pdq_hasher_run (hasher, &part, picture);
}

static gdouble
get_between (const WeirLuma *luma, gdouble x, gdouble y)
{
  gdouble column = CLAMP (x - 0.5, 0, luma->width - 1.001);
  gdouble row = CLAMP (y - 0.5, 0, luma->height - 1.001);
  guint left = (guint) column, top = (guint) row;
  gdouble right_share = column - left, lower_share = row - top;
  guint right = MIN (left + 1, luma->width - 1);
  guint lower = MIN (top + 1, luma->height - 1);

  return (1 - lower_share) *
             ((1 - right_share) * weir_luma_get_sample (luma, left, top) +
                 right_share * weir_luma_get_sample (luma, right, top)) +
         lower_share *
             ((1 - right_share) * weir_luma_get_sample (luma, left, lower) +
                 right_share * weir_luma_get_sample (luma, right, lower));
}

/* The hash of a turned window, at the picture's full size. */
static void
hash_turned (
    const WeirLuma *luma, const WeirWindow *window, WeirPdqPicture *picture)
{
  guint width = get_share (window->width, luma->width);
  guint height = get_share (window->height, luma->height);
  g_autofree guint8 *upright = g_malloc ((gsize) width * height);
  g_autoptr (WeirPdqHasher) hasher = weir_pdq_hasher_new (width, height);
  WeirLuma plane = pdq_picture_get_luma (upright, width, height);
  gdouble angle = window->degrees * G_PI / 180;
  gdouble middle_x = luma->width / 2.0, middle_y = luma->height / 2.0;
  guint column, row;

  for (row = 0; row < height; row++)
    for (column = 0; column < width; column++) {
      gdouble x = window->left * luma->width + column + 0.5 - middle_x;
      gdouble y = window->top * luma->height + row + 0.5 - middle_y;

      upright[(gsize) row * width + column] = (guint8) lrint (
          get_between (luma, middle_x + cos (angle) * x - sin (angle) * y,
              middle_y + sin (angle) * x + cos (angle) * y));
    }
  weir_pdq_hasher_run (hasher, &plane, picture);
}

static guint
get_distance (
    WeirLooker *looker, const WeirAim *aim, const WeirPdqPicture *expected)
{
  WeirPdqHash hash;
  WeirLook look;

  g_assert_true (weir_looker_take (looker, 0, aim, &look));
  weir_pdq_picture_get_hash (expected, aim->orientation, &hash);
  return weir_pdq_distance (&hash, &look.hash);
}

static gint
compare (gconstpointer a, gconstpointer b)
{
  const guint *first = a, *second = b;

  return *first < *second ? -1 : *first > *second;
}

/* Every @step-th aim of a kind, turned ones or upright ones. */
static void
check_aims (const WeirLuma *luma, WeirAims kind, gboolean turned, guint step,
    guint usual, guint most)
{
  g_autoptr (WeirLooker) looker = weir_looker_new ();
  g_autoptr (GArray) distances = g_array_new (FALSE, FALSE, sizeof (guint));
  guint n_aims, i;
  const WeirAim *aims = weir_aims_get (kind, &n_aims);
  guint middle, last;

  weir_looker_show (looker, 0, luma);
  for (i = 0; i < n_aims; i += step) {
    WeirPdqPicture expected;
    guint distance;

    if ((aims[i].window.degrees < 0 || aims[i].window.degrees > 0) != turned)
      continue;
    if (turned)
      hash_turned (luma, &aims[i].window, &expected);
    else
      hash_window (luma, &aims[i].window, &expected);
    distance = get_distance (looker, &aims[i], &expected);
    g_array_append_val (distances, distance);
  }
  g_array_sort (distances, compare);
  middle = g_array_index (distances, guint, distances->len / 2);
  last = g_array_index (distances, guint, distances->len - 1);
  g_test_message (
      "%u looks, median %u bits, at most %u", distances->len, middle, last);
  g_assert_cmpuint (middle, <=, usual);
  g_assert_cmpuint (last, <=, most);
}

static void
check_parts (guint width, guint height)
{
  g_autofree guint8 *scene =
      pdq_picture_new (PDQ_PICTURE_SCENE, width, height, 11);
  WeirLuma luma = pdq_picture_get_luma (scene, width, height);

  check_aims (&luma, WEIR_AIMS_PARTS, FALSE, 1, USUAL_BITS, MOST_BITS);
  check_aims (
      &luma, WEIR_AIMS_CROPS, FALSE, 7, USUAL_ROUGH_BITS, MOST_ROUGH_BITS);
  check_aims (
      &luma, WEIR_AIMS_STRAYS, FALSE, 97, USUAL_ROUGH_BITS, MOST_ROUGH_BITS);
}

static void
test_parts (void)
{
  check_parts (1920, 1080);
  check_parts (1280, 718);
  check_parts (1080, 1920);
}

/* Parts of small pictures are hashed exactly, and a rough grid of all samples is
 * a bit or two from that. */
static void
test_small (void)
{
  g_autofree guint8 *scene = pdq_picture_new (PDQ_PICTURE_SCENE, 320, 240, 11);
  WeirLuma luma = pdq_picture_get_luma (scene, 320, 240);

  check_aims (&luma, WEIR_AIMS_PARTS, FALSE, 1, 0, 0);
  check_aims (&luma, WEIR_AIMS_CROPS, FALSE, 7, USUAL_BITS, MOST_BITS);
}

static void
test_turned (void)
{
  g_autofree guint8 *scene = pdq_picture_new (PDQ_PICTURE_SCENE, 1280, 720, 11);
  WeirLuma luma = pdq_picture_get_luma (scene, 1280, 720);

  check_aims (&luma, WEIR_AIMS_CROPS, TRUE, 3, TURNED_BITS, 2 * TURNED_BITS);
}

/* The whole is exact, in each orientation, and of the picture shown last. */
static void
test_whole (void)
{
  g_autoptr (WeirLooker) looker = weir_looker_new ();
  guint seed, i;

  for (seed = 0; seed < 2; seed++) {
    g_autofree guint8 *scene =
        pdq_picture_new (PDQ_PICTURE_SCENE, 1280, 720, seed);
    const WeirWindow all = { .width = 1, .height = 1 };
    WeirLuma luma = pdq_picture_get_luma (scene, 1280, 720);
    WeirAim aim = { .view = WEIR_VIEW_PLAIN, .window = all };
    WeirPdqPicture expected;
    guint n_turns;
    const WeirAim *turns = weir_aims_get (WEIR_AIMS_TURNS, &n_turns);

    hash_window (&luma, &all, &expected);
    weir_looker_show (looker, 0, &luma);
    g_assert_cmpuint (get_distance (looker, &aim, &expected), ==, 0);
    for (i = 0; i < n_turns; i++)
      g_assert_cmpuint (get_distance (looker, &turns[i], &expected), ==, 0);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/look/coarse/means", test_means);
  g_test_add_func ("/look/coarse/layouts", test_layouts);
  g_test_add_func ("/look/coarse/walks", test_walks);
  g_test_add_func ("/look/parts", test_parts);
  g_test_add_func ("/look/small", test_small);
  g_test_add_func ("/look/turned", test_turned);
  g_test_add_func ("/look/whole", test_whole);
  return g_test_run ();
}
