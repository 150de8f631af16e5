/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finding and linking the elements that decode a stream. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstweirdecoderprivate.h"
#include "gstweirfactory.h"

#include <gst/audio/audio.h>
#include <gst/pbutils/pbutils.h>

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

static void expect_caps (
    GstWeirDecoder *decoder, GstPad *pad, guint depth, gboolean parsed);

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
    gst_weir_decoder_report (
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

void
gst_weir_waiting_free (GstWeirWaiting *waiting)
{
  gst_object_unref (waiting->src);
  g_free (waiting);
}

static void
let_wait (GstWeirDecoder *decoder, GstPad *src, gboolean is_video,
    const GstWeirStage *stage)
{
  GstWeirWaiting *waiting;

  GST_INFO_OBJECT (decoder->log, "another %s stream is not looked at yet",
      is_video ? "video" : "audio");
  if (decoder->waiting.length == WAITING_MAX)
    return;
  waiting = g_new0 (GstWeirWaiting, 1);
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
    gboolean is_raw, const GstWeirStage *stage)
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
    gboolean is_video, const GstWeirStage *stage)
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
    gst_weir_decoder_report (decoder, "cannot convert %s",
        gst_structure_get_name (gst_caps_get_structure (caps, 0)));
}

static void
on_pad_added (GstElement *element, GstPad *pad, gpointer user_data)
{
  const GstWeirStage *stage = user_data;

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
  GstWeirStage stage = { decoder, depth + 1, parsed };
  GstPad *end;

  if (!element) {
    gst_weir_decoder_report (
        decoder, "%s cannot be made", GST_OBJECT_NAME (factory));
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

void
gst_weir_plug_caps (GstWeirDecoder *decoder, GstPad *src, const GstCaps *caps,
    const GstWeirStage *stage)
{
  const gchar *name = gst_structure_get_name (gst_caps_get_structure (caps, 0));
  g_autoptr (GstElementFactory) factory = NULL;
  gboolean is_video;

  if (is_raw (caps, &is_video)) {
    plug_raw (decoder, src, caps, is_video, stage);
    return;
  }
  if (stage->depth >= DEPTH_MAX) {
    gst_weir_decoder_report (decoder, "containers within containers, too deep");
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
      gst_weir_decoder_report (decoder, "no use for a stream of %s", name);
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
  const GstWeirStage *stage = user_data;
  GstEvent *event = GST_PAD_PROBE_INFO_EVENT (info);
  GstCaps *caps;

  if (GST_EVENT_TYPE (event) != GST_EVENT_CAPS)
    return GST_PAD_PROBE_OK;
  gst_event_parse_caps (event, &caps);
  gst_weir_plug_caps (stage->decoder, pad, caps, stage);
  return GST_PAD_PROBE_REMOVE;
}

/* Goes on behind @pad as soon as it says what it carries. */
static void
expect_caps (GstWeirDecoder *decoder, GstPad *pad, guint depth, gboolean parsed)
{
  GstWeirStage stage = { decoder, depth, parsed };
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);

  if (caps)
    gst_weir_plug_caps (decoder, pad, caps, &stage);
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
void
gst_weir_plug_waiting (GstWeirDecoder *decoder)
{
  guint n;

  for (n = decoder->waiting.length; n > 0; n--) {
    GstWeirWaiting *waiting = g_queue_pop_head (&decoder->waiting);
    g_autoptr (GstCaps) caps = gst_pad_get_current_caps (waiting->src);

    if (!caps || has_ended (waiting->src)) {
      gst_weir_waiting_free (waiting);
    } else if (has_branch (decoder, waiting->is_video)) {
      waiting->n_pushes++;
      g_queue_push_tail (&decoder->waiting, waiting);
    } else {
      gst_weir_plug_caps (decoder, waiting->src, caps, &waiting->stage);
      gst_weir_waiting_free (waiting);
    }
  }
}

/* Behind bytes of which nobody said what they are comes a typefinder. */
void
gst_weir_plug_typefind (GstWeirDecoder *decoder)
{
  g_autoptr (GstElementFactory) factory = gst_element_factory_find ("typefind");

  if (factory)
    plug_element (decoder, decoder->feed, factory, 0, FALSE);
  else
    gst_weir_decoder_report (
        decoder, "GStreamer's core elements are not installed");
}
