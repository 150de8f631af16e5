/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a frame says for or against a line: trials, each weighed by the
 * likelihoods in video-likelihood.h.
 *
 * Frames follow each other too closely to be trials of their own. A picture is
 * one when it is new, as the stream shows it and as the reference does: a
 * still, a slate that fades or comes back, two pictures in turn count once
 * each, however often and with whatever noise they are shown.
 */
#pragma once

#include "match/video-likelihood.h"
#include "match/video-votes.h"

G_BEGIN_DECLS

/* What the stream shows: the frame as it is, whatever of it is looked up. Noise
 * of what is faint makes no new picture. */
typedef struct {
  WeirPdqHash hash;
  WeirPdqHash firm; /* its firm bits: firm.h */
} WeirShownPicture;

typedef enum {
  WEIR_TRIAL_FIRST, /* the hit that starts a line */
  WEIR_TRIAL_HIT,
  WEIR_TRIAL_MISS, /* the reference has a picture there; it was not hit */
  WEIR_N_TRIALS,
} WeirTrialOutcome;

typedef struct {
  WeirTrialOutcome outcome;
  WeirComparison comparison;
  guint distance; /* of a hit, 0..WEIR_PDQ_RADIUS */
  guint change;   /* bits to the most alike of what counted before; of a hit,
                     the smaller of the stream's and the reference's change;
                     0 of a first */
  guint n_places; /* of a first: so many places of the reference are hit */
} WeirVideoTrial;

/* Evidence is not added up beyond this, nats: a line that is certain stays
 * open to what comes after. */
#define WEIR_VIDEO_EVIDENCE_MAX 40.0

/* Pictures that a line remembers to have counted. */
#define WEIR_COUNTED_PICTURES 16

typedef struct {
  WeirShownPicture shown;
  guint32 time; /* ms, what it hit in the reference */
  gboolean is_hit;
} WeirCountedPicture;

typedef struct {
  WeirCountedPicture counted[WEIR_COUNTED_PICTURES]; /* a ring */
  guint n_counted;
  gdouble nats[WEIR_LIKELIHOOD_GRADES];
  gint64 last;               /* when the last one counted, ns */
  WeirComparison comparison; /* of the last hit */
  WeirVideoTrial newest;     /* weighed */
} WeirVideoEvidence;

/* The line begins at @time (ns, of the stream) with @vote of the picture
 * @shown, one of @n_places (1..) of the reference that it hits. A copy is at
 * one of them, each as likely as the others, and so much less each line says:
 * of a camera that stands still before a table the same part is hit from the
 * beginning to the end. Fills @trial. */
void weir_video_evidence_begin (WeirVideoEvidence *evidence, gint64 time,
    const WeirShownPicture *shown, const WeirVideoVote *vote, guint n_places,
    WeirVideoTrial *trial);

/* The vote to count of those of @run, one of the runs of @votes, from @begin to
 * @end ms: @best, the best of them, or, when that is of a window which shows
 * nothing new, the vote of another part that does. Of a copy known by its parts
 * one may stand still while another moves. */
const WeirVideoVote *weir_video_evidence_choose (
    const WeirVideoEvidence *evidence, const WeirShownPicture *shown,
    const WeirVideoVotes *votes, const WeirVideoRun *run, gint64 begin,
    gint64 end, const WeirVideoVote *best);

/* The picture hits by @vote, one of @votes, or misses. TRUE, and @trial is
 * filled, when that counts. @alone: no other fingerprint of the reference is
 * near, so that the stream comes by it from afar; of those hits the nearest
 * counts, in place of the one before. */
gboolean weir_video_evidence_hit (WeirVideoEvidence *evidence, gint64 time,
    const WeirShownPicture *shown, const WeirVideoVotes *votes,
    const WeirVideoVote *vote, gboolean alone, WeirVideoTrial *trial);
gboolean weir_video_evidence_miss (WeirVideoEvidence *evidence, gint64 time,
    const WeirShownPicture *shown, WeirVideoTrial *trial);

/* Adds @trial up. Returns the evidence with it, nats: the log-likelihood ratio
 * of all trials so far, over the grades to which a copy may have been edited,
 * each as likely as the others. */
gdouble weir_video_evidence_weigh (
    WeirVideoEvidence *evidence, const WeirVideoTrial *trial);

G_END_DECLS
