/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Banks made of other banks. Not thread-safe. */
#pragma once

#include "bank/bank-builder.h"

G_BEGIN_DECLS

/* Whether a reference goes into the new bank. */
typedef gboolean (*WeirBankKeepFunc) (
    const WeirReference *reference, gpointer user_data);

/* Adds the references of @bank that @keeps (NULL: all), with all their
 * fingerprints. What was taken back is left out. FALSE with a one-line @error
 * of WEIR_BANK_ERROR that names @bank when an id is there already or the new
 * bank is full; a part of @bank may have been added then. */
gboolean weir_bank_builder_add_bank (WeirBankBuilder *builder,
    const WeirBank *bank, WeirBankKeepFunc keeps, gpointer user_data,
    GError **error);

/* Changes what is said of a reference; what it points to must live until the
 * next call of it, or the end. */
typedef void (*WeirBankChangeFunc) (
    WeirReference *reference, gpointer user_data);

/* The same with all references, each as @changes makes it. */
gboolean weir_bank_builder_add_changed (WeirBankBuilder *builder,
    const WeirBank *bank, WeirBankChangeFunc changes, gpointer user_data,
    GError **error);

G_END_DECLS
