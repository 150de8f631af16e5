/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Finds the hashes of a bank that are near a given one. The only place that
 * knows how: the bank sees positions and distances alone.
 *
 * Exact for every radius. Up to the radius that the tables were built for, 31
 * bits, it is multi-index hashing: M. Norouzi, A. Punjani, D. J. Fleet, "Fast
 * Exact Search in Hamming Space with Multi-Index Hashing" (2014), with chunks
 * and thresholds of different size, as in J. Qin et al., "GPH: Similarity
 * Search in Hamming Space" (ICDE 2018), and the filter of J. Qin, C. Xiao,
 * "Pigeonring: A Principle for Faster Thresholded Similarity Search" (VLDB
 * 2018); see index-plan.h. Beyond that radius, and where there are too few
 * hashes for tables, all of them are looked at.
 */
#pragma once

#include "bank/index-plan.h"
#include "fingerprint/pdq.h"

G_BEGIN_DECLS

/* Hashes of odd and of even weight may be kept apart. */
#define WEIR_VIDEO_INDEX_MAX_PARTS 2

typedef enum {
  WEIR_PARITY_EVEN,
  WEIR_PARITY_ODD,
  WEIR_PARITY_MIXED,
  WEIR_N_PARITIES
} WeirParity;

/* The hashes of one part by the value of some of their bits. */
typedef struct {
  guint32 first_bucket; /* counted from the base of the index */
  const guint16 *overflow;
  const guint32 *ids; /* NULL: entry k is hash k of the part */
  guint n_extra_bits; /* tag bits beside the id in each of the ids */
} WeirVideoTable;

typedef struct {
  guint32 first_hash;
  guint32 n_hashes;
  WeirParity parity; /* of the weight of all its hashes */
  guint n_id_bits;
  WeirIndexPlan plan; /* without chunks: no tables */
  WeirVideoTable tables[WEIR_INDEX_MAX_CHUNKS];
} WeirVideoPart;

/* Over the hashes of one bank file, which stay where they lie. */
typedef struct {
  const WeirPdqHash *hashes; /* aligned to 8 bytes, not owned */
  guint32 n_hashes;
  gconstpointer base; /* buckets are counted from here; NULL without tables */
  guint n_parts;      /* which have all hashes between them */
  WeirVideoPart parts[WEIR_VIDEO_INDEX_MAX_PARTS];
} WeirVideoIndex;

/* @query: number of the query among those looked up, 0 for a single one;
 * @position: of the hash in the array; @distance: bits, 0..256. */
typedef void (*WeirVideoIndexFound) (
    guint query, guint32 position, guint distance, gpointer user_data);

/* Calls @found once for each hash at most @radius (0..256) bits from @query, in
 * an order that depends on nothing but the arguments. Exact. Thread-safe;
 * allocates nothing, and takes some 32 KiB of the stack. */
void weir_video_index_lookup (const WeirVideoIndex *index,
    const WeirPdqHash *query, guint radius, WeirVideoIndexFound found,
    gpointer user_data);

/* The same for @n_queries at once, in less time than one by one: while one
 * waits for memory, the next goes on. Queries may be found in any order. */
void weir_video_index_lookup_many (const WeirVideoIndex *index,
    const WeirPdqHash *queries, guint n_queries, guint radius,
    WeirVideoIndexFound found, gpointer user_data);

G_END_DECLS
