/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether levels of a stream follow those of a reference. */
#include "match/audio-levels.h"

#include "fingerprint/step-levels.h"

#define N_STEPS 200
#define N_ROWS  (2 * N_STEPS)

/* Wrong places may be worth this. */
#define CHANCE 40

/* Steps that the reference begins before the stream. */
#define BEFORE 40

typedef struct {
  gfloat levels[BEFORE + N_STEPS][WEIR_SOUND_N_BANDS];
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

    for (guint j = 0; j < BEFORE + N_STEPS; j++) {
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
  WeirSoundStep *steps = g_new0 (WeirSoundStep, BEFORE + N_STEPS);

  for (guint i = 0; i < BEFORE + N_STEPS; i++)
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

  for (guint i = BEFORE; i < BEFORE + N_STEPS; i++) {
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
  heard->n_rows = N_ROWS - 12;
  weir_audio_history_add (history, heard);
  return history;
}

/* What a place @steps_off the true one is worth after 5 s. */
static gdouble
compare (WeirAudioHistory *history, const Sound *known, gint steps_off,
    gfloat shift, gdouble values[WEIR_AUDIO_N_WINDOWS])
{
  const WeirAudioPlace place = { .warp = { 1, shift },
    .offset = 2 * (BEFORE + steps_off) };
  g_autofree WeirSoundStep *steps = make_steps (known);

  weir_audio_levels_compare (history, &place, steps, BEFORE + N_STEPS, values);
  return values[WEIR_AUDIO_N_WINDOWS - 1];
}

/* A copy agrees at its place, the more the longer, at any gain. */
static void
test_copy (void)
{
  g_autofree Sound *known = make_sound (1);
  gdouble values[WEIR_AUDIO_N_WINDOWS];
  gdouble at_gain[2];

  for (guint i = 0; i < 2; i++) {
    g_autoptr (WeirAudioHistory) history = hear (known, i * -4.0f, 0, NULL, 0);

    at_gain[i] = compare (history, known, 0, 0, values);
    g_assert_cmpfloat (values[0], >, 200);
    g_assert_cmpfloat (values[1], >, 1.2 * values[0]);
    g_assert_cmpfloat (values[2], >, 1.2 * values[1]);
    g_assert_cmpfloat (compare (history, known, 8, 0, values), <, CHANCE);
    g_assert_cmpfloat (compare (history, known, -13, 0, values), <, CHANCE);
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
  gdouble values[WEIR_AUDIO_N_WINDOWS];

  g_assert_cmpfloat (compare (covered, known, 0, 0, values), >, 100);
  g_assert_cmpfloat (compare (covered, known, 8, 0, values), <, CHANCE);
  g_assert_cmpfloat (compare (alone, known, 0, 0, values), <, CHANCE);
}

/* A stream that is higher by two bands, which are six bins. */
static void
test_pitch (void)
{
  g_autofree Sound *known = make_sound (3);
  g_autoptr (WeirAudioHistory) history = hear (known, 0, 2, NULL, 0);
  gdouble values[WEIR_AUDIO_N_WINDOWS];

  g_assert_cmpfloat (compare (history, known, 0, 6, values), >, 200);
  g_assert_cmpfloat (compare (history, known, 0, 0, values), <, CHANCE);
}

/* Steady sound agrees with itself anywhere and says nothing. */
static void
test_steady (void)
{
  g_autofree Sound *known = make_sound (1);
  g_autoptr (WeirAudioHistory) history = NULL;
  gdouble values[WEIR_AUDIO_N_WINDOWS];

  for (guint i = 0; i < BEFORE + N_STEPS; i++)
    for (guint j = 0; j < WEIR_SOUND_N_BANDS; j++)
      known->levels[i][j] = j % 5 == 0 ? -6 : -12;
  history = hear (known, 0, 0, NULL, 0);
  g_assert_cmpfloat (ABS (compare (history, known, 0, 0, values)), <, 500);
}

/* Nothing is said where there is nothing to compare. */
static void
test_nothing (void)
{
  g_autofree Sound *known = make_sound (1);
  g_autofree Sound *silence = g_new0 (Sound, 1);
  g_autoptr (WeirAudioHistory) history = hear (known, 0, 0, NULL, 0);
  g_autoptr (WeirAudioHistory) empty = weir_audio_history_new ();
  gdouble values[WEIR_AUDIO_N_WINDOWS];

  for (guint i = 0; i < BEFORE + N_STEPS; i++)
    for (guint j = 0; j < WEIR_SOUND_N_BANDS; j++)
      silence->levels[i][j] = -40;
  g_assert_cmpfloat (compare (history, silence, 0, 0, values), ==, 0);
  g_assert_cmpfloat (compare (history, known, 1000, 0, values), ==, 0);
  g_assert_cmpfloat (compare (history, known, -1000, 0, values), ==, 0);
  g_assert_cmpfloat (compare (history, known, 0, 1000, values), ==, 0);
  g_assert_cmpfloat (compare (history, known, 0, -1000, values), ==, 0);
  g_assert_cmpfloat (compare (empty, known, 0, 0, values), ==, 0);
}

/* What is rare is found out anew when the stream went on or began anew. */
static void
test_anew (void)
{
  g_autofree Sound *known = make_sound (1);
  g_autoptr (WeirAudioHistory) history = hear (known, 0, 0, NULL, 0);
  gdouble values[WEIR_AUDIO_N_WINDOWS];

  g_assert_cmpfloat (compare (history, known, 0, 0, values), >, 200);
  weir_audio_history_clear (history);
  g_assert_cmpfloat (compare (history, known, 0, 0, values), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/audio-levels/copy", test_copy);
  g_test_add_func ("/audio-levels/one-sided", test_one_sided);
  g_test_add_func ("/audio-levels/pitch", test_pitch);
  g_test_add_func ("/audio-levels/steady", test_steady);
  g_test_add_func ("/audio-levels/nothing", test_nothing);
  g_test_add_func ("/audio-levels/anew", test_anew);
  return g_test_run ();
}
