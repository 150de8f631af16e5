/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Noise, a hum, gusts: sounds that all the world has. One that is like one of a
 * reference, but no copy, is no match.
 */
#include "match-streams.h"

#include <math.h>

#define SECONDS 24

typedef void (*MakeSound) (GRand *rand, GArray *samples);

static gfloat
next_noise (GRand *rand)
{
  return (gfloat) g_rand_double_range (rand, -1, 1);
}

static gfloat *
get_sample (GArray *samples, guint i)
{
  return &g_array_index (samples, gfloat, i);
}

static void
make_white (GRand *rand, GArray *samples)
{
  for (guint i = 0; i < samples->len; i++)
    *get_sample (samples, i) = 0.2f * next_noise (rand);
}

/* The louder the lower, 6 dB an octave. */
static void
make_rumble (GRand *rand, GArray *samples)
{
  gfloat level = 0;

  for (guint i = 0; i < samples->len; i++) {
    level = 0.98f * level + 0.05f * next_noise (rand);
    *get_sample (samples, i) = level;
  }
}

/* All harmonics of the mains, and noise. */
static void
make_hum (GRand *rand, GArray *samples)
{
  gdouble phases[30];

  for (guint i = 1; i < G_N_ELEMENTS (phases); i++)
    phases[i] = g_rand_double_range (rand, 0, 2 * G_PI);
  for (guint i = 0; i < samples->len; i++) {
    gdouble sum = 0;

    for (guint j = 1; j < G_N_ELEMENTS (phases); j++)
      sum += sin (2 * G_PI * 100 * j * i / WEIR_AUDIO_RATE + phases[j]) / j;
    *get_sample (samples, i) = (gfloat) (0.1 * sum) + 0.03f * next_noise (rand);
  }
}

/* Rumble that comes and goes. */
static void
make_gusts (GRand *rand, GArray *samples)
{
  gdouble from = 1, to = 1;

  make_rumble (rand, samples);
  for (guint i = 0; i < samples->len; i++) {
    gdouble part = (gdouble) (i % WEIR_AUDIO_RATE) / WEIR_AUDIO_RATE;

    if (i % WEIR_AUDIO_RATE == 0) {
      from = to;
      to = g_rand_double_range (rand, -1, 1);
    }
    *get_sample (samples, i) *= (gfloat) exp (from + part * (to - from));
  }
}

static GArray *
make_sound (MakeSound make, guint32 seed)
{
  GArray *samples = g_array_new (FALSE, TRUE, sizeof (gfloat));
  GRand *rand = g_rand_new_with_seed (seed);

  g_array_set_size (samples, SECONDS * WEIR_AUDIO_RATE);
  make (rand, samples);
  g_rand_free (rand);
  return samples;
}

static void
test_alike (gconstpointer data)
{
  MakeSound make = *(const MakeSound *) data;
  g_autoptr (GArray) known = make_sound (make, 1);
  g_autoptr (GArray) other = make_sound (make, 2);
  g_autoptr (WeirBank) bank = bank_new_of (NULL, known);
  g_autoptr (Stream) stream = stream_new (bank, NULL);

  stream_play (stream, NULL, other, 0, SECONDS * SECOND);
  g_assert_cmpuint (stream->reports->len, ==, 0);
}

int
main (int argc, char **argv)
{
  static const MakeSound white = make_white, rumble = make_rumble,
                         hum = make_hum, gusts = make_gusts;

  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/match-steady/white", &white, test_alike);
  g_test_add_data_func ("/match-steady/rumble", &rumble, test_alike);
  g_test_add_data_func ("/match-steady/hum", &hum, test_alike);
  g_test_add_data_func ("/match-steady/gusts", &gusts, test_alike);
  return g_test_run ();
}
