/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the files of the element share: gstweir.c (the object),
 * gstweirproperties.c (its properties), gstweirbank.c (the bank and its changes), gstweirhistory.c (what is remembered of the
 * stream), gstweirstream.c (what flows into a pair of pads), gstweirgate.c (what
 * leaves, and what a cut does), gstweirverdicts.c (what the analysis says) and
 * gstweirmessages.c (what is said on the bus).
 */
#pragma once

#include "gstweir.h"

#include "bank/bank-follower.h"
#include "events/event.h"
#include "feed/feed.h"
#include "gstweiranalysis.h"
#include "gstweirblank.h"
#include "gstweirfollower.h"
#include "gstweirhold.h"
#include "history/look-back.h"
#include "match/matcher.h"

G_BEGIN_DECLS

GST_DEBUG_CATEGORY_EXTERN (gst_weir_debug);

/* One pair of pads. Its fields belong to the streaming thread but for those
 * that say otherwise. */
typedef struct {
  gint refs; /* atomic */
  GstWeir *weir;
  guint index;
  GstPad *sink, *src;
  GstSegment segment;
  gboolean wait_keyframe; /* released: goes on at a keyframe; object lock */
  gboolean too_large;     /* what is to be held has no room */
  GstWeirFollower *follower;

  GstWeirHold *hold; /* in use when the element holds back */
  /* of whoever pushes downstream */
  gboolean closed;     /* told of the cut */
  GstWeirBlank *blank; /* what it shows when cut; NULL: nothing */

  /* set by the streaming thread, cleared while the pads are inactive; both
   * with the object lock */
  GstWeirAnalysis *analysis;
  gboolean released; /* no analysis begins any more; object lock */

  /* what the analysis sees; object lock */
  gboolean sees;
  gchar *problem;
  gboolean ended;
} GstWeirStream;

struct _GstWeir {
  GstElement parent;

  /* properties; object lock */
  gchar *stream_id;
  gchar *bank_path;
  gchar *feed_urls, *feed_keys, *cache_dir;
  WeirAction max_action;
  GstWeirOnCut on_cut;
  gboolean sync_analysis;
  guint history_length; /* s; stays as it is above READY */
  gchar *candidates;
  guint hold_back; /* ms; stays as it is above READY */
  GstWeirDecode decode;
  guint sample_gops;
  GstWeirOnUnsupported on_unsupported;

  GstWeirPrintFunc print_func;
  gpointer print_data;

  /* object lock */
  GList *streams; /* of GstWeirStream */
  guint next_index;
  WeirCounters counters;
  gint64 begun;                        /* real time of the first buffer, us */
  GstClockTime seen_until;             /* running time of the newest media */
  gchar *status_state, *status_reason; /* as last queued */
  GQueue statuses;                     /* of WeirEvent, not told as yet */
  gboolean tells_status;               /* a thread tells of them */
  WeirBankFollower *follower;          /* NULL below PAUSED */
  WeirFeed *feed;                      /* NULL below PAUSED, or without one */
  gchar *bank_problem; /* why there is no bank; NULL: there is */

  /* whether streams are analysed: read by the streaming threads without a
   * lock */
  gint analyses;

  /* whether to look at more than keyframes; atomic */
  gint suspicious;

  /* the gate: read by the streaming threads without a lock */
  gint cut;
  /* why it is closed; object lock */
  gchar *cut_match_id, *cut_reason;
  gboolean cut_posted;

  /* match lock: taken before the object lock, never by a streaming thread
   * but with sync-analysis */
  GMutex match_lock;
  WeirBank *bank;
  WeirMatcher *matcher; /* NULL without a bank or below PAUSED */
  GArray *matches;      /* of WeirMatch, what the matcher just said */
  GQueue untold;        /* of WeirEvent, to be posted in this order */
  gboolean tells;       /* a thread posts them now */
  WeirHistory *history; /* NULL without one or below PAUSED */
  gint picture_stream;  /* whose pictures and sound it has; -1: none yet */
  gint sound_stream;
  GThread *look_back;     /* looks back, or is done; NULL: never begun */
  gboolean looks_back;    /* goes on to the next */
  gboolean has_look_back; /* to be begun: up to when, and since which bank */
  gint64 look_back_until;
  WeirBank *look_back_since;

  gint stopping; /* looks back no further: read without a lock */
};

/* What the class needs of gstweirproperties.c. */
void gst_weir_install_properties (GObjectClass *class);
void gst_weir_init_properties (GstWeir *weir);
void gst_weir_clear_properties (GstWeir *weir);
void gst_weir_set_property (
    GObject *object, guint id, const GValue *value, GParamSpec *spec);
void gst_weir_get_property (
    GObject *object, guint id, GValue *value, GParamSpec *spec);

/* The history begins, and is gone. */
void gst_weir_start_history (GstWeir *weir);
void gst_weir_stop_history (GstWeir *weir);

/* The history takes what the stream @index has shown and played. Called with
 * the match lock. */
void gst_weir_remember_video (
    GstWeir *weir, guint index, const WeirStamp *stamp, const WeirFrame *frame);
void gst_weir_remember_audio (GstWeir *weir, guint index,
    const WeirStamp *stamp, gint64 origin, const WeirSound *sound,
    const WeirSound *reference);
void gst_weir_remember_audio_restart (GstWeir *weir, guint index);

/* The streams' times start anew; the stream @index is over, so that another may
 * be remembered. Called without the match lock. */
void gst_weir_remember_reset (GstWeir *weir);
void gst_weir_remember_end (GstWeir *weir, guint index);

/* Matches what is remembered, on a thread of its own, against what the bank in
 * use has and @before (NULL: none) had not. */
void gst_weir_look_back (GstWeir *weir, WeirBank *before);

/* The class handler of the signal make-reference. */
gchar *gst_weir_make_reference (
    GstWeir *weir, guint64 start, guint64 stop, const gchar *label);

/* Takes the bank into use that the property names, tells so, and follows it. */
void gst_weir_start_bank (GstWeir *weir);
void gst_weir_stop_bank (GstWeir *weir);
void gst_weir_set_bank_path (GstWeir *weir, const gchar *path);

/* Matches in @weir->matches of what floods this host can only flag from here on:
 * returns what there is to say of them, WeirEvents, or NULL. Called with the
 * match lock. */
GPtrArray *gst_weir_hold_floods (GstWeir *weir);

/* @event, which it takes, or what is in @weir->matches, is to be told after all
 * that waits. Called with the match lock. */
void gst_weir_queue_event (GstWeir *weir, WeirEvent *event);
void gst_weir_queue_matches (GstWeir *weir);

/* Tells what waits and what is in @weir->matches, in that order whatever thread
 * it came from, and then closes the gate where a verdict says so. Called with
 * the match lock, which is given up: whoever is told may call back. Returns at
 * once when another thread is telling: that one goes on with it. */
void gst_weir_tell_and_unlock (GstWeir *weir);

/* Every match ends, and is told. */
void gst_weir_reset_matcher (GstWeir *weir);

/* Takes @event. */
void gst_weir_post_event (GstWeir *weir, WeirEvent *event);

/* Tells of the status of the whole, from what is seen of its streams, when it
 * is not the one told last. Returns at once when another thread is telling: that
 * one goes on with it. Not with a lock. */
void gst_weir_update_status (GstWeir *weir);

/* The property stats. Free with gst_structure_free(). */
GstStructure *gst_weir_get_stats (GstWeir *weir);

/* Free with g_free(). */
gchar *gst_weir_get_stream_id (GstWeir *weir);

/* What is seen of the stream @index. */
void gst_weir_set_sight (
    GstWeir *weir, guint index, gboolean sees, const gchar *problem);

extern const GstWeirAnalysisCallbacks gst_weir_analysis_callbacks;

/* The stream is cut for @match_id, or by a person (NULL); it goes on. Any
 * thread, without the object lock. */
void gst_weir_close_gate (
    GstWeir *weir, const gchar *match_id, const gchar *reason);
void gst_weir_open_gate (GstWeir *weir);

/* Lets a buffer, a list or an event leave, unless the gate is closed. Take what
 * they are given; @running_time is where in the stream that is. */
GstFlowReturn gst_weir_gate_pass (
    GstMiniObject *object, GstClockTime running_time, gpointer stream);
GstFlowReturn gst_weir_gate_pass_list (
    GstWeirStream *stream, GstBufferList *list, GstClockTime running_time);
gboolean gst_weir_gate_pass_event (
    GstWeirStream *stream, GstEvent *event, GstClockTime running_time);

GstPad *gst_weir_request_new_pad (GstElement *element, GstPadTemplate *template,
    const gchar *name, const GstCaps *caps);
void gst_weir_release_pad (GstElement *element, GstPad *pad);

/* Called while the pads are inactive, or by the streaming thread. */
void gst_weir_stream_start_analysis (GstWeir *weir, GstWeirStream *stream);

/* Called while the pads are inactive. */
void gst_weir_stream_stop_analysis (GstWeirStream *stream);

/* Frees it with the last reference. */
void gst_weir_stream_unref (GstWeirStream *stream);

G_END_DECLS
