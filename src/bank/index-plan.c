/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plans by the number of hashes, and what a lookup with them costs. */
#include "bank/index-plan.h"

/* What things take on a processor of 2020 or later, in nanoseconds: enough to
 * compare, not to predict. */
#define BUCKET_NS   7.0
#define SCANNED_NS  0.7
#define PART_NS     200.0
#define BUCKET_SIZE 29 /* hashes in one cache line */

/* As many chunks of one kind, one after the other. */
typedef struct {
  guint count;
  guint width;
  guint key_bits;
  guint threshold;
} Run;

#define MAX_RUNS 6

typedef struct {
  guint32 max_hashes;
  guint n_repeats;
  Run runs[MAX_RUNS]; /* up to one of count 0 */
} Size;

/* A key of about log2 (n) - 5 bits leaves some 20 hashes to a bucket, which is
 * one cache line; the thresholds follow from how many such keys 256 bits
 * hold. Chunks of a high threshold have neighbours of a low one, which make a
 * strict filter. */
static const Size sizes[] = {
  { 2 * 1024, 0, { { 0 } } },
  { 16 * 1024, 1, { { 16, 16, 9, 1 } } },
  { 64 * 1024, 1, { { 16, 16, 12, 1 } } },
  { 256 * 1024, 1, { { 16, 16, 14, 1 } } },
  { 3 * 1000 * 1000, 1, { { 16, 16, 16, 1 } } },
  { 20 * 1000 * 1000, 2,
      { { 1, 19, 19, 2 }, { 2, 18, 18, 1 }, { 1, 19, 19, 2 },
          { 3, 18, 18, 1 } } },
  { 70 * 1000 * 1000, 2,
      { { 1, 22, 22, 2 }, { 1, 21, 21, 1 }, { 1, 22, 22, 2 }, { 1, 21, 21, 2 },
          { 1, 21, 21, 1 }, { 1, 21, 21, 2 } } },
  { G_MAXUINT32, 1, { { 5, 22, 22, 2 }, { 1, 22, 22, 1 }, { 5, 22, 22, 2 } } },
};

static void
add_run (WeirIndexPlan *plan, const Run *run)
{
  for (guint i = 0; i < run->count; i++) {
    guint start = 0;

    if (plan->n_chunks > 0) {
      const WeirIndexChunk *last = &plan->chunks[plan->n_chunks - 1];

      start = last->start + last->width;
    }
    plan->chunks[plan->n_chunks++] = (WeirIndexChunk){
      .start = start,
      .width = run->width,
      .key_bits = run->key_bits,
      .threshold = run->threshold,
    };
  }
}

void
weir_index_plan_choose (guint32 n_hashes, WeirIndexPlan *plan)
{
  const Size *size = sizes;

  while (n_hashes > size->max_hashes)
    size++;
  *plan = (WeirIndexPlan){ 0 };
  for (guint i = 0; i < size->n_repeats; i++)
    for (guint j = 0; j < MAX_RUNS; j++)
      add_run (plan, &size->runs[j]);
}

gboolean
weir_index_plan_is_valid (const WeirIndexPlan *plan)
{
  guint end = 0;

  if (plan->n_chunks == 1 || plan->n_chunks > WEIR_INDEX_MAX_CHUNKS)
    return FALSE;
  for (guint i = 0; i < plan->n_chunks; i++) {
    const WeirIndexChunk *chunk = &plan->chunks[i];

    if (chunk->start != end || chunk->width < WEIR_INDEX_TAG_BITS ||
        chunk->width > WEIR_PDQ_BITS - end || chunk->key_bits < 1 ||
        chunk->key_bits > MIN (chunk->width, WEIR_INDEX_MAX_KEY_BITS) ||
        chunk->threshold > MIN (chunk->key_bits, WEIR_INDEX_MAX_THRESHOLD))
      return FALSE;
    end += chunk->width;
  }
  return TRUE;
}

guint
weir_index_count_keys (guint key_bits, guint distance)
{
  switch (distance) {
    case 0:
      return 1;
    case 1:
      return key_bits;
    default:
      return key_bits * (key_bits - 1) / 2;
  }
}

/* The chunk whose threshold is the dearest to keep. */
static guint
find_dearest (const WeirIndexPlan *plan, const WeirIndexReach *reach)
{
  guint dearest = 0;
  guint most = 0;

  for (guint i = 0; i < plan->n_chunks; i++) {
    guint n_keys = reach->thresholds[i] < 0
                       ? 0
                       : weir_index_count_keys (plan->chunks[i].key_bits,
                             (guint) reach->thresholds[i]);

    if (n_keys > most) {
      most = n_keys;
      dearest = i;
    }
  }
  return dearest;
}

gboolean
weir_index_plan_reach (
    const WeirIndexPlan *plan, guint radius, WeirIndexReach *reach)
{
  guint sum = 0;

  for (guint i = 0; i < plan->n_chunks; i++) {
    reach->thresholds[i] = (gint) plan->chunks[i].threshold;
    sum += plan->chunks[i].threshold + 1;
  }
  if (sum < radius + 1)
    return FALSE;
  for (; sum > radius + 1; sum--)
    reach->thresholds[find_dearest (plan, reach)]--;
  return TRUE;
}

/* Nanoseconds for a lookup. */
static gdouble
estimate_cost (guint32 n_hashes, guint radius)
{
  WeirIndexPlan plan;
  WeirIndexReach reach;
  gdouble cost = PART_NS;

  weir_index_plan_choose (n_hashes, &plan);
  if (!weir_index_plan_reach (&plan, radius, &reach))
    return n_hashes * SCANNED_NS;
  for (guint i = 0; i < plan.n_chunks; i++) {
    guint key_bits = plan.chunks[i].key_bits;
    gdouble load = (gdouble) n_hashes / (gdouble) (1u << key_bits);

    for (gint j = 0; j <= reach.thresholds[i]; j++)
      cost += weir_index_count_keys (key_bits, (guint) j) * BUCKET_NS *
              MAX (1.0, load / BUCKET_SIZE);
  }
  return cost;
}

gboolean
weir_index_plan_is_split_worth (guint32 n_even, guint32 n_odd)
{
  gdouble together = estimate_cost (n_even + n_odd, WEIR_PDQ_RADIUS);
  gdouble apart = estimate_cost (n_even, WEIR_PDQ_RADIUS - 1) +
                  estimate_cost (n_odd, WEIR_PDQ_RADIUS);

  return apart < together;
}
