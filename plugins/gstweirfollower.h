/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Follows a stream on its way to the analysis, whether or not that has room
 * for it, for where a demuxer can take it up again: of FLV and of Matroska,
 * where nothing in the middle of the stream would tell. Other streams are left
 * alone.
 */
#pragma once

#include "container/flv-follower.h"
#include "container/matroska-follower.h"

#include <gst/gst.h>

G_BEGIN_DECLS

typedef struct _GstWeirFollower GstWeirFollower;

/* For the streaming thread alone. */
GstWeirFollower *gst_weir_follower_new (void);
void gst_weir_follower_free (GstWeirFollower *follower);

/* What follows is another stream, or this one from its beginning. */
void gst_weir_follower_reset (GstWeirFollower *follower);

/* Whether the stream can be taken up at places alone: it is FLV or
 * Matroska. */
gboolean gst_weir_follower_is_on (const GstWeirFollower *follower);

/* What @buffer has (weir_place_clear()). */
void gst_weir_follower_take_buffer (
    GstWeirFollower *follower, GstBuffer *buffer, WeirPlace *place);

/* Another stream, or other caps, begin anew. */
void gst_weir_follower_take_event (GstWeirFollower *follower, GstEvent *event);

/* After a flush the stream goes on anywhere. */
void gst_weir_follower_flush (GstWeirFollower *follower);

/* @buffer from @place, which has a front, on, for a demuxer that is given
 * @front before. The caller owns both. */
GstBuffer *gst_weir_follower_cut (
    GstBuffer *buffer, const WeirPlace *place, GstBuffer **front);

G_END_DECLS
