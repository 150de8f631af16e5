/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Audio evidence: distinct anchors on lines of constant offset. */

#include "match/audio-lines.h"

#include <math.h>
#include <string.h>

#define MS     G_GINT64_CONSTANT (1000000)
#define SECOND (1000 * MS)

/* Offsets are counted in bins this wide; a line is a bin and its neighbours,
 * since a peak falls between frames (16 ms). */
#define BIN (32 * MS)

/* Evidence is counted over the last seconds, the better of two windows. Votes
 * beyond the newest VOTES_MAX are forgotten, which bounds the memory whatever
 * the bank. */
#define SHORT_WINDOW (3 * SECOND)
#define LONG_WINDOW  (5 * SECOND)
#define VOTES_MAX    65536

/* A key that the bank holds more often than this says nothing. */
#define POSTINGS_MAX 512

/* Lines kept at a time, and bins examined for one batch of landmarks. */
#define LINES_MAX 64
#define HOT_MAX   16

/* Votes that a bin and its neighbours need before they are examined. */
#define HOT_AT 6

/* Chance. The number of anchors on the best line of a bank that does not hold
 * the sound has an exponential tail: it exceeds CHANCE_COUNT + n * scale with
 * probability exp (-n). Measured on 926 s of film, game and speech against
 * 28,297 landmarks of other works, with windows each 0.25 s: scales of 0.86
 * and 1.29 for 3 s and 5 s, the most seen 10 and 11. Taken wider, since the
 * measurement is small. A larger bank has more lines to be wrong on. */
#define CHANCE_COUNT       4.0
#define CHANCE_SCALE_SHORT 1.1
#define CHANCE_SCALE_LONG  1.6
#define CHANCE_LANDMARKS   28297.0

#define EVIDENCE_MAX 40.0

typedef struct {
  guint32 reference;
  gint32 bin;
  guint32 anchor;
  gint64 time; /* of the anchor, on the matcher's line */
} Vote;

typedef struct {
  guint32 reference;
  gint32 bin;
  guint votes;
} HotBin;

#define N_CELLS   65536 /* power of two */
#define N_ANCHORS 8192  /* more than a window holds; power of two */

struct _WeirAudioLines {
  WeirBank *bank;
  gdouble chance_growth; /* nats by which the bank exceeds the measured one */

  Vote *votes; /* ring */
  guint head, n_votes;
  guint16 cells[N_CELLS]; /* votes of the ring by hash of (reference, bin) */
  guint32 anchor_base;    /* so that anchors count on after a restart */
  guint32 next_anchor;

  GArray *hits; /* of WeirAudioHit, of the landmark at hand */
  GArray *lines;
};

static void
take_bank (WeirAudioLines *lines, WeirBank *bank)
{
  gdouble growth = weir_bank_get_n_audio (bank) / CHANCE_LANDMARKS;

  lines->bank = weir_bank_ref (bank);
  lines->chance_growth = growth > 1 ? log (growth) : 0;
}

WeirAudioLines *
weir_audio_lines_new (WeirBank *bank)
{
  WeirAudioLines *lines = g_new0 (WeirAudioLines, 1);

  take_bank (lines, bank);
  lines->votes = g_new (Vote, VOTES_MAX);
  lines->hits = g_array_new (FALSE, FALSE, sizeof (WeirAudioHit));
  lines->lines =
      g_array_sized_new (FALSE, FALSE, sizeof (WeirAudioLine), LINES_MAX);
  return lines;
}

void
weir_audio_lines_free (WeirAudioLines *lines)
{
  weir_bank_unref (lines->bank);
  g_free (lines->votes);
  g_array_unref (lines->hits);
  g_array_unref (lines->lines);
  g_free (lines);
}

void
weir_audio_lines_clear (WeirAudioLines *lines)
{
  lines->head = lines->n_votes = 0;
  memset (lines->cells, 0, sizeof (lines->cells));
  g_array_set_size (lines->lines, 0);
}

void
weir_audio_lines_restart (WeirAudioLines *lines)
{
  lines->anchor_base = lines->next_anchor;
}

static inline guint16 *
get_cell (WeirAudioLines *lines, guint32 reference, gint32 bin)
{
  guint64 mixed = (((guint64) reference << 32) | (guint32) bin) *
                  G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);

  return &lines->cells[(mixed >> 40) & (N_CELLS - 1)];
}

static const Vote *
get_vote (const WeirAudioLines *lines, guint index)
{
  return &lines->votes[(lines->head + index) % VOTES_MAX];
}

static void
drop_oldest_vote (WeirAudioLines *lines)
{
  const Vote *vote = get_vote (lines, 0);

  --*get_cell (lines, vote->reference, vote->bin);
  lines->head = (lines->head + 1) % VOTES_MAX;
  lines->n_votes--;
}

static void
add_vote (WeirAudioLines *lines, const Vote *vote)
{
  if (lines->n_votes == VOTES_MAX)
    drop_oldest_vote (lines);
  lines->votes[(lines->head + lines->n_votes++) % VOTES_MAX] = *vote;
  ++*get_cell (lines, vote->reference, vote->bin);
}

static void
map_votes (WeirAudioLines *lines, WeirBankMap *map)
{
  guint n_before = lines->n_votes;

  lines->n_votes = 0;
  memset (lines->cells, 0, sizeof (lines->cells));
  for (guint i = 0; i < n_before; i++) {
    Vote vote = *get_vote (lines, i);

    vote.reference = weir_bank_map_get (map, vote.reference);
    if (vote.reference != WEIR_REFERENCE_GONE)
      add_vote (lines, &vote);
  }
}

void
weir_audio_lines_set_bank (
    WeirAudioLines *lines, WeirBank *bank, WeirBankMap *map)
{
  guint i = 0;

  map_votes (lines, map);
  while (i < lines->lines->len) {
    WeirAudioLine *line = &g_array_index (lines->lines, WeirAudioLine, i);

    line->reference = weir_bank_map_get (map, line->reference);
    if (line->reference == WEIR_REFERENCE_GONE)
      g_array_remove_index_fast (lines->lines, i);
    else
      i++;
  }
  weir_bank_unref (lines->bank);
  take_bank (lines, bank);
}

/* The distinct anchors on a line within a window. */
typedef struct {
  guint count;
  gint64 first, last; /* their times */
  gint64 offset;
} LineCount;

static gint32
get_bin (gint64 offset)
{
  return (gint32) floor ((gdouble) offset / BIN);
}

/* Counts the distinct anchors on the line through @bin from @since on. */
static LineCount
count_anchors (
    const WeirAudioLines *lines, guint32 reference, gint32 bin, gint64 since)
{
  guint8 counted[N_ANCHORS / 8] = { 0 };
  LineCount count = { .first = G_MAXINT64, .last = G_MININT64 };
  gint64 bins = 0;
  guint i;

  for (i = 0; i < lines->n_votes; i++) {
    const Vote *vote = get_vote (lines, i);
    guint slot = vote->anchor % N_ANCHORS;

    if (vote->reference != reference || ABS (vote->bin - bin) > 1 ||
        vote->time < since || (counted[slot / 8] & (1 << slot % 8)))
      continue;
    counted[slot / 8] |= 1 << slot % 8;
    count.count++;
    count.first = MIN (count.first, vote->time);
    count.last = MAX (count.last, vote->time);
    bins += vote->bin - bin;
  }
  if (count.count > 0)
    count.offset = bin * BIN + BIN / 2 + bins * BIN / (gint64) count.count;
  return count;
}

static gdouble
get_evidence (const WeirAudioLines *lines, guint count, gdouble scale)
{
  gdouble evidence = (count - CHANCE_COUNT) / scale - lines->chance_growth;

  return CLAMP (evidence, 0, EVIDENCE_MAX);
}

static WeirAudioLine *
find_line (WeirAudioLines *lines, guint32 reference, gint64 offset)
{
  guint i;

  for (i = 0; i < lines->lines->len; i++) {
    WeirAudioLine *line = &g_array_index (lines->lines, WeirAudioLine, i);

    if (line->reference == reference && ABS (line->offset - offset) <= 3 * BIN)
      return line;
  }
  return NULL;
}

static WeirAudioLine *
add_line (WeirAudioLines *lines)
{
  WeirAudioLine *weakest = NULL;
  guint i;

  if (lines->lines->len < LINES_MAX) {
    g_array_set_size (lines->lines, lines->lines->len + 1);
    return &g_array_index (lines->lines, WeirAudioLine, lines->lines->len - 1);
  }
  for (i = 0; i < lines->lines->len; i++) {
    WeirAudioLine *line = &g_array_index (lines->lines, WeirAudioLine, i);

    if (!weakest || line->evidence < weakest->evidence)
      weakest = line;
  }
  return weakest;
}

/* Brings the line through a bin that gathered votes up to date. */
static void
update_line (WeirAudioLines *lines, const WeirStamp *stamp, const HotBin *hot)
{
  LineCount all = count_anchors (
      lines, hot->reference, hot->bin, stamp->time - LONG_WINDOW);
  LineCount newest = count_anchors (
      lines, hot->reference, hot->bin, stamp->time - SHORT_WINDOW);
  gdouble newest_evidence =
      get_evidence (lines, newest.count, CHANCE_SCALE_SHORT);
  gdouble older_evidence =
      get_evidence (lines, all.count - newest.count, CHANCE_SCALE_SHORT);
  gdouble evidence =
      MAX (newest_evidence, get_evidence (lines, all.count, CHANCE_SCALE_LONG));
  WeirAudioLine *line;

  if (evidence <= 0)
    return;
  line = find_line (lines, hot->reference, all.offset);
  if (!line) {
    line = add_line (lines);
    *line = (WeirAudioLine){
      .reference = hot->reference,
      .first = weir_stamp_shift (stamp, stamp->time - all.first),
    };
  } else if (evidence < line->evidence &&
             ABS (line->offset - all.offset) > BIN / 2) {
    return; /* the shoulder of a line that is counted by its middle */
  }
  line->offset = all.offset;
  line->evidence = evidence;
  line->sustained = MIN (newest_evidence, older_evidence);
  line->hits = MAX (line->hits, all.count);
  line->last = weir_stamp_shift (stamp, stamp->time - all.last);
}

static void
add_hot_bin (HotBin *hot, guint *n_hot, const HotBin *candidate)
{
  guint weakest = 0, i;

  for (i = 0; i < *n_hot; i++) {
    if (hot[i].reference == candidate->reference &&
        ABS (hot[i].bin - candidate->bin) <= 1) {
      if (candidate->votes > hot[i].votes)
        hot[i] = *candidate;
      return;
    }
    if (hot[i].votes < hot[weakest].votes)
      weakest = i;
  }
  if (*n_hot < HOT_MAX)
    hot[(*n_hot)++] = *candidate;
  else if (candidate->votes > hot[weakest].votes)
    hot[weakest] = *candidate;
}

static void
vote (WeirAudioLines *lines, const WeirLandmark *landmark, gint64 origin)
{
  gint64 time = origin + (gint64) landmark->time;
  guint i;

  g_array_set_size (lines->hits, 0);
  weir_bank_lookup_audio (lines->bank, landmark->key, lines->hits);
  if (lines->hits->len > POSTINGS_MAX)
    return;
  for (i = 0; i < lines->hits->len; i++) {
    const WeirAudioHit *hit = &g_array_index (lines->hits, WeirAudioHit, i);
    Vote added = {
      .reference = hit->reference,
      .bin = get_bin (time - hit->time * MS),
      .anchor = lines->anchor_base + landmark->anchor,
      .time = time,
    };
    add_vote (lines, &added);
  }
}

void
weir_audio_lines_add (WeirAudioLines *lines, const WeirStamp *stamp,
    gint64 origin, const GArray *landmarks)
{
  HotBin hot[HOT_MAX];
  guint n_hot = 0, n_before, n_new, i;

  while (lines->n_votes &&
         get_vote (lines, 0)->time < stamp->time - LONG_WINDOW - 2 * SECOND)
    drop_oldest_vote (lines);

  n_before = lines->n_votes;
  for (i = 0; i < landmarks->len; i++) {
    const WeirLandmark *landmark = &g_array_index (landmarks, WeirLandmark, i);

    lines->next_anchor =
        MAX (lines->next_anchor, lines->anchor_base + landmark->anchor + 1);
    vote (lines, landmark, origin);
  }

  n_new = lines->n_votes > n_before ? lines->n_votes - n_before
                                    : MIN (lines->n_votes, VOTES_MAX / 4);
  for (i = lines->n_votes - n_new; i < lines->n_votes; i++) {
    const Vote *added = get_vote (lines, i);
    HotBin candidate = { added->reference, added->bin,
      *get_cell (lines, added->reference, added->bin - 1) +
          *get_cell (lines, added->reference, added->bin) +
          *get_cell (lines, added->reference, added->bin + 1) };

    if (candidate.votes >= HOT_AT)
      add_hot_bin (hot, &n_hot, &candidate);
  }
  for (i = 0; i < n_hot; i++)
    update_line (lines, stamp, &hot[i]);
}

void
weir_audio_lines_expire (WeirAudioLines *lines, gint64 time)
{
  guint i = 0;

  while (i < lines->lines->len) {
    if (g_array_index (lines->lines, WeirAudioLine, i).last.time < time)
      g_array_remove_index_fast (lines->lines, i);
    else
      i++;
  }
}

guint
weir_audio_lines_get_length (const WeirAudioLines *lines)
{
  return lines->lines->len;
}

const WeirAudioLine *
weir_audio_lines_get (const WeirAudioLines *lines, guint index)
{
  return &g_array_index (lines->lines, WeirAudioLine, index);
}
