/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A client of one feed: brings the bank in its folder up to date, in the order
 * and by the rules of docs/feed.md. What goes wrong leaves the bank as it is.
 * One thread at a time; one process at a time for a folder: see
 * weir_feed_cache_lock().
 */
#pragma once

#include "feed/feed-cache.h"
#include "feed/fetch.h"

G_BEGIN_DECLS

typedef struct _WeirFeedClient WeirFeedClient;

/* What is needed to find and believe a feed. */
typedef struct {
  const gchar *url;       /* https://..., whose last part is the list's name */
  const gchar *keys;      /* as weir_key_ring_parse() takes them */
  const gchar *cache_dir; /* without a comma in it */
} WeirFeedAddress;

/* The folder of @address in its cache directory: see feed-cache.h. NULL with a
 * one-line @error when it cannot be the address of a feed. Free with g_free(). */
gchar *weir_feed_address_get_folder (
    const WeirFeedAddress *address, GError **error);

/* The client of @address, whose folder must be there. @fetch gets @fetcher,
 * which must outlive the client. NULL with @error. */
WeirFeedClient *weir_feed_client_new (const WeirFeedAddress *address,
    WeirFetchFunc fetch, gpointer fetcher, GError **error);
void weir_feed_client_free (WeirFeedClient *client);

/* Asks once, at @now (seconds since 1970), and applies what there is. FALSE with
 * a one-line @error of WEIR_FEED_ERROR. Either way the file of the status says
 * so. */
gboolean weir_feed_client_poll (
    WeirFeedClient *client, gint64 now, GError **error);

/* How long to wait until the next poll, in seconds; @chance is a random number,
 * 0..1. After a success what the list asks for, a fifth more or less; after
 * failures longer from one to the next, anything up to a bound, but no less than
 * the server asked for. */
gdouble weir_feed_client_get_wait (
    const WeirFeedClient *client, gdouble chance);

/* Belongs to the client, until the next poll. */
const WeirFeedStatus *weir_feed_client_get_status (
    const WeirFeedClient *client);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirFeedClient, weir_feed_client_free)

G_END_DECLS
