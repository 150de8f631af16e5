/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Meta's ThreatExchange: pages of threat_updates (developers.facebook.com,
 * ThreatExchange API reference, "threat_updates"; the fields are those that
 * python-threatexchange asks for). A record is an indicator with what each
 * member says of it, its descriptors; one without any is not to be used.
 */
#include "feed/import-pages.h"

#include <string.h>

typedef struct {
  gboolean has_descriptors;
  gboolean is_malicious, is_harmless, is_other; /* to some member */
  gboolean is_disagreed;
} Opinions;

static void
add_status (Opinions *opinions, const gchar *status)
{
  if (strcmp (status, "MALICIOUS") == 0)
    opinions->is_malicious = TRUE;
  else if (strcmp (status, "NON_MALICIOUS") == 0)
    opinions->is_harmless = TRUE;
  else
    opinions->is_other = TRUE;
}

/* Of several members and tags the first are kept. */
static void
on_descriptor (WeirImportRecord *record, const gchar *path,
    const WeirImportJsonEvent *event, Opinions *opinions)
{
  if (path[0] == '\0' && event->type == WEIR_IMPORT_JSON_OBJECT)
    opinions->has_descriptors = TRUE;
  else if (strcmp (path, ".status") == 0)
    add_status (opinions, event->text);
  else if (record->label[0] == '\0' && event->type == WEIR_IMPORT_JSON_STRING &&
           (strcmp (path, ".tags[]") == 0 ||
               strcmp (path, ".tags.data[].text") == 0))
    weir_import_record_set (record, label, event->text);
  else if (strcmp (path, ".reactions[].key") == 0 &&
           strcmp (event->text, "DISAGREE_WITH_TAGS") == 0)
    opinions->is_disagreed = TRUE;
  else if (strcmp (path, ".owner.id") == 0 && record->source[0] == '\0')
    weir_import_record_set (record, source, event->text);
}

static void
on_value (WeirImportRecord *record, const gchar *path,
    const WeirImportJsonEvent *event, gpointer details)
{
  static const gchar descriptors[] = "descriptors.data[]";

  if (strcmp (path, "id") == 0)
    weir_import_record_set (record, id, event->text);
  else if (strcmp (path, "indicator") == 0)
    weir_import_record_set (record, hex, event->text);
  else if (strcmp (path, "type") == 0)
    weir_import_record_set (record, type, event->text);
  else if (strcmp (path, "last_updated") == 0)
    record->added = weir_import_parse_date (event->text);
  else if (strcmp (path, "should_delete") == 0)
    record->deleted = event->type == WEIR_IMPORT_JSON_TRUE;
  else if (g_str_has_prefix (path, descriptors))
    on_descriptor (record, path + strlen (descriptors), event, details);
}

static void
on_end (WeirImportRecord *record, gpointer details)
{
  const Opinions *opinions = details;

  if (!opinions->has_descriptors)
    record->deleted = TRUE;
  else if (opinions->is_harmless && !opinions->is_malicious &&
           !opinions->is_other)
    record->harmless = TRUE;
  else if (opinions->is_harmless || opinions->is_disagreed)
    record->opinion = WEIR_OPINION_DISPUTED;
  else if (opinions->is_malicious)
    record->opinion = WEIR_OPINION_CONFIRMED;
}

static const WeirImportPageFormat format = {
  .name = "threatexchange",
  .records = "data",
  .type = "HASH_PDQ",
  .details_size = sizeof (Opinions),
  .on_value = on_value,
  .on_end = on_end,
};

static gpointer
begin (WeirImporter *importer)
{
  return weir_import_pages_begin (importer, &format);
}

const WeirImportReader weir_import_threatexchange_reader = { begin,
  weir_import_pages_push, weir_import_pages_end, weir_import_pages_free };
