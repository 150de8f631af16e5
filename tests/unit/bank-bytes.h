/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bank files in memory, to be changed and opened again. */
#pragma once

#include "bank/bank-format.h"

/* Fails the test unless the bytes are refused for that reason, in one line. */
void bank_bytes_assert_refused (
    const guint8 *data, gsize size, WeirBankError code);
void bank_bytes_assert_accepted (const guint8 *data, gsize size);

/* The table of sections. */
WeirBankSection *bank_bytes_get_sections (guint8 *data);

/* Makes the checksum of the header hold again, or every one in the file. */
void bank_bytes_repair_header (guint8 *data);
void bank_bytes_repair (guint8 *data);
