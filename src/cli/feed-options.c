/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Options about feeds. */

#include "feed-options.h"

#include "cli.h"

void
cli_feed_options_clear (CliFeedOptions *options)
{
  g_free (options->urls);
  g_free (options->keys);
  g_free (options->cache_dir);
}

gboolean
cli_feed_options_check (const CliFeedOptions *options, const gchar *command)
{
  if (options->urls && options->keys && options->cache_dir)
    return TRUE;
  cli_usage_error (command, "a feed needs --feed, --feed-key and --cache-dir");
  return FALSE;
}
