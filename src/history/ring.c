/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A ring of items of one size. */
#include "history/ring.h"

#include <string.h>

#define FIRST_CAPACITY 64

void
weir_ring_init (WeirRing *ring, gsize item_size, guint32 max_capacity)
{
  *ring = (WeirRing){
    .item_size = item_size,
    .capacity = MIN (FIRST_CAPACITY, MAX (max_capacity, 1)),
    .max_capacity = MAX (max_capacity, 1),
  };
  ring->items = g_malloc_n (ring->capacity, item_size);
}

void
weir_ring_clear (WeirRing *ring)
{
  g_clear_pointer (&ring->items, g_free);
  ring->first = ring->end = 0;
}

static gpointer
get_place (const WeirRing *ring, guint64 number)
{
  return ring->items + number % ring->capacity * ring->item_size;
}

/* Gives @ring room for @capacity items, no fewer than it has. */
static void
resize (WeirRing *ring, guint32 capacity)
{
  WeirRing before = *ring;
  guint64 i;

  ring->capacity = capacity;
  ring->items = g_malloc_n (capacity, ring->item_size);
  for (i = before.first; i < before.end; i++)
    memcpy (get_place (ring, i), get_place (&before, i), ring->item_size);
  g_free (before.items);
}

void
weir_ring_init_copy (WeirRing *copy, const WeirRing *ring)
{
  *copy = *ring;
  copy->items = g_memdup2 (ring->items, ring->capacity * ring->item_size);
}

gpointer
weir_ring_append (WeirRing *ring)
{
  gboolean is_full = ring->end - ring->first == ring->capacity;

  if (is_full && ring->capacity < ring->max_capacity)
    resize (ring,
        MIN (ring->capacity + ring->capacity / 4 + 1, ring->max_capacity));
  else if (is_full)
    ring->first++;
  return get_place (ring, ring->end++);
}

gpointer
weir_ring_get (const WeirRing *ring, guint64 number)
{
  g_return_val_if_fail (number >= ring->first && number < ring->end, NULL);

  return get_place (ring, number);
}

void
weir_ring_drop (WeirRing *ring, guint64 number)
{
  for (; ring->first < MIN (number, ring->end); ring->first++)
    memset (get_place (ring, ring->first), 0, ring->item_size);
}
