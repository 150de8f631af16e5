/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Following where a copy is shown. The aims of windows.h come in steps, and a
 * copy lies between them: a look that hits is off by a little, and of what it
 * is off its distance tells. So a look that hit is taken again with one edge
 * moved, or turned, and what hits nearer takes its place: pattern search (R.
 * Hooke and T. A. Jeeves, "Direct Search Solution of Numerical and Statistical
 * Problems", Journal of the ACM 8, 1961, section 2), a step at a time.
 *
 * A part that hit says where the other parts of the picture are, too: each has
 * its turn, since one may hit, or move, where another does not.
 *
 * Where nothing hits nothing is followed, and it costs nothing.
 */
#pragma once

#include "fingerprint/look.h"

G_BEGIN_DECLS

/* Looks that are followed at a time, and the most aims for one frame. */
#define WEIR_FOLLOWED_MAX      4
#define WEIR_FOLLOWER_AIMS_MAX 32

/* What to look at. */
typedef struct {
  guint base; /* WeirBase, as in WeirLook */
  WeirAim aim;
} WeirFollowerAim;

/* Not thread-safe: one for each stream. */
typedef struct _WeirFollower WeirFollower;

WeirFollower *weir_follower_new (void);
void weir_follower_free (WeirFollower *follower);

/* The stream starts anew. */
void weir_follower_reset (WeirFollower *follower);

/* Fills @aims, of which there is room for WEIR_FOLLOWER_AIMS_MAX, with what to
 * look at in the frame at @time, @passed seconds after the one before. Returns
 * how many. Looks at them are to be marked as tried. */
guint weir_follower_get_aims (
    WeirFollower *follower, gint64 time, gdouble passed, WeirFollowerAim *aims);

/* What of the edits of @look, which was tried, is to be told: a copy whose edge
 * or angle is off by a step or two has no borders and is not turned. */
WeirEdits weir_follower_get_told (const WeirLook *look);

/* Learns from the @looks at the frame at @time, which were looked up. */
void weir_follower_learn (
    WeirFollower *follower, gint64 time, const WeirLook *looks, guint n_looks);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirFollower, weir_follower_free)

G_END_DECLS
