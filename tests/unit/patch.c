/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Patches of sound: their keys, and which of them a reference keeps. */
#include "fingerprint/patch.h"

#include <math.h>

#define ZERO         WEIR_PATCH_KEY_ZERO
#define MOMENT_BITS  (WEIR_PATCH_N_BITS / 2)
#define CHOICE_STEPS 6

/* Bands that fall and rise by turns, by a bit more from each to the next. */
static void
fill_zigzag (gfloat levels[WEIR_SOUND_N_BANDS])
{
  for (guint i = 0; i < WEIR_SOUND_N_BANDS; i++)
    levels[i] = i % 2 == 0 ? (gfloat) i / 8 : 0;
}

/* Each part has the bands from a multiple of twelve on, the last one less. */
static void
test_parts (void)
{
  gfloat levels[WEIR_SOUND_N_BANDS], flat[WEIR_SOUND_N_BANDS] = { 0 };

  for (guint i = 0; i < WEIR_SOUND_N_BANDS; i++)
    levels[i] = -(gfloat) (i * i);
  for (guint part = 0; part < WEIR_PATCH_N_PARTS; part++) {
    guint lowest = MIN (12 * part, 35);
    gfloat values[WEIR_PATCH_N_BITS];

    weir_patch_get_values (levels, flat, part, values);
    for (guint i = 0; i < MOMENT_BITS; i++) {
      g_assert_cmpfloat (values[i], ==, 2 * (lowest + i) + 1);
      g_assert_cmpfloat (values[MOMENT_BITS + i], ==, 0);
    }
  }
}

static void
test_key (void)
{
  gfloat levels[WEIR_SOUND_N_BANDS], flat[WEIR_SOUND_N_BANDS] = { 0 };
  gfloat values[WEIR_PATCH_N_BITS];

  fill_zigzag (levels);
  levels[0] = 1;
  weir_patch_get_values (levels, flat, 0, values);
  g_assert_cmphex (
      weir_patch_get_key (0, values), ==, WEIR_PATCH_KEY | 0x555u << ZERO);
  weir_patch_get_values (flat, levels, 2, values);
  g_assert_cmphex (weir_patch_get_key (2, values), ==,
      WEIR_PATCH_KEY | 2u << 28 | 0x555u << (MOMENT_BITS + ZERO));
}

static void
test_unsure (void)
{
  static const guint unsure[WEIR_PATCH_N_UNSURE] = { 1, 7, 23 };
  gfloat values[WEIR_PATCH_N_BITS];
  guint32 keys[WEIR_PATCH_N_KEYS];
  guint32 key, mask = 0;

  for (guint i = 0; i < WEIR_PATCH_N_BITS; i++)
    values[i] = i % 3 == 0 ? 1 : -1;
  for (guint i = 0; i < WEIR_PATCH_N_UNSURE; i++) {
    values[unsure[i]] = i % 2 == 0 ? 0.25f : -0.25f;
    mask |= 1u << (unsure[i] + ZERO);
  }
  key = weir_patch_get_key (3, values);
  weir_patch_get_keys (3, values, keys);
  for (guint i = 0; i < WEIR_PATCH_N_KEYS; i++) {
    g_assert_cmphex (keys[i] & ~mask, ==, key & ~mask);
    g_assert_true (i == 0 || keys[i] > keys[i - 1]);
  }
}

/* ---- What a reference keeps ---- */

static void
push (WeirPatchChooser *chooser, gfloat scale, gfloat level, GArray *patches)
{
  WeirSoundBands bands = { 0 };

  fill_zigzag (bands.levels);
  for (guint i = 0; i < WEIR_SOUND_N_BANDS; i++)
    bands.levels[i] = level + scale * (bands.levels[i] + (i % 2 ? 0 : 1));
  weir_patch_chooser_push (chooser, &bands, patches);
}

/* The contrast is the highest in steps 2 and 4, both moments of one patch. */
static void
push_choice (WeirPatchChooser *chooser, GArray *patches)
{
  for (guint i = 0; i < CHOICE_STEPS; i++)
    push (chooser, i == 2 || i == 4 ? 2 : 1, -10, patches);
}

static guint64
get_time (guint64 step)
{
  return (guint64) WEIR_SOUND_LEAD + step * (guint64) WEIR_SOUND_STEP;
}

static void
test_choice (void)
{
  g_autoptr (WeirPatchChooser) chooser = weir_patch_chooser_new ();
  g_autoptr (GArray) patches =
      g_array_new (FALSE, FALSE, sizeof (WeirLandmark));

  push_choice (chooser, patches);
  push_choice (chooser, patches);
  push_choice (chooser, patches);
  g_assert_cmpuint (patches->len, ==, 2 * WEIR_PATCH_N_PARTS);
  for (guint i = 0; i < patches->len; i++) {
    const WeirLandmark *patch = &g_array_index (patches, WeirLandmark, i);

    g_assert_cmpuint (patch->time, ==, get_time (i < 4 ? 2 : 8));
    g_assert_cmphex (patch->key >> 28, ==, 12 + i % WEIR_PATCH_N_PARTS);
  }
  weir_patch_chooser_finish (chooser, patches);
  g_assert_cmpuint (patches->len, ==, 3 * WEIR_PATCH_N_PARTS);
  weir_patch_chooser_finish (chooser, patches);
  g_assert_cmpuint (patches->len, ==, 3 * WEIR_PATCH_N_PARTS);
}

static void
test_reset (void)
{
  g_autoptr (WeirPatchChooser) chooser = weir_patch_chooser_new ();
  g_autoptr (GArray) patches =
      g_array_new (FALSE, FALSE, sizeof (WeirLandmark));

  push_choice (chooser, patches);
  weir_patch_chooser_reset (chooser);
  weir_patch_chooser_finish (chooser, patches);
  g_assert_cmpuint (patches->len, ==, 0);
  push_choice (chooser, patches);
  weir_patch_chooser_finish (chooser, patches);
  g_assert_cmpuint (patches->len, ==, WEIR_PATCH_N_PARTS);
  g_assert_cmpuint (
      g_array_index (patches, WeirLandmark, 0).time, ==, get_time (2));
}

/* Below -70 dB, or flat, there is nothing to look for. */
static void
test_silence (void)
{
  g_autoptr (WeirPatchChooser) chooser = weir_patch_chooser_new ();
  g_autoptr (GArray) patches =
      g_array_new (FALSE, FALSE, sizeof (WeirLandmark));

  for (guint i = 0; i < 2 * CHOICE_STEPS; i++)
    push (chooser, 1, -40, patches);
  for (guint i = 0; i < 2 * CHOICE_STEPS; i++)
    push (chooser, 0, -10, patches);
  weir_patch_chooser_finish (chooser, patches);
  g_assert_cmpuint (patches->len, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/patch/parts", test_parts);
  g_test_add_func ("/patch/key", test_key);
  g_test_add_func ("/patch/unsure", test_unsure);
  g_test_add_func ("/patch/choice", test_choice);
  g_test_add_func ("/patch/reset", test_reset);
  g_test_add_func ("/patch/silence", test_silence);
  return g_test_run ();
}
