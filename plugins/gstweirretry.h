/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * When a decoder that failed is made anew: at once the first time, then after
 * 1, 2, 4 and from then on each 8 seconds of the stream, until something is
 * seen. It never gives up: who sends something broken on purpose is not to
 * pass unseen ever after.
 */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

typedef struct {
  guint n_failures;  /* in a row */
  GstClockTime wait; /* that is left */
  GstClockTime last; /* time of the newest buffer */
} GstWeirRetry;

/* Nothing has failed. To be called before all else, too. */
void gst_weir_retry_reset (GstWeirRetry *retry);

/* The decoder failed. */
void gst_weir_retry_fail (GstWeirRetry *retry);

/* A buffer of @size bytes at @time (or GST_CLOCK_TIME_NONE) passes. Where times
 * do not go on, bytes count: half a MiB a second. Returns whether a decoder may
 * be made for it. */
gboolean gst_weir_retry_pass (
    GstWeirRetry *retry, GstClockTime time, gsize size);

G_END_DECLS
