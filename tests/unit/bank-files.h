/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of banks share: a folder for each test, and small banks. */
#pragma once

#include "bank/bank-builder.h"
#include "bank/bank.h"

#define CREATED 1574380800

typedef struct {
  gchar *directory;
  gchar *path; /* of a bank in it, not there yet */
} BankFiles;

/* Each fails the test when it does. */
guint bank_files_count (const gchar *directory);
WeirReference bank_files_make_reference (const gchar *id);
guint32 bank_files_add_reference (WeirBankBuilder *builder, const gchar *id);
void bank_files_add_video (WeirBankBuilder *builder, guint32 index,
    const WeirPdqHash *hash, guint32 time);
void bank_files_add_audio (
    WeirBankBuilder *builder, guint32 index, guint32 key, guint32 time);
void bank_files_write (WeirBankBuilder *builder, const gchar *path);
WeirBank *bank_files_open (const gchar *path);
/* Appends every landmark of @key to @hits. */
void bank_files_look_up_key (const WeirBank *bank, guint32 key, GArray *hits);
/* A bank with something in every section, below 1.5 KiB. */
GBytes *bank_files_make_small (const BankFiles *fixture);
void bank_files_assert_one_line (const GError *error, const gchar *name);
void bank_files_add_test (
    const gchar *path, void (*test) (BankFiles *, gconstpointer));
void bank_files_add_data_test (const gchar *path, gconstpointer data,
    void (*test) (BankFiles *, gconstpointer));
