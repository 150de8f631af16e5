/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which pictures have weight: dark ones that show something, and no noise. */

#include "fingerprint/look.h"

#include "pdq-definition.h"

#define WIDTH  640
#define HEIGHT 360

/* Noise of a sensor, of which what is dark has much: levels up and down. */
#define SENSOR 3

/* A picture of @kind whose black is at @black and whose white is @contrast
 * levels above that, with up to @noise levels of noise up and down. */
static guint8 *
draw (PdqPictureKind kind, guint32 seed, gint black, gint contrast, gint noise)
{
  guint8 *data = pdq_picture_new (kind, WIDTH, HEIGHT, seed);
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed + 1);
  guint i;

  for (i = 0; i < WIDTH * HEIGHT; i++) {
    gint level = black + data[i] * contrast / 255;

    if (noise > 0)
      level += g_rand_int_range (rand, -noise, noise + 1);
    data[i] = (guint8) CLAMP (level, 0, 255);
  }
  return data;
}

static WeirLook
look_at (const guint8 *data, gboolean full_range)
{
  g_autoptr (WeirLooker) looker = weir_looker_new ();
  const WeirAim whole = { .window = { .width = 1, .height = 1 } };
  WeirLuma luma = pdq_picture_get_luma (data, WIDTH, HEIGHT);
  WeirLook look;

  luma.full_range = full_range;
  weir_looker_show (looker, WEIR_BASE_FRAME, &luma);
  g_assert_true (weir_looker_take (looker, WEIR_BASE_FRAME, &whole, &look));
  return look;
}

static WeirLook
look_at_drawn (
    PdqPictureKind kind, guint32 seed, gint black, gint contrast, gint noise)
{
  g_autofree guint8 *data = draw (kind, seed, black, contrast, noise);
  WeirLook look = look_at (data, FALSE);

  g_test_message ("%s %u: %d + %d, noise %d: quality %u, firm %u, detail %u",
      pdq_picture_kind_name (kind), seed, black, contrast, noise, look.quality,
      look.firm_bits, look.detail);
  return look;
}

/* What is dark has weight, and is known again from the same picture lit. */
static void
test_dark (void)
{
  static const gint contrasts[] = { 30, 45, 60 };
  guint i, seed;

  for (seed = 1; seed <= 4; seed++) {
    WeirLook lit = look_at_drawn (PDQ_PICTURE_SCENE, seed, 16, 219, 0);

    g_assert_cmpuint (lit.quality, >=, WEIR_PDQ_MIN_QUALITY);
    g_assert_true (weir_look_has_weight (&lit));
    for (i = 0; i < G_N_ELEMENTS (contrasts); i++) {
      WeirLook dark =
          look_at_drawn (PDQ_PICTURE_SCENE, seed, 16, contrasts[i], SENSOR);

      g_assert_cmpuint (dark.quality, <, WEIR_PDQ_MIN_QUALITY);
      g_assert_true (weir_look_has_weight (&dark));
      g_assert_cmpuint (weir_pdq_distance (&dark.hash, &lit.hash), <=, 24);
    }
  }
}

static void
assert_weightless (PdqPictureKind kind, gint black, gint contrast, gint noise)
{
  guint seed;

  for (seed = 1; seed <= 4; seed++) {
    WeirLook look = look_at_drawn (kind, seed, black, contrast, noise);

    g_assert_false (weir_look_has_weight (&look));
  }
}

static void
test_flat (void)
{
  assert_weightless (PDQ_PICTURE_FLAT, 16, 0, 0);
  assert_weightless (PDQ_PICTURE_FLAT, 16, 219, 0);
  assert_weightless (PDQ_PICTURE_FLAT, 16, 0, SENSOR);
  assert_weightless (PDQ_PICTURE_FLAT, 120, 0, SENSOR);
  assert_weightless (PDQ_PICTURE_FLAT, 16, 0, 2 * SENSOR);
}

/* A gradient, faint or strong: all it says is in a few coefficients. */
static void
test_smooth (void)
{
  assert_weightless (PDQ_PICTURE_GRADIENT, 16, 40, 0);
  assert_weightless (PDQ_PICTURE_GRADIENT, 16, 40, SENSOR);
}

/* Two flat sides. The edge between them is level if @slope is 0, else a row
 * lower every @slope columns. */
static guint8 *
draw_edge (gint dark, gint light, gint slope)
{
  guint8 *data = g_malloc (WIDTH * HEIGHT);
  gint x, y;

  for (y = 0; y < HEIGHT; y++) {
    for (x = 0; x < WIDTH; x++) {
      gint edge = HEIGHT / 2 + (slope ? (x - WIDTH / 2) / slope : 0);

      data[y * WIDTH + x] = (guint8) (y < edge ? dark : light);
    }
  }
  return data;
}

/* The edge of a shadow across what hardly shows has as many firm bits as a
 * picture, but little detail. */
static void
test_edge (void)
{
  static const gint slopes[] = { 2, 3, 4 };
  guint i, j;

  for (i = 0; i < G_N_ELEMENTS (slopes); i++) {
    g_autofree guint8 *data = draw_edge (110, 170, slopes[i]);
    g_autofree guint8 *ground = draw (PDQ_PICTURE_SCENE, i + 1, 0, 12, 0);
    WeirLook look;

    for (j = 0; j < WIDTH * HEIGHT; j++)
      data[j] = (guint8) (data[j] + ground[j]);
    look = look_at (data, FALSE);
    g_test_message ("edge 1:%d: quality %u, firm %u, detail %u", slopes[i],
        look.quality, look.firm_bits, look.detail);
    g_assert_cmpuint (look.quality, <, WEIR_PDQ_MIN_QUALITY);
    g_assert_cmpuint (look.firm_bits, >=, WEIR_FIRM_MIN_BITS);
    g_assert_cmpuint (look.detail, <, WEIR_FIRM_MIN_DETAIL);
    g_assert_true (weir_look_is_distinct (&look));
    look.view = WEIR_VIEW_MIDDLE;
    g_assert_false (weir_look_is_distinct (&look));
  }
}

/* Asked for detail are parts without quality, no others. */
static void
test_distinct (void)
{
  static const struct {
    WeirLook look;
    gboolean has_weight, is_distinct;
  } cases[] = {
    { { .quality = 50, .view = WEIR_VIEW_MIDDLE }, TRUE, TRUE },
    { { .quality = 49,
          .firm_bits = 128,
          .detail = 22,
          .view = WEIR_VIEW_MIDDLE },
        TRUE, TRUE },
    { { .quality = 49,
          .firm_bits = 256,
          .detail = 21,
          .view = WEIR_VIEW_MIDDLE },
        TRUE, FALSE },
    { { .quality = 49, .firm_bits = 256, .detail = 21 }, TRUE, TRUE },
    { { .quality = 49, .firm_bits = 127, .detail = 400 }, FALSE, FALSE },
  };
  WeirLook lit = look_at_drawn (PDQ_PICTURE_SCENE, 1, 16, 219, 0);
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    WeirLook look = cases[i].look;

    look.hash = lit.hash;
    g_assert_cmpint (weir_look_has_weight (&look), ==, cases[i].has_weight);
    g_assert_cmpint (weir_look_is_distinct (&look), ==, cases[i].is_distinct);
  }
}

/* Nor is a part known that is near to a separable one, however good it is. */
static void
test_separable (void)
{
  WeirLook look = { .quality = 100, .firm_bits = 256, .detail = 400 };

  g_assert_true (weir_look_is_distinct (&look));
  look.view = WEIR_VIEW_MIDDLE;
  g_assert_false (weir_look_is_distinct (&look));
}

/* A level edge is a step of twice the deviation at one of 64 rows: 3 %. Contrast
 * and range do not matter; what is flat has none, and of what has quality it is
 * not measured. */
static void
test_detail (void)
{
  g_autofree guint8 *strong = draw_edge (110, 150, 0);
  g_autofree guint8 *faint = draw_edge (110, 120, 0);
  g_autofree guint8 *flat = draw_edge (110, 110, 0);
  WeirLook lit = look_at_drawn (PDQ_PICTURE_SCENE, 1, 16, 219, 0);

  g_assert_cmpuint (look_at (strong, FALSE).detail, >=, 2);
  g_assert_cmpuint (look_at (strong, FALSE).detail, <=, 3);
  g_assert_cmpuint (
      look_at (faint, FALSE).detail, ==, look_at (strong, TRUE).detail);
  g_assert_cmpuint (look_at (flat, FALSE).detail, ==, 0);
  g_assert_cmpuint (lit.detail, ==, 0);
  g_assert_true (weir_look_is_distinct (&lit));
}

/* A picture that all but faded to black. */
static void
test_faded (void)
{
  assert_weightless (PDQ_PICTURE_SCENE, 16, 4, 0);
  assert_weightless (PDQ_PICTURE_SCENE, 16, 4, SENSOR);
}

static void
test_count (void)
{
  WeirPdqPicture picture = { .quality = 0 };
  const gfloat least = WEIR_FIRM_MAGNITUDE;
  WeirPdqHash firm;

  picture.dct[0] = least;
  picture.dct[17] = -least;
  picture.dct[100] = 0.99f * least;
  picture.dct[101] = -0.99f * least;
  picture.dct[255] = 1000;
  g_assert_cmpuint (weir_firm_get_bits (&picture, TRUE, &firm), ==, 3);
  g_assert_cmphex (firm.words[0], ==, 1 | 1 << 17);
  g_assert_cmphex (firm.words[1], ==, 0);
  g_assert_cmphex (firm.words[3], ==, G_GUINT64_CONSTANT (1) << 63);
  g_assert_cmpuint (weir_firm_get_bits (&picture, FALSE, &firm), ==, 5);
  g_assert_cmphex (firm.words[1], ==, G_GUINT64_CONSTANT (3) << 36);
}

/* A picture of so little contrast that noise turns bits of its hash is the same
 * picture all the same; another as faint is not. */
static void
test_distance (void)
{
  WeirLook a = look_at_drawn (PDQ_PICTURE_SCENE, 7, 16, 12, SENSOR);
  WeirLook b = look_at_drawn (PDQ_PICTURE_SCENE, 7, 16, 8, 2 * SENSOR);
  WeirLook other = look_at_drawn (PDQ_PICTURE_SCENE, 8, 16, 12, SENSOR);

  g_assert_cmpuint (weir_pdq_distance (&a.hash, &b.hash), >=, 16);
  g_assert_cmpuint (
      weir_firm_distance (&a.hash, &a.firm, &b.hash, &b.firm), <, 8);
  g_assert_cmpuint (
      weir_firm_distance (&a.hash, &a.firm, &other.hash, &other.firm), >, 16);
}

/* The same picture in either range has as many firm bits, but for rounding. */
static void
test_range (void)
{
  g_autofree guint8 *full = draw (PDQ_PICTURE_SCENE, 7, 0, 60, 0);
  g_autofree guint8 *limited = draw (PDQ_PICTURE_SCENE, 7, 16, 60, 0);
  WeirLook of_full, of_limited;
  guint i;

  for (i = 0; i < WIDTH * HEIGHT; i++)
    limited[i] = (guint8) (16 + (full[i] * 219 + 127) / 255);
  of_full = look_at (full, TRUE);
  of_limited = look_at (limited, FALSE);
  g_assert_cmpuint (of_full.firm_bits, >, 0);
  g_assert_cmpuint (of_full.firm_bits, <, WEIR_PDQ_BITS);
  g_assert_cmpint (
      ABS ((gint) of_full.firm_bits - (gint) of_limited.firm_bits), <=, 4);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/firm/dark", test_dark);
  g_test_add_func ("/firm/distance", test_distance);
  g_test_add_func ("/firm/flat", test_flat);
  g_test_add_func ("/firm/smooth", test_smooth);
  g_test_add_func ("/firm/edge", test_edge);
  g_test_add_func ("/firm/distinct", test_distinct);
  g_test_add_func ("/firm/separable", test_separable);
  g_test_add_func ("/firm/detail", test_detail);
  g_test_add_func ("/firm/faded", test_faded);
  g_test_add_func ("/firm/count", test_count);
  g_test_add_func ("/firm/range", test_range);
  return g_test_run ();
}
