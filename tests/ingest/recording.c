/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Playing Matroska files from beginning to end. */

#include "recording.h"

static void
note_size (Recording *recording, GstPad *pad)
{
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  gint width;

  if (!gst_structure_get_int (
          gst_caps_get_structure (caps, 0), "width", &width))
    return;
  recording->width_max = MAX (recording->width_max, width);
  recording->width_min =
      recording->n == 0 ? width : MIN (recording->width_min, width);
}

static GstPadProbeReturn
on_buffer (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  Recording *recording = user_data;
  GstClockTime pts = GST_BUFFER_PTS (GST_PAD_PROBE_INFO_BUFFER (info));

  note_size (recording, pad);
  if (recording->n == 0)
    recording->first = pts;
  else if (pts > recording->last)
    recording->gap_max = MAX (recording->gap_max, pts - recording->last);
  recording->last = pts;
  recording->n++;
  return GST_PAD_PROBE_OK;
}

gchar *
recording_find (Host *host)
{
  g_autoptr (GDir) folder = g_dir_open (host->folder, 0, NULL);
  const gchar *name = g_dir_read_name (folder);

  g_assert_nonnull (name);
  g_assert_null (g_dir_read_name (folder));
  return g_build_filename (host->folder, name, NULL);
}

void
recording_play (const gchar *path, const gchar *line, Recording *recording)
{
  g_autofree gchar *whole =
      g_strdup_printf ("filesrc location=\"%s\" ! matroskademux name=demux "
                       "%s ! fakesink name=sink sync=false",
          path, line);
  g_autoptr (GError) error = NULL;
  g_autoptr (GstElement) pipeline = gst_parse_launch (whole, &error);
  g_autoptr (GstElement) sink = NULL;
  g_autoptr (GstPad) pad = NULL;
  g_autoptr (GstBus) bus = NULL;
  g_autoptr (GstMessage) message = NULL;

  g_assert_no_error (error);
  *recording = (Recording){ 0 };
  sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  pad = gst_element_get_static_pad (sink, "sink");
  gst_pad_add_probe (
      pad, GST_PAD_PROBE_TYPE_BUFFER, on_buffer, recording, NULL);
  bus = gst_element_get_bus (pipeline);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (
      bus, 10 * GST_SECOND, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  g_assert_nonnull (message);
  g_assert_cmpint (GST_MESSAGE_TYPE (message), ==, GST_MESSAGE_EOS);
  gst_element_set_state (pipeline, GST_STATE_NULL);
}
