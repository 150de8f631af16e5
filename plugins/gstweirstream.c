/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What flows through a pair of pads, and how it is cut. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstweirprivate.h"

#include <stdio.h>

#define GST_CAT_DEFAULT gst_weir_debug

/* How long an end of stream waits for what the analysis still has in hand,
 * so that its last words come before it. us */
#define EOS_TIMEOUT (500 * G_TIME_SPAN_MILLISECOND)

static const gchar *
on_cut_to_string (GstWeirOnCut on_cut)
{
  static const gchar *const names[] = { "eos", "error", "drop" };

  return names[on_cut];
}

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
start_late (GstWeirStream *stream)
{
  gst_weir_stream_start_analysis (stream->weir, stream);
  if (stream->analysis)
    gst_pad_sticky_events_foreach (
        stream->sink, push_sticky_event, stream->analysis);
}

static void
analyse (GstWeirStream *stream, GstBuffer *buffer)
{
  GstWeir *weir = stream->weir;
  gboolean taken = TRUE;

  if (!stream->analysis && g_atomic_int_get (&weir->analyses))
    start_late (stream);

  if (stream->analysis)
    taken = gst_weir_analysis_push_buffer (stream->analysis,
        gst_weir_analysis_copy (buffer), get_running_time (stream, buffer));

  GST_OBJECT_LOCK (weir);
  weir->counters.buffers++;
  weir->counters.bytes += gst_buffer_get_size (buffer);
  if (!taken)
    weir->counters.dropped++;
  GST_OBJECT_UNLOCK (weir);
  if (!taken)
    gst_weir_set_sight (
        weir, stream->index, FALSE, "the analysis does not keep up");
}

/* The first pad to meet the closed gate says so. */
static void
post_cut (GstWeir *weir, GstClockTime running_time)
{
  g_autofree gchar *stream_id = gst_weir_get_stream_id (weir);
  WeirEvent *event = NULL;

  GST_OBJECT_LOCK (weir);
  if (!GST_CLOCK_TIME_IS_VALID (running_time))
    running_time = weir->seen_until;
  if (!weir->cut_posted) {
    weir->cut_posted = TRUE;
    event = weir_event_new_cut (stream_id, weir->cut_match_id, weir->cut_reason,
        on_cut_to_string (weir->on_cut), running_time);
  }
  GST_OBJECT_UNLOCK (weir);
  if (!event)
    return;
  gst_weir_post_event (weir, event);
  if (weir->on_cut == GST_WEIR_ON_CUT_ERROR)
    GST_ELEMENT_ERROR (weir, STREAM, FAILED,
        ("The stream was cut: it carries known content."),
        ("%s", GST_STR_NULL (weir->cut_reason)));
}

/* The flow of a stream that is cut. */
static GstFlowReturn
refuse (GstWeirStream *stream, GstClockTime running_time)
{
  GstWeir *weir = stream->weir;

  post_cut (weir, running_time);
  switch (weir->on_cut) {
    case GST_WEIR_ON_CUT_DROP:
      return GST_FLOW_OK;
    case GST_WEIR_ON_CUT_ERROR:
      return GST_FLOW_ERROR;
    case GST_WEIR_ON_CUT_EOS:
    default:
      if (!stream->closed) {
        stream->closed = TRUE;
        gst_pad_push_event (stream->src, gst_event_new_eos ());
      }
      return GST_FLOW_EOS;
  }
}

/* A released stream goes on where a decoder can. TRUE: not yet. */
static gboolean
waits_for_keyframe (GstWeirStream *stream, GstBuffer *buffer)
{
  GstWeir *weir = stream->weir;
  gboolean waits;

  GST_OBJECT_LOCK (weir);
  if (!GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT))
    stream->wait_keyframe = FALSE;
  waits = stream->wait_keyframe;
  GST_OBJECT_UNLOCK (weir);
  return waits;
}

static GstFlowReturn
gst_weir_chain (GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
  GstWeirStream *stream = gst_pad_get_element_private (pad);

  analyse (stream, buffer);
  if (g_atomic_int_get (&stream->weir->cut)) {
    GstClockTime running_time = get_running_time (stream, buffer);

    gst_buffer_unref (buffer);
    return refuse (stream, running_time);
  }
  if (stream->wait_keyframe && waits_for_keyframe (stream, buffer)) {
    gst_buffer_unref (buffer);
    return GST_FLOW_OK;
  }
  return gst_pad_push (stream->src, buffer);
}

static GstFlowReturn
gst_weir_chain_list (GstPad *pad, GstObject *parent, GstBufferList *list)
{
  GstWeirStream *stream = gst_pad_get_element_private (pad);
  GstFlowReturn flow = GST_FLOW_OK;
  guint n = gst_buffer_list_length (list), i;
  gboolean split = stream->weir->sync_analysis || stream->wait_keyframe;

  /* With a cut to the buffer wanted, or a keyframe to be found, one by one. */
  for (i = 0; split && i < n && flow == GST_FLOW_OK; i++)
    flow = gst_weir_chain (
        pad, parent, gst_buffer_ref (gst_buffer_list_get (list, i)));
  if (split) {
    gst_buffer_list_unref (list);
    return flow;
  }

  for (i = 0; i < n; i++)
    analyse (stream, gst_buffer_list_get (list, i));
  if (g_atomic_int_get (&stream->weir->cut)) {
    GstClockTime running_time =
        n > 0 ? get_running_time (stream, gst_buffer_list_get (list, 0))
              : GST_CLOCK_TIME_NONE;

    gst_buffer_list_unref (list);
    return refuse (stream, running_time);
  }
  return gst_pad_push_list (stream->src, list);
}

/* After an end of stream something goes on after all. */
static void
reopen (GstWeirStream *stream)
{
  stream->closed = FALSE;
  GST_OBJECT_LOCK (stream->weir);
  stream->ended = FALSE;
  GST_OBJECT_UNLOCK (stream->weir);
}

static void
analyse_event (GstWeirStream *stream, GstEvent *event)
{
  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_SEGMENT:
      gst_event_copy_segment (event, &stream->segment);
      break;
    case GST_EVENT_FLUSH_STOP:
      gst_segment_init (&stream->segment, GST_FORMAT_UNDEFINED);
      reopen (stream);
      if (stream->analysis)
        gst_weir_analysis_flush (stream->analysis);
      return;
    case GST_EVENT_STREAM_START:
      reopen (stream);
      break;
    case GST_EVENT_CAPS:
    case GST_EVENT_EOS:
    case GST_EVENT_GAP:
      break;
    default:
      return;
  }
  if (stream->analysis)
    gst_weir_analysis_push_event (stream->analysis, gst_event_ref (event));
}

static gboolean
gst_weir_sink_event (GstPad *pad, GstObject *parent, GstEvent *event)
{
  GstWeirStream *stream = gst_pad_get_element_private (pad);
  gboolean is_eos = GST_EVENT_TYPE (event) == GST_EVENT_EOS;

  if (GST_EVENT_TYPE (event) == GST_EVENT_FLUSH_START)
    return gst_pad_push_event (stream->src, event);

  analyse_event (stream, event);
  if (is_eos && stream->analysis &&
      !gst_weir_analysis_drain (stream->analysis, EOS_TIMEOUT))
    GST_WARNING_OBJECT (pad, "the end of the stream was not analysed in time");

  if (GST_EVENT_TYPE (event) == GST_EVENT_GAP &&
      g_atomic_int_get (&stream->weir->cut)) {
    GstClockTime time;

    gst_event_parse_gap (event, &time, NULL);
    gst_event_unref (event);
    refuse (stream, to_running_time (stream, time));
    return TRUE;
  }
  if (is_eos && stream->closed) {
    gst_event_unref (event);
    return TRUE;
  }
  return gst_pad_push_event (stream->src, event);
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

void
gst_weir_stream_start_analysis (GstWeir *weir, GstWeirStream *stream)
{
  if (g_atomic_int_get (&weir->analyses))
    stream->analysis = gst_weir_analysis_new (GST_ELEMENT (weir), stream->index,
        &gst_weir_analysis_callbacks,
        weir->print_func ? WEIR_LANDMARK_REFERENCE : WEIR_LANDMARK_QUERY,
        weir->history_length > 0, weir->sync_analysis);
}

void
gst_weir_stream_stop_analysis (GstWeirStream *stream)
{
  g_clear_pointer (&stream->analysis, gst_weir_analysis_stop);
}

GstPad *
gst_weir_request_new_pad (GstElement *element, GstPadTemplate *template,
    const gchar *name, const GstCaps *caps)
{
  GstWeir *weir = GST_WEIR (element);
  GstWeirStream *stream = g_new0 (GstWeirStream, 1);
  gboolean running;

  stream->weir = weir;
  gst_segment_init (&stream->segment, GST_FORMAT_UNDEFINED);

  GST_OBJECT_LOCK (weir);
  if (!choose_index (weir, name, &stream->index)) {
    GST_OBJECT_UNLOCK (weir);
    GST_WARNING_OBJECT (weir, "there is a pad %s already", name);
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
  stream->src = make_pad (stream,
      gst_element_class_get_pad_template (
          GST_ELEMENT_GET_CLASS (element), "src_%u"),
      "src");

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
gst_weir_stream_free (GstWeirStream *stream)
{
  gst_weir_stream_stop_analysis (stream);
  g_free (stream->problem);
  g_free (stream);
}

void
gst_weir_release_pad (GstElement *element, GstPad *pad)
{
  GstWeir *weir = GST_WEIR (element);
  GstWeirStream *stream = gst_pad_get_element_private (pad);
  guint index = stream->index;

  gst_pad_set_active (stream->sink, FALSE);
  gst_pad_set_active (stream->src, FALSE);
  GST_OBJECT_LOCK (weir);
  weir->streams = g_list_remove (weir->streams, stream);
  GST_OBJECT_UNLOCK (weir);
  gst_pad_set_element_private (stream->src, NULL);
  gst_pad_set_element_private (stream->sink, NULL);
  gst_element_remove_pad (element, stream->src);
  gst_element_remove_pad (element, stream->sink);
  gst_weir_stream_free (stream);
  gst_weir_remember_end (weir, index);
  if (GST_STATE (weir) > GST_STATE_READY)
    gst_weir_update_status (weir);
}
