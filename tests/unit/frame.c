/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The views of a frame: borders are found, and only borders. */

#include "fingerprint/frame.h"

#include "fingerprint/borders.h"
#include "pdq-definition.h"

#include <string.h>

/* Enough pictures for a border to have stood. */
#define ENOUGH 30

/* A picture within borders of one shade. */
typedef struct {
  guint width, height; /* of all */
  guint left, right, top, bottom;
  guint8 shade;
  guint noise; /* the shade is off by up to this much */
} Bordered;

static guint8 *
draw (const Bordered *bordered, PdqPictureKind kind, guint32 seed)
{
  guint width = bordered->width - bordered->left - bordered->right;
  guint height = bordered->height - bordered->top - bordered->bottom;
  g_autofree guint8 *picture = pdq_picture_new (kind, width, height, seed);
  guint8 *all = g_malloc ((gsize) bordered->width * bordered->height);
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
  gsize i;
  guint row;

  for (i = 0; i < (gsize) bordered->width * bordered->height; i++)
    all[i] = (guint8) (bordered->shade +
                       g_rand_int_range (rand, 0, (gint) bordered->noise + 1));
  for (row = 0; row < height; row++)
    memcpy (
        all + (gsize) (row + bordered->top) * bordered->width + bordered->left,
        picture + (gsize) row * width, width);
  return all;
}

static WeirLuma
make_luma (const guint8 *data, guint width, guint height)
{
  return (WeirLuma){
    .data = data,
    .stride = width,
    .pixel_stride = 1,
    .width = width,
    .height = height,
    .depth = 8,
    .full_range = TRUE,
  };
}

/* Shows @n moving pictures; @frame is the last. */
static void
show (WeirFrameHasher *hasher, const Bordered *bordered, PdqPictureKind kind,
    guint n, WeirFrame *frame)
{
  guint i;

  for (i = 0; i < n; i++) {
    g_autofree guint8 *all = draw (bordered, kind, 100 + i);
    WeirLuma luma = make_luma (all, bordered->width, bordered->height);

    g_assert_true (weir_frame_hasher_run (hasher, &luma, frame));
  }
}

static WeirPdqHash
get_hash (const WeirPdqPicture *picture)
{
  WeirPdqHash hash;

  weir_pdq_picture_get_hash (picture, WEIR_PDQ_PLAIN, &hash);
  return hash;
}

/* Without its borders the last of the pictures hashes as the original. */
static void
check_found (const Bordered *bordered)
{
  g_autoptr (WeirFrameHasher) hasher = weir_frame_hasher_new (WEIR_FRAME_QUERY);
  Bordered bare = {
    .width = bordered->width - bordered->left - bordered->right,
    .height = bordered->height - bordered->top - bordered->bottom,
  };
  g_autofree guint8 *original =
      draw (&bare, PDQ_PICTURE_SCENE, 100 + ENOUGH - 1);
  WeirPdqHash expected, found;
  WeirFrame frame;
  guint quality;

  pdq_definition_hash (
      original, bare.width, bare.height, TRUE, &expected, &quality);
  show (hasher, bordered, PDQ_PICTURE_SCENE, ENOUGH, &frame);
  g_assert_true (frame.has[WEIR_VIEW_PLAIN]);
  g_assert_true (frame.has[WEIR_VIEW_UNBORDERED]);
  found = get_hash (&frame.pictures[WEIR_VIEW_UNBORDERED]);
  g_assert_cmpuint (weir_pdq_distance (&found, &expected), <=, 24);
}

static void
test_found (void)
{
  static const Bordered cases[] = {
    { 640, 480, 0, 0, 60, 60, 16, 0 },   /* letterbox */
    { 640, 360, 80, 80, 0, 0, 16, 0 },   /* pillarbox */
    { 640, 360, 200, 200, 0, 0, 0, 0 },  /* vertical video */
    { 640, 480, 64, 64, 48, 48, 90, 0 }, /* a grey frame */
    { 640, 480, 20, 90, 10, 70, 235, 0 },
    { 640, 480, 0, 0, 60, 60, 16, 6 }, /* with noise */
    { 640, 480, 0, 0, 0, 100, 16, 0 }, /* one side */
    { 1920, 1080, 0, 0, 140, 140, 16, 3 },
    { 322, 242, 33, 34, 0, 0, 20, 2 }, /* odd sizes */
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++)
    check_found (&cases[i]);
}

static void
test_none (void)
{
  static const PdqPictureKind kinds[] = { PDQ_PICTURE_SCENE, PDQ_PICTURE_BLOBS,
    PDQ_PICTURE_NOISE, PDQ_PICTURE_FLAT };
  const Bordered bare = { .width = 640, .height = 360 };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (kinds); i++) {
    g_autoptr (WeirFrameHasher) hasher =
        weir_frame_hasher_new (WEIR_FRAME_QUERY);
    WeirFrame frame;

    show (hasher, &bare, kinds[i], ENOUGH, &frame);
    g_assert_true (frame.has[WEIR_VIEW_PLAIN]);
    g_assert_false (frame.has[WEIR_VIEW_UNBORDERED]);
  }
}

/* One picture with borders is a dark shot; they count when they stand, and
 * are gone at once when something is seen in them. */
static void
test_over_time (void)
{
  g_autoptr (WeirFrameHasher) hasher = weir_frame_hasher_new (WEIR_FRAME_QUERY);
  const Bordered boxed = {
    .width = 640, .height = 480, .top = 60, .bottom = 60, .shade = 16
  };
  const Bordered bare = { .width = 640, .height = 480 };
  WeirFrame frame;

  show (hasher, &boxed, PDQ_PICTURE_SCENE, 3, &frame);
  g_assert_false (frame.has[WEIR_VIEW_UNBORDERED]);
  show (hasher, &boxed, PDQ_PICTURE_SCENE, ENOUGH, &frame);
  g_assert_true (frame.has[WEIR_VIEW_UNBORDERED]);
  show (hasher, &bare, PDQ_PICTURE_SCENE, 1, &frame);
  g_assert_false (frame.has[WEIR_VIEW_UNBORDERED]);
  show (hasher, &boxed, PDQ_PICTURE_SCENE, ENOUGH, &frame);
  g_assert_true (frame.has[WEIR_VIEW_UNBORDERED]);
  weir_frame_hasher_reset (hasher);
  show (hasher, &boxed, PDQ_PICTURE_SCENE, 1, &frame);
  g_assert_false (frame.has[WEIR_VIEW_UNBORDERED]);
}

/* A picture so small within its borders that it cannot be hashed. */
static void
test_too_small (void)
{
  g_autoptr (WeirFrameHasher) hasher = weir_frame_hasher_new (WEIR_FRAME_QUERY);
  const Bordered tiny = {
    .width = 130, .height = 130, .left = 40, .right = 40, .shade = 16
  };
  const Bordered changed = {
    .width = 320, .height = 240, .left = 40, .right = 40, .shade = 16
  };
  guint8 nothing[32 * 32] = { 0 };
  WeirLuma luma = make_luma (nothing, 32, 32);
  WeirFrame frame;

  g_assert_false (weir_frame_hasher_run (hasher, &luma, &frame));
  show (hasher, &tiny, PDQ_PICTURE_SCENE, ENOUGH, &frame);
  g_assert_true (frame.has[WEIR_VIEW_PLAIN]);
  g_assert_false (frame.has[WEIR_VIEW_UNBORDERED]);
  show (hasher, &changed, PDQ_PICTURE_SCENE, ENOUGH, &frame);
  g_assert_true (frame.has[WEIR_VIEW_UNBORDERED]);
}

/* A crop of the reference is known to the picture that was cropped so, and a
 * query has no crops of its own. */
static void
test_crops (void)
{
  static const guint percents[] = { 95, 90, 85, 80 };
  g_autoptr (WeirFrameHasher) reference =
      weir_frame_hasher_new (WEIR_FRAME_REFERENCE);
  g_autoptr (WeirFrameHasher) query = weir_frame_hasher_new (WEIR_FRAME_QUERY);
  g_autofree guint8 *all = pdq_picture_new (PDQ_PICTURE_SCENE, 640, 480, 7);
  WeirLuma luma = make_luma (all, 640, 480);
  WeirFrame known, shown;
  guint i;

  g_assert_true (weir_frame_hasher_run (reference, &luma, &known));
  for (i = 0; i < G_N_ELEMENTS (percents); i++) {
    guint width = 640 * percents[i] / 100, height = 480 * percents[i] / 100;
    WeirLuma middle = make_luma (
        all + (480 - height) / 2 * 640 + (640 - width) / 2, width, height);
    WeirPdqHash cropped, expected;

    middle.stride = 640;
    g_assert_true (weir_frame_hasher_run (query, &middle, &shown));
    g_assert_false (shown.has[WEIR_VIEW_CROP_5 + i]);
    g_assert_true (known.has[WEIR_VIEW_CROP_5 + i]);
    expected = get_hash (&known.pictures[WEIR_VIEW_CROP_5 + i]);
    cropped = get_hash (&shown.pictures[WEIR_VIEW_PLAIN]);
    g_assert_cmpuint (weir_pdq_distance (&expected, &cropped), ==, 0);
  }
}

/* The same borders are found however the plane lies in memory. */
static void
test_layouts (void)
{
  const Bordered boxed = { .width = 320,
    .height = 240,
    .left = 40,
    .right = 30,
    .top = 20,
    .bottom = 10,
    .shade = 16 };
  g_autoptr (WeirBorderFinder) plain = weir_border_finder_new ();
  g_autoptr (WeirBorderFinder) words = weir_border_finder_new ();
  g_autoptr (WeirBorderFinder) upside_down = weir_border_finder_new ();
  guint i;

  for (i = 0; i < ENOUGH; i++) {
    g_autofree guint8 *all = draw (&boxed, PDQ_PICTURE_SCENE, i);
    g_autofree guint8 *wide = g_malloc0 ((gsize) 2 * 320 * 240);
    WeirLuma luma = make_luma (all, 320, 240);
    WeirLuma deep = make_luma (wide, 320, 240);
    WeirLuma turned = make_luma (all + 239 * 320, 320, 240);
    WeirLuma inner, deep_inner, turned_inner;
    gboolean found = weir_border_finder_run (plain, &luma, &inner);
    gsize j;

    for (j = 0; j < 320 * 240; j++) /* as P010 has it */
      wide[2 * j + 1] = all[j];
    deep.depth = 10;
    deep.shift = 6;
    deep.pixel_stride = 2;
    deep.stride = 640;
    turned.stride = -320;
    g_assert_cmpint (
        weir_border_finder_run (words, &deep, &deep_inner), ==, found);
    g_assert_cmpint (
        weir_border_finder_run (upside_down, &turned, &turned_inner), ==,
        found);
    if (!found)
      continue;
    g_assert_cmpuint (deep_inner.width, ==, inner.width);
    g_assert_cmpuint (deep_inner.height, ==, inner.height);
    g_assert_cmpint (
        deep_inner.data - deep.data, ==, 2 * (inner.data - luma.data));
    g_assert_cmpuint (turned_inner.width, ==, inner.width);
    g_assert_cmpuint (turned_inner.height, ==, inner.height);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/frame/found", test_found);
  g_test_add_func ("/frame/none", test_none);
  g_test_add_func ("/frame/over-time", test_over_time);
  g_test_add_func ("/frame/too-small", test_too_small);
  g_test_add_func ("/frame/crops", test_crops);
  g_test_add_func ("/frame/layouts", test_layouts);
  return g_test_run ();
}
