/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A bank file mapped into memory, and whether it is still the same. Private to
 * src/bank and its tests. Thread-safe.
 */
#pragma once

#include <glib.h>
#include <sys/stat.h>

G_BEGIN_DECLS

/* A file as it was when it was opened: the same of all, the same content. */
typedef struct {
  dev_t device;
  ino_t inode;
  off_t size; /* bytes */
  struct timespec modified;
  struct timespec changed;
} WeirBankIdentity;

/* Maps the regular file @name and says in @identity, unless that is NULL, which
 * it is; NULL with a one-line @error of WEIR_BANK_ERROR. Free with
 * g_bytes_unref(). */
GBytes *weir_bank_map_file (
    const gchar *name, WeirBankIdentity *identity, GError **error);

G_END_DECLS
