/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From buffers and events to bytes of FLV and Matroska. */

#include "gstweirfollower.h"

struct _GstWeirFollower {
  WeirFlvFollower *flv;
  WeirMatroskaFollower *matroska;
  gchar *stream_id; /* NULL before there was one */
  gchar *media;     /* name of the caps, likewise */
};

GstWeirFollower *
gst_weir_follower_new (void)
{
  GstWeirFollower *follower = g_new0 (GstWeirFollower, 1);

  follower->flv = weir_flv_follower_new ();
  follower->matroska = weir_matroska_follower_new ();
  return follower;
}

void
gst_weir_follower_free (GstWeirFollower *follower)
{
  weir_flv_follower_free (follower->flv);
  weir_matroska_follower_free (follower->matroska);
  g_free (follower->stream_id);
  g_free (follower->media);
  g_free (follower);
}

static void
begin_anew (GstWeirFollower *follower)
{
  weir_flv_follower_reset (follower->flv);
  weir_matroska_follower_reset (follower->matroska);
}

void
gst_weir_follower_reset (GstWeirFollower *follower)
{
  begin_anew (follower);
  g_clear_pointer (&follower->stream_id, g_free);
  g_clear_pointer (&follower->media, g_free);
}

gboolean
gst_weir_follower_is_on (const GstWeirFollower *follower)
{
  return weir_flv_follower_is_on (follower->flv) ||
         weir_matroska_follower_is_on (follower->matroska);
}

void
gst_weir_follower_take_buffer (
    GstWeirFollower *follower, GstBuffer *buffer, WeirPlace *place)
{
  GstMapInfo map;

  *place = (WeirPlace){ FALSE, NULL, 0 };
  if ((!weir_flv_follower_wants (follower->flv) &&
          !weir_matroska_follower_wants (follower->matroska)) ||
      !gst_buffer_map (buffer, &map, GST_MAP_READ))
    return;
  if (weir_flv_follower_wants (follower->flv))
    weir_flv_follower_push (follower->flv, map.data, map.size, place);
  /* A stream is not both: no place is there to be overwritten. */
  if (!weir_flv_follower_is_on (follower->flv) &&
      weir_matroska_follower_wants (follower->matroska))
    weir_matroska_follower_push (follower->matroska, map.data, map.size, place);
  gst_buffer_unmap (buffer, &map);
}

/* Elements may say the same again. */
static void
take_name (GstWeirFollower *follower, gchar **known, const gchar *name)
{
  if (*known && g_strcmp0 (*known, name) != 0)
    begin_anew (follower);
  g_free (*known);
  *known = g_strdup (name);
}

void
gst_weir_follower_take_event (GstWeirFollower *follower, GstEvent *event)
{
  const gchar *stream_id;
  GstCaps *caps;

  if (GST_EVENT_TYPE (event) == GST_EVENT_STREAM_START) {
    gst_event_parse_stream_start (event, &stream_id);
    take_name (follower, &follower->stream_id, stream_id);
  } else if (GST_EVENT_TYPE (event) == GST_EVENT_CAPS) {
    gst_event_parse_caps (event, &caps);
    take_name (follower, &follower->media,
        gst_structure_get_name (gst_caps_get_structure (caps, 0)));
  }
}

void
gst_weir_follower_flush (GstWeirFollower *follower)
{
  weir_flv_follower_jump (follower->flv);
  weir_matroska_follower_jump (follower->matroska);
}

GstBuffer *
gst_weir_follower_cut (
    GstBuffer *buffer, const WeirPlace *place, GstBuffer **front)
{
  gsize size = gst_buffer_get_size (buffer);
  gsize offset = MIN (place->offset, size);

  *front = gst_buffer_new_wrapped_bytes (place->front);
  gst_buffer_copy_into (*front, buffer, GST_BUFFER_COPY_TIMESTAMPS, 0, -1);
  return gst_buffer_copy_region (
      buffer, GST_BUFFER_COPY_ALL, offset, size - offset);
}
