/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Landmarks in the order of a bank file: by key, and where the keys begin that
 * have the same upper bits; and the blocks that their times are in. Private to
 * the bank's builder.
 */
#pragma once

#include "bank/bank-format.h"
#include "bank/bank-writer.h"

G_BEGIN_DECLS

/* One as it lies in memory until it is written, column by column. */
typedef struct {
  guint32 key;
  guint32 reference;
  guint32 time; /* ms */
} WeirAudioEntry;

/* Sorts @entries, an array of WeirAudioEntry, by key, reference, then time. */
void weir_audio_order_sort (GArray *entries);

/* Where the keys of the sorted @entries begin whose upper bits are 0, 1, ...,
 * and where they end: guint32, for so many bits as bank-format.h says
 * (WEIR_BANK_AUDIO_START_BITS). Free with g_array_unref(). */
GArray *weir_audio_order_get_starts (const GArray *entries);

/* The blocks that @entries, in any order, are in, in ascending order:
 * WeirBankAudioBlock. Free with g_array_unref(). */
GArray *weir_audio_order_get_blocks (const GArray *entries);

/* Writes the section of the postings of the sorted @entries, whose blocks are
 * @blocks. */
void weir_audio_order_put_postings (
    WeirBankWriter *writer, const GArray *entries, const GArray *blocks);

G_END_DECLS
