/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A sample as a live stream in some container, and a bank of its last part. */

#include "clip.h"

#include "bank/bank-builder.h"

#include <glib/gstdio.h>
#include <gst/video/video.h>

#define BANK_CREATED 1574380800

typedef void (*TakeSample) (GstSample *sample, gpointer user_data);

/* Runs the clip's H.264 through @launch to its end. */
static void
run (const gchar *launch, TakeSample take, gpointer user_data)
{
  g_autofree gchar *file =
      g_build_filename (g_getenv ("WEIR_SAMPLES"), "launch.mp4", NULL);
  g_autofree gchar *line = g_strdup_printf (
      "filesrc location=\"%s\" ! qtdemux name=d d.video_0 ! h264parse ! %s ! "
      "appsink name=out sync=false",
      file, launch);
  g_autoptr (GstElement) pipeline = gst_parse_launch (line, NULL);
  g_autoptr (GstElement) sink = gst_bin_get_by_name (GST_BIN (pipeline), "out");
  GstSample *sample;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  for (g_signal_emit_by_name (sink, "pull-sample", &sample); sample;
       g_signal_emit_by_name (sink, "pull-sample", &sample)) {
    take (sample, user_data);
    gst_sample_unref (sample);
  }
  gst_element_set_state (pipeline, GST_STATE_NULL);
}

static void
take_coded (GstSample *sample, gpointer user_data)
{
  Clip *clip = user_data;

  /* As of a server, which says it in the stream alone. */
  if (!clip->caps) {
    clip->caps = gst_caps_copy (gst_sample_get_caps (sample));
    gst_structure_remove_field (
        gst_caps_get_structure (clip->caps, 0), "streamheader");
  }
  g_ptr_array_add (
      clip->buffers, gst_buffer_copy_deep (gst_sample_get_buffer (sample)));
}

Clip *
clip_new (const gchar *muxer)
{
  Clip *clip = g_new0 (Clip, 1);

  clip->buffers =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_buffer_unref);
  run (muxer, take_coded, clip);
  g_assert_cmpuint (clip->buffers->len, >, 1);
  return clip;
}

void
clip_free (Clip *clip)
{
  gst_caps_unref (clip->caps);
  g_ptr_array_unref (clip->buffers);
  g_free (clip);
}

void
clip_cut (Clip *clip, gsize size)
{
  GstBuffer *whole = gst_buffer_new ();
  gsize n_bytes, offset;
  guint i;

  for (i = 0; i < clip->buffers->len; i++)
    whole = gst_buffer_append (
        whole, gst_buffer_ref (g_ptr_array_index (clip->buffers, i)));
  g_ptr_array_set_size (clip->buffers, 0);
  n_bytes = gst_buffer_get_size (whole);
  for (offset = 0; offset < n_bytes; offset += size) {
    g_autoptr (GstBuffer) piece = gst_buffer_copy_region (
        whole, GST_BUFFER_COPY_MEMORY, offset, MIN (size, n_bytes - offset));

    g_ptr_array_add (clip->buffers, gst_buffer_copy_deep (piece));
  }
  gst_buffer_unref (whole);
}

guint
clip_find (const Clip *clip, guint number, guint n_parts)
{
  gsize n_bytes = 0, passed = 0;
  guint i;

  for (i = 0; i < clip->buffers->len; i++)
    n_bytes += gst_buffer_get_size (g_ptr_array_index (clip->buffers, i));
  for (i = 0; passed * n_parts < n_bytes * number; i++)
    passed += gst_buffer_get_size (g_ptr_array_index (clip->buffers, i));
  return i;
}

void
clip_break (Clip *clip, guint buffer, gsize offset, gsize n_bytes)
{
  GstMapInfo map;
  guint32 noise = 1;
  gsize i;

  gst_buffer_map (
      g_ptr_array_index (clip->buffers, buffer), &map, GST_MAP_READWRITE);
  for (i = offset; i < MIN (offset + n_bytes, map.size); i++) {
    noise = noise * 1664525u + 1013904223u;
    map.data[i] = (guint8) (noise >> 24);
  }
  gst_buffer_unmap (g_ptr_array_index (clip->buffers, buffer), &map);
}

/* ---- the bank ---- */

typedef struct {
  WeirBankBuilder *builder;
  WeirPdqHasher *hasher;
  guint32 reference;
} Making;

static void
take_picture (GstSample *sample, gpointer user_data)
{
  Making *making = user_data;
  GstBuffer *buffer = gst_sample_get_buffer (sample);
  GstClockTime pts = GST_BUFFER_PTS (buffer);
  GstVideoInfo info;
  GstVideoFrame frame;
  WeirPdqPicture picture;
  WeirPdqHash hash;
  WeirLuma luma = { .pixel_stride = 1, .depth = 8 };

  if (pts < CLIP_KEYFRAME)
    return;
  g_assert_true (
      gst_video_info_from_caps (&info, gst_sample_get_caps (sample)));
  g_assert_true (gst_video_frame_map (&frame, &info, buffer, GST_MAP_READ));
  luma.data = GST_VIDEO_FRAME_COMP_DATA (&frame, 0);
  luma.stride = GST_VIDEO_FRAME_COMP_STRIDE (&frame, 0);
  luma.width = (guint) GST_VIDEO_FRAME_WIDTH (&frame);
  luma.height = (guint) GST_VIDEO_FRAME_HEIGHT (&frame);
  if (!making->hasher)
    making->hasher = weir_pdq_hasher_new (luma.width, luma.height);
  weir_pdq_hasher_run (making->hasher, &luma, &picture);
  weir_pdq_picture_get_hash (&picture, WEIR_PDQ_PLAIN, &hash);
  if (picture.quality >= WEIR_PDQ_MIN_QUALITY)
    g_assert_true (weir_bank_builder_add_video (making->builder,
        making->reference, &hash, WEIR_VIEW_PLAIN, picture.quality,
        (guint32) ((pts - CLIP_KEYFRAME) / GST_MSECOND), NULL));
  gst_video_frame_unmap (&frame);
}

gchar *
clip_make_bank (void)
{
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();
  Making making = { .builder = builder };
  WeirReference reference = {
    .id = "launch",
    .family = "",
    .label = "a label",
    .list = "a list",
    .source = "a test",
    .duration = 5 * GST_SECOND,
    .opinion = WEIR_OPINION_CONFIRMED,
    .max_action = WEIR_ACTION_CUT,
  };
  gchar *path;
  gint file = g_file_open_tmp ("weir-XXXXXX.weir", &path, NULL);

  g_assert_cmpint (file, >=, 0);
  g_close (file, NULL);
  g_assert_true (weir_bank_builder_add_reference (
      builder, &reference, &making.reference, NULL));
  run ("avdec_h264", take_picture, &making);
  weir_pdq_hasher_free (making.hasher);
  g_assert_true (weir_bank_builder_write (builder, path, BANK_CREATED, NULL));
  return path;
}
