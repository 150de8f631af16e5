/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The matcher of one stream: fingerprints in, matches with their verdicts out.
 *
 * Fingerprints are looked up in a bank; their hits add up, video and audio
 * alike, along lines (reference, offset); a line whose evidence reaches the
 * policy's bound is a match. One match is reported for a reference at a time.
 * A single fingerprint is never enough: see video-lines.h and audio-lines.h
 * for what counts. A reference that is one picture, of a list of such, is
 * flagged when it is shown for about 2 s, and is never a reason to cut: nothing
 * in time says that it is no mistake.
 *
 * Not thread-safe; knows nothing of threads, files or clocks.
 */
#pragma once

#include "bank/bank.h"
#include "fingerprint/frame.h"
#include "fingerprint/landmark.h"
#include "match/match.h"
#include "match/policy.h"
#include "match/stamp.h"
#include "match/video-lines.h"

G_BEGIN_DECLS

typedef struct _WeirMatcher WeirMatcher;

/* Keeps @bank; copies @policy. */
WeirMatcher *weir_matcher_new (WeirBank *bank, const WeirPolicy *policy);
void weir_matcher_free (WeirMatcher *matcher);

/* Takes @bank in place of the one before. References are the same when their
 * ids are: their evidence and matches go on, by what their records say now. A
 * match whose reference is gone ends. Appends that to @matches; the strings in
 * it are the old bank's, which the caller has to hold for so long. */
void weir_matcher_set_bank (
    WeirMatcher *matcher, WeirBank *bank, GArray *matches);

/* The strongest verdict this stream may get. Default WEIR_ACTION_FLAG. */
void weir_matcher_set_max_action (WeirMatcher *matcher, WeirAction action);

/* What day it is, seconds since 1970, by which a record's not-before and
 * not-after hold. Until it is told they do not. */
void weir_matcher_set_date (WeirMatcher *matcher, gint64 date);

/* Takes one frame and marks its looks that hit. A look without weight
 * (look.h) is not looked up, and one that hits a benign reference is no
 * evidence of anything. Appends what changed to @matches, a GArray of
 * WeirMatch. */
void weir_matcher_add_video (WeirMatcher *matcher, const WeirStamp *stamp,
    WeirFrame *frame, GArray *matches);

/* Takes the @sound (of a query) up to @stamp; the extractor's time 0 is
 * @origin ns on the line of @stamp->time. Sounds of several streams are told
 * apart by @sound->stream and never mixed: see audio-streams.h. */
void weir_matcher_add_audio (WeirMatcher *matcher, const WeirStamp *stamp,
    gint64 origin, const WeirSound *sound, GArray *matches);

/* The landmark extractor of @stream was reset and counts from 0 again. */
void weir_matcher_restart_audio (WeirMatcher *matcher, guint stream);

/* Takes @match, of another matcher, which found it by looking back at what this
 * stream carried. One that @goes_on is this matcher's from here on: it starts,
 * or what matches already is found to have begun earlier. One that does not has
 * started and ended, and can only flag: what it would cut is something else by
 * now. Appends that to @matches. FALSE when the bank does not have its reference
 * any more, or its family was dismissed. */
gboolean weir_matcher_add_past (WeirMatcher *matcher, const WeirMatch *match,
    gboolean goes_on, GArray *matches);

/* The stream is over or jumps: every match ends and all evidence is dropped. */
void weir_matcher_reset (WeirMatcher *matcher, GArray *matches);

/* The match @id is wrong, says a person: it ends with verdict none, and
 * nothing of its family is reported of this stream any more. FALSE when there
 * is no such match now. */
gboolean weir_matcher_dismiss (
    WeirMatcher *matcher, const gchar *id, GArray *matches);

/* The match @id, if there is one now, can only flag from here on. */
void weir_matcher_spare (WeirMatcher *matcher, const gchar *id);

/* The stream may go on, says a person: what matches now can only flag. */
void weir_matcher_release (WeirMatcher *matcher);

/* A match that goes on and has the verdict cut; NULL without one. Belongs to
 * the matcher, until the next call that changes it. */
const WeirMatch *weir_matcher_get_cutting_match (const WeirMatcher *matcher);

/* Whether to look closer: something matches, or a fingerprint of the last two
 * seconds hit what is not benign. */
gboolean weir_matcher_is_suspicious (const WeirMatcher *matcher);

/* For measuring likelihoods: see video-lines.h. */
void weir_matcher_set_video_trace (
    WeirMatcher *matcher, WeirVideoTrace func, gpointer user_data);

/* Frames and keys looked up so far. */
guint64 weir_matcher_get_n_lookups (const WeirMatcher *matcher);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirMatcher, weir_matcher_free)

G_END_DECLS
