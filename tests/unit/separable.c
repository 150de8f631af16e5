/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which hashes are near to separable ones. */

#include "fingerprint/separable.h"

#include "pdq-definition.h"

#define WIDTH  320
#define HEIGHT 240

#define SIDE WEIR_PDQ_DCT

static guint
measure (const guint8 *data, WeirPdqOrientation orientation)
{
  g_autoptr (WeirPdqHasher) hasher = weir_pdq_hasher_new (WIDTH, HEIGHT);
  WeirLuma luma = pdq_picture_get_luma (data, WIDTH, HEIGHT);
  WeirPdqPicture picture;
  WeirPdqHash hash;

  weir_pdq_hasher_run (hasher, &luma, &picture);
  weir_pdq_picture_get_hash (&picture, orientation, &hash);
  return weir_separable_get_distance (&hash);
}

/* A rectangle on an even ground. */
static guint8 *
draw_spot (guint left, guint top, guint right, guint bottom)
{
  guint8 *data = g_malloc (WIDTH * HEIGHT);
  guint x, y;

  for (y = 0; y < HEIGHT; y++)
    for (x = 0; x < WIDTH; x++)
      data[y * WIDTH + x] =
          x >= left && x < right && y >= top && y < bottom ? 60 : 180;
  return data;
}

/* Bit by bit: the product of a sign for each row and one for each column. */
static WeirPdqHash
make_separable (guint16 rows, guint16 columns)
{
  WeirPdqHash hash = { { 0 } };
  guint i, j;

  for (i = 0; i < SIDE; i++)
    for (j = 0; j < SIDE; j++)
      hash.words[i / 4] |= (guint64) ((rows >> i & 1) ^ (columns >> j & 1))
                           << (16 * (i % 4) + j);
  return hash;
}

static void
test_products (void)
{
  static const struct {
    guint16 rows, columns;
  } cases[] = { { 0, 0 }, { 0xffff, 0 }, { 0, 0xa5c3 }, { 0x1234, 0xbeef } };
  guint i, n;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    WeirPdqHash hash = make_separable (cases[i].rows, cases[i].columns);

    g_assert_cmpuint (weir_separable_get_distance (&hash), ==, 0);
    /* A bit in another row and another column each time, but the last. */
    for (n = 0; n < SIDE - 1; n++) {
      hash.words[n / 4] ^= G_GUINT64_CONSTANT (1) << (16 * (n % 4) + n);
      g_assert_cmpuint (weir_separable_get_distance (&hash), ==, n + 1);
    }
  }
}

static void
test_columns (void)
{
  /* Four rows each differ in two columns of their own: from any row the others
   * do so by 48 bits, from a column that is as it was by 32. */
  WeirPdqHash hash = make_separable (0x5a3c, 0);
  guint i;

  for (i = 0; i < SIDE; i++)
    hash.words[i / 4] ^= G_GUINT64_CONSTANT (3) << (16 * (i % 4) + i / 4 * 2);
  g_assert_cmpuint (weir_separable_get_distance (&hash), ==, 32);
}

static void
test_spots (void)
{
  static const struct {
    guint left, top, right, bottom;
  } cases[] = {
    { 100, 80, 140, 110 }, /* a coin */
    { 0, 0, 120, 90 },     /* a corner */
    { 250, 20, 255, 210 }, /* a post */
    { 40, 150, 300, 230 }, /* a bar */
  };
  guint i, turn;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree guint8 *data = draw_spot (
        cases[i].left, cases[i].top, cases[i].right, cases[i].bottom);

    for (turn = 0; turn < WEIR_PDQ_N_ORIENTATIONS; turn++) {
      guint distance = measure (data, (WeirPdqOrientation) turn);

      g_test_message ("spot %u, orientation %u: %u", i, turn, distance);
      g_assert_cmpuint (distance, <, WEIR_SEPARABLE_MIN_DISTANCE);
    }
  }
}

static void
test_scenes (void)
{
  static const PdqPictureKind kinds[] = { PDQ_PICTURE_SCENE,
    PDQ_PICTURE_BLOBS };
  guint i, seed;

  for (i = 0; i < G_N_ELEMENTS (kinds); i++) {
    for (seed = 1; seed <= 8; seed++) {
      g_autofree guint8 *data = pdq_picture_new (kinds[i], WIDTH, HEIGHT, seed);
      guint distance = measure (data, WEIR_PDQ_PLAIN);

      g_test_message (
          "%s %u: %u", pdq_picture_kind_name (kinds[i]), seed, distance);
      g_assert_cmpuint (distance, >=, WEIR_SEPARABLE_MIN_DISTANCE);
    }
  }
}

/* Where nothing has an order, a row is like another in more than half of its
 * bits, as it is or inverted, by chance alone. */
static void
test_chance (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  guint i, j;

  for (i = 0; i < 1000; i++) {
    WeirPdqHash hash;
    guint distance;

    for (j = 0; j < G_N_ELEMENTS (hash.words); j++)
      hash.words[j] = (guint64) g_rand_int (rand) << 32 | g_rand_int (rand);
    distance = weir_separable_get_distance (&hash);
    g_assert_cmpuint (distance, >=, 60);
    g_assert_cmpuint (distance, <=, 120);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/separable/products", test_products);
  g_test_add_func ("/separable/columns", test_columns);
  g_test_add_func ("/separable/spots", test_spots);
  g_test_add_func ("/separable/scenes", test_scenes);
  g_test_add_func ("/separable/chance", test_chance);
  return g_test_run ();
}
