/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the looks of a frame to the hits that the lines count. */
#pragma once

#include "bank/bank.h"
#include "fingerprint/frame.h"
#include "match/stamp.h"
#include "match/video-lines.h"

G_BEGIN_DECLS

typedef struct _WeirVideoSearch WeirVideoSearch;

WeirVideoSearch *weir_video_search_new (void);
void weir_video_search_free (WeirVideoSearch *search);

/* Looks up in @bank the looks of @frame, shown at @stamp, and votes in @lines,
 * which are of @bank, for what they hit. Marks the looks that hit; one without
 * weight (look.h) is not looked up, and one that hits a benign reference is no
 * evidence of anything. Returns whether one hit. Not
 * thread-safe; allocates nothing but to grow. */
gboolean weir_video_search_run (WeirVideoSearch *search, WeirBank *bank,
    WeirVideoLines *lines, const WeirStamp *stamp, WeirFrame *frame);

/* Hashes looked up so far. */
guint64 weir_video_search_get_n_lookups (const WeirVideoSearch *search);

G_END_DECLS
