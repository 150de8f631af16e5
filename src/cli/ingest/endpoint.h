/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The WHIP endpoint: who may do what with which session (RFC 9725, section 4).
 * See server.h for what it answers.
 */
#pragma once

#include "server.h"

#include <libsoup/soup.h>

G_BEGIN_DECLS

typedef struct _IngestEndpoint IngestEndpoint;

/* @codecs: a set of 1 << IngestCodec, what the output takes. */
IngestEndpoint *ingest_endpoint_new (const IngestSettings *settings,
    IngestTokens *tokens, guint codecs, IngestMessageFunc func,
    gpointer user_data);

/* Once no session is left. */
void ingest_endpoint_free (IngestEndpoint *endpoint);

/* A request for "/whip" + @path ("", "/ID" or "/ID/events"). */
void ingest_endpoint_handle (
    IngestEndpoint *endpoint, SoupServerMessage *message, const gchar *path);

void ingest_endpoint_stop (IngestEndpoint *endpoint);
guint ingest_endpoint_get_n_sessions (IngestEndpoint *endpoint);

G_END_DECLS
