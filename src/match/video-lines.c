/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Video evidence: hits added up along lines of constant offset. */

#include "match/video-lines.h"

#include <math.h>

#define MS G_GINT64_CONSTANT (1000000)

/* A hit speaks for a line whose offset it meets within this. Frame rates of
 * copy and original differ, so that frames fall up to 1/15 s apart; a shot in
 * which little moves hits its neighbours too. */
#define TOLERANCE (200 * MS)

/* More hits of one frame than this are not looked at: a bank that repeats one
 * picture so often says nothing by it. */
#define HITS_MAX 4096

/* What one frame weighs, in nats. Unrelated pictures are 96 bits and more
 * apart; what is nearer by mistake is a template, a slate, a flat picture, so
 * a hit counts for far less than chance alone would have it, and counts the
 * less the farther it is. A frame that should have hit and did not is mild
 * evidence against: edits lose frames too. */
#define GAIN_AT_0      4.0
#define GAIN_AT_RADIUS 2.0
#define LOSS           0.7

/* Evidence is not added up beyond this: a line that is certain stays open to
 * what comes after. */
#define EVIDENCE_MAX 40.0

/* A picture counts once: again only when it is this many bits from those that
 * have counted already. The same slate shown for a minute is one hit, not
 * 1,800; re-encoding alone moves the hash of a still picture by less. */
#define NOVEL_AT 16

typedef struct {
  guint32 reference;
  gboolean mirrored;
  WeirEdits edits;
  gint64 offset;
  guint distance;
  gboolean taken;
} Vote;

struct _WeirVideoLines {
  WeirBank *bank;
  GArray *lines; /* of WeirVideoLine */
  GArray *votes; /* of Vote, of the frame at hand */
  WeirStamp now; /* its */
  WeirPdqHash previous;
  gboolean has_previous;
};

WeirVideoLines *
weir_video_lines_new (WeirBank *bank)
{
  WeirVideoLines *lines = g_new0 (WeirVideoLines, 1);

  lines->bank = weir_bank_ref (bank);
  lines->lines = g_array_sized_new (
      FALSE, FALSE, sizeof (WeirVideoLine), WEIR_VIDEO_LINES_MAX);
  lines->votes = g_array_new (FALSE, FALSE, sizeof (Vote));
  return lines;
}

void
weir_video_lines_free (WeirVideoLines *lines)
{
  weir_bank_unref (lines->bank);
  g_array_unref (lines->lines);
  g_array_unref (lines->votes);
  g_free (lines);
}

void
weir_video_lines_clear (WeirVideoLines *lines)
{
  g_array_set_size (lines->lines, 0);
  lines->has_previous = FALSE;
}

static gint
compare_votes (gconstpointer a, gconstpointer b)
{
  const Vote *left = a, *right = b;

  if (left->reference != right->reference)
    return left->reference < right->reference ? -1 : 1;
  if (left->mirrored != right->mirrored)
    return left->mirrored ? 1 : -1;
  if (left->offset != right->offset)
    return left->offset < right->offset ? -1 : 1;
  return (gint) left->distance - (gint) right->distance;
}

void
weir_video_lines_begin (WeirVideoLines *lines, const WeirStamp *stamp)
{
  lines->now = *stamp;
  g_array_set_size (lines->votes, 0);
}

void
weir_video_lines_vote (
    WeirVideoLines *lines, WeirEdits edits, const GArray *hits)
{
  guint i;

  for (i = 0; i < hits->len && lines->votes->len < HITS_MAX; i++) {
    const WeirVideoHit *hit = &g_array_index (hits, WeirVideoHit, i);
    Vote vote = {
      .reference = hit->reference,
      .mirrored = (edits & WEIR_EDIT_MIRRORED) != 0,
      .edits = edits,
      .offset = lines->now.time - hit->time * MS,
      .distance = MIN (hit->distance, WEIR_PDQ_RADIUS),
    };
    g_array_append_val (lines->votes, vote);
  }
}

static gboolean
is_novel (const WeirPdqHash *hash, const WeirPdqHash *seen, guint n_seen)
{
  guint i;

  for (i = 0; i < n_seen; i++)
    if (weir_pdq_distance (hash, &seen[i]) < NOVEL_AT)
      return FALSE;
  return TRUE;
}

static void
line_support (WeirVideoLine *line, const WeirStamp *stamp,
    const WeirPdqHash *hash, const Vote *vote)
{
  gboolean novel = is_novel (
      hash, line->seen, MIN (line->n_seen, G_N_ELEMENTS (line->seen)));
  gdouble gain = GAIN_AT_0 - (GAIN_AT_0 - GAIN_AT_RADIUS) * vote->distance /
                                 WEIR_PDQ_RADIUS;
  /* A near hit knows the offset better than a far one, a new picture better
   * than one that has stood for a while. */
  gdouble weight = (novel ? 1 : 0.05) * (WEIR_PDQ_RADIUS + 1 - vote->distance);
  guint i;

  if (novel) {
    line->evidence = MIN (line->evidence + gain, EVIDENCE_MAX);
    line->seen[line->n_seen++ % G_N_ELEMENTS (line->seen)] = *hash;
  }
  line->hits++;
  for (i = 0; i < WEIR_N_EDITS; i++)
    line->edit_hits[i] += vote->edits >> i & 1;
  line->distances[vote->distance]++;
  line->last = *stamp;

  line->offset_sum += weight * vote->offset;
  line->offset_weight += weight;
  line->offset = (gint64) (line->offset_sum / line->offset_weight);
}

static void
line_miss (
    const WeirVideoLines *lines, WeirVideoLine *line, const WeirStamp *stamp)
{
  WeirReference reference;
  gint64 expected = stamp->time - line->offset;

  weir_bank_get_reference (lines->bank, line->reference, &reference);
  if (expected >= 0 && expected <= (gint64) reference.duration)
    line->evidence -= LOSS;
}

/* The best vote for @line; those that fall on it are taken. */
static const Vote *
find_vote (GArray *votes, const WeirVideoLine *line)
{
  Vote from = {
    .reference = line->reference,
    .mirrored = line->mirrored,
    .offset = line->offset - TOLERANCE,
  };
  const Vote *best = NULL;
  guint low = 0, high = votes->len;

  while (low < high) {
    guint middle = low + (high - low) / 2;

    if (compare_votes (&g_array_index (votes, Vote, middle), &from) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  for (; low < votes->len; low++) {
    Vote *vote = &g_array_index (votes, Vote, low);

    if (vote->reference != line->reference ||
        vote->mirrored != line->mirrored ||
        vote->offset > line->offset + TOLERANCE)
      break;
    vote->taken = TRUE;
    if (!best || vote->distance < best->distance ||
        (vote->distance == best->distance &&
            ABS (vote->offset - line->offset) <
                ABS (best->offset - line->offset)))
      best = vote;
  }
  return best;
}

/* A place for a new line; NULL when all are taken by better ones. */
static WeirVideoLine *
make_room (WeirVideoLines *lines)
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
  return weakest->evidence < GAIN_AT_RADIUS ? weakest : NULL;
}

static void
start_line (WeirVideoLines *lines, const WeirStamp *stamp,
    const WeirPdqHash *hash, const Vote *vote)
{
  WeirVideoLine *line = make_room (lines);

  if (!line)
    return;
  *line = (WeirVideoLine){
    .reference = vote->reference,
    .mirrored = vote->mirrored,
    .offset = vote->offset,
    .first = *stamp,
  };
  line_support (line, stamp, hash, vote);
}

/* Votes that fell on no line start lines of their own, the best of each
 * neighbourhood. */
static void
start_lines (
    WeirVideoLines *lines, const WeirStamp *stamp, const WeirPdqHash *hash)
{
  const Vote *best = NULL;
  gint64 begin = 0;
  guint i;

  for (i = 0; i < lines->votes->len; i++) {
    const Vote *vote = &g_array_index (lines->votes, Vote, i);

    if (vote->taken)
      continue;
    if (best && vote->reference == best->reference &&
        vote->mirrored == best->mirrored &&
        vote->offset <= begin + 2 * TOLERANCE) {
      if (vote->distance < best->distance)
        best = vote;
      continue;
    }
    if (best)
      start_line (lines, stamp, hash, best);
    best = vote;
    begin = vote->offset;
  }
  if (best)
    start_line (lines, stamp, hash, best);
}

void
weir_video_lines_end (WeirVideoLines *lines, const WeirPdqHash *hash)
{
  const WeirStamp *stamp = &lines->now;
  gboolean changed =
      !lines->has_previous || is_novel (hash, &lines->previous, 1);
  guint i = 0;

  g_array_sort (lines->votes, compare_votes);
  while (i < lines->lines->len) {
    WeirVideoLine *line = &g_array_index (lines->lines, WeirVideoLine, i);
    const Vote *vote = find_vote (lines->votes, line);

    if (vote)
      line_support (line, stamp, hash, vote);
    else if (changed)
      line_miss (lines, line, stamp);
    if (line->evidence <= 0)
      g_array_remove_index_fast (lines->lines, i);
    else
      i++;
  }
  start_lines (lines, stamp, hash);

  if (changed)
    lines->previous = *hash;
  lines->has_previous = TRUE;
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

WeirEdits
weir_video_line_get_edits (const WeirVideoLine *line)
{
  guint edits = 0, i;

  for (i = 0; i < WEIR_N_EDITS; i++)
    if (2 * line->edit_hits[i] > line->hits)
      edits |= 1u << i;
  return (WeirEdits) edits;
}

gdouble
weir_video_line_get_distance (const WeirVideoLine *line)
{
  guint below = 0, distance;

  for (distance = 0; distance < WEIR_PDQ_RADIUS; distance++) {
    below += line->distances[distance];
    if (2 * below >= line->hits)
      break;
  }
  return distance;
}
