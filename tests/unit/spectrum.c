/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Levels of the spectrum. */
#include "sound-samples.h"

#include "fingerprint/spectrum.h"

#include <math.h>

static void
test_spectrum_level (void)
{
  /* bin 72 is two octaves up */
  g_autoptr (GArray) samples = make_tone (880, 1, 1);
  g_autoptr (WeirSpectrum) spectrum = weir_spectrum_new ();
  const gfloat *row = NULL;

  g_assert_cmpuint (
      weir_spectrum_push (spectrum, samples_data (samples), 1000, &row), ==,
      1000);
  g_assert_null (row);
  g_assert_cmpuint (
      weir_spectrum_push (spectrum, samples_data (samples) + 1000, 7000, &row),
      ==, 24);
  g_assert_nonnull (row);
  g_assert_cmpfloat_with_epsilon (row[72], 0, 0.1);
  g_assert_cmpfloat (row[72], >, row[71]);
  g_assert_cmpfloat (row[72], >, row[73]);
  g_assert_cmpfloat (row[36], <, -20);

  weir_spectrum_reset (spectrum);
  samples_data (samples)[0] = NAN;
  for (guint i = 1; i < 1024; i++)
    samples_data (samples)[i] = 0;
  weir_spectrum_push (spectrum, samples_data (samples), 1024, &row);
  for (guint i = 0; i < WEIR_SPECTRUM_N_BINS; i++)
    g_assert_cmpfloat (row[i], ==, WEIR_SPECTRUM_SILENCE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/spectrum/spectrum-level", test_spectrum_level);
  return g_test_run ();
}
