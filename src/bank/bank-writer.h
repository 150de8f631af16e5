/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Writes a bank file section by section: to a temporary file beside it,
 * synced, then renamed. Private to the bank's builder. Not thread-safe.
 */
#pragma once

#include "bank/bank-format.h"

G_BEGIN_DECLS

typedef struct _WeirBankWriter WeirBankWriter;

/* Puts all sections, as many as were announced. */
typedef void (*WeirBankPutSections) (
    WeirBankWriter *writer, gpointer user_data);

/* Writes the file @path with what @put_sections puts. 0, or errno and @path as
 * it was and no temporary file left behind. */
gint weir_bank_write_file (const gchar *path, gint64 created, guint n_sections,
    WeirBankPutSections put_sections, gpointer user_data);

/* Sections one after the other, each in any number of pieces. */
void weir_bank_writer_begin_section (
    WeirBankWriter *writer, WeirBankSectionType type);
void weir_bank_writer_put (
    WeirBankWriter *writer, gconstpointer data, gsize length);
void weir_bank_writer_end_section (WeirBankWriter *writer);

/* Writes one column of @entries as a section: @length bytes at @offset of
 * each. */
void weir_bank_writer_put_column (WeirBankWriter *writer,
    WeirBankSectionType type, const GArray *entries, gsize offset,
    gsize length);

G_END_DECLS
