/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Options about references. */

#include "reference-options.h"

#include "cli.h"

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
