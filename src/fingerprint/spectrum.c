/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The log-frequency spectrogram: window, FFT, bins. */
#include "fingerprint/spectrum.h"

#include "fingerprint/landmark.h"

#include <fftw3.h>
#include <math.h>
#include <string.h>

/* The window is padded with zeros to twice its length: at 220 Hz a bin is as
 * wide as one line of the padded transform. */
#define FFT_SIZE 2048
#define N_LINES  (FFT_SIZE / 2 + 1)

/* Added to the power, so that the logarithm of nothing is SILENCE. */
#define POWER_OF_SILENCE 0x1p-40f

/* The lines of the transform that make one bin. */
typedef struct {
  guint first;
  guint last;    /* the strongest of first..last counts, if it has several */
  gfloat weight; /* else line first weighs 1 - weight, the next one weight */
} Bin;

/* What all spectra share, immutable once made. */
typedef struct {
  fftwf_plan plan;
  gfloat window[WEIR_SPECTRUM_WINDOW];
  Bin bins[WEIR_SPECTRUM_N_BINS];
} Tables;

struct _WeirSpectrum {
  const Tables *tables;
  gfloat *padded; /* FFT_SIZE; zero behind the window */
  fftwf_complex *lines;
  gfloat power[N_LINES];
  gfloat levels[WEIR_SPECTRUM_N_BINS];
  gfloat history[WEIR_SPECTRUM_WINDOW];
  guint n_history;
};

G_LOCK_DEFINE_STATIC (tables);
static Tables *shared_tables;

/* Hann, scaled so that the line of a sine of full scale has power 1. */
static void
init_window (gfloat window[WEIR_SPECTRUM_WINDOW])
{
  const gdouble scale = 4.0 / WEIR_SPECTRUM_WINDOW;

  for (guint i = 0; i < WEIR_SPECTRUM_WINDOW; i++) {
    gdouble phase = 2 * G_PI * (i + 0.5) / WEIR_SPECTRUM_WINDOW;

    window[i] = (gfloat) (scale * (0.5 - 0.5 * cos (phase)));
  }
}

/* The place of a bin on the axis of the transform's lines. */
static gdouble
bin_to_line (gdouble bin)
{
  return WEIR_SPECTRUM_LOWEST * exp2 (bin / WEIR_SPECTRUM_BINS_PER_OCTAVE) *
         FFT_SIZE / WEIR_AUDIO_RATE;
}

static void
init_bins (Bin bins[WEIR_SPECTRUM_N_BINS])
{
  for (guint i = 0; i < WEIR_SPECTRUM_N_BINS; i++) {
    gdouble centre = bin_to_line (i);
    gdouble first = ceil (bin_to_line (i - 0.5));
    gdouble last = floor (bin_to_line (i + 0.5));

    if (last > first) {
      bins[i] = (Bin){ .first = (guint) first, .last = (guint) last };
    } else {
      bins[i].first = bins[i].last = (guint) centre;
      bins[i].weight = (gfloat) (centre - floor (centre));
    }
  }
}

/* An estimated plan, not a measured one: it does not depend on how busy the
 * machine was when it was made; and none of SIMD, whose codelets add up in an
 * order that differs with the processor. So every process on every machine
 * rounds alike and gives the same landmarks. It takes twice the time of one with
 * AVX2, 0.02 % of a core more. */
static fftwf_plan
make_plan (void)
{
  gfloat *padded = fftwf_alloc_real (FFT_SIZE);
  fftwf_complex *lines = fftwf_alloc_complex (N_LINES);
  fftwf_plan plan;

  if (padded == NULL || lines == NULL)
    g_error ("no memory for a transform of %d samples", FFT_SIZE);
  plan = fftwf_plan_dft_r2c_1d (
      FFT_SIZE, padded, lines, FFTW_ESTIMATE | FFTW_NO_SIMD);
  if (plan == NULL)
    g_error ("FFTW has no transform of %d samples", FFT_SIZE);
  fftwf_free (lines);
  fftwf_free (padded);

  return plan;
}

/* FFTW's planner is not thread-safe and its plans are, so one is made under a
 * lock and kept. */
static const Tables *
get_tables (void)
{
  Tables *tables = g_atomic_pointer_get (&shared_tables);

  if (tables != NULL)
    return tables;

  G_LOCK (tables);
  tables = g_atomic_pointer_get (&shared_tables);
  if (tables == NULL) {
    tables = g_new0 (Tables, 1);
    tables->plan = make_plan ();
    init_window (tables->window);
    init_bins (tables->bins);
    g_atomic_pointer_set (&shared_tables, tables);
  }
  G_UNLOCK (tables);

  return tables;
}

WeirSpectrum *
weir_spectrum_new (void)
{
  WeirSpectrum *spectrum = g_new0 (WeirSpectrum, 1);

  spectrum->tables = get_tables ();
  spectrum->padded = fftwf_alloc_real (FFT_SIZE);
  spectrum->lines = fftwf_alloc_complex (N_LINES);
  if (spectrum->padded == NULL || spectrum->lines == NULL)
    g_error ("no memory for a transform of %d samples", FFT_SIZE);
  memset (spectrum->padded, 0, FFT_SIZE * sizeof (gfloat));

  return spectrum;
}

void
weir_spectrum_free (WeirSpectrum *spectrum)
{
  if (spectrum == NULL)
    return;
  fftwf_free (spectrum->lines);
  fftwf_free (spectrum->padded);
  g_free (spectrum);
}

void
weir_spectrum_reset (WeirSpectrum *spectrum)
{
  spectrum->n_history = 0;
}

static inline gfloat
sanitise (gfloat sample)
{
  return isnan (sample) ? 0.0f : CLAMP (sample, -1.0f, 1.0f);
}

static gfloat
bin_power (const Bin *bin, const gfloat power[N_LINES])
{
  gfloat strongest = power[bin->first];

  if (bin->first == bin->last)
    return strongest * (1 - bin->weight) + power[bin->first + 1] * bin->weight;
  for (guint i = bin->first + 1; i <= bin->last; i++)
    strongest = MAX (strongest, power[i]);

  return strongest;
}

/* The row of the full history. An out-of-place transform from real numbers
 * leaves its input, and with it the zeros of the padding, as it was. */
static void
transform (WeirSpectrum *spectrum)
{
  const Tables *tables = spectrum->tables;

  for (guint i = 0; i < WEIR_SPECTRUM_WINDOW; i++)
    spectrum->padded[i] = spectrum->history[i] * tables->window[i];
  fftwf_execute_dft_r2c (tables->plan, spectrum->padded, spectrum->lines);
  for (guint i = 0; i < N_LINES; i++) {
    const gfloat *line = spectrum->lines[i];

    spectrum->power[i] = line[0] * line[0] + line[1] * line[1];
  }
  for (guint i = 0; i < WEIR_SPECTRUM_N_BINS; i++) {
    gfloat power = bin_power (&tables->bins[i], spectrum->power);

    spectrum->levels[i] = log2f (power + POWER_OF_SILENCE);
  }
}

gsize
weir_spectrum_push (WeirSpectrum *spectrum, const gfloat *samples,
    gsize n_samples, const gfloat **row)
{
  gsize n_taken = MIN (n_samples, WEIR_SPECTRUM_WINDOW - spectrum->n_history);
  gfloat *end = spectrum->history + spectrum->n_history;

  *row = NULL;
  for (gsize i = 0; i < n_taken; i++)
    end[i] = sanitise (samples[i]);
  spectrum->n_history += (guint) n_taken;
  if (spectrum->n_history < WEIR_SPECTRUM_WINDOW)
    return n_taken;

  transform (spectrum);
  *row = spectrum->levels;
  spectrum->n_history = WEIR_SPECTRUM_WINDOW - WEIR_SPECTRUM_HOP;
  memmove (spectrum->history, spectrum->history + WEIR_SPECTRUM_HOP,
      spectrum->n_history * sizeof (gfloat));

  return n_taken;
}
