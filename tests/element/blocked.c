/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The stream goes on whatever the analysis does: decoders that hang, fail, say
 * nothing or recover. */

#include "common.h"

#define N_BUFFERS   10000
#define BUFFER_SIZE 10240
#define WAIT        (50 * G_TIME_SPAN_SECOND)

/* ---- decoders that misbehave ---- */

typedef struct {
  GstElement parent;
  GstPad *sink, *src;
  guint n_buffers;
} TestDecoder;

typedef struct {
  GstElementClass parent_class;
} TestDecoderClass;

typedef struct {
  const gchar *name;
  const gchar *caps;
  GstFlowReturn (*chain) (TestDecoder *decoder, GstBuffer *buffer);
} Behaviour;

/* What the decoders do, under the lock. */
static struct {
  GMutex lock;
  GCond changed;
  gboolean open;  /* blocking decoders go on */
  guint n_inside; /* of them that wait */
  guint n_made;
  guint n_finalized;
} gate;

static GstElementClass *decoder_parent_class;

static GstFlowReturn
push_picture (TestDecoder *decoder, GstBuffer *buffer)
{
  GstClockTime pts = GST_BUFFER_PTS (buffer);

  gst_buffer_unref (buffer);
  return gst_pad_push (
      decoder->src, make_picture (UNKNOWN_FILM,
                        (guint) (pts / PICTURE_DURATION) % KNOWN_LENGTH, pts));
}

static GstFlowReturn
chain_blocking (TestDecoder *decoder, GstBuffer *buffer)
{
  g_mutex_lock (&gate.lock);
  gate.n_inside++;
  g_cond_broadcast (&gate.changed);
  while (!gate.open)
    g_cond_wait (&gate.changed, &gate.lock);
  gate.n_inside--;
  g_mutex_unlock (&gate.lock);
  return push_picture (decoder, buffer);
}

static GstFlowReturn
chain_failing (TestDecoder *decoder, GstBuffer *buffer)
{
  gst_buffer_unref (buffer);
  GST_ELEMENT_ERROR (decoder, STREAM, DECODE, ("It is broken."), (NULL));
  return GST_FLOW_ERROR;
}

static GstFlowReturn
chain_silent (TestDecoder *decoder, GstBuffer *buffer)
{
  gst_buffer_unref (buffer);
  return GST_FLOW_OK;
}

/* The first one fails at its sixth buffer. */
static GstFlowReturn
chain_flaky (TestDecoder *decoder, GstBuffer *buffer)
{
  gboolean fails;

  g_mutex_lock (&gate.lock);
  fails = gate.n_made == 1 && decoder->n_buffers > 5;
  g_mutex_unlock (&gate.lock);
  if (!fails)
    return push_picture (decoder, buffer);
  gst_buffer_unref (buffer);
  return GST_FLOW_ERROR;
}

static const Behaviour behaviours[] = {
  { "blocking", "video/x-weir-test-blocking", chain_blocking },
  { "failing", "video/x-weir-test-failing", chain_failing },
  { "silent", "video/x-weir-test-silent", chain_silent },
  { "flaky", "video/x-weir-test-flaky", chain_flaky },
};

static GstFlowReturn
decoder_chain (GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
  TestDecoder *decoder = (TestDecoder *) parent;
  const Behaviour *behaviour = gst_pad_get_element_private (pad);

  decoder->n_buffers++;
  return behaviour->chain (decoder, buffer);
}

static gboolean
decoder_event (GstPad *pad, GstObject *parent, GstEvent *event)
{
  if (GST_EVENT_TYPE (event) == GST_EVENT_CAPS) {
    g_autoptr (GstCaps) caps = gst_caps_from_string (PICTURE_CAPS);

    gst_event_unref (event);
    return gst_pad_push_event (
        ((TestDecoder *) parent)->src, gst_event_new_caps (caps));
  }
  return gst_pad_event_default (pad, parent, event);
}

static void
decoder_finalize (GObject *object)
{
  G_OBJECT_CLASS (decoder_parent_class)->finalize (object);
  g_mutex_lock (&gate.lock);
  gate.n_finalized++;
  g_cond_broadcast (&gate.changed);
  g_mutex_unlock (&gate.lock);
}

static void
decoder_class_init (gpointer class, gpointer data)
{
  const Behaviour *behaviour = data;
  GstElementClass *element_class = GST_ELEMENT_CLASS (class);
  g_autoptr (GstCaps) caps = gst_caps_from_string (behaviour->caps);
  g_autoptr (GstCaps) raw_caps = gst_caps_from_string (PICTURE_CAPS);

  decoder_parent_class = g_type_class_peek_parent (class);
  G_OBJECT_CLASS (class)->finalize = decoder_finalize;
  gst_element_class_add_pad_template (element_class,
      gst_pad_template_new ("sink", GST_PAD_SINK, GST_PAD_ALWAYS, caps));
  gst_element_class_add_pad_template (element_class,
      gst_pad_template_new ("src", GST_PAD_SRC, GST_PAD_ALWAYS, raw_caps));
  gst_element_class_set_static_metadata (element_class, behaviour->name,
      "Codec/Decoder/Video", "Misbehaves", "The Weir authors");
}

static void
decoder_init (GTypeInstance *instance, gpointer class)
{
  TestDecoder *decoder = (TestDecoder *) instance;
  GstElementClass *element_class = GST_ELEMENT_CLASS (class);
  const gchar *name = gst_element_class_get_metadata (
      element_class, GST_ELEMENT_METADATA_LONGNAME);
  guint i;

  decoder->sink = gst_pad_new_from_template (
      gst_element_class_get_pad_template (element_class, "sink"), "sink");
  decoder->src = gst_pad_new_from_template (
      gst_element_class_get_pad_template (element_class, "src"), "src");
  for (i = 0; i < G_N_ELEMENTS (behaviours); i++)
    if (g_str_equal (behaviours[i].name, name))
      gst_pad_set_element_private (decoder->sink, (gpointer) &behaviours[i]);
  gst_pad_set_chain_function (decoder->sink, decoder_chain);
  gst_pad_set_event_function (decoder->sink, decoder_event);
  gst_pad_use_fixed_caps (decoder->src);
  gst_element_add_pad (GST_ELEMENT (decoder), decoder->sink);
  gst_element_add_pad (GST_ELEMENT (decoder), decoder->src);
  g_mutex_lock (&gate.lock);
  gate.n_made++;
  g_mutex_unlock (&gate.lock);
}

static void
register_decoders (void)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (behaviours); i++) {
    GTypeInfo info = {
      .class_size = sizeof (TestDecoderClass),
      .class_init = decoder_class_init,
      .class_data = &behaviours[i],
      .instance_size = sizeof (TestDecoder),
      .instance_init = decoder_init,
    };
    g_autofree gchar *type_name =
        g_strconcat ("weir-test-", behaviours[i].name, NULL);

    fail_unless (gst_element_register (NULL, type_name, GST_RANK_PRIMARY + 10,
        g_type_register_static (GST_TYPE_ELEMENT, type_name, &info, 0)));
  }
}

/* ---- the tests ---- */

static gchar *bank;

static void
set_up (void)
{
  static gboolean registered = FALSE;

  if (!registered)
    register_decoders ();
  registered = TRUE;
  bank = make_bank (WEIR_OPINION_CONFIRMED, WEIR_ACTION_CUT);
  gate.open = FALSE;
  gate.n_inside = gate.n_made = gate.n_finalized = 0;
}

static void
tear_down (void)
{
  delete_bank (bank);
}

static void
wait_until (const guint *counter, guint value)
{
  gint64 deadline = g_get_monotonic_time () + WAIT;

  g_mutex_lock (&gate.lock);
  while (*counter != value)
    fail_unless (g_cond_wait_until (&gate.changed, &gate.lock, deadline));
  g_mutex_unlock (&gate.lock);
}

static void
open_gate (void)
{
  g_mutex_lock (&gate.lock);
  gate.open = TRUE;
  g_cond_broadcast (&gate.changed);
  g_mutex_unlock (&gate.lock);
}

static GstBuffer *
make_buffer (guint number)
{
  static guint8 data[BUFFER_SIZE];
  GstBuffer *buffer = gst_buffer_new_wrapped_full (GST_MEMORY_FLAG_READONLY,
      data, sizeof (data), 0, sizeof (data), NULL, NULL);

  GST_BUFFER_PTS (buffer) = number * PICTURE_DURATION;
  return buffer;
}

/* Pushes buffers and compares what leaves, one for one. */
static void
push_through (GstHarness *harness, guint start, guint n)
{
  guint i;

  for (i = start; i < start + n; i++) {
    GstBuffer *buffer = make_buffer (i);
    GstBuffer *left;

    fail_unless_equals_int (gst_harness_push (harness, buffer), GST_FLOW_OK);
    left = gst_harness_pull (harness);
    fail_unless (left == buffer);
    gst_buffer_unref (left);
  }
}

GST_START_TEST (test_blocking)
{
  Rig *rig = rig_new (make_weir (bank, NULL), "video/x-weir-test-blocking");
  Record *record = record_new (rig->harness->sinkpad);

  push_through (rig->harness, 0, 1);
  wait_until (&gate.n_inside, 1);
  push_through (rig->harness, 1, N_BUFFERS - 1);
  rig_wait_status (rig, "blind");
  fail_unless_equals_uint64 (rig_get_stat (rig, "buffers"), N_BUFFERS);
  fail_unless (rig_get_stat (rig, "dropped") > 0);
  fail_unless_equals_uint64 (rig_get_stat (rig, "frames"), 0);
  fail_unless (gst_harness_push_event (rig->harness, gst_event_new_eos ()));
  fail_unless_equals_int (record_count_events (record, GST_EVENT_EOS), 1);

  fail_unless_equals_int (gst_element_set_state (rig->weir, GST_STATE_NULL),
      GST_STATE_CHANGE_SUCCESS);
  fail_unless_equals_int (gate.n_inside, 1);
  record_free (record);
  rig_free (rig);
  open_gate ();
  wait_until (&gate.n_finalized, 1);
}
GST_END_TEST;

/* What is left of the last run has no say in the next. */
GST_START_TEST (test_blocking_and_restart)
{
  Rig *rig = rig_new (make_weir (bank, NULL), "video/x-weir-test-blocking");

  push_through (rig->harness, 0, 1);
  wait_until (&gate.n_inside, 1);
  gst_element_set_state (rig->weir, GST_STATE_NULL);
  gst_element_set_state (rig->weir, GST_STATE_PLAYING);
  open_gate ();
  wait_until (&gate.n_finalized, 1);
  fail_unless_equals_uint64 (rig_get_stat (rig, "frames"), 0);
  fail_unless (rig_pop (rig, "weir-status") == NULL);

  gst_harness_set_src_caps_str (rig->harness, "video/x-weir-test-blocking");
  push_through (rig->harness, 0, 10);
  rig_wait_status (rig, "active");
  rig_free (rig);
  wait_until (&gate.n_finalized, 2);
}
GST_END_TEST;

/* It is made anew at once, after 1, 2, 4 and from then on each 8 s; or when
 * there are new caps. */
GST_START_TEST (test_failing)
{
  Rig *rig = rig_new (
      make_weir (bank, "sync-analysis=true"), "video/x-weir-test-failing");
  g_autoptr (GstStructure) status = NULL;
  /* Buffers at which it is, of 25 a second; the second is the first try. */
  const guint tries[] = { 1 + 25, 1 + 75, 1 + 175, 1 + 375, 1 + 575 };
  guint n = 20, i;

  push_through (rig->harness, 0, n);
  status = rig_pop (rig, "weir-status");
  assert_string (status, "state", "blind");
  assert_string (status, "reason", "It is broken.");
  fail_unless (rig_pop (rig, "weir-status") == NULL);
  for (i = 0; i < G_N_ELEMENTS (tries); i++) {
    push_through (rig->harness, n, tries[i] - n);
    fail_unless_equals_int (gate.n_made, 2 + i);
    push_through (rig->harness, tries[i], 1);
    fail_unless_equals_int (gate.n_made, 3 + i);
    n = tries[i] + 1;
  }
  fail_unless (rig_pop (rig, "weir-status") == NULL);
  gst_harness_set_src_caps_str (rig->harness, "video/x-weir-test-flaky");
  push_through (rig->harness, n, 5);
  rig_wait_status (rig, "active");
  fail_unless (gst_bus_pop_filtered (rig->bus, GST_MESSAGE_ERROR) == NULL);
  rig_free (rig);
}
GST_END_TEST;

/* That nothing comes out is said as well, and after 32 MiB of it there is
 * another decoder. */
GST_START_TEST (test_silent)
{
  const guint n = 1 + 32 * 1024 * 1024 / BUFFER_SIZE + 1;
  Rig *rig = rig_new (
      make_weir (bank, "sync-analysis=true"), "video/x-weir-test-silent");

  push_through (rig->harness, 0, 3);
  fail_unless (rig_pop (rig, "weir-status") == NULL);
  push_through (rig->harness, 3, 1000);
  rig_wait_status (rig, "blind");
  push_through (rig->harness, 1003, n - 1003);
  fail_unless_equals_int (gate.n_made, 1);
  push_through (rig->harness, n, 1);
  fail_unless_equals_int (gate.n_made, 2);
  fail_unless (rig_pop (rig, "weir-status") == NULL);
  rig_free (rig);
}
GST_END_TEST;

GST_START_TEST (test_silent_until_eos)
{
  Rig *rig = rig_new (make_weir (bank, NULL), "video/x-weir-test-silent");

  push_through (rig->harness, 0, 3);
  fail_unless (gst_harness_push_event (rig->harness, gst_event_new_eos ()));
  rig_wait_status (rig, "blind");
  rig_free (rig);
}
GST_END_TEST;

static void
check_status (Rig *rig, const gchar *state, const gchar *reason)
{
  g_autoptr (GstStructure) status = rig_pop (rig, "weir-status");

  fail_unless (status != NULL);
  assert_string (status, "state", state);
  assert_string (status, "reason", reason);
}

/* Sight is lost and comes back. */
GST_START_TEST (test_flaky)
{
  Rig *rig = rig_new (
      make_weir (bank, "sync-analysis=true"), "video/x-weir-test-flaky");

  push_through (rig->harness, 0, 5);
  check_status (rig, "active", "");
  push_through (rig->harness, 5, 1);
  rig_wait_status (rig, "blind");
  push_through (rig->harness, 6, 20);
  check_status (rig, "active", "");
  fail_unless (rig_pop (rig, "weir-status") == NULL);
  fail_unless_equals_int (gate.n_made, 2);
  fail_unless_equals_uint64 (rig_get_stat (rig, "frames"), 25);
  rig_free (rig);
}
GST_END_TEST;

/* One stream that is seen and one that is not. */
GST_START_TEST (test_degraded)
{
  Rig *rig = rig_new (
      make_weir (bank, "sync-analysis=true"), "video/x-weir-test-failing");
  GstHarness *other =
      gst_harness_new_with_element (rig->weir, "sink_1", "src_1");

  gst_harness_set_src_caps_str (other, PICTURE_CAPS);
  push_through (rig->harness, 0, 1);
  check_status (rig, "blind", "It is broken.");
  gst_harness_push (other, make_picture (UNKNOWN_FILM, 0, 0));
  check_status (rig, "degraded", "It is broken.");
  gst_element_release_request_pad (
      rig->weir, GST_PAD_PEER (rig->harness->srcpad));
  check_status (rig, "active", "");
  gst_harness_teardown (other);
  rig_free (rig);
}
GST_END_TEST;

static Suite *
blocked_suite (void)
{
  Suite *suite = suite_create ("blocked");
  TCase *cases = tcase_create ("general");

  suite_add_tcase (suite, cases);
  tcase_add_checked_fixture (cases, set_up, tear_down);
  tcase_add_test (cases, test_blocking);
  tcase_add_test (cases, test_blocking_and_restart);
  tcase_add_test (cases, test_failing);
  tcase_add_test (cases, test_silent);
  tcase_add_test (cases, test_silent_until_eos);
  tcase_add_test (cases, test_flaky);
  tcase_add_test (cases, test_degraded);
  return suite;
}

GST_CHECK_MAIN (blocked);
