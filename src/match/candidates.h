/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The best that the lines of picture and sound say of each reference. */
#pragma once

#include "match/audio-streams.h"
#include "match/match.h"
#include "match/video-lines.h"

G_BEGIN_DECLS

typedef struct {
  guint32 reference;
  gdouble evidence;           /* nats */
  const WeirVideoLine *video; /* either may be missing; of the lines */
  const WeirAudioLine *audio;
} WeirCandidate;

/* Puts into @candidates, of WeirCandidate, one of each reference that a line
 * speaks for: each line by itself, and each pair of a video and an audio line
 * that say the same; the best of them stands. They hold until the lines
 * change. */
void weir_candidates_collect (GArray *candidates, const WeirVideoLines *video,
    const WeirAudioStreams *audio);

/* How well the line of the candidate's pictures knows its place, 0 without. */
guint64 weir_candidate_get_agreement (const WeirCandidate *candidate);

/* Writes into @match what the candidate says: all but the id, the state, the
 * reference, the verdict and when it was decided. */
void weir_candidate_describe (
    const WeirCandidate *candidate, const WeirPolicy *policy, WeirMatch *match);

G_END_DECLS
