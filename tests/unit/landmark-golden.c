/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The fingerprint of one sound, as it has to be with every compiler, on every
 * processor.
 */
#include "sound-samples.h"

/* Sound that is made of whole numbers, so that it is the same everywhere: notes
 * of triangle waves that fade, over noise 40 dB below. */
static GArray *
make_golden_sound (void)
{
  GArray *samples = samples_new (10 * WEIR_AUDIO_RATE);
  guint32 state = 14;

  for (guint start = 0; start < samples->len;
       start += 400 + next_random (&state) % 700) {
    guint step = 2000 + next_random (&state) % 20000; /* of 65536 a period */
    guint length = 1500 + next_random (&state) % 3000;

    for (guint i = 0; i < length && start + i < samples->len; i++) {
      gint phase = (gint) (i * step & 65535) - 32768;
      gint wave = 2 * ABS (phase) - 32768;
      gint value = wave * (gint) (length - i) / (gint) length;

      samples_data (samples)[start + i] += (gfloat) value / 131072;
    }
  }
  for (guint i = 0; i < samples->len; i++)
    samples_data (samples)[i] += next_noise (&state) / 256;

  return samples;
}

static gchar *
get_checksum (const WeirSound *sound)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);

  for (guint i = 0; i < sound->landmarks->len; i++) {
    const WeirLandmark *landmark =
        &g_array_index (sound->landmarks, WeirLandmark, i);
    guint32 time = (guint32) (landmark->time / MS);

    g_checksum_update (checksum, (const guchar *) &landmark->key, 4);
    g_checksum_update (checksum, (const guchar *) &time, 4);
  }
  g_checksum_update (checksum, (const guchar *) sound->steps->data,
      (gssize) (sound->steps->len * sizeof (WeirSoundStep)));

  return g_strdup (g_checksum_get_string (checksum));
}

/* A bank must find what another build fingerprinted. */
static void
test_golden (void)
{
  g_autoptr (GArray) samples = make_golden_sound ();
  g_autoptr (WeirSound) sound =
      extract_sound (WEIR_LANDMARK_REFERENCE, samples, 1000);
  g_autofree gchar *checksum = get_checksum (sound);

  g_assert_cmpuint (sound->landmarks->len, ==, 416);
  g_assert_cmpstr (checksum, ==,
      "9aba46c1fae873292b6385c0d9c8ed10982f9836e1074694c9f9711db948c7fe");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/landmark-golden/golden", test_golden);
  return g_test_run ();
}
