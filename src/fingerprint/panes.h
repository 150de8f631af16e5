/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Finding pictures within the picture: a copy shown in a corner of another
 * stream, beside or above one, or in front of a blurred copy of itself.
 *
 * Where two pictures meet there is a seam: a straight line across which
 * neighbours differ whatever is shown. What differs within a picture moves
 * about and averages out over time; a seam stands. A pane is a rectangle whose
 * sides are seams or edges of the frame. What stands still in a scene, a door
 * frame, may be taken for a pane: that costs a look and does no harm.
 */
#pragma once

#include "fingerprint/windows.h"

G_BEGIN_DECLS

#define WEIR_PANES_MAX 24

typedef struct _WeirPaneFinder WeirPaneFinder;

/* Not thread-safe: one for each stream. */
WeirPaneFinder *weir_pane_finder_new (void);
void weir_pane_finder_free (WeirPaneFinder *finder);

/* Takes the next picture, which was at @time ns of the stream. Fills @panes
 * and returns how many: 0 to WEIR_PANES_MAX, the most certain first. Allocates
 * only when the size changes. */
guint weir_pane_finder_run (WeirPaneFinder *finder, const WeirLuma *luma,
    gint64 time, WeirWindow panes[WEIR_PANES_MAX]);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirPaneFinder, weir_pane_finder_free)

G_END_DECLS
