/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The hits of one frame, sorted and cut into runs. */

#include "match/video-votes.h"

#include <math.h>

/* More hits of one frame than this are not looked at: a bank that repeats one
 * picture so often says nothing by it. */
#define VOTES_MAX 4096

/* Fingerprints of a reference lie at most 100 ms apart where its pictures are
 * good; hits farther apart than this, in ms, are of two runs. */
#define RUN_GAP 350

/* A hit so many bits farther than the nearest of its run counts 1 / e for the
 * place: as many as re-encoding moves a hash by. */
#define PLACE_BITS 3.0

/* Farther ones count nothing: where little moves there are so many of them
 * that they would weigh more than those that are near. */
#define PLACE_BITS_MAX 10

void
weir_video_votes_init (WeirVideoVotes *votes)
{
  votes->votes = g_array_new (FALSE, FALSE, sizeof (WeirVideoVote));
  votes->runs = g_array_new (FALSE, FALSE, sizeof (WeirVideoRun));
}

void
weir_video_votes_finish (WeirVideoVotes *votes)
{
  g_clear_pointer (&votes->votes, g_array_unref);
  g_clear_pointer (&votes->runs, g_array_unref);
}

void
weir_video_votes_begin (WeirVideoVotes *votes)
{
  g_array_set_size (votes->votes, 0);
  g_array_set_size (votes->runs, 0);
}

/* A frame or its picture within borders, on the like of the reference. */
static gboolean
is_whole (WeirEdits edits, guint view)
{
  return (edits & ~(WEIR_EDIT_MIRRORED | WEIR_EDIT_BORDERED)) == 0 &&
         !weir_view_is_part (view);
}

void
weir_video_votes_add (
    WeirVideoVotes *votes, WeirEdits edits, WeirEdits told, const GArray *hits)
{
  guint i;

  for (i = 0; i < hits->len && votes->votes->len < VOTES_MAX; i++) {
    const WeirVideoHit *hit = &g_array_index (hits, WeirVideoHit, i);
    WeirVideoVote vote = {
      .reference = hit->reference,
      .time = hit->time,
      .distance = MIN (hit->distance, WEIR_PDQ_RADIUS),
      .mirrored = (edits & WEIR_EDIT_MIRRORED) != 0,
      .comparison = is_whole (edits, hit->view) ? WEIR_COMPARISON_WHOLE
                                                : WEIR_COMPARISON_WINDOW,
      .edits = edits,
      .told = told,
      .view = hit->view,
    };

    g_array_append_val (votes->votes, vote);
  }
}

static gint
compare_lines (const WeirVideoVote *left, const WeirVideoVote *right)
{
  if (left->reference != right->reference)
    return left->reference < right->reference ? -1 : 1;
  return left->mirrored - right->mirrored;
}

static gint
compare_votes (gconstpointer a, gconstpointer b)
{
  const WeirVideoVote *left = a, *right = b;
  gint order = compare_lines (left, right);

  if (order != 0)
    return order;
  if (left->time != right->time)
    return left->time < right->time ? -1 : 1;
  if (left->distance != right->distance)
    return left->distance - right->distance;
  return left->comparison - right->comparison;
}

static gboolean
is_nearer (const WeirVideoVote *a, const WeirVideoVote *b)
{
  if (a->distance != b->distance)
    return a->distance < b->distance;
  return a->comparison < b->comparison;
}

static void
measure_run (const WeirVideoVote *votes, WeirVideoRun *run)
{
  gdouble weights = 0, sum = 0, squares = 0;
  guint i;

  run->reference = votes[run->first].reference;
  run->mirrored = votes[run->first].mirrored;
  run->nearest = run->best = run->first;
  for (i = run->first; i <= run->last; i++) {
    if (is_nearer (&votes[i], &votes[run->nearest]))
      run->nearest = i;
    if (weir_video_vote_is_better (&votes[i], &votes[run->best]))
      run->best = i;
  }
  for (i = run->first; i <= run->last; i++) {
    gdouble farther = votes[i].distance - votes[run->nearest].distance;
    gdouble later = (gdouble) votes[i].time - votes[run->first].time;
    gdouble weight = exp (-farther / PLACE_BITS);

    if (votes[i].comparison > votes[run->nearest].comparison ||
        farther > PLACE_BITS_MAX)
      continue;
    weights += weight;
    sum += weight * later;
    squares += weight * later * later;
  }
  run->mean = sum / weights;
  run->deviation = sqrt (MAX (squares / weights - run->mean * run->mean, 0));
  run->mean += votes[run->first].time;
}

void
weir_video_votes_end (WeirVideoVotes *votes)
{
  const WeirVideoVote *all;
  WeirVideoRun run = { 0 };
  guint i;

  g_array_sort (votes->votes, compare_votes);
  all = (const WeirVideoVote *) votes->votes->data;
  for (i = 0; i < votes->votes->len; i++) {
    run.last = i;
    if (i + 1 < votes->votes->len &&
        compare_lines (&all[i], &all[i + 1]) == 0 &&
        all[i + 1].time - all[i].time <= RUN_GAP)
      continue;
    measure_run (all, &run);
    g_array_append_val (votes->runs, run);
    run.first = i + 1;
  }
}

guint
weir_video_votes_find (
    const WeirVideoVotes *votes, guint32 reference, gboolean mirrored)
{
  guint low = 0, high = votes->runs->len;

  while (low < high) {
    guint middle = low + (high - low) / 2;
    const WeirVideoRun *run =
        &g_array_index (votes->runs, WeirVideoRun, middle);

    if (run->reference < reference ||
        (run->reference == reference && run->mirrored < mirrored))
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

guint
weir_video_votes_count_runs (const WeirVideoVotes *votes, guint first)
{
  const WeirVideoRun *run = &g_array_index (votes->runs, WeirVideoRun, first);
  guint i;

  for (i = first + 1; i < votes->runs->len; i++) {
    const WeirVideoRun *other = &g_array_index (votes->runs, WeirVideoRun, i);

    if (other->reference != run->reference || other->mirrored != run->mirrored)
      break;
  }
  return i - first;
}

guint
weir_video_votes_find_time (
    const WeirVideoVotes *votes, const WeirVideoRun *run, gint64 time)
{
  guint low = run->first, high = run->last + 1;

  while (low < high) {
    guint middle = low + (high - low) / 2;

    if (g_array_index (votes->votes, WeirVideoVote, middle).time < time)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

gboolean
weir_video_vote_is_better (const WeirVideoVote *a, const WeirVideoVote *b)
{
  if (a->comparison != b->comparison)
    return a->comparison < b->comparison;
  return a->distance < b->distance;
}

const WeirVideoVote *
weir_video_votes_get_best (const WeirVideoVotes *votes, const WeirVideoRun *run,
    gint64 begin, gint64 end)
{
  const WeirVideoVote *all = (const WeirVideoVote *) votes->votes->data;
  const WeirVideoVote *nearest = NULL;
  guint i;

  if (all[run->last].time < begin || all[run->first].time > end)
    return NULL;
  i = weir_video_votes_find_time (votes, run, begin);

  for (; i <= run->last; i++) {
    if (all[i].time > end)
      break;
    if (!nearest || weir_video_vote_is_better (&all[i], nearest))
      nearest = &all[i];
  }
  return nearest;
}

/* The first vote of the line of @vote at @time or after it. */
static guint
find_vote (const WeirVideoVotes *votes, const WeirVideoVote *vote, guint32 time)
{
  const WeirVideoVote wanted = {
    .reference = vote->reference,
    .time = time,
    .mirrored = vote->mirrored,
  };
  guint low = 0, high = votes->votes->len;

  while (low < high) {
    guint middle = low + (high - low) / 2;

    if (compare_votes (
            &g_array_index (votes->votes, WeirVideoVote, middle), &wanted) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

guint
weir_video_votes_get_distance (
    const WeirVideoVotes *votes, const WeirVideoVote *vote, guint32 time)
{
  guint i;

  for (i = find_vote (votes, vote, time); i < votes->votes->len; i++) {
    const WeirVideoVote *other =
        &g_array_index (votes->votes, WeirVideoVote, i);

    if (compare_lines (other, vote) != 0 || other->time != time)
      break;
    if (other->edits == vote->edits && other->view == vote->view)
      return other->distance;
  }
  return WEIR_PDQ_RADIUS + 1;
}
