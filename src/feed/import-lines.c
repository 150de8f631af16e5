/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lines of text out of bytes that come in pieces.
 */
#include "feed/import-lines.h"

#include <string.h>

void
weir_import_lines_init (WeirImportLines *lines)
{
  lines->text = g_string_sized_new (1024);
  lines->state = WEIR_IMPORT_LINE_GOOD;
  lines->number = 1;
}

void
weir_import_lines_clear (WeirImportLines *lines)
{
  g_string_free (lines->text, TRUE);
}

static void
append (WeirImportLines *lines, const gchar *data, gsize length)
{
  if (lines->state != WEIR_IMPORT_LINE_GOOD)
    return;
  if (length > WEIR_IMPORT_MAX_LINE - lines->text->len)
    lines->state = WEIR_IMPORT_LINE_LONG;
  else if (memchr (data, '\0', length))
    lines->state = WEIR_IMPORT_LINE_BINARY;
  else
    g_string_append_len (lines->text, data, (gssize) length);
  if (lines->state != WEIR_IMPORT_LINE_GOOD)
    g_string_truncate (lines->text, 0);
}

static gboolean
finish_line (WeirImportLines *lines, WeirImportLineFunc func,
    gpointer user_data, GError **error)
{
  gboolean going = func (lines->state, g_strstrip (lines->text->str),
      lines->number, user_data, error);

  g_string_truncate (lines->text, 0);
  lines->state = WEIR_IMPORT_LINE_GOOD;
  lines->number++;
  return going;
}

gboolean
weir_import_lines_push (WeirImportLines *lines, const gchar *data, gsize length,
    WeirImportLineFunc func, gpointer user_data, GError **error)
{
  const gchar *end;

  while ((end = memchr (data, '\n', length))) {
    append (lines, data, (gsize) (end - data));
    if (!finish_line (lines, func, user_data, error))
      return FALSE;
    length -= (gsize) (end + 1 - data);
    data = end + 1;
  }
  append (lines, data, length);
  return TRUE;
}

gboolean
weir_import_lines_end (WeirImportLines *lines, WeirImportLineFunc func,
    gpointer user_data, GError **error)
{
  if (lines->text->len == 0 && lines->state == WEIR_IMPORT_LINE_GOOD)
    return TRUE;
  return finish_line (lines, func, user_data, error);
}
