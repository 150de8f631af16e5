/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Shows that the records of a bank file lead nowhere but into it. Private to
 * src/bank.
 */
#pragma once

#include "bank/segment.h"

G_BEGIN_DECLS

/* That every record of @segment, whose sections have been found, holds. FALSE
 * with a one-line @error of WEIR_BANK_ERROR. */
gboolean weir_bank_segment_check (
    const WeirBankSegment *segment, const gchar *name, GError **error);

G_END_DECLS
