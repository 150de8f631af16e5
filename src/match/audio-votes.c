/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Votes of pairs for places in references. */

#include "match/audio-votes.h"

#include "fingerprint/landmark.h"
#include "fingerprint/prefetch.h"
#include "match/audio-befores.h"
#include "match/audio-tally.h"

#include <string.h>

#define MS 1000000.0

/* Offsets are counted in bins of two rows; a place is a bin and its two
 * neighbours. */
#define BIN_ROWS 2
#define ROW_MS   (WEIR_SOUND_ROW / MS)

/* Hypotheses are taken in turns, a fourth at a time. */
#define N_WARPS WEIR_AUDIO_N_WARPS
#define N_TURNS 4

/* Pairs of the last N_TURNS calls. A query has at most 8 for each of its some
 * 45 peaks a second; what is more than fits is not looked up. */
#define MAX_PAIRS 1024

/* Votes that a landmark has by its pair alone, and with the peak before. */
#define PAIR_VOTES   1
#define BEFORE_VOTES 3

/* A bank with more landmarks than this, some 110 hours, is not looked up by
 * pairs alone, of which there would be hundreds each. */
#define MAX_BY_PAIR 28000000

/* And one with more than this, some 5 hours, under hypotheses not by the keys of
 * neighbouring cells, which cost most of all; nor by pairs alone of which it has
 * more than so many landmarks, which say little for what they cost. */
#define MAX_WIDE   1400000
#define MAX_COMMON 256

/* Cells, and kinds of places: hypotheses. */
#define N_CELLS   (1u << 19)
#define N_KINDS   32
#define LINE_SIZE 64
#define EPOCH_MS  3000
#define MIN_VOTES 3

/* Pairs that are looked up at once, and votes that wait for their cells: both
 * are all over the memory, which is where most of the time would go if they were
 * not asked for early. Of the sound as it is there are more keys and more hits
 * a pair, and fewer at once are enough. */
#define BATCH       16
#define BATCH_AS_IS 4
#define N_WAITING   16

/* Places kept of the sound as it is and of each turn of the hypotheses: in one
 * list the former, which have votes by pairs alone, would crowd out the rest. */
#define MAX_LEADERS      64
#define MAX_TURN_LEADERS 24

/* So many for each two of a bank that is not looked up by pairs alone: by the few
 * votes that it has then, a true place is hardly above the best of so many
 * others. */
#define MORE_LEADERS 3

G_STATIC_ASSERT (N_WARPS <= N_KINDS);
G_STATIC_ASSERT (MAX_LEADERS *MORE_LEADERS / 2 <= WEIR_AUDIO_LEADERS_MAX);
G_STATIC_ASSERT (WEIR_AUDIO_MAX_CANDIDATES >=
                 (MAX_LEADERS + N_TURNS * MAX_TURN_LEADERS) * MORE_LEADERS / 2);

/* A vote that has not been counted. */
typedef struct {
  guint32 reference;
  gint32 bin;
  guint16 anchor;
  guint8 epoch;
  guint8 weight;
} Ballot;

/* What the votes of a pair have in common under a hypothesis. */
typedef struct {
  gdouble time; /* of its anchor, as the reference would have it, ms */
  guint16 anchor;
  guint8 epoch;
  WeirPairBefores befores;
} Voter;

/* Pairs that are looked up at once, and which of them each query is of. */
typedef struct {
  Voter voters[BATCH];
  guint n_queries;
  WeirAudioQuery queries[BATCH * WEIR_PAIR_MAX_KEYS];
  guint8 askers[BATCH * WEIR_PAIR_MAX_KEYS];
} Batch;

struct _WeirAudioVotes {
  WeirBank *bank;
  guint32 max_by_pair; /* landmarks of a pair, of the sound as it is */
  gboolean looks_wide; /* under hypotheses */
  WeirWarp warps[N_WARPS];
  WeirPair pairs[MAX_PAIRS]; /* ring */
  guint32 n_pairs;           /* since the start */
  guint32 next[N_WARPS];     /* pair that has not been looked up yet */
  guint turn;
  WeirKnownBefores known_befores;
  guint32 befores[1 << (WEIR_LANDMARK_BEFORE_BITS - 5)];
  GArray *hits;
  Ballot waiting[N_WAITING]; /* ring */
  guint n_cast;
  guint n_counted;
  WeirAudioLeaders
      leaders[1 + N_TURNS]; /* as it is, and under the hypotheses */
  WeirAudioPlace candidates[WEIR_AUDIO_MAX_CANDIDATES];
  guint64 n_lookups;
  WeirAudioCell
      *cells; /* N_CELLS, so that eight bins are in one line of the cache */
};

static void
take_bank (WeirAudioVotes *votes, WeirBank *bank)
{
  votes->bank = weir_bank_ref (bank);
  votes->looks_wide = weir_bank_get_n_audio (bank) <= MAX_WIDE;
  votes->max_by_pair = MAX_COMMON;
  if (votes->looks_wide)
    votes->max_by_pair = G_MAXUINT32;
  else if (weir_bank_get_n_audio (bank) > MAX_BY_PAIR)
    votes->max_by_pair = 0;
}

WeirAudioVotes *
weir_audio_votes_new (WeirBank *bank)
{
  WeirAudioVotes *votes = g_new0 (WeirAudioVotes, 1);

  take_bank (votes, bank);
  votes->hits = g_array_new (FALSE, FALSE, sizeof (WeirAudioHit));
  votes->cells = g_aligned_alloc0 (N_CELLS, sizeof (WeirAudioCell), LINE_SIZE);
  weir_audio_warps_fill (votes->warps);

  return votes;
}

void
weir_audio_votes_free (WeirAudioVotes *votes)
{
  weir_bank_unref (votes->bank);
  g_array_unref (votes->hits);
  g_aligned_free (votes->cells);
  g_free (votes);
}

static void
clear_votes (WeirAudioVotes *votes)
{
  memset (votes->leaders, 0, sizeof (votes->leaders));
  memset (votes->next, 0, sizeof (votes->next));
  memset (votes->cells, 0, N_CELLS * sizeof (WeirAudioCell));
}

void
weir_audio_votes_clear (WeirAudioVotes *votes)
{
  clear_votes (votes);
  votes->n_pairs = 0;
}

void
weir_audio_votes_set_bank (WeirAudioVotes *votes, WeirBank *bank)
{
  weir_bank_unref (votes->bank);
  take_bank (votes, bank);
  clear_votes (votes);
}

void
weir_audio_votes_add (WeirAudioVotes *votes, const GArray *pairs)
{
  for (guint i = 0; i < pairs->len; i++)
    votes->pairs[votes->n_pairs++ % MAX_PAIRS] =
        g_array_index (pairs, WeirPair, i);
}

static guint
get_turn (guint warp)
{
  return (warp - 1) % N_TURNS;
}

/* ---- Cells ---- */

static inline WeirAudioCell *
get_cell (WeirAudioVotes *votes, guint32 reference, guint warp, gint32 bin)
{
  return weir_audio_cells_get (
      votes->cells, N_CELLS, reference, bin, warp, N_KINDS);
}

/* Those of the sound as it is, or of a hypothesis' turn. */
static WeirAudioLeaders *
get_leaders (WeirAudioVotes *votes, guint warp)
{
  return &votes->leaders[warp > 0 ? 1 + get_turn (warp) : 0];
}

/* The oldest ballot that waits. */
static void
count_vote (WeirAudioVotes *votes, guint warp, WeirAudioLeaders *leaders)
{
  const Ballot *ballot = &votes->waiting[votes->n_counted++ % N_WAITING];
  const guint32 reference = ballot->reference;
  const gint32 bin = ballot->bin;
  const guint8 epoch = ballot->epoch;
  WeirAudioCell *cell = get_cell (votes, reference, warp, bin);
  guint n = weir_audio_cell_get_votes (cell, epoch);
  WeirAudioLeader leader = { reference, bin, warp, 0 };
  const WeirAudioCell *below, *above;

  if (n > 0 && cell->voter == ballot->anchor)
    return;
  n = MIN (n + ballot->weight, WEIR_AUDIO_CELL_MAX_VOTES);
  *cell = (WeirAudioCell){ epoch, (guint8) n, ballot->anchor };
  below = (bin & 7) > 0 ? cell - 1 : get_cell (votes, reference, warp, bin - 1);
  above = (bin & 7) < 7 ? cell + 1 : get_cell (votes, reference, warp, bin + 1);
  leader.votes = n + weir_audio_cell_get_votes (below, epoch) +
                 weir_audio_cell_get_votes (above, epoch);
  if (leader.votes >= leaders->least)
    weir_audio_leaders_add (leaders, &leader);
}

/* The bin of the place that a hit speaks for. */
static gint32
get_bin (const WeirAudioHit *hit, const Voter *voter)
{
  return weir_audio_bin_get ((hit->time - voter->time) / (BIN_ROWS * ROW_MS));
}

static void
cast_vote (WeirAudioVotes *votes, const WeirAudioHit *hit, const Voter *voter,
    guint warp, guint weight)
{
  WeirAudioLeaders *leaders = get_leaders (votes, warp);
  Ballot *ballot;

  if (votes->n_cast - votes->n_counted == N_WAITING)
    count_vote (votes, warp, leaders);
  ballot = &votes->waiting[votes->n_cast++ % N_WAITING];
  *ballot = (Ballot){
    .reference = hit->reference,
    .bin = get_bin (hit, voter),
    .anchor = voter->anchor,
    .epoch = voter->epoch,
    .weight = (guint8) weight,
  };
  weir_prefetch (get_cell (votes, hit->reference, warp, ballot->bin));
  /* A neighbour that is elsewhere. */
  if ((ballot->bin & 7) == 0 || (ballot->bin & 7) == 7)
    weir_prefetch (get_cell (votes, hit->reference, warp,
        (ballot->bin & 7) == 0 ? ballot->bin - 1 : ballot->bin + 1));
}

/* ---- Lookups ---- */

static void
set_befores (WeirAudioVotes *votes, const Voter *voter, gboolean on)
{
  const WeirAudioBefores *runs = voter->befores.runs;

  for (guint i = 0; i < voter->befores.n_runs; i++)
    for (guint j = runs[i].first; j <= runs[i].last; j++) {
      guint32 bit = 1u << j % 32;

      if (on)
        votes->befores[j / 32] |= bit;
      else
        votes->befores[j / 32] &= ~bit;
    }
}

static gboolean
has_before (const WeirAudioVotes *votes, guint32 key)
{
  guint32 before = key & ((1u << WEIR_LANDMARK_BEFORE_BITS) - 1);

  return votes->befores[before / 32] >> before % 32 & 1;
}

static guint
get_keys (const WeirAudioVotes *votes, const WeirPair *pair, guint warp,
    guint32 keys[WEIR_PAIR_MAX_KEYS])
{
  const WeirWarp *changes = &votes->warps[warp];

  if (warp == 0 || votes->looks_wide)
    return weir_pair_get_keys (pair, changes->stretch, changes->shift, keys);
  return weir_pair_get_nearest_key (
      pair, changes->stretch, changes->shift, keys);
}

/* Adds what @pair is looked up by, as number @asker of the batch. */
static void
add_queries (WeirAudioVotes *votes, Batch *batch, const WeirPair *pair,
    guint asker, guint warp)
{
  const gfloat stretch = votes->warps[warp].stretch;
  Voter *voter = &batch->voters[asker];
  guint32 keys[WEIR_PAIR_MAX_KEYS];
  guint n_keys;

  voter->time = (gdouble) pair->time / MS * (gdouble) stretch;
  voter->anchor = (guint16) pair->anchor;
  voter->epoch = (guint8) (pair->time / (EPOCH_MS * (guint64) MS));
  voter->befores =
      *weir_known_befores_get (&votes->known_befores, pair, stretch);
  if (warp > 0 && voter->befores.n_runs == 0)
    return;
  n_keys = get_keys (votes, pair, warp, keys);
  for (guint i = 0; i < n_keys; i++) {
    batch->askers[batch->n_queries] = (guint8) asker;
    batch->queries[batch->n_queries++] = (WeirAudioQuery){
      .pair = keys[i],
      .max_all = warp == 0 ? votes->max_by_pair : 0,
      .n_befores = voter->befores.n_runs,
      .befores = voter->befores.runs,
    };
  }
  votes->n_lookups += n_keys;
}

/* Hits with the peak before. */
static void
cast_befores (WeirAudioVotes *votes, const Batch *batch, guint warp)
{
  for (guint i = 0; i < votes->hits->len; i++) {
    const WeirAudioHit *hit = &g_array_index (votes->hits, WeirAudioHit, i);

    cast_vote (votes, hit, &batch->voters[batch->askers[hit->query]], warp,
        BEFORE_VOTES);
  }
}

/* Hits with it or without. */
static void
cast_pairs (WeirAudioVotes *votes, const Batch *batch, guint warp)
{
  const Voter *voter = NULL;

  for (guint i = 0; i < votes->hits->len; i++) {
    const WeirAudioHit *hit = &g_array_index (votes->hits, WeirAudioHit, i);
    const Voter *asker = &batch->voters[batch->askers[hit->query]];

    if (asker != voter) {
      if (voter)
        set_befores (votes, voter, FALSE);
      set_befores (votes, asker, TRUE);
      voter = asker;
    }
    cast_vote (votes, hit, voter, warp,
        has_before (votes, hit->key) ? BEFORE_VOTES : PAIR_VOTES);
  }
  if (voter)
    set_befores (votes, voter, FALSE);
}

static void
look_up_new (WeirAudioVotes *votes, guint warp)
{
  const guint step = warp == 0 ? BATCH_AS_IS : BATCH;
  guint32 oldest = votes->n_pairs > MAX_PAIRS ? votes->n_pairs - MAX_PAIRS : 0;

  for (guint32 i = MAX (votes->next[warp], oldest); i < votes->n_pairs;
       i += step) {
    guint n = MIN (votes->n_pairs - i, step);
    Batch batch;

    batch.n_queries = 0;
    for (guint j = 0; j < n; j++)
      add_queries (votes, &batch, &votes->pairs[(i + j) % MAX_PAIRS], j, warp);
    g_array_set_size (votes->hits, 0);
    weir_bank_lookup_audio (
        votes->bank, batch.queries, batch.n_queries, votes->hits);
    if (warp == 0)
      cast_pairs (votes, &batch, warp);
    else
      cast_befores (votes, &batch, warp);
  }
  while (votes->n_counted != votes->n_cast)
    count_vote (votes, warp, get_leaders (votes, warp));
  votes->next[warp] = votes->n_pairs;
}

/* The middle of a leader's bin. Both times count from the middle of row 0, the
 * landmarks' and the pairs' from the first sample. */
static WeirAudioPlace
get_place (const WeirAudioVotes *votes, const WeirAudioLeader *leader)
{
  gdouble lead = WEIR_SOUND_LEAD / MS;
  gdouble offset = (leader->bin + 0.5) * BIN_ROWS * ROW_MS;
  gdouble stretch = (gdouble) votes->warps[leader->warp].stretch;

  return (WeirAudioPlace){
    .reference = leader->reference,
    .warp = votes->warps[leader->warp],
    .offset = (offset + lead * stretch - lead) / ROW_MS,
  };
}

static void
begin_leaders (
    const WeirAudioVotes *votes, WeirAudioLeaders *leaders, guint max_leaders)
{
  guint n =
      votes->max_by_pair > 0 ? max_leaders : max_leaders * MORE_LEADERS / 2;

  weir_audio_leaders_begin (leaders, n, MIN_VOTES);
}

const WeirAudioPlace *
weir_audio_votes_collect (WeirAudioVotes *votes, guint *n_candidates)
{
  guint n = 0;

  begin_leaders (votes, &votes->leaders[0], MAX_LEADERS);
  look_up_new (votes, 0);
  begin_leaders (votes, &votes->leaders[1 + votes->turn], MAX_TURN_LEADERS);
  for (guint i = 1; i < N_WARPS; i++)
    if (get_turn (i) == votes->turn)
      look_up_new (votes, i);
  votes->turn = (votes->turn + 1) % N_TURNS;

  for (guint i = 0; i < G_N_ELEMENTS (votes->leaders); i++)
    for (guint j = 0; j < votes->leaders[i].n_leaders; j++)
      votes->candidates[n++] = get_place (votes, &votes->leaders[i].leaders[j]);
  *n_candidates = n;

  return votes->candidates;
}

guint64
weir_audio_votes_get_n_lookups (const WeirAudioVotes *votes)
{
  return votes->n_lookups;
}
