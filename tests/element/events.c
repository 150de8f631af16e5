/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Events pass, states change, and nothing of the analysis gets out. */

#include "common.h"

#define ROUNDS 100

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

static GstEvent *
make_custom (GstEventType type)
{
  return gst_event_new_custom (type, gst_structure_new_empty ("a-custom"));
}

/* Everything that can flow, in an order that is allowed. */
static GPtrArray *
make_flow (void)
{
  GPtrArray *flow =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_mini_object_unref);
  g_autoptr (GstCaps) caps = gst_caps_from_string (PICTURE_CAPS);
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  g_ptr_array_add (flow, gst_event_new_stream_start ("one"));
  g_ptr_array_add (flow, gst_event_new_caps (caps));
  g_ptr_array_add (flow, gst_event_new_segment (&segment));
  g_ptr_array_add (flow,
      gst_event_new_tag (gst_tag_list_new (GST_TAG_TITLE, "a title", NULL)));
  g_ptr_array_add (flow, make_custom (GST_EVENT_CUSTOM_DOWNSTREAM_STICKY));
  g_ptr_array_add (flow, make_picture (UNKNOWN_FILM, 0, 0));
  g_ptr_array_add (flow, make_custom (GST_EVENT_CUSTOM_DOWNSTREAM));
  g_ptr_array_add (flow, make_custom (GST_EVENT_CUSTOM_BOTH));
  g_ptr_array_add (flow, make_picture (UNKNOWN_FILM, 1, PICTURE_DURATION));
  g_ptr_array_add (
      flow, gst_event_new_gap (2 * PICTURE_DURATION, PICTURE_DURATION));
  g_ptr_array_add (flow, make_picture (UNKNOWN_FILM, 3, 3 * PICTURE_DURATION));
  g_ptr_array_add (flow, gst_event_new_segment_done (GST_FORMAT_TIME, 0));
  g_ptr_array_add (flow, make_custom (GST_EVENT_CUSTOM_DOWNSTREAM_OOB));
  g_ptr_array_add (flow, gst_event_new_eos ());
  g_ptr_array_add (flow, gst_event_new_flush_start ());
  g_ptr_array_add (flow, gst_event_new_flush_stop (TRUE));
  g_ptr_array_add (flow, gst_event_new_segment (&segment));
  g_ptr_array_add (flow, make_picture (UNKNOWN_FILM, 4, 0));
  g_ptr_array_add (flow, gst_event_new_eos ());
  g_ptr_array_add (flow, gst_event_new_stream_start ("two"));
  g_ptr_array_add (flow, gst_event_new_segment (&segment));
  g_ptr_array_add (flow, make_picture (UNKNOWN_FILM, 5, 0));
  g_ptr_array_add (flow, gst_event_new_eos ());
  return flow;
}

static void
check_order (const gchar *bank_path, const gchar *properties)
{
  Rig *rig = rig_new (make_weir (bank_path, properties), NULL);
  Record *record = record_new (rig->harness->sinkpad);
  g_autoptr (GPtrArray) flow = make_flow ();
  guint i;

  for (i = 0; i < flow->len; i++) {
    GstMiniObject *object = gst_mini_object_ref (flow->pdata[i]);

    if (GST_IS_BUFFER (object)) {
      fail_unless_equals_int (
          gst_pad_push (rig->harness->srcpad, GST_BUFFER_CAST (object)),
          GST_FLOW_OK);
    } else {
      fail_unless (
          gst_pad_push_event (rig->harness->srcpad, GST_EVENT_CAST (object)));
    }
  }
  fail_unless_equals_int (record->objects->len, flow->len);
  for (i = 0; i < flow->len; i++)
    fail_unless (record->objects->pdata[i] == flow->pdata[i], "object %u", i);
  record_free (record);
  rig_free (rig);
}

GST_START_TEST (test_order)
{
  check_order (NULL, NULL);
  check_order (bank, NULL);
  check_order (bank, "sync-analysis=true");
}
GST_END_TEST;

/* ---- upstream ---- */

/* The upstream events that came, but for those of linking. */
static GstEvent *
pull_upstream (Rig *rig)
{
  GstEvent *event;

  while ((event = gst_harness_try_pull_upstream_event (rig->harness)) &&
         (GST_EVENT_TYPE (event) == GST_EVENT_RECONFIGURE ||
             GST_EVENT_TYPE (event) == GST_EVENT_LATENCY))
    gst_event_unref (event);
  return event;
}

GST_START_TEST (test_upstream)
{
  Rig *rig = rig_new (make_weir (bank, NULL), PICTURE_CAPS);
  GstEvent *events[] = {
    gst_event_new_qos (GST_QOS_TYPE_UNDERFLOW, 0.5, 100, GST_SECOND),
    gst_event_new_seek (1, GST_FORMAT_TIME, GST_SEEK_FLAG_FLUSH,
        GST_SEEK_TYPE_SET, 5, GST_SEEK_TYPE_NONE, 0),
    make_custom (GST_EVENT_CUSTOM_UPSTREAM),
  };
  guint i;

  rig_push_film (rig, UNKNOWN_FILM, 0, 3);
  for (i = 0; i < G_N_ELEMENTS (events); i++) {
    g_autoptr (GstEvent) came = NULL;

    fail_unless (gst_harness_push_upstream_event (
        rig->harness, gst_event_ref (events[i])));
    came = pull_upstream (rig);
    fail_unless (came == events[i]);
    gst_event_unref (events[i]);
  }
  fail_unless (pull_upstream (rig) == NULL);
  rig_free (rig);
}
GST_END_TEST;

/* A film that a decoder drops frames of, were it told to: no such word, nor
 * any message but the element's own, gets out. */
GST_START_TEST (test_nothing_else_gets_out)
{
  Rig *rig = rig_new (make_weir (bank, NULL), PICTURE_CAPS);
  GstMessage *message;

  fail_unless (pull_upstream (rig) == NULL);
  rig_push_film (rig, UNKNOWN_FILM, 0, 50);
  rig_push_film (rig, KNOWN_FILM, 0, 50);
  gst_harness_push_event (rig->harness, gst_event_new_eos ());
  fail_unless (pull_upstream (rig) == NULL);
  fail_unless_equals_int (
      gst_harness_upstream_events_in_queue (rig->harness), 0);
  while ((message = gst_bus_pop (rig->bus)) != NULL) {
    fail_unless (GST_MESSAGE_TYPE (message) == GST_MESSAGE_STATE_CHANGED ||
                     GST_MESSAGE_TYPE (message) == GST_MESSAGE_ELEMENT ||
                     GST_MESSAGE_TYPE (message) == GST_MESSAGE_STRUCTURE_CHANGE,
        "%" GST_PTR_FORMAT, message);
    gst_message_unref (message);
  }
  rig_free (rig);
}
GST_END_TEST;

/* ---- what events mean to the analysis ---- */

static gchar *
pop_match_state (Rig *rig)
{
  g_autoptr (GstStructure) match = rig_pop (rig, "weir-match");

  return match ? g_strdup (gst_structure_get_string (match, "state")) : NULL;
}

#define assert_match_state(rig, expected)                                      \
  G_STMT_START                                                                 \
  {                                                                            \
    g_autofree gchar *state = pop_match_state (rig);                           \
                                                                               \
    fail_unless_equals_string (state, expected);                               \
  }                                                                            \
  G_STMT_END

GST_START_TEST (test_flush)
{
  Rig *rig = rig_new (make_weir (bank, "sync-analysis=true"), PICTURE_CAPS);

  /* What came before does not count with what comes after. */
  rig_push_film (rig, KNOWN_FILM, 0, PICTURES_TO_FLAG - 1);
  gst_harness_push_event (rig->harness, gst_event_new_flush_start ());
  gst_harness_push_event (rig->harness, gst_event_new_flush_stop (TRUE));
  gst_harness_set_src_caps_str (rig->harness, PICTURE_CAPS);
  rig->now = 0;
  rig_push_film (rig, KNOWN_FILM, 50, PICTURES_TO_FLAG - 1);
  assert_match_state (rig, NULL);
  rig_push_film (rig, KNOWN_FILM, 50 + PICTURES_TO_FLAG - 1, 1);
  assert_match_state (rig, "started");
  gst_harness_push_event (rig->harness, gst_event_new_flush_start ());
  gst_harness_push_event (rig->harness, gst_event_new_flush_stop (TRUE));
  assert_match_state (rig, "ended");
  rig_free (rig);
}
GST_END_TEST;

GST_START_TEST (test_stream_start)
{
  Rig *rig = rig_new (make_weir (bank, "sync-analysis=true"), PICTURE_CAPS);

  rig_push_film (rig, KNOWN_FILM, 0, PICTURES_TO_FLAG);
  assert_match_state (rig, "started");
  gst_harness_push_event (rig->harness, gst_event_new_stream_start ("next"));
  assert_match_state (rig, "ended");
  gst_harness_set_src_caps_str (rig->harness, PICTURE_CAPS);
  rig->now = 0;
  rig_push_film (rig, KNOWN_FILM, 0, PICTURES_TO_FLAG);
  assert_match_state (rig, "started");
  rig_free (rig);
}
GST_END_TEST;

/* From one form of raw pictures to another, in mid-stream. */
GST_START_TEST (test_caps_change)
{
  Rig *rig = rig_new (make_weir (bank, "sync-analysis=true"), PICTURE_CAPS);
  GstBuffer *buffer;
  guint i;

  rig_push_film (rig, UNKNOWN_FILM, 0, 3);
  rig_wait_status (rig, "active");
  gst_harness_set_src_caps_str (rig->harness,
      "video/x-raw, format=RGB, width=128, height=96, framerate=25/1");
  for (i = 0; i < 4; i++) {
    buffer = gst_buffer_new_allocate (NULL, 3 * PICTURE_SIZE, NULL);
    gst_buffer_memset (buffer, 0, 90, 3 * PICTURE_SIZE);
    GST_BUFFER_PTS (buffer) = (3 + i) * PICTURE_DURATION;
    fail_unless_equals_int (
        gst_harness_push (rig->harness, buffer), GST_FLOW_OK);
  }
  fail_unless_equals_uint64 (rig_get_stat (rig, "frames"), 7);
  gst_harness_set_src_caps_str (rig->harness, PICTURE_CAPS);
  rig->now = 7 * PICTURE_DURATION;
  rig_push_film (rig, KNOWN_FILM, 0, PICTURES_TO_FLAG);
  fail_unless_equals_uint64 (
      rig_get_stat (rig, "frames"), 7 + PICTURES_TO_FLAG);
  fail_unless_equals_uint64 (rig_get_stat (rig, "matches"), 1);
  rig_free (rig);
}
GST_END_TEST;

/* ---- the last words come before the end ---- */

typedef struct {
  gint n_matches;
  gint n_matches_at_eos;
} LastWords;

static GstBusSyncReply
count_matches (GstBus *bus, GstMessage *message, gpointer user_data)
{
  LastWords *words = user_data;

  if (gst_message_has_name (message, "weir-match"))
    g_atomic_int_inc (&words->n_matches);
  return GST_BUS_PASS;
}

static GstPadProbeReturn
look_for_eos (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  LastWords *words = user_data;

  if (GST_EVENT_TYPE (GST_PAD_PROBE_INFO_EVENT (info)) == GST_EVENT_EOS)
    words->n_matches_at_eos = g_atomic_int_get (&words->n_matches);
  return GST_PAD_PROBE_OK;
}

GST_START_TEST (test_last_words)
{
  Rig *rig = rig_new (make_weir (bank, NULL), PICTURE_CAPS);
  LastWords words = { 0, 0 };

  gst_bus_set_sync_handler (rig->bus, count_matches, &words, NULL);
  gst_pad_add_probe (rig->harness->sinkpad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
      look_for_eos, &words, NULL);
  rig_push_film (rig, KNOWN_FILM, 0, PICTURES_TO_FLAG);
  gst_harness_push_event (rig->harness, gst_event_new_eos ());
  assert_match_state (rig, "started");
  assert_match_state (rig, "ended");
  fail_unless_equals_int (words.n_matches_at_eos, 2);
  rig_free (rig);
  fail_unless_equals_int (words.n_matches, 2);
}
GST_END_TEST;

/* ---- states ---- */

GST_START_TEST (test_states)
{
  Rig *rig = rig_new (make_weir (bank, NULL), PICTURE_CAPS);
  guint i;

  for (i = 0; i < ROUNDS; i++) {
    fail_unless_equals_int (gst_element_set_state (rig->weir, GST_STATE_NULL),
        GST_STATE_CHANGE_SUCCESS);
    fail_unless_equals_int (
        gst_element_set_state (rig->weir, GST_STATE_PLAYING),
        GST_STATE_CHANGE_SUCCESS);
    gst_harness_set_src_caps_str (rig->harness, PICTURE_CAPS);
    fail_unless_equals_int (
        rig_push_film (rig, UNKNOWN_FILM, 0, 2), GST_FLOW_OK);
    fail_unless_equals_int (rig_drop_output (rig), 2);
  }
  rig_free (rig);
}
GST_END_TEST;

GST_START_TEST (test_create_and_destroy)
{
  guint i;

  for (i = 0; i < ROUNDS; i++) {
    GstElement *weir = gst_object_ref_sink (make_weir (bank, NULL));

    gst_object_unref (gst_element_request_pad_simple (weir, "sink_%u"));
    gst_element_set_state (weir, (GstState) (GST_STATE_NULL + i % 4));
    gst_element_set_state (weir, GST_STATE_NULL);
    ASSERT_OBJECT_REFCOUNT (weir, "weir", 1);
    gst_object_unref (weir);
  }
}
GST_END_TEST;

GST_START_TEST (test_dispose_while_flushing)
{
  guint i;

  for (i = 0; i < ROUNDS / 10; i++) {
    Rig *rig = rig_new (make_weir (bank, NULL), PICTURE_CAPS);

    rig_push_film (rig, UNKNOWN_FILM, 0, i);
    gst_harness_push_event (rig->harness, gst_event_new_flush_start ());
    rig_free (rig);
  }
}
GST_END_TEST;

/* Whoever sends the stream says what time it is. */
GST_START_TEST (test_wild_times)
{
  const GstClockTime wild[] = { 0, G_MAXINT64, 1, (GstClockTime) G_MAXINT64 + 1,
    G_MAXUINT64 - 1, 0, G_MAXUINT64 / 3, 0, G_MAXUINT64 / 3, 0,
    G_MAXUINT64 / 3 * 2, G_MAXINT64 - 1 };
  Rig *rig = rig_new (make_weir (bank, "sync-analysis=true"), PICTURE_CAPS);
  guint i, k;

  for (i = 0; i < 3 * G_N_ELEMENTS (wild); i++)
    for (k = 0; k < 2; k++) {
      rig->now = wild[i % G_N_ELEMENTS (wild)] - k;
      if (GST_CLOCK_TIME_IS_VALID (rig->now))
        fail_unless_equals_int (
            rig_push_film (rig, UNKNOWN_FILM, i, 1), GST_FLOW_OK);
    }
  fail_unless_equals_uint64 (rig_get_stat (rig, "matches"), 0);
  rig->now = GST_SECOND;
  fail_unless_equals_int (
      rig_push_film (rig, KNOWN_FILM, 0, PICTURES_TO_CUT), GST_FLOW_OK);
  fail_unless_equals_uint64 (rig_get_stat (rig, "matches"), 1);
  rig_free (rig);
}
GST_END_TEST;

static Suite *
events_suite (void)
{
  Suite *suite = suite_create ("events");
  TCase *cases = tcase_create ("general");

  suite_add_tcase (suite, cases);
  tcase_add_checked_fixture (cases, set_up, tear_down);
  tcase_add_test (cases, test_order);
  tcase_add_test (cases, test_upstream);
  tcase_add_test (cases, test_nothing_else_gets_out);
  tcase_add_test (cases, test_flush);
  tcase_add_test (cases, test_stream_start);
  tcase_add_test (cases, test_caps_change);
  tcase_add_test (cases, test_last_words);
  tcase_add_test (cases, test_wild_times);
  tcase_add_test (cases, test_states);
  tcase_add_test (cases, test_create_and_destroy);
  tcase_add_test (cases, test_dispose_while_flushing);
  return suite;
}

GST_CHECK_MAIN (events);
