/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who may sign: the root, a file that the keys of the root before it and its own
 * have signed, and that names the keys of the head and the epoch. The roles, and
 * that a later root is taken only by way of each one between, are those of The
 * Update Framework (TUF specification 1.0, sections 2.1 and 5.3); see
 * docs/feed.md. Thread-safe.
 */
#pragma once

#include "feed/signed-file.h"

G_BEGIN_DECLS

/* Bytes of a root's file, at most. */
#define WEIR_FEED_ROOT_MAX_SIZE 65536

typedef struct {
  gchar *list;
  guint64 version; /* 0: what the user gave, without a file */
  guint64 epoch;
  gint64 expires;    /* seconds since 1970; 0: never (version 0) */
  WeirKeyRing roots; /* who signs roots */
  WeirKeyRing heads; /* who signs heads */
} WeirFeedRoot;

/* The root that a user trusts who has given @keys, for both: version 0 of epoch
 * 1. */
WeirFeedRoot *weir_feed_root_new (const gchar *list, const WeirKeyRing *keys);
void weir_feed_root_free (WeirFeedRoot *root);

/* Reads the content of a root's file. NULL with @error. */
WeirFeedRoot *weir_feed_root_parse (
    const gchar *text, gsize length, GError **error);

/* The same as text. Free with g_free(). */
gchar *weir_feed_root_format (const WeirFeedRoot *root);

/* Reads the file of the root that comes after @root, at @now (seconds since
 * 1970), and checks all of it: signatures of both, list, version, epoch, expiry.
 * NULL with @error. */
WeirFeedRoot *weir_feed_root_next (const WeirFeedRoot *root, const gchar *text,
    gsize length, gint64 now, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirFeedRoot, weir_feed_root_free)

G_END_DECLS
