/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The head: what a list is now, and the files that bring a client there; see
 * docs/feed.md. Thread-safe.
 */
#pragma once

#include "feed/feed-root.h"

G_BEGIN_DECLS

/* Bytes of a head's file, at most. */
#define WEIR_FEED_HEAD_MAX_SIZE 32768

/* Deltas in one head, at most. */
#define WEIR_FEED_MAX_DELTAS 64

/* A clock may be so much behind that of the publisher. Seconds. */
#define WEIR_FEED_CLOCK_SKEW 300

#define WEIR_FEED_DIGEST_DIGITS 64

/* A file of a change: a snapshot is one from nothing, with from = 0. */
typedef struct {
  guint64 from, to;                          /* sequences */
  guint64 size;                              /* bytes of the file */
  guint64 unpacked;                          /* and without its compression */
  gchar digest[WEIR_FEED_DIGEST_DIGITS + 1]; /* SHA-256 of the file */
} WeirFeedFile;

typedef struct {
  gchar *list;
  guint64 epoch, sequence;
  gint64 issued, expires; /* seconds since 1970 */
  guint min_wait;         /* seconds from one request to the next, 1..86400 */
  guint64 root;           /* version of the newest */
  gchar *purpose;         /* a line for people; NULL: none */
  gchar *policy;          /* address of the list's rules; NULL: none */
  guint64 references;     /* how many there are then */
  gchar state[WEIR_FEED_DIGEST_DIGITS + 1]; /* see feed-state.h */
  gboolean canary; /* whether the canary is among them */
  WeirFeedFile snapshot;
  GArray *deltas; /* of WeirFeedFile, ascending, each where the last ended */
} WeirFeedHead;

WeirFeedHead *weir_feed_head_new (void);
void weir_feed_head_free (WeirFeedHead *head);

/* Reads the content of a head's file. NULL with @error. */
WeirFeedHead *weir_feed_head_parse (
    const gchar *text, gsize length, GError **error);

/* The same as text. Free with g_free(). */
gchar *weir_feed_head_format (const WeirFeedHead *head);

/* Reads a head's file that those must have signed whom @root names. NULL with
 * @error. */
WeirFeedHead *weir_feed_head_read (
    const WeirFeedRoot *root, const gchar *text, gsize length, GError **error);

/* What a client has. */
typedef struct {
  guint64 epoch, sequence; /* 0 and 0: nothing yet */
  gint64 issued, expires;
  gchar state[WEIR_FEED_DIGEST_DIGITS + 1];
} WeirFeedPosition;

/* Whether a client at @position may take @head, whose signatures have been
 * verified, at @now (seconds since 1970). FALSE with @error. */
gboolean weir_feed_head_check (const WeirFeedHead *head,
    const WeirFeedRoot *root, const WeirFeedPosition *position, gint64 now,
    GError **error);

/* The files, of @head, that bring a client from @position to @head: pointers
 * into it, in order, none if it is there already. Deltas where they follow one
 * another from there and are smaller than the snapshot, unless @snapshot asks for
 * that. Free with g_ptr_array_unref(). */
GPtrArray *weir_feed_head_plan (const WeirFeedHead *head,
    const WeirFeedPosition *position, gboolean snapshot);

/* The path of @file from the address of the feed. Free with g_free(). */
gchar *weir_feed_file_get_path (const WeirFeedFile *file);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirFeedHead, weir_feed_head_free)

G_END_DECLS
