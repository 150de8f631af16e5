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
  guint keep_distance; /* bits; a look farther than this is kept at once */

  /*< private >*/
  struct {
    gboolean is_set;
    WeirPdqHash hash;
    gint64 time;
  } kept[WEIR_N_VIEWS]; /* the last of each view */
} WeirLookFilter;

/* Whether the look at @view, at @time ns of the work, says something that the
 * last one kept of that view does not; then it is the last one kept. To be
 * asked of looks that have weight alone. */
gboolean weir_look_filter_keeps (WeirLookFilter *filter, WeirView view,
    const WeirPdqHash *hash, gint64 time);

G_END_DECLS
