/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The ingest: an HTTP server with a WHIP endpoint (RFC 9725) at /whip, the
 * sessions that come of it, and at / a page that publishes from a browser.
 *
 *   POST    /whip             an offer; 201 with the answer
 *   PATCH   /whip/ID          candidates, trickled; 204
 *   DELETE  /whip/ID          the end; 200
 *   GET     /whip/ID/events   what becomes of the session, see channel.h
 *
 * What it refuses, and how: 400 malformed, 401 no known token, 403 another's
 * session or a token that was cut, 404 no such session, 405 no such method
 * here, 412 and 428 the wrong entity tag or none, 413 more than 64 KiB, 415
 * another media type, 422 an offer that cannot be taken or an ICE restart, 503
 * as many sessions as there may be.
 *
 * For the thread of the default main context.
 */
#pragma once

#include "settings.h"
#include "tokens.h"

#include <gio/gio.h>
#include <gst/gst.h>

G_BEGIN_DECLS

typedef struct _IngestServer IngestServer;

/* An event of a session: see IngestSessionFuncs. */
typedef void (*IngestMessageFunc) (
    const GstStructure *structure, gpointer user_data);

/* @settings and @tokens outlive it. NULL with a one-line @error. */
IngestServer *ingest_server_new (const IngestSettings *settings,
    IngestTokens *tokens, IngestMessageFunc func, gpointer user_data,
    GError **error);

/* Once no session is left. */
void ingest_server_free (IngestServer *server);

/* Listens at "ADDRESS:PORT" ("[::1]:8080"; port 0: any that is free), with TLS
 * when there is a @certificate. FALSE with a one-line @error. */
gboolean ingest_server_listen (IngestServer *server, const gchar *address,
    GTlsCertificate *certificate, GError **error);

/* Where it listens: "http://127.0.0.1:8080/". Free with g_free(). */
gchar *ingest_server_get_url (IngestServer *server);

/* No new sessions; the ones there are end. */
void ingest_server_stop (IngestServer *server);

/* How many there are, those included that are just ending. */
guint ingest_server_get_n_sessions (IngestServer *server);

G_END_DECLS
