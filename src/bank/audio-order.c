/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sorting landmarks. */
#include "bank/audio-order.h"

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
    order =
        compare_numbers (first->posting.reference, second->posting.reference);
  if (order == 0)
    order = compare_numbers (first->posting.time, second->posting.time);
  return order;
}

void
weir_audio_order_sort (GArray *entries)
{
  if (entries->len > 1)
    g_array_sort (entries, compare_entries);
}

GArray *
weir_audio_order_get_starts (const GArray *entries)
{
  GArray *starts = g_array_new (FALSE, FALSE, sizeof (guint32));
  /* A shift by the whole width has no meaning in C: at least one bit. */
  guint n_bits =
      CLAMP (g_bit_storage (entries->len), 2, WEIR_BANK_AUDIO_START_BITS + 1) -
      1;
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
