/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which looks at a work go into a bank: of those that are alike, one each tenth
 * of a second. Not thread-safe.
 */
#pragma once

#include "fingerprint/windows.h"

G_BEGIN_DECLS

#define WEIR_LOOK_FILTER_KEEP_DISTANCE 2

typedef struct {
  gboolean is_set;
  WeirPdqHash hash;
  gint64 time;
} WeirKeptLook;

typedef struct {
  guint keep_distance; /* bits; a look farther than this is kept at once */

  /*< private >*/
  WeirKeptLook kept[WEIR_N_VIEWS][2]; /* the last of each view, of the frame
                                         and within its borders */
} WeirLookFilter;

/* Whether the look at @view, at @time ns of the work, says something that the
 * last one kept of that view, within borders or not as @edits say, does not; then
 * it is the last one kept. To be asked of looks that have weight alone. */
gboolean weir_look_filter_keeps (WeirLookFilter *filter, WeirView view,
    WeirEdits edits, const WeirPdqHash *hash, gint64 time);

G_END_DECLS
