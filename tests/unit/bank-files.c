/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Folders and small banks for the tests of banks. */
#include "bank-files.h"

#include "fingerprint/landmark.h"

#include <glib/gstdio.h>
#include <string.h>

static void
set_up (BankFiles *fixture, gconstpointer data)
{
  fixture->directory = g_dir_make_tmp ("weir-bank-XXXXXX", NULL);
  g_assert_nonnull (fixture->directory);
  fixture->path = g_build_filename (fixture->directory, "known.weir", NULL);
}

/* Fails when a test leaves a file behind that it did not name. */
static void
tear_down (BankFiles *fixture, gconstpointer data)
{
  g_unlink (fixture->path);
  g_assert_cmpint (g_rmdir (fixture->directory), ==, 0);
  g_free (fixture->path);
  g_free (fixture->directory);
}

guint
bank_files_count (const gchar *directory)
{
  g_autoptr (GDir) entries = g_dir_open (directory, 0, NULL);
  guint n = 0;

  g_assert_nonnull (entries);
  while (g_dir_read_name (entries) != NULL)
    n++;
  return n;
}

WeirReference
bank_files_make_reference (const gchar *id)
{
  return (WeirReference){
    .id = id,
    .family = "",
    .label = "",
    .list = "",
    .source = "",
  };
}

guint32
bank_files_add_reference (WeirBankBuilder *builder, const gchar *id)
{
  WeirReference reference = bank_files_make_reference (id);
  guint32 index = G_MAXUINT32;
  g_autoptr (GError) error = NULL;

  weir_bank_builder_add_reference (builder, &reference, &index, &error);
  g_assert_no_error (error);
  return index;
}

void
bank_files_add_video (WeirBankBuilder *builder, guint32 index,
    const WeirPdqHash *hash, guint32 time)
{
  g_autoptr (GError) error = NULL;

  weir_bank_builder_add_video (
      builder, index, hash, WEIR_VIEW_PLAIN, 80, time, &error);
  g_assert_no_error (error);
}

void
bank_files_add_audio (
    WeirBankBuilder *builder, guint32 index, guint32 key, guint32 time)
{
  g_autoptr (GError) error = NULL;

  weir_bank_builder_add_audio (builder, index, key, time, &error);
  g_assert_no_error (error);
}

void
bank_files_write (WeirBankBuilder *builder, const gchar *path)
{
  g_autoptr (GError) error = NULL;

  weir_bank_builder_write (builder, path, CREATED, &error);
  g_assert_no_error (error);
}

WeirBank *
bank_files_open (const gchar *path)
{
  g_autoptr (GError) error = NULL;
  WeirBank *bank = weir_bank_open (path, &error);

  g_assert_no_error (error);
  g_assert_nonnull (bank);
  return bank;
}

void
bank_files_look_up_key (const WeirBank *bank, guint32 key, GArray *hits)
{
  guint16 before = (guint16) (key & ((1u << WEIR_LANDMARK_BEFORE_BITS) - 1));
  const WeirAudioBefores befores = { before, before };
  const WeirAudioQuery query = {
    .pair = key >> WEIR_LANDMARK_BEFORE_BITS,
    .n_befores = 1,
    .befores = &befores,
  };

  weir_bank_lookup_audio (bank, &query, 1, hits);
}

GBytes *
bank_files_make_small (const BankFiles *fixture)
{
  const WeirPdqHash hash = { { 1, 2, 3, 4 } };
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();
  g_autoptr (GError) error = NULL;
  gchar *data;
  gsize size;

  bank_files_add_reference (builder, "a");
  bank_files_add_reference (builder, "b");
  bank_files_add_video (builder, 0, &hash, 1);
  bank_files_add_video (builder, 1, &hash, 2);
  bank_files_add_audio (builder, 0, 10, 3);
  bank_files_add_audio (builder, 1, 9, 4);
  bank_files_write (builder, fixture->path);
  g_file_get_contents (fixture->path, &data, &size, &error);
  g_assert_no_error (error);
  return g_bytes_new_take (data, size);
}

void
bank_files_assert_one_line (const GError *error, const gchar *name)
{
  g_assert_nonnull (strstr (error->message, name));
  g_assert_null (strchr (error->message, '\n'));
}

void
bank_files_add_test (
    const gchar *path, void (*test) (BankFiles *, gconstpointer))
{
  bank_files_add_data_test (path, NULL, test);
}

void
bank_files_add_data_test (const gchar *path, gconstpointer data,
    void (*test) (BankFiles *, gconstpointer))
{
  g_test_add (path, BankFiles, data, set_up, test, tear_down);
}
