/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Banks made of banks, folders that change, and many lookups at once. */
#include "bank-files.h"

#include "bank/bank-folder.h"
#include "bank/bank-merge.h"

#include <glib/gstdio.h>
#include <string.h>

static gchar *
get_path (const BankFiles *fixture, const gchar *name)
{
  return g_build_filename (fixture->directory, name, NULL);
}

static WeirPdqHash
make_hash (guint number)
{
  return (WeirPdqHash){ { (guint64) number * 0x9e3779b97f4a7c15, number,
      ~(guint64) number, 1 } };
}

/* References @first to @first + @n - 1, each with two pictures, the second of
 * which all of them have, a landmark and a step of sound. */
static gchar *
write_bank (const BankFiles *fixture, const gchar *name, guint first, guint n)
{
  gchar *path = get_path (fixture, name);
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();
  const WeirPdqHash shared = make_hash (0);

  for (guint i = 0; i < n; i++) {
    g_autofree gchar *id = g_strdup_printf ("id-%u", first + i);
    const WeirPdqHash hash = make_hash (first + i);
    const WeirSoundStep step = { { first + i, 1 }, { 2, 3, 4, 5 } };

    bank_files_add_reference (builder, id);
    bank_files_add_video (builder, i, &hash, first + i);
    bank_files_add_video (builder, i, &shared, 7);
    bank_files_add_audio (builder, i, first + i, first + i);
    g_assert_true (
        weir_bank_builder_add_sound_steps (builder, i, 0, &step, 1, NULL));
  }
  bank_files_write (builder, path);
  return path;
}

/* That each reference has what write_bank() gave it, and when. */
static void
check_references (const WeirBank *bank)
{
  for (guint32 i = 0; i < weir_bank_get_n_indices (bank); i++) {
    WeirReference reference;
    guint64 number;

    weir_bank_get_reference (bank, i, &reference);
    number = g_ascii_strtoull (reference.id + strlen ("id-"), NULL, 10);
    g_assert_cmpuint (reference.n_video, ==, 2);
    g_assert_cmpuint (reference.n_audio, ==, 1);
    for (guint32 time = 0; time < 10; time++)
      g_assert_cmpint (weir_bank_has_video (bank, i, time, time), ==,
          time == number || time == 7);
  }
}

static gboolean
is_not (const WeirReference *reference, gpointer user_data)
{
  return strcmp (reference->id, user_data) != 0;
}

/* A bank taken apart and put together is the one that it was; one without a
 * reference is as if that had never been there. */
static void
test_merge (BankFiles *fixture, gconstpointer data)
{
  g_autofree gchar *all = write_bank (fixture, "all.weir", 1, 6);
  g_autofree gchar *front = write_bank (fixture, "front.weir", 1, 3);
  g_autofree gchar *back = write_bank (fixture, "back.weir", 4, 3);
  g_autofree gchar *joined = get_path (fixture, "joined.weir");
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();
  g_autoptr (WeirBankBuilder) rest_builder = weir_bank_builder_new ();
  g_autoptr (WeirBank) whole = bank_files_open (all);
  g_autoptr (WeirBank) first = bank_files_open (front);
  g_autoptr (WeirBank) second = bank_files_open (back);
  g_autoptr (WeirBank) merged = NULL;
  g_autoptr (WeirBank) rest = NULL;
  g_autoptr (GArray) hits = g_array_new (FALSE, FALSE, sizeof (WeirVideoHit));
  const WeirPdqHash shared = make_hash (0);
  g_autoptr (GError) error = NULL;

  g_assert_true (
      weir_bank_builder_add_bank (builder, first, NULL, NULL, &error));
  g_assert_true (
      weir_bank_builder_add_bank (builder, second, NULL, NULL, &error));
  bank_files_write (builder, joined);
  merged = bank_files_open (joined);
  g_assert_cmpstr (
      weir_bank_get_version (merged), ==, weir_bank_get_version (whole));
  g_assert_cmpuint (weir_bank_get_n_video (merged), ==, 12);
  g_assert_cmpuint (weir_bank_get_n_audio (merged), ==, 6);
  check_references (merged);
  weir_bank_lookup_video (merged, &shared, 0, hits);
  g_assert_cmpuint (hits->len, ==, 6);

  g_assert_false (
      weir_bank_builder_add_bank (builder, second, NULL, NULL, &error));
  g_assert_error (error, WEIR_BANK_ERROR, WEIR_BANK_ERROR_LIMIT);
  bank_files_assert_one_line (error, back);
  g_clear_error (&error);

  g_assert_true (weir_bank_builder_add_bank (
      rest_builder, first, is_not, (gpointer) "id-2", &error));
  bank_files_write (rest_builder, joined);
  rest = bank_files_open (joined);
  g_assert_cmpuint (weir_bank_get_n_references (rest), ==, 2);
  g_assert_cmpuint (weir_bank_get_n_video (rest), ==, 4);
  g_assert_cmpuint (weir_bank_get_n_audio (rest), ==, 2);
  check_references (rest);
  g_assert_false (weir_bank_find_reference (rest, "id-2", &(guint32){ 0 }));
  g_unlink (all);
  g_unlink (front);
  g_unlink (back);
  g_unlink (joined);
}

static gboolean
change (const gchar *folder, const gchar *add, const gchar *remove,
    gboolean replace, gboolean instead, GError **error)
{
  gchar *added[] = { (gchar *) add, NULL };
  gchar *removed[] = { (gchar *) remove, NULL };

  return weir_bank_folder_change (
      folder, &(WeirBankChange){ added, removed, replace, instead }, error);
}

static void
assert_holds (const gchar *folder, guint n_references, guint n_files)
{
  g_autoptr (WeirBank) bank = bank_files_open (folder);

  g_assert_cmpuint (weir_bank_get_n_references (bank), ==, n_references);
  g_assert_cmpuint (bank_files_count (folder), ==, n_files);
}

static void
test_change_folder (BankFiles *fixture, gconstpointer data)
{
  g_autofree gchar *folder = get_path (fixture, "folder");
  g_autofree gchar *one = write_bank (fixture, "one.weir", 1, 3);
  g_autofree gchar *two = write_bank (fixture, "two.weir", 3, 3);
  g_autoptr (GError) error = NULL;

  g_assert_true (change (folder, one, NULL, FALSE, FALSE, &error));
  assert_holds (folder, 3, 2);
  g_assert_false (change (folder, two, NULL, FALSE, FALSE, &error));
  g_assert_error (error, WEIR_BANK_ERROR, WEIR_BANK_ERROR_LIMIT);
  bank_files_assert_one_line (error, "id-3");
  g_clear_error (&error);
  assert_holds (folder, 3, 2);
  g_assert_true (change (folder, two, "id-3", FALSE, FALSE, &error));
  assert_holds (folder, 5, 3);
  g_assert_true (change (folder, one, NULL, TRUE, FALSE, &error));
  assert_holds (folder, 5, 3);
  g_assert_false (change (folder, NULL, "id-9", FALSE, FALSE, &error));
  bank_files_assert_one_line (error, "id-9");
  g_clear_error (&error);
  g_assert_true (change (folder, two, NULL, FALSE, TRUE, &error));
  assert_holds (folder, 3, 2);
  g_assert_false (
      change (folder, "/nowhere/a.weir", NULL, FALSE, FALSE, &error));
  g_assert_error (error, WEIR_BANK_ERROR, WEIR_BANK_ERROR_FILE);

  {
    g_autoptr (GDir) entries = g_dir_open (folder, 0, NULL);
    const gchar *name;

    while ((name = g_dir_read_name (entries)) != NULL) {
      g_autofree gchar *path = g_build_filename (folder, name, NULL);

      g_unlink (path);
    }
  }
  g_rmdir (folder);
  g_unlink (one);
  g_unlink (two);
}

/* The same hits as one by one, in order of the queries. */
static void
test_lookup_many (BankFiles *fixture, gconstpointer data)
{
  g_autofree gchar *path = write_bank (fixture, "a.weir", 1, 40);
  g_autoptr (WeirBank) bank = bank_files_open (path);
  g_autoptr (GArray) many = g_array_new (FALSE, FALSE, sizeof (WeirVideoHit));
  g_autoptr (GArray) one = g_array_new (FALSE, FALSE, sizeof (WeirVideoHit));
  WeirPdqHash queries[60];
  guint at = 0;

  for (guint i = 0; i < G_N_ELEMENTS (queries); i++)
    queries[i] = make_hash (i);
  weir_bank_lookup_video_many (
      bank, queries, G_N_ELEMENTS (queries), WEIR_PDQ_RADIUS, many);
  for (guint i = 0; i < G_N_ELEMENTS (queries); i++) {
    g_array_set_size (one, 0);
    weir_bank_lookup_video (bank, &queries[i], WEIR_PDQ_RADIUS, one);
    for (guint k = 0; k < one->len; k++) {
      const WeirVideoHit *expected = &g_array_index (one, WeirVideoHit, k);
      const WeirVideoHit *hit = &g_array_index (many, WeirVideoHit, at++);

      g_assert_cmpuint (expected->query, ==, 0);
      g_assert_cmpuint (hit->query, ==, i);
      g_assert_cmpuint (hit->reference, ==, expected->reference);
      g_assert_cmpuint (hit->time, ==, expected->time);
      g_assert_cmpuint (hit->distance, ==, expected->distance);
    }
  }
  g_assert_cmpuint (at, ==, many->len);
  g_assert_cmpuint (at, >=, 80);
  g_unlink (path);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  bank_files_add_test ("/bank/merge", test_merge);
  bank_files_add_test ("/bank/folder/change", test_change_folder);
  bank_files_add_test ("/bank/lookup-many", test_lookup_many);
  return g_test_run ();
}
