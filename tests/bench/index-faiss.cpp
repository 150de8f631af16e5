/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FAISS behind functions of C. */
#include "index-faiss.h"

#include <faiss/IndexBinaryFlat.h>
#include <faiss/IndexBinaryHash.h>
#include <faiss/impl/AuxIndexStructures.h>

struct _IndexFaiss {
  faiss::IndexBinary *index;
};

IndexFaiss *
index_faiss_new (gboolean hashed, const WeirPdqHash *hashes, gsize n_hashes)
{
  IndexFaiss *self = g_new0 (IndexFaiss, 1);

  if (hashed) {
    auto *index = new faiss::IndexBinaryMultiHash (WEIR_PDQ_BITS, 16, 16);

    index->nflip = 1;
    self->index = index;
  } else {
    self->index = new faiss::IndexBinaryFlat (WEIR_PDQ_BITS);
  }
  self->index->add ((faiss::IndexBinary::idx_t) n_hashes,
      reinterpret_cast<const uint8_t *> (hashes));
  return self;
}

void
index_faiss_free (IndexFaiss *self)
{
  delete self->index;
  g_free (self);
}

/* FAISS finds what is nearer than its radius. */
guint64
index_faiss_count (IndexFaiss *self, const WeirPdqHash *query, guint radius)
{
  faiss::RangeSearchResult result (1);

  self->index->range_search (1, reinterpret_cast<const uint8_t *> (query),
      (int) radius + 1, &result);
  return result.lims[1];
}
