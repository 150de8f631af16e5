/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One record of a list that tells the state of its records, and tells it anew
 * when it changes: ThreatExchange, NCMEC, StopNCII, Tech Against Terrorism. The
 * last state counts.
 */
#pragma once

#include "feed/import-private.h"

G_BEGIN_DECLS

#define WEIR_IMPORT_RECORD_MAX_ID 127

/* Filled field by field; a text that does not fit is left empty. */
typedef struct {
  guint64 line;   /* where it begins */
  guint64 number; /* in its file, from 1 */
  gchar id[WEIR_IMPORT_RECORD_MAX_ID + 1];
  gchar type[64]; /* of hash */
  gchar hex[WEIR_PDQ_HEX_LENGTH + 2];
  gchar label[WEIR_REFERENCE_MAX_TEXT + 1];
  gchar source[WEIR_REFERENCE_MAX_TEXT + 1];
  gint64 added;      /* seconds since 1970, 0: not known */
  gboolean deleted;  /* taken back */
  gboolean harmless; /* said to be no such content, by all who said anything */
  WeirOpinion opinion;
} WeirImportRecord;

/* Copies @text to @field of @size bytes if it fits. */
#define weir_import_record_set(record, field, text)                            \
  weir_import_record_copy ((record)->field, sizeof ((record)->field), (text))
void weir_import_record_copy (gchar *field, gsize size, const gchar *text);

/* Seconds since 1970 of a number of them or a date (ISO 8601); 0: neither. */
gint64 weir_import_parse_date (const gchar *text);

/* Takes in what @record says. @type is what the list calls PDQ; a record of
 * another type is counted as such. @name begins the ids: NAME-ID, or NAME and
 * a digest of the hash where records have no id. */
void weir_importer_take_record (WeirImporter *importer,
    const WeirImportRecord *record, const gchar *name, const gchar *type);

/* Forgets the record with @id, if it is known. */
void weir_importer_forget_record (
    WeirImporter *importer, const gchar *name, const gchar *id);

G_END_DECLS
