/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keyframes first, the rest on suspicion. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstweirpicker.h"

/* So long without a keyframe, everything is decoded and one is asked for. */
#define KEYFRAME_WAIT (2 * GST_SECOND)

/* What is kept of the current group of pictures, where each takes some room
 * beside its data. */
#define KEPT_BYTES_MAX  (4 * 1024 * 1024)
#define KEPT_ITEM_BYTES 512

/* When only keyframes are wanted of a stream that has no others, as raw video
 * has none, one in so long a time is. */
#define KEYFRAME_STEP (500 * GST_MSECOND)

/* Between two pictures that are looked at where nothing is suspicious. */
#define LOOK_STEP (200 * GST_MSECOND)

struct _GstWeirPicker {
  GstWeirPick pick;
  const GstWeirDecoderCallbacks *callbacks;
  gpointer user_data;
  guint64 random; /* 0: no group is chosen */

  GPtrArray *kept; /* of GstBuffer, in order */
  gsize kept_bytes;
  gboolean decoding;       /* this group of pictures is */
  gboolean broken;         /* some of it was left out */
  GstClockTime keyframe;   /* time of the last one, or of asking for one */
  GstClockTime picked;     /* time of the last one that was decoded */
  GstClockTime chosen;     /* by chance, to be looked at */
  GstClockTime seen_until; /* repeated: nothing up to here is new */
  GstClockTime looked;     /* time of the last picture that was looked at */
};

static guint64 seed;
static gsize has_seed;
static gint n_pickers;

void
gst_weir_picker_set_seed (guint64 new_seed)
{
  if (g_once_init_enter (&has_seed))
    g_once_init_leave (&has_seed, 1);
  seed = new_seed;
}

/* The finaliser of splitmix64 over a counter (G. Steele, D. Lea, C. Flood, "Fast
 * splittable pseudorandom number generators", 2014). */
static guint64
mix (guint64 counter)
{
  guint64 mixed = counter * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);

  mixed = (mixed ^ (mixed >> 30)) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  mixed = (mixed ^ (mixed >> 27)) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return mixed ^ (mixed >> 31);
}

GstWeirPicker *
gst_weir_picker_new (const GstWeirPick *pick,
    const GstWeirDecoderCallbacks *callbacks, gpointer user_data)
{
  GstWeirPicker *picker = g_new0 (GstWeirPicker, 1);

  if (g_once_init_enter (&has_seed)) {
    seed = ((guint64) g_random_int () << 32 | g_random_int ()) | 1;
    g_once_init_leave (&has_seed, 1);
  }
  picker->pick = *pick;
  picker->callbacks = callbacks;
  picker->user_data = user_data;
  if (seed)
    picker->random =
        mix (seed + (guint64) g_atomic_int_add (&n_pickers, 1)) | 1;
  picker->kept =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_buffer_unref);
  gst_weir_picker_flush (picker);
  return picker;
}

void
gst_weir_picker_free (GstWeirPicker *picker)
{
  g_ptr_array_unref (picker->kept);
  g_free (picker);
}

static void
drop_kept (GstWeirPicker *picker)
{
  g_ptr_array_set_size (picker->kept, 0);
  picker->kept_bytes = 0;
}

void
gst_weir_picker_flush (GstWeirPicker *picker)
{
  drop_kept (picker);
  picker->decoding = picker->broken = FALSE;
  picker->keyframe = picker->picked = GST_CLOCK_TIME_NONE;
  picker->seen_until = picker->looked = GST_CLOCK_TIME_NONE;
  picker->chosen = GST_CLOCK_TIME_NONE;
}

/* Since the time of a picture, or until it: streams jump. */
static gboolean
has_passed (GstClockTime since, GstClockTime time, GstClockTime passed)
{
  return !GST_CLOCK_TIME_IS_VALID (since) || time >= since + passed ||
         time + passed <= since;
}

gboolean
gst_weir_picker_wants (GstWeirPicker *picker, GstClockTime pts)
{
  if (GST_CLOCK_TIME_IS_VALID (picker->seen_until) && pts <= picker->seen_until)
    return FALSE;
  if (picker->pick.mode == GST_WEIR_DECODE_AUTO && picker->decoding &&
      pts != picker->picked && pts != picker->chosen &&
      !has_passed (picker->looked, pts, LOOK_STEP) &&
      !picker->callbacks->is_suspicious (picker->user_data))
    return FALSE;
  picker->looked = pts;
  return TRUE;
}

/* The time of a picture that has none is the one at which it is decoded. */
static GstClockTime
get_time (const GstBuffer *buffer)
{
  return GST_BUFFER_PTS_IS_VALID (buffer) ? GST_BUFFER_PTS (buffer)
                                          : GST_BUFFER_DTS (buffer);
}

/* A random number below @n. */
static guint
roll (GstWeirPicker *picker, guint n)
{
  return (guint) (mix (picker->random += 2) % n);
}

static GstFlowReturn
decode (GstPad *src, GstBuffer *buffer)
{
  g_autoptr (GstPad) peer = gst_pad_get_peer (src);

  if (peer)
    return gst_pad_chain (peer, buffer);
  gst_buffer_unref (buffer);
  return GST_FLOW_NOT_LINKED;
}

/* The decoder gives out what it has, and begins anew. */
static void
drain (GstPad *src)
{
  gst_pad_push_event (src, gst_video_event_new_still_frame (TRUE));
  gst_pad_push_event (src, gst_video_event_new_still_frame (FALSE));
}

static void
keep (GstWeirPicker *picker, GstBuffer *buffer)
{
  g_ptr_array_add (picker->kept, buffer);
  picker->kept_bytes += gst_buffer_get_size (buffer) + KEPT_ITEM_BYTES;
}

/* Decodes the first @n of what is kept. */
static GstFlowReturn
decode_kept (GstWeirPicker *picker, GstPad *src, guint n)
{
  GstFlowReturn flow = GST_FLOW_OK;
  guint i;

  for (i = 0; i < n && flow == GST_FLOW_OK; i++)
    flow = decode (src, gst_buffer_ref (g_ptr_array_index (picker->kept, i)));
  return flow;
}

/* Decodes what is kept, and from now on everything. */
static GstFlowReturn
catch_up (GstWeirPicker *picker, GstPad *src)
{
  GstFlowReturn flow;

  picker->decoding = TRUE;
  picker->broken = FALSE;
  picker->seen_until = picker->picked;
  flow = decode_kept (picker, src, picker->kept->len);
  drop_kept (picker);
  return flow;
}

/* The newest of the first @n pictures that are kept. */
static GstClockTime
get_newest (const GstWeirPicker *picker, guint n)
{
  GstClockTime newest = 0;
  guint i;

  for (i = 0; i < n; i++)
    newest = MAX (newest, get_time (g_ptr_array_index (picker->kept, i)));
  return newest;
}

/* Whether to go back to the group of pictures that has ended. */
static gboolean
is_sampled (GstWeirPicker *picker)
{
  guint n = picker->kept->len, sample_gops = picker->pick.sample_gops;

  if (sample_gops == 0 || picker->random == 0)
    return FALSE;
  return roll (picker, sample_gops) == 0 && n > 1 &&
         !GST_BUFFER_FLAG_IS_SET (
             g_ptr_array_index (picker->kept, 0), GST_BUFFER_FLAG_DELTA_UNIT);
}

/* Decodes what is kept up to some picture, and all of it if that is worth it. */
static GstFlowReturn
go_back (GstWeirPicker *picker, GstPad *src)
{
  guint n = picker->kept->len, last = 1 + roll (picker, n - 1);
  GstFlowReturn flow;

  picker->decoding = TRUE;
  picker->seen_until = picker->picked;
  picker->chosen = get_time (g_ptr_array_index (picker->kept, last));
  flow = decode_kept (picker, src, last + 1);
  drain (src);
  picker->chosen = GST_CLOCK_TIME_NONE;
  if (flow != GST_FLOW_OK || last == n - 1 ||
      !picker->callbacks->is_suspicious (picker->user_data))
    return flow;
  picker->seen_until = get_newest (picker, last + 1);
  flow = decode_kept (picker, src, n);
  drain (src);
  return flow;
}

static GstFlowReturn
pick_keyframe (
    GstWeirPicker *picker, GstPad *src, GstBuffer *buffer, GstClockTime time)
{
  gboolean thin = picker->callbacks->get_effort (picker->user_data) >=
                  GST_WEIR_EFFORT_KEYFRAMES;
  GstFlowReturn flow = GST_FLOW_OK;

  if (picker->pick.mode == GST_WEIR_DECODE_AUTO && is_sampled (picker) && !thin)
    flow = go_back (picker, src);
  drop_kept (picker);
  picker->keyframe = time;
  picker->broken = FALSE;
  if (flow != GST_FLOW_OK ||
      (thin && !has_passed (picker->picked, time, KEYFRAME_STEP))) {
    picker->decoding = FALSE;
    gst_buffer_unref (buffer);
    return flow;
  }
  picker->decoding =
      !thin && (picker->pick.mode == GST_WEIR_DECODE_ALL ||
                   (picker->pick.mode == GST_WEIR_DECODE_AUTO &&
                       picker->callbacks->is_suspicious (picker->user_data)));
  picker->picked = time;
  picker->seen_until = GST_CLOCK_TIME_NONE;
  if (picker->decoding)
    return decode (src, buffer);

  if (picker->pick.mode != GST_WEIR_DECODE_KEYFRAMES && !thin)
    keep (picker, gst_buffer_ref (buffer));
  flow = decode (src, buffer);
  drain (src);
  return flow;
}

/* Whether there was no keyframe for too long, once each time. */
static gboolean
is_overdue (GstWeirPicker *picker, GstClockTime time)
{
  gboolean overdue;

  if (!GST_CLOCK_TIME_IS_VALID (picker->keyframe))
    picker->keyframe = time;
  overdue = has_passed (picker->keyframe, time, KEYFRAME_WAIT);
  if (overdue)
    picker->keyframe = time;
  if (overdue && picker->pick.mode != GST_WEIR_DECODE_ALL)
    picker->callbacks->ask_keyframe (picker->user_data);
  return overdue;
}

static GstFlowReturn
pick_delta (
    GstWeirPicker *picker, GstPad *src, GstBuffer *buffer, GstClockTime time)
{
  gboolean thin = picker->callbacks->get_effort (picker->user_data) >=
                  GST_WEIR_EFFORT_KEYFRAMES;
  gboolean overdue = is_overdue (picker, time);

  if (thin || picker->pick.mode == GST_WEIR_DECODE_KEYFRAMES) {
    picker->decoding = FALSE;
    picker->broken = TRUE;
    drop_kept (picker);
  } else if (picker->decoding ||
             (picker->pick.mode == GST_WEIR_DECODE_ALL && !picker->broken)) {
    return decode (src, buffer);
  }
  /* Of what is left of a broken group something can be made in need alone. */
  if (picker->broken &&
      (thin || !overdue || picker->pick.mode == GST_WEIR_DECODE_KEYFRAMES)) {
    gst_buffer_unref (buffer);
    return GST_FLOW_OK;
  }
  keep (picker, buffer);
  if (overdue || picker->kept_bytes > KEPT_BYTES_MAX ||
      picker->callbacks->is_suspicious (picker->user_data))
    return catch_up (picker, src);
  return GST_FLOW_OK;
}

GstFlowReturn
gst_weir_picker_push (GstWeirPicker *picker, GstPad *src, GstBuffer *buffer)
{
  GstClockTime time = get_time (buffer);

  if (!GST_CLOCK_TIME_IS_VALID (time))
    return decode (src, buffer);
  if (GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT))
    return pick_delta (picker, src, buffer, time);
  return pick_keyframe (picker, src, buffer, time);
}
