/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where a picture is shown in a frame that was laid out for it, by its shape:
 * fitted to the frame's middle, with something about it; in one half, scaled or
 * cut to fill it; in a quarter. A seam need not show (panes.h), as between a
 * picture and a blurred copy of itself: so these few places are looked at blind.
 */
#pragma once

#include "fingerprint/windows.h"

G_BEGIN_DECLS

/* At most so many aims at wholes, and at parts. */
#define WEIR_LAYOUTS_MAX 64

typedef struct {
  guint n_wholes, n_parts;
  WeirAim wholes[WEIR_LAYOUTS_MAX]; /* a whole, or a part that a cut left */
  WeirAim parts[WEIR_LAYOUTS_MAX];  /* of the likeliest: something may cover
                                       them */
} WeirLayouts;

/* Fills @layouts with the aims at a frame of @width by @height pixels.
 * Thread-safe. */
void weir_layouts_init (WeirLayouts *layouts, guint width, guint height);

G_END_DECLS
