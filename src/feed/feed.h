/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A feed in use: the bank in the cache directory is kept up to date by a thread
 * of this process, or by another process that got there first, and may be
 * followed like any other (see bank-follower.h). All that use one feed in a
 * process share that thread. Thread-safe.
 */
#pragma once

#include "feed/feed-client.h"

G_BEGIN_DECLS

typedef struct _WeirFeed WeirFeed;

/* The feed, or feeds, @urls (separated by commas), all signed by @keys, kept in
 * @cache_dir. The lists are opened in the order in which they are named:
 * retractions of one hold for those before it, so name the hot one last. Does not
 * wait for the network. NULL with a one-line @error of WEIR_FEED_ERROR. */
WeirFeed *weir_feed_new (const gchar *urls, const gchar *keys,
    const gchar *cache_dir, GError **error);

/* Ends it; does not wait for what is under way. */
void weir_feed_free (WeirFeed *feed);

/* The path of the bank, for weir_bank_open(). It is there from the start, if
 * need be without references. Free with g_free(). */
gchar *weir_feed_get_bank_path (const WeirFeed *feed);

/* The address of the list whose bank is at @bank, one of the paths above; NULL
 * when it is of none. Free with g_free(). */
gchar *weir_feed_find_url (const WeirFeed *feed, const gchar *bank);

/* Each time that something is found to be wrong, or right again: @error is why
 * the list at @url is not up to date, or NULL. Called by the feed's thread, not
 * by two at once. */
typedef void (*WeirFeedFunc) (
    const gchar *url, const gchar *error, gpointer user_data);

/* @func is told from now on, and first how it is now, if something is wrong. To
 * be called once, and ends with weir_feed_free(), which waits for a call that is
 * under way and may be called by @func. */
void weir_feed_watch (WeirFeed *feed, WeirFeedFunc func, gpointer user_data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirFeed, weir_feed_free)

G_END_DECLS
