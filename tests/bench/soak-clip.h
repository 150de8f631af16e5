/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Encoded media in memory, as a demuxer or a server hands it on. */
#pragma once

#include <gst/gst.h>

#define SOAK_N_PADS 2

/* What is pushed at once. */
typedef struct {
  GstBuffer *buffer; /* its times are those of the clip */
  guint pad;
  GstClockTime time; /* when in the clip it is due */
} SoakItem;

/* A file: its video (pad 0) and its sound (pad 1) in the order of their
 * decoding times, or the bytes of a container (pad 0). */
typedef struct {
  GstCaps *caps[SOAK_N_PADS];
  guint n_pads;
  GArray *items; /* of SoakItem */
  GstClockTime length;
} SoakClip;

/* Reads @path, which has a video and a sound. What ends in .flv or .ts stays
 * the bytes that it is. Ends the program, with a message, when it cannot. */
SoakClip *soak_clip_load (const gchar *path);
void soak_clip_free (SoakClip *clip);

/* Whether @next can go on, in mid-stream, on the pads that @clip had. */
gboolean soak_clip_can_follow (const SoakClip *clip, const SoakClip *next);
