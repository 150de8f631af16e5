/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The levels that a step of a reference keeps. */
#include "fingerprint/step-levels.h"

#include <string.h>

/* All at one level. */
static void
fill (gfloat highest[WEIR_SOUND_N_BANDS], gfloat level)
{
  for (guint i = 0; i < WEIR_SOUND_N_BANDS; i++)
    highest[i] = level;
}

static guint
pack_unpack (const gfloat highest[WEIR_SOUND_N_BANDS], gboolean is_odd,
    WeirStepLevel levels[WEIR_SOUND_STEP_LEVELS])
{
  WeirSoundStep step;

  memset (&step, 0xff, sizeof (step));
  weir_step_levels_pack (&step, highest, is_odd);
  return weir_step_levels_unpack (&step, levels);
}

/* To the nearest unit below the loudest, which is kept to a quarter. */
static void
test_levels (void)
{
  WeirStepLevel levels[WEIR_SOUND_STEP_LEVELS];
  gfloat highest[WEIR_SOUND_N_BANDS];

  for (guint i = 0; i < WEIR_SOUND_N_BANDS; i++)
    highest[i] = -6.2f - (gfloat) i * 0.3f;
  for (guint odd = 0; odd < 2; odd++) {
    guint n = pack_unpack (highest, odd != 0, levels);

    g_assert_cmpuint (n, ==, WEIR_SOUND_STEP_LEVELS);
    for (guint i = 0; i < n; i++) {
      g_assert_cmpuint (levels[i].band, ==, 2 * i + odd);
      g_assert_cmpfloat_with_epsilon (
          levels[i].level, highest[levels[i].band], 0.501);
      g_assert_cmpfloat (levels[i].level, ==, -6.25f - levels[i].depth);
    }
  }
}

/* What is far below the loudest is not kept, nor what is above 44 bands. */
static void
test_depth (void)
{
  WeirStepLevel levels[WEIR_SOUND_STEP_LEVELS];
  gfloat highest[WEIR_SOUND_N_BANDS];

  fill (highest, -20);
  highest[47] = 0;
  highest[6] = -5;
  highest[8] = -19;
  highest[10] = -19.6f;
  g_assert_cmpuint (pack_unpack (highest, FALSE, levels), ==, 2);
  g_assert_cmpuint (levels[0].band, ==, 6);
  g_assert_cmpuint (levels[0].depth, ==, 0);
  g_assert_cmpfloat (levels[0].level, ==, -5);
  g_assert_cmpuint (levels[1].band, ==, 8);
  g_assert_cmpuint (levels[1].depth, ==, 14);
  g_assert_cmpuint (pack_unpack (highest, TRUE, levels), ==, 0);
}

/* Silence has none, and nothing is too loud. */
static void
test_extremes (void)
{
  const WeirSoundStep nothing = { 0 };
  WeirStepLevel levels[WEIR_SOUND_STEP_LEVELS];
  gfloat highest[WEIR_SOUND_N_BANDS];

  fill (highest, -40);
  g_assert_cmpuint (pack_unpack (highest, FALSE, levels), ==, 0);
  fill (highest, WEIR_STEP_LEVELS_LEAST - 0.1f);
  g_assert_cmpuint (pack_unpack (highest, TRUE, levels), ==, 0);
  fill (highest, WEIR_STEP_LEVELS_LEAST);
  g_assert_cmpuint (pack_unpack (highest, TRUE, levels), ==, 22);
  g_assert_cmpfloat (levels[0].level, ==, WEIR_STEP_LEVELS_LEAST);
  fill (highest, 3);
  g_assert_cmpuint (pack_unpack (highest, FALSE, levels), ==, 22);
  g_assert_cmpfloat (levels[21].level, ==, -0.25);
  g_assert_cmpuint (weir_step_levels_unpack (&nothing, levels), ==, 0);
}

/* Whatever bytes a bank has. */
static void
test_any_bytes (void)
{
  for (guint i = 0; i < 256; i++) {
    WeirStepLevel levels[WEIR_SOUND_STEP_LEVELS];
    WeirSoundStep step;
    guint n;

    memset (&step, (gint) i, sizeof (step));
    n = weir_step_levels_unpack (&step, levels);
    g_assert_cmpuint (n, <=, WEIR_SOUND_STEP_LEVELS);
    for (guint j = 0; j < n; j++) {
      g_assert_cmpuint (levels[j].band, <, WEIR_SOUND_N_BANDS);
      g_assert_cmpuint (levels[j].depth, <, 15);
      g_assert_cmpfloat (levels[j].level, <=, 0);
    }
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/step-levels/levels", test_levels);
  g_test_add_func ("/step-levels/depth", test_depth);
  g_test_add_func ("/step-levels/extremes", test_extremes);
  g_test_add_func ("/step-levels/any-bytes", test_any_bytes);
  return g_test_run ();
}
