/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Pages of JSON that hold an array of records: what the lists that come so have
 * in common.
 */
#pragma once

#include "feed/import-json.h"
#include "feed/import-record.h"

G_BEGIN_DECLS

typedef struct _WeirImportPages WeirImportPages;

/* One kind of list. */
typedef struct {
  const gchar *name;    /* of the format; ids begin with it */
  const gchar *records; /* the key of the array in the page's object */
  const gchar *type;    /* what the list calls PDQ */
  gsize details_size;   /* bytes of what the functions keep for a record */

  /* A value of the record; @path is from the record on. @details are zeros
   * when the record begins. */
  void (*on_value) (WeirImportRecord *record, const gchar *path,
      const WeirImportJsonEvent *event, gpointer details);
  /* The record ends; NULL: nothing to do. */
  void (*on_end) (WeirImportRecord *record, gpointer details);
} WeirImportPageFormat;

/* The functions of a WeirImportReader, but for its begin. */
gpointer weir_import_pages_begin (
    WeirImporter *importer, const WeirImportPageFormat *format);
gboolean weir_import_pages_push (
    gpointer reader, const gchar *data, gsize length, GError **error);
gboolean weir_import_pages_end (gpointer reader, GError **error);
void weir_import_pages_free (gpointer reader);

G_END_DECLS
