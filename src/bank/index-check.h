/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Takes an index as it lies in a bank file, after showing that nothing that a
 * lookup follows leads out of it. Private to the bank.
 */
#pragma once

#include "bank/bank-format.h"
#include "bank/index.h"

G_BEGIN_DECLS

/* Adds the next @record to the parts of @index, whose hashes are set; its
 * tables must be added before the next. FALSE when it does not fit. */
gboolean weir_video_index_add_part (
    WeirVideoIndex *index, const WeirBankVideoPart *record);

/* Adds the section of @length bytes at @section, the next table of the last
 * part. It lies at a multiple of 64 bytes from the base of @index, and must
 * live as long as it. FALSE when the table does not hold together. */
gboolean weir_video_index_add_table (
    WeirVideoIndex *index, gconstpointer section, gsize length);

/* Whether all hashes are in a part, and the chunks of each part make a plan. */
gboolean weir_video_index_is_complete (const WeirVideoIndex *index);

G_END_DECLS
