/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines of keys and values. */
#include "feed/feed-lines.h"

#include <string.h>

#define LAST_LINE "end"

/* The next line without its end; NULL: there is no whole one. */
static gchar *
peek_line (const WeirFeedLines *lines)
{
  const gchar *newline;

  if (lines->failed)
    return NULL;
  newline = memchr (lines->next, '\n', (gsize) (lines->end - lines->next));
  return newline ? g_strndup (lines->next, (gsize) (newline - lines->next))
                 : NULL;
}

static void
skip_line (WeirFeedLines *lines)
{
  lines->next = (const gchar *) memchr (
                    lines->next, '\n', (gsize) (lines->end - lines->next)) +
                1;
  lines->number++;
}

static void
take_exactly (WeirFeedLines *lines, const gchar *expected)
{
  g_autofree gchar *line = peek_line (lines);

  if (line && strcmp (line, expected) == 0)
    skip_line (lines);
  else
    lines->failed = TRUE;
}

void
weir_feed_lines_init (WeirFeedLines *lines, const gchar *text, gsize length,
    const gchar *first, const gchar *name)
{
  *lines = (WeirFeedLines){
    .name = name,
    .next = text,
    .end = text + length,
    .failed = !g_utf8_validate (text, (gssize) length, NULL),
  };
  take_exactly (lines, first);
}

gchar *
weir_feed_lines_take_optional (WeirFeedLines *lines, const gchar *key)
{
  g_autofree gchar *line = peek_line (lines);
  gsize length = strlen (key);

  if (!line || strncmp (line, key, length) != 0 || line[length] != ' ' ||
      line[length + 1] == '\0')
    return NULL;
  skip_line (lines);
  return g_strdup (line + length + 1);
}

gchar *
weir_feed_lines_take (WeirFeedLines *lines, const gchar *key)
{
  gchar *value = weir_feed_lines_take_optional (lines, key);

  if (value)
    return value;
  lines->failed = TRUE;
  return g_strdup ("");
}

guint64
weir_feed_lines_take_number (
    WeirFeedLines *lines, const gchar *key, guint64 low, guint64 high)
{
  g_autofree gchar *value = weir_feed_lines_take (lines, key);
  guint64 number = low;

  if (!lines->failed && !weir_feed_parse_number (value, low, high, &number))
    lines->failed = TRUE;
  return number;
}

void
weir_feed_lines_take_end (WeirFeedLines *lines)
{
  take_exactly (lines, LAST_LINE);
}

void
weir_feed_lines_fail (WeirFeedLines *lines)
{
  lines->failed = TRUE;
}

gboolean
weir_feed_lines_check (const WeirFeedLines *lines, GError **error)
{
  if (!lines->failed)
    return TRUE;
  return weir_feed_refuse (error, WEIR_FEED_ERROR_FORMAT,
      "%s is not as docs/feed.md says from line %u on; has it been made by "
      "another version of weir?",
      lines->name, lines->number + 1);
}

gchar **
weir_feed_split (const gchar *value, guint n)
{
  gchar **words = g_strsplit (value, " ", (gint) n + 1);

  if (g_strv_length (words) == n)
    return words;
  g_strfreev (words);
  return NULL;
}

gboolean
weir_feed_parse_number (
    const gchar *text, guint64 low, guint64 high, guint64 *number)
{
  if ((text[0] == '0' && text[1] != '\0') ||
      strspn (text, "0123456789") != strlen (text))
    return FALSE;
  return g_ascii_string_to_unsigned (text, 10, low, high, number, NULL);
}

gboolean
weir_feed_is_hex (const gchar *text, gsize n_digits)
{
  return strlen (text) == n_digits &&
         strspn (text, "0123456789abcdef") == n_digits;
}

gboolean
weir_feed_is_list_name (const gchar *name)
{
  gsize length = strlen (name);

  return length > 0 && length <= 64 && name[0] != '.' &&
         strspn (name, "abcdefghijklmnopqrstuvwxyz0123456789-_.") == length;
}
