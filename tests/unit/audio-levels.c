/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether levels of a stream follow those of a reference. */
#include "match/audio-levels.h"

#include "fingerprint/step-levels.h"

#include <string.h>

#define N_HEARD      200
#define N_HEARD_ROWS (2 * N_HEARD)

/* Wrong places may be worth this. */
#define CHANCE 40

/* Steps that the reference begins before the stream. */
#define BEFORE 40

typedef struct {
  gfloat levels[BEFORE + N_HEARD][WEIR_SOUND_N_BANDS];
} Sound;

static guint32
next_random (guint32 *state)
{
  *state = *state * 1664525u + 1013904223u;
  return *state >> 8;
}

/* Notes in all bands that begin at any time and fade, each as fast as it does. */
static Sound *
make_sound (guint32 seed)
{
  Sound *sound = g_new (Sound, 1);

  for (guint i = 0; i < WEIR_SOUND_N_BANDS; i++) {
    gfloat level = -20, fall = 0;

    for (guint j = 0; j < BEFORE + N_HEARD; j++) {
      level = MAX (level - fall, -20);
      if (next_random (&seed) % 24 == 0) {
        level = -4 - (gfloat) (next_random (&seed) % 80) / 10;
        fall = (gfloat) (next_random (&seed) % 100) / 100;
      }
      sound->levels[j][i] = level;
    }
  }
  return sound;
}

static WeirSoundStep *
make_steps (const Sound *sound)
{
  WeirSoundStep *steps = g_new0 (WeirSoundStep, BEFORE + N_HEARD);

  for (guint i = 0; i < BEFORE + N_HEARD; i++)
    weir_step_levels_pack (&steps[i], sound->levels[i], i % 2);
  return steps;
}

/* Of two sounds at a time the louder. @gain is of the first; its band i is
 * band i - @shift of what is heard. */
static WeirAudioHistory *
hear (const Sound *known, gfloat gain, guint shift, const Sound *other,
    gfloat other_gain)
{
  WeirAudioHistory *history = weir_audio_history_new ();
  g_autoptr (WeirSound) heard = weir_sound_new ();

  for (guint i = BEFORE; i < BEFORE + N_HEARD; i++) {
    WeirSoundBands bands = { 0 };

    for (guint j = 0; j < WEIR_SOUND_N_BANDS; j++) {
      guint from = MIN (j + shift, WEIR_SOUND_N_BANDS - 1);

      bands.highest[j] = MAX (known->levels[i][from] + gain, -40);
      if (other != NULL)
        bands.highest[j] =
            MAX (bands.highest[j], other->levels[i][j] + other_gain);
    }
    g_array_append_val (heard->bands, bands);
  }
  heard->n_rows = N_HEARD_ROWS - 12;
  weir_audio_history_add (history, heard);
  return history;
}

/* What a place @steps_off the true one is worth after 5 s. */
static gdouble
compare (WeirAudioHistory *history, const Sound *known, gint steps_off,
    gfloat shift, WeirAudioLevels *levels)
{
  const WeirAudioPlace place = { .warp = { 1, shift },
    .offset = 2 * (BEFORE + steps_off) };
  const gdouble enough[N_WINDOWS] = { 1, 1, 1 };
  g_autofree WeirSoundStep *steps = make_steps (known);

  *levels = (WeirAudioLevels){ 0 };
  weir_audio_history_renew_controls (history);
  weir_audio_levels_compare (
      history, &place, steps, BEFORE + N_HEARD, FALSE, enough, levels);
  return levels->values[N_WINDOWS - 1];
}

/* A copy agrees at its place, the more the longer, at any gain. */
static void
test_copy (void)
{
  g_autofree Sound *known = make_sound (1);
  WeirAudioLevels levels;
  gdouble at_gain[2];

  for (guint i = 0; i < 2; i++) {
    g_autoptr (WeirAudioHistory) history = hear (known, i * -4.0f, 0, NULL, 0);

    at_gain[i] = compare (history, known, 0, 0, &levels);
    g_assert_cmpfloat (levels.values[0], >, 200);
    g_assert_cmpfloat (levels.values[1], >, 1.2 * levels.values[0]);
    g_assert_cmpfloat (levels.values[2], >, 1.2 * levels.values[1]);
    g_assert_cmpfloat (compare (history, known, 8, 0, &levels), <, CHANCE);
    g_assert_cmpfloat (compare (history, known, -13, 0, &levels), <, CHANCE);
  }
  g_assert_cmpfloat (at_gain[1], >, 0.8 * at_gain[0]);
}

/* Louder sound on top leaves much of it, and none to a wrong place; as much is
 * against a copy when it is taken away instead. */
static void
test_one_sided (void)
{
  g_autofree Sound *known = make_sound (1);
  g_autofree Sound *other = make_sound (2);
  g_autoptr (WeirAudioHistory) covered = hear (known, 0, 0, other, 2);
  g_autoptr (WeirAudioHistory) alone = hear (other, 2, 0, NULL, 0);
  WeirAudioLevels levels;

  g_assert_cmpfloat (compare (covered, known, 0, 0, &levels), >, 100);
  g_assert_cmpfloat (compare (covered, known, 8, 0, &levels), <, CHANCE);
  g_assert_cmpfloat (compare (alone, known, 0, 0, &levels), <, CHANCE);
}

/* Blocks add up to what a window is worth, but for the price of its gains; what
 * only half a second agrees in is in the blocks of that. */
static void
test_blocks (void)
{
  g_autofree Sound *known = make_sound (1);
  g_autofree Sound *other = make_sound (2);
  g_autofree Sound *mostly = g_new (Sound, 1);
  g_autoptr (WeirAudioHistory) copy = hear (known, -3, 0, NULL, 0);
  g_autoptr (WeirAudioHistory) spliced = NULL;
  const guint begin = BEFORE + N_HEARD - 64; /* 10 to 15 blocks ago */
  WeirAudioLevels levels;
  gdouble spliced_sum = 0;

  compare (copy, known, 0, 0, &levels);
  for (guint i = 0; i < N_WINDOWS; i++) {
    guint n_blocks = weir_audio_window_get_n_blocks (i);
    gdouble sum = 0;

    for (guint j = 0; j < N_BLOCKS; j++)
      sum += levels.blocks[i][j];
    g_assert_cmpfloat (sum, >, levels.values[i] - 1);
    g_assert_cmpfloat (sum, <, 1.2 * levels.values[i]);
    for (guint j = n_blocks; j < N_BLOCKS; j++)
      g_assert_cmpfloat (levels.blocks[i][j], ==, 0);
  }

  for (guint i = 0; i < BEFORE + N_HEARD; i++)
    for (guint j = 0; j < WEIR_SOUND_N_BANDS; j++)
      mostly->levels[i][j] = other->levels[i][j] + 16;
  memcpy (mostly->levels[begin], known->levels[begin],
      16 * sizeof (known->levels[0]));
  spliced = hear (mostly, 0, 0, NULL, 0);
  compare (spliced, known, 0, 0, &levels);
  for (guint i = 10; i < 15; i++)
    spliced_sum += levels.blocks[0][i];
  g_assert_cmpfloat (levels.values[0], >, 200);
  g_assert_cmpfloat (spliced_sum, >, 0.9 * levels.values[0]);
}

/* A stream that is higher by two bands, which are six bins. */
static void
test_pitch (void)
{
  g_autofree Sound *known = make_sound (3);
  g_autoptr (WeirAudioHistory) history = hear (known, 0, 2, NULL, 0);
  WeirAudioLevels levels;

  g_assert_cmpfloat (compare (history, known, 0, 6, &levels), >, 200);
  g_assert_cmpfloat (compare (history, known, 0, 0, &levels), <, CHANCE);
}

/* Steady sound agrees with itself anywhere and says nothing. */
static void
test_steady (void)
{
  g_autofree Sound *known = make_sound (1);
  g_autoptr (WeirAudioHistory) history = NULL;
  WeirAudioLevels levels;

  for (guint i = 0; i < BEFORE + N_HEARD; i++)
    for (guint j = 0; j < WEIR_SOUND_N_BANDS; j++)
      known->levels[i][j] = j % 5 == 0 ? -6 : -12;
  history = hear (known, 0, 0, NULL, 0);
  g_assert_cmpfloat (ABS (compare (history, known, 0, 0, &levels)), <, 500);
}

/* Nothing is said where there is nothing to compare. */
static void
test_nothing (void)
{
  g_autofree Sound *known = make_sound (1);
  g_autofree Sound *silence = g_new0 (Sound, 1);
  g_autoptr (WeirAudioHistory) history = hear (known, 0, 0, NULL, 0);
  g_autoptr (WeirAudioHistory) empty = weir_audio_history_new ();
  WeirAudioLevels levels;

  for (guint i = 0; i < BEFORE + N_HEARD; i++)
    for (guint j = 0; j < WEIR_SOUND_N_BANDS; j++)
      silence->levels[i][j] = -40;
  g_assert_cmpfloat (compare (history, silence, 0, 0, &levels), ==, 0);
  g_assert_cmpfloat (compare (history, known, 1000, 0, &levels), ==, 0);
  g_assert_cmpfloat (compare (history, known, -1000, 0, &levels), ==, 0);
  g_assert_cmpfloat (compare (history, known, 0, 1000, &levels), ==, 0);
  g_assert_cmpfloat (compare (history, known, 0, -1000, &levels), ==, 0);
  g_assert_cmpfloat (compare (empty, known, 0, 0, &levels), ==, 0);
}

/* What is rare is found out anew when the stream went on or began anew. */
static void
test_anew (void)
{
  g_autofree Sound *known = make_sound (1);
  g_autoptr (WeirAudioHistory) history = hear (known, 0, 0, NULL, 0);
  WeirAudioLevels levels;

  g_assert_cmpfloat (compare (history, known, 0, 0, &levels), >, 200);
  weir_audio_history_clear (history);
  g_assert_cmpfloat (compare (history, known, 0, 0, &levels), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/audio-levels/copy", test_copy);
  g_test_add_func ("/audio-levels/one-sided", test_one_sided);
  g_test_add_func ("/audio-levels/blocks", test_blocks);
  g_test_add_func ("/audio-levels/pitch", test_pitch);
  g_test_add_func ("/audio-levels/steady", test_steady);
  g_test_add_func ("/audio-levels/nothing", test_nothing);
  g_test_add_func ("/audio-levels/anew", test_anew);
  return g_test_run ();
}
