/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The arrays of a fingerprint of sound. */
#include "fingerprint/sound.h"

WeirSound *
weir_sound_new (void)
{
  WeirSound *sound = g_new0 (WeirSound, 1);

  sound->landmarks = g_array_new (FALSE, FALSE, sizeof (WeirLandmark));
  sound->patches = g_array_new (FALSE, FALSE, sizeof (WeirLandmark));
  sound->steps = g_array_new (FALSE, FALSE, sizeof (WeirSoundStep));
  sound->levels = g_array_new (FALSE, FALSE, sizeof (gfloat));
  sound->pairs = g_array_new (FALSE, FALSE, sizeof (WeirPair));
  sound->peaks = g_array_new (FALSE, FALSE, sizeof (WeirSoundPeak));
  sound->bands = g_array_new (FALSE, FALSE, sizeof (WeirSoundBands));

  return sound;
}

void
weir_sound_free (WeirSound *sound)
{
  if (sound == NULL)
    return;
  g_array_unref (sound->landmarks);
  g_array_unref (sound->patches);
  g_array_unref (sound->steps);
  g_array_unref (sound->levels);
  g_array_unref (sound->pairs);
  g_array_unref (sound->peaks);
  g_array_unref (sound->bands);
  g_free (sound);
}

void
weir_sound_consume (WeirSound *sound)
{
  sound->first_step += sound->steps->len;
  g_array_set_size (sound->landmarks, 0);
  g_array_set_size (sound->patches, 0);
  g_array_set_size (sound->steps, 0);
  g_array_set_size (sound->levels, 0);
  g_array_set_size (sound->pairs, 0);
  g_array_set_size (sound->peaks, 0);
  g_array_set_size (sound->bands, 0);
}

void
weir_sound_reset (WeirSound *sound)
{
  weir_sound_consume (sound);
  sound->first_step = 0;
  sound->n_rows = 0;
}

gfloat
weir_sound_bands_get_loudest (const WeirSoundBands *bands)
{
  gfloat loudest = bands->levels[0];

  for (guint i = 1; i < WEIR_SOUND_N_BANDS; i++)
    loudest = MAX (loudest, bands->levels[i]);

  return loudest;
}
