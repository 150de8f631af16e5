/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sessions at their URLs: what is answered and told as they go on. */

#include "endpoint-private.h"

#include "http.h"

#include <json-glib/json-glib.h>
#include <string.h>
#include <sys/random.h>

/* How long after its end a session's channel still says how it ended, s; there
 * are at most so many of these to a session that is. */
#define REMEMBER_TIME 60
#define REMEMBER_MAX  4
#define ID_BYTES      16

void
ingest_entry_free (gpointer data)
{
  IngestEntry *entry = data;

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

static IngestEntry *
add_entry (IngestEndpoint *endpoint)
{
  IngestEntry *entry = g_new0 (IngestEntry, 1);

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
  IngestEntry *entry = user_data;

  entry->forget_id = 0;
  g_hash_table_remove (entry->endpoint->entries, entry->id);
  return G_SOURCE_REMOVE;
}

static void
remember (IngestEntry *entry)
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

/* ---- what becomes of a session ---- */

/* A new state on the channel; @reason and @denied_for (s) where they are known. */
static void
say_state (IngestEntry *entry, const gchar *state, const gchar *reason,
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
take_request (IngestEntry *entry)
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
  IngestEntry *entry = user_data;
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
  soup_message_headers_replace (fields, "Accept-Patch", INGEST_FRAGMENT_TYPE);
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
  IngestEntry *entry = user_data;
  const gchar *state = gst_structure_get_string (structure, "state");

  entry->endpoint->func (structure, entry->endpoint->user_data);
  if (gst_structure_has_name (structure, "weir-session") &&
      g_str_equal (state, "connected"))
    say_state (entry, "connected", NULL, 0, FALSE);
}

static void
on_ending (IngestSession *session, gpointer user_data)
{
  IngestEntry *entry = user_data;
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
  IngestEntry *entry = user_data;

  entry->session = NULL;
  entry->endpoint->n_sessions--;
  remember (entry);
}

/* ---- the beginning ---- */

void
ingest_entry_answer_error (SoupServerMessage *message, const GError *error)
{
  guint status = error->domain == INGEST_HTTP_ERROR
                     ? (guint) error->code
                     : SOUP_STATUS_INTERNAL_SERVER_ERROR;

  ingest_http_answer (message, status, error->message);
}

static void
on_client_left (SoupServerMessage *message, gpointer user_data)
{
  IngestEntry *entry = user_data;
  g_autoptr (SoupServerMessage) request = take_request (entry);

  if (request && entry->session)
    ingest_session_end (entry->session, "the publisher left");
}

void
ingest_entry_start (IngestEndpoint *endpoint, SoupServerMessage *message,
    const gchar *publisher, IngestOffer *offer)
{
  static const IngestSessionFuncs funcs = { on_answered, on_message, on_ending,
    on_ended };
  g_autofree gchar *stream_id = g_uuid_string_random ();
  g_autoptr (GError) error = NULL;
  IngestEntry *entry = add_entry (endpoint);

  entry->session = ingest_session_new (
      endpoint->settings, stream_id, publisher, offer, &funcs, entry, &error);
  if (!entry->session) {
    ingest_entry_answer_error (message, error);
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
