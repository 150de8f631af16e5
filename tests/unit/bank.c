/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Banks: what is built is read back, and lookups against brute force. */
#include "bank-files.h"

#include <glib/gstdio.h>
#include <string.h>

#define N_SEARCHED 5000
#define ROW_MS     16

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
  g_assert_cmpint (a->not_before, ==, b->not_before);
  g_assert_cmpint (a->not_after, ==, b->not_after);
  g_assert_cmpint (a->benign, ==, b->benign);
  g_assert_cmpuint (a->n_video, ==, b->n_video);
  g_assert_cmpuint (a->n_audio, ==, b->n_audio);
}

static void
test_round_trip (BankFiles *fixture, gconstpointer data)
{
  g_autofree gchar *longest = g_strnfill (WEIR_REFERENCE_MAX_TEXT, 'x');
  const WeirReference written[] = {
    { "first", "family", "violent-extremism", "list", "a source", 1552608000,
        17 * 60 * G_GUINT64_CONSTANT (1000000000), WEIR_OPINION_CONFIRMED,
        WEIR_ACTION_CUT, 1, G_MAXINT64, FALSE, 2, 1 },
    { "\xd0\xb2\xd1\x82\xd0\xbe\xd1\x80\xd0\xbe\xd0\xb9", "\xe2\x82\xac",
        "\xf0\x9f\x8e\xa5", "", "", G_MININT64, G_MAXUINT64,
        WEIR_OPINION_DISPUTED, WEIR_ACTION_FLAG, G_MAXINT64, G_MININT64, FALSE,
        0, 2 },
    { longest, longest, longest, longest, longest, G_MAXINT64, 1,
        WEIR_OPINION_UNREVIEWED, WEIR_ACTION_NONE, 0, 0, TRUE, 1, 0 },
  };
  const WeirPdqHash hash = { { 1, 2, 3, G_MAXUINT64 } };
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
  bank_files_add_video (builder, 0, &hash, 5);
  bank_files_add_video (builder, 2, &hash, G_MAXUINT32);
  bank_files_add_video (builder, 0, &hash, 4);
  bank_files_add_audio (builder, 1, 7, 1);
  bank_files_add_audio (builder, 0, 7, 2);
  bank_files_add_audio (builder, 1, 3, 3);
  bank_files_write (builder, fixture->path);

  bank = bank_files_open (fixture->path);
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
test_duration_set_later (BankFiles *fixture, gconstpointer data)
{
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();
  g_autoptr (WeirBank) bank = NULL;
  WeirReference reference;

  bank_files_add_reference (builder, "a");
  bank_files_add_reference (builder, "b");
  weir_bank_builder_set_duration (builder, 1, 1234);
  bank_files_write (builder, fixture->path);
  bank = bank_files_open (fixture->path);
  weir_bank_get_reference (bank, 0, &reference);
  g_assert_cmpuint (reference.duration, ==, 0);
  weir_bank_get_reference (bank, 1, &reference);
  g_assert_cmpuint (reference.duration, ==, 1234);
}

static void
test_no_references (BankFiles *fixture, gconstpointer data)
{
  const WeirPdqHash hash = { { 0 } };
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();
  g_autoptr (WeirBank) bank = NULL;
  g_autoptr (GArray) hits = g_array_new (FALSE, FALSE, sizeof (WeirVideoHit));
  g_autoptr (GArray) audio = g_array_new (FALSE, FALSE, sizeof (WeirAudioHit));

  bank_files_write (builder, fixture->path);
  bank = bank_files_open (fixture->path);
  g_assert_cmpuint (weir_bank_get_n_references (bank), ==, 0);
  g_assert_cmpuint (weir_bank_get_n_video (bank), ==, 0);
  g_assert_cmpuint (weir_bank_get_n_audio (bank), ==, 0);
  weir_bank_lookup_video (bank, &hash, WEIR_PDQ_BITS, hits);
  g_assert_cmpuint (hits->len, ==, 0);
  bank_files_look_up_key (bank, 0, audio);
  g_assert_cmpuint (audio->len, ==, 0);
}

/* ---- Video lookup ---- */

/* Each hash has its position as its time, so that hits can be told apart. */
static WeirBank *
build_searchable (const BankFiles *fixture, const WeirPdqHash *hashes, guint n)
{
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();
  guint i;

  bank_files_add_reference (builder, "even");
  bank_files_add_reference (builder, "odd");
  for (i = 0; i < n; i++)
    bank_files_add_video (builder, i % 2, &hashes[i], i);
  bank_files_write (builder, fixture->path);
  return bank_files_open (fixture->path);
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
    if (i > 0 && (hit - 1)->reference == hit->reference)
      g_assert_cmpuint ((hit - 1)->time, <, hit->time);
    else if (i > 0)
      g_assert_cmpuint ((hit - 1)->reference, <, hit->reference);
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
test_video_against_brute_force (BankFiles *fixture, gconstpointer data)
{
  static const guint radii[] = { 0, 1, 30, 31, 32, 100, 128, 255, 256 };
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
test_video_bits_in_one_word (BankFiles *fixture, gconstpointer data)
{
  const WeirPdqHash query = { { 0 } };
  WeirPdqHash hashes[4 * 64] = { 0 };
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
test_video_degenerate (BankFiles *fixture, gconstpointer data)
{
  const WeirPdqHash none = { { 0 } };
  const WeirPdqHash all = { { G_MAXUINT64, G_MAXUINT64, G_MAXUINT64,
      G_MAXUINT64 } };
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

/* Where references have fingerprints, in whatever order they were added, and
 * over two files. */
static void
test_has_video (BankFiles *fixture, gconstpointer data)
{
  static const guint32 times[] = { 3000, 1000, G_MAXUINT32, 2000, 1000 };
  const WeirPdqHash hash = { { 1, 2, 3, 4 } };
  g_autofree gchar *other = g_strconcat (fixture->path, ".other", NULL);
  g_autofree gchar *both = g_strconcat (fixture->path, ",", other, NULL);
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();
  g_autoptr (WeirBankBuilder) second = weir_bank_builder_new ();
  g_autoptr (WeirBank) bank = NULL;
  guint i;

  bank_files_add_reference (builder, "none");
  bank_files_add_reference (builder, "some");
  for (i = 0; i < G_N_ELEMENTS (times); i++)
    bank_files_add_video (builder, 1, &hash, times[i]);
  bank_files_write (builder, fixture->path);
  bank_files_add_reference (second, "one");
  bank_files_add_video (second, 0, &hash, 0);
  bank_files_write (second, other);
  bank = bank_files_open (both);
  g_assert_cmpint (g_unlink (other), ==, 0);

  g_assert_false (weir_bank_has_video (bank, 0, 0, G_MAXUINT32));
  g_assert_false (weir_bank_has_video (bank, 1, 0, 999));
  g_assert_true (weir_bank_has_video (bank, 1, 0, 1000));
  g_assert_true (weir_bank_has_video (bank, 1, 1000, 1000));
  g_assert_false (weir_bank_has_video (bank, 1, 1001, 1999));
  g_assert_true (weir_bank_has_video (bank, 1, 1001, 2000));
  g_assert_true (weir_bank_has_video (bank, 1, 2900, 3100));
  g_assert_false (weir_bank_has_video (bank, 1, 3001, G_MAXUINT32 - 1));
  g_assert_true (weir_bank_has_video (bank, 1, 3001, G_MAXUINT32));
  g_assert_true (weir_bank_has_video (bank, 2, 0, 0));
  g_assert_false (weir_bank_has_video (bank, 2, 1, G_MAXUINT32));
}

/* ---- Audio lookup ---- */

/* Each landmark of a run has a place of its own, 2 * row + reference from the
 * start of the run: every place must be hit once. */
static void
check_audio_lookup (const WeirBank *bank, guint32 key, guint n_expected)
{
  g_autoptr (GArray) hits = g_array_new (FALSE, FALSE, sizeof (WeirAudioHit));
  g_autofree gboolean *seen = g_new0 (gboolean, n_expected + 1);
  guint i;

  bank_files_look_up_key (bank, key, hits);
  g_assert_cmpuint (hits->len, ==, n_expected);
  for (i = 0; i < hits->len; i++) {
    const WeirAudioHit *hit = &g_array_index (hits, WeirAudioHit, i);
    guint place = 2 * (hit->time / ROW_MS - key % 1000) + hit->reference;

    g_assert_cmpuint (hit->time % ROW_MS, ==, 0);

    g_assert_cmpuint (hit->reference, <, 2);
    g_assert_cmpuint (place, <, n_expected);
    g_assert_false (seen[place]);
    seen[place] = TRUE;
  }
}

static void
test_audio (BankFiles *fixture, gconstpointer data)
{
  static const struct {
    guint32 key;
    guint n; /* even: as many of either reference */
  } runs[] = { { G_MAXUINT32, 6 }, { 0, 2 }, { 10, 2000 }, { 11, 2 }, { 77, 2 },
    { G_MAXUINT32 - 1, 4 } };
  static const guint32 absent[] = { 1, 9, 12, 76, 78, G_MAXUINT32 - 2 };
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();
  g_autoptr (WeirBank) bank = NULL;
  guint i, k;

  bank_files_add_reference (builder, "a");
  bank_files_add_reference (builder, "b");
  for (i = 0; i < G_N_ELEMENTS (runs); i++) {
    for (k = 0; k < runs[i].n; k++)
      bank_files_add_audio (
          builder, k % 2, runs[i].key, ROW_MS * (runs[i].key % 1000 + k / 2));
  }
  bank_files_write (builder, fixture->path);
  bank = bank_files_open (fixture->path);
  g_assert_cmpuint (weir_bank_get_n_audio (bank), ==, 2016);
  for (i = 0; i < G_N_ELEMENTS (absent); i++)
    check_audio_lookup (bank, absent[i], 0);
  for (i = 0; i < G_N_ELEMENTS (runs); i++)
    check_audio_lookup (bank, runs[i].key, runs[i].n);
}

/* ---- Sound ---- */

static WeirSoundStep
make_step (guint32 number)
{
  return (WeirSoundStep){
    .code = { number, ~number },
    .peaks = { 1, 2, 3, (guint8) number },
    .top = (guint8) (number + 1),
    .levels = { 4, [10] = (guint8) ~number },
  };
}

static void
add_steps (WeirBankBuilder *builder, guint32 index, guint32 time, guint32 first,
    guint n_steps)
{
  g_autoptr (GArray) steps = g_array_new (FALSE, FALSE, sizeof (WeirSoundStep));
  g_autoptr (GError) error = NULL;
  guint i;

  for (i = 0; i < n_steps; i++) {
    WeirSoundStep step = make_step (first + i);

    g_array_append_val (steps, step);
  }
  weir_bank_builder_add_sound_steps (builder, index, time,
      (const WeirSoundStep *) steps->data, n_steps, &error);
  g_assert_no_error (error);
}

/* Pieces are put where they belong, to the nearest step; what is between them
 * is not known, and what is there twice is taken once. */
static void
test_sound (BankFiles *fixture, gconstpointer data)
{
  const guint32 expected[] = { 10, 11, 12, 0, 20, 31 };
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();
  g_autoptr (WeirBank) bank = NULL;
  const WeirSoundStep *steps;
  guint32 n_steps, i;

  bank_files_add_reference (builder, "silent");
  bank_files_add_reference (builder, "sound");
  bank_files_add_reference (builder, "more");
  add_steps (builder, 2, 0, 1000, 2);
  add_steps (builder, 1, 0, 10, 3);
  add_steps (builder, 1, 32 * 4 - 15, 20, 1);
  add_steps (builder, 1, 32 * 4, 30, 2);
  bank_files_write (builder, fixture->path);
  bank = bank_files_open (fixture->path);

  g_assert_null (weir_bank_get_sound_steps (bank, 0, &n_steps));
  g_assert_cmpuint (n_steps, ==, 0);
  steps = weir_bank_get_sound_steps (bank, 1, &n_steps);
  g_assert_cmpuint (n_steps, ==, G_N_ELEMENTS (expected));
  for (i = 0; i < n_steps; i++) {
    WeirSoundStep step = make_step (expected[i]);

    if (expected[i] == 0)
      step = (WeirSoundStep){
        .peaks = { WEIR_SOUND_NO_PEAK, WEIR_SOUND_NO_PEAK, WEIR_SOUND_NO_PEAK,
            WEIR_SOUND_NO_PEAK },
      };
    g_assert_cmpmem (&steps[i], sizeof (step), &step, sizeof (step));
  }
  steps = weir_bank_get_sound_steps (bank, 2, &n_steps);
  g_assert_cmpuint (n_steps, ==, 2);
  g_assert_cmpuint (steps[1].code[0], ==, 1001);
}

/* ---- Several files, versions ---- */

static void
test_several_files (BankFiles *fixture, gconstpointer data)
{
  const WeirPdqHash hash = { { 1, 2, 3, 4 } };
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

  bank_files_add_reference (builder, "a");
  bank_files_add_reference (builder, "b");
  bank_files_add_video (builder, 1, &hash, 10);
  bank_files_add_audio (builder, 1, 5, 32);
  bank_files_write (builder, fixture->path);
  bank_files_write (empty, nothing);
  bank_files_add_reference (builder, "c");
  g_assert_true (
      weir_bank_builder_write (builder, other, CREATED - 100, &error));

  bank = bank_files_open (joined);
  single = bank_files_open (fixture->path);
  turned = bank_files_open (reversed);
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
    static const gchar *const ids[] = { "a", "b", "a", "b", "c" };

    weir_bank_get_reference (bank, i, &reference);
    g_assert_cmpstr (reference.id, ==, ids[i]);
    g_assert_cmpuint (reference.n_video, ==, i == 1 || i == 3);
  }
  weir_bank_lookup_video (bank, &hash, 0, video);
  bank_files_look_up_key (bank, 5, audio);
  g_assert_cmpuint (video->len, ==, 2);
  g_assert_cmpuint (audio->len, ==, 2);
  g_assert_cmpuint (g_array_index (video, WeirVideoHit, 0).reference, ==, 1);
  g_assert_cmpuint (g_array_index (video, WeirVideoHit, 1).reference, ==, 3);
  g_assert_cmpuint (g_array_index (audio, WeirAudioHit, 1).reference, ==, 3);
  g_assert_cmpuint (g_array_index (audio, WeirAudioHit, 1).time, ==, 32);
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
get_changed_version (const BankFiles *fixture, Change change, GBytes **content)
{
  const WeirPdqHash first = { { 1, 2, 3, 4 } };
  const WeirPdqHash second = { { change == CHANGE_HASH ? 2 : 1, 2, 3, 5 } };
  WeirReference reference =
      bank_files_make_reference (change == CHANGE_ID ? "i" : "id");
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

    bank_files_add_video (builder, 0, second_turn ? &second : &first,
        second_turn && change == CHANGE_TIME ? 8 : 7);
    bank_files_add_audio (builder, 0,
        second_turn && change == CHANGE_KEY ? 6 : 5, second_turn ? 10 : 20);
  }
  weir_bank_builder_write (builder, fixture->path,
      change == CHANGE_CREATED ? CREATED + 1 : CREATED, &error);
  g_assert_no_error (error);
  g_file_get_contents (fixture->path, &data, &size, &error);
  g_assert_no_error (error);
  *content = g_bytes_new_take (data, size);
  bank = bank_files_open (fixture->path);
  return g_strdup (weir_bank_get_version (bank));
}

static void
test_version (BankFiles *fixture, gconstpointer data)
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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  bank_files_add_test ("/bank/round-trip", test_round_trip);
  bank_files_add_test ("/bank/duration-set-later", test_duration_set_later);
  bank_files_add_test ("/bank/no-references", test_no_references);
  bank_files_add_test (
      "/bank/video/brute-force", test_video_against_brute_force);
  bank_files_add_test ("/bank/video/one-word", test_video_bits_in_one_word);
  bank_files_add_test ("/bank/video/degenerate", test_video_degenerate);
  bank_files_add_test ("/bank/video/where", test_has_video);
  bank_files_add_test ("/bank/audio", test_audio);
  bank_files_add_test ("/bank/sound", test_sound);
  bank_files_add_test ("/bank/several-files", test_several_files);
  bank_files_add_test ("/bank/version", test_version);
  return g_test_run ();
}
