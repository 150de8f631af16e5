/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stands out of bands. */
#include "fingerprint/prominence.h"

#define BAND 20
#define N    WEIR_PROMINENCE_AROUND

typedef struct {
  WeirSoundBands bands[N];
  const WeirSoundBands *around[N];
  gfloat values[WEIR_SOUND_N_BANDS];
} Steps;

/* All at one level. */
static void
begin (Steps *steps, gfloat level)
{
  for (guint i = 0; i < N; i++) {
    for (guint j = 0; j < WEIR_SOUND_N_BANDS; j++)
      steps->bands[i].levels[j] = level;
    steps->around[i] = &steps->bands[i];
  }
}

static gfloat
get_prominence (Steps *steps)
{
  return weir_prominence_get (
      &steps->bands[WEIR_PROMINENCE_BEFORE], steps->around, N, steps->values);
}

static void
assert_nothing_stands_out (Steps *steps)
{
  g_assert_cmpfloat_with_epsilon (get_prominence (steps), 0, 1e-6);
  for (guint i = 0; i < WEIR_SOUND_N_BANDS; i++)
    g_assert_cmpfloat_with_epsilon (steps->values[i], 0, 1e-4);
}

static void
test_prominence_steady (void)
{
  Steps steps;

  begin (&steps, -12);
  assert_nothing_stands_out (&steps);
  for (guint i = 0; i < N; i++)
    steps.bands[i].levels[BAND] = 0;
  assert_nothing_stands_out (&steps);
}

/* Noise in all bands. */
static void
test_prominence_broad (void)
{
  Steps steps;

  begin (&steps, -12);
  for (guint i = 0; i < WEIR_SOUND_N_BANDS; i++)
    steps.bands[WEIR_PROMINENCE_BEFORE].levels[i] = -3;
  assert_nothing_stands_out (&steps);
}

/* 2.4 more in one band: 11 of 12 parts of it above the mean of its time, of
 * which 8 of 9 are above that of the nine bands there. */
static void
test_prominence_peak (void)
{
  const gfloat more = 2.4f * 11 / 12;
  Steps steps;
  gfloat power;

  begin (&steps, -12);
  steps.bands[WEIR_PROMINENCE_BEFORE].levels[BAND] += 2.4f;
  power = get_prominence (&steps);
  for (guint i = 0; i < WEIR_SOUND_N_BANDS; i++) {
    gint beside = ABS ((gint) i - BAND);
    gfloat expected = beside == 0 ? more * 8 / 9 : beside <= 4 ? -more / 9 : 0;

    g_assert_cmpfloat_with_epsilon (steps.values[i], expected, 1e-4);
  }
  g_assert_cmpfloat_with_epsilon (
      power, more * more * 72 / 81 / WEIR_SOUND_N_BANDS, 1e-4);
}

/* At the lowest band there are five in all. */
static void
test_prominence_edge (void)
{
  Steps steps;

  begin (&steps, -12);
  steps.bands[WEIR_PROMINENCE_BEFORE].levels[0] += 2.4f;
  get_prominence (&steps);
  g_assert_cmpfloat_with_epsilon (
      steps.values[0], 2.4f * 11 / 12 * 4 / 5, 1e-4);
}

static void
test_prominence_bounds (void)
{
  Steps steps;

  begin (&steps, -12);
  steps.bands[WEIR_PROMINENCE_BEFORE].levels[BAND] += 30;
  get_prominence (&steps);
  g_assert_cmpfloat (steps.values[BAND], ==, 3);
  g_assert_cmpfloat (steps.values[BAND + 1], ==, -3);
}

/* The first step of a stream has none around it. */
static void
test_prominence_alone (void)
{
  Steps steps;

  begin (&steps, -12);
  steps.bands[0].levels[BAND] = 0;
  weir_prominence_get (&steps.bands[0], steps.around, 1, steps.values);
  g_assert_cmpfloat (steps.values[BAND], ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/prominence/steady", test_prominence_steady);
  g_test_add_func ("/prominence/broad", test_prominence_broad);
  g_test_add_func ("/prominence/peak", test_prominence_peak);
  g_test_add_func ("/prominence/edge", test_prominence_edge);
  g_test_add_func ("/prominence/bounds", test_prominence_bounds);
  g_test_add_func ("/prominence/alone", test_prominence_alone);
  return g_test_run ();
}
