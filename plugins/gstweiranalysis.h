/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The analysis of one pad's stream: copies of what passes in, fingerprints
 * out, on a thread of its own behind a bounded queue (or, synchronous, in the
 * thread that pushes). Pushing never waits for it: what does not fit is left
 * out and said.
 *
 * Why a thread each, and no pool of a few for all streams of a process: a
 * decoder may hang or take seconds, and whoever shares its thread waits with it;
 * a bounded pool is blind in all streams once as many hang as it has threads,
 * and one that grows when that happens is a thread each again. Decoders need
 * their data in order, so that a stream would never use two threads at once. The
 * price is small: a live stream of video and sound wakes its two threads some 80
 * times a second in all, once for each buffer that comes, and of the CPU that
 * the analysis takes 7 % is the kernel's, page faults included. Waking it for
 * several buffers at once would save half of that and come later by as much.
 */
#pragma once

#include "fingerprint/frame.h"
#include "fingerprint/landmark.h"
#include "gstweirdecoder.h"
#include "gstweirfollower.h"
#include "match/stamp.h"

#include <gst/gst.h>

G_BEGIN_DECLS

typedef struct _GstWeirAnalysis GstWeirAnalysis;

/* Called from the analysis thread, never after the owner is gone. @stream is
 * what was given to gst_weir_analysis_new(). */
typedef struct {
  void (*video) (GstElement *owner, guint stream, const WeirStamp *stamp,
      WeirFrame *frame);
  /* @stamp: of the newest sample; @origin: time 0 of the sound, which knows its
   * stream, and of the same as a reference has it, if that is made. */
  void (*audio) (GstElement *owner, guint stream, const WeirStamp *stamp,
      gint64 origin, const WeirSound *sound, const WeirSound *reference);
  /* The extractors count from 0 again. */
  void (*audio_restart) (GstElement *owner, guint stream);
  /* The stream's times start anew. */
  void (*reset) (GstElement *owner);
  /* All of the stream has been seen. */
  void (*ended) (GstElement *owner, guint stream);
  /* Whether to look closer. */
  gboolean (*is_suspicious) (GstElement *owner);
  /* A keyframe would help. */
  void (*ask_keyframe) (GstElement *owner, guint stream);
  /* (Part of) the stream cannot be decoded, for @reason. */
  void (*unsupported) (GstElement *owner, const gchar *reason);
  /* The analysis sees (part of) the stream, does not see all of it for
   * @reason, or both; neither: it has not seen anything yet. */
  void (*sight) (
      GstElement *owner, guint stream, gboolean sees, const gchar *reason);
} GstWeirAnalysisCallbacks;

/* @owner is held weakly; @callbacks must be static. @history: of a query, the
 * sound is made as a reference's, too. */
GstWeirAnalysis *gst_weir_analysis_new (GstElement *owner, guint stream,
    const GstWeirAnalysisCallbacks *callbacks, WeirLandmarkUse use,
    gboolean history, const GstWeirPick *pick, gboolean synchronous);

/* Ends it and gives up the caller's reference. A thread that does not come
 * back within two seconds (a hung decoder) is left to end by itself. */
void gst_weir_analysis_stop (GstWeirAnalysis *analysis);

/* Before anything is pushed: some of the stream went by, and it is taken up as
 * after a gap. */
void gst_weir_analysis_join (GstWeirAnalysis *analysis);

/* Takes a buffer of its own (see gst_weir_analysis_copy()), and what @place has;
 * @running_time as in the owner's pipeline. When the stream @is_followed, it is
 * taken up after a gap where there is a place. FALSE when it did not fit and
 * was left out. */
gboolean gst_weir_analysis_push_buffer (GstWeirAnalysis *analysis,
    GstBuffer *buffer, GstClockTime running_time, gboolean is_followed,
    WeirPlace *place);

/* Takes serialized events. */
void gst_weir_analysis_push_event (GstWeirAnalysis *analysis, GstEvent *event);

/* Drops what is queued and starts anew. */
void gst_weir_analysis_flush (GstWeirAnalysis *analysis);

/* How many of the buffers and events that were pushed are not done. */
guint gst_weir_analysis_count_waiting (GstWeirAnalysis *analysis);

/* Waits until all that was pushed is done, at most @timeout us. */
gboolean gst_weir_analysis_drain (GstWeirAnalysis *analysis, gint64 timeout);

/* A copy of @buffer that the analysis may keep: a shallow one, but for buffers
 * from a pool, whose memory it must not hold. */
GstBuffer *gst_weir_analysis_copy (GstBuffer *buffer);

G_END_DECLS
