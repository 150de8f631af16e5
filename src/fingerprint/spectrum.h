/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A log-frequency spectrogram: samples in, rows of levels out.
 *
 * A short-time Fourier transform whose lines are gathered into bins of equal
 * width in pitch, after J. C. Brown, "Calculation of a constant Q spectral
 * transform" (JASA 1991, section I) but with one window length for all bins:
 * a change of pitch or of speed moves the whole row by a number of bins.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define WEIR_SPECTRUM_WINDOW 1024 /* samples under the Hann window, 128 ms */
#define WEIR_SPECTRUM_HOP    128  /* samples from a row to the next, 16 ms */

#define WEIR_SPECTRUM_LOWEST          220.0 /* Hz, centre of bin 0 */
#define WEIR_SPECTRUM_BINS_PER_OCTAVE 36
#define WEIR_SPECTRUM_N_BINS          144 /* four octaves, to 3520 Hz */

/* The level of a bin is the base-2 logarithm of its power, 0 for a sine of
 * full scale, so that one unit is 3.01 dB. Digital silence has this level. */
#define WEIR_SPECTRUM_SILENCE (-40.0f)

/* The stream's window, history and transform buffers. Not thread-safe: one
 * for each thread. Its FFT plan and tables are shared by all of the process
 * and stay until it ends. */
typedef struct _WeirSpectrum WeirSpectrum;

/* Free with weir_spectrum_free(). Thread-safe. */
WeirSpectrum *weir_spectrum_new (void);
void weir_spectrum_free (WeirSpectrum *spectrum);

/* Forgets all samples. */
void weir_spectrum_reset (WeirSpectrum *spectrum);

/* Takes samples, WEIR_AUDIO_RATE, mono, until a row is complete or none are
 * left, and returns how many it took. Not a number counts as 0, beyond
 * -1..1 is clipped. @row is set to WEIR_SPECTRUM_N_BINS levels that stay
 * valid until the next call, or to NULL when no row is complete. Row n is of
 * the samples n * WEIR_SPECTRUM_HOP up to, but not with,
 * n * WEIR_SPECTRUM_HOP + WEIR_SPECTRUM_WINDOW. Allocates nothing. */
gsize weir_spectrum_push (WeirSpectrum *spectrum, const gfloat *samples,
    gsize n_samples, const gfloat **row);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirSpectrum, weir_spectrum_free)

G_END_DECLS
