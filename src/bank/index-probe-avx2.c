/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The loops over buckets for x86-64 processors with AVX2. Bits are counted by
 * looking up nibbles (W. Mula, N. Kurz, D. Lemire, "Faster Population Counts
 * Using AVX2 Instructions", 2018).
 */
#include "bank/index-probe.h"
#include "fingerprint/prefetch.h"

#include <immintrin.h>

/* Words of a bucket before its tags. */
#define HEAD (G_STRUCT_OFFSET (WeirBankBucket, tags) / sizeof (guint16))

/* All ones in each word of the 16 from @tags on that has more than @most bits
 * that differ from @wanted. */
static inline __m256i
find_far (const guint16 *tags, __m256i wanted, __m256i most)
{
  const __m256i low_nibbles = _mm256_set1_epi8 (15);
  const __m256i counts = _mm256_setr_epi8 (0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3,
      2, 3, 3, 4, 0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
  __m256i differing =
      _mm256_xor_si256 (_mm256_loadu_si256 ((const __m256i *) tags), wanted);
  __m256i low = _mm256_and_si256 (differing, low_nibbles);
  __m256i high =
      _mm256_and_si256 (_mm256_srli_epi16 (differing, 4), low_nibbles);
  __m256i bytes = _mm256_add_epi8 (
      _mm256_shuffle_epi8 (counts, low), _mm256_shuffle_epi8 (counts, high));

  return _mm256_cmpgt_epi16 (
      _mm256_maddubs_epi16 (bytes, _mm256_set1_epi8 (1)), most);
}

static guint
match_buckets (const WeirBankBucket *buckets, const guint32 *numbers, guint n,
    guint16 tag, guint limit, WeirIndexCandidate *candidates)
{
  const __m256i wanted = _mm256_set1_epi16 ((gint16) tag);
  const __m256i most = _mm256_set1_epi16 ((gint16) limit);
  guint n_candidates = 0;

  for (guint i = 0; i < n; i++) {
    const WeirBankBucket *bucket = &buckets[numbers[i]];
    const guint16 *words = (const guint16 *) bucket;
    __m256i far = _mm256_packs_epi16 (
        find_far (words, wanted, most), find_far (words + 16, wanted, most));
    guint32 near;

    /* Packing works in halves of a register: the middle quarters of the 32
     * words have changed places. */
    far = _mm256_permute4x64_epi64 (far, _MM_SHUFFLE (3, 1, 2, 0));
    near = ~(guint32) _mm256_movemask_epi8 (far);
    weir_prefetch (&buckets[numbers[i + WEIR_INDEX_AHEAD]]);
    n_candidates = weir_index_add_candidate (
        candidates, n_candidates, numbers[i], bucket->count, near >> HEAD);
  }
  return n_candidates;
}

static guint16
match_unit (const guint16 tags[WEIR_BANK_UNIT_TAGS], guint16 tag, guint limit)
{
  __m256i far = find_far (tags, _mm256_set1_epi16 ((gint16) tag),
      _mm256_set1_epi16 ((gint16) limit));
  __m128i bytes = _mm_packs_epi16 (
      _mm256_castsi256_si128 (far), _mm256_extracti128_si256 (far, 1));

  return (guint16) ~_mm_movemask_epi8 (bytes);
}

const WeirIndexProbe weir_index_probe_avx2 = {
  .match_buckets = match_buckets,
  .match_unit = match_unit,
};
