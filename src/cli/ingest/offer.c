/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading and judging SDP offers. */

#include "offer.h"

#include <string.h>

#define BAD_REQUEST   400
#define UNPROCESSABLE 422

static const struct {
  const gchar *name, *caps;
  gboolean is_video;
} codecs[INGEST_N_CODECS] = {
  [INGEST_CODEC_H264] = { "H264", "video/x-h264", TRUE },
  [INGEST_CODEC_VP8] = { "VP8", "video/x-vp8", TRUE },
  [INGEST_CODEC_VP9] = { "VP9", "video/x-vp9", TRUE },
  [INGEST_CODEC_OPUS] = { "OPUS", "audio/x-opus", FALSE },
};

G_DEFINE_QUARK (ingest - http - error - quark, ingest_http_error)

gboolean
ingest_codec_is_video (IngestCodec codec)
{
  return codecs[codec].is_video;
}

const gchar *
ingest_codec_get_name (IngestCodec codec)
{
  return codecs[codec].name;
}

const gchar *
ingest_codec_get_caps (IngestCodec codec)
{
  return codecs[codec].caps;
}

void
ingest_offer_free (IngestOffer *offer)
{
  g_clear_pointer (&offer->sdp, gst_sdp_message_free);
  g_free (offer);
}

static gboolean
refuse (GError **error, gint status, const gchar *why)
{
  g_set_error (error, INGEST_HTTP_ERROR, status, "the offer %s", why);
  return FALSE;
}

/* An attribute of the section, or of the whole, where it may stand as well. */
static const gchar *
get_attribute (
    const GstSDPMessage *sdp, const GstSDPMedia *media, const gchar *name)
{
  const gchar *value = gst_sdp_media_get_attribute_val (media, name);

  return value ? value : gst_sdp_message_get_attribute_val (sdp, name);
}

/* Of an rtpmap "111 opus/48000/2", the codec; FALSE when it is another. */
static gboolean
read_rtpmap (const gchar *rtpmap, gboolean is_video, IngestCodec *codec)
{
  const gchar *name = strchr (rtpmap, ' ');
  guint i;

  if (!name)
    return FALSE;
  name++;
  for (i = 0; i < G_N_ELEMENTS (codecs); i++) {
    gsize length = strlen (codecs[i].name);

    if (codecs[i].is_video == is_video && name[length] == '/' &&
        g_ascii_strncasecmp (name, codecs[i].name, length) == 0) {
      *codec = i;
      return TRUE;
    }
  }
  return FALSE;
}

static const gchar *
find_rtpmap (const GstSDPMedia *media, const gchar *payload)
{
  gsize length = strlen (payload);
  const gchar *value;
  guint i;

  for (i = 0; (value = gst_sdp_media_get_attribute_val_n (media, "rtpmap", i));
       i++)
    if (strncmp (value, payload, length) == 0 && value[length] == ' ')
      return value;
  return NULL;
}

/* The publisher's own order of preference holds. */
static gboolean
choose_codec (const GstSDPMedia *media, guint taken, IngestCodec *codec)
{
  gboolean is_video = g_str_equal (gst_sdp_media_get_media (media), "video");
  guint i;

  for (i = 0; i < gst_sdp_media_formats_len (media); i++) {
    const gchar *rtpmap =
        find_rtpmap (media, gst_sdp_media_get_format (media, i));

    if (rtpmap && read_rtpmap (rtpmap, is_video, codec) &&
        (taken & (1u << *codec)))
      return TRUE;
  }
  return FALSE;
}

static gboolean
is_simulcast (const GstSDPMedia *media)
{
  return gst_sdp_media_get_attribute_val (media, "simulcast") ||
         gst_sdp_media_get_attribute_val_n (media, "rid", 1);
}

/* What a section must have for a session to come about at all. */
static gboolean
check_transport (
    const GstSDPMessage *sdp, const GstSDPMedia *media, GError **error)
{
  const gchar *protocol = gst_sdp_media_get_proto (media);

  if (g_strcmp0 (protocol, "UDP/TLS/RTP/SAVPF") != 0)
    return refuse (error, UNPROCESSABLE,
        "has media that is not sent over UDP/TLS/RTP/SAVPF");
  if (!get_attribute (sdp, media, "ice-ufrag") ||
      !get_attribute (sdp, media, "ice-pwd"))
    return refuse (error, BAD_REQUEST, "has no ICE credentials");
  if (!get_attribute (sdp, media, "fingerprint"))
    return refuse (error, BAD_REQUEST, "has no fingerprint of a certificate");
  if (!get_attribute (sdp, media, "setup"))
    return refuse (error, BAD_REQUEST, "has no DTLS role (setup)");
  if (!gst_sdp_media_get_attribute_val (media, "rtcp-mux"))
    return refuse (error, UNPROCESSABLE, "has media without rtcp-mux");
  return TRUE;
}

static gboolean
check_media (const GstSDPMessage *sdp, const GstSDPMedia *media, GError **error)
{
  const gchar *kind = gst_sdp_media_get_media (media);

  if (g_strcmp0 (kind, "audio") != 0 && g_strcmp0 (kind, "video") != 0)
    return refuse (error, UNPROCESSABLE,
        "has something other than audio and video in it; offer one of each "
        "at most");
  if (!check_transport (sdp, media, error))
    return FALSE;
  if (get_attribute (sdp, media, "recvonly") ||
      get_attribute (sdp, media, "inactive"))
    return refuse (error, UNPROCESSABLE,
        "does not send; media has to be sendonly or sendrecv");
  if (is_simulcast (media))
    return refuse (error, UNPROCESSABLE,
        "has simulcast, which is not taken; send one encoding");
  return TRUE;
}

static gboolean
refuse_codecs (const GstSDPMedia *media, guint taken, GError **error)
{
  gboolean is_video = g_str_equal (gst_sdp_media_get_media (media), "video");
  g_autoptr (GString) names = g_string_new (NULL);
  guint i;

  for (i = 0; i < G_N_ELEMENTS (codecs); i++)
    if (codecs[i].is_video == is_video && (taken & (1u << i)))
      g_string_append_printf (
          names, "%s%s", names->len ? ", " : "", codecs[i].name);
  g_set_error (error, INGEST_HTTP_ERROR, UNPROCESSABLE,
      "the offer has no %s codec that is taken here (%s)",
      is_video ? "video" : "audio", names->len ? names->str : "none is");
  return FALSE;
}

static gboolean
add_track (IngestOffer *offer, guint section, guint taken, GError **error)
{
  const GstSDPMedia *media = gst_sdp_message_get_media (offer->sdp, section);
  IngestTrack track = { .section = section };
  guint i;

  if (!check_media (offer->sdp, media, error))
    return FALSE;
  if (!choose_codec (media, taken, &track.codec))
    return refuse_codecs (media, taken, error);
  track.mid = gst_sdp_media_get_attribute_val (media, "mid");
  for (i = 0; i < offer->n_tracks; i++)
    if (ingest_codec_is_video (offer->tracks[i].codec) ==
        ingest_codec_is_video (track.codec))
      return refuse (error, UNPROCESSABLE,
          "has two streams of a kind; offer one video and one audio at most");
  offer->tracks[offer->n_tracks++] = track;
  return TRUE;
}

static gboolean
has_mid (const IngestOffer *offer, const gchar *mid)
{
  guint i;

  for (i = 0; i < offer->n_tracks; i++)
    if (g_strcmp0 (offer->tracks[i].mid, mid) == 0)
      return TRUE;
  return FALSE;
}

/* All of it over one transport (RFC 9143), and all that is announced there. */
static gboolean
check_bundle (const IngestOffer *offer, GError **error)
{
  const gchar *group = gst_sdp_message_get_attribute_val (offer->sdp, "group");
  g_auto (GStrv) mids = g_strsplit (group ? group : "", " ", -1);
  guint i;

  if (g_strcmp0 (mids[0], "BUNDLE") != 0)
    return offer->n_tracks == 1 ||
           refuse (error, UNPROCESSABLE, "does not bundle its media");
  for (i = 1; mids[i]; i++)
    if (!has_mid (offer, mids[i]))
      return refuse (error, BAD_REQUEST, "bundles media that it does not have");
  for (i = 0; i < offer->n_tracks; i++)
    if (!offer->tracks[i].mid ||
        !g_strv_contains (
            (const gchar *const *) mids + 1, offer->tracks[i].mid))
      return refuse (error, UNPROCESSABLE, "does not bundle its media");
  return TRUE;
}

/* Before GStreamer's parser, which takes nearly everything. */
static gboolean
is_sdp (const gchar *text, gsize length)
{
  return length > 2 && strncmp (text, "v=", 2) == 0 &&
         text[length - 1] == '\n' && !memchr (text, '\0', length) &&
         g_utf8_validate_len (text, length, NULL);
}

IngestOffer *
ingest_offer_parse (
    const gchar *text, gsize length, guint taken, GError **error)
{
  g_autoptr (IngestOffer) offer = g_new0 (IngestOffer, 1);
  guint i;

  gst_sdp_message_new (&offer->sdp);
  if (!is_sdp (text, length) ||
      gst_sdp_message_parse_buffer (
          (const guint8 *) text, (guint) length, offer->sdp) != GST_SDP_OK) {
    refuse (error, BAD_REQUEST, "is not SDP");
    return NULL;
  }
  if (gst_sdp_message_medias_len (offer->sdp) == 0) {
    refuse (error, BAD_REQUEST, "has no media in it");
    return NULL;
  }
  for (i = 0; i < gst_sdp_message_medias_len (offer->sdp); i++)
    if (!add_track (offer, i, taken, error))
      return NULL;
  return check_bundle (offer, error) ? g_steal_pointer (&offer) : NULL;
}
