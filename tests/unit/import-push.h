/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file through the importer, in pieces. */
#pragma once

#include "feed/import.h"

#include <string.h>

G_BEGIN_DECLS

/* One line of text, whatever the input was. */
static inline void
import_check_complaint (const gchar *message)
{
  g_assert_null (strchr (message, '\n'));
  g_assert_true (g_utf8_validate (message, -1, NULL));
}

/* Pushes @data in pieces of @piece bytes and ends the file. Each piece is on
 * the heap, so that a sanitizer sees what is read beyond it. */
static inline gboolean
import_push_pieces (WeirImporter *importer, const gchar *data, gsize length,
    gsize piece, GError **error)
{
  while (length > 0) {
    gsize now = MIN (length, piece);
    g_autofree gchar *copy = g_memdup2 (data, now);

    if (!weir_importer_push (importer, copy, now, error))
      return FALSE;
    data += now;
    length -= now;
  }
  return weir_importer_end_file (importer, error);
}

G_END_DECLS
