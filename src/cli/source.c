/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Building and running the pipeline of a source. */

#include "source.h"

#include "source-error.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <string.h>

#define PROGRESS_INTERVAL 200 /* ms */
#define CHECK_INTERVAL    200 /* ms */
#define IDLE_CHECKS_MAX   4

/* A file that ends so long before its own header says was cut short. Headers
 * round, and one stream may end before another. */
#define MISSING_MIN   (2 * GST_SECOND)
#define MISSING_SHARE 20 /* one in */

struct _CliSource {
  gchar *location;
  GstElement *pipeline;
  GstElement *input; /* what reads a live stream */
  GstElement *weir;
  gboolean realtime;
  gboolean is_file;
  gboolean is_seekable; /* a file, here or on a web server */

  GMainLoop *loop;
  CliMessageFunc message_func;
  gpointer message_data;
  CliProgressFunc progress_func;
  gpointer progress_data;

  gboolean has_pad; /* some stream came through */
  gboolean saw;     /* something was fingerprinted */
  gchar *problem;   /* why the analysis did not see */
  gboolean interrupted;
  gboolean ended;    /* by the element: a cut */
  gint stopped;      /* by cli_source_stop(); atomic */
  gchar *failure;    /* why the pipeline broke */
  guint idle_checks; /* in a row that found nothing running */
  /* Caught to the end, so that none cuts the last words short. */
  guint signal_ids[2];
};

static gboolean
is_url (const gchar *location)
{
  return gst_uri_is_valid (location) && strstr (location, "://");
}

static gboolean
is_stdin (const gchar *location)
{
  return strcmp (location, "-") == 0;
}

static gboolean
check_file (const gchar *path, GError **error)
{
  GStatBuf status;
  const gchar *why = NULL;

  if (g_stat (path, &status) != 0)
    why = g_strerror (errno);
  else if (S_ISDIR (status.st_mode))
    why = "it is a directory; name the files in it";
  else if (S_ISREG (status.st_mode) && status.st_size == 0)
    why = "it is empty";
  else if (g_access (path, R_OK) != 0)
    why = g_strerror (errno);
  if (!why)
    return TRUE;
  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "%s: %s", path, why);
  return FALSE;
}

static GstElement *
add (CliSource *source, const gchar *factory, GError **error)
{
  GstElement *element = gst_element_factory_make (factory, NULL);

  if (!element) {
    g_set_error (error, GST_CORE_ERROR, GST_CORE_ERROR_MISSING_PLUGIN,
        "the GStreamer element %s is not installed; install the plugin "
        "packages that the README names",
        factory);
    return NULL;
  }
  gst_bin_add (GST_BIN (source->pipeline), element);
  return element;
}

/* A sink pad of weir for a new stream, with something behind it. */
static GstPad *
add_stream (CliSource *source)
{
  GstElement *sink = gst_element_factory_make ("fakesink", NULL);
  GstPad *pad = gst_element_request_pad_simple (source->weir, "sink_%u");
  g_autofree gchar *name = gst_pad_get_name (pad);
  g_autofree gchar *src = g_strconcat ("src", name + strlen ("sink"), NULL);

  g_object_set (sink, "sync", source->realtime, "async", FALSE, NULL);
  gst_bin_add (GST_BIN (source->pipeline), sink);
  gst_element_link_pads (source->weir, src, sink, "sink");
  gst_element_sync_state_with_parent (sink);
  source->has_pad = TRUE;
  return pad;
}

static void
on_pad_added (GstElement *element, GstPad *pad, gpointer user_data)
{
  CliSource *source = user_data;
  g_autoptr (GstPad) sink = NULL;
  g_autoptr (GstElement) queue = NULL;
  g_autoptr (GstPad) queue_sink = NULL;

  if (!GST_PAD_IS_SRC (pad))
    return;
  sink = add_stream (source);
  if (!source->realtime) {
    gst_pad_link (pad, sink);
    return;
  }
  /* The sinks wait for the clock, each stream by itself. */
  queue = gst_object_ref (gst_element_factory_make ("queue", NULL));
  gst_bin_add (GST_BIN (source->pipeline), queue);
  queue_sink = gst_element_get_static_pad (queue, "sink");
  gst_element_link_pads (queue, "src", source->weir, GST_OBJECT_NAME (sink));
  gst_element_sync_state_with_parent (queue);
  gst_pad_link (pad, queue_sink);
}

/* The element that reads a URL, owned by the pipeline. */
static GstElement *
add_url_reader (CliSource *source, GError **error)
{
  g_autofree gchar *protocol = gst_uri_get_protocol (source->location);
  GstElement *input;

  if (!gst_uri_protocol_is_supported (GST_URI_SRC, protocol)) {
    g_set_error (error, GST_CORE_ERROR, GST_CORE_ERROR_MISSING_PLUGIN,
        "there is nothing here that reads %s://; name a file, rtmp://, srt://, "
        "http(s):// or -, or install the plugin that reads it",
        protocol);
    return NULL;
  }
  input =
      gst_element_make_from_uri (GST_URI_SRC, source->location, NULL, error);
  if (!input)
    return NULL;
  gst_bin_add (GST_BIN (source->pipeline), input);
  /* Left to itself, srtsrc asks for ever where nobody answers. */
  if (g_object_class_find_property (
          G_OBJECT_GET_CLASS (input), "auto-reconnect"))
    g_object_set (input, "auto-reconnect", FALSE, NULL);
  return input;
}

/* What can be read at any place is taken apart before the element, since a
 * parser then finds what is at its end. */
static gboolean
build_file (CliSource *source, GError **error)
{
  GstElement *parser;

  source->input = source->is_file ? add (source, "filesrc", error)
                                  : add_url_reader (source, error);
  parser = source->input ? add (source, "parsebin", error) : NULL;
  if (!parser)
    return FALSE;
  if (source->is_file)
    g_object_set (source->input, "location", source->location, NULL);
  g_signal_connect (parser, "pad-added", G_CALLBACK (on_pad_added), source);
  return gst_element_link (source->input, parser);
}

/* What is live goes through the element as it comes. */
static gboolean
build_stream (CliSource *source, GError **error)
{
  g_autoptr (GstPad) pad = NULL;
  g_autoptr (GstPad) src = NULL;

  source->input = is_stdin (source->location) ? add (source, "fdsrc", error)
                                              : add_url_reader (source, error);
  if (!source->input)
    return FALSE;
  src = gst_element_get_static_pad (source->input, "src");
  if (!src) {
    g_set_error (error, GST_CORE_ERROR, GST_CORE_ERROR_PAD,
        "%s is no source of one stream", GST_OBJECT_NAME (source->input));
    return FALSE;
  }
  pad = add_stream (source);
  return gst_pad_link (src, pad) == GST_PAD_LINK_OK;
}

CliSource *
cli_source_new (const gchar *location, GError **error)
{
  g_autoptr (CliSource) source = g_new0 (CliSource, 1);
  g_autoptr (GError) reason = NULL;
  gboolean is_file_url = g_str_has_prefix (location, "file:");
  gboolean can_wait;

  source->location = is_file_url ? g_filename_from_uri (location, NULL, error)
                                 : g_strdup (location);
  if (!source->location)
    return NULL;
  source->is_file = !is_stdin (location) && (is_file_url || !is_url (location));
  source->is_seekable = source->is_file ||
                        g_str_has_prefix (location, "http:") ||
                        g_str_has_prefix (location, "https:");
  if (source->is_file && !check_file (source->location, error))
    return NULL;

  source->loop = g_main_loop_new (NULL, FALSE);
  source->pipeline = gst_pipeline_new (NULL);
  gst_object_ref_sink (source->pipeline);
  /* The one that is built in, whatever plugins are installed. */
  source->weir = g_object_new (GST_TYPE_WEIR, "name", "weir", NULL);
  gst_bin_add (GST_BIN (source->pipeline), source->weir);
  /* Who fills a pipe or serves a file can wait for the analysis; who sends a
   * live stream cannot. */
  can_wait = source->is_seekable || is_stdin (location);
  g_object_set (source->weir, "sync-analysis", can_wait, "decode",
      can_wait ? GST_WEIR_DECODE_ALL : GST_WEIR_DECODE_AUTO, NULL);
  if (!source->is_seekable && !build_stream (source, &reason)) {
    g_set_error (error, GST_CORE_ERROR, GST_CORE_ERROR_FAILED, "%s: %s",
        location, reason ? reason->message : "cannot be linked");
    return NULL;
  }
  return g_steal_pointer (&source);
}

void
cli_source_free (CliSource *source)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (source->signal_ids); i++)
    if (source->signal_ids[i])
      g_source_remove (source->signal_ids[i]);
  if (source->pipeline)
    gst_element_set_state (source->pipeline, GST_STATE_NULL);
  g_clear_pointer (&source->pipeline, gst_object_unref);
  g_clear_pointer (&source->loop, g_main_loop_unref);
  g_free (source->failure);
  g_free (source->problem);
  g_free (source->location);
  g_free (source);
}

GstWeir *
cli_source_get_weir (CliSource *source)
{
  return GST_WEIR (source->weir);
}

void
cli_source_set_realtime (CliSource *source, gboolean realtime)
{
  source->realtime = realtime && source->is_seekable;
  if (source->realtime)
    g_object_set (source->weir, "sync-analysis", FALSE, NULL);
}

void
cli_source_set_progress_func (
    CliSource *source, CliProgressFunc func, gpointer user_data)
{
  source->progress_func = func;
  source->progress_data = user_data;
}

/* ---- running ---- */

static void
on_element_message (CliSource *source, GstMessage *message)
{
  const GstStructure *structure = gst_message_get_structure (message);

  if (GST_MESSAGE_SRC (message) != GST_OBJECT (source->weir))
    return;
  if (gst_structure_has_name (structure, "weir-status")) {
    const gchar *reason = gst_structure_get_string (structure, "reason");

    if (!g_str_equal (gst_structure_get_string (structure, "state"), "blind"))
      source->saw = TRUE;
    if (*reason) {
      g_free (source->problem);
      source->problem = g_strdup (reason);
    }
  }
  if (gst_structure_has_name (structure, "weir-cut"))
    source->ended = TRUE;
  if (source->message_func)
    source->message_func (structure, source->message_data);
}

/* Files and standard input have no server that could be down. */
static gchar *
explain (CliSource *source, GstMessage *message)
{
  gboolean is_of_url = !source->is_file && !is_stdin (source->location) &&
                       GST_MESSAGE_SRC (message) == GST_OBJECT (source->input);

  return cli_explain_error (message, is_of_url ? source->location : NULL);
}

/* Demuxers take what is there of a file as the whole of it. */
static void
warn_of_missing (CliSource *source)
{
  gint64 position, duration, missing;

  if (!source->is_file || source->failure || source->ended ||
      !gst_element_query_position (
          source->pipeline, GST_FORMAT_TIME, &position) ||
      !gst_element_query_duration (
          source->pipeline, GST_FORMAT_TIME, &duration))
    return;
  missing = duration - position;
  if (missing > (gint64) MISSING_MIN && missing > duration / MISSING_SHARE)
    cli_error ("%s: it ends after %.1f s of %.1f s, and was used as far as it "
               "goes; copy or record it again",
        source->location, position / 1e9, duration / 1e9);
}

static gboolean
on_bus (GstBus *bus, GstMessage *message, gpointer user_data)
{
  CliSource *source = user_data;

  switch (GST_MESSAGE_TYPE (message)) {
    case GST_MESSAGE_ELEMENT:
      on_element_message (source, message);
      break;
    case GST_MESSAGE_ERROR:
      if (!source->failure)
        source->failure = explain (source, message);
      g_main_loop_quit (source->loop);
      break;
    case GST_MESSAGE_EOS:
      warn_of_missing (source);
      g_main_loop_quit (source->loop);
      break;
    default:
      break;
  }
  return G_SOURCE_CONTINUE;
}

static gboolean
on_interrupt (gpointer user_data)
{
  CliSource *source = user_data;

  source->interrupted = TRUE;
  g_main_loop_quit (source->loop);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_progress (gpointer user_data)
{
  CliSource *source = user_data;
  gint64 position = 0, duration = 0;
  gdouble done = -1;

  if (gst_element_query_position (
          source->pipeline, GST_FORMAT_TIME, &position) &&
      gst_element_query_duration (
          source->pipeline, GST_FORMAT_TIME, &duration) &&
      duration > 0)
    done = CLAMP ((gdouble) position / duration, 0, 1);
  source->progress_func (done, source->progress_data);
  return G_SOURCE_CONTINUE;
}

static gboolean
note_task (GstElement *element, GstPad *pad, gpointer user_data)
{
  gboolean *running = user_data;

  *running |= gst_pad_get_task_state (pad) == GST_TASK_STARTED;
  return TRUE;
}

static void
note_tasks (const GValue *value, gpointer user_data)
{
  gst_element_foreach_pad (g_value_get_object (value), note_task, user_data);
}

/* parsebin now and then loses the error of a demuxer that fails while it is
 * being plugged in. Then no thread of the pipeline runs, and none ever will. (At
 * the end of a file none runs either, but then its message is on the way.) */
static gboolean
on_check (gpointer user_data)
{
  CliSource *source = user_data;
  GstIterator *elements = gst_bin_iterate_recurse (GST_BIN (source->pipeline));
  gboolean running = FALSE;

  if (gst_iterator_foreach (elements, note_tasks, &running) !=
      GST_ITERATOR_DONE)
    running = TRUE;
  gst_iterator_free (elements);
  source->idle_checks = running ? 0 : source->idle_checks + 1;
  if (source->idle_checks >= IDLE_CHECKS_MAX) {
    if (!source->failure)
      source->failure = g_strdup (CLI_DAMAGED);
    g_main_loop_quit (source->loop);
  }
  return G_SOURCE_CONTINUE;
}

/* What is still on the bus when the loop has ended. */
static void
empty_bus (CliSource *source, GstBus *bus)
{
  GstMessage *message;

  while ((message = gst_bus_pop (bus))) {
    on_bus (bus, message, source);
    gst_message_unref (message);
  }
}

static gboolean
judge (CliSource *source, GError **error)
{
  const gchar *why = NULL;

  if (source->interrupted || source->ended ||
      g_atomic_int_get (&source->stopped))
    return TRUE;
  if (source->failure)
    why = source->failure;
  else if (!source->has_pad)
    why = "there is no stream in it";
  else if (!source->saw)
    why = source->problem ? source->problem
                          : "there is no picture or sound in it to fingerprint";
  if (!why)
    return TRUE;
  g_set_error (error, GST_STREAM_ERROR, GST_STREAM_ERROR_FAILED, "%s: %s",
      is_stdin (source->location) ? "standard input" : source->location, why);
  return FALSE;
}

void
cli_source_stop (CliSource *source)
{
  g_atomic_int_set (&source->stopped, TRUE);
  g_main_loop_quit (source->loop);
}

/* The element goes first: streams show up as soon as the source runs, and what
 * reaches a pad that is not active yet ends them without a word. */
static gboolean
start (CliSource *source)
{
  return gst_element_set_state (source->pipeline, GST_STATE_READY) !=
             GST_STATE_CHANGE_FAILURE &&
         gst_element_set_state (source->weir, GST_STATE_PAUSED) !=
             GST_STATE_CHANGE_FAILURE &&
         gst_element_set_state (source->pipeline, GST_STATE_PLAYING) !=
             GST_STATE_CHANGE_FAILURE;
}

gboolean
cli_source_run (CliSource *source, CliMessageFunc func, gpointer user_data,
    gboolean *interrupted, GError **error)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (source->pipeline);
  guint ids[3] = { 0 };
  guint i;

  source->message_func = func;
  source->message_data = user_data;
  if (source->is_seekable && !build_file (source, error))
    return FALSE;

  ids[0] = gst_bus_add_watch (bus, on_bus, source);
  source->signal_ids[0] = g_unix_signal_add (SIGINT, on_interrupt, source);
  source->signal_ids[1] = g_unix_signal_add (SIGTERM, on_interrupt, source);
  if (source->progress_func)
    ids[1] = g_timeout_add (PROGRESS_INTERVAL, on_progress, source);
  if (source->is_file)
    ids[2] = g_timeout_add (CHECK_INTERVAL, on_check, source);

  if (start (source))
    g_main_loop_run (source->loop);
  for (i = 0; i < G_N_ELEMENTS (ids); i++)
    if (ids[i])
      g_source_remove (ids[i]);
  /* The element's last words come on the way down, before the bus closes. */
  gst_element_set_state (source->pipeline, GST_STATE_READY);
  empty_bus (source, bus);
  gst_element_set_state (source->pipeline, GST_STATE_NULL);

  if (interrupted)
    *interrupted = source->interrupted;
  return judge (source, error);
}
