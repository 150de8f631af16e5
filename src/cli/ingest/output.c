/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bin behind the element weir. */

#include "output.h"

#include <glib/gstdio.h>
#include <string.h>

/* What a queue holds at most. A muxer waits for a stream that pauses; what the
 * other one brings meanwhile is not to be lost for it. */
#define QUEUE_TIME  (30 * GST_SECOND)
#define QUEUE_BYTES (16u << 20)

static gchar *
expand (const gchar *fragment, const gchar *stream_id)
{
  g_auto (GStrv) parts = g_strsplit (fragment, "%s", -1);

  return g_strjoinv (stream_id, parts);
}

GstElement *
ingest_output_new (
    const gchar *fragment, const gchar *stream_id, GError **error)
{
  g_autofree gchar *description = expand (fragment, stream_id);
  g_autoptr (GError) reason = NULL;
  GstElement *bin = gst_parse_bin_from_description_full (
      description, FALSE, NULL, GST_PARSE_FLAG_FATAL_ERRORS, &reason);

  if (bin)
    return bin;
  g_set_error (error, GST_PARSE_ERROR, GST_PARSE_ERROR_SYNTAX,
      "the output '%s': %s", fragment, reason->message);
  return NULL;
}

/* The sink pad of the element called @name, with a template and caps that fit;
 * @exists tells whether there is such an element. */
static GstPad *
find_pad (GstElement *bin, const gchar *name, GstCaps *caps, gboolean *exists)
{
  g_autoptr (GstElement) element = gst_bin_get_by_name (GST_BIN (bin), name);
  g_autoptr (GstPad) pad = NULL;
  const GList *item;

  *exists = element != NULL;
  if (!element)
    return NULL;
  pad = gst_element_get_static_pad (element, "sink");
  if (pad) {
    g_autoptr (GstCaps) accepted = gst_pad_query_caps (pad, NULL);

    return gst_caps_can_intersect (accepted, caps) ? g_steal_pointer (&pad)
                                                   : NULL;
  }
  for (item = gst_element_get_pad_template_list (element); item;
       item = item->next) {
    GstPadTemplate *template = item->data;
    g_autoptr (GstCaps) accepted = gst_pad_template_get_caps (template);

    if (GST_PAD_TEMPLATE_DIRECTION (template) == GST_PAD_SINK &&
        GST_PAD_TEMPLATE_PRESENCE (template) == GST_PAD_REQUEST &&
        gst_caps_can_intersect (accepted, caps))
      return gst_element_request_pad (element, template, NULL, NULL);
  }
  return NULL;
}

static GstElement *
add_element (GstElement *bin, const gchar *factory)
{
  GstElement *element = gst_element_factory_make (factory, NULL);

  gst_bin_add (GST_BIN (bin), element);
  return element;
}

static GstPad *
add_fakesink (GstElement *bin)
{
  GstElement *sink = add_element (bin, "fakesink");

  g_object_set (sink, "async", FALSE, "sync", FALSE, NULL);
  gst_element_sync_state_with_parent (sink);
  return gst_element_get_static_pad (sink, "sink");
}

GstPad *
ingest_output_add_stream (GstElement *bin, IngestCodec codec)
{
  const gchar *name = ingest_codec_is_video (codec) ? "video" : "audio";
  g_autoptr (GstCaps) caps =
      gst_caps_from_string (ingest_codec_get_caps (codec));
  g_autoptr (GstPad) taker = NULL;
  g_autoptr (GstPad) sink = NULL;
  g_autoptr (GstPad) src = NULL;
  GstElement *queue;
  GstPad *ghost;
  gboolean exists;

  taker = find_pad (bin, name, caps, &exists);
  if (!exists)
    taker = find_pad (bin, "mux", caps, &exists);
  if (!taker && exists)
    return NULL;
  if (!taker)
    taker = add_fakesink (bin);

  queue = add_element (bin, "queue");
  gst_util_set_object_arg (G_OBJECT (queue), "leaky", "downstream");
  g_object_set (queue, "max-size-time", QUEUE_TIME, "max-size-bytes",
      QUEUE_BYTES, "max-size-buffers", 0, NULL);
  src = gst_element_get_static_pad (queue, "src");
  sink = gst_element_get_static_pad (queue, "sink");
  if (gst_pad_link (src, taker) != GST_PAD_LINK_OK)
    return NULL;
  ghost = gst_ghost_pad_new (name, sink);
  gst_pad_set_active (ghost, TRUE);
  gst_element_add_pad (bin, ghost);
  return ghost;
}

void
ingest_output_skip_stream (GstElement *bin, GstPad *pad)
{
  g_autoptr (GstPad) sink = gst_ghost_pad_get_target (GST_GHOST_PAD (pad));
  g_autoptr (GstElement) queue = gst_pad_get_parent_element (sink);
  g_autoptr (GstPad) src = gst_element_get_static_pad (queue, "src");
  g_autoptr (GstPad) taker = gst_pad_get_peer (src);
  g_autoptr (GstElement) muxer = gst_pad_get_parent_element (taker);
  g_autoptr (GstPad) nowhere = NULL;

  gst_pad_unlink (src, taker);
  if (GST_PAD_PAD_TEMPLATE (taker) &&
      GST_PAD_TEMPLATE_PRESENCE (GST_PAD_PAD_TEMPLATE (taker)) ==
          GST_PAD_REQUEST)
    gst_element_release_request_pad (muxer, taker);
  else
    gst_pad_send_event (taker, gst_event_new_eos ());
  nowhere = add_fakesink (bin);
  gst_pad_link (src, nowhere);
}

/* What is appended to was there before, and so was what is not a file. */
static void
discard (const GValue *value, gpointer came)
{
  GstElement *element = g_value_get_object (value);
  GstElementFactory *factory = gst_element_get_factory (element);
  g_autofree gchar *path = NULL;
  gboolean appends;
  GStatBuf status;

  if (!factory || g_strcmp0 (GST_OBJECT_NAME (factory), "filesink") != 0)
    return;
  g_object_get (element, "location", &path, "append", &appends, NULL);
  if (path && !appends && g_stat (path, &status) == 0 &&
      S_ISREG (status.st_mode) && (status.st_size == 0 || !*(gboolean *) came))
    g_unlink (path);
}

void
ingest_output_discard (GstElement *bin, gboolean came)
{
  GstIterator *elements = gst_bin_iterate_recurse (GST_BIN (bin));

  while (gst_iterator_foreach (elements, discard, &came) == GST_ITERATOR_RESYNC)
    gst_iterator_resync (elements);
  gst_iterator_free (elements);
}

/* Otherwise a slip in a name would let all go nowhere. */
static gboolean
check_names (GstElement *bin, const gchar *fragment, GError **error)
{
  static const gchar *const names[] = { "mux", "video", "audio" };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (GstElement) taker =
        gst_bin_get_by_name (GST_BIN (bin), names[i]);

    if (taker)
      return TRUE;
  }
  g_set_error (error, GST_PARSE_ERROR, GST_PARSE_ERROR_SYNTAX,
      "the output '%s' has no element to take streams; name what does mux, "
      "video or audio",
      fragment);
  return FALSE;
}

guint
ingest_output_takes (const gchar *fragment, GError **error)
{
  guint taken = 0;
  guint i;

  for (i = 0; i < INGEST_N_CODECS; i++) {
    g_autoptr (GstElement) bin = ingest_output_new (fragment, "trial", error);

    if (!bin)
      return 0;
    gst_object_ref_sink (bin);
    if (!check_names (bin, fragment, error))
      return 0;
    if (ingest_output_add_stream (bin, i))
      taken |= 1u << i;
  }
  if (!taken)
    g_set_error (error, GST_CORE_ERROR, GST_CORE_ERROR_PAD,
        "the output '%s' takes neither H.264, VP8, VP9 nor Opus; name what "
        "takes them mux, video or audio",
        fragment);
  return taken;
}

gchar *
ingest_output_record (const gchar *directory)
{
  g_autofree gchar *path = g_build_filename (directory, "%s.mkv", NULL);
  g_autoptr (GString) line =
      g_string_new ("matroskamux name=mux ! "
                    "filesink buffer-mode=unbuffered location=\"");
  const gchar *c;

  for (c = path; *c; c++) {
    if (strchr ("\"\\", *c))
      g_string_append_c (line, '\\');
    g_string_append_c (line, *c);
  }
  g_string_append_c (line, '"');
  return g_string_free (g_steal_pointer (&line), FALSE);
}
