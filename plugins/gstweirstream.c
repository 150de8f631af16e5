/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What flows into a pair of pads. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstweirprivate.h"

#include <gst/video/video.h>
#include <stdio.h>

#define GST_CAT_DEFAULT gst_weir_debug

/* How long an end of stream waits for what the analysis still has in hand,
 * so that its last words come before it. us */
#define EOS_TIMEOUT (500 * G_TIME_SPAN_MILLISECOND)

/* For raw pictures that do not say their rate. */
#define DEFAULT_FRAME_RATE 30

static GstClockTime
to_running_time (const GstWeirStream *stream, GstClockTime time)
{
  if (stream->segment.format != GST_FORMAT_TIME ||
      !GST_CLOCK_TIME_IS_VALID (time))
    return GST_CLOCK_TIME_NONE;
  return gst_segment_to_running_time (&stream->segment, GST_FORMAT_TIME, time);
}

static GstClockTime
get_running_time (const GstWeirStream *stream, GstBuffer *buffer)
{
  return to_running_time (stream, GST_BUFFER_PTS_IS_VALID (buffer)
                                      ? GST_BUFFER_PTS (buffer)
                                      : GST_BUFFER_DTS (buffer));
}

static gboolean
push_sticky_event (GstPad *pad, GstEvent **event, gpointer user_data)
{
  switch (GST_EVENT_TYPE (*event)) {
    case GST_EVENT_STREAM_START:
    case GST_EVENT_CAPS:
    case GST_EVENT_SEGMENT:
      gst_weir_analysis_push_event (user_data, gst_event_ref (*event));
      break;
    default:
      break;
  }
  return TRUE;
}

/* The stream has begun before there was a bank. */
static void
start_late (GstWeirStream *stream, gboolean midway)
{
  gst_weir_stream_start_analysis (stream->weir, stream);
  if (!stream->analysis)
    return;
  if (midway)
    gst_weir_analysis_join (stream->analysis);
  gst_pad_sticky_events_foreach (
      stream->sink, push_sticky_event, stream->analysis);
}

/* FALSE: the analysis has no room for it. */
static gboolean
push_copy (GstWeirStream *stream, GstBuffer *buffer)
{
  gboolean midway = gst_weir_follower_is_on (stream->follower);
  g_auto (WeirPlace) place = { FALSE, NULL, 0 };

  gst_weir_follower_take_buffer (stream->follower, buffer, &place);
  if (!stream->analysis && g_atomic_int_get (&stream->weir->analyses))
    start_late (stream, midway);
  if (!stream->analysis)
    return TRUE;
  return gst_weir_analysis_push_buffer (stream->analysis,
      gst_weir_analysis_copy (buffer), get_running_time (stream, buffer),
      gst_weir_follower_is_on (stream->follower), &place);
}

static void
analyse (GstWeirStream *stream, GstBuffer *buffer)
{
  GstWeir *weir = stream->weir;
  gboolean taken = push_copy (stream, buffer);

  GST_OBJECT_LOCK (weir);
  if (weir->counters.buffers++ == 0)
    weir->begun = g_get_real_time ();
  weir->counters.bytes += gst_buffer_get_size (buffer);
  if (!taken)
    weir->counters.dropped++;
  GST_OBJECT_UNLOCK (weir);
  if (!taken)
    gst_weir_set_sight (
        weir, stream->index, FALSE, "the analysis does not keep up");
}

static gboolean
holds_back (const GstWeirStream *stream)
{
  return stream->weir->hold_back > 0;
}

static GstFlowReturn
gst_weir_chain (GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
  GstWeirStream *stream = gst_pad_get_element_private (pad);
  GstClockTime running_time = get_running_time (stream, buffer);

  analyse (stream, buffer);
  if (stream->too_large) {
    gst_buffer_unref (buffer);
    return GST_FLOW_ERROR;
  }
  if (holds_back (stream))
    return gst_weir_hold_push (
        stream->hold, GST_MINI_OBJECT_CAST (buffer), running_time);
  return gst_weir_gate_pass (
      GST_MINI_OBJECT_CAST (buffer), running_time, stream);
}

static GstFlowReturn
gst_weir_chain_list (GstPad *pad, GstObject *parent, GstBufferList *list)
{
  GstWeirStream *stream = gst_pad_get_element_private (pad);
  GstClockTime running_time = GST_CLOCK_TIME_NONE;
  GstFlowReturn flow = GST_FLOW_OK;
  guint n = gst_buffer_list_length (list), i;
  gboolean split = stream->weir->sync_analysis || stream->wait_keyframe ||
                   holds_back (stream);

  /* With a cut to the buffer wanted, or a keyframe to be found, one by one. */
  for (i = 0; split && i < n && flow == GST_FLOW_OK; i++)
    flow = gst_weir_chain (
        pad, parent, gst_buffer_ref (gst_buffer_list_get (list, i)));
  if (split) {
    gst_buffer_list_unref (list);
    return flow;
  }

  if (n > 0)
    running_time = get_running_time (stream, gst_buffer_list_get (list, 0));
  for (i = 0; i < n; i++)
    analyse (stream, gst_buffer_list_get (list, i));
  return gst_weir_gate_pass_list (stream, list, running_time);
}

/* Raw pictures are large: what cannot be held is said before it begins. */
static void
check_room (GstWeirStream *stream, GstCaps *caps)
{
  const GstStructure *structure = gst_caps_get_structure (caps, 0);
  guint hold_back = stream->weir->hold_back;
  guint64 a_picture, a_second, needed;
  GstVideoInfo info;

  stream->too_large = FALSE;
  if (!gst_structure_has_name (structure, "video/x-raw") ||
      !gst_video_info_from_caps (&info, caps))
    return;
  a_picture = info.size + GST_WEIR_HOLD_ITEM_BYTES;
  a_second = info.fps_n > 0 ? gst_util_uint64_scale (
                                  a_picture, (guint) info.fps_n, info.fps_d)
                            : a_picture * DEFAULT_FRAME_RATE;
  needed = gst_util_uint64_scale (a_second, hold_back, 1000);
  if (needed <= GST_WEIR_HOLD_BYTES)
    return;
  stream->too_large = TRUE;
  GST_ELEMENT_ERROR (stream->weir, RESOURCE, NO_SPACE_LEFT,
      ("Holding %u ms of this raw video back takes %" G_GUINT64_FORMAT
       " MiB, more than %u MiB: set hold-back to %u ms or less, or put the "
       "element where the video is still compressed.",
          hold_back, needed >> 20, GST_WEIR_HOLD_BYTES >> 20,
          (guint) gst_util_uint64_scale (
              GST_WEIR_HOLD_BYTES, 1000, MAX (a_second, 1))),
      (NULL));
}

static void
reopen (GstWeirStream *stream)
{
  GST_OBJECT_LOCK (stream->weir);
  stream->ended = FALSE;
  GST_OBJECT_UNLOCK (stream->weir);
}

static void
analyse_event (GstWeirStream *stream, GstEvent *event)
{
  GstCaps *caps;

  gst_weir_follower_take_event (stream->follower, event);
  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_SEGMENT:
      gst_event_copy_segment (event, &stream->segment);
      break;
    case GST_EVENT_FLUSH_STOP:
      gst_segment_init (&stream->segment, GST_FORMAT_UNDEFINED);
      reopen (stream);
      gst_weir_follower_flush (stream->follower);
      if (stream->analysis)
        gst_weir_analysis_flush (stream->analysis);
      return;
    case GST_EVENT_STREAM_START:
      reopen (stream);
      break;
    case GST_EVENT_CAPS:
      gst_event_parse_caps (event, &caps);
      check_room (stream, caps);
      break;
    case GST_EVENT_EOS:
    case GST_EVENT_GAP:
      break;
    default:
      return;
  }
  if (stream->analysis)
    gst_weir_analysis_push_event (stream->analysis, gst_event_ref (event));
}

/* The running time of a gap, which goes on at its end. */
static GstClockTime
get_gap_time (GstWeirStream *stream, GstEvent *event)
{
  GstClockTime time, duration;

  if (GST_EVENT_TYPE (event) != GST_EVENT_GAP)
    return GST_CLOCK_TIME_NONE;
  gst_event_parse_gap (event, &time, &duration);
  if (holds_back (stream) && GST_CLOCK_TIME_IS_VALID (duration))
    time += duration;
  return to_running_time (stream, time);
}

static gboolean
gst_weir_sink_event (GstPad *pad, GstObject *parent, GstEvent *event)
{
  GstWeirStream *stream = gst_pad_get_element_private (pad);
  gboolean holds = holds_back (stream), done;

  if (GST_EVENT_TYPE (event) == GST_EVENT_FLUSH_START) {
    done = gst_pad_push_event (stream->src, event);
    if (holds)
      gst_weir_hold_flush_start (stream->hold);
    return done;
  }

  analyse_event (stream, event);
  if (GST_EVENT_TYPE (event) == GST_EVENT_EOS && stream->analysis &&
      !gst_weir_analysis_drain (stream->analysis, EOS_TIMEOUT))
    GST_WARNING_OBJECT (pad, "the end of the stream was not analysed in time");

  if (GST_EVENT_TYPE (event) == GST_EVENT_FLUSH_STOP) {
    done = gst_weir_gate_pass_event (stream, event, GST_CLOCK_TIME_NONE);
    if (holds)
      gst_weir_hold_flush_stop (stream->hold);
    return done;
  }
  if (holds && GST_EVENT_IS_SERIALIZED (event)) {
    GstClockTime time = get_gap_time (stream, event);

    return gst_weir_hold_push (stream->hold, GST_MINI_OBJECT_CAST (event),
               time) != GST_FLOW_FLUSHING;
  }
  return gst_weir_gate_pass_event (stream, event, get_gap_time (stream, event));
}

/* What is asked in the order of the stream cannot wait for what is held. */
static gboolean
gst_weir_sink_query (GstPad *pad, GstObject *parent, GstQuery *query)
{
  GstWeirStream *stream = gst_pad_get_element_private (pad);

  if (stream && holds_back (stream) && GST_QUERY_IS_SERIALIZED (query))
    return FALSE;
  return gst_pad_query_default (pad, parent, query);
}

static gboolean
gst_weir_src_query (GstPad *pad, GstObject *parent, GstQuery *query)
{
  GstWeirStream *stream = gst_pad_get_element_private (pad);
  GstClockTime min, max, held;
  gboolean live;

  if (!gst_pad_query_default (pad, parent, query))
    return FALSE;
  if (GST_QUERY_TYPE (query) != GST_QUERY_LATENCY || !stream)
    return TRUE;
  held = stream->weir->hold_back * GST_MSECOND;
  gst_query_parse_latency (query, &live, &min, &max);
  if (GST_CLOCK_TIME_IS_VALID (max))
    max += held;
  gst_query_set_latency (query, live, min + held, max);
  return TRUE;
}

/* The task that lets out what is held runs with the source pad. */
static gboolean
gst_weir_src_activate_mode (
    GstPad *pad, GstObject *parent, GstPadMode mode, gboolean active)
{
  GstWeirStream *stream = gst_pad_get_element_private (pad);
  guint hold_back = stream->weir->hold_back;

  if (mode != GST_PAD_MODE_PUSH)
    return FALSE;
  if (!active)
    gst_weir_hold_stop (stream->hold);
  else if (hold_back > 0)
    return gst_weir_hold_start (stream->hold, hold_back * GST_MSECOND);
  return TRUE;
}

static GstIterator *
gst_weir_iterate_internal_links (GstPad *pad, GstObject *parent)
{
  GstWeirStream *stream = gst_pad_get_element_private (pad);
  GValue value = G_VALUE_INIT;
  GstIterator *iterator;

  if (!stream) /* released, and somebody still holds the pad */
    return NULL;
  g_value_init (&value, GST_TYPE_PAD);
  g_value_set_object (
      &value, GST_PAD_IS_SINK (pad) ? stream->src : stream->sink);
  iterator = gst_iterator_new_single (GST_TYPE_PAD, &value);
  g_value_unset (&value);
  return iterator;
}

/* ---- pads ---- */

static GstPad *
make_pad (GstWeirStream *stream, GstPadTemplate *template, const gchar *prefix)
{
  g_autofree gchar *name = g_strdup_printf ("%s_%u", prefix, stream->index);
  GstPad *pad = gst_pad_new_from_template (template, name);

  gst_pad_set_element_private (pad, stream);
  gst_pad_set_iterate_internal_links_function (
      pad, GST_DEBUG_FUNCPTR (gst_weir_iterate_internal_links));
  GST_PAD_SET_PROXY_CAPS (pad);
  GST_PAD_SET_PROXY_ALLOCATION (pad);
  return pad;
}

/* Called with the object lock. */
static gboolean
choose_index (GstWeir *weir, const gchar *name, guint *index)
{
  GList *link;

  if (!name || sscanf (name, "sink_%u", index) != 1)
    *index = weir->next_index;
  for (link = weir->streams; link; link = link->next)
    if (((GstWeirStream *) link->data)->index == *index)
      return FALSE;
  weir->next_index = MAX (weir->next_index, *index + 1);
  return TRUE;
}

/* A pad that is requested while the element starts may come here twice. */
void
gst_weir_stream_start_analysis (GstWeir *weir, GstWeirStream *stream)
{
  const GstWeirPick pick = {
    .mode = weir->print_func ? GST_WEIR_DECODE_ALL : weir->decode,
    .sample_gops = weir->sample_gops,
  };
  GstWeirAnalysis *analysis;

  if (!g_atomic_int_get (&weir->analyses))
    return;
  analysis = gst_weir_analysis_new (GST_ELEMENT (weir), stream->index,
      &gst_weir_analysis_callbacks,
      weir->print_func ? WEIR_LANDMARK_REFERENCE : WEIR_LANDMARK_QUERY,
      weir->history_length > 0, &pick, weir->sync_analysis);
  GST_OBJECT_LOCK (weir);
  if (!stream->analysis && !stream->released)
    stream->analysis = g_steal_pointer (&analysis);
  GST_OBJECT_UNLOCK (weir);
  g_clear_pointer (&analysis, gst_weir_analysis_stop);
}

void
gst_weir_stream_stop_analysis (GstWeirStream *stream)
{
  GstWeirAnalysis *analysis;

  GST_OBJECT_LOCK (stream->weir);
  analysis = g_steal_pointer (&stream->analysis);
  GST_OBJECT_UNLOCK (stream->weir);
  g_clear_pointer (&analysis, gst_weir_analysis_stop);
}

GstPad *
gst_weir_request_new_pad (GstElement *element, GstPadTemplate *template,
    const gchar *name, const GstCaps *caps)
{
  GstWeir *weir = GST_WEIR (element);
  GstWeirStream *stream = g_new0 (GstWeirStream, 1);
  gboolean running;

  stream->refs = 1;
  stream->weir = weir;
  stream->follower = gst_weir_follower_new ();
  gst_segment_init (&stream->segment, GST_FORMAT_UNDEFINED);

  GST_OBJECT_LOCK (weir);
  if (!choose_index (weir, name, &stream->index)) {
    GST_OBJECT_UNLOCK (weir);
    GST_WARNING_OBJECT (weir, "there is a pad %s already", name);
    gst_weir_follower_free (stream->follower);
    g_free (stream);
    return NULL;
  }
  weir->streams = g_list_append (weir->streams, stream);
  running = GST_STATE (weir) > GST_STATE_READY ||
            GST_STATE_NEXT (weir) == GST_STATE_PAUSED;
  GST_OBJECT_UNLOCK (weir);

  stream->sink = make_pad (stream, template, "sink");
  gst_pad_set_chain_function (stream->sink, GST_DEBUG_FUNCPTR (gst_weir_chain));
  gst_pad_set_chain_list_function (
      stream->sink, GST_DEBUG_FUNCPTR (gst_weir_chain_list));
  gst_pad_set_event_function (
      stream->sink, GST_DEBUG_FUNCPTR (gst_weir_sink_event));
  gst_pad_set_query_function (
      stream->sink, GST_DEBUG_FUNCPTR (gst_weir_sink_query));
  stream->src = make_pad (stream,
      gst_element_class_get_pad_template (
          GST_ELEMENT_GET_CLASS (element), "src_%u"),
      "src");
  gst_pad_set_query_function (
      stream->src, GST_DEBUG_FUNCPTR (gst_weir_src_query));
  gst_pad_set_activatemode_function (
      stream->src, GST_DEBUG_FUNCPTR (gst_weir_src_activate_mode));
  stream->hold = gst_weir_hold_new (
      element, stream->sink, stream->src, gst_weir_gate_pass, stream);

  if (running) {
    gst_weir_stream_start_analysis (weir, stream);
    gst_pad_set_active (stream->src, TRUE);
    gst_pad_set_active (stream->sink, TRUE);
  }
  gst_element_add_pad (element, stream->src);
  gst_element_add_pad (element, stream->sink);
  return stream->sink;
}

void
gst_weir_stream_unref (GstWeirStream *stream)
{
  if (!g_atomic_int_dec_and_test (&stream->refs))
    return;
  gst_weir_stream_stop_analysis (stream);
  gst_weir_follower_free (stream->follower);
  gst_weir_hold_free (stream->hold);
  g_clear_pointer (&stream->blank, gst_weir_blank_free);
  g_free (stream->problem);
  g_free (stream);
}

void
gst_weir_release_pad (GstElement *element, GstPad *pad)
{
  GstWeir *weir = GST_WEIR (element);
  GstWeirStream *stream = gst_pad_get_element_private (pad);
  guint index = stream->index;

  /* The source pad first: who waits for room at the sink pad goes on. */
  gst_pad_set_active (stream->src, FALSE);
  gst_pad_set_active (stream->sink, FALSE);
  GST_OBJECT_LOCK (weir);
  weir->streams = g_list_remove (weir->streams, stream);
  stream->released = TRUE;
  GST_OBJECT_UNLOCK (weir);
  gst_pad_set_element_private (stream->src, NULL);
  gst_pad_set_element_private (stream->sink, NULL);
  gst_element_remove_pad (element, stream->src);
  gst_element_remove_pad (element, stream->sink);
  gst_weir_stream_stop_analysis (stream);
  gst_weir_stream_unref (stream);
  gst_weir_remember_end (weir, index);
  if (GST_STATE (weir) > GST_STATE_READY)
    gst_weir_update_status (weir);
}
