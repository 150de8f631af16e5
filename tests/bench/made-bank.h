/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Banks of made-up hashes, see ../unit/hash-data.h. */
#pragma once

#include <glib.h>

/* Hashes of a reference, at most. */
#define MADE_BANK_WORK 300

/* Writes the bank @path of @n_hashes hashes that differ with @seed, and so do
 * the ids. Ends the program, with a message, when it cannot. */
void made_bank_write (const gchar *path, guint64 seed, guint n_hashes);
