/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The folder of one feed in the cache directory:
 *
 *   bank/     the bank, as a folder with a manifest, whose note is the position
 *   root      the root in force, once there is one
 *   status    what became of the last requests, for people and other processes
 *   settings  see feed-settings.h; written by people
 *   lock      held by the process that fetches
 *   flood/    see feed-flood.h
 *   part-*    files on their way
 *
 * Not thread-safe.
 */
#pragma once

#include "bank/manifest.h"
#include "feed/feed-head.h"

G_BEGIN_DECLS

/* The path of the folder for the feed @url with the keys @keys, as
 * weir_key_ring_format() writes them. It differs for others. Free with
 * g_free(). */
gchar *weir_feed_cache_get_path (
    const gchar *directory, const gchar *url, const gchar *keys);

/* Makes the folder @path with an empty bank if there is none. FALSE with
 * @error. */
gboolean weir_feed_cache_make (const gchar *path, GError **error);

/* The right to fetch into @path: a descriptor to be closed, which gives it up, as
 * does the end of the process; -1 when another has it; and -1 with @error when
 * it cannot be had, WEIR_FEED_ERROR_READ_ONLY when this user may not write
 * there, whose processes can follow what others fetch. */
gint weir_feed_cache_lock (const gchar *path, GError **error);

/* The position in the note of @manifest; zero when there is none. */
void weir_feed_cache_get_position (
    const WeirManifest *manifest, WeirFeedPosition *position, guint *min_wait);
void weir_feed_cache_set_position (
    WeirManifest *manifest, const WeirFeedHead *head);

/* Until when the bank in @path is up to date, seconds since 1970; 0: for ever, or
 * there is none. Reads its manifest. */
gint64 weir_feed_cache_get_expires (const gchar *path);

/* Deletes what lies in @path and its bank, but no manifest of it names any more
 * and no file of @keep (WeirFeedFile; NULL: none) is part of. */
void weir_feed_cache_clean (
    const gchar *path, const WeirManifest *manifest, const GPtrArray *keep);

/* Where the file @file is put on its way. Free with g_free(). */
gchar *weir_feed_cache_get_part (const gchar *path, const WeirFeedFile *file);

/* What can be seen of a feed. */
typedef struct {
  gchar *url;
  guint64 epoch, sequence, root;
  gint64 issued, expires; /* seconds since 1970; 0: there is nothing yet */
  gint64 checked;         /* when the head was last found good; 0: never */
  guint64 references;
  guint n_failures; /* in a row */
  gchar *error;     /* the last one; "" after a success */
  gchar *etag;      /* of the head of that position; "": none */
} WeirFeedStatus;

gboolean weir_feed_status_read (const gchar *path, WeirFeedStatus *status);
gboolean weir_feed_status_write (
    const gchar *path, const WeirFeedStatus *status, GError **error);
void weir_feed_status_clear (WeirFeedStatus *status);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (WeirFeedStatus, weir_feed_status_clear)

G_END_DECLS
