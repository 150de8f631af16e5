/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * NCMEC's hash sharing, version 2: pages of XML of the entries of images and
 * videos with their fingerprints (report.cybertip.org/hashsharing/v2, entries).
 * libxml2 reads it as it comes and keeps no tree; its own bounds hold (10 MB
 * for a text). A document type is refused: it could only define entities.
 */
#include "feed/import-record.h"

#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <string.h>

#define NAME "ncmec"
#define TYPE "pdq"

/* Elements within elements; entries are at the third level. */
#define DEPTH_MAX   32
#define DEPTH_ENTRY 3

/* A piece that libxml2's lengths, which are int, hold. */
#define PIECE_MAX (1 << 20)

typedef enum { PART_NONE, PART_FINGERPRINTS, PART_FEEDBACK } Part;

typedef struct {
  WeirImporter *importer;
  xmlParserCtxtPtr parser;
  GError **error; /* of the push that is under way */
  gboolean failed;
  gboolean is_whole; /* the outermost element has ended */
  guint depth;
  guint64 n_entries;
  gboolean in_entry;
  Part part; /* of the entry */
  WeirImportRecord record;
  gchar entry[WEIR_IMPORT_RECORD_MAX_ID + 1];
  gchar member[WEIR_IMPORT_RECORD_MAX_ID + 1];
  gboolean is_affirmed, is_denied;
  gchar text[WEIR_REFERENCE_MAX_TEXT + 1]; /* of the element so far */
  gsize length; /* of the text, that which does not fit counted, too */
} Reader;

static guint64
get_line (const Reader *reader)
{
  return (guint64) MAX (xmlSAX2GetLineNumber (reader->parser), 1);
}

static void
stop (Reader *reader, WeirImportError code, const gchar *reason)
{
  if (reader->failed)
    return;
  reader->failed = TRUE;
  weir_importer_break (
      reader->importer, reader->error, code, get_line (reader), "%s", reason);
  xmlStopParser (reader->parser);
}

/* ---- Entries ---- */

static gboolean
is_entry (const gchar *name)
{
  return strcmp (name, "image") == 0 || strcmp (name, "video") == 0 ||
         strcmp (name, "deletedImage") == 0 ||
         strcmp (name, "deletedVideo") == 0;
}

static void
begin_entry (Reader *reader, const gchar *name)
{
  reader->in_entry = TRUE;
  reader->part = PART_NONE;
  reader->is_affirmed = reader->is_denied = FALSE;
  reader->entry[0] = reader->member[0] = '\0';
  reader->record = (WeirImportRecord){
    .line = get_line (reader),
    .number = ++reader->n_entries,
    .type = TYPE,
    .deleted = g_str_has_prefix (name, "deleted"),
  };
}

/* An entry tells all its fingerprints: without this one, it has it no more. */
static void
end_entry (Reader *reader)
{
  WeirImportRecord *record = &reader->record;
  g_autofree gchar *id =
      reader->member[0] && reader->entry[0]
          ? g_strdup_printf ("%s-%s", reader->member, reader->entry)
          : g_strdup (reader->entry);

  reader->in_entry = FALSE;
  weir_import_record_set (record, id, id);
  if (reader->is_denied)
    record->opinion = WEIR_OPINION_DISPUTED;
  else if (reader->is_affirmed)
    record->opinion = WEIR_OPINION_CONFIRMED;
  if (!weir_import_is_text (record->id))
    weir_importer_refuse (reader->importer, record->line,
        "entry %" G_GUINT64_FORMAT " has no id; tell whoever keeps the list",
        record->number);
  else if (record->deleted || record->hex[0] != '\0')
    weir_importer_take_record (reader->importer, record, NAME, TYPE);
  else
    weir_importer_forget_record (reader->importer, NAME, record->id);
}

/* The value of the attribute @name, which has no namespace, into @value. */
static void
get_attribute (const xmlChar **attributes, int n_attributes, const gchar *name,
    gchar *value, gsize size)
{
  int i;

  value[0] = '\0';
  for (i = 0; i < n_attributes; i++, attributes += 5) {
    gsize length = (gsize) (attributes[4] - attributes[3]);

    if (strcmp ((const gchar *) attributes[0], name) != 0 || length >= size)
      continue;
    memcpy (value, attributes[3], length);
    value[length] = '\0';
  }
}

static void
begin_part (Reader *reader, const gchar *name, const xmlChar **attributes,
    int n_attributes)
{
  gchar type[sizeof (TYPE) + 1];

  if (reader->depth == DEPTH_ENTRY + 1) {
    reader->part = strcmp (name, "fingerprints") == 0 ? PART_FINGERPRINTS
                   : strcmp (name, "feedback") == 0   ? PART_FEEDBACK
                                                      : PART_NONE;
    if (strcmp (name, "member") == 0) {
      get_attribute (attributes, n_attributes, "id", reader->member,
          sizeof (reader->member));
    }
  } else if (reader->depth == DEPTH_ENTRY + 2 &&
             reader->part == PART_FEEDBACK) {
    get_attribute (attributes, n_attributes, "type", type, sizeof (type));
    if (g_ascii_strcasecmp (type, TYPE) != 0)
      return;
    reader->is_affirmed |= strcmp (name, "affirmativeFeedback") == 0;
    reader->is_denied |= strcmp (name, "negativeFeedback") == 0;
  }
}

static void
end_part (Reader *reader, const gchar *name)
{
  WeirImportRecord *record = &reader->record;
  gchar *text = reader->length < sizeof (reader->text)
                    ? g_strstrip (reader->text)
                    : (gchar *) "";

  if (reader->depth == DEPTH_ENTRY + 1) {
    if (strcmp (name, "id") == 0)
      weir_import_record_copy (reader->entry, sizeof (reader->entry), text);
    else if (strcmp (name, "member") == 0)
      weir_import_record_set (record, source, text);
    else if (strcmp (name, "timestamp") == 0)
      record->added = weir_import_parse_date (text);
    else if (strcmp (name, "classification") == 0)
      weir_import_record_set (record, label, text);
  } else if (reader->depth == DEPTH_ENTRY + 2 &&
             reader->part == PART_FINGERPRINTS) {
    if (strcmp (name, TYPE) != 0)
      weir_importer_skip_type (reader->importer, name);
    else
      g_strlcpy (record->hex, text[0] ? text : "?", sizeof (record->hex));
  }
}

/* ---- libxml2's events ---- */

/* The text of an element that has others in it is not asked for. */
static void
clear_text (Reader *reader)
{
  reader->length = 0;
  reader->text[0] = '\0';
}

static void
on_start (void *user_data, const xmlChar *name, const xmlChar *prefix,
    const xmlChar *uri, int n_namespaces, const xmlChar **namespaces,
    int n_attributes, int n_defaulted, const xmlChar **attributes)
{
  Reader *reader = user_data;

  reader->depth++;
  clear_text (reader);
  if (reader->depth > DEPTH_MAX)
    stop (reader, WEIR_IMPORT_ERROR_LIMIT,
        "elements lie too deep in one another; is this the format named?");
  else if (reader->depth == 1 &&
           strcmp ((const gchar *) name, "queryResult") != 0)
    stop (reader, WEIR_IMPORT_ERROR_BROKEN,
        "this is no queryResult of NCMEC's; is this the format named?");
  else if (reader->depth == DEPTH_ENTRY && is_entry ((const gchar *) name))
    begin_entry (reader, (const gchar *) name);
  else if (reader->in_entry)
    begin_part (reader, (const gchar *) name, attributes, n_attributes);
}

static void
on_end (void *user_data, const xmlChar *name, const xmlChar *prefix,
    const xmlChar *uri)
{
  Reader *reader = user_data;

  if (reader->failed)
    return;
  if (reader->in_entry && reader->depth == DEPTH_ENTRY)
    end_entry (reader);
  else if (reader->in_entry)
    end_part (reader, (const gchar *) name);
  reader->is_whole = --reader->depth == 0;
  clear_text (reader);
}

static void
on_text (void *user_data, const xmlChar *text, int length)
{
  Reader *reader = user_data;
  gsize room = sizeof (reader->text) - 1;

  if (reader->length <= room) {
    gsize now = MIN ((gsize) length, room - reader->length);

    memcpy (reader->text + reader->length, text, now);
    reader->text[reader->length + now] = '\0';
  }
  reader->length = MIN (reader->length + (gsize) length, room + 1);
}

static void
on_document_type (void *user_data, const xmlChar *name, const xmlChar *id,
    const xmlChar *system_id)
{
  stop (user_data, WEIR_IMPORT_ERROR_BROKEN,
      "it has a document type, which these lists have not; is this the format "
      "named?");
}

static xmlSAXHandler events = {
  .initialized = XML_SAX2_MAGIC,
  .internalSubset = on_document_type,
  .startElementNs = on_start,
  .endElementNs = on_end,
  .characters = on_text,
  .cdataBlock = on_text,
};

/* ---- The file ---- */

static gpointer
begin (WeirImporter *importer)
{
  Reader *reader = g_new0 (Reader, 1);

  reader->importer = importer;
  reader->parser = xmlCreatePushParserCtxt (&events, reader, NULL, 0, NULL);
  xmlCtxtUseOptions (reader->parser, XML_PARSE_NONET);
  return reader;
}

static gboolean
parse (Reader *reader, const gchar *data, gsize length, gboolean ends,
    GError **error)
{
  const xmlError *last;
  g_autofree gchar *reason = NULL;
  g_autofree gchar *text = NULL;

  reader->error = error;
  xmlParseChunk (reader->parser, data, (int) length, ends);
  /* libxml2 may give up without a word about it, over an encoding say. */
  if ((!reader->parser->wellFormed || (ends && !reader->is_whole)) &&
      !reader->failed) {
    last = xmlCtxtGetLastError (reader->parser);
    reason = g_utf8_make_valid (
        last && last->message ? last->message : "this is not XML", -1);
    text = g_strdup_printf ("%s; %s",
        g_strdelimit (g_strchomp (reason), "\r\n", ' '),
        ends ? "the file is damaged or cut short: fetch it again"
             : "the file is damaged: fetch it again and look at the "
               "format named");
    stop (reader, WEIR_IMPORT_ERROR_BROKEN, text);
  }
  reader->error = NULL;
  return !reader->failed;
}

static gboolean
push (gpointer user_data, const gchar *data, gsize length, GError **error)
{
  Reader *reader = user_data;
  gboolean going = TRUE;

  while (going && length > 0) {
    gsize piece = MIN (length, PIECE_MAX);

    going = parse (reader, data, piece, FALSE, error);
    data += piece;
    length -= piece;
  }
  return going;
}

static gboolean
end (gpointer user_data, GError **error)
{
  return parse (user_data, "", 0, TRUE, error);
}

static void
free_reader (gpointer user_data)
{
  Reader *reader = user_data;

  xmlFreeParserCtxt (reader->parser);
  g_free (reader);
}

const WeirImportReader weir_import_ncmec_reader = { begin, push, end,
  free_reader };
