/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The way of a live stream through the element, with an operator beside it who
 * makes a reference of what it shows from one running time to another, as soon
 * as it has been there, and goes on watching. Prints the element's events as
 * lines of JSON.
 *
 * Usage: operator URL FEED KEY CACHE-DIR CANDIDATES FROM-SECOND TO-SECOND
 */
#include "event-line.h"
#include "gstweir.h"

#include <glib-unix.h>
#include <stdio.h>
#include <stdlib.h>

#define TRY_INTERVAL 100 /* ms */

typedef struct {
  GMainLoop *loop;
  GstElement *pipeline, *weir;
  guint64 from, to; /* running time, ns */
  gboolean failed;
} Operator;

/* Until the stream has come so far, the element says that there is nothing. */
static gboolean
try (gpointer user_data)
{
  Operator *self = user_data;
  g_autofree gchar *path = NULL;

  g_signal_emit_by_name (
      self->weir, "make-reference", self->from, self->to, "new", &path);
  return path ? G_SOURCE_REMOVE : G_SOURCE_CONTINUE;
}

static void
print_event (const GstStructure *structure)
{
  g_autofree gchar *line = NULL;
  const gchar *error = gst_structure_get_string (structure, "error");

  if (gst_structure_has_name (structure, "weir-reference") && *error)
    return;
  line = cli_event_line (structure);
  puts (line);
  fflush (stdout);
}

static gboolean
on_bus (GstBus *bus, GstMessage *message, gpointer user_data)
{
  Operator *self = user_data;
  g_autoptr (GError) error = NULL;

  switch (GST_MESSAGE_TYPE (message)) {
    case GST_MESSAGE_ELEMENT:
      if (GST_MESSAGE_SRC (message) == GST_OBJECT (self->weir))
        print_event (gst_message_get_structure (message));
      break;
    case GST_MESSAGE_ERROR:
      gst_message_parse_error (message, &error, NULL);
      g_printerr ("%s\n", error->message);
      self->failed = TRUE;
      g_main_loop_quit (self->loop);
      break;
    case GST_MESSAGE_EOS:
      g_main_loop_quit (self->loop);
      break;
    default:
      break;
  }
  return G_SOURCE_CONTINUE;
}

static gboolean
on_interrupt (gpointer user_data)
{
  g_main_loop_quit (user_data);
  return G_SOURCE_CONTINUE;
}

static gboolean
build (Operator *self, char **words, GError **error)
{
  GstElement *source =
      gst_element_make_from_uri (GST_URI_SRC, words[0], NULL, error);
  GstElement *sink = gst_element_factory_make ("fakesink", NULL);

  if (!source || !sink)
    return FALSE;
  self->pipeline = gst_object_ref_sink (gst_pipeline_new (NULL));
  self->weir = g_object_new (GST_TYPE_WEIR, NULL);
  g_object_set (self->weir, "stream-id", "origin", "feed", words[1], "feed-key",
      words[2], "cache-dir", words[3], "candidates", words[4], NULL);
  self->from = g_ascii_strtoull (words[5], NULL, 10) * GST_SECOND;
  self->to = g_ascii_strtoull (words[6], NULL, 10) * GST_SECOND;
  g_object_set (sink, "sync", FALSE, "async", FALSE, NULL);
  gst_bin_add_many (GST_BIN (self->pipeline), source, self->weir, sink, NULL);
  return gst_element_link_many (source, self->weir, sink, NULL);
}

static void
run (Operator *self)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (self->pipeline);
  guint ids[3];

  self->loop = g_main_loop_new (NULL, FALSE);
  ids[0] = gst_bus_add_watch (bus, on_bus, self);
  ids[1] = g_timeout_add (TRY_INTERVAL, try, self);
  ids[2] = g_unix_signal_add (SIGTERM, on_interrupt, self->loop);
  gst_element_set_state (self->pipeline, GST_STATE_PLAYING);
  g_main_loop_run (self->loop);
  gst_element_set_state (self->pipeline, GST_STATE_NULL);
  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    if (g_main_context_find_source_by_id (NULL, ids[i]))
      g_source_remove (ids[i]);
  g_main_loop_unref (self->loop);
}

int
main (int argc, char **argv)
{
  Operator self = { 0 };
  g_autoptr (GError) error = NULL;

  gst_init (&argc, &argv);
  if (argc != 8) {
    g_printerr ("Usage: operator URL FEED KEY CACHE-DIR CANDIDATES "
                "FROM-SECOND TO-SECOND\n");
    return 2;
  }
  if (build (&self, argv + 1, &error)) {
    run (&self);
  } else {
    g_printerr ("%s\n", error ? error->message : "the elements do not link");
    self.failed = TRUE;
  }
  g_clear_pointer (&self.pipeline, gst_object_unref);
  return self.failed;
}
