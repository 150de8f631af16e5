/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The fingerprints of one frame of a stream: its picture in several views.
 */
#pragma once

#include "fingerprint/pdq.h"

G_BEGIN_DECLS

/* The first two are of any frame, the crops of a reference alone: what a crop
 * took away a copy cannot bring back, so that the reference is known by what
 * would be left of it. */
typedef enum {
  WEIR_VIEW_PLAIN,      /* the frame as it is; always there */
  WEIR_VIEW_UNBORDERED, /* without its borders, if it has any: see borders.h */
  WEIR_VIEW_CROP_5,     /* its middle, less 5 % of its width and height, of */
  WEIR_VIEW_CROP_10,    /* what is within the borders */
  WEIR_VIEW_CROP_15,
  WEIR_VIEW_CROP_20,
  WEIR_N_VIEWS,
} WeirView;

typedef enum {
  WEIR_FRAME_QUERY,
  WEIR_FRAME_REFERENCE,
} WeirFrameUse;

typedef struct {
  gboolean has[WEIR_N_VIEWS];
  WeirPdqPicture pictures[WEIR_N_VIEWS];
} WeirFrame;

/* Not thread-safe: one for each stream, since it watches borders over time. */
typedef struct _WeirFrameHasher WeirFrameHasher;

WeirFrameHasher *weir_frame_hasher_new (WeirFrameUse use);
void weir_frame_hasher_free (WeirFrameHasher *hasher);

/* The stream starts anew. */
void weir_frame_hasher_reset (WeirFrameHasher *hasher);

/* Fills @frame from @luma. FALSE when a side of it is outside
 * WEIR_PDQ_MIN_SIDE..MAX_SIDE. Allocates only when a size changes. */
gboolean weir_frame_hasher_run (
    WeirFrameHasher *hasher, const WeirLuma *luma, WeirFrame *frame);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirFrameHasher, weir_frame_hasher_free)

G_END_DECLS
