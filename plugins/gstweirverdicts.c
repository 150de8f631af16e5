/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the analysis says: fingerprints to the matcher, matches to the bus and
 * the gate, and what is seen of the streams. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstweirprivate.h"

#include <gst/video/video.h>

#define GST_CAT_DEFAULT gst_weir_debug

/* What waits to be told at most: more does when whoever is told hangs. */
#define UNTOLD_MAX 4096

/* Closes the gate if there is a match that cuts. Called with the match lock. */
static void
judge_gate (GstWeir *weir)
{
  const WeirMatch *match =
      weir->matcher ? weir_matcher_get_cutting_match (weir->matcher) : NULL;

  if (match)
    gst_weir_close_gate (weir, match->id,
        *match->reference.label ? match->reference.label : "known content");
}

static WeirEvent *
make_match_event (GstWeir *weir, const WeirMatch *match, const gchar *stream_id,
    const gchar *bank_version)
{
  GST_INFO_OBJECT (weir, "match %s %s: reference %s, %s", match->id,
      weir_match_state_to_string (match->state), match->reference.id,
      weir_action_to_string (match->verdict));
  if (match->state == WEIR_MATCH_STARTED) {
    GST_OBJECT_LOCK (weir);
    weir->counters.matches++;
    GST_OBJECT_UNLOCK (weir);
  }
  return weir_event_new_match (
      stream_id, match, bank_version, g_get_monotonic_time ());
}

void
gst_weir_queue_event (GstWeir *weir, WeirEvent *event)
{
  if (g_queue_get_length (&weir->untold) >= UNTOLD_MAX) {
    GST_WARNING_OBJECT (weir, "%s is left out: a handler of messages hangs",
        weir_event_get_name (event));
    weir_event_free (event);
    return;
  }
  g_queue_push_tail (&weir->untold, event);
}

void
gst_weir_queue_matches (GstWeir *weir)
{
  g_autofree gchar *stream_id = gst_weir_get_stream_id (weir);
  guint i;

  for (i = 0; i < weir->matches->len; i++)
    gst_weir_queue_event (weir,
        make_match_event (weir, &g_array_index (weir->matches, WeirMatch, i),
            stream_id, weir_bank_get_version (weir->bank)));
  g_array_set_size (weir->matches, 0);
}

/* Posts what waits, in order, and gives up the lock for each: a thread that
 * comes meanwhile, or whoever is told and calls back, leaves its own to this
 * one. Called with the match lock. */
static void
post_untold (GstWeir *weir)
{
  WeirEvent *event;

  if (weir->tells)
    return;
  weir->tells = TRUE;
  while ((event = g_queue_pop_head (&weir->untold)) != NULL) {
    g_mutex_unlock (&weir->match_lock);
    gst_weir_post_event (weir, event);
    g_mutex_lock (&weir->match_lock);
  }
  weir->tells = FALSE;
}

void
gst_weir_tell_and_unlock (GstWeir *weir)
{
  gboolean has_matches = weir->matches->len > 0;
  g_autoptr (GPtrArray) floods = NULL;
  guint i;

  if (has_matches) {
    floods = gst_weir_hold_floods (weir);
    gst_weir_queue_matches (weir);
  }
  for (i = 0; floods && i < floods->len; i++)
    gst_weir_queue_event (weir, g_ptr_array_index (floods, i));
  post_untold (weir);
  if (has_matches)
    judge_gate (weir);
  g_mutex_unlock (&weir->match_lock);
}

/* Called with the match lock. */
static void
count_fingerprints (
    GstWeir *weir, const WeirStamp *stamp, guint n_frames, guint n_landmarks)
{
  GST_OBJECT_LOCK (weir);
  weir->seen_until = stamp->running_time;
  weir->counters.frames += n_frames;
  weir->counters.landmarks += n_landmarks;
  if (weir->matcher)
    weir->counters.lookups = weir_matcher_get_n_lookups (weir->matcher);
  GST_OBJECT_UNLOCK (weir);
}

/* What the matcher thinks of the stream now. Called with the match lock. */
static void
note_suspicion (GstWeir *weir)
{
  g_atomic_int_set (&weir->suspicious,
      weir->matcher && weir_matcher_is_suspicious (weir->matcher));
}

/* Called with the match lock. */
static void
set_date (GstWeir *weir)
{
  if (weir->matcher)
    weir_matcher_set_date (weir->matcher, g_get_real_time () / G_USEC_PER_SEC);
}

static void
on_video (
    GstElement *owner, guint stream, const WeirStamp *stamp, WeirFrame *frame)
{
  GstWeir *weir = GST_WEIR (owner);

  g_mutex_lock (&weir->match_lock);
  if (weir->print_func)
    weir->print_func (stamp, frame, 0, NULL, weir->print_data);
  set_date (weir);
  if (weir->matcher)
    weir_matcher_add_video (weir->matcher, stamp, frame, weir->matches);
  gst_weir_remember_video (weir, stream, stamp, frame);
  count_fingerprints (weir, stamp, 1, 0);
  note_suspicion (weir);
  gst_weir_tell_and_unlock (weir);
}

static void
on_audio (GstElement *owner, guint stream, const WeirStamp *stamp,
    gint64 origin, const WeirSound *sound, const WeirSound *reference)
{
  GstWeir *weir = GST_WEIR (owner);

  g_mutex_lock (&weir->match_lock);
  if (weir->print_func)
    weir->print_func (stamp, NULL, origin, sound, weir->print_data);
  set_date (weir);
  if (weir->matcher)
    weir_matcher_add_audio (weir->matcher, stamp, origin, sound, weir->matches);
  if (reference)
    gst_weir_remember_audio (weir, stream, stamp, origin, sound, reference);
  count_fingerprints (
      weir, stamp, 0, sound->landmarks->len + sound->pairs->len);
  note_suspicion (weir);
  gst_weir_tell_and_unlock (weir);
}

static void
on_audio_restart (GstElement *owner, guint stream)
{
  GstWeir *weir = GST_WEIR (owner);

  g_mutex_lock (&weir->match_lock);
  if (weir->matcher)
    weir_matcher_restart_audio (weir->matcher, stream);
  gst_weir_remember_audio_restart (weir, stream);
  g_mutex_unlock (&weir->match_lock);
}

void
gst_weir_reset_matcher (GstWeir *weir)
{
  g_mutex_lock (&weir->match_lock);
  if (weir->matcher)
    weir_matcher_reset (weir->matcher, weir->matches);
  note_suspicion (weir);
  gst_weir_tell_and_unlock (weir);
}

static void
on_reset (GstElement *owner)
{
  gst_weir_remember_reset (GST_WEIR (owner));
  gst_weir_reset_matcher (GST_WEIR (owner));
}

/* When the last stream has ended, so have the matches. */
static void
on_ended (GstElement *owner, guint index)
{
  GstWeir *weir = GST_WEIR (owner);
  gboolean all = TRUE;
  GList *link;

  GST_OBJECT_LOCK (weir);
  for (link = weir->streams; link; link = link->next) {
    GstWeirStream *stream = link->data;

    if (stream->index == index)
      stream->ended = TRUE;
    all &= stream->ended;
  }
  GST_OBJECT_UNLOCK (weir);
  if (all)
    gst_weir_reset_matcher (weir);
}

void
gst_weir_set_sight (
    GstWeir *weir, guint index, gboolean sees, const gchar *problem)
{
  GList *link;

  GST_OBJECT_LOCK (weir);
  for (link = weir->streams; link; link = link->next) {
    GstWeirStream *stream = link->data;

    if (stream->index != index)
      continue;
    stream->sees = sees;
    g_free (stream->problem);
    stream->problem = g_strdup (problem);
  }
  GST_OBJECT_UNLOCK (weir);
  gst_weir_update_status (weir);
}

static void
on_sight (GstElement *owner, guint index, gboolean sees, const gchar *reason)
{
  gst_weir_set_sight (GST_WEIR (owner), index, sees, reason);
}

static gboolean
is_suspicious (GstElement *owner)
{
  return g_atomic_int_get (&GST_WEIR (owner)->suspicious);
}

static void
ask_keyframe (GstElement *owner, guint index)
{
  GstWeir *weir = GST_WEIR (owner);
  g_autoptr (GstPad) sink = NULL;
  GList *link;

  GST_OBJECT_LOCK (weir);
  for (link = weir->streams; link && !sink; link = link->next) {
    GstWeirStream *stream = link->data;

    if (stream->index == index)
      sink = gst_object_ref (stream->sink);
  }
  GST_OBJECT_UNLOCK (weir);
  if (sink)
    gst_pad_push_event (sink, gst_video_event_new_upstream_force_key_unit (
                                  GST_CLOCK_TIME_NONE, TRUE, 0));
}

static void
on_unsupported (GstElement *owner, const gchar *reason)
{
  GstWeir *weir = GST_WEIR (owner);

  if (weir->on_unsupported == GST_WEIR_ON_UNSUPPORTED_CUT)
    gst_weir_close_gate (weir, NULL, reason);
}

const GstWeirAnalysisCallbacks gst_weir_analysis_callbacks = {
  .video = on_video,
  .audio = on_audio,
  .audio_restart = on_audio_restart,
  .reset = on_reset,
  .ended = on_ended,
  .is_suspicious = is_suspicious,
  .ask_keyframe = ask_keyframe,
  .unsupported = on_unsupported,
  .sight = on_sight,
};
