/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which pictures count for a line, and how much. */

#include "match/video-evidence.h"

#include <math.h>

/* A picture that changed by so many bits is new; where little moves, after a
 * while, one that changed by fewer. Coding alone moves the hash of a still
 * picture by 10 bits at most. */
#define NEW_BITS      WEIR_LIKELIHOOD_CHANGE_BITS
#define NEW_BITS_SLOW (WEIR_LIKELIHOOD_CHANGE_BITS / 2)
#define SLOW_AFTER    G_GINT64_CONSTANT (500000000)

static void
count (WeirVideoEvidence *evidence, gint64 time, const WeirShownPicture *shown,
    const WeirVideoVote *vote)
{
  guint place = evidence->n_counted++ % WEIR_COUNTED_PICTURES;

  evidence->counted[place] = (WeirCountedPicture){
    .shown = *shown,
    .time = vote ? vote->time : 0,
    .is_hit = vote != NULL,
  };
  evidence->last = time;
}

/* How much the reference itself changed from what @picture hit to @vote. What
 * is no longer hit at all is another picture. */
static guint
get_reference_change (const WeirCountedPicture *picture,
    const WeirVideoVotes *votes, const WeirVideoVote *vote)
{
  guint distance = weir_video_votes_get_distance (votes, vote, picture->time);

  if (distance > WEIR_PDQ_RADIUS)
    return WEIR_PDQ_BITS;
  return distance > vote->distance ? distance - vote->distance : 0;
}

static guint
get_change (const WeirVideoEvidence *evidence, const WeirShownPicture *shown,
    const WeirVideoVotes *votes, const WeirVideoVote *vote)
{
  guint n = MIN (evidence->n_counted, WEIR_COUNTED_PICTURES);
  guint least = WEIR_PDQ_BITS, i;

  for (i = 0; i < n && least >= NEW_BITS_SLOW; i++) {
    const WeirCountedPicture *picture = &evidence->counted[i];
    guint change = weir_firm_distance (
        &shown->hash, &shown->firm, &picture->shown.hash, &picture->shown.firm);

    if (vote && picture->is_hit && change >= NEW_BITS_SLOW)
      change = MIN (change, get_reference_change (picture, votes, vote));
    least = MIN (least, change);
  }
  return least;
}

/* Fills @nearest with the nearest vote of each view among those of windows. */
static void
find_by_view (const WeirVideoVotes *votes, const WeirVideoRun *run,
    gint64 begin, gint64 end, const WeirVideoVote *nearest[WEIR_N_VIEWS])
{
  guint i = weir_video_votes_find_time (votes, run, begin);

  for (; i <= run->last; i++) {
    const WeirVideoVote *vote = &g_array_index (votes->votes, WeirVideoVote, i);

    if (vote->time > end)
      break;
    if (vote->comparison == WEIR_COMPARISON_WINDOW &&
        (!nearest[vote->view] ||
            vote->distance < nearest[vote->view]->distance))
      nearest[vote->view] = vote;
  }
}

const WeirVideoVote *
weir_video_evidence_choose (const WeirVideoEvidence *evidence,
    const WeirShownPicture *shown, const WeirVideoVotes *votes,
    const WeirVideoRun *run, gint64 begin, gint64 end,
    const WeirVideoVote *best)
{
  const WeirVideoVote *nearest[WEIR_N_VIEWS] = { NULL };
  const WeirVideoVote *chosen = best;
  guint most, view;

  if (best->comparison != WEIR_COMPARISON_WINDOW)
    return best;
  most = get_change (evidence, shown, votes, best);
  if (most >= NEW_BITS)
    return best;
  find_by_view (votes, run, begin, end, nearest);
  for (view = 0; view < WEIR_N_VIEWS; view++) {
    guint change =
        nearest[view] ? get_change (evidence, shown, votes, nearest[view]) : 0;

    if (change > most) {
      most = change;
      chosen = nearest[view];
    }
  }
  return chosen;
}

static gboolean
is_new (const WeirVideoEvidence *evidence, gint64 time, guint change)
{
  return change >= NEW_BITS ||
         (change >= NEW_BITS_SLOW && time - evidence->last >= SLOW_AFTER);
}

void
weir_video_evidence_begin (WeirVideoEvidence *evidence, gint64 time,
    const WeirShownPicture *shown, const WeirVideoVote *vote, guint n_places,
    WeirVideoTrial *trial)
{
  *evidence = (WeirVideoEvidence){
    .comparison = (WeirComparison) vote->comparison,
  };
  count (evidence, time, shown, vote);
  *trial = (WeirVideoTrial){
    .outcome = WEIR_TRIAL_FIRST,
    .comparison = evidence->comparison,
    .distance = vote->distance,
    .n_places = n_places,
  };
}

static gdouble
get_nats (const WeirVideoTrial *trial, guint grade)
{
  gboolean changed = trial->change >= WEIR_LIKELIHOOD_CHANGE_BITS;
  guint bin = trial->distance / WEIR_LIKELIHOOD_DISTANCE_BITS;

  if (trial->outcome == WEIR_TRIAL_FIRST)
    return weir_likelihood_first[trial->comparison][grade][bin] -
           log (trial->n_places);
  if (trial->outcome == WEIR_TRIAL_MISS)
    return weir_likelihood_miss[trial->comparison][changed][grade];
  return weir_likelihood_hit[trial->comparison][changed][grade][bin];
}

/* The stream comes nearer to what it hit in its newest trial, which is taken
 * back for a better one. */
static gboolean
come_nearer (WeirVideoEvidence *evidence, const WeirVideoVote *vote,
    WeirVideoTrial *trial)
{
  guint newest = (evidence->n_counted - 1) % WEIR_COUNTED_PICTURES;
  guint grade;

  if (evidence->newest.outcome == WEIR_TRIAL_MISS ||
      evidence->counted[newest].time != vote->time ||
      evidence->newest.distance <= vote->distance)
    return FALSE;
  for (grade = 0; grade < WEIR_LIKELIHOOD_GRADES; grade++)
    evidence->nats[grade] -= get_nats (&evidence->newest, grade);
  *trial = evidence->newest;
  trial->distance = vote->distance;
  trial->comparison = evidence->comparison;
  return TRUE;
}

gboolean
weir_video_evidence_hit (WeirVideoEvidence *evidence, gint64 time,
    const WeirShownPicture *shown, const WeirVideoVotes *votes,
    const WeirVideoVote *vote, gboolean alone, WeirVideoTrial *trial)
{
  guint change = get_change (evidence, shown, votes, vote);

  evidence->comparison = (WeirComparison) vote->comparison;
  if (!is_new (evidence, time, change))
    return alone && come_nearer (evidence, vote, trial);
  count (evidence, time, shown, vote);
  *trial = (WeirVideoTrial){
    .outcome = WEIR_TRIAL_HIT,
    .comparison = evidence->comparison,
    .distance = vote->distance,
    .change = change,
  };
  return TRUE;
}

gboolean
weir_video_evidence_miss (WeirVideoEvidence *evidence, gint64 time,
    const WeirShownPicture *shown, WeirVideoTrial *trial)
{
  guint change = get_change (evidence, shown, NULL, NULL);

  if (!is_new (evidence, time, change))
    return FALSE;
  count (evidence, time, shown, NULL);
  *trial = (WeirVideoTrial){
    .outcome = WEIR_TRIAL_MISS,
    .comparison = evidence->comparison,
    .change = change,
  };
  return TRUE;
}

gdouble
weir_video_evidence_weigh (
    WeirVideoEvidence *evidence, const WeirVideoTrial *trial)
{
  gdouble sum = 0;
  guint grade;

  evidence->newest = *trial;
  for (grade = 0; grade < WEIR_LIKELIHOOD_GRADES; grade++) {
    gdouble *nats = &evidence->nats[grade];

    *nats = MIN (*nats + get_nats (trial, grade), WEIR_VIDEO_EVIDENCE_MAX);
    sum += exp (*nats) / WEIR_LIKELIHOOD_GRADES;
  }
  return log (sum);
}
