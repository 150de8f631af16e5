/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What holds a bank file together, whatever its sections say: the header, the
 * table, and that each section is where the table has it, as it was written.
 * See docs/bank-format.md. Private to src/bank. Thread-safe.
 */
#pragma once

#include "bank/bank-format.h"

G_BEGIN_DECLS

/* That the @size bytes from @header on, which @name stands for in messages, are
 * a bank of this version with every byte as it was written. FALSE with a
 * one-line @error of WEIR_BANK_ERROR. */
gboolean weir_bank_sections_check (const WeirBankHeader *header, gsize size,
    const gchar *name, GError **error);

/* Finds the one section of @type in a file that has been checked: @n @records
 * of @record_size bytes. FALSE with @error when it is missing, there twice, or
 * of no whole number of records. */
gboolean weir_bank_sections_find (const WeirBankHeader *header,
    WeirBankSectionType type, gsize record_size, gconstpointer *records,
    gsize *n, const gchar *name, GError **error);

/* Whether there is a section of @type. */
gboolean weir_bank_sections_have (
    const WeirBankHeader *header, WeirBankSectionType type);

G_END_DECLS
