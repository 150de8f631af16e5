/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The fingerprint of one sound, as it has to be with every compiler, on every
 * processor.
 */
#include "sound-samples.h"

#include <math.h>

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

/* @landmarks: an array of WeirLandmark. */
static void
add_landmarks (GChecksum *checksum, const GArray *landmarks)
{
  for (guint i = 0; i < landmarks->len; i++) {
    const WeirLandmark *landmark = &g_array_index (landmarks, WeirLandmark, i);
    guint32 time = (guint32) (landmark->time / MS);

    g_checksum_update (checksum, (const guchar *) &landmark->key, 4);
    g_checksum_update (checksum, (const guchar *) &time, 4);
  }
}

/* Of a reference. */
static gchar *
get_checksum (const WeirSound *sound)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);

  add_landmarks (checksum, sound->landmarks);
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
      "61a4d32696b33406d4ce49b5b2ab73d716443d5e841921226a39f25456aeea0f");
}

static void
test_patches (void)
{
  g_autoptr (GArray) samples = make_golden_sound ();
  g_autoptr (WeirSound) sound =
      extract_sound (WEIR_LANDMARK_REFERENCE, samples, 1000);
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);

  add_landmarks (checksum, sound->patches);
  g_assert_cmpuint (sound->patches->len, ==, 208);
  g_assert_cmpstr (g_checksum_get_string (checksum), ==,
      "eb993abfa919af7d2f10615dfc7c6a4ebbbbc60af21f44631faaf80d04199a0a");
}

/* Nor may a stream be heard otherwise by another build. */
static void
test_query (void)
{
  g_autoptr (GArray) samples = make_golden_sound ();
  g_autoptr (WeirSound) sound =
      extract_sound (WEIR_LANDMARK_QUERY, samples, 1000);
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  guint n_wide = 0;

  for (guint i = 0; i < sound->peaks->len; i++) {
    const WeirSoundPeak *peak = &g_array_index (sound->peaks, WeirSoundPeak, i);
    gint32 places[] = { (gint32) peak->row, peak->is_wide,
      (gint32) lrintf (peak->bin * 256),
      (gint32) lrintf (peak->row_offset * 256) };

    n_wide += peak->is_wide != 0;
    g_checksum_update (checksum, (const guchar *) places, sizeof (places));
  }
  g_assert_cmpuint (sound->peaks->len, ==, 329);
  g_assert_cmpuint (n_wide, ==, 229);
  g_assert_cmpstr (g_checksum_get_string (checksum), ==,
      "be1f218bcacf96a6ef68ae6e2636fc709eee0ee3b7602b1668c391d77ce48c98");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/landmark-golden/golden", test_golden);
  g_test_add_func ("/landmark-golden/patches", test_patches);
  g_test_add_func ("/landmark-golden/query", test_query);
  return g_test_run ();
}
