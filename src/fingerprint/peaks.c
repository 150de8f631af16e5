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

/* The rows' highest levels within one radius. */
typedef struct {
  WeirPeakRadius radius;
  gfloat highest[N_KEPT][WEIR_SPECTRUM_N_BINS];
} Hood;

struct _WeirPeakPicker {
  guint64 n_rows; /* pushed */
  guint64 next;   /* row whose peaks are looked for next */
  gfloat levels[N_KEPT][ROW_WIDTH];
  Hood close;
  Hood wide;
};

WeirPeakPicker *
weir_peak_picker_new (WeirPeakRadius close, WeirPeakRadius wide)
{
  WeirPeakPicker *picker;

  g_return_val_if_fail (close.rows >= 1, NULL);
  g_return_val_if_fail (close.rows <= wide.rows, NULL);
  g_return_val_if_fail (wide.rows <= WEIR_PEAKS_MAX_RADIUS, NULL);
  g_return_val_if_fail (close.bins >= WEIR_PEAKS_MIN_BINS, NULL);
  g_return_val_if_fail (close.bins <= wide.bins, NULL);
  g_return_val_if_fail (wide.bins <= WEIR_PEAKS_MAX_RADIUS, NULL);

  picker = g_new0 (WeirPeakPicker, 1);
  picker->close.radius = close;
  picker->wide.radius = wide;
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
get_highest (const Hood *hood, guint64 row)
{
  return hood->highest[row % N_KEPT];
}

/* Raises @highest to the levels so many bins away. */
static void
raise_highest (gfloat highest[WEIR_SPECTRUM_N_BINS], const gfloat *shifted)
{
  for (guint i = 0; i < WEIR_SPECTRUM_N_BINS; i++)
    highest[i] = MAX (highest[i], shifted[i]);
}

/* One pass a neighbour over the whole row, which the compiler vectorises; the
 * wide neighbourhood begins with what the close one has. */
static void
store_row (WeirPeakPicker *picker, const gfloat *levels)
{
  guint slot = picker->n_rows % N_KEPT;
  gfloat *kept = picker->levels[slot] + MARGIN;
  gfloat *close = picker->close.highest[slot];
  gfloat *wide = picker->wide.highest[slot];
  gint close_bins = (gint) picker->close.radius.bins;

  memcpy (kept, levels, WEIR_SPECTRUM_N_BINS * sizeof (gfloat));
  memcpy (close, levels, WEIR_SPECTRUM_N_BINS * sizeof (gfloat));
  for (gint i = 1; i <= close_bins; i++) {
    raise_highest (close, kept - i);
    raise_highest (close, kept + i);
  }
  memcpy (wide, close, WEIR_SPECTRUM_N_BINS * sizeof (gfloat));
  for (gint i = close_bins + 1; i <= (gint) picker->wide.radius.bins; i++) {
    raise_highest (wide, kept - i);
    raise_highest (wide, kept + i);
  }
  picker->n_rows++;
}

/* Whether an earlier place of the neighbourhood is as high, or a later one
 * higher. */
static gboolean
is_beaten (
    const WeirPeakPicker *picker, const Hood *hood, guint64 row, guint bin)
{
  gfloat level = get_levels (picker, row)[bin];
  guint64 first = row - MIN (row, hood->radius.rows);
  guint64 last = MIN (row + hood->radius.rows, picker->n_rows - 1);

  if (get_highest (hood, row)[bin] > level)
    return TRUE;
  for (guint i = 1; i <= hood->radius.bins; i++)
    if (get_levels (picker, row)[(gint) bin - (gint) i] >= level)
      return TRUE;
  for (guint64 i = first; i < row; i++)
    if (get_highest (hood, i)[bin] >= level)
      return TRUE;
  for (guint64 i = row + 1; i <= last; i++)
    if (get_highest (hood, i)[bin] > level)
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
  const gfloat *highest = get_highest (&picker->close, row);
  guint n_peaks = 0;

  if (row == 0 || row + 1 >= picker->n_rows)
    return 0;
  for (guint bin = 1; bin < WEIR_SPECTRUM_N_BINS - 1; bin++) {
    if (levels[bin] < highest[bin] || levels[bin] < WEIR_PEAKS_FLOOR)
      continue;
    if (is_beaten (picker, &picker->close, row, bin) ||
        !fill_peak (picker, row, bin, &peaks[n_peaks]))
      continue;
    peaks[n_peaks++].is_wide = !is_beaten (picker, &picker->wide, row, bin);
  }

  return n_peaks;
}

gboolean
weir_peak_picker_push (WeirPeakPicker *picker, const gfloat *levels,
    guint64 *row, WeirPeak peaks[WEIR_PEAKS_MAX_IN_A_ROW], guint *n_peaks)
{
  *n_peaks = 0;
  store_row (picker, levels);
  if (picker->n_rows <= picker->wide.radius.rows)
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
