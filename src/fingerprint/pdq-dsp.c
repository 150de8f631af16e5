/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The loops of PDQ in portable C, written for the compiler to vectorise.
 */
#include "fingerprint/pdq-dsp.h"

#include "fingerprint/cpu.h"
#include "fingerprint/prefetch.h"

#include <string.h>

#define GRID  WEIR_PDQ_GRID
#define ROUGH WEIR_PDQ_ROUGH_GRID
#define DCT   WEIR_PDQ_DCT
#define LANES WEIR_PDQ_LANES

/* Source rows that are added up in one sweep over the line: three waste least
 * on the 2 * window - 1 rows of the usual sizes. */
#define ROWS_AT_ONCE 3

/* Bytes that come from memory together. */
#define CACHE_LINE 64

static const guint8 *
band_row (const WeirPdqBand *band, guint row)
{
  return band->data + (gssize) row * band->stride;
}

/* Has the rows of the next sweep fetched during this one: processors do not
 * foresee them across the ends of rows and pages. */
static void
prefetch_rows (const WeirPdqBand *band, guint first, gsize row_bytes)
{
  guint end = MIN (first + ROWS_AT_ONCE, band->n_rows + band->n_next);

  for (guint i = first; i < end; i++) {
    const guint8 *row = band_row (band, i);

    for (gsize j = 0; j < row_bytes; j += CACHE_LINE)
      weir_prefetch (row + j);
  }
}

/* Rows past the last one weigh 0. Returns the sum of the weights. */
static guint
take_rows (const WeirPdqBand *band, guint first,
    const guint8 *rows[ROWS_AT_ONCE], guint16 weights[ROWS_AT_ONCE])
{
  guint last = band->n_rows - 1;
  guint sum = 0;

  for (guint i = 0; i < ROWS_AT_ONCE; i++) {
    rows[i] = band_row (band, MIN (first + i, last));
    weights[i] = first + i <= last ? band->weights[first + i] : 0;
    sum += weights[i];
  }
  return sum;
}

/* @spacing is a constant where it is called, hence inline at all costs. */
__attribute__ ((always_inline)) static inline void
add_rows_of_bytes (guint16 *restrict sums, const guint8 *const rows[],
    const guint16 weights[], guint width, guint spacing)
{
  const guint8 *row_0 = rows[0];
  const guint8 *row_1 = rows[1];
  const guint8 *row_2 = rows[2];
  const guint16 weight_0 = weights[0];
  const guint16 weight_1 = weights[1];
  const guint16 weight_2 = weights[2];

  for (gsize i = 0; i < width; i++)
    sums[i] = (guint16) (sums[i] + row_0[i * spacing] * weight_0 +
                         row_1[i * spacing] * weight_1 +
                         row_2[i * spacing] * weight_2);
}

static void
move_sums_to_line (gfloat *restrict line, guint16 *restrict sums, guint width)
{
  for (guint i = 0; i < width; i++) {
    line[i] += sums[i];
    sums[i] = 0;
  }
}

/* 16-bit integers are twice as many in a register as floats, and the sums are
 * exact either way. */
__attribute__ ((always_inline)) static inline void
sum_rows_of_bytes (gfloat *line, const WeirPdqBand *band, guint spacing)
{
  guint16 *sums = band->short_sums;
  guint total = 0;

  memset (line, 0, band->width * sizeof *line);
  for (guint i = 0; i < band->n_rows; i += ROWS_AT_ONCE) {
    const guint8 *rows[ROWS_AT_ONCE];
    guint16 weights[ROWS_AT_ONCE];
    guint added = take_rows (band, i, rows, weights);

    if (total + added > WEIR_PDQ_WEIGHTS_16_BITS) {
      move_sums_to_line (line, sums, band->width);
      total = 0;
    }
    prefetch_rows (band, i + ROWS_AT_ONCE, (gsize) band->width * spacing);
    add_rows_of_bytes (sums, rows, weights, band->width, spacing);
    total += added;
  }
  move_sums_to_line (line, sums, band->width);
}

static void
sum_bytes (gfloat *line, const WeirPdqBand *band)
{
  sum_rows_of_bytes (line, band, 1);
}

static void
sum_spaced_bytes (gfloat *line, const WeirPdqBand *band)
{
  sum_rows_of_bytes (line, band, 2);
}

static guint16
read_word (const guint8 *data, guint16 mask)
{
  guint16 word;

  memcpy (&word, data, sizeof word);
  return GUINT16_FROM_LE (word) & mask;
}

/* Not inlined: gcc would see that weights are bytes, and multiply worse. */
__attribute__ ((noinline)) static void
add_rows_of_words (guint32 *restrict sums, const guint8 *const rows[],
    const guint16 weights[], guint16 mask, guint width)
{
  const guint8 *row_0 = rows[0];
  const guint8 *row_1 = rows[1];
  const guint8 *row_2 = rows[2];
  const guint16 weight_0 = weights[0];
  const guint16 weight_1 = weights[1];
  const guint16 weight_2 = weights[2];

  for (gsize i = 0; i < width; i++)
    sums[i] += (guint32) read_word (row_0 + 2 * i, mask) * weight_0 +
               (guint32) read_word (row_1 + 2 * i, mask) * weight_1 +
               (guint32) read_word (row_2 + 2 * i, mask) * weight_2;
}

/* The padding of a word is cleared, and shifted out of the sum alone. */
static void
sum_words (gfloat *line, const WeirPdqBand *band)
{
  const guint16 mask = (guint16) (G_MAXUINT16 << band->shift);
  guint32 *sums = band->long_sums;

  for (guint i = 0; i < band->n_rows; i += ROWS_AT_ONCE) {
    const guint8 *rows[ROWS_AT_ONCE];
    guint16 weights[ROWS_AT_ONCE];

    take_rows (band, i, rows, weights);
    prefetch_rows (band, i + ROWS_AT_ONCE, (gsize) band->width * 2);
    add_rows_of_words (sums, rows, weights, mask, band->width);
  }
  for (guint i = 0; i < band->width; i++) {
    line[i] = (gfloat) (gint32) (sums[i] >> band->shift) * band->scale;
    sums[i] = 0;
  }
}

static void
add_bytes (gfloat *restrict line, const guint8 *row, gfloat weight, guint width)
{
  for (guint i = 0; i < width; i++)
    line[i] += weight * row[i];
}

static gfloat
dot_product (const gfloat *a, const gfloat *b, gsize length)
{
  gfloat partial[LANES] = { 0.0f };

  for (gsize i = 0; i < length; i += LANES)
    for (gsize j = 0; j < LANES; j++)
      partial[j] += a[i + j] * b[i + j];

  for (gsize half = LANES / 2; half > 0; half /= 2)
    for (gsize j = 0; j < half; j++)
      partial[j] += partial[half + j];
  return partial[0];
}

static void
weigh_line (gfloat *grid_row, const gfloat *line, const WeirPdqAxis *columns)
{
  for (guint i = 0; i < columns->n_points; i++)
    grid_row[i] = dot_product (columns->weights + i * columns->n_weights,
        line + columns->first[i], columns->n_weights);
}

static gint
gradient (gfloat a, gfloat b, gfloat scale)
{
  return ABS ((gint) ((a * scale - b * scale) * 100.0f / 255.0f));
}

static guint
sum_gradients (const gfloat *grid, guint side, gfloat scale)
{
  gint sum = 0;

  for (guint i = 0; i < side * (side - 1); i++)
    sum += gradient (grid[i], grid[i + side], scale);
  for (guint i = 0; i < side; i++)
    for (guint j = 0; j < side - 1; j++)
      sum += gradient (grid[i * side + j], grid[i * side + j + 1], scale);

  return (guint) sum;
}

/* Adds four rows of a matrix, weighted, one after the other. */
__attribute__ ((always_inline)) static inline void
add_four_rows (gfloat *restrict sums, const gfloat weights[4],
    const gfloat *rows, guint n_columns)
{
  for (guint i = 0; i < n_columns; i++)
    sums[i] = sums[i] + weights[0] * rows[i] +
              weights[1] * rows[i + n_columns] +
              weights[2] * rows[i + 2 * n_columns] +
              weights[3] * rows[i + 3 * n_columns];
}

/* @n_columns is a constant where it is called, hence inline at all costs. */
__attribute__ ((always_inline)) static inline void
multiply_columns (gfloat *product, const gfloat *a, const gfloat *b, guint side,
    guint n_columns)
{
  memset (product, 0, (gsize) DCT * n_columns * sizeof *product);
  for (gsize i = 0; i < DCT; i++)
    for (gsize k = 0; k < side; k += 4)
      add_four_rows (product + i * n_columns, a + i * side + k,
          b + k * n_columns, n_columns);
}

static void
multiply (gfloat *product, const gfloat *a, const gfloat *b, guint side,
    guint n_columns)
{
  if (n_columns == GRID)
    multiply_columns (product, a, b, side, GRID);
  else if (n_columns == ROUGH)
    multiply_columns (product, a, b, side, ROUGH);
  else
    multiply_columns (product, a, b, side, DCT);
}

/* An integer with the order of the float. */
static gint32
sortable_key (gfloat value)
{
  gfloat unsigned_zero = value + 0.0f; /* -0 and 0 are equal */
  gint32 key;

  memcpy (&key, &unsigned_zero, sizeof key);
  return key < 0 ? key ^ G_MAXINT32 : key;
}

/* The 128th smallest of 256 keys, by bisection of the range: the counting loop
 * has no branches, whatever the order of the keys. */
static gint32
lower_median (const gint32 keys[WEIR_PDQ_BITS])
{
  gint64 low = G_MININT32;
  gint64 high = G_MAXINT32;

  while (low < high) {
    gint32 middle = (gint32) (low + (high - low) / 2);
    gint32 count = 0;

    for (guint i = 0; i < WEIR_PDQ_BITS; i++)
      count += keys[i] <= middle;
    if (count >= WEIR_PDQ_BITS / 2)
      high = middle;
    else
      low = (gint64) middle + 1;
  }
  return (gint32) low;
}

static void
take_bits (const gfloat *dct, gboolean negate_rows, gboolean negate_columns,
    guint16 rows[WEIR_PDQ_DCT])
{
  gint32 keys[WEIR_PDQ_BITS];
  gint32 median;

  for (guint i = 0; i < DCT; i++) {
    for (guint j = 0; j < DCT; j++) {
      gboolean negate =
          (negate_rows && i % 2 == 0) != (negate_columns && j % 2 == 0);
      gfloat value = dct[i * DCT + j];

      keys[i * DCT + j] = sortable_key (negate ? -value : value);
    }
  }

  median = lower_median (keys);
  for (guint i = 0; i < DCT; i++) {
    guint bits = 0;

    for (guint j = 0; j < DCT; j++)
      bits |= (guint) (keys[i * DCT + j] > median) << j;
    rows[i] = (guint16) bits;
  }
}

const WeirPdqDsp weir_pdq_dsp_c = {
  .sum_bytes = sum_bytes,
  .sum_spaced_bytes = sum_spaced_bytes,
  .sum_words = sum_words,
  .add_bytes = add_bytes,
  .weigh_line = weigh_line,
  .sum_gradients = sum_gradients,
  .multiply = multiply,
  .take_bits = take_bits,
};

const WeirPdqDsp *
weir_pdq_dsp_get (void)
{
#ifdef WEIR_HAVE_AVX2
  if (weir_cpu_get_flags () & WEIR_CPU_AVX2)
    return &weir_pdq_dsp_avx2;
#endif
  return &weir_pdq_dsp_c;
}
