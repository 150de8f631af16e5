/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which looks at a work go into a bank. A view of it is kept no more often than
 * each step, and while it stays within a distance of what was kept last no more
 * often than each hold.
 *
 * A stream is looked up frame by frame, so that it comes by what was kept of a
 * reference however sparse that is: some looks a second suffice to recognise
 * it. What more of them buy is time, and copies whose aims have their turn now
 * and then (windows.h), which is wasted when nothing near is kept. Parts are
 * nine tenths of all looks, and where anything moves they change in each frame.
 * They are kept by turns, so that a copy that shows several of them comes by one
 * more often. Measured on 96 copies of 24 works (corners cut off, all sides cut,
 * turned by 3 degrees, with a guest), found within 2 and 5 s of what they show,
 * and on the 48 of them that are hardest, by what is kept of parts:
 *
 *   step      distance   hold    hashes an hour   2 s   5 s   hardest
 *   none            10   0.1 s          819,717    77    90    36, 45
 *   0.08 s          10   0.3 s          393,750                33, 43
 *   0.1 s           10   0.3 s          349,959    73    89    31, 43
 *   0.1 s           20   0.3 s          325,736                30, 43
 *
 * Whole pictures, in the first line each frame, have 61,338 in place of 98,251.
 * What stands is to be kept more often than RUN_GAP of video-votes.c, or its hits
 * fall apart into runs.
 */
#pragma once

#include "fingerprint/windows.h"

G_BEGIN_DECLS

/* Of a view that moves one is kept each step, ns: of whole pictures, which
 * copies are near, and of parts. */
#define WEIR_LOOK_FILTER_WHOLE_STEP G_GINT64_CONSTANT (60000000)
#define WEIR_LOOK_FILTER_PART_STEP  G_GINT64_CONSTANT (100000000)

/* Of one that stands, each hold, ns. */
#define WEIR_LOOK_FILTER_WHOLE_HOLD G_GINT64_CONSTANT (100000000)
#define WEIR_LOOK_FILTER_PART_HOLD  G_GINT64_CONSTANT (300000000)

/* A part stands while it is no farther than this from what was kept, bits; a
 * whole picture while it is no farther than keep_distance. */
#define WEIR_LOOK_FILTER_KEEP_DISTANCE 2
#define WEIR_LOOK_FILTER_PART_DISTANCE 10

typedef struct {
  gboolean is_set;
  WeirPdqHash hash;
  gint64 time;
} WeirKeptLook;

/* Not thread-safe. */
typedef struct {
  guint keep_distance; /* bits, 0..WEIR_PDQ_RADIUS */

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
