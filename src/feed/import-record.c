/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Records of lists that tell their state.
 */
#include "feed/import-record.h"

#include <string.h>

/* Hexadecimal digits of a digest that stands for an id. */
#define DIGEST_DIGITS 16

void
weir_import_record_copy (gchar *field, gsize size, const gchar *text)
{
  if (g_strlcpy (field, text, size) >= size)
    field[0] = '\0';
}

gint64
weir_import_parse_date (const gchar *text)
{
  g_autoptr (GTimeZone) utc = NULL;
  g_autoptr (GDateTime) date = NULL;
  guint64 seconds;

  if (weir_import_parse_count (text, G_MAXINT64, &seconds))
    return (gint64) seconds;
  utc = g_time_zone_new_utc ();
  date = g_date_time_new_from_iso8601 (text, utc);
  return date ? MAX (g_date_time_to_unix (date), 0) : 0;
}

/* A hash is no id: ids turn up in messages, hashes must not. */
static gchar *
make_id (const gchar *name, const gchar *id, const WeirPdqHash *hash)
{
  g_autofree gchar *digest = NULL;

  if (weir_import_is_text (id))
    return g_strdup_printf ("%s-%s", name, id);
  digest = g_compute_checksum_for_data (
      G_CHECKSUM_SHA256, (const guchar *) hash, sizeof (*hash));
  return g_strdup_printf ("%s-%.*s", name, DIGEST_DIGITS, digest);
}

void
weir_importer_forget_record (
    WeirImporter *importer, const gchar *name, const gchar *id)
{
  const WeirPdqHash none = { { 0 } };
  g_autofree gchar *full_id = make_id (name, id, &none);

  weir_import_entries_remove (importer->entries, full_id);
}

static void
take_hash (WeirImporter *importer, const WeirImportRecord *record,
    const gchar *id, const WeirPdqHash *hash)
{
  const WeirImportPicture picture = {
    .id = id,
    .label = weir_import_is_text (record->label) ? record->label : NULL,
    .source = weir_import_is_text (record->source) ? record->source : NULL,
    .added = record->added,
    .opinion = record->opinion,
    .quality = WEIR_IMPORT_QUALITY_UNKNOWN,
    .hash = *hash,
  };

  weir_importer_take (importer, &picture);
}

void
weir_importer_take_record (WeirImporter *importer,
    const WeirImportRecord *record, const gchar *name, const gchar *type)
{
  gboolean goes = record->deleted || record->harmless;
  g_autofree gchar *id = NULL;
  WeirPdqHash hash;
  gboolean has_hash;

  if (record->type[0] == '\0') {
    weir_importer_refuse (importer, record->line,
        "record %" G_GUINT64_FORMAT
        " does not say what type of hash it has; tell whoever keeps the list",
        record->number);
    return;
  }
  if (strcmp (record->type, type) != 0) {
    weir_importer_skip_type (importer, record->type);
    return;
  }
  has_hash = weir_pdq_hash_from_hex (record->hex, &hash);
  if (!has_hash && !(goes && weir_import_is_text (record->id))) {
    weir_importer_refuse (importer, record->line,
        "record %" G_GUINT64_FORMAT
        " has no PDQ hash of %d hexadecimal digits; tell whoever keeps the "
        "list",
        record->number, WEIR_PDQ_HEX_LENGTH);
    return;
  }
  id = make_id (name, record->id, &hash);
  if (record->deleted)
    importer->counts.deleted++;
  else if (record->harmless)
    importer->counts.harmless++;
  if (goes)
    weir_import_entries_remove (importer->entries, id);
  else
    take_hash (importer, record, id, &hash);
}
