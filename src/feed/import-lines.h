/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lines of text out of bytes that come in pieces, in bounded memory. Not
 * thread-safe.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Longest line, in bytes without its end. */
#define WEIR_IMPORT_MAX_LINE 65535

/* What is wrong with a line, if anything. */
typedef enum {
  WEIR_IMPORT_LINE_GOOD,
  WEIR_IMPORT_LINE_LONG,   /* longer than WEIR_IMPORT_MAX_LINE */
  WEIR_IMPORT_LINE_BINARY, /* has a zero byte */
} WeirImportLineState;

/* Called for each line. @text is without the line's end (LF or CR LF) and the
 * blanks around it, NUL-terminated, empty unless @state is good, and the
 * callee's to write into. @number is from 1. FALSE ends the push. */
typedef gboolean (*WeirImportLineFunc) (WeirImportLineState state, gchar *text,
    guint64 number, gpointer user_data, GError **error);

typedef struct {
  GString *text; /* of a line that has only begun */
  WeirImportLineState state;
  guint64 number; /* of the line that is read */
} WeirImportLines;

void weir_import_lines_init (WeirImportLines *lines);
void weir_import_lines_clear (WeirImportLines *lines);

/* Reads on; FALSE with what @func set @error to when it returned FALSE. */
gboolean weir_import_lines_push (WeirImportLines *lines, const gchar *data,
    gsize length, WeirImportLineFunc func, gpointer user_data, GError **error);

/* The text ends; a last line without an end is a line. */
gboolean weir_import_lines_end (WeirImportLines *lines, WeirImportLineFunc func,
    gpointer user_data, GError **error);

G_END_DECLS
