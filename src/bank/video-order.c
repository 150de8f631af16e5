/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sorting by the first bits of a hash into piles, then each pile: millions of
 * entries do not fit the caches, a pile does.
 */
#include "bank/video-order.h"

#include "bank/index.h"

#include <stdlib.h>
#include <string.h>

#define PILE_BITS 12
#define N_PILES   (1u << PILE_BITS) /* of either parity */

static guint
get_parity (const WeirPdqHash *hash)
{
  guint64 all =
      hash->words[0] ^ hash->words[1] ^ hash->words[2] ^ hash->words[3];

  return (guint) __builtin_parityll (all);
}

static gint
compare_numbers (guint64 a, guint64 b)
{
  return (a > b) - (a < b);
}

static gint
compare_hashes (const WeirPdqHash *a, const WeirPdqHash *b)
{
  gint order = 0;

  for (guint i = 0; order == 0 && i < G_N_ELEMENTS (a->words); i++)
    order = compare_numbers (a->words[i], b->words[i]);
  return order;
}

/* By hash, reference, then time; the rest only makes the order total. */
static gint
compare_entries (gconstpointer a, gconstpointer b)
{
  const WeirVideoEntry *first = a;
  const WeirVideoEntry *second = b;
  gint order = compare_hashes (&first->hash, &second->hash);

  if (order == 0)
    order = compare_numbers (first->info.reference, second->info.reference);
  if (order == 0)
    order = compare_numbers (first->info.time, second->info.time);
  if (order == 0)
    order = compare_numbers (first->info.quality, second->info.quality);
  if (order == 0)
    order = compare_numbers (first->info.view, second->info.view);
  return order;
}

static guint
choose_pile (const WeirVideoEntry *entry, gboolean split)
{
  guint pile = (guint) (entry->hash.words[0] >> (64 - PILE_BITS));

  return split && get_parity (&entry->hash) != 0 ? N_PILES + pile : pile;
}

/* Moves the entries into piles that follow each other. ends[i] becomes the end
 * of pile i. */
static void
make_piles (GArray *entries, gboolean split, guint32 ends[2 * N_PILES])
{
  const gsize size = entries->len * sizeof (WeirVideoEntry);
  const WeirVideoEntry *from = (const WeirVideoEntry *) entries->data;
  WeirVideoEntry *to;
  guint32 start = 0;

  if (size == 0)
    return;
  to = g_malloc (size);
  for (guint i = 0; i < entries->len; i++)
    ends[choose_pile (&from[i], split)]++;
  for (guint i = 0; i < 2 * N_PILES; i++) {
    guint32 n = ends[i];

    ends[i] = start;
    start += n;
  }
  for (guint i = 0; i < entries->len; i++)
    to[ends[choose_pile (&from[i], split)]++] = from[i];
  memcpy (entries->data, to, size);
  g_free (to);
}

static void
sort_entries (GArray *entries, gboolean split)
{
  g_autofree guint32 *ends = g_new0 (guint32, 2 * N_PILES);
  WeirVideoEntry *data = (WeirVideoEntry *) entries->data;
  guint32 start = 0;

  make_piles (entries, split, ends);
  for (guint i = 0; i < 2 * N_PILES; i++) {
    if (ends[i] - start > 1)
      qsort (data + start, ends[i] - start, sizeof (*data), compare_entries);
    start = ends[i];
  }
}

/* Entries, not hashes: but those that occur often are few. */
static gboolean
is_split_worth (const GArray *entries)
{
  guint32 n_odd = 0;

  for (guint i = 0; i < entries->len; i++)
    n_odd += get_parity (&g_array_index (entries, WeirVideoEntry, i).hash);
  return weir_index_plan_is_split_worth (entries->len - n_odd, n_odd);
}

static void
collapse (WeirVideoOrder *order, const GArray *entries)
{
  for (guint32 i = 0; i < entries->len; i++) {
    const WeirVideoEntry *entry = &g_array_index (entries, WeirVideoEntry, i);

    if (i > 0 && compare_hashes (&entry->hash, &(entry - 1)->hash) == 0)
      continue;
    g_array_append_val (order->hashes, entry->hash);
    g_array_append_val (order->starts, i);
  }
  g_array_append_val (order->starts, entries->len);
}

/* Adds the hashes from number @first up to @end as a part. */
static void
add_part (WeirVideoOrder *order, guint32 first, guint32 end, WeirParity parity,
    const WeirIndexPlan *plan)
{
  WeirIndexPlan *own = &order->plans[order->parts->len];
  WeirBankVideoPart part = {
    .n_hashes = end - first,
    .parity = (guint8) parity,
  };

  if (end == first)
    return;
  if (plan != NULL)
    *own = *plan;
  else
    weir_index_plan_choose (end - first, own);
  part.n_tables = (guint8) own->n_chunks;
  g_array_append_val (order->parts, part);
}

static void
add_parts (WeirVideoOrder *order, gboolean split, const WeirIndexPlan *plan)
{
  guint32 n_hashes = order->hashes->len;
  guint32 n_even = 0;

  for (guint32 i = 0; i < n_hashes; i++)
    n_even += get_parity (&g_array_index (order->hashes, WeirPdqHash, i)) == 0;
  if (split || n_even == n_hashes || n_even == 0) {
    add_part (order, 0, n_even, WEIR_PARITY_EVEN, plan);
    add_part (order, n_even, n_hashes, WEIR_PARITY_ODD, plan);
  } else {
    add_part (order, 0, n_hashes, WEIR_PARITY_MIXED, plan);
  }
}

void
weir_video_order_init (
    WeirVideoOrder *order, GArray *entries, const WeirIndexPlan *plan)
{
  gboolean split = plan != NULL || is_split_worth (entries);

  order->hashes = g_array_new (FALSE, FALSE, sizeof (WeirPdqHash));
  order->starts = g_array_new (FALSE, FALSE, sizeof (guint32));
  order->parts = g_array_new (FALSE, FALSE, sizeof (WeirBankVideoPart));
  sort_entries (entries, split);
  collapse (order, entries);
  add_parts (order, split, plan);
}

void
weir_video_order_clear (WeirVideoOrder *order)
{
  g_clear_pointer (&order->hashes, g_array_unref);
  g_clear_pointer (&order->starts, g_array_unref);
  g_clear_pointer (&order->parts, g_array_unref);
}
