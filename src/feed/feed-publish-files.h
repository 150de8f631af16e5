/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The files of a publisher's folder: reading what is there, putting what is new
 * in place in an order that a loss of power cannot confuse. Private to the
 * publisher. Not thread-safe.
 */
#pragma once

#include "bank/bank-builder.h"
#include "feed/feed-cache.h"
#include "feed/feed-change.h"

G_BEGIN_DECLS

typedef struct {
  gchar *path; /* what is served */
  gchar *own;  /* ".weir" in it, what is not needed by clients */
  gchar *bank; /* the list as a bank, in that */
  gchar *list;
  gint lock;
  GArray *keys; /* of WeirMinisignSecretKey */
  guint64 epoch;
  guint64 root_version; /* of the newest root; 0: there is none */
} WeirFeedPublishFolder;

/* Opens the folder @path, made if there is none, for those who have the secret
 * keys in the files @keys. What an interrupted run has left is brought to its
 * end. Puts the manifest of the list into @manifest. FALSE with @error; clear
 * @folder either way. */
gboolean weir_feed_publish_folder_open (WeirFeedPublishFolder *folder,
    const gchar *path, const gchar *const *keys, WeirManifest **manifest,
    GError **error);
void weir_feed_publish_folder_clear (WeirFeedPublishFolder *folder);

/* The head that is served; NULL: there is none. */
WeirFeedHead *weir_feed_publish_read_head (const WeirFeedPublishFolder *folder);

/* Opens the bank of @manifest in the place of *@bank (which may be NULL). */
gboolean weir_feed_publish_open (const WeirFeedPublishFolder *folder,
    const WeirManifest *manifest, WeirBank **bank, GError **error);

/* Writes what @builder has as a bank file into the bank's folder; its version and
 * length. NULL with @error. */
WeirBank *weir_feed_publish_put_bank (const WeirFeedPublishFolder *folder,
    WeirBankBuilder *builder, gint64 now, gchar version[17], guint64 *length,
    GError **error);

/* Writes @change, whose bank file is in the bank's folder, under the name that
 * its digest gives, and fills in @file. */
gboolean weir_feed_publish_put_change (const WeirFeedPublishFolder *folder,
    const WeirFeedChange *change, WeirFeedFile *file, GError **error);

/* Signs @head, and makes it and @manifest those in force. */
gboolean weir_feed_publish_put_head (const WeirFeedPublishFolder *folder,
    const WeirFeedHead *head, WeirManifest *manifest, GError **error);

/* Deletes what neither @head nor the head @before (NULL: none) names. */
void weir_feed_publish_prune (const WeirFeedPublishFolder *folder,
    const WeirFeedHead *head, const WeirFeedHead *before,
    const WeirManifest *manifest);

G_END_DECLS
