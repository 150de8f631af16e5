/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The form that all files of a feed share: lines "KEY VALUE" of UTF-8 in a fixed
 * order between a first line and the line "end"; see docs/feed.md. There is one
 * way to write a thing, and anything else is refused. Not thread-safe.
 */
#pragma once

#include "feed/feed-error.h"

G_BEGIN_DECLS

/* A reader over text that belongs to the caller. Once a line is not what was
 * asked for, it has failed, and takes nothing more. */
typedef struct {
  const gchar *name; /* what is read, in messages */
  const gchar *next; /* where it is */
  const gchar *end;
  guint number; /* of the line taken last, from 1 */
  gboolean failed;
} WeirFeedLines;

/* Begins to read @text, which must begin with the line @first. */
void weir_feed_lines_init (WeirFeedLines *lines, const gchar *text,
    gsize length, const gchar *first, const gchar *name);

/* The value of the next line if its key is @key, a new string; NULL, and nothing
 * is taken, if it has another. */
gchar *weir_feed_lines_take_optional (WeirFeedLines *lines, const gchar *key);

/* As above, but another key is a failure. Of a failure "" comes. */
gchar *weir_feed_lines_take (WeirFeedLines *lines, const gchar *key);

/* The next line has @key and a whole number from @low to @high, written without
 * a sign or leading zeros. */
guint64 weir_feed_lines_take_number (
    WeirFeedLines *lines, const gchar *key, guint64 low, guint64 high);

/* The last line is next. */
void weir_feed_lines_take_end (WeirFeedLines *lines);

/* Marks the reader as failed, for what the caller finds wrong. */
void weir_feed_lines_fail (WeirFeedLines *lines);

/* FALSE with a one-line @error when it has failed. */
gboolean weir_feed_lines_check (const WeirFeedLines *lines, GError **error);

/* Splits @value at blanks into exactly @n words; NULL if there are others.
 * Free with g_strfreev(). */
gchar **weir_feed_split (const gchar *value, guint n);

/* Whether @text is a whole number from @low to @high in its one form. */
gboolean weir_feed_parse_number (
    const gchar *text, guint64 low, guint64 high, guint64 *number);

/* Whether @text is @n_digits lower-case hexadecimal digits. */
gboolean weir_feed_is_hex (const gchar *text, gsize n_digits);

/* The largest sequence, epoch and time: what a JavaScript number holds. */
#define WEIR_FEED_MAX_NUMBER ((G_GUINT64_CONSTANT (1) << 53) - 1)

/* Whether @name can be that of a list: 1 to 64 of a-z, 0-9, '-', '_' and '.',
 * not beginning with a dot. */
gboolean weir_feed_is_list_name (const gchar *name);

G_END_DECLS
