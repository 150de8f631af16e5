/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A list through the importer. */
#include "import-run.h"

#include "import-push.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define PIECE_WHOLE G_MAXSIZE

static void
on_complaint (const gchar *message, gpointer user_data)
{
  import_check_complaint (message);
  g_ptr_array_add (user_data, g_strdup (message));
}

static WeirBank *
open_bank (WeirBankBuilder *builder)
{
  g_autofree gchar *path = NULL;
  g_autoptr (GError) error = NULL;
  WeirBank *bank;
  gint descriptor = g_file_open_tmp ("weir-import-XXXXXX", &path, &error);

  g_assert_no_error (error);
  close (descriptor);
  g_assert_true (weir_bank_builder_write (builder, path, 1, &error));
  bank = weir_bank_open (path, &error);
  g_assert_no_error (error);
  g_unlink (path);
  return bank;
}

static ImportRun *
run_pieces (WeirImportFormat format, const WeirImportSettings *settings,
    GPtrArray *files, gsize piece)
{
  const WeirImportSettings usual = { .max_action = WEIR_ACTION_FLAG };
  ImportRun *run = g_new0 (ImportRun, 1);
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();
  g_autoptr (WeirImporter) importer = NULL;
  g_autoptr (GError) error = NULL;
  guint i;

  run->complaints = g_ptr_array_new_with_free_func (g_free);
  importer = weir_importer_new (format, settings ? settings : &usual, builder,
      on_complaint, run->complaints);
  for (i = 0; i < files->len && !run->error; i++) {
    GBytes *bytes = g_ptr_array_index (files, i);
    g_autofree gchar *stem = g_strdup_printf ("l%u", i + 1);
    g_autofree gchar *name = g_strdup_printf ("%s.txt", stem);
    gsize length;
    const gchar *data = g_bytes_get_data (bytes, &length);

    weir_importer_begin_file (importer, name, stem);
    run->failed =
        !import_push_pieces (importer, data, length, piece, &run->error);
    g_assert_true (run->failed == (run->error != NULL));
  }
  g_assert_true (weir_importer_finish (importer, &error));
  g_assert_no_error (error);
  run->description = weir_importer_describe (importer);
  run->counts = *weir_importer_get_counts (importer);
  if (run->counts.references == 0)
    return run;
  run->bank = open_bank (builder);
  g_assert_cmpuint (
      weir_bank_get_n_references (run->bank), ==, run->counts.references);
  g_assert_cmpuint (
      weir_bank_get_n_video (run->bank), ==, run->counts.fingerprints);
  return run;
}

static void
assert_same (WeirImportFormat format, ImportRun *first, ImportRun *second)
{
  guint i;

  g_assert_cmpstr (first->description, ==, second->description);
  if (first->bank)
    g_assert_cmpstr (weir_bank_get_version (first->bank), ==,
        weir_bank_get_version (second->bank));
  g_assert_cmpuint (first->complaints->len, ==, second->complaints->len);
  for (i = 0; i < first->complaints->len; i++)
    g_assert_cmpstr (g_ptr_array_index (first->complaints, i), ==,
        g_ptr_array_index (second->complaints, i));
  g_assert_true ((first->error != NULL) == (second->error != NULL));
  /* Where libxml2 notices what is wrong depends on what it has of the text. */
  if (first->error && format != WEIR_IMPORT_NCMEC)
    g_assert_cmpstr (first->error->message, ==, second->error->message);
}

static ImportRun *
run_files (WeirImportFormat format, const WeirImportSettings *settings,
    GPtrArray *files)
{
  ImportRun *run = run_pieces (format, settings, files, PIECE_WHOLE);
  g_autoptr (ImportRun) bytes = run_pieces (format, settings, files, 1);
  g_autoptr (ImportRun) pieces = run_pieces (format, settings, files, 7);

  assert_same (format, run, bytes);
  assert_same (format, run, pieces);
  return run;
}

static GPtrArray *
new_files (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
}

ImportRun *
import_run_texts (WeirImportFormat format, const WeirImportSettings *settings,
    const gchar *const *texts)
{
  g_autoptr (GPtrArray) files = new_files ();

  for (; *texts; texts++)
    g_ptr_array_add (files, g_bytes_new_static (*texts, strlen (*texts)));
  return run_files (format, settings, files);
}

ImportRun *
import_run_bytes (WeirImportFormat format, const WeirImportSettings *settings,
    const gchar *data, gsize length)
{
  g_autoptr (GPtrArray) files = new_files ();

  g_ptr_array_add (files, g_bytes_new_static (data, length));
  return run_files (format, settings, files);
}

void
import_run_free (ImportRun *run)
{
  g_ptr_array_unref (run->complaints);
  g_clear_error (&run->error);
  g_free (run->description);
  g_clear_pointer (&run->bank, weir_bank_unref);
  g_free (run);
}

void
import_run_assert_complaint (ImportRun *run, const gchar *text)
{
  g_assert_no_error (run->error);
  g_assert_cmpuint (run->complaints->len, ==, 1);
  g_assert_cmpuint (run->counts.bad, ==, 1);
  if (!strstr (g_ptr_array_index (run->complaints, 0), text))
    g_assert_cmpstr (g_ptr_array_index (run->complaints, 0), ==, text);
}

void
import_run_assert_broken (ImportRun *run, const gchar *text)
{
  g_assert_nonnull (run->error);
  g_assert_true (run->error->domain == WEIR_IMPORT_ERROR);
  g_assert_null (strchr (run->error->message, '\n'));
  g_assert_true (g_utf8_validate (run->error->message, -1, NULL));
  if (!strstr (run->error->message, text))
    g_assert_cmpstr (run->error->message, ==, text);
}

void
import_run_assert_fine (ImportRun *run, const gchar *description)
{
  g_assert_no_error (run->error);
  if (run->complaints->len > 0)
    g_assert_cmpstr (g_ptr_array_index (run->complaints, 0), ==, NULL);
  g_assert_cmpstr (run->description, ==, description);
}

static guint32
find_reference (ImportRun *run, const gchar *id, WeirReference *reference)
{
  guint32 i;

  g_assert_nonnull (run->bank);
  for (i = 0; i < weir_bank_get_n_references (run->bank); i++) {
    weir_bank_get_reference (run->bank, i, reference);
    if (strcmp (reference->id, id) == 0)
      return i;
  }
  g_assert_cmpstr (id, ==, "an id of the bank");
  return 0;
}

WeirReference
import_run_get (ImportRun *run, const gchar *id)
{
  WeirReference reference;

  find_reference (run, id, &reference);
  return reference;
}

void
import_run_assert_video (
    ImportRun *run, const gchar *id, const gchar *hex, guint32 time)
{
  g_autoptr (GArray) hits = g_array_new (FALSE, FALSE, sizeof (WeirVideoHit));
  WeirReference reference;
  guint32 index = find_reference (run, id, &reference);
  WeirPdqHash hash;
  guint i;

  g_assert_true (weir_pdq_hash_from_hex (hex, &hash));
  weir_bank_lookup_video (run->bank, &hash, 0, hits);
  for (i = 0; i < hits->len; i++) {
    const WeirVideoHit *hit = &g_array_index (hits, WeirVideoHit, i);

    if (hit->reference == index && hit->time == time &&
        hit->view == WEIR_VIEW_PLAIN)
      return;
  }
  g_assert_cmpstr (hex, ==, "a hash of the reference at that time");
}
