/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finding and running the elements that decode one pad's stream. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstweirdecoder.h"

#include "gstweirbranch.h"
#include "gstweirfactory.h"

#include <gst/audio/audio.h>
#include <gst/pbutils/pbutils.h>

GST_DEBUG_CATEGORY_EXTERN (gst_weir_debug);
#define GST_CAT_DEFAULT gst_weir_debug

/* Elements in a row, container in container included. */
#define DEPTH_MAX 8

/* Streams of one container that were decoded, one after the other; who wants
 * more begins with a decoder made anew. */
#define BRANCHES_MAX 16

/* Elements, those for streams that are gone included: likewise. */
#define ELEMENTS_MAX 200

/* Streams that show up while another of their kind is decoded. */
#define WAITING_MAX 16

/* How far along a pad is. */
typedef struct {
  GstWeirDecoder *decoder;
  guint depth;
  gboolean parsed;
} Stage;

/* A stream that is decoded when the one before it has ended. */
typedef struct {
  GstPad *src;
  gboolean is_video;
  Stage stage;
} Waiting;

struct _GstWeirDecoder {
  const GstWeirDecoderCallbacks *callbacks;
  gpointer user_data;
  GstObject *log;

  GstElement *pipeline; /* holds the elements, catches their messages */
  GstPad *feed;         /* what is pushed goes out here */
  GPtrArray *branches;  /* of GstWeirBranch */
  GQueue waiting;       /* of Waiting */
  gboolean plugged;
  gint failed;

  GstWeirPick pick;
  GstWeirArrival now; /* of the buffer being pushed */
};

static void expect_caps (
    GstWeirDecoder *decoder, GstPad *pad, guint depth, gboolean parsed);

static void report_problem (GstWeirDecoder *decoder, const gchar *format, ...)
    G_GNUC_PRINTF (2, 3);

static void
report_problem (GstWeirDecoder *decoder, const gchar *format, ...)
{
  va_list arguments;
  g_autofree gchar *reason = NULL;

  va_start (arguments, format);
  reason = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_strdelimit (reason, "\n\r", ' ');
  GST_INFO_OBJECT (decoder->log, "cannot see: %s", reason);
  decoder->callbacks->problem (reason, decoder->user_data);
}

/* Of @caps there is no decoder. */
static void
report_unsupported (GstWeirDecoder *decoder, const GstCaps *caps)
{
  const gchar *name = gst_structure_get_name (gst_caps_get_structure (caps, 0));
  g_autofree gchar *codec = gst_pb_utils_get_codec_description (caps);
  g_autofree gchar *reason =
      g_strdup_printf ("no decoder for %s (%s)", codec ? codec : name, name);

  GST_INFO_OBJECT (decoder->log, "cannot see: %s", reason);
  decoder->callbacks->unsupported (reason, decoder->user_data);
}

/* What to do about @error, where GStreamer does not say. */
static const gchar *
explain (const GError *error)
{
  return g_error_matches (
             error, GST_STREAM_ERROR, GST_STREAM_ERROR_TYPE_NOT_FOUND)
             ? "it is no video or sound of a known kind; send it in a "
               "container, as FLV, MPEG-TS or Matroska"
             : error->message;
}

static GstBusSyncReply
on_message (GstBus *bus, GstMessage *message, gpointer user_data)
{
  GstWeirDecoder *decoder = user_data;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR &&
      g_atomic_int_compare_and_exchange (&decoder->failed, FALSE, TRUE)) {
    g_autoptr (GError) error = NULL;
    g_autofree gchar *debug = NULL;

    gst_message_parse_error (message, &error, &debug);
    GST_DEBUG_OBJECT (decoder->log, "%s: %s (%s)",
        GST_MESSAGE_SRC_NAME (message), error->message, GST_STR_NULL (debug));
    report_problem (decoder, "%s", explain (error));
  }
  gst_message_unref (message);
  return GST_BUS_DROP;
}

/* ---- finding elements ---- */

static GstElement *
add_element (GstWeirDecoder *decoder, GstElement *element)
{
  if (GST_BIN_NUMCHILDREN (decoder->pipeline) >= ELEMENTS_MAX)
    g_atomic_int_set (&decoder->failed, TRUE);
  gst_bin_add (GST_BIN (decoder->pipeline), element);
  return element;
}

static GstElement *
make_element (GstWeirDecoder *decoder, const gchar *factory)
{
  GstElement *element = gst_element_factory_make (factory, NULL);

  if (!element) {
    report_problem (
        decoder, "the GStreamer element %s is not installed", factory);
    return NULL;
  }
  return add_element (decoder, element);
}

static gboolean
is_raw (const GstCaps *caps, gboolean *is_video)
{
  const GstStructure *structure = gst_caps_get_structure (caps, 0);
  const GstCapsFeatures *features = gst_caps_get_features (caps, 0);

  *is_video = gst_structure_has_name (structure, "video/x-raw");
  if (!*is_video && !gst_structure_has_name (structure, "audio/x-raw"))
    return FALSE;
  return !features || gst_caps_features_is_equal (
                          features, GST_CAPS_FEATURES_MEMORY_SYSTEM_MEMORY);
}

/* ---- linking ---- */

/* Links @src through @elements (NULL at the end) and starts them. Returns the
 * last one's source pad, which the caller owns, or NULL. */
static GstPad *
link_through (GstWeirDecoder *decoder, GstPad *src, GstElement **elements)
{
  GstPad *end = gst_object_ref (src);
  guint i;

  for (i = 0; elements[i]; i++) {
    g_autoptr (GstPad) sink = gst_element_get_static_pad (elements[i], "sink");
    GstPadLinkReturn linked =
        gst_pad_link_full (end, sink, GST_PAD_LINK_CHECK_NOTHING);

    gst_object_unref (end);
    if (linked != GST_PAD_LINK_OK ||
        !gst_element_sync_state_with_parent (elements[i]))
      return NULL;
    end = gst_element_get_static_pad (elements[i], "src");
  }
  return end;
}

static void
free_waiting (Waiting *waiting)
{
  gst_object_unref (waiting->src);
  g_free (waiting);
}

static void
let_wait (
    GstWeirDecoder *decoder, GstPad *src, gboolean is_video, const Stage *stage)
{
  Waiting *waiting;

  GST_INFO_OBJECT (decoder->log, "another %s stream is not looked at yet",
      is_video ? "video" : "audio");
  if (decoder->waiting.length == WAITING_MAX)
    return;
  waiting = g_new0 (Waiting, 1);
  waiting->src = gst_object_ref (src);
  waiting->is_video = is_video;
  waiting->stage = *stage;
  g_queue_push_tail (&decoder->waiting, waiting);
}

static gboolean
has_branch (const GstWeirDecoder *decoder, gboolean is_video)
{
  guint i;

  for (i = 0; i < decoder->branches->len; i++)
    if (gst_weir_branch_goes_on (
            g_ptr_array_index (decoder->branches, i), is_video))
      return TRUE;
  return FALSE;
}

/* The branch that a compressed or raw stream of one medium belongs to; NULL
 * when it has to wait for the one before it. */
static GstWeirBranch *
add_branch (GstWeirDecoder *decoder, GstPad *src, gboolean is_video,
    gboolean is_raw, const Stage *stage)
{
  static const GstWeirPick everything = { GST_WEIR_DECODE_ALL, 0 };
  GstWeirBranch *branch;

  if (has_branch (decoder, is_video)) {
    let_wait (decoder, src, is_video, stage);
    return NULL;
  }
  if (decoder->branches->len == BRANCHES_MAX) {
    g_atomic_int_set (&decoder->failed, TRUE);
    return NULL;
  }
  branch = gst_weir_branch_new (decoder->callbacks, decoder->user_data,
      decoder->log, is_video, &decoder->now);
  if (is_video)
    gst_weir_branch_pick (branch, src, is_raw ? &everything : &decoder->pick);
  else
    gst_weir_branch_note (branch, src);
  g_ptr_array_add (decoder->branches, branch);
  return branch;
}

/* The branch that waits for its raw end. */
static GstWeirBranch *
find_open_branch (GstWeirDecoder *decoder, gboolean is_video)
{
  guint i;

  for (i = 0; i < decoder->branches->len; i++) {
    GstWeirBranch *branch = g_ptr_array_index (decoder->branches, i);

    if (gst_weir_branch_is_open (branch, is_video))
      return branch;
  }
  return NULL;
}

/* What a raw stream still goes through before its end. */
static gboolean
make_converters (GstWeirDecoder *decoder, const GstCaps *caps,
    gboolean is_video, GstElement *elements[4])
{
  g_autoptr (GstCaps) wanted = NULL;
  GstVideoInfo info;
  guint n = 0, i;

  elements[0] = NULL;
  if (is_video) {
    if (gst_video_info_from_caps (&info, caps) &&
        gst_weir_branch_takes (info.finfo))
      return TRUE;
    elements[n++] = make_element (decoder, "videoconvert");
    wanted = gst_caps_from_string ("video/x-raw, format=GRAY8");
  } else {
    elements[n++] = make_element (decoder, "audioconvert");
    elements[n++] = make_element (decoder, "audioresample");
    wanted = gst_caps_new_simple ("audio/x-raw", "format", G_TYPE_STRING,
        GST_AUDIO_NE (F32), "rate", G_TYPE_INT, GST_WEIR_DECODER_RATE,
        "channels", G_TYPE_INT, 1, "layout", G_TYPE_STRING, "interleaved",
        NULL);
  }
  elements[n++] = make_element (decoder, "capsfilter");
  elements[n] = NULL;
  for (i = 0; i < n; i++)
    if (!elements[i])
      return FALSE;
  g_object_set (elements[n - 1], "caps", wanted, NULL);
  return TRUE;
}

static void
plug_raw (GstWeirDecoder *decoder, GstPad *src, const GstCaps *caps,
    gboolean is_video, const Stage *stage)
{
  GstWeirBranch *branch = find_open_branch (decoder, is_video);
  GstElement *elements[4];
  g_autoptr (GstPad) end = NULL;

  if (!branch)
    branch = add_branch (decoder, src, is_video, TRUE, stage);
  if (!branch || !make_converters (decoder, caps, is_video, elements))
    return;

  end = link_through (decoder, src, elements);
  if (!end ||
      gst_pad_link (end, gst_weir_branch_close (branch)) != GST_PAD_LINK_OK)
    report_problem (decoder, "cannot convert %s",
        gst_structure_get_name (gst_caps_get_structure (caps, 0)));
}

static void
on_pad_added (GstElement *element, GstPad *pad, gpointer user_data)
{
  const Stage *stage = user_data;

  if (GST_PAD_IS_SRC (pad))
    expect_caps (stage->decoder, pad, stage->depth, stage->parsed);
}

static void
free_stage (gpointer data, GClosure *closure)
{
  g_free (data);
}

/* Puts an element of @factory behind @src, and waits for what it makes. */
static void
plug_element (GstWeirDecoder *decoder, GstPad *src, GstElementFactory *factory,
    guint depth, gboolean parsed)
{
  GstElement *element = gst_weir_factory_create (factory);
  GstElement *elements[] = { element, NULL };
  Stage stage = { decoder, depth + 1, parsed };
  GstPad *end;

  if (!element) {
    report_problem (decoder, "%s cannot be made", GST_OBJECT_NAME (factory));
    return;
  }
  GST_DEBUG_OBJECT (decoder->log, "using %s", GST_OBJECT_NAME (factory));
  add_element (decoder, element);
  g_signal_connect_data (element, "pad-added", G_CALLBACK (on_pad_added),
      g_memdup2 (&stage, sizeof (stage)), free_stage, 0);

  end = link_through (decoder, src, elements);
  if (end) {
    expect_caps (decoder, end, depth + 1, parsed);
    gst_object_unref (end);
  }
}

static void
plug_caps (GstWeirDecoder *decoder, GstPad *src, const GstCaps *caps,
    const Stage *stage)
{
  const gchar *name = gst_structure_get_name (gst_caps_get_structure (caps, 0));
  g_autoptr (GstElementFactory) factory = NULL;
  gboolean is_video;

  if (is_raw (caps, &is_video)) {
    plug_raw (decoder, src, caps, is_video, stage);
    return;
  }
  if (stage->depth >= DEPTH_MAX) {
    report_problem (decoder, "containers within containers, too deep");
    return;
  }
  factory = gst_weir_factory_find (GST_ELEMENT_FACTORY_TYPE_DEMUXER, caps);
  if (factory) {
    plug_element (decoder, src, factory, stage->depth, FALSE);
    return;
  }
  if (!stage->parsed)
    factory = gst_weir_factory_find (GST_ELEMENT_FACTORY_TYPE_PARSER, caps);
  if (factory) {
    plug_element (decoder, src, factory, stage->depth, TRUE);
    return;
  }

  is_video =
      g_str_has_prefix (name, "video/") || g_str_has_prefix (name, "image/");
  if (!is_video && !g_str_has_prefix (name, "audio/")) {
    if (stage->depth == 0)
      report_problem (decoder, "no use for a stream of %s", name);
    return;
  }
  factory = gst_weir_factory_find (GST_ELEMENT_FACTORY_TYPE_DECODER, caps);
  if (!factory)
    report_unsupported (decoder, caps);
  else if (add_branch (decoder, src, is_video, FALSE, stage))
    plug_element (decoder, src, factory, stage->depth, TRUE);
}

static GstPadProbeReturn
on_caps (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  const Stage *stage = user_data;
  GstEvent *event = GST_PAD_PROBE_INFO_EVENT (info);
  GstCaps *caps;

  if (GST_EVENT_TYPE (event) != GST_EVENT_CAPS)
    return GST_PAD_PROBE_OK;
  gst_event_parse_caps (event, &caps);
  plug_caps (stage->decoder, pad, caps, stage);
  return GST_PAD_PROBE_REMOVE;
}

/* Goes on behind @pad as soon as it says what it carries. */
static void
expect_caps (GstWeirDecoder *decoder, GstPad *pad, guint depth, gboolean parsed)
{
  Stage stage = { decoder, depth, parsed };
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);

  if (caps)
    plug_caps (decoder, pad, caps, &stage);
  else
    gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, on_caps,
        g_memdup2 (&stage, sizeof (stage)), g_free);
}

static gboolean
has_ended (GstPad *src)
{
  g_autoptr (GstEvent) eos = gst_pad_get_sticky_event (src, GST_EVENT_EOS, 0);

  return eos != NULL;
}

/* Goes on with the streams whose turn has come. */
static void
plug_waiting (GstWeirDecoder *decoder)
{
  guint n;

  for (n = decoder->waiting.length; n > 0; n--) {
    Waiting *waiting = g_queue_pop_head (&decoder->waiting);
    g_autoptr (GstCaps) caps = gst_pad_get_current_caps (waiting->src);

    if (!caps || has_ended (waiting->src)) {
      free_waiting (waiting);
    } else if (has_branch (decoder, waiting->is_video)) {
      g_queue_push_tail (&decoder->waiting, waiting);
    } else {
      plug_caps (decoder, waiting->src, caps, &waiting->stage);
      free_waiting (waiting);
    }
  }
}

/* ---- the way in ---- */

static gboolean
feed_event (GstPad *pad, GstObject *parent, GstEvent *event)
{
  /* Nothing that the analysis asks for (seeks, quality of service) may reach
   * the stream. */
  gst_event_unref (event);
  return FALSE;
}

static gboolean
feed_query (GstPad *pad, GstObject *parent, GstQuery *query)
{
  if (GST_QUERY_TYPE (query) == GST_QUERY_SCHEDULING) {
    gst_query_set_scheduling (query, GST_SCHEDULING_FLAG_SEQUENTIAL, 1, -1, 0);
    gst_query_add_scheduling_mode (query, GST_PAD_MODE_PUSH);
    return TRUE;
  }
  return FALSE;
}

GstWeirDecoder *
gst_weir_decoder_new (const GstWeirDecoderCallbacks *callbacks,
    gpointer user_data, const GstWeirPick *pick, GstObject *log)
{
  GstWeirDecoder *decoder = g_new0 (GstWeirDecoder, 1);
  g_autoptr (GstBus) bus = NULL;

  decoder->callbacks = callbacks;
  decoder->user_data = user_data;
  decoder->pick = *pick;
  decoder->log = gst_object_ref (log);
  decoder->branches =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_weir_branch_free);
  g_queue_init (&decoder->waiting);

  decoder->pipeline = gst_pipeline_new (NULL);
  gst_object_ref_sink (decoder->pipeline);
  bus = gst_element_get_bus (decoder->pipeline);
  gst_bus_set_sync_handler (bus, on_message, decoder, NULL);
  gst_element_set_state (decoder->pipeline, GST_STATE_PLAYING);

  decoder->feed = gst_pad_new ("feed", GST_PAD_SRC);
  gst_object_ref_sink (decoder->feed);
  gst_pad_set_event_function (decoder->feed, feed_event);
  gst_pad_set_query_function (decoder->feed, feed_query);
  gst_pad_set_active (decoder->feed, TRUE);
  return decoder;
}

void
gst_weir_decoder_free (GstWeirDecoder *decoder)
{
  gst_element_set_state (decoder->pipeline, GST_STATE_NULL);
  gst_pad_set_active (decoder->feed, FALSE);
  gst_object_unref (decoder->pipeline);
  gst_object_unref (decoder->feed);
  g_queue_clear_full (&decoder->waiting, (GDestroyNotify) free_waiting);
  g_ptr_array_unref (decoder->branches);
  gst_object_unref (decoder->log);
  g_free (decoder);
}

/* Behind bytes of which nobody said what they are comes a typefinder. */
static void
plug_typefind (GstWeirDecoder *decoder)
{
  g_autoptr (GstElementFactory) factory = gst_element_factory_find ("typefind");

  if (factory)
    plug_element (decoder, decoder->feed, factory, 0, FALSE);
  else
    report_problem (decoder, "GStreamer's core elements are not installed");
}

gboolean
gst_weir_decoder_push_buffer (GstWeirDecoder *decoder, GstBuffer *buffer,
    gint64 arrival, GstClockTime running_time)
{
  GstFlowReturn flow;

  decoder->now = (GstWeirArrival){ arrival, running_time };
  if (!decoder->plugged) {
    decoder->plugged = TRUE;
    plug_typefind (decoder);
  }
  if (g_atomic_int_get (&decoder->failed)) {
    gst_buffer_unref (buffer);
    return FALSE;
  }
  flow = gst_pad_push (decoder->feed, buffer);
  plug_waiting (decoder);
  /* Not linked: a stream of no use, which was reported when it showed up. An
   * end that nobody but its bytes spoke of does not end the stream. */
  if (flow <= GST_FLOW_EOS &&
      g_atomic_int_compare_and_exchange (&decoder->failed, FALSE, TRUE))
    report_problem (decoder, flow == GST_FLOW_EOS
                                 ? "more came after what looked like its end"
                                 : "decoding failed");
  return !g_atomic_int_get (&decoder->failed);
}

/* Caps that say nothing leave it to the bytes. */
static gboolean
say_something (const GstCaps *caps)
{
  return gst_caps_is_fixed (caps) &&
         !gst_structure_has_name (
             gst_caps_get_structure (caps, 0), "application/octet-stream");
}

void
gst_weir_decoder_push_event (GstWeirDecoder *decoder, GstEvent *event)
{
  if (GST_EVENT_TYPE (event) == GST_EVENT_CAPS) {
    Stage stage = { decoder, 0, FALSE };
    GstCaps *caps;

    gst_event_parse_caps (event, &caps);
    /* A typefinder would believe them. */
    if (!say_something (caps)) {
      gst_event_unref (event);
      return;
    }
    if (!decoder->plugged)
      plug_caps (decoder, decoder->feed, caps, &stage);
    decoder->plugged = TRUE;
  }
  gst_pad_push_event (decoder->feed, event);
}

void
gst_weir_decoder_flush (GstWeirDecoder *decoder)
{
  gst_pad_push_event (decoder->feed, gst_event_new_flush_start ());
  gst_pad_push_event (decoder->feed, gst_event_new_flush_stop (TRUE));
}
