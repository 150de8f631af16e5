/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The loops of PDQ in what the processor has against their portable twins, to
 * the last bit, on random input; and whole hashes by both.
 */
#include "fingerprint/pdq-dsp.h"
#include "fingerprint/cpu.h"

#include "pdq-definition.h"

#include <string.h>

#define GRID       WEIR_PDQ_GRID
#define ROUGH      WEIR_PDQ_ROUGH_GRID
#define MAX_WIDTH  200
#define MAX_ROWS   (2 * WEIR_PDQ_WINDOW_WHOLE)
#define MAX_STRIDE (2 * MAX_WIDTH + 64)
#define GUARD      16 /* floats past a line */
#define UNTOUCHED  -12345.0f

/* The same numbers in every run. */
static GRand *random_source;

static const WeirPdqDsp *
portable_dsp (void)
{
  const WeirPdqDsp *dsp;

  weir_cpu_set_flags_mask (0);
  dsp = weir_pdq_dsp_get ();
  weir_cpu_set_flags_mask (G_MAXUINT);
  return dsp;
}

static guint
random_below (guint end)
{
  return (guint) g_rand_int_range (random_source, 0, (gint32) end);
}

static void
fill_with_floats (gfloat *values, guint n_values, gdouble limit)
{
  for (guint i = 0; i < n_values; i++)
    values[i] = (gfloat) g_rand_double_range (random_source, -limit, limit);
}

/* Rises to @window and falls again, as the weights of a grid row do. */
static void
fill_with_weights (guint8 *weights, guint window)
{
  memset (weights, 0, MAX_ROWS);
  for (guint i = 0; i < 2 * window - 1; i++)
    weights[i] = (guint8) MIN (i + 1, 2 * window - 1 - i);
}

/* A block of its own for each plane, so that a sanitizer sees a byte too many
 * being read; random, or as bright as can be. */
static guint8 *
new_plane (gsize size)
{
  guint8 *plane = g_malloc (size);
  gboolean bright = random_below (4) == 0;

  for (gsize i = 0; i < size; i++)
    plane[i] = bright ? G_MAXUINT8 : (guint8) random_below (256);
  return plane;
}

/* What the sums are by definition. */
static gfloat
expected_sum (
    const WeirPdqBand *band, guint column, guint pixel_stride, gboolean words)
{
  guint64 sum = 0;

  for (guint i = 0; i < band->n_rows; i++) {
    const guint8 *sample =
        band->data + (gssize) i * band->stride + column * pixel_stride;
    guint value =
        words ? (sample[0] | (guint) sample[1] << 8) >> band->shift : sample[0];

    sum += (guint64) band->weights[i] * value;
  }
  return (gfloat) sum * band->scale;
}

static void
check_band (const WeirPdqBand *band, WeirPdqSumRows sum_rows,
    WeirPdqSumRows twin, guint pixel_stride, gboolean words)
{
  gfloat lines[2][MAX_WIDTH + GUARD];

  for (guint i = 0; i < 2; i++) {
    for (guint j = 0; j < MAX_WIDTH + GUARD; j++)
      lines[i][j] = UNTOUCHED;
    (i == 0 ? twin : sum_rows) (lines[i], band);
  }
  g_assert_cmpmem (lines[0], sizeof lines[0], lines[1], sizeof lines[1]);
  for (guint i = 0; i < band->width; i++)
    g_assert_cmpfloat (
        lines[0][i], ==, expected_sum (band, i, pixel_stride, words));
  for (guint i = band->width; i < MAX_WIDTH + GUARD; i++)
    g_assert_cmpfloat (lines[0][i], ==, UNTOUCHED);
  for (guint i = 0; i < band->width; i++)
    g_assert_true (band->short_sums[i] == 0 && band->long_sums[i] == 0);
}

/* One band of rows of @width samples that lie anywhere, either way up. */
static void
try_band (guint width, guint window, guint pixel_stride, gboolean words)
{
  const WeirPdqDsp *dsp = weir_pdq_dsp_get ();
  const WeirPdqDsp *portable = portable_dsp ();
  guint16 short_sums[MAX_WIDTH] = { 0 };
  guint32 long_sums[MAX_WIDTH] = { 0 };
  guint8 weights[MAX_ROWS];
  guint sample_bytes = words ? 2 : 1;
  guint row_bytes = (width - 1) * pixel_stride + sample_bytes;
  guint stride = row_bytes + random_below (40);
  guint n_rows = random_below (8) == 0 ? window : 2 * window - 1;
  guint n_next = random_below (3);
  guint offset = random_below (32);
  gsize last = (gsize) (n_rows + n_next - 1) * stride;
  g_autofree guint8 *plane = new_plane (offset + last + row_bytes);
  WeirPdqBand band = {
    .data = plane + offset,
    .stride = (gssize) stride,
    .width = width,
    .n_rows = n_rows,
    .n_next = n_next,
    .shift = words ? random_below (9) : 0,
    .scale = words ? 1.0f / (gfloat) (1 << random_below (9)) : 1.0f,
    .weights = weights,
    .rows_at_once = window * window <= WEIR_PDQ_WEIGHTS_16_BITS
                        ? 2 * window
                        : WEIR_PDQ_WEIGHTS_16_BITS / window / 2 * 2,
    .short_sums = short_sums,
    .long_sums = long_sums,
  };

  fill_with_weights (weights, window);
  if (n_rows == window && n_rows % 2 == 1)
    weights[n_rows] = 0;
  if (random_below (2) == 0) {
    band.data += last;
    band.stride = -band.stride;
  }
  if (words)
    check_band (&band, dsp->sum_words, portable->sum_words, 2, TRUE);
  else if (pixel_stride == 2)
    check_band (
        &band, dsp->sum_spaced_bytes, portable->sum_spaced_bytes, 2, FALSE);
  else
    check_band (&band, dsp->sum_bytes, portable->sum_bytes, 1, FALSE);
}

static void
try_bands (guint pixel_stride, gboolean words)
{
  static const guint windows[] = { 1, 2, 3, 5, 9, 16, 17, 30, 47,
    WEIR_PDQ_WINDOW_WHOLE };

  for (guint width = WEIR_PDQ_MIN_SIDE; width <= MAX_WIDTH; width++)
    for (guint i = 0; i < G_N_ELEMENTS (windows); i++)
      if (width < 132 || (width + i) % 4 == 0)
        try_band (width, windows[i], pixel_stride, words);
}

static void
test_bytes (void)
{
  try_bands (1, FALSE);
}

static void
test_spaced_bytes (void)
{
  try_bands (2, FALSE);
}

static void
test_words (void)
{
  try_bands (2, TRUE);
}

static void
test_add_bytes (void)
{
  for (guint width = WEIR_PDQ_MIN_SIDE; width <= MAX_WIDTH; width++) {
    g_autofree guint8 *row = new_plane (width + 3);
    gfloat weight = (gfloat) g_rand_double_range (random_source, 0.0, 8.0);
    gfloat lines[2][MAX_WIDTH + GUARD];

    fill_with_floats (lines[0], MAX_WIDTH + GUARD, 1000.0);
    memcpy (lines[1], lines[0], sizeof lines[0]);
    portable_dsp ()->add_bytes (lines[0], row + 3, weight, width);
    weir_pdq_dsp_get ()->add_bytes (lines[1], row + 3, weight, width);
    g_assert_cmpmem (lines[0], sizeof lines[0], lines[1], sizeof lines[1]);
  }
}

static void
check_weigh_line (guint n_points)
{
  for (guint n_weights = 8; n_weights <= 128; n_weights += 8) {
    const guint width = 1000;
    g_autofree gfloat *line = g_new (gfloat, width + n_weights);
    g_autofree gfloat *weights = g_new (gfloat, GRID * n_weights);
    WeirPdqAxis columns = {
      .n_points = n_points,
      .n_weights = n_weights,
      .weights = weights,
    };
    gfloat rows[2][GRID] = { { 0 } };

    fill_with_floats (line, width + n_weights, 20000.0);
    fill_with_floats (weights, GRID * n_weights, 0.01);
    for (guint i = 0; i < GRID; i++)
      columns.first[i] = random_below (width);
    portable_dsp ()->weigh_line (rows[0], line, &columns);
    weir_pdq_dsp_get ()->weigh_line (rows[1], line, &columns);
    g_assert_cmpmem (rows[0], sizeof rows[0], rows[1], sizeof rows[1]);

    for (guint i = 0; i < n_points; i++) {
      gdouble sum = 0.0;

      for (guint j = 0; j < n_weights; j++)
        sum +=
            (gdouble) weights[i * n_weights + j] * line[columns.first[i] + j];
      g_assert_cmpfloat_with_epsilon (rows[0][i], sum, 0.02);
    }
  }
}

static void
test_weigh_line (void)
{
  check_weigh_line (GRID);
  check_weigh_line (ROUGH);
}

/* Among them steps of exactly one percent and a little less. */
static void
check_sum_gradients (guint side)
{
  gfloat grid[GRID * GRID + WEIR_PDQ_LANES];

  for (guint n = 0; n < 50; n++) {
    gfloat scale = n % 2 == 0 ? 1.0f : 255.0f / 219.0f;

    fill_with_floats (grid, G_N_ELEMENTS (grid), 255.0);
    for (guint i = 0; i < GRID * GRID && n % 5 == 0; i++)
      grid[i] = (gfloat) (random_below (101) * 2.55);
    g_assert_cmpuint (weir_pdq_dsp_get ()->sum_gradients (grid, side, scale),
        ==, portable_dsp ()->sum_gradients (grid, side, scale));
  }

  /* A slope of one percent a row, beside values that do not count. */
  for (guint i = 0; i < G_N_ELEMENTS (grid); i++)
    grid[i] = i < side * side ? (gfloat) (i / side) * 2.56f : 1e6f;
  g_assert_cmpuint (weir_pdq_dsp_get ()->sum_gradients (grid, side, 1.0f), ==,
      side * (side - 1));
}

static void
test_sum_gradients (void)
{
  check_sum_gradients (GRID);
  check_sum_gradients (ROUGH);
}

static void
check_multiply (guint side)
{
  const guint n_columns[] = { WEIR_PDQ_DCT, side };
  gfloat a[WEIR_PDQ_DCT * GRID];
  gfloat b[GRID * GRID];
  gfloat products[2][WEIR_PDQ_DCT * GRID];

  for (guint n = 0; n < 20; n++) {
    guint columns = n_columns[n % 2];

    fill_with_floats (a, G_N_ELEMENTS (a), 1.0);
    fill_with_floats (b, G_N_ELEMENTS (b), 255.0);
    memset (products, 0, sizeof products);
    portable_dsp ()->multiply (products[0], a, b, side, columns);
    weir_pdq_dsp_get ()->multiply (products[1], a, b, side, columns);
    g_assert_cmpmem (
        products[0], sizeof products[0], products[1], sizeof products[1]);

    for (guint i = 0; i < WEIR_PDQ_DCT * columns; i++) {
      gfloat sum = 0.0f;

      for (guint k = 0; k < side; k++)
        sum += a[i / columns * side + k] * b[k * columns + i % columns];
      g_assert_cmpfloat_with_epsilon (products[1][i], sum, 0.01);
    }
  }
}

static void
test_multiply (void)
{
  check_multiply (GRID);
  check_multiply (ROUGH);
}

static void
test_take_bits (void)
{
  gfloat dct[WEIR_PDQ_BITS];

  for (guint n = 0; n < 400; n++) {
    guint16 rows[2][WEIR_PDQ_DCT];

    fill_with_floats (dct, WEIR_PDQ_BITS, 1000.0);
    /* Ties, and zeros of either sign. */
    for (guint i = 0; i < WEIR_PDQ_BITS && n % 3 == 0; i++)
      dct[i] = (gfloat) (gint) (dct[i] / 300.0f) * 0.5f;
    portable_dsp ()->take_bits (dct, n & 1, n & 2, rows[0]);
    weir_pdq_dsp_get ()->take_bits (dct, n & 1, n & 2, rows[1]);
    g_assert_cmpmem (rows[0], sizeof rows[0], rows[1], sizeof rows[1]);
  }
}

static WeirPdqPicture
reduce (const WeirLuma *luma, guint flags_mask)
{
  WeirPdqPicture picture;
  WeirPdqHasher *hasher;

  weir_cpu_set_flags_mask (flags_mask);
  hasher = weir_pdq_hasher_new (luma->width, luma->height);
  weir_pdq_hasher_run (hasher, luma, &picture);
  weir_pdq_hasher_free (hasher);
  weir_cpu_set_flags_mask (G_MAXUINT);
  return picture;
}

static void
compare_hashers (const WeirLuma *luma)
{
  WeirPdqPicture picture = reduce (luma, G_MAXUINT);
  WeirPdqPicture portable = reduce (luma, 0);

  g_assert_cmpuint (picture.quality, ==, portable.quality);
  g_assert_cmpmem (
      picture.dct, sizeof picture.dct, portable.dct, sizeof portable.dct);
  for (WeirPdqOrientation i = 0; i < WEIR_PDQ_N_ORIENTATIONS; i++) {
    WeirPdqHash hashes[2];

    weir_pdq_picture_get_hash (&picture, i, &hashes[0]);
    weir_cpu_set_flags_mask (0);
    weir_pdq_picture_get_hash (&picture, i, &hashes[1]);
    weir_cpu_set_flags_mask (G_MAXUINT);
    g_assert_cmpuint (weir_pdq_distance (&hashes[0], &hashes[1]), ==, 0);
  }
}

/* Every size has its own windows, whole and not, up to those that are too large
 * for integers; every layout its own loop. */
static void
test_hashers (void)
{
  static const guint sizes[][2] = { { 64, 64 }, { 65, 127 }, { 128, 129 },
    { 320, 240 }, { 427, 240 }, { 641, 359 }, { 640, 480 }, { 72, 2160 },
    { 3840, 70 }, { 68, 8192 }, { 68, 8200 } };
  static const guint max_pixel_stride = 4;
  static const WeirLuma layouts[] = {
    { .depth = 8, .pixel_stride = 1 },
    { .depth = 8, .pixel_stride = 2 },
    { .depth = 8, .pixel_stride = 4, .full_range = TRUE },
    { .depth = 10, .pixel_stride = 2 },
    { .depth = 10, .pixel_stride = 2, .shift = 6, .full_range = TRUE },
    { .depth = 16, .pixel_stride = 2 },
    { .depth = 12, .pixel_stride = 4 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    g_autofree guint8 *plane = pdq_picture_new (
        PDQ_PICTURE_SCENE, sizes[i][0] * max_pixel_stride, sizes[i][1], i);

    for (guint j = 0; j < G_N_ELEMENTS (layouts); j++) {
      WeirLuma luma = layouts[j];
      gsize row_bytes = (gsize) sizes[i][0] * luma.pixel_stride;

      luma.width = sizes[i][0];
      luma.height = sizes[i][1];
      luma.stride = (gssize) row_bytes;
      luma.data = plane;
      compare_hashers (&luma);
      luma.data = plane + row_bytes * (luma.height - 1);
      luma.stride = -luma.stride;
      compare_hashers (&luma);
    }
  }
}

static void
test_mask (void)
{
  guint flags = weir_cpu_get_flags ();

  weir_cpu_set_flags_mask (0);
  g_assert_cmpuint (weir_cpu_get_flags (), ==, 0);
  g_assert_true (weir_pdq_dsp_get () == &weir_pdq_dsp_c);
  weir_cpu_set_flags_mask (G_MAXUINT);
  g_assert_cmpuint (weir_cpu_get_flags (), ==, flags);
#ifdef __x86_64__
  if (flags & WEIR_CPU_AVX2)
    g_assert_true (weir_pdq_dsp_get () != &weir_pdq_dsp_c);
#endif
  if (weir_pdq_dsp_get () == &weir_pdq_dsp_c)
    g_test_message ("portable C alone on this machine");
}

int
main (int argc, char **argv)
{
  gint status;

  g_test_init (&argc, &argv, NULL);
  random_source = g_rand_new_with_seed (1);
  g_test_add_func ("/pdq-dsp/mask", test_mask);
  g_test_add_func ("/pdq-dsp/bytes", test_bytes);
  g_test_add_func ("/pdq-dsp/spaced-bytes", test_spaced_bytes);
  g_test_add_func ("/pdq-dsp/words", test_words);
  g_test_add_func ("/pdq-dsp/add-bytes", test_add_bytes);
  g_test_add_func ("/pdq-dsp/weigh-line", test_weigh_line);
  g_test_add_func ("/pdq-dsp/sum-gradients", test_sum_gradients);
  g_test_add_func ("/pdq-dsp/multiply", test_multiply);
  g_test_add_func ("/pdq-dsp/take-bits", test_take_bits);
  g_test_add_func ("/pdq-dsp/hashers", test_hashers);
  status = g_test_run ();
  g_rand_free (random_source);
  return status;
}
