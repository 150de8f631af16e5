/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Changes: their lines and files, and files that are not what they should be. */
#include "feed/feed-change.h"
#include "bank-files.h"
#include "feed/feed-pack.h"

#include <glib/gstdio.h>
#include <string.h>

#define BEGIN "weir-change 1\nlist hot\nfrom 4\nto 5\n"

static WeirFeedChange *
make_change (void)
{
  WeirFeedChange *change = weir_feed_change_new ("hot");

  change->from = 4;
  change->to = 5;
  g_ptr_array_add (change->removals, g_strdup ("plain"));
  g_ptr_array_add (change->removals, g_strdup ("line\nend\n%"));
  return change;
}

static void
test_lines (void)
{
  g_autoptr (WeirFeedChange) change = make_change ();
  g_autoptr (WeirFeedChange) read = NULL;
  g_autofree gchar *text = NULL;
  g_autoptr (GError) error = NULL;

  g_strlcpy (change->version, "0123456789abcdef", sizeof (change->version));
  change->length = 77;
  text = weir_feed_change_format (change);
  g_assert_cmpstr (text, ==,
      BEGIN "remove plain\n"
            "remove line%0Aend%0A%25\nsegment 0123456789abcdef 77\nend\n");
  read = weir_feed_change_parse (text, strlen (text), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (read->removals->len, ==, 2);
  g_assert_cmpstr (g_ptr_array_index (read->removals, 1), ==, "line\nend\n%");
  g_assert_cmpuint (read->length, ==, 77);
}

static void
test_refused_lines (void)
{
  static const gchar *const texts[] = { "", "weir-change 1\nend\n",
    "weir-change 1\nlist hot\nfrom 4\nto 4\nend\n", BEGIN "remove %00\nend\n",
    BEGIN "remove %\nend\n", BEGIN "remove \nend\n",
    BEGIN "segment 0123 7\nend\n", BEGIN "segment 0123456789abcdef 0\nend\n",
    BEGIN "segment 0123456789abcdef 1\nsegment 0123456789abcdef 1\nend\n",
    BEGIN "end\nx" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (
        weir_feed_change_parse (texts[i], strlen (texts[i]), &error));
    g_assert_error (error, WEIR_FEED_ERROR, WEIR_FEED_ERROR_FORMAT);
  }
}

/* ---- Files ---- */

typedef struct {
  WeirFeedChange *change;
  gchar *path; /* packed */
  WeirFeedFile file;
} Packed;

/* A change with a bank, packed, and the bank gone from the folder. */
static void
pack (BankFiles *fixture, Packed *packed)
{
  g_autoptr (GBytes) bytes = bank_files_make_small (fixture);
  g_autoptr (WeirBank) bank = bank_files_open (fixture->path);
  g_autoptr (GError) error = NULL;

  packed->change = make_change ();
  packed->change->length = g_bytes_get_size (bytes);
  g_strlcpy (packed->change->version, weir_bank_get_version (bank),
      sizeof (packed->change->version));
  packed->path = g_build_filename (fixture->directory, "packed", NULL);
  g_assert_true (weir_feed_change_pack (
      packed->change, fixture->path, packed->path, &packed->file, &error));
  g_assert_no_error (error);
  g_unlink (fixture->path);
}

static void
clear (Packed *packed)
{
  g_unlink (packed->path);
  g_free (packed->path);
  weir_feed_change_free (packed->change);
}

static WeirFeedChange *
unpack (BankFiles *fixture, const Packed *packed, gint expected)
{
  g_autoptr (GError) error = NULL;
  WeirFeedChange *change = weir_feed_change_unpack (
      packed->path, &packed->file, "hot", fixture->directory, &error);

  if (expected < 0) {
    g_assert_no_error (error);
    return change;
  }
  g_assert_null (change);
  g_assert_error (error, WEIR_FEED_ERROR, expected);
  g_assert_null (strchr (error->message, '\n'));
  /* Nothing is left but the packed file. */
  g_assert_cmpuint (bank_files_count (fixture->directory), ==, 1);
  return NULL;
}

static void
test_files (BankFiles *fixture, gconstpointer data)
{
  g_autoptr (WeirFeedChange) change = NULL;
  g_autoptr (WeirBank) bank = NULL;
  g_autofree gchar *name = NULL;
  g_autofree gchar *path = NULL;
  Packed packed = { 0 };

  pack (fixture, &packed);
  g_assert_true (weir_feed_check_file (packed.path, &packed.file, NULL));
  change = unpack (fixture, &packed, -1);
  name = weir_feed_change_get_name (change);
  path = g_build_filename (fixture->directory, name, NULL);
  bank = bank_files_open (path);
  g_assert_cmpuint (weir_bank_get_n_references (bank), ==, 2);
  g_assert_cmpstr (weir_bank_get_version (bank), ==, change->version);
  g_unlink (path);
  clear (&packed);
}

static void
test_not_announced (BankFiles *fixture, gconstpointer data)
{
  Packed packed = { 0 };
  g_autoptr (GError) error = NULL;

  pack (fixture, &packed);
  packed.file.unpacked--; /* a bomb: more comes than was said */
  unpack (fixture, &packed, WEIR_FEED_ERROR_SIZE);
  packed.file.unpacked += 2;
  unpack (fixture, &packed, WEIR_FEED_ERROR_SIZE);
  packed.file.unpacked--;
  packed.file.to++;
  unpack (fixture, &packed, WEIR_FEED_ERROR_DIGEST);
  packed.file.to--;
  packed.file.size++;
  g_assert_false (weir_feed_check_file (packed.path, &packed.file, &error));
  g_assert_error (error, WEIR_FEED_ERROR, WEIR_FEED_ERROR_DIGEST);
  clear (&packed);
}

/* Without waiting for the disk. */
static void
write_bytes (const gchar *path, const gchar *bytes, gsize length)
{
  g_unlink (path);
  g_assert_true (g_file_set_contents_full (
      path, bytes, (gssize) length, G_FILE_SET_CONTENTS_NONE, 0644, NULL));
}

/* A file cut anywhere, or with a byte that is another, is never taken. */
static void
test_damaged (BankFiles *fixture, gconstpointer data)
{
  g_autofree gchar *bytes = NULL;
  Packed packed = { 0 };
  gsize length;

  pack (fixture, &packed);
  g_file_get_contents (packed.path, &bytes, &length, NULL);
  for (gsize i = 0; i < length; i++) {
    write_bytes (packed.path, bytes, i);
    g_assert_false (weir_feed_check_file (packed.path, &packed.file, NULL));
    unpack (fixture, &packed, WEIR_FEED_ERROR_SIZE);
    bytes[i] ^= 1;
    write_bytes (packed.path, bytes, length);
    bytes[i] ^= 1;
    g_assert_false (weir_feed_check_file (packed.path, &packed.file, NULL));
  }
  clear (&packed);
}

/* The lines come in many pieces. */
static void
test_many_removals (BankFiles *fixture, gconstpointer data)
{
  Packed packed = { .change = make_change () };
  g_autoptr (WeirFeedChange) change = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 50000; i++)
    g_ptr_array_add (packed.change->removals, g_strdup_printf ("id-%u", i));
  packed.path = g_build_filename (fixture->directory, "packed", NULL);
  g_assert_true (weir_feed_change_pack (
      packed.change, NULL, packed.path, &packed.file, &error));
  change = unpack (fixture, &packed, -1);
  g_assert_cmpuint (change->removals->len, ==, 50002);
  g_assert_cmpstr (g_ptr_array_index (change->removals, 50001), ==, "id-49999");
  g_assert_cmpstr (change->version, ==, "");
  clear (&packed);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/feed/change/lines", test_lines);
  g_test_add_func ("/feed/change/refused-lines", test_refused_lines);
  bank_files_add_test ("/feed/change/files", test_files);
  bank_files_add_test ("/feed/change/not-announced", test_not_announced);
  bank_files_add_test ("/feed/change/damaged", test_damaged);
  bank_files_add_test ("/feed/change/many-removals", test_many_removals);
  return g_test_run ();
}
