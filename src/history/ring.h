/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A ring of items of one size, of which the oldest gives way. Items are
 * numbered from 0 on as they are appended; a number stays the item's own.
 * Not thread-safe.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  guint8 *items;
  gsize item_size;      /* bytes */
  guint32 capacity;     /* for now */
  guint32 max_capacity; /* items */
  guint64 first;        /* number of the oldest that is there */
  guint64 end;          /* of the next to be appended */
} WeirRing;

/* Grows by a quarter when it is full, up to @max_capacity (at least 1) items; then
 * the oldest gives way. */
void weir_ring_init (WeirRing *ring, gsize item_size, guint32 max_capacity);
void weir_ring_clear (WeirRing *ring);

/* @copy, not initialised, gets what is in @ring. */
void weir_ring_init_copy (WeirRing *copy, const WeirRing *ring);

/* The place of a new item, which is not initialised. Valid until the ring
 * changes. Allocates only when the ring grows. */
gpointer weir_ring_append (WeirRing *ring);

/* The item @number, which must be there. Valid until the ring changes. */
gpointer weir_ring_get (const WeirRing *ring, guint64 number);

/* Drops all before @number; what was there stays in no memory. */
void weir_ring_drop (WeirRing *ring, guint64 number);

static inline gboolean
weir_ring_is_empty (const WeirRing *ring)
{
  return ring->first == ring->end;
}

G_END_DECLS
