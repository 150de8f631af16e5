/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "soak-clip.h"

#include <stdio.h>
#include <stdlib.h>

#define OPEN_TIME   (10 * GST_SECOND)
#define CHUNK       1316 /* bytes: seven packets of MPEG-TS */
#define FLV_CAPS    "video/x-flv"
#define MPEGTS_CAPS "video/mpegts, systemstream=true, packetsize=188"

static void
fail (const gchar *path, const gchar *problem)
{
  fprintf (stderr, "soak: %s: %s\n", path, problem);
  exit (2);
}

static void
clear_item (gpointer item)
{
  gst_buffer_unref (((SoakItem *) item)->buffer);
}

static void
add_item (SoakClip *clip, GstBuffer *buffer, guint pad, GstClockTime time)
{
  SoakItem item = { buffer, pad, time };

  g_array_append_val (clip->items, item);
}

static gint
compare_times (gconstpointer a, gconstpointer b)
{
  GstClockTime first = ((const SoakItem *) a)->time;
  GstClockTime second = ((const SoakItem *) b)->time;

  return first < second ? -1 : first > second;
}

static GstElement *
open_media (const gchar *path)
{
  g_autofree gchar *line = g_strdup_printf (
      "filesrc location=\"%s\" ! parsebin name=p "
      "p. ! capsfilter caps=\"video/x-h264;video/x-h265;video/x-vp8;"
      "video/x-vp9;video/x-av1\" ! queue max-size-bytes=0 max-size-time=0 "
      "max-size-buffers=0 ! appsink name=pad_0 sync=false "
      "p. ! capsfilter caps=\"audio/mpeg;audio/x-opus\" ! queue "
      "max-size-bytes=0 max-size-time=0 max-size-buffers=0 ! "
      "appsink name=pad_1 sync=false",
      path);
  g_autoptr (GError) error = NULL;
  g_autoptr (GstBus) bus = NULL;
  g_autoptr (GstMessage) message = NULL;
  GstElement *pipeline = gst_parse_launch (line, &error);

  if (error)
    fail (path, error->message);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  bus = gst_element_get_bus (pipeline);
  /* An appsink that gets nothing would be waited for without end. */
  message = gst_bus_timed_pop_filtered (
      bus, OPEN_TIME, GST_MESSAGE_ASYNC_DONE | GST_MESSAGE_ERROR);
  if (!message || GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
    fail (path, "not media with a video and a sound");
  return pipeline;
}

static void
pull_pad (SoakClip *clip, GstElement *pipeline, guint pad)
{
  g_autofree gchar *name = g_strdup_printf ("pad_%u", pad);
  g_autoptr (GstElement) sink = gst_bin_get_by_name (GST_BIN (pipeline), name);
  GstClockTime end = 0;
  GstSample *sample;

  for (g_signal_emit_by_name (sink, "pull-sample", &sample); sample;
       g_signal_emit_by_name (sink, "pull-sample", &sample)) {
    GstBuffer *buffer = gst_buffer_copy_deep (gst_sample_get_buffer (sample));
    GstClockTime time = GST_BUFFER_DTS_OR_PTS (buffer);

    if (!clip->caps[pad])
      clip->caps[pad] = gst_caps_ref (gst_sample_get_caps (sample));
    if (!GST_CLOCK_TIME_IS_VALID (time))
      time = end;
    end = MAX (end, time);
    if (GST_BUFFER_PTS_IS_VALID (buffer) &&
        GST_BUFFER_DURATION_IS_VALID (buffer))
      clip->length = MAX (
          clip->length, GST_BUFFER_PTS (buffer) + GST_BUFFER_DURATION (buffer));
    add_item (clip, buffer, pad, time);
    gst_sample_unref (sample);
  }
}

/* The bytes of the file take the place of what is in it, evenly over its
 * length. */
static void
take_bytes (SoakClip *clip, const gchar *path, const gchar *caps)
{
  g_autoptr (GError) error = NULL;
  gchar *data;
  gsize size, offset;
  GBytes *bytes;

  if (!g_file_get_contents (path, &data, &size, &error))
    fail (path, error->message);
  bytes = g_bytes_new_take (data, size);
  g_array_set_size (clip->items, 0);
  gst_clear_caps (&clip->caps[1]);
  gst_caps_replace (&clip->caps[0], NULL);
  clip->caps[0] = gst_caps_from_string (caps);
  clip->n_pads = 1;
  for (offset = 0; offset < size; offset += CHUNK) {
    g_autoptr (GBytes) chunk =
        g_bytes_new_from_bytes (bytes, offset, MIN (CHUNK, size - offset));
    GstBuffer *buffer = gst_buffer_new_wrapped_bytes (chunk);
    GstClockTime time = gst_util_uint64_scale (clip->length, offset, size);

    GST_BUFFER_PTS (buffer) = time;
    add_item (clip, buffer, 0, time);
  }
  g_bytes_unref (bytes);
}

SoakClip *
soak_clip_load (const gchar *path)
{
  SoakClip *clip = g_new0 (SoakClip, 1);
  g_autoptr (GstElement) pipeline = open_media (path);
  guint i;

  clip->n_pads = SOAK_N_PADS;
  clip->items = g_array_new (FALSE, FALSE, sizeof (SoakItem));
  g_array_set_clear_func (clip->items, clear_item);
  for (i = 0; i < SOAK_N_PADS; i++)
    pull_pad (clip, pipeline, i);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  if (!clip->caps[0] || !clip->caps[1] || clip->length == 0)
    fail (path, "not media with a video and a sound");
  g_array_sort (clip->items, compare_times);
  if (g_str_has_suffix (path, ".flv"))
    take_bytes (clip, path, FLV_CAPS);
  else if (g_str_has_suffix (path, ".ts"))
    take_bytes (clip, path, MPEGTS_CAPS);
  return clip;
}

void
soak_clip_free (SoakClip *clip)
{
  guint i;

  for (i = 0; i < SOAK_N_PADS; i++)
    gst_clear_caps (&clip->caps[i]);
  g_array_unref (clip->items);
  g_free (clip);
}

gboolean
soak_clip_can_follow (const SoakClip *clip, const SoakClip *next)
{
  if (clip->n_pads != next->n_pads)
    return FALSE;
  return clip->n_pads == SOAK_N_PADS ||
         gst_caps_is_equal (clip->caps[0], next->caps[0]);
}
