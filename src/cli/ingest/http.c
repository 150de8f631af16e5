/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers, and bounds on requests. */

#include "http.h"

#include <string.h>

#define REQUEST_KEY "weir-ingest-request"

/* What is kept of a request while it is read. */
typedef struct {
  GByteArray *body;
  gboolean too_big;
  guint deadline_id;
} Request;

/* ---- bounds ---- */

static void
free_request (gpointer data)
{
  Request *request = data;

  g_clear_handle_id (&request->deadline_id, g_source_remove);
  g_byte_array_unref (request->body);
  g_free (request);
}

static Request *
get_request (SoupServerMessage *message)
{
  return g_object_get_data (G_OBJECT (message), REQUEST_KEY);
}

static gboolean
on_deadline (gpointer user_data)
{
  SoupServerMessage *message = user_data;
  GSocket *socket = soup_server_message_get_socket (message);

  get_request (message)->deadline_id = 0;
  if (socket)
    g_socket_shutdown (socket, TRUE, TRUE, NULL);
  return G_SOURCE_REMOVE;
}

static void
on_started (SoupServer *server, SoupServerMessage *message, gpointer user_data)
{
  Request *request = g_new0 (Request, 1);

  request->body = g_byte_array_new ();
  request->deadline_id =
      g_timeout_add_seconds (INGEST_REQUEST_TIMEOUT, on_deadline, message);
  g_object_set_data_full (
      G_OBJECT (message), REQUEST_KEY, request, free_request);
  /* libsoup 3.2 keeps the socket for ever when the client is who closes. */
  soup_message_headers_replace (
      soup_server_message_get_response_headers (message), "Connection",
      "close");
}

/* Read, finished or broken off. */
static void
on_over (SoupServer *server, SoupServerMessage *message, gpointer user_data)
{
  Request *request = get_request (message);

  if (request)
    g_clear_handle_id (&request->deadline_id, g_source_remove);
}

static void
on_chunk (SoupServerMessage *message, GBytes *chunk, gpointer user_data)
{
  Request *request = get_request (message);
  gsize size;
  const guint8 *data = g_bytes_get_data (chunk, &size);

  if (request->too_big || size > INGEST_BODY_MAX - request->body->len)
    request->too_big = TRUE;
  else
    g_byte_array_append (request->body, data, (guint) size);
}

static void
answer_too_big (SoupServerMessage *message)
{
  ingest_http_answer (message, SOUP_STATUS_REQUEST_ENTITY_TOO_LARGE,
      "the body is larger than 64 KiB");
}

/* With the head of the request there. */
static void
on_head (SoupServer *server, SoupServerMessage *message, const char *path,
    GHashTable *query, gpointer user_data)
{
  SoupMessageHeaders *fields =
      soup_server_message_get_request_headers (message);

  soup_message_body_set_accumulate (
      soup_server_message_get_request_body (message), FALSE);
  if (soup_message_headers_get_encoding (fields) ==
          SOUP_ENCODING_CONTENT_LENGTH &&
      soup_message_headers_get_content_length (fields) > INGEST_BODY_MAX) {
    answer_too_big (message);
    return;
  }
  g_signal_connect (message, "got-chunk", G_CALLBACK (on_chunk), NULL);
}

void
ingest_http_guard (SoupServer *server)
{
  g_signal_connect (server, "request-started", G_CALLBACK (on_started), NULL);
  g_signal_connect (server, "request-read", G_CALLBACK (on_over), NULL);
  g_signal_connect (server, "request-finished", G_CALLBACK (on_over), NULL);
  g_signal_connect (server, "request-aborted", G_CALLBACK (on_over), NULL);
  soup_server_add_early_handler (server, NULL, on_head, NULL, NULL);
}

GBytes *
ingest_http_get_body (SoupServerMessage *message)
{
  Request *request = get_request (message);

  if (!request->too_big)
    return g_bytes_new (request->body->data, request->body->len);
  answer_too_big (message);
  return NULL;
}

/* ---- answers ---- */

void
ingest_http_add_cors (SoupServerMessage *message)
{
  SoupMessageHeaders *fields =
      soup_server_message_get_response_headers (message);

  soup_message_headers_replace (fields, "Access-Control-Allow-Origin", "*");
  soup_message_headers_replace (fields, "Access-Control-Expose-Headers",
      "Accept-Patch, ETag, Link, Location, Retry-After");
  soup_message_headers_replace (fields, "Cache-Control", "no-store");
}

void
ingest_http_answer (SoupServerMessage *message, guint status, const gchar *text)
{
  g_autofree gchar *line = g_strconcat (text, "\n", NULL);

  ingest_http_add_cors (message);
  soup_server_message_set_status (message, status, NULL);
  soup_server_message_set_response (message, "text/plain; charset=utf-8",
      SOUP_MEMORY_COPY, line, strlen (line));
}

void
ingest_http_answer_method (SoupServerMessage *message, const gchar *allowed)
{
  g_autofree gchar *text = g_strconcat ("what works here is ", allowed, NULL);

  soup_message_headers_replace (
      soup_server_message_get_response_headers (message), "Allow", allowed);
  ingest_http_answer (message, SOUP_STATUS_METHOD_NOT_ALLOWED, text);
}

void
ingest_http_answer_options (SoupServerMessage *message, const gchar *allowed)
{
  SoupMessageHeaders *fields =
      soup_server_message_get_response_headers (message);

  ingest_http_add_cors (message);
  soup_message_headers_replace (fields, "Allow", allowed);
  soup_message_headers_replace (
      fields, "Access-Control-Allow-Methods", allowed);
  soup_message_headers_replace (fields, "Access-Control-Allow-Headers",
      "Authorization, Content-Type, If-Match");
  soup_message_headers_replace (fields, "Access-Control-Max-Age", "86400");
  soup_server_message_set_status (message, SOUP_STATUS_NO_CONTENT, NULL);
}

void
ingest_http_retry_after (SoupServerMessage *message, guint seconds)
{
  g_autofree gchar *value = g_strdup_printf ("%u", seconds);

  soup_message_headers_replace (
      soup_server_message_get_response_headers (message), "Retry-After", value);
}

/* ---- questions ---- */

gboolean
ingest_http_has_method (SoupServerMessage *message, const gchar *method)
{
  return g_strcmp0 (soup_server_message_get_method (message), method) == 0;
}

gboolean
ingest_http_has_type (SoupServerMessage *message, const gchar *type)
{
  const gchar *found = soup_message_headers_get_content_type (
      soup_server_message_get_request_headers (message), NULL);

  return found && g_ascii_strcasecmp (found, type) == 0;
}

/* By the socket: what libsoup 3.2 has for this keeps the socket for ever. */
gchar *
ingest_http_get_address (SoupServerMessage *message)
{
  GSocket *socket = soup_server_message_get_socket (message);
  g_autoptr (GSocketAddress) address =
      socket ? g_socket_get_remote_address (socket, NULL) : NULL;

  if (!address || !G_IS_INET_SOCKET_ADDRESS (address))
    return g_strdup ("");
  return g_inet_address_to_string (
      g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (address)));
}
