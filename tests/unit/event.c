/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Events: their fields, one by one, and their line of JSON. */

#include "events/event.h"

#include "bank/bank-builder.h"

#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <string.h>
#include <unistd.h>

#define NODE "ingest-1"
#define TIME G_GINT64_CONSTANT (1574380800123456) /* us since 1970 */

/* A text that JSON must not take as it is, and what is told of it. */
#define ODD_TEXT                                                               \
  "\"a\\b\"\n\r\t\x01\x1f\x7f\xff \xd0\xb6 \xf0\x9f\x8e\xac </script>"
#define TOLD_TEXT                                                              \
  "\"a\\b\"      \xef\xbf\xbd \xd0\xb6 \xf0\x9f\x8e\xac </script>"

typedef struct {
  const gchar *name;
  WeirFieldType type;
  const gchar *string;
  guint64 number;
  gdouble real;
} Expected;

#define STRING(name, value)                                                    \
  {                                                                            \
    name, WEIR_FIELD_STRING, value, 0, 0                                       \
  }
#define UINT(name, value)                                                      \
  {                                                                            \
    name, WEIR_FIELD_UINT, NULL, value, 0                                      \
  }
#define UINT64(name, value)                                                    \
  {                                                                            \
    name, WEIR_FIELD_UINT64, NULL, value, 0                                    \
  }
#define DOUBLE(name, value)                                                    \
  {                                                                            \
    name, WEIR_FIELD_DOUBLE, NULL, 0, value                                    \
  }

static void
assert_field (const WeirField *field, const Expected *expected)
{
  g_assert_cmpstr (field->name, ==, expected->name);
  g_assert_cmpint (field->type, ==, expected->type);
  switch (field->type) {
    case WEIR_FIELD_STRING:
      g_assert_cmpstr (field->string, ==, expected->string);
      break;
    case WEIR_FIELD_DOUBLE:
      g_assert_cmpfloat (field->real, ==, expected->real);
      break;
    case WEIR_FIELD_UINT:
    case WEIR_FIELD_UINT64:
      g_assert_cmpuint (field->number, ==, expected->number);
      break;
  }
}

static void
assert_member (JsonObject *object, const Expected *expected)
{
  JsonNode *node = json_object_get_member (object, expected->name);

  g_assert_nonnull (node);
  if (expected->type == WEIR_FIELD_STRING) {
    g_assert_true (json_node_get_value_type (node) == G_TYPE_STRING);
    g_assert_cmpstr (json_node_get_string (node), ==, expected->string);
  } else if (expected->type == WEIR_FIELD_DOUBLE) {
    g_assert_true (json_node_get_value_type (node) == G_TYPE_DOUBLE);
    g_assert_cmpfloat (json_node_get_double (node), ==, expected->real);
  } else if (expected->number == WEIR_TIME_NONE) {
    g_assert_true (json_node_is_null (node));
  } else {
    g_assert_true (json_node_get_value_type (node) == G_TYPE_INT64);
    g_assert_cmpint (json_node_get_int (node), ==, (gint64) expected->number);
  }
}

/* One line that parses, with the event's own members first. */
static void
assert_line (const WeirEvent *event, const Expected *expected, guint n_expected)
{
  static const Expected head[] = {
    STRING ("event", ""),
    STRING ("time", "2019-11-22T00:00:00.123Z"),
    STRING ("node", NODE),
  };
  g_autofree gchar *line = weir_event_to_json (event, NODE, TIME);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GList) names = NULL;
  GList *name;
  JsonObject *object;
  const gchar *byte;
  guint i;

  g_assert_true (g_utf8_validate (line, -1, NULL));
  for (byte = line; *byte; byte++)
    g_assert_false ((guchar) *byte < 0x20);
  json_parser_load_from_data (parser, line, -1, &error);
  g_assert_no_error (error);
  object = json_node_get_object (json_parser_get_root (parser));
  names = json_object_get_members (object);
  g_assert_cmpuint (
      g_list_length (names), ==, n_expected + G_N_ELEMENTS (head));
  name = names;
  for (i = 0; i < G_N_ELEMENTS (head); i++, name = name->next)
    g_assert_cmpstr (name->data, ==, head[i].name);
  for (i = 0; i < n_expected; i++, name = name->next)
    g_assert_cmpstr (name->data, ==, expected[i].name);

  g_assert_cmpstr (json_object_get_string_member (object, "event"), ==,
      weir_event_get_name (event));
  for (i = 1; i < G_N_ELEMENTS (head); i++)
    assert_member (object, &head[i]);
  for (i = 0; i < n_expected; i++)
    assert_member (object, &expected[i]);
}

static void
assert_event (const WeirEvent *event, const gchar *name,
    const Expected *expected, guint n_expected)
{
  guint i;

  g_assert_cmpstr (weir_event_get_name (event), ==, name);
  g_assert_cmpuint (weir_event_get_n_fields (event), ==, n_expected);
  for (i = 0; i < n_expected; i++)
    assert_field (weir_event_get_field (event, i), &expected[i]);
  assert_line (event, expected, n_expected);
}

static WeirStamp
make_stamp (gint64 time)
{
  return (WeirStamp){
    .time = time,
    .timestamp = (guint64) time + 1,
    .stream_time = (guint64) time + 2,
    .running_time = (guint64) time + 3,
    .arrival = 4000,
  };
}

static WeirMatch
make_match (void)
{
  return (WeirMatch){
    .id = "11111111-2222-4333-8444-555555555555",
    .state = WEIR_MATCH_UPDATED,
    .verdict = WEIR_ACTION_CUT,
    .media = WEIR_MEDIA_BOTH,
    .reference = { .id = "known",
        .family = "family",
        .label = "label",
        .list = "list",
        .source = "source" },
    .confidence = 0.75,
    .evidence = 17.5,
    .hits = 12,
    .distance = 3.5,
    .edits = WEIR_EDIT_MIRRORED,
    .speed = 1.25,
    .first = make_stamp (1000),
    .last = make_stamp (5000),
    .reference_start = 300,
    .decided = make_stamp (6000),
  };
}

static void
test_match (void)
{
  static const Expected expected[] = {
    STRING ("stream-id", "stream"),
    STRING ("match-id", "11111111-2222-4333-8444-555555555555"),
    STRING ("state", "updated"),
    STRING ("verdict", "cut"),
    STRING ("media", "both"),
    STRING ("reference", "known"),
    STRING ("family", "family"),
    STRING ("list", "list"),
    STRING ("label", "label"),
    DOUBLE ("confidence", 0.75),
    DOUBLE ("evidence", 17.5),
    UINT ("hits", 12),
    DOUBLE ("distance", 3.5),
    STRING ("transform", "mirrored"),
    DOUBLE ("speed", 1.25),
    UINT64 ("timestamp", 1001),
    UINT64 ("stream-time", 1002),
    UINT64 ("running-time", 1003),
    UINT64 ("duration", 4000),
    UINT64 ("reference-start", 300),
    UINT64 ("decided-at", 6003),
    UINT64 ("latency", 5000000),
    STRING ("bank-version", "0123456789abcdef"),
  };
  const WeirMatch match = make_match ();
  g_autoptr (WeirEvent) event =
      weir_event_new_match ("stream", &match, "0123456789abcdef", 9000);

  assert_event (event, "weir-match", expected, G_N_ELEMENTS (expected));
}

static const gchar *
get_string (const WeirEvent *event, const gchar *name)
{
  guint i;

  for (i = 0; i < weir_event_get_n_fields (event); i++)
    if (strcmp (weir_event_get_field (event, i)->name, name) == 0)
      return weir_event_get_field (event, i)->string;
  g_assert_not_reached ();
}

/* Every word that a match may say. */
static void
test_match_words (void)
{
  static const gchar *const states[] = { "started", "updated", "ended" };
  static const gchar *const verdicts[] = { "none", "flag", "cut" };
  static const gchar *const media[] = { NULL, "video", "audio", "both" };
  static const WeirEdits edits[] = { 0, WEIR_EDIT_CROPPED,
    WEIR_EDIT_MIRRORED | WEIR_EDIT_BORDERED | WEIR_EDIT_INSET |
        WEIR_EDIT_CROPPED | WEIR_EDIT_ROTATED };
  static const gchar *const transforms[] = { "none", "cropped",
    "mirrored+bordered+inset+cropped+rotated" };
  guint i;

  for (i = 0; i < 3; i++) {
    WeirMatch match = make_match ();
    g_autoptr (WeirEvent) event = NULL;

    match.state = (WeirMatchState) i;
    match.verdict = (WeirAction) i;
    match.media = (WeirMedia) (i + 1);
    match.edits = edits[i];
    event = weir_event_new_match ("stream", &match, "", 9000);
    g_assert_cmpstr (get_string (event, "state"), ==, states[i]);
    g_assert_cmpstr (get_string (event, "verdict"), ==, verdicts[i]);
    g_assert_cmpstr (get_string (event, "media"), ==, media[i + 1]);
    g_assert_cmpstr (get_string (event, "transform"), ==, transforms[i]);
  }
}

/* A stream without clocks, and a clock that went back. */
static void
test_match_unknown_times (void)
{
  static const Expected unknown[] = {
    UINT64 ("timestamp", WEIR_TIME_NONE),
    UINT64 ("stream-time", WEIR_TIME_NONE),
    UINT64 ("running-time", WEIR_TIME_NONE),
    UINT64 ("duration", 0),
    UINT64 ("reference-start", 300),
    UINT64 ("decided-at", WEIR_TIME_NONE),
    UINT64 ("latency", 0),
  };
  WeirMatch match = make_match ();
  g_autoptr (WeirEvent) event = NULL;
  g_autofree gchar *line = NULL;
  g_autoptr (JsonNode) root = NULL;
  guint first = 0, i;

  match.first.timestamp = WEIR_TIME_NONE;
  match.first.stream_time = WEIR_TIME_NONE;
  match.first.running_time = WEIR_TIME_NONE;
  match.decided.running_time = WEIR_TIME_NONE;
  match.last.time = match.first.time - 1;
  event = weir_event_new_match ("stream", &match, "", match.first.arrival - 1);
  while (strcmp (weir_event_get_field (event, first)->name, "timestamp") != 0)
    first++;
  for (i = 0; i < G_N_ELEMENTS (unknown); i++)
    assert_field (weir_event_get_field (event, first + i), &unknown[i]);
  line = weir_event_to_json (event, NODE, TIME);
  root = json_from_string (line, NULL);
  for (i = 0; i < G_N_ELEMENTS (unknown); i++)
    assert_member (json_node_get_object (root), &unknown[i]);
}

static void
test_cut (void)
{
  static const Expected by_match[] = {
    STRING ("stream-id", "stream"),
    STRING ("match-id", "match"),
    STRING ("reason", "match"),
    STRING ("mode", "eos"),
    UINT64 ("running-time", 123),
  };
  static const Expected by_person[] = {
    STRING ("stream-id", "stream"),
    STRING ("match-id", ""),
    STRING ("reason", "seen by a person"),
    STRING ("mode", "drop"),
    UINT64 ("running-time", WEIR_TIME_NONE),
  };
  g_autoptr (WeirEvent) event =
      weir_event_new_cut ("stream", "match", "match", "eos", 123);
  g_autoptr (WeirEvent) other = weir_event_new_cut (
      "stream", NULL, "seen by a person", "drop", WEIR_TIME_NONE);

  assert_event (event, "weir-cut", by_match, G_N_ELEMENTS (by_match));
  assert_event (other, "weir-cut", by_person, G_N_ELEMENTS (by_person));
}

static void
test_status (void)
{
  static const Expected expected[] = {
    STRING ("stream-id", "stream"),
    STRING ("state", "degraded"),
    STRING ("reason", "too slow"),
    UINT64 ("buffers", 1),
    UINT64 ("bytes", 2),
    UINT64 ("dropped", 3),
    UINT64 ("frames", 4),
    UINT64 ("landmarks", 5),
    UINT64 ("lookups", 6),
    UINT64 ("matches", 7),
  };
  const WeirCounters counters = { 1, 2, 3, 4, 5, 6, 7 };
  g_autoptr (WeirEvent) event =
      weir_event_new_status ("stream", "degraded", "too slow", &counters);

  assert_event (event, "weir-status", expected, G_N_ELEMENTS (expected));
}

static WeirBank *
make_bank (void)
{
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();
  g_autoptr (GError) error = NULL;
  g_autofree gchar *path = NULL;
  const WeirReference reference = {
    .id = "known", .family = "", .label = "", .list = "", .source = ""
  };
  const WeirPdqHash hash = { { 1, 2, 3, 4 } };
  WeirBank *bank;
  guint32 index;

  close (g_file_open_tmp ("weir-event-XXXXXX", &path, NULL));
  weir_bank_builder_add_reference (builder, &reference, &index, NULL);
  weir_bank_builder_add_video (
      builder, index, &hash, WEIR_VIEW_PLAIN, 100, 0, NULL);
  weir_bank_builder_add_audio (builder, index, 1, 0, NULL);
  weir_bank_builder_add_audio (builder, index, 2, 0, NULL);
  weir_bank_builder_write (builder, path, 1000, &error);
  g_assert_no_error (error);
  bank = weir_bank_open (path, &error);
  g_assert_no_error (error);
  g_unlink (path);
  return bank;
}

static void
test_bank (void)
{
  g_autoptr (WeirBank) bank = make_bank ();
  const Expected expected[] = {
    STRING ("version", weir_bank_get_version (bank)),
    UINT ("references", 1),
    UINT64 ("fingerprints", 3),
    UINT64 ("age", G_GUINT64_CONSTANT (60000000000)),
    STRING ("source", "known.weir"),
    STRING ("error", ""),
  };
  const Expected without[] = {
    STRING ("version", ""),
    UINT ("references", 0),
    UINT64 ("fingerprints", 0),
    UINT64 ("age", 0),
    STRING ("source", "known.weir"),
    STRING ("error", "not a bank"),
  };
  g_autoptr (WeirEvent) event =
      weir_event_new_bank (bank, "known.weir", NULL, 1060);
  g_autoptr (WeirEvent) early =
      weir_event_new_bank (bank, "known.weir", NULL, 999);
  g_autoptr (WeirEvent) failed =
      weir_event_new_bank (NULL, "known.weir", "not a bank", 1060);

  assert_event (event, "weir-bank", expected, G_N_ELEMENTS (expected));
  assert_event (failed, "weir-bank", without, G_N_ELEMENTS (without));
  g_assert_cmpuint (weir_event_get_field (early, 3)->number, ==, 0);
}

static void
test_reference (void)
{
  static const Expected made[] = {
    STRING ("stream-id", "stream"),
    STRING ("reference", "an-id"),
    STRING ("label", "a label"),
    STRING ("path", "folder/an-id.weir"),
    UINT64 ("running-time", 1000),
    UINT64 ("duration", 500),
    STRING ("error", ""),
  };
  static const Expected none[] = {
    STRING ("stream-id", "stream"),
    STRING ("reference", ""),
    STRING ("label", ""),
    STRING ("path", ""),
    UINT64 ("running-time", 1000),
    UINT64 ("duration", 0),
    STRING ("error", "too short"),
  };
  g_autoptr (WeirEvent) event = weir_event_new_reference (
      "stream", "an-id", "a label", "folder/an-id.weir", 1000, 1500, NULL);
  g_autoptr (WeirEvent) failed = weir_event_new_reference (
      "stream", NULL, NULL, NULL, 1000, 900, "too short");

  assert_event (event, "weir-reference", made, G_N_ELEMENTS (made));
  assert_event (failed, "weir-reference", none, G_N_ELEMENTS (none));
}

/* Texts come back as they went in, on one line. */
static void
test_odd_text (void)
{
  static const Expected expected[] = {
    STRING ("stream-id", TOLD_TEXT),
    STRING ("match-id", ""),
    STRING ("reason", TOLD_TEXT),
    STRING ("mode", "eos"),
    UINT64 ("running-time", 0),
  };
  g_autoptr (WeirEvent) event =
      weir_event_new_cut (ODD_TEXT, "", ODD_TEXT, "eos", 0);

  assert_event (event, "weir-cut", expected, G_N_ELEMENTS (expected));
}

/* Numbers that do not depend on the locale, and the largest that JSON takes. */
static void
test_numbers (void)
{
  static const Expected expected[] = {
    DOUBLE ("half", 0.5),
    DOUBLE ("small", 1e-12),
    UINT ("uint", G_MAXUINT),
    UINT64 ("large", G_MAXINT64),
  };
  g_autoptr (WeirEvent) event = weir_event_new ("weir-test");

  weir_event_add_double (event, "half", 0.5);
  weir_event_add_double (event, "small", 1e-12);
  weir_event_add_uint (event, "uint", G_MAXUINT);
  weir_event_add_uint64 (event, "large", G_MAXINT64);
  assert_event (event, "weir-test", expected, G_N_ELEMENTS (expected));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/event/match", test_match);
  g_test_add_func ("/event/match/words", test_match_words);
  g_test_add_func ("/event/match/unknown-times", test_match_unknown_times);
  g_test_add_func ("/event/cut", test_cut);
  g_test_add_func ("/event/status", test_status);
  g_test_add_func ("/event/bank", test_bank);
  g_test_add_func ("/event/reference", test_reference);
  g_test_add_func ("/event/odd-text", test_odd_text);
  g_test_add_func ("/event/numbers", test_numbers);
  return g_test_run ();
}
