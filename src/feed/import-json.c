/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * JSON as a stream of events. yajl keeps a token that has only begun, whatever
 * its length, and a level for each value that is open: both are bounded here.
 */
#include "feed/import-json.h"

#include <string.h>
#include <yajl/yajl_parse.h>

#define PATH_SIZE                                                              \
  ((WEIR_IMPORT_JSON_MAX_DEPTH + 1) * (WEIR_IMPORT_JSON_MAX_KEY + 3) + 1)

struct _WeirImportJson {
  WeirImporter *importer;
  WeirImportJsonFunc func;
  gpointer user_data;
  yajl_handle parser;
  GError **error; /* of the push that is under way; set: end it */
  gboolean failed;

  gchar path[PATH_SIZE];
  gsize lengths[WEIR_IMPORT_JSON_MAX_DEPTH + 1]; /* of the path, each level */
  gsize key; /* where the last piece of the path begins */
  guint depth;
  gchar text[WEIR_IMPORT_JSON_MAX_TEXT + 1];

  const gchar *piece; /* what is pushed, from where lines are not counted yet */
  gsize counted;      /* bytes of what is pushed before that */
  gsize silent;       /* bytes since the last event, of pushes before */
  guint64 line;
};

static void
count_lines (WeirImportJson *json, gsize consumed)
{
  const gchar *end;

  while (json->counted < consumed &&
         (end = memchr (json->piece, '\n', consumed - json->counted))) {
    json->line++;
    json->counted += (gsize) (end + 1 - json->piece);
    json->piece = end + 1;
  }
  json->piece += consumed - json->counted;
  json->counted = consumed;
}

static gboolean
emit (WeirImportJson *json, WeirImportJsonType type, const gchar *text)
{
  const WeirImportJsonEvent event = {
    .type = type,
    .path = json->path,
    .key = json->path + json->key,
    .depth = json->depth,
    .text = text,
    .line = json->line,
  };

  if (!json->func (&event, json->user_data, json->error))
    json->failed = TRUE;
  return !json->failed;
}

/* To be called first in each of yajl's callbacks. */
static void
note_event (WeirImportJson *json)
{
  count_lines (json, yajl_get_bytes_consumed (json->parser));
  json->silent = 0;
}

static const gchar *
keep_text (WeirImportJson *json, const gchar *text, gsize length)
{
  gsize i;

  length = MIN (length, WEIR_IMPORT_JSON_MAX_TEXT);
  for (i = 0; i < length; i++)
    json->text[i] = text[i] != '\0' ? text[i] : '?';
  json->text[length] = '\0';
  return json->text;
}

static int
on_null (void *user_data)
{
  note_event (user_data);
  return emit (user_data, WEIR_IMPORT_JSON_NULL, "");
}

static int
on_boolean (void *user_data, int value)
{
  note_event (user_data);
  return emit (
      user_data, value ? WEIR_IMPORT_JSON_TRUE : WEIR_IMPORT_JSON_FALSE, "");
}

static int
on_number (void *user_data, const char *text, size_t length)
{
  WeirImportJson *json = user_data;

  note_event (json);
  return emit (json, WEIR_IMPORT_JSON_NUMBER, keep_text (json, text, length));
}

static int
on_string (void *user_data, const unsigned char *text, size_t length)
{
  WeirImportJson *json = user_data;

  note_event (json);
  return emit (json, WEIR_IMPORT_JSON_STRING,
      keep_text (json, (const gchar *) text, length));
}

static int
on_key (void *user_data, const unsigned char *text, size_t length)
{
  WeirImportJson *json = user_data;
  gsize end = json->lengths[json->depth];

  note_event (json);
  if (end > 0)
    json->path[end++] = '.';
  json->key = end;
  g_strlcpy (json->path + end, keep_text (json, (const gchar *) text, length),
      WEIR_IMPORT_JSON_MAX_KEY + 1);
  return TRUE;
}

static int
begin_value (WeirImportJson *json, WeirImportJsonType type, const gchar *suffix)
{
  note_event (json);
  if (json->depth == WEIR_IMPORT_JSON_MAX_DEPTH) {
    json->failed = !weir_importer_break (json->importer, json->error,
        WEIR_IMPORT_ERROR_LIMIT, json->line,
        "values lie more than %d deep in one another; is this the format "
        "named?",
        WEIR_IMPORT_JSON_MAX_DEPTH);
    return FALSE;
  }
  if (!emit (json, type, ""))
    return FALSE;
  strcat (json->path, suffix);
  json->key = strlen (json->path);
  json->lengths[++json->depth] = json->key;
  return TRUE;
}

static int
on_begin_object (void *user_data)
{
  return begin_value (user_data, WEIR_IMPORT_JSON_OBJECT, "");
}

static int
on_begin_array (void *user_data)
{
  return begin_value (user_data, WEIR_IMPORT_JSON_ARRAY, "[]");
}

/* The path goes back to what it was when the value began; in an array that is
 * what it has to be for the next element, too. */
static int
end_value (WeirImportJson *json, gsize suffix)
{
  note_event (json);
  json->path[json->lengths[json->depth--] - suffix] = '\0';
  json->key = json->lengths[json->depth];
  if (json->path[json->key] == '.')
    json->key++;
  return emit (json, WEIR_IMPORT_JSON_END, "");
}

static int
on_end_object (void *user_data)
{
  return end_value (user_data, 0);
}

static int
on_end_array (void *user_data)
{
  return end_value (user_data, strlen ("[]"));
}

static const yajl_callbacks callbacks = {
  .yajl_null = on_null,
  .yajl_boolean = on_boolean,
  .yajl_number = on_number,
  .yajl_string = on_string,
  .yajl_start_map = on_begin_object,
  .yajl_map_key = on_key,
  .yajl_end_map = on_end_object,
  .yajl_start_array = on_begin_array,
  .yajl_end_array = on_end_array,
};

WeirImportJson *
weir_import_json_new (WeirImporter *importer, guint64 line,
    WeirImportJsonFunc func, gpointer user_data)
{
  WeirImportJson *json = g_new0 (WeirImportJson, 1);

  json->importer = importer;
  json->func = func;
  json->user_data = user_data;
  json->line = line;
  json->parser = yajl_alloc (&callbacks, NULL, json);
  yajl_config (json->parser, yajl_allow_multiple_values, 1);
  return json;
}

void
weir_import_json_free (WeirImportJson *json)
{
  yajl_free (json->parser);
  g_free (json);
}

/* Ends a push or the reading: what @status says. */
static gboolean
check (WeirImportJson *json, yajl_status status, const gchar *hint)
{
  unsigned char *reason;

  if (status == yajl_status_ok)
    return TRUE;
  if (json->failed)
    return FALSE;
  json->failed = TRUE;
  count_lines (json, yajl_get_bytes_consumed (json->parser));
  reason = yajl_get_error (json->parser, FALSE, NULL, 0);
  weir_importer_break (json->importer, json->error, WEIR_IMPORT_ERROR_BROKEN,
      json->line, "%s; %s", g_strstrip ((gchar *) reason), hint);
  yajl_free_error (json->parser, reason);
  return FALSE;
}

static gboolean
check_silence (WeirImportJson *json)
{
  if (json->silent <= WEIR_IMPORT_JSON_MAX_TOKEN)
    return TRUE;
  json->failed = TRUE;
  return weir_importer_break (json->importer, json->error,
      WEIR_IMPORT_ERROR_LIMIT, json->line,
      "a text or a gap is longer than %d bytes; is this the format named?",
      WEIR_IMPORT_JSON_MAX_TOKEN);
}

/* One piece that is small beside the bound on tokens. */
static gboolean
push_piece (WeirImportJson *json, const gchar *data, gsize length)
{
  yajl_status status;

  json->piece = data;
  json->counted = 0;
  json->silent += length;
  status = yajl_parse (json->parser, (const unsigned char *) data, length);
  if (!check (json, status,
          "this is not JSON, or damaged: fetch it again and look at the "
          "format named"))
    return FALSE;
  count_lines (json, length);
  return check_silence (json);
}

gboolean
weir_import_json_push (
    WeirImportJson *json, const gchar *data, gsize length, GError **error)
{
  const gsize most = WEIR_IMPORT_JSON_MAX_TOKEN / 4;
  gboolean going = TRUE;

  g_return_val_if_fail (!json->failed, FALSE);

  json->error = error;
  while (going && length > 0) {
    gsize piece = MIN (length, most);

    going = push_piece (json, data, piece);
    data += piece;
    length -= piece;
  }
  json->error = NULL;
  return going;
}

gboolean
weir_import_json_end (WeirImportJson *json, GError **error)
{
  gboolean done;

  g_return_val_if_fail (!json->failed, FALSE);

  json->error = error;
  json->piece = "";
  json->counted = 0;
  done = check (json, yajl_complete_parse (json->parser),
      "the file is cut short: fetch it again");
  json->error = NULL;
  return done;
}
