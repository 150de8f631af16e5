/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Events, their fields, and an event as a line of JSON. */

#include "events/event.h"

#include <json-glib/json-glib.h>

struct _WeirEvent {
  const gchar *name;
  GArray *fields; /* of WeirField */
};

static void
clear_field (gpointer data)
{
  g_free (((WeirField *) data)->string);
}

WeirEvent *
weir_event_new (const gchar *name)
{
  WeirEvent *event = g_new0 (WeirEvent, 1);

  event->name = g_intern_string (name);
  event->fields = g_array_new (FALSE, FALSE, sizeof (WeirField));
  g_array_set_clear_func (event->fields, clear_field);
  return event;
}

void
weir_event_free (WeirEvent *event)
{
  g_array_unref (event->fields);
  g_free (event);
}

static void
add_field (WeirEvent *event, WeirField field)
{
  field.name = g_intern_string (field.name);
  g_array_append_val (event->fields, field);
}

/* Valid UTF-8 in one line, as JSON and its readers want it. */
static gchar *
make_printable (const gchar *text)
{
  gchar *printable = g_utf8_make_valid (text, -1);
  gchar *next;

  for (next = printable; *next; next++)
    if (g_ascii_iscntrl (*next))
      *next = ' ';
  return printable;
}

void
weir_event_add_string (WeirEvent *event, const gchar *name, const gchar *value)
{
  add_field (event, (WeirField){ .name = name,
                        .type = WEIR_FIELD_STRING,
                        .string = make_printable (value ? value : "") });
}

void
weir_event_add_uint (WeirEvent *event, const gchar *name, guint value)
{
  add_field (event,
      (WeirField){ .name = name, .type = WEIR_FIELD_UINT, .number = value });
}

void
weir_event_add_uint64 (WeirEvent *event, const gchar *name, guint64 value)
{
  add_field (event,
      (WeirField){ .name = name, .type = WEIR_FIELD_UINT64, .number = value });
}

void
weir_event_add_double (WeirEvent *event, const gchar *name, gdouble value)
{
  add_field (event,
      (WeirField){ .name = name, .type = WEIR_FIELD_DOUBLE, .real = value });
}

const gchar *
weir_event_get_name (const WeirEvent *event)
{
  return event->name;
}

guint
weir_event_get_n_fields (const WeirEvent *event)
{
  return event->fields->len;
}

const WeirField *
weir_event_get_field (const WeirEvent *event, guint index)
{
  return &g_array_index (event->fields, WeirField, index);
}

static void
add_json_member (JsonBuilder *builder, const WeirField *field)
{
  json_builder_set_member_name (builder, field->name);
  switch (field->type) {
    case WEIR_FIELD_STRING:
      json_builder_add_string_value (builder, field->string);
      break;
    case WEIR_FIELD_DOUBLE:
      json_builder_add_double_value (builder, field->real);
      break;
    case WEIR_FIELD_UINT:
    case WEIR_FIELD_UINT64:
      if (field->number > G_MAXINT64)
        json_builder_add_null_value (builder);
      else
        json_builder_add_int_value (builder, (gint64) field->number);
      break;
  }
}

gchar *
weir_event_to_json (const WeirEvent *event, const gchar *node, gint64 time)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autoptr (GDateTime) seconds =
      g_date_time_new_from_unix_utc (time / G_USEC_PER_SEC);
  g_autofree gchar *date = g_date_time_format (seconds, "%Y-%m-%dT%H:%M:%S");
  g_autofree gchar *stamp =
      g_strdup_printf ("%s.%03dZ", date, (gint) (time % G_USEC_PER_SEC / 1000));
  guint i;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "event");
  json_builder_add_string_value (builder, event->name);
  json_builder_set_member_name (builder, "time");
  json_builder_add_string_value (builder, stamp);
  json_builder_set_member_name (builder, "node");
  json_builder_add_string_value (builder, node);
  for (i = 0; i < event->fields->len; i++)
    add_json_member (builder, weir_event_get_field (event, i));
  json_builder_end_object (builder);

  root = json_builder_get_root (builder);
  json_generator_set_root (generator, root);
  return json_generator_to_data (generator, NULL);
}

/* "none", or the names of @edits joined by plus signs. */
static gchar *
describe_edits (WeirEdits edits)
{
  static const gchar *const names[WEIR_N_EDITS] = { "mirrored", "bordered",
    "inset", "cropped", "rotated" };
  const gchar *found[WEIR_N_EDITS + 1] = { NULL };
  guint n_found = 0, i;

  for (i = 0; i < WEIR_N_EDITS; i++)
    if (edits & 1u << i)
      found[n_found++] = names[i];
  return n_found > 0 ? g_strjoinv ("+", (gchar **) found) : g_strdup ("none");
}

WeirEvent *
weir_event_new_match (const gchar *stream_id, const WeirMatch *match,
    const gchar *bank_version, gint64 now)
{
  WeirEvent *event = weir_event_new ("weir-match");
  g_autofree gchar *transform = describe_edits (match->edits);

  weir_event_add_string (event, "stream-id", stream_id);
  weir_event_add_string (event, "match-id", match->id);
  weir_event_add_string (
      event, "state", weir_match_state_to_string (match->state));
  weir_event_add_string (
      event, "verdict", weir_action_to_string (match->verdict));
  weir_event_add_string (event, "media", weir_media_to_string (match->media));
  weir_event_add_string (event, "reference", match->reference.id);
  weir_event_add_string (event, "family", match->reference.family);
  weir_event_add_string (event, "list", match->reference.list);
  weir_event_add_string (event, "label", match->reference.label);
  weir_event_add_double (event, "confidence", match->confidence);
  weir_event_add_double (event, "evidence", match->evidence);
  weir_event_add_uint (event, "hits", match->hits);
  weir_event_add_double (event, "distance", match->distance);
  weir_event_add_string (event, "transform", transform);
  weir_event_add_double (event, "speed", match->speed);
  weir_event_add_uint64 (event, "timestamp", match->first.timestamp);
  weir_event_add_uint64 (event, "stream-time", match->first.stream_time);
  weir_event_add_uint64 (event, "running-time", match->first.running_time);
  weir_event_add_uint64 (event, "duration",
      (guint64) MAX (match->last.time - match->first.time, 0));
  weir_event_add_uint64 (event, "reference-start", match->reference_start);
  weir_event_add_uint64 (event, "decided-at", match->decided.running_time);
  weir_event_add_uint64 (
      event, "latency", (guint64) MAX (now - match->first.arrival, 0) * 1000);
  weir_event_add_string (event, "bank-version", bank_version);
  return event;
}

WeirEvent *
weir_event_new_cut (const gchar *stream_id, const gchar *match_id,
    const gchar *reason, const gchar *mode, guint64 running_time)
{
  WeirEvent *event = weir_event_new ("weir-cut");

  weir_event_add_string (event, "stream-id", stream_id);
  weir_event_add_string (event, "match-id", match_id);
  weir_event_add_string (event, "reason", reason);
  weir_event_add_string (event, "mode", mode);
  weir_event_add_uint64 (event, "running-time", running_time);
  return event;
}

WeirEvent *
weir_event_new_status (const gchar *stream_id, const gchar *state,
    const gchar *reason, const WeirCounters *counters)
{
  WeirEvent *event = weir_event_new ("weir-status");

  weir_event_add_string (event, "stream-id", stream_id);
  weir_event_add_string (event, "state", state);
  weir_event_add_string (event, "reason", reason);
  weir_event_add_uint64 (event, "buffers", counters->buffers);
  weir_event_add_uint64 (event, "bytes", counters->bytes);
  weir_event_add_uint64 (event, "dropped", counters->dropped);
  weir_event_add_uint64 (event, "frames", counters->frames);
  weir_event_add_uint64 (event, "landmarks", counters->landmarks);
  weir_event_add_uint64 (event, "lookups", counters->lookups);
  weir_event_add_uint64 (event, "matches", counters->matches);
  return event;
}

WeirEvent *
weir_event_new_bank (
    const WeirBank *bank, const gchar *source, const gchar *error, gint64 now)
{
  WeirEvent *event = weir_event_new ("weir-bank");
  gint64 created = bank ? weir_bank_get_created (bank) : 0;
  gint64 age = created > 0 ? MAX (now - created, 0) : 0;

  weir_event_add_string (
      event, "version", bank ? weir_bank_get_version (bank) : "");
  weir_event_add_uint (
      event, "references", bank ? weir_bank_get_n_references (bank) : 0);
  weir_event_add_uint64 (event, "fingerprints",
      bank ? weir_bank_get_n_video (bank) + weir_bank_get_n_audio (bank) : 0);
  weir_event_add_uint64 (
      event, "age", (guint64) age * G_GUINT64_CONSTANT (1000000000));
  weir_event_add_string (event, "source", source);
  weir_event_add_string (event, "error", error);
  return event;
}

WeirEvent *
weir_event_new_reference (const gchar *stream_id, const gchar *reference,
    const gchar *label, const gchar *path, guint64 start, guint64 stop,
    const gchar *error)
{
  WeirEvent *event = weir_event_new ("weir-reference");

  weir_event_add_string (event, "stream-id", stream_id);
  weir_event_add_string (event, "reference", reference);
  weir_event_add_string (event, "label", label);
  weir_event_add_string (event, "path", path);
  weir_event_add_uint64 (event, "running-time", start);
  weir_event_add_uint64 (event, "duration", stop > start ? stop - start : 0);
  weir_event_add_string (event, "error", error);
  return event;
}
