/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which bits of the hashes are keys of tables, and how many of a key's bits a
 * lookup changes.
 *
 * The 256 bits are cut into chunks. Chunk i has a threshold t[i] and a table of
 * all hashes by the first bits, the key, of that chunk. A lookup visits, in
 * each table, the buckets whose key is at most t[i] bits from the query's.
 * Nothing within the radius r is missed as long as the sum of all t[i] + 1 is
 * at least r + 1 (the general pigeonhole principle of J. Qin et al., "GPH",
 * ICDE 2018): if a hash were further than t[i] in every chunk i, it would be
 * further than r.
 *
 * Neighbouring chunks tell more. Let d[i] be the distance in chunk i and e[i] =
 * d[i] - (t[i] + 1). The sum of all e[i] is negative, hence on the ring of
 * chunks there is one from which on every partial sum is negative (the cycle
 * lemma; J. Qin, C. Xiao, "Pigeonring", VLDB 2018). So some chunk i has both
 * d[i] <= t[i] and d[i] + d[i+1] <= t[i] + t[i+1] + 1. Buckets therefore hold a
 * few bits of each hash's next chunk, its tag, and most hashes are rejected by
 * these.
 */
#pragma once

#include "fingerprint/pdq.h"

G_BEGIN_DECLS

#define WEIR_INDEX_MAX_CHUNKS    16
#define WEIR_INDEX_MAX_KEY_BITS  24
#define WEIR_INDEX_MAX_THRESHOLD 2
#define WEIR_INDEX_TAG_BITS      16

/* Bits of the next chunk that follow the tag, in what an id has to spare. */
#define WEIR_INDEX_MAX_EXTRA_BITS 8

/* Bits are counted from the highest of words[0] to the lowest of words[3], so
 * that hashes in ascending order are in the order of the first chunk's keys. */
typedef struct {
  guint start;    /* first bit, 0..255 */
  guint width;    /* bits, at least WEIR_INDEX_TAG_BITS */
  guint key_bits; /* the first of them, 1..WEIR_INDEX_MAX_KEY_BITS */
  guint threshold;
} WeirIndexChunk;

/* One chunk after the other from bit 0 on; none, or at least two. */
typedef struct {
  guint n_chunks;
  WeirIndexChunk chunks[WEIR_INDEX_MAX_CHUNKS];
} WeirIndexPlan;

/* How far a lookup goes in each chunk: its threshold, or -1 to pass it over. */
typedef struct {
  gint thresholds[WEIR_INDEX_MAX_CHUNKS];
} WeirIndexReach;

/* The plan for @n_hashes; one without chunks when it is faster to look at all
 * of them. */
void weir_index_plan_choose (guint32 n_hashes, WeirIndexPlan *plan);

/* Whether a lookup is faster when hashes of even and of odd weight are kept
 * apart: two hashes of the same parity differ in an even number of bits, which
 * spares some buckets. */
gboolean weir_index_plan_is_split_worth (guint32 n_even, guint32 n_odd);

/* The lowest thresholds that still find all within @radius; FALSE when the
 * plan does not reach so far. */
gboolean weir_index_plan_reach (
    const WeirIndexPlan *plan, guint radius, WeirIndexReach *reach);

/* Whether the plan keeps the rules above. */
gboolean weir_index_plan_is_valid (const WeirIndexPlan *plan);

/* How many keys are exactly @distance (0..WEIR_INDEX_MAX_THRESHOLD) bits from
 * one of @key_bits. */
guint weir_index_count_keys (guint key_bits, guint distance);

/* @width (1..32) bits of @hash from bit @start on; start + width <= 256. */
static inline guint32
weir_index_take_bits (const WeirPdqHash *hash, guint start, guint width)
{
  guint word = start / 64;
  guint shift = start % 64;
  guint64 bits = hash->words[word] << shift;

  if (shift + width > 64)
    bits |= hash->words[word + 1] >> (64 - shift);
  return (guint32) (bits >> (64 - width));
}

/* The number of the bucket with @key. Keys that a lookup visits together differ
 * in one bit or two; were they the numbers, most of these buckets would be a
 * large power of two apart, where caches have few places. Linear: the number of
 * a ^ b is that of a ^ that of b. */
static inline guint32
weir_index_place_key (guint32 key)
{
  return key ^ (key >> 6) ^ (key >> 12) ^ (key >> 18);
}

/* The chunk whose bits are the tags of chunk @i. */
static inline const WeirIndexChunk *
weir_index_plan_get_next (const WeirIndexPlan *plan, guint i)
{
  return &plan->chunks[i + 1 < plan->n_chunks ? i + 1 : 0];
}

/* The most bits by which key and tag together may differ from the query's. */
static inline guint
weir_index_plan_get_limit (
    const WeirIndexPlan *plan, const WeirIndexReach *reach, guint i)
{
  guint next = i + 1 < plan->n_chunks ? i + 1 : 0;

  return (guint) (reach->thresholds[i] + reach->thresholds[next] + 1);
}

G_END_DECLS
