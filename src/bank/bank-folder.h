/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Changes of a folder that is a bank, each whole or not at all for those who
 * read it; see docs/bank-format.md. One writer at a time.
 */
#pragma once

#include "bank/bank.h"

G_BEGIN_DECLS

typedef struct {
  gchar **add;      /* paths of bank files, which are copied; NULL-terminated */
  gchar **remove;   /* ids taken back first; NULL-terminated */
  gboolean replace; /* take back what is added, too, where it is there */
  gboolean instead; /* take back everything; files of it are deleted after */
} WeirBankChange;

/* Changes the bank @folder, which is made if there is none. FALSE with a
 * one-line @error of WEIR_BANK_ERROR, and the bank as it was: an id that is to
 * be removed is not there, one that is added is there already, a file cannot be
 * read or written, or there are too many. */
gboolean weir_bank_folder_change (
    const gchar *folder, const WeirBankChange *change, GError **error);

G_END_DECLS
