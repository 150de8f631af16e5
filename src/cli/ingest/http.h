/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What every answer over HTTP has in common, and bounds on what is asked. */
#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

/* An offer is a few KiB. */
#define INGEST_BODY_MAX (64u << 10)

/* A request is to be there whole within so long, s. */
#define INGEST_REQUEST_TIMEOUT 20

/* From now on no request of @server takes more memory than a body of
 * INGEST_BODY_MAX, which is answered with 413 beyond that, or more time than
 * INGEST_REQUEST_TIMEOUT, at which it is hung up on. */
void ingest_http_guard (SoupServer *server);

/* The body of a request that has been read whole; NULL when there was more than
 * is taken, which has been answered by then. */
GBytes *ingest_http_get_body (SoupServerMessage *message);

/* Answers with @text for people, one line, and the fields for other origins'
 * pages (CORS): a bearer token is the whole of a right, so any may ask. */
void ingest_http_answer (
    SoupServerMessage *message, guint status, const gchar *text);

/* 405, naming what is allowed: "OPTIONS, POST". */
void ingest_http_answer_method (
    SoupServerMessage *message, const gchar *allowed);

/* What a page of another origin asks before it dares to ask (a preflight). */
void ingest_http_answer_options (
    SoupServerMessage *message, const gchar *allowed);

/* The fields for other origins alone. */
void ingest_http_add_cors (SoupServerMessage *message);

gboolean ingest_http_has_method (
    SoupServerMessage *message, const gchar *method);

/* Whether the body is said to be of this media type. */
gboolean ingest_http_has_type (SoupServerMessage *message, const gchar *type);

/* "Retry-After", s. */
void ingest_http_retry_after (SoupServerMessage *message, guint seconds);

/* Whoever is at the other end, without the port; "" when not known. Free with
 * g_free(). */
gchar *ingest_http_get_address (SoupServerMessage *message);

G_END_DECLS
