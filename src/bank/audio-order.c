/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sorting landmarks, and the blocks of their times. */
#include "bank/audio-order.h"

/* Blocks more than those known that are gathered before they are sorted. */
#define MIN_UNSORTED 65536

/* Postings that are gathered before they are written. */
#define N_GATHERED 1024

static gint
compare_numbers (guint32 a, guint32 b)
{
  return (a > b) - (a < b);
}

static gint
compare_entries (gconstpointer a, gconstpointer b)
{
  const WeirAudioEntry *first = a;
  const WeirAudioEntry *second = b;
  gint order = compare_numbers (first->key, second->key);

  if (order == 0)
    order = compare_numbers (first->reference, second->reference);
  if (order == 0)
    order = compare_numbers (first->time, second->time);
  return order;
}

void
weir_audio_order_sort (GArray *entries)
{
  if (entries->len > 1)
    g_array_sort (entries, compare_entries);
}

static guint
get_start_bits (guint n_entries)
{
  /* A shift by the whole width has no meaning in C: at least one bit. */
  const guint n_bits = MAX (g_bit_storage (n_entries), 2) - 1;

  if (n_bits <= WEIR_BANK_AUDIO_START_PAIR_BITS)
    return n_bits;
  return CLAMP (n_bits - WEIR_BANK_AUDIO_START_SHARE_BITS,
      WEIR_BANK_AUDIO_START_PAIR_BITS, WEIR_BANK_AUDIO_START_BITS);
}

GArray *
weir_audio_order_get_starts (const GArray *entries)
{
  GArray *starts = g_array_new (FALSE, FALSE, sizeof (guint32));
  const guint n_bits = get_start_bits (entries->len);
  guint32 position = 0;

  for (guint32 i = 0; i < 1u << n_bits; i++) {
    g_array_append_val (starts, position);
    while (position < entries->len &&
           g_array_index (entries, WeirAudioEntry, position).key >>
                   (32 - n_bits) ==
               i)
      position++;
  }
  g_array_append_val (starts, position);
  return starts;
}

/* ---- Blocks ---- */

/* The nearest row. */
static guint32
get_row (const WeirAudioEntry *entry)
{
  guint64 time = (guint64) entry->time + WEIR_BANK_AUDIO_ROW_MS / 2;

  return (guint32) MIN (time, G_MAXUINT32) / WEIR_BANK_AUDIO_ROW_MS;
}

static WeirBankAudioBlock
get_block (const WeirAudioEntry *entry)
{
  const guint32 row = get_row (entry);

  return (WeirBankAudioBlock){
    .reference = entry->reference,
    .time = (row - row % WEIR_BANK_AUDIO_BLOCK_ROWS) * WEIR_BANK_AUDIO_ROW_MS,
  };
}

static gint
compare_blocks (gconstpointer a, gconstpointer b)
{
  const WeirBankAudioBlock *first = a;
  const WeirBankAudioBlock *second = b;
  gint order = compare_numbers (first->reference, second->reference);

  return order != 0 ? order : compare_numbers (first->time, second->time);
}

/* Puts @blocks into order, each once. */
static void
sort_blocks (GArray *blocks)
{
  WeirBankAudioBlock *all = (WeirBankAudioBlock *) blocks->data;
  guint n = 0;

  g_array_sort (blocks, compare_blocks);
  for (guint i = 0; i < blocks->len; i++)
    if (n == 0 || compare_blocks (&all[n - 1], &all[i]) != 0)
      all[n++] = all[i];
  g_array_set_size (blocks, n);
}

GArray *
weir_audio_order_get_blocks (const GArray *entries)
{
  GArray *blocks = g_array_new (FALSE, FALSE, sizeof (WeirBankAudioBlock));
  guint n_sorted = 0;

  for (guint i = 0; i < entries->len; i++) {
    WeirBankAudioBlock block =
        get_block (&g_array_index (entries, WeirAudioEntry, i));

    if (blocks->len > 0 &&
        compare_blocks (
            &g_array_index (blocks, WeirBankAudioBlock, blocks->len - 1),
            &block) == 0)
      continue;
    g_array_append_val (blocks, block);
    /* Entries by key name the same blocks again and again. */
    if (blocks->len > 2 * n_sorted + MIN_UNSORTED) {
      sort_blocks (blocks);
      n_sorted = blocks->len;
    }
  }
  sort_blocks (blocks);
  return blocks;
}

static guint32
get_posting (const GArray *blocks, const WeirAudioEntry *entry)
{
  const WeirBankAudioBlock block = get_block (entry);
  const guint32 row = get_row (entry) % WEIR_BANK_AUDIO_BLOCK_ROWS;
  guint number = 0;

  g_array_binary_search ((GArray *) blocks, &block, compare_blocks, &number);

  return number << WEIR_BANK_AUDIO_BLOCK_BITS | row;
}

void
weir_audio_order_put_postings (
    WeirBankWriter *writer, const GArray *entries, const GArray *blocks)
{
  guint32 postings[N_GATHERED];
  guint n = 0;

  weir_bank_writer_begin_section (writer, WEIR_BANK_SECTION_AUDIO_POSTINGS);
  for (guint i = 0; i < entries->len; i++) {
    postings[n++] =
        get_posting (blocks, &g_array_index (entries, WeirAudioEntry, i));
    if (n == G_N_ELEMENTS (postings) || i + 1 == entries->len) {
      weir_bank_writer_put (writer, postings, n * sizeof (guint32));
      n = 0;
    }
  }
  weir_bank_writer_end_section (writer);
}
