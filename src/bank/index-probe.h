/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The loops of a lookup over buckets, in portable C and in what the processor
 * has. All give the same results. Private to the index and its tests.
 */
#pragma once

#include "bank/bank-format.h"

G_BEGIN_DECLS

/* So many buckets ahead of the one that is looked at are fetched from memory:
 * about as many as a core has requests under way. */
#define WEIR_INDEX_AHEAD 48

/* A bucket with tags that are near enough, or with overflow. */
typedef struct {
  guint32 bucket;
  guint32 near; /* bit j: tag j of the bucket */
} WeirIndexCandidate;

typedef struct {
  /* Looks at the buckets @numbers[0..n), counted from @buckets, for tags that
   * differ from @tag in at most @limit bits. Fills @candidates, which has room
   * for @n, in the order of @numbers and returns how many there are. Buckets
   * are fetched up to @numbers[n + WEIR_INDEX_AHEAD), all of which must be. */
  guint (*match_buckets) (const WeirBankBucket *buckets, const guint32 *numbers,
      guint n, guint16 tag, guint limit, WeirIndexCandidate *candidates);

  /* The tags of one unit of overflow that are near enough: bit j for tag j. */
  guint16 (*match_unit) (
      const guint16 tags[WEIR_BANK_UNIT_TAGS], guint16 tag, guint limit);
} WeirIndexProbe;

extern const WeirIndexProbe weir_index_probe_c;
#ifdef WEIR_HAVE_AVX2
extern const WeirIndexProbe weir_index_probe_avx2;
#endif
#ifdef WEIR_HAVE_AVX512
extern const WeirIndexProbe weir_index_probe_avx512;
#endif

/* The fastest that this processor has and weir_cpu_set_flags_mask() leaves.
 * Thread-safe. */
const WeirIndexProbe *weir_index_probe_get (void);

/* All tags in a bucket, also those that overlap the place of its overflow. */
static inline const guint16 *
weir_bank_bucket_get_tags (const WeirBankBucket *bucket)
{
  return (const guint16 *) bucket +
         G_STRUCT_OFFSET (WeirBankBucket, tags) / sizeof (guint16);
}

/* A candidate for each bucket would do; this one only if it needs to be one.
 * Written without a branch, which the processor could not foresee. */
static inline guint
weir_index_add_candidate (WeirIndexCandidate *candidates, guint n_candidates,
    guint32 number, guint16 count, guint32 near)
{
  near &= (1u << (count & 31)) - 1;
  candidates[n_candidates] = (WeirIndexCandidate){ number, near };
  return n_candidates + ((near | (count & WEIR_BANK_BUCKET_OVERFLOWS)) != 0);
}

G_END_DECLS
