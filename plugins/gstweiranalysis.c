/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bounded queue, and the thread behind it. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstweiranalysisprivate.h"

#define GST_CAT_DEFAULT gst_weir_debug

/* The queue holds at most this, or three buffers when they are larger (raw
 * pictures). */
#define QUEUE_BYTES   (8 * 1024 * 1024)
#define QUEUE_BUFFERS 3
#define QUEUE_ITEMS   8192

/* Up to here the analysis has caught up, and does more again: share of the
 * queue, and age of what is at hand (us). */
#define CAUGHT_BYTES (QUEUE_BYTES / 8)
#define CAUGHT_AGE   (G_USEC_PER_SEC / 2)

#define STOP_TIMEOUT (2 * G_TIME_SPAN_SECOND)

/* What is given up, from which share of the queue and age (us) on. */
static const struct {
  gsize bytes;
  gint64 age;
  const gchar *said;
} efforts[] = {
  [GST_WEIR_EFFORT_FULL] = { 0, 0, NULL },
  [GST_WEIR_EFFORT_FEWER_VIEWS] = { QUEUE_BYTES / 4, G_USEC_PER_SEC,
      "short of time: whole pictures alone are looked at, not parts of them" },
  [GST_WEIR_EFFORT_KEYFRAMES] = { QUEUE_BYTES / 2, 2 * G_USEC_PER_SEC,
      "short of time: keyframes and sound alone are looked at" },
};

static void
clear_item (GstWeirAnalysisItem *item)
{
  if (item->object)
    gst_mini_object_unref (item->object);
  weir_place_clear (&item->place);
  g_free (item);
}

static void
analysis_unref (GstWeirAnalysis *analysis)
{
  if (!g_atomic_int_dec_and_test (&analysis->refs))
    return;
  g_clear_pointer (&analysis->decoder, gst_weir_decoder_free);
  g_queue_clear_full (&analysis->items, (GDestroyNotify) clear_item);
  gst_event_replace (&analysis->stream_start, NULL);
  gst_event_replace (&analysis->caps, NULL);
  gst_event_replace (&analysis->segment, NULL);
  g_free (analysis->problem);
  g_free (analysis->beside);
  weir_frame_hasher_free (analysis->hasher);
  weir_landmark_extractor_free (analysis->extractor);
  weir_sound_free (analysis->sound);
  weir_landmark_extractor_free (analysis->reference_extractor);
  weir_sound_free (analysis->reference);
  g_weak_ref_clear (&analysis->owner);
  g_mutex_clear (&analysis->lock);
  g_cond_clear (&analysis->changed);
  g_free (analysis);
}

/* ---- the thread ---- */

static void
set_effort (GstWeirAnalysis *analysis, GstWeirEffort effort)
{
  analysis->effort = effort;
  weir_frame_hasher_set_parts (
      analysis->hasher, effort < GST_WEIR_EFFORT_FEWER_VIEWS);
  gst_weir_analysis_set_problem (analysis, efforts[effort].said);
}

/* Less is done at once, and more again step by step. */
static void
update_effort (
    GstWeirAnalysis *analysis, const GstWeirAnalysisItem *item, gsize bytes)
{
  gint64 age = g_get_monotonic_time () - item->arrival;
  GstWeirEffort effort = GST_WEIR_EFFORT_KEYFRAMES;

  while (bytes < efforts[effort].bytes && age < efforts[effort].age)
    effort--;
  if (effort > analysis->effort)
    set_effort (analysis, effort);
  else if (analysis->effort > GST_WEIR_EFFORT_FULL && bytes < CAUGHT_BYTES &&
           age < CAUGHT_AGE)
    set_effort (analysis, analysis->effort - 1);
}

static gpointer
run (gpointer user_data)
{
  GstWeirAnalysis *analysis = user_data;

  g_mutex_lock (&analysis->lock);
  while (!analysis->stopping) {
    GstWeirAnalysisItem *item = g_queue_pop_head (&analysis->items);
    gsize bytes;

    analysis->in_hand = item != NULL;
    if (!item) {
      g_cond_broadcast (&analysis->changed);
      g_cond_wait (&analysis->changed, &analysis->lock);
      continue;
    }
    analysis->bytes -= item->size;
    bytes = analysis->bytes;
    g_mutex_unlock (&analysis->lock);

    if (item->after_gap)
      gst_weir_analysis_lose_place (analysis, item);
    update_effort (analysis, item, bytes);
    gst_weir_analysis_process (analysis, item);
    clear_item (item);
    g_mutex_lock (&analysis->lock);
  }
  analysis->in_hand = FALSE;
  analysis->ended = TRUE;
  g_cond_broadcast (&analysis->changed);
  g_mutex_unlock (&analysis->lock);
  analysis_unref (analysis);
  return NULL;
}

GstWeirAnalysis *
gst_weir_analysis_new (GstElement *owner, guint stream,
    const GstWeirAnalysisCallbacks *callbacks, WeirLandmarkUse use,
    gboolean history, const GstWeirPick *pick, gboolean synchronous)
{
  GstWeirAnalysis *analysis = g_new0 (GstWeirAnalysis, 1);

  analysis->refs = 1;
  g_weak_ref_init (&analysis->owner, owner);
  analysis->stream = stream;
  analysis->callbacks = callbacks;
  analysis->pick = *pick;
  gst_weir_retry_reset (&analysis->retry);
  g_mutex_init (&analysis->lock);
  g_cond_init (&analysis->changed);
  g_queue_init (&analysis->items);
  analysis->hasher = weir_frame_hasher_new (
      use == WEIR_LANDMARK_REFERENCE ? WEIR_FRAME_REFERENCE : WEIR_FRAME_QUERY);
  analysis->extractor = weir_landmark_extractor_new (use);
  analysis->sound = weir_sound_new ();
  analysis->sound->stream = stream;
  if (history && use == WEIR_LANDMARK_QUERY) {
    analysis->reference_extractor =
        weir_landmark_extractor_new (WEIR_LANDMARK_REFERENCE);
    analysis->reference = weir_sound_new ();
  }
  if (!synchronous) {
    g_atomic_int_inc (&analysis->refs);
    analysis->thread = g_thread_new ("weir-analysis", run, analysis);
  }
  return analysis;
}

/* FALSE when the thread did not end in time. */
static gboolean
wait_for_end (GstWeirAnalysis *analysis)
{
  gint64 deadline = g_get_monotonic_time () + STOP_TIMEOUT;
  gboolean in_time = TRUE;

  g_mutex_lock (&analysis->lock);
  analysis->stopping = TRUE;
  g_cond_broadcast (&analysis->changed);
  while (!analysis->ended && in_time)
    in_time = g_cond_wait_until (&analysis->changed, &analysis->lock, deadline);
  g_mutex_unlock (&analysis->lock);
  return in_time;
}

void
gst_weir_analysis_stop (GstWeirAnalysis *analysis)
{
  GThread *thread = analysis->thread;

  if (thread && wait_for_end (analysis)) {
    g_thread_join (thread);
  } else if (thread) {
    GST_WARNING ("an analysis thread is stuck and left behind");
    g_thread_unref (thread);
  }
  /* A thread left behind has no more say. */
  g_weak_ref_set (&analysis->owner, NULL);
  analysis_unref (analysis);
}

/* Events have room beyond the last buffer's, so that none is lost before. */
static gboolean
has_room (GstWeirAnalysis *analysis, gboolean is_buffer, gsize size)
{
  gsize limit = MAX (QUEUE_BYTES, QUEUE_BUFFERS * size);
  guint n_items = g_queue_get_length (&analysis->items);

  if (!is_buffer)
    return n_items < 2 * QUEUE_ITEMS;
  return analysis->bytes + size <= limit && n_items < QUEUE_ITEMS;
}

static gboolean
push (GstWeirAnalysis *analysis, GstWeirAnalysisItem *item)
{
  gboolean is_buffer = item->object && GST_IS_BUFFER (item->object);
  gboolean taken = TRUE;

  item->arrival = g_get_monotonic_time ();
  if (!analysis->thread) {
    gst_weir_analysis_process (analysis, item);
    clear_item (item);
    return TRUE;
  }
  g_mutex_lock (&analysis->lock);
  if (!has_room (analysis, is_buffer, item->size)) {
    analysis->overflowed = TRUE;
    taken = FALSE;
  } else {
    item->after_gap = analysis->overflowed;
    analysis->overflowed = FALSE;
    g_queue_push_tail (&analysis->items, item);
    analysis->bytes += item->size;
    g_cond_broadcast (&analysis->changed);
  }
  g_mutex_unlock (&analysis->lock);
  if (!taken)
    clear_item (item);
  return taken;
}

void
gst_weir_analysis_join (GstWeirAnalysis *analysis)
{
  analysis->resync = TRUE;
}

gboolean
gst_weir_analysis_push_buffer (GstWeirAnalysis *analysis, GstBuffer *buffer,
    GstClockTime running_time, gboolean is_followed, WeirPlace *place)
{
  GstWeirAnalysisItem *item = g_new0 (GstWeirAnalysisItem, 1);

  item->object = GST_MINI_OBJECT_CAST (buffer);
  item->running_time = running_time;
  item->is_followed = is_followed;
  item->place = *place;
  *place = (WeirPlace){ FALSE, NULL, 0 };
  item->size = gst_buffer_get_size (buffer);
  if (item->place.front)
    item->size += g_bytes_get_size (item->place.front);
  return push (analysis, item);
}

void
gst_weir_analysis_push_event (GstWeirAnalysis *analysis, GstEvent *event)
{
  GstWeirAnalysisItem *item = g_new0 (GstWeirAnalysisItem, 1);

  item->object = GST_MINI_OBJECT_CAST (event);
  item->running_time = GST_CLOCK_TIME_NONE;
  push (analysis, item);
}

void
gst_weir_analysis_flush (GstWeirAnalysis *analysis)
{
  g_mutex_lock (&analysis->lock);
  g_queue_clear_full (&analysis->items, (GDestroyNotify) clear_item);
  analysis->bytes = 0;
  analysis->overflowed = FALSE;
  g_mutex_unlock (&analysis->lock);
  push (analysis, g_new0 (GstWeirAnalysisItem, 1));
}

/* Called with the lock. */
static guint
count_waiting (const GstWeirAnalysis *analysis)
{
  return analysis->items.length + (analysis->in_hand ? 1 : 0);
}

guint
gst_weir_analysis_count_waiting (GstWeirAnalysis *analysis)
{
  guint n;

  g_mutex_lock (&analysis->lock);
  n = count_waiting (analysis);
  g_mutex_unlock (&analysis->lock);
  return n;
}

gboolean
gst_weir_analysis_drain (GstWeirAnalysis *analysis, gint64 timeout)
{
  gint64 deadline = g_get_monotonic_time () + timeout;
  gboolean drained = TRUE;

  g_mutex_lock (&analysis->lock);
  while (!analysis->ended && count_waiting (analysis) > 0 && drained)
    drained = g_cond_wait_until (&analysis->changed, &analysis->lock, deadline);
  g_mutex_unlock (&analysis->lock);
  return drained;
}

GstBuffer *
gst_weir_analysis_copy (GstBuffer *buffer)
{
  return buffer->pool ? gst_buffer_copy_deep (buffer)
                      : gst_buffer_copy (buffer);
}
