/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lookups of landmarks against a scan of all that were put into the bank. */
#include "bank-files.h"

#include "fingerprint/landmark.h"

#define N_PAIRS   (1u << WEIR_LANDMARK_PAIR_BITS)
#define N_BEFORES (1u << WEIR_LANDMARK_BEFORE_BITS)

#define N_QUERIES 100
#define MAX_RUNS  300

/* Pairs with many landmarks, with some, and next to others. */
static const struct {
  guint32 pair;
  guint n;
} crowds[] = { { 0, 700 }, { 5, 4000 }, { 6, 30 }, { 7, 65 },
  { N_PAIRS - 2, 100 }, { N_PAIRS - 1, 900 } };

typedef struct {
  WeirAudioQuery queries[N_QUERIES];
  WeirAudioBefores runs[N_QUERIES][MAX_RUNS];
} Questions;

/* So many that a pair has two starts, enough that pairs are told apart, and
 * few. */
#define N_LARGE (1u << 23)
#define N_MANY  530000
#define N_FEW   2000

/* Landmark i has the time i. */
static guint32 *
fill (WeirBankBuilder *builder, guint n_scattered, guint *n_keys)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (20261122);
  g_autoptr (GArray) keys = g_array_new (FALSE, FALSE, sizeof (guint32));

  for (guint i = 0; i < G_N_ELEMENTS (crowds); i++)
    for (guint j = 0; j < crowds[i].n; j++) {
      guint32 before = (guint32) g_rand_int_range (rand, 0, N_BEFORES);
      guint32 key = crowds[i].pair << WEIR_LANDMARK_BEFORE_BITS | before;

      g_array_append_val (keys, key);
    }
  for (guint i = 0; i < n_scattered; i++) {
    guint32 key = g_rand_int (rand);

    g_array_append_val (keys, key);
  }
  bank_files_add_reference (builder, "a");
  for (guint i = 0; i < keys->len; i++)
    bank_files_add_audio (builder, 0, g_array_index (keys, guint32, i), 16 * i);
  *n_keys = keys->len;

  return (guint32 *) g_array_free (g_steal_pointer (&keys), FALSE);
}

static guint
draw_runs (GRand *rand, guint longest_gap, WeirAudioBefores runs[MAX_RUNS])
{
  guint next = (guint) g_rand_int_range (rand, 0, 100), n = 0;

  while (n < MAX_RUNS) {
    guint last = next + (guint) g_rand_int_range (rand, 0, 3);

    if (last >= N_BEFORES)
      break;
    runs[n++] = (WeirAudioBefores){ (guint16) next, (guint16) last };
    next = last + (guint) g_rand_int_range (rand, 1, (gint32) longest_gap);
  }

  return n;
}

static Questions *
draw_questions (guint32 max_all)
{
  static const guint gaps[] = { 30, 1000, 8000 };
  g_autoptr (GRand) rand = g_rand_new_with_seed (4);
  Questions *questions = g_new0 (Questions, 1);

  for (guint i = 0; i < N_QUERIES; i++) {
    WeirAudioQuery *query = &questions->queries[i];

    query->pair = i % 3 == 0 ? (guint32) g_rand_int_range (rand, 0, N_PAIRS)
                             : crowds[i % G_N_ELEMENTS (crowds)].pair;
    query->befores = questions->runs[i];
    query->n_befores =
        draw_runs (rand, gaps[i % G_N_ELEMENTS (gaps)], questions->runs[i]);
    if (i % 7 == 0)
      query->max_all = G_MAXUINT32;
    else if (i % 5 == 0)
      query->max_all = max_all;
  }
  questions->queries[50].n_befores = 0;

  return questions;
}

static gboolean
is_asked_for (const WeirAudioQuery *query, gboolean all, guint32 key)
{
  if (key >> WEIR_LANDMARK_BEFORE_BITS != query->pair)
    return FALSE;
  for (guint i = 0; i < query->n_befores; i++)
    if (key % N_BEFORES >= query->befores[i].first &&
        key % N_BEFORES <= query->befores[i].last)
      return TRUE;
  return all;
}

static gboolean
asks_for_all (const WeirAudioQuery *query, const guint32 *keys, guint n_keys)
{
  guint n = 0;

  for (guint i = 0; i < n_keys; i++)
    n += keys[i] >> WEIR_LANDMARK_BEFORE_BITS == query->pair;
  return n <= query->max_all;
}

/* Each landmark asked for is there once, with its own key and time, and no
 * other; by query, then key. */
static void
check_hits (const Questions *questions, const guint32 *keys, guint n_keys,
    const GArray *hits)
{
  const WeirAudioHit *hit = (const WeirAudioHit *) hits->data;
  guint n_left = hits->len;

  for (guint i = 0; i < N_QUERIES; i++) {
    const WeirAudioQuery *query = &questions->queries[i];
    gboolean all = asks_for_all (query, keys, n_keys);
    guint n_expected = 0, last_key = 0;

    for (guint j = 0; j < n_keys; j++)
      n_expected += is_asked_for (query, all, keys[j]);
    g_assert_cmpuint (n_left, >=, n_expected);
    n_left -= n_expected;
    for (; n_expected > 0; n_expected--, hit++) {
      g_assert_cmpuint (hit->query, ==, i);
      g_assert_cmpuint (hit->time, <, 16 * n_keys);
      g_assert_cmphex (hit->key, ==, keys[hit->time / 16]);
      g_assert_true (is_asked_for (query, all, hit->key));
      g_assert_cmphex (hit->key, >=, last_key);
      last_key = hit->key;
    }
  }
  g_assert_cmpuint (n_left, ==, 0);
}

static void
test_scan (BankFiles *fixture, gconstpointer data)
{
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();
  g_autoptr (GArray) hits = g_array_new (FALSE, FALSE, sizeof (WeirAudioHit));
  const guint n_scattered = GPOINTER_TO_UINT (data);
  g_autofree Questions *questions =
      draw_questions (n_scattered == N_FEW ? 0 : 700);
  g_autofree guint32 *keys = NULL;
  g_autoptr (WeirBank) bank = NULL;
  guint n_keys;

  keys = fill (builder, n_scattered, &n_keys);
  bank_files_write (builder, fixture->path);
  bank = bank_files_open (fixture->path);
  weir_bank_lookup_audio (bank, questions->queries, N_QUERIES, hits);
  g_assert_cmpuint (hits->len, >, 5000);
  check_hits (questions, keys, n_keys, hits);
}

/* What a bank holds twice over is found in both files. */
static void
test_files (BankFiles *fixture, gconstpointer data)
{
  g_autofree gchar *paths = g_strjoin (",", fixture->path, fixture->path, NULL);
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();
  g_autoptr (GArray) hits = g_array_new (FALSE, FALSE, sizeof (WeirAudioHit));
  g_autoptr (WeirBank) bank = NULL;

  bank_files_add_reference (builder, "a");
  bank_files_add_audio (builder, 0, 77, 48);
  bank_files_write (builder, fixture->path);
  bank = bank_files_open (paths);
  bank_files_look_up_key (bank, 77, hits);
  g_assert_cmpuint (hits->len, ==, 2);
  g_assert_cmpuint (g_array_index (hits, WeirAudioHit, 0).reference, ==, 0);
  g_assert_cmpuint (g_array_index (hits, WeirAudioHit, 1).reference, ==, 1);
  g_assert_cmpuint (g_array_index (hits, WeirAudioHit, 1).time, ==, 48);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  bank_files_add_data_test (
      "/audio-lookup/few", GUINT_TO_POINTER (N_FEW), test_scan);
  bank_files_add_data_test (
      "/audio-lookup/many", GUINT_TO_POINTER (N_MANY), test_scan);
  bank_files_add_data_test (
      "/audio-lookup/large", GUINT_TO_POINTER (N_LARGE), test_scan);
  bank_files_add_test ("/audio-lookup/files", test_files);
  return g_test_run ();
}
