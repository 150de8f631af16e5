/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The hits of one frame, put in order: by reference, and within a reference by
 * time. Hits that follow each other closely are a run: one picture that stands
 * or moves little, known to be somewhere in it.
 */
#pragma once

#include "bank/bank.h"

G_BEGIN_DECLS

/* What is compared: a whole picture with a whole picture, or a part of one
 * with anything; of parts there are more, and they are more alike. */
typedef enum {
  WEIR_COMPARISON_WHOLE,
  WEIR_COMPARISON_WINDOW,
  WEIR_N_COMPARISONS,
} WeirComparison;

typedef struct {
  guint32 reference;
  guint32 time; /* in the reference, ms */
  guint16 distance;
  guint8 mirrored;
  guint8 comparison; /* WeirComparison */
  guint8 edits;      /* WeirEdits that explain it */
  guint8 told;       /* of these those that are told */
  guint8 view;       /* WeirView of the reference that was hit */
} WeirVideoVote;

/* Where in the reference the picture is, in ms: each of its hits by how near
 * it is; those of windows only when none of the whole picture is as near. */
typedef struct {
  guint32 reference;
  gboolean mirrored;
  guint first, last; /* of its votes */
  guint nearest;     /* of its votes; a whole picture before a window */
  guint best;        /* of its votes, by weir_video_vote_is_better () */
  gdouble mean;
  gdouble deviation;
  gboolean taken;
} WeirVideoRun;

typedef struct {
  GArray *votes; /* of WeirVideoVote */
  GArray *runs;  /* of WeirVideoRun, in the order of their votes */
} WeirVideoVotes;

void weir_video_votes_init (WeirVideoVotes *votes);
void weir_video_votes_finish (WeirVideoVotes *votes);

/* A frame: begin, add the @hits (a GArray of WeirVideoHit) of each look with
 * the @edits that explain them, of which @told are told, end, which makes the
 * runs. */
void weir_video_votes_begin (WeirVideoVotes *votes);
void weir_video_votes_add (
    WeirVideoVotes *votes, WeirEdits edits, WeirEdits told, const GArray *hits);
void weir_video_votes_end (WeirVideoVotes *votes);

/* The first run of @reference, or the number of runs. */
guint weir_video_votes_find (
    const WeirVideoVotes *votes, guint32 reference, gboolean mirrored);

/* How many runs, the one of number @first and those after it, are of the same
 * reference, mirrored or not alike. */
guint weir_video_votes_count_runs (const WeirVideoVotes *votes, guint first);

/* The first vote of @run whose time is not below @time (ms); one after its last
 * without one. */
guint weir_video_votes_find_time (
    const WeirVideoVotes *votes, const WeirVideoRun *run, gint64 time);

/* A whole picture tells more than a window, then the nearer one more. */
gboolean weir_video_vote_is_better (
    const WeirVideoVote *a, const WeirVideoVote *b);

/* The best vote of @run from @begin to @end ms; NULL without one. */
const WeirVideoVote *weir_video_votes_get_best (const WeirVideoVotes *votes,
    const WeirVideoRun *run, gint64 begin, gint64 end);

/* How far the frame, by the look of @vote, is from what the reference shows at
 * @time (ms): WEIR_PDQ_RADIUS + 1 when that was not hit. */
guint weir_video_votes_get_distance (
    const WeirVideoVotes *votes, const WeirVideoVote *vote, guint32 time);

G_END_DECLS
