/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The index against a look at every hash, for many queries: the same hits, with
 * the same distances, each once. As a test it is small. The whole of it, which
 * takes minutes for a million hashes:
 *   build/tests/unit/test-index-exact RANDOM NEAR HASHES...
 *   build/tests/unit/test-index-exact 1000000 100000 1000 100000 1000000
 * RANDOM queries that are near nothing but by chance and NEAR ones at 0 to 40
 * bits from one of the hashes, in a bank of each number of HASHES.
 */
#include "bank-files.h"
#include "exact-scan.h"
#include "hash-data.h"

#include "bank/mapping.h"
#include "bank/segment.h"

#include <string.h>

#define MAX_PLANTED 40 /* bits */
#define BATCH       64 /* queries at once */

/* One hash in so many has a bit more or less than the others, hence the other
 * parity. */
#define ODD 435

/* What a test is made with. */
typedef struct {
  guint64 n_random;
  guint64 n_near;
  guint32 n_hashes;
} Size;

typedef struct {
  WeirBankSegment segment;
  ExactScan *scan;
  HashSource source;
  GArray *found; /* ExactHit */
  GArray *expected;
  guint64 n_hits;
} Comparison;

/* ---- Banks ---- */

/* Like those of videos; but one in a hundred all the same, one of weight 0, one
 * of weight 256, and some near these two. */
static WeirPdqHash *
make_hashes (guint32 n_hashes)
{
  const WeirPdqHash extremes[] = { { { 0 } },
    { { G_MAXUINT64, G_MAXUINT64, G_MAXUINT64, G_MAXUINT64 } } };
  WeirPdqHash *hashes = g_new (WeirPdqHash, n_hashes);
  HashSource source = { n_hashes };
  guint32 i;

  hash_source_fill (&source, hashes, n_hashes, ODD);
  for (i = 1; i < n_hashes / 100; i++)
    hashes[i] = hashes[0];
  for (guint bits = 0; bits <= MAX_PLANTED; bits++)
    for (guint k = 0; k < G_N_ELEMENTS (extremes); k++)
      if (i < n_hashes)
        hashes[i++] = hash_source_change (&source, &extremes[k], bits);
  return hashes;
}

static void
write_bank (const gchar *path, guint32 n_hashes)
{
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();
  g_autofree WeirPdqHash *hashes = make_hashes (n_hashes);

  bank_files_add_reference (builder, "a");
  for (guint32 i = 0; i < n_hashes; i++)
    bank_files_add_video (builder, 0, &hashes[i], i);
  bank_files_write (builder, path);
}

static void
comparison_init (Comparison *comparison, const gchar *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = weir_bank_map_file (path, NULL, &error);

  g_assert_no_error (error);
  memset (comparison, 0, sizeof (*comparison));
  weir_bank_segment_open (&comparison->segment, bytes, path, &error);
  g_assert_no_error (error);
  comparison->scan = exact_scan_new (
      comparison->segment.video.hashes, comparison->segment.video.n_hashes);
  comparison->source = (HashSource){ 77 };
  comparison->found = g_array_new (FALSE, FALSE, sizeof (ExactHit));
  comparison->expected = g_array_new (FALSE, FALSE, sizeof (ExactHit));
}

static void
comparison_clear (Comparison *comparison)
{
  exact_scan_free (comparison->scan);
  g_array_unref (comparison->found);
  g_array_unref (comparison->expected);
  weir_bank_segment_clear (&comparison->segment);
}

/* ---- Queries ---- */

/* Half of weight 128, half of any. */
static WeirPdqHash
make_random (Comparison *comparison, guint64 number)
{
  return number % 2 == 0 ? hash_source_balanced (&comparison->source)
                         : hash_source_any (&comparison->source);
}

/* At each distance in turn; every eighth from the lowest or the highest hash,
 * those of weight 0 and 256. */
static WeirPdqHash
make_near (Comparison *comparison, guint64 number)
{
  const WeirVideoIndex *index = &comparison->segment.video;
  guint32 position = hash_source_below (&comparison->source, index->n_hashes);

  if (number % 8 == 0)
    position = number % 16 == 0 ? 0 : index->parts[0].n_hashes - 1;
  return hash_source_change (&comparison->source, &index->hashes[position],
      (guint) (number % (MAX_PLANTED + 1)));
}

static void
append_found (guint query, guint32 position, guint distance, gpointer user_data)
{
  ExactHit hit = { query, position, distance };

  g_array_append_val (user_data, hit);
}

static void
compare_batch (
    Comparison *comparison, const WeirPdqHash *queries, guint n_queries)
{
  GArray *found = comparison->found;
  GArray *expected = comparison->expected;

  g_array_set_size (found, 0);
  g_array_set_size (expected, 0);
  weir_video_index_lookup_many (&comparison->segment.video, queries, n_queries,
      WEIR_PDQ_RADIUS, append_found, found);
  exact_scan_find (
      comparison->scan, queries, n_queries, WEIR_PDQ_RADIUS, expected);
  exact_hits_sort (found);
  exact_hits_sort (expected);
  g_assert_cmpmem (found->data, found->len * sizeof (ExactHit), expected->data,
      expected->len * sizeof (ExactHit));
  comparison->n_hits += found->len;
}

static void
compare_queries (Comparison *comparison, guint64 n,
    WeirPdqHash (*make) (Comparison *, guint64))
{
  WeirPdqHash queries[BATCH];

  comparison->n_hits = 0;
  for (guint64 done = 0; done < n; done += BATCH) {
    guint n_queries = (guint) MIN (BATCH, n - done);

    for (guint i = 0; i < n_queries; i++)
      queries[i] = make (comparison, done + i);
    compare_batch (comparison, queries, n_queries);
  }
}

/* ---- Tests ---- */

static void
test_exact (BankFiles *fixture, gconstpointer data)
{
  const Size *size = data;
  Comparison comparison;
  guint64 n_planted = size->n_near / (MAX_PLANTED + 1) * (WEIR_PDQ_RADIUS + 1);

  write_bank (fixture->path, size->n_hashes);
  comparison_init (&comparison, fixture->path);
  compare_queries (&comparison, size->n_random, make_random);
  g_test_message ("%" G_GUINT64_FORMAT " random queries of %u hashes, %u of "
                  "them different: %" G_GUINT64_FORMAT " hits, as expected",
      size->n_random, size->n_hashes, comparison.segment.video.n_hashes,
      comparison.n_hits);
  compare_queries (&comparison, size->n_near, make_near);
  g_assert_cmpuint (comparison.n_hits, >=, n_planted);
  g_test_message ("%" G_GUINT64_FORMAT " near queries: %" G_GUINT64_FORMAT
                  " hits, as expected",
      size->n_near, comparison.n_hits);
  comparison_clear (&comparison);
}

/* The scan itself, by the plainest loop. */
static void
test_scan (void)
{
  const guint32 n_hashes = 20003;
  g_autofree WeirPdqHash *hashes = make_hashes (n_hashes);
  g_autoptr (ExactScan) scan = exact_scan_new (hashes, n_hashes);
  g_autoptr (GArray) hits = g_array_new (FALSE, FALSE, sizeof (ExactHit));
  HashSource source = { 5 };

  for (guint i = 0; i < 60; i++) {
    const WeirPdqHash query = hash_source_change (
        &source, &hashes[hash_source_below (&source, n_hashes)], i);
    guint n = 0;

    g_array_set_size (hits, 0);
    exact_scan_find (scan, &query, 1, WEIR_PDQ_RADIUS, hits);
    for (guint32 k = 0; k < n_hashes; k++) {
      guint distance = weir_pdq_distance (&query, &hashes[k]);
      const ExactHit *hit = &g_array_index (hits, ExactHit, n);

      if (distance > WEIR_PDQ_RADIUS)
        continue;
      g_assert_cmpuint (n++, <, hits->len);
      g_assert_cmpuint (hit->position, ==, k);
      g_assert_cmpuint (hit->distance, ==, distance);
    }
    g_assert_cmpuint (n, ==, hits->len);
  }
}

static void
add_size (const Size *size)
{
  g_autofree gchar *path = g_strdup_printf ("/index/exact/%u", size->n_hashes);

  bank_files_add_data_test (path, size, test_exact);
}

int
main (int argc, char **argv)
{
  static const Size small[] = { { 2000, 820, 1000 }, { 1000, 820, 30000 } };
  static Size asked[16];

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/index/exact-scan", test_scan);
  for (guint i = 0; argc < 4 && i < G_N_ELEMENTS (small); i++)
    add_size (&small[i]);
  for (guint i = 0; (int) i + 3 < argc && i < G_N_ELEMENTS (asked); i++) {
    asked[i] = (Size){ g_ascii_strtoull (argv[1], NULL, 10),
      g_ascii_strtoull (argv[2], NULL, 10),
      (guint32) g_ascii_strtoull (argv[3 + i], NULL, 10) };
    g_assert_cmpuint (asked[i].n_hashes, >, 0);
    add_size (&asked[i]);
  }
  return g_test_run ();
}
