/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Places that patches of sound vote for. */
#include "bank-files.h"

#include "fingerprint/patch.h"
#include "match/audio-patches.h"

#include <math.h>

#define MS 1000000

/* Steps of a reference, 10 s, and patches of others in the bank. */
#define N_STEPS 312
#define N_OTHER 25000

/* Steps of a reference that are in the bank over and over again. */
#define N_COMMON 64

static GArray *
make_bands (guint32 seed, guint n_steps)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
  GArray *bands = g_array_new (FALSE, FALSE, sizeof (WeirSoundBands));
  WeirSoundBands step = { 0 };

  for (guint i = 0; i < n_steps; i++) {
    for (guint j = 0; j < WEIR_SOUND_N_BANDS; j++)
      step.levels[j] =
          0.8f * step.levels[j] + (gfloat) g_rand_double_range (rand, -3, 1);
    g_array_append_val (bands, step);
  }
  return bands;
}

/* Those of the first @n_steps. */
static void
add_patches (WeirBankBuilder *builder, guint32 reference, const GArray *bands,
    guint n_steps)
{
  g_autoptr (WeirPatchChooser) chooser = weir_patch_chooser_new ();
  g_autoptr (GArray) patches =
      g_array_new (FALSE, FALSE, sizeof (WeirLandmark));

  for (guint i = 0; i < n_steps; i++)
    weir_patch_chooser_push (
        chooser, &g_array_index (bands, WeirSoundBands, i), patches);
  for (guint i = 0; i < patches->len; i++) {
    const WeirLandmark *patch = &g_array_index (patches, WeirLandmark, i);

    bank_files_add_audio (
        builder, reference, patch->key, (guint32) (patch->time / MS));
  }
}

/* References 0, of chance patches, and 1, of @known; reference 2 has the patches
 * of @known's beginning @n_same times. */
static WeirBank *
make_bank (const BankFiles *files, const GArray *known, guint n_same)
{
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);

  bank_files_add_reference (builder, "other");
  bank_files_add_reference (builder, "known");
  bank_files_add_reference (builder, "same");
  for (guint i = 0; i < N_OTHER; i++)
    bank_files_add_audio (
        builder, 0, WEIR_PATCH_KEY | (g_rand_int (rand) & ~0xfu), 16 * i);
  add_patches (builder, 1, known, known->len);
  for (guint i = 0; i < n_same; i++)
    add_patches (builder, 2, known, N_COMMON);
  bank_files_write (builder, files->path);
  return bank_files_open (files->path);
}

/* Steps @first up to, but without, @end. */
static const WeirAudioPlace *
play (WeirAudioPatches *patches, const GArray *bands, guint first, guint end,
    guint *n)
{
  const WeirAudioPlace *places = NULL;

  for (guint i = first; i < end; i += 8) {
    g_autoptr (GArray) piece =
        g_array_new (FALSE, FALSE, sizeof (WeirSoundBands));

    g_array_append_vals (
        piece, &g_array_index (bands, WeirSoundBands, i), MIN (8, end - i));
    weir_audio_patches_add (patches, piece);
    places = weir_audio_patches_collect (patches, n);
  }
  return places;
}

static void
assert_place (const WeirAudioPlace *places, guint n, gdouble offset)
{
  for (guint i = 0; i < n; i++)
    if (places[i].reference == 1 && ABS (places[i].offset - offset) <= 3) {
      g_assert_cmpfloat (places[i].warp.stretch, ==, 1);
      g_assert_cmpfloat (places[i].warp.shift, ==, 0);
      return;
    }
  g_error ("the place is none of %u candidates", n);
}

static void
test_place (BankFiles *files, gconstpointer data)
{
  g_autoptr (GArray) known = make_bands (1, N_STEPS);
  g_autoptr (WeirBank) bank = make_bank (files, known, 0);
  g_autoptr (WeirAudioPatches) patches = weir_audio_patches_new (bank);
  const WeirAudioPlace *places;
  guint n = 0;

  places = play (patches, known, 100, 180, &n);
  assert_place (places, n, 200);
  g_assert_cmpuint (n, ==, 1);
  g_assert_cmpuint (weir_audio_patches_get_n_lookups (patches), >, 1000);

  weir_audio_patches_clear (patches);
  g_assert_null (play (patches, known, 0, 0, &n));
  places = play (patches, known, 37, 100, &n);
  assert_place (places, n, 74);
}

/* Half of the octaves are of other sound, by turns. */
static void
test_mixed (BankFiles *files, gconstpointer data)
{
  g_autoptr (GArray) known = make_bands (1, N_STEPS);
  g_autoptr (GArray) other = make_bands (2, N_STEPS);
  g_autoptr (WeirBank) bank = make_bank (files, known, 0);
  g_autoptr (WeirAudioPatches) patches = weir_audio_patches_new (bank);
  const WeirAudioPlace *places;
  guint n = 0;

  for (guint i = 0; i < N_STEPS; i++)
    for (guint j = 0; j < WEIR_SOUND_N_BANDS; j++)
      if ((i / 24 + j / 12) % 2 == 0)
        g_array_index (known, WeirSoundBands, i).levels[j] =
            g_array_index (other, WeirSoundBands, i).levels[j];
  places = play (patches, known, 50, 144, &n);
  assert_place (places, n, 100);
}

static void
test_other (BankFiles *files, gconstpointer data)
{
  g_autoptr (GArray) known = make_bands (1, N_STEPS);
  g_autoptr (GArray) other = make_bands (2, N_STEPS);
  g_autoptr (WeirBank) bank = make_bank (files, known, 0);
  g_autoptr (WeirAudioPatches) patches = weir_audio_patches_new (bank);

  for (guint i = 0; i < N_STEPS; i += 8) {
    guint n = 0;

    play (patches, other, i, MIN (i + 8, N_STEPS), &n);
    g_assert_cmpuint (n, ==, 0);
  }
}

/* What is all over a bank says nothing. */
static void
test_common (BankFiles *files, gconstpointer data)
{
  g_autoptr (GArray) known = make_bands (1, N_STEPS);
  g_autoptr (WeirBank) bank = make_bank (files, known, 3000);
  g_autoptr (WeirAudioPatches) patches = weir_audio_patches_new (bank);
  guint n = 0;

  play (patches, known, 0, N_COMMON - 8, &n);
  g_assert_cmpuint (n, ==, 0);
}

/* A sound that stays as it is votes for no place as often as it lasts. */
static void
test_steady (BankFiles *files, gconstpointer data)
{
  g_autoptr (GArray) known = make_bands (1, N_STEPS);
  g_autoptr (GArray) steady =
      g_array_new (FALSE, FALSE, sizeof (WeirSoundBands));
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();
  g_autoptr (WeirBank) bank = NULL;
  g_autoptr (WeirAudioPatches) patches = NULL;
  gfloat values[WEIR_PATCH_N_BITS];
  const WeirSoundBands *bands = &g_array_index (known, WeirSoundBands, 9);
  guint n = 0;

  weir_patch_get_values (bands->levels, bands->levels, 0, values);
  bank_files_add_reference (builder, "other");
  bank_files_add_reference (builder, "known");
  for (guint i = 0; i < N_OTHER; i++)
    bank_files_add_audio (builder, 0, i, i);
  bank_files_add_audio (builder, 1, weir_patch_get_key (0, values), 5000);
  bank_files_write (builder, files->path);
  bank = bank_files_open (files->path);
  patches = weir_audio_patches_new (bank);
  for (guint i = 0; i < N_STEPS; i++)
    g_array_append_val (steady, *bands);
  play (patches, steady, 0, 8, &n);
  g_assert_cmpuint (n, ==, 0);
  play (patches, steady, 8, N_STEPS, &n);
  g_assert_cmpuint (n, ==, 0);
}

/* The last two seconds are looked up anew. */
static void
test_bank (BankFiles *files, gconstpointer data)
{
  g_autoptr (GArray) known = make_bands (1, N_STEPS);
  g_autoptr (GArray) other = make_bands (2, N_STEPS);
  g_autoptr (WeirBank) first = make_bank (files, other, 0);
  g_autoptr (WeirBank) second = make_bank (files, known, 0);
  g_autoptr (WeirAudioPatches) patches = weir_audio_patches_new (first);
  const WeirAudioPlace *places;
  guint n = 0;

  play (patches, known, 0, 80, &n);
  g_assert_cmpuint (n, ==, 0);
  weir_audio_patches_set_bank (patches, second);
  places = play (patches, known, 80, 88, &n);
  assert_place (places, n, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  bank_files_add_test ("/audio-patches/place", test_place);
  bank_files_add_test ("/audio-patches/mixed", test_mixed);
  bank_files_add_test ("/audio-patches/other", test_other);
  bank_files_add_test ("/audio-patches/common", test_common);
  bank_files_add_test ("/audio-patches/steady", test_steady);
  bank_files_add_test ("/audio-patches/bank", test_bank);
  return g_test_run ();
}
