/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the files of an analysis share: gstweiranalysis.c (the bounded queue and
 * the thread behind it), gstweirdecoding.c (its decoder: begun, begun anew,
 * taken up again) and gstweirfingerprints.c (from pictures and samples to
 * fingerprints, and what is seen).
 */
#pragma once

#include "gstweiranalysis.h"
#include "gstweirretry.h"

G_BEGIN_DECLS

GST_DEBUG_CATEGORY_EXTERN (gst_weir_debug);

typedef struct {
  GstMiniObject *object; /* a buffer or an event; NULL: flush */
  gint64 arrival;
  GstClockTime running_time;
  gsize size;           /* bytes it takes */
  gboolean after_gap;   /* what came before it did not fit */
  gboolean is_followed; /* to be taken up at such a place alone */
  WeirPlace place;      /* of a buffer */
} GstWeirAnalysisItem;

struct _GstWeirAnalysis {
  gint refs;
  GWeakRef owner;
  guint stream;
  const GstWeirAnalysisCallbacks *callbacks;
  GstWeirPick pick;
  GThread *thread; /* NULL: synchronous */

  /* lock guards from here on, up to the blank line */
  GMutex lock;
  GCond changed; /* an item came, the thread became idle or ended */
  GQueue items;
  gsize bytes;
  gboolean in_hand; /* the thread has an item */
  gboolean stopping, ended, overflowed;

  /* the analysis thread's own */
  GstWeirDecoder *decoder;
  GstWeirRetry retry;
  guint unseen;       /* buffers since it last began, while it sees nothing */
  gsize unseen_bytes; /* since the last picture; or sound, without any */
  gboolean shows;     /* there was a picture since it last began */
  GstEvent *stream_start, *caps, *segment; /* for a decoder made anew */
  GstWeirEffort effort;
  gboolean resync; /* begin at a keyframe only */
  gboolean skips;  /* goes on at a keyframe */
  gboolean sees;
  gchar *problem; /* why not all is seen */
  gboolean stale; /* problem is of a decoder that is gone */
  gchar *beside;  /* what is not looked at, beside what is */

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

/* What comes from the decoder, with the analysis as user data. */
extern const GstWeirDecoderCallbacks gst_weir_analysis_decoder_callbacks;

/* The sound ends here, or goes on elsewhere. */
void gst_weir_analysis_end_sound (GstWeirAnalysis *analysis);

/* Tells the owner what is seen; the same when there is another @reason (NULL:
 * none) why not all is, for good or until something is seen. */
void gst_weir_analysis_report_sight (GstWeirAnalysis *analysis);
void gst_weir_analysis_set_problem (
    GstWeirAnalysis *analysis, const gchar *reason);
void gst_weir_analysis_set_passing_problem (
    GstWeirAnalysis *analysis, const gchar *reason);

/* Decodes what @item has, which stays the caller's. */
void gst_weir_analysis_process (
    GstWeirAnalysis *analysis, GstWeirAnalysisItem *item);

/* Some of the stream is missing before @item. */
void gst_weir_analysis_lose_place (
    GstWeirAnalysis *analysis, const GstWeirAnalysisItem *item);

G_END_DECLS
