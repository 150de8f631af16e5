/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One look: the fingerprint of a window of a picture.
 */
#pragma once

#include "fingerprint/firm.h"
#include "fingerprint/windows.h"

G_BEGIN_DECLS

/* What there is of a frame to look at: all of it, and what its borders leave. */
typedef enum {
  WEIR_BASE_FRAME,
  WEIR_BASE_UNBORDERED,
  WEIR_N_BASES,
} WeirBase;

typedef struct {
  WeirPdqHash hash;
  WeirPdqHash mirrored; /* of its mirror image */
  guint quality;        /* PDQ's, 0..100 */
  WeirPdqHash firm;     /* the bits of @hash, if it is of the picture upright,
                           that noise would not turn: see firm.h */
  guint firm_bits;      /* how many these are, 0..256 */
  guint detail;         /* of its picture, if it has no quality and no edits:
                           see firm.h; else 0 */
  WeirView view;        /* a part shows this view alone; PLAIN and UNBORDERED
                           may show any */
  WeirEdits edits;      /* what was done if it hits */
  WeirEdits told;       /* of these what is large enough to be told */
  gboolean hit;         /* set by who looks it up: see weir_frame_hasher_keep */
  guint distance;       /* set with it: of what it hit nearest, bits */
  gboolean tried;       /* where another look had hit, a little aside: see
                           follower.h */

  /*< private >*/
  guint base; /* WeirBase that it is a part of */
  WeirAim aim;
} WeirLook;

/* Whether @look says enough to be looked up: one that does not is flat, or
 * noise. */
static inline gboolean
weir_look_has_weight (const WeirLook *look)
{
  return look->quality >= WEIR_PDQ_MIN_QUALITY ||
         look->firm_bits >= WEIR_FIRM_MIN_BITS;
}

/* Whether @look says enough to be known of a reference as well: it has weight,
 * and a part, of which there are so many, has detail (firm.h) and is not near
 * to a separable one (separable.h). Thread-safe. */
gboolean weir_look_is_distinct (const WeirLook *look);

/* What it takes to take looks at the bases of a frame. Not thread-safe: one for
 * each stream. */
typedef struct _WeirLooker WeirLooker;

WeirLooker *weir_looker_new (void);
void weir_looker_free (WeirLooker *looker);

/* @base (WeirBase) is @luma from now on, whose sides are WEIR_PDQ_MIN_SIDE to
 * MAX_SIDE and whose samples must stay until the last look at it. */
void weir_looker_show (WeirLooker *looker, guint base, const WeirLuma *luma);

/* Fills @look from the window of @base at which @aim is; FALSE when
 * that is smaller than WEIR_PDQ_MIN_SIDE. The whole is hashed as it is. Parts
 * are hashed from the coarse picture (coarse.h), which costs a third: the
 * hashes are those of the picture itself but for a bit or two. Where a copy may
 * have been edited, and windows are off by more than that, a rough grid of a
 * rough picture does (pdq-axis.h): half the cost again, for two to four bits.
 * Allocates only for sizes that it has not seen for long. */
gboolean weir_looker_take (
    WeirLooker *looker, guint base, const WeirAim *aim, WeirLook *look);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirLooker, weir_looker_free)

G_END_DECLS
