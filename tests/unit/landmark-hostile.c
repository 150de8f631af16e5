/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sound that has nothing in it, or what is no sound. */
#include "sound-samples.h"

#include "fingerprint/spectrum.h"

#include <math.h>
#include <string.h>

static void
assert_valid (GArray *landmarks)
{
  for (guint i = 0; i < landmarks->len; i++) {
    guint32 key = get_landmark (landmarks, i)->key;

    g_assert_cmpuint (KEY_ANCHOR (key), <, 48);
    g_assert_cmpint (ABS (KEY_BIN_STEP (key)), <=, 36);
    g_assert_cmpuint (KEY_ROW_STEP (key), >=, 2);
  }
}

static void
test_featureless (void)
{
  static const gfloat levels[] = { 0, 1e-5f, 0.5f, 1, NAN, INFINITY };
  g_autoptr (GArray) samples = samples_new (5 * WEIR_AUDIO_RATE);

  for (guint i = 0; i < G_N_ELEMENTS (levels); i++)
    for (guint use = 0; use < 2; use++) {
      g_autoptr (GArray) landmarks = NULL;

      for (guint j = 0; j < samples->len; j++)
        samples_data (samples)[j] = levels[i];
      landmarks = extract_landmarks ((WeirLandmarkUse) use, samples, 4096);
      g_assert_cmpuint (landmarks->len, ==, 0);
    }
}

/* -75 dB of full scale in all: no bin reaches the floor. */
static void
test_faint (void)
{
  guint32 state = 5;
  g_autoptr (GArray) samples = samples_new (5 * WEIR_AUDIO_RATE);
  g_autoptr (GArray) landmarks = NULL;

  for (guint i = 0; i < samples->len; i++)
    samples_data (samples)[i] = 2e-4f * next_noise (&state);
  landmarks = extract_landmarks (WEIR_LANDMARK_QUERY, samples, 4096);
  g_assert_cmpuint (landmarks->len, ==, 0);
}

/* Not a number is silence and too loud is full scale, sample by sample. */
static void
test_hostile (void)
{
  static const gfloat hostile[] = { NAN, INFINITY, -INFINITY, 1e30f, -1e30f,
    -NAN };
  static const gfloat plain[] = { 0, 1, -1, 1, -1, 0 };
  g_autoptr (GArray) samples = make_music (6);
  g_autoptr (GArray) cleaned = make_music (6);
  g_autoptr (GArray) a = NULL;
  g_autoptr (GArray) b = NULL;
  guint32 state = 1;

  for (guint i = 0; i < samples->len; i += 1 + next_random (&state) % 999) {
    guint kind = next_random (&state) % G_N_ELEMENTS (plain);

    samples_data (samples)[i] = hostile[kind];
    samples_data (cleaned)[i] = plain[kind];
  }
  a = extract_landmarks (WEIR_LANDMARK_QUERY, samples, 4096);
  b = extract_landmarks (WEIR_LANDMARK_QUERY, cleaned, 4096);
  g_assert_cmpuint (a->len, >, 1000);
  assert_same_landmarks (a, b);
}

static void
test_noise (void)
{
  guint32 state = 7;
  g_autoptr (GArray) samples = samples_new (10 * WEIR_AUDIO_RATE);

  for (guint i = 0; i < samples->len; i++)
    samples_data (samples)[i] = next_noise (&state);
  for (guint use = 0; use < 2; use++) {
    g_autoptr (GArray) landmarks =
        extract_landmarks ((WeirLandmarkUse) use, samples, 4096);

    assert_valid (landmarks);
    g_test_message ("use %u: %u landmarks", use, landmarks->len);
    g_assert_cmpuint (landmarks->len, >, 10 * (use == 0 ? 30 : 500));
    g_assert_cmpuint (landmarks->len, <, 10 * (use == 0 ? 100 : 2500));
  }
}

/* However the period fits the hop, a steady tone has no landmarks. */
static void
test_tone (void)
{
  static const gdouble frequencies[] = { 1000, 997, 440, 250, 3333.3 };

  for (guint i = 0; i < G_N_ELEMENTS (frequencies); i++)
    for (guint use = 0; use < 2; use++) {
      g_autoptr (GArray) samples = make_tone (frequencies[i], 0.9, 10);
      g_autoptr (GArray) landmarks =
          extract_landmarks ((WeirLandmarkUse) use, samples, 4096);

      g_assert_cmpuint (landmarks->len, ==, 0);
    }
}

/* Whatever is in a buffer of whatever size, what comes out is in bounds. */
static void
test_fuzzed (void)
{
  guint32 state = 99;
  g_autoptr (WeirSound) sound = weir_sound_new ();
  g_autoptr (WeirLandmarkExtractor) extractor =
      weir_landmark_extractor_new (WEIR_LANDMARK_REFERENCE);

  for (guint i = 0; i < 400; i++) {
    gfloat samples[2000];
    guint n_samples = 1 + next_random (&state) % G_N_ELEMENTS (samples);

    /* Any bits: denormal numbers, infinities and not numbers among them. */
    for (guint j = 0; j < n_samples; j++) {
      guint32 bits = next_random (&state) << 8 ^ next_random (&state);

      memcpy (&samples[j], &bits, sizeof (bits));
    }
    weir_landmark_extractor_push (extractor, samples, n_samples, sound);
  }
  weir_landmark_extractor_finish (extractor, sound);
  g_assert_cmpuint (sound->steps->len, >, 1000);
  for (guint i = 0; i < sound->steps->len; i++)
    for (guint j = 0; j < 2 * WEIR_SOUND_ROW_PEAKS; j++) {
      guint8 bin = g_array_index (sound->steps, WeirSoundStep, i).peaks[j];

      g_assert_true (bin < WEIR_SPECTRUM_N_BINS || bin == WEIR_SOUND_NO_PEAK);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/landmark-hostile/featureless", test_featureless);
  g_test_add_func ("/landmark-hostile/faint", test_faint);
  g_test_add_func ("/landmark-hostile/hostile", test_hostile);
  g_test_add_func ("/landmark-hostile/noise", test_noise);
  g_test_add_func ("/landmark-hostile/tone", test_tone);
  g_test_add_func ("/landmark-hostile/fuzzed", test_fuzzed);
  return g_test_run ();
}
