/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "soak-lane.h"

#include "soak-counts.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define IN_FLIGHT 4096 /* buffers within the element, of a pad */
#define END_TIME  (10 * G_TIME_SPAN_SECOND) /* for an end to come through */

/* A buffer that has gone into the element. */
typedef struct {
  GstBuffer *buffer; /* to be told apart by, no more */
  gint64 came;
  gint64 waited; /* us that the thread which pushed it was ready, on no core */
} Passing;

struct SoakLane {
  guint index;
  gint64 hold_back; /* us */
  gchar *who;

  GstElement *weir;
  GstPad *out, *in;
  GstPad *sink; /* the element's */

  GMutex lock; /* guards what follows */
  GCond changed;
  Passing passing[IN_FLIGHT]; /* a ring */
  guint first, n;
  gboolean ended; /* an end of stream came out */
  gboolean given_up;
  gint64 waited; /* of the thread behind the element, at its last buffer */
};

static GstStaticPadTemplate any_template = GST_STATIC_PAD_TEMPLATE (
    "any", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

SoakLane *
soak_lane_new (guint index, guint hold_back, const gchar *who)
{
  SoakLane *lane = g_new0 (SoakLane, 1);

  lane->index = index;
  lane->hold_back = hold_back * G_TIME_SPAN_MILLISECOND;
  lane->who = g_strdup_printf ("%s, pad %u", who, index);
  g_mutex_init (&lane->lock);
  g_cond_init (&lane->changed);
  return lane;
}

void
soak_lane_free (SoakLane *lane)
{
  g_mutex_clear (&lane->lock);
  g_cond_clear (&lane->changed);
  g_free (lane->who);
  g_free (lane);
}

/* ---- what goes in and what leaves ---- */

/* us that this thread was ready to run since it began, and on no core. */
static gint64
get_waited (void)
{
  gchar text[96];
  long long ran, waited;
  int file = open ("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC);
  ssize_t n = file >= 0 ? read (file, text, sizeof (text) - 1) : 0;

  if (file >= 0)
    close (file);
  if (n <= 0)
    return 0;
  text[n] = '\0';
  return sscanf (text, "%lld %lld", &ran, &waited) == 2 ? waited / 1000 : 0;
}

static void
remember (SoakLane *lane, GstBuffer *buffer, gint64 waited)
{
  g_mutex_lock (&lane->lock);
  if (lane->n == IN_FLIGHT) {
    fprintf (
        stderr, "soak: the element keeps %d buffers of a pad\n", IN_FLIGHT);
    exit (1);
  }
  if (lane->hold_back == 0)
    lane->waited = waited;
  lane->passing[(lane->first + lane->n++) % IN_FLIGHT] =
      (Passing){ buffer, g_get_monotonic_time (), 0 };
  g_mutex_unlock (&lane->lock);
  soak_count (SOAK_IN, 1);
}

/* The newest has been pushed, for which its thread has waited for a core. */
static void
remember_wait (SoakLane *lane, const GstBuffer *buffer, gint64 waited)
{
  Passing *newest;

  g_mutex_lock (&lane->lock);
  newest = &lane->passing[(lane->first + lane->n + IN_FLIGHT - 1) % IN_FLIGHT];
  if (lane->n > 0 && newest->buffer == buffer)
    newest->waited = waited;
  g_mutex_unlock (&lane->lock);
}

/* FALSE: @buffer is none of those on their way. Those before it, @n_lost of
 * them, will not come any more. Called with the lock. */
static gboolean
recall (SoakLane *lane, const GstBuffer *buffer, Passing *found, guint *n_lost)
{
  guint i;

  for (i = 0; i < lane->n; i++) {
    *found = lane->passing[(lane->first + i) % IN_FLIGHT];
    if (found->buffer != buffer)
      continue;
    *n_lost = i;
    lane->first = (lane->first + i + 1) % IN_FLIGHT;
    lane->n -= i + 1;
    return TRUE;
  }
  *n_lost = 0;
  return FALSE;
}

static GstFlowReturn
take_buffer (GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
  SoakLane *lane = gst_pad_get_element_private (pad);
  gint64 now = g_get_monotonic_time (), waited = get_waited ();
  Passing found;
  gint64 before;
  guint n_lost;
  gboolean known;

  g_mutex_lock (&lane->lock);
  known = recall (lane, buffer, &found, &n_lost);
  before = lane->waited;
  lane->waited = waited;
  g_mutex_unlock (&lane->lock);
  if (known)
    soak_count_buffer (lane->who, now - found.came - lane->hold_back,
        found.waited + MAX (waited - before, 0));
  else
    soak_count_error (lane->who, "a buffer left that had not come");
  soak_count (SOAK_LOST, n_lost);
  gst_buffer_unref (buffer);
  return GST_FLOW_OK;
}

static gboolean
take_event (GstPad *pad, GstObject *parent, GstEvent *event)
{
  SoakLane *lane = gst_pad_get_element_private (pad);

  if (GST_EVENT_TYPE (event) == GST_EVENT_EOS) {
    g_mutex_lock (&lane->lock);
    lane->ended = TRUE;
    g_cond_broadcast (&lane->changed);
    g_mutex_unlock (&lane->lock);
  }
  gst_event_unref (event);
  return TRUE;
}

GstFlowReturn
soak_lane_push (SoakLane *lane, GstBuffer *buffer)
{
  const GstBuffer *pushed = buffer;
  gint64 waited = get_waited ();
  GstFlowReturn flow;

  remember (lane, buffer, waited);
  flow = gst_pad_push (lane->out, buffer);
  if (lane->hold_back > 0)
    remember_wait (lane, pushed, get_waited () - waited);
  return flow;
}

/* ---- from the first to the last ---- */

void
soak_lane_open (SoakLane *lane, GstElement *weir)
{
  g_autofree gchar *sink = g_strdup_printf ("sink_%u", lane->index);
  g_autofree gchar *src = g_strdup_printf ("src_%u", lane->index);
  g_autoptr (GstPad) src_pad = NULL;

  lane->first = lane->n = 0;
  lane->ended = lane->given_up = FALSE;
  lane->waited = G_MAXINT64; /* no buffer as yet */
  lane->weir = weir;
  lane->sink = gst_element_request_pad_simple (weir, sink);
  src_pad = gst_element_get_static_pad (weir, src);
  lane->out = gst_pad_new (NULL, GST_PAD_SRC);
  /* Without a template it would take no other caps than its first. */
  lane->in = gst_pad_new_from_static_template (&any_template, "in");
  gst_pad_set_element_private (lane->in, lane);
  gst_pad_set_chain_function (lane->in, take_buffer);
  gst_pad_set_event_function (lane->in, take_event);
  gst_pad_set_active (lane->in, TRUE);
  gst_pad_set_active (lane->out, TRUE);
  gst_pad_link (lane->out, lane->sink);
  gst_pad_link (src_pad, lane->in);
}

void
soak_lane_push_caps (SoakLane *lane, GstCaps *caps)
{
  gst_pad_push_event (lane->out, gst_event_new_caps (caps));
}

void
soak_lane_begin (SoakLane *lane, GstCaps *caps)
{
  g_autofree gchar *id = g_uuid_string_random ();
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_pad_push_event (lane->out, gst_event_new_stream_start (id));
  soak_lane_push_caps (lane, caps);
  gst_pad_push_event (lane->out, gst_event_new_segment (&segment));
}

gboolean
soak_lane_end (SoakLane *lane)
{
  gint64 until = g_get_monotonic_time () + lane->hold_back + END_TIME;
  gboolean ended;

  gst_pad_push_event (lane->out, gst_event_new_eos ());
  g_mutex_lock (&lane->lock);
  while (!lane->ended && !lane->given_up &&
         g_cond_wait_until (&lane->changed, &lane->lock, until))
    continue;
  ended = lane->ended;
  g_mutex_unlock (&lane->lock);
  return ended;
}

void
soak_lane_give_up (SoakLane *lane)
{
  g_mutex_lock (&lane->lock);
  lane->given_up = TRUE;
  g_cond_broadcast (&lane->changed);
  g_mutex_unlock (&lane->lock);
}

guint
soak_lane_close (SoakLane *lane)
{
  guint left;

  gst_pad_set_active (lane->out, FALSE);
  gst_element_release_request_pad (lane->weir, lane->sink);
  gst_pad_set_active (lane->in, FALSE);
  g_mutex_lock (&lane->lock);
  left = lane->n;
  g_mutex_unlock (&lane->lock);
  gst_clear_object (&lane->sink);
  gst_clear_object (&lane->out);
  gst_clear_object (&lane->in);
  return left;
}
