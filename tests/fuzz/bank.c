/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Opens arbitrary bytes as a bank, as they are and with their checksums put
 * right, since no mutation would get past those; then reads all there is.
 */
#include "bank/bank-merge.h"
#include "bank/bank-private.h"
#include "fingerprint/landmark.h"
#include "fingerprint/step-levels.h"

#include <stdint.h>
#include <string.h>
#include <zlib.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* Makes the size and the checksums in @data hold as far as there is room. */
static void
repair (guint8 *data, gsize size)
{
  WeirBankHeader *header = (WeirBankHeader *) data;
  WeirBankSection *sections = (WeirBankSection *) (header + 1);
  guint i;

  if (size < sizeof (*header))
    return;
  header->file_size = size;
  if (header->n_sections > (size - sizeof (*header)) / sizeof (*sections))
    return;
  for (i = 0; i < header->n_sections; i++) {
    WeirBankSection *section = &sections[i];

    if (section->offset <= size && section->length <= size - section->offset)
      section->checksum = (guint32) crc32_z (
          0, data + section->offset, (z_size_t) section->length);
  }
  header->checksum = weir_bank_header_compute_checksum (header);
}

static void
read_references (const WeirBank *bank)
{
  guint64 n_video = 0, n_audio = 0;
  guint32 i, found;

  for (i = 0; i < weir_bank_get_n_references (bank); i++) {
    WeirReference reference;

    weir_bank_get_reference (bank, i, &reference);
    g_assert_cmpuint (strlen (reference.id), >, 0);
    g_assert_cmpuint (strlen (reference.family), <=, WEIR_REFERENCE_MAX_TEXT);
    g_assert_cmpuint (strlen (reference.label), <=, WEIR_REFERENCE_MAX_TEXT);
    g_assert_cmpuint (strlen (reference.list), <=, WEIR_REFERENCE_MAX_TEXT);
    g_assert_cmpuint (strlen (reference.source), <=, WEIR_REFERENCE_MAX_TEXT);
    g_assert_nonnull (weir_action_to_string (
        weir_reference_get_allowed_action (&reference, 1)));
    g_assert_true (weir_bank_find_reference (bank, reference.id, &found));
    g_assert_cmpuint (found, ==, i);
    g_assert_true (weir_bank_has_video (bank, i, 0, G_MAXUINT32) ==
                   (reference.n_video > 0));
    n_video += reference.n_video;
    n_audio += reference.n_audio;
  }
  g_assert_cmpuint (n_video, ==, weir_bank_get_n_video (bank));
  g_assert_cmpuint (n_audio, ==, weir_bank_get_n_audio (bank));
}

/* So that no compiler leaves out what nothing else looks at. */
static volatile guint32 seen;

/* Sound, and when there are pictures; whatever is in there. */
static void
read_spans (const WeirBank *bank, guint32 time)
{
  guint32 n_steps;

  for (guint32 i = 0; i < weir_bank_get_n_references (bank); i++) {
    const WeirSoundStep *steps = weir_bank_get_sound_steps (bank, i, &n_steps);

    for (guint32 step = 0; step < n_steps; step++) {
      WeirStepLevel levels[WEIR_SOUND_STEP_LEVELS];

      seen = steps[step].code[0];
      seen = weir_step_levels_unpack (&steps[step], levels);
    }
    seen = weir_bank_has_video (bank, i, time, time + 1000);
  }
}

/* As a merge reads it. */
static void
copy (const WeirBank *bank)
{
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();
  g_autoptr (GError) error = NULL;

  weir_bank_builder_add_bank (builder, bank, NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
look_up (const WeirBank *bank, const guint8 *data, gsize size)
{
  g_autoptr (GArray) video = g_array_new (FALSE, FALSE, sizeof (WeirVideoHit));
  g_autoptr (GArray) audio = g_array_new (FALSE, FALSE, sizeof (WeirAudioHit));
  /* Near the hashes of the corpus, so that tables find something. */
  const WeirPdqHash known = { { 3, 0, G_MAXUINT64, 0 } };
  const WeirAudioBefores befores[] = { { 0, 2 }, { 5, 5 }, { 7, 8191 } };
  guint32 pairs[] = { 0, 0, (1u << WEIR_LANDMARK_PAIR_BITS) - 1 };
  WeirAudioQuery queries[G_N_ELEMENTS (pairs)];
  WeirPdqHash hash = { { 0 } };
  guint32 key = 0;
  guint i;

  /* The end of a bank is its newest bytes: likely a key or a time in it. */
  memcpy (&hash, data + size - MIN (size, sizeof (hash)),
      MIN (size, sizeof (hash)));
  memcpy (&key, &hash, sizeof (key));
  pairs[0] = key >> WEIR_LANDMARK_BEFORE_BITS;
  weir_bank_lookup_video (bank, &known, WEIR_PDQ_RADIUS, video);
  weir_bank_lookup_video (bank, &hash, WEIR_PDQ_RADIUS, video);
  g_array_set_size (video, 0);
  weir_bank_lookup_video (bank, &hash, WEIR_PDQ_BITS, video);
  g_assert_cmpuint (video->len, ==, weir_bank_get_n_video (bank));
  for (i = 0; i < video->len; i++)
    g_assert_cmpuint (g_array_index (video, WeirVideoHit, i).reference, <,
        weir_bank_get_n_references (bank));

  for (i = 0; i < G_N_ELEMENTS (pairs); i++)
    queries[i] = (WeirAudioQuery){
      .pair = pairs[i],
      .max_all = key % 100,
      .n_befores = G_N_ELEMENTS (befores),
      .befores = befores,
    };
  weir_bank_lookup_audio (bank, queries, G_N_ELEMENTS (queries), audio);
  for (i = 0; i < audio->len; i++)
    g_assert_cmpuint (g_array_index (audio, WeirAudioHit, i).reference, <,
        weir_bank_get_n_references (bank));
  read_spans (bank, key);
}

static void
open_and_read (const guint8 *data, gsize size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (WeirBank) bank = weir_bank_open_bytes (bytes, "input", &error);

  g_assert_true ((bank == NULL) == (error != NULL));
  if (bank == NULL)
    return;
  read_references (bank);
  look_up (bank, data, size);
  copy (bank);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree guint8 *copy = g_memdup2 (data, size);

  open_and_read (data, size);
  if (copy != NULL) {
    repair (copy, size);
    open_and_read (copy, size);
  }
  return 0;
}
