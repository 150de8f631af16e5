/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a cut does to the stream, and how a person takes part in it. */

#include "common.h"

#define BEFORE 10 /* pictures ahead of the known ones */

/* Pictures that leave: all but that which makes it a cut. */
#define LEFT (BEFORE + PICTURES_TO_CUT - 1)

static gchar *bank;

static void
set_up (void)
{
  bank = make_bank (WEIR_OPINION_CONFIRMED, WEIR_ACTION_CUT);
}

static void
tear_down (void)
{
  delete_bank (bank);
}

static Rig *
make_rig (const gchar *on_cut)
{
  g_autofree gchar *properties =
      g_strdup_printf ("sync-analysis=true max-action=cut on-cut=%s", on_cut);

  return rig_new (make_weir (bank, properties), PICTURE_CAPS);
}

/* Pushes what comes before a cut, and that which makes it. */
static GstFlowReturn
push_until_cut (Rig *rig)
{
  fail_unless_equals_int (
      rig_push_film (rig, UNKNOWN_FILM, 0, BEFORE), GST_FLOW_OK);
  fail_unless_equals_int (
      rig_push_film (rig, KNOWN_FILM, 0, PICTURES_TO_CUT - 1), GST_FLOW_OK);
  return rig_push_film (rig, KNOWN_FILM, PICTURES_TO_CUT - 1, 1);
}

static void
check_cut (Rig *rig, const gchar *mode, const gchar *reason, GstClockTime time)
{
  g_autoptr (GstStructure) cut = rig_pop (rig, "weir-cut");

  fail_unless (cut != NULL);
  assert_string (cut, "mode", mode);
  assert_string (cut, "reason", reason);
  assert_uint64 (cut, "running-time", time);
}

static void
check_no_message (Rig *rig, const gchar *name)
{
  g_autoptr (GstStructure) message = rig_pop (rig, name);

  fail_unless (message == NULL, "unexpected %" GST_PTR_FORMAT, message);
}

static GstFlowReturn
push_delta (Rig *rig)
{
  GstBuffer *buffer = make_picture (UNKNOWN_FILM, 200, rig->now);

  rig->now += PICTURE_DURATION;
  GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT);
  return gst_harness_push (rig->harness, buffer);
}

/* The messages of the cut by a match, and no second cut. */
static void
check_cut_by_match (Rig *rig, const gchar *mode)
{
  g_autoptr (GstStructure) flag = rig_pop (rig, "weir-match");
  g_autoptr (GstStructure) match = rig_pop (rig, "weir-match");

  assert_string (flag, "verdict", "flag");
  assert_string (match, "verdict", "cut");
  check_cut (rig, mode, "a label", LEFT * PICTURE_DURATION);
  check_no_message (rig, "weir-cut");
}

GST_START_TEST (test_eos)
{
  Rig *rig = make_rig ("eos");
  Record *record = record_new (rig->harness->sinkpad);

  fail_unless_equals_int (push_until_cut (rig), GST_FLOW_EOS);
  fail_unless_equals_int (record_count_events (record, GST_EVENT_EOS), 1);
  fail_unless_equals_int (
      rig_push_film (rig, UNKNOWN_FILM, 50, 1), GST_FLOW_EOS);
  fail_unless_equals_int (
      rig_push_film (rig, UNKNOWN_FILM, 51, 1), GST_FLOW_EOS);
  fail_unless (gst_harness_push_event (rig->harness, gst_event_new_eos ()));
  fail_unless_equals_int (record_count_events (record, GST_EVENT_EOS), 1);
  fail_unless_equals_int (rig_drop_output (rig), LEFT);
  check_cut_by_match (rig, "eos");
  record_free (record);
  rig_free (rig);
}
GST_END_TEST;

GST_START_TEST (test_error)
{
  Rig *rig = make_rig ("error");
  Record *record = record_new (rig->harness->sinkpad);
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GError) error = NULL;

  fail_unless_equals_int (push_until_cut (rig), GST_FLOW_ERROR);
  fail_unless_equals_int (
      rig_push_film (rig, UNKNOWN_FILM, 50, 1), GST_FLOW_ERROR);
  fail_unless_equals_int (record_count_events (record, GST_EVENT_EOS), 0);
  fail_unless_equals_int (rig_drop_output (rig), LEFT);
  check_cut (rig, "error", "a label", LEFT * PICTURE_DURATION);

  message = gst_bus_pop_filtered (rig->bus, GST_MESSAGE_ERROR);
  fail_unless (message != NULL);
  gst_message_parse_error (message, &error, NULL);
  fail_unless (
      g_error_matches (error, GST_STREAM_ERROR, GST_STREAM_ERROR_FAILED));
  fail_unless (gst_bus_pop_filtered (
                   rig->bus, GST_MESSAGE_ERROR | GST_MESSAGE_ELEMENT) == NULL);
  record_free (record);
  rig_free (rig);
}
GST_END_TEST;

GST_START_TEST (test_drop)
{
  Rig *rig = make_rig ("drop");
  Record *record = record_new (rig->harness->sinkpad);

  fail_unless_equals_int (push_until_cut (rig), GST_FLOW_OK);
  fail_unless_equals_int (
      rig_push_film (rig, UNKNOWN_FILM, 50, 20), GST_FLOW_OK);
  fail_unless_equals_int (record_count_events (record, GST_EVENT_EOS), 0);
  fail_unless_equals_int (rig_drop_output (rig), LEFT);
  check_cut_by_match (rig, "drop");
  /* What is dropped is looked at all the same. */
  fail_unless_equals_uint64 (
      rig_get_stat (rig, "frames"), BEFORE + PICTURES_TO_CUT + 20);
  fail_unless (gst_harness_push_event (rig->harness, gst_event_new_eos ()));
  fail_unless_equals_int (record_count_events (record, GST_EVENT_EOS), 1);
  record_free (record);
  rig_free (rig);
}
GST_END_TEST;

/* A list is cut to the buffer. */
GST_START_TEST (test_list)
{
  Rig *rig = make_rig ("eos");
  GstBufferList *list = gst_buffer_list_new ();
  guint i;

  for (i = 0; i < PICTURES_TO_CUT + 2; i++)
    gst_buffer_list_add (
        list, make_picture (KNOWN_FILM, i, i * PICTURE_DURATION));
  fail_unless_equals_int (
      gst_pad_push_list (rig->harness->srcpad, list), GST_FLOW_EOS);
  fail_unless_equals_int (rig_drop_output (rig), PICTURES_TO_CUT - 1);
  check_cut (rig, "eos", "a label", (PICTURES_TO_CUT - 1) * PICTURE_DURATION);
  rig_free (rig);
}
GST_END_TEST;

/* Both streams of a session are cut, each at its next buffer or gap. */
static void
check_two_streams (const gchar *on_cut, GstFlowReturn expected, guint n_eos)
{
  Rig *rig = make_rig (on_cut);
  GstHarness *other =
      gst_harness_new_with_element (rig->weir, "sink_1", "src_1");
  Record *record = record_new (rig->harness->sinkpad);
  Record *other_record = record_new (other->sinkpad);

  gst_harness_set_src_caps_str (other, "application/x-data");
  fail_unless_equals_int (
      gst_harness_push (other, gst_buffer_new ()), GST_FLOW_OK);
  fail_unless_equals_int (push_until_cut (rig), expected);
  fail_unless_equals_int (record_count_events (other_record, GST_EVENT_EOS), 0);
  fail_unless_equals_int (
      gst_harness_push (other, gst_buffer_new ()), expected);
  fail_unless_equals_int (
      gst_harness_push (other, gst_buffer_new ()), expected);
  fail_unless_equals_int (
      record_count_events (other_record, GST_EVENT_EOS), n_eos);
  fail_unless_equals_int (record_count_events (record, GST_EVENT_EOS), n_eos);
  fail_unless_equals_int (gst_harness_buffers_received (other), 1);
  fail_unless_equals_int (gst_harness_buffers_received (rig->harness), LEFT);
  check_cut_by_match (rig, on_cut);
  record_free (record);
  record_free (other_record);
  gst_harness_teardown (other);
  rig_free (rig);
}

GST_START_TEST (test_two_streams)
{
  check_two_streams ("eos", GST_FLOW_EOS, 1);
  check_two_streams ("error", GST_FLOW_ERROR, 0);
  check_two_streams ("drop", GST_FLOW_OK, 0);
}
GST_END_TEST;

GST_START_TEST (test_gap)
{
  Rig *rig = make_rig ("eos");
  Record *record = record_new (rig->harness->sinkpad);

  g_signal_emit_by_name (rig->weir, "cut", "by hand");
  gst_harness_push_event (rig->harness, gst_event_new_gap (0, GST_SECOND));
  fail_unless_equals_int (record_count_events (record, GST_EVENT_GAP), 0);
  fail_unless_equals_int (record_count_events (record, GST_EVENT_EOS), 1);
  check_cut (rig, "eos", "by hand", 0);
  record_free (record);
  rig_free (rig);
}
GST_END_TEST;

GST_START_TEST (test_signal_cut)
{
  Rig *rig = make_rig ("eos");
  g_autoptr (GstStructure) cut = NULL;

  rig_push_film (rig, UNKNOWN_FILM, 0, BEFORE);
  g_signal_emit_by_name (rig->weir, "cut", "by hand");
  check_no_message (rig, "weir-cut");
  fail_unless_equals_int (
      rig_push_film (rig, UNKNOWN_FILM, BEFORE, 1), GST_FLOW_EOS);
  fail_unless_equals_int (rig_drop_output (rig), BEFORE);
  cut = rig_pop (rig, "weir-cut");
  assert_string (cut, "match-id", "");
  assert_string (cut, "reason", "by hand");
  assert_string (cut, "mode", "eos");
  assert_uint64 (cut, "running-time", BEFORE * PICTURE_DURATION);
  rig_free (rig);
}
GST_END_TEST;

/* A cut needs neither a bank nor an analysis. */
GST_START_TEST (test_signal_cut_without_bank)
{
  Rig *rig = rig_new (make_weir (NULL, NULL), PICTURE_CAPS);

  rig_push_film (rig, UNKNOWN_FILM, 0, 1);
  g_signal_emit_by_name (rig->weir, "cut", NULL);
  fail_unless_equals_int (
      rig_push_film (rig, UNKNOWN_FILM, 1, 1), GST_FLOW_EOS);
  check_cut (rig, "eos", "", PICTURE_DURATION);
  rig_free (rig);
}
GST_END_TEST;

GST_START_TEST (test_release_at_keyframe)
{
  Rig *rig = make_rig ("drop");

  g_signal_emit_by_name (rig->weir, "cut", "by hand");
  rig_push_film (rig, UNKNOWN_FILM, 0, 3);
  g_signal_emit_by_name (rig->weir, "release");
  fail_unless_equals_int (push_delta (rig), GST_FLOW_OK);
  fail_unless_equals_int (push_delta (rig), GST_FLOW_OK);
  fail_unless_equals_int (rig_drop_output (rig), 0);
  rig_push_film (rig, UNKNOWN_FILM, 3, 1);
  fail_unless_equals_int (rig_drop_output (rig), 1);
  push_delta (rig);
  fail_unless_equals_int (rig_drop_output (rig), 1);
  check_cut (rig, "drop", "by hand", 0);

  /* The next cut is said again. */
  g_signal_emit_by_name (rig->weir, "cut", "once more");
  rig_push_film (rig, UNKNOWN_FILM, 4, 1);
  fail_unless_equals_int (rig_drop_output (rig), 0);
  check_cut (rig, "drop", "once more", 7 * PICTURE_DURATION);
  rig_free (rig);
}
GST_END_TEST;

/* What was not cut passes whole. */
GST_START_TEST (test_release_without_cut)
{
  Rig *rig = make_rig ("drop");

  g_signal_emit_by_name (rig->weir, "release");
  push_delta (rig);
  fail_unless_equals_int (rig_drop_output (rig), 1);
  rig_free (rig);
}
GST_END_TEST;

GST_START_TEST (test_release_match)
{
  Rig *rig = make_rig ("drop");

  push_until_cut (rig);
  check_cut_by_match (rig, "drop");
  rig_drop_output (rig);
  g_signal_emit_by_name (rig->weir, "release");
  rig_push_film (rig, KNOWN_FILM, PICTURES_TO_CUT, 200);
  fail_unless_equals_int (rig_drop_output (rig), 200);
  check_no_message (rig, "weir-cut");

  /* Another work is another match. */
  rig_push_film (rig, SECOND_FILM, 0, PICTURES_TO_CUT);
  fail_unless_equals_int (rig_drop_output (rig), PICTURES_TO_CUT - 1);
  rig_free (rig);
}
GST_END_TEST;

static gboolean
dismiss (Rig *rig, const gchar *match_id)
{
  gboolean dismissed = FALSE;

  g_signal_emit_by_name (rig->weir, "dismiss", match_id, &dismissed);
  return dismissed;
}

GST_START_TEST (test_dismiss)
{
  Rig *rig = make_rig ("drop");
  g_autoptr (GstStructure) match = NULL;
  g_autoptr (GstStructure) ended = NULL;
  const gchar *id;

  push_until_cut (rig);
  match = rig_pop (rig, "weir-match");
  id = gst_structure_get_string (match, "match-id");
  check_cut (rig, "drop", "a label", LEFT * PICTURE_DURATION);
  rig_drop_output (rig);

  fail_if (dismiss (rig, "no match"));
  fail_if (dismiss (rig, NULL));
  fail_unless (dismiss (rig, id));
  ended = rig_pop (rig, "weir-match");
  assert_string (ended, "match-id", id);
  assert_string (ended, "state", "ended");
  assert_string (ended, "verdict", "none");
  fail_if (dismiss (rig, id));

  rig_push_film (rig, KNOWN_FILM, PICTURES_TO_CUT, 100);
  rig_push_film (rig, UNKNOWN_FILM, 0, 100);
  rig_push_film (rig, KNOWN_FILM, 0, 100);
  check_no_message (rig, "weir-match");
  fail_unless_equals_int (rig_drop_output (rig), 300);
  fail_unless_equals_uint64 (rig_get_stat (rig, "matches"), 1);

  rig_push_film (rig, SECOND_FILM, 0, PICTURES_TO_CUT);
  fail_unless_equals_int (rig_drop_output (rig), PICTURES_TO_CUT - 1);
  rig_free (rig);
}
GST_END_TEST;

/* A person's own cut outlives the dismissal of a match. */
GST_START_TEST (test_dismiss_keeps_cut)
{
  Rig *rig = make_rig ("drop");
  g_autoptr (GstStructure) match = NULL;

  rig_push_film (rig, KNOWN_FILM, 0, PICTURES_TO_FLAG);
  match = rig_pop (rig, "weir-match");
  g_signal_emit_by_name (rig->weir, "cut", "by hand");
  fail_unless (dismiss (rig, gst_structure_get_string (match, "match-id")));
  rig_drop_output (rig);
  rig_push_film (rig, UNKNOWN_FILM, 0, 5);
  fail_unless_equals_int (rig_drop_output (rig), 0);
  rig_free (rig);
}
GST_END_TEST;

/* An end of stream that was forced does not outlast a flush or a restart of
 * the element; the cut outlasts the flush. */
GST_START_TEST (test_cut_and_flush)
{
  Rig *rig = make_rig ("eos");
  Record *record = record_new (rig->harness->sinkpad);

  fail_unless_equals_int (push_until_cut (rig), GST_FLOW_EOS);
  gst_harness_push_event (rig->harness, gst_event_new_flush_start ());
  gst_harness_push_event (rig->harness, gst_event_new_flush_stop (TRUE));
  gst_harness_set_src_caps_str (rig->harness, PICTURE_CAPS);
  fail_unless_equals_int (
      rig_push_film (rig, UNKNOWN_FILM, 0, 1), GST_FLOW_EOS);
  fail_unless_equals_int (record_count_events (record, GST_EVENT_EOS), 2);
  check_cut_by_match (rig, "eos");
  record_free (record);

  gst_element_set_state (rig->weir, GST_STATE_NULL);
  rig_drop_output (rig);
  gst_element_set_state (rig->weir, GST_STATE_PLAYING);
  gst_harness_set_src_caps_str (rig->harness, PICTURE_CAPS);
  fail_unless_equals_int (rig_push_film (rig, UNKNOWN_FILM, 0, 5), GST_FLOW_OK);
  rig_free (rig);
}
GST_END_TEST;

static Suite *
cut_suite (void)
{
  Suite *suite = suite_create ("cut");
  TCase *cases = tcase_create ("general");

  suite_add_tcase (suite, cases);
  tcase_add_checked_fixture (cases, set_up, tear_down);
  tcase_add_test (cases, test_eos);
  tcase_add_test (cases, test_error);
  tcase_add_test (cases, test_drop);
  tcase_add_test (cases, test_list);
  tcase_add_test (cases, test_two_streams);
  tcase_add_test (cases, test_gap);
  tcase_add_test (cases, test_signal_cut);
  tcase_add_test (cases, test_signal_cut_without_bank);
  tcase_add_test (cases, test_release_at_keyframe);
  tcase_add_test (cases, test_release_without_cut);
  tcase_add_test (cases, test_release_match);
  tcase_add_test (cases, test_dismiss);
  tcase_add_test (cases, test_dismiss_keeps_cut);
  tcase_add_test (cases, test_cut_and_flush);
  return suite;
}

GST_CHECK_MAIN (cut);
