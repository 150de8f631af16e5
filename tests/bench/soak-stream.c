/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "soak-stream.h"

#include "soak-counts.h"
#include "soak-lane.h"

#include <math.h>

#define LIFE_MIN (2 * G_TIME_SPAN_SECOND) /* of a connection */

/* What kinds of streams there are: one after the other. */
typedef struct {
  const gchar *properties;
  guint hold_back; /* ms */
  guint life;      /* s, the mean of a connection; 0: as long as it can */
} Setup;

static const Setup setups[] = {
  { "", 0, 60 },
  { "hold-back=2700", 2700, 60 },
  { "max-action=cut on-cut=eos", 0, 30 },
  { "", 0, 0 },
  { "hold-back=700", 700, 0 },
  { "decode=all", 0, 300 },
  { "max-action=cut on-cut=eos hold-back=2700", 2700, 30 },
  { "history=0", 0, 10 },
};

/* How a connection ends. */
typedef enum {
  END_WELL,  /* with an end of stream */
  BREAK_OFF, /* between two buffers */
  TEAR_DOWN, /* by another thread, while buffers are pushed */
  N_ENDS,
} End;

struct SoakStream {
  const Setup *setup;
  gchar *who; /* for complaints */
  gchar *bank;
  const GPtrArray *clips;
  GThread *thread;

  /* the thread's own */
  GRand *random;
  GstElement *weir;
  SoakLane *lanes[SOAK_N_PADS];
  const SoakClip *clip;
  End end;
  gint was_cut;   /* atomic */
  gint torn_down; /* atomic */

  GMutex lock; /* guards what follows */
  GCond wake;
  gboolean stopping;
  GstElement *pipeline;
  gint64 tear_down_at; /* G_MAXINT64: never */
};

static void
open_lane (SoakStream *stream, guint index)
{
  soak_lane_open (stream->lanes[index], stream->weir);
}

static void
begin_lane (SoakStream *stream, guint index)
{
  soak_lane_begin (stream->lanes[index], stream->clip->caps[index]);
}

static gboolean
end_lane (SoakStream *stream, guint index)
{
  gboolean ended = soak_lane_end (stream->lanes[index]);

  if (!ended && !g_atomic_int_get (&stream->torn_down))
    soak_count_error (stream->who, "an end of stream did not leave");
  return ended;
}

/* What is still on its way does not come any more. Of a stream that ended well,
 * or of one that holds nothing back, nothing may be; but for what was refused
 * with @flow. */
static void
close_lane (
    SoakStream *stream, guint index, gboolean ended_well, GstFlowReturn flow)
{
  guint left = soak_lane_close (stream->lanes[index]);

  if (g_atomic_int_get (&stream->was_cut) ||
      (!ended_well && stream->setup->hold_back > 0) ||
      (flow != GST_FLOW_OK && left <= 1))
    soak_count (SOAK_WITHHELD, left);
  else
    soak_count (SOAK_LOST, left);
}

/* ---- connections ---- */

static void
hear_element (SoakStream *stream, const GstStructure *said)
{
  const gchar *state = gst_structure_get_string (said, "state");
  const gchar *error = gst_structure_get_string (said, "error");

  if (gst_structure_has_name (said, "weir-match")) {
    if (g_strcmp0 (state, "started") == 0)
      soak_count (SOAK_MATCHES, 1);
  } else if (gst_structure_has_name (said, "weir-cut")) {
    g_atomic_int_set (&stream->was_cut, TRUE);
    soak_count (SOAK_CUTS, 1);
  } else if (gst_structure_has_name (said, "weir-bank")) {
    soak_count (SOAK_BANKS, 1);
    if (error && *error)
      soak_count_error (stream->who, error);
  } else if (gst_structure_has_name (said, "weir-status")) {
    if (g_strcmp0 (state, "blind") == 0)
      soak_count (SOAK_BLIND, 1);
  }
}

static GstBusSyncReply
hear (GstBus *bus, GstMessage *message, gpointer user_data)
{
  SoakStream *stream = user_data;
  g_autoptr (GError) error = NULL;

  switch (GST_MESSAGE_TYPE (message)) {
    case GST_MESSAGE_ELEMENT:
      hear_element (stream, gst_message_get_structure (message));
      break;
    case GST_MESSAGE_ERROR:
      gst_message_parse_error (message, &error, NULL);
      soak_count_error (stream->who, error->message);
      break;
    case GST_MESSAGE_WARNING:
      gst_message_parse_warning (message, &error, NULL);
      soak_count_error (stream->who, error->message);
      break;
    default:
      break;
  }
  gst_message_unref (message);
  return GST_BUS_DROP;
}

static void
choose_end (SoakStream *stream, gint64 *end_at)
{
  gdouble life =
      stream->setup->life * -log (1 - g_rand_double (stream->random));
  gint64 at = g_get_monotonic_time () +
              MAX (LIFE_MIN, (gint64) (life * G_USEC_PER_SEC));

  stream->end = (End) g_rand_int_range (stream->random, 0, N_ENDS);
  *end_at = G_MAXINT64;
  if (stream->setup->life == 0) {
    stream->end = END_WELL;
  } else if (stream->end == TEAR_DOWN) {
    g_mutex_lock (&stream->lock);
    stream->tear_down_at = at;
    g_mutex_unlock (&stream->lock);
  } else {
    *end_at = at;
  }
}

static void
connect_stream (SoakStream *stream, gint64 *end_at)
{
  g_autofree gchar *line =
      g_strdup_printf ("weir %s", stream->setup->properties);
  GstElement *pipeline = gst_pipeline_new (NULL);
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  guint i;

  gst_bus_set_sync_handler (bus, hear, stream, NULL);
  g_atomic_int_set (&stream->was_cut, FALSE);
  g_atomic_int_set (&stream->torn_down, FALSE);
  stream->clip = stream->clips->pdata[g_rand_int_range (
      stream->random, 0, (gint32) stream->clips->len)];
  stream->weir = gst_parse_launch (line, NULL);
  g_object_set (stream->weir, "bank", stream->bank, NULL);
  gst_bin_add (GST_BIN (pipeline), stream->weir);
  for (i = 0; i < stream->clip->n_pads; i++)
    open_lane (stream, i);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  for (i = 0; i < stream->clip->n_pads; i++)
    begin_lane (stream, i);
  g_mutex_lock (&stream->lock);
  stream->pipeline = pipeline;
  stream->tear_down_at = G_MAXINT64;
  g_mutex_unlock (&stream->lock);
  choose_end (stream, end_at);
  soak_count (SOAK_CONNECTIONS, 1);
}

static void
count_dropped (SoakStream *stream)
{
  g_autoptr (GstStructure) stats = NULL;
  guint64 dropped = 0;

  g_object_get (stream->weir, "stats", &stats, NULL);
  gst_structure_get_uint64 (stats, "dropped", &dropped);
  soak_count (SOAK_DROPPED, dropped);
}

static void
disconnect_stream (SoakStream *stream, GstFlowReturn flow)
{
  gboolean ends = stream->end == END_WELL && flow == GST_FLOW_OK;
  gboolean ended[SOAK_N_PADS] = { FALSE };
  GstElement *pipeline;
  guint i;

  g_mutex_lock (&stream->lock);
  pipeline = g_steal_pointer (&stream->pipeline);
  g_mutex_unlock (&stream->lock);
  for (i = 0; i < stream->clip->n_pads && ends; i++)
    ended[i] = end_lane (stream, i);
  count_dropped (stream);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  for (i = 0; i < stream->clip->n_pads; i++)
    close_lane (stream, i, ended[i], flow);
  gst_object_unref (pipeline);
}

/* ---- playing ---- */

static gboolean
wait_until (SoakStream *stream, gint64 time)
{
  gboolean goes_on;

  g_mutex_lock (&stream->lock);
  while (!stream->stopping && g_get_monotonic_time () < time)
    g_cond_wait_until (&stream->wake, &stream->lock, time);
  goes_on = !stream->stopping;
  g_mutex_unlock (&stream->lock);
  if (g_get_monotonic_time () - time > SOAK_LATE_AFTER)
    soak_count (SOAK_OVERSLEPT, 1);
  return goes_on;
}

static GstFlowReturn
push_item (SoakStream *stream, const SoakItem *item, GstClockTime shift)
{
  GstBuffer *buffer = gst_buffer_copy (item->buffer);

  if (GST_BUFFER_PTS_IS_VALID (buffer))
    GST_BUFFER_PTS (buffer) += shift;
  if (GST_BUFFER_DTS_IS_VALID (buffer))
    GST_BUFFER_DTS (buffer) += shift;
  return soak_lane_push (stream->lanes[item->pad], buffer);
}

/* TRUE: the connection goes on. */
static gboolean
play_clip (SoakStream *stream, gint64 start, gint64 end_at, GstClockTime shift,
    GstFlowReturn *flow)
{
  const GArray *items = stream->clip->items;
  guint i;

  for (i = 0; i < items->len && *flow == GST_FLOW_OK; i++) {
    const SoakItem *item = &g_array_index (items, SoakItem, i);
    gint64 due = start + (gint64) (item->time / 1000);

    if (due >= end_at) {
      wait_until (stream, end_at);
      return FALSE;
    }
    if (!wait_until (stream, due))
      return FALSE;
    *flow = push_item (stream, item, shift);
  }
  return *flow == GST_FLOW_OK;
}

static void
change_codec (SoakStream *stream)
{
  const SoakClip *next = stream->clips->pdata[g_rand_int_range (
      stream->random, 0, (gint32) stream->clips->len)];
  guint i;

  if (next == stream->clip || !soak_clip_can_follow (stream->clip, next))
    return;
  stream->clip = next;
  for (i = 0; i < next->n_pads; i++)
    soak_lane_push_caps (stream->lanes[i], next->caps[i]);
  soak_count (SOAK_CODEC_CHANGES, 1);
}

/* The last pad goes, and one comes. */
static void
renew_pad (SoakStream *stream)
{
  guint last = stream->clip->n_pads - 1;

  close_lane (stream, last, end_lane (stream, last), GST_FLOW_OK);
  open_lane (stream, last);
  begin_lane (stream, last);
  soak_count (SOAK_NEW_PADS, 1);
}

/* In mid-stream, between two clips. */
static void
vary (SoakStream *stream, gint64 *start, GstClockTime *shift)
{
  switch (g_rand_int_range (stream->random, 0, 6)) {
    case 0:
    case 1:
      change_codec (stream);
      break;
    case 2:
      *shift = 0;
      soak_count (SOAK_JUMPS, 1);
      break;
    case 3:
      renew_pad (stream);
      *start = MAX (*start, g_get_monotonic_time ());
      break;
    default:
      break;
  }
}

/* One connection, from its beginning to its end. */
static void
run_connection (SoakStream *stream)
{
  GstFlowReturn flow = GST_FLOW_OK;
  GstClockTime shift = 0;
  gint64 end_at, start;

  connect_stream (stream, &end_at);
  start = g_get_monotonic_time ();
  while (play_clip (stream, start, end_at, shift, &flow)) {
    start += (gint64) (stream->clip->length / 1000);
    shift += stream->clip->length;
    vary (stream, &start, &shift);
  }
  if ((flow == GST_FLOW_EOS && !g_atomic_int_get (&stream->was_cut)) ||
      (flow == GST_FLOW_FLUSHING && !g_atomic_int_get (&stream->torn_down)) ||
      (flow < GST_FLOW_EOS))
    soak_count_error (stream->who, gst_flow_get_name (flow));
  disconnect_stream (stream, flow);
}

static gpointer
run (gpointer user_data)
{
  SoakStream *stream = user_data;

  while (wait_until (stream, g_get_monotonic_time ()))
    run_connection (stream);
  return NULL;
}

SoakStream *
soak_stream_new (
    guint index, guint32 seed, const gchar *bank, const GPtrArray *clips)
{
  SoakStream *stream = g_new0 (SoakStream, 1);
  guint i;

  stream->setup = &setups[index % G_N_ELEMENTS (setups)];
  stream->who =
      g_strdup_printf ("stream %u (%s)", index, stream->setup->properties);
  stream->bank = g_strdup (bank);
  stream->clips = clips;
  stream->random = g_rand_new_with_seed (seed + index);
  stream->tear_down_at = G_MAXINT64;
  g_mutex_init (&stream->lock);
  g_cond_init (&stream->wake);
  for (i = 0; i < SOAK_N_PADS; i++)
    stream->lanes[i] = soak_lane_new (i, stream->setup->hold_back, stream->who);
  stream->thread = g_thread_new ("soak-stream", run, stream);
  return stream;
}

void
soak_stream_tick (SoakStream *stream)
{
  GstElement *pipeline = NULL;
  guint i;

  /* The connection cannot become another one meanwhile. */
  g_mutex_lock (&stream->lock);
  if (stream->pipeline && g_get_monotonic_time () >= stream->tear_down_at) {
    pipeline = gst_object_ref (stream->pipeline);
    stream->tear_down_at = G_MAXINT64;
    g_atomic_int_set (&stream->torn_down, TRUE);
    for (i = 0; i < SOAK_N_PADS; i++)
      soak_lane_give_up (stream->lanes[i]);
  }
  g_mutex_unlock (&stream->lock);
  if (!pipeline)
    return;
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
}

void
soak_stream_stop (SoakStream *stream)
{
  g_mutex_lock (&stream->lock);
  stream->stopping = TRUE;
  g_cond_broadcast (&stream->wake);
  g_mutex_unlock (&stream->lock);
}

void
soak_stream_free (SoakStream *stream)
{
  guint i;

  soak_stream_stop (stream);
  g_thread_join (stream->thread);
  for (i = 0; i < SOAK_N_PADS; i++)
    soak_lane_free (stream->lanes[i]);
  g_mutex_clear (&stream->lock);
  g_cond_clear (&stream->wake);
  g_rand_free (stream->random);
  g_free (stream->bank);
  g_free (stream->who);
  g_free (stream);
}
