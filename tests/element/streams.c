/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Streams of a container that come and go, one after the other. */

#include "common.h"

#include <string.h>

#define CONTAINER_CAPS "video/x-weir-test-container"
#define SOUND_CAPS     "audio/mpeg, mpegversion=4, stream-format=adts"
#define TS_CAPS        "video/mpegts, systemstream=true, packetsize=188"
#define N_STREAMS      4

/* What a buffer of the container says of one of its streams. */
typedef enum {
  OPEN,
  OPEN_SOUND, /* compressed, and it stays silent */
  PICTURE,
  CLOSE,
} Word;

typedef struct {
  Word word;
  guint stream, film, number;
} Said;

/* ---- a demuxer that does what it is told ---- */

typedef struct {
  GstElement parent;
  GstPad *sink, *src[N_STREAMS];
} TestDemuxer;

typedef struct {
  GstElementClass parent_class;
} TestDemuxerClass;

static guint n_made;

static GType test_demuxer_get_type (void);
G_DEFINE_TYPE (TestDemuxer, test_demuxer, GST_TYPE_ELEMENT)

static void
open_stream (TestDemuxer *demuxer, guint stream, const gchar *caps_string)
{
  g_autofree gchar *name = g_strdup_printf ("src_%u", stream);
  g_autoptr (GstCaps) caps = gst_caps_from_string (caps_string);
  GstSegment segment;
  GstPad *src =
      gst_pad_new_from_template (gst_element_class_get_pad_template (
                                     GST_ELEMENT_GET_CLASS (demuxer), "src_%u"),
          name);

  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_pad_use_fixed_caps (src);
  gst_pad_set_active (src, TRUE);
  gst_pad_push_event (src, gst_event_new_stream_start (name));
  gst_pad_push_event (src, gst_event_new_caps (caps));
  gst_pad_push_event (src, gst_event_new_segment (&segment));
  demuxer->src[stream] = src;
  gst_element_add_pad (GST_ELEMENT (demuxer), src);
}

static void
close_stream (TestDemuxer *demuxer, guint stream)
{
  gst_pad_push_event (demuxer->src[stream], gst_event_new_eos ());
  gst_element_remove_pad (GST_ELEMENT (demuxer), demuxer->src[stream]);
  demuxer->src[stream] = NULL;
}

static GstFlowReturn
demuxer_chain (GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
  TestDemuxer *demuxer = (TestDemuxer *) parent;
  GstClockTime pts = GST_BUFFER_PTS (buffer);
  Said said;

  gst_buffer_extract (buffer, 0, &said, sizeof (said));
  gst_buffer_unref (buffer);
  if (said.word == OPEN)
    open_stream (demuxer, said.stream, PICTURE_CAPS);
  else if (said.word == OPEN_SOUND)
    open_stream (demuxer, said.stream, SOUND_CAPS);
  else if (!demuxer->src[said.stream])
    return GST_FLOW_OK; /* it was opened before this demuxer was made */
  else if (said.word == CLOSE)
    close_stream (demuxer, said.stream);
  else
    gst_pad_push (
        demuxer->src[said.stream], make_picture (said.film, said.number, pts));
  return GST_FLOW_OK;
}

static void
test_demuxer_class_init (TestDemuxerClass *class)
{
  GstElementClass *element_class = GST_ELEMENT_CLASS (class);
  g_autoptr (GstCaps) caps = gst_caps_from_string (CONTAINER_CAPS);
  g_autoptr (GstCaps) any = gst_caps_new_any ();

  gst_element_class_add_pad_template (element_class,
      gst_pad_template_new ("sink", GST_PAD_SINK, GST_PAD_ALWAYS, caps));
  gst_element_class_add_pad_template (element_class,
      gst_pad_template_new ("src_%u", GST_PAD_SRC, GST_PAD_SOMETIMES, any));
  gst_element_class_set_static_metadata (element_class, "container",
      "Codec/Demuxer", "Does what it is told", "The Weir authors");
}

static void
test_demuxer_init (TestDemuxer *demuxer)
{
  demuxer->sink =
      gst_pad_new_from_template (gst_element_class_get_pad_template (
                                     GST_ELEMENT_GET_CLASS (demuxer), "sink"),
          "sink");
  gst_pad_set_chain_function (demuxer->sink, demuxer_chain);
  gst_element_add_pad (GST_ELEMENT (demuxer), demuxer->sink);
  n_made++;
}

/* ---- the tests ---- */

static gchar *bank;

static void
set_up (void)
{
  static gboolean registered = FALSE;

  if (!registered)
    fail_unless (gst_element_register (NULL, "weir-test-container",
        GST_RANK_PRIMARY + 10, test_demuxer_get_type ()));
  registered = TRUE;
  bank = make_bank (WEIR_OPINION_CONFIRMED, WEIR_ACTION_CUT);
  n_made = 0;
}

static void
tear_down (void)
{
  delete_bank (bank);
}

static Rig *
make_rig (void)
{
  return rig_new (make_weir (bank, "sync-analysis=true"), CONTAINER_CAPS);
}

static void
say (Rig *rig, Word word, guint stream, guint film, guint number)
{
  const Said said = { word, stream, film, number };
  GstBuffer *buffer = gst_buffer_new_memdup (&said, sizeof (said));

  GST_BUFFER_PTS (buffer) = rig->now;
  fail_unless_equals_int (gst_harness_push (rig->harness, buffer), GST_FLOW_OK);
  gst_buffer_unref (gst_harness_pull (rig->harness));
}

static void
show (Rig *rig, guint stream, guint film, guint n)
{
  guint i;

  for (i = 0; i < n; i++) {
    say (rig, PICTURE, stream, film, i);
    rig->now += PICTURE_DURATION;
  }
}

/* One that begins when the one before has ended. */
GST_START_TEST (test_next)
{
  Rig *rig = make_rig ();

  say (rig, OPEN, 0, 0, 0);
  show (rig, 0, UNKNOWN_FILM, 10);
  say (rig, CLOSE, 0, 0, 0);
  say (rig, OPEN, 1, 0, 0);
  show (rig, 1, KNOWN_FILM, PICTURES_TO_FLAG);
  fail_unless_equals_uint64 (rig_get_stat (rig, "matches"), 1);
  fail_unless_equals_uint64 (
      rig_get_stat (rig, "frames"), 10 + PICTURES_TO_FLAG);
  fail_unless_equals_int (n_made, 1);
  rig_free (rig);
}
GST_END_TEST;

/* One that was there before: it is looked at from then on. Another that has
 * ended by then is not. */
GST_START_TEST (test_waiting)
{
  Rig *rig = make_rig ();
  guint i;

  for (i = 0; i < 3; i++)
    say (rig, OPEN, i, 0, 0);
  show (rig, 0, UNKNOWN_FILM, 10);
  show (rig, 2, KNOWN_FILM, 2 * PICTURES_TO_FLAG);
  fail_unless_equals_uint64 (rig_get_stat (rig, "matches"), 0);
  fail_unless_equals_uint64 (rig_get_stat (rig, "frames"), 10);
  say (rig, CLOSE, 1, 0, 0);
  say (rig, CLOSE, 0, 0, 0);
  show (rig, 2, KNOWN_FILM, PICTURES_TO_FLAG);
  fail_unless_equals_uint64 (rig_get_stat (rig, "matches"), 1);
  rig_free (rig);
}
GST_END_TEST;

/* That what was said last of the status is @state, because of @reason. */
static void
assert_status (Rig *rig, const gchar *state, const gchar *reason)
{
  GstStructure *status, *last = NULL;

  while ((status = rig_pop (rig, "weir-status"))) {
    g_clear_pointer (&last, gst_structure_free);
    last = status;
  }
  fail_unless (last != NULL, "nothing new was said");
  assert_string (last, "state", state);
  fail_unless (strstr (gst_structure_get_string (last, "reason"), reason), "%s",
      gst_structure_get_string (last, "reason"));
  gst_structure_free (last);
}

/* What is beside the one that is looked at is told, as long as it is there. */
GST_START_TEST (test_beside)
{
  Rig *rig = make_rig ();

  say (rig, OPEN, 0, 0, 0);
  say (rig, OPEN, 1, 0, 0);
  show (rig, 0, UNKNOWN_FILM, 5);
  assert_status (rig, "active", "");
  show (rig, 0, UNKNOWN_FILM, 30);
  assert_status (rig, "degraded", "another video stream of the container");
  say (rig, CLOSE, 1, 0, 0);
  assert_status (rig, "active", "");
  rig_free (rig);
}
GST_END_TEST;

/* Where one follows the other, nothing is beside. */
GST_START_TEST (test_not_beside)
{
  Rig *rig = make_rig ();

  say (rig, OPEN, 0, 0, 0);
  show (rig, 0, UNKNOWN_FILM, 5);
  assert_status (rig, "active", "");
  say (rig, OPEN, 1, 0, 0);
  show (rig, 0, UNKNOWN_FILM, 5);
  say (rig, CLOSE, 0, 0, 0);
  show (rig, 1, UNKNOWN_FILM, 40);
  fail_unless (rig_pop (rig, "weir-status") == NULL);
  rig_free (rig);
}
GST_END_TEST;

/* Pushes what @line, which ends in an appsink called out, makes. */
static void
push_made (Rig *rig, const gchar *line)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GstElement) pipeline = gst_parse_launch (line, &error);
  g_autoptr (GstElement) out = NULL;
  GstSample *sample;

  fail_unless (error == NULL, "%s", error ? error->message : "");
  out = gst_bin_get_by_name (GST_BIN (pipeline), "out");
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  for (g_signal_emit_by_name (out, "pull-sample", &sample); sample;
       g_signal_emit_by_name (out, "pull-sample", &sample)) {
    GstBuffer *buffer = gst_buffer_copy (gst_sample_get_buffer (sample));

    GST_BUFFER_PTS (buffer) = GST_BUFFER_DTS (buffer) = GST_CLOCK_TIME_NONE;
    fail_unless_equals_int (
        gst_harness_push (rig->harness, buffer), GST_FLOW_OK);
    gst_sample_unref (sample);
  }
  gst_element_set_state (pipeline, GST_STATE_NULL);
}

#define SOUND "audiotestsrc num-buffers=100 ! avenc_mp2 ! mpegaudioparse ! m."

/* Of a transport stream's programmes one is looked at. */
static void
check_programmes (
    const gchar *second_programme, const gchar *state, const gchar *reason)
{
  Rig *rig = rig_new (make_weir (bank, "sync-analysis=true"), TS_CAPS);
  g_autofree gchar *line = g_strdup_printf (SOUND
      "sink_65 " SOUND "sink_66 mpegtsmux name=m alignment=7 "
      "prog-map=\"programmes,sink_65=1,sink_66=%s\" ! "
      "appsink name=out sync=false",
      second_programme);

  push_made (rig, line);
  assert_status (rig, state, reason);
  rig_free (rig);
}

GST_START_TEST (test_programmes)
{
  check_programmes ("2", "degraded", "one of 2 programmes");
  check_programmes ("1", "degraded", "another audio stream");
}
GST_END_TEST;

/* However many come, they do not pile up. */
GST_START_TEST (test_many)
{
  Rig *rig = make_rig ();
  guint i;

  for (i = 0; i < 40; i++) {
    say (rig, OPEN, i % N_STREAMS, 0, 0);
    show (rig, i % N_STREAMS, UNKNOWN_FILM, 1);
    say (rig, CLOSE, i % N_STREAMS, 0, 0);
  }
  fail_unless (n_made > 1 && n_made < 5);
  say (rig, OPEN, 0, 0, 0);
  show (rig, 0, KNOWN_FILM, PICTURES_TO_FLAG);
  fail_unless_equals_uint64 (rig_get_stat (rig, "matches"), 1);
  rig_free (rig);
}
GST_END_TEST;

/* Nor do those that nothing ever came of. */
GST_START_TEST (test_many_silent)
{
  Rig *rig = make_rig ();
  guint i;

  say (rig, OPEN, 0, 0, 0);
  show (rig, 0, UNKNOWN_FILM, 10);
  for (i = 0; i < 400; i++) {
    say (rig, OPEN_SOUND, 1, 0, 0);
    say (rig, CLOSE, 1, 0, 0);
  }
  fail_unless (n_made > 1 && n_made < 5);
  rig->now += 10 * GST_SECOND; /* for another try */
  say (rig, OPEN, 0, 0, 0);
  show (rig, 0, KNOWN_FILM, PICTURES_TO_FLAG);
  fail_unless_equals_uint64 (rig_get_stat (rig, "matches"), 1);
  rig_free (rig);
}
GST_END_TEST;

static Suite *
streams_suite (void)
{
  Suite *suite = suite_create ("streams");
  TCase *cases = tcase_create ("general");

  suite_add_tcase (suite, cases);
  tcase_add_checked_fixture (cases, set_up, tear_down);
  tcase_add_test (cases, test_next);
  tcase_add_test (cases, test_waiting);
  tcase_add_test (cases, test_beside);
  tcase_add_test (cases, test_not_beside);
  tcase_add_test (cases, test_programmes);
  tcase_add_test (cases, test_many);
  tcase_add_test (cases, test_many_silent);
  return suite;
}

GST_CHECK_MAIN (streams);
