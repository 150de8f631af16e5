/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The loops over buckets for x86-64 processors that count the bits of 32 words
 * at once (AVX-512 BITALG: Ice Lake, Zen 4 and later): a bucket is a register.
 */
#include "bank/index-probe.h"
#include "fingerprint/prefetch.h"

#include <immintrin.h>

/* Words of a bucket before its tags. */
#define HEAD (G_STRUCT_OFFSET (WeirBankBucket, tags) / sizeof (guint16))

static guint
match_buckets (const WeirBankBucket *buckets, const guint32 *numbers, guint n,
    guint16 tag, guint limit, WeirIndexCandidate *candidates)
{
  const __m512i wanted = _mm512_set1_epi16 ((gint16) tag);
  const __m512i most = _mm512_set1_epi16 ((gint16) limit);
  guint n_candidates = 0;

  for (guint i = 0; i < n; i++) {
    const WeirBankBucket *bucket = &buckets[numbers[i]];
    __m512i differing = _mm512_xor_si512 (_mm512_loadu_si512 (bucket), wanted);
    guint32 near =
        _mm512_cmple_epu16_mask (_mm512_popcnt_epi16 (differing), most);

    weir_prefetch (&buckets[numbers[i + WEIR_INDEX_AHEAD]]);
    n_candidates = weir_index_add_candidate (
        candidates, n_candidates, numbers[i], bucket->count, near >> HEAD);
  }
  return n_candidates;
}

static guint16
match_unit (const guint16 tags[WEIR_BANK_UNIT_TAGS], guint16 tag, guint limit)
{
  __m256i differing =
      _mm256_xor_si256 (_mm256_loadu_si256 ((const __m256i *) tags),
          _mm256_set1_epi16 ((gint16) tag));

  return _mm256_cmple_epu16_mask (
      _mm256_popcnt_epi16 (differing), _mm256_set1_epi16 ((gint16) limit));
}

const WeirIndexProbe weir_index_probe_avx512 = {
  .match_buckets = match_buckets,
  .match_unit = match_unit,
};
