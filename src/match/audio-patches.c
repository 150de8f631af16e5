/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Votes of patches for places in references. */
#include "match/audio-patches.h"

#include "fingerprint/landmark.h"
#include "fingerprint/patch.h"
#include "fingerprint/peaks.h"
#include "fingerprint/prefetch.h"
#include "match/audio-tally.h"

#include <math.h>
#include <string.h>

#define MS 1000000.0

/* Offsets are counted in bins of two rows; a place is a bin and its two
 * neighbours. */
#define BIN_ROWS 2
#define ROW_MS   (WEIR_SOUND_ROW / MS)

/* Rows whose levels are kept: a power of two. Steps are two rows; what is
 * between them is their mean. */
#define N_ROWS     128
#define ROWS_LATER (2 * WEIR_PATCH_STEPS)

/* Rows in which a part votes once for a place, and those after which a vote
 * counts half. */
#define BLOCK_ROWS 8
#define EPOCH_ROWS 188

/* So much of a bank's landmarks are patches. A key of which there are more than
 * one in so many tells nothing; each half of that is worth a vote more. */
#define SHARE_OF_PATCHES 0.29
#define LEAST_RARITY     8
#define MAX_WEIGHT       18

#define N_CELLS   (1u << 18)
#define LINE_SIZE 64

/* Votes whose cells are asked for before they are counted. */
#define N_WAITING 16

/* Votes that it takes to be a candidate. */
#define MIN_VOTES 20

#define BEFORE_MASK ((1u << WEIR_LANDMARK_BEFORE_BITS) - 1)

/* What is looked up at once: a block of one part. */
typedef struct {
  guint n_queries;
  WeirAudioQuery queries[BLOCK_ROWS * WEIR_PATCH_N_KEYS];
  guint8 askers[BLOCK_ROWS * WEIR_PATCH_N_KEYS]; /* rows in the block */
  guint n_befores;
  WeirAudioBefores befores[BLOCK_ROWS * WEIR_PATCH_N_KEYS];
} Batch;

/* A vote for a place. */
typedef struct {
  guint32 reference;
  gint32 bin;
  guint16 voter;
  guint8 epoch;
  guint8 weight;
} Ballot;

struct _WeirAudioPatches {
  WeirBank *bank;
  gdouble n_telling;           /* patches of a key that would tell nothing */
  guint32 n_rows;              /* since the start, of which there are levels */
  guint32 next;                /* row that has not been looked up yet */
  WeirSoundBands rows[N_ROWS]; /* modulo */
  Batch batch;
  GArray *hits;
  Ballot waiting[N_WAITING]; /* ring */
  guint n_cast;
  guint n_counted;
  WeirAudioLeaders leaders;
  WeirAudioPlace candidates[WEIR_AUDIO_PATCHES_MAX];
  guint64 n_lookups;
  /* N_CELLS; eight bins that follow each other are in one line of the cache. */
  WeirAudioCell *cells;
};

static void
take_bank (WeirAudioPatches *patches, WeirBank *bank)
{
  patches->bank = weir_bank_ref (bank);
  patches->n_telling =
      (gdouble) weir_bank_get_n_audio (bank) * SHARE_OF_PATCHES / LEAST_RARITY;
}

WeirAudioPatches *
weir_audio_patches_new (WeirBank *bank)
{
  WeirAudioPatches *patches = g_new0 (WeirAudioPatches, 1);

  take_bank (patches, bank);
  patches->hits = g_array_new (FALSE, FALSE, sizeof (WeirAudioHit));
  patches->cells =
      g_aligned_alloc0 (N_CELLS, sizeof (WeirAudioCell), LINE_SIZE);

  return patches;
}

void
weir_audio_patches_free (WeirAudioPatches *patches)
{
  weir_bank_unref (patches->bank);
  g_array_unref (patches->hits);
  g_aligned_free (patches->cells);
  g_free (patches);
}

void
weir_audio_patches_clear (WeirAudioPatches *patches)
{
  memset (patches->cells, 0, N_CELLS * sizeof (WeirAudioCell));
  patches->n_rows = 0;
  patches->next = 0;
}

void
weir_audio_patches_set_bank (WeirAudioPatches *patches, WeirBank *bank)
{
  weir_bank_unref (patches->bank);
  take_bank (patches, bank);
  memset (patches->cells, 0, N_CELLS * sizeof (WeirAudioCell));
  patches->next = 0;
}

/* ---- Rows ---- */

static WeirSoundBands *
get_row (WeirAudioPatches *patches, guint32 row)
{
  return &patches->rows[row % N_ROWS];
}

/* A step is where its first row is, and between it and the one before is the
 * mean of their levels. */
static void
add_step (WeirAudioPatches *patches, const WeirSoundBands *bands)
{
  if (patches->n_rows > 0) {
    const WeirSoundBands *before = get_row (patches, patches->n_rows - 1);
    WeirSoundBands *between = get_row (patches, patches->n_rows++);

    for (guint i = 0; i < WEIR_SOUND_N_BANDS; i++)
      between->levels[i] = (before->levels[i] + bands->levels[i]) / 2;
  }
  *get_row (patches, patches->n_rows++) = *bands;
}

void
weir_audio_patches_add (WeirAudioPatches *patches, const GArray *bands)
{
  for (guint i = 0; i < bands->len; i++)
    add_step (patches, &g_array_index (bands, WeirSoundBands, i));
}

/* ---- Cells ---- */

static WeirAudioCell *
get_cell (WeirAudioPatches *patches, guint32 reference, gint32 bin)
{
  return weir_audio_cells_get (patches->cells, N_CELLS, reference, bin, 0, 1);
}

static inline gboolean
has_voted (const WeirAudioCell *cell, guint16 voter, guint8 epoch)
{
  return cell->voter == voter && weir_audio_cell_get_votes (cell, epoch) > 0;
}

/* The oldest ballot that waits. */
static void
count_vote (WeirAudioPatches *patches)
{
  const Ballot *ballot = &patches->waiting[patches->n_counted++ % N_WAITING];
  const guint32 reference = ballot->reference;
  const gint32 bin = ballot->bin;
  const guint8 epoch = ballot->epoch;
  WeirAudioCell *cell = get_cell (patches, reference, bin);
  const WeirAudioCell *below =
      (bin & 7) > 0 ? cell - 1 : get_cell (patches, reference, bin - 1);
  const WeirAudioCell *above =
      (bin & 7) < 7 ? cell + 1 : get_cell (patches, reference, bin + 1);
  WeirAudioLeader leader = { reference, bin, 0, 0 };
  guint n;

  if (has_voted (cell, ballot->voter, epoch) ||
      has_voted (below, ballot->voter, epoch) ||
      has_voted (above, ballot->voter, epoch))
    return;
  n = weir_audio_cell_get_votes (cell, epoch) + ballot->weight;
  n = MIN (n, WEIR_AUDIO_CELL_MAX_VOTES);
  *cell = (WeirAudioCell){ epoch, (guint8) n, ballot->voter };
  leader.votes = n + weir_audio_cell_get_votes (below, epoch) +
                 weir_audio_cell_get_votes (above, epoch);
  if (leader.votes >= patches->leaders.least)
    weir_audio_leaders_add (&patches->leaders, &leader);
}

/* The bin of the place at which row @row of the stream is at the hit. */
static gint32
get_bin (const WeirAudioHit *hit, guint32 row)
{
  gdouble time = (gdouble) WEIR_SOUND_LEAD / MS + row * ROW_MS;

  return weir_audio_bin_get ((hit->time - time) / (BIN_ROWS * ROW_MS));
}

static void
cast_vote (WeirAudioPatches *patches, const WeirAudioHit *hit, guint32 row,
    guint part, guint weight)
{
  const gint32 bin = get_bin (hit, row);

  if (patches->n_cast - patches->n_counted == N_WAITING)
    count_vote (patches);
  patches->waiting[patches->n_cast++ % N_WAITING] = (Ballot){
    .reference = hit->reference,
    .bin = bin,
    .voter = (guint16) (row / BLOCK_ROWS * WEIR_PATCH_N_PARTS + part),
    .epoch = (guint8) (row / EPOCH_ROWS),
    .weight = (guint8) weight,
  };
  weir_prefetch (get_cell (patches, hit->reference, bin));
  /* A neighbour that is elsewhere. */
  if ((bin & 7) == 0 || (bin & 7) == 7)
    weir_prefetch (
        get_cell (patches, hit->reference, (bin & 7) == 0 ? bin - 1 : bin + 1));
}

/* ---- Lookups ---- */

/* Keys that have the upper bits in common are one query. */
static void
add_queries (Batch *batch, guint asker, const guint32 keys[WEIR_PATCH_N_KEYS])
{
  for (guint i = 0; i < WEIR_PATCH_N_KEYS; i++) {
    guint32 pair = keys[i] >> WEIR_LANDMARK_BEFORE_BITS;
    guint16 before = (guint16) (keys[i] & BEFORE_MASK);
    WeirAudioBefores *added = &batch->befores[batch->n_befores++];

    *added = (WeirAudioBefores){ before, before };
    if (i > 0 && pair == batch->queries[batch->n_queries - 1].pair) {
      batch->queries[batch->n_queries - 1].n_befores++;
      continue;
    }
    batch->askers[batch->n_queries] = (guint8) asker;
    batch->queries[batch->n_queries++] = (WeirAudioQuery){
      .pair = pair,
      .n_befores = 1,
      .befores = added,
    };
  }
}

static guint
get_weight (const WeirAudioPatches *patches, guint n_hits)
{
  gdouble rarity = patches->n_telling / n_hits;

  return rarity < 1 ? 0 : MIN ((guint) log2 (rarity), MAX_WEIGHT);
}

static void
cast_votes (WeirAudioPatches *patches, guint32 first, guint part)
{
  const Batch *batch = &patches->batch;
  guint n_hits[BLOCK_ROWS] = { 0 }, weights[BLOCK_ROWS] = { 0 };

  for (guint i = 0; i < patches->hits->len; i++)
    n_hits
        [batch->askers[g_array_index (patches->hits, WeirAudioHit, i).query]]++;
  for (guint i = 0; i < BLOCK_ROWS; i++)
    if (n_hits[i] > 0)
      weights[i] = get_weight (patches, n_hits[i]);
  for (guint i = 0; i < patches->hits->len; i++) {
    const WeirAudioHit *hit = &g_array_index (patches->hits, WeirAudioHit, i);
    guint asker = batch->askers[hit->query];

    if (weights[asker] > 0)
      cast_vote (patches, hit, first + asker, part, weights[asker]);
  }
  while (patches->n_counted != patches->n_cast)
    count_vote (patches);
}

/* Rows @first up to, but without, @end, of one block. */
static void
look_up_block (
    WeirAudioPatches *patches, guint32 first, guint32 end, guint part)
{
  Batch *batch = &patches->batch;

  batch->n_queries = 0;
  batch->n_befores = 0;
  for (guint32 i = first; i < end; i++) {
    const WeirSoundBands *row = get_row (patches, i);
    gfloat values[WEIR_PATCH_N_BITS];
    guint32 keys[WEIR_PATCH_N_KEYS];

    if (weir_sound_bands_get_loudest (row) < WEIR_PEAKS_FLOOR)
      continue;
    weir_patch_get_values (
        row->levels, get_row (patches, i + ROWS_LATER)->levels, part, values);
    weir_patch_get_keys (part, values, keys);
    add_queries (batch, i - first, keys);
  }
  patches->n_lookups += batch->n_queries;
  g_array_set_size (patches->hits, 0);
  weir_bank_lookup_audio (
      patches->bank, batch->queries, batch->n_queries, patches->hits);
  cast_votes (patches, first, part);
}

/* The middle of a leader's bin. */
static WeirAudioPlace
get_place (const WeirAudioLeader *leader)
{
  return (WeirAudioPlace){
    .reference = leader->reference,
    .warp = { 1, 0 },
    .offset = (leader->bin + 0.5) * BIN_ROWS,
  };
}

const WeirAudioPlace *
weir_audio_patches_collect (WeirAudioPatches *patches, guint *n_candidates)
{
  guint32 end = MAX (patches->n_rows, ROWS_LATER) - ROWS_LATER;
  guint32 oldest = MAX (patches->n_rows, N_ROWS) - N_ROWS;

  weir_audio_leaders_begin (
      &patches->leaders, WEIR_AUDIO_PATCHES_MAX, MIN_VOTES);
  for (guint32 i = MAX (patches->next, oldest); i < end;) {
    guint32 block_end = MIN (i - i % BLOCK_ROWS + BLOCK_ROWS, end);

    for (guint j = 0; j < WEIR_PATCH_N_PARTS; j++)
      look_up_block (patches, i, block_end, j);
    i = block_end;
  }
  patches->next = end;
  for (guint i = 0; i < patches->leaders.n_leaders; i++)
    patches->candidates[i] = get_place (&patches->leaders.leaders[i]);
  *n_candidates = patches->leaders.n_leaders;

  return patches->candidates;
}

guint64
weir_audio_patches_get_n_lookups (const WeirAudioPatches *patches)
{
  return patches->n_lookups;
}
