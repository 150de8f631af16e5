/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Patches of sound: the shape of an octave in two moments. */
#include "fingerprint/patch.h"

#include "fingerprint/peaks.h"

#include <math.h>
#include <string.h>

/* Bits of one moment, and from one part's first band to the next one's: the
 * highest part has to begin a band lower. */
#define MOMENT_BITS (WEIR_PATCH_N_BITS / 2)
#define LAST_BAND   (WEIR_SOUND_N_BANDS - MOMENT_BITS - 1)

/* Steps of which one is kept. */
#define CHOICE_STEPS 6

/* Levels kept: a power of two. */
#define N_KEPT 4

G_STATIC_ASSERT (N_KEPT > WEIR_PATCH_STEPS);
G_STATIC_ASSERT ((WEIR_PATCH_N_PARTS - 1) * MOMENT_BITS >= LAST_BAND);

/* The best of a part so far. */
typedef struct {
  guint32 key;
  guint32 step;
  gfloat certainty; /* 0: there is none */
} Choice;

struct _WeirPatchChooser {
  guint32 n_steps;
  WeirSoundBands kept[N_KEPT]; /* by step, modulo */
  Choice choices[WEIR_PATCH_N_PARTS];
};

void
weir_patch_get_values (const gfloat first[WEIR_SOUND_N_BANDS],
    const gfloat second[WEIR_SOUND_N_BANDS], guint part,
    gfloat values[WEIR_PATCH_N_BITS])
{
  const guint lowest = MIN (part * MOMENT_BITS, LAST_BAND);

  for (guint i = 0; i < MOMENT_BITS; i++) {
    values[i] = first[lowest + i] - first[lowest + i + 1];
    values[MOMENT_BITS + i] = second[lowest + i] - second[lowest + i + 1];
  }
}

guint32
weir_patch_get_key (guint part, const gfloat values[WEIR_PATCH_N_BITS])
{
  guint32 shape = 0;

  for (guint i = 0; i < WEIR_PATCH_N_BITS; i++)
    shape |= (guint32) (values[i] > 0) << i;

  return WEIR_PATCH_KEY | (part << WEIR_PATCH_N_BITS | shape)
                              << WEIR_PATCH_KEY_ZERO;
}

/* Fills @least with the bits of the smallest values, the smallest first. */
static void
find_unsure (const gfloat values[WEIR_PATCH_N_BITS], guint *least, guint n)
{
  guint n_found = 0;

  for (guint i = 0; i < WEIR_PATCH_N_BITS; i++) {
    gfloat size = fabsf (values[i]);
    guint j = n_found;

    if (n_found == n && size >= fabsf (values[least[n - 1]]))
      continue;
    if (n_found < n)
      n_found++;
    else
      j = n - 1;
    for (; j > 0 && fabsf (values[least[j - 1]]) > size; j--)
      least[j] = least[j - 1];
    least[j] = i;
  }
}

static void
sort_keys (guint32 keys[WEIR_PATCH_N_KEYS])
{
  for (guint i = 1; i < WEIR_PATCH_N_KEYS; i++) {
    guint32 moved = keys[i];
    guint j = i;

    for (; j > 0 && keys[j - 1] > moved; j--)
      keys[j] = keys[j - 1];
    keys[j] = moved;
  }
}

void
weir_patch_get_keys (guint part, const gfloat values[WEIR_PATCH_N_BITS],
    guint32 keys[WEIR_PATCH_N_KEYS])
{
  guint unsure[WEIR_PATCH_N_UNSURE];

  find_unsure (values, unsure, WEIR_PATCH_N_UNSURE);
  keys[0] = weir_patch_get_key (part, values);
  for (guint i = 0; i < WEIR_PATCH_N_UNSURE; i++)
    for (guint j = 0; j < 1u << i; j++)
      keys[(1u << i) + j] = keys[j] ^ 1u << (unsure[i] + WEIR_PATCH_KEY_ZERO);
  sort_keys (keys);
}

/* ---- References ---- */

WeirPatchChooser *
weir_patch_chooser_new (void)
{
  return g_new0 (WeirPatchChooser, 1);
}

void
weir_patch_chooser_free (WeirPatchChooser *chooser)
{
  g_free (chooser);
}

void
weir_patch_chooser_reset (WeirPatchChooser *chooser)
{
  memset (chooser, 0, sizeof (*chooser));
}

/* How far from another sign the bit is that a query cannot change too. */
static gfloat
get_certainty (const gfloat values[WEIR_PATCH_N_BITS])
{
  guint unsure[WEIR_PATCH_N_UNSURE + 1];

  find_unsure (values, unsure, WEIR_PATCH_N_UNSURE + 1);

  return fabsf (values[unsure[WEIR_PATCH_N_UNSURE]]);
}

static const WeirSoundBands *
get_kept (const WeirPatchChooser *chooser, guint32 step)
{
  return &chooser->kept[step % N_KEPT];
}

static void
choose (WeirPatchChooser *chooser, guint32 step)
{
  const WeirSoundBands *first = get_kept (chooser, step);
  const WeirSoundBands *second = get_kept (chooser, step + WEIR_PATCH_STEPS);

  if (weir_sound_bands_get_loudest (first) < WEIR_PEAKS_FLOOR)
    return;
  for (guint i = 0; i < WEIR_PATCH_N_PARTS; i++) {
    Choice *choice = &chooser->choices[i];
    gfloat values[WEIR_PATCH_N_BITS];
    gfloat certainty;

    weir_patch_get_values (first->levels, second->levels, i, values);
    certainty = get_certainty (values);
    if (certainty > choice->certainty)
      *choice = (Choice){ weir_patch_get_key (i, values), step, certainty };
  }
}

void
weir_patch_chooser_finish (WeirPatchChooser *chooser, GArray *patches)
{
  for (guint i = 0; i < WEIR_PATCH_N_PARTS; i++) {
    Choice *choice = &chooser->choices[i];
    WeirLandmark patch = {
      .key = choice->key,
      .time =
          (guint64) WEIR_SOUND_LEAD + choice->step * (guint64) WEIR_SOUND_STEP,
    };

    if (choice->certainty > 0)
      g_array_append_val (patches, patch);
    choice->certainty = 0;
  }
}

void
weir_patch_chooser_push (
    WeirPatchChooser *chooser, const WeirSoundBands *bands, GArray *patches)
{
  guint32 step = chooser->n_steps++;

  chooser->kept[step % N_KEPT] = *bands;
  if (step < WEIR_PATCH_STEPS)
    return;
  step -= WEIR_PATCH_STEPS;
  choose (chooser, step);
  if (step % CHOICE_STEPS == CHOICE_STEPS - 1)
    weir_patch_chooser_finish (chooser, patches);
}
