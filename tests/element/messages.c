/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the element says on the bus, field by field. */

#include "common.h"

#include "bank/bank.h"

#include <glib/gstdio.h>
#include <math.h>

#define BEFORE 10 /* pictures ahead of the known ones */

static gchar *confirmed; /* a bank whose references may cut */

static void
set_up (void)
{
  confirmed = make_bank (WEIR_OPINION_CONFIRMED, WEIR_ACTION_CUT);
}

static void
tear_down (void)
{
  delete_bank (confirmed);
}

static gdouble
get_double (const GstStructure *structure, const gchar *field)
{
  gdouble value = 0;

  fail_unless (gst_structure_get_double (structure, field, &value));
  return value;
}

static guint64
get_uint64 (const GstStructure *structure, const gchar *field)
{
  guint64 value = 0;

  fail_unless (gst_structure_get_uint64 (structure, field, &value));
  return value;
}

/* No matches so far, in order of arrival. */
static void
assert_no_match (Rig *rig)
{
  fail_unless (rig_pop (rig, "weir-match") == NULL);
  fail_unless_equals_uint64 (rig_get_stat (rig, "matches"), 0);
}

GST_START_TEST (test_bank)
{
  Rig *rig = rig_new (make_weir (confirmed, NULL), NULL);
  g_autoptr (GstStructure) message = rig_pop (rig, "weir-bank");
  g_autoptr (WeirBank) bank = weir_bank_open (confirmed, NULL);
  guint64 age = (guint64) (g_get_real_time () / G_USEC_PER_SEC -
                           weir_bank_get_created (bank)) *
                GST_SECOND;

  fail_unless_equals_int (gst_structure_n_fields (message), 6);
  assert_string (message, "version", weir_bank_get_version (bank));
  assert_uint (message, "references", 2);
  assert_uint64 (message, "fingerprints", 2 * KNOWN_LENGTH);
  fail_unless (get_uint64 (message, "age") <= age);
  fail_unless (get_uint64 (message, "age") + 60 * GST_SECOND >= age);
  assert_string (message, "source", confirmed);
  assert_string (message, "error", "");
  fail_unless (rig_pop (rig, "weir-bank") == NULL);
  rig_free (rig);
}
GST_END_TEST;

GST_START_TEST (test_status)
{
  Rig *rig =
      rig_new (make_weir (confirmed, "sync-analysis=true stream-id=a-stream"),
          PICTURE_CAPS);
  g_autoptr (GstStructure) message = NULL;

  rig_push_film (rig, UNKNOWN_FILM, 0, 3);
  message = rig_pop (rig, "weir-status");
  fail_unless (message != NULL);
  fail_unless_equals_int (gst_structure_n_fields (message), 10);
  assert_string (message, "stream-id", "a-stream");
  assert_string (message, "state", "active");
  assert_string (message, "reason", "");
  /* It says so with the first picture, before that has been looked up. */
  assert_uint64 (message, "buffers", 0);
  assert_uint64 (message, "bytes", 0);
  assert_uint64 (message, "dropped", 0);
  assert_uint64 (message, "frames", 0);
  assert_uint64 (message, "landmarks", 0);
  assert_uint64 (message, "lookups", 0);
  assert_uint64 (message, "matches", 0);
  fail_unless (rig_pop (rig, "weir-status") == NULL);
  rig_free (rig);
}
GST_END_TEST;

GST_START_TEST (test_stats)
{
  Rig *rig =
      rig_new (make_weir (confirmed, "sync-analysis=true"), PICTURE_CAPS);
  g_autoptr (GstStructure) stats = NULL;
  guint64 lookups;

  rig_push_film (rig, UNKNOWN_FILM, 0, BEFORE);
  rig_push_film (rig, KNOWN_FILM, 0, PICTURES_TO_FLAG);
  g_object_get (rig->weir, "stats", &stats, NULL);
  fail_unless (gst_structure_has_name (stats, "weir-stats"));
  fail_unless_equals_int (gst_structure_n_fields (stats), 8);
  assert_uint64 (stats, "buffers", BEFORE + PICTURES_TO_FLAG);
  assert_uint64 (stats, "bytes", (BEFORE + PICTURES_TO_FLAG) * PICTURE_SIZE);
  assert_uint64 (stats, "dropped", 0);
  assert_uint64 (stats, "frames", BEFORE + PICTURES_TO_FLAG);
  assert_uint64 (stats, "landmarks", 0);
  /* Each look as it is and mirrored: the whole of each picture, and more. */
  fail_unless (gst_structure_get_uint64 (stats, "lookups", &lookups));
  fail_unless (lookups > 2 * (BEFORE + PICTURES_TO_FLAG));
  fail_unless (lookups % 2 == 0);
  assert_uint64 (stats, "matches", 1);
  assert_uint64 (stats, "waiting", 0);
  rig_free (rig);
}
GST_END_TEST;

/* What all messages of the one match of test_match have in common. */
static void
check_match (const GstStructure *message, const gchar *state,
    const gchar *verdict, guint hits)
{
  g_autoptr (WeirBank) bank = weir_bank_open (confirmed, NULL);
  GstClockTime start = BEFORE * PICTURE_DURATION;

  fail_unless (message != NULL, "it was not %s", state);
  fail_unless_equals_int (gst_structure_n_fields (message), 23);
  assert_string (message, "stream-id", "a-stream");
  fail_unless (
      g_uuid_string_is_valid (gst_structure_get_string (message, "match-id")));
  assert_string (message, "state", state);
  assert_string (message, "verdict", verdict);
  assert_string (message, "media", "video");
  assert_string (message, "reference", "known");
  assert_string (message, "family", "works");
  assert_string (message, "list", "a list");
  assert_string (message, "label", "a label");
  assert_uint (message, "hits", hits);
  fail_unless_equals_float (get_double (message, "distance"), 0);
  assert_string (message, "transform", "none");
  fail_unless_equals_float (get_double (message, "speed"), 1);
  assert_uint64 (message, "timestamp", 100 * GST_SECOND + start);
  assert_uint64 (message, "stream-time", 20 * GST_SECOND + start);
  assert_uint64 (message, "running-time", 3 * GST_SECOND + start);
  assert_uint64 (message, "duration", (hits - 1) * PICTURE_DURATION);
  assert_uint64 (message, "reference-start", 0);
  fail_unless (get_uint64 (message, "latency") < 60 * GST_SECOND);
  assert_string (message, "bank-version", weir_bank_get_version (bank));
}

/* Running time of the @n-th picture of test_match, counted from 1. */
static GstClockTime
at_picture (guint n)
{
  return 3 * GST_SECOND + (n - 1) * PICTURE_DURATION;
}

static void
push_segment (Rig *rig)
{
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  segment.start = 100 * GST_SECOND;
  segment.position = segment.start;
  segment.time = 20 * GST_SECOND;
  segment.base = 3 * GST_SECOND;
  fail_unless (
      gst_harness_push_event (rig->harness, gst_event_new_segment (&segment)));
  rig->now = segment.start;
}

/* A match of ten seconds, which cuts at its sixth picture, while the stream is
 * dropped but looked at. */
GST_START_TEST (test_match)
{
  Rig *rig =
      rig_new (make_weir (confirmed, "sync-analysis=true stream-id=a-stream"),
          PICTURE_CAPS);
  g_autofree gchar *id = NULL;
  g_autoptr (GstStructure) started = NULL;
  g_autoptr (GstStructure) cut = NULL;
  g_autoptr (GstStructure) updated = NULL;
  g_autoptr (GstStructure) ended = NULL;
  guint n_updated = 125; /* five seconds */
  gdouble evidence;

  gst_util_set_object_arg (G_OBJECT (rig->weir), "max-action", "cut");
  gst_util_set_object_arg (G_OBJECT (rig->weir), "on-cut", "drop");
  push_segment (rig);
  rig_push_film (rig, UNKNOWN_FILM, 0, BEFORE);
  assert_no_match (rig);
  rig_push_film (rig, KNOWN_FILM, 0, PICTURES_TO_FLAG - 1);
  assert_no_match (rig);

  rig_push_film (rig, KNOWN_FILM, PICTURES_TO_FLAG - 1, 1);
  started = rig_pop (rig, "weir-match");
  check_match (started, "started", "flag", PICTURES_TO_FLAG);
  assert_uint64 (started, "decided-at", at_picture (BEFORE + PICTURES_TO_FLAG));
  /* Enough to flag, at one in ten millions, and not to cut, at one in ten
   * billions; before it one in a million. */
  evidence = get_double (started, "evidence");
  fail_unless (evidence >= -log (1e-7) && evidence < -log (1e-10));
  fail_unless (fabs (get_double (started, "confidence") -
                     1 / (1 + exp (-evidence) * 1e6)) < 1e-9);
  id = g_strdup (gst_structure_get_string (started, "match-id"));

  rig_push_film (
      rig, KNOWN_FILM, PICTURES_TO_FLAG, PICTURES_TO_CUT - PICTURES_TO_FLAG);
  cut = rig_pop (rig, "weir-match");
  check_match (cut, "updated", "cut", PICTURES_TO_CUT);
  assert_uint64 (cut, "decided-at", at_picture (BEFORE + PICTURES_TO_CUT));
  assert_string (cut, "match-id", id);

  rig_push_film (rig, KNOWN_FILM, PICTURES_TO_CUT, n_updated - 1);
  fail_unless (rig_pop (rig, "weir-match") == NULL);
  rig_push_film (rig, KNOWN_FILM, PICTURES_TO_CUT + n_updated - 1, 1);
  updated = rig_pop (rig, "weir-match");
  check_match (updated, "updated", "cut", PICTURES_TO_CUT + n_updated);
  assert_string (updated, "match-id", id);

  rig_push_film (rig, UNKNOWN_FILM, BEFORE, 75);
  fail_unless (rig_pop (rig, "weir-match") == NULL);
  rig_push_film (rig, UNKNOWN_FILM, BEFORE + 75, 1);
  ended = rig_pop (rig, "weir-match");
  check_match (ended, "ended", "cut", PICTURES_TO_CUT + n_updated);
  assert_uint64 (ended, "decided-at",
      at_picture (BEFORE + PICTURES_TO_CUT + n_updated + 76));
  assert_string (ended, "match-id", id);
  fail_unless_equals_uint64 (rig_get_stat (rig, "matches"), 1);
  rig_free (rig);
}
GST_END_TEST;

GST_START_TEST (test_cut)
{
  Rig *rig =
      rig_new (make_weir (confirmed, "sync-analysis=true stream-id=a-stream"),
          PICTURE_CAPS);
  g_autoptr (GstStructure) match = NULL;
  g_autoptr (GstStructure) message = NULL;

  gst_util_set_object_arg (G_OBJECT (rig->weir), "max-action", "cut");
  push_segment (rig);
  rig_push_film (rig, KNOWN_FILM, 100, PICTURES_TO_CUT);
  match = rig_pop (rig, "weir-match");
  assert_uint64 (match, "reference-start", 100 * PICTURE_DURATION);
  message = rig_pop (rig, "weir-cut");
  fail_unless (message != NULL);
  fail_unless_equals_int (gst_structure_n_fields (message), 5);
  assert_string (message, "stream-id", "a-stream");
  assert_string (
      message, "match-id", gst_structure_get_string (match, "match-id"));
  assert_string (message, "reason", "a label");
  assert_string (message, "mode", "eos");
  assert_uint64 (message, "running-time", at_picture (PICTURES_TO_CUT));
  rig_free (rig);
}
GST_END_TEST;

/* A known film that begins in its middle, and the other film at once. */
GST_START_TEST (test_reference_start)
{
  Rig *rig =
      rig_new (make_weir (confirmed, "sync-analysis=true"), PICTURE_CAPS);
  g_autoptr (GstStructure) first = NULL;
  g_autoptr (GstStructure) second = NULL;

  rig_push_film (rig, KNOWN_FILM, 60, 20);
  rig_push_film (rig, SECOND_FILM, 30, 20);
  first = rig_pop (rig, "weir-match");
  assert_string (first, "reference", "known");
  assert_uint64 (first, "reference-start", 60 * PICTURE_DURATION);
  second = rig_pop (rig, "weir-match");
  assert_string (second, "reference", "second");
  assert_string (second, "state", "started");
  assert_string (second, "family", "");
  assert_uint64 (second, "reference-start", 30 * PICTURE_DURATION);
  assert_uint64 (second, "running-time", 20 * PICTURE_DURATION);
  rig_free (rig);
}
GST_END_TEST;

GST_START_TEST (test_no_content)
{
  Rig *rig =
      rig_new (make_weir (confirmed, "sync-analysis=true"), PICTURE_CAPS);

  fail_unless_equals_int (
      rig_push_film (rig, UNKNOWN_FILM, 0, 250), GST_FLOW_OK);
  assert_no_match (rig);
  rig_free (rig);
}
GST_END_TEST;

/* One known picture, for ten seconds. */
GST_START_TEST (test_still)
{
  Rig *rig =
      rig_new (make_weir (confirmed, "sync-analysis=true"), PICTURE_CAPS);
  guint i;

  for (i = 0; i < 250; i++)
    rig_push_film (rig, KNOWN_FILM, 40, 1);
  assert_no_match (rig);
  rig_free (rig);
}
GST_END_TEST;

/* The verdict at the end of a known film, under @max_action. */
static void
check_verdict (const gchar *bank, const gchar *max_action, const gchar *verdict)
{
  Rig *rig = rig_new (make_weir (bank, "sync-analysis=true"), PICTURE_CAPS);
  g_autofree gchar *strongest = NULL;
  GstStructure *message;

  gst_util_set_object_arg (G_OBJECT (rig->weir), "max-action", max_action);
  gst_util_set_object_arg (G_OBJECT (rig->weir), "on-cut", "drop");
  rig_push_film (rig, KNOWN_FILM, 0, 130);
  while ((message = rig_pop (rig, "weir-match")) != NULL) {
    g_free (strongest);
    strongest = g_strdup (gst_structure_get_string (message, "verdict"));
    gst_structure_free (message);
  }
  fail_unless_equals_string (strongest, verdict);
  fail_unless_equals_int (rig_drop_output (rig),
      g_str_equal (verdict, "cut") ? PICTURES_TO_CUT - 1 : 130);
  rig_free (rig);
}

GST_START_TEST (test_max_action)
{
  check_verdict (confirmed, "none", "none");
  check_verdict (confirmed, "flag", "flag");
  check_verdict (confirmed, "cut", "cut");
}
GST_END_TEST;

static void
check_record (WeirOpinion opinion, WeirAction max_action, const gchar *verdict)
{
  gchar *bank = make_bank (opinion, max_action);

  check_verdict (bank, "cut", verdict);
  delete_bank (bank);
}

GST_START_TEST (test_record)
{
  check_record (WEIR_OPINION_CONFIRMED, WEIR_ACTION_NONE, "none");
  check_record (WEIR_OPINION_CONFIRMED, WEIR_ACTION_FLAG, "flag");
  check_record (WEIR_OPINION_UNREVIEWED, WEIR_ACTION_CUT, "flag");
  check_record (WEIR_OPINION_DISPUTED, WEIR_ACTION_CUT, "flag");
}
GST_END_TEST;

/* That the stream passes without a bank at @path, and why is said. */
static void
check_no_bank (const gchar *path)
{
  Rig *rig = rig_new (make_weir (path, "sync-analysis=true"), PICTURE_CAPS);
  g_autoptr (GstMessage) warning =
      gst_bus_pop_filtered (rig->bus, GST_MESSAGE_WARNING);
  g_autoptr (GError) error = NULL;
  g_autoptr (GstStructure) bank = NULL;
  g_autoptr (GstStructure) status = NULL;

  fail_unless (warning != NULL);
  gst_message_parse_warning (warning, &error, NULL);
  fail_unless (g_error_matches (
      error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_OPEN_READ));
  fail_unless (strstr (error->message, path) != NULL);
  rig_free (rig);

  rig = rig_new (make_weir (path, "sync-analysis=true"), PICTURE_CAPS);
  bank = rig_pop (rig, "weir-bank");
  assert_string (bank, "version", "");
  assert_uint (bank, "references", 0);
  assert_uint64 (bank, "fingerprints", 0);
  assert_uint64 (bank, "age", 0);
  assert_string (bank, "source", path);
  assert_string (bank, "error", error->message);
  status = rig_pop (rig, "weir-status");
  assert_string (status, "state", "blind");
  assert_string (status, "reason", error->message);
  fail_unless_equals_int (rig_push_film (rig, KNOWN_FILM, 0, 20), GST_FLOW_OK);
  fail_unless_equals_int (rig_drop_output (rig), 20);
  fail_unless (rig_pop (rig, "weir-match") == NULL);
  rig_free (rig);
}

GST_START_TEST (test_bank_missing)
{
  check_no_bank ("/nowhere/known.weir");
}
GST_END_TEST;

GST_START_TEST (test_bank_garbage)
{
  fail_unless (g_file_set_contents (confirmed, "not a bank at all", -1, NULL));
  check_no_bank (confirmed);
}
GST_END_TEST;

GST_START_TEST (test_bank_unset)
{
  Rig *rig = rig_new (make_weir (NULL, NULL), PICTURE_CAPS);
  g_autoptr (GstStructure) status = rig_pop (rig, "weir-status");

  assert_string (status, "state", "blind");
  assert_string (status, "reason", "no bank is set");
  fail_unless_equals_int (rig_push_film (rig, KNOWN_FILM, 0, 20), GST_FLOW_OK);
  fail_unless_equals_int (rig_drop_output (rig), 20);
  fail_unless (gst_bus_pop_filtered (rig->bus, GST_MESSAGE_WARNING) == NULL);
  rig_free (rig);
}
GST_END_TEST;

/* Whoever is told may act at once, in the thread that tells. */
static GstBusSyncReply
on_message (GstBus *bus, GstMessage *message, gpointer user_data)
{
  gboolean dismissed;

  if (GST_MESSAGE_TYPE (message) != GST_MESSAGE_ELEMENT)
    return GST_BUS_PASS;
  gst_util_set_object_arg (
      G_OBJECT (GST_MESSAGE_SRC (message)), "max-action", "cut");
  g_signal_emit_by_name (
      GST_MESSAGE_SRC (message), "dismiss", "nothing", &dismissed);
  fail_if (dismissed);
  (*(guint *) user_data)++;
  return GST_BUS_PASS;
}

GST_START_TEST (test_reentry)
{
  GstElement *weir = make_weir (confirmed, "sync-analysis=true");
  GstBus *bus = gst_bus_new ();
  GstHarness *harness;
  guint n_messages = 0;

  gst_object_ref_sink (weir);
  gst_bus_set_sync_handler (bus, on_message, &n_messages, NULL);
  gst_element_set_bus (weir, bus);
  harness = gst_harness_new_with_element (weir, "sink_0", "src_0");
  gst_harness_set_src_caps_str (harness, PICTURE_CAPS);
  gst_harness_push (harness, make_picture (UNKNOWN_FILM, 0, 0));
  /* weir-bank and weir-status. */
  fail_unless_equals_int (n_messages, 2);
  gst_harness_teardown (harness);
  gst_element_set_bus (weir, NULL);
  gst_object_unref (bus);
  gst_object_unref (weir);
}
GST_END_TEST;

static Suite *
messages_suite (void)
{
  Suite *suite = suite_create ("messages");
  TCase *cases = tcase_create ("general");

  suite_add_tcase (suite, cases);
  tcase_add_checked_fixture (cases, set_up, tear_down);
  tcase_add_test (cases, test_bank);
  tcase_add_test (cases, test_status);
  tcase_add_test (cases, test_stats);
  tcase_add_test (cases, test_match);
  tcase_add_test (cases, test_cut);
  tcase_add_test (cases, test_reference_start);
  tcase_add_test (cases, test_no_content);
  tcase_add_test (cases, test_still);
  tcase_add_test (cases, test_max_action);
  tcase_add_test (cases, test_record);
  tcase_add_test (cases, test_bank_missing);
  tcase_add_test (cases, test_bank_garbage);
  tcase_add_test (cases, test_bank_unset);
  tcase_add_test (cases, test_reentry);
  return suite;
}

GST_CHECK_MAIN (messages);
