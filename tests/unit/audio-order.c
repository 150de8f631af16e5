/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Times of landmarks in a bank: rows of blocks of 16 s. */
#include "bank-files.h"

#include "bank/audio-order.h"

static void
add_entry (GArray *entries, guint32 reference, guint32 time)
{
  const WeirAudioEntry entry = { 7, reference, time };

  g_array_append_val (entries, entry);
}

/* Blocks that hold something, each once, in order. */
static void
test_blocks (void)
{
  static const WeirBankAudioBlock expected[] = { { 0, 0 }, { 0, 32768 },
    { 2, 16384 }, { 2, 4294950912 } };
  g_autoptr (GArray) entries =
      g_array_new (FALSE, FALSE, sizeof (WeirAudioEntry));
  g_autoptr (GArray) blocks = NULL;

  add_entry (entries, 2, G_MAXUINT32);
  add_entry (entries, 2, 32767 - 8);
  add_entry (entries, 0, 40000);
  add_entry (entries, 0, 0);
  add_entry (entries, 2, 16384 - 8);
  add_entry (entries, 0, 16383 - 8);
  add_entry (entries, 0, 32768);
  blocks = weir_audio_order_get_blocks (entries);
  g_assert_cmpmem (blocks->data, blocks->len * sizeof (WeirBankAudioBlock),
      expected, sizeof (expected));
}

/* Entries by key name all blocks again and again. */
static void
test_many_blocks (void)
{
  g_autoptr (GArray) entries =
      g_array_new (FALSE, FALSE, sizeof (WeirAudioEntry));
  g_autoptr (GArray) blocks = NULL;

  for (guint i = 0; i < 300000; i++)
    add_entry (entries, i * 7 % 1000, i % 300 * WEIR_BANK_AUDIO_BLOCK_MS);
  blocks = weir_audio_order_get_blocks (entries);
  g_assert_cmpuint (blocks->len, ==, 3000);
  for (guint i = 0; i < blocks->len; i++) {
    const WeirBankAudioBlock *block =
        &g_array_index (blocks, WeirBankAudioBlock, i);

    g_assert_cmpuint (block->reference, ==, i / 3);
    if (i > 0 && block[-1].reference == block->reference)
      g_assert_cmpuint (block[-1].time, <, block->time);
  }
}

/* A time is read back as that of the nearest row, of its own reference. */
static void
test_times (BankFiles *fixture, gconstpointer data)
{
  static const struct {
    guint32 written;
    guint32 read;
  } times[] = { { 0, 0 }, { 7, 0 }, { 8, 16 }, { 16375, 16368 },
    { 16376, 16384 }, { 16384, 16384 }, { 70000, 70000 }, { 70009, 70016 },
    { G_MAXUINT32 - 15, G_MAXUINT32 - 15 }, { G_MAXUINT32, G_MAXUINT32 - 15 } };
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();
  g_autoptr (WeirBank) bank = NULL;

  bank_files_add_reference (builder, "a");
  bank_files_add_reference (builder, "b");
  for (guint i = 0; i < G_N_ELEMENTS (times); i++)
    bank_files_add_audio (builder, i % 2, 100 - i, times[i].written);
  bank_files_write (builder, fixture->path);
  bank = bank_files_open (fixture->path);
  for (guint i = 0; i < G_N_ELEMENTS (times); i++) {
    g_autoptr (GArray) hits = g_array_new (FALSE, FALSE, sizeof (WeirAudioHit));
    const WeirAudioHit *hit;

    bank_files_look_up_key (bank, 100 - i, hits);
    g_assert_cmpuint (hits->len, ==, 1);
    hit = &g_array_index (hits, WeirAudioHit, 0);
    g_assert_cmpuint (hit->reference, ==, i % 2);
    g_assert_cmpuint (hit->time, ==, times[i].read);
  }
}

/* More blocks than a posting can number. */
static void
test_full (BankFiles *fixture, gconstpointer data)
{
  const guint n_blocks = G_MAXUINT32 / WEIR_BANK_AUDIO_BLOCK_MS + 1;
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i <= WEIR_BANK_MAX_AUDIO_BLOCKS / n_blocks; i++) {
    g_autofree gchar *id = g_strdup_printf ("id-%u", i);

    bank_files_add_reference (builder, id);
    for (guint k = 0; k < n_blocks; k++)
      bank_files_add_audio (builder, i, 7, k * WEIR_BANK_AUDIO_BLOCK_MS);
  }
  g_assert_false (weir_bank_builder_write (builder, fixture->path, 0, &error));
  g_assert_error (error, WEIR_BANK_ERROR, WEIR_BANK_ERROR_LIMIT);
  bank_files_assert_one_line (error, "make two banks");
  g_assert_cmpuint (bank_files_count (fixture->directory), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/audio-order/blocks", test_blocks);
  g_test_add_func ("/audio-order/many-blocks", test_many_blocks);
  bank_files_add_test ("/audio-order/times", test_times);
  bank_files_add_test ("/audio-order/full", test_full);
  return g_test_run ();
}
