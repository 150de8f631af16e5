/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Local maxima of a spectrogram, row by row. */
#include "fingerprint/peaks.h"

#include <math.h>
#include <string.h>

/* Rows kept: a power of two that holds the widest neighbourhood. */
#define N_KEPT 32

/* A row lies between margins that no level is below. */
#define MARGIN    WEIR_PEAKS_MAX_RADIUS
#define ROW_WIDTH (WEIR_SPECTRUM_N_BINS + 2 * MARGIN)
#define LOWEST    (-G_MAXFLOAT)

/* A top from which the rows on both sides together fall by less has no place
 * in time: the ripple of a steady tone under the hop. A sound that begins or
 * ends falls by 0.3 and more. */
#define MIN_FALL 0.01f

G_STATIC_ASSERT (N_KEPT >= 2 * WEIR_PEAKS_MAX_RADIUS + 1);

struct _WeirPeakPicker {
  guint row_radius;
  guint bin_radius;
  guint64 n_rows; /* pushed */
  guint64 next;   /* row whose peaks are looked for next */
  gfloat levels[N_KEPT][ROW_WIDTH];
  gfloat highest[N_KEPT][WEIR_SPECTRUM_N_BINS]; /* within the bin radius */
};

WeirPeakPicker *
weir_peak_picker_new (guint row_radius, guint bin_radius)
{
  WeirPeakPicker *picker;

  g_return_val_if_fail (row_radius >= 1, NULL);
  g_return_val_if_fail (row_radius <= WEIR_PEAKS_MAX_RADIUS, NULL);
  g_return_val_if_fail (bin_radius >= WEIR_PEAKS_MIN_BINS, NULL);
  g_return_val_if_fail (bin_radius <= WEIR_PEAKS_MAX_RADIUS, NULL);

  picker = g_new0 (WeirPeakPicker, 1);
  picker->row_radius = row_radius;
  picker->bin_radius = bin_radius;
  for (guint i = 0; i < N_KEPT; i++)
    for (guint j = 0; j < ROW_WIDTH; j++)
      picker->levels[i][j] = LOWEST;

  return picker;
}

void
weir_peak_picker_free (WeirPeakPicker *picker)
{
  g_free (picker);
}

void
weir_peak_picker_reset (WeirPeakPicker *picker)
{
  picker->n_rows = 0;
  picker->next = 0;
}

static const gfloat *
get_levels (const WeirPeakPicker *picker, guint64 row)
{
  return picker->levels[row % N_KEPT] + MARGIN;
}

static const gfloat *
get_highest (const WeirPeakPicker *picker, guint64 row)
{
  return picker->highest[row % N_KEPT];
}

/* One pass a neighbour over the whole row, which the compiler vectorises. */
static void
store_row (WeirPeakPicker *picker, const gfloat *levels)
{
  guint slot = picker->n_rows % N_KEPT;
  gfloat *highest = picker->highest[slot];

  memcpy (picker->levels[slot] + MARGIN, levels,
      WEIR_SPECTRUM_N_BINS * sizeof (gfloat));
  memcpy (highest, levels, WEIR_SPECTRUM_N_BINS * sizeof (gfloat));
  for (guint i = 0; i <= 2 * picker->bin_radius; i++) {
    const gfloat *shifted =
        picker->levels[slot] + MARGIN - picker->bin_radius + i;

    for (guint j = 0; j < WEIR_SPECTRUM_N_BINS; j++)
      highest[j] = MAX (highest[j], shifted[j]);
  }
  picker->n_rows++;
}

/* Whether an earlier place of the neighbourhood is as high, or a later one
 * higher. */
static gboolean
is_beaten (const WeirPeakPicker *picker, guint64 row, guint bin)
{
  gfloat level = get_levels (picker, row)[bin];
  guint64 first = row - MIN (row, picker->row_radius);
  guint64 last = MIN (row + picker->row_radius, picker->n_rows - 1);

  for (guint i = 1; i <= picker->bin_radius; i++)
    if (get_levels (picker, row)[(gint) bin - (gint) i] >= level)
      return TRUE;
  for (guint64 i = first; i < row; i++)
    if (get_highest (picker, i)[bin] >= level)
      return TRUE;
  for (guint64 i = row + 1; i <= last; i++)
    if (get_highest (picker, i)[bin] > level)
      return TRUE;

  return FALSE;
}

/* Where the parabola through a top and its neighbours is highest, at most
 * half a step from the top. A level top stays where it is. */
static gfloat
refine (gfloat before, gfloat top, gfloat after)
{
  gfloat fall = 2 * top - before - after;
  gfloat offset;

  if (fall < 1e-6f)
    return 0;
  offset = 0.5f * (after - before) / fall;

  return CLAMP (offset, -0.5f, 0.5f);
}

/* FALSE when the peak has no place in time. */
static gboolean
fill_peak (const WeirPeakPicker *picker, guint64 row, guint bin, WeirPeak *peak)
{
  const gfloat *levels = get_levels (picker, row);
  gfloat top = levels[bin];
  gfloat before = get_levels (picker, row - 1)[bin];
  gfloat after = get_levels (picker, row + 1)[bin];

  if (2 * top - before - after < MIN_FALL)
    return FALSE;
  peak->row = row;
  peak->row_offset = refine (before, top, after);
  peak->bin = (gfloat) bin + refine (levels[bin - 1], top, levels[bin + 1]);
  peak->level = top;

  return TRUE;
}

/* Looks at the next row; rows before the first and behind the last one are
 * no neighbours. */
static guint
pick_next (WeirPeakPicker *picker, WeirPeak peaks[WEIR_PEAKS_MAX_IN_A_ROW])
{
  guint64 row = picker->next++;
  const gfloat *levels = get_levels (picker, row);
  const gfloat *highest = get_highest (picker, row);
  guint n_peaks = 0;

  if (row == 0 || row + 1 >= picker->n_rows)
    return 0;
  for (guint bin = 1; bin < WEIR_SPECTRUM_N_BINS - 1; bin++) {
    if (levels[bin] < highest[bin] || levels[bin] < WEIR_PEAKS_FLOOR)
      continue;
    if (!is_beaten (picker, row, bin) &&
        fill_peak (picker, row, bin, &peaks[n_peaks]))
      n_peaks++;
  }

  return n_peaks;
}

gboolean
weir_peak_picker_push (WeirPeakPicker *picker, const gfloat *levels,
    guint64 *row, WeirPeak peaks[WEIR_PEAKS_MAX_IN_A_ROW], guint *n_peaks)
{
  *n_peaks = 0;
  store_row (picker, levels);
  if (picker->n_rows <= picker->row_radius)
    return FALSE;
  *row = picker->next;
  *n_peaks = pick_next (picker, peaks);

  return TRUE;
}

gboolean
weir_peak_picker_drain (WeirPeakPicker *picker, guint64 *row,
    WeirPeak peaks[WEIR_PEAKS_MAX_IN_A_ROW], guint *n_peaks)
{
  *n_peaks = 0;
  if (picker->next >= picker->n_rows)
    return FALSE;
  *row = picker->next;
  *n_peaks = pick_next (picker, peaks);

  return TRUE;
}
