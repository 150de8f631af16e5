/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The index of video hashes: every hash within the radius, once, and no other,
 * whatever the hashes. For more of them, see index-exact.c.
 */
#include "bank-files.h"
#include "hash-data.h"

#include "bank/bank-private.h"
#include "bank/index-build.h"
#include "bank/mapping.h"
#include "bank/segment.h"
#include "fingerprint/cpu.h"

#include <string.h>

#define MAX_PLANTED 40 /* bits */

/* ---- An index over hashes ---- */

typedef struct {
  WeirBankSegment segment;
  guint8 *found; /* how often, for each hash of the index */
  WeirPdqHash *queries;
  guint n_queries;
  guint64 n_found;
} Searched;

static void
searched_init (Searched *searched, const BankFiles *fixture,
    const WeirPdqHash *hashes, gsize n_hashes, const WeirIndexPlan *plan)
{
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;

  memset (searched, 0, sizeof (*searched));
  bank_files_add_reference (builder, "a");
  for (gsize i = 0; i < n_hashes; i++)
    bank_files_add_video (builder, 0, &hashes[i], (guint32) i);
  if (plan != NULL)
    weir_bank_builder_set_plan (builder, plan);
  bank_files_write (builder, fixture->path);
  bytes = weir_bank_map_file (fixture->path, NULL, &error);
  g_assert_no_error (error);
  weir_bank_segment_open (&searched->segment, bytes, fixture->path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (searched->segment.n_video, ==, n_hashes);
  searched->found = g_new0 (guint8, searched->segment.video.n_hashes);
}

static void
searched_clear (Searched *searched)
{
  g_free (searched->found);
  weir_bank_segment_clear (&searched->segment);
}

static void
note_found (guint query, guint32 position, guint distance, gpointer user_data)
{
  Searched *searched = user_data;
  const WeirPdqHash *hash = &searched->segment.video.hashes[position];

  g_assert_cmpuint (query, <, searched->n_queries);
  g_assert_cmpuint (position, <, searched->segment.video.n_hashes);
  g_assert_cmpuint (
      distance, ==, weir_pdq_distance (hash, &searched->queries[query]));
  searched->n_found++;
  if (searched->found[position] < G_MAXUINT8)
    searched->found[position]++;
}

/* Looks one query up and compares with the distance to each hash. */
static guint
check_lookup (Searched *searched, const WeirPdqHash *query, guint radius)
{
  const WeirVideoIndex *index = &searched->segment.video;
  WeirPdqHash copy = *query;
  guint n_near = 0;

  searched->queries = &copy;
  searched->n_queries = 1;
  weir_video_index_lookup (index, query, radius, note_found, searched);
  for (guint32 i = 0; i < index->n_hashes; i++) {
    gboolean near = weir_pdq_distance (query, &index->hashes[i]) <= radius;

    if (searched->found[i] != (near ? 1 : 0))
      g_error ("hash %u at %u bits, radius %u: found %u times", i,
          weir_pdq_distance (query, &index->hashes[i]), radius,
          searched->found[i]);
    searched->found[i] = 0;
    n_near += near;
  }
  return n_near;
}

/* Near a hash of the index at each distance, and anywhere. */
static void
check_index (Searched *searched, HashSource *source, guint n_queries)
{
  const WeirVideoIndex *index = &searched->segment.video;

  for (guint i = 0; i < n_queries; i++) {
    guint bits = i % (MAX_PLANTED + 1);
    guint32 position = hash_source_below (source, index->n_hashes);
    WeirPdqHash near =
        hash_source_change (source, &index->hashes[position], bits);
    WeirPdqHash any = hash_source_any (source);

    g_assert_cmpuint (check_lookup (searched, &near, WEIR_PDQ_RADIUS), >=,
        bits <= WEIR_PDQ_RADIUS ? 1 : 0);
    check_lookup (searched, &any, WEIR_PDQ_RADIUS);
  }
}

/* ---- Sizes ---- */

static void
check_size (const BankFiles *fixture, gsize n_hashes, guint odd)
{
  g_autofree WeirPdqHash *hashes = g_new (WeirPdqHash, n_hashes);
  HashSource source = { n_hashes + odd };
  Searched searched;

  hash_source_fill (&source, hashes, n_hashes, odd);
  searched_init (&searched, fixture, hashes, n_hashes, NULL);
  g_assert_cmpint (
      searched.segment.video.parts[0].plan.n_chunks > 0, ==, n_hashes > 2048);
  check_index (&searched, &source, 3 * (MAX_PLANTED + 1));
  searched_clear (&searched);
}

/* All of even weight, a few of odd, and as many of both. */
static void
test_sizes (BankFiles *fixture, gconstpointer data)
{
  static const gsize sizes[] = { 1, 1000, 2048, 2049, 20000 };
  static const guint odds[] = { 0, 435, 2 };

  for (guint i = 0; i < G_N_ELEMENTS (odds); i++)
    for (guint j = 0; j < G_N_ELEMENTS (sizes); j++)
      check_size (fixture, sizes[j], odds[i]);
  check_size (fixture, 70000, 435);
}

static void
test_radii (BankFiles *fixture, gconstpointer data)
{
  const guint n_hashes = 4000;
  g_autofree WeirPdqHash *hashes = g_new (WeirPdqHash, n_hashes);
  HashSource source = { 1 };
  WeirPdqHash query = hash_source_any (&source);
  Searched searched;

  for (guint i = 0; i < n_hashes; i++)
    hashes[i] = hash_source_change (&source, &query, i % (WEIR_PDQ_BITS + 1));
  searched_init (&searched, fixture, hashes, n_hashes, NULL);
  for (guint radius = 0; radius <= WEIR_PDQ_BITS; radius++)
    g_assert_cmpuint (check_lookup (&searched, &query, radius), >=, radius + 1);
  searched_clear (&searched);
}

/* ---- Plans of all kinds ---- */

static const WeirIndexPlan plans[] = {
  /* Few long chunks, all the difference may be in bits that are no keys. */
  { 2, { { 0, 128, 2, 1 }, { 128, 128, 3, 2 } } },
  /* Keys shorter than chunks, bits left over, nothing next to 0. */
  { 3, { { 0, 16, 5, 0 }, { 16, 40, 9, 2 }, { 56, 24, 1, 1 } } },
  { 4, { { 0, 64, 8, 0 }, { 64, 64, 8, 0 }, { 128, 64, 8, 0 },
           { 192, 64, 8, 0 } } },
  { 16, { { 0, 16, 4, 1 }, { 16, 16, 4, 1 }, { 32, 16, 4, 1 }, { 48, 16, 4, 1 },
            { 64, 16, 4, 1 }, { 80, 16, 4, 1 }, { 96, 16, 4, 1 },
            { 112, 16, 4, 1 }, { 128, 16, 4, 1 }, { 144, 16, 4, 1 },
            { 160, 16, 4, 1 }, { 176, 16, 4, 1 }, { 192, 16, 4, 1 },
            { 208, 16, 4, 1 }, { 224, 16, 4, 1 }, { 240, 16, 4, 1 } } },
  /* The plan for 10 million, whose ids have bits to spare. */
  { 14, { { 0, 19, 19, 2 }, { 19, 18, 18, 1 }, { 37, 18, 18, 1 },
            { 55, 19, 19, 2 }, { 74, 18, 18, 1 }, { 92, 18, 18, 1 },
            { 110, 18, 18, 1 }, { 128, 19, 19, 2 }, { 147, 18, 18, 1 },
            { 165, 18, 18, 1 }, { 183, 19, 19, 2 }, { 202, 18, 18, 1 },
            { 220, 18, 18, 1 }, { 238, 18, 18, 1 } } },
};

static void
test_plans (BankFiles *fixture, gconstpointer data)
{
  const guint n_hashes = 3000;
  g_autofree WeirPdqHash *hashes = g_new (WeirPdqHash, n_hashes);
  HashSource source = { 2 };

  hash_source_fill (&source, hashes, n_hashes, 3);
  for (guint i = 0; i < G_N_ELEMENTS (plans); i++) {
    Searched searched;

    searched_init (&searched, fixture, hashes, n_hashes, &plans[i]);
    g_assert_cmpuint (searched.segment.video.n_parts, ==, 2);
    for (guint j = 0; j < 200; j++) {
      WeirPdqHash query = hash_source_change (
          &source, &hashes[hash_source_below (&source, n_hashes)], j % 34);

      for (guint radius = 0; radius <= WEIR_PDQ_RADIUS; radius += 1 + j % 3)
        check_lookup (&searched, &query, radius);
    }
    searched_clear (&searched);
  }
}

/* ---- Hashes that are no pictures ---- */

static void
test_equal (BankFiles *fixture, gconstpointer data)
{
  const guint n_hashes = 5000;
  g_autofree WeirPdqHash *hashes = g_new (WeirPdqHash, n_hashes);
  HashSource source = { 3 };
  WeirPdqHash hash = hash_source_balanced (&source);
  Searched searched;

  for (guint i = 0; i < n_hashes; i++)
    hashes[i] = hash;
  for (guint i = 0; i < 2; i++) {
    searched_init (
        &searched, fixture, hashes, n_hashes, i == 0 ? NULL : &plans[3]);
    g_assert_cmpuint (searched.segment.video.n_hashes, ==, 1);
    check_index (&searched, &source, 2 * MAX_PLANTED + 2);
    searched_clear (&searched);
  }
}

/* Weight 0 and 256 and all that is near these. */
static void
test_extreme_weights (BankFiles *fixture, gconstpointer data)
{
  const WeirPdqHash none = { { 0 } };
  const WeirPdqHash all = { { G_MAXUINT64, G_MAXUINT64, G_MAXUINT64,
      G_MAXUINT64 } };
  const guint n_hashes = 6000;
  g_autofree WeirPdqHash *hashes = g_new (WeirPdqHash, n_hashes);
  HashSource source = { 4 };
  Searched searched;

  for (guint i = 0; i < n_hashes; i++)
    hashes[i] = hash_source_change (
        &source, i % 2 == 0 ? &none : &all, i / 2 % (MAX_PLANTED + 1));
  searched_init (&searched, fixture, hashes, n_hashes, NULL);
  g_assert_cmpuint (searched.segment.video.parts[0].plan.n_chunks, >, 0);
  g_assert_cmpuint (
      check_lookup (&searched, &none, WEIR_PDQ_RADIUS), >, n_hashes / 4);
  g_assert_cmpuint (
      check_lookup (&searched, &all, WEIR_PDQ_RADIUS), >, n_hashes / 4);
  check_index (&searched, &source, MAX_PLANTED + 1);
  searched_clear (&searched);
}

/* More hashes in one bucket than 16 bits count, and more hits than any list
 * has room for. */
static void
test_crowded_bucket (BankFiles *fixture, gconstpointer data)
{
  const guint n_hashes = 70000;
  g_autofree WeirPdqHash *hashes = g_new0 (WeirPdqHash, n_hashes);
  HashSource source = { 5 };
  WeirPdqHash query = { { 0 } };
  Searched searched;

  for (guint i = 0; i < n_hashes; i++) {
    hashes[i].words[3] = i;
    hashes[i].words[2] = i % 7 == 0 ? hash_source_next (&source) : 0;
  }
  searched_init (&searched, fixture, hashes, n_hashes, &plans[3]);
  g_assert_cmpuint (
      check_lookup (&searched, &query, WEIR_PDQ_RADIUS), >, 50000);
  for (guint i = 0; i < 5; i++) {
    query = hash_source_change (&source, &hashes[i * 1001], i * 7);
    check_lookup (&searched, &query, WEIR_PDQ_RADIUS);
  }
  searched_clear (&searched);
}

/* ---- Many at once ---- */

typedef struct {
  guint query;
  guint32 position;
  guint distance;
} Found;

static void
append_found (guint query, guint32 position, guint distance, gpointer user_data)
{
  Found found = { query, position, distance };

  g_array_append_val (user_data, found);
}

static gint
compare_found (gconstpointer a, gconstpointer b)
{
  const Found *first = a;
  const Found *second = b;

  if (first->query != second->query)
    return first->query < second->query ? -1 : 1;
  return (first->position > second->position) -
         (first->position < second->position);
}

/* Together as one by one, and the same with all that processors have. */
static void
test_many (BankFiles *fixture, gconstpointer data)
{
  static const guint flags[] = { 0, WEIR_CPU_AVX2, WEIR_CPU_AVX512, G_MAXUINT };
  const guint n_hashes = 30000;
  const guint n_queries = 500;
  g_autofree WeirPdqHash *hashes = g_new (WeirPdqHash, n_hashes);
  g_autofree WeirPdqHash *queries = g_new (WeirPdqHash, n_queries);
  g_autoptr (GArray) singly = g_array_new (FALSE, FALSE, sizeof (Found));
  HashSource source = { 6 };
  Searched searched;

  hash_source_fill (&source, hashes, n_hashes, 10);
  for (guint i = 0; i < n_queries; i++)
    queries[i] = hash_source_query (&source, hashes, n_hashes, 70);
  searched_init (&searched, fixture, hashes, n_hashes, NULL);
  for (guint i = 0; i < n_queries; i++) {
    guint first = singly->len;

    weir_video_index_lookup (&searched.segment.video, &queries[i],
        WEIR_PDQ_RADIUS, append_found, singly);
    for (guint j = first; j < singly->len; j++)
      g_array_index (singly, Found, j).query = i;
  }
  g_assert_cmpuint (singly->len, >, n_queries);
  g_array_sort (singly, compare_found);

  for (guint i = 0; i < G_N_ELEMENTS (flags); i++) {
    g_autoptr (GArray) together = g_array_new (FALSE, FALSE, sizeof (Found));

    weir_cpu_set_flags_mask (flags[i]);
    weir_video_index_lookup_many (&searched.segment.video, queries, n_queries,
        WEIR_PDQ_RADIUS, append_found, together);
    g_array_sort (together, compare_found);
    g_assert_cmpmem (together->data, together->len * sizeof (Found),
        singly->data, singly->len * sizeof (Found));
  }
  weir_cpu_set_flags_mask (G_MAXUINT);
  searched_clear (&searched);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  bank_files_add_test ("/index/sizes", test_sizes);
  bank_files_add_test ("/index/radii", test_radii);
  bank_files_add_test ("/index/plans", test_plans);
  bank_files_add_test ("/index/equal", test_equal);
  bank_files_add_test ("/index/extreme-weights", test_extreme_weights);
  bank_files_add_test ("/index/crowded-bucket", test_crowded_bucket);
  bank_files_add_test ("/index/many", test_many);
  return g_test_run ();
}
