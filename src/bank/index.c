/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Looks queries up: lists the buckets to be visited, of several queries one
 * after the other so that memory is never waited for, visits them, and passes
 * on what survives. All in bounded room on the stack: when one of the lists
 * is full, what follows is done with it, and it is empty again.
 */
#include "bank/index.h"

#include "bank/hamming-scan.h"
#include "bank/index-lookup.h"
#include "fingerprint/prefetch.h"

/* Keys that differ from one in so many bits, at most. */
#define MAX_KEYS (WEIR_INDEX_MAX_KEY_BITS * (WEIR_INDEX_MAX_KEY_BITS - 1) / 2)

#define MAX_PROBES 2048
#define MAX_GROUPS 256
#define MAX_SPILLS 256

/* Buckets of one table whose keys are equally far from that of one query. */
typedef struct {
  guint32 query;
  guint16 n_probes;
  guint16 tag; /* of the query */
  guint8 table;
  guint8 limit; /* most bits that a tag may differ in */
} Group;

/* A bucket with overflow. */
typedef struct {
  const WeirBankBucket *bucket;
  const Group *group;
} Spill;

typedef struct {
  const WeirIndexLookup *lookup;
  const WeirIndexProbe *probe;
  guint n_probes;
  guint n_groups;
  guint n_spills;
  guint n_survivors;
  guint32 probes[MAX_PROBES + WEIR_INDEX_AHEAD];
  Group groups[MAX_GROUPS];
  WeirIndexCandidate candidates[MAX_KEYS];
  Spill spills[MAX_SPILLS];
  WeirIndexSurvivor survivors[WEIR_INDEX_MAX_SURVIVORS];
} Work;

G_STATIC_ASSERT (MAX_KEYS <= MAX_PROBES);

/* ---- What survives ---- */

static void
flush_survivors (Work *work)
{
  weir_index_verify (work->lookup, work->survivors, work->n_survivors);
  work->n_survivors = 0;
}

/* Adds the entries from @first on whose bits in @near are set. */
static void
add_survivors (Work *work, const Group *group, const guint16 *tags,
    guint32 first, guint32 near)
{
  const WeirVideoPart *part = work->lookup->part;
  const WeirVideoTable *table = &part->tables[group->table];

  for (; near != 0; near &= near - 1) {
    guint i = (guint) __builtin_ctz (near);
    guint32 position = first + i;

    if (table->ids != NULL)
      weir_prefetch (&table->ids[position]);
    if (work->n_survivors == WEIR_INDEX_MAX_SURVIVORS)
      flush_survivors (work);
    work->survivors[work->n_survivors++] = (WeirIndexSurvivor){
      .query = group->query,
      .position = position,
      .table = group->table,
      .limit = group->limit,
      .differing = tags[i] ^ group->tag,
    };
  }
}

/* ---- Overflow ---- */

static void
match_spill (Work *work, const Spill *spill)
{
  const Group *group = spill->group;
  const WeirVideoTable *table = &work->lookup->part->tables[group->table];
  const WeirBankBucket *bucket = spill->bucket;
  const guint16 *tags =
      table->overflow + (gsize) bucket->overflow.unit * WEIR_BANK_UNIT_TAGS;
  guint32 position = bucket->first + WEIR_BANK_BUCKET_FIRST_TAGS;
  guint32 n_left = bucket->overflow.n - WEIR_BANK_BUCKET_FIRST_TAGS;

  while (n_left > 0) {
    guint n = MIN (n_left, WEIR_BANK_UNIT_TAGS);
    guint32 near = work->probe->match_unit (tags, group->tag, group->limit) &
                   ((1u << n) - 1);

    if (near != 0)
      add_survivors (work, group, tags, position, near);
    tags += WEIR_BANK_UNIT_TAGS;
    position += n;
    n_left -= n;
  }
}

static void
flush_spills (Work *work)
{
  for (guint i = 0; i < work->n_spills; i++)
    match_spill (work, &work->spills[i]);
  work->n_spills = 0;
}

static void
add_spill (Work *work, const Group *group, const WeirBankBucket *bucket)
{
  const WeirVideoTable *table = &work->lookup->part->tables[group->table];

  weir_prefetch (
      table->overflow + (gsize) bucket->overflow.unit * WEIR_BANK_UNIT_TAGS);
  if (work->n_spills == MAX_SPILLS)
    flush_spills (work);
  work->spills[work->n_spills++] = (Spill){ bucket, group };
}

/* ---- Buckets ---- */

static void
visit_group (Work *work, const Group *group, const guint32 *probes)
{
  const WeirBankBucket *buckets = work->lookup->index->base;
  guint n_candidates = work->probe->match_buckets (buckets, probes,
      group->n_probes, group->tag, group->limit, work->candidates);

  for (guint i = 0; i < n_candidates; i++) {
    const WeirIndexCandidate *candidate = &work->candidates[i];
    const WeirBankBucket *bucket = &buckets[candidate->bucket];

    if (bucket->count & WEIR_BANK_BUCKET_OVERFLOWS)
      add_spill (work, group, bucket);
    add_survivors (work, group, weir_bank_bucket_get_tags (bucket),
        bucket->first, candidate->near);
  }
}

static void
flush_probes (Work *work)
{
  const guint32 *probes = work->probes;

  if (work->n_probes == 0)
    return;
  for (guint i = 0; i < WEIR_INDEX_AHEAD; i++)
    work->probes[work->n_probes + i] = work->probes[work->n_probes - 1];
  for (guint i = 0; i < work->n_groups; i++) {
    visit_group (work, &work->groups[i], probes);
    probes += work->groups[i].n_probes;
  }
  flush_spills (work);
  flush_survivors (work);
  work->n_probes = 0;
  work->n_groups = 0;
}

/* Appends the buckets whose keys are @distance bits from @key. */
static void
add_probes (Work *work, const WeirVideoTable *table, guint key_bits,
    guint32 key, guint distance)
{
  guint32 *probe = &work->probes[work->n_probes];
  guint32 number = weir_index_place_key (key);
  guint32 changes[WEIR_INDEX_MAX_KEY_BITS];

  for (guint i = 0; i < key_bits; i++)
    changes[i] = weir_index_place_key (1u << i);
  if (distance == 0)
    *probe++ = table->first_bucket + number;
  for (guint i = 0; i < key_bits && distance == 1; i++)
    *probe++ = table->first_bucket + (number ^ changes[i]);
  for (guint i = 1; i < key_bits && distance == 2; i++)
    for (guint j = 0; j < i; j++)
      *probe++ = table->first_bucket + (number ^ changes[i] ^ changes[j]);
  work->n_probes = (guint) (probe - work->probes);
}

static void
add_group (Work *work, guint query, const WeirIndexReach *reach, guint i,
    guint distance)
{
  const WeirPdqHash *hash = &work->lookup->queries[query];
  const WeirVideoPart *part = work->lookup->part;
  const WeirIndexChunk *chunk = &part->plan.chunks[i];
  const WeirIndexChunk *next = weir_index_plan_get_next (&part->plan, i);
  guint n_keys = weir_index_count_keys (chunk->key_bits, distance);

  if (work->n_groups == MAX_GROUPS || work->n_probes + n_keys > MAX_PROBES)
    flush_probes (work);
  work->groups[work->n_groups++] = (Group){
    .query = query,
    .n_probes = (guint16) n_keys,
    .tag =
        (guint16) weir_index_take_bits (hash, next->start, WEIR_INDEX_TAG_BITS),
    .table = (guint8) i,
    .limit =
        (guint8) (weir_index_plan_get_limit (&part->plan, reach, i) - distance),
  };
  add_probes (work, &part->tables[i], chunk->key_bits,
      weir_index_take_bits (hash, chunk->start, chunk->key_bits), distance);
}

/* ---- Queries ---- */

static guint
weigh (const WeirPdqHash *hash)
{
  const WeirPdqHash zero = { { 0 } };

  return weir_pdq_distance (hash, &zero);
}

/* The greatest distance up to @radius at which a hash of the part can be from a
 * query of weight @query_parity, even or odd; -1 when there is none. */
static gint
find_effective_radius (
    const WeirVideoPart *part, WeirParity query_parity, guint radius)
{
  guint parity_of_distance = part->parity == query_parity ? 0 : 1;

  if (part->parity == WEIR_PARITY_MIXED || radius % 2 == parity_of_distance)
    return (gint) radius;
  return (gint) radius - 1;
}

static void
scan_part (const WeirIndexLookup *lookup, guint query)
{
  weir_hamming_scan (lookup->index->hashes, lookup->part->first_hash,
      lookup->part->n_hashes, &lookup->queries[query], query, lookup->radius,
      lookup->found, lookup->user_data);
}

static void
look_up_in_part (WeirIndexLookup *lookup, guint n_queries)
{
  Work work;
  gboolean reached[2];
  gint radii[2];

  work.lookup = lookup;
  work.probe = weir_index_probe_get ();
  work.n_probes = work.n_groups = work.n_spills = work.n_survivors = 0;
  for (guint i = 0; i < 2; i++) {
    radii[i] =
        find_effective_radius (lookup->part, (WeirParity) i, lookup->radius);
    reached[i] = radii[i] >= 0 && weir_index_plan_reach (&lookup->part->plan,
                                      (guint) radii[i], &lookup->reaches[i]);
  }
  for (guint query = 0; query < n_queries; query++) {
    guint parity = weigh (&lookup->queries[query]) % 2;
    const WeirIndexReach *reach = &lookup->reaches[parity];

    if (!reached[parity]) {
      if (radii[parity] >= 0)
        scan_part (lookup, query);
      continue;
    }
    for (guint i = 0; i < lookup->part->plan.n_chunks; i++)
      for (gint distance = 0; distance <= reach->thresholds[i]; distance++)
        add_group (&work, query, reach, i, (guint) distance);
  }
  flush_probes (&work);
}

void
weir_video_index_lookup_many (const WeirVideoIndex *index,
    const WeirPdqHash *queries, guint n_queries, guint radius,
    WeirVideoIndexFound found, gpointer user_data)
{
  WeirIndexLookup lookup = {
    .index = index,
    .queries = queries,
    .radius = radius,
    .found = found,
    .user_data = user_data,
  };

  for (guint i = 0; i < index->n_parts; i++) {
    lookup.part = &index->parts[i];
    look_up_in_part (&lookup, n_queries);
  }
}

void
weir_video_index_lookup (const WeirVideoIndex *index, const WeirPdqHash *query,
    guint radius, WeirVideoIndexFound found, gpointer user_data)
{
  weir_video_index_lookup_many (index, query, 1, radius, found, user_data);
}
