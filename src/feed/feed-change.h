/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A change of a list: what is taken back, and after that what is added, as lines
 * of text and one bank file behind them; see docs/feed.md. Not thread-safe.
 */
#pragma once

#include "feed/feed-head.h"

G_BEGIN_DECLS

/* Bytes of the lines, at most. */
#define WEIR_FEED_CHANGE_MAX_SIZE (64 * 1024 * 1024)

typedef struct {
  gchar *list;
  guint64 from, to;    /* sequences; from 0: of nothing */
  GPtrArray *removals; /* ids, strings of its own */
  gchar version[17];   /* of the bank file; "": there is none */
  guint64 length;      /* bytes of it */
} WeirFeedChange;

WeirFeedChange *weir_feed_change_new (const gchar *list);
void weir_feed_change_free (WeirFeedChange *change);

/* Reads the lines, without the bank file. NULL with @error. */
WeirFeedChange *weir_feed_change_parse (
    const gchar *text, gsize length, GError **error);

/* The lines. Free with g_free(). */
gchar *weir_feed_change_format (const WeirFeedChange *change);

/* Writes @change as the file @path, with the bank file @bank (NULL: none) behind
 * it, and fills in @file. FALSE with @error. */
gboolean weir_feed_change_pack (const WeirFeedChange *change, const gchar *bank,
    const gchar *path, WeirFeedFile *file, GError **error);

/* Unpacks the file @path, which must be what @file says of the list @list, and
 * puts its bank file, if it has one, into @folder as VERSION.weir, synced. What
 * is in there by that name is taken for the same. NULL with @error. */
WeirFeedChange *weir_feed_change_unpack (const gchar *path,
    const WeirFeedFile *file, const gchar *list, const gchar *folder,
    GError **error);

/* The name of the bank file in a folder. Free with g_free(). */
gchar *weir_feed_change_get_name (const WeirFeedChange *change);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirFeedChange, weir_feed_change_free)

G_END_DECLS
