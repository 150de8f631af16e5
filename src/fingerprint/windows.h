/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The parts of a picture that are fingerprinted, and where they are to be
 * looked for in a copy.
 *
 * PDQ bears a window that is off by some 1 % of its size, 3 % too large or
 * 1.5 degrees turned, and no more (measured over 135 pictures at distance 31;
 * what each adds to the distance adds up in squares). So a copy that was cut,
 * covered or turned is found by a part that survived: of a reference nine
 * windows of half its sides are known besides the whole, and in a stream these
 * are looked for wherever the usual edits would have put them. Small windows
 * are worth more than large ones: of a logo, a ticker, large text and a guest
 * in a corner the whole picture survived 6-75 % of 480 frames, one of five
 * windows of 80 % 31-93 %, of 64 % 57-94 %, of 50 % 77-96 %.
 *
 * Five windows, at the corners and in the middle, are as far apart as they can
 * be, for what covers a part of the picture; four lie an eighth away from the
 * edges, for what takes these away: of the five, a cut all around or a rotation
 * leaves the middle alone, and where that stands still it says little.
 */
#pragma once

#include "fingerprint/pdq.h"

G_BEGIN_DECLS

/* What of a reference's picture a fingerprint of the bank shows. The values
 * are part of the bank's format. */
typedef enum {
  WEIR_VIEW_PLAIN,      /* the frame as it is */
  WEIR_VIEW_UNBORDERED, /* without its borders, if it has any: see borders.h */
  WEIR_VIEW_TOP_LEFT,   /* parts, of half the width and height, of either */
  WEIR_VIEW_TOP_RIGHT,
  WEIR_VIEW_BOTTOM_LEFT,
  WEIR_VIEW_BOTTOM_RIGHT,
  WEIR_VIEW_MIDDLE,
  WEIR_VIEW_INNER_TOP_LEFT, /* an eighth away from the edges */
  WEIR_VIEW_INNER_TOP_RIGHT,
  WEIR_VIEW_INNER_BOTTOM_LEFT,
  WEIR_VIEW_INNER_BOTTOM_RIGHT,
  WEIR_N_VIEWS,
} WeirView;

static inline gboolean
weir_view_is_part (guint view)
{
  return view >= WEIR_VIEW_TOP_LEFT;
}

/* What was done to a copy. */
typedef enum {
  WEIR_EDIT_MIRRORED = 1 << 0,
  WEIR_EDIT_BORDERED = 1 << 1, /* borders of one shade about it */
  WEIR_EDIT_INSET = 1 << 2,    /* shown within something else: see panes.h */
  WEIR_EDIT_CROPPED = 1 << 3,
  WEIR_EDIT_ROTATED = 1 << 4,
} WeirEdits;

#define WEIR_N_EDITS 5

/* A window of a picture, in shares of its width and height from the left and
 * the top, before it is turned clockwise with the picture, about the middle of
 * that, so that what was level in the picture before is level in the window. */
typedef struct {
  gfloat left, top, width, height;
  gfloat degrees;
} WeirWindow;

/* Where a copy may show a view of a reference. */
typedef struct {
  WeirView view;                  /* UNBORDERED: the whole */
  WeirPdqOrientation orientation; /* of the copy */
  WeirEdits edits;                /* that would have put it there */
  WeirWindow window;
} WeirAim;

typedef enum {
  WEIR_AIMS_PARTS,  /* the parts, where they are in an uncut picture */
  WEIR_AIMS_TURNS,  /* the whole, turned by 90, 180 or 270 degrees */
  WEIR_AIMS_CROPS,  /* a part, of a picture that lost up to a quarter of its
                       sides all around, at a corner, at one side or at two
                       opposite ones, or was turned by up to 5 degrees */
  WEIR_AIMS_STRAYS, /* a part that is at no edge, of a picture cut anywhere by
                       up to a fifth of its sides; the places where one that
                       was cut by little can be come more than once */
  WEIR_N_AIMS,
} WeirAims;

/* What @view of a reference a copy shows where its mirror image has @view. */
WeirView weir_view_mirror (WeirView view);

/* The aims of one kind; @n_aims says how many. Static. Thread-safe. */
const WeirAim *weir_aims_get (WeirAims kind, guint *n_aims);

G_END_DECLS
