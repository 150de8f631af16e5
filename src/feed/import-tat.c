/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Tech Against Terrorism: pages of the hash list, version 2
 * (app.terrorismanalytics.org, api/hash-list/v2).
 */
#include "feed/import-pages.h"

#include <string.h>

static void
on_value (WeirImportRecord *record, const gchar *path,
    const WeirImportJsonEvent *event, gpointer details)
{
  if (strcmp (path, "id") == 0)
    weir_import_record_set (record, id, event->text);
  else if (strcmp (path, "hash_digest") == 0)
    weir_import_record_set (record, hex, event->text);
  else if (strcmp (path, "algorithm") == 0)
    weir_import_record_set (record, type, event->text);
  else if (strcmp (path, "ideology") == 0)
    weir_import_record_set (record, label, event->text);
  else if (strcmp (path, "created_on") == 0)
    record->added = weir_import_parse_date (event->text);
  else if (strcmp (path, "updated_on") == 0 && record->added == 0)
    record->added = weir_import_parse_date (event->text);
  else if (strcmp (path, "deleted") == 0)
    record->deleted = event->type == WEIR_IMPORT_JSON_TRUE;
}

static const WeirImportPageFormat format = {
  .name = "tat",
  .records = "results",
  .type = "PDQ",
  .on_value = on_value,
};

static gpointer
begin (WeirImporter *importer)
{
  return weir_import_pages_begin (importer, &format);
}

const WeirImportReader weir_import_tat_reader = { begin, weir_import_pages_push,
  weir_import_pages_end, weir_import_pages_free };
