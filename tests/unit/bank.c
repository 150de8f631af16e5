/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Banks: what is built is read back, lookups against brute force, and files
 * that are not whole are refused.
 */
#include "bank/bank.h"
#include "bank/bank-builder.h"
#include "bank/bank-private.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#define CREATED    1574380800
#define N_SEARCHED 5000

typedef struct {
  gchar *directory;
  gchar *path; /* of a bank in it, not there yet */
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->directory = g_dir_make_tmp ("weir-bank-XXXXXX", NULL);
  g_assert_nonnull (fixture->directory);
  fixture->path = g_build_filename (fixture->directory, "known.weir", NULL);
}

/* Fails when a test leaves a file behind that it did not name. */
static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_unlink (fixture->path);
  g_assert_cmpint (g_rmdir (fixture->directory), ==, 0);
  g_free (fixture->path);
  g_free (fixture->directory);
}

static guint
count_files (const gchar *directory)
{
  g_autoptr (GDir) entries = g_dir_open (directory, 0, NULL);
  guint n = 0;

  g_assert_nonnull (entries);
  while (g_dir_read_name (entries) != NULL)
    n++;
  return n;
}

static WeirReference
make_reference (const gchar *id)
{
  return (WeirReference){
      .id = id,
      .family = "",
      .label = "",
      .list = "",
      .source = "",
  };
}

static guint32
add_reference (WeirBankBuilder *builder, const gchar *id)
{
  WeirReference reference = make_reference (id);
  guint32 index = G_MAXUINT32;
  g_autoptr (GError) error = NULL;

  weir_bank_builder_add_reference (builder, &reference, &index, &error);
  g_assert_no_error (error);
  return index;
}

static void
add_video (WeirBankBuilder *builder, guint32 index, const WeirPdqHash *hash,
    guint32 time)
{
  g_autoptr (GError) error = NULL;

  weir_bank_builder_add_video (builder, index, hash, 80, time, &error);
  g_assert_no_error (error);
}

static void
add_audio (WeirBankBuilder *builder, guint32 index, guint32 key, guint32 time)
{
  g_autoptr (GError) error = NULL;

  weir_bank_builder_add_audio (builder, index, key, time, &error);
  g_assert_no_error (error);
}

static void
write_bank (WeirBankBuilder *builder, const gchar *path)
{
  g_autoptr (GError) error = NULL;

  weir_bank_builder_write (builder, path, CREATED, &error);
  g_assert_no_error (error);
}

static WeirBank *
open_bank (const gchar *path)
{
  g_autoptr (GError) error = NULL;
  WeirBank *bank = weir_bank_open (path, &error);

  g_assert_no_error (error);
  g_assert_nonnull (bank);
  return bank;
}

static WeirPdqHash
random_hash (GRand *random)
{
  WeirPdqHash hash;
  guint i;

  for (i = 0; i < G_N_ELEMENTS (hash.words); i++)
    hash.words[i] = ((guint64) g_rand_int (random) << 32) | g_rand_int (random);
  return hash;
}

/* @hash with @n different bits changed. */
static WeirPdqHash
change_bits (const WeirPdqHash *hash, guint n, GRand *random)
{
  WeirPdqHash changed = *hash;

  while (weir_pdq_distance (hash, &changed) < n) {
    guint bit = (guint) g_rand_int_range (random, 0, WEIR_PDQ_BITS);

    changed.words[bit / 64] |= (guint64) 1 << (bit % 64);
    if (((hash->words[bit / 64] >> (bit % 64)) & 1) != 0)
      changed.words[bit / 64] &= ~((guint64) 1 << (bit % 64));
  }
  return changed;
}

/* ---- Round trip ---- */

static void
assert_reference_equal (const WeirReference *a, const WeirReference *b)
{
  g_assert_cmpstr (a->id, ==, b->id);
  g_assert_cmpstr (a->family, ==, b->family);
  g_assert_cmpstr (a->label, ==, b->label);
  g_assert_cmpstr (a->list, ==, b->list);
  g_assert_cmpstr (a->source, ==, b->source);
  g_assert_cmpint (a->added, ==, b->added);
  g_assert_cmpuint (a->duration, ==, b->duration);
  g_assert_cmpint (a->opinion, ==, b->opinion);
  g_assert_cmpint (a->max_action, ==, b->max_action);
  g_assert_cmpuint (a->n_video, ==, b->n_video);
  g_assert_cmpuint (a->n_audio, ==, b->n_audio);
}

static void
test_round_trip (Fixture *fixture, gconstpointer data)
{
  g_autofree gchar *longest = g_strnfill (WEIR_REFERENCE_MAX_TEXT, 'x');
  const WeirReference written[] = {
      {"first", "family", "violent-extremism", "list", "a source", 1552608000,
          17 * 60 * G_GUINT64_CONSTANT (1000000000), WEIR_OPINION_CONFIRMED,
          WEIR_ACTION_CUT, 2, 1},
      {"\xd0\xb2\xd1\x82\xd0\xbe\xd1\x80\xd0\xbe\xd0\xb9", "\xe2\x82\xac",
          "\xf0\x9f\x8e\xa5", "", "", G_MININT64, G_MAXUINT64,
          WEIR_OPINION_DISPUTED, WEIR_ACTION_FLAG, 0, 2},
      {longest, longest, longest, longest, longest, G_MAXINT64, 1,
          WEIR_OPINION_UNREVIEWED, WEIR_ACTION_NONE, 1, 0},
  };
  const WeirPdqHash hash = {{1, 2, 3, G_MAXUINT64}};
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();
  g_autoptr (WeirBank) bank = NULL;
  g_autoptr (GError) error = NULL;
  guint i;

  for (i = 0; i < G_N_ELEMENTS (written); i++) {
    guint32 index;

    g_assert_true (
        weir_bank_builder_add_reference (builder, &written[i], &index, &error));
    g_assert_cmpuint (index, ==, i);
  }
  add_video (builder, 0, &hash, 5);
  add_video (builder, 2, &hash, G_MAXUINT32);
  add_video (builder, 0, &hash, 4);
  add_audio (builder, 1, 7, 1);
  add_audio (builder, 0, 7, 2);
  add_audio (builder, 1, 3, 3);
  write_bank (builder, fixture->path);

  bank = open_bank (fixture->path);
  g_assert_cmpstr (weir_bank_get_path (bank), ==, fixture->path);
  g_assert_cmpint (weir_bank_get_created (bank), ==, CREATED);
  g_assert_cmpuint (weir_bank_get_n_references (bank), ==, 3);
  g_assert_cmpuint (weir_bank_get_n_video (bank), ==, 3);
  g_assert_cmpuint (weir_bank_get_n_audio (bank), ==, 3);
  for (i = 0; i < G_N_ELEMENTS (written); i++) {
    WeirReference read;

    weir_bank_get_reference (bank, i, &read);
    assert_reference_equal (&read, &written[i]);
  }
}

static void
test_duration_set_later (Fixture *fixture, gconstpointer data)
{
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();
  g_autoptr (WeirBank) bank = NULL;
  WeirReference reference;

  add_reference (builder, "a");
  add_reference (builder, "b");
  weir_bank_builder_set_duration (builder, 1, 1234);
  write_bank (builder, fixture->path);
  bank = open_bank (fixture->path);
  weir_bank_get_reference (bank, 0, &reference);
  g_assert_cmpuint (reference.duration, ==, 0);
  weir_bank_get_reference (bank, 1, &reference);
  g_assert_cmpuint (reference.duration, ==, 1234);
}

static void
test_no_references (Fixture *fixture, gconstpointer data)
{
  const WeirPdqHash hash = {{0}};
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();
  g_autoptr (WeirBank) bank = NULL;
  g_autoptr (GArray) hits = g_array_new (FALSE, FALSE, sizeof (WeirVideoHit));

  write_bank (builder, fixture->path);
  bank = open_bank (fixture->path);
  g_assert_cmpuint (weir_bank_get_n_references (bank), ==, 0);
  g_assert_cmpuint (weir_bank_get_n_video (bank), ==, 0);
  g_assert_cmpuint (weir_bank_get_n_audio (bank), ==, 0);
  weir_bank_lookup_video (bank, &hash, WEIR_PDQ_BITS, hits);
  weir_bank_lookup_audio (bank, 0, hits);
  g_assert_cmpuint (hits->len, ==, 0);
}

/* ---- Video lookup ---- */

/* Each hash has its position as its time, so that hits can be told apart. */
static WeirBank *
build_searchable (const Fixture *fixture, const WeirPdqHash *hashes, guint n)
{
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();
  guint i;

  add_reference (builder, "even");
  add_reference (builder, "odd");
  for (i = 0; i < n; i++)
    add_video (builder, i % 2, &hashes[i], i);
  write_bank (builder, fixture->path);
  return open_bank (fixture->path);
}

/* Compares a lookup with the distance to every hash; returns the hits. */
static guint
check_video_lookup (const WeirBank *bank, const WeirPdqHash *hashes, guint n,
    const WeirPdqHash *query, guint radius)
{
  g_autoptr (GArray) hits = g_array_new (FALSE, FALSE, sizeof (WeirVideoHit));
  g_autofree gboolean *found = g_new0 (gboolean, n);
  guint n_near = 0;
  guint i;

  weir_bank_lookup_video (bank, query, radius, hits);
  for (i = 0; i < hits->len; i++) {
    const WeirVideoHit *hit = &g_array_index (hits, WeirVideoHit, i);

    g_assert_cmpuint (hit->time, <, n);
    g_assert_false (found[hit->time]);
    found[hit->time] = TRUE;
    g_assert_cmpuint (hit->reference, ==, hit->time % 2);
    g_assert_cmpuint (
        hit->distance, ==, weir_pdq_distance (query, &hashes[hit->time]));
    g_assert_cmpuint (hit->distance, <=, radius);
  }
  for (i = 0; i < n; i++)
    n_near += weir_pdq_distance (query, &hashes[i]) <= radius;
  g_assert_cmpuint (hits->len, ==, n_near);
  return n_near;
}

static void
test_video_against_brute_force (Fixture *fixture, gconstpointer data)
{
  static const guint radii[] = {0, 1, 30, 31, 32, 100, 128, 255, 256};
  g_autoptr (GRand) random = g_rand_new_with_seed (1);
  g_autofree WeirPdqHash *hashes = g_new (WeirPdqHash, N_SEARCHED);
  g_autoptr (WeirBank) bank = NULL;
  WeirPdqHash query = random_hash (random);
  WeirPdqHash opposite = query;
  guint i;

  for (i = 0; i < N_SEARCHED; i++)
    hashes[i] = random_hash (random);
  for (i = 0; i <= 40; i++)
    hashes[i * 121 + 7] = change_bits (&query, i, random);
  for (i = 0; i < G_N_ELEMENTS (opposite.words); i++)
    opposite.words[i] = ~opposite.words[i];
  hashes[N_SEARCHED - 1] = opposite;
  bank = build_searchable (fixture, hashes, N_SEARCHED);

  for (i = 0; i < G_N_ELEMENTS (radii); i++)
    check_video_lookup (bank, hashes, N_SEARCHED, &query, radii[i]);
  for (i = 0; i <= 40; i++)
    g_assert_cmpuint (
        check_video_lookup (bank, hashes, N_SEARCHED, &query, i), ==, i + 1);
  g_assert_cmpuint (
      check_video_lookup (bank, hashes, N_SEARCHED, &query, WEIR_PDQ_BITS), ==,
      N_SEARCHED);
  for (i = 0; i < 20; i++)
    check_video_lookup (
        bank, hashes, N_SEARCHED, &hashes[i * 200], WEIR_PDQ_RADIUS);
}

/* All differing bits in one quarter: the half that is looked at first must not
 * decide alone. */
static void
test_video_bits_in_one_word (Fixture *fixture, gconstpointer data)
{
  const WeirPdqHash query = {{0}};
  WeirPdqHash hashes[4 * 64] = {0};
  g_autoptr (WeirBank) bank = NULL;
  guint i;

  for (i = 0; i < G_N_ELEMENTS (hashes); i++)
    hashes[i].words[i / 64] = G_MAXUINT64 >> (i % 64);
  bank = build_searchable (fixture, hashes, G_N_ELEMENTS (hashes));
  g_assert_cmpuint (check_video_lookup (bank, hashes, G_N_ELEMENTS (hashes),
                        &query, WEIR_PDQ_RADIUS),
      ==, 4 * 31);
}

static void
test_video_degenerate (Fixture *fixture, gconstpointer data)
{
  const WeirPdqHash none = {{0}};
  const WeirPdqHash all = {
      {G_MAXUINT64, G_MAXUINT64, G_MAXUINT64, G_MAXUINT64}};
  WeirPdqHash hashes[300];
  g_autoptr (WeirBank) bank = NULL;
  guint i;

  for (i = 0; i < G_N_ELEMENTS (hashes); i++)
    hashes[i] = i < 100 ? none : all;
  bank = build_searchable (fixture, hashes, G_N_ELEMENTS (hashes));
  g_assert_cmpuint (check_video_lookup (bank, hashes, 300, &none, 0), ==, 100);
  g_assert_cmpuint (check_video_lookup (bank, hashes, 300, &all, 255), ==, 200);
  g_assert_cmpuint (check_video_lookup (bank, hashes, 300, &all, 256), ==, 300);
}

/* ---- Audio lookup ---- */

/* Each landmark of a run has a place of its own, 2 * time + reference from the
 * start of the run: every place must be hit once. */
static void
check_audio_lookup (const WeirBank *bank, guint32 key, guint n_expected)
{
  g_autoptr (GArray) hits = g_array_new (FALSE, FALSE, sizeof (WeirAudioHit));
  g_autofree gboolean *seen = g_new0 (gboolean, n_expected + 1);
  guint i;

  weir_bank_lookup_audio (bank, key, hits);
  g_assert_cmpuint (hits->len, ==, n_expected);
  for (i = 0; i < hits->len; i++) {
    const WeirAudioHit *hit = &g_array_index (hits, WeirAudioHit, i);
    guint place = 2 * (hit->time - key / 2) + hit->reference;

    g_assert_cmpuint (hit->reference, <, 2);
    g_assert_cmpuint (place, <, n_expected);
    g_assert_false (seen[place]);
    seen[place] = TRUE;
  }
}

static void
test_audio (Fixture *fixture, gconstpointer data)
{
  static const struct {
    guint32 key;
    guint n; /* even: as many of either reference */
  } runs[] = {{G_MAXUINT32, 6}, {0, 2}, {10, 2000}, {11, 2}, {77, 2},
      {G_MAXUINT32 - 1, 4}};
  static const guint32 absent[] = {1, 9, 12, 76, 78, G_MAXUINT32 - 2};
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();
  g_autoptr (WeirBank) bank = NULL;
  guint i, k;

  add_reference (builder, "a");
  add_reference (builder, "b");
  for (i = 0; i < G_N_ELEMENTS (runs); i++) {
    for (k = 0; k < runs[i].n; k++)
      add_audio (builder, k % 2, runs[i].key, runs[i].key / 2 + k / 2);
  }
  write_bank (builder, fixture->path);
  bank = open_bank (fixture->path);
  g_assert_cmpuint (weir_bank_get_n_audio (bank), ==, 2016);
  for (i = 0; i < G_N_ELEMENTS (absent); i++)
    check_audio_lookup (bank, absent[i], 0);
  for (i = 0; i < G_N_ELEMENTS (runs); i++)
    check_audio_lookup (bank, runs[i].key, runs[i].n);
}

/* ---- Several files, versions ---- */

static void
test_several_files (Fixture *fixture, gconstpointer data)
{
  const WeirPdqHash hash = {{1, 2, 3, 4}};
  g_autofree gchar *other = g_strconcat (fixture->path, "2", NULL);
  g_autofree gchar *nothing = g_strconcat (fixture->path, "0", NULL);
  g_autofree gchar *joined =
      g_strjoin (",", fixture->path, nothing, other, NULL);
  g_autofree gchar *reversed =
      g_strjoin (",", other, fixture->path, nothing, NULL);
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();
  g_autoptr (WeirBankBuilder) empty = weir_bank_builder_new ();
  g_autoptr (WeirBank) bank = NULL;
  g_autoptr (WeirBank) single = NULL;
  g_autoptr (WeirBank) turned = NULL;
  g_autoptr (GArray) video = g_array_new (FALSE, FALSE, sizeof (WeirVideoHit));
  g_autoptr (GArray) audio = g_array_new (FALSE, FALSE, sizeof (WeirAudioHit));
  g_autoptr (GError) error = NULL;
  WeirReference reference;
  guint i;

  add_reference (builder, "a");
  add_reference (builder, "b");
  add_video (builder, 1, &hash, 10);
  add_audio (builder, 1, 5, 20);
  write_bank (builder, fixture->path);
  write_bank (empty, nothing);
  add_reference (builder, "c");
  g_assert_true (
      weir_bank_builder_write (builder, other, CREATED - 100, &error));

  bank = open_bank (joined);
  single = open_bank (fixture->path);
  turned = open_bank (reversed);
  g_assert_cmpuint (weir_bank_get_n_references (bank), ==, 5);
  g_assert_cmpuint (weir_bank_get_n_video (bank), ==, 2);
  g_assert_cmpuint (weir_bank_get_n_audio (bank), ==, 2);
  g_assert_cmpint (weir_bank_get_created (bank), ==, CREATED - 100);
  g_assert_cmpstr (weir_bank_get_path (bank), ==, joined);
  g_assert_cmpstr (
      weir_bank_get_version (bank), !=, weir_bank_get_version (single));
  g_assert_cmpstr (
      weir_bank_get_version (bank), ==, weir_bank_get_version (turned));
  for (i = 0; i < 5; i++) {
    static const gchar *const ids[] = {"a", "b", "a", "b", "c"};

    weir_bank_get_reference (bank, i, &reference);
    g_assert_cmpstr (reference.id, ==, ids[i]);
    g_assert_cmpuint (reference.n_video, ==, i == 1 || i == 3);
  }
  weir_bank_lookup_video (bank, &hash, 0, video);
  weir_bank_lookup_audio (bank, 5, audio);
  g_assert_cmpuint (video->len, ==, 2);
  g_assert_cmpuint (audio->len, ==, 2);
  g_assert_cmpuint (g_array_index (video, WeirVideoHit, 0).reference, ==, 1);
  g_assert_cmpuint (g_array_index (video, WeirVideoHit, 1).reference, ==, 3);
  g_assert_cmpuint (g_array_index (audio, WeirAudioHit, 1).reference, ==, 3);
  g_assert_cmpuint (g_array_index (audio, WeirAudioHit, 1).time, ==, 20);
  g_unlink (other);
  g_unlink (nothing);
}

/* What test_version changes, one at a time. */
typedef enum {
  CHANGE_NOTHING,
  CHANGE_ORDER,
  CHANGE_CREATED,
  CHANGE_HASH,
  CHANGE_TIME,
  CHANGE_KEY,
  CHANGE_ID,
  CHANGE_OPINION,
  N_CHANGES
} Change;

static gchar *
get_changed_version (const Fixture *fixture, Change change, GBytes **content)
{
  const WeirPdqHash first = {{1, 2, 3, 4}};
  const WeirPdqHash second = {{change == CHANGE_HASH ? 2 : 1, 2, 3, 5}};
  WeirReference reference = make_reference (change == CHANGE_ID ? "i" : "id");
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();
  g_autoptr (WeirBank) bank = NULL;
  g_autoptr (GError) error = NULL;
  gchar *data;
  gsize size;
  guint32 index;
  guint i;

  if (change == CHANGE_OPINION)
    reference.opinion = WEIR_OPINION_DISPUTED;
  weir_bank_builder_add_reference (builder, &reference, &index, &error);
  for (i = 0; i < 2; i++) {
    gboolean second_turn = i == (change == CHANGE_ORDER ? 0 : 1);

    add_video (builder, 0, second_turn ? &second : &first,
        second_turn && change == CHANGE_TIME ? 8 : 7);
    add_audio (builder, 0, second_turn && change == CHANGE_KEY ? 6 : 5,
        second_turn ? 10 : 20);
  }
  weir_bank_builder_write (builder, fixture->path,
      change == CHANGE_CREATED ? CREATED + 1 : CREATED, &error);
  g_assert_no_error (error);
  g_file_get_contents (fixture->path, &data, &size, &error);
  g_assert_no_error (error);
  *content = g_bytes_new_take (data, size);
  bank = open_bank (fixture->path);
  return g_strdup (weir_bank_get_version (bank));
}

static void
test_version (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) content = NULL;
  g_autofree gchar *version =
      get_changed_version (fixture, CHANGE_NOTHING, &content);
  guint i;

  g_assert_cmpuint (strlen (version), ==, 16);
  g_assert_cmpuint (strspn (version, "0123456789abcdef"), ==, 16);
  for (i = 0; i < N_CHANGES; i++) {
    g_autoptr (GBytes) changed_content = NULL;
    g_autofree gchar *changed =
        get_changed_version (fixture, (Change) i, &changed_content);

    g_assert_cmpint (
        g_bytes_equal (content, changed_content), ==, i < CHANGE_CREATED);
    g_assert_cmpint (g_str_equal (version, changed), ==, i <= CHANGE_CREATED);
  }
}

/* ---- Refusals ---- */

/* A bank with something in every section, below 1 KiB. */
static GBytes *
make_small_bank (const Fixture *fixture)
{
  const WeirPdqHash hash = {{1, 2, 3, 4}};
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();
  g_autoptr (GError) error = NULL;
  gchar *data;
  gsize size;

  add_reference (builder, "a");
  add_reference (builder, "b");
  add_video (builder, 0, &hash, 1);
  add_video (builder, 1, &hash, 2);
  add_audio (builder, 0, 10, 3);
  add_audio (builder, 1, 9, 4);
  write_bank (builder, fixture->path);
  g_file_get_contents (fixture->path, &data, &size, &error);
  g_assert_no_error (error);
  return g_bytes_new_take (data, size);
}

static void
assert_one_line (const GError *error, const gchar *name)
{
  g_assert_nonnull (strstr (error->message, name));
  g_assert_null (strchr (error->message, '\n'));
}

static void
assert_refused (const gchar *path, WeirBankError code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (WeirBank) bank = weir_bank_open (path, &error);

  g_assert_null (bank);
  g_assert_error (error, WEIR_BANK_ERROR, (gint) code);
  assert_one_line (error, path);
}

static void
assert_bytes_refused (const guint8 *data, gsize size, WeirBankError code)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (WeirBank) bank = weir_bank_open_bytes (bytes, "bytes", &error);

  g_assert_null (bank);
  g_assert_error (error, WEIR_BANK_ERROR, (gint) code);
  assert_one_line (error, "bytes");
}

static void
assert_bytes_accepted (const guint8 *data, gsize size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (WeirBank) bank = weir_bank_open_bytes (bytes, "bytes", &error);

  g_assert_no_error (error);
  g_assert_nonnull (bank);
}

static void
test_refuse_paths (Fixture *fixture, gconstpointer data)
{
  g_autofree gchar *below = g_build_filename (fixture->path, "x", NULL);
  g_autofree gchar *trailing = g_strconcat (fixture->path, ",", NULL);
  g_autofree gchar *many = g_strnfill (64, ',');
  g_autofree gchar *odd = g_build_filename (fixture->directory, "a\nb", NULL);
  g_autoptr (GBytes) content = NULL;
  g_autoptr (GError) error = NULL;

  assert_refused (fixture->path, WEIR_BANK_ERROR_FILE);
  assert_refused (fixture->directory, WEIR_BANK_ERROR_FILE);
  assert_refused ("/dev/null", WEIR_BANK_ERROR_FILE);
  assert_refused ("", WEIR_BANK_ERROR_FILE);
  assert_refused (many, WEIR_BANK_ERROR_LIMIT);
  g_assert_null (weir_bank_open (odd, &error));
  assert_one_line (error, "a?b");

  content = make_small_bank (fixture);
  assert_refused (below, WEIR_BANK_ERROR_FILE);
  g_clear_error (&error);
  g_assert_null (weir_bank_open (trailing, &error));
  g_assert_error (error, WEIR_BANK_ERROR, WEIR_BANK_ERROR_FILE);
  if (geteuid () != 0) {
    g_assert_cmpint (g_chmod (fixture->path, 0), ==, 0);
    assert_refused (fixture->path, WEIR_BANK_ERROR_FILE);
  }
}

/* The first files of a kind that anyone would open by mistake. */
static void
test_refuse_files (Fixture *fixture, gconstpointer data)
{
  static const struct {
    const gchar *content;
    WeirBankError code;
  } files[] = {
      {"", WEIR_BANK_ERROR_EMPTY},
      {"W", WEIR_BANK_ERROR_TRUNCATED},
      {"X", WEIR_BANK_ERROR_FOREIGN},
      {"WEIRBANG", WEIR_BANK_ERROR_FOREIGN},
      {"f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22\n",
          WEIR_BANK_ERROR_FOREIGN},
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (files); i++) {
    g_assert_true (
        g_file_set_contents (fixture->path, files[i].content, -1, NULL));
    assert_refused (fixture->path, files[i].code);
  }
}

static void
repair_header (guint8 *data)
{
  WeirBankHeader *header = (WeirBankHeader *) data;

  header->checksum = weir_bank_header_compute_checksum (header);
}

static void
test_refuse_headers (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) content = make_small_bank (fixture);
  gsize size = g_bytes_get_size (content);
  g_autofree guint8 *copy = g_malloc (size + 1);
  WeirBankHeader *header = (WeirBankHeader *) copy;
  const WeirBankHeader *original = g_bytes_get_data (content, NULL);

  memcpy (copy, original, size);
  copy[size] = 0;
  assert_bytes_refused (copy, size + 1, WEIR_BANK_ERROR_DAMAGED);

  header->byte_order = GUINT32_SWAP_LE_BE (header->byte_order);
  header->version = GUINT32_SWAP_LE_BE (header->version);
  assert_bytes_refused (copy, size, WEIR_BANK_ERROR_ENDIAN);

  header->byte_order = original->byte_order;
  header->version = WEIR_BANK_FORMAT_VERSION + 1;
  assert_bytes_refused (copy, size, WEIR_BANK_ERROR_NEWER);
  assert_bytes_refused (copy, 16, WEIR_BANK_ERROR_NEWER);
  header->version = 0;
  repair_header (copy);
  assert_bytes_refused (copy, size, WEIR_BANK_ERROR_DAMAGED);

  header->version = original->version;
  header->byte_order++;
  repair_header (copy);
  assert_bytes_refused (copy, size, WEIR_BANK_ERROR_DAMAGED);

  header->byte_order = original->byte_order;
  header->n_sections = G_MAXUINT32;
  assert_bytes_refused (copy, size, WEIR_BANK_ERROR_DAMAGED);
  header->n_sections = WEIR_BANK_MAX_SECTIONS;
  assert_bytes_refused (copy, size, WEIR_BANK_ERROR_DAMAGED);
  header->n_sections = WEIR_BANK_N_SECTIONS - 1;
  repair_header (copy);
  assert_bytes_refused (copy, size, WEIR_BANK_ERROR_DAMAGED);

  header->n_sections = WEIR_BANK_N_SECTIONS;
  header->file_size = size + 1;
  repair_header (copy);
  assert_bytes_refused (copy, size + 1, WEIR_BANK_ERROR_DAMAGED);
  header->file_size = size;
  repair_header (copy);
  assert_bytes_accepted (copy, size);
}

static void
test_refuse_truncated (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) content = make_small_bank (fixture);
  gsize size;
  const guint8 *bytes = g_bytes_get_data (content, &size);
  gsize length;

  g_assert_cmpuint (size, <, 1024);
  assert_bytes_refused (bytes, 0, WEIR_BANK_ERROR_EMPTY);
  for (length = 1; length < size; length++)
    assert_bytes_refused (bytes, length, WEIR_BANK_ERROR_TRUNCATED);
}

static void
test_refuse_changed_bytes (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) content = make_small_bank (fixture);
  gsize size, i;
  const guint8 *original = g_bytes_get_data (content, &size);
  g_autofree guint8 *copy = g_memdup2 (original, size);
  guint bit;

  for (i = 0; i < size; i++) {
    for (bit = 0; bit < 8; bit++) {
      g_autoptr (GBytes) bytes = NULL;
      g_autoptr (GError) error = NULL;

      copy[i] = original[i] ^ (guint8) (1u << bit);
      bytes = g_bytes_new (copy, size);
      g_assert_null (weir_bank_open_bytes (bytes, "bytes", &error));
      g_assert_nonnull (error);
    }
    copy[i] = original[i];
  }
}

/* ---- Sections and records that are wrong although the checksums hold ---- */

static WeirBankSection *
get_sections (guint8 *data)
{
  return (WeirBankSection *) (data + sizeof (WeirBankHeader));
}

/* Makes every checksum in the file hold again. */
static void
repair (guint8 *data)
{
  const WeirBankHeader *header = (const WeirBankHeader *) data;
  guint i;

  for (i = 0; i < header->n_sections; i++) {
    WeirBankSection *section = &get_sections (data)[i];

    section->checksum = (guint32) crc32_z (
        0, data + section->offset, (z_size_t) section->length);
  }
  repair_header (data);
}

static void
test_refuse_records (Fixture *fixture, gconstpointer data)
{
  static const struct {
    guint section;
    gsize offset;
    guint8 value;
  } changes[] = {
      {0, 0, 0xff},  /* an id that is not UTF-8 */
      {0, 0, 0},     /* an empty id */
      {0, 4, 'x'},   /* the pool does not end in a NUL */
      {1, 3, 0x7f},  /* an id beyond the pool */
      {1, 4, 5},     /* a family at the pool's end */
      {1, 19, 0x80}, /* a source beyond the pool */
      {1, 20, 3},    /* no such opinion */
      {1, 21, 3},    /* no such action */
      {1, 22, 1},    /* the reserved field */
      {3, 0, 2},     /* a reference that is not there */
      {3, 8, 101},   /* a quality beyond 100 */
      {3, 9, 1},     /* no such view */
      {3, 23, 1},    /* the reserved field of the last */
      {4, 0, 11},    /* keys out of order */
      {5, 11, 0xff}, /* a reference far off */
  };
  g_autoptr (GBytes) content = make_small_bank (fixture);
  gsize size;
  const guint8 *original = g_bytes_get_data (content, &size);
  guint i;

  for (i = 0; i < G_N_ELEMENTS (changes); i++) {
    g_autofree guint8 *copy = g_memdup2 (original, size);

    copy[get_sections (copy)[changes[i].section].offset + changes[i].offset] =
        changes[i].value;
    repair (copy);
    assert_bytes_refused (copy, size, WEIR_BANK_ERROR_DAMAGED);
  }
}

static void
test_refuse_sections (Fixture *fixture, gconstpointer data)
{
  static const guint64 offsets[] = {
      0, 64, 257, 1 << 20, G_MAXUINT64, G_MAXUINT64 - 63};
  static const guint64 lengths[] = {
      0, 1, 79, 1 << 20, G_MAXUINT64, G_MAXUINT64 - 255};
  g_autoptr (GBytes) content = make_small_bank (fixture);
  gsize size;
  const guint8 *original = g_bytes_get_data (content, &size);
  g_autofree guint8 *copy = g_memdup2 (original, size);
  WeirBankSection *sections = get_sections (copy);
  guint i, k;

  for (i = 0; i < WEIR_BANK_N_SECTIONS; i++) {
    WeirBankSection section = sections[i];

    for (k = 0; k < G_N_ELEMENTS (offsets); k++) {
      sections[i].offset = offsets[k];
      repair_header (copy);
      assert_bytes_refused (copy, size, WEIR_BANK_ERROR_DAMAGED);
      sections[i] = section;
    }
    for (k = 0; k < G_N_ELEMENTS (lengths); k++) {
      sections[i].length = lengths[k];
      repair_header (copy);
      assert_bytes_refused (copy, size, WEIR_BANK_ERROR_DAMAGED);
      sections[i] = section;
    }
    sections[i].type = sections[(i + 1) % WEIR_BANK_N_SECTIONS].type;
    repair_header (copy);
    assert_bytes_refused (copy, size, WEIR_BANK_ERROR_DAMAGED);
    sections[i].type = 99; /* unknown, hence the known one is missing */
    repair_header (copy);
    assert_bytes_refused (copy, size, WEIR_BANK_ERROR_DAMAGED);
    sections[i] = section;
  }
}

/* The last section, two postings of 8 bytes, made shorter: with the file, so
 * that it is no whole number of records or one fewer than there are keys, and
 * without it, so that bytes are left over. */
static void
test_refuse_short_section (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) content = make_small_bank (fixture);
  gsize size;
  const guint8 *original = g_bytes_get_data (content, &size);
  guint cut;

  for (cut = 1; cut <= 16; cut++) {
    g_autofree guint8 *copy = g_memdup2 (original, size);

    get_sections (copy)[WEIR_BANK_N_SECTIONS - 1].length -= cut;
    repair (copy);
    assert_bytes_refused (copy, size, WEIR_BANK_ERROR_DAMAGED);
    ((WeirBankHeader *) copy)->file_size -= cut;
    repair (copy);
    assert_bytes_refused (copy, size - cut, WEIR_BANK_ERROR_DAMAGED);
  }
}

/* A section grown into the zeros after it, by part of a record or by one that
 * is valid in itself. */
static void
test_refuse_long_section (Fixture *fixture, gconstpointer data)
{
  static const struct {
    guint section;
    guint more;
  } changes[] = {{1, 1}, {2, 1}, {3, 1}, {3, 12}, {4, 1}, {4, 4}};
  g_autoptr (GBytes) content = make_small_bank (fixture);
  gsize size;
  const guint8 *original = g_bytes_get_data (content, &size);
  guint i;

  for (i = 0; i < G_N_ELEMENTS (changes); i++) {
    g_autofree guint8 *copy = g_memdup2 (original, size);

    get_sections (copy)[changes[i].section].length += changes[i].more;
    repair (copy);
    assert_bytes_refused (copy, size, WEIR_BANK_ERROR_DAMAGED);
  }
}

/* Sections of zeros, whose checksum holds wherever they are put: only their
 * place can be wrong. */
static void
test_refuse_places (Fixture *fixture, gconstpointer data)
{
  static const struct {
    guint section;
    guint64 offset;
    guint64 length;
  } places[] = {
      {0, 232, 24},                /* not aligned */
      {5, 192, 0},                 /* in the table */
      {5, 320, G_MAXUINT64 - 63},  /* beyond the end, and around to it */
      {5, 256, G_MAXUINT64 - 255}, /* of a length that wraps to 0 */
  };
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();
  g_autofree gchar *original = NULL;
  gsize size;
  guint i;

  write_bank (builder, fixture->path);
  g_assert_true (g_file_get_contents (fixture->path, &original, &size, NULL));
  g_assert_cmpuint (size, ==, 256);
  for (i = 0; i < G_N_ELEMENTS (places); i++) {
    g_autofree guint8 *copy = g_memdup2 (original, size);
    WeirBankSection *section = &get_sections (copy)[places[i].section];
    const guint8 zeros[24] = {0};

    section->offset = places[i].offset;
    section->length = places[i].length;
    if (section->length <= sizeof (zeros))
      section->checksum =
          (guint32) crc32_z (0, zeros, (z_size_t) section->length);
    repair_header (copy);
    assert_bytes_refused (copy, size, WEIR_BANK_ERROR_DAMAGED);
  }
}

/* A later writer may append a section of its own. */
static void
test_skip_unknown_section (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) content = make_small_bank (fixture);
  gsize size;
  const guint8 *original = g_bytes_get_data (content, &size);
  /* The table grows by one entry into the zeros before the first section. */
  gsize table_end = sizeof (WeirBankHeader) +
                    (WEIR_BANK_N_SECTIONS + 1) * sizeof (WeirBankSection);
  gsize offset = (size + 63) / 64 * 64;
  g_autofree guint8 *copy = g_malloc0 (offset + 5);
  WeirBankHeader *header = (WeirBankHeader *) copy;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (WeirBank) bank = NULL;
  g_autoptr (GError) error = NULL;

  memcpy (copy, original, size);
  g_assert_cmpuint (table_end, <=, get_sections (copy)[0].offset);
  get_sections (copy)[WEIR_BANK_N_SECTIONS] =
      (WeirBankSection){.type = 1000, .offset = offset, .length = 5};
  header->n_sections++;
  header->file_size = offset + 5;
  memcpy (copy + offset, "a\0\0b", 5); /* would do for the strings */
  repair (copy);

  bytes = g_bytes_new (copy, offset + 5);
  bank = weir_bank_open_bytes (bytes, "bytes", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (weir_bank_get_n_references (bank), ==, 2);
  copy[offset] ^= 1;
  assert_bytes_refused (copy, offset + 5, WEIR_BANK_ERROR_DAMAGED);
  get_sections (copy)[WEIR_BANK_N_SECTIONS].type = WEIR_BANK_SECTION_STRINGS;
  repair (copy);
  assert_bytes_refused (copy, offset + 5, WEIR_BANK_ERROR_DAMAGED);
}

/* ---- The builder ---- */

static void
assert_reference_refused (
    WeirBankBuilder *builder, const WeirReference *reference)
{
  g_autoptr (GError) error = NULL;
  guint32 index = 77;

  g_assert_false (
      weir_bank_builder_add_reference (builder, reference, &index, &error));
  g_assert_error (error, WEIR_BANK_ERROR, WEIR_BANK_ERROR_LIMIT);
  g_assert_null (strchr (error->message, '\n'));
  g_assert_cmpuint (index, ==, 77);
}

static void
test_builder_refuses (void)
{
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();
  g_autofree gchar *long_text = g_strnfill (WEIR_REFERENCE_MAX_TEXT + 1, 'x');
  WeirReference reference;
  gsize i;

  add_reference (builder, "there");
  reference = make_reference ("there");
  assert_reference_refused (builder, &reference);
  reference = make_reference ("");
  assert_reference_refused (builder, &reference);
  for (i = 0; i < 5; i++) {
    const gchar **texts[] = {&reference.id, &reference.family, &reference.label,
        &reference.list, &reference.source};

    reference = make_reference ("new");
    *texts[i] = long_text;
    assert_reference_refused (builder, &reference);
    *texts[i] = "\xc3\x28\n";
    assert_reference_refused (builder, &reference);
  }
  g_assert_cmpuint (add_reference (builder, "new"), ==, 1);
}

static void
assert_write_fails (
    WeirBankBuilder *builder, const gchar *path, gint expected_errno)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (weir_bank_builder_write (builder, path, CREATED, &error));
  g_assert_error (error, WEIR_BANK_ERROR, WEIR_BANK_ERROR_FILE);
  assert_one_line (error, path);
  g_assert_nonnull (strstr (error->message, g_strerror (expected_errno)));
}

static void
test_write_failures (Fixture *fixture, gconstpointer data)
{
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();
  g_autofree gchar *nowhere =
      g_build_filename (fixture->directory, "no", "where", NULL);
  g_autofree gchar *folder = g_build_filename (fixture->directory, "d", NULL);

  add_reference (builder, "a");
  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  assert_write_fails (builder, nowhere, ENOENT);
  assert_write_fails (builder, folder, EISDIR);
  assert_write_fails (builder, "/dev/null", EEXIST);
  g_assert_cmpuint (count_files (fixture->directory), ==, 1);
  g_assert_cmpuint (count_files (folder), ==, 0);
  g_rmdir (folder);
}

/* A limit on the size of files stands in for a full disk: what was there
 * before stays, and nothing else does. */
static void
test_write_does_not_fit (Fixture *fixture, gconstpointer data)
{
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();
  g_autoptr (WeirBank) bank = NULL;
  struct rlimit usual, small;
  void (*usual_handler) (int);
  guint i;

  add_reference (builder, "a");
  write_bank (builder, fixture->path);
  for (i = 0; i < 20000; i++)
    add_audio (builder, 0, i, i);

  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &usual), ==, 0);
  small = usual;
  small.rlim_cur = 10000;
  usual_handler = signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &small), ==, 0);
  assert_write_fails (builder, fixture->path, EFBIG);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &usual), ==, 0);
  signal (SIGXFSZ, usual_handler);

  g_assert_cmpuint (count_files (fixture->directory), ==, 1);
  bank = open_bank (fixture->path);
  g_assert_cmpuint (weir_bank_get_n_audio (bank), ==, 0);
}

/* A bank that is open goes on while its file is replaced. */
static void
test_replace (Fixture *fixture, gconstpointer data)
{
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();
  g_autoptr (WeirBank) old = NULL;
  g_autoptr (WeirBank) new = NULL;
  WeirReference reference;
  struct stat status;
  mode_t usual_mask = umask (027);

  add_reference (builder, "a");
  write_bank (builder, fixture->path);
  umask (usual_mask);
  g_assert_cmpint (stat (fixture->path, &status), ==, 0);
  g_assert_cmpuint (status.st_mode & 0777, ==, 0640);

  old = open_bank (fixture->path);
  add_reference (builder, "b");
  write_bank (builder, fixture->path);
  new = open_bank (fixture->path);
  g_assert_cmpuint (count_files (fixture->directory), ==, 1);
  g_assert_cmpuint (weir_bank_get_n_references (old), ==, 1);
  g_assert_cmpuint (weir_bank_get_n_references (new), ==, 2);
  weir_bank_get_reference (old, 0, &reference);
  g_assert_cmpstr (reference.id, ==, "a");
}

/* ---- Threads ---- */

static gpointer
look_up_in_thread (gpointer user_data)
{
  WeirBank *bank = user_data;
  g_autoptr (GArray) video = g_array_new (FALSE, FALSE, sizeof (WeirVideoHit));
  g_autoptr (GArray) audio = g_array_new (FALSE, FALSE, sizeof (WeirAudioHit));
  const WeirPdqHash hash = {{1, 2, 3, 4}};
  guint i;

  for (i = 0; i < 1000; i++) {
    g_autoptr (WeirBank) held = weir_bank_ref (bank);

    weir_bank_lookup_video (held, &hash, 0, video);
    weir_bank_lookup_audio (held, 10, audio);
  }
  weir_bank_unref (bank);
  return GUINT_TO_POINTER (video->len + audio->len);
}

/* Each thread has a reference of its own; the last closes the bank. */
static void
test_threads (Fixture *fixture, gconstpointer data)
{
  GThread *threads[2];
  WeirBank *bank;
  guint i;

  g_bytes_unref (make_small_bank (fixture));
  bank = open_bank (fixture->path);
  for (i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] =
        g_thread_new ("look-up", look_up_in_thread, weir_bank_ref (bank));
  weir_bank_unref (bank);
  for (i = 0; i < G_N_ELEMENTS (threads); i++)
    g_assert_cmpuint (GPOINTER_TO_UINT (g_thread_join (threads[i])), ==, 3000);
}

/* ---- Words ---- */

static void
test_words (void)
{
  static const gchar *const actions[] = {"none", "flag", "cut"};
  static const gchar *const opinions[] = {
      "unreviewed", "confirmed", "disputed"};
  WeirAction action = WEIR_ACTION_CUT;
  WeirOpinion opinion = WEIR_OPINION_DISPUTED;
  guint i;

  for (i = 0; i < 3; i++) {
    g_assert_cmpstr (weir_action_to_string ((WeirAction) i), ==, actions[i]);
    g_assert_cmpstr (weir_opinion_to_string ((WeirOpinion) i), ==, opinions[i]);
    g_assert_true (weir_action_from_string (actions[i], &action));
    g_assert_true (weir_opinion_from_string (opinions[i], &opinion));
    g_assert_cmpuint (action, ==, i);
    g_assert_cmpuint (opinion, ==, i);
  }
  g_assert_false (weir_action_from_string ("Cut", &action));
  g_assert_false (weir_action_from_string ("", &action));
  g_assert_false (weir_opinion_from_string ("flag", &opinion));
  g_assert_cmpint (action, ==, WEIR_ACTION_CUT);
  g_assert_cmpint (opinion, ==, WEIR_OPINION_DISPUTED);
}

static void
test_allowed_action (void)
{
  WeirReference reference = make_reference ("id");
  guint opinion, action;

  for (opinion = 0; opinion <= WEIR_OPINION_DISPUTED; opinion++) {
    for (action = 0; action <= WEIR_ACTION_CUT; action++) {
      gboolean lowered =
          opinion != WEIR_OPINION_CONFIRMED && action == WEIR_ACTION_CUT;

      reference.opinion = (WeirOpinion) opinion;
      reference.max_action = (WeirAction) action;
      g_assert_cmpuint (weir_reference_get_allowed_action (&reference), ==,
          lowered ? WEIR_ACTION_FLAG : action);
    }
  }
}

static void
add_file_test (const gchar *path, void (*test) (Fixture *, gconstpointer))
{
  g_test_add (path, Fixture, NULL, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_file_test ("/bank/round-trip", test_round_trip);
  add_file_test ("/bank/duration-set-later", test_duration_set_later);
  add_file_test ("/bank/no-references", test_no_references);
  add_file_test ("/bank/video/brute-force", test_video_against_brute_force);
  add_file_test ("/bank/video/one-word", test_video_bits_in_one_word);
  add_file_test ("/bank/video/degenerate", test_video_degenerate);
  add_file_test ("/bank/audio", test_audio);
  add_file_test ("/bank/several-files", test_several_files);
  add_file_test ("/bank/version", test_version);
  add_file_test ("/bank/refuse/paths", test_refuse_paths);
  add_file_test ("/bank/refuse/files", test_refuse_files);
  add_file_test ("/bank/refuse/headers", test_refuse_headers);
  add_file_test ("/bank/refuse/truncated", test_refuse_truncated);
  add_file_test ("/bank/refuse/changed-bytes", test_refuse_changed_bytes);
  add_file_test ("/bank/refuse/records", test_refuse_records);
  add_file_test ("/bank/refuse/sections", test_refuse_sections);
  add_file_test ("/bank/refuse/short-section", test_refuse_short_section);
  add_file_test ("/bank/refuse/long-section", test_refuse_long_section);
  add_file_test ("/bank/refuse/places", test_refuse_places);
  add_file_test ("/bank/skip-unknown-section", test_skip_unknown_section);
  add_file_test ("/bank/write/failures", test_write_failures);
  add_file_test ("/bank/write/does-not-fit", test_write_does_not_fit);
  add_file_test ("/bank/write/replace", test_replace);
  add_file_test ("/bank/threads", test_threads);
  g_test_add_func ("/bank/builder/refuses", test_builder_refuses);
  g_test_add_func ("/reference/words", test_words);
  g_test_add_func ("/reference/allowed-action", test_allowed_action);
  return g_test_run ();
}
