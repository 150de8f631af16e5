/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * All hashes near some queries by a look at each of them: what an index must
 * find. It shares no code with the index, and is fast enough to be asked a
 * million times: half of each hash tells nearly all that are far, in vectors
 * where the processor counts bits in them, and for all queries while a block of
 * hashes is in the cache.
 */
#pragma once

#include "fingerprint/pdq.h"

typedef struct {
  guint32 query;
  guint32 position;
  guint32 distance; /* bits */
} ExactHit;

typedef struct _ExactScan ExactScan;

/* Over @n_hashes hashes, which must live as long. Free with
 * exact_scan_free(). */
ExactScan *exact_scan_new (const WeirPdqHash *hashes, guint32 n_hashes);
void exact_scan_free (ExactScan *scan);

/* Appends to @hits, a GArray of ExactHit, all that is at most @radius bits from
 * one of @queries, in any order. */
void exact_scan_find (const ExactScan *scan, const WeirPdqHash *queries,
    guint n_queries, guint radius, GArray *hits);

/* Orders an array of ExactHit by query, then position. */
void exact_hits_sort (GArray *hits);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ExactScan, exact_scan_free)
