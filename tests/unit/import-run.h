/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A list through the importer, into a bank that can be looked at. */
#pragma once

#include "bank/bank.h"
#include "feed/import.h"

/* Hashes, as they are written. */
#define HEX_A "00000000000000000000000000000000000000000000000000000000000000aa"
#define HEX_B "f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0bb"
#define HEX_C "123456789abcdef00fedcba987654321123456789abcdef00fedcba9876543cc"

typedef struct {
  GPtrArray *complaints; /* gchar * */
  GError *error;         /* that ended a file */
  gchar *description;
  WeirImportCounts counts;
  WeirBank *bank;  /* NULL: nothing was taken */
  gboolean failed; /* a file did */
} ImportRun;

/* Imports the files of @texts (NULL-terminated) named "l1.txt", "l2.txt", ...
 * with the stems "l1", "l2", ...; in pieces of 1 and of 7 bytes and whole, and
 * checks that nothing depends on the pieces. @settings may be NULL: max_action
 * flag. */
ImportRun *import_run_texts (WeirImportFormat format,
    const WeirImportSettings *settings, const gchar *const *texts);

/* One file, of any bytes. */
ImportRun *import_run_bytes (WeirImportFormat format,
    const WeirImportSettings *settings, const gchar *data, gsize length);
#define import_run(format, text)                                               \
  import_run_bytes ((format), NULL, (text), strlen (text))

void import_run_free (ImportRun *run);

/* One complaint, and it says @text. */
void import_run_assert_complaint (ImportRun *run, const gchar *text);

/* The file was of no use, and the one-line reason says @text. */
void import_run_assert_broken (ImportRun *run, const gchar *text);

/* Nothing was complained of, and the counts are as @description says. */
void import_run_assert_fine (ImportRun *run, const gchar *description);

/* The reference with @id. */
WeirReference import_run_get (ImportRun *run, const gchar *id);

/* The bank has a fingerprint of reference @id at @time (ms) with hash @hex. */
void import_run_assert_video (
    ImportRun *run, const gchar *id, const gchar *hex, guint32 time);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ImportRun, import_run_free)
