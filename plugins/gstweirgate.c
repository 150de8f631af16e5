/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The gate of the element, which all its streams leave through, and what a cut
 * does to them. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstweirprivate.h"

#define GST_CAT_DEFAULT gst_weir_debug

static const gchar *
on_cut_to_string (GstWeirOnCut on_cut)
{
  static const gchar *const names[] = { "eos", "error", "drop", "blank" };

  return names[on_cut];
}

/* An end leaves at once, with what is held; what is left out goes on in its own
 * time. Called with the object lock. */
static void
set_hurry (GstWeir *weir, gboolean hurry)
{
  gboolean ends = weir->on_cut == GST_WEIR_ON_CUT_EOS ||
                  weir->on_cut == GST_WEIR_ON_CUT_ERROR;
  GList *link;

  for (link = weir->streams; link; link = link->next)
    gst_weir_hold_set_hurry (
        ((GstWeirStream *) link->data)->hold, hurry && ends);
}

void
gst_weir_close_gate (GstWeir *weir, const gchar *match_id, const gchar *reason)
{
  GST_OBJECT_LOCK (weir);
  if (!weir->cut) {
    g_free (weir->cut_match_id);
    g_free (weir->cut_reason);
    weir->cut_match_id = g_strdup (match_id);
    weir->cut_reason = g_strdup (reason);
    weir->cut_posted = FALSE;
    g_atomic_int_set (&weir->cut, TRUE);
    set_hurry (weir, TRUE);
  }
  GST_OBJECT_UNLOCK (weir);
}

void
gst_weir_open_gate (GstWeir *weir)
{
  GList *link;

  GST_OBJECT_LOCK (weir);
  if (weir->cut) {
    for (link = weir->streams; link; link = link->next)
      ((GstWeirStream *) link->data)->wait_keyframe = TRUE;
    g_clear_pointer (&weir->cut_match_id, g_free);
    g_clear_pointer (&weir->cut_reason, g_free);
    g_atomic_int_set (&weir->cut, FALSE);
    set_hurry (weir, FALSE);
  }
  GST_OBJECT_UNLOCK (weir);
}

/* The earliest of @running_time and what is held of all streams. Called with the
 * object lock. */
static GstClockTime
get_first_time (GstWeir *weir, GstClockTime running_time)
{
  GList *link;

  for (link = weir->streams; link; link = link->next) {
    GstWeirStream *stream = link->data;
    GstClockTime held = gst_weir_hold_get_first (stream->hold);

    /* GST_CLOCK_TIME_NONE is later than any time. */
    running_time = MIN (running_time, held);
  }
  return GST_CLOCK_TIME_IS_VALID (running_time) ? running_time
                                                : weir->seen_until;
}

/* The first pad to meet the closed gate says so. */
static void
post_cut (GstWeir *weir, GstClockTime running_time)
{
  g_autofree gchar *stream_id = gst_weir_get_stream_id (weir);
  WeirEvent *event = NULL;

  GST_OBJECT_LOCK (weir);
  if (!weir->cut_posted) {
    weir->cut_posted = TRUE;
    event = weir_event_new_cut (stream_id, weir->cut_match_id, weir->cut_reason,
        on_cut_to_string (weir->on_cut), get_first_time (weir, running_time));
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
    case GST_WEIR_ON_CUT_BLANK:
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
refuse_buffer (
    GstWeirStream *stream, GstBuffer *buffer, GstClockTime running_time)
{
  GstFlowReturn flow = refuse (stream, running_time);

  if (stream->blank)
    return gst_pad_push (
        stream->src, gst_weir_blank_replace (stream->blank, buffer));
  gst_buffer_unref (buffer);
  return flow;
}

static GstFlowReturn
pass_buffer (
    GstWeirStream *stream, GstBuffer *buffer, GstClockTime running_time)
{
  if (g_atomic_int_get (&stream->weir->cut))
    return refuse_buffer (stream, buffer, running_time);
  if (stream->wait_keyframe && waits_for_keyframe (stream, buffer)) {
    gst_buffer_unref (buffer);
    return GST_FLOW_OK;
  }
  return gst_pad_push (stream->src, buffer);
}

/* What may have to be shown in the place of pictures and sound of @caps. */
static void
prepare_blank (GstWeirStream *stream, const GstCaps *caps)
{
  g_clear_pointer (&stream->blank, gst_weir_blank_free);
  if (stream->weir->on_cut != GST_WEIR_ON_CUT_BLANK)
    return;
  stream->blank = gst_weir_blank_new (caps);
  if (!stream->blank)
    GST_ELEMENT_WARNING (stream->weir, STREAM, FORMAT,
        ("A stream of %s cannot be blanked: a cut will drop it. Put the "
         "element "
         "where the stream is raw.",
            gst_structure_get_name (gst_caps_get_structure (caps, 0))),
        (NULL));
}

GstFlowReturn
gst_weir_gate_pass_list (
    GstWeirStream *stream, GstBufferList *list, GstClockTime running_time)
{
  GstFlowReturn flow = GST_FLOW_OK;
  guint n = gst_buffer_list_length (list), i;

  if (!g_atomic_int_get (&stream->weir->cut))
    return gst_pad_push_list (stream->src, list);
  for (i = 0; i < n && flow == GST_FLOW_OK; i++)
    flow = refuse_buffer (
        stream, gst_buffer_ref (gst_buffer_list_get (list, i)), running_time);
  gst_buffer_list_unref (list);
  return flow;
}

gboolean
gst_weir_gate_pass_event (
    GstWeirStream *stream, GstEvent *event, GstClockTime running_time)
{
  GstCaps *caps;

  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_CAPS:
      gst_event_parse_caps (event, &caps);
      prepare_blank (stream, caps);
      break;
    case GST_EVENT_GAP:
      if (!g_atomic_int_get (&stream->weir->cut) || stream->blank)
        break;
      gst_event_unref (event);
      refuse (stream, running_time);
      return TRUE;
    case GST_EVENT_EOS:
      if (!stream->closed)
        break;
      gst_event_unref (event);
      return TRUE;
    case GST_EVENT_STREAM_START:
    case GST_EVENT_FLUSH_STOP:
      /* After an end of stream something goes on after all. */
      stream->closed = FALSE;
      break;
    default:
      break;
  }
  return gst_pad_push_event (stream->src, event);
}

GstFlowReturn
gst_weir_gate_pass (
    GstMiniObject *object, GstClockTime running_time, gpointer user_data)
{
  GstWeirStream *stream = user_data;

  if (GST_IS_BUFFER (object))
    return pass_buffer (stream, GST_BUFFER_CAST (object), running_time);
  gst_weir_gate_pass_event (stream, GST_EVENT_CAST (object), running_time);
  return GST_FLOW_OK;
}
