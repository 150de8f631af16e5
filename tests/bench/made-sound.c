/* SPDX-License-Identifier: GPL-3.0-or-later */
/* References out of chance peaks. */

#include "made-sound.h"

#include "fingerprint/landmark.h"

#define SECONDS        3600
#define LANDMARK_RATE  50
#define PATCH_RATE     20
#define STEPS          (SECONDS * 125 / 4)
#define SHARE_OF_PEAKS 0.55 /* of the rows, that have one */

/* The pair of one real landmark and the peak before of another. */
static guint32
draw_key (GRand *rand, const GArray *landmarks)
{
  const guint32 mask = (1u << WEIR_LANDMARK_BEFORE_BITS) - 1;
  gint pair = g_rand_int_range (rand, 0, (gint32) landmarks->len);
  gint before = g_rand_int_range (rand, 0, (gint32) landmarks->len);

  return (g_array_index (landmarks, WeirLandmark, pair).key & ~mask) |
         (g_array_index (landmarks, WeirLandmark, before).key & mask);
}

static guint32
draw_patch (GRand *rand, const GArray *patches)
{
  gint drawn = g_rand_int_range (rand, 0, (gint32) patches->len);

  return g_array_index (patches, WeirLandmark, drawn).key;
}

static WeirSoundStep
draw_step (GRand *rand)
{
  WeirSoundStep step = {
    .code = { g_rand_int (rand) & g_rand_int (rand),
        g_rand_int (rand) & g_rand_int (rand) },
    .peaks = { WEIR_SOUND_NO_PEAK, WEIR_SOUND_NO_PEAK, WEIR_SOUND_NO_PEAK,
        WEIR_SOUND_NO_PEAK },
    .top = (guint8) g_rand_int_range (rand, 128, 256),
  };

  for (guint i = 0; i < G_N_ELEMENTS (step.levels); i++)
    step.levels[i] = (guint8) g_rand_int (rand);
  for (guint i = 0; i < 2; i++)
    if (g_rand_double (rand) < SHARE_OF_PEAKS)
      step.peaks[i * WEIR_SOUND_ROW_PEAKS] =
          (guint8) g_rand_int_range (rand, 1, 143);
  return step;
}

static void
add_hour (WeirBankBuilder *builder, GRand *rand, const GArray *landmarks,
    const GArray *patches, const gchar *id)
{
  const WeirReference reference = {
    .id = id,
    .family = id,
    .label = "",
    .list = "",
    .source = "",
    .opinion = WEIR_OPINION_CONFIRMED,
    .max_action = WEIR_ACTION_CUT,
  };
  g_autoptr (GArray) steps =
      g_array_sized_new (FALSE, FALSE, sizeof (WeirSoundStep), STEPS);
  g_autoptr (GError) error = NULL;
  guint32 index;

  if (!weir_bank_builder_add_reference (builder, &reference, &index, &error))
    g_error ("%s", error->message);
  for (guint i = 0; i < SECONDS * LANDMARK_RATE; i++)
    if (!weir_bank_builder_add_audio (builder, index,
            draw_key (rand, landmarks), i * 1000 / LANDMARK_RATE, &error))
      g_error ("%s", error->message);
  for (guint i = 0; i < SECONDS * PATCH_RATE; i++)
    if (!weir_bank_builder_add_audio (builder, index,
            draw_patch (rand, patches), i * 1000 / PATCH_RATE, &error))
      g_error ("%s", error->message);
  for (guint i = 0; i < STEPS; i++) {
    WeirSoundStep step = draw_step (rand);

    g_array_append_val (steps, step);
  }
  if (!weir_bank_builder_add_sound_steps (builder, index, 0,
          (const WeirSoundStep *) steps->data, steps->len, &error))
    g_error ("%s", error->message);
}

void
made_sound_add (WeirBankBuilder *builder, const GArray *landmarks,
    const GArray *patches, gdouble hours)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);

  for (guint hour = 0; hour < hours; hour++) {
    g_autofree gchar *id = g_strdup_printf ("synthetic-%u", hour);

    add_hour (builder, rand, landmarks, patches, id);
  }
}
