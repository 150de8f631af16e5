/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The loops over coarse pictures for x86-64 processors with AVX2.
 *
 * Blocks of 1, 2, 4 and 8 samples across, which are those of pictures up to
 * 7679 samples wide, are summed here; the portable loop does the others, and
 * what is left of a row.
 */
#include "fingerprint/coarse-dsp.h"

#include <immintrin.h>

/* Means that are made at a time. */
#define STRIP 32

static inline __m256i
load (const guint8 *data)
{
  return _mm256_loadu_si256 ((const __m256i *) data);
}

/* The sums of 16 pairs of neighbours in each row, of all rows. */
static inline __m256i
sum_pairs (const guint8 *data, gssize stride, guint n_rows)
{
  __m256i sums = _mm256_setzero_si256 ();
  guint i;

  for (i = 0; i < n_rows; i++, data += stride)
    sums = _mm256_add_epi16 (
        sums, _mm256_maddubs_epi16 (load (data), _mm256_set1_epi8 (1)));
  return sums;
}

/* The sums of 8 groups of four. */
static inline __m256i
sum_fours (const guint8 *data, gssize stride, guint n_rows)
{
  return _mm256_madd_epi16 (
      sum_pairs (data, stride, n_rows), _mm256_set1_epi16 (1));
}

/* The sums of 8 groups of eight, from 64 samples. */
static inline __m256i
sum_eights (const guint8 *data, gssize stride, guint n_rows)
{
  __m256i sums = _mm256_hadd_epi32 (sum_fours (data, stride, n_rows),
      sum_fours (data + STRIP, stride, n_rows));

  return _mm256_permute4x64_epi64 (sums, 0xd8);
}

/* Bytes from the words of both, in order. */
static inline __m256i
join_words (__m256i first, __m256i last)
{
  return _mm256_permute4x64_epi64 (_mm256_packus_epi16 (first, last), 0xd8);
}

/* Words from the double words of both, in order. */
static inline __m256i
join_double_words (__m256i first, __m256i last)
{
  return _mm256_permute4x64_epi64 (_mm256_packus_epi32 (first, last), 0xd8);
}

static inline __m256i
halve_words (__m256i sums, guint shift)
{
  return _mm256_srl_epi16 (
      _mm256_add_epi16 (sums, _mm256_set1_epi16 ((gint16) (1 << shift >> 1))),
      _mm_cvtsi32_si128 ((gint) shift));
}

static inline __m256i
average_pairs (const guint8 *data, gssize stride, guint n_rows, guint shift)
{
  return join_words (halve_words (sum_pairs (data, stride, n_rows), shift),
      halve_words (sum_pairs (data + STRIP, stride, n_rows), shift));
}

static inline __m256i
divide (__m256i sums, guint shift)
{
  return _mm256_srl_epi32 (
      _mm256_add_epi32 (sums, _mm256_set1_epi32 (1 << shift >> 1)),
      _mm_cvtsi32_si128 ((gint) shift));
}

/* Of groups of four, or of eight if @eights. */
static inline __m256i
average_groups (const guint8 *data, gssize stride, guint n_rows, guint shift,
    gboolean eights)
{
  __m256i quarters[4];
  guint i;

  for (i = 0; i < 4; i++)
    quarters[i] =
        divide (eights ? sum_eights (data + 2 * i * STRIP, stride, n_rows)
                       : sum_fours (data + i * STRIP, stride, n_rows),
            shift);
  return join_words (join_double_words (quarters[0], quarters[1]),
      join_double_words (quarters[2], quarters[3]));
}

/* Of single samples: rows alone are averaged. */
static inline __m256i
average_rows (const guint8 *data, gssize stride, guint n_rows, guint shift)
{
  __m256i zero = _mm256_setzero_si256 (), low = zero, high = zero;
  guint i;

  for (i = 0; i < n_rows; i++, data += stride) {
    low = _mm256_add_epi16 (low, _mm256_unpacklo_epi8 (load (data), zero));
    high = _mm256_add_epi16 (high, _mm256_unpackhi_epi8 (load (data), zero));
  }
  return _mm256_packus_epi16 (
      halve_words (low, shift), halve_words (high, shift));
}

static inline __m256i
average_strip (
    const guint8 *data, gssize stride, guint n_rows, guint across, guint shift)
{
  switch (across) {
    case 1:
      return average_rows (data, stride, n_rows, shift);
    case 2:
      return average_pairs (data, stride, n_rows, shift);
    case 4:
      return average_groups (data, stride, n_rows, shift, FALSE);
    default:
      return average_groups (data, stride, n_rows, shift, TRUE);
  }
}

static void
average (guint8 *out, guint n_out, const guint8 *rows, gssize stride,
    guint n_rows, guint across)
{
  guint shift = (guint) __builtin_ctz (n_rows * across);
  guint n_done = 0;

  if (across <= 8)
    for (; n_done + STRIP <= n_out; n_done += STRIP)
      _mm256_storeu_si256 ((__m256i *) (out + n_done),
          average_strip (
              rows + (gsize) n_done * across, stride, n_rows, across, shift));
  weir_coarse_dsp_c.average (out + n_done, n_out - n_done,
      rows + (gsize) n_done * across, stride, n_rows, across);
}

static inline __m256i
clamp (__m256i values, gint32 last)
{
  return _mm256_min_epi32 (_mm256_max_epi32 (values, _mm256_setzero_si256 ()),
      _mm256_set1_epi32 (last));
}

/* Eight steps from @start on. */
static inline __m256i
get_steps (gint32 start, gint32 step)
{
  return _mm256_add_epi32 (_mm256_set1_epi32 (start),
      _mm256_mullo_epi32 (_mm256_set1_epi32 (step),
          _mm256_setr_epi32 (0, 1, 2, 3, 4, 5, 6, 7)));
}

/* Each sample is read with the three bytes behind it, the last ones with some
 * of the slack. */
static void
walk (
    guint8 *out, guint n, const WeirCoarse *coarse, const WeirCoarseWalk *along)
{
  const __m256i first_bytes =
      _mm256_setr_epi8 (0, 4, 8, 12, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
          -1, 0, 4, 8, 12, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1);
  const __m256i stride = _mm256_set1_epi32 ((gint32) coarse->luma.stride);
  __m256i columns = get_steps (along->column, along->column_step);
  __m256i rows = get_steps (along->row, along->row_step);
  guint i;

  for (i = 0; i < n; i += 8) {
    __m256i x = clamp (_mm256_srai_epi32 (columns, WEIR_COARSE_FRACTION),
        (gint32) coarse->luma.width - 1);
    __m256i y = clamp (_mm256_srai_epi32 (rows, WEIR_COARSE_FRACTION),
        (gint32) coarse->luma.height - 1);
    __m256i samples = _mm256_i32gather_epi32 (
        (const gint *) (gconstpointer) coarse->luma.data,
        _mm256_add_epi32 (_mm256_mullo_epi32 (y, stride), x), 1);

    samples = _mm256_shuffle_epi8 (samples, first_bytes);
    _mm_storeu_si32 (out + i, _mm256_castsi256_si128 (samples));
    _mm_storeu_si32 (out + i + 4, _mm256_extracti128_si256 (samples, 1));
    columns =
        _mm256_add_epi32 (columns, _mm256_set1_epi32 (8 * along->column_step));
    rows = _mm256_add_epi32 (rows, _mm256_set1_epi32 (8 * along->row_step));
  }
}

const WeirCoarseDsp weir_coarse_dsp_avx2 = {
  .average = average,
  .walk = walk,
};
