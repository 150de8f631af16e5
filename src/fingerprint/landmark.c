/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Audio landmarks: pairs of spectral peaks as keys. */
#include "fingerprint/landmark.h"

#include "fingerprint/peaks.h"
#include "fingerprint/spectrum.h"

#include <math.h>

/* A pair's second peak comes this many rows after its anchor and this many
 * bins beside it, both rounded. */
#define MIN_ROW_STEP 2
#define MAX_ROW_STEP 63
#define MAX_BIN_STEP 36

/* Bins of an anchor's cell, and how far noise is taken to move an anchor. */
#define BINS_PER_CELL 3
#define ANCHOR_SLACK  0.75f

/* Peaks that can still be anchors. Two peaks of a query are more than 7 rows
 * or more than 5 bins apart, so that each block of 8 rows by 6 bins has one
 * at most: 9 * 24 in the 65 rows up to the newest. */
#define N_PENDING 256

#define NS_PER_SAMPLE (G_GUINT64_CONSTANT (1000000000) / WEIR_AUDIO_RATE)
#define NS_PER_ROW    (NS_PER_SAMPLE * WEIR_SPECTRUM_HOP)

/* What tells the uses apart. */
typedef struct {
  guint row_radius;
  guint bin_radius;
  guint fan; /* pairs an anchor makes, with the first peaks that fit */
  gboolean neighbours; /* the keys of the neighbouring cells too */
} Profile;

static const Profile profiles[] = {
  [WEIR_LANDMARK_REFERENCE] = { 10, 7, 3, FALSE },
  [WEIR_LANDMARK_QUERY] = { 7, 5, 8, TRUE },
};

/* The cells of a pair, all of them keyed: one of a reference, up to two by
 * two of a query. */
typedef struct {
  gint first_bin_step;
  gint last_bin_step;
  gint first_row_step;
  gint last_row_step;
} Cells;

typedef struct {
  WeirPeak peak;
  guint32 number;
  guint first_cell; /* of the anchor itself */
  guint last_cell;
  guint n_pairs;
} Anchor;

struct _WeirLandmarkExtractor {
  const Profile *profile;
  WeirSpectrum *spectrum;
  WeirPeakPicker *picker;
  guint32 n_anchors;         /* since the start: the next one's number */
  guint32 oldest_pending;    /* number; up to n_anchors wait for partners */
  Anchor anchors[N_PENDING]; /* by number, modulo */
};

WeirLandmarkExtractor *
weir_landmark_extractor_new (WeirLandmarkUse use)
{
  WeirLandmarkExtractor *extractor;

  g_return_val_if_fail ((guint) use < G_N_ELEMENTS (profiles), NULL);

  extractor = g_new0 (WeirLandmarkExtractor, 1);
  extractor->profile = &profiles[use];
  extractor->spectrum = weir_spectrum_new ();
  extractor->picker = weir_peak_picker_new (
      extractor->profile->row_radius, extractor->profile->bin_radius);

  return extractor;
}

void
weir_landmark_extractor_free (WeirLandmarkExtractor *extractor)
{
  if (extractor == NULL)
    return;
  g_clear_pointer (&extractor->picker, weir_peak_picker_free);
  g_clear_pointer (&extractor->spectrum, weir_spectrum_free);
  g_free (extractor);
}

void
weir_landmark_extractor_reset (WeirLandmarkExtractor *extractor)
{
  weir_spectrum_reset (extractor->spectrum);
  weir_peak_picker_reset (extractor->picker);
  extractor->n_anchors = 0;
  extractor->oldest_pending = 0;
}

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

  return peak->row * NS_PER_ROW + NS_PER_SAMPLE * WEIR_SPECTRUM_WINDOW / 2 +
         (guint64) offset;
}

static guint32
make_key (guint cell, gint bin_step, gint row_step)
{
  return (guint32) cell << 13 | (guint32) (bin_step + MAX_BIN_STEP) << 6 |
         (guint32) row_step;
}

static guint
bin_to_cell (gfloat bin)
{
  gfloat inside = CLAMP (bin, 0.0f, WEIR_SPECTRUM_N_BINS - 1.0f);

  return (guint) inside / BINS_PER_CELL;
}

/* FALSE when no cell of the pair is one that a reference uses. */
static gboolean
get_cells (const Profile *profile, const WeirPeak *from, const WeirPeak *to,
    Cells *cells)
{
  gfloat bin_step = to->bin - from->bin;
  gfloat row_step = get_row_step (from, to);

  if (profile->neighbours) {
    cells->first_bin_step = (gint) floorf (bin_step);
    cells->last_bin_step = cells->first_bin_step + 1;
    cells->first_row_step = (gint) floorf (row_step);
    cells->last_row_step = cells->first_row_step + 1;
  } else {
    cells->first_bin_step = cells->last_bin_step = (gint) lrintf (bin_step);
    cells->first_row_step = cells->last_row_step = (gint) lrintf (row_step);
  }
  cells->first_bin_step = MAX (cells->first_bin_step, -MAX_BIN_STEP);
  cells->last_bin_step = MIN (cells->last_bin_step, MAX_BIN_STEP);
  cells->first_row_step = MAX (cells->first_row_step, MIN_ROW_STEP);
  cells->last_row_step = MIN (cells->last_row_step, MAX_ROW_STEP);

  return cells->first_bin_step <= cells->last_bin_step &&
         cells->first_row_step <= cells->last_row_step;
}

static void
append_keys (
    const Anchor *anchor, gint bin_step, gint row_step, GArray *landmarks)
{
  WeirLandmark landmark = {
    .anchor = anchor->number,
    .time = get_peak_time (&anchor->peak),
  };

  for (guint i = anchor->first_cell; i <= anchor->last_cell; i++) {
    landmark.key = make_key (i, bin_step, row_step);
    g_array_append_val (landmarks, landmark);
  }
}

/* No key comes twice of one anchor: two peaks are too far apart to share a
 * cell. */
static void
append_pair (const Anchor *anchor, const Cells *pair, GArray *landmarks)
{
  for (gint i = pair->first_bin_step; i <= pair->last_bin_step; i++)
    for (gint j = pair->first_row_step; j <= pair->last_row_step; j++)
      append_keys (anchor, i, j, landmarks);
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
add_anchor (WeirLandmarkExtractor *extractor, const WeirPeak *peak)
{
  gfloat slack = extractor->profile->neighbours ? ANCHOR_SLACK : 0;
  Anchor *anchor = get_anchor (extractor, extractor->n_anchors);

  anchor->peak = *peak;
  anchor->number = extractor->n_anchors++;
  anchor->first_cell = bin_to_cell (peak->bin - slack);
  anchor->last_cell = bin_to_cell (peak->bin + slack);
  anchor->n_pairs = 0;
}

static void
add_peak (
    WeirLandmarkExtractor *extractor, const WeirPeak *peak, GArray *landmarks)
{
  const Profile *profile = extractor->profile;
  Cells pair;

  drop_anchors (extractor, peak->row);
  for (guint32 i = extractor->oldest_pending; i != extractor->n_anchors; i++) {
    Anchor *anchor = get_anchor (extractor, i);

    if (anchor->n_pairs < profile->fan &&
        get_cells (profile, &anchor->peak, peak, &pair)) {
      append_pair (anchor, &pair, landmarks);
      anchor->n_pairs++;
    }
  }
  add_anchor (extractor, peak);
}

static void
add_peaks (WeirLandmarkExtractor *extractor, const WeirPeak *peaks,
    guint n_peaks, GArray *landmarks)
{
  for (guint i = 0; i < n_peaks; i++)
    add_peak (extractor, &peaks[i], landmarks);
}

void
weir_landmark_extractor_push (WeirLandmarkExtractor *extractor,
    const gfloat *samples, gsize n_samples, GArray *landmarks)
{
  while (n_samples > 0) {
    WeirPeak peaks[WEIR_PEAKS_MAX_IN_A_ROW];
    const gfloat *row;
    gsize n_taken =
        weir_spectrum_push (extractor->spectrum, samples, n_samples, &row);

    samples += n_taken;
    n_samples -= n_taken;
    if (row != NULL) {
      guint n_peaks = weir_peak_picker_push (extractor->picker, row, peaks);

      add_peaks (extractor, peaks, n_peaks, landmarks);
    }
  }
}

void
weir_landmark_extractor_finish (
    WeirLandmarkExtractor *extractor, GArray *landmarks)
{
  WeirPeak peaks[WEIR_PEAKS_MAX_IN_A_ROW];
  guint n_peaks;

  while (weir_peak_picker_drain (extractor->picker, peaks, &n_peaks))
    add_peaks (extractor, peaks, n_peaks, landmarks);
}
