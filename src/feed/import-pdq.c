/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lists of PDQ hashes of pictures, one a line, in the forms that the tools of
 * facebook/ThreatExchange write: the bare hash; a hash, a comma and a name or
 * a remark (pdq/cpp/io/hashio.h); hash=...,norm=...,delta=...,quality=...,
 * filename=... (pdq-photo-hasher); a type, a blank and a hash of that type (the
 * local file of python-threatexchange).
 */
#include "feed/import-lines.h"
#include "feed/import-private.h"

#include <string.h>

#define HASH_KEY     "hash="
#define FILENAME_KEY "filename="

typedef struct {
  WeirImporter *importer;
  WeirImportLines lines;
  guint64 line;
} Reader;

/* The types of hash that python-threatexchange has, but for PDQ itself: other
 * words at the beginning of a line are a mistake. */
static const gchar *const other_types[] = { "clip", "md5", "pdq_ocr",
  "photodna", "raw_text", "sha1", "sha256", "text_tlsh", "tmk", "tmk_pdqf",
  "trend_query", "url", "url_md5", "video_md5", "vpdq", NULL };

/* An id that no other picture has. */
static gchar *
make_id (Reader *reader, const gchar *name)
{
  WeirImporter *importer = reader->importer;
  const gchar *stem =
      importer->settings.id ? importer->settings.id : importer->stem;
  g_autofree gchar *numbered = NULL;
  g_autofree gchar *id = NULL;
  guint i;

  if (name && weir_import_is_text (name)) {
    if (!weir_import_entries_has_id (importer->entries, name))
      return g_strdup (name);
    if (weir_import_is_stem (name))
      stem = name;
  }
  numbered = g_strdup_printf ("%s-%" G_GUINT64_FORMAT, stem, reader->line);
  id = g_strdup (numbered);
  for (i = 2; weir_import_entries_has_id (importer->entries, id); i++) {
    g_free (id);
    id = g_strdup_printf ("%s-%u", numbered, i);
  }
  return g_steal_pointer (&id);
}

static void
take (Reader *reader, const gchar *hex, const gchar *name, guint quality)
{
  WeirImporter *importer = reader->importer;
  g_autofree gchar *id = NULL;
  WeirImportPicture picture = { .quality = quality };

  if (!weir_pdq_hash_from_hex (hex, &picture.hash)) {
    weir_importer_refuse (importer, reader->line,
        "there is no PDQ hash, which has %d hexadecimal digits; correct the "
        "line or take it out",
        WEIR_PDQ_HEX_LENGTH);
    return;
  }
  if (weir_import_entries_has_hash (importer->entries, &picture.hash)) {
    importer->counts.duplicates++;
    return;
  }
  id = make_id (reader, name);
  picture.id = id;
  weir_importer_take (importer, &picture);
}

/* hash=HEX,norm=N,delta=N,quality=N,filename=NAME; a name may hold commas. */
static void
read_pairs (Reader *reader, gchar *text)
{
  gchar *name = strstr (text, "," FILENAME_KEY);
  guint64 quality = WEIR_IMPORT_QUALITY_UNKNOWN;
  g_auto (GStrv) pairs = NULL;
  guint i;

  if (name) {
    *name = '\0';
    name += strlen ("," FILENAME_KEY);
  }
  pairs = g_strsplit (text, ",", -1);
  for (i = 1; pairs[i]; i++)
    if (g_str_has_prefix (pairs[i], "quality=") &&
        !weir_import_parse_count (strchr (pairs[i], '=') + 1, 100, &quality)) {
      weir_importer_refuse (reader->importer, reader->line,
          "the quality is no number from 0 to 100; correct the line");
      return;
    }
  take (reader, pairs[0] + strlen (HASH_KEY), name, (guint) quality);
}

/* HEX or HEX,NAME */
static void
read_hash (Reader *reader, gchar *text)
{
  gchar *comma = strchr (text, ',');

  if (comma)
    *comma++ = '\0';
  take (reader, g_strchomp (text), comma ? g_strstrip (comma) : NULL,
      WEIR_IMPORT_QUALITY_UNKNOWN);
}

/* TYPE HASH; TRUE unless it is PDQ or no type at all. */
static gboolean
skip_other_type (Reader *reader, const gchar *text, gsize length)
{
  g_autofree gchar *type = g_ascii_strdown (text, (gssize) length);

  if (!g_strv_contains (other_types, type))
    return FALSE;
  weir_importer_skip_type (reader->importer, type);
  return TRUE;
}

static gboolean
on_line (WeirImportLineState state, gchar *text, guint64 number,
    gpointer user_data, GError **error)
{
  Reader *reader = user_data;
  gsize word = strcspn (text, " \t");

  reader->line = number;
  if (state == WEIR_IMPORT_LINE_LONG)
    weir_importer_refuse (reader->importer, number,
        "the line is longer than %d bytes; is this a list of hashes?",
        WEIR_IMPORT_MAX_LINE);
  else if (state == WEIR_IMPORT_LINE_BINARY)
    weir_importer_refuse (reader->importer, number,
        "the line has a zero byte; is this a list of hashes, as UTF-8?");
  else if (text[0] == '\0' || text[0] == '#')
    return TRUE;
  else if (g_str_has_prefix (text, HASH_KEY))
    read_pairs (reader, text);
  else if (word == strlen ("pdq") &&
           g_ascii_strncasecmp (text, "pdq", word) == 0)
    read_hash (reader, g_strchug (text + word));
  else if (!skip_other_type (reader, text, word))
    read_hash (reader, text);
  return TRUE;
}

static gpointer
begin (WeirImporter *importer)
{
  Reader *reader = g_new0 (Reader, 1);

  reader->importer = importer;
  weir_import_lines_init (&reader->lines);
  return reader;
}

static gboolean
push (gpointer user_data, const gchar *data, gsize length, GError **error)
{
  Reader *reader = user_data;

  return weir_import_lines_push (
      &reader->lines, data, length, on_line, reader, error);
}

static gboolean
end (gpointer user_data, GError **error)
{
  Reader *reader = user_data;

  return weir_import_lines_end (&reader->lines, on_line, reader, error);
}

static void
free_reader (gpointer user_data)
{
  Reader *reader = user_data;

  weir_import_lines_clear (&reader->lines);
  g_free (reader);
}

const WeirImportReader weir_import_pdq_reader = { begin, push, end,
  free_reader };
