/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether two banks have pictures in common. */
#pragma once

#include "bank/bank.h"

G_BEGIN_DECLS

/* Looks every video fingerprint of @other up in @bank, within @radius bits. TRUE
 * when one hits a reference that is not benign, which is put into @index.
 * Thread-safe. */
gboolean weir_bank_find_overlap (
    const WeirBank *bank, const WeirBank *other, guint radius, guint32 *index);

G_END_DECLS
