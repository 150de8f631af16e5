/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Video evidence: hits added up along lines of constant speed. */

#include "match/video-lines.h"

#include "bank/look-filter.h"

#include <math.h>

#define MS G_GINT64_CONSTANT (1000000)

/* A hit speaks for a line when it is this near to where the line is, and as
 * many standard deviations of that farther, but never more than the most. */
#define GATE            (150 * MS)
#define GATE_DEVIATIONS 2
#define GATE_MAX        (3000 * MS)

/* How far a hit is from the truth by what is not in the picture: the steps of
 * both frame rates and of the bank's fingerprints. Standard deviation, ms. */
#define PLACE_DEVIATION 50.0

/* A fingerprint without another one this near, ms, is hit from far too: each
 * bit of distance adds to the deviation, ms. Pictures that move change by 1 to
 * 2 bits in 40 ms. */
#define ALONE_REACH     150
#define ALONE_DEVIATION 20.0

/* A part that stands has no fingerprint of its own where it is hit: it may be
 * this far from there, ms, standard deviation. */
#define PART_DEVIATION 1000.0

/* A frame that tells nothing new knows the place a little better all the
 * same, by this share of one that does. */
#define PLACE_SHARE 0.05

/* From this standard deviation on, ms, a run is a picture that stands; half its
 * length in deviations, all of it being as likely. */
#define WIDE_RUN       150.0
#define RUN_DEVIATIONS 1.7

/* A line explains a frame when it is hit there by no more bits farther than
 * where it is hit best: as many as coding moves the hash by. */
#define EXPLAINED_BITS 8

/* A reference has a picture to be hit when a fingerprint of it is this near,
 * ms; a line that is less sure than this where it is, is not held to that. */
#define MISS_REACH     60
#define MISS_DEVIATION (200 * MS)

/* Of a part the bank has no more than one fingerprint in each step, though it
 * has whole pictures between: a line of parts is not held to what follows a hit
 * so soon. */
#define PART_MISS_AFTER (WEIR_LOOK_FILTER_PART_STEP + MISS_REACH * MS)

/* Lines of one reference that are this near and as fast are the same. */
#define SAME_PLACE (100 * MS)
#define SAME_SPEED 0.05

/* A single picture reaches the built-in bound to flag, 16.1 nats, when it was
 * shown for 2 s, and loses as fast what it does not show. Two frames farther
 * apart than the step are not known to have it in between. */
#define STILL_NATS_FIRST  0.5
#define STILL_NATS_SECOND 8.0
#define STILL_STEP        (500 * MS)

struct _WeirVideoLines {
  WeirBank *bank;
  GArray *lines; /* of WeirVideoLine */
  WeirVideoVotes votes;
  WeirStamp now;   /* of the frame at hand */
  gint64 previous; /* time of the frame before */
  gboolean has_previous;
  WeirVideoTrace trace;
  gpointer trace_data;
};

WeirVideoLines *
weir_video_lines_new (WeirBank *bank)
{
  WeirVideoLines *lines = g_new0 (WeirVideoLines, 1);

  lines->bank = weir_bank_ref (bank);
  lines->lines = g_array_sized_new (
      FALSE, FALSE, sizeof (WeirVideoLine), WEIR_VIDEO_LINES_MAX);
  weir_video_votes_init (&lines->votes);
  return lines;
}

void
weir_video_lines_free (WeirVideoLines *lines)
{
  weir_bank_unref (lines->bank);
  g_array_unref (lines->lines);
  weir_video_votes_finish (&lines->votes);
  g_free (lines);
}

void
weir_video_lines_clear (WeirVideoLines *lines)
{
  g_array_set_size (lines->lines, 0);
  lines->has_previous = FALSE;
}

void
weir_video_lines_set_bank (
    WeirVideoLines *lines, WeirBank *bank, WeirBankMap *map)
{
  guint i = 0;

  while (i < lines->lines->len) {
    WeirVideoLine *line = &g_array_index (lines->lines, WeirVideoLine, i);

    line->reference = weir_bank_map_get (map, line->reference);
    if (line->reference == WEIR_REFERENCE_GONE)
      g_array_remove_index_fast (lines->lines, i);
    else
      i++;
  }
  weir_bank_unref (lines->bank);
  lines->bank = weir_bank_ref (bank);
}

void
weir_video_lines_set_trace (
    WeirVideoLines *lines, WeirVideoTrace func, gpointer user_data)
{
  lines->trace = func;
  lines->trace_data = user_data;
}

void
weir_video_lines_begin (WeirVideoLines *lines, const WeirStamp *stamp)
{
  lines->now = *stamp;
  weir_video_votes_begin (&lines->votes);
}

void
weir_video_lines_vote (
    WeirVideoLines *lines, WeirEdits edits, WeirEdits told, const GArray *hits)
{
  weir_video_votes_add (&lines->votes, edits, told, hits);
}

/* ---- One line ---- */

static gboolean
stands_alone (const WeirVideoLines *lines, guint32 reference, guint32 time)
{
  return !weir_bank_has_video (lines->bank, reference, time + 1,
             time + MIN (ALONE_REACH, G_MAXUINT32 - time)) &&
         (time == 0 || !weir_bank_has_video (lines->bank, reference,
                           time - MIN (ALONE_REACH, time), time - 1));
}

static void
line_weigh (const WeirVideoLines *lines, WeirVideoLine *line,
    const WeirVideoTrial *trial, const WeirTrackPoint *point)
{
  line->evidence = weir_video_evidence_weigh (&line->counted, trial);
  if (lines->trace)
    lines->trace (line, trial, point, lines->trace_data);
}

static void
line_count_hit (
    WeirVideoLine *line, const WeirStamp *stamp, const WeirVideoVote *vote)
{
  guint i;

  line->hits++;
  for (i = 0; i < WEIR_N_EDITS; i++)
    line->edit_hits[i] += vote->told >> i & 1;
  line->distances[vote->distance]++;
  line->last = *stamp;
}

static gint64
get_place_deviation (const WeirVideoLines *lines, const WeirVideoRun *run)
{
  const WeirVideoVote *nearest =
      &g_array_index (lines->votes.votes, WeirVideoVote, run->nearest);
  gdouble deviation = hypot (run->deviation, PLACE_DEVIATION);

  if (stands_alone (lines, run->reference, nearest->time))
    deviation += ALONE_DEVIATION * nearest->distance;
  return (gint64) (deviation * MS);
}

/* A picture that stands for a while is anywhere in it: it tells where the line
 * is only when the line is out of it. A part tells it by what is new. */
static gboolean
tells_place (const WeirVideoRun *run, const WeirVideoVote *vote,
    gboolean counts, const WeirTrackPoint *point)
{
  if (vote->comparison == WEIR_COMPARISON_WINDOW && !counts)
    return FALSE;
  return run->deviation <= WIDE_RUN ||
         fabs (run->mean - point->position / (gdouble) MS) >
             RUN_DEVIATIONS * run->deviation;
}

/* Other parts than that of @vote may stand, and be hit anywhere in the run. */
static gint64
get_place (const WeirVideoRun *run, const WeirVideoVote *vote)
{
  return vote->comparison == WEIR_COMPARISON_WINDOW ? vote->time * MS
                                                    : (gint64) (run->mean * MS);
}

static void
line_hit (const WeirVideoLines *lines, WeirVideoLine *line,
    const WeirShownPicture *shown, const WeirVideoRun *run,
    const WeirVideoVote *vote, const WeirTrackPoint *point)
{
  gint64 time = lines->now.time;
  WeirVideoTrial trial;
  gboolean counts =
      weir_video_evidence_hit (&line->counted, time, shown, &lines->votes, vote,
          stands_alone (lines, line->reference, vote->time), &trial);

  if (tells_place (run, vote, counts, point))
    weir_track_add (&line->track, time, get_place (run, vote),
        get_place_deviation (lines, run), counts ? 1 : PLACE_SHARE);
  line_count_hit (line, &lines->now, vote);
  if (counts)
    line_weigh (lines, line, &trial, point);
}

static gboolean
has_picture (
    const WeirVideoLines *lines, const WeirVideoLine *line, gint64 position)
{
  gint64 place = position / MS;

  return place >= 0 && place <= G_MAXUINT32 - MISS_REACH &&
         weir_bank_has_video (lines->bank, line->reference,
             (guint32) MAX (place - MISS_REACH, 0),
             (guint32) (place + MISS_REACH));
}

/* Wherever the line may be, the reference has a picture. */
static gboolean
should_hit (const WeirVideoLines *lines, const WeirVideoLine *line,
    const WeirTrackPoint *point)
{
  if (line->counted.comparison == WEIR_COMPARISON_WINDOW &&
      lines->now.time - line->last.time < PART_MISS_AFTER)
    return FALSE;
  return point->deviation <= MISS_DEVIATION &&
         has_picture (lines, line, point->position) &&
         has_picture (lines, line, point->position - point->deviation) &&
         has_picture (lines, line, point->position + point->deviation);
}

/* How far from @point a hit speaks for the line that is there, ns. */
static gint64
get_gate (const WeirTrackPoint *point)
{
  return MIN (GATE + GATE_DEVIATIONS * point->deviation, GATE_MAX);
}

/* The run with the best vote within the line's gate. */
static WeirVideoRun *
find_run (const WeirVideoLines *lines, const WeirVideoLine *line,
    const WeirTrackPoint *point, const WeirVideoVote **best)
{
  gint64 gate = get_gate (point);
  guint i =
      weir_video_votes_find (&lines->votes, line->reference, line->mirrored);
  WeirVideoRun *found = NULL;

  *best = NULL;
  for (; i < lines->votes.runs->len; i++) {
    WeirVideoRun *run = &g_array_index (lines->votes.runs, WeirVideoRun, i);
    const WeirVideoVote *vote;

    if (run->reference != line->reference || run->mirrored != line->mirrored)
      break;
    vote = weir_video_votes_get_best (&lines->votes, run,
        (point->position - gate) / MS, (point->position + gate) / MS);
    if (vote && (!*best || weir_video_vote_is_better (vote, *best))) {
      *best = vote;
      found = run;
    }
  }
  return found;
}

/* The run says no better place than the line has. Where little moves, or a part
 * of the picture is the same all over, pictures are hit at wrong places too,
 * but not as well. */
static gboolean
is_explained (const WeirVideoLines *lines, const WeirVideoRun *run,
    const WeirVideoVote *vote)
{
  const WeirVideoVote *best =
      &g_array_index (lines->votes.votes, WeirVideoVote, run->best);

  return vote->comparison <= best->comparison &&
         vote->distance <= best->distance + EXPLAINED_BITS;
}

static void
line_follow (const WeirVideoLines *lines, WeirVideoLine *line,
    const WeirShownPicture *shown)
{
  WeirTrackPoint point = weir_track_get (&line->track, lines->now.time);
  gint64 gate = get_gate (&point);
  const WeirVideoVote *vote;
  WeirVideoRun *run = find_run (lines, line, &point, &vote);
  WeirVideoTrial trial;

  if (run) {
    run->taken = run->taken || is_explained (lines, run, vote);
    vote = weir_video_evidence_choose (&line->counted, shown, &lines->votes,
        run, (point.position - gate) / MS, (point.position + gate) / MS, vote);
    line_hit (lines, line, shown, run, vote, &point);
  } else if (should_hit (lines, line, &point) &&
             weir_video_evidence_miss (
                 &line->counted, lines->now.time, shown, &trial)) {
    line_weigh (lines, line, &trial, &point);
  }
  line->now = weir_track_get (&line->track, lines->now.time);
}

static void
line_persist (const WeirVideoLines *lines, WeirVideoLine *line)
{
  guint i =
      weir_video_votes_find (&lines->votes, line->reference, line->mirrored);
  gint64 step = MIN (lines->now.time - lines->previous, STILL_STEP);
  gdouble nats = STILL_NATS_SECOND * step / (1000 * MS);
  WeirVideoRun *run;

  if (i < lines->votes.runs->len) {
    run = &g_array_index (lines->votes.runs, WeirVideoRun, i);
    if (run->reference == line->reference && run->mirrored == line->mirrored) {
      run->taken = TRUE;
      line_count_hit (line, &lines->now,
          &g_array_index (lines->votes.votes, WeirVideoVote, run->nearest));
      line->evidence = MIN (line->evidence + nats, WEIR_VIDEO_EVIDENCE_MAX);
      return;
    }
  }
  line->evidence -= nats;
}

/* ---- All lines ---- */

/* A place for a new line of @evidence; NULL when better ones take all. */
static WeirVideoLine *
make_room (WeirVideoLines *lines, gdouble evidence)
{
  WeirVideoLine *weakest = NULL;
  guint i;

  if (lines->lines->len < WEIR_VIDEO_LINES_MAX) {
    g_array_set_size (lines->lines, lines->lines->len + 1);
    return &g_array_index (lines->lines, WeirVideoLine, lines->lines->len - 1);
  }
  for (i = 0; i < lines->lines->len; i++) {
    WeirVideoLine *line = &g_array_index (lines->lines, WeirVideoLine, i);

    if (!weakest || line->evidence < weakest->evidence)
      weakest = line;
  }
  return weakest->evidence < evidence ? weakest : NULL;
}

static gboolean
is_still (const WeirVideoLines *lines, guint32 index)
{
  WeirReference reference;

  weir_bank_get_reference (lines->bank, index, &reference);
  return reference.duration == 0 &&
         !weir_bank_has_video (lines->bank, index, 1, G_MAXUINT32);
}

static void
start_line (WeirVideoLines *lines, const WeirShownPicture *shown,
    const WeirVideoRun *run, guint n_places)
{
  const WeirVideoVote *vote =
      &g_array_index (lines->votes.votes, WeirVideoVote, run->best);
  WeirVideoLine started = {
    .reference = run->reference,
    .mirrored = run->mirrored,
    .still = is_still (lines, run->reference),
    .first = lines->now,
  };
  gint64 deviation = get_place_deviation (lines, run);
  WeirVideoTrial trial;
  WeirVideoLine *line;

  if (vote->comparison == WEIR_COMPARISON_WINDOW)
    deviation += (gint64) (PART_DEVIATION * MS);
  weir_track_init (
      &started.track, lines->now.time, get_place (run, vote), deviation);
  started.now = weir_track_get (&started.track, lines->now.time);
  weir_video_evidence_begin (
      &started.counted, lines->now.time, shown, vote, n_places, &trial);
  line_count_hit (&started, &lines->now, vote);
  if (started.still)
    started.evidence = STILL_NATS_FIRST;
  else
    line_weigh (lines, &started, &trial, &started.now);
  line = make_room (lines, started.evidence);
  if (line)
    *line = started;
}

/* A run that no line has taken starts one of its own. */
static void
start_lines (WeirVideoLines *lines, const WeirShownPicture *shown)
{
  guint i, end, n_places;

  for (i = 0; i < lines->votes.runs->len;) {
    n_places = weir_video_votes_count_runs (&lines->votes, i);
    for (end = i + n_places; i < end; i++) {
      const WeirVideoRun *run =
          &g_array_index (lines->votes.runs, WeirVideoRun, i);

      if (!run->taken)
        start_line (lines, shown, run, n_places);
    }
  }
}

static gboolean
say_the_same (const WeirVideoLine *a, const WeirVideoLine *b)
{
  return a->reference == b->reference && a->mirrored == b->mirrored &&
         ABS (a->now.position - b->now.position) <= SAME_PLACE &&
         fabs (a->now.speed - b->now.speed) <= SAME_SPEED;
}

/* Lines that began apart and met: the weaker one goes. */
static void
merge_lines (WeirVideoLines *lines)
{
  guint i, j;

  for (i = 0; i < lines->lines->len; i++) {
    for (j = i + 1; j < lines->lines->len;) {
      WeirVideoLine *kept = &g_array_index (lines->lines, WeirVideoLine, i);
      WeirVideoLine *other = &g_array_index (lines->lines, WeirVideoLine, j);

      if (!say_the_same (kept, other)) {
        j++;
        continue;
      }
      if (other->evidence > kept->evidence)
        *kept = *other;
      g_array_remove_index_fast (lines->lines, j);
    }
  }
}

void
weir_video_lines_end (WeirVideoLines *lines, const WeirShownPicture *shown)
{
  guint i = 0;

  if (!lines->has_previous)
    lines->previous = lines->now.time;
  lines->has_previous = TRUE;
  weir_video_votes_end (&lines->votes);
  while (i < lines->lines->len) {
    WeirVideoLine *line = &g_array_index (lines->lines, WeirVideoLine, i);

    if (line->still)
      line_persist (lines, line);
    else
      line_follow (lines, line, shown);
    if (line->evidence <= 0)
      g_array_remove_index_fast (lines->lines, i);
    else
      i++;
  }
  start_lines (lines, shown);
  merge_lines (lines);
  lines->previous = lines->now.time;
}

void
weir_video_lines_expire (WeirVideoLines *lines, gint64 time)
{
  guint i = 0;

  while (i < lines->lines->len) {
    if (g_array_index (lines->lines, WeirVideoLine, i).last.time < time)
      g_array_remove_index_fast (lines->lines, i);
    else
      i++;
  }
}

guint
weir_video_lines_get_length (const WeirVideoLines *lines)
{
  return lines->lines->len;
}

const WeirVideoLine *
weir_video_lines_get (const WeirVideoLines *lines, guint index)
{
  return &g_array_index (lines->lines, WeirVideoLine, index);
}
