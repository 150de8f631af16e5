/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pads that come and go, what they are linked to, and what they answer. */

#include "common.h"

#include <gst/video/video.h>

#define N_RELEASES 20

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

static void
assert_pad (GstElement *weir, const gchar *name, gboolean there)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (weir, name);

  fail_unless ((pad != NULL) == there, "%s", name);
}

static void
assert_linked_inside (GstElement *weir, const gchar *name, const gchar *other)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (weir, name);
  GstIterator *links = gst_pad_iterate_internal_links (pad);
  GValue value = G_VALUE_INIT;

  fail_unless_equals_int (gst_iterator_next (links, &value), GST_ITERATOR_OK);
  fail_unless_equals_string (
      GST_OBJECT_NAME (g_value_get_object (&value)), other);
  g_value_unset (&value);
  fail_unless_equals_int (gst_iterator_next (links, &value), GST_ITERATOR_DONE);
  gst_iterator_free (links);
}

GST_START_TEST (test_request)
{
  GstElement *weir = gst_object_ref_sink (make_weir (NULL, NULL));
  g_autoptr (GstPad) zero = gst_element_request_pad_simple (weir, "sink_%u");
  g_autoptr (GstPad) named = gst_element_request_pad_simple (weir, "sink_7");
  g_autoptr (GstPad) next = gst_element_request_pad_simple (weir, "sink_%u");
  g_autoptr (GstPad) lower = gst_element_request_pad_simple (weir, "sink_3");

  fail_unless_equals_string (GST_PAD_NAME (zero), "sink_0");
  fail_unless_equals_string (GST_PAD_NAME (named), "sink_7");
  fail_unless_equals_string (GST_PAD_NAME (next), "sink_8");
  fail_unless_equals_string (GST_PAD_NAME (lower), "sink_3");
  assert_pad (weir, "src_0", TRUE);
  assert_pad (weir, "src_7", TRUE);
  assert_pad (weir, "src_8", TRUE);
  assert_pad (weir, "src_3", TRUE);
  fail_unless_equals_int (weir->numpads, 8);
  assert_linked_inside (weir, "sink_7", "src_7");
  assert_linked_inside (weir, "src_7", "sink_7");
  assert_linked_inside (weir, "src_0", "sink_0");

  gst_element_release_request_pad (weir, named);
  assert_pad (weir, "sink_7", FALSE);
  assert_pad (weir, "src_7", FALSE);
  assert_pad (weir, "src_8", TRUE);
  gst_object_unref (weir);
}
GST_END_TEST;

GST_START_TEST (test_same_name)
{
  GstElement *weir = gst_object_ref_sink (make_weir (NULL, NULL));
  GstElementClass *class = GST_ELEMENT_GET_CLASS (weir);
  GstPadTemplate *template =
      gst_element_class_get_pad_template (class, "sink_%u");
  g_autoptr (GstPad) pad = gst_element_request_pad_simple (weir, "sink_2");

  /* GStreamer itself takes it for a mistake of the program. */
  fail_unless (class->request_new_pad (weir, template, "sink_2", NULL) == NULL);
  fail_unless_equals_int (weir->numpads, 2);
  gst_element_release_request_pad (weir, pad);
  fail_unless_equals_int (weir->numpads, 0);
  gst_object_unref (pad);
  pad = gst_element_request_pad_simple (weir, "sink_2");
  fail_unless (pad != NULL);
  gst_object_unref (weir);
}
GST_END_TEST;

/* A stream that comes late is looked at like the first. */
GST_START_TEST (test_request_while_playing)
{
  Rig *rig =
      rig_new (make_weir (bank, "sync-analysis=true"), "application/x-data");
  GstHarness *late;
  guint i;

  late = gst_harness_new_with_element (rig->weir, "sink_%u", "src_1");
  gst_harness_set_src_caps_str (late, PICTURE_CAPS);
  for (i = 0; i < PICTURES_TO_FLAG; i++)
    fail_unless_equals_int (gst_harness_push (late, make_picture (KNOWN_FILM, i,
                                                        i * PICTURE_DURATION)),
        GST_FLOW_OK);
  fail_unless_equals_int (gst_harness_buffers_received (late), i);
  fail_unless_equals_uint64 (rig_get_stat (rig, "matches"), 1);
  gst_harness_teardown (late);
  rig_free (rig);
}
GST_END_TEST;

/* ---- release while data flows ---- */

typedef struct {
  GMutex lock;
  GCond changed;
  guint n_pushed;
  GstFlowReturn flow;
  GstPad *pad; /* that is pushed from */
} Pusher;

static gpointer
push_until_refused (gpointer data)
{
  Pusher *pusher = data;
  GstFlowReturn flow = GST_FLOW_OK;
  guint i;

  for (i = 0; flow == GST_FLOW_OK; i++) {
    flow = gst_pad_push (pusher->pad,
        make_picture (UNKNOWN_FILM, i % KNOWN_LENGTH, i * PICTURE_DURATION));
    g_mutex_lock (&pusher->lock);
    pusher->n_pushed++;
    g_cond_broadcast (&pusher->changed);
    g_mutex_unlock (&pusher->lock);
  }
  pusher->flow = flow;
  return NULL;
}

static GstFlowReturn
swallow (GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
  gst_buffer_unref (buffer);
  return GST_FLOW_OK;
}

static void
release_while_pushing (const gchar *properties)
{
  Rig *rig = rig_new (make_weir (bank, properties), PICTURE_CAPS);
  Pusher pusher = { .pad = rig->harness->srcpad };
  GThread *thread;

  gst_pad_set_chain_function (rig->harness->sinkpad, swallow);
  g_mutex_init (&pusher.lock);
  g_cond_init (&pusher.changed);
  thread = g_thread_new ("pusher", push_until_refused, &pusher);
  g_mutex_lock (&pusher.lock);
  while (pusher.n_pushed < 10)
    g_cond_wait (&pusher.changed, &pusher.lock);
  g_mutex_unlock (&pusher.lock);

  gst_element_release_request_pad (
      rig->weir, GST_PAD_PEER (rig->harness->srcpad));
  g_thread_join (thread);
  fail_unless (
      pusher.flow == GST_FLOW_FLUSHING || pusher.flow == GST_FLOW_NOT_LINKED);
  fail_unless_equals_int (rig->weir->numpads, 0);
  g_mutex_clear (&pusher.lock);
  g_cond_clear (&pusher.changed);
  rig_free (rig);
}

/* Requests a pad as soon as the element speaks: while it starts. */
static GstBusSyncReply
request_once (GstBus *bus, GstMessage *message, gpointer user_data)
{
  GstPad **requested = user_data;

  if (!*requested && gst_message_has_name (message, "weir-bank"))
    *requested = gst_element_request_pad_simple (
        GST_ELEMENT (GST_MESSAGE_SRC (message)), "sink_5");
  return GST_BUS_PASS;
}

static guint
count_analysis_threads (void)
{
  g_autoptr (GDir) tasks = g_dir_open ("/proc/self/task", 0, NULL);
  const gchar *task;
  guint n = 0;

  while (tasks && (task = g_dir_read_name (tasks))) {
    g_autofree gchar *path =
        g_build_filename ("/proc/self/task", task, "comm", NULL);
    g_autofree gchar *name = NULL;

    if (g_file_get_contents (path, &name, NULL, NULL))
      n += g_str_has_prefix (name, "weir-analysis");
  }
  return n;
}

/* The kernel lists a thread for a moment after it was joined. */
static void
wait_for_no_analysis (void)
{
  gint64 until = g_get_monotonic_time () + 10 * G_TIME_SPAN_SECOND;

  while (count_analysis_threads () > 0)
    fail_unless (g_get_monotonic_time () < until, "an analysis is left behind");
}

GST_START_TEST (test_request_while_starting)
{
  GstElement *weir = gst_object_ref_sink (make_weir (bank, NULL));
  g_autoptr (GstBus) bus = gst_bus_new ();
  g_autoptr (GstPad) requested = NULL;

  gst_bus_set_sync_handler (bus, request_once, &requested, NULL);
  gst_element_set_bus (weir, bus);
  gst_element_set_state (weir, GST_STATE_PLAYING);
  fail_unless (requested != NULL);
  gst_element_set_state (weir, GST_STATE_NULL);
  wait_for_no_analysis ();
  gst_bus_set_flushing (bus, TRUE);
  gst_object_unref (weir);
}
GST_END_TEST;

GST_START_TEST (test_release_while_playing)
{
  guint i;

  for (i = 0; i < N_RELEASES; i++) {
    release_while_pushing (NULL);
    release_while_pushing ("sync-analysis=true");
  }
}
GST_END_TEST;

/* ---- release while the element stops ---- */

/* So often another thread gets its turn before the pad is released: time for the
 * element to wait for the analysis. */
#define N_YIELDS 2000

/* The analysis of a pad, where it says what it sees, is held up until the pad is
 * gone; a thread has it released when the element stops. */
typedef struct {
  GThread *main;
  GstElement *weir;
  gint held; /* atomic */
} Releaser;

static GstBusSyncReply
wait_for_release (GstBus *bus, GstMessage *message, gpointer user_data)
{
  Releaser *releaser = user_data;
  gboolean there = TRUE;

  if (g_thread_self () == releaser->main ||
      !gst_message_has_name (message, "weir-status") ||
      !g_atomic_int_compare_and_exchange (&releaser->held, FALSE, TRUE))
    return GST_BUS_PASS;
  while (there) {
    g_autoptr (GstPad) pad =
        gst_element_get_static_pad (releaser->weir, "sink_0");

    there = pad != NULL;
    g_thread_yield ();
  }
  return GST_BUS_PASS;
}

static gpointer
release_when_stopping (gpointer user_data)
{
  Releaser *releaser = user_data;
  g_autoptr (GstPad) pad =
      gst_element_get_static_pad (releaser->weir, "sink_0");
  guint i;

  while (gst_pad_is_active (pad))
    g_thread_yield ();
  for (i = 0; i < N_YIELDS; i++)
    g_thread_yield ();
  gst_element_release_request_pad (releaser->weir, pad);
  return NULL;
}

static void
release_while_stopping (void)
{
  Rig *rig = rig_new (make_weir (bank, NULL), PICTURE_CAPS);
  Releaser releaser = { g_thread_self (), rig->weir, FALSE };
  GThread *thread;

  gst_object_unref (gst_element_request_pad_simple (rig->weir, "sink_1"));
  gst_bus_set_sync_handler (rig->bus, wait_for_release, &releaser, NULL);
  fail_unless_equals_int (rig_push_film (rig, UNKNOWN_FILM, 0, 1), GST_FLOW_OK);
  while (!g_atomic_int_get (&releaser.held))
    g_thread_yield ();
  thread = g_thread_new ("releaser", release_when_stopping, &releaser);
  gst_element_set_state (rig->weir, GST_STATE_NULL);
  g_thread_join (thread);
  wait_for_no_analysis ();
  assert_pad (rig->weir, "sink_0", FALSE);
  assert_pad (rig->weir, "sink_1", TRUE);
  gst_bus_set_sync_handler (rig->bus, NULL, NULL, NULL);
  rig_free (rig);
}

GST_START_TEST (test_release_while_stopping)
{
  guint i;

  for (i = 0; i < N_RELEASES; i++)
    release_while_stopping ();
}
GST_END_TEST;

/* ---- queries ---- */

static gboolean
answer_query (GstPad *pad, GstObject *parent, GstQuery *query)
{
  g_autoptr (GstCaps) caps = NULL;

  switch (GST_QUERY_TYPE (query)) {
    case GST_QUERY_CAPS:
      caps = gst_caps_from_string ("video/x-raw, format=I420");
      gst_query_set_caps_result (query, caps);
      return TRUE;
    case GST_QUERY_ACCEPT_CAPS:
      gst_query_set_accept_caps_result (query, FALSE);
      return TRUE;
    case GST_QUERY_ALLOCATION:
      gst_query_add_allocation_meta (query, GST_VIDEO_META_API_TYPE, NULL);
      gst_query_add_allocation_pool (query, NULL, 123, 2, 3);
      return TRUE;
    case GST_QUERY_LATENCY:
      gst_query_set_latency (query, TRUE, 20 * GST_MSECOND, 30 * GST_MSECOND);
      return TRUE;
    case GST_QUERY_SCHEDULING:
      gst_query_set_scheduling (query, GST_SCHEDULING_FLAG_SEEKABLE, 1, -1, 0);
      gst_query_add_scheduling_mode (query, GST_PAD_MODE_PULL);
      gst_query_add_scheduling_mode (query, GST_PAD_MODE_PUSH);
      return TRUE;
    default:
      return gst_pad_query_default (pad, parent, query);
  }
}

GST_START_TEST (test_queries_downstream)
{
  Rig *rig = rig_new (make_weir (bank, NULL), PICTURE_CAPS);
  g_autoptr (GstCaps) caps = gst_caps_from_string (PICTURE_CAPS);
  g_autoptr (GstCaps) possible = NULL;
  g_autoptr (GstCaps) expected =
      gst_caps_from_string ("video/x-raw, format=I420");
  GstQuery *query;
  guint size, min, max;

  gst_pad_set_query_function (rig->harness->sinkpad, answer_query);
  possible = gst_pad_peer_query_caps (rig->harness->srcpad, NULL);
  fail_unless (gst_caps_is_equal (possible, expected));
  fail_if (gst_pad_peer_query_accept_caps (rig->harness->srcpad, caps));

  query = gst_query_new_allocation (caps, TRUE);
  fail_unless (gst_pad_peer_query (rig->harness->srcpad, query));
  fail_unless (
      gst_query_find_allocation_meta (query, GST_VIDEO_META_API_TYPE, NULL));
  fail_unless_equals_int (gst_query_get_n_allocation_pools (query), 1);
  gst_query_parse_nth_allocation_pool (query, 0, NULL, &size, &min, &max);
  fail_unless_equals_int (size, 123);
  fail_unless_equals_int (min, 2);
  fail_unless_equals_int (max, 3);
  gst_query_unref (query);
  rig_free (rig);
}
GST_END_TEST;

GST_START_TEST (test_queries_upstream)
{
  Rig *rig = rig_new (make_weir (bank, NULL), PICTURE_CAPS);
  GstQuery *query;
  GstClockTime min, max;
  gboolean live;

  gst_pad_set_query_function (rig->harness->srcpad, answer_query);
  query = gst_query_new_latency ();
  fail_unless (gst_pad_peer_query (rig->harness->sinkpad, query));
  gst_query_parse_latency (query, &live, &min, &max);
  fail_unless (live);
  fail_unless_equals_uint64 (min, 20 * GST_MSECOND);
  fail_unless_equals_uint64 (max, 30 * GST_MSECOND);
  gst_query_unref (query);

  /* Data must come to it by itself: what is pulled would not be seen. */
  query = gst_query_new_scheduling ();
  fail_if (gst_pad_peer_query (rig->harness->sinkpad, query) &&
           gst_query_has_scheduling_mode (query, GST_PAD_MODE_PULL));
  gst_query_unref (query);
  rig_free (rig);
}
GST_END_TEST;

/* ---- lines as one types them ---- */

static void
run_line (const gchar *description, guint64 n_buffers)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GstElement) pipeline = NULL;
  g_autoptr (GstElement) weir = NULL;
  g_autoptr (GstBus) bus = NULL;
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GstStructure) stats = NULL;

  gst_object_unref (gst_object_ref_sink (make_weir (NULL, NULL)));
  pipeline = gst_parse_launch (description, &error);
  fail_unless (error == NULL, "%s", error ? error->message : "");
  weir = gst_bin_get_by_name (GST_BIN (pipeline), "w");
  g_object_set (weir, "bank", bank, NULL);
  bus = gst_element_get_bus (pipeline);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (
      bus, GST_CLOCK_TIME_NONE, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  fail_unless_equals_int (GST_MESSAGE_TYPE (message), GST_MESSAGE_EOS);
  g_object_get (weir, "stats", &stats, NULL);
  assert_uint64 (stats, "buffers", n_buffers);
  gst_element_set_state (pipeline, GST_STATE_NULL);
}

GST_START_TEST (test_line)
{
  run_line ("videotestsrc num-buffers=20 ! weir name=w ! fakesink", 20);
}
GST_END_TEST;

GST_START_TEST (test_line_of_two)
{
  run_line ("videotestsrc num-buffers=20 ! queue ! w. "
            "audiotestsrc num-buffers=30 ! queue ! w. "
            "weir name=w w. ! queue ! fakesink w. ! queue ! fakesink",
      50);
  run_line ("videotestsrc num-buffers=20 ! w.sink_0 "
            "audiotestsrc num-buffers=30 ! w.sink_1 "
            "weir name=w w.src_0 ! queue ! fakesink w.src_1 ! queue ! fakesink",
      50);
}
GST_END_TEST;

/* A demuxer that looks for pull mode behind it gets along with pushes. */
GST_START_TEST (test_line_of_a_demuxer)
{
  g_autofree gchar *file =
      g_build_filename (g_getenv ("WEIR_SAMPLES"), "city.mp4", NULL);
  g_autofree gchar *line = g_strdup_printf (
      "filesrc location=\"%s\" blocksize=65536 ! weir name=w ! qtdemux ! "
      "fakesink",
      file);
  gsize length;
  g_autofree gchar *content = NULL;

  fail_unless (g_file_get_contents (file, &content, &length, NULL));
  run_line (line, (length + 65535) / 65536);
}
GST_END_TEST;

static Suite *
pads_suite (void)
{
  Suite *suite = suite_create ("pads");
  TCase *cases = tcase_create ("general");

  suite_add_tcase (suite, cases);
  tcase_add_checked_fixture (cases, set_up, tear_down);
  tcase_add_test (cases, test_request);
  tcase_add_test (cases, test_same_name);
  tcase_add_test (cases, test_request_while_playing);
  tcase_add_test (cases, test_request_while_starting);
  tcase_add_test (cases, test_release_while_playing);
  tcase_add_test (cases, test_release_while_stopping);
  tcase_add_test (cases, test_queries_downstream);
  tcase_add_test (cases, test_queries_upstream);
  tcase_add_test (cases, test_line);
  tcase_add_test (cases, test_line_of_two);
  tcase_add_test (cases, test_line_of_a_demuxer);
  return suite;
}

GST_CHECK_MAIN (pads);
