/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The importer: files in, records counted, pictures and videos out into a bank
 * builder. What a format looks like its reader alone knows.
 */
#include "feed/import.h"

#include "feed/import-private.h"

#include <string.h>

#define BYTE_ORDER_MARK "\xef\xbb\xbf"
#define N_BOM           3

/* Types of hash that are counted apart; bytes of a type's name. */
#define OTHER_TYPES_MAX   32
#define TYPE_NAME_MAX     40
#define OTHER_TYPES_EXTRA "other types"

/* For ids when a file's name is not fit for them. */
#define PLAIN_STEM "list"

G_DEFINE_QUARK (weir - import - error - quark, weir_import_error)

static const struct {
  const gchar *name;
  const WeirImportReader *reader;
} formats[WEIR_IMPORT_N_FORMATS] = {
  [WEIR_IMPORT_PDQ] = { "pdq", &weir_import_pdq_reader },
  [WEIR_IMPORT_VPDQ] = { "vpdq", &weir_import_vpdq_reader },
  [WEIR_IMPORT_THREATEXCHANGE] = { "threatexchange",
      &weir_import_threatexchange_reader },
  [WEIR_IMPORT_NCMEC] = { "ncmec", &weir_import_ncmec_reader },
  [WEIR_IMPORT_STOPNCII] = { "stopncii", &weir_import_stopncii_reader },
  [WEIR_IMPORT_TAT] = { "tat", &weir_import_tat_reader },
};

const gchar *
weir_import_format_to_string (WeirImportFormat format)
{
  g_return_val_if_fail ((guint) format < WEIR_IMPORT_N_FORMATS, "");

  return formats[format].name;
}

gboolean
weir_import_format_from_string (const gchar *string, WeirImportFormat *format)
{
  guint i;

  for (i = 0; i < WEIR_IMPORT_N_FORMATS; i++)
    if (g_strcmp0 (formats[i].name, string) == 0) {
      *format = (WeirImportFormat) i;
      return TRUE;
    }
  return FALSE;
}

WeirImporter *
weir_importer_new (WeirImportFormat format, const WeirImportSettings *settings,
    WeirBankBuilder *builder, WeirImportComplaintFunc complain,
    gpointer user_data)
{
  WeirImporter *importer;

  g_return_val_if_fail ((guint) format < WEIR_IMPORT_N_FORMATS, NULL);

  importer = g_new0 (WeirImporter, 1);
  importer->format = formats[format].reader;
  importer->settings = *settings;
  importer->builder = builder;
  importer->complain = complain;
  importer->user_data = user_data;
  importer->entries = weir_import_entries_new (format == WEIR_IMPORT_PDQ);
  importer->other_types =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return importer;
}

static void
close_file (WeirImporter *importer)
{
  g_clear_pointer (&importer->reader, importer->format->free);
  g_clear_pointer (&importer->name, g_free);
  g_clear_pointer (&importer->stem, g_free);
}

void
weir_importer_free (WeirImporter *importer)
{
  close_file (importer);
  weir_import_entries_free (importer->entries);
  g_hash_table_unref (importer->other_types);
  g_free (importer);
}

/* ---- What readers say ---- */

void
weir_importer_refuse (
    WeirImporter *importer, guint64 line, const gchar *format, ...)
{
  g_autofree gchar *text = NULL;
  g_autofree gchar *message = NULL;
  va_list arguments;

  importer->counts.bad++;
  if (!importer->complain)
    return;
  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  message = g_strdup_printf (
      "%s:%" G_GUINT64_FORMAT ": %s", importer->name, line, text);
  importer->complain (message, importer->user_data);
}

gboolean
weir_importer_break (WeirImporter *importer, GError **error,
    WeirImportError code, guint64 line, const gchar *format, ...)
{
  g_autofree gchar *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (error, WEIR_IMPORT_ERROR, code, "%s:%" G_GUINT64_FORMAT ": %s",
      importer->name, line, text);
  return FALSE;
}

/* A list may call a type anything: enough of it to know it by. */
static gchar *
make_type_name (const gchar *type)
{
  gchar *name = g_strndup (type, TYPE_NAME_MAX);
  gchar *end;

  for (end = name; *end; end++)
    if (!g_ascii_isgraph (*end))
      *end = '?';
  return name;
}

void
weir_importer_skip_type (WeirImporter *importer, const gchar *type)
{
  g_autofree gchar *name = make_type_name (type);
  guint64 *count = g_hash_table_lookup (importer->other_types, name);

  importer->counts.other_types++;
  if (!count &&
      g_hash_table_size (importer->other_types) >= OTHER_TYPES_MAX - 1) {
    g_free (name);
    name = g_strdup (OTHER_TYPES_EXTRA);
    count = g_hash_table_lookup (importer->other_types, name);
  }
  if (!count) {
    count = g_new0 (guint64, 1);
    g_hash_table_insert (importer->other_types, g_steal_pointer (&name), count);
  }
  (*count)++;
}

void
weir_importer_take (WeirImporter *importer, const WeirImportPicture *picture)
{
  if (picture->quality < WEIR_PDQ_MIN_QUALITY)
    importer->counts.low_quality++;
  else if (weir_import_entries_put (importer->entries, picture))
    importer->counts.duplicates++;
}

gboolean
weir_import_is_text (const gchar *text)
{
  const gchar *at;

  if (text[0] == '\0' || strlen (text) > WEIR_REFERENCE_MAX_TEXT ||
      !g_utf8_validate (text, -1, NULL))
    return FALSE;
  for (at = text; *at; at = g_utf8_next_char (at))
    if (g_unichar_iscntrl (g_utf8_get_char (at)))
      return FALSE;
  return TRUE;
}

gboolean
weir_import_is_stem (const gchar *text)
{
  return weir_import_is_text (text) && strlen (text) <= WEIR_IMPORT_MAX_STEM;
}

gboolean
weir_import_parse_count (const gchar *text, guint64 maximum, guint64 *number)
{
  return g_ascii_string_to_unsigned (text, 10, 0, maximum, number, NULL);
}

void
weir_importer_describe_reference (const WeirImporter *importer,
    const WeirImportPicture *picture, WeirReference *reference)
{
  const WeirImportSettings *settings = &importer->settings;
  const gchar *label = settings->label ? settings->label : picture->label;
  const gchar *source = settings->source ? settings->source : picture->source;

  *reference = (WeirReference){
    .id = picture->id,
    .family = settings->family ? settings->family : picture->id,
    .label = label ? label : "",
    .list = settings->list ? settings->list : "",
    .source = source ? source : "",
    .added = picture->added,
    .opinion = settings->has_opinion ? settings->opinion : picture->opinion,
    .max_action = settings->max_action,
    .not_before = settings->not_before,
    .not_after = settings->not_after,
    .benign = settings->benign,
  };
}

/* ---- Files ---- */

void
weir_importer_begin_file (
    WeirImporter *importer, const gchar *name, const gchar *stem)
{
  close_file (importer);
  importer->name = g_strdup (name);
  importer->stem = g_strdup (weir_import_is_stem (stem) ? stem : PLAIN_STEM);
  importer->n_bom = 0;
  importer->reader = importer->format->begin (importer);
}

/* Swallows a byte order mark at the beginning, be it in pieces. What only
 * looked like one is handed on. */
static gboolean
skip_byte_order_mark (
    WeirImporter *importer, const gchar **data, gsize *length, GError **error)
{
  guint n_seen;

  while (*length > 0 && importer->n_bom < N_BOM &&
         (*data)[0] == BYTE_ORDER_MARK[importer->n_bom]) {
    importer->n_bom++;
    (*data)++;
    (*length)--;
  }
  if (*length == 0 || importer->n_bom > N_BOM)
    return TRUE;
  n_seen = importer->n_bom;
  importer->n_bom = N_BOM + 1;
  return n_seen == N_BOM || importer->format->push (importer->reader,
                                BYTE_ORDER_MARK, n_seen, error);
}

gboolean
weir_importer_push (
    WeirImporter *importer, const gchar *data, gsize length, GError **error)
{
  g_return_val_if_fail (importer->reader != NULL, FALSE);

  if (!skip_byte_order_mark (importer, &data, &length, error))
    return FALSE;
  return length == 0 ||
         importer->format->push (importer->reader, data, length, error);
}

gboolean
weir_importer_end_file (WeirImporter *importer, GError **error)
{
  gboolean done = TRUE;

  g_return_val_if_fail (importer->reader != NULL, FALSE);

  if (importer->n_bom < N_BOM)
    done = importer->n_bom == 0 || importer->format->push (importer->reader,
                                       BYTE_ORDER_MARK, importer->n_bom, error);
  done = done && importer->format->end (importer->reader, error);
  close_file (importer);
  return done;
}

static gboolean
add_picture (
    const WeirImportPicture *picture, gpointer user_data, GError **error)
{
  WeirImporter *importer = user_data;
  WeirReference reference;
  guint32 index;

  weir_importer_describe_reference (importer, picture, &reference);
  if (!weir_bank_builder_add_reference (
          importer->builder, &reference, &index, error) ||
      !weir_bank_builder_add_video (importer->builder, index, &picture->hash,
          WEIR_VIEW_PLAIN, picture->quality, 0, error))
    return FALSE;
  importer->counts.references++;
  importer->counts.fingerprints++;
  return TRUE;
}

gboolean
weir_importer_finish (WeirImporter *importer, GError **error)
{
  return weir_import_entries_drain (
      importer->entries, add_picture, importer, error);
}

/* ---- Counts ---- */

const WeirImportCounts *
weir_importer_get_counts (const WeirImporter *importer)
{
  return &importer->counts;
}

static gint
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (a, b);
}

static void
append_count (GString *text, guint64 count, const gchar *what)
{
  if (count > 0)
    g_string_append_printf (text, "%s%" G_GUINT64_FORMAT " %s",
        text->len > 0 ? ", " : "", count, what);
}

static gchar *
describe_left_out (const WeirImporter *importer)
{
  const WeirImportCounts *counts = &importer->counts;
  GString *text = g_string_new (NULL);
  GList *names = g_list_sort (
      g_hash_table_get_keys (importer->other_types), compare_names);
  GList *name;

  append_count (text, counts->low_quality, "of low quality");
  append_count (text, counts->deleted, "deleted");
  append_count (text, counts->harmless, "harmless");
  append_count (text, counts->duplicates, "duplicate");
  for (name = names; name; name = name->next) {
    guint64 *count = g_hash_table_lookup (importer->other_types, name->data);

    append_count (text, *count, name->data);
  }
  append_count (text, counts->bad, "unreadable");
  g_list_free (names);
  return g_string_free (text, FALSE);
}

gchar *
weir_importer_describe (const WeirImporter *importer)
{
  const WeirImportCounts *counts = &importer->counts;
  g_autofree gchar *left_out = describe_left_out (importer);

  return g_strdup_printf ("%" G_GUINT64_FORMAT
                          " reference%s with %" G_GUINT64_FORMAT
                          " fingerprint%s%s%s",
      counts->references, counts->references == 1 ? "" : "s",
      counts->fingerprints, counts->fingerprints == 1 ? "" : "s",
      left_out[0] ? "; left out: " : "", left_out);
}
