/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines about what of a file cannot be matched. */

#include "screened-spans.h"

#include "cli.h"
#include "match/sound-screen.h"

#include <string.h>

#define NS_PER_SECOND G_GINT64_CONSTANT (1000000000)

/* Spans told in one line, at most. */
#define TOLD_MAX 6

static void
append_time (GString *text, gint64 time)
{
  gint64 seconds = time / NS_PER_SECOND;

  g_string_append_printf (
      text, "%" G_GINT64_FORMAT ":%02d", seconds / 60, (gint) (seconds % 60));
}

/* One line for all spans of one reason, if there are any from @first on. */
static void
tell_spans (
    const gchar *path, const gchar *what, const GArray *spans, guint first)
{
  const gchar *reason = g_array_index (spans, WeirScreenedSpan, first).reason;
  g_autoptr (GString) text = g_string_new (NULL);
  guint n = 0, i;

  for (i = first; i < spans->len; i++) {
    const WeirScreenedSpan *span = &g_array_index (spans, WeirScreenedSpan, i);

    if (strcmp (span->reason, reason) != 0 || n++ >= TOLD_MAX)
      continue;
    g_string_append (text, n > 1 ? ", " : "");
    append_time (text, span->begin);
    g_string_append_c (text, '-');
    append_time (text, span->end + NS_PER_SECOND - 1);
  }
  if (n > TOLD_MAX)
    g_string_append_printf (text, " and %u more", n - TOLD_MAX);
  cli_error (
      "%s: %s of %s cannot be matched (%s)", path, what, text->str, reason);
}

static gboolean
was_told (const GArray *spans, guint number)
{
  const gchar *reason = g_array_index (spans, WeirScreenedSpan, number).reason;
  guint i;

  for (i = 0; i < number; i++)
    if (strcmp (g_array_index (spans, WeirScreenedSpan, i).reason, reason) == 0)
      return TRUE;
  return FALSE;
}

void
cli_tell_spans (const gchar *path, const gchar *what, const GArray *spans)
{
  guint i;

  for (i = 0; i < spans->len; i++)
    if (!was_told (spans, i))
      tell_spans (path, what, spans, i);
}
