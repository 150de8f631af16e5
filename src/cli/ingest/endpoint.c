/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The WHIP endpoint and its sessions. */

#include "endpoint-private.h"

#include "fragment.h"
#include "http.h"

#include <string.h>

#define ENDPOINT_METHODS "OPTIONS, POST"
#define SESSION_METHODS  "OPTIONS, PATCH, DELETE"
/* Where there is no place, one may be free after so long, s. */
#define BUSY_TIME  5
#define KEEP_ALIVE 15 /* s */

/* ---- who may ---- */

/* FALSE: may not, and has been told. @publisher is to be freed. */
static gboolean
check_access (IngestEndpoint *endpoint, SoupServerMessage *message,
    gchar **publisher, guint *wait)
{
  SoupMessageHeaders *fields =
      soup_server_message_get_request_headers (message);
  g_autofree gchar *address = ingest_http_get_address (message);
  IngestAccess access = ingest_tokens_check (endpoint->tokens,
      soup_message_headers_get_one (fields, "Authorization"), address,
      g_get_monotonic_time (), publisher, wait);

  if (access != INGEST_ACCESS_UNKNOWN)
    return TRUE;
  soup_message_headers_replace (
      soup_server_message_get_response_headers (message), "WWW-Authenticate",
      "Bearer realm=\"weir\"");
  ingest_http_answer (message, SOUP_STATUS_UNAUTHORIZED,
      "a bearer token that is known here is needed");
  return FALSE;
}

/* The session @id of who asks, still there; NULL: has been told. */
static IngestEntry *
find_own (IngestEndpoint *endpoint, SoupServerMessage *message, const gchar *id)
{
  g_autofree gchar *publisher = NULL;
  guint wait;
  IngestEntry *entry;

  if (!check_access (endpoint, message, &publisher, &wait))
    return NULL;
  entry = g_hash_table_lookup (endpoint->entries, id);
  if (!entry || !entry->session || ingest_session_is_ending (entry->session)) {
    ingest_http_answer (message, SOUP_STATUS_NOT_FOUND, "no such session");
    return NULL;
  }
  if (g_str_equal (ingest_session_get_publisher (entry->session), publisher))
    return entry;
  ingest_http_answer (
      message, SOUP_STATUS_FORBIDDEN, "the session is another publisher's");
  return NULL;
}

/* ---- requests ---- */

static void
refuse_denied (SoupServerMessage *message, guint wait)
{
  g_autofree gchar *text = g_strdup_printf (
      "a stream of this publisher was cut; others are refused for %u s more",
      wait);

  ingest_http_retry_after (message, wait);
  ingest_http_answer (message, SOUP_STATUS_FORBIDDEN, text);
}

static void
handle_post (IngestEndpoint *endpoint, SoupServerMessage *message)
{
  g_autofree gchar *publisher = NULL;
  g_autoptr (GBytes) body = NULL;
  g_autoptr (GError) error = NULL;
  IngestOffer *offer;
  gsize size;
  const gchar *text;
  guint wait;

  if (!check_access (endpoint, message, &publisher, &wait))
    return;
  if (wait > 0) {
    refuse_denied (message, wait);
    return;
  }
  if (!ingest_http_has_type (message, "application/sdp")) {
    ingest_http_answer (message, SOUP_STATUS_UNSUPPORTED_MEDIA_TYPE,
        "an offer is application/sdp");
    return;
  }
  body = ingest_http_get_body (message);
  if (!body)
    return;
  text = g_bytes_get_data (body, &size);
  offer = ingest_offer_parse (text, size, endpoint->codecs, &error);
  if (!offer) {
    ingest_entry_answer_error (message, error);
    return;
  }
  if (endpoint->stopped ||
      endpoint->n_sessions >= endpoint->settings->sessions_max) {
    ingest_offer_free (offer);
    ingest_http_retry_after (message, BUSY_TIME);
    ingest_http_answer (message, SOUP_STATUS_SERVICE_UNAVAILABLE,
        "there are as many sessions as there may be");
    return;
  }
  ingest_entry_start (endpoint, message, publisher, offer);
}

/* What is wrong with the fields of a PATCH request, as a status; 0: nothing. */
static guint
check_patch (const IngestEntry *entry, SoupServerMessage *message)
{
  const gchar *condition = soup_message_headers_get_list (
      soup_server_message_get_request_headers (message), "If-Match");
  gsize length = strlen (entry->tag);

  if (!ingest_http_has_type (message, INGEST_FRAGMENT_TYPE))
    return SOUP_STATUS_UNSUPPORTED_MEDIA_TYPE;
  if (!condition)
    return 428; /* RFC 6585: precondition required */
  if (g_str_equal (condition, "*") || g_str_equal (condition, "\"*\""))
    return 0;
  if (condition[0] == '"' && strlen (condition) == length + 2 &&
      strncmp (condition + 1, entry->tag, length) == 0 &&
      condition[length + 1] == '"')
    return 0;
  return SOUP_STATUS_PRECONDITION_FAILED;
}

static void
handle_patch (IngestEntry *entry, SoupServerMessage *message)
{
  g_autoptr (IngestFragment) fragment = NULL;
  g_autoptr (GBytes) body = NULL;
  g_autoptr (GError) error = NULL;
  guint status = check_patch (entry, message);
  gsize size;
  const gchar *text;

  if (status) {
    ingest_http_answer (message, status,
        status == SOUP_STATUS_UNSUPPORTED_MEDIA_TYPE
            ? "candidates are " INGEST_FRAGMENT_TYPE
            : "If-Match has to name the session's ETag");
    return;
  }
  body = ingest_http_get_body (message);
  if (!body)
    return;
  text = g_bytes_get_data (body, &size);
  fragment = ingest_fragment_parse (text, size, &error);
  if (!fragment) {
    ingest_http_answer (message, SOUP_STATUS_BAD_REQUEST, error->message);
    return;
  }
  if (!ingest_session_add_fragment (entry->session, fragment, &error)) {
    ingest_entry_answer_error (message, error);
    return;
  }
  ingest_http_add_cors (message);
  soup_server_message_set_status (message, SOUP_STATUS_NO_CONTENT, NULL);
}

static void
handle_session (
    IngestEndpoint *endpoint, SoupServerMessage *message, const gchar *id)
{
  gboolean is_patch = ingest_http_has_method (message, "PATCH");
  IngestEntry *entry;

  if (ingest_http_has_method (message, "OPTIONS")) {
    ingest_http_answer_options (message, SESSION_METHODS);
    return;
  }
  if (!is_patch && !ingest_http_has_method (message, "DELETE")) {
    ingest_http_answer_method (message, SESSION_METHODS);
    return;
  }
  entry = find_own (endpoint, message, id);
  if (!entry)
    return;
  if (is_patch) {
    handle_patch (entry, message);
    return;
  }
  ingest_session_end (entry->session, "the publisher ended it");
  ingest_http_answer (message, SOUP_STATUS_OK, "ended");
}

static void
handle_events (
    IngestEndpoint *endpoint, SoupServerMessage *message, const gchar *id)
{
  IngestEntry *entry = g_hash_table_lookup (endpoint->entries, id);

  if (!ingest_http_has_method (message, "GET"))
    ingest_http_answer_method (message, "GET");
  else if (!entry)
    ingest_http_answer (message, SOUP_STATUS_NOT_FOUND, "no such session");
  else if (!ingest_channel_listen (entry->channel, message))
    ingest_http_answer (message, SOUP_STATUS_SERVICE_UNAVAILABLE,
        "this session has listeners enough");
}

void
ingest_endpoint_handle (
    IngestEndpoint *endpoint, SoupServerMessage *message, const gchar *path)
{
  g_auto (GStrv) parts = g_strsplit (path, "/", 4);

  if (!parts[0] || !parts[1] || !*parts[1]) {
    if (ingest_http_has_method (message, "POST")) {
      handle_post (endpoint, message);
    } else if (ingest_http_has_method (message, "OPTIONS")) {
      soup_message_headers_replace (
          soup_server_message_get_response_headers (message), "Accept-Post",
          "application/sdp");
      ingest_http_answer_options (message, ENDPOINT_METHODS);
    } else {
      ingest_http_answer_method (message, ENDPOINT_METHODS);
    }
  } else if (!parts[2]) {
    handle_session (endpoint, message, parts[1]);
  } else if (g_str_equal (parts[2], "events") && !parts[3]) {
    handle_events (endpoint, message, parts[1]);
  } else {
    ingest_http_answer (
        message, SOUP_STATUS_NOT_FOUND, "there is nothing here");
  }
}

/* ---- life ---- */

static gboolean
on_keep_alive (gpointer user_data)
{
  IngestEndpoint *endpoint = user_data;
  GHashTableIter iter;
  gpointer entry;

  g_hash_table_iter_init (&iter, endpoint->entries);
  while (g_hash_table_iter_next (&iter, NULL, &entry))
    ingest_channel_keep_alive (((IngestEntry *) entry)->channel);
  return G_SOURCE_CONTINUE;
}

IngestEndpoint *
ingest_endpoint_new (const IngestSettings *settings, IngestTokens *tokens,
    guint codecs, IngestMessageFunc func, gpointer user_data)
{
  IngestEndpoint *endpoint = g_new0 (IngestEndpoint, 1);

  endpoint->settings = settings;
  endpoint->tokens = tokens;
  endpoint->codecs = codecs;
  endpoint->func = func;
  endpoint->user_data = user_data;
  endpoint->entries =
      g_hash_table_new_full (g_str_hash, g_str_equal, NULL, ingest_entry_free);
  endpoint->keep_alive_id =
      g_timeout_add_seconds (KEEP_ALIVE, on_keep_alive, endpoint);
  return endpoint;
}

void
ingest_endpoint_free (IngestEndpoint *endpoint)
{
  g_source_remove (endpoint->keep_alive_id);
  g_hash_table_unref (endpoint->entries);
  g_free (endpoint);
}

void
ingest_endpoint_stop (IngestEndpoint *endpoint)
{
  g_autoptr (GList) entries = g_hash_table_get_values (endpoint->entries);
  GList *item;

  endpoint->stopped = TRUE;
  for (item = entries; item; item = item->next) {
    IngestEntry *entry = item->data;

    if (entry->session)
      ingest_session_end (entry->session, "the server stops");
  }
}

guint
ingest_endpoint_get_n_sessions (IngestEndpoint *endpoint)
{
  return endpoint->n_sessions;
}
