/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Looking back: the history of a stream matched against references that came
 * after it had passed.
 *
 * It is matched as it would have been live, but for what the history does not
 * have: mirror images are those of the hash, not of the picture (they differ by
 * 4 to 6 bits, median of the frames of three clips), and crops, turned pictures
 * and pictures within others are found by nothing but the parts that every frame
 * has.
 *
 * Not thread-safe.
 */
#pragma once

#include "history/history.h"
#include "match/matcher.h"

G_BEGIN_DECLS

/* A match of the past: its state is WEIR_MATCH_ENDED, the times of its stamps
 * are those of the stream. */
typedef struct {
  WeirMatch match;
  gboolean goes_on; /* it had not ended where the history did */
} WeirPastMatch;

typedef struct _WeirLookBack WeirLookBack;

/* Looks at @history, which it takes, up to @until: weir_history_get_newest() of
 * it or of an earlier one. Keeps @bank; copies @policy. @max_action and @date
 * are the stream's, as its matcher has them. */
WeirLookBack *weir_look_back_new (WeirHistory *history, gint64 until,
    WeirBank *bank, const WeirPolicy *policy, WeirAction max_action,
    gint64 date);
void weir_look_back_free (WeirLookBack *look_back);

/* Goes through another quarter of a second of the stream. FALSE: it was the
 * last. */
gboolean weir_look_back_step (WeirLookBack *look_back);

/* What was found so far, of WeirPastMatch. Belongs to @look_back; the strings in
 * it are the bank's. */
const GArray *weir_look_back_get_matches (const WeirLookBack *look_back);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirLookBack, weir_look_back_free)

G_END_DECLS
