/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From a head that may be taken to the bank that it describes: fetches the files
 * it names, checks each before it is parsed, puts the bank together beside the one
 * in use, checks all of it, and only then puts it in place. Private to the
 * client.
 */
#pragma once

#include "feed/feed-cache.h"
#include "feed/fetch.h"

G_BEGIN_DECLS

typedef struct _WeirFeedApply WeirFeedApply;

/* Of the list @list at @url into @folder. What is there already is taken for what
 * it says, unless it cannot be opened. */
WeirFeedApply *weir_feed_apply_new (const gchar *url, const gchar *folder,
    const gchar *list, WeirFetchFunc fetch, gpointer fetcher);
void weir_feed_apply_free (WeirFeedApply *apply);

/* Brings the bank to @head. FALSE with @error and the bank as it was. */
gboolean weir_feed_apply_head (WeirFeedApply *apply, const WeirFeedHead *head,
    guint *retry_after, GError **error);

/* Where the bank is. Belongs to @apply. */
const WeirFeedPosition *weir_feed_apply_get_position (
    const WeirFeedApply *apply);

/* Whether the bank of that position is there. */
gboolean weir_feed_apply_is_whole (const WeirFeedApply *apply);

guint weir_feed_apply_get_min_wait (const WeirFeedApply *apply);
guint64 weir_feed_apply_get_n_references (const WeirFeedApply *apply);

G_END_DECLS
