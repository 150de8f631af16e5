/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Options about references. */

#include "reference-options.h"

#include "cli.h"

#include <string.h>

gboolean
cli_parse_max_action (
    const gchar *command, const gchar *text, WeirAction *action)
{
  if (!text || weir_action_from_string (text, action))
    return TRUE;
  cli_usage_error (
      command, "--max-action is none, flag or cut, not '%s'", text);
  return FALSE;
}

gboolean
cli_parse_opinion (
    const gchar *command, const gchar *text, WeirOpinion *opinion)
{
  if (!text || weir_opinion_from_string (text, opinion))
    return TRUE;
  cli_usage_error (command,
      "--opinion is unreviewed, confirmed or disputed, not '%s'", text);
  return FALSE;
}

/* @time is what completes a day. */
static gboolean
parse_date (const gchar *command, const gchar *option, const gchar *text,
    const gchar *time, gint64 *seconds)
{
  g_autofree gchar *complete = NULL;
  g_autoptr (GDateTime) date = NULL;

  if (!text)
    return TRUE;
  complete =
      strchr (text, 'T') ? g_strdup (text) : g_strconcat (text, time, NULL);
  date = g_date_time_new_from_iso8601 (complete, NULL);
  if (date) {
    *seconds = g_date_time_to_unix (date);
    return TRUE;
  }
  cli_usage_error (command,
      "%s is a day as 2026-11-22 or a time as 2026-11-22T07:15:00Z, not '%s'",
      option, text);
  return FALSE;
}

gboolean
cli_parse_dates (const gchar *command, const gchar *not_before,
    const gchar *not_after, gint64 *first, gint64 *last)
{
  if (!parse_date (command, "--not-before", not_before, "T00:00:00Z", first) ||
      !parse_date (command, "--not-after", not_after, "T23:59:59Z", last))
    return FALSE;
  if (!not_before || !not_after || *first <= *last)
    return TRUE;
  cli_usage_error (command, "--not-before is later than --not-after");
  return FALSE;
}
