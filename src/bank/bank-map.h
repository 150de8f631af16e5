/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From the references of a bank to the same ones, by id, of the bank that takes
 * its place. Made for as long as the change takes; not thread-safe.
 */
#pragma once

#include "bank/bank.h"

G_BEGIN_DECLS

/* The index of a reference that is not there any more. */
#define WEIR_REFERENCE_GONE G_MAXUINT32

typedef struct _WeirBankMap WeirBankMap;

/* Both banks must outlive it. */
WeirBankMap *weir_bank_map_new (const WeirBank *from, const WeirBank *to);
void weir_bank_map_free (WeirBankMap *map);

/* The index in the new bank of the reference @index of the old one, or
 * WEIR_REFERENCE_GONE. */
guint32 weir_bank_map_get (WeirBankMap *map, guint32 index);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirBankMap, weir_bank_map_free)

G_END_DECLS
