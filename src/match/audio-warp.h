/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How the sound of a stream lies in a reference: changes of speed, tempo and
 * pitch. Peaks are moved by them, never the sound.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  gfloat stretch; /* a row of the stream is so many of the reference: the
                   * speed of the stream */
  gfloat shift;   /* a peak of the stream is so many bins higher there */
} WeirWarp;

/* Hypotheses, with the sound as it is. */
#define WEIR_AUDIO_N_WARPS 29

/* Fills @warps with the hypotheses about a stream, first the sound as it is.
 * Thread-safe. */
void weir_audio_warps_fill (WeirWarp warps[WEIR_AUDIO_N_WARPS]);

/* Row @row of the stream is row stretch * @row + offset of the reference. */
typedef struct {
  guint32 reference;
  WeirWarp warp;
  gdouble offset; /* rows */
} WeirAudioPlace;

G_END_DECLS
