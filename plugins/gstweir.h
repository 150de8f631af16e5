/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The element "weir". See gstweir.c. */
#pragma once

#include "fingerprint/frame.h"
#include "fingerprint/landmark.h"
#include "match/stamp.h"

#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_TYPE_WEIR (gst_weir_get_type ())
G_DECLARE_FINAL_TYPE (GstWeir, gst_weir, GST, WEIR, GstElement)

GST_ELEMENT_REGISTER_DECLARE (weir);

/* What happens to a stream that is cut. */
typedef enum {
  GST_WEIR_ON_CUT_EOS,
  GST_WEIR_ON_CUT_ERROR,
  GST_WEIR_ON_CUT_DROP,
  GST_WEIR_ON_CUT_BLANK,
} GstWeirOnCut;

/* What of compressed video is decoded. Sound always is. */
typedef enum {
  GST_WEIR_DECODE_AUTO,      /* keyframes, and more on suspicion */
  GST_WEIR_DECODE_KEYFRAMES, /* keyframes alone */
  GST_WEIR_DECODE_ALL,
} GstWeirDecode;

/* What happens to a stream that nothing here can decode. */
typedef enum {
  GST_WEIR_ON_UNSUPPORTED_PASS,
  GST_WEIR_ON_UNSUPPORTED_CUT,
} GstWeirOnUnsupported;

#define GST_TYPE_WEIR_ACTION         (gst_weir_action_get_type ())
#define GST_TYPE_WEIR_ON_CUT         (gst_weir_on_cut_get_type ())
#define GST_TYPE_WEIR_DECODE         (gst_weir_decode_get_type ())
#define GST_TYPE_WEIR_ON_UNSUPPORTED (gst_weir_on_unsupported_get_type ())
GType gst_weir_action_get_type (void);
GType gst_weir_decode_get_type (void);
GType gst_weir_on_unsupported_get_type (void);
GType gst_weir_on_cut_get_type (void);

/* For programs that link the element in: receives every fingerprint that is
 * made, from the analysis threads, one call at a time. @frame is NULL for
 * sound, @sound for a frame; @sound (of a reference) counts from @origin ns
 * on the line of @stamp->time. Set it before the state READY. */
typedef void (*GstWeirPrintFunc) (const WeirStamp *stamp,
    const WeirFrame *frame, gint64 origin, const WeirSound *sound,
    gpointer user_data);
void gst_weir_set_print_func (
    GstWeir *weir, GstWeirPrintFunc func, gpointer user_data);

G_END_DECLS
