/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which compressed pictures are decoded, and when. */

#include "common.h"

#include "gstweirpicker.h"

#include <gst/video/video.h>

#define CODED_CAPS "video/x-weir-test-coded"
#define GROUP      25 /* pictures from keyframe to keyframe: 1 s */
#define LOOKS      5  /* of them, when all are decoded without suspicion */

/* ---- a decoder whose input says what picture to show ---- */

typedef struct {
  guint film, number;
} Coded;

typedef struct {
  GstElement parent;
  GstPad *sink, *src;
} TestDecoder;

typedef struct {
  GstElementClass parent_class;
} TestDecoderClass;

static struct {
  guint n_decoded, n_drained;
} seen;

static GType test_decoder_get_type (void);
G_DEFINE_TYPE (TestDecoder, test_decoder, GST_TYPE_ELEMENT)

static GstFlowReturn
decoder_chain (GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
  GstClockTime pts = GST_BUFFER_PTS (buffer);
  Coded coded;

  gst_buffer_extract (buffer, 0, &coded, sizeof (coded));
  gst_buffer_unref (buffer);
  seen.n_decoded++;
  return gst_pad_push (((TestDecoder *) parent)->src,
      make_picture (coded.film, coded.number, pts));
}

static gboolean
decoder_event (GstPad *pad, GstObject *parent, GstEvent *event)
{
  g_autoptr (GstCaps) caps = NULL;
  gboolean still = FALSE;

  if (gst_video_event_parse_still_frame (event, &still) && still)
    seen.n_drained++;
  if (GST_EVENT_TYPE (event) != GST_EVENT_CAPS)
    return gst_pad_event_default (pad, parent, event);
  gst_event_unref (event);
  caps = gst_caps_from_string (PICTURE_CAPS);
  return gst_pad_push_event (
      ((TestDecoder *) parent)->src, gst_event_new_caps (caps));
}

static void
test_decoder_class_init (TestDecoderClass *class)
{
  GstElementClass *element_class = GST_ELEMENT_CLASS (class);
  g_autoptr (GstCaps) caps = gst_caps_from_string (CODED_CAPS);
  g_autoptr (GstCaps) raw_caps = gst_caps_from_string (PICTURE_CAPS);

  gst_element_class_add_pad_template (element_class,
      gst_pad_template_new ("sink", GST_PAD_SINK, GST_PAD_ALWAYS, caps));
  gst_element_class_add_pad_template (element_class,
      gst_pad_template_new ("src", GST_PAD_SRC, GST_PAD_ALWAYS, raw_caps));
  gst_element_class_set_static_metadata (element_class, "coded",
      "Codec/Decoder/Video", "Shows what it is told", "The Weir authors");
}

static void
test_decoder_init (TestDecoder *decoder)
{
  GstElementClass *element_class = GST_ELEMENT_GET_CLASS (decoder);

  decoder->sink = gst_pad_new_from_template (
      gst_element_class_get_pad_template (element_class, "sink"), "sink");
  decoder->src = gst_pad_new_from_template (
      gst_element_class_get_pad_template (element_class, "src"), "src");
  gst_pad_set_chain_function (decoder->sink, decoder_chain);
  gst_pad_set_event_function (decoder->sink, decoder_event);
  gst_pad_use_fixed_caps (decoder->src);
  gst_element_add_pad (GST_ELEMENT (decoder), decoder->sink);
  gst_element_add_pad (GST_ELEMENT (decoder), decoder->src);
}

/* ---- the tests ---- */

static gchar *bank;

static void
set_up (void)
{
  static gboolean registered = FALSE;

  if (!registered)
    fail_unless (gst_element_register (NULL, "weir-test-coded",
        GST_RANK_PRIMARY + 10, test_decoder_get_type ()));
  registered = TRUE;
  bank = make_bank (WEIR_OPINION_CONFIRMED, WEIR_ACTION_CUT);
  gst_weir_picker_set_seed (0);
  seen.n_decoded = seen.n_drained = 0;
}

static void
tear_down (void)
{
  delete_bank (bank);
}

static Rig *
make_rig (const gchar *decode)
{
  g_autofree gchar *properties =
      g_strdup_printf ("sync-analysis=true decode=%s", decode);

  return rig_new (make_weir (bank, properties), CODED_CAPS);
}

/* Pushes picture @number of @film, a keyframe or not. */
static void
push_coded (Rig *rig, guint film, guint number, gboolean is_keyframe)
{
  const Coded coded = { film, number % KNOWN_LENGTH };
  GstBuffer *buffer = gst_buffer_new_memdup (&coded, sizeof (coded));

  GST_BUFFER_PTS (buffer) = rig->now;
  GST_BUFFER_DURATION (buffer) = PICTURE_DURATION;
  if (!is_keyframe)
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT);
  if (GST_CLOCK_TIME_IS_VALID (rig->now))
    rig->now += PICTURE_DURATION;
  fail_unless_equals_int (gst_harness_push (rig->harness, buffer), GST_FLOW_OK);
}

/* Pushes @n groups of pictures. */
static void
push_groups (Rig *rig, guint film, guint n)
{
  guint i;

  for (i = 0; i < n * GROUP; i++)
    push_coded (rig, film, i, i % GROUP == 0);
}

static void
assert_decoded (Rig *rig, guint n_decoded, guint n_drained, guint n_looked_at)
{
  fail_unless_equals_int (seen.n_decoded, n_decoded);
  fail_unless_equals_int (seen.n_drained, n_drained);
  fail_unless_equals_uint64 (rig_get_stat (rig, "frames"), n_looked_at);
}

/* Keyframes as they come; the stream passes all the same. */
GST_START_TEST (test_auto)
{
  Rig *rig = make_rig ("auto");

  push_groups (rig, UNKNOWN_FILM, 4);
  assert_decoded (rig, 4, 4, 4);
  fail_unless_equals_int (rig_drop_output (rig), 4 * GROUP);
  rig_free (rig);
}
GST_END_TEST;

/* From the first hit on everything, until two seconds have passed without; the
 * keyframe that hit is decoded again, but not looked at twice. */
GST_START_TEST (test_suspicion)
{
  Rig *rig = make_rig ("auto");
  g_autoptr (GstStructure) match = NULL;

  push_groups (rig, UNKNOWN_FILM, 1);
  push_groups (rig, KNOWN_FILM, 2);
  assert_decoded (rig, 2 + 2 * GROUP, 2, 1 + 2 * GROUP);
  match = rig_pop (rig, "weir-match");
  fail_unless (match != NULL);
  assert_uint64 (
      match, "decided-at", (GROUP + PICTURES_TO_FLAG - 1) * PICTURE_DURATION);

  /* Until the match has ended, which is after three; of the rest of that
   * group only some are looked at. */
  push_groups (rig, UNKNOWN_FILM, 10);
  assert_decoded (rig, 2 + 2 * GROUP + 4 * GROUP + 6, 2 + 6,
      1 + 2 * GROUP + 3 * GROUP + LOOKS + 6);
  rig_free (rig);
}
GST_END_TEST;

/* A hit elsewhere, as of sound, in the middle of a group: what came of the
 * group so far is looked at as well. */
GST_START_TEST (test_suspicion_within_group)
{
  Rig *rig = make_rig ("auto");
  GstHarness *other =
      gst_harness_new_with_element (rig->weir, "sink_1", "src_1");
  guint i;

  gst_harness_set_src_caps_str (other, PICTURE_CAPS);
  push_coded (rig, UNKNOWN_FILM, 0, TRUE);
  for (i = 1; i < 10; i++)
    push_coded (rig, UNKNOWN_FILM, i, FALSE);
  assert_decoded (rig, 1, 1, 1);
  gst_harness_push (other, make_picture (KNOWN_FILM, 0, rig->now));
  push_coded (rig, UNKNOWN_FILM, 10, FALSE);
  assert_decoded (rig, 1 + 11, 1, 1 + 1 + 10);
  gst_harness_teardown (other);
  rig_free (rig);
}
GST_END_TEST;

GST_START_TEST (test_keyframes)
{
  Rig *rig = make_rig ("keyframes");

  push_groups (rig, KNOWN_FILM, 4);
  assert_decoded (rig, 4, 4, 4);
  rig_free (rig);
}
GST_END_TEST;

GST_START_TEST (test_all)
{
  Rig *rig = make_rig ("all");
  guint i;

  /* A stream need not begin with a keyframe, nor have any. */
  for (i = 0; i < 3 * GROUP; i++)
    push_coded (rig, UNKNOWN_FILM, i, FALSE);
  push_groups (rig, UNKNOWN_FILM, 2);
  assert_decoded (rig, 5 * GROUP, 0, 5 * GROUP);
  rig_free (rig);
}
GST_END_TEST;

static guint
count_requests (Rig *rig)
{
  GstEvent *event;
  guint n = 0;

  while ((event = gst_harness_try_pull_upstream_event (rig->harness))) {
    n += gst_video_event_is_force_key_unit (event);
    gst_event_unref (event);
  }
  return n;
}

/* After two seconds without a keyframe one is asked for, and everything is
 * decoded, from the one before on, until it comes. */
GST_START_TEST (test_no_keyframe)
{
  Rig *rig = make_rig ("auto");
  guint i;

  push_coded (rig, UNKNOWN_FILM, 0, TRUE);
  for (i = 1; i < 2 * GROUP; i++)
    push_coded (rig, UNKNOWN_FILM, i, FALSE);
  assert_decoded (rig, 1, 1, 1);
  fail_unless_equals_int (count_requests (rig), 0);
  push_coded (rig, UNKNOWN_FILM, i, FALSE);
  assert_decoded (rig, 1 + 2 * GROUP + 1, 1, 2 * LOOKS + 1);
  fail_unless_equals_int (count_requests (rig), 1);
  for (i = 0; i < 2 * GROUP - 1; i++)
    push_coded (rig, UNKNOWN_FILM, i, FALSE);
  fail_unless_equals_int (count_requests (rig), 0);
  push_coded (rig, UNKNOWN_FILM, i, FALSE);
  fail_unless_equals_int (count_requests (rig), 1);
  assert_decoded (rig, 1 + 4 * GROUP + 1, 1, 4 * LOOKS + 1);
  push_groups (rig, UNKNOWN_FILM, 2);
  assert_decoded (rig, 1 + 4 * GROUP + 1 + 2, 3, 4 * LOOKS + 1 + 2);
  rig_free (rig);
}
GST_END_TEST;

/* Without times there is no telling what is new. */
GST_START_TEST (test_no_times)
{
  Rig *rig = make_rig ("auto");

  rig->now = GST_CLOCK_TIME_NONE;
  push_groups (rig, UNKNOWN_FILM, 2);
  assert_decoded (rig, 2 * GROUP, 0, 2 * GROUP);
  rig_free (rig);
}
GST_END_TEST;

/* Nor is a group kept without bound, however small its pictures, while time
 * stands still. */
GST_START_TEST (test_no_progress)
{
  const guint n = 4 * 1024 * 1024 / (512 + sizeof (Coded));
  Rig *rig = make_rig ("auto");
  guint i;

  for (i = 0; i < n; i++) {
    rig->now = 0;
    push_coded (rig, UNKNOWN_FILM, 0, i == 0);
  }
  fail_unless_equals_int (seen.n_decoded, 1);
  push_coded (rig, UNKNOWN_FILM, 0, FALSE);
  push_coded (rig, UNKNOWN_FILM, 0, FALSE);
  fail_unless_equals_int (seen.n_decoded, 1 + n + 2);
  rig_free (rig);
}
GST_END_TEST;

/* ---- groups that are gone back to by chance ---- */

static Rig *
make_sampling_rig (guint sample_gops)
{
  g_autofree gchar *properties =
      g_strdup_printf ("sync-analysis=true sample-gops=%u", sample_gops);

  return rig_new (make_weir (bank, properties), CODED_CAPS);
}

/* Pushes a group and the next keyframe. Returns up to which picture that went
 * back, 0: not at all, and checks that it was looked at, and five a second of
 * those before. */
static guint
push_sampled (Rig *rig)
{
  guint n_decoded, last, i;
  guint64 n_looks;

  for (i = 1; i < GROUP; i++)
    push_coded (rig, UNKNOWN_FILM, i, FALSE);
  n_decoded = seen.n_decoded;
  n_looks = rig_get_stat (rig, "frames");
  push_coded (rig, UNKNOWN_FILM, 0, TRUE);
  n_decoded = seen.n_decoded - n_decoded;
  n_looks = rig_get_stat (rig, "frames") - n_looks;
  fail_unless (n_decoded != 2); /* a keyframe alone says nothing new */
  last = n_decoded > 1 ? n_decoded - 2 : 0;
  fail_unless_equals_uint64 (
      n_looks, 1 + (last + GROUP / LOOKS - 1) / (GROUP / LOOKS));
  return last;
}

static void
count_sampled (guint sample_gops, guint n_groups, guint counts[GROUP])
{
  Rig *rig = make_sampling_rig (sample_gops);
  guint i;

  memset (counts, 0, GROUP * sizeof (guint));
  push_coded (rig, UNKNOWN_FILM, 0, TRUE);
  for (i = 0; i < n_groups; i++)
    counts[push_sampled (rig)]++;
  rig_free (rig);
}

/* Every picture of a group is the last as often as the others. */
GST_START_TEST (test_sample_picture)
{
  const guint n_groups = 240, expected = n_groups / (GROUP - 1);
  guint counts[GROUP], i;

  gst_weir_picker_set_seed (20190315);
  count_sampled (1, n_groups, counts);
  fail_unless_equals_int (counts[0], 0);
  for (i = 1; i < GROUP; i++)
    fail_unless (counts[i] > expected / 4 && counts[i] < expected * 3);
}
GST_END_TEST;

/* Groups are chosen as often as is said, others in each stream. */
GST_START_TEST (test_sample_group)
{
  const guint n_groups = 120, sample_gops = 6;
  guint counts[2][GROUP], i;

  gst_weir_picker_set_seed (20190315);
  for (i = 0; i < 2; i++) {
    guint sampled;

    count_sampled (sample_gops, n_groups, counts[i]);
    sampled = n_groups - counts[i][0];
    fail_unless (sampled > n_groups / sample_gops / 2 &&
                 sampled < n_groups / sample_gops * 2);
  }
  fail_unless (memcmp (counts[0], counts[1], sizeof (counts[0])) != 0);
  count_sampled (0, n_groups, counts[0]);
  fail_unless_equals_int (counts[0][0], n_groups);
}
GST_END_TEST;

/* What is shown between other keyframes is found, and no picture looked at
 * twice. */
GST_START_TEST (test_sample_hit)
{
  g_autoptr (GstStructure) match = NULL;
  Rig *rig;
  guint i;

  gst_weir_picker_set_seed (20190315);
  rig = make_sampling_rig (1);
  push_coded (rig, UNKNOWN_FILM, 0, TRUE);
  for (i = 1; i < GROUP; i++)
    push_coded (rig, KNOWN_FILM, i, FALSE);
  assert_decoded (rig, 1, 1, 1);
  push_coded (rig, UNKNOWN_FILM, 0, TRUE);
  match = rig_pop (rig, "weir-match");
  fail_unless (match != NULL);
  assert_string (match, "verdict", "flag");
  fail_unless (rig_get_stat (rig, "frames") <= 1 + GROUP);
  rig_free (rig);
}
GST_END_TEST;

/* ---- what there is no decoder for ---- */

static void
check_unsupported (const gchar *policy, GstFlowReturn expected)
{
  g_autofree gchar *properties =
      g_strdup_printf ("sync-analysis=true on-unsupported=%s", policy);
  Rig *rig = rig_new (make_weir (bank, properties), "video/x-nobody-knows");
  g_autoptr (GstStructure) status = rig_pop (rig, "weir-status");
  g_autoptr (GstStructure) cut = NULL;

  fail_unless_equals_int (
      gst_harness_push (rig->harness, gst_buffer_new ()), expected);
  if (!status)
    status = rig_pop (rig, "weir-status");
  fail_unless (status != NULL);
  assert_string (status, "state", "blind");
  fail_unless (strstr (gst_structure_get_string (status, "reason"),
                   "video/x-nobody-knows") != NULL);
  cut = rig_pop (rig, "weir-cut");
  fail_unless ((cut != NULL) == (expected == GST_FLOW_EOS));
  if (cut)
    assert_string (cut, "reason", gst_structure_get_string (status, "reason"));
  rig_free (rig);
}

GST_START_TEST (test_unsupported)
{
  check_unsupported ("pass", GST_FLOW_OK);
  check_unsupported ("cut", GST_FLOW_EOS);
}
GST_END_TEST;

/* ---- a real decoder ---- */

/* Pushes the H.264 of a sample into @rig and checks that each keyframe is
 * looked at before the next picture comes. Returns how many pictures it is. */
static guint
push_sample (Rig *rig, guint *n_keyframes)
{
  g_autofree gchar *file =
      g_build_filename (g_getenv ("WEIR_SAMPLES"), "launch.mp4", NULL);
  g_autofree gchar *launch = g_strdup_printf (
      "filesrc location=\"%s\" ! qtdemux name=d d.video_0 ! h264parse ! "
      "video/x-h264, stream-format=byte-stream, alignment=au ! "
      "appsink name=out sync=false",
      file);
  g_autoptr (GstElement) pipeline = gst_parse_launch (launch, NULL);
  g_autoptr (GstElement) sink = gst_bin_get_by_name (GST_BIN (pipeline), "out");
  GstSample *sample;
  guint n = 0;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  for (g_signal_emit_by_name (sink, "pull-sample", &sample); sample;
       g_signal_emit_by_name (sink, "pull-sample", &sample), n++) {
    GstBuffer *buffer = gst_sample_get_buffer (sample);

    if (n == 0)
      gst_harness_set_src_caps (
          rig->harness, gst_caps_ref (gst_sample_get_caps (sample)));
    *n_keyframes +=
        !GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT);
    gst_harness_push (rig->harness, gst_buffer_ref (buffer));
    fail_unless_equals_uint64 (rig_get_stat (rig, "frames"), *n_keyframes);
    gst_sample_unref (sample);
  }
  gst_element_set_state (pipeline, GST_STATE_NULL);
  return n;
}

GST_START_TEST (test_h264)
{
  Rig *rig =
      rig_new (make_weir (bank, "sync-analysis=true decode=keyframes"), NULL);
  guint n_keyframes = 0;
  guint n = push_sample (rig, &n_keyframes);

  fail_unless (n_keyframes > 1 && n > 10 * n_keyframes);
  rig_free (rig);
}
GST_END_TEST;

static Suite *
decode_suite (void)
{
  Suite *suite = suite_create ("decode");
  TCase *cases = tcase_create ("general");

  suite_add_tcase (suite, cases);
  tcase_add_checked_fixture (cases, set_up, tear_down);
  tcase_add_test (cases, test_auto);
  tcase_add_test (cases, test_suspicion);
  tcase_add_test (cases, test_suspicion_within_group);
  tcase_add_test (cases, test_keyframes);
  tcase_add_test (cases, test_all);
  tcase_add_test (cases, test_no_keyframe);
  tcase_add_test (cases, test_no_times);
  tcase_add_test (cases, test_no_progress);
  tcase_add_test (cases, test_sample_picture);
  tcase_add_test (cases, test_sample_group);
  tcase_add_test (cases, test_sample_hit);
  tcase_add_test (cases, test_unsupported);
  tcase_add_test (cases, test_h264);
  return suite;
}

GST_CHECK_MAIN (decode);
