/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the endpoint and its sessions at their URLs share. */
#pragma once

#include "channel.h"
#include "endpoint.h"
#include "session.h"

G_BEGIN_DECLS

#define INGEST_FRAGMENT_TYPE "application/trickle-ice-sdpfrag"

/* A session at its URL; behind its end, what is still told of it. */
typedef struct {
  IngestEndpoint *endpoint;
  gchar *id; /* its URL's, which nobody else knows */
  gchar *tag;
  IngestSession *session;     /* NULL once it has ended */
  SoupServerMessage *request; /* that waits for the answer, or NULL */
  IngestChannel *channel;
  guint forget_id;
} IngestEntry;

struct _IngestEndpoint {
  const IngestSettings *settings;
  IngestTokens *tokens;
  guint codecs;
  IngestMessageFunc func;
  gpointer user_data;
  GHashTable *entries; /* id -> IngestEntry */
  guint n_sessions;    /* entries with one */
  guint keep_alive_id;
  gboolean stopped;
};

/* A new session for an offer, which it takes. @message is answered once there
 * is an answer, or now when there is none. */
void ingest_entry_start (IngestEndpoint *endpoint, SoupServerMessage *message,
    const gchar *publisher, IngestOffer *offer);

/* For the table of entries. */
void ingest_entry_free (gpointer entry);

/* With the status that is the code of @error, or 500. */
void ingest_entry_answer_error (
    SoupServerMessage *message, const GError *error);

G_END_DECLS
