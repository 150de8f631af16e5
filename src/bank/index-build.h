/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Builds the tables of an index, one at a time, as they lie in a bank file.
 * Private to the bank.
 */
#pragma once

#include "bank/bank-format.h"
#include "bank/index-plan.h"

G_BEGIN_DECLS

/* Room for one table at a time, which is used again for the next. */
typedef struct {
  WeirBankVideoTable header;
  GArray *buckets; /* WeirBankBucket */
  GArray *units;   /* guint16, WEIR_BANK_UNIT_TAGS to a unit */
  GArray *ids;     /* guint32; empty for the first chunk */
} WeirIndexTable;

void weir_index_table_init (WeirIndexTable *table);
void weir_index_table_clear (WeirIndexTable *table);

/* Fills @table with the @n_hashes hashes, ascending and none twice, by the keys
 * of chunk @chunk of @plan. Not thread-safe for one @table. */
void weir_index_table_build (WeirIndexTable *table, const WeirPdqHash *hashes,
    guint32 n_hashes, const WeirIndexPlan *plan, guint chunk);

/* Bits that number @n_hashes hashes. */
static inline guint
weir_index_count_id_bits (guint32 n_hashes)
{
  return n_hashes > 1 ? g_bit_storage (n_hashes - 1) : 1;
}

G_END_DECLS
