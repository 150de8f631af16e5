/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Black and silence in the place of what is cut. */

#include "common.h"

#include <gst/video/video.h>

/* All that @format has of one component of a picture is @value. */
static void
assert_component (GstVideoFrame *frame, guint component, guint value)
{
  guint width = (guint) GST_VIDEO_FRAME_COMP_WIDTH (frame, component);
  guint height = (guint) GST_VIDEO_FRAME_COMP_HEIGHT (frame, component);
  guint x, y;

  for (y = 0; y < height; y++)
    for (x = 0; x < width; x++)
      fail_unless_equals_int (
          (GST_VIDEO_FRAME_COMP_DATA (frame, component) +
              y * (guint) GST_VIDEO_FRAME_COMP_STRIDE (frame, component))
              [x * (guint) GST_VIDEO_FRAME_COMP_PSTRIDE (frame, component)],
          value);
}

static void
check_black (const gchar *format, const gchar *colorimetry, guint one,
    guint two, guint three)
{
  g_autofree gchar *description = g_strdup_printf (
      "video/x-raw, format=%s, width=33, height=17, framerate=25/1, "
      "colorimetry=%s",
      format, colorimetry);
  g_autoptr (GstCaps) caps = gst_caps_from_string (description);
  Rig *rig = rig_new (make_weir (NULL, "on-cut=blank"), description);
  guint values[] = { one, two, three }, i;
  g_autoptr (GstStructure) cut = NULL;
  GstVideoInfo info;
  GstVideoFrame frame;
  GstBuffer *buffer;

  fail_unless (gst_video_info_from_caps (&info, caps));
  g_signal_emit_by_name (rig->weir, "cut", "by hand");
  buffer = gst_buffer_new_allocate (NULL, info.size, NULL);
  gst_buffer_memset (buffer, 0, 77, info.size);
  GST_BUFFER_PTS (buffer) = 5 * PICTURE_DURATION;
  GST_BUFFER_DURATION (buffer) = PICTURE_DURATION;
  fail_unless_equals_int (gst_harness_push (rig->harness, buffer), GST_FLOW_OK);
  cut = rig_pop (rig, "weir-cut");
  assert_string (cut, "mode", "blank");
  assert_uint64 (cut, "running-time", 5 * PICTURE_DURATION);

  buffer = gst_harness_pull (rig->harness);
  fail_unless_equals_uint64 (GST_BUFFER_PTS (buffer), 5 * PICTURE_DURATION);
  fail_unless_equals_uint64 (GST_BUFFER_DURATION (buffer), PICTURE_DURATION);
  fail_unless (gst_video_frame_map (&frame, &info, buffer, GST_MAP_READ));
  for (i = 0; i < GST_VIDEO_INFO_N_COMPONENTS (&info) && i < 3; i++)
    assert_component (&frame, i, values[i]);
  gst_video_frame_unmap (&frame);
  gst_buffer_unref (buffer);
  rig_free (rig);
}

GST_START_TEST (test_blank_video)
{
  check_black ("I420", "bt709", 16, 128, 128);
  check_black ("I420", "1:4:0:0", 0, 128, 128);
  check_black ("NV12", "bt709", 16, 128, 128);
  check_black ("YUY2", "bt601", 16, 128, 128);
  check_black ("RGB", "sRGB", 0, 0, 0);
  check_black ("BGRx", "sRGB", 0, 0, 0);
}
GST_END_TEST;

GST_START_TEST (test_blank_sound)
{
  Rig *rig = rig_new (make_weir (NULL, "on-cut=blank"),
      "audio/x-raw, format=U8, layout=interleaved, rate=8000, channels=1");
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, 80, NULL);

  g_signal_emit_by_name (rig->weir, "cut", "by hand");
  gst_buffer_memset (buffer, 0, 3, 80);
  gst_harness_push (rig->harness, buffer);
  buffer = gst_harness_pull (rig->harness);
  fail_unless_equals_uint64 (gst_buffer_get_size (buffer), 80);
  fail_unless_equals_int (
      gst_buffer_memcmp (buffer, 0, "\x80\x80\x80\x80\x80\x80\x80\x80", 8), 0);
  gst_buffer_unref (buffer);

  /* After a release what comes is what leaves. */
  g_signal_emit_by_name (rig->weir, "release");
  buffer = gst_buffer_new_allocate (NULL, 80, NULL);
  gst_harness_push (rig->harness, gst_buffer_ref (buffer));
  fail_unless (gst_harness_pull (rig->harness) == buffer);
  gst_buffer_unref (buffer);
  gst_buffer_unref (buffer);
  rig_free (rig);
}
GST_END_TEST;

/* What cannot be blanked is dropped, which is said as soon as it is known. */
GST_START_TEST (test_blank_compressed)
{
  Rig *rig = rig_new (make_weir (NULL, "on-cut=blank"),
      "video/x-h264, stream-format=byte-stream, alignment=au");
  g_autoptr (GstMessage) message = NULL;

  message = gst_bus_pop_filtered (rig->bus, GST_MESSAGE_WARNING);
  fail_unless (message != NULL);
  g_signal_emit_by_name (rig->weir, "cut", "by hand");
  fail_unless_equals_int (
      gst_harness_push (rig->harness, gst_buffer_new ()), GST_FLOW_OK);
  fail_unless_equals_int (rig_drop_output (rig), 0);
  rig_free (rig);
}
GST_END_TEST;

static Suite *
blank_suite (void)
{
  Suite *suite = suite_create ("blank");
  TCase *cases = tcase_create ("general");

  suite_add_tcase (suite, cases);
  tcase_add_test (cases, test_blank_video);
  tcase_add_test (cases, test_blank_sound);
  tcase_add_test (cases, test_blank_compressed);
  return suite;
}

GST_CHECK_MAIN (blank);
