/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * StopNCII: pages of FetchHashes (api.stopncii.org, v1). What people submit
 * about themselves, and mostly nobody reviewed: an opinion is never taken from
 * it. The states that mean "match this" are Received and Active; Withdrawn and
 * Deleted take a hash back, and so does whatever else there may come to be.
 */
#include "feed/import-pages.h"

#include <string.h>

static void
on_value (WeirImportRecord *record, const gchar *path,
    const WeirImportJsonEvent *event, gpointer details)
{
  if (strcmp (path, "hashValue") == 0)
    weir_import_record_set (record, hex, event->text);
  else if (strcmp (path, "signalType") == 0)
    weir_import_record_set (record, type, event->text);
  else if (strcmp (path, "lastModtimestamp") == 0)
    record->added = weir_import_parse_date (event->text);
  else if (strcmp (path, "hashStatus") == 0)
    record->deleted = g_ascii_strcasecmp (event->text, "Received") != 0 &&
                      g_ascii_strcasecmp (event->text, "Active") != 0;
}

static const WeirImportPageFormat format = {
  .name = "stopncii",
  .records = "hashRecords",
  .type = "ImagePDQ",
  .on_value = on_value,
};

static gpointer
begin (WeirImporter *importer)
{
  return weir_import_pages_begin (importer, &format);
}

const WeirImportReader weir_import_stopncii_reader = { begin,
  weir_import_pages_push, weir_import_pages_end, weir_import_pages_free };
