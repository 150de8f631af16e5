/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Server-Sent Events of a session. */

#include "channel.h"

#include "http.h"

#include <string.h>

#define LISTENERS_MAX 4

struct _IngestChannel {
  GPtrArray *listeners; /* of SoupServerMessage */
  gchar *newest;        /* as it goes over the wire; NULL: nothing yet */
  gboolean closed;
};

static void
on_left (SoupServerMessage *message, gpointer user_data)
{
  IngestChannel *channel = user_data;

  g_signal_handlers_disconnect_by_data (message, channel);
  g_ptr_array_remove_fast (channel->listeners, message);
}

static void
send (SoupServerMessage *message, const gchar *text)
{
  SoupMessageBody *body = soup_server_message_get_response_body (message);

  soup_message_body_append (body, SOUP_MEMORY_COPY, text, strlen (text));
  soup_server_message_unpause (message);
}

static void
send_all (IngestChannel *channel, const gchar *text)
{
  guint i;

  for (i = 0; i < channel->listeners->len; i++)
    send (channel->listeners->pdata[i], text);
}

/* No more of this one's. */
static void
hang_up (SoupServerMessage *message)
{
  soup_message_body_complete (soup_server_message_get_response_body (message));
  soup_server_message_unpause (message);
}

static void
hang_up_all (IngestChannel *channel)
{
  guint i;

  for (i = 0; i < channel->listeners->len; i++) {
    g_signal_handlers_disconnect_by_data (
        channel->listeners->pdata[i], channel);
    hang_up (channel->listeners->pdata[i]);
  }
  g_ptr_array_set_size (channel->listeners, 0);
}

IngestChannel *
ingest_channel_new (void)
{
  IngestChannel *channel = g_new0 (IngestChannel, 1);

  channel->listeners = g_ptr_array_new_with_free_func (g_object_unref);
  return channel;
}

void
ingest_channel_free (IngestChannel *channel)
{
  hang_up_all (channel);
  g_ptr_array_unref (channel->listeners);
  g_free (channel->newest);
  g_free (channel);
}

gboolean
ingest_channel_listen (IngestChannel *channel, SoupServerMessage *message)
{
  SoupMessageHeaders *fields =
      soup_server_message_get_response_headers (message);

  if (channel->listeners->len == LISTENERS_MAX)
    return FALSE;
  ingest_http_add_cors (message);
  soup_message_headers_set_content_type (fields, "text/event-stream", NULL);
  soup_message_headers_set_encoding (fields, SOUP_ENCODING_CHUNKED);
  /* Or nginx, for one, keeps events until it has a buffer full of them. */
  soup_message_headers_replace (fields, "X-Accel-Buffering", "no");
  soup_message_body_set_accumulate (
      soup_server_message_get_response_body (message), FALSE);
  soup_server_message_set_status (message, SOUP_STATUS_OK, NULL);
  send (message, channel->newest ? channel->newest : ":\n\n");
  if (channel->closed) {
    hang_up (message);
    return TRUE;
  }
  g_ptr_array_add (channel->listeners, g_object_ref (message));
  g_signal_connect (message, "finished", G_CALLBACK (on_left), channel);
  g_signal_connect (message, "disconnected", G_CALLBACK (on_left), channel);
  return TRUE;
}

void
ingest_channel_say (IngestChannel *channel, const gchar *json, gboolean last)
{
  if (channel->closed)
    return;
  g_free (channel->newest);
  channel->newest = g_strconcat ("data: ", json, "\n\n", NULL);
  channel->closed = last;
  send_all (channel, channel->newest);
  if (last)
    hang_up_all (channel);
}

void
ingest_channel_keep_alive (IngestChannel *channel)
{
  send_all (channel, ":\n\n");
}
