/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Peaks of a spectrogram: the bins that stand out from all others near them
 * in time and frequency (A. Wang, "An Industrial-Strength Audio Search
 * Algorithm", ISMIR 2003, section 2.1), placed between the bins and rows by a
 * parabola through the peak and its two neighbours on each axis (J. O. Smith
 * and X. Serra, "PARSHL", ICMC 1987, section 5).
 */
#pragma once

#include "fingerprint/spectrum.h"

#include <glib.h>

G_BEGIN_DECLS

/* How far a neighbourhood reaches on each side. */
typedef struct {
  guint rows; /* 1..WEIR_PEAKS_MAX_RADIUS */
  guint bins; /* WEIR_PEAKS_MIN_BINS..WEIR_PEAKS_MAX_RADIUS */
} WeirPeakRadius;

/* The widest neighbourhood, and the narrowest one in frequency, that a picker
 * can be asked for. */
#define WEIR_PEAKS_MAX_RADIUS 15
#define WEIR_PEAKS_MIN_BINS   5
#define WEIR_PEAKS_MAX_IN_A_ROW                                                \
  (WEIR_SPECTRUM_N_BINS / (WEIR_PEAKS_MIN_BINS + 1))

/* Below this level, -70 dB of full scale, nothing is a peak. */
#define WEIR_PEAKS_FLOOR (-23.25f)

typedef struct {
  guint64 row;       /* counts from 0 */
  gfloat row_offset; /* -0.5..0.5, where between the rows the top lies */
  gfloat bin;        /* with its fraction, 0.5..WEIR_SPECTRUM_N_BINS - 1.5 */
  gfloat level;      /* of the bin, as in the spectrum */
  gboolean is_wide;  /* the highest of the wide neighbourhood too */
} WeirPeak;

/* A streaming picker of bounded memory. Not thread-safe. */
typedef struct _WeirPeakPicker WeirPeakPicker;

/* A peak is the highest of all bins within @close rows and bins; of equals the
 * first counts (of one row, the lowest). So any two peaks are more than so many
 * rows or more than so many bins apart. Of the peaks it is told which are the
 * highest within @wide, which is nowhere less than @close, too. A top that is
 * level in time is no peak, so that a steady tone has none but at its ends.
 * Free with weir_peak_picker_free(). Thread-safe. */
WeirPeakPicker *weir_peak_picker_new (
    WeirPeakRadius close, WeirPeakRadius wide);
void weir_peak_picker_free (WeirPeakPicker *picker);

/* Forgets all rows: the next one is row 0. */
void weir_peak_picker_reset (WeirPeakPicker *picker);

/* Takes the next row of WEIR_SPECTRUM_N_BINS levels. TRUE when the row
 * that is as far before it as @wide reaches is certain: @row is its number, @peaks and @n_peaks
 * its peaks in order of frequency. The outermost bins and the first row have
 * no peaks: they have a neighbour on one side only. Allocates nothing. */
gboolean weir_peak_picker_push (WeirPeakPicker *picker, const gfloat *levels,
    guint64 *row, WeirPeak peaks[WEIR_PEAKS_MAX_IN_A_ROW], guint *n_peaks);

/* No more rows come: sets @row, @n_peaks and @peaks to the next row that still
 * waits for rows after it. FALSE when none waits, with @n_peaks 0. The last row
 * has no peaks. The picker must be reset before it takes rows again. */
gboolean weir_peak_picker_drain (WeirPeakPicker *picker, guint64 *row,
    WeirPeak peaks[WEIR_PEAKS_MAX_IN_A_ROW], guint *n_peaks);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirPeakPicker, weir_peak_picker_free)

G_END_DECLS
