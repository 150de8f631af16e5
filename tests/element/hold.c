/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is held back: when it leaves, and that nothing of a matched span does. */

#include "common.h"

#include "gstweirhold.h"

#include <gst/check/gsttestclock.h>

#define HELD        (200 * GST_MSECOND)
#define HELD_LENGTH (HELD / PICTURE_DURATION) /* pictures */

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

/* A rig of a live stream on a clock that the test sets. */
static Rig *
make_rig_with_query (const gchar *properties, GstPadQueryFunction query)
{
  g_autofree gchar *all = g_strdup_printf ("hold-back=%u sync-analysis=true%s",
      (guint) (HELD / GST_MSECOND), properties);
  Rig *rig = rig_new (make_weir (bank, all), NULL);

  gst_harness_use_testclock (rig->harness);
  if (query)
    gst_pad_set_query_function (rig->harness->srcpad, query);
  gst_harness_set_src_caps_str (rig->harness, PICTURE_CAPS);
  return rig;
}

static Rig *
make_rig (const gchar *properties)
{
  return make_rig_with_query (properties, NULL);
}

static GstTestClock *
get_clock (Rig *rig)
{
  return gst_harness_get_testclock (rig->harness);
}

static void
set_time (Rig *rig, GstClockTime time)
{
  g_autoptr (GstTestClock) clock = get_clock (rig);

  gst_test_clock_set_time (clock, time);
}

/* What the element waits for next. */
static GstClockTime
get_next_due (Rig *rig)
{
  g_autoptr (GstTestClock) clock = get_clock (rig);
  GstClockID id;
  GstClockTime due;

  gst_test_clock_wait_for_next_pending_id (clock, &id);
  due = gst_clock_id_get_time (id);
  gst_clock_id_unref (id);
  return due;
}

/* Waits for the next buffer to leave and returns its pts. */
static GstClockTime
pull (GstHarness *harness)
{
  GstBuffer *buffer = gst_harness_pull (harness);
  GstClockTime pts;

  fail_unless (buffer != NULL);
  pts = GST_BUFFER_PTS (buffer);
  gst_buffer_unref (buffer);
  return pts;
}

/* The next thing that leaves does so at @due, and is the picture of @pts. */
static void
assert_leaves (Rig *rig, GstClockTime due, GstClockTime pts)
{
  guint before = gst_harness_buffers_received (rig->harness);

  fail_unless_equals_uint64 (get_next_due (rig), due);
  fail_unless_equals_int (gst_harness_buffers_received (rig->harness), before);
  fail_unless (gst_harness_crank_single_clock_wait (rig->harness));
  fail_unless_equals_uint64 (pull (rig->harness), pts);
}

/* Pushes @n pictures at the time they are for. */
static GstFlowReturn
push_live (Rig *rig, guint film, guint first, guint n)
{
  GstFlowReturn flow = GST_FLOW_OK;
  guint i;

  for (i = 0; i < n && flow == GST_FLOW_OK; i++) {
    set_time (rig, rig->now);
    flow = rig_push_film (rig, film, first + i, 1);
  }
  return flow;
}

/* ---- live ---- */

GST_START_TEST (test_live)
{
  Rig *rig = make_rig ("");
  Record *record = record_new (rig->harness->sinkpad);
  guint i;

  fail_unless_equals_int (
      push_live (rig, UNKNOWN_FILM, 0, HELD_LENGTH), GST_FLOW_OK);
  /* What begins the stream is held with it. */
  fail_unless_equals_int (record->objects->len, 0);
  for (i = 0; i < 10; i++) {
    assert_leaves (rig, i * PICTURE_DURATION + HELD, i * PICTURE_DURATION);
    fail_unless_equals_int (
        rig_push_film (rig, UNKNOWN_FILM, HELD_LENGTH + i, 1), GST_FLOW_OK);
  }
  fail_unless_equals_int (
      record_count_events (record, GST_EVENT_STREAM_START), 1);
  fail_unless_equals_int (record_count_events (record, GST_EVENT_CAPS), 1);
  fail_unless_equals_int (record_count_events (record, GST_EVENT_SEGMENT), 1);
  record_free (record);
  rig_free (rig);
}
GST_END_TEST;

/* The end comes after what is before it, and as much later. */
GST_START_TEST (test_eos)
{
  Rig *rig = make_rig ("");
  g_autoptr (GstEvent) event = NULL;

  push_live (rig, UNKNOWN_FILM, 0, 2);
  set_time (rig, 3 * PICTURE_DURATION);
  gst_harness_push_event (rig->harness, gst_event_new_eos ());
  assert_leaves (rig, HELD, 0);
  assert_leaves (rig, HELD + PICTURE_DURATION, PICTURE_DURATION);
  fail_unless_equals_uint64 (get_next_due (rig), HELD + 3 * PICTURE_DURATION);
  fail_unless (gst_harness_crank_single_clock_wait (rig->harness));
  do {
    gst_clear_event (&event);
    event = gst_harness_pull_event (rig->harness);
  } while (event && GST_EVENT_TYPE (event) != GST_EVENT_EOS);
  fail_unless (event != NULL);
  rig_free (rig);
}
GST_END_TEST;

/* Events stay between the buffers that they came between. */
GST_START_TEST (test_order)
{
  Rig *rig = make_rig ("");
  Record *record = record_new (rig->harness->sinkpad);
  GstEvent *gap = gst_event_new_gap (PICTURE_DURATION, PICTURE_DURATION);
  guint n;

  push_live (rig, UNKNOWN_FILM, 0, 1);
  gst_harness_push_event (rig->harness, gst_event_ref (gap));
  push_live (rig, UNKNOWN_FILM, 1, 1);
  assert_leaves (rig, HELD, 0);
  assert_leaves (rig, HELD + PICTURE_DURATION, PICTURE_DURATION);
  n = record->objects->len;
  fail_unless (n >= 3);
  fail_unless (record->objects->pdata[n - 2] == gap);
  gst_event_unref (gap);
  record_free (record);
  rig_free (rig);
}
GST_END_TEST;

GST_START_TEST (test_latency)
{
  Rig *rig = make_rig ("");
  g_autoptr (GstQuery) query = gst_query_new_latency ();
  GstClockTime min, max;
  gboolean live;

  gst_harness_set_upstream_latency (rig->harness, 20 * GST_MSECOND);
  fail_unless (gst_pad_peer_query (rig->harness->sinkpad, query));
  gst_query_parse_latency (query, &live, &min, &max);
  fail_unless (live);
  fail_unless_equals_uint64 (min, 20 * GST_MSECOND + HELD);
  rig_free (rig);
}
GST_END_TEST;

/* A list leaves buffer for buffer. */
GST_START_TEST (test_list)
{
  Rig *rig = make_rig ("");
  GstBufferList *list = gst_buffer_list_new ();
  guint i;

  for (i = 0; i < 3; i++)
    gst_buffer_list_add (
        list, make_picture (UNKNOWN_FILM, i, i * PICTURE_DURATION));
  fail_unless_equals_int (
      gst_pad_push_list (rig->harness->srcpad, list), GST_FLOW_OK);
  assert_leaves (rig, HELD, 0);
  for (i = 1; i < 3; i++)
    fail_unless_equals_uint64 (pull (rig->harness), i * PICTURE_DURATION);
  rig_free (rig);
}
GST_END_TEST;

GST_START_TEST (test_flush)
{
  Rig *rig = make_rig ("");
  Record *record = record_new (rig->harness->sinkpad);
  GstSegment segment;

  push_live (rig, UNKNOWN_FILM, 0, 3);
  gst_harness_push_event (rig->harness, gst_event_new_flush_start ());
  gst_harness_push_event (rig->harness, gst_event_new_flush_stop (TRUE));
  gst_segment_init (&segment, GST_FORMAT_TIME);
  set_time (rig, GST_SECOND);
  gst_harness_push_event (rig->harness, gst_event_new_segment (&segment));
  rig->now = GST_SECOND;
  push_live (rig, UNKNOWN_FILM, 3, 1);
  assert_leaves (rig, GST_SECOND + HELD, GST_SECOND);
  /* The caps, which nobody says again, are not lost. */
  fail_unless_equals_int (record_count_events (record, GST_EVENT_CAPS), 1);
  fail_unless_equals_int (record_count_events (record, GST_EVENT_SEGMENT), 1);
  fail_unless_equals_int (gst_harness_buffers_received (rig->harness), 1);
  record_free (record);
  rig_free (rig);
}
GST_END_TEST;

/* What is held does not keep the element from stopping. */
GST_START_TEST (test_stop)
{
  Rig *rig = make_rig ("");

  push_live (rig, UNKNOWN_FILM, 0, 3);
  fail_unless_equals_int (gst_element_set_state (rig->weir, GST_STATE_NULL),
      GST_STATE_CHANGE_SUCCESS);
  fail_unless_equals_int (gst_harness_buffers_received (rig->harness), 0);
  rig_free (rig);
}
GST_END_TEST;

/* ---- not live ---- */

static gboolean
answer_not_live (GstPad *pad, GstObject *parent, GstQuery *query)
{
  if (GST_QUERY_TYPE (query) != GST_QUERY_LATENCY)
    return gst_pad_query_default (pad, parent, query);
  gst_query_set_latency (query, FALSE, 0, GST_CLOCK_TIME_NONE);
  return TRUE;
}

/* No clock runs: pictures leave by what came after them. */
GST_START_TEST (test_not_live)
{
  const GstClockTime start = 10 * GST_SECOND;
  Rig *rig = make_rig_with_query ("", answer_not_live);
  guint i;

  rig->now = start;
  rig_push_film (rig, UNKNOWN_FILM, 0, HELD_LENGTH);
  fail_unless_equals_int (gst_harness_buffers_received (rig->harness), 0);
  rig_push_film (rig, UNKNOWN_FILM, HELD_LENGTH, 10);
  for (i = 0; i < 10; i++)
    fail_unless_equals_uint64 (
        pull (rig->harness), start + i * PICTURE_DURATION);
  /* Encoders that connect again begin at 0. */
  rig->now = 0;
  rig_push_film (rig, UNKNOWN_FILM, 0, HELD_LENGTH + 1);
  for (i = 0; i < HELD_LENGTH; i++)
    fail_unless_equals_uint64 (
        pull (rig->harness), start + (10 + i) * PICTURE_DURATION);
  gst_harness_push_event (rig->harness, gst_event_new_eos ());
  for (i = 0; i < HELD_LENGTH + 1; i++)
    fail_unless_equals_uint64 (pull (rig->harness), i * PICTURE_DURATION);
  rig_free (rig);
}
GST_END_TEST;

/* ---- cuts ---- */

static Rig *
make_cut_rig (const gchar *on_cut)
{
  g_autofree gchar *properties =
      g_strdup_printf (" max-action=cut on-cut=%s", on_cut);

  return make_rig (properties);
}

/* Pushes an unknown film, and a known one behind it until it is cut: then as
 * much of the unknown has left as of the known has come. */
static void
push_until_cut (Rig *rig)
{
  guint i;

  push_live (rig, UNKNOWN_FILM, 0, HELD_LENGTH);
  for (i = 0; i < PICTURES_TO_CUT; i++) {
    assert_leaves (rig, i * PICTURE_DURATION + HELD, i * PICTURE_DURATION);
    rig_push_film (rig, KNOWN_FILM, i, 1);
  }
}

static void
wait_for_eos (GstHarness *harness)
{
  g_autoptr (GstEvent) event = NULL;

  do {
    gst_clear_event (&event);
    event = gst_harness_pull_event (harness);
  } while (event && GST_EVENT_TYPE (event) != GST_EVENT_EOS);
  fail_unless (event != NULL);
}

static void
assert_cut (Rig *rig, const gchar *mode, GstClockTime time)
{
  g_autoptr (GstStructure) cut = rig_wait (rig, "weir-cut");

  assert_string (cut, "mode", mode);
  assert_uint64 (cut, "running-time", time);
}

/* An end comes at once, ahead of all that is held. */
GST_START_TEST (test_cut_eos)
{
  Rig *rig = make_cut_rig ("eos");

  push_until_cut (rig);
  wait_for_eos (rig->harness);
  assert_cut (rig, "eos", PICTURES_TO_CUT * PICTURE_DURATION);
  fail_unless_equals_int (
      gst_harness_buffers_received (rig->harness), PICTURES_TO_CUT);
  fail_unless (gst_harness_push_event (rig->harness, gst_event_new_eos ()));
  rig_free (rig);
}
GST_END_TEST;

GST_START_TEST (test_cut_error)
{
  Rig *rig = make_cut_rig ("error");
  g_autoptr (GstMessage) message = NULL;

  push_until_cut (rig);
  assert_cut (rig, "error", PICTURES_TO_CUT * PICTURE_DURATION);
  message = gst_bus_timed_pop_filtered (
      rig->bus, GST_CLOCK_TIME_NONE, GST_MESSAGE_ERROR);
  fail_unless (message != NULL);
  fail_unless_equals_int (
      gst_harness_buffers_received (rig->harness), PICTURES_TO_CUT);
  rig_free (rig);
}
GST_END_TEST;

/* What is dropped is dropped when it would have left; what comes after a
 * release leaves. */
GST_START_TEST (test_cut_drop)
{
  Rig *rig = make_cut_rig ("drop");
  GstClockTime due;
  guint i;

  push_until_cut (rig);
  for (i = 0; i < PICTURES_TO_CUT; i++) {
    due = (PICTURES_TO_CUT + i) * PICTURE_DURATION + HELD;
    fail_unless_equals_uint64 (get_next_due (rig), due);
    fail_unless (gst_harness_crank_single_clock_wait (rig->harness));
  }
  assert_cut (rig, "drop", PICTURES_TO_CUT * PICTURE_DURATION);
  fail_unless_equals_uint64 (get_next_due (rig), due + PICTURE_DURATION);
  g_signal_emit_by_name (rig->weir, "release");
  fail_unless_equals_int (
      gst_harness_buffers_received (rig->harness), PICTURES_TO_CUT);
  rig_free (rig);
}
GST_END_TEST;

/* What is held of all streams is cut with them, and the first of it told. */
GST_START_TEST (test_cut_together)
{
  Rig *rig = make_cut_rig ("eos");
  GstHarness *other =
      gst_harness_new_with_element (rig->weir, "sink_1", "src_1");
  g_autoptr (GstTestClock) clock = get_clock (rig);
  GstBuffer *buffer = gst_buffer_new ();

  gst_element_set_clock (rig->weir, GST_CLOCK (clock));
  gst_harness_set_src_caps_str (other, "application/x-data");
  push_live (rig, KNOWN_FILM, 0, PICTURES_TO_CUT - 1);
  GST_BUFFER_PTS (buffer) = 0;
  fail_unless_equals_int (gst_harness_push (other, buffer), GST_FLOW_OK);
  rig_push_film (rig, KNOWN_FILM, PICTURES_TO_CUT - 1, 1);
  wait_for_eos (rig->harness);
  wait_for_eos (other);
  assert_cut (rig, "eos", 0);
  fail_unless_equals_int (gst_harness_buffers_received (rig->harness), 0);
  fail_unless_equals_int (gst_harness_buffers_received (other), 0);
  gst_harness_teardown (other);
  rig_free (rig);
}
GST_END_TEST;

/* ---- bounds ---- */

GST_START_TEST (test_too_large)
{
  Rig *rig = rig_new (make_weir (bank, "hold-back=2000"),
      "video/x-raw, format=I420, width=1920, height=1080, framerate=30/1");
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GError) error = NULL;

  fail_unless_equals_int (
      gst_harness_push (rig->harness, gst_buffer_new ()), GST_FLOW_ERROR);
  message = gst_bus_pop_filtered (rig->bus, GST_MESSAGE_ERROR);
  fail_unless (message != NULL);
  gst_message_parse_error (message, &error, NULL);
  fail_unless (g_error_matches (
      error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NO_SPACE_LEFT));
  fail_unless (strstr (error->message, "takes 178 MiB") != NULL);
  fail_unless (strstr (error->message, "set hold-back to 719 ms") != NULL);

  /* Other caps may do. */
  gst_harness_set_src_caps_str (rig->harness, PICTURE_CAPS);
  fail_unless_equals_int (rig_push_film (rig, UNKNOWN_FILM, 0, 1), GST_FLOW_OK);
  rig_free (rig);
}
GST_END_TEST;

/* Where time stands still, what leaves makes room: for the buffers, too, not for
 * their data alone. */
GST_START_TEST (test_room)
{
  const guint n = 1000;
  Rig *rig = rig_new (make_weir (NULL, "hold-back=2000"), NULL);
  GstBuffer *buffer = gst_buffer_new_allocate (
      NULL, GST_WEIR_HOLD_BYTES / n - GST_WEIR_HOLD_ITEM_BYTES / 2, NULL);
  guint i;

  GST_BUFFER_PTS (buffer) = 0;
  gst_pad_set_query_function (rig->harness->srcpad, answer_not_live);
  gst_harness_set_src_caps_str (rig->harness, "application/x-data");
  for (i = 0; i < n; i++)
    fail_unless_equals_int (
        gst_harness_push (rig->harness, gst_buffer_copy (buffer)), GST_FLOW_OK);
  fail_unless_equals_uint64 (pull (rig->harness), 0);
  gst_buffer_unref (buffer);
  rig_free (rig);
}
GST_END_TEST;

static Suite *
hold_suite (void)
{
  Suite *suite = suite_create ("hold");
  TCase *cases = tcase_create ("general");

  suite_add_tcase (suite, cases);
  tcase_add_checked_fixture (cases, set_up, tear_down);
  tcase_add_test (cases, test_live);
  tcase_add_test (cases, test_eos);
  tcase_add_test (cases, test_order);
  tcase_add_test (cases, test_latency);
  tcase_add_test (cases, test_list);
  tcase_add_test (cases, test_flush);
  tcase_add_test (cases, test_stop);
  tcase_add_test (cases, test_not_live);
  tcase_add_test (cases, test_cut_eos);
  tcase_add_test (cases, test_cut_error);
  tcase_add_test (cases, test_cut_drop);
  tcase_add_test (cases, test_cut_together);
  tcase_add_test (cases, test_too_large);
  tcase_add_test (cases, test_room);
  return suite;
}

GST_CHECK_MAIN (hold);
