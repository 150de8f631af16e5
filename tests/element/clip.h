/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A sample as a live stream in some container, and a bank of its last part. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Of the video of samples/launch.mp4, 640x360 at 24 pictures a second; the
 * second of its two keyframes. */
#define CLIP_KEYFRAME (3083 * GST_MSECOND)

typedef struct {
  GstCaps *caps;
  GPtrArray *buffers; /* of GstBuffer */
} Clip;

/* The clip as @muxer (a line of gst-launch) makes of its H.264. */
Clip *clip_new (const gchar *muxer);
void clip_free (Clip *clip);

/* Cuts its bytes anew, into buffers of @size bytes without times. */
void clip_cut (Clip *clip, gsize size);

/* The buffer that comes after @number of @n_parts equal parts of its bytes. */
guint clip_find (const Clip *clip, guint number, guint n_parts);

/* Overwrites @n_bytes from @offset of a buffer on with noise. */
void clip_break (Clip *clip, guint buffer, gsize offset, gsize n_bytes);

/* A bank of what follows CLIP_KEYFRAME. Returns the path of a temporary file:
 * delete_bank(). */
gchar *clip_make_bank (void);

G_END_DECLS
