/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The views of a frame: borders are found, and only borders. */

#include "fingerprint/frame.h"

#include "fingerprint/borders.h"
#include "pdq-definition.h"

#include <math.h>
#include <string.h>

/* Enough pictures for a border to have stood. */
#define ENOUGH 30

/* Enough pictures for each aim to have its turn. */
#define TURN_LOOKS 36

#define FRAME_DURATION (40 * G_GINT64_CONSTANT (1000000))

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

/* Shows @n moving pictures; @frame is the last. */
static void
show (WeirFrameHasher *hasher, const Bordered *bordered, PdqPictureKind kind,
    guint n, WeirFrame *frame)
{
  guint i;

  for (i = 0; i < n; i++) {
    g_autofree guint8 *all = draw (bordered, kind, 100 + i);
    WeirLuma luma =
        pdq_picture_get_luma (all, bordered->width, bordered->height);

    g_assert_true (
        weir_frame_hasher_run (hasher, &luma, i * FRAME_DURATION, frame));
  }
}

/* The look at the whole with all of @edits and no other; NULL without one. */
static const WeirLook *
find_whole (const WeirFrame *frame, WeirEdits edits)
{
  guint i;

  for (i = 0; i < frame->n_looks; i++)
    if (!weir_view_is_part (frame->looks[i].view) &&
        frame->looks[i].edits == edits)
      return &frame->looks[i];
  return NULL;
}

/* The look that shows @view of a reference. */
static const WeirLook *
find_view (const WeirFrame *frame, WeirView view)
{
  guint i;

  for (i = 0; i < frame->n_looks; i++)
    if (frame->looks[i].view == view)
      return &frame->looks[i];
  return NULL;
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
  const WeirLook *found;
  WeirPdqHash expected;
  WeirFrame frame;
  guint quality;

  pdq_definition_hash (
      original, bare.width, bare.height, TRUE, &expected, &quality);
  show (hasher, bordered, PDQ_PICTURE_SCENE, ENOUGH, &frame);
  g_assert_nonnull (find_whole (&frame, 0));
  found = find_whole (&frame, WEIR_EDIT_BORDERED);
  g_assert_nonnull (found);
  g_assert_cmpuint (weir_pdq_distance (&found->hash, &expected), <=, 24);
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
    { 960, 540, 0, 0, 70, 70, 16, 3 },
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
    g_assert_nonnull (find_whole (&frame, 0));
    g_assert_null (find_whole (&frame, WEIR_EDIT_BORDERED));
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
  g_assert_null (find_whole (&frame, WEIR_EDIT_BORDERED));
  show (hasher, &boxed, PDQ_PICTURE_SCENE, ENOUGH, &frame);
  g_assert_nonnull (find_whole (&frame, WEIR_EDIT_BORDERED));
  show (hasher, &bare, PDQ_PICTURE_SCENE, 1, &frame);
  g_assert_null (find_whole (&frame, WEIR_EDIT_BORDERED));
  show (hasher, &boxed, PDQ_PICTURE_SCENE, ENOUGH, &frame);
  g_assert_nonnull (find_whole (&frame, WEIR_EDIT_BORDERED));
  weir_frame_hasher_reset (hasher);
  show (hasher, &boxed, PDQ_PICTURE_SCENE, 1, &frame);
  g_assert_null (find_whole (&frame, WEIR_EDIT_BORDERED));
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
  WeirLuma luma = pdq_picture_get_luma (nothing, 32, 32);
  WeirFrame frame;

  g_assert_false (weir_frame_hasher_run (hasher, &luma, 0, &frame));
  show (hasher, &tiny, PDQ_PICTURE_SCENE, ENOUGH, &frame);
  g_assert_nonnull (find_whole (&frame, 0));
  g_assert_null (find_whole (&frame, WEIR_EDIT_BORDERED));
  show (hasher, &changed, PDQ_PICTURE_SCENE, ENOUGH, &frame);
  g_assert_nonnull (find_whole (&frame, WEIR_EDIT_BORDERED));
}

/* Each part of a reference is found in a copy that lost so much that its whole
 * is unlike: @left, @top, @width and @height say what is left of 640x480. */
static void
check_cropped (guint left, guint top, guint width, guint height)
{
  g_autoptr (WeirFrameHasher) reference =
      weir_frame_hasher_new (WEIR_FRAME_REFERENCE);
  g_autoptr (WeirFrameHasher) query = weir_frame_hasher_new (WEIR_FRAME_QUERY);
  g_autofree guint8 *all = pdq_picture_new (PDQ_PICTURE_SCENE, 640, 480, 7);
  WeirLuma luma = pdq_picture_get_luma (all, 640, 480);
  WeirLuma rest = weir_luma_cut (&luma, left, top, width, height);
  guint nearest = WEIR_PDQ_BITS, n, i, j;
  WeirFrame known, shown;

  g_assert_true (weir_frame_hasher_run (reference, &luma, 0, &known));
  for (n = 0; n < ENOUGH; n++) {
    g_assert_true (
        weir_frame_hasher_run (query, &rest, n * FRAME_DURATION, &shown));
    g_assert_cmpuint (
        weir_pdq_distance (&known.looks[0].hash, &shown.looks[0].hash), >, 48);
    for (i = 0; i < known.n_looks; i++)
      for (j = 0; j < shown.n_looks; j++)
        if (known.looks[i].view == shown.looks[j].view)
          nearest = MIN (nearest,
              weir_pdq_distance (&known.looks[i].hash, &shown.looks[j].hash));
  }
  g_test_message ("%u %u %u %u: %u", left, top, width, height, nearest);
  g_assert_cmpuint (nearest, <=, 24);
}

static void
test_crops (void)
{
  check_cropped (32, 24, 576, 432); /* 10 % of the sides, all around */
  check_cropped (64, 48, 512, 384); /* 20 % */
  check_cropped (96, 72, 544, 408); /* 15 % at the left and top */
  check_cropped (0, 0, 512, 384);   /* 20 % at the right and bottom */
  check_cropped (0, 0, 640, 410);   /* at the bottom alone */
  check_cropped (70, 0, 500, 480);  /* at both sides */
}

/* In a reference each part is where its name says; a query shows the same part
 * alike, mirrored as well. */
static void
test_parts (void)
{
  g_autoptr (WeirFrameHasher) reference =
      weir_frame_hasher_new (WEIR_FRAME_REFERENCE);
  g_autoptr (WeirFrameHasher) whole =
      weir_frame_hasher_new (WEIR_FRAME_REFERENCE);
  static const struct {
    guint left, top;
  } places[WEIR_N_VIEWS] = {
    [WEIR_VIEW_TOP_LEFT] = { 0, 0 },
    [WEIR_VIEW_TOP_RIGHT] = { 320, 0 },
    [WEIR_VIEW_BOTTOM_LEFT] = { 0, 240 },
    [WEIR_VIEW_BOTTOM_RIGHT] = { 320, 240 },
    [WEIR_VIEW_MIDDLE] = { 160, 120 },
    [WEIR_VIEW_INNER_TOP_LEFT] = { 80, 60 },
    [WEIR_VIEW_INNER_TOP_RIGHT] = { 240, 60 },
    [WEIR_VIEW_INNER_BOTTOM_LEFT] = { 80, 180 },
    [WEIR_VIEW_INNER_BOTTOM_RIGHT] = { 240, 180 },
  };
  g_autofree guint8 *all = pdq_picture_new (PDQ_PICTURE_SCENE, 640, 480, 7);
  WeirLuma luma = pdq_picture_get_luma (all, 640, 480);
  WeirFrame known, part;
  guint view;

  g_assert_true (weir_frame_hasher_run (reference, &luma, 0, &known));
  g_assert_cmpuint (known.n_looks, ==, 1 + WEIR_N_VIEWS - WEIR_VIEW_TOP_LEFT);
  for (view = WEIR_VIEW_TOP_LEFT; view < WEIR_N_VIEWS; view++) {
    const WeirLook *look = find_view (&known, (WeirView) view);
    WeirLuma cut =
        weir_luma_cut (&luma, places[view].left, places[view].top, 320, 240);

    g_assert_nonnull (look);
    g_assert_true (weir_frame_hasher_run (whole, &cut, 0, &part));
    g_assert_cmpmem (&look->hash, sizeof (WeirPdqHash), &part.looks[0].hash,
        sizeof (WeirPdqHash));
    g_assert_cmpmem (&look->mirrored, sizeof (WeirPdqHash),
        &part.looks[0].mirrored, sizeof (WeirPdqHash));
  }
}

/* Fills @nearest with how near the looks with @edits at @luma, over a time in
 * which each has its turn, come to each view of @known. */
static void
look_for_views (const WeirFrame *known, const WeirLuma *luma, WeirEdits edits,
    guint nearest[WEIR_N_VIEWS])
{
  g_autoptr (WeirFrameHasher) query = weir_frame_hasher_new (WEIR_FRAME_QUERY);
  guint n, i, view;

  for (view = 0; view < WEIR_N_VIEWS; view++)
    nearest[view] = WEIR_PDQ_BITS;
  for (n = 0; n < TURN_LOOKS; n++) {
    WeirFrame shown;

    g_assert_true (
        weir_frame_hasher_run (query, luma, n * FRAME_DURATION, &shown));
    for (i = 0; i < shown.n_looks; i++) {
      const WeirLook *look = &shown.looks[i];
      const WeirLook *original = find_view (known, look->view);

      if (original && (look->edits & edits) == edits)
        nearest[look->view] = MIN (nearest[look->view],
            weir_pdq_distance (&look->hash, &original->hash));
    }
  }
}

/* @all, 640x480, turned clockwise by @degrees, its corners black. */
static guint8 *
turn (const guint8 *all, gdouble degrees)
{
  gdouble cosine = cos (degrees * G_PI / 180);
  gdouble sine = sin (degrees * G_PI / 180);
  guint8 *turned = g_malloc0 (640 * 480);
  gint row, column;

  for (row = 0; row < 480; row++)
    for (column = 0; column < 640; column++) {
      gdouble x = column - 319.5, y = row - 239.5;
      glong from_column = lrint (319.5 + cosine * x + sine * y);
      glong from_row = lrint (239.5 - sine * x + cosine * y);

      if (from_column >= 0 && from_column < 640 && from_row >= 0 &&
          from_row < 480)
        turned[row * 640 + column] = all[from_row * 640 + from_column];
    }
  return turned;
}

/* A cut all around and a rotation leave the middle and the four inner parts,
 * and each of them is looked for where it is. */
static void
test_inner_parts (void)
{
  static const gdouble angles[] = { -2, 4 };
  g_autoptr (WeirFrameHasher) reference =
      weir_frame_hasher_new (WEIR_FRAME_REFERENCE);
  g_autofree guint8 *all = pdq_picture_new (PDQ_PICTURE_SCENE, 640, 480, 7);
  WeirLuma luma = pdq_picture_get_luma (all, 640, 480);
  WeirLuma rest = weir_luma_cut (&luma, 64, 48, 512, 384);
  guint nearest[WEIR_N_VIEWS], view, i;
  WeirFrame known;

  g_assert_true (weir_frame_hasher_run (reference, &luma, 0, &known));
  look_for_views (&known, &rest, WEIR_EDIT_CROPPED, nearest);
  for (view = WEIR_VIEW_MIDDLE; view < WEIR_N_VIEWS; view++)
    g_assert_cmpuint (nearest[view], <=, 24);
  for (i = 0; i < G_N_ELEMENTS (angles); i++) {
    g_autofree guint8 *turned = turn (all, angles[i]);
    WeirLuma turned_luma = pdq_picture_get_luma (turned, 640, 480);

    look_for_views (&known, &turned_luma, WEIR_EDIT_ROTATED, nearest);
    for (view = WEIR_VIEW_MIDDLE; view < WEIR_N_VIEWS; view++) {
      g_test_message ("%g %u: %u", angles[i], view, nearest[view]);
      g_assert_cmpuint (nearest[view], <=, 31);
    }
  }
}

/* Of a reference within borders, a copy that lost more of one border than of
 * the other is found by the parts of the frame: both know them beside those
 * within the borders. */
static void
test_bordered_parts (void)
{
  const Bordered bordered = {
    .width = 320, .height = 240, .left = 20, .right = 20, .shade = 16
  };
  g_autoptr (WeirFrameHasher) reference =
      weir_frame_hasher_new (WEIR_FRAME_REFERENCE);
  g_autoptr (WeirFrameHasher) query = weir_frame_hasher_new (WEIR_FRAME_QUERY);
  g_autofree guint8 *all =
      draw (&bordered, PDQ_PICTURE_SCENE, 100 + ENOUGH - 1);
  WeirLuma luma = pdq_picture_get_luma (all, 320, 240);
  WeirLuma rest = weir_luma_cut (&luma, 62, 46, 258, 194);
  guint nearest[2] = { WEIR_PDQ_BITS, WEIR_PDQ_BITS }, n, i;
  const WeirLook *middle;
  WeirFrame known, shown;

  show (reference, &bordered, PDQ_PICTURE_SCENE, ENOUGH, &known);
  g_assert_cmpuint (
      known.n_looks, ==, 2 * (1 + WEIR_N_VIEWS - WEIR_VIEW_TOP_LEFT));
  middle = find_view (&known, WEIR_VIEW_MIDDLE);
  g_assert_cmpint (middle->edits, ==, 0);
  for (n = 0; n < ENOUGH + 2 * TURN_LOOKS; n++) {
    g_assert_true (
        weir_frame_hasher_run (query, &rest, n * FRAME_DURATION, &shown));
    for (i = 0; n >= ENOUGH && i < shown.n_looks; i++) {
      const WeirLook *look = &shown.looks[i];
      guint *least = &nearest[(look->edits & WEIR_EDIT_BORDERED) != 0];

      if (look->view == WEIR_VIEW_MIDDLE)
        *least = MIN (*least, weir_pdq_distance (&look->hash, &middle->hash));
    }
  }
  g_assert_nonnull (find_whole (&shown, WEIR_EDIT_BORDERED));
  g_assert_cmpuint (nearest[FALSE], <=, 24);
  g_assert_cmpuint (nearest[TRUE], >, 31);
}

/* Each view of a mirror image shows what the mirrored view of the picture
 * does. */
static void
test_mirrored_views (void)
{
  g_autoptr (WeirFrameHasher) hasher =
      weir_frame_hasher_new (WEIR_FRAME_REFERENCE);
  g_autofree guint8 *all = pdq_picture_new (PDQ_PICTURE_SCENE, 640, 480, 7);
  g_autofree guint8 *mirror = g_malloc (640 * 480);
  WeirLuma luma = pdq_picture_get_luma (all, 640, 480);
  WeirLuma mirror_luma = pdq_picture_get_luma (mirror, 640, 480);
  WeirFrame known, mirrored;
  guint view, i;

  for (i = 0; i < 640 * 480; i++)
    mirror[i] = all[i / 640 * 640 + 639 - i % 640];
  g_assert_true (weir_frame_hasher_run (hasher, &luma, 0, &known));
  g_assert_true (weir_frame_hasher_run (hasher, &mirror_luma, 0, &mirrored));
  for (view = 0; view < WEIR_N_VIEWS; view++) {
    const WeirLook *look = find_view (&known, weir_view_mirror (view));
    const WeirLook *image = find_view (&mirrored, (WeirView) view);

    g_assert_cmpuint (weir_view_mirror (weir_view_mirror (view)), ==, view);
    if (view == WEIR_VIEW_UNBORDERED)
      continue;
    g_assert_cmpuint (
        weir_pdq_distance (&look->hash, &image->mirrored), <=, 16);
  }
}

/* A look that hit comes at each frame for a second, and no longer. */
static void
test_kept (void)
{
  g_autoptr (WeirFrameHasher) query = weir_frame_hasher_new (WEIR_FRAME_QUERY);
  g_autofree guint8 *all = pdq_picture_new (PDQ_PICTURE_SCENE, 640, 480, 7);
  WeirLuma luma = pdq_picture_get_luma (all, 640, 480);
  WeirFrame frame;
  WeirAim aim = { 0 };
  guint n, i, n_seen = 0;

  for (n = 0; n < 3 * ENOUGH; n++) {
    g_assert_true (
        weir_frame_hasher_run (query, &luma, n * FRAME_DURATION, &frame));
    for (i = 0; i < frame.n_looks; i++) {
      WeirLook *look = &frame.looks[i];

      look->hit = n == 0 && look->edits == WEIR_EDIT_CROPPED && !aim.edits;
      if (look->hit)
        aim = look->aim;
      n_seen +=
          n > 0 && aim.edits &&
          memcmp (&look->aim.window, &aim.window, sizeof (WeirWindow)) == 0;
    }
    weir_frame_hasher_keep (query, &frame);
  }
  g_assert_cmpint (aim.edits, ==, WEIR_EDIT_CROPPED);
  /* 25 frames of the second, and its turns in the others. */
  g_assert_cmpuint (n_seen, >=, 25);
  g_assert_cmpuint (n_seen, <=, 25 + 4);
}

/* Where a look hit from afar others are tried a little aside and at the other
 * parts of the picture, and no others are marked so; what they hit is not kept beside it. */
static void
test_followed (void)
{
  g_autoptr (WeirFrameHasher) query = weir_frame_hasher_new (WEIR_FRAME_QUERY);
  g_autofree guint8 *all = pdq_picture_new (PDQ_PICTURE_SCENE, 320, 240, 7);
  WeirLuma luma = pdq_picture_get_luma (all, 320, 240);
  WeirAim aim = { 0 };
  WeirFrame frame;
  guint n, i, n_tried = 0, n_others = 0;

  for (n = 0; n < 2 * ENOUGH; n++) {
    g_assert_true (
        weir_frame_hasher_run (query, &luma, n * FRAME_DURATION, &frame));
    for (i = 0; i < frame.n_looks; i++) {
      WeirLook *look = &frame.looks[i];

      if (!aim.edits && look->edits == WEIR_EDIT_CROPPED) {
        look->hit = TRUE;
        look->distance = 30;
        aim = look->aim;
      }
      if (!look->tried)
        continue;
      g_assert_cmpuint (n, >, 0);
      if (look->view != aim.view) { /* another part of the same crop */
        g_assert_true (weir_view_is_part (look->view));
        n_others++;
        continue;
      }
      n_tried++;
      g_assert_cmpfloat (
          fabsf (look->aim.window.left - aim.window.left), <=, 0.02f);
      g_assert_cmpfloat (
          fabsf (look->aim.window.top - aim.window.top), <=, 0.02f);
    }
    weir_frame_hasher_keep (query, &frame);
  }
  g_assert_cmpint (aim.edits, ==, WEIR_EDIT_CROPPED);
  /* One to three a frame, for a second. */
  g_assert_cmpuint (n_tried, >=, 25);
  g_assert_cmpuint (n_tried, <=, 75);
  g_assert_cmpuint (n_others, >=, 20);
  g_assert_cmpuint (n_others, <=, 25);
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
    WeirLuma luma = pdq_picture_get_luma (all, 320, 240);
    WeirLuma deep = pdq_picture_get_luma (wide, 320, 240);
    WeirLuma turned = pdq_picture_get_luma (all + 239 * 320, 320, 240);
    WeirLuma inner, deep_inner, turned_inner;
    gboolean found = weir_border_finder_run (plain, &luma, i, &inner);
    gsize j;

    for (j = 0; j < 320 * 240; j++) /* as P010 has it */
      wide[2 * j + 1] = all[j];
    deep.depth = 10;
    deep.shift = 6;
    deep.pixel_stride = 2;
    deep.stride = 640;
    turned.stride = -320;
    g_assert_cmpint (
        weir_border_finder_run (words, &deep, i, &deep_inner), ==, found);
    g_assert_cmpint (
        weir_border_finder_run (upside_down, &turned, i, &turned_inner), ==,
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

/* How many of the looks of @frame are at crops anywhere. */
static guint
count_strays (const WeirFrame *frame)
{
  guint n_aims, n_strays = 0, i, j;
  const WeirAim *aims = weir_aims_get (WEIR_AIMS_STRAYS, &n_aims);

  for (i = 0; i < frame->n_looks; i++)
    for (j = 0; j < n_aims; j++)
      if (memcmp (&frame->looks[i].aim.window, &aims[j].window,
              sizeof (WeirWindow)) == 0) {
        n_strays++;
        break;
      }
  return n_strays;
}

/* Of pictures that are seconds apart, as keyframes are, three are enough to find
 * borders; each is looked at in as many places as there is room for, crops
 * anywhere among them. */
static void
test_keyframes (void)
{
  const Bordered boxed = {
    .width = 320, .height = 240, .left = 40, .right = 40, .shade = 16
  };
  g_autoptr (WeirFrameHasher) hasher = weir_frame_hasher_new (WEIR_FRAME_QUERY);
  g_autofree WeirFrame *frame = g_new (WeirFrame, 1);
  guint i;

  for (i = 0; i < 3; i++) {
    g_autofree guint8 *all = draw (&boxed, PDQ_PICTURE_SCENE, i);
    WeirLuma luma = pdq_picture_get_luma (all, 320, 240);

    g_assert_true (weir_frame_hasher_run (
        hasher, &luma, i * 2 * G_GINT64_CONSTANT (1000000000), frame));
    g_assert_cmpint (frame->looks[1].edits == WEIR_EDIT_BORDERED, ==, i == 2);
    if (i == 0)
      continue;
    g_assert_cmpuint (frame->n_looks, ==, WEIR_FRAME_LOOKS_MAX);
    g_assert_cmpuint (count_strays (frame), >=, WEIR_FRAME_LOOKS_MAX / 4);
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
  g_test_add_func ("/frame/parts", test_parts);
  g_test_add_func ("/frame/crops", test_crops);
  g_test_add_func ("/frame/inner-parts", test_inner_parts);
  g_test_add_func ("/frame/bordered-parts", test_bordered_parts);
  g_test_add_func ("/frame/mirrored-views", test_mirrored_views);
  g_test_add_func ("/frame/kept", test_kept);
  g_test_add_func ("/frame/followed", test_followed);
  g_test_add_func ("/frame/layouts", test_layouts);
  g_test_add_func ("/frame/keyframes", test_keyframes);
  return g_test_run ();
}
