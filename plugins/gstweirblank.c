/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Black and silence, in any raw format. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstweirblank.h"

#include <gst/audio/audio.h>
#include <gst/video/video.h>

/* Black in the formats that GStreamer packs pictures from, 8 and 16 bits a
 * component: alpha, then luma and chroma, or colours. */
#define OPAQUE       0xffff
#define LIMITED_DARK 0x1000
#define NO_CHROMA    0x8000

struct _GstWeirBlank {
  GstBuffer *picture;              /* of video: black, to be shared */
  const GstAudioFormatInfo *sound; /* of sound */
};

/* A line of black in the format that @info is packed from. */
static gpointer
make_black_line (const GstVideoInfo *info)
{
  const GstVideoFormatInfo *unpacked =
      gst_video_format_get_info (info->finfo->unpack_format);
  gboolean is_yuv = !GST_VIDEO_FORMAT_INFO_IS_RGB (unpacked);
  guint16 dark =
      is_yuv && info->colorimetry.range != GST_VIDEO_COLOR_RANGE_0_255
          ? LIMITED_DARK
          : 0;
  const guint16 black[] = { OPAQUE, dark, is_yuv ? NO_CHROMA : 0,
    is_yuv ? NO_CHROMA : 0 };
  gboolean is_wide = GST_VIDEO_FORMAT_INFO_BITS (unpacked) > 8;
  guint n = 4 * (guint) (GST_VIDEO_INFO_WIDTH (info) + 8), i;
  guint16 *line = g_new (guint16, n);

  for (i = 0; i < n; i++) {
    if (is_wide)
      line[i] = black[i % 4];
    else
      ((guint8 *) line)[i] = (guint8) (black[i % 4] >> 8);
  }
  return line;
}

static void
paint_black (GstVideoFrame *frame)
{
  const GstVideoInfo *info = &frame->info;
  g_autofree gpointer line = make_black_line (info);
  gint y;

  for (y = 0; y < GST_VIDEO_INFO_HEIGHT (info); y++)
    info->finfo->pack_func (info->finfo, GST_VIDEO_PACK_FLAG_NONE, line, 0,
        frame->data, info->stride, info->chroma_site, y,
        GST_VIDEO_INFO_WIDTH (info));
}

static GstBuffer *
make_black_picture (const GstVideoInfo *info)
{
  GstBuffer *picture =
      gst_buffer_new_allocate (NULL, GST_VIDEO_INFO_SIZE (info), NULL);
  GstVideoFrame frame;

  gst_buffer_memset (picture, 0, 0, GST_VIDEO_INFO_SIZE (info));
  if (gst_video_frame_map (&frame, info, picture, GST_MAP_WRITE)) {
    paint_black (&frame);
    gst_video_frame_unmap (&frame);
  }
  return picture;
}

GstWeirBlank *
gst_weir_blank_new (const GstCaps *caps)
{
  const GstStructure *structure = gst_caps_get_structure (caps, 0);
  const GstCapsFeatures *features = gst_caps_get_features (caps, 0);
  GstWeirBlank *blank;
  GstVideoInfo video;
  GstAudioInfo audio;

  if (features && !gst_caps_features_is_equal (
                      features, GST_CAPS_FEATURES_MEMORY_SYSTEM_MEMORY))
    return NULL;
  if (gst_structure_has_name (structure, "video/x-raw") &&
      gst_video_info_from_caps (&video, caps) && video.finfo->pack_func) {
    blank = g_new0 (GstWeirBlank, 1);
    blank->picture = make_black_picture (&video);
    return blank;
  }
  if (gst_structure_has_name (structure, "audio/x-raw") &&
      gst_audio_info_from_caps (&audio, caps)) {
    blank = g_new0 (GstWeirBlank, 1);
    blank->sound = audio.finfo;
    return blank;
  }
  return NULL;
}

void
gst_weir_blank_free (GstWeirBlank *blank)
{
  gst_clear_buffer (&blank->picture);
  g_free (blank);
}

static GstBuffer *
make_silence (const GstAudioFormatInfo *format, gsize size)
{
  GstBuffer *silence = gst_buffer_new_allocate (NULL, size, NULL);
  GstMapInfo map;

  if (gst_buffer_map (silence, &map, GST_MAP_WRITE)) {
    gst_audio_format_info_fill_silence (format, map.data, map.size);
    gst_buffer_unmap (silence, &map);
  }
  return silence;
}

GstBuffer *
gst_weir_blank_replace (GstWeirBlank *blank, GstBuffer *buffer)
{
  GstBuffer *blanked = blank->picture ? gst_buffer_copy (blank->picture)
                                      : make_silence (blank->sound,
                                            gst_buffer_get_size (buffer));

  gst_buffer_copy_into (blanked, buffer,
      GST_BUFFER_COPY_FLAGS | GST_BUFFER_COPY_TIMESTAMPS, 0, (gsize) -1);
  gst_buffer_unref (buffer);
  return blanked;
}
