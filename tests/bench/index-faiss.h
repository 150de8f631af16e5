/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FAISS, for a comparison: its exact indexes of binary vectors. */
#pragma once

#include "fingerprint/pdq.h"

G_BEGIN_DECLS

typedef struct _IndexFaiss IndexFaiss;

/* IndexBinaryFlat, or with @hashed IndexBinaryMultiHash in 16 tables of 16
 * bits each with one bit changed, which is exact up to a radius of 31. */
IndexFaiss *index_faiss_new (
    gboolean hashed, const WeirPdqHash *hashes, gsize n_hashes);
void index_faiss_free (IndexFaiss *index);

/* How many hashes are at most @radius bits from @query. */
guint64 index_faiss_count (
    IndexFaiss *index, const WeirPdqHash *query, guint radius);

G_END_DECLS
