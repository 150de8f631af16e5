/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The fingerprints of one frame of a stream: looks at its picture and at parts
 * of it.
 *
 * Of a reference, a frame is looked at in all the views that a bank holds: the
 * parts of what is within its borders, if it has any, and of all of it. Of a
 * stream, each frame is looked at whole, without its borders and pane by pane
 * (borders.h, panes.h); the aims of windows.h and layouts.h, which are many,
 * come in turns, so many a second of the stream's time, whatever its frame
 * rate. A look that hit something in the bank is taken at each frame for a
 * second, and where it may hit nearer is followed (follower.h).
 */
#pragma once

#include "fingerprint/look.h"

G_BEGIN_DECLS

#define WEIR_FRAME_LOOKS_MAX 768

typedef enum {
  WEIR_FRAME_QUERY,
  WEIR_FRAME_REFERENCE,
} WeirFrameUse;

typedef struct {
  guint n_looks;
  WeirLook looks[WEIR_FRAME_LOOKS_MAX]; /* the first is the frame as it is */
} WeirFrame;

/* Not thread-safe: one for each stream, since it watches borders over time. */
typedef struct _WeirFrameHasher WeirFrameHasher;

WeirFrameHasher *weir_frame_hasher_new (WeirFrameUse use);
void weir_frame_hasher_free (WeirFrameHasher *hasher);

/* The stream starts anew. */
void weir_frame_hasher_reset (WeirFrameHasher *hasher);

/* Fills @frame from @luma, which was at @time ns of the stream. FALSE when a
 * side of it is outside WEIR_PDQ_MIN_SIDE..MAX_SIDE. Allocates only when sizes
 * change. */
gboolean weir_frame_hasher_run (WeirFrameHasher *hasher, const WeirLuma *luma,
    gint64 time, WeirFrame *frame);

/* Whether a frame of a stream is also looked at in parts: what comes in turns.
 * If not, it is looked at whole, and where a look hit. Default: it is. */
void weir_frame_hasher_set_parts (WeirFrameHasher *hasher, gboolean parts);

/* Takes note of the looks of @frame, the last that was run, that hit. */
void weir_frame_hasher_keep (WeirFrameHasher *hasher, const WeirFrame *frame);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirFrameHasher, weir_frame_hasher_free)

G_END_DECLS
