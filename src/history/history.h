/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The rolling fingerprints of a stream: what it showed and played in the last
 * minutes, to be matched against references that come later (look-back.h) and
 * to make a reference of (history-reference.h). There is no media in it.
 *
 * Of the picture it has the whole frame, as it is and without its borders, and
 * the parts by which a reference is known, those with weight (look.h), and what
 * the frame showed that they are of; at most 34 of each whole and 10 of each
 * part a second, whatever the frame rate. Of the sound it has what a reference
 * is made of, landmarks and steps, and what is matched, peaks and the levels of
 * bands to 1/8 of their unit.
 *
 * Its memory grows as it fills up, and is bounded: at most 15.5 kB for each
 * second, so 9.3 MB for ten minutes, see weir_history_get_max_size(). What is
 * older than its length is gone, and overwritten.
 *
 * It has a line of time of its own, ns, on which a stream whose times start
 * anew goes on. Not thread-safe.
 */
#pragma once

#include "fingerprint/frame.h"
#include "fingerprint/sound.h"
#include "match/stamp.h"

G_BEGIN_DECLS

/* Seconds, that is a day. */
#define WEIR_HISTORY_MAX_LENGTH 86400

typedef struct _WeirHistory WeirHistory;

/* @seconds is 1..WEIR_HISTORY_MAX_LENGTH. */
WeirHistory *weir_history_new (guint seconds);
void weir_history_free (WeirHistory *history);

/* All that is there now, to be read by another thread. */
WeirHistory *weir_history_copy (const WeirHistory *history);

/* Bytes that it may come to hold. */
gsize weir_history_get_max_size (const WeirHistory *history);

/* The time of the newest that it has, on its own line; G_MININT64 when it has
 * had nothing yet. */
gint64 weir_history_get_newest (const WeirHistory *history);

/* Takes the looks of @frame (of a query). Allocates only as its memory grows. */
void weir_history_add_video (
    WeirHistory *history, const WeirStamp *stamp, const WeirFrame *frame);

/* Takes what two extractors of the same sound gave out, a query's and a
 * reference's (weir_landmark_extractor_push_both()), whose time 0 is @origin on
 * the line of @stamp->time. @stamp is of the newest sample. Allocates
 * only as its memory grows. */
void weir_history_add_sound (WeirHistory *history, const WeirStamp *stamp,
    gint64 origin, const WeirSound *query, const WeirSound *reference);

/* The extractors count from 0 again. */
void weir_history_restart_sound (WeirHistory *history);

/* The stream's times start anew; so it is taken, too, when they go back by more
 * than two seconds. What is there stays. */
void weir_history_restart (WeirHistory *history);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirHistory, weir_history_free)

G_END_DECLS
