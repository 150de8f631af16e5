/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The WHIP endpoint and its sessions. */

#include "endpoint.h"

#include "channel.h"
#include "fragment.h"
#include "http.h"
#include "session.h"

#include <json-glib/json-glib.h>
#include <string.h>
#include <sys/random.h>

#define ENDPOINT_METHODS "OPTIONS, POST"
#define SESSION_METHODS  "OPTIONS, PATCH, DELETE"
#define FRAGMENT_TYPE    "application/trickle-ice-sdpfrag"
/* Where there is no place, one may be free after so long, s. */
#define BUSY_TIME 5
/* How long after its end a session's channel still says how it ended, s; there
 * are at most so many of these to a session that is. */
#define REMEMBER_TIME 60
#define REMEMBER_MAX  4
#define KEEP_ALIVE    15 /* s */
#define ID_BYTES      16

/* A session at its URL; behind its end, what is still told of it. */
typedef struct {
  IngestEndpoint *endpoint;
  gchar *id; /* its URL's, which nobody else knows */
  gchar *tag;
  IngestSession *session;     /* NULL once it has ended */
  SoupServerMessage *request; /* that waits for the answer, or NULL */
  IngestChannel *channel;
  guint forget_id;
} Entry;

struct _IngestEndpoint {
  const IngestSettings *settings;
  IngestTokens *tokens;
  guint codecs;
  IngestMessageFunc func;
  gpointer user_data;
  GHashTable *entries; /* id -> Entry */
  guint n_sessions;    /* entries with one */
  guint keep_alive_id;
  gboolean stopped;
};

/* ---- entries ---- */

static void
free_entry (gpointer data)
{
  Entry *entry = data;

  g_clear_handle_id (&entry->forget_id, g_source_remove);
  g_clear_pointer (&entry->channel, ingest_channel_free);
  g_free (entry->id);
  g_free (entry->tag);
  g_free (entry);
}

/* Digits that cannot be guessed. */
static gchar *
make_secret (void)
{
  guint8 bytes[ID_BYTES];
  GString *digits = g_string_sized_new (2 * ID_BYTES + 1);
  guint i;

  if (getrandom (bytes, sizeof (bytes), 0) != sizeof (bytes))
    g_error ("the system has no random numbers");
  for (i = 0; i < ID_BYTES; i++)
    g_string_append_printf (digits, "%02x", bytes[i]);
  return g_string_free (digits, FALSE);
}

static Entry *
add_entry (IngestEndpoint *endpoint)
{
  Entry *entry = g_new0 (Entry, 1);

  entry->endpoint = endpoint;
  entry->id = make_secret ();
  entry->tag = make_secret ();
  entry->channel = ingest_channel_new ();
  g_hash_table_insert (endpoint->entries, entry->id, entry);
  return entry;
}

static gboolean
on_forget (gpointer user_data)
{
  Entry *entry = user_data;

  entry->forget_id = 0;
  g_hash_table_remove (entry->endpoint->entries, entry->id);
  return G_SOURCE_REMOVE;
}

static void
remember (Entry *entry)
{
  IngestEndpoint *endpoint = entry->endpoint;
  guint n_remembered =
      g_hash_table_size (endpoint->entries) - endpoint->n_sessions;

  if (endpoint->stopped ||
      n_remembered > REMEMBER_MAX * endpoint->settings->sessions_max)
    g_hash_table_remove (endpoint->entries, entry->id);
  else
    entry->forget_id = g_timeout_add_seconds (REMEMBER_TIME, on_forget, entry);
}

static gboolean
on_keep_alive (gpointer user_data)
{
  IngestEndpoint *endpoint = user_data;
  GHashTableIter iter;
  gpointer entry;

  g_hash_table_iter_init (&iter, endpoint->entries);
  while (g_hash_table_iter_next (&iter, NULL, &entry))
    ingest_channel_keep_alive (((Entry *) entry)->channel);
  return G_SOURCE_CONTINUE;
}

/* ---- what becomes of a session ---- */

/* @name is followed by its string, or by NULL and a number. */
static void
say_state (Entry *entry, const gchar *state, const gchar *reason,
    guint denied_for, gboolean last)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();
  g_autofree gchar *json = NULL;

  json_object_set_string_member (object, "state", state);
  if (reason)
    json_object_set_string_member (object, "reason", reason);
  if (denied_for > 0)
    json_object_set_int_member (object, "denied-for", denied_for);
  json_node_take_object (node, object);
  json = json_to_string (node, FALSE);
  ingest_channel_say (entry->channel, json, last);
}

/* The request that waits is answered, once. */
static SoupServerMessage *
take_request (Entry *entry)
{
  SoupServerMessage *request = g_steal_pointer (&entry->request);

  if (request)
    g_signal_handlers_disconnect_by_data (request, entry);
  return request;
}

static void
add_ice_servers (IngestEndpoint *endpoint, SoupMessageHeaders *fields)
{
  gchar **server = endpoint->settings->ice_servers;

  for (; server && *server; server++)
    soup_message_headers_append (fields, "Link", *server);
}

static void
on_answered (IngestSession *session, const gchar *sdp, gpointer user_data)
{
  Entry *entry = user_data;
  g_autoptr (SoupServerMessage) request = take_request (entry);
  g_autofree gchar *location = g_strconcat ("/whip/", entry->id, NULL);
  g_autofree gchar *tag = g_strconcat ("\"", entry->tag, "\"", NULL);
  SoupMessageHeaders *fields;

  if (!request)
    return;
  if (!sdp) {
    ingest_http_answer (request, SOUP_STATUS_UNPROCESSABLE_ENTITY,
        "the offer cannot be answered");
    soup_server_message_unpause (request);
    return;
  }
  fields = soup_server_message_get_response_headers (request);
  ingest_http_add_cors (request);
  soup_message_headers_replace (fields, "Location", location);
  soup_message_headers_replace (fields, "ETag", tag);
  soup_message_headers_replace (fields, "Accept-Patch", FRAGMENT_TYPE);
  add_ice_servers (entry->endpoint, fields);
  soup_server_message_set_status (request, SOUP_STATUS_CREATED, NULL);
  soup_server_message_set_response (
      request, "application/sdp", SOUP_MEMORY_COPY, sdp, strlen (sdp));
  soup_server_message_unpause (request);
}

static void
on_message (
    IngestSession *session, const GstStructure *structure, gpointer user_data)
{
  Entry *entry = user_data;
  const gchar *state = gst_structure_get_string (structure, "state");

  entry->endpoint->func (structure, entry->endpoint->user_data);
  if (gst_structure_has_name (structure, "weir-session") &&
      g_str_equal (state, "connected"))
    say_state (entry, "connected", NULL, 0, FALSE);
}

static void
on_ending (IngestSession *session, gpointer user_data)
{
  Entry *entry = user_data;
  IngestEndpoint *endpoint = entry->endpoint;
  guint deny_time = endpoint->settings->deny_time;
  g_autoptr (SoupServerMessage) request = take_request (entry);

  if (ingest_session_was_cut (session)) {
    ingest_tokens_deny (endpoint->tokens,
        ingest_session_get_publisher (session), g_get_monotonic_time (),
        deny_time);
    say_state (entry, "cut", NULL, deny_time, TRUE);
  } else {
    say_state (entry, "ended", ingest_session_get_reason (session), 0, TRUE);
  }
  if (request) {
    ingest_http_answer (request, SOUP_STATUS_SERVICE_UNAVAILABLE,
        "the session ended before it began");
    soup_server_message_unpause (request);
  }
}

static void
on_ended (IngestSession *session, gpointer user_data)
{
  Entry *entry = user_data;

  entry->session = NULL;
  entry->endpoint->n_sessions--;
  remember (entry);
}

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
static Entry *
find_own (IngestEndpoint *endpoint, SoupServerMessage *message, const gchar *id)
{
  g_autofree gchar *publisher = NULL;
  guint wait;
  Entry *entry;

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
answer_error (SoupServerMessage *message, const GError *error)
{
  guint status = error->domain == INGEST_HTTP_ERROR
                     ? (guint) error->code
                     : SOUP_STATUS_INTERNAL_SERVER_ERROR;

  ingest_http_answer (message, status, error->message);
}

static void
on_client_left (SoupServerMessage *message, gpointer user_data)
{
  Entry *entry = user_data;
  g_autoptr (SoupServerMessage) request = take_request (entry);

  if (request && entry->session)
    ingest_session_end (entry->session, "the publisher left");
}

static void
start_session (IngestEndpoint *endpoint, SoupServerMessage *message,
    const gchar *publisher, IngestOffer *offer)
{
  static const IngestSessionFuncs funcs = { on_answered, on_message, on_ending,
    on_ended };
  g_autofree gchar *stream_id = g_uuid_string_random ();
  g_autoptr (GError) error = NULL;
  Entry *entry = add_entry (endpoint);

  entry->session = ingest_session_new (
      endpoint->settings, stream_id, publisher, offer, &funcs, entry, &error);
  if (!entry->session) {
    answer_error (message, error);
    g_hash_table_remove (endpoint->entries, entry->id);
    return;
  }
  endpoint->n_sessions++;
  entry->request = g_object_ref (message);
  g_signal_connect (
      message, "disconnected", G_CALLBACK (on_client_left), entry);
  g_signal_connect (message, "finished", G_CALLBACK (on_client_left), entry);
  soup_server_message_pause (message);
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
    ingest_http_retry_after (message, wait);
    ingest_http_answer (message, SOUP_STATUS_FORBIDDEN,
        "a stream of this publisher was cut a short while ago");
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
    answer_error (message, error);
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
  start_session (endpoint, message, publisher, offer);
}

/* What is wrong with the fields of a PATCH request, as a status; 0: nothing. */
static guint
check_patch (const Entry *entry, SoupServerMessage *message)
{
  const gchar *condition = soup_message_headers_get_list (
      soup_server_message_get_request_headers (message), "If-Match");
  gsize length = strlen (entry->tag);

  if (!ingest_http_has_type (message, FRAGMENT_TYPE))
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
handle_patch (Entry *entry, SoupServerMessage *message)
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
            ? "candidates are " FRAGMENT_TYPE
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
    answer_error (message, error);
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
  Entry *entry;

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
  Entry *entry = g_hash_table_lookup (endpoint->entries, id);

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
      g_hash_table_new_full (g_str_hash, g_str_equal, NULL, free_entry);
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
    Entry *entry = item->data;

    if (entry->session)
      ingest_session_end (entry->session, "the server stops");
  }
}

guint
ingest_endpoint_get_n_sessions (IngestEndpoint *endpoint)
{
  return endpoint->n_sessions;
}
