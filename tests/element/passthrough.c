/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What leaves is what came in, whatever it is and whatever becomes of it. */

#include "common.h"

#define N_BYTES_BUFFERS 64
#define POOL_ROUNDS     50

/* Something to push: its caps, and its buffers. */
typedef struct {
  const gchar *name;
  gchar *caps;
  GPtrArray *buffers;
} Input;

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
input_free (Input *input)
{
  g_free (input->caps);
  g_ptr_array_unref (input->buffers);
  g_free (input);
}

static Input *
input_new (const gchar *name, const gchar *caps)
{
  Input *input = g_new (Input, 1);

  *input = (Input){ .name = name,
    .caps = g_strdup (caps),
    .buffers =
        g_ptr_array_new_with_free_func ((GDestroyNotify) gst_buffer_unref) };
  return input;
}

static GstBuffer *
make_random_buffer (GRand *random, gsize size, guint number)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, size, NULL);
  GstMapInfo map;
  gsize i;

  gst_buffer_map (buffer, &map, GST_MAP_WRITE);
  for (i = 0; i < size; i++)
    map.data[i] = (guint8) g_rand_int (random);
  gst_buffer_unmap (buffer, &map);
  GST_BUFFER_PTS (buffer) = number * PICTURE_DURATION;
  GST_BUFFER_DURATION (buffer) = PICTURE_DURATION;
  GST_BUFFER_OFFSET (buffer) = number;
  if (number % 5 == 0)
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DISCONT);
  if (number % 7 == 0)
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_MARKER);
  return buffer;
}

static Input *
make_bytes (const gchar *name, const gchar *caps, gsize size, guint n)
{
  Input *input = input_new (name, caps);
  GRand *random = g_rand_new_with_seed (20191009);
  guint i;

  for (i = 0; i < n; i++)
    g_ptr_array_add (input->buffers, make_random_buffer (random, size, i));
  g_rand_free (random);
  return input;
}

/* The output of a pipeline whose last element is an appsink called "out". */
static Input *
make_media (const gchar *name, const gchar *description)
{
  g_autofree gchar *file =
      g_build_filename (g_getenv ("WEIR_SAMPLES"), "launch.mp4", NULL);
  g_autofree gchar *launch = g_strdup_printf ("filesrc location=\"%s\" ! "
                                              "qtdemux name=d %s",
      file, description);
  g_autoptr (GstElement) pipeline = gst_parse_launch (launch, NULL);
  g_autoptr (GstElement) sink = NULL;
  Input *input = input_new (name, NULL);
  GstSample *sample;

  fail_unless (pipeline != NULL);
  sink = gst_bin_get_by_name (GST_BIN (pipeline), "out");
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  for (;;) {
    g_signal_emit_by_name (sink, "pull-sample", &sample);
    if (!sample)
      break;
    if (!input->caps)
      input->caps = gst_caps_to_string (gst_sample_get_caps (sample));
    g_ptr_array_add (
        input->buffers, gst_buffer_copy_deep (gst_sample_get_buffer (sample)));
    gst_sample_unref (sample);
  }
  gst_element_set_state (pipeline, GST_STATE_NULL);
  fail_unless (input->buffers->len > 10);
  return input;
}

/* ---- bit for bit ---- */

static void
assert_same (GstBuffer *left, GstBuffer *came)
{
  GstMapInfo left_map, came_map;

  fail_unless_equals_uint64 (GST_BUFFER_PTS (left), GST_BUFFER_PTS (came));
  fail_unless_equals_uint64 (GST_BUFFER_DTS (left), GST_BUFFER_DTS (came));
  fail_unless_equals_uint64 (
      GST_BUFFER_DURATION (left), GST_BUFFER_DURATION (came));
  fail_unless_equals_uint64 (
      GST_BUFFER_OFFSET (left), GST_BUFFER_OFFSET (came));
  fail_unless_equals_uint64 (
      GST_BUFFER_OFFSET_END (left), GST_BUFFER_OFFSET_END (came));
  fail_unless_equals_int (GST_BUFFER_FLAGS (left) & ~GST_BUFFER_FLAG_TAG_MEMORY,
      GST_BUFFER_FLAGS (came) & ~GST_BUFFER_FLAG_TAG_MEMORY);
  fail_unless_equals_uint64 (
      gst_buffer_get_size (left), gst_buffer_get_size (came));
  fail_unless (gst_buffer_map (left, &left_map, GST_MAP_READ));
  fail_unless (gst_buffer_map (came, &came_map, GST_MAP_READ));
  fail_unless (left_map.size == 0 ||
               memcmp (left_map.data, came_map.data, left_map.size) == 0);
  gst_buffer_unmap (left, &left_map);
  gst_buffer_unmap (came, &came_map);
}

static void
check_input (
    const Input *input, const gchar *bank_path, const gchar *properties)
{
  Rig *rig = rig_new (make_weir (bank_path, properties), input->caps);
  guint i;

  for (i = 0; i < input->buffers->len; i++) {
    GstBuffer *came = g_ptr_array_index (input->buffers, i);
    GstBuffer *pushed = gst_buffer_copy_deep (came);
    GstBuffer *left;

    fail_unless_equals_int (
        gst_harness_push (rig->harness, pushed), GST_FLOW_OK);
    left = gst_harness_try_pull (rig->harness);
    fail_unless (left == pushed, "%s: buffer %u", input->name, i);
    fail_unless (gst_buffer_is_writable (left));
    assert_same (left, came);
    gst_buffer_unref (left);
  }
  fail_unless (gst_harness_push_event (rig->harness, gst_event_new_eos ()));
  fail_unless (gst_harness_try_pull (rig->harness) == NULL);
  fail_unless_equals_uint64 (
      rig_get_stat (rig, "buffers"), input->buffers->len);
  rig_free (rig);
}

/* Takes @input. */
static void
check_all_ways (Input *input)
{
  check_input (input, NULL, NULL);
  check_input (input, bank, NULL);
  check_input (input, bank, "sync-analysis=true");
  input_free (input);
}

GST_START_TEST (test_raw)
{
  check_all_ways (make_bytes ("I420",
      "video/x-raw, format=I420, width=96, height=64, framerate=25/1", 9216,
      50));
  check_all_ways (make_bytes ("RGB",
      "video/x-raw, format=RGB, width=96, height=64, framerate=25/1", 18432,
      50));
  check_all_ways (make_bytes ("audio",
      "audio/x-raw, format=S16LE, layout=interleaved, rate=48000, channels=2",
      7680, 50));
}
GST_END_TEST;

GST_START_TEST (test_bytes)
{
  const gchar *octets = "application/octet-stream";

  check_all_ways (make_bytes ("random", octets, 4096, N_BYTES_BUFFERS));
  check_all_ways (make_bytes ("empty", octets, 0, N_BYTES_BUFFERS));
  check_all_ways (make_bytes ("one byte", octets, 1, 5000));
}
GST_END_TEST;

/* Bytes that lie about what they are. */
GST_START_TEST (test_garbage)
{
  static const gchar *const caps[] = {
    "video/x-flv",
    "video/mpegts, systemstream=true, packetsize=188",
    "video/x-h264, stream-format=byte-stream, alignment=au",
    "video/x-vp8",
    "audio/mpeg, mpegversion=4, stream-format=adts",
    "audio/x-opus, channel-mapping-family=0",
    "video/x-raw, format=I420, width=640, height=480, framerate=25/1",
    "text/x-raw, format=utf8",
    "application/x-nobody-knows",
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (caps); i++)
    check_all_ways (make_bytes (caps[i], caps[i], 1000, N_BYTES_BUFFERS));
}
GST_END_TEST;

GST_START_TEST (test_flv)
{
  check_all_ways (make_media ("FLV", "d.video_0 ! queue ! h264parse ! m. "
                                     "d.audio_0 ! queue ! aacparse ! m. "
                                     "flvmux name=m streamable=true ! "
                                     "appsink name=out sync=false"));
}
GST_END_TEST;

GST_START_TEST (test_mpegts)
{
  check_all_ways (
      make_media ("MPEG-TS", "d.video_0 ! queue ! h264parse ! m. "
                             "d.audio_0 ! queue ! aacparse ! m. "
                             "mpegtsmux name=m ! appsink name=out sync=false"));
}
GST_END_TEST;

GST_START_TEST (test_h264)
{
  check_all_ways (make_media ("H.264",
      "d.video_0 ! h264parse ! video/x-h264, stream-format=byte-stream, "
      "alignment=au ! appsink name=out sync=false"));
}
GST_END_TEST;

/* Raw pictures behind a source that counts in bytes. */
GST_START_TEST (test_segment_in_bytes)
{
  Rig *rig = rig_new (make_weir (bank, "sync-analysis=true"), NULL);
  g_autoptr (GstCaps) caps = gst_caps_from_string (PICTURE_CAPS);
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_BYTES);
  gst_harness_push_event (rig->harness, gst_event_new_stream_start ("bytes"));
  gst_harness_push_event (rig->harness, gst_event_new_caps (caps));
  gst_harness_push_event (rig->harness, gst_event_new_segment (&segment));
  fail_unless_equals_int (
      rig_push_film (rig, KNOWN_FILM, 0, PICTURES_TO_FLAG), GST_FLOW_OK);
  fail_unless_equals_int (rig_drop_output (rig), PICTURES_TO_FLAG);
  fail_unless_equals_uint64 (rig_get_stat (rig, "matches"), 1);
  rig_free (rig);
}
GST_END_TEST;

/* ---- lists ---- */

/* Pushes a list and returns whether it left as that list. */
static gboolean
push_list (const gchar *properties, guint n)
{
  Rig *rig = rig_new (make_weir (bank, properties), PICTURE_CAPS);
  Record *record = record_new (rig->harness->sinkpad);
  GstBufferList *list = gst_buffer_list_new ();
  gboolean whole;
  guint i;

  for (i = 0; i < n; i++)
    gst_buffer_list_add (
        list, make_picture (UNKNOWN_FILM, i, i * PICTURE_DURATION));
  g_ptr_array_set_size (record->objects, 0);
  gst_buffer_list_ref (list);
  fail_unless_equals_int (
      gst_pad_push_list (rig->harness->srcpad, list), GST_FLOW_OK);
  /* The harness takes it to pieces after that. */
  whole = record->objects->len > 0 &&
          g_ptr_array_index (record->objects, 0) == (gpointer) list;
  for (i = 0; i < n; i++) {
    GstBuffer *left = gst_harness_try_pull (rig->harness);

    fail_unless (left == gst_buffer_list_get (list, i));
    gst_buffer_unref (left);
  }
  fail_unless (gst_harness_try_pull (rig->harness) == NULL);
  fail_unless_equals_uint64 (rig_get_stat (rig, "buffers"), n);
  gst_buffer_list_unref (list);
  record_free (record);
  rig_free (rig);
  return whole;
}

GST_START_TEST (test_list)
{
  fail_unless (push_list (NULL, 12));
  fail_unless (push_list (NULL, 1));
  fail_unless (push_list (NULL, 0));
  /* Buffer for buffer, so that a cut is to the buffer. */
  fail_if (push_list ("sync-analysis=true", 12));
}
GST_END_TEST;

/* ---- flow ---- */

static GstFlowReturn answer;

static GstFlowReturn
answer_chain (GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
  gst_buffer_unref (buffer);
  return answer;
}

GST_START_TEST (test_flow)
{
  static const GstFlowReturn answers[] = { GST_FLOW_OK, GST_FLOW_EOS,
    GST_FLOW_ERROR, GST_FLOW_FLUSHING, GST_FLOW_NOT_LINKED,
    GST_FLOW_NOT_NEGOTIATED, GST_FLOW_CUSTOM_SUCCESS_1, GST_FLOW_CUSTOM_ERROR };
  Rig *rig = rig_new (make_weir (bank, NULL), PICTURE_CAPS);
  guint i;

  gst_pad_set_chain_function (rig->harness->sinkpad, answer_chain);
  for (i = 0; i < G_N_ELEMENTS (answers); i++) {
    answer = answers[i];
    fail_unless_equals_int (rig_push_film (rig, UNKNOWN_FILM, i, 1), answer);
  }
  rig_free (rig);
}
GST_END_TEST;

/* ---- buffers that are few ---- */

static struct {
  GMutex lock;
  GCond changed;
  gboolean stuck, open;
} gate;

/* Holds the analysis up where it says that it sees the stream. */
static GstBusSyncReply
hold_up (GstBus *bus, GstMessage *message, gpointer user_data)
{
  if (!gst_message_has_name (message, "weir-status"))
    return GST_BUS_PASS;
  g_mutex_lock (&gate.lock);
  gate.stuck = TRUE;
  g_cond_broadcast (&gate.changed);
  while (!gate.open)
    g_cond_wait (&gate.changed, &gate.lock);
  g_mutex_unlock (&gate.lock);
  return GST_BUS_PASS;
}

static GstBufferPool *
make_pool (void)
{
  GstBufferPool *pool = gst_buffer_pool_new ();
  g_autoptr (GstCaps) caps = gst_caps_from_string (PICTURE_CAPS);
  GstStructure *config = gst_buffer_pool_get_config (pool);

  gst_buffer_pool_config_set_params (config, caps, PICTURE_SIZE, 2, 2);
  fail_unless (gst_buffer_pool_set_config (pool, config));
  fail_unless (gst_buffer_pool_set_active (pool, TRUE));
  return pool;
}

static void
push_pooled (Rig *rig, GstBufferPool *pool, gboolean copied, guint number)
{
  GstBufferPoolAcquireParams params = {
    .flags = GST_BUFFER_POOL_ACQUIRE_FLAG_DONTWAIT
  };
  GstBuffer *buffer;

  fail_unless_equals_int (
      gst_buffer_pool_acquire_buffer (pool, &buffer, &params), GST_FLOW_OK);
  if (copied) {
    GstBuffer *copy = gst_buffer_copy (buffer);

    gst_buffer_unref (buffer);
    buffer = copy;
  }
  GST_BUFFER_PTS (buffer) = number * PICTURE_DURATION;
  fail_unless_equals_int (gst_harness_push (rig->harness, buffer), GST_FLOW_OK);
  fail_unless (gst_harness_try_pull (rig->harness) == buffer);
  gst_buffer_unref (buffer);
}

/* With two buffers in all, and none that comes back from the analysis. */
static void
check_pool (gboolean copied)
{
  Rig *rig = rig_new (make_weir (bank, NULL), PICTURE_CAPS);
  GstBufferPool *pool = make_pool ();
  guint i;

  gate.stuck = gate.open = FALSE;
  gst_bus_set_sync_handler (rig->bus, hold_up, NULL, NULL);
  push_pooled (rig, pool, copied, 0);
  g_mutex_lock (&gate.lock);
  while (!gate.stuck)
    g_cond_wait (&gate.changed, &gate.lock);
  g_mutex_unlock (&gate.lock);
  for (i = 1; i < POOL_ROUNDS; i++)
    push_pooled (rig, pool, copied, i);
  fail_unless_equals_uint64 (rig_get_stat (rig, "buffers"), POOL_ROUNDS);

  g_mutex_lock (&gate.lock);
  gate.open = TRUE;
  g_cond_broadcast (&gate.changed);
  g_mutex_unlock (&gate.lock);
  gst_harness_push_event (rig->harness, gst_event_new_eos ());
  rig_free (rig);
  gst_buffer_pool_set_active (pool, FALSE);
  gst_object_unref (pool);
}

GST_START_TEST (test_pool)
{
  check_pool (FALSE);
}
GST_END_TEST;

/* A copy that shares its memory with a buffer of the pool. */
GST_START_TEST (test_pool_copied)
{
  check_pool (TRUE);
}
GST_END_TEST;

static Suite *
passthrough_suite (void)
{
  Suite *suite = suite_create ("passthrough");
  TCase *cases = tcase_create ("general");

  suite_add_tcase (suite, cases);
  tcase_add_checked_fixture (cases, set_up, tear_down);
  tcase_add_test (cases, test_raw);
  tcase_add_test (cases, test_bytes);
  tcase_add_test (cases, test_garbage);
  tcase_add_test (cases, test_flv);
  tcase_add_test (cases, test_mpegts);
  tcase_add_test (cases, test_h264);
  tcase_add_test (cases, test_segment_in_bytes);
  tcase_add_test (cases, test_list);
  tcase_add_test (cases, test_flow);
  tcase_add_test (cases, test_pool);
  tcase_add_test (cases, test_pool_copied);
  return suite;
}

GST_CHECK_MAIN (passthrough);
