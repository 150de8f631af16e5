/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Finding what a stream puts around its picture: letterbox, pillarbox, a frame
 * of one colour. A copy with borders hashes unlike its original; without them
 * it hashes alike.
 *
 * A border is rows, or columns, from an edge inwards that hold one shade. One
 * dark shot looks the same, so that a border counts only once it has stood for
 * a while, and goes as soon as anything is seen in it.
 */
#pragma once

#include "fingerprint/pdq.h"

G_BEGIN_DECLS

typedef struct _WeirBorderFinder WeirBorderFinder;

/* Not thread-safe: one for each stream. */
WeirBorderFinder *weir_border_finder_new (void);
void weir_border_finder_free (WeirBorderFinder *finder);

/* Takes the next picture, which was at @time ns of the stream. TRUE when it has
 * borders: then @inner, a plane within @luma, is the picture without them.
 * Allocates nothing. */
gboolean weir_border_finder_run (WeirBorderFinder *finder, const WeirLuma *luma,
    gint64 time, WeirLuma *inner);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirBorderFinder, weir_border_finder_free)

G_END_DECLS
