/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Imports arbitrary bytes as a list of the format IMPORT_FORMAT, at once and in
 * pieces, which must make no difference. The first byte is the pieces' length.
 */
#include "../unit/import-push.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
on_complaint (const gchar *message, gpointer user_data)
{
  import_check_complaint (message);
}

/* What came of it, as a text. Where libxml2 notices what is wrong depends on
 * what it has of the input, and so does what was taken before. */
static gchar *
import (WeirImportFormat format, const gchar *data, gsize length, gsize piece)
{
  const WeirImportSettings settings = { .max_action = WEIR_ACTION_FLAG };
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();
  g_autoptr (WeirImporter) importer =
      weir_importer_new (format, &settings, builder, on_complaint, NULL);
  g_autofree gchar *description = NULL;
  g_autoptr (GError) error = NULL;
  gboolean done;

  weir_importer_begin_file (importer, "input", "input");
  done = import_push_pieces (importer, data, length, piece, &error);
  g_assert_true (done == (error == NULL));
  g_assert_true (weir_importer_finish (importer, NULL));
  description = weir_importer_describe (importer);
  if (error && format == WEIR_IMPORT_NCMEC)
    return g_strdup ("not well-formed");
  return g_strdup_printf ("%s: %s", description, error ? error->message : "");
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree gchar *whole = NULL;
  g_autofree gchar *pieces = NULL;

  if (size == 0)
    return 0;
  whole = import (IMPORT_FORMAT, (const gchar *) data + 1, size - 1, size);
  pieces = import (
      IMPORT_FORMAT, (const gchar *) data + 1, size - 1, MAX (data[0], 1));
  g_assert_cmpstr (whole, ==, pieces);
  return 0;
}
