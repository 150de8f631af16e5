/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the readers of the formats share.
 */
#pragma once

#include "feed/import-entries.h"
#include "feed/import.h"

G_BEGIN_DECLS

/* The quality of a hash whose list does not state one. */
#define WEIR_IMPORT_QUALITY_UNKNOWN 100

/* Longest beginning of ids, in bytes. */
#define WEIR_IMPORT_MAX_STEM 200

/* A format: what reads one file of it. The functions are as those of the
 * importer; free is called after any of them. */
typedef struct {
  gpointer (*begin) (WeirImporter *importer);
  gboolean (*push) (
      gpointer reader, const gchar *data, gsize length, GError **error);
  gboolean (*end) (gpointer reader, GError **error);
  void (*free) (gpointer reader);
} WeirImportReader;

extern const WeirImportReader weir_import_pdq_reader;
extern const WeirImportReader weir_import_vpdq_reader;
extern const WeirImportReader weir_import_threatexchange_reader;
extern const WeirImportReader weir_import_ncmec_reader;
extern const WeirImportReader weir_import_stopncii_reader;
extern const WeirImportReader weir_import_tat_reader;

struct _WeirImporter {
  const WeirImportReader *format;
  WeirImportSettings settings;
  WeirBankBuilder *builder;
  WeirImportComplaintFunc complain;
  gpointer user_data;
  gchar *name, *stem;         /* of the file that is read */
  gpointer reader;            /* of that file */
  guint n_bom;                /* bytes of a byte order mark seen so far */
  WeirImportEntries *entries; /* pictures */
  WeirImportCounts counts;
  GHashTable *other_types; /* name -> how many, as guint */
};

/* Counts a line or record that cannot be read and complains of it: "NAME:LINE:
 * " and the text, which says what is wrong and what to do, and holds nothing of
 * the file that is not fit to print. */
void weir_importer_refuse (WeirImporter *importer, guint64 line,
    const gchar *format, ...) G_GNUC_PRINTF (3, 4);

/* Sets @error to "NAME:LINE: " and the text; returns FALSE. */
gboolean weir_importer_break (WeirImporter *importer, GError **error,
    WeirImportError code, guint64 line, const gchar *format, ...)
    G_GNUC_PRINTF (5, 6);

/* Counts a hash of a type that is not taken. */
void weir_importer_skip_type (WeirImporter *importer, const gchar *type);

/* Takes a picture, unless its quality is too low; counts all. */
void weir_importer_take (
    WeirImporter *importer, const WeirImportPicture *picture);

/* Whether @text can be an id, a label or a source: not empty, not too long,
 * UTF-8 that can be printed on a line. */
gboolean weir_import_is_text (const gchar *text);

/* Whether it is short enough, too, to become an id by a number after it. */
gboolean weir_import_is_stem (const gchar *text);

/* Reads an integer from 0 to @maximum, decimal digits alone. */
gboolean weir_import_parse_count (
    const gchar *text, guint64 maximum, guint64 *number);

/* Fills a reference with what is the same for all: by the settings, else by
 * @label, @source and @opinion. The strings are not copied. */
void weir_importer_describe_reference (const WeirImporter *importer,
    const WeirImportPicture *picture, WeirReference *reference);

G_END_DECLS
