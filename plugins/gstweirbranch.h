/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One elementary stream within a decoder, from where it is still compressed to
 * the pad that takes it raw. A part of gstweirdecoder.c.
 */
#pragma once

#include "gstweirdecoder.h"

G_BEGIN_DECLS

/* When a buffer came in. */
typedef struct {
  gint64 time; /* us, monotonic */
  GstClockTime running_time;
} GstWeirArrival;

typedef struct _GstWeirBranch GstWeirBranch;

/* @now is what the buffer being pushed says, read at each; it and the rest
 * must outlive the branch. */
GstWeirBranch *gst_weir_branch_new (const GstWeirDecoderCallbacks *callbacks,
    gpointer user_data, GstObject *log, gboolean is_video,
    const GstWeirArrival *now);
void gst_weir_branch_free (GstWeirBranch *branch);

/* Where the stream comes from, before its decoder: of sound all goes there, of
 * video what a picker (gstweirpicker.h) says. */
void gst_weir_branch_note (GstWeirBranch *branch, GstPad *src);
void gst_weir_branch_pick (
    GstWeirBranch *branch, GstPad *src, const GstWeirPick *pick);

/* Whether it is of this medium and goes on: its end has not come by. */
gboolean gst_weir_branch_goes_on (
    const GstWeirBranch *branch, gboolean is_video);

/* Whether it goes on and still has no raw end. */
gboolean gst_weir_branch_is_open (
    const GstWeirBranch *branch, gboolean is_video);

/* Makes the raw end, which belongs to the branch. */
GstPad *gst_weir_branch_close (GstWeirBranch *branch);

/* Whether pictures of @format are taken as they are: luma first, in whole
 * little-endian samples, untiled. */
gboolean gst_weir_branch_takes (const GstVideoFormatInfo *format);

G_END_DECLS
