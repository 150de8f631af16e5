/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Building the way from webrtcbin to the output, a track at a time as the first
 * packets come. */

#include "media.h"

#include "gstweir.h"
#include "output.h"

#include <gio/gio.h>
#include <string.h>

typedef struct {
  IngestCodec codec;
  GstPad *weir_sink; /* where the branch is linked to */
  GstPad *output;    /* the ghost pad of the output; belongs to it */
  GstPad *branch;    /* the branch's sink pad; NULL: nothing has come */
  gboolean skipped;
} Track;

struct _IngestMedia {
  GstElement *pipeline;
  GstElement *weir, *output; /* belong to the pipeline */
  gint64 last;               /* atomic by lock */
  Track tracks[INGEST_TRACKS_MAX];
  guint n_tracks;
  gboolean ended;
  GMutex lock; /* guards last, ended, and the tracks' branch and skipped */
};

/* As they come from the RTP payload. Parameters of H.264 stay in the stream
 * where the output lets them, so that the size of the picture may change. */
static const gchar *const branches[INGEST_N_CODECS] = {
  [INGEST_CODEC_H264] =
      "rtph264depay wait-for-keyframe=true request-keyframe=true ! h264parse ! "
      "capsfilter caps=\"video/x-h264,stream-format=avc3,alignment=au;"
      "video/x-h264,alignment=au\"",
  [INGEST_CODEC_VP8] =
      "rtpvp8depay wait-for-keyframe=true request-keyframe=true",
  [INGEST_CODEC_VP9] =
      "rtpvp9depay wait-for-keyframe=true request-keyframe=true ! vp9parse",
  [INGEST_CODEC_OPUS] = "rtpopusdepay ! opusparse",
};

/* ---- the first packets of a track ---- */

static GstPadProbeReturn
on_buffer (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  IngestMedia *media = user_data;

  g_mutex_lock (&media->lock);
  media->last = g_get_monotonic_time ();
  g_mutex_unlock (&media->lock);
  return GST_PAD_PROBE_OK;
}

/* The track of a kind that has no branch yet. */
static Track *
find_track (IngestMedia *media, GstPad *pad)
{
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  const gchar *kind;
  guint i;

  if (!caps)
    return NULL;
  kind = gst_structure_get_string (gst_caps_get_structure (caps, 0), "media");
  for (i = 0; i < media->n_tracks; i++)
    if (ingest_codec_is_video (media->tracks[i].codec) ==
        (g_strcmp0 (kind, "video") == 0))
      return media->tracks[i].branch ? NULL : &media->tracks[i];
  return NULL;
}

/* The sink pad of a new branch that leads to weir, or NULL. */
static GstPad *
add_branch (IngestMedia *media, Track *track)
{
  GstElement *bin =
      gst_parse_bin_from_description (branches[track->codec], TRUE, NULL);
  g_autoptr (GstPad) src = NULL;

  if (!bin)
    return NULL;
  gst_bin_add (GST_BIN (media->pipeline), bin);
  src = gst_element_get_static_pad (bin, "src");
  gst_pad_link (src, track->weir_sink);
  gst_element_sync_state_with_parent (bin);
  return gst_element_get_static_pad (bin, "sink");
}

static void
on_pad_added (GstElement *rtc, GstPad *pad, gpointer user_data)
{
  IngestMedia *media = user_data;
  Track *track;

  if (!GST_PAD_IS_SRC (pad))
    return;
  g_mutex_lock (&media->lock);
  track = media->ended ? NULL : find_track (media, pad);
  if (track) {
    track->branch = add_branch (media, track);
    if (track->branch)
      gst_pad_link (pad, track->branch);
  }
  g_mutex_unlock (&media->lock);
}

/* ---- building ---- */

static gboolean
set_property (GstElement *weir, const gchar *setting, GError **error)
{
  const gchar *value = strchr (setting, '=');
  g_autofree gchar *name = value ? g_strndup (setting, value - setting) : NULL;
  GParamSpec *spec =
      name ? g_object_class_find_property (G_OBJECT_GET_CLASS (weir), name)
           : NULL;
  g_auto (GValue) parsed = G_VALUE_INIT;

  if (spec && (spec->flags & G_PARAM_WRITABLE)) {
    g_value_init (&parsed, spec->value_type);
    if (gst_value_deserialize (&parsed, value + 1)) {
      g_object_set_property (G_OBJECT (weir), name, &parsed);
      return TRUE;
    }
  }
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
      "'%s' is not a property of the element weir and a value; see "
      "`gst-inspect-1.0 weir`",
      setting);
  return FALSE;
}

gboolean
ingest_media_check_property (const gchar *setting, GError **error)
{
  g_autoptr (GstElement) weir =
      gst_object_ref_sink (g_object_new (GST_TYPE_WEIR, NULL));

  return set_property (weir, setting, error);
}

static gboolean
add_weir (IngestMedia *media, const IngestSettings *settings,
    const gchar *stream_id, GError **error)
{
  guint i;

  /* The one that is built in, whatever plugins are installed. */
  media->weir = g_object_new (
      GST_TYPE_WEIR, "name", "weir", "stream-id", stream_id, NULL);
  gst_bin_add (GST_BIN (media->pipeline), media->weir);
  for (i = 0; settings->properties && settings->properties[i]; i++)
    if (!set_property (media->weir, settings->properties[i], error))
      return FALSE;
  return TRUE;
}

static gboolean
add_track (IngestMedia *media, IngestCodec codec)
{
  Track *track = &media->tracks[media->n_tracks];
  g_autofree gchar *name = NULL;
  g_autofree gchar *src_name = NULL;
  g_autoptr (GstPad) src = NULL;

  track->codec = codec;
  track->output = ingest_output_add_stream (media->output, codec);
  if (!track->output)
    return FALSE;
  track->weir_sink = gst_element_request_pad_simple (media->weir, "sink_%u");
  media->n_tracks++;
  gst_pad_add_probe (
      track->weir_sink, GST_PAD_PROBE_TYPE_BUFFER, on_buffer, media, NULL);
  name = gst_pad_get_name (track->weir_sink);
  src_name = g_strconcat ("src", name + strlen ("sink"), NULL);
  src = gst_element_get_static_pad (media->weir, src_name);
  return gst_pad_link (src, track->output) == GST_PAD_LINK_OK;
}

IngestMedia *
ingest_media_new (GstElement *pipeline, GstElement *rtc,
    const IngestSettings *settings, const gchar *stream_id,
    const IngestOffer *offer, GError **error)
{
  IngestMedia *media = g_new0 (IngestMedia, 1);
  guint i;

  g_mutex_init (&media->lock);
  media->pipeline = pipeline;
  media->output = ingest_output_new (settings->output, stream_id, error);
  if (!media->output)
    goto failed;
  gst_bin_add (GST_BIN (pipeline), media->output);
  if (!add_weir (media, settings, stream_id, error))
    goto failed;
  for (i = 0; i < offer->n_tracks; i++) {
    if (!add_track (media, offer->tracks[i].codec)) {
      g_set_error (error, GST_CORE_ERROR, GST_CORE_ERROR_PAD,
          "the output does not take %s beside the others",
          ingest_codec_get_name (offer->tracks[i].codec));
      goto failed;
    }
  }
  g_signal_connect (rtc, "pad-added", G_CALLBACK (on_pad_added), media);
  return media;

failed:
  ingest_media_free (media);
  return NULL;
}

void
ingest_media_free (IngestMedia *media)
{
  guint i;

  for (i = 0; i < media->n_tracks; i++) {
    gst_clear_object (&media->tracks[i].weir_sink);
    gst_clear_object (&media->tracks[i].branch);
  }
  g_mutex_clear (&media->lock);
  g_free (media);
}

GstElement *
ingest_media_get_weir (IngestMedia *media)
{
  return media->weir;
}

GstElement *
ingest_media_get_output (IngestMedia *media)
{
  return media->output;
}

gint64
ingest_media_get_last (IngestMedia *media)
{
  gint64 last;

  g_mutex_lock (&media->lock);
  last = media->last;
  g_mutex_unlock (&media->lock);
  return last;
}

/* ---- the end ---- */

/* Marks the track as one that is not waited for; FALSE: it has come, or is
 * marked already. */
static gboolean
mark_skipped (IngestMedia *media, Track *track)
{
  gboolean silent;

  g_mutex_lock (&media->lock);
  silent = !track->branch && !track->skipped && !media->ended;
  if (silent)
    track->skipped = TRUE;
  g_mutex_unlock (&media->lock);
  return silent;
}

void
ingest_media_skip_silent (IngestMedia *media)
{
  guint i;

  for (i = 0; i < media->n_tracks; i++)
    if (mark_skipped (media, &media->tracks[i]))
      ingest_output_skip_stream (media->output, media->tracks[i].output);
}

static void
end_track (Track *track)
{
  g_autoptr (GstPad) rtc_src = NULL;

  if (!track->branch) {
    gst_pad_send_event (track->output, gst_event_new_stream_start ("silent"));
    gst_pad_send_event (track->output, gst_event_new_eos ());
    return;
  }
  rtc_src = gst_pad_get_peer (track->branch);
  if (rtc_src)
    gst_pad_unlink (rtc_src, track->branch);
  gst_pad_send_event (track->branch, gst_event_new_eos ());
}

gboolean
ingest_media_end (IngestMedia *media)
{
  gboolean came = FALSE;
  guint i;

  g_mutex_lock (&media->lock);
  media->ended = TRUE;
  g_mutex_unlock (&media->lock);
  for (i = 0; i < media->n_tracks; i++)
    came |= media->tracks[i].branch != NULL;
  for (i = 0; i < media->n_tracks && came; i++)
    end_track (&media->tracks[i]);
  return came;
}
