/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bounded queue, the thread behind it, and from frames to fingerprints. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstweiranalysis.h"

#include "gstweirdecoder.h"
#include "gstweirfollower.h"
#include "gstweirretry.h"

GST_DEBUG_CATEGORY_EXTERN (gst_weir_debug);
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

/* It says so when this many buffers in a row gave neither picture nor sound. */
#define UNSEEN_MAX 1000

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

typedef struct {
  GstMiniObject *object; /* a buffer or an event; NULL: flush */
  gint64 arrival;
  GstClockTime running_time;
  gsize size;         /* bytes it takes */
  gboolean is_flv;    /* to be taken up at a place of its own alone */
  WeirFlvPlace place; /* of a buffer */
} Item;

struct _GstWeirAnalysis {
  gint refs;
  GWeakRef owner;
  guint stream;
  const GstWeirAnalysisCallbacks *callbacks;
  GstWeirDecode mode;
  GThread *thread;           /* NULL: synchronous */
  GstWeirFollower *follower; /* the streaming thread's own */

  /* lock guards from here on, up to the blank line */
  GMutex lock;
  GCond changed; /* an item came, the thread became idle or ended */
  GQueue items;
  gsize bytes;
  gboolean working, stopping, ended, overflowed;

  /* the analysis thread's own */
  GstWeirDecoder *decoder;
  GstWeirRetry retry;
  guint unseen; /* buffers since it last began, while it sees nothing */
  GstEvent *stream_start, *caps, *segment; /* for a decoder made anew */
  GstWeirEffort effort;
  gboolean resync; /* begin at a keyframe only */
  gboolean sees;
  gchar *problem; /* why not all is seen */
  gboolean stale; /* problem is of a decoder that is gone */

  WeirFrameHasher *hasher;
  WeirLandmarkExtractor *extractor;
  WeirSound *sound;
  /* of the same samples, for the history; NULL without */
  WeirLandmarkExtractor *reference_extractor;
  WeirSound *reference;
  gint64 origin; /* time 0 of the extractors */
  gboolean has_origin;
  WeirStamp newest;
};

static void
clear_item (Item *item)
{
  if (item->object)
    gst_mini_object_unref (item->object);
  weir_flv_place_clear (&item->place);
  g_free (item);
}

static void
analysis_unref (GstWeirAnalysis *analysis)
{
  if (!g_atomic_int_dec_and_test (&analysis->refs))
    return;
  g_clear_pointer (&analysis->decoder, gst_weir_decoder_free);
  gst_weir_follower_free (analysis->follower);
  g_queue_clear_full (&analysis->items, (GDestroyNotify) clear_item);
  gst_event_replace (&analysis->stream_start, NULL);
  gst_event_replace (&analysis->caps, NULL);
  gst_event_replace (&analysis->segment, NULL);
  g_free (analysis->problem);
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

/* ---- what it sees ---- */

static void
report_sight (GstWeirAnalysis *analysis)
{
  g_autoptr (GstElement) owner = g_weak_ref_get (&analysis->owner);

  if (owner)
    analysis->callbacks->sight (
        owner, analysis->stream, analysis->sees, analysis->problem);
}

static void
set_problem (GstWeirAnalysis *analysis, const gchar *reason)
{
  if (!analysis->stale && g_strcmp0 (analysis->problem, reason) == 0)
    return;
  g_free (analysis->problem);
  analysis->problem = g_strdup (reason);
  analysis->stale = FALSE;
  report_sight (analysis);
}

static void
set_sees (GstWeirAnalysis *analysis)
{
  if (analysis->sees)
    return;
  analysis->sees = TRUE;
  gst_weir_retry_reset (&analysis->retry);
  analysis->unseen = 0;
  if (analysis->stale)
    g_clear_pointer (&analysis->problem, g_free);
  report_sight (analysis);
}

/* A problem that is over as soon as something is seen. */
static void
set_passing_problem (GstWeirAnalysis *analysis, const gchar *reason)
{
  set_problem (analysis, reason);
  analysis->stale = TRUE;
}

static void
on_problem (const gchar *reason, gpointer user_data)
{
  set_problem (user_data, reason);
}

/* ---- from frames to fingerprints ---- */

static WeirLuma
get_luma (const GstVideoFrame *frame)
{
  const GstVideoFormatInfo *format = frame->info.finfo;

  return (WeirLuma){
    .data = GST_VIDEO_FRAME_COMP_DATA (frame, 0),
    .stride = GST_VIDEO_FRAME_COMP_STRIDE (frame, 0),
    .pixel_stride = (guint) GST_VIDEO_FRAME_COMP_PSTRIDE (frame, 0),
    .width = (guint) GST_VIDEO_FRAME_WIDTH (frame),
    .height = (guint) GST_VIDEO_FRAME_HEIGHT (frame),
    .depth = GST_VIDEO_FORMAT_INFO_DEPTH (format, 0),
    .shift = GST_VIDEO_FORMAT_INFO_SHIFT (format, 0),
    .full_range = frame->info.colorimetry.range == GST_VIDEO_COLOR_RANGE_0_255,
  };
}

static void
on_video (
    const WeirStamp *stamp, const GstVideoFrame *picture, gpointer user_data)
{
  GstWeirAnalysis *analysis = user_data;
  g_autoptr (GstElement) owner = g_weak_ref_get (&analysis->owner);
  WeirLuma luma = get_luma (picture);
  WeirFrame frame;

  if (!owner)
    return;
  if (!weir_frame_hasher_run (analysis->hasher, &luma, stamp->time, &frame)) {
    g_autofree gchar *reason =
        g_strdup_printf ("its pictures of %ux%u cannot be fingerprinted, "
                         "which takes from %ux%u to %ux%u",
            luma.width, luma.height, WEIR_PDQ_MIN_SIDE, WEIR_PDQ_MIN_SIDE,
            WEIR_PDQ_MAX_SIDE, WEIR_PDQ_MAX_SIDE);
    set_problem (analysis, reason);
    return;
  }
  set_sees (analysis);
  analysis->callbacks->video (owner, analysis->stream, stamp, &frame);
  weir_frame_hasher_keep (analysis->hasher, &frame);
}

static void
deliver_sound (GstWeirAnalysis *analysis)
{
  g_autoptr (GstElement) owner = g_weak_ref_get (&analysis->owner);

  if (owner)
    analysis->callbacks->audio (owner, analysis->stream, &analysis->newest,
        analysis->origin, analysis->sound, analysis->reference);
  weir_sound_consume (analysis->sound);
  if (analysis->reference)
    weir_sound_consume (analysis->reference);
}

static void
finish_sound (WeirLandmarkExtractor *extractor, WeirSound *sound)
{
  if (extractor)
    weir_landmark_extractor_finish (extractor, sound);
}

static void
reset_sound (WeirLandmarkExtractor *extractor, WeirSound *sound)
{
  if (!extractor)
    return;
  weir_landmark_extractor_reset (extractor);
  weir_sound_reset (sound);
}

static void
on_audio_end (gpointer user_data)
{
  GstWeirAnalysis *analysis = user_data;
  g_autoptr (GstElement) owner = NULL;

  if (!analysis->has_origin)
    return;
  finish_sound (analysis->extractor, analysis->sound);
  finish_sound (analysis->reference_extractor, analysis->reference);
  deliver_sound (analysis);
  reset_sound (analysis->extractor, analysis->sound);
  reset_sound (analysis->reference_extractor, analysis->reference);
  analysis->has_origin = FALSE;
  owner = g_weak_ref_get (&analysis->owner);
  if (owner)
    analysis->callbacks->audio_restart (owner, analysis->stream);
}

static void
on_audio (const WeirStamp *stamp, const gfloat *samples, gsize n_samples,
    gboolean discont, gpointer user_data)
{
  GstWeirAnalysis *analysis = user_data;
  gint64 duration = (gint64) gst_util_uint64_scale (
      n_samples, GST_SECOND, GST_WEIR_DECODER_RATE);

  set_sees (analysis);
  if (discont)
    on_audio_end (analysis);
  if (!analysis->has_origin) {
    analysis->has_origin = TRUE;
    analysis->origin = stamp->time;
  }
  analysis->newest = weir_stamp_shift (stamp, -duration);
  /* Samples arrive with their buffer, not after it. */
  analysis->newest.arrival = stamp->arrival;
  if (analysis->reference)
    weir_landmark_extractor_push_both (analysis->extractor,
        analysis->reference_extractor, samples, n_samples, analysis->sound,
        analysis->reference);
  else
    weir_landmark_extractor_push (
        analysis->extractor, samples, n_samples, analysis->sound);
  deliver_sound (analysis);
}

static void
on_unsupported (const gchar *reason, gpointer user_data)
{
  GstWeirAnalysis *analysis = user_data;
  g_autoptr (GstElement) owner = g_weak_ref_get (&analysis->owner);

  set_problem (analysis, reason);
  if (owner)
    analysis->callbacks->unsupported (owner, reason);
}

static GstWeirEffort
get_effort (gpointer user_data)
{
  GstWeirAnalysis *analysis = user_data;

  return analysis->effort;
}

static gboolean
is_suspicious (gpointer user_data)
{
  GstWeirAnalysis *analysis = user_data;
  g_autoptr (GstElement) owner = g_weak_ref_get (&analysis->owner);

  return owner && analysis->callbacks->is_suspicious (owner);
}

static void
ask_keyframe (gpointer user_data)
{
  GstWeirAnalysis *analysis = user_data;
  g_autoptr (GstElement) owner = g_weak_ref_get (&analysis->owner);

  if (owner)
    analysis->callbacks->ask_keyframe (owner, analysis->stream);
}

static const GstWeirDecoderCallbacks decoder_callbacks = {
  .video = on_video,
  .audio = on_audio,
  .audio_end = on_audio_end,
  .problem = on_problem,
  .unsupported = on_unsupported,
  .get_effort = get_effort,
  .is_suspicious = is_suspicious,
  .ask_keyframe = ask_keyframe,
};

/* ---- feeding the decoder ---- */

static void
drop_decoder (GstWeirAnalysis *analysis)
{
  g_clear_pointer (&analysis->decoder, gst_weir_decoder_free);
  on_audio_end (analysis);
  analysis->sees = FALSE;
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
  analysis->decoder = gst_weir_decoder_new (
      &decoder_callbacks, analysis, analysis->mode, GST_OBJECT (owner));
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
    set_passing_problem (analysis, "nothing of it could be decoded so far");
}

/* The stream starts anew: its times, and the chances of its decoder. */
static void
start_anew (GstWeirAnalysis *analysis)
{
  g_autoptr (GstElement) owner = g_weak_ref_get (&analysis->owner);

  drop_decoder (analysis);
  gst_weir_retry_reset (&analysis->retry);
  analysis->unseen = 0;
  analysis->resync = FALSE;
  weir_frame_hasher_reset (analysis->hasher);
  if (owner)
    analysis->callbacks->reset (owner);
}

/* The stream jumps. Its decoder stays: some codecs send their headers once. */
static void
flush_decoder (GstWeirAnalysis *analysis)
{
  g_autoptr (GstElement) owner = g_weak_ref_get (&analysis->owner);

  on_audio_end (analysis);
  gst_weir_retry_reset (&analysis->retry);
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
can_begin_at (const GstWeirAnalysis *analysis, const Item *item)
{
  if (!analysis->resync)
    return TRUE;
  if (item->is_flv)
    return item->place.front != NULL;
  return !GST_BUFFER_FLAG_IS_SET (item->object, GST_BUFFER_FLAG_DELTA_UNIT);
}

static void
push_to_decoder (GstWeirAnalysis *analysis, GstBuffer *buffer, const Item *item)
{
  if (!analysis->decoder) {
    gst_buffer_unref (buffer);
  } else if (!gst_weir_decoder_push_buffer (analysis->decoder, buffer,
                 item->arrival, item->running_time)) {
    drop_decoder (analysis);
    gst_weir_retry_fail (&analysis->retry);
    report_sight (analysis);
  }
}

/* Makes a decoder that begins with the buffer of @item. */
static GstBuffer *
begin_decoder (GstWeirAnalysis *analysis, const Item *item)
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

static void
process_buffer (GstWeirAnalysis *analysis, Item *item)
{
  GstBuffer *buffer = GST_BUFFER_CAST (item->object);
  GstClockTime time = GST_CLOCK_TIME_IS_VALID (item->running_time)
                          ? item->running_time
                          : GST_BUFFER_PTS (buffer);
  gboolean may_begin = gst_weir_retry_pass (
      &analysis->retry, time, gst_buffer_get_size (buffer));

  if (item->place.lost) {
    drop_decoder (analysis);
    set_passing_problem (
        analysis, "bytes out of place: it is seen again from a keyframe on");
  }
  if (analysis->decoder)
    push_to_decoder (
        analysis, GST_BUFFER_CAST (g_steal_pointer (&item->object)), item);
  else if (may_begin && can_begin_at (analysis, item))
    push_to_decoder (analysis, begin_decoder (analysis, item), item);
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

static void
process (GstWeirAnalysis *analysis, Item *item)
{
  if (!item->object)
    flush_decoder (analysis);
  else if (GST_IS_BUFFER (item->object))
    process_buffer (analysis, item);
  else
    process_event (analysis, GST_EVENT_CAST (g_steal_pointer (&item->object)));
}

/* ---- the thread ---- */

static void
set_effort (GstWeirAnalysis *analysis, GstWeirEffort effort)
{
  analysis->effort = effort;
  weir_frame_hasher_set_parts (
      analysis->hasher, effort < GST_WEIR_EFFORT_FEWER_VIEWS);
  set_problem (analysis, efforts[effort].said);
}

/* Less is done at once, and more again step by step. */
static void
update_effort (GstWeirAnalysis *analysis, const Item *item, gsize bytes)
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

static void
recover_from_overflow (GstWeirAnalysis *analysis)
{
  /* What was left out may have cut a container in two. */
  drop_decoder (analysis);
  analysis->resync = TRUE;
  set_passing_problem (
      analysis, "the analysis did not keep up and lost its place");
}

static gpointer
run (gpointer user_data)
{
  GstWeirAnalysis *analysis = user_data;

  g_mutex_lock (&analysis->lock);
  while (!analysis->stopping) {
    Item *item = g_queue_pop_head (&analysis->items);
    gboolean overflowed = analysis->overflowed;
    gsize bytes;

    if (!item) {
      analysis->working = FALSE;
      g_cond_broadcast (&analysis->changed);
      g_cond_wait (&analysis->changed, &analysis->lock);
      continue;
    }
    analysis->working = TRUE;
    analysis->bytes -= item->size;
    bytes = analysis->bytes;
    analysis->overflowed = FALSE;
    g_mutex_unlock (&analysis->lock);

    if (overflowed)
      recover_from_overflow (analysis);
    update_effort (analysis, item, bytes);
    process (analysis, item);
    clear_item (item);
    g_mutex_lock (&analysis->lock);
  }
  analysis->working = FALSE;
  analysis->ended = TRUE;
  g_cond_broadcast (&analysis->changed);
  g_mutex_unlock (&analysis->lock);
  analysis_unref (analysis);
  return NULL;
}

GstWeirAnalysis *
gst_weir_analysis_new (GstElement *owner, guint stream,
    const GstWeirAnalysisCallbacks *callbacks, WeirLandmarkUse use,
    gboolean history, GstWeirDecode mode, gboolean synchronous)
{
  GstWeirAnalysis *analysis = g_new0 (GstWeirAnalysis, 1);

  analysis->refs = 1;
  g_weak_ref_init (&analysis->owner, owner);
  analysis->stream = stream;
  analysis->callbacks = callbacks;
  analysis->mode = mode;
  analysis->follower = gst_weir_follower_new ();
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
push (GstWeirAnalysis *analysis, Item *item)
{
  gboolean is_buffer = item->object && GST_IS_BUFFER (item->object);
  gboolean taken = TRUE;

  item->arrival = g_get_monotonic_time ();
  if (!analysis->thread) {
    process (analysis, item);
    clear_item (item);
    return TRUE;
  }
  g_mutex_lock (&analysis->lock);
  if (!has_room (analysis, is_buffer, item->size)) {
    analysis->overflowed = TRUE;
    taken = FALSE;
  } else {
    g_queue_push_tail (&analysis->items, item);
    analysis->bytes += item->size;
    analysis->working = TRUE;
    g_cond_broadcast (&analysis->changed);
  }
  g_mutex_unlock (&analysis->lock);
  if (!taken)
    clear_item (item);
  return taken;
}

gboolean
gst_weir_analysis_push_buffer (
    GstWeirAnalysis *analysis, GstBuffer *buffer, GstClockTime running_time)
{
  Item *item = g_new0 (Item, 1);

  item->object = GST_MINI_OBJECT_CAST (buffer);
  item->running_time = running_time;
  item->is_flv =
      gst_weir_follower_take_buffer (analysis->follower, buffer, &item->place);
  item->size = gst_buffer_get_size (buffer);
  if (item->place.front)
    item->size += g_bytes_get_size (item->place.front);
  return push (analysis, item);
}

void
gst_weir_analysis_push_event (GstWeirAnalysis *analysis, GstEvent *event)
{
  Item *item = g_new0 (Item, 1);

  gst_weir_follower_take_event (analysis->follower, event);
  item->object = GST_MINI_OBJECT_CAST (event);
  item->running_time = GST_CLOCK_TIME_NONE;
  push (analysis, item);
}

void
gst_weir_analysis_flush (GstWeirAnalysis *analysis)
{
  gst_weir_follower_flush (analysis->follower);
  g_mutex_lock (&analysis->lock);
  g_queue_clear_full (&analysis->items, (GDestroyNotify) clear_item);
  analysis->bytes = 0;
  analysis->overflowed = FALSE;
  g_mutex_unlock (&analysis->lock);
  push (analysis, g_new0 (Item, 1));
}

gboolean
gst_weir_analysis_drain (GstWeirAnalysis *analysis, gint64 timeout)
{
  gint64 deadline = g_get_monotonic_time () + timeout;
  gboolean drained = TRUE;

  g_mutex_lock (&analysis->lock);
  while (analysis->thread && analysis->working && drained)
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
