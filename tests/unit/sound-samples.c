/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sounds for the tests of fingerprints, and what is extracted of them. */
#include "sound-samples.h"

#include <math.h>

guint32
next_random (guint32 *state)
{
  *state = *state * 1664525u + 1013904223u;

  return *state >> 8;
}

/* -1..1 */
gfloat
next_noise (guint32 *state)
{
  return (gfloat) next_random (state) / (gfloat) (1 << 23) - 1;
}

GArray *
samples_new (guint n_samples)
{
  GArray *samples = g_array_new (FALSE, TRUE, sizeof (gfloat));

  g_array_set_size (samples, n_samples);

  return samples;
}

gfloat *
samples_data (GArray *samples)
{
  return &g_array_index (samples, gfloat, 0);
}

GArray *
make_tone (gdouble frequency, gdouble amplitude, guint seconds)
{
  GArray *samples = samples_new (seconds * WEIR_AUDIO_RATE);

  for (guint i = 0; i < samples->len; i++)
    samples_data (samples)[i] =
        (gfloat) (amplitude * sin (2 * G_PI * frequency * i / WEIR_AUDIO_RATE));

  return samples;
}

static void
add_note (GArray *samples, guint start, gdouble frequency, gdouble amplitude)
{
  for (guint i = start; i < samples->len && i < start + 6000; i++) {
    gdouble age = (gdouble) (i - start) / WEIR_AUDIO_RATE;
    gdouble attack = MIN (age / 0.01, 1);
    gdouble phase = 2 * G_PI * frequency * age;
    gdouble sound = sin (phase) + 0.5 * sin (2 * phase) + 0.3 * sin (3 * phase);

    samples_data (samples)[i] +=
        (gfloat) (amplitude * attack * exp (-5 * age) * sound);
  }
}

/* Two voices of decaying notes in semitones; another @seed, another tune. */
GArray *
make_music (guint32 seed)
{
  GArray *samples = samples_new (MUSIC_SECONDS * WEIR_AUDIO_RATE);
  guint32 state = seed;

  for (guint start = 0; start < samples->len;
       start += 700 + next_random (&state) % 900) {
    guint semitone = next_random (&state) % 36;
    gdouble amplitude = 0.08 + 0.1 * (next_random (&state) % 100) / 100.0;

    add_note (samples, start, 220 * exp2 (semitone / 12.0), amplitude);
    add_note (samples, start + next_random (&state) % 400,
        220 * exp2 ((semitone + 7) % 36 / 12.0), amplitude);
  }

  return samples;
}

/* A short sound with its middle at the middle of row @row. */
void
add_burst (GArray *samples, gint row, gdouble bin, gdouble amplitude)
{
  gdouble frequency = 220 * exp2 (bin / 36);
  gint middle = row * 128 + 512;

  for (gint i = middle - 1200; i <= middle + 1200; i++) {
    gdouble age = (gdouble) (i - middle) / WEIR_AUDIO_RATE;
    gdouble envelope = amplitude * exp (-0.5 * pow (age / 0.025, 2));

    samples_data (samples)[i] +=
        (gfloat) (envelope * cos (2 * G_PI * frequency * age));
  }
}

/* Feeds @samples in pieces of @n_piece and finishes. */
void
feed_sound (WeirLandmarkExtractor *extractor, GArray *samples, guint n_piece,
    WeirSound *sound)
{
  for (guint i = 0; i < samples->len; i += n_piece)
    weir_landmark_extractor_push (extractor, samples_data (samples) + i,
        MIN (n_piece, samples->len - i), sound);
  weir_landmark_extractor_finish (extractor, sound);
}

WeirSound *
extract_sound (WeirLandmarkUse use, GArray *samples, guint n_piece)
{
  WeirSound *sound = weir_sound_new ();
  g_autoptr (WeirLandmarkExtractor) extractor =
      weir_landmark_extractor_new (use);

  feed_sound (extractor, samples, n_piece, sound);

  return sound;
}

/* Landmarks with the pair's part of their keys alone: those that a reference
 * has, or all by which a query's pairs are looked up. */
GArray *
get_landmarks (const WeirSound *sound)
{
  GArray *landmarks = g_array_new (FALSE, FALSE, sizeof (WeirLandmark));

  for (guint i = 0; i < sound->landmarks->len; i++) {
    WeirLandmark landmark = g_array_index (sound->landmarks, WeirLandmark, i);

    landmark.key >>= WEIR_LANDMARK_BEFORE_BITS;
    g_array_append_val (landmarks, landmark);
  }
  for (guint i = 0; i < sound->pairs->len; i++) {
    const WeirPair *pair = &g_array_index (sound->pairs, WeirPair, i);
    WeirLandmark landmark = { .anchor = pair->anchor, .time = pair->time };
    guint32 keys[WEIR_PAIR_MAX_KEYS];
    guint n_keys = weir_pair_get_keys (pair, 1, 0, keys);

    for (guint j = 0; j < n_keys; j++) {
      landmark.key = keys[j];
      g_array_append_val (landmarks, landmark);
    }
  }

  return landmarks;
}

GArray *
extract_landmarks (WeirLandmarkUse use, GArray *samples, guint n_piece)
{
  g_autoptr (WeirSound) sound = extract_sound (use, samples, n_piece);

  return get_landmarks (sound);
}

const WeirLandmark *
get_landmark (GArray *landmarks, guint i)
{
  return &g_array_index (landmarks, WeirLandmark, i);
}

void
assert_same_landmarks (GArray *a, GArray *b)
{
  g_assert_cmpmem (a->data, a->len * sizeof (WeirLandmark), b->data,
      b->len * sizeof (WeirLandmark));
}
