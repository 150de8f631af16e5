/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Finds the hashes of a bank that are near a given one. The only place that
 * knows how: the bank sees positions and distances alone.
 */
#pragma once

#include "fingerprint/pdq.h"

G_BEGIN_DECLS

/* Over the hashes of one bank file, which stay where they lie. */
typedef struct {
  const WeirPdqHash *hashes; /* aligned to 8 bytes, not owned */
  guint32 n_hashes;
} WeirVideoIndex;

/* @position: of the hash in the array; @distance: bits, 0..256. */
typedef void (*WeirVideoIndexFound) (
    guint32 position, guint distance, gpointer user_data);

/* Calls @found once for each hash at most @radius bits from @query, in the
 * order of the array. Exact. Thread-safe; allocates nothing. */
void weir_video_index_lookup (const WeirVideoIndex *index,
    const WeirPdqHash *query, guint radius, WeirVideoIndexFound found,
    gpointer user_data);

G_END_DECLS
