/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * JSON (RFC 8259) as a stream of events, each with the path to where it is, in
 * bounded memory: yajl, with bounds on depth and tokens. Several values after
 * one another are read as they come. Not thread-safe.
 */
#pragma once

#include "feed/import-private.h"

G_BEGIN_DECLS

/* Values within values; bytes of a key that count in a path; bytes of a value
 * that are handed on; bytes without an event after which a text is refused. */
#define WEIR_IMPORT_JSON_MAX_DEPTH 32
#define WEIR_IMPORT_JSON_MAX_KEY   63
#define WEIR_IMPORT_JSON_MAX_TEXT  4095
#define WEIR_IMPORT_JSON_MAX_TOKEN (1 << 20)

typedef enum {
  WEIR_IMPORT_JSON_STRING,
  WEIR_IMPORT_JSON_NUMBER,
  WEIR_IMPORT_JSON_TRUE,
  WEIR_IMPORT_JSON_FALSE,
  WEIR_IMPORT_JSON_NULL,
  WEIR_IMPORT_JSON_OBJECT, /* begins */
  WEIR_IMPORT_JSON_ARRAY,  /* begins */
  WEIR_IMPORT_JSON_END,    /* of an object or array */
} WeirImportJsonType;

/* Valid during the call alone. */
typedef struct {
  WeirImportJsonType type;
  /* Keys joined by dots, "[]" for "any element of": the tags of
   * {"data":[{"tags":["a"]}]} are at "data[].tags[]", the whole is at "". */
  const gchar *path;
  const gchar *key; /* the last piece of the path */
  guint depth;      /* objects and arrays around it */
  /* What a string says (cut off at WEIR_IMPORT_JSON_MAX_TEXT, a zero character
   * in it is '?'), a number as it is written, else "". */
  const gchar *text;
  guint64 line;
} WeirImportJsonEvent;

/* FALSE with an error ends the reading. */
typedef gboolean (*WeirImportJsonFunc) (
    const WeirImportJsonEvent *event, gpointer user_data, GError **error);

typedef struct _WeirImportJson WeirImportJson;

/* @importer must outlive it, and names the file in errors. @line is the number
 * of the first line. */
WeirImportJson *weir_import_json_new (WeirImporter *importer, guint64 line,
    WeirImportJsonFunc func, gpointer user_data);
void weir_import_json_free (WeirImportJson *json);

/* As weir_importer_push() and weir_importer_end_file(). */
gboolean weir_import_json_push (
    WeirImportJson *json, const gchar *data, gsize length, GError **error);
gboolean weir_import_json_end (WeirImportJson *json, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirImportJson, weir_import_json_free)

G_END_DECLS
