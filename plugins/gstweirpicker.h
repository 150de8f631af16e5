/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which pictures of a compressed video stream are decoded.
 *
 * In GST_WEIR_DECODE_AUTO keyframes are, each of which is drained at once: a
 * decoder that reorders pictures gives it out two keyframes later otherwise.
 * What follows is kept, compressed, until the next keyframe. On suspicion that
 * goes to the decoder as well, from the keyframe on, and everything after it;
 * likewise when there was no keyframe for two seconds, and when what is kept
 * gets too large. Of what is decoded without suspicion five pictures a second
 * are looked at. Pictures without times are all decoded.
 *
 * So that nothing is safe between two clean keyframes, one group of pictures in
 * so many, by chance, is gone back to when it has ended: decoded from its
 * keyframe up to a picture that is chosen at random, each as likely as the
 * others, which is looked at in any case. That costs half a full decode of the
 * group, and who shows something in but the last part of each group gains
 * nothing by it: a half is found half as often, but shows half as much.
 *
 * GST_WEIR_EFFORT_KEYFRAMES leaves no more than keyframes in any mode.
 */
#pragma once

#include "gstweirdecoder.h"

G_BEGIN_DECLS

typedef struct _GstWeirPicker GstWeirPicker;

/* @callbacks must outlive it. */
GstWeirPicker *gst_weir_picker_new (const GstWeirPick *pick,
    const GstWeirDecoderCallbacks *callbacks, gpointer user_data);
void gst_weir_picker_free (GstWeirPicker *picker);

/* Takes @buffer, and gives what is to be decoded to the peer of @src. */
GstFlowReturn gst_weir_picker_push (
    GstWeirPicker *picker, GstPad *src, GstBuffer *buffer);

/* Whether to look at the decoded picture at @pts: not when it was seen before,
 * or cannot be whole since what it rests on was left out, nor at each when
 * nothing is suspicious. */
gboolean gst_weir_picker_wants (GstWeirPicker *picker, GstClockTime pts);

/* Forgets what is kept. */
void gst_weir_picker_flush (GstWeirPicker *picker);

/* For tests: what the chances of all pickers made from now on follow from; 0:
 * no group is chosen. Otherwise it is a random number of the process. */
void gst_weir_picker_set_seed (guint64 seed);

G_END_DECLS
