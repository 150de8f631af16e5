/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A reference that suddenly shows in many streams is more likely a mistake of its
 * list than true of all of them: it can only flag until a person says otherwise.
 * What counts is how many of them were there at once, each from when it began
 * until it matched, so that one publisher who connects anew after each cut, as
 * another stream each time, cannot bring that about.
 *
 * All processes of a host count together, in the folder "flood" of the feed's
 * folder: a file for each reference, its name a digest of the id, to which a line
 * is appended for each stream that it is found in. No lock is taken, and nothing
 * waits; without room or permission nobody counts. What is said there:
 *
 *   reference ID       as in a URI
 *   TIME STREAM BEGIN  when it matched, us since 1970; a digest of the stream's
 *                      name; when the stream began
 *   held LIMIT         max-streams, when it was exceeded
 *
 * Thread-safe.
 */
#pragma once

#include "bank/bank.h"
#include "feed/feed-error.h"

G_BEGIN_DECLS

/* Notes that the stream named @stream, which began at @begin, shows the reference
 * @id of the list in @folder at @now (us since 1970, of this host's clock, not of
 * the stream's own times). A stream counts once, however often it does. FALSE
 * when the reference can only flag, with WEIR_FEED_ERROR_GATE in @error: one line
 * that says why and what to do. */
gboolean weir_feed_flood_admit (const gchar *folder, const gchar *id,
    const gchar *stream, gint64 begin, gint64 now, GError **error);

/* The ids of those that can only flag, by the settings as they are. Free with
 * g_ptr_array_unref(). */
GPtrArray *weir_feed_flood_list (const gchar *folder);

/* Deletes what no longer counts, and what is said of references that @bank, the
 * feed's, does not have. @now: us since 1970. */
void weir_feed_flood_clean (
    const gchar *folder, const WeirBank *bank, gint64 now);

G_END_DECLS
