/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the tests of the feed share: a publisher, a client, and between them a
 * server that is the publisher's folder, and does wrong what it is told to.
 */
#pragma once

#include "feed/feed-client.h"
#include "feed/feed-publish.h"

#define NOW G_GINT64_CONSTANT (1764000000)

typedef struct {
  gchar *folder; /* of everything */
  gchar *served; /* what the publisher makes */
  gchar *key;    /* path of the secret key */
  gchar *public_key;
  gchar *cache;
  gchar *state; /* folder of the client, in the cache */
  gint64 now;

  guint n_requests;
  GString *requests; /* their paths, a blank after each */

  /* What goes wrong: of a request whose path has this in it. */
  const gchar *match;
  gint status; /* instead of the file; -1: the network fails */
  guint retry_after;
  GBytes *instead; /* bytes instead of the file's */
  gssize altered;  /* number of the byte that is altered; -1: none */
  gssize cut;      /* the file ends there; -1: it does not */
} FeedHost;

void feed_host_set_up (FeedHost *host, gconstpointer data);
void feed_host_tear_down (FeedHost *host, gconstpointer data);
void feed_host_add_test (
    const gchar *path, void (*test) (FeedHost *, gconstpointer));

/* What goes wrong from now on: nothing. */
void feed_host_heal (FeedHost *host);

/* A bank with a reference for each word of @ids; @seed makes its hashes. Free
 * with g_free(). */
gchar *feed_host_make_bank (FeedHost *host, const gchar *ids, guint seed);

/* Publishes references with the ids that are words of @add, and takes back those
 * in @retract; either may be NULL. */
void feed_host_publish (FeedHost *host, const gchar *add, const gchar *retract);
WeirFeedPublication feed_host_get_publication (FeedHost *host);

/* The folder of the client in the cache directory. Free with g_free(). */
gchar *feed_host_get_state (const FeedHost *host);

WeirFeedClient *feed_host_make_client (FeedHost *host);

/* Polls; -1 after a success, which brings exactly the references @ids (words in
 * order), or the error's code, after which they are those, too. */
gint feed_host_poll (FeedHost *host, WeirFeedClient *client, const gchar *ids);
