/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Pages of JSON that hold an array of records. The array may also stand alone,
 * as tools cut it out.
 */
#include "feed/import-pages.h"

#include <string.h>

typedef struct {
  WeirImporter *importer;
  const WeirImportPageFormat *format;
  WeirImportJson *json;
  WeirImportRecord record;
  gpointer details;
  gboolean has_records; /* the array was there */
  gboolean in_record;
  guint64 n_records;
} Reader;

/* What is left of @path after the array of records: "" is one of them. NULL
 * when it leads elsewhere. */
static const gchar *
skip_records (const Reader *reader, const gchar *path)
{
  const gchar *records = reader->format->records;

  if (g_str_has_prefix (path, records))
    path += strlen (records);
  return g_str_has_prefix (path, "[]") ? path + strlen ("[]") : NULL;
}

static void
begin_record (Reader *reader, const WeirImportJsonEvent *event)
{
  reader->record = (WeirImportRecord){
    .line = event->line,
    .number = ++reader->n_records,
    .opinion = WEIR_OPINION_UNREVIEWED,
  };
  memset (reader->details, 0, reader->format->details_size);
  reader->in_record = event->type == WEIR_IMPORT_JSON_OBJECT;
  if (!reader->in_record)
    weir_importer_refuse (reader->importer, event->line,
        "record %" G_GUINT64_FORMAT
        " is no object; tell whoever keeps the list",
        reader->n_records);
}

static void
end_record (Reader *reader)
{
  if (!reader->in_record)
    return;
  reader->in_record = FALSE;
  if (reader->format->on_end)
    reader->format->on_end (&reader->record, reader->details);
  weir_importer_take_record (reader->importer, &reader->record,
      reader->format->name, reader->format->type);
}

static gboolean
on_event (const WeirImportJsonEvent *event, gpointer user_data, GError **error)
{
  Reader *reader = user_data;
  const gchar *path = skip_records (reader, event->path);

  if (event->type == WEIR_IMPORT_JSON_ARRAY &&
      (event->path[0] == '\0' ||
          strcmp (event->path, reader->format->records) == 0))
    reader->has_records = TRUE;
  if (!path)
    return TRUE;
  if (path[0] != '\0') {
    if (reader->in_record && path[0] == '.')
      reader->format->on_value (
          &reader->record, path + 1, event, reader->details);
  } else if (event->type == WEIR_IMPORT_JSON_END) {
    end_record (reader);
  } else {
    begin_record (reader, event);
  }
  return TRUE;
}

gpointer
weir_import_pages_begin (
    WeirImporter *importer, const WeirImportPageFormat *format)
{
  Reader *reader = g_new0 (Reader, 1);

  reader->importer = importer;
  reader->format = format;
  reader->details = g_malloc0 (MAX (format->details_size, 1));
  reader->json = weir_import_json_new (importer, 1, on_event, reader);
  return reader;
}

gboolean
weir_import_pages_push (
    gpointer user_data, const gchar *data, gsize length, GError **error)
{
  Reader *reader = user_data;

  return weir_import_json_push (reader->json, data, length, error);
}

gboolean
weir_import_pages_end (gpointer user_data, GError **error)
{
  Reader *reader = user_data;

  if (!weir_import_json_end (reader->json, error))
    return FALSE;
  return reader->has_records ||
         weir_importer_break (reader->importer, error, WEIR_IMPORT_ERROR_BROKEN,
             1,
             "there is no array \"%s\" in it; is this a list of the format %s?",
             reader->format->records, reader->format->name);
}

void
weir_import_pages_free (gpointer user_data)
{
  Reader *reader = user_data;

  weir_import_json_free (reader->json);
  g_free (reader->details);
  g_free (reader);
}
