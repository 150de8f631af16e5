/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The HTTP server: where it listens, and what it serves. */

#include "server.h"

#include "endpoint.h"
#include "http.h"
#include "output.h"
#include "page.h"

#include <string.h>

#define ENDPOINT_PATH "/whip"

struct _IngestServer {
  SoupServer *soup;
  IngestEndpoint *endpoint;
};

static void
on_request (SoupServer *soup, SoupServerMessage *message, const char *path,
    GHashTable *query, gpointer user_data)
{
  IngestServer *server = user_data;
  gsize length = strlen (ENDPOINT_PATH);

  if (strncmp (path, ENDPOINT_PATH, length) == 0 &&
      (path[length] == '\0' || path[length] == '/'))
    ingest_endpoint_handle (server->endpoint, message, path + length);
  else
    ingest_page_handle (message, path);
}

IngestServer *
ingest_server_new (const IngestSettings *settings, IngestTokens *tokens,
    IngestMessageFunc func, gpointer user_data, GError **error)
{
  guint codecs = ingest_output_takes (settings->output, error);
  IngestServer *server;

  if (!codecs)
    return NULL;
  server = g_new0 (IngestServer, 1);
  server->endpoint =
      ingest_endpoint_new (settings, tokens, codecs, func, user_data);
  server->soup = soup_server_new ("server-header", "weir-ingest", NULL);
  ingest_http_guard (server->soup);
  soup_server_add_handler (server->soup, NULL, on_request, server, NULL);
  return server;
}

void
ingest_server_free (IngestServer *server)
{
  soup_server_disconnect (server->soup);
  g_object_unref (server->soup);
  ingest_endpoint_free (server->endpoint);
  g_free (server);
}

/* Of "ADDRESS:PORT"; an IPv6 address is in brackets. */
static GSocketAddress *
parse_address (const gchar *text)
{
  const gchar *colon = strrchr (text, ':');
  g_autofree gchar *host = colon ? g_strndup (text, colon - text) : NULL;
  gsize length = host ? strlen (host) : 0;
  guint64 port;

  if (length == 0 ||
      !g_ascii_string_to_unsigned (colon + 1, 10, 0, G_MAXUINT16, &port, NULL))
    return NULL;
  if (host[0] == '[' && host[length - 1] == ']') {
    host[length - 1] = '\0';
    return g_inet_socket_address_new_from_string (host + 1, (guint) port);
  }
  return g_inet_socket_address_new_from_string (host, (guint) port);
}

gboolean
ingest_server_listen (IngestServer *server, const gchar *text,
    GTlsCertificate *certificate, GError **error)
{
  g_autoptr (GSocketAddress) address = parse_address (text);

  if (!address) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
        "'%s' is not an address to listen at, as 127.0.0.1:8080 or [::1]:8080",
        text);
    return FALSE;
  }
  if (certificate)
    soup_server_set_tls_certificate (server->soup, certificate);
  if (soup_server_listen (server->soup, address,
          certificate ? SOUP_SERVER_LISTEN_HTTPS : 0, error))
    return TRUE;
  g_prefix_error (error, "cannot listen at %s: ", text);
  return FALSE;
}

gchar *
ingest_server_get_url (IngestServer *server)
{
  GSList *uris = soup_server_get_uris (server->soup);
  gchar *url = uris ? g_uri_to_string (uris->data) : g_strdup ("");

  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
  return url;
}

void
ingest_server_stop (IngestServer *server)
{
  ingest_endpoint_stop (server->endpoint);
}

guint
ingest_server_get_n_sessions (IngestServer *server)
{
  return ingest_endpoint_get_n_sessions (server->endpoint);
}
