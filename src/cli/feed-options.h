/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Options of those commands that use a feed. */
#pragma once

#include "feed/feed.h"

G_BEGIN_DECLS

typedef struct {
  gchar *urls, *keys, *cache_dir;
} CliFeedOptions;

#define CLI_FEED_ENTRIES(options)                                              \
  { "feed", 0, 0, G_OPTION_ARG_STRING, &(options).urls,                        \
    "Address of a feed, https://.../LIST, or several separated by commas",     \
    "URL" },                                                                   \
      { "feed-key", 0, 0, G_OPTION_ARG_STRING, &(options).keys,                \
        "Public key that must sign it, or a file of one", "KEY" },             \
  {                                                                            \
    "cache-dir", 0, 0, G_OPTION_ARG_FILENAME, &(options).cache_dir,            \
        "Where its files are kept", "FOLDER"                                   \
  }

void cli_feed_options_clear (CliFeedOptions *options);

/* Whether all three are there. Else the value is CLI_USAGE's, after a one-line
 * error: see cli_usage_error(). */
gboolean cli_feed_options_check (
    const CliFeedOptions *options, const gchar *command);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CliFeedOptions, cli_feed_options_clear)

G_END_DECLS
