/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What one pad holds back: buffers and the events between them, in order, let
 * out so much later than they came by a task of the source pad.
 *
 * A live stream is held on the element's clock (or the system's, where it has
 * none): what came at t leaves at t + time. A stream that is not live waits for
 * nobody's clock: what is at running time t leaves once t + time came in, and
 * all of it at the end of the stream; where it carries no times it is held as
 * a live one.
 *
 * Bounded: who pushes waits while more than GST_WEIR_HOLD_BYTES are held.
 */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_WEIR_HOLD_BYTES (64 * 1024 * 1024)

/* What each buffer and event counts beside its data: small ones take more for
 * being there. */
#define GST_WEIR_HOLD_ITEM_BYTES 512

typedef struct _GstWeirHold GstWeirHold;

/* Lets @object, which it takes, out: a buffer or an event, pushed with
 * @running_time. Called by the task, without a lock. */
typedef GstFlowReturn (*GstWeirHoldFunc) (
    GstMiniObject *object, GstClockTime running_time, gpointer user_data);

/* For the pair of pads @sink and @src of @owner, none of which it keeps. */
GstWeirHold *gst_weir_hold_new (GstElement *owner, GstPad *sink, GstPad *src,
    GstWeirHoldFunc func, gpointer user_data);
void gst_weir_hold_free (GstWeirHold *hold);

/* When the source pad is activated and deactivated. @time ns; stopping drops
 * what is held and waits for the task. */
gboolean gst_weir_hold_start (GstWeirHold *hold, GstClockTime time);
void gst_weir_hold_stop (GstWeirHold *hold);

/* Takes @object, a buffer or an event, at @running_time or GST_CLOCK_TIME_NONE. By the
 * streaming thread. Returns how what left last fared. */
GstFlowReturn gst_weir_hold_push (
    GstWeirHold *hold, GstMiniObject *object, GstClockTime running_time);

/* Around a flush: from the first on nothing leaves, with the second what was
 * held is gone, but for the events that a pad keeps. */
void gst_weir_hold_flush_start (GstWeirHold *hold);
void gst_weir_hold_flush_stop (GstWeirHold *hold);

/* Whether all that is held leaves now. Any thread. */
void gst_weir_hold_set_hurry (GstWeirHold *hold, gboolean hurry);

/* The running time of the first buffer that is held, or GST_CLOCK_TIME_NONE.
 * Any thread. */
GstClockTime gst_weir_hold_get_first (GstWeirHold *hold);

G_END_DECLS
