/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where in its references a bank file has video fingerprints: a reference from
 * a list may have one a second or a single one, and flat pictures are in none.
 */
#pragma once

#include "bank/bank-format.h"

G_BEGIN_DECLS

typedef struct {
  guint32 *first; /* of each reference in @times, and the end of all */
  guint32 *times; /* ms, ascending within a reference */
} WeirVideoCoverage;

/* Fills @coverage from the @n_infos of a file, whose references are below
 * @n_references. Takes 4 bytes for each fingerprint. */
void weir_video_coverage_init (WeirVideoCoverage *coverage,
    const WeirBankVideoInfo *infos, guint32 n_infos, guint32 n_references);
void weir_video_coverage_clear (WeirVideoCoverage *coverage);

/* Whether @reference has a fingerprint from @begin to @end, both included. */
gboolean weir_video_coverage_has (const WeirVideoCoverage *coverage,
    guint32 reference, guint32 begin, guint32 end);

G_END_DECLS
