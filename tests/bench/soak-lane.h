/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is before and behind a pair of the element's pads: it pushes buffers,
 * and sees to it that each leaves once, in its order and in time. Of one
 * thread, but for what says otherwise.
 */
#pragma once

#include <gst/gst.h>

typedef struct SoakLane SoakLane;

/* For the pads number @index of elements that hold back for @hold_back ms; @who
 * is whose it is, for complaints. */
SoakLane *soak_lane_new (guint index, guint hold_back, const gchar *who);
void soak_lane_free (SoakLane *lane);

/* Requests the pads of @weir, which the lane may not outlive. */
void soak_lane_open (SoakLane *lane, GstElement *weir);

/* A stream of @caps begins, or goes on with @caps. */
void soak_lane_begin (SoakLane *lane, GstCaps *caps);
void soak_lane_push_caps (SoakLane *lane, GstCaps *caps);

/* Takes @buffer. */
GstFlowReturn soak_lane_push (SoakLane *lane, GstBuffer *buffer);

/* An end of stream goes through, after all that came before it. FALSE: it did
 * not, within ten seconds or until soak_lane_give_up(). */
gboolean soak_lane_end (SoakLane *lane);

/* Nothing more is to be waited for. Any thread. */
void soak_lane_give_up (SoakLane *lane);

/* Releases the pads. Returns how many buffers have gone in and not left. */
guint soak_lane_close (SoakLane *lane);
