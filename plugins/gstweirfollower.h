/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Follows a stream on its way to the analysis, whether or not that has room
 * for it, for where a demuxer can take it up again: of FLV, where nothing in
 * the stream would tell. Other streams are left alone.
 */
#pragma once

#include "container/flv-follower.h"

#include <gst/gst.h>

G_BEGIN_DECLS

typedef struct _GstWeirFollower GstWeirFollower;

/* For the streaming thread alone. */
GstWeirFollower *gst_weir_follower_new (void);
void gst_weir_follower_free (GstWeirFollower *follower);

/* What @buffer has (weir_flv_place_clear()). TRUE when the stream can be taken
 * up at such places alone. */
gboolean gst_weir_follower_take_buffer (
    GstWeirFollower *follower, GstBuffer *buffer, WeirFlvPlace *place);

/* Another stream, or other caps, begin anew. */
void gst_weir_follower_take_event (GstWeirFollower *follower, GstEvent *event);

/* After a flush the stream goes on anywhere. */
void gst_weir_follower_flush (GstWeirFollower *follower);

/* @buffer from @place, which has a front, on, for a demuxer that is given
 * @front before. The caller owns both. */
GstBuffer *gst_weir_follower_cut (
    GstBuffer *buffer, const WeirFlvPlace *place, GstBuffer **front);

G_END_DECLS
