/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One look: the fingerprint of a window of a picture.
 */
#pragma once

#include "fingerprint/windows.h"

G_BEGIN_DECLS

typedef struct {
  WeirPdqHash hash;
  WeirPdqHash mirrored; /* of its mirror image */
  guint quality;        /* 0..100 */
  WeirView view;        /* a part shows this view alone; PLAIN and UNBORDERED
                           may show any */
  WeirEdits edits;      /* what was done if it hits */
  gboolean hit;         /* set by who looks it up: see weir_frame_hasher_keep */

  /*< private >*/
  guint base; /* what of the frame it is a part of */
  WeirAim aim;
} WeirLook;

/* What it takes to take looks. Not thread-safe: one for each stream. */
typedef struct _WeirLooker WeirLooker;

WeirLooker *weir_looker_new (void);
void weir_looker_free (WeirLooker *looker);

/* Fills @look from the window of @luma at which @aim is; FALSE when that is
 * smaller than WEIR_PDQ_MIN_SIDE. Allocates only for sizes that it has not seen
 * for long. */
gboolean weir_looker_take (WeirLooker *looker, const WeirLuma *luma,
    const WeirAim *aim, WeirLook *look);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirLooker, weir_looker_free)

G_END_DECLS
