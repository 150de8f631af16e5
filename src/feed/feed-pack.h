/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files as a feed carries them: compressed by zstd (RFC 8878), with a window of
 * at most 8 MiB, and a SHA-256 over what is carried. Not thread-safe.
 */
#pragma once

#include "feed/feed-head.h"

G_BEGIN_DECLS

/* Takes the next @length bytes; FALSE with @error to stop. */
typedef gboolean (*WeirUnpackFunc) (
    const guint8 *data, gsize length, gpointer user_data, GError **error);

/* Checks that the file @path has the size and the digest that @file says. */
gboolean weir_feed_check_file (
    const gchar *path, const WeirFeedFile *file, GError **error);

/* Unpacks the file @path for @func, which never gets more than @unpacked bytes.
 * FALSE with @error when there are more or fewer. */
gboolean weir_feed_unpack (const gchar *path, guint64 unpacked,
    WeirUnpackFunc func, gpointer user_data, GError **error);

typedef struct _WeirFeedPacker WeirFeedPacker;

/* Begins the file @path, which replaces what is there; NULL with @error. */
WeirFeedPacker *weir_feed_packer_new (const gchar *path, GError **error);
void weir_feed_packer_put (
    WeirFeedPacker *packer, gconstpointer data, gsize length);

/* Ends the file, synced, and fills in size, unpacked and digest of @file; FALSE
 * with @error when any of it could not be written. Frees @packer. */
gboolean weir_feed_packer_finish (
    WeirFeedPacker *packer, WeirFeedFile *file, GError **error);

G_END_DECLS
