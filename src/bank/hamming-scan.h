/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * All hashes within a radius by looking at each: for few hashes, and for radii
 * that no table was built for. Private to the index.
 */
#pragma once

#include "bank/index.h"

G_BEGIN_DECLS

/* Calls @found for each of the @n_hashes hashes from number @first on that is
 * at most @radius bits from @query, in their order; @query_number is passed
 * on. Thread-safe; allocates nothing. */
void weir_hamming_scan (const WeirPdqHash *hashes, guint32 first,
    guint32 n_hashes, const WeirPdqHash *query, guint query_number,
    guint radius, WeirVideoIndexFound found, gpointer user_data);

G_END_DECLS
