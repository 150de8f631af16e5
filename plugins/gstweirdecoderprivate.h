/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the files of a decoder share: gstweirdecoder.c (the way in, and what goes
 * wrong) and gstweirplugging.c (which elements its streams go through).
 */
#pragma once

#include "gstweirbranch.h"
#include "gstweirdecoder.h"

G_BEGIN_DECLS

GST_DEBUG_CATEGORY_EXTERN (gst_weir_debug);

/* How far along a pad is. */
typedef struct {
  GstWeirDecoder *decoder;
  guint depth;
  gboolean parsed;
} GstWeirStage;

/* A stream that is decoded when the one before it has ended. */
typedef struct {
  GstPad *src;
  gboolean is_video;
  GstWeirStage stage;
  guint n_pushes; /* since it showed up */
} GstWeirWaiting;

struct _GstWeirDecoder {
  const GstWeirDecoderCallbacks *callbacks;
  gpointer user_data;
  GstObject *log;

  GstElement *pipeline; /* holds the elements, catches their messages */
  GstPad *feed;         /* what is pushed goes out here */
  GPtrArray *branches;  /* of GstWeirBranch */
  GQueue waiting;       /* of GstWeirWaiting */
  guint n_programmes;   /* of a transport stream; 0: it is none */
  gchar *beside;        /* as told */
  gboolean plugged;
  gint failed;

  GstWeirPick pick;
  GstWeirArrival now; /* of the buffer being pushed */
};

/* Says why (part of) the stream cannot be seen. */
void gst_weir_decoder_report (GstWeirDecoder *decoder, const gchar *format, ...)
    G_GNUC_PRINTF (2, 3);

/* Goes on behind the way in: as @caps say, or as the bytes do. */
void gst_weir_plug_caps (GstWeirDecoder *decoder, GstPad *src,
    const GstCaps *caps, const GstWeirStage *stage);
void gst_weir_plug_typefind (GstWeirDecoder *decoder);

/* Goes on with the streams whose turn has come. */
void gst_weir_plug_waiting (GstWeirDecoder *decoder);

/* Tells what is not looked at beside what is, when that has changed. */
void gst_weir_decoder_tell_beside (GstWeirDecoder *decoder);

void gst_weir_waiting_free (GstWeirWaiting *waiting);

G_END_DECLS
