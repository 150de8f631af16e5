/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The decoder of a stream: begun, begun anew, and taken up again. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstweiranalysisprivate.h"

/* It says so when this many buffers in a row gave neither picture nor sound. */
#define UNSEEN_MAX 1000

/* A decoder that gives nothing for so many bytes, or for so many buffers of the
 * size of the last, is begun anew: it looks for something that is not there any
 * more, and some keep all that they are given until they find it. */
#define UNSEEN_BYTES_MAX   (32 * 1024 * 1024)
#define UNSEEN_BUFFERS_MAX 128

static void
drop_decoder (GstWeirAnalysis *analysis)
{
  g_clear_pointer (&analysis->decoder, gst_weir_decoder_free);
  g_clear_pointer (&analysis->beside, g_free);
  gst_weir_analysis_end_sound (analysis);
  analysis->sees = analysis->shows = FALSE;
  analysis->unseen_bytes = 0;
  analysis->stale = TRUE;
}

static void
make_decoder (GstWeirAnalysis *analysis)
{
  g_autoptr (GstElement) owner = g_weak_ref_get (&analysis->owner);
  GstEvent *events[] = { analysis->stream_start, analysis->caps,
    analysis->segment };
  guint i;

  if (!owner)
    return;
  analysis->unseen_bytes = 0;
  analysis->decoder =
      gst_weir_decoder_new (&gst_weir_analysis_decoder_callbacks, analysis,
          &analysis->pick, GST_OBJECT (owner));
  for (i = 0; i < G_N_ELEMENTS (events); i++)
    if (events[i])
      gst_weir_decoder_push_event (
          analysis->decoder, gst_event_ref (events[i]));
}

/* @n_buffers went in, of which nothing came out. */
static void
count_unseen (GstWeirAnalysis *analysis, guint n_buffers)
{
  if (analysis->sees || analysis->problem)
    return;
  analysis->unseen += n_buffers;
  if (analysis->unseen >= UNSEEN_MAX)
    gst_weir_analysis_set_passing_problem (
        analysis, "nothing of it could be decoded so far");
}

/* The stream starts anew: its times, and the chances of its decoder. */
static void
start_anew (GstWeirAnalysis *analysis)
{
  g_autoptr (GstElement) owner = g_weak_ref_get (&analysis->owner);

  drop_decoder (analysis);
  gst_weir_retry_reset (&analysis->retry);
  analysis->unseen = 0;
  analysis->resync = analysis->skips = FALSE;
  weir_frame_hasher_reset (analysis->hasher);
  if (owner)
    analysis->callbacks->reset (owner);
}

/* The stream jumps. Its decoder stays: some codecs send their headers once. */
static void
flush_decoder (GstWeirAnalysis *analysis)
{
  g_autoptr (GstElement) owner = g_weak_ref_get (&analysis->owner);

  gst_weir_analysis_end_sound (analysis);
  gst_weir_retry_reset (&analysis->retry);
  analysis->skips = FALSE;
  if (analysis->decoder) {
    gst_weir_decoder_flush (analysis->decoder);
    if (analysis->segment)
      gst_weir_decoder_push_event (
          analysis->decoder, gst_event_ref (analysis->segment));
  }
  if (owner)
    analysis->callbacks->reset (owner);
}

/* Where the stream is taken up again: its first buffer, a keyframe, or a place
 * that the follower found. */
static gboolean
can_begin_at (const GstWeirAnalysis *analysis, const GstWeirAnalysisItem *item)
{
  if (!analysis->resync)
    return TRUE;
  if (item->is_followed)
    return item->place.front != NULL;
  return !GST_BUFFER_FLAG_IS_SET (item->object, GST_BUFFER_FLAG_DELTA_UNIT);
}

static void
push_to_decoder (GstWeirAnalysis *analysis, GstBuffer *buffer,
    const GstWeirAnalysisItem *item)
{
  if (!analysis->decoder) {
    gst_buffer_unref (buffer);
  } else if (!gst_weir_decoder_push_buffer (analysis->decoder, buffer,
                 item->arrival, item->running_time)) {
    drop_decoder (analysis);
    gst_weir_retry_fail (&analysis->retry);
    gst_weir_analysis_report_sight (analysis);
  }
}

/* Nothing came of the last buffers, of which this is of @size bytes. */
static void
check_unseen_bytes (GstWeirAnalysis *analysis, gsize size)
{
  gboolean is_news = analysis->sees || !analysis->problem;

  if (!analysis->decoder || analysis->unseen_bytes <= UNSEEN_BYTES_MAX ||
      analysis->unseen_bytes / UNSEEN_BUFFERS_MAX <= size)
    return;
  drop_decoder (analysis);
  gst_weir_retry_fail (&analysis->retry);
  if (is_news)
    gst_weir_analysis_set_passing_problem (
        analysis, "nothing of its last 32 MiB could be decoded");
}

/* Makes a decoder that begins with the buffer of @item. */
static GstBuffer *
begin_decoder (GstWeirAnalysis *analysis, const GstWeirAnalysisItem *item)
{
  GstBuffer *buffer = GST_BUFFER_CAST (item->object), *front, *rest;

  make_decoder (analysis);
  if (!analysis->resync || !item->place.front) {
    analysis->resync = TRUE;
    return gst_buffer_ref (buffer);
  }
  rest = gst_weir_follower_cut (buffer, &item->place, &front);
  push_to_decoder (analysis, front, item);
  return rest;
}

/* After a gap. Whether to go on with the buffer of @item. */
static gboolean
stop_skipping (GstWeirAnalysis *analysis, GstWeirAnalysisItem *item)
{
  GstBuffer *buffer = GST_BUFFER_CAST (item->object);

  if (GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT))
    return FALSE;
  analysis->skips = FALSE;
  buffer = gst_buffer_make_writable (buffer);
  GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DISCONT);
  item->object = GST_MINI_OBJECT_CAST (buffer);
  return TRUE;
}

static void
process_buffer (GstWeirAnalysis *analysis, GstWeirAnalysisItem *item)
{
  GstBuffer *buffer = GST_BUFFER_CAST (item->object);
  GstClockTime time = GST_CLOCK_TIME_IS_VALID (item->running_time)
                          ? item->running_time
                          : GST_BUFFER_PTS (buffer);
  gsize size = gst_buffer_get_size (buffer);
  gboolean may_begin = gst_weir_retry_pass (&analysis->retry, time, size);

  if (analysis->skips && !stop_skipping (analysis, item))
    return;
  if (item->place.lost) {
    drop_decoder (analysis);
    analysis->resync = TRUE;
    gst_weir_analysis_set_passing_problem (
        analysis, "bytes out of place: it is seen again from a keyframe on");
  }
  analysis->unseen_bytes += size;
  if (analysis->decoder)
    push_to_decoder (
        analysis, GST_BUFFER_CAST (g_steal_pointer (&item->object)), item);
  else if (may_begin && can_begin_at (analysis, item))
    push_to_decoder (analysis, begin_decoder (analysis, item), item);
  check_unseen_bytes (analysis, size);
  count_unseen (analysis, 1);
}

/* Whether a decoder that was made for one of the caps takes the other. */
static gboolean
are_of_one_kind (GstEvent *event, GstEvent *other_event)
{
  GstCaps *caps, *other_caps;
  const GstStructure *structure, *other;

  gst_event_parse_caps (event, &caps);
  gst_event_parse_caps (other_event, &other_caps);
  structure = gst_caps_get_structure (caps, 0);
  other = gst_caps_get_structure (other_caps, 0);
  return gst_structure_has_name (other, gst_structure_get_name (structure)) &&
         g_strcmp0 (gst_structure_get_string (structure, "format"),
             gst_structure_get_string (other, "format")) == 0;
}

/* Some elements say again what stream this is, with more to say about it. */
static gboolean
is_same_stream (GstWeirAnalysis *analysis, GstEvent *event)
{
  const gchar *known, *told;

  gst_event_parse_stream_start (analysis->stream_start, &known);
  gst_event_parse_stream_start (event, &told);
  return g_strcmp0 (known, told) == 0;
}

static void
remember_event (GstWeirAnalysis *analysis, GstEvent *event)
{
  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_STREAM_START:
      if (analysis->stream_start && !is_same_stream (analysis, event))
        start_anew (analysis);
      gst_event_replace (&analysis->stream_start, event);
      break;
    case GST_EVENT_CAPS:
      if (analysis->caps && !are_of_one_kind (analysis->caps, event))
        drop_decoder (analysis);
      gst_event_replace (&analysis->caps, event);
      /* A decoder that gave up may well take these. */
      gst_weir_retry_reset (&analysis->retry);
      break;
    case GST_EVENT_SEGMENT:
      gst_event_replace (&analysis->segment, event);
      break;
    default:
      break;
  }
}

static void
process_event (GstWeirAnalysis *analysis, GstEvent *event)
{
  g_autoptr (GstElement) owner = g_weak_ref_get (&analysis->owner);
  gboolean is_eos = GST_EVENT_TYPE (event) == GST_EVENT_EOS;

  remember_event (analysis, event);
  if (analysis->decoder)
    gst_weir_decoder_push_event (analysis->decoder, event);
  else
    gst_event_unref (event);
  if (is_eos && analysis->unseen > 0)
    count_unseen (analysis, UNSEEN_MAX);
  if (is_eos && owner)
    analysis->callbacks->ended (owner, analysis->stream);
}

void
gst_weir_analysis_process (GstWeirAnalysis *analysis, GstWeirAnalysisItem *item)
{
  if (!item->object)
    flush_decoder (analysis);
  else if (GST_IS_BUFFER (item->object))
    process_buffer (analysis, item);
  else
    process_event (analysis, GST_EVENT_CAST (g_steal_pointer (&item->object)));
}

/* A demuxer that cannot find its way again is made anew. What can be gone on
 * with is: who knows whether the headers come again. */
void
gst_weir_analysis_lose_place (
    GstWeirAnalysis *analysis, const GstWeirAnalysisItem *item)
{
  if (item->is_followed) {
    drop_decoder (analysis);
    analysis->resync = TRUE;
  } else {
    analysis->skips = TRUE;
    analysis->sees = FALSE;
  }
  gst_weir_analysis_set_passing_problem (
      analysis, "the analysis did not keep up and lost its place");
}
