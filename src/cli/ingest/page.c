/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Serving the files of the page. */

#include "page.h"

#include "http.h"

/* The page asks nobody but this server, and nobody else may frame it. */
#define CONTENT_POLICY                                                         \
  "default-src 'self'; img-src 'self' data:; media-src 'self' blob:; "         \
  "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

static const struct {
  const gchar *path, *resource, *type;
} files[] = {
  { "/", "/weir/ingest/index.html", "text/html; charset=utf-8" },
  { "/page.css", "/weir/ingest/page.css", "text/css; charset=utf-8" },
  { "/page.js", "/weir/ingest/page.js", "text/javascript; charset=utf-8" },
};

static void
send_file (SoupServerMessage *message, const gchar *resource, const gchar *type)
{
  g_autoptr (GBytes) data =
      g_resources_lookup_data (resource, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  SoupMessageHeaders *fields =
      soup_server_message_get_response_headers (message);

  soup_message_headers_replace (
      fields, "Content-Security-Policy", CONTENT_POLICY);
  soup_message_headers_replace (fields, "Referrer-Policy", "no-referrer");
  soup_message_headers_replace (fields, "X-Content-Type-Options", "nosniff");
  soup_message_headers_replace (fields, "Cache-Control", "no-cache");
  soup_message_headers_replace (fields, "Content-Type", type);
  soup_server_message_set_status (message, SOUP_STATUS_OK, NULL);
  soup_message_body_append_bytes (
      soup_server_message_get_response_body (message), data);
}

void
ingest_page_handle (SoupServerMessage *message, const gchar *path)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (files); i++) {
    if (!g_str_equal (path, files[i].path))
      continue;
    if (ingest_http_has_method (message, "GET") ||
        ingest_http_has_method (message, "HEAD"))
      send_file (message, files[i].resource, files[i].type);
    else
      ingest_http_answer_method (message, "GET, HEAD");
    return;
  }
  ingest_http_answer (message, SOUP_STATUS_NOT_FOUND, "there is nothing here");
}
