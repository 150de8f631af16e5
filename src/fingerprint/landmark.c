/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Audio landmarks: pairs of spectral peaks as keys. */
#include "fingerprint/landmark.h"

#include "fingerprint/dense.h"
#include "fingerprint/patch.h"
#include "fingerprint/peaks.h"
#include "fingerprint/prominence.h"
#include "fingerprint/spectrum.h"

#include <math.h>

/* A pair's second peak comes this many rows after its anchor and this many
 * bins beside it, both rounded; the peak before comes as many rows before. */
#define MIN_ROW_STEP    2
#define MAX_ROW_STEP    63
#define MAX_BIN_STEP    36
#define MAX_BEFORE_STEP 63

/* Bins of an anchor's cell, and how far noise is taken to move an anchor. */
#define BINS_PER_CELL 3
#define ANCHOR_SLACK  0.75f

/* Peaks that can still be anchors. Two wide peaks of a query are more than 7
 * rows or more than 5 bins apart, so that each block of 8 rows by 6 bins has one
 * at most: 9 * 24 in the 65 rows up to the newest. */
#define N_PENDING 256

/* Steps that wait for their peaks. A power of two. */
#define N_STEPS 16

#define NS_PER_SAMPLE (G_GUINT64_CONSTANT (1000000000) / WEIR_AUDIO_RATE)
#define NS_PER_ROW    (NS_PER_SAMPLE * WEIR_SPECTRUM_HOP)

G_STATIC_ASSERT (NS_PER_ROW == WEIR_SOUND_ROW);
G_STATIC_ASSERT (NS_PER_SAMPLE *WEIR_SPECTRUM_WINDOW / 2 == WEIR_SOUND_LEAD);
G_STATIC_ASSERT (2 * N_STEPS > WEIR_PEAKS_MAX_RADIUS + 2);
G_STATIC_ASSERT (N_STEPS > WEIR_PROMINENCE_AFTER);

/* What tells the uses apart. */
typedef struct {
  WeirPeakRadius close; /* of peaks that are compared */
  WeirPeakRadius wide;  /* of those of them that are paired */
  guint fan;      /* pairs an anchor makes, with the first peaks that fit */
  guint n_before; /* peaks before that it takes, the last that fit */
} Profile;

static const Profile profiles[] = {
  [WEIR_LANDMARK_REFERENCE] = { { 7, 5 }, { 10, 7 }, 3, 1 },
  [WEIR_LANDMARK_QUERY] = { { 4, 5 }, { 7, 5 }, 8, WEIR_PAIR_MAX_BEFORE },
};

typedef struct {
  WeirPeak peak;
  guint n_pairs;
  WeirPair pair; /* all but the steps to the second peak */
} Anchor;

struct _WeirLandmarkExtractor {
  WeirLandmarkUse use;
  const Profile *profile;
  WeirSpectrum *spectrum;
  WeirPeakPicker *picker;
  WeirDenseExtractor *dense;
  WeirPatchChooser *patches; /* of a reference, or NULL */
  guint32 n_anchors;         /* since the start: the next one's number */
  guint32 oldest_pending;    /* number; up to n_anchors wait for partners */
  Anchor anchors[N_PENDING]; /* by number, modulo */
  guint32 n_steps;           /* of the dense extractor */
  WeirSoundStep steps[N_STEPS];
  gfloat levels[N_STEPS]; /* of those */
};

WeirLandmarkExtractor *
weir_landmark_extractor_new (WeirLandmarkUse use)
{
  WeirLandmarkExtractor *extractor;

  g_return_val_if_fail ((guint) use < G_N_ELEMENTS (profiles), NULL);

  extractor = g_new0 (WeirLandmarkExtractor, 1);
  extractor->use = use;
  extractor->profile = &profiles[use];
  extractor->spectrum = weir_spectrum_new ();
  extractor->picker = weir_peak_picker_new (
      extractor->profile->close, extractor->profile->wide);
  extractor->dense = weir_dense_extractor_new ();
  if (use == WEIR_LANDMARK_REFERENCE)
    extractor->patches = weir_patch_chooser_new ();

  return extractor;
}

void
weir_landmark_extractor_free (WeirLandmarkExtractor *extractor)
{
  if (extractor == NULL)
    return;
  g_clear_pointer (&extractor->picker, weir_peak_picker_free);
  g_clear_pointer (&extractor->spectrum, weir_spectrum_free);
  g_clear_pointer (&extractor->dense, weir_dense_extractor_free);
  g_clear_pointer (&extractor->patches, weir_patch_chooser_free);
  g_free (extractor);
}

void
weir_landmark_extractor_reset (WeirLandmarkExtractor *extractor)
{
  weir_spectrum_reset (extractor->spectrum);
  weir_peak_picker_reset (extractor->picker);
  weir_dense_extractor_reset (extractor->dense);
  if (extractor->patches != NULL)
    weir_patch_chooser_reset (extractor->patches);
  extractor->n_anchors = 0;
  extractor->oldest_pending = 0;
  extractor->n_steps = 0;
}

/* ---- Keys ---- */

static guint
bin_to_cell (gfloat bin)
{
  gfloat inside = CLAMP (bin, 0.0f, WEIR_SPECTRUM_N_BINS - 1.0f);

  return (guint) inside / BINS_PER_CELL;
}

static guint32
make_pair_key (guint cell, gint bin_step, gint row_step)
{
  return (guint32) cell << 13 | (guint32) (bin_step + MAX_BIN_STEP) << 6 |
         (guint32) row_step;
}

static guint16
make_before (gint bin_step, gint row_step)
{
  return (guint16) ((bin_step + MAX_BEFORE_STEP + 1) << 6 | row_step);
}

/* What a reference has: each place rounded. */
static guint32
make_key (const WeirPair *pair)
{
  guint32 key = make_pair_key (bin_to_cell (pair->bin),
      (gint) lrintf (pair->bin_step), (gint) lrintf (pair->row_step));
  guint32 before = 0;

  if (pair->n_before > 0)
    before = make_before ((gint) lrintf (pair->before[0].bin_step),
        (gint) lrintf (pair->before[0].row_step));

  return key << WEIR_LANDMARK_BEFORE_BITS | before;
}

guint
weir_pair_get_keys (const WeirPair *pair, gfloat stretch, gfloat shift,
    guint32 keys[WEIR_PAIR_MAX_KEYS])
{
  gfloat bin = pair->bin + shift;
  guint first_cell = bin_to_cell (bin - ANCHOR_SLACK);
  guint last_cell = bin_to_cell (bin + ANCHOR_SLACK);
  gint bin_step = (gint) floorf (pair->bin_step);
  gint row_step = (gint) floorf (pair->row_step * stretch);
  guint n_keys = 0;

  if (bin < 0 || bin > WEIR_SPECTRUM_N_BINS - 1)
    return 0;
  for (guint i = first_cell; i <= last_cell; i++)
    for (gint j = MAX (bin_step, -MAX_BIN_STEP);
         j <= MIN (bin_step + 1, MAX_BIN_STEP); j++)
      for (gint k = MAX (row_step, MIN_ROW_STEP);
           k <= MIN (row_step + 1, MAX_ROW_STEP); k++)
        keys[n_keys++] = make_pair_key (i, j, k);

  return n_keys;
}

gboolean
weir_pair_get_nearest_key (
    const WeirPair *pair, gfloat stretch, gfloat shift, guint32 *key)
{
  gfloat bin = pair->bin + shift;
  gint bin_step = (gint) lrintf (pair->bin_step);
  gint row_step = (gint) lrintf (pair->row_step * stretch);

  if (bin < 0 || bin > WEIR_SPECTRUM_N_BINS - 1 ||
      ABS (bin_step) > MAX_BIN_STEP || row_step < MIN_ROW_STEP ||
      row_step > MAX_ROW_STEP)
    return FALSE;
  *key = make_pair_key (bin_to_cell (bin), bin_step, row_step);

  return TRUE;
}

guint
weir_pair_get_befores (const WeirPair *pair, gfloat stretch,
    guint16 befores[WEIR_PAIR_MAX_BEFORES])
{
  guint n_befores = 0;

  for (guint i = 0; i < pair->n_before; i++) {
    gint bin_step = (gint) floorf (pair->before[i].bin_step);
    gint row_step = (gint) floorf (pair->before[i].row_step * stretch);

    for (gint j = MAX (bin_step, -MAX_BEFORE_STEP);
         j <= MIN (bin_step + 1, MAX_BEFORE_STEP); j++)
      for (gint k = MAX (row_step, MIN_ROW_STEP);
           k <= MIN (row_step + 1, MAX_ROW_STEP); k++)
        befores[n_befores++] = make_before (j, k);
  }

  return n_befores;
}

/* ---- Pairs ---- */

static gfloat
get_row_step (const WeirPeak *from, const WeirPeak *to)
{
  return (gfloat) (to->row - from->row) + to->row_offset - from->row_offset;
}

/* The middle of the peak's window. No peak is in row 0, so that the offset
 * never leads before the first sample. */
static guint64
get_peak_time (const WeirPeak *peak)
{
  gint64 offset = lrintf (peak->row_offset * (gfloat) NS_PER_ROW);

  return peak->row * NS_PER_ROW + WEIR_SOUND_LEAD + (guint64) offset;
}

/* Whether a step, rounded as the use has it, can be one of a reference. */
static gboolean
is_step (const WeirLandmarkExtractor *extractor, gfloat bin_step,
    gfloat row_step, gfloat max_bin_step)
{
  gboolean is_query = extractor->use == WEIR_LANDMARK_QUERY;
  gfloat low_bin = is_query ? floorf (bin_step) : rintf (bin_step);
  gfloat low_row = is_query ? floorf (row_step) : rintf (row_step);
  gfloat high_bin = is_query ? low_bin + 1 : low_bin;
  gfloat high_row = is_query ? low_row + 1 : low_row;

  return high_bin >= -max_bin_step && low_bin <= max_bin_step &&
         high_row >= MIN_ROW_STEP && low_row <= MAX_ROW_STEP;
}

static Anchor *
get_anchor (WeirLandmarkExtractor *extractor, guint32 number)
{
  return &extractor->anchors[number % N_PENDING];
}

/* Anchors so far back that no later peak can be their partner. */
static void
drop_anchors (WeirLandmarkExtractor *extractor, guint64 row)
{
  while (extractor->oldest_pending != extractor->n_anchors) {
    const Anchor *oldest = get_anchor (extractor, extractor->oldest_pending);
    gboolean is_full =
        extractor->n_anchors - extractor->oldest_pending == N_PENDING;

    if (row - oldest->peak.row <= MAX_ROW_STEP + 1 && !is_full)
      break;
    extractor->oldest_pending++;
  }
}

static void
find_before (WeirLandmarkExtractor *extractor, Anchor *anchor)
{
  WeirPair *pair = &anchor->pair;

  for (guint32 i = extractor->n_anchors; i != extractor->oldest_pending; i--) {
    const WeirPeak *peak = &get_anchor (extractor, i - 1)->peak;
    gfloat bin_step = peak->bin - anchor->peak.bin;
    gfloat row_step = get_row_step (peak, &anchor->peak);

    if (pair->n_before == extractor->profile->n_before)
      return;
    if (!is_step (extractor, bin_step, row_step, MAX_BEFORE_STEP))
      continue;
    pair->before[pair->n_before].bin_step = bin_step;
    pair->before[pair->n_before++].row_step = row_step;
  }
}

static void
add_anchor (WeirLandmarkExtractor *extractor, const WeirPeak *peak)
{
  /* It may take the place of the oldest, whose peaks before it are not. */
  Anchor anchor = {
    .peak = *peak,
    .pair = { .time = get_peak_time (peak),
        .anchor = extractor->n_anchors,
        .bin = peak->bin },
  };

  find_before (extractor, &anchor);
  *get_anchor (extractor, extractor->n_anchors++) = anchor;
}

static void
append_pair (
    const WeirLandmarkExtractor *extractor, Anchor *anchor, WeirSound *sound)
{
  WeirLandmark landmark = {
    .anchor = anchor->pair.anchor,
    .time = anchor->pair.time,
  };

  anchor->n_pairs++;
  if (extractor->use == WEIR_LANDMARK_QUERY) {
    g_array_append_val (sound->pairs, anchor->pair);
    return;
  }
  landmark.key = make_key (&anchor->pair);
  g_array_append_val (sound->landmarks, landmark);
}

static void
add_peak (
    WeirLandmarkExtractor *extractor, const WeirPeak *peak, WeirSound *sound)
{
  drop_anchors (extractor, peak->row);
  for (guint32 i = extractor->oldest_pending; i != extractor->n_anchors; i++) {
    Anchor *anchor = get_anchor (extractor, i);

    anchor->pair.bin_step = peak->bin - anchor->peak.bin;
    anchor->pair.row_step = get_row_step (&anchor->peak, peak);
    if (anchor->n_pairs < extractor->profile->fan &&
        is_step (extractor, anchor->pair.bin_step, anchor->pair.row_step,
            MAX_BIN_STEP))
      append_pair (extractor, anchor, sound);
  }
  add_anchor (extractor, peak);
}

/* ---- Rows ---- */

/* The strongest peaks of a row; bins are below WEIR_SOUND_NO_PEAK. */
static void
keep_peaks (WeirSoundStep *step, guint64 row, const WeirPeak *peaks, guint n)
{
  const WeirPeak *strongest[WEIR_SOUND_ROW_PEAKS] = { NULL };
  guint8 *kept = step->peaks + row % 2 * WEIR_SOUND_ROW_PEAKS;

  for (guint i = 0; i < n; i++) {
    const WeirPeak *peak = &peaks[i];

    for (guint j = 0; j < WEIR_SOUND_ROW_PEAKS && peak != NULL; j++) {
      const WeirPeak *other = strongest[j];

      if (other == NULL || peak->level > other->level) {
        strongest[j] = peak;
        peak = other;
      }
    }
  }
  for (guint j = 0; j < WEIR_SOUND_ROW_PEAKS && strongest[j] != NULL; j++)
    kept[j] = (guint8) lrintf (strongest[j]->bin);
}

/* One of those of a reference that wait for their peaks. */
static WeirSoundStep *
get_step (WeirLandmarkExtractor *extractor, guint32 number)
{
  if (extractor->use == WEIR_LANDMARK_QUERY)
    return NULL;
  return &extractor->steps[number % N_STEPS];
}

/* A query's peaks as they are; a reference's into their steps, which are given
 * out when they are complete. */
static void
append_peaks (WeirLandmarkExtractor *extractor, guint64 row,
    const WeirPeak *peaks, guint n_peaks, WeirSound *sound)
{
  sound->n_rows = (guint32) row + 1;
  if (extractor->use == WEIR_LANDMARK_QUERY) {
    for (guint i = 0; i < n_peaks; i++) {
      WeirSoundPeak peak = {
        .row = (guint32) row,
        .is_wide = peaks[i].is_wide,
        .row_offset = peaks[i].row_offset,
        .bin = peaks[i].bin,
      };

      g_array_append_val (sound->peaks, peak);
    }
    return;
  }
  if (row / 2 >= extractor->n_steps)
    return;
  keep_peaks (get_step (extractor, (guint32) (row / 2)), row, peaks, n_peaks);
  if (row % 2 == 0)
    return;
  g_array_append_val (sound->steps, extractor->steps[row / 2 % N_STEPS]);
  g_array_append_val (sound->levels, extractor->levels[row / 2 % N_STEPS]);
}

static void
add_peaks (WeirLandmarkExtractor *extractor, guint64 row, const WeirPeak *peaks,
    guint n_peaks, WeirSound *sound)
{
  append_peaks (extractor, row, peaks, n_peaks, sound);
  for (guint i = 0; i < n_peaks; i++)
    if (peaks[i].is_wide)
      add_peak (extractor, &peaks[i], sound);
}

static void
add_row (WeirLandmarkExtractor *extractor, const gfloat *row, WeirSound *sound)
{
  WeirPeak peaks[WEIR_PEAKS_MAX_IN_A_ROW];
  WeirSoundBands bands;
  guint64 looked_at;
  guint n_peaks;

  if (weir_dense_extractor_push (extractor->dense, row, &bands,
          get_step (extractor, extractor->n_steps),
          get_step (extractor, extractor->n_steps - WEIR_PROMINENCE_AFTER))) {
    extractor->levels[extractor->n_steps % N_STEPS] =
        weir_sound_bands_get_loudest (&bands);
    extractor->n_steps++;
    if (extractor->patches != NULL)
      weir_patch_chooser_push (extractor->patches, &bands, sound->patches);
    else
      g_array_append_val (sound->bands, bands);
  }
  if (weir_peak_picker_push (
          extractor->picker, row, &looked_at, peaks, &n_peaks))
    add_peaks (extractor, looked_at, peaks, n_peaks, sound);
}

static void
push (WeirLandmarkExtractor *extractor, WeirLandmarkExtractor *other,
    const gfloat *samples, gsize n_samples, WeirSound *sound,
    WeirSound *other_sound)
{
  while (n_samples > 0) {
    const gfloat *row;
    gsize n_taken =
        weir_spectrum_push (extractor->spectrum, samples, n_samples, &row);

    samples += n_taken;
    n_samples -= n_taken;
    if (row != NULL)
      add_row (extractor, row, sound);
    if (row != NULL && other != NULL)
      add_row (other, row, other_sound);
  }
}

void
weir_landmark_extractor_push (WeirLandmarkExtractor *extractor,
    const gfloat *samples, gsize n_samples, WeirSound *sound)
{
  push (extractor, NULL, samples, n_samples, sound, NULL);
}

void
weir_landmark_extractor_push_both (WeirLandmarkExtractor *extractor,
    WeirLandmarkExtractor *other, const gfloat *samples, gsize n_samples,
    WeirSound *sound, WeirSound *other_sound)
{
  push (extractor, other, samples, n_samples, sound, other_sound);
}

void
weir_landmark_extractor_replay (WeirLandmarkExtractor *extractor,
    const WeirSoundPeak *peaks, guint n_peaks, guint32 n_rows, WeirSound *sound)
{
  g_return_if_fail (extractor->use == WEIR_LANDMARK_QUERY);

  for (guint i = 0; i < n_peaks; i++) {
    WeirPeak peak = {
      .row = peaks[i].row,
      .row_offset = peaks[i].row_offset,
      .bin = peaks[i].bin,
    };

    g_array_append_val (sound->peaks, peaks[i]);
    if (peaks[i].is_wide)
      add_peak (extractor, &peak, sound);
  }
  sound->n_rows = n_rows;
}

void
weir_landmark_extractor_finish (
    WeirLandmarkExtractor *extractor, WeirSound *sound)
{
  WeirPeak peaks[WEIR_PEAKS_MAX_IN_A_ROW];
  guint64 row;
  guint n_peaks;

  while (weir_peak_picker_drain (extractor->picker, &row, peaks, &n_peaks))
    add_peaks (extractor, row, peaks, n_peaks, sound);
  if (extractor->patches != NULL)
    weir_patch_chooser_finish (extractor->patches, sound->patches);
}
