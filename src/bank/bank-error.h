/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is said of a bank that is refused. Private to src/bank. Thread-safe.
 */
#pragma once

#include "bank/bank.h"

G_BEGIN_DECLS

/* @text made fit for a one-line message: valid UTF-8, '?' for each control
 * character. Free with g_free(). */
gchar *weir_bank_printable (const gchar *text);

/* Sets @error to "'name' " and the message; returns FALSE for the caller to
 * return. */
gboolean weir_bank_refuse (GError **error, WeirBankError code,
    const gchar *name, const gchar *format, ...) G_GNUC_PRINTF (4, 5);

/* The same for a file of which @what does not hold. */
gboolean weir_bank_refuse_damaged (
    GError **error, const gchar *name, const gchar *what);

G_END_DECLS
