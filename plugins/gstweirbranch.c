/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a compressed stream to its raw end. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstweirbranch.h"

#include "gstweirpicker.h"

#include <gst/audio/audio.h>

GST_DEBUG_CATEGORY_EXTERN (gst_weir_debug);
#define GST_CAT_DEFAULT gst_weir_debug

/* Frames that a decoder may hold back, whose arrival is remembered. */
#define ARRIVALS_MAX 256

/* Sound that comes this much off the time it was due is a jump. */
#define DISCONT_AFTER (40 * GST_MSECOND)

/* For pictures that say neither their time nor their rate. */
#define DEFAULT_FRAME_DURATION (GST_SECOND / 30)

typedef struct {
  GstClockTime pts;
  GstWeirArrival arrival;
} Arrival;

struct _GstWeirBranch {
  const GstWeirDecoderCallbacks *callbacks;
  gpointer user_data;
  GstObject *log;
  gboolean is_video;
  gboolean ended;
  const GstWeirArrival *now;

  GstWeirPicker *picker;          /* of video */
  Arrival arrivals[ARRIVALS_MAX]; /* ring, at the decoder's input */
  guint n_arrivals;

  GstPad *sink; /* the raw end; NULL until the stream gets there */
  GstSegment segment;
  GstVideoInfo info;
  GstClockTime next_pts; /* where it goes on when nothing else is said */
};

static void
remember (GstWeirBranch *branch, GstClockTime pts)
{
  Arrival *arrival = &branch->arrivals[branch->n_arrivals++ % ARRIVALS_MAX];

  *arrival = (Arrival){ pts, *branch->now };
}

/* The input that the frame at @pts came from: the latest not after it. */
static const GstWeirArrival *
find_arrival (const GstWeirBranch *branch, GstClockTime pts)
{
  const Arrival *best = NULL;
  guint i;

  for (i = 0; i < MIN (branch->n_arrivals, ARRIVALS_MAX); i++) {
    const Arrival *arrival = &branch->arrivals[i];

    if (GST_CLOCK_TIME_IS_VALID (arrival->pts) && arrival->pts <= pts &&
        (!best || arrival->pts > best->pts))
      best = arrival;
  }
  return best ? &best->arrival : NULL;
}

static WeirStamp
make_stamp (const GstWeirBranch *branch, GstClockTime pts)
{
  const GstWeirArrival *arrival = find_arrival (branch, pts);
  const GstSegment *segment = &branch->segment;
  GstClockTime running_time =
      gst_segment_to_running_time (segment, GST_FORMAT_TIME, pts);
  WeirStamp stamp = {
    .time = (gint64) MIN (
        GST_CLOCK_TIME_IS_VALID (running_time) ? running_time : pts,
        (GstClockTime) WEIR_TIME_MAX),
    .timestamp = pts,
    .stream_time = gst_segment_to_stream_time (segment, GST_FORMAT_TIME, pts),
    .running_time = running_time,
    .arrival = arrival ? arrival->time : branch->now->time,
  };

  /* The clock of the stream's own pipeline goes before the container's. */
  if (arrival && GST_CLOCK_TIME_IS_VALID (arrival->running_time))
    stamp.running_time = arrival->running_time;
  return stamp;
}

/* An elementary stream of no container may carry no times. */
static GstClockTime
get_picture_time (GstWeirBranch *branch, GstBuffer *buffer)
{
  GstClockTime pts = GST_BUFFER_PTS (buffer);
  GstClockTime duration = GST_BUFFER_DURATION (buffer);

  if (!GST_CLOCK_TIME_IS_VALID (pts))
    pts = GST_CLOCK_TIME_IS_VALID (branch->next_pts) ? branch->next_pts
                                                     : branch->segment.start;
  if (!GST_CLOCK_TIME_IS_VALID (duration))
    duration = branch->info.fps_n > 0
                   ? gst_util_uint64_scale_int (
                         GST_SECOND, branch->info.fps_d, branch->info.fps_n)
                   : DEFAULT_FRAME_DURATION;
  branch->next_pts = pts + duration;
  return pts;
}

static GstFlowReturn
video_chain (GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
  GstWeirBranch *branch = gst_pad_get_element_private (pad);
  GstVideoFrame frame;

  if (branch->info.finfo &&
      gst_video_frame_map (&frame, &branch->info, buffer,
          GST_MAP_READ | GST_VIDEO_FRAME_MAP_FLAG_NO_REF)) {
    GstClockTime pts = get_picture_time (branch, buffer);
    WeirStamp stamp = make_stamp (branch, pts);

    if (!branch->picker || gst_weir_picker_wants (branch->picker, pts))
      branch->callbacks->video (&stamp, &frame, branch->user_data);
    gst_video_frame_unmap (&frame);
  } else {
    GST_DEBUG_OBJECT (branch->log, "left out a picture without a form");
  }
  gst_buffer_unref (buffer);
  return GST_FLOW_OK;
}

static GstFlowReturn
audio_chain (GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
  GstWeirBranch *branch = gst_pad_get_element_private (pad);
  GstClockTime pts = GST_BUFFER_PTS (buffer);
  GstMapInfo map;

  if (!GST_CLOCK_TIME_IS_VALID (pts))
    pts = branch->next_pts;
  if (GST_CLOCK_TIME_IS_VALID (pts) &&
      gst_buffer_map (buffer, &map, GST_MAP_READ)) {
    gsize n_samples = map.size / sizeof (gfloat);
    gboolean discont =
        !GST_CLOCK_TIME_IS_VALID (branch->next_pts) ||
        ABS (GST_CLOCK_DIFF (branch->next_pts, pts)) > (gint64) DISCONT_AFTER;
    WeirStamp stamp = make_stamp (branch, pts);

    if (n_samples > 0) {
      branch->callbacks->audio (&stamp, (const gfloat *) map.data, n_samples,
          discont, branch->user_data);
    }
    branch->next_pts = pts + gst_util_uint64_scale (
                                 n_samples, GST_SECOND, GST_WEIR_DECODER_RATE);
    gst_buffer_unmap (buffer, &map);
  }
  gst_buffer_unref (buffer);
  return GST_FLOW_OK;
}

gboolean
gst_weir_branch_takes (const GstVideoFormatInfo *format)
{
  if (!GST_VIDEO_FORMAT_INFO_IS_YUV (format) &&
      !GST_VIDEO_FORMAT_INFO_IS_GRAY (format))
    return FALSE;
  if ((format->flags &
          (GST_VIDEO_FORMAT_FLAG_COMPLEX | GST_VIDEO_FORMAT_FLAG_UNPACK)) ||
      GST_VIDEO_FORMAT_INFO_IS_TILED (format))
    return FALSE;
  if (GST_VIDEO_FORMAT_INFO_DEPTH (format, 0) == 8)
    return TRUE;
  return GST_VIDEO_FORMAT_INFO_IS_LE (format) &&
         GST_VIDEO_FORMAT_INFO_DEPTH (format, 0) <= 16;
}

static void
branch_set_caps (GstWeirBranch *branch, GstCaps *caps)
{
  if (!branch->is_video)
    return;
  if (!gst_video_info_from_caps (&branch->info, caps) ||
      !gst_weir_branch_takes (branch->info.finfo)) {
    branch->info.finfo = NULL;
    branch->callbacks->problem (
        "pictures of an unknown form", branch->user_data);
  }
}

static gboolean
raw_event (GstPad *pad, GstObject *parent, GstEvent *event)
{
  GstWeirBranch *branch = gst_pad_get_element_private (pad);
  GstCaps *caps;

  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_CAPS:
      gst_event_parse_caps (event, &caps);
      branch_set_caps (branch, caps);
      break;
    case GST_EVENT_SEGMENT:
      gst_event_copy_segment (event, &branch->segment);
      /* A source that counts in bytes says nothing about times. */
      if (branch->segment.format != GST_FORMAT_TIME)
        gst_segment_init (&branch->segment, GST_FORMAT_TIME);
      branch->next_pts = GST_CLOCK_TIME_NONE;
      break;
    case GST_EVENT_FLUSH_STOP:
      gst_segment_init (&branch->segment, GST_FORMAT_TIME);
      branch->next_pts = GST_CLOCK_TIME_NONE;
      branch->n_arrivals = 0;
      if (branch->picker)
        gst_weir_picker_flush (branch->picker);
      break;
    case GST_EVENT_EOS:
      if (!branch->is_video)
        branch->callbacks->audio_end (branch->user_data);
      break;
    default:
      break;
  }
  gst_event_unref (event);
  return TRUE;
}

/* Caps may change at any time: the pictures of a stream that is encoded anew
 * may have another size. */
static gboolean
raw_query (GstPad *pad, GstObject *parent, GstQuery *query)
{
  g_autoptr (GstCaps) any = NULL;
  GstCaps *filter;

  switch (GST_QUERY_TYPE (query)) {
    case GST_QUERY_ALLOCATION:
      /* Strides as the decoder likes them: it need not copy its pictures. */
      gst_query_add_allocation_meta (query, GST_VIDEO_META_API_TYPE, NULL);
      return TRUE;
    case GST_QUERY_ACCEPT_CAPS:
      gst_query_set_accept_caps_result (query, TRUE);
      return TRUE;
    case GST_QUERY_CAPS:
      gst_query_parse_caps (query, &filter);
      any = filter ? gst_caps_ref (filter) : gst_caps_new_any ();
      gst_query_set_caps_result (query, any);
      return TRUE;
    default:
      return gst_pad_query_default (pad, parent, query);
  }
}

GstWeirBranch *
gst_weir_branch_new (const GstWeirDecoderCallbacks *callbacks,
    gpointer user_data, GstObject *log, gboolean is_video,
    const GstWeirArrival *now)
{
  GstWeirBranch *branch = g_new0 (GstWeirBranch, 1);

  branch->callbacks = callbacks;
  branch->user_data = user_data;
  branch->log = log;
  branch->is_video = is_video;
  branch->now = now;
  branch->next_pts = GST_CLOCK_TIME_NONE;
  gst_segment_init (&branch->segment, GST_FORMAT_TIME);
  return branch;
}

void
gst_weir_branch_free (GstWeirBranch *branch)
{
  if (branch->sink) {
    gst_pad_set_active (branch->sink, FALSE);
    gst_object_unref (branch->sink);
  }
  g_clear_pointer (&branch->picker, gst_weir_picker_free);
  g_free (branch);
}

gboolean
gst_weir_branch_goes_on (const GstWeirBranch *branch, gboolean is_video)
{
  return branch->is_video == is_video && !branch->ended;
}

gboolean
gst_weir_branch_is_open (const GstWeirBranch *branch, gboolean is_video)
{
  return gst_weir_branch_goes_on (branch, is_video) && !branch->sink;
}

GstPad *
gst_weir_branch_close (GstWeirBranch *branch)
{
  branch->sink =
      gst_pad_new (branch->is_video ? "video" : "audio", GST_PAD_SINK);
  gst_object_ref_sink (branch->sink);
  gst_pad_set_element_private (branch->sink, branch);
  gst_pad_set_chain_function (
      branch->sink, branch->is_video ? video_chain : audio_chain);
  gst_pad_set_event_function (branch->sink, raw_event);
  gst_pad_set_query_function (branch->sink, raw_query);
  gst_pad_set_active (branch->sink, TRUE);
  return branch->sink;
}

/* ---- the way in ---- */

static GstPadProbeReturn
on_event (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  GstWeirBranch *branch = user_data;
  GstEvent *event = GST_PAD_PROBE_INFO_EVENT (info);

  if (GST_EVENT_TYPE (event) == GST_EVENT_EOS)
    branch->ended = TRUE;
  return GST_PAD_PROBE_OK;
}

static GstPadProbeReturn
on_note (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  remember (user_data, GST_BUFFER_PTS (GST_PAD_PROBE_INFO_BUFFER (info)));
  return GST_PAD_PROBE_OK;
}

void
gst_weir_branch_note (GstWeirBranch *branch, GstPad *src)
{
  gst_pad_add_probe (src, GST_PAD_PROBE_TYPE_BUFFER, on_note, branch, NULL);
  gst_pad_add_probe (
      src, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, on_event, branch, NULL);
}

static GstPadProbeReturn
on_pick (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  GstWeirBranch *branch = user_data;
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);

  remember (branch, GST_BUFFER_PTS (buffer));
  GST_PAD_PROBE_INFO_DATA (info) = NULL;
  GST_PAD_PROBE_INFO_FLOW_RETURN (info) =
      gst_weir_picker_push (branch->picker, pad, buffer);
  return GST_PAD_PROBE_HANDLED;
}

void
gst_weir_branch_pick (
    GstWeirBranch *branch, GstPad *src, const GstWeirPick *pick)
{
  branch->picker =
      gst_weir_picker_new (pick, branch->callbacks, branch->user_data);
  gst_pad_add_probe (src, GST_PAD_PROBE_TYPE_BUFFER, on_pick, branch, NULL);
  gst_pad_add_probe (
      src, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, on_event, branch, NULL);
}
