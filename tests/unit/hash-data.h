/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Made-up hashes that are like those of videos: of weight 128, which PDQ hashes
 * have unless coefficients tie, in runs that drift from frame to frame.
 */
#pragma once

#include "fingerprint/pdq.h"

typedef struct {
  guint64 state; /* any start; the same start gives the same numbers */
} HashSource;

guint64 hash_source_next (HashSource *source);
/* Below @end, which is not 0. */
guint hash_source_below (HashSource *source, guint end);

/* Any hash. */
WeirPdqHash hash_source_any (HashSource *source);
/* One of weight 128. */
WeirPdqHash hash_source_balanced (HashSource *source);
/* @hash with exactly @n bits changed. */
WeirPdqHash hash_source_change (
    HashSource *source, const WeirPdqHash *hash, guint n);
/* The same without changing its weight; @n is even. */
WeirPdqHash hash_source_drift (
    HashSource *source, const WeirPdqHash *hash, guint n);

/* Runs of 5 to 50 hashes that drift by 2 to 20 bits. One hash in @odd (0: none)
 * has one bit more or less. */
void hash_source_fill (
    HashSource *source, WeirPdqHash *hashes, gsize n_hashes, guint odd);

/* A query: a hash that is none of @hashes, or with a probability of @percent in
 * a hundred one of them with up to 30 bits changed, an even number. */
WeirPdqHash hash_source_query (HashSource *source, const WeirPdqHash *hashes,
    gsize n_hashes, guint percent);
