/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The fingerprints of one frame of a stream: its picture in several views.
 */
#pragma once

#include "fingerprint/pdq.h"

G_BEGIN_DECLS

typedef enum {
  WEIR_VIEW_PLAIN,      /* the frame as it is; always there */
  WEIR_VIEW_UNBORDERED, /* without its borders, if it has any: see borders.h */
  WEIR_N_VIEWS,
} WeirView;

typedef struct {
  gboolean has[WEIR_N_VIEWS];
  WeirPdqPicture pictures[WEIR_N_VIEWS];
} WeirFrame;

/* Not thread-safe: one for each stream, since it watches borders over time. */
typedef struct _WeirFrameHasher WeirFrameHasher;

WeirFrameHasher *weir_frame_hasher_new (void);
void weir_frame_hasher_free (WeirFrameHasher *hasher);

/* The stream starts anew. */
void weir_frame_hasher_reset (WeirFrameHasher *hasher);

/* Fills @frame from @luma. FALSE when a side of it is outside
 * WEIR_PDQ_MIN_SIDE..MAX_SIDE. Allocates only when a size changes. */
gboolean weir_frame_hasher_run (
    WeirFrameHasher *hasher, const WeirLuma *luma, WeirFrame *frame);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirFrameHasher, weir_frame_hasher_free)

G_END_DECLS
