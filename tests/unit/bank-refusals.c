/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that are not whole banks are refused, each for its reason. */
#include "bank-bytes.h"
#include "bank-files.h"

#include "bank/bank-private.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

static void
assert_refused (const gchar *path, WeirBankError code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (WeirBank) bank = weir_bank_open (path, &error);

  g_assert_null (bank);
  g_assert_error (error, WEIR_BANK_ERROR, (gint) code);
  bank_files_assert_one_line (error, path);
}

static void
test_refuse_paths (BankFiles *fixture, gconstpointer data)
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
  bank_files_assert_one_line (error, "a?b");

  content = bank_files_make_small (fixture);
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
test_refuse_files (BankFiles *fixture, gconstpointer data)
{
  static const struct {
    const gchar *content;
    WeirBankError code;
  } files[] = {
    { "", WEIR_BANK_ERROR_EMPTY },
    { "W", WEIR_BANK_ERROR_TRUNCATED },
    { "X", WEIR_BANK_ERROR_FOREIGN },
    { "WEIRBANG", WEIR_BANK_ERROR_FOREIGN },
    { "f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22\n",
        WEIR_BANK_ERROR_FOREIGN },
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (files); i++) {
    g_assert_true (
        g_file_set_contents (fixture->path, files[i].content, -1, NULL));
    assert_refused (fixture->path, files[i].code);
  }
}

static void
test_refuse_headers (BankFiles *fixture, gconstpointer data)
{
  g_autoptr (GBytes) content = bank_files_make_small (fixture);
  gsize size = g_bytes_get_size (content);
  g_autofree guint8 *copy = g_malloc (size + 1);
  WeirBankHeader *header = (WeirBankHeader *) copy;
  const WeirBankHeader *original = g_bytes_get_data (content, NULL);

  memcpy (copy, original, size);
  copy[size] = 0;
  bank_bytes_assert_refused (copy, size + 1, WEIR_BANK_ERROR_DAMAGED);

  header->byte_order = GUINT32_SWAP_LE_BE (header->byte_order);
  header->version = GUINT32_SWAP_LE_BE (header->version);
  bank_bytes_assert_refused (copy, size, WEIR_BANK_ERROR_ENDIAN);

  header->byte_order = original->byte_order;
  header->version = WEIR_BANK_FORMAT_VERSION + 1;
  bank_bytes_assert_refused (copy, size, WEIR_BANK_ERROR_NEWER);
  bank_bytes_assert_refused (copy, 16, WEIR_BANK_ERROR_NEWER);
  header->version = WEIR_BANK_FORMAT_VERSION - 1;
  bank_bytes_assert_refused (copy, size, WEIR_BANK_ERROR_OLDER);
  header->version = 0;
  bank_bytes_repair_header (copy);
  bank_bytes_assert_refused (copy, size, WEIR_BANK_ERROR_DAMAGED);

  header->version = original->version;
  header->byte_order++;
  bank_bytes_repair_header (copy);
  bank_bytes_assert_refused (copy, size, WEIR_BANK_ERROR_DAMAGED);

  header->byte_order = original->byte_order;
  header->n_sections = G_MAXUINT32;
  bank_bytes_assert_refused (copy, size, WEIR_BANK_ERROR_DAMAGED);
  header->n_sections = WEIR_BANK_MAX_SECTIONS;
  bank_bytes_assert_refused (copy, size, WEIR_BANK_ERROR_DAMAGED);
  header->n_sections = WEIR_BANK_N_SECTIONS - 1;
  bank_bytes_repair_header (copy);
  bank_bytes_assert_refused (copy, size, WEIR_BANK_ERROR_DAMAGED);

  header->n_sections = WEIR_BANK_N_SECTIONS;
  header->file_size = size + 1;
  bank_bytes_repair_header (copy);
  bank_bytes_assert_refused (copy, size + 1, WEIR_BANK_ERROR_DAMAGED);
  header->file_size = size;
  bank_bytes_repair_header (copy);
  bank_bytes_assert_accepted (copy, size);
}

static void
test_refuse_truncated (BankFiles *fixture, gconstpointer data)
{
  g_autoptr (GBytes) content = bank_files_make_small (fixture);
  gsize size;
  const guint8 *bytes = g_bytes_get_data (content, &size);
  gsize length;

  g_assert_cmpuint (size, <, 1536);
  bank_bytes_assert_refused (bytes, 0, WEIR_BANK_ERROR_EMPTY);
  for (length = 1; length < size; length++)
    bank_bytes_assert_refused (bytes, length, WEIR_BANK_ERROR_TRUNCATED);
}

static void
test_refuse_changed_bytes (BankFiles *fixture, gconstpointer data)
{
  g_autoptr (GBytes) content = bank_files_make_small (fixture);
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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  bank_files_add_test ("/bank/refuse/paths", test_refuse_paths);
  bank_files_add_test ("/bank/refuse/files", test_refuse_files);
  bank_files_add_test ("/bank/refuse/headers", test_refuse_headers);
  bank_files_add_test ("/bank/refuse/truncated", test_refuse_truncated);
  bank_files_add_test ("/bank/refuse/changed-bytes", test_refuse_changed_bytes);
  return g_test_run ();
}
