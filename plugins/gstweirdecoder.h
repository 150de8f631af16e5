/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A private decoder: whatever flows through one pad in, raw pictures and mono
 * sound out, all in the thread that pushes.
 *
 * It finds demuxer, parser and decoder by itself as data comes, without
 * waiting for all streams of a container to show up. Software decoders of one
 * thread only: a hardware decoder's sessions belong to the application.
 * Of the streams in a container one of video and one of sound are decoded at a
 * time: the first, and when it has ended the one that showed up next. Of the
 * programmes of a transport stream one is. What is left out is told.
 */
#pragma once

#include "gstweir.h"
#include "match/stamp.h"

#include <gst/gst.h>
#include <gst/video/video.h>

G_BEGIN_DECLS

/* Samples per second of the sound that comes out, mono F32. */
#define GST_WEIR_DECODER_RATE 8000

/* What is looked at while there is time for it, from much to little. Sound and
 * keyframes come last. */
typedef enum {
  GST_WEIR_EFFORT_FULL,
  GST_WEIR_EFFORT_FEWER_VIEWS,
  GST_WEIR_EFFORT_KEYFRAMES,
} GstWeirEffort;

/* What of compressed video is decoded; see gstweirpicker.h. */
typedef struct {
  GstWeirDecode mode;
  guint sample_gops; /* one group of pictures in so many; 0: none */
} GstWeirPick;

typedef struct {
  /* A picture whose first plane begins with luma. */
  void (*video) (
      const WeirStamp *stamp, const GstVideoFrame *frame, gpointer user_data);
  /* Sound; @stamp is of its first sample, @discont: it does not join on to
   * what came before. */
  void (*audio) (const WeirStamp *stamp, const gfloat *samples, gsize n_samples,
      gboolean discont, gpointer user_data);
  /* No more sound. */
  void (*audio_end) (gpointer user_data);
  /* Why (part of) the stream cannot be seen; one line. */
  void (*problem) (const gchar *reason, gpointer user_data);
  /* What else the stream carries and is not looked at, beside what is; one
   * line, or NULL: nothing. */
  void (*beside) (const gchar *reason, gpointer user_data);
  /* The same as a problem, for want of a decoder. */
  void (*unsupported) (const gchar *reason, gpointer user_data);
  /* How much may be done now. */
  GstWeirEffort (*get_effort) (gpointer user_data);
  /* Whether there is reason to look at more than keyframes. */
  gboolean (*is_suspicious) (gpointer user_data);
  /* There was no keyframe for some time, and one would help. */
  void (*ask_keyframe) (gpointer user_data);
} GstWeirDecoderCallbacks;

typedef struct _GstWeirDecoder GstWeirDecoder;

/* @callbacks must outlive the decoder; they are called within push. @log: the
 * object that log lines name. One thread at a time. */
GstWeirDecoder *gst_weir_decoder_new (const GstWeirDecoderCallbacks *callbacks,
    gpointer user_data, const GstWeirPick *pick, GstObject *log);
void gst_weir_decoder_free (GstWeirDecoder *decoder);

/* Takes @buffer, which came in at @arrival (us, monotonic) and is at
 * @running_time in the pipeline that it comes from (or GST_CLOCK_TIME_NONE).
 * FALSE once the decoder has failed: it must be made anew. */
gboolean gst_weir_decoder_push_buffer (GstWeirDecoder *decoder,
    GstBuffer *buffer, gint64 arrival, GstClockTime running_time);

/* Takes @event; EOS drains everything before it returns. */
void gst_weir_decoder_push_event (GstWeirDecoder *decoder, GstEvent *event);

/* Forgets what is in its elements, but not what they know of the stream (the
 * headers that some codecs send once). */
void gst_weir_decoder_flush (GstWeirDecoder *decoder);

G_END_DECLS
