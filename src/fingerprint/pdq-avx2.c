/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The loops of PDQ for x86-64 processors with AVX2.
 *
 * A grid row's source rows are summed strip by strip, a strip of so many
 * columns as a pair of registers holds, from the first row to the last, so that
 * sums stay in registers. Meanwhile the rows of the next grid row come into the
 * cache. The last strip overlaps the one before: the width need not be a
 * multiple of anything. Two rows are taken together, their samples interleaved,
 * which is what the instructions that multiply and add neighbours want.
 */
#include "fingerprint/pdq-dsp.h"
#include "fingerprint/prefetch.h"

#include <immintrin.h>
#include <string.h>

#define DCT   WEIR_PDQ_DCT
#define LANES WEIR_PDQ_LANES

/* Bytes of a row in a strip, and bytes that come from memory together. */
#define STRIP      32
#define CACHE_LINE 64

/* The sums of a strip's columns. Interleaving works in halves of a register:
 * @low has the first and the third quarter of the columns, @high the others. */
typedef struct {
  __m256i low;
  __m256i high;
} Sums;

static inline __m256i
load (const guint8 *data)
{
  return _mm256_loadu_si256 ((const __m256i *) data);
}

static inline const guint8 *
second_of_pair (const WeirPdqBand *band, guint row, const guint8 *data)
{
  return row + 1 < band->n_rows ? data + band->stride : data;
}

/* The weights of two rows, in the two bytes of each word. */
static inline __m256i
byte_weights (const WeirPdqBand *band, guint row)
{
  gint16 weights;

  memcpy (&weights, band->weights + row, sizeof weights);
  return _mm256_set1_epi16 (weights);
}

/* The weights of two rows, in the two words of each double word. */
static inline __m256i
word_weights (const WeirPdqBand *band, guint row)
{
  return _mm256_set1_epi32 (
      band->weights[row] | (gint32) band->weights[row + 1] << 16);
}

/* Fetches what lies below the strip for the next grid row. Processors do not
 * foresee a walk down columns: without this it takes three times as long. */
static inline void
prefetch_next (const WeirPdqBand *band, gsize offset)
{
  const guint8 *row =
      band->data + (gssize) band->n_rows * band->stride + offset;

  if (offset % CACHE_LINE != 0)
    return;
  for (guint i = 0; i < band->n_next; i++, row += band->stride)
    weir_prefetch (row);
}

static inline void
store_words (gfloat *line, __m256i words, gboolean add)
{
  __m256i first = _mm256_cvtepu16_epi32 (_mm256_castsi256_si128 (words));
  __m256i last = _mm256_cvtepu16_epi32 (_mm256_extracti128_si256 (words, 1));
  __m256 floats[2] = { _mm256_cvtepi32_ps (first), _mm256_cvtepi32_ps (last) };

  for (guint i = 0; i < 2; i++) {
    gfloat *to = line + i * LANES;

    if (add)
      floats[i] = _mm256_add_ps (floats[i], _mm256_loadu_ps (to));
    _mm256_storeu_ps (to, floats[i]);
  }
}

static inline Sums
sum_strip_of_bytes (
    const WeirPdqBand *band, const guint8 *data, guint first, guint end)
{
  Sums sums = { _mm256_setzero_si256 (), _mm256_setzero_si256 () };

  for (guint i = first; i < end; i += 2, data += 2 * band->stride) {
    __m256i row_0 = load (data);
    __m256i row_1 = load (second_of_pair (band, i, data));
    __m256i weights = byte_weights (band, i);

    sums.low = _mm256_add_epi16 (sums.low,
        _mm256_maddubs_epi16 (_mm256_unpacklo_epi8 (row_0, row_1), weights));
    sums.high = _mm256_add_epi16 (sums.high,
        _mm256_maddubs_epi16 (_mm256_unpackhi_epi8 (row_0, row_1), weights));
  }
  return sums;
}

static void
sum_bytes (gfloat *line, const WeirPdqBand *band)
{
  for (guint i = 0; i < band->width; i += STRIP) {
    guint column = MIN (i, band->width - STRIP);

    prefetch_next (band, i);
    for (guint j = 0; j < band->n_rows; j += band->rows_at_once) {
      Sums sums = sum_strip_of_bytes (band,
          band->data + (gssize) j * band->stride + column, j,
          MIN (j + band->rows_at_once, band->n_rows));

      store_words (line + column,
          _mm256_permute2x128_si256 (sums.low, sums.high, 0x20), j > 0);
      store_words (line + column + STRIP / 2,
          _mm256_permute2x128_si256 (sums.low, sums.high, 0x31), j > 0);
    }
  }
}

/* Two rows of every other byte: the one goes where the other has its gaps. In
 * the last strip samples are the upper bytes of words, so that no word begins
 * with the last sample. */
static inline __m256i
join_spaced_bytes (const guint8 *data_0, const guint8 *data_1, gboolean upper)
{
  const __m256i lower_bytes = _mm256_set1_epi16 (0xff);
  __m256i row_0 = load (data_0);
  __m256i row_1 = load (data_1);

  if (upper)
    return _mm256_or_si256 (
        _mm256_srli_epi16 (row_0, 8), _mm256_andnot_si256 (lower_bytes, row_1));
  return _mm256_or_si256 (
      _mm256_and_si256 (lower_bytes, row_0), _mm256_slli_epi16 (row_1, 8));
}

static inline void
sum_strip_of_spaced_bytes (
    gfloat *line, const WeirPdqBand *band, const guint8 *data, gboolean upper)
{
  for (guint i = 0; i < band->n_rows; i += band->rows_at_once) {
    guint end = MIN (i + band->rows_at_once, band->n_rows);
    __m256i sums = _mm256_setzero_si256 ();

    for (guint j = i; j < end; j += 2, data += 2 * band->stride) {
      __m256i rows =
          join_spaced_bytes (data, second_of_pair (band, j, data), upper);

      sums = _mm256_add_epi16 (
          sums, _mm256_maddubs_epi16 (rows, byte_weights (band, j)));
    }
    store_words (line, sums, i > 0);
  }
}

static void
sum_spaced_bytes (gfloat *line, const WeirPdqBand *band)
{
  guint last = band->width - STRIP / 2;

  for (guint i = 0; i < last; i += STRIP / 2) {
    sum_strip_of_spaced_bytes (
        line + i, band, band->data + 2 * (gsize) i, FALSE);
    prefetch_next (band, 2 * (gsize) i);
  }
  prefetch_next (band, 2 * (gsize) last);
  sum_strip_of_spaced_bytes (
      line + last, band, band->data + 2 * (gsize) last - 1, TRUE);
}

/* What the words of a column are short of, all rows together. */
static inline __m256i
missing_from_words (const WeirPdqBand *band)
{
  gint weights = 0;

  for (guint i = 0; i < band->n_rows; i++)
    weights += band->weights[i];
  return _mm256_set1_epi32 (-(weights * G_MININT16));
}

/* Words less 2^15 each, for the instruction that multiplies signed words. */
static inline __m256i
load_words (const guint8 *data, __m128i shift)
{
  return _mm256_xor_si256 (
      _mm256_srl_epi16 (load (data), shift), _mm256_set1_epi16 (G_MININT16));
}

static inline Sums
sum_strip_of_words (
    const WeirPdqBand *band, const guint8 *data, __m256i missing)
{
  const __m128i shift = _mm_cvtsi32_si128 ((gint) band->shift);
  Sums sums = { missing, missing };

  for (guint i = 0; i < band->n_rows; i += 2, data += 2 * band->stride) {
    __m256i row_0 = load_words (data, shift);
    __m256i row_1 = load_words (second_of_pair (band, i, data), shift);
    __m256i weights = word_weights (band, i);

    sums.low = _mm256_add_epi32 (sums.low,
        _mm256_madd_epi16 (_mm256_unpacklo_epi16 (row_0, row_1), weights));
    sums.high = _mm256_add_epi32 (sums.high,
        _mm256_madd_epi16 (_mm256_unpackhi_epi16 (row_0, row_1), weights));
  }
  return sums;
}

static void
sum_words (gfloat *line, const WeirPdqBand *band)
{
  const __m256 scale = _mm256_set1_ps (band->scale);
  const __m256i missing = missing_from_words (band);

  for (guint i = 0; i < band->width; i += STRIP / 2) {
    guint column = MIN (i, band->width - STRIP / 2);
    Sums sums =
        sum_strip_of_words (band, band->data + 2 * (gsize) column, missing);
    __m256i first = _mm256_permute2x128_si256 (sums.low, sums.high, 0x20);
    __m256i last = _mm256_permute2x128_si256 (sums.low, sums.high, 0x31);

    prefetch_next (band, 2 * (gsize) i);
    _mm256_storeu_ps (
        line + column, _mm256_mul_ps (_mm256_cvtepi32_ps (first), scale));
    _mm256_storeu_ps (line + column + LANES,
        _mm256_mul_ps (_mm256_cvtepi32_ps (last), scale));
  }
}

static void
add_bytes (gfloat *line, const guint8 *row, gfloat weight, guint width)
{
  const __m256 weights = _mm256_set1_ps (weight);
  guint i = 0;

  for (; i + LANES <= width; i += LANES) {
    __m256i bytes =
        _mm256_cvtepu8_epi32 (_mm_loadl_epi64 ((const __m128i *) (row + i)));
    __m256 added = _mm256_mul_ps (weights, _mm256_cvtepi32_ps (bytes));

    _mm256_storeu_ps (
        line + i, _mm256_add_ps (_mm256_loadu_ps (line + i), added));
  }
  for (; i < width; i++)
    line[i] += weight * row[i];
}

/* Four points of the grid, the partial sums of each in one register. */
static inline __m128
weigh_four_points (const gfloat *line, const WeirPdqAxis *columns, guint point)
{
  const gfloat *weights = columns->weights + point * columns->n_weights;
  const guint *first = columns->first + point;
  __m256 sums[4];
  __m128 quarters[4];

  for (guint i = 0; i < 4; i++)
    sums[i] = _mm256_setzero_ps ();
  for (guint j = 0; j < columns->n_weights; j += LANES)
    for (guint i = 0; i < 4; i++)
      sums[i] = _mm256_add_ps (sums[i],
          _mm256_mul_ps (_mm256_loadu_ps (weights + i * columns->n_weights + j),
              _mm256_loadu_ps (line + first[i] + j)));

  for (guint i = 0; i < 4; i++)
    quarters[i] = _mm_add_ps (
        _mm256_castps256_ps128 (sums[i]), _mm256_extractf128_ps (sums[i], 1));
  _MM_TRANSPOSE4_PS (quarters[0], quarters[1], quarters[2], quarters[3]);
  return _mm_add_ps (_mm_add_ps (quarters[0], quarters[2]),
      _mm_add_ps (quarters[1], quarters[3]));
}

static void
weigh_line (gfloat *grid_row, const gfloat *line, const WeirPdqAxis *columns)
{
  for (guint i = 0; i < columns->n_points; i += 4)
    _mm_storeu_ps (grid_row + i, weigh_four_points (line, columns, i));
}

static inline gint
sum_of_lanes (__m256i lanes)
{
  __m128i sums = _mm_add_epi32 (
      _mm256_castsi256_si128 (lanes), _mm256_extracti128_si256 (lanes, 1));

  sums = _mm_add_epi32 (sums, _mm_shuffle_epi32 (sums, 0x4e));
  sums = _mm_add_epi32 (sums, _mm_shuffle_epi32 (sums, 0xb1));
  return _mm_cvtsi128_si32 (sums);
}

static inline __m256i
gradients (__m256 here, const gfloat *there, __m256 scale)
{
  __m256 step =
      _mm256_sub_ps (here, _mm256_mul_ps (_mm256_loadu_ps (there), scale));

  step = _mm256_div_ps (
      _mm256_mul_ps (step, _mm256_set1_ps (100.0f)), _mm256_set1_ps (255.0f));
  return _mm256_abs_epi32 (_mm256_cvttps_epi32 (step));
}

/* The last point of a row has no neighbour to its right. */
static guint
sum_gradients (const gfloat *grid, guint side, gfloat scale)
{
  const __m256 scales = _mm256_set1_ps (scale);
  const __m256i but_last = _mm256_setr_epi32 (-1, -1, -1, -1, -1, -1, -1, 0);
  __m256i sums = _mm256_setzero_si256 ();

  for (guint i = 0; i < side * side; i += LANES) {
    __m256 here = _mm256_mul_ps (_mm256_loadu_ps (grid + i), scales);
    __m256i across = gradients (here, grid + i + 1, scales);

    if (i % side == side - LANES)
      across = _mm256_and_si256 (across, but_last);
    sums = _mm256_add_epi32 (sums, across);
    if (i < side * (side - 1))
      sums = _mm256_add_epi32 (sums, gradients (here, grid + i + side, scales));
  }
  return (guint) sum_of_lanes (sums);
}

/* 4 rows and 16 columns of the product, in eight registers. */
static inline void
multiply_block (gfloat *product, const gfloat *a, const gfloat *b, guint side,
    guint n_columns)
{
  __m256 sums[4][2];

  for (guint i = 0; i < 4; i++)
    sums[i][0] = sums[i][1] = _mm256_setzero_ps ();
  for (guint k = 0; k < side; k++) {
    __m256 left = _mm256_loadu_ps (b + k * n_columns);
    __m256 right = _mm256_loadu_ps (b + k * n_columns + LANES);

    for (guint i = 0; i < 4; i++) {
      __m256 factor = _mm256_broadcast_ss (a + i * side + k);

      sums[i][0] = _mm256_add_ps (sums[i][0], _mm256_mul_ps (factor, left));
      sums[i][1] = _mm256_add_ps (sums[i][1], _mm256_mul_ps (factor, right));
    }
  }
  for (guint i = 0; i < 4; i++) {
    _mm256_storeu_ps (product + i * n_columns, sums[i][0]);
    _mm256_storeu_ps (product + i * n_columns + LANES, sums[i][1]);
  }
}

static void
multiply (gfloat *product, const gfloat *a, const gfloat *b, guint side,
    guint n_columns)
{
  for (guint i = 0; i < DCT; i += 4)
    for (guint j = 0; j < n_columns; j += 2 * LANES)
      multiply_block (
          product + i * n_columns + j, a + i * side, b + j, side, n_columns);
}

/* Integers with the order of the floats; -0 and 0 are equal. */
static inline __m256i
sortable_keys (__m256 values)
{
  __m256i keys =
      _mm256_castps_si256 (_mm256_add_ps (values, _mm256_setzero_ps ()));
  __m256i below_zero = _mm256_srai_epi32 (keys, 31);

  return _mm256_xor_si256 (
      keys, _mm256_and_si256 (below_zero, _mm256_set1_epi32 (G_MAXINT32)));
}

/* The 128th smallest of 256 keys, by bisection of the range. */
static gint32
lower_median (const __m256i keys[WEIR_PDQ_BITS / LANES])
{
  gint64 low = G_MININT32;
  gint64 high = G_MAXINT32;

  while (low < high) {
    gint32 middle = (gint32) (low + (high - low) / 2);
    __m256i middles = _mm256_set1_epi32 (middle);
    __m256i above = _mm256_setzero_si256 (); /* each counted as -1 */

    for (guint i = 0; i < WEIR_PDQ_BITS / LANES; i++)
      above = _mm256_add_epi32 (above, _mm256_cmpgt_epi32 (keys[i], middles));
    if (WEIR_PDQ_BITS + sum_of_lanes (above) >= WEIR_PDQ_BITS / 2)
      high = middle;
    else
      low = (gint64) middle + 1;
  }
  return (gint32) low;
}

static inline guint
bits_above (__m256i keys, __m256i median)
{
  return (guint) _mm256_movemask_ps (
      _mm256_castsi256_ps (_mm256_cmpgt_epi32 (keys, median)));
}

static void
take_bits (const gfloat *dct, gboolean negate_rows, gboolean negate_columns,
    guint16 rows[WEIR_PDQ_DCT])
{
  const __m256 all = _mm256_set1_ps (-0.0f);
  const __m256 every_other =
      _mm256_setr_ps (-0.0f, 0.0f, -0.0f, 0.0f, -0.0f, 0.0f, -0.0f, 0.0f);
  __m256 signs = negate_columns ? every_other : _mm256_setzero_ps ();
  __m256i keys[WEIR_PDQ_BITS / LANES];
  __m256i median;

  for (guint i = 0; i < DCT; i++) {
    __m256 flips = negate_rows && i % 2 == 0 ? all : _mm256_setzero_ps ();

    flips = _mm256_xor_ps (flips, signs);
    keys[2 * i] =
        sortable_keys (_mm256_xor_ps (_mm256_loadu_ps (dct + i * DCT), flips));
    keys[2 * i + 1] = sortable_keys (
        _mm256_xor_ps (_mm256_loadu_ps (dct + i * DCT + LANES), flips));
  }

  median = _mm256_set1_epi32 (lower_median (keys));
  for (guint i = 0; i < DCT; i++)
    rows[i] = (guint16) (bits_above (keys[2 * i], median) |
                         bits_above (keys[2 * i + 1], median) << LANES);
}

const WeirPdqDsp weir_pdq_dsp_avx2 = {
  .sum_bytes = sum_bytes,
  .sum_spaced_bytes = sum_spaced_bytes,
  .sum_words = sum_words,
  .add_bytes = add_bytes,
  .weigh_line = weigh_line,
  .sum_gradients = sum_gradients,
  .multiply = multiply,
  .take_bits = take_bits,
};
