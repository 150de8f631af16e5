/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a host demands of a feed before it takes a change: the file "settings" of
 * the feed's folder in the cache directory, a key file that may be missing; see
 * docs/feed.md. Thread-safe.
 */
#pragma once

#include "feed/feed-error.h"

G_BEGIN_DECLS

/* The largest that max_streams and streams_within (a week) may be. */
#define WEIR_FEED_MAX_STREAMS 1000
#define WEIR_FEED_MAX_WITHIN  604800

typedef struct {
  /* A change may add, or take away, this part of the references in use, or this
   * many, whichever is more. */
  gdouble max_growth;
  guint64 growth_floor;
  gdouble max_removals;
  guint64 removal_floor;
  gboolean need_canary; /* a list without its canary is refused */
  gchar *benign;        /* a bank that no reference may match; NULL: none */
  guint64 max_size;     /* bytes of one file of the feed, unpacked */
  gboolean cut_expired; /* an expired list may still cut */
  /* What more streams than max_streams (0: any number may) of this host at once
   * show within streams_within seconds can only flag, unless it is of
   * @confirmed, ids separated by semicolons; NULL: none. */
  guint64 max_streams, streams_within;
  gchar *confirmed;
} WeirFeedSettings;

/* As built in. */
void weir_feed_settings_init (WeirFeedSettings *settings);

/* The settings in @folder; what is not said there is as built in. FALSE with a
 * one-line @error when the file is wrong. Clear @settings after TRUE. */
gboolean weir_feed_settings_read (
    const gchar *folder, WeirFeedSettings *settings, GError **error);
void weir_feed_settings_clear (WeirFeedSettings *settings);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (WeirFeedSettings, weir_feed_settings_clear)

G_END_DECLS
