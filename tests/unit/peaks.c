/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Peaks against a plain search. */
#include "sound-samples.h"

#include "fingerprint/peaks.h"
#include "fingerprint/spectrum.h"

#include <math.h>

/* Whether a place of the neighbourhood beats the bin, place by place. */
static gboolean
is_peak (GArray *rows, gint row, gint bin, gint row_radius, gint bin_radius)
{
  gint n_rows = (gint) rows->len / WEIR_SPECTRUM_N_BINS;
  const gfloat *levels = samples_data (rows);
  gfloat level = levels[row * WEIR_SPECTRUM_N_BINS + bin];

  for (gint i = MAX (row - row_radius, 0);
       i <= MIN (row + row_radius, n_rows - 1); i++) {
    for (gint j = MAX (bin - bin_radius, 0);
         j <= MIN (bin + bin_radius, WEIR_SPECTRUM_N_BINS - 1); j++) {
      gfloat other = levels[i * WEIR_SPECTRUM_N_BINS + j];
      gboolean is_earlier = i < row || (i == row && j < bin);

      if (other > level || (is_earlier && other == level))
        return FALSE;
    }
  }

  return level >= WEIR_PEAKS_FLOOR;
}

/* All of them in found[0], in found[1] the wide ones. */
static void
append_peaks (GArray *const found[2], const WeirPeak *peaks, guint n_peaks)
{
  for (guint i = 0; i < n_peaks; i++) {
    guint place = (guint) peaks[i].row * WEIR_SPECTRUM_N_BINS +
                  (guint) ceilf (peaks[i].bin - 0.5f);

    g_assert_cmpfloat (ABS (peaks[i].row_offset), <=, 0.5);
    g_array_append_val (found[0], place);
    if (peaks[i].is_wide)
      g_array_append_val (found[1], place);
  }
}

static void
assert_peaks (GArray *rows, WeirPeakRadius radius, const GArray *found)
{
  const gint n_rows = (gint) rows->len / WEIR_SPECTRUM_N_BINS;
  g_autoptr (GArray) expected = g_array_new (FALSE, FALSE, sizeof (guint));

  for (gint i = 1; i < n_rows - 1; i++)
    for (gint j = 1; j < WEIR_SPECTRUM_N_BINS - 1; j++)
      if (is_peak (rows, i, j, (gint) radius.rows, (gint) radius.bins)) {
        guint place = (guint) (i * WEIR_SPECTRUM_N_BINS + j);

        g_array_append_val (expected, place);
      }
  g_assert_cmpuint (expected->len, >, 5);
  g_assert_cmpmem (found->data, found->len * sizeof (guint), expected->data,
      expected->len * sizeof (guint));
}

/* With few levels many are equal, and a peak beside its equal is placed half
 * way to it. */
static void
check_peaks (WeirPeakRadius close, WeirPeakRadius wide, guint n_levels)
{
  const guint n_rows = 90;
  guint32 state = n_levels;
  g_autoptr (GArray) rows = samples_new (n_rows * WEIR_SPECTRUM_N_BINS);
  g_autoptr (GArray) all = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autoptr (GArray) of_wide = g_array_new (FALSE, FALSE, sizeof (guint));
  GArray *const found[] = { all, of_wide };
  g_autoptr (WeirPeakPicker) picker = weir_peak_picker_new (close, wide);
  WeirPeak peaks[WEIR_PEAKS_MAX_IN_A_ROW];
  guint64 row, n_looked_at = 0;
  guint n_peaks;

  for (guint i = 0; i < rows->len; i++)
    samples_data (rows)[i] =
        -30 * (gfloat) (next_random (&state) % n_levels) / (gfloat) n_levels;
  for (guint i = 0; i < n_rows; i++) {
    if (weir_peak_picker_push (picker,
            samples_data (rows) + i * WEIR_SPECTRUM_N_BINS, &row, peaks,
            &n_peaks)) {
      g_assert_cmpuint (row, ==, n_looked_at++);
      g_assert_cmpuint (row + wide.rows, ==, i);
    }
    append_peaks (found, peaks, n_peaks);
  }
  while (weir_peak_picker_drain (picker, &row, peaks, &n_peaks)) {
    g_assert_cmpuint (row, ==, n_looked_at++);
    append_peaks (found, peaks, n_peaks);
  }
  g_assert_cmpuint (n_looked_at, ==, n_rows);
  assert_peaks (rows, close, all);
  assert_peaks (rows, wide, of_wide);
}

static void
test_peaks (void)
{
  const WeirPeakRadius narrow = { 1, 5 };
  const WeirPeakRadius wider = { 4, 5 };
  const WeirPeakRadius wide = { 7, 5 };
  const WeirPeakRadius widest = { 10, 7 };
  const WeirPeakRadius limit = { 15, 15 };

  check_peaks (wide, widest, 100000);
  check_peaks (wide, widest, 90);
  check_peaks (wider, wide, 100000);
  check_peaks (wider, wide, 200);
  check_peaks (narrow, narrow, 4);
  check_peaks (narrow, limit, 90);
  check_peaks (limit, limit, 90);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/peaks/peaks", test_peaks);
  return g_test_run ();
}
