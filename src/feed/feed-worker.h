/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The thread that keeps one feed up to date, one in a process however many use
 * it. Private to feed.h. Thread-safe.
 */
#pragma once

#include "feed/feed.h"

G_BEGIN_DECLS

typedef struct _WeirFeedWorker WeirFeedWorker;

/* The worker of @address, shared with those who have it already. NULL with
 * @error. */
WeirFeedWorker *weir_feed_worker_get (
    const WeirFeedAddress *address, GError **error);
void weir_feed_worker_put (WeirFeedWorker *worker);

/* The folder of its bank, and its address. */
const gchar *weir_feed_worker_get_bank (const WeirFeedWorker *worker);
const gchar *weir_feed_worker_get_url (const WeirFeedWorker *worker);

/* As weir_feed_watch(); @user_data is what it is known by. */
void weir_feed_worker_watch (
    WeirFeedWorker *worker, WeirFeedFunc func, gpointer user_data);
void weir_feed_worker_unwatch (WeirFeedWorker *worker, gpointer user_data);

G_END_DECLS
