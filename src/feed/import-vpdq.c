/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * vPDQ: the PDQ hashes of a video's frames, one video a file, as the tools of
 * facebook/ThreatExchange write them: lines "frame,quality,hash,seconds" or
 * "frame,quality,hash" (vpdq/README.md); a JSON array of strings
 * "hash,quality,seconds" (python-threatexchange, extensions/vpdq); the older
 * JSON object of objects with quality, hash and timestamp, by frame.
 */
#include "feed/import-json.h"
#include "feed/import-lines.h"
#include "feed/import-vpdq-times.h"

#include <math.h>
#include <string.h>

#define MS_PER_S 1000
#define NS_PER_S 1e9

/* Frames of one file: four days at 30 a second. */
#define FRAMES_MAX 10000000

typedef enum { FORM_UNKNOWN, FORM_LINES, FORM_JSON } Form;

typedef struct {
  WeirImporter *importer;
  Form form;
  guint64 first_line;
  WeirImportLines lines;
  WeirImportJson *json;
  GArray *frames;   /* WeirImportFrame */
  gboolean rounded; /* times to three digits */

  /* The object of the older form that is read. */
  WeirImportFrame frame;
  gboolean in_frame, has_frame, has_hash;
} Reader;

/* ---- Frames ---- */

static gboolean
parse_seconds (const gchar *text, gdouble *seconds)
{
  gchar *end;

  *seconds = g_ascii_strtod (text, &end);
  return end != text && *end == '\0' && isfinite (*seconds) && *seconds >= 0 &&
         *seconds <= WEIR_IMPORT_MAX_SECONDS;
}

/* The fields as they are written; @seconds NULL: there is none. What is wrong
 * with them, NULL when nothing is. */
static const gchar *
parse_frame (const gchar *number, const gchar *quality, const gchar *hex,
    const gchar *seconds, WeirImportFrame *frame)
{
  guint64 value = 0;

  if (number && !weir_import_parse_count (number, G_MAXUINT32, &frame->number))
    return "the frame's number is none";
  if (!weir_import_parse_count (quality, 100, &value))
    return "the quality is no number from 0 to 100";
  frame->quality = (guint) value;
  if (!weir_pdq_hash_from_hex (hex, &frame->hash))
    return "there is no PDQ hash of 64 hexadecimal digits";
  frame->seconds = -1;
  if (seconds && !parse_seconds (seconds, &frame->seconds))
    return "the time is no number of seconds";
  return NULL;
}

static gboolean
add_frame (
    Reader *reader, const WeirImportFrame *frame, guint64 line, GError **error)
{
  if (reader->frames->len == FRAMES_MAX)
    return weir_importer_break (reader->importer, error,
        WEIR_IMPORT_ERROR_LIMIT, line,
        "a video has more than %d frames; import it in parts", FRAMES_MAX);
  g_array_append_val (reader->frames, *frame);
  return TRUE;
}

/* ---- Lines ---- */

static gboolean
on_line (WeirImportLineState state, gchar *text, guint64 number,
    gpointer user_data, GError **error)
{
  Reader *reader = user_data;
  WeirImportFrame frame = { 0 };
  g_auto (GStrv) fields = NULL;
  const gchar *reason = "the line is no text, or too long";
  guint n_fields;

  number += reader->first_line - 1;
  if (state == WEIR_IMPORT_LINE_GOOD) {
    if (text[0] == '\0' || text[0] == '#')
      return TRUE;
    fields = g_strsplit (text, ",", 5);
    n_fields = g_strv_length (fields);
    reason =
        n_fields == 3 || n_fields == 4
            ? parse_frame (fields[0], fields[1], fields[2], fields[3], &frame)
            : "the line is not frame,quality,hash,seconds";
  }
  if (!reason)
    return add_frame (reader, &frame, number, error);
  weir_importer_refuse (
      reader->importer, number, "%s; correct the line or take it out", reason);
  return TRUE;
}

/* ---- JSON ---- */

/* "hash,quality,seconds" */
static gboolean
on_string (Reader *reader, const WeirImportJsonEvent *event, GError **error)
{
  g_auto (GStrv) fields = g_strsplit (event->text, ",", 4);
  WeirImportFrame frame = { .number = reader->frames->len };
  const gchar *reason = "a text is not hash,quality,seconds";

  if (event->type == WEIR_IMPORT_JSON_STRING && g_strv_length (fields) == 3)
    reason = parse_frame (NULL, fields[1], fields[0], fields[2], &frame);
  reader->rounded = TRUE;
  if (!reason)
    return add_frame (reader, &frame, event->line, error);
  weir_importer_refuse (
      reader->importer, event->line, "%s; have the list made anew", reason);
  return TRUE;
}

/* A field of the older form. */
static void
on_field (Reader *reader, const WeirImportJsonEvent *event)
{
  WeirImportFrame *frame = &reader->frame;
  guint64 value;

  if (strcmp (event->key, "hash") == 0)
    reader->has_hash = weir_pdq_hash_from_hex (event->text, &frame->hash);
  else if (strcmp (event->key, "quality") == 0)
    frame->quality = weir_import_parse_count (event->text, 100, &value)
                         ? (guint) value
                         : G_MAXUINT;
  else if (strcmp (event->key, "timestamp") == 0 &&
           !parse_seconds (event->text, &frame->seconds))
    frame->seconds = -1;
}

static gboolean
end_object (Reader *reader, const WeirImportJsonEvent *event, GError **error)
{
  if (reader->has_frame && reader->has_hash && reader->frame.quality <= 100)
    return add_frame (reader, &reader->frame, event->line, error);
  weir_importer_refuse (reader->importer, event->line,
      "a frame lacks its number, a hash of 64 hexadecimal digits or a quality "
      "from 0 to 100; have the list made anew");
  return TRUE;
}

static gboolean
on_frame_object (
    Reader *reader, const WeirImportJsonEvent *event, GError **error)
{
  gboolean ends = event->type == WEIR_IMPORT_JSON_END;
  gboolean was_in_frame = reader->in_frame;

  reader->in_frame = event->type == WEIR_IMPORT_JSON_OBJECT;
  if (ends)
    return !was_in_frame || end_object (reader, event, error);
  reader->frame = (WeirImportFrame){ .quality = G_MAXUINT, .seconds = -1 };
  reader->has_hash = FALSE;
  reader->has_frame =
      weir_import_parse_count (event->key, G_MAXUINT32, &reader->frame.number);
  return reader->in_frame || end_object (reader, event, error);
}

static gboolean
on_event (const WeirImportJsonEvent *event, gpointer user_data, GError **error)
{
  Reader *reader = user_data;
  gboolean in_array = g_str_has_prefix (event->path, "[]");

  if (event->depth == 0 && event->type == WEIR_IMPORT_JSON_END)
    return TRUE;
  if (event->depth == 0 && reader->frames->len > 0)
    return weir_importer_break (reader->importer, error,
        WEIR_IMPORT_ERROR_BROKEN, event->line,
        "a second video begins; put each into a file of its own");
  if (event->depth == 1 && in_array && event->type != WEIR_IMPORT_JSON_END)
    return on_string (reader, event, error);
  if (event->depth == 1 && !in_array)
    return on_frame_object (reader, event, error);
  if (event->depth == 2 && !in_array)
    on_field (reader, event);
  return TRUE;
}

/* ---- The file ---- */

static gpointer
begin (WeirImporter *importer)
{
  Reader *reader = g_new0 (Reader, 1);

  reader->importer = importer;
  reader->first_line = 1;
  reader->frames = g_array_new (FALSE, FALSE, sizeof (WeirImportFrame));
  weir_import_lines_init (&reader->lines);
  return reader;
}

/* The first character that is no blank tells JSON from lines. */
static void
find_form (Reader *reader, const gchar **data, gsize *length)
{
  while (*length > 0 && reader->form == FORM_UNKNOWN) {
    if (**data == '\n')
      reader->first_line++;
    if (**data == '[' || **data == '{')
      reader->form = FORM_JSON;
    else if (!g_ascii_isspace (**data))
      reader->form = FORM_LINES;
    else
      (*data)++, (*length)--;
  }
  if (reader->form == FORM_JSON && !reader->json)
    reader->json = weir_import_json_new (
        reader->importer, reader->first_line, on_event, reader);
}

static gboolean
push (gpointer user_data, const gchar *data, gsize length, GError **error)
{
  Reader *reader = user_data;

  find_form (reader, &data, &length);
  if (reader->form == FORM_JSON)
    return weir_import_json_push (reader->json, data, length, error);
  return weir_import_lines_push (
      &reader->lines, data, length, on_line, reader, error);
}

/* One reference with what frames are good enough; all count for its times. */
static gboolean
add_reference (Reader *reader, GError **error)
{
  WeirImporter *importer = reader->importer;
  const WeirImportPicture description = {
    .id = importer->settings.id ? importer->settings.id : importer->stem,
  };
  WeirReference reference;
  guint32 index;
  guint i;

  weir_importer_describe_reference (importer, &description, &reference);
  reference.duration =
      (guint64) (weir_import_settle_times (reader->frames, reader->rounded) *
                 NS_PER_S);
  if (!weir_bank_builder_add_reference (
          importer->builder, &reference, &index, error)) {
    g_prefix_error (error, "%s: ", importer->name);
    return FALSE;
  }
  importer->counts.references++;
  for (i = 0; i < reader->frames->len; i++) {
    const WeirImportFrame *frame =
        &g_array_index (reader->frames, WeirImportFrame, i);

    if (frame->quality < WEIR_PDQ_MIN_QUALITY)
      continue;
    if (!weir_bank_builder_add_video (importer->builder, index, &frame->hash,
            WEIR_VIEW_PLAIN, frame->quality,
            (guint32) (frame->seconds * MS_PER_S + 0.5), error))
      return FALSE;
    importer->counts.fingerprints++;
  }
  return TRUE;
}

static gboolean
end (gpointer user_data, GError **error)
{
  Reader *reader = user_data;
  WeirImporter *importer = reader->importer;
  guint n_good = 0, i;

  if (reader->form == FORM_JSON && !weir_import_json_end (reader->json, error))
    return FALSE;
  if (reader->form != FORM_JSON &&
      !weir_import_lines_end (&reader->lines, on_line, reader, error))
    return FALSE;
  for (i = 0; i < reader->frames->len; i++)
    if (g_array_index (reader->frames, WeirImportFrame, i).quality >=
        WEIR_PDQ_MIN_QUALITY)
      n_good++;
  importer->counts.low_quality += reader->frames->len - n_good;
  if (n_good > 0)
    return add_reference (reader, error);
  weir_importer_refuse (importer, 1,
      "there is no frame in it that could be recognised; is this the format "
      "named?");
  return TRUE;
}

static void
free_reader (gpointer user_data)
{
  Reader *reader = user_data;

  g_clear_pointer (&reader->json, weir_import_json_free);
  weir_import_lines_clear (&reader->lines);
  g_array_unref (reader->frames);
  g_free (reader);
}

const WeirImportReader weir_import_vpdq_reader = { begin, push, end,
  free_reader };
