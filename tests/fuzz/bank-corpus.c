/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Writes the seed banks of corpus/bank into the folder given.
 */
#include "bank/bank-private.h"

typedef struct {
  const gchar *name;
  guint n_references;
  guint n_video; /* fingerprints of each reference */
  guint n_audio;
  gboolean tables;
} Seed;

static const Seed seeds[] = {
  { "empty", 0, 0, 0 },
  { "reference", 1, 0, 0 },
  { "video", 1, 8, 0 },
  { "audio", 1, 0, 16 },
  { "both", 3, 2, 4 },
  { "many-references", 30, 1, 1 },
  { "tables", 1, 90, 0, TRUE },
};

/* So few buckets that some overflow. */
static WeirIndexPlan
make_plan (void)
{
  WeirIndexPlan plan = { .n_chunks = WEIR_INDEX_MAX_CHUNKS };

  for (guint i = 0; i < plan.n_chunks; i++)
    plan.chunks[i] = (WeirIndexChunk){ 16 * i, 16, 1, 1 };
  return plan;
}

static gboolean
add_fingerprints (
    WeirBankBuilder *builder, const Seed *seed, guint32 index, GError **error)
{
  guint i;

  for (i = 0; i < seed->n_video; i++) {
    const WeirPdqHash hash = { { i, index, G_MAXUINT64, 0 } };

    if (!weir_bank_builder_add_video (
            builder, index, &hash, WEIR_VIEW_PLAIN, 50 + i % 50, 40 * i, error))
      return FALSE;
  }
  for (i = 0; i < seed->n_audio; i++) {
    const WeirSoundStep step = {
      .code = { i, ~i },
      .peaks = { 12, WEIR_SOUND_NO_PEAK, 90, WEIR_SOUND_NO_PEAK },
      .top = (guint8) (100 + i),
      .levels = { 0xf3, (guint8) i },
    };

    if (!weir_bank_builder_add_audio (builder, index, i / 3, 32 * i, error) ||
        !weir_bank_builder_add_sound_steps (
            builder, index, 32 * i, &step, 1, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
write_seed (const Seed *seed, const gchar *folder, GError **error)
{
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();
  g_autofree gchar *file = g_strconcat (seed->name, ".weir", NULL);
  g_autofree gchar *path = g_build_filename (folder, file, NULL);
  const WeirIndexPlan plan = make_plan ();
  guint i;

  if (seed->tables)
    weir_bank_builder_set_plan (builder, &plan);
  for (i = 0; i < seed->n_references; i++) {
    g_autofree gchar *id = g_strdup_printf ("reference-%u", i);
    const WeirReference reference = {
      .id = id,
      .family = i % 2 == 0 ? "" : "family",
      .label = "label",
      .list = "\xd1\x81\xd0\xbf\xd0\xb8\xd1\x81\xd0\xbe\xd0\xba",
      .source = "",
      .added = i,
      .duration = i,
      .opinion = (WeirOpinion) (i % 3),
      .max_action = (WeirAction) (i % 3),
    };
    guint32 index;

    if (!weir_bank_builder_add_reference (builder, &reference, &index, error) ||
        !add_fingerprints (builder, seed, index, error))
      return FALSE;
  }
  return weir_bank_builder_write (builder, path, 0, error);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  guint i;

  if (argc != 2) {
    g_printerr ("usage: %s FOLDER\n", argv[0]);
    return 2;
  }
  for (i = 0; i < G_N_ELEMENTS (seeds); i++) {
    if (!write_seed (&seeds[i], argv[1], &error)) {
      g_printerr ("%s\n", error->message);
      return 1;
    }
  }
  return 0;
}
