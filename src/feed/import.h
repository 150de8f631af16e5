/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Takes lists of hashes that others exchange into a bank: the bytes of one file
 * after the other, in pieces of any size, so that neither a file nor a line of
 * it is ever in memory whole. Not thread-safe.
 *
 * Only PDQ hashes are taken. A hash of a picture becomes a reference of its own
 * (duration 0, its one fingerprint at time 0), a vPDQ file one reference with a
 * fingerprint for each frame. What a list calls its hash (a picture's name, a
 * record's number) is the reference's id; a hash itself never is, since ids
 * turn up in messages.
 */
#pragma once

#include "bank/bank-builder.h"

G_BEGIN_DECLS

typedef enum {
  /* A hash a line, as the tools of PDQ write and read them (pdq/cpp/io,
   * pdqio.h and hashio.h, in facebook/ThreatExchange). */
  WEIR_IMPORT_PDQ,
  /* A frame a line, or JSON: vpdq/README and python-threatexchange's
   * extensions/vpdq in facebook/ThreatExchange. */
  WEIR_IMPORT_VPDQ,
  /* Pages of what the exchanges answer; import-threatexchange.c, import-ncmec.c,
   * import-stopncii.c and import-tat.c name the sources. A record that comes
   * again, in the same file or a later one, replaces the one before. */
  WEIR_IMPORT_THREATEXCHANGE,
  WEIR_IMPORT_NCMEC,
  WEIR_IMPORT_STOPNCII,
  WEIR_IMPORT_TAT,
  WEIR_IMPORT_N_FORMATS
} WeirImportFormat;

/* "pdq", "vpdq", "threatexchange", "ncmec", "stopncii", "tat". From a string: FALSE when it is none of them. */
const gchar *weir_import_format_to_string (WeirImportFormat format);
gboolean weir_import_format_from_string (
    const gchar *string, WeirImportFormat *format);

/* What is said of every reference instead of what the list says of it. The
 * strings are UTF-8 and stay the caller's, for as long as the importer is
 * used; NULL: what the list says, or nothing. */
typedef struct {
  const gchar *id;     /* pdq: in place of the file's stem; vpdq: of one file */
  const gchar *family; /* NULL: each reference's id */
  const gchar *label;
  const gchar *list;
  const gchar *source;
  WeirAction max_action;
  gboolean has_opinion; /* FALSE: what the list says, else unreviewed */
  WeirOpinion opinion;
  gint64 not_before; /* as in WeirReference */
  gint64 not_after;
  gboolean benign;
} WeirImportSettings;

/* Of all files so far. */
typedef struct {
  guint64 references; /* taken; of pictures known after the finish */
  guint64 fingerprints;
  guint64 low_quality; /* under WEIR_PDQ_MIN_QUALITY */
  guint64 other_types; /* of hash */
  guint64 deleted;     /* records that the list takes back */
  guint64 harmless;    /* records that the list says are no such content */
  guint64 duplicates;
  guint64 bad; /* lines or records that could not be read */
} WeirImportCounts;

/* Why a file is of no use. */
typedef enum {
  WEIR_IMPORT_ERROR_BROKEN, /* it is not in the format, or cut short */
  WEIR_IMPORT_ERROR_LIMIT,  /* more than can be taken */
} WeirImportError;

#define WEIR_IMPORT_ERROR (weir_import_error_quark ())
GQuark weir_import_error_quark (void);

/* Called for each line or record that could not be read: one line of text that
 * names the file and the line, and says what to do. */
typedef void (*WeirImportComplaintFunc) (
    const gchar *message, gpointer user_data);

typedef struct _WeirImporter WeirImporter;

/* @builder stays the caller's and must outlive the importer. @complain may be
 * NULL. */
WeirImporter *weir_importer_new (WeirImportFormat format,
    const WeirImportSettings *settings, WeirBankBuilder *builder,
    WeirImportComplaintFunc complain, gpointer user_data);
void weir_importer_free (WeirImporter *importer);

/* Begins a file. @name stands for it in messages; @stem begins the ids of what
 * has none in the list. */
void weir_importer_begin_file (
    WeirImporter *importer, const gchar *name, const gchar *stem);

/* Reads on. FALSE with a one-line @error of WEIR_IMPORT_ERROR that names file
 * and line when what follows in the file is of no use: its end need not be
 * told then. */
gboolean weir_importer_push (
    WeirImporter *importer, const gchar *data, gsize length, GError **error);

/* The file ends here. As weir_importer_push(). */
gboolean weir_importer_end_file (WeirImporter *importer, GError **error);

/* Adds what was taken to the builder, after the last file. To be called once.
 * FALSE with @error (of WEIR_BANK_ERROR) when the bank cannot hold it. */
gboolean weir_importer_finish (WeirImporter *importer, GError **error);

const WeirImportCounts *weir_importer_get_counts (const WeirImporter *importer);

/* The counts as a line of text: "3 references with 3 fingerprints; left out: 1
 * deleted, 2 HASH_MD5". Free with g_free(). */
gchar *weir_importer_describe (const WeirImporter *importer);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirImporter, weir_importer_free)

G_END_DECLS
