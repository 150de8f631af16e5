/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The loops of comparing sound for x86-64 processors with AVX2. */
#include "match/audio-dsp.h"

#include <immintrin.h>

#define WORDS_OF_ROW (WEIR_N_PEAKS * N_WORDS)

/* Those of the stream, rounded to the nearest. Rows that are far outside come
 * out as the lowest number. */
static inline __m256i
get_stream_rows (const WeirAudioPeaks *peaks, const WeirAudioSearch *search,
    __m256i reference_rows)
{
  const __m256d first = _mm256_set1_pd ((gdouble) peaks->first_row);
  const __m256d offset = _mm256_set1_pd (search->offset);
  const __m256d stretch = _mm256_set1_pd ((gdouble) search->stretch);
  __m256d low = _mm256_cvtepi32_pd (_mm256_castsi256_si128 (reference_rows));
  __m256d high =
      _mm256_cvtepi32_pd (_mm256_extracti128_si256 (reference_rows, 1));

  low = _mm256_div_pd (
      _mm256_sub_pd (_mm256_add_pd (first, low), offset), stretch);
  high = _mm256_div_pd (
      _mm256_sub_pd (_mm256_add_pd (first, high), offset), stretch);

  return _mm256_set_m128i (_mm256_cvtpd_epi32 (high), _mm256_cvtpd_epi32 (low));
}

/* All ones where low < values < high. */
static inline __m256i
lie_between (__m256i values, gint32 low, gint32 high)
{
  return _mm256_and_si256 (_mm256_cmpgt_epi32 (values, _mm256_set1_epi32 (low)),
      _mm256_cmpgt_epi32 (_mm256_set1_epi32 (high), values));
}

/* All ones where the bit of a row and bin is set and @wanted is all ones. */
static inline __m256i
find_hits (
    const WeirAudioSearch *search, __m256i rows, __m256i bins, __m256i wanted)
{
  const gint *words = (const gint *) search->bits[0][WEIR_PEAKS_WIDE];
  __m256i places = _mm256_mullo_epi32 (
      _mm256_and_si256 (rows, _mm256_set1_epi32 (N_ROWS - 1)),
      _mm256_set1_epi32 (WORDS_OF_ROW));
  __m256i found, bits;

  places = _mm256_add_epi32 (places, _mm256_srai_epi32 (bins, 5));
  found = _mm256_mask_i32gather_epi32 (
      _mm256_setzero_si256 (), words, places, wanted, 4);
  bits = _mm256_sllv_epi32 (
      _mm256_set1_epi32 (1), _mm256_and_si256 (bins, _mm256_set1_epi32 (31)));

  return _mm256_cmpeq_epi32 (_mm256_and_si256 (found, bits), bits);
}

static inline guint
sum_lanes (__m256i values)
{
  __m128i sums = _mm_add_epi32 (
      _mm256_castsi256_si128 (values), _mm256_extracti128_si256 (values, 1));

  sums =
      _mm_add_epi32 (sums, _mm_shuffle_epi32 (sums, _MM_SHUFFLE (1, 0, 3, 2)));
  sums =
      _mm_add_epi32 (sums, _mm_shuffle_epi32 (sums, _MM_SHUFFLE (2, 3, 0, 1)));

  return (guint) _mm_cvtsi128_si32 (sums);
}

static void
count_peaks (const WeirAudioPeaks *peaks, const WeirAudioSearch *search,
    guint n_peaks[N_WINDOWS], guint n_hits[N_WINDOWS])
{
  const __m256i numbers = _mm256_setr_epi32 (0, 1, 2, 3, 4, 5, 6, 7);
  __m256i peak_sums[N_WINDOWS], hit_sums[N_WINDOWS];

  for (guint i = 0; i < N_WINDOWS; i++)
    peak_sums[i] = hit_sums[i] = _mm256_setzero_si256 ();
  for (guint i = 0; i < peaks->n; i += WEIR_AUDIO_LANES) {
    __m256i reference_rows =
        _mm256_loadu_si256 ((const __m256i *) &peaks->rows[i]);
    __m256i bins = _mm256_cvtps_epi32 (_mm256_sub_ps (
        _mm256_loadu_ps (&peaks->bins[i]), _mm256_set1_ps (search->shift)));
    __m256i rows = get_stream_rows (peaks, search, reference_rows);
    __m256i wanted =
        _mm256_cmpgt_epi32 (_mm256_set1_epi32 ((gint) (peaks->n - i)), numbers);
    __m256i hits;

    wanted = _mm256_and_si256 (wanted,
        lie_between (reference_rows, search->first - 1, search->last + 1));
    wanted = _mm256_and_si256 (
        wanted, lie_between (bins, 0, WEIR_SPECTRUM_N_BINS - 1));
    wanted = _mm256_and_si256 (wanted, lie_between (rows, 0, search->end));
    hits = find_hits (search, rows, bins, wanted);
    for (guint j = 0; j < N_WINDOWS; j++) {
      gint oldest = search->end - 1 - (gint) search->max_ages[j];
      __m256i counted = _mm256_and_si256 (
          wanted, _mm256_cmpgt_epi32 (rows, _mm256_set1_epi32 (oldest)));

      peak_sums[j] = _mm256_sub_epi32 (peak_sums[j], counted);
      hit_sums[j] =
          _mm256_sub_epi32 (hit_sums[j], _mm256_and_si256 (counted, hits));
    }
  }
  for (guint i = 0; i < N_WINDOWS; i++) {
    n_peaks[i] = sum_lanes (peak_sums[i]);
    n_hits[i] = sum_lanes (hit_sums[i]);
  }
}

static void
multiply (gfloat *products, const gfloat *equal, const gfloat *covered,
    gfloat rarity, guint n)
{
  const __m256 rarities = _mm256_set1_ps (rarity);

  for (guint i = 0; i < n; i += WEIR_AUDIO_LANES) {
    __m256 ratios =
        _mm256_add_ps (_mm256_mul_ps (rarities, _mm256_loadu_ps (&equal[i])),
            _mm256_loadu_ps (&covered[i]));

    _mm256_storeu_ps (
        &products[i], _mm256_mul_ps (_mm256_loadu_ps (&products[i]), ratios));
  }
}

static void
take_exponents (gfloat *products, gfloat *exponents, guint n)
{
  const __m256i bias = _mm256_set1_epi32 (127);
  const __m256i fraction = _mm256_set1_epi32 (0x7fffff);

  for (guint i = 0; i < n; i += WEIR_AUDIO_LANES) {
    __m256i bits = _mm256_castps_si256 (_mm256_loadu_ps (&products[i]));
    __m256 taken = _mm256_cvtepi32_ps (
        _mm256_sub_epi32 (_mm256_srli_epi32 (bits, 23), bias));

    bits = _mm256_or_si256 (
        _mm256_and_si256 (bits, fraction), _mm256_slli_epi32 (bias, 23));
    _mm256_storeu_ps (
        &exponents[i], _mm256_add_ps (_mm256_loadu_ps (&exponents[i]), taken));
    _mm256_storeu_ps (&products[i], _mm256_castsi256_ps (bits));
  }
}

const WeirAudioDsp weir_audio_dsp_avx2 = {
  .count_peaks = count_peaks,
  .multiply = multiply,
  .take_exponents = take_exponents,
};
