/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A server and its client on one main loop. */

#include "host.h"

#include "gstweir.h"
#include "output.h"

#include <glib/gstdio.h>
#include <string.h>

#define WAIT_TIMEOUT 20 /* s */
/* What other threads bring about wakes no main loop. ms */
#define TICK 20

static void
on_message (const GstStructure *structure, gpointer user_data)
{
  Host *host = user_data;

  g_ptr_array_add (host->events, gst_structure_copy (structure));
}

Host *
host_new (const gchar *output)
{
  static gchar loopback[] = "127.0.0.1";
  static gchar *addresses[] = { loopback, NULL };
  g_autoptr (GError) error = NULL;
  g_autofree gchar *url = NULL;
  Host *host = g_new0 (Host, 1);

  host->folder = g_dir_make_tmp ("weir-ingest-XXXXXX", &error);
  g_assert_no_error (error);
  host->settings.output =
      output ? g_strdup (output) : ingest_output_record (host->folder);
  host->settings.local_addresses = addresses;
  host->settings.sessions_max = 32;
  host->settings.connect_timeout = 20;
  host->settings.deny_time = 3600;
  host->tokens = ingest_tokens_new ();
  ingest_tokens_add (host->tokens, "studio", "studio");
  ingest_tokens_add (host->tokens, "garage", "garage");
  host->events =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_structure_free);
  host->server = ingest_server_new (
      &host->settings, host->tokens, on_message, host, &error);
  g_assert_no_error (error);
  ingest_server_listen (host->server, "127.0.0.1:0", NULL, &error);
  g_assert_no_error (error);
  url = ingest_server_get_url (host->server);
  host->url = g_strconcat (url, "whip", NULL);
  host->client = soup_session_new_with_options (
      "max-conns", 64, "max-conns-per-host", 64, "proxy-resolver", NULL, NULL);
  return host;
}

static void
remove_folder (const gchar *path)
{
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  const gchar *name;

  while ((name = g_dir_read_name (folder))) {
    g_autofree gchar *file = g_build_filename (path, name, NULL);

    g_unlink (file);
  }
  g_rmdir (path);
}

void
host_free (Host *host)
{
  ingest_server_stop (host->server);
  host_wait_sessions (host, 0);
  soup_session_abort (host->client);
  g_object_unref (host->client);
  ingest_server_free (host->server);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  ingest_tokens_free (host->tokens);
  g_ptr_array_unref (host->events);
  remove_folder (host->folder);
  g_free (host->settings.output);
  g_free (host->folder);
  g_free (host->url);
  g_free (host);
}

static gboolean
on_timeout (gpointer user_data)
{
  g_error ("waited for %d s in vain", WAIT_TIMEOUT);
  return G_SOURCE_REMOVE;
}

static gboolean
on_tick (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

void
host_wait (HostFunc done, gpointer user_data)
{
  guint id = g_timeout_add_seconds (WAIT_TIMEOUT, on_timeout, NULL);
  guint tick_id = g_timeout_add (TICK, on_tick, NULL);

  while (!done (user_data))
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (tick_id);
  g_source_remove (id);
}

typedef struct {
  Host *host;
  guint n;
} SessionCount;

static gboolean
has_sessions (gpointer user_data)
{
  SessionCount *count = user_data;

  return ingest_server_get_n_sessions (count->host->server) == count->n;
}

void
host_wait_sessions (Host *host, guint n)
{
  SessionCount count = { host, n };

  host_wait (has_sessions, &count);
}

guint
host_count (
    Host *host, const gchar *name, const gchar *field, const gchar *value)
{
  guint n = 0;
  guint i;

  for (i = 0; i < host->events->len; i++) {
    const GstStructure *event = host->events->pdata[i];

    n += gst_structure_has_name (event, name) &&
         g_strcmp0 (gst_structure_get_string (event, field), value) == 0;
  }
  return n;
}

typedef struct {
  Host *host;
  const gchar *name, *field, *value;
} Awaited;

static gboolean
has_come (gpointer user_data)
{
  const Awaited *awaited = user_data;

  return host_count (
             awaited->host, awaited->name, awaited->field, awaited->value) > 0;
}

void
host_wait_event (
    Host *host, const gchar *name, const gchar *field, const gchar *value)
{
  Awaited awaited = { host, name, field, value };

  host_wait (has_come, &awaited);
}

static gboolean
is_over (gpointer user_data)
{
  return *(gboolean *) user_data;
}

static gboolean
set_over (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
  return G_SOURCE_CONTINUE;
}

void
host_run_for (guint ms)
{
  gboolean over = FALSE;
  guint id = g_timeout_add (ms, set_over, &over);

  host_wait (is_over, &over);
  g_source_remove (id);
}

guint
host_count_files (const gchar *path)
{
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (folder))
    n++;
  return n;
}

/* ---- requests ---- */

SoupMessage *
host_make_message (Host *host, const HostRequest *request)
{
  g_autofree gchar *url = request->path && strstr (request->path, "://")
                              ? g_strdup (request->path)
                              : g_strconcat (host->url, request->path, NULL);
  SoupMessage *message = soup_message_new (request->method, url);
  SoupMessageHeaders *fields = soup_message_get_request_headers (message);
  gsize size = request->body && !request->size ? strlen (request->body)
                                               : (gsize) request->size;

  if (request->token) {
    g_autofree gchar *bearer = g_strconcat ("Bearer ", request->token, NULL);

    soup_message_headers_replace (fields, "Authorization", bearer);
  }
  if (request->tag)
    soup_message_headers_replace (fields, "If-Match", request->tag);
  if (request->body) {
    g_autoptr (GInputStream) body = g_memory_input_stream_new_from_data (
        g_memdup2 (request->body, size), (gssize) size, g_free);

    soup_message_set_request_body (
        message, request->type, body, request->chunked ? -1 : (gssize) size);
  }
  return message;
}

typedef struct {
  HostAnswer *answer;
  gboolean done;
} Exchange;

static void
on_answer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Exchange *exchange = user_data;
  g_autoptr (GBytes) body =
      soup_session_send_and_read_finish (SOUP_SESSION (source), result, NULL);
  gsize size = 0;
  const gchar *text = body ? g_bytes_get_data (body, &size) : NULL;

  if (body)
    exchange->answer->status =
        soup_message_get_status (exchange->answer->message);
  exchange->answer->body = g_strndup (text ? text : "", size);
  exchange->done = TRUE;
}

static gboolean
is_done (gpointer user_data)
{
  return ((Exchange *) user_data)->done;
}

HostAnswer *
host_ask (Host *host, const HostRequest *request)
{
  HostAnswer *answer = g_new0 (HostAnswer, 1);
  Exchange exchange = { answer, FALSE };

  answer->message = host_make_message (host, request);
  soup_session_send_and_read_async (host->client, answer->message,
      G_PRIORITY_DEFAULT, NULL, on_answer, &exchange);
  host_wait (is_done, &exchange);
  answer->fields = soup_message_get_response_headers (answer->message);
  return answer;
}

void
host_answer_free (HostAnswer *answer)
{
  g_object_unref (answer->message);
  g_free (answer->body);
  g_free (answer);
}

void
host_expect (Host *host, guint status, const HostRequest *request)
{
  g_autoptr (HostAnswer) answer = host_ask (host, request);

  g_test_message ("%s %s: %u %s", request->method,
      request->path ? request->path : "", answer->status, answer->body);
  g_assert_cmpuint (answer->status, ==, status);
}
