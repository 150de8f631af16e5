/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The queue of what is held back, and the task that empties it. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstweirhold.h"

#include <gst/base/gstqueuearray.h>

GST_DEBUG_CATEGORY_EXTERN (gst_weir_debug);
#define GST_CAT_DEFAULT gst_weir_debug

#define QUEUE_LENGTH 512 /* to begin with */

/* What is not live and cannot leave, since nobody takes it, may grow so far
 * beyond what is held. */
#define SLACK GST_SECOND

/* Time that goes back by more, which is not for pictures out of order, is a
 * stream that begins anew. */
#define BACKWARDS (2 * GST_SECOND)

typedef struct {
  GstMiniObject *object;
  gsize bytes;
  GstClockTime running_time;
  GstClockTime due;   /* on the clock; GST_CLOCK_TIME_NONE: see place */
  GstClockTime place; /* running time that came in since the start */
} Item;

struct _GstWeirHold {
  GstElement *owner;
  GstPad *sink, *src;
  GstWeirHoldFunc func;
  gpointer user_data;
  GstClockTime time;

  /* the streaming thread's own */
  gboolean knows_live, is_live;
  GstClockTime last; /* running time */

  /* lock guards from here on */
  GMutex lock;
  GCond changed;
  GstQueueArray *items;
  gsize bytes;
  GstClockTime place; /* of the newest item */
  GstClock *clock;    /* that the items are due on */
  GstClockID waiting; /* what the task waits for */
  GstFlowReturn flow;
  gboolean flushing, hurry;
};

GstWeirHold *
gst_weir_hold_new (GstElement *owner, GstPad *sink, GstPad *src,
    GstWeirHoldFunc func, gpointer user_data)
{
  GstWeirHold *hold = g_new0 (GstWeirHold, 1);

  hold->owner = owner;
  hold->sink = sink;
  hold->src = src;
  hold->func = func;
  hold->user_data = user_data;
  hold->flushing = TRUE;
  hold->items = gst_queue_array_new_for_struct (sizeof (Item), QUEUE_LENGTH);
  g_mutex_init (&hold->lock);
  g_cond_init (&hold->changed);
  return hold;
}

/* Events that a pad keeps are those that the next stream needs. */
static void
drop_item (GstWeirHold *hold, Item *item)
{
  if (GST_IS_EVENT (item->object)) {
    GstEvent *event = GST_EVENT_CAST (item->object);

    if (GST_EVENT_IS_STICKY (event) &&
        GST_EVENT_TYPE (event) != GST_EVENT_EOS &&
        GST_EVENT_TYPE (event) != GST_EVENT_SEGMENT)
      gst_pad_store_sticky_event (hold->src, event);
  }
  gst_mini_object_unref (item->object);
}

/* Called with the lock. */
static void
drop_items (GstWeirHold *hold)
{
  while (!gst_queue_array_is_empty (hold->items))
    drop_item (hold, gst_queue_array_pop_head_struct (hold->items));
  hold->bytes = 0;
}

void
gst_weir_hold_free (GstWeirHold *hold)
{
  drop_items (hold);
  gst_queue_array_free (hold->items);
  gst_clear_object (&hold->clock);
  g_mutex_clear (&hold->lock);
  g_cond_clear (&hold->changed);
  g_free (hold);
}

/* Everyone looks again. Called with the lock. */
static void
wake (GstWeirHold *hold)
{
  g_cond_broadcast (&hold->changed);
  if (hold->waiting)
    gst_clock_id_unschedule (hold->waiting);
}

/* ---- letting out ---- */

/* Called with the lock, as are those below that say nothing else. */
static const Item *
get_head (GstWeirHold *hold)
{
  return gst_queue_array_is_empty (hold->items)
             ? NULL
             : gst_queue_array_peek_head_struct (hold->items);
}

static gboolean
is_due (GstWeirHold *hold, const Item *head)
{
  if (!head)
    return FALSE;
  if (hold->hurry)
    return TRUE;
  if (GST_CLOCK_TIME_IS_VALID (head->due))
    return gst_clock_get_time (hold->clock) >= head->due;
  return hold->place - head->place >= hold->time ||
         hold->bytes >= GST_WEIR_HOLD_BYTES;
}

static void
wait_for_head (GstWeirHold *hold, const Item *head)
{
  GstClockID id;

  if (!head || !GST_CLOCK_TIME_IS_VALID (head->due)) {
    g_cond_wait (&hold->changed, &hold->lock);
    return;
  }
  id = hold->waiting = gst_clock_new_single_shot_id (hold->clock, head->due);
  g_mutex_unlock (&hold->lock);
  gst_clock_id_wait (id, NULL);
  g_mutex_lock (&hold->lock);
  hold->waiting = NULL;
  gst_clock_id_unref (id);
}

/* The task: one item a call. */
static void
let_out (gpointer user_data)
{
  GstWeirHold *hold = user_data;
  GstFlowReturn flow;
  Item item;

  g_mutex_lock (&hold->lock);
  while (!hold->flushing && !is_due (hold, get_head (hold)))
    wait_for_head (hold, get_head (hold));
  if (hold->flushing) {
    g_mutex_unlock (&hold->lock);
    gst_pad_pause_task (hold->src);
    return;
  }
  item = *(const Item *) gst_queue_array_pop_head_struct (hold->items);
  hold->bytes -= item.bytes;
  g_cond_broadcast (&hold->changed);
  g_mutex_unlock (&hold->lock);

  flow = hold->func (item.object, item.running_time, hold->user_data);
  g_mutex_lock (&hold->lock);
  if (!hold->flushing)
    hold->flow = flow;
  g_mutex_unlock (&hold->lock);
}

/* ---- taking in ---- */

/* Who does not say whether it is live is taken to be. */
static gboolean
find_live (GstWeirHold *hold)
{
  g_autoptr (GstQuery) query = gst_query_new_latency ();
  gboolean live = TRUE;

  if (gst_pad_peer_query (hold->sink, query))
    gst_query_parse_latency (query, &live, NULL, NULL);
  return live;
}

static GstClock *
obtain_clock (GstWeirHold *hold)
{
  GstClock *clock = gst_element_get_clock (hold->owner);

  return clock ? clock : gst_system_clock_obtain ();
}

/* Takes @clock. What waits for another one waits for as long on this. */
static void
take_clock (GstWeirHold *hold, GstClock *clock)
{
  GstClockTime now = gst_clock_get_time (clock);
  guint i;

  if (clock == hold->clock) {
    gst_object_unref (clock);
    return;
  }
  for (i = 0; i < gst_queue_array_get_length (hold->items); i++) {
    Item *item = gst_queue_array_peek_nth_struct (hold->items, i);
    GstClockTimeDiff left =
        GST_CLOCK_DIFF (gst_clock_get_time (hold->clock), item->due);

    if (GST_CLOCK_TIME_IS_VALID (item->due))
      item->due = now + (GstClockTime) MAX (left, 0);
  }
  gst_clear_object (&hold->clock);
  hold->clock = clock;
  wake (hold);
}

static gboolean
is_full (GstWeirHold *hold)
{
  const Item *head = get_head (hold);

  if (!head)
    return FALSE;
  return hold->bytes >= GST_WEIR_HOLD_BYTES ||
         (!GST_CLOCK_TIME_IS_VALID (head->due) &&
             hold->place - head->place > hold->time + SLACK);
}

/* Where in the stream @running_time is: a stream that begins anew goes on where
 * it was. */
static void
advance (GstWeirHold *hold, GstClockTime running_time)
{
  if (!GST_CLOCK_TIME_IS_VALID (running_time))
    return;
  if (!GST_CLOCK_TIME_IS_VALID (hold->last) ||
      running_time + BACKWARDS < hold->last)
    hold->last = running_time;
  hold->place += MAX (running_time, hold->last) - hold->last;
  hold->last = MAX (running_time, hold->last);
}

/* When an item that comes now leaves by the clock. Of a stream that is not
 * live an event leaves when it is its turn. */
static GstClockTime
get_due (GstWeirHold *hold, gboolean is_event)
{
  if (hold->is_live)
    return gst_clock_get_time (hold->clock) + hold->time;
  if (is_event)
    return 0;
  return GST_CLOCK_TIME_IS_VALID (hold->last)
             ? GST_CLOCK_TIME_NONE
             : gst_clock_get_time (hold->clock) + hold->time;
}

/* What an event says of the stream. */
static void
heed_event (GstWeirHold *hold, GstEvent *event)
{
  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_EOS:
      hold->place += hold->time;
      break;
    case GST_EVENT_STREAM_START:
    case GST_EVENT_SEGMENT:
      hold->flow = GST_FLOW_OK;
      break;
    default:
      break;
  }
}

GstFlowReturn
gst_weir_hold_push (
    GstWeirHold *hold, GstMiniObject *object, GstClockTime running_time)
{
  gboolean is_event = GST_IS_EVENT (object);
  GstFlowReturn flow;
  gsize size = is_event ? 0 : gst_buffer_get_size (GST_BUFFER_CAST (object));
  Item item = { object, size + GST_WEIR_HOLD_ITEM_BYTES, running_time,
    GST_CLOCK_TIME_NONE, 0 };
  GstClock *clock = obtain_clock (hold);

  if (!hold->knows_live ||
      (is_event && GST_EVENT_TYPE (object) == GST_EVENT_SEGMENT))
    hold->is_live = find_live (hold);
  hold->knows_live = TRUE;

  g_mutex_lock (&hold->lock);
  take_clock (hold, clock);
  while (!is_event && !hold->flushing && is_full (hold))
    g_cond_wait (&hold->changed, &hold->lock);
  if (is_event)
    heed_event (hold, GST_EVENT_CAST (object));
  flow = hold->flushing ? GST_FLOW_FLUSHING : hold->flow;
  if (hold->flushing || (!is_event && flow != GST_FLOW_OK)) {
    drop_item (hold, &item);
  } else {
    advance (hold, running_time);
    item.place = hold->place;
    item.due = get_due (hold, is_event);
    hold->bytes += item.bytes;
    gst_queue_array_push_tail_struct (hold->items, &item);
    g_cond_broadcast (&hold->changed);
  }
  g_mutex_unlock (&hold->lock);
  return flow;
}

/* ---- starting and stopping ---- */

static void
begin (GstWeirHold *hold)
{
  drop_items (hold);
  hold->flushing = hold->hurry = FALSE;
  hold->flow = GST_FLOW_OK;
  hold->place = 0;
  hold->last = GST_CLOCK_TIME_NONE;
  hold->knows_live = FALSE;
}

static void
set_flushing (GstWeirHold *hold)
{
  g_mutex_lock (&hold->lock);
  hold->flushing = TRUE;
  wake (hold);
  g_mutex_unlock (&hold->lock);
}

gboolean
gst_weir_hold_start (GstWeirHold *hold, GstClockTime time)
{
  g_mutex_lock (&hold->lock);
  hold->time = time;
  begin (hold);
  g_mutex_unlock (&hold->lock);
  return gst_pad_start_task (hold->src, let_out, hold, NULL);
}

void
gst_weir_hold_stop (GstWeirHold *hold)
{
  set_flushing (hold);
  gst_pad_stop_task (hold->src);
  g_mutex_lock (&hold->lock);
  drop_items (hold);
  g_mutex_unlock (&hold->lock);
}

void
gst_weir_hold_flush_start (GstWeirHold *hold)
{
  set_flushing (hold);
  gst_pad_pause_task (hold->src);
}

void
gst_weir_hold_flush_stop (GstWeirHold *hold)
{
  gboolean hurry;

  g_mutex_lock (&hold->lock);
  hurry = hold->hurry;
  begin (hold);
  hold->hurry = hurry; /* a cut outlasts a flush */
  g_mutex_unlock (&hold->lock);
  gst_pad_start_task (hold->src, let_out, hold, NULL);
}

void
gst_weir_hold_set_hurry (GstWeirHold *hold, gboolean hurry)
{
  g_mutex_lock (&hold->lock);
  hold->hurry = hurry;
  wake (hold);
  g_mutex_unlock (&hold->lock);
}

GstClockTime
gst_weir_hold_get_first (GstWeirHold *hold)
{
  GstClockTime first = GST_CLOCK_TIME_NONE;
  guint i;

  g_mutex_lock (&hold->lock);
  for (i = 0; i < gst_queue_array_get_length (hold->items) &&
              !GST_CLOCK_TIME_IS_VALID (first);
       i++) {
    const Item *item = gst_queue_array_peek_nth_struct (hold->items, i);

    if (!GST_IS_EVENT (item->object))
      first = item->running_time;
  }
  g_mutex_unlock (&hold->lock);
  return first;
}
