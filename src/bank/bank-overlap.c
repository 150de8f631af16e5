/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One bank looked up in another. */
#include "bank/bank-overlap.h"

#include "bank/bank-struct.h"

/* Hashes looked up at once. */
#define BATCH 64

static gboolean
find_hit (const GArray *hits, guint32 *index)
{
  for (guint i = 0; i < hits->len; i++) {
    const WeirVideoHit *hit = &g_array_index (hits, WeirVideoHit, i);

    if (hit->benign)
      continue;
    *index = hit->reference;
    return TRUE;
  }
  return FALSE;
}

gboolean
weir_bank_find_overlap (
    const WeirBank *bank, const WeirBank *other, guint radius, guint32 *index)
{
  g_autoptr (GArray) hits = g_array_new (FALSE, FALSE, sizeof (WeirVideoHit));

  for (guint i = 0; i < other->n_members; i++) {
    const WeirVideoIndex *video = &other->members[i].segment->video;

    for (guint32 k = 0; k < video->n_hashes; k += BATCH) {
      g_array_set_size (hits, 0);
      weir_bank_lookup_video_many (bank, &video->hashes[k],
          MIN (BATCH, video->n_hashes - k), radius, hits);
      if (find_hit (hits, index))
        return TRUE;
    }
  }
  return FALSE;
}
