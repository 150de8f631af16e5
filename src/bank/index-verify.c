/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From entries of tables to hits. A hash that is near the query in several
 * chunks is found by several tables: it is reported by the first of them alone,
 * which needs neither memory nor a bound on the number of hits.
 */
#include "bank/index-lookup.h"
#include "fingerprint/prefetch.h"

/* Compiled once for every instruction set below, hence inline at all costs. */
#define INLINE __attribute__ ((always_inline)) static inline

INLINE guint
count_bits (guint32 bits)
{
  return (guint) __builtin_popcount (bits);
}

/* Whether table @i finds a hash that differs from the query in the bits
 * @differing, as probing would decide. */
INLINE gboolean
is_found_by (const WeirVideoPart *part, const WeirIndexReach *reach, guint i,
    const WeirPdqHash *differing)
{
  const WeirIndexChunk *chunk = &part->plan.chunks[i];
  const WeirIndexChunk *next = weir_index_plan_get_next (&part->plan, i);
  guint n_tag_bits = WEIR_INDEX_TAG_BITS + part->tables[i].n_extra_bits;
  guint in_key = count_bits (
      weir_index_take_bits (differing, chunk->start, chunk->key_bits));
  guint in_tag =
      count_bits (weir_index_take_bits (differing, next->start, n_tag_bits));

  return (gint) in_key <= reach->thresholds[i] &&
         in_key + in_tag <= weir_index_plan_get_limit (&part->plan, reach, i);
}

INLINE void
verify_one (const WeirIndexLookup *lookup, const WeirIndexSurvivor *survivor)
{
  const WeirPdqHash *query = &lookup->queries[survivor->query];
  const WeirPdqHash *hash = &lookup->index->hashes[survivor->position];
  WeirPdqHash differing;
  const WeirIndexReach *reach;
  guint distance = 0;
  guint weight = 0;

  for (guint i = 0; i < G_N_ELEMENTS (differing.words); i++) {
    differing.words[i] = query->words[i] ^ hash->words[i];
    distance += (guint) __builtin_popcountll (differing.words[i]);
  }
  if (G_LIKELY (distance > lookup->radius))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (query->words); i++)
    weight += (guint) __builtin_popcountll (query->words[i]);
  reach = &lookup->reaches[weight % 2];
  for (guint i = 0; i < survivor->table; i++)
    if (is_found_by (lookup->part, reach, i, &differing))
      return;
  lookup->found (
      survivor->query, survivor->position, distance, lookup->user_data);
}

/* Replaces the position in the table by that of the hash; FALSE when the bits
 * beside the id rule it out. */
INLINE gboolean
resolve (const WeirIndexLookup *lookup, WeirIndexSurvivor *survivor)
{
  const WeirVideoPart *part = lookup->part;
  const WeirVideoTable *table = &part->tables[survivor->table];
  const WeirIndexChunk *next =
      weir_index_plan_get_next (&part->plan, survivor->table);
  guint32 id = survivor->position;

  if (table->ids != NULL)
    id = table->ids[survivor->position];
  if (table->n_extra_bits > 0) {
    guint32 wanted = weir_index_take_bits (&lookup->queries[survivor->query],
        next->start + WEIR_INDEX_TAG_BITS, table->n_extra_bits);
    guint32 differing = (id >> part->n_id_bits) ^ wanted;

    if (count_bits (survivor->differing) + count_bits (differing) >
        survivor->limit)
      return FALSE;
    id &= (1u << part->n_id_bits) - 1;
  }
  survivor->position = part->first_hash + id;
  weir_prefetch (&lookup->index->hashes[survivor->position]);
  return TRUE;
}

/* Ids have been fetched when their entries survived; hashes are while the ids
 * of the others are read. */
INLINE void
verify (const WeirIndexLookup *lookup, WeirIndexSurvivor *survivors, guint n)
{
  guint n_left = 0;

  for (guint i = 0; i < n; i++) {
    survivors[n_left] = survivors[i];
    n_left += resolve (lookup, &survivors[n_left]) ? 1 : 0;
  }
  for (guint i = 0; i < n_left; i++)
    verify_one (lookup, &survivors[i]);
}

#ifdef __x86_64__

__attribute__ ((target ("popcnt"))) static void
verify_popcnt (
    const WeirIndexLookup *lookup, WeirIndexSurvivor *survivors, guint n)
{
  verify (lookup, survivors, n);
}

#endif

void
weir_index_verify (
    const WeirIndexLookup *lookup, WeirIndexSurvivor *survivors, guint n)
{
#ifdef __x86_64__
  if (__builtin_cpu_supports ("popcnt")) {
    verify_popcnt (lookup, survivors, n);
    return;
  }
#endif
  verify (lookup, survivors, n);
}
