/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Looks ids up as they are asked for: few of a large bank ever are. */
#include "bank/bank-map.h"

struct _WeirBankMap {
  const WeirBank *from, *to;
  GHashTable *known; /* index -> index */
};

WeirBankMap *
weir_bank_map_new (const WeirBank *from, const WeirBank *to)
{
  WeirBankMap *map = g_new0 (WeirBankMap, 1);

  map->from = from;
  map->to = to;
  map->known = g_hash_table_new (g_direct_hash, g_direct_equal);
  return map;
}

void
weir_bank_map_free (WeirBankMap *map)
{
  g_hash_table_unref (map->known);
  g_free (map);
}

guint32
weir_bank_map_get (WeirBankMap *map, guint32 index)
{
  gpointer known;
  WeirReference reference;
  guint32 found;

  if (g_hash_table_lookup_extended (
          map->known, GUINT_TO_POINTER (index), NULL, &known))
    return GPOINTER_TO_UINT (known);
  weir_bank_get_reference (map->from, index, &reference);
  if (!weir_bank_find_reference (map->to, reference.id, &found))
    found = WEIR_REFERENCE_GONE;
  g_hash_table_insert (
      map->known, GUINT_TO_POINTER (index), GUINT_TO_POINTER (found));
  return found;
}
