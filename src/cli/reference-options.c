/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Options about references. */

#include "reference-options.h"

#include "cli.h"

#include <string.h>

static gboolean
read_max_action (const gchar *command, const gchar *text, WeirAction *action)
{
  if (!text || weir_action_from_string (text, action))
    return TRUE;
  cli_usage_error (
      command, "--max-action is none, flag or cut, not '%s'", text);
  return FALSE;
}

static gboolean
read_opinion (const gchar *command, const gchar *text, WeirOpinion *opinion)
{
  if (!text || weir_opinion_from_string (text, opinion))
    return TRUE;
  cli_usage_error (command,
      "--opinion is unreviewed, confirmed or disputed, not '%s'", text);
  return FALSE;
}

/* @time is what completes a day. */
static gboolean
read_date (const gchar *command, const gchar *option, const gchar *text,
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

static gboolean
read_dates (CliReferenceOptions *options, const gchar *command)
{
  const gchar *first = options->not_before_text;
  const gchar *last = options->not_after_text;

  if (!read_date (
          command, "--not-before", first, "T00:00:00Z", &options->not_before) ||
      !read_date (
          command, "--not-after", last, "T23:59:59Z", &options->not_after))
    return FALSE;
  if (!first || !last || options->not_before <= options->not_after)
    return TRUE;
  cli_usage_error (command, "--not-before is later than --not-after");
  return FALSE;
}

gboolean
cli_reference_options_read (CliReferenceOptions *options, const gchar *command)
{
  options->has_opinion = options->opinion_text != NULL;
  return read_max_action (
             command, options->max_action_text, &options->max_action) &&
         read_opinion (command, options->opinion_text, &options->opinion) &&
         read_dates (options, command);
}

void
cli_reference_options_clear (CliReferenceOptions *options)
{
  g_free (options->id);
  g_free (options->family);
  g_free (options->label);
  g_free (options->list);
  g_free (options->source);
  g_free (options->max_action_text);
  g_free (options->opinion_text);
  g_free (options->not_before_text);
  g_free (options->not_after_text);
}
