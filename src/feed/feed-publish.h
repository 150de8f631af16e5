/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The publisher: keeps the folder of a list that a web server serves as it is,
 * and goes from one sequence to the next; see docs/feed.md. Whoever reads the
 * folder meanwhile sees the list before or after. Beside the files of the list
 * the folder has one, ".weir", with what the publisher needs itself. One process
 * at a time, which a lock sees to.
 */
#pragma once

#include "feed/minisign.h"

G_BEGIN_DECLS

typedef struct {
  const gchar *folder;      /* made if there is none; its name is the list's */
  const gchar *const *keys; /* paths of the secret keys that sign the head */
  gchar **add; /* paths of bank files or folders; references with an id that
                      is there replace it. NULL-terminated; NULL: none */
  gchar *
      *retract; /* ids taken back, here and in every list that is opened before
                      this one. NULL-terminated; NULL: none */
  gboolean instead;              /* what is added is all that there is then */
  gboolean canary;               /* put the canary in */
  gboolean snapshot;             /* write one even if that is not due */
  gint64 now;                    /* seconds since 1970 */
  guint validity;                /* seconds until the head expires */
  guint min_wait;                /* seconds between two polls */
  const gchar *purpose, *policy; /* as in WeirFeedHead; NULL: none */
} WeirFeedPublication;

/* What came of it. */
typedef struct {
  guint64 epoch, sequence;
  guint64 references;
  guint64 delta, snapshot; /* bytes written; 0: none was */
} WeirFeedPublished;

/* Publishes; without anything added or retracted the head alone, signed anew for
 * another while. FALSE with a one-line @error, and the list as it was. */
gboolean weir_feed_publish (const WeirFeedPublication *publication,
    WeirFeedPublished *published, GError **error);

/* Puts the root, a file that its keys have signed, into @folder as the next one.
 * FALSE with @error when it does not follow. */
gboolean weir_feed_publish_root (
    const gchar *folder, const gchar *path, gint64 now, GError **error);

G_END_DECLS
