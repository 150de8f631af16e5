/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The loops over buckets in portable C, and which are used. */
#include "bank/index-probe.h"

#include "fingerprint/cpu.h"
#include "fingerprint/prefetch.h"

/* How many bits are set. By sums of neighbours, which the compiler does for
 * many tags at once. */
static inline guint16
count_bits (guint16 tag)
{
  guint pairs = tag - ((tag >> 1) & 0x5555u);
  guint nibbles = (pairs & 0x3333u) + ((pairs >> 2) & 0x3333u);
  guint bytes = (nibbles + (nibbles >> 4)) & 0x0f0fu;

  return (guint16) ((bytes + (bytes >> 8)) & 31);
}

static inline guint32
match_tags (const guint16 *tags, guint n_tags, guint16 tag, guint limit)
{
  guint32 near = 0;

  for (guint i = 0; i < n_tags; i++)
    near |= (guint32) (count_bits (tags[i] ^ tag) <= limit) << i;
  return near;
}

static guint
match_buckets (const WeirBankBucket *buckets, const guint32 *numbers, guint n,
    guint16 tag, guint limit, WeirIndexCandidate *candidates)
{
  guint n_candidates = 0;

  for (guint i = 0; i < n; i++) {
    const WeirBankBucket *bucket = &buckets[numbers[i]];
    guint32 near;

    weir_prefetch (&buckets[numbers[i + WEIR_INDEX_AHEAD]]);
    near = match_tags (
        weir_bank_bucket_get_tags (bucket), WEIR_BANK_BUCKET_TAGS, tag, limit);
    n_candidates = weir_index_add_candidate (
        candidates, n_candidates, numbers[i], bucket->count, near);
  }
  return n_candidates;
}

static guint16
match_unit (const guint16 tags[WEIR_BANK_UNIT_TAGS], guint16 tag, guint limit)
{
  return (guint16) match_tags (tags, WEIR_BANK_UNIT_TAGS, tag, limit);
}

const WeirIndexProbe weir_index_probe_c = {
  .match_buckets = match_buckets,
  .match_unit = match_unit,
};

const WeirIndexProbe *
weir_index_probe_get (void)
{
  guint flags = weir_cpu_get_flags ();

#ifdef WEIR_HAVE_AVX512
  if (flags & WEIR_CPU_AVX512)
    return &weir_index_probe_avx512;
#endif
#ifdef WEIR_HAVE_AVX2
  if (flags & WEIR_CPU_AVX2)
    return &weir_index_probe_avx2;
#endif
  return &weir_index_probe_c;
}
