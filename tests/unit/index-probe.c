/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pieces of the index: plans, tables, loops over buckets in each form. */
#include "bank/index-probe.h"
#include "bank/index-build.h"
#include "fingerprint/cpu.h"

#include "hash-data.h"

#include <string.h>

#define N_BUCKETS 512

/* ---- Bits and plans ---- */

static void
test_take_bits (void)
{
  HashSource source = { 1 };

  for (guint n = 0; n < 20; n++) {
    WeirPdqHash hash = hash_source_any (&source);

    for (guint width = 1; width <= 32; width++) {
      for (guint start = 0; start + width <= WEIR_PDQ_BITS; start++) {
        guint32 expected = 0;

        for (guint i = start; i < start + width; i++)
          expected =
              expected << 1 | ((hash.words[i / 64] >> (63 - i % 64)) & 1);
        g_assert_cmpuint (
            weir_index_take_bits (&hash, start, width), ==, expected);
      }
    }
  }
}

/* Each key has a bucket of its own. */
static void
test_place_key (void)
{
  for (guint key_bits = 1; key_bits <= 16; key_bits++) {
    g_autofree gboolean *taken = g_new0 (gboolean, 1 << key_bits);

    for (guint32 key = 0; key < 1u << key_bits; key++) {
      guint32 number = weir_index_place_key (key);

      g_assert_cmpuint (number, <, 1u << key_bits);
      g_assert_false (taken[number]);
      taken[number] = TRUE;
      g_assert_cmpuint (weir_index_place_key (key ^ 1) ^ number, ==,
          weir_index_place_key (1));
    }
  }
}

static guint
count_probes (const WeirIndexPlan *plan, const WeirIndexReach *reach)
{
  guint n = 0;

  for (guint i = 0; i < plan->n_chunks; i++)
    for (gint j = 0; j <= reach->thresholds[i]; j++)
      n += weir_index_count_keys (plan->chunks[i].key_bits, (guint) j);
  return n;
}

static void
test_plan_choose (void)
{
  static const guint32 sizes[] = { 2049, 16384, 16385, 65536, 100000, 262145,
    1000000, 10000000, 20000001, 50000000, 70000001, 200000000, G_MAXINT32,
    G_MAXUINT32 };
  WeirIndexPlan plan;
  WeirIndexReach reach;

  weir_index_plan_choose (0, &plan);
  g_assert_cmpuint (plan.n_chunks, ==, 0);
  weir_index_plan_choose (2048, &plan);
  g_assert_cmpuint (plan.n_chunks, ==, 0);
  g_assert_true (weir_index_plan_is_valid (&plan));
  g_assert_false (weir_index_plan_reach (&plan, 0, &reach));
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    weir_index_plan_choose (sizes[i], &plan);
    g_assert_true (weir_index_plan_is_valid (&plan));
    g_assert_true (weir_index_plan_reach (&plan, WEIR_PDQ_RADIUS, &reach));
    g_assert_false (weir_index_plan_reach (&plan, WEIR_PDQ_RADIUS + 1, &reach));
  }
}

/* The sum that the pigeonhole principle asks for, and no more. */
static void
test_plan_reach (void)
{
  WeirIndexPlan plan;
  WeirIndexReach reach;
  guint n_before = 0;

  weir_index_plan_choose (10000000, &plan);
  for (guint radius = 0; radius <= WEIR_PDQ_RADIUS; radius++) {
    gint sum = 0;
    guint n_probes;

    g_assert_true (weir_index_plan_reach (&plan, radius, &reach));
    for (guint i = 0; i < plan.n_chunks; i++) {
      g_assert_cmpint (reach.thresholds[i], >=, -1);
      g_assert_cmpint (
          reach.thresholds[i], <=, (gint) plan.chunks[i].threshold);
      sum += reach.thresholds[i] + 1;
    }
    g_assert_cmpint (sum, ==, (gint) radius + 1);
    n_probes = count_probes (&plan, &reach);
    g_assert_cmpuint (n_probes, >, n_before);
    n_before = n_probes;
  }
  g_assert_cmpuint (n_before, ==, 4 * (1 + 19 + 171) + 10 * (1 + 18));
}

static void
test_plan_rules (void)
{
  static const WeirIndexPlan wrong[] = {
    { 1, { { 0, 256, 20, 2 } } },                      /* nothing next to it */
    { 2, { { 1, 32, 8, 1 }, { 33, 32, 8, 1 } } },      /* not from bit 0 on */
    { 2, { { 0, 32, 8, 1 }, { 33, 32, 8, 1 } } },      /* a gap */
    { 2, { { 0, 32, 8, 1 }, { 31, 32, 8, 1 } } },      /* an overlap */
    { 2, { { 0, 128, 8, 1 }, { 128, 129, 8, 1 } } },   /* too many bits */
    { 2, { { 0, 15, 8, 1 }, { 15, 32, 8, 1 } } },      /* too few for a tag */
    { 2, { { 0, 32, 0, 0 }, { 32, 32, 8, 1 } } },      /* no key */
    { 2, { { 0, 16, 17, 1 }, { 16, 32, 8, 1 } } },     /* key beyond chunk */
    { 2, { { 0, 32, 25, 1 }, { 32, 32, 8, 1 } } },     /* key too long */
    { 2, { { 0, 32, 8, 3 }, { 32, 32, 8, 1 } } },      /* threshold */
    { 2, { { 0, 32, 1, 2 }, { 32, 32, 8, 1 } } },      /* more than the key */
    { WEIR_INDEX_MAX_CHUNKS + 1, { { 0, 32, 8, 1 } } } /* too many */
  };

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    g_assert_false (weir_index_plan_is_valid (&wrong[i]));
}

/* ---- Loops over buckets ---- */

static void
fill_buckets (HashSource *source, WeirBankBucket *buckets)
{
  for (guint i = 0; i < N_BUCKETS; i++) {
    guint16 *words = (guint16 *) &buckets[i];

    for (guint j = 0; j < sizeof (WeirBankBucket) / sizeof (guint16); j++)
      words[j] = (guint16) hash_source_next (source);
    buckets[i].count = (guint16) hash_source_below (source, 30);
    if (hash_source_below (source, 20) == 0)
      buckets[i].count =
          WEIR_BANK_BUCKET_OVERFLOWS | WEIR_BANK_BUCKET_FIRST_TAGS;
  }
}

static guint
find_candidates (const WeirBankBucket *buckets, const guint32 *numbers, guint n,
    guint16 tag, guint limit, WeirIndexCandidate *candidates)
{
  guint n_candidates = 0;

  for (guint i = 0; i < n; i++) {
    guint16 words[32];
    guint32 near = 0;

    memcpy (words, &buckets[numbers[i]], sizeof (words));
    for (guint j = 0; j < (words[2] & 31); j++)
      if ((guint) __builtin_popcount (words[3 + j] ^ tag) <= limit)
        near |= 1u << j;
    if (near != 0 || words[2] >= 0x8000)
      candidates[n_candidates++] = (WeirIndexCandidate){ numbers[i], near };
  }
  return n_candidates;
}

static void
check_kernel (const WeirIndexProbe *probe)
{
  HashSource source = { 2 };
  g_autofree WeirBankBucket *buckets = g_new (WeirBankBucket, N_BUCKETS);
  guint32 numbers[300 + WEIR_INDEX_AHEAD];
  WeirIndexCandidate found[300], expected[300];

  fill_buckets (&source, buckets);
  for (guint limit = 0; limit <= 16; limit++) {
    for (guint n = 0; n <= 300; n += n < 4 ? 1 : 37) {
      guint16 tag = (guint16) hash_source_next (&source);
      guint n_found;

      for (guint i = 0; i < n + WEIR_INDEX_AHEAD; i++)
        numbers[i] = hash_source_below (&source, N_BUCKETS);
      n_found = probe->match_buckets (buckets, numbers, n, tag, limit, found);
      g_assert_cmpuint (n_found, ==,
          find_candidates (buckets, numbers, n, tag, limit, expected));
      g_assert_cmpmem (found, n_found * sizeof (*found), expected,
          n_found * sizeof (*expected));
    }
  }
}

static void
check_unit_kernel (const WeirIndexProbe *probe)
{
  HashSource source = { 3 };
  guint16 tags[WEIR_BANK_UNIT_TAGS];

  for (guint n = 0; n < 2000; n++) {
    guint limit = n % 17;
    guint16 tag = (guint16) hash_source_next (&source);
    guint expected = 0;

    for (guint i = 0; i < WEIR_BANK_UNIT_TAGS; i++) {
      tags[i] = (guint16) hash_source_next (&source);
      if ((guint) __builtin_popcount (tags[i] ^ tag) <= limit)
        expected |= 1u << i;
    }
    g_assert_cmpuint (probe->match_unit (tags, tag, limit), ==, expected);
  }
}

static void
test_kernels (void)
{
  static const guint masks[] = { 0, WEIR_CPU_AVX2, G_MAXUINT };

  for (guint i = 0; i < G_N_ELEMENTS (masks); i++) {
    weir_cpu_set_flags_mask (masks[i]);
    check_kernel (weir_index_probe_get ());
    check_unit_kernel (weir_index_probe_get ());
  }
  weir_cpu_set_flags_mask (0);
  g_assert_true (weir_index_probe_get () == &weir_index_probe_c);
  weir_cpu_set_flags_mask (G_MAXUINT);
  if (weir_index_probe_get () == &weir_index_probe_c)
    g_test_message ("portable C alone on this machine");
}

/* ---- Tables ---- */

/* Each hash is in the bucket of its key with its tag, in all three places that
 * a bucket has for tags. */
static void
test_table (void)
{
  static const WeirIndexPlan plan = { 2,
    { { 0, 20, 6, 1 }, { 20, 24, 4, 1 } } };
  const guint n_hashes = 1000;
  g_autofree WeirPdqHash *hashes = g_new (WeirPdqHash, n_hashes);
  HashSource source = { 4 };
  WeirIndexTable table;

  for (guint i = 0; i < n_hashes; i++) {
    hashes[i] = hash_source_any (&source);
    /* More of the low keys. */
    if (i % 4 != 0)
      hashes[i].words[0] &= ~(G_GUINT64_CONSTANT (7) << 41);
  }
  weir_index_table_init (&table);
  weir_index_table_build (&table, hashes, n_hashes, &plan, 1);
  g_assert_cmpuint (table.buckets->len, ==, 16);
  g_assert_cmpuint (table.ids->len, ==, n_hashes);
  g_assert_cmpuint (table.header.n_extra_bits, ==, 4);
  for (guint k = 0; k < n_hashes; k++) {
    guint32 id = g_array_index (table.ids, guint32, k) & 1023;
    guint32 extra = g_array_index (table.ids, guint32, k) >> 10;
    guint32 key = weir_index_take_bits (&hashes[id], 20, 4);
    guint16 tag = (guint16) weir_index_take_bits (&hashes[id], 0, 16);
    const WeirBankBucket *bucket = &g_array_index (
        table.buckets, WeirBankBucket, weir_index_place_key (key));
    guint32 place = k - bucket->first;

    g_assert_cmpuint (extra, ==, weir_index_take_bits (&hashes[id], 16, 4));
    if (bucket->count & WEIR_BANK_BUCKET_OVERFLOWS) {
      g_assert_cmpuint (place, <, bucket->overflow.n);
      if (place >= WEIR_BANK_BUCKET_FIRST_TAGS) {
        g_assert_cmpuint (g_array_index (table.units, guint16,
                              bucket->overflow.unit * WEIR_BANK_UNIT_TAGS +
                                  place - WEIR_BANK_BUCKET_FIRST_TAGS),
            ==, tag);
        continue;
      }
    } else {
      g_assert_cmpuint (place, <, bucket->count);
    }
    g_assert_cmpuint (weir_bank_bucket_get_tags (bucket)[place], ==, tag);
  }
  weir_index_table_clear (&table);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/index-plan/take-bits", test_take_bits);
  g_test_add_func ("/index-plan/place-key", test_place_key);
  g_test_add_func ("/index-plan/choose", test_plan_choose);
  g_test_add_func ("/index-plan/reach", test_plan_reach);
  g_test_add_func ("/index-plan/rules", test_plan_rules);
  g_test_add_func ("/index-probe/kernels", test_kernels);
  g_test_add_func ("/index-build/table", test_table);
  return g_test_run ();
}
