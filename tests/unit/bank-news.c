/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What one bank has that the one before had not. */
#include "bank-files.h"

#include <glib/gstdio.h>
#include <string.h>

static WeirPdqHash
make_hash (const gchar *id)
{
  return (WeirPdqHash){ { g_str_hash (id), 1, 2, 3 } };
}

/* Opens a bank of several files, each with a reference for each of its words;
 * an id that begins with "b" is benign. What @previous has open is shared. */
static WeirBank *
open_words (const BankFiles *fixture, const gchar *const *files,
    const WeirBank *previous)
{
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  g_autofree gchar *joined = NULL;
  g_autoptr (GError) error = NULL;
  WeirBank *bank;

  for (guint i = 0; files[i]; i++) {
    g_autofree gchar *name = g_strconcat (files[i], ".weir", NULL);
    gchar *path = g_build_filename (fixture->directory, name, NULL);
    g_auto (GStrv) ids = g_strsplit (files[i], " ", -1);
    g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();

    g_ptr_array_add (paths, path);
    for (guint32 k = 0; ids[k]; k++) {
      WeirReference reference = bank_files_make_reference (ids[k]);
      WeirPdqHash hash = make_hash (ids[k]);
      guint32 index;

      reference.benign = ids[k][0] == 'b';
      g_assert_true (weir_bank_builder_add_reference (
          builder, &reference, &index, &error));
      bank_files_add_video (builder, index, &hash, 0);
    }
    if (!g_file_test (path, G_FILE_TEST_EXISTS))
      bank_files_write (builder, path);
  }
  g_ptr_array_add (paths, NULL);
  joined = g_strjoinv (",", (gchar **) paths->pdata);
  bank = weir_bank_open_next (joined, previous, &error);
  g_assert_no_error (error);
  return bank;
}

static void
remove_files (const BankFiles *fixture)
{
  g_autoptr (GDir) entries = g_dir_open (fixture->directory, 0, NULL);
  const gchar *name;

  while ((name = g_dir_read_name (entries)) != NULL) {
    g_autofree gchar *path = g_build_filename (fixture->directory, name, NULL);

    g_assert_cmpint (g_unlink (path), ==, 0);
  }
}

/* That @ids are what there is of @bank and can be found by their hashes. */
static void
assert_news (const WeirBank *bank, const gchar *ids)
{
  g_auto (GStrv) words = g_strsplit (ids, " ", -1);
  g_autoptr (GArray) hits = g_array_new (FALSE, FALSE, sizeof (WeirVideoHit));

  g_assert_cmpuint (
      weir_bank_get_n_references (bank), ==, g_strv_length (words));
  g_assert_cmpuint (weir_bank_get_n_video (bank), ==, g_strv_length (words));
  for (guint i = 0; words[i]; i++) {
    WeirPdqHash hash = make_hash (words[i]);
    guint32 index;

    g_assert_true (weir_bank_find_reference (bank, words[i], &index));
    g_array_set_size (hits, 0);
    weir_bank_lookup_video (bank, &hash, 0, hits);
    g_assert_cmpuint (hits->len, ==, 1);
    g_assert_cmpuint (
        g_array_index (hits, WeirVideoHit, 0).reference, ==, index);
  }
}

static void
check_news (const BankFiles *fixture, const gchar *const *before,
    const gchar *const *after, const gchar *expected)
{
  g_autoptr (WeirBank) previous =
      before ? open_words (fixture, before, NULL) : NULL;
  g_autoptr (WeirBank) bank = open_words (fixture, after, previous);
  g_autoptr (WeirBank) news = weir_bank_new_since (bank, previous);

  if (expected) {
    g_assert_nonnull (news);
    assert_news (news, expected);
    g_assert_cmpstr (
        weir_bank_get_version (news), ==, weir_bank_get_version (bank));
  } else {
    g_assert_null (news);
  }
  remove_files (fixture);
}

#define FILES(...) ((const gchar *const[]){ __VA_ARGS__, NULL })

static void
test_news (BankFiles *fixture, gconstpointer data)
{
  check_news (fixture, NULL, FILES ("a c", "d"), "a c d");
  check_news (fixture, FILES ("a c"), FILES ("a c", "d"), "d");
  check_news (fixture, FILES ("a c"), FILES ("a c"), NULL);
  check_news (fixture, FILES ("a", "c"), FILES ("a"), NULL);
}

/* By id, not by file: one that was written anew, joined or taken apart. */
static void
test_replaced (BankFiles *fixture, gconstpointer data)
{
  check_news (fixture, FILES ("a c"), FILES ("a c d"), "d");
  check_news (fixture, FILES ("a", "c"), FILES ("c a"), NULL);
  check_news (fixture, FILES ("a c"), FILES ("e a", "c d"), "e d");
}

static void
test_benign (BankFiles *fixture, gconstpointer data)
{
  check_news (fixture, FILES ("a b1"), FILES ("a b1", "d"), "b1 d");
  check_news (fixture, FILES ("a"), FILES ("a", "b1"), NULL);
}

/* What had been taken back and is there again is new. */
static void
test_taken_back (BankFiles *fixture, gconstpointer data)
{
  g_autofree gchar *manifest =
      g_build_filename (fixture->directory, "MANIFEST", NULL);
  g_autoptr (WeirBank) whole = open_words (fixture, FILES ("a c"), NULL);
  g_autofree gchar *text =
      g_strdup_printf ("weir-manifest 1\nsegment %s a c.weir\n"
                       "remove c\nend\n",
          weir_bank_get_version (whole));
  g_autoptr (WeirBank) without = NULL;
  g_autoptr (WeirBank) news = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (manifest, text, -1, &error));
  without = weir_bank_open_next (fixture->directory, whole, &error);
  g_assert_no_error (error);
  g_assert_null (weir_bank_new_since (without, whole));
  news = weir_bank_new_since (whole, without);
  g_assert_nonnull (news);
  assert_news (news, "c");
  remove_files (fixture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  bank_files_add_test ("/bank/news/news", test_news);
  bank_files_add_test ("/bank/news/replaced", test_replaced);
  bank_files_add_test ("/bank/news/benign", test_benign);
  bank_files_add_test ("/bank/news/taken-back", test_taken_back);
  return g_test_run ();
}
