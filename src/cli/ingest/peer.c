/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Driving webrtcbin. It calls from threads of its own; what it says is carried
 * over to the main context. */

#define GST_USE_UNSTABLE_API

#include "peer.h"

#include <gst/webrtc/webrtc.h>
#include <string.h>

/* Where a STUN server does not answer, the answer goes out without what it
 * would have said. ms */
#define GATHER_TIMEOUT 2000

#define CONGESTION_CONTROL                                                     \
  "http://www.ietf.org/id/"                                                    \
  "draft-holmer-rmcat-transport-wide-cc-extensions-01"

struct _IngestPeer {
  GstElement *rtc;
  const IngestOffer *offer;
  IngestPeerFuncs funcs;
  gpointer user_data;
  gchar *failure; /* why there is no answer; set once, by any thread */

  /* Of the main context's thread. */
  gboolean answered;
  gboolean closed;
  guint gather_id;
};

static void
clear_peer (gpointer data)
{
  IngestPeer *peer = data;

  gst_clear_object (&peer->rtc);
  g_free (peer->failure);
}

static void
unref_peer (gpointer peer)
{
  g_atomic_rc_box_release_full (peer, clear_peer);
}

/* Calls @func from the main context, never from here. */
static void
post (IngestPeer *peer, GSourceFunc func)
{
  g_idle_add_full (
      G_PRIORITY_DEFAULT, func, g_atomic_rc_box_acquire (peer), unref_peer);
}

/* ---- the answer ---- */

static void
answer (IngestPeer *peer, const gchar *sdp, const gchar *why)
{
  if (peer->answered || peer->closed)
    return;
  peer->answered = TRUE;
  g_clear_handle_id (&peer->gather_id, g_source_remove);
  peer->funcs.answered (sdp, why, peer->user_data);
}

static gboolean
answer_failed (gpointer data)
{
  IngestPeer *peer = data;

  answer (peer, NULL, peer->failure);
  return G_SOURCE_REMOVE;
}

static void
fail (IngestPeer *peer, const gchar *why)
{
  gchar *failure = g_strdup (why);

  if (g_atomic_pointer_compare_and_exchange (&peer->failure, NULL, failure))
    post (peer, answer_failed);
  else
    g_free (failure);
}

/* With what has been gathered until now. */
static void
answer_now (IngestPeer *peer)
{
  GstWebRTCSessionDescription *description = NULL;
  g_autofree gchar *sdp = NULL;

  if (!peer->closed)
    g_object_get (peer->rtc, "local-description", &description, NULL);
  if (!description)
    return;
  sdp = gst_sdp_message_as_text (description->sdp);
  gst_webrtc_session_description_free (description);
  answer (peer, sdp, NULL);
}

static gboolean
on_gather_timeout (gpointer data)
{
  IngestPeer *peer = data;

  peer->gather_id = 0;
  answer_now (peer);
  return G_SOURCE_REMOVE;
}

static gboolean
check_gathering (gpointer data)
{
  IngestPeer *peer = data;
  GstWebRTCICEGatheringState state = GST_WEBRTC_ICE_GATHERING_STATE_NEW;

  if (peer->closed || peer->answered)
    return G_SOURCE_REMOVE;
  g_object_get (peer->rtc, "ice-gathering-state", &state, NULL);
  if (state == GST_WEBRTC_ICE_GATHERING_STATE_COMPLETE)
    answer_now (peer);
  else if (!peer->gather_id)
    peer->gather_id = g_timeout_add (GATHER_TIMEOUT, on_gather_timeout, peer);
  return G_SOURCE_REMOVE;
}

static void
on_gathering (GstElement *rtc, GParamSpec *spec, gpointer user_data)
{
  post (user_data, check_gathering);
}

/* ---- negotiation; on threads of webrtcbin ---- */

/* A promise that calls @func, which holds a reference to the peer. */
static GstPromise *
new_promise (IngestPeer *peer, GstPromiseChangeFunc func)
{
  return gst_promise_new_with_change_func (
      func, g_atomic_rc_box_acquire (peer), unref_peer);
}

/* FALSE when the promise was not kept. */
static gboolean
check_promise (IngestPeer *peer, GstPromise *promise)
{
  const GstStructure *reply;
  g_autoptr (GError) error = NULL;

  if (gst_promise_wait (promise) != GST_PROMISE_RESULT_REPLIED)
    return FALSE;
  reply = gst_promise_get_reply (promise);
  if (reply && gst_structure_get (reply, "error", G_TYPE_ERROR, &error, NULL)) {
    fail (peer, error->message);
    return FALSE;
  }
  return TRUE;
}

static void
on_local_set (GstPromise *promise, gpointer user_data)
{
  if (check_promise (user_data, promise))
    post (user_data, check_gathering);
  gst_promise_unref (promise);
}

static void
on_answer_created (GstPromise *promise, gpointer user_data)
{
  IngestPeer *peer = user_data;
  GstWebRTCSessionDescription *description = NULL;

  if (check_promise (peer, promise)) {
    gst_structure_get (gst_promise_get_reply (promise), "answer",
        GST_TYPE_WEBRTC_SESSION_DESCRIPTION, &description, NULL);
    g_signal_emit_by_name (peer->rtc, "set-local-description", description,
        new_promise (peer, on_local_set));
    gst_webrtc_session_description_free (description);
  }
  gst_promise_unref (promise);
}

static void
on_offer_set (GstPromise *promise, gpointer user_data)
{
  IngestPeer *peer = user_data;

  if (check_promise (peer, promise))
    g_signal_emit_by_name (peer->rtc, "create-answer", NULL,
        new_promise (peer, on_answer_created));
  gst_promise_unref (promise);
}

/* The number that the offer has for transport-wide congestion control, without
 * which a browser does not learn how much of its bitrate arrives; 0: none. */
static guint64
find_congestion_control (const IngestOffer *offer, guint section)
{
  const GstSDPMedia *media = gst_sdp_message_get_media (offer->sdp, section);
  const gchar *value;
  guint i;

  for (i = 0; (value = gst_sdp_media_get_attribute_val_n (media, "extmap", i));
       i++)
    if (strstr (value, " " CONGESTION_CONTROL))
      return g_ascii_strtoull (value, NULL, 10);
  return 0;
}

static void
prefer_codec (const IngestOffer *offer, const IngestTrack *track,
    GstWebRTCRTPTransceiver *transceiver)
{
  gboolean is_video = ingest_codec_is_video (track->codec);
  guint64 extension = find_congestion_control (offer, track->section);
  g_autoptr (GstCaps) caps = gst_caps_new_simple ("application/x-rtp", "media",
      G_TYPE_STRING, is_video ? "video" : "audio", "encoding-name",
      G_TYPE_STRING, ingest_codec_get_name (track->codec), "clock-rate",
      G_TYPE_INT, is_video ? 90000 : 48000, NULL);

  if (extension > 0) {
    g_autofree gchar *name =
        g_strdup_printf ("extmap-%" G_GUINT64_FORMAT, extension);

    gst_caps_set_simple (caps, name, G_TYPE_STRING, CONGESTION_CONTROL, NULL);
  }
  g_object_set (
      transceiver, "codec-preferences", caps, "do-nack", is_video, NULL);
}

/* One codec a track, so that it is known before the first packet. Lost packets
 * are asked for again. */
static void
on_transceiver (
    GstElement *rtc, GstWebRTCRTPTransceiver *transceiver, gpointer user_data)
{
  const IngestPeer *peer = user_data;
  GstWebRTCKind kind = GST_WEBRTC_KIND_UNKNOWN;
  guint i;

  g_object_get (transceiver, "kind", &kind, NULL);
  for (i = 0; i < peer->offer->n_tracks; i++) {
    const IngestTrack *track = &peer->offer->tracks[i];

    if (ingest_codec_is_video (track->codec) == (kind == GST_WEBRTC_KIND_VIDEO))
      prefer_codec (peer->offer, track, transceiver);
  }
}

/* ---- the connection ---- */

static gboolean
check_connection (gpointer data)
{
  IngestPeer *peer = data;
  GstWebRTCPeerConnectionState state = GST_WEBRTC_PEER_CONNECTION_STATE_NEW;

  if (peer->closed)
    return G_SOURCE_REMOVE;
  g_object_get (peer->rtc, "connection-state", &state, NULL);
  if (state == GST_WEBRTC_PEER_CONNECTION_STATE_CONNECTED)
    peer->funcs.connected (peer->user_data);
  else if (state == GST_WEBRTC_PEER_CONNECTION_STATE_FAILED ||
           state == GST_WEBRTC_PEER_CONNECTION_STATE_CLOSED)
    peer->funcs.disconnected (peer->user_data);
  return G_SOURCE_REMOVE;
}

static void
on_connection (GstElement *rtc, GParamSpec *spec, gpointer user_data)
{
  post (user_data, check_connection);
}

/* ---- calls ---- */

void
ingest_peer_disable_upnp (GstElement *rtc)
{
  g_autoptr (GObject) agent = NULL;
  g_autoptr (GObject) nice = NULL;

  g_object_get (rtc, "ice-agent", &agent, NULL);
  if (g_object_class_find_property (G_OBJECT_GET_CLASS (agent), "agent"))
    g_object_get (agent, "agent", &nice, NULL);
  if (nice && g_object_class_find_property (G_OBJECT_GET_CLASS (nice), "upnp"))
    g_object_set (nice, "upnp", FALSE, NULL);
}

static void
set_up_ice (IngestPeer *peer, const IngestSettings *settings)
{
  g_autoptr (GObject) agent = NULL;
  gboolean added;
  guint i;

  g_object_get (peer->rtc, "ice-agent", &agent, NULL);
  ingest_peer_disable_upnp (peer->rtc);
  for (i = 0; settings->local_addresses && settings->local_addresses[i]; i++)
    g_signal_emit_by_name (
        agent, "add-local-ip-address", settings->local_addresses[i], &added);
  if (settings->port_max > 0)
    g_object_set (agent, "min-rtp-port", settings->port_min, "max-rtp-port",
        settings->port_max, NULL);
  if (settings->stun_server) {
    g_autofree gchar *url =
        g_strconcat ("stun://", settings->stun_server, NULL);

    g_object_set (peer->rtc, "stun-server", url, NULL);
  }
}

IngestPeer *
ingest_peer_new (const IngestSettings *settings, const IngestOffer *offer,
    const IngestPeerFuncs *funcs, gpointer user_data, GError **error)
{
  GstElement *rtc = gst_element_factory_make ("webrtcbin", NULL);
  IngestPeer *peer;

  if (!rtc) {
    g_set_error (error, GST_CORE_ERROR, GST_CORE_ERROR_MISSING_PLUGIN,
        "GStreamer's webrtcbin is not installed; install "
        "gstreamer1.0-plugins-bad and gstreamer1.0-nice");
    return NULL;
  }
  peer = g_atomic_rc_box_new0 (IngestPeer);
  peer->rtc = gst_object_ref_sink (rtc);
  peer->offer = offer;
  peer->funcs = *funcs;
  peer->user_data = user_data;
  g_object_set (
      rtc, "bundle-policy", GST_WEBRTC_BUNDLE_POLICY_MAX_BUNDLE, NULL);
  set_up_ice (peer, settings);
  g_signal_connect (
      rtc, "on-new-transceiver", G_CALLBACK (on_transceiver), peer);
  g_signal_connect (
      rtc, "notify::ice-gathering-state", G_CALLBACK (on_gathering), peer);
  g_signal_connect (
      rtc, "notify::connection-state", G_CALLBACK (on_connection), peer);
  return peer;
}

/* An element that encrypts sends an alert "close_notify" at the end of its
 * stream. Where nothing is sent there is no such stream, and one is begun for
 * that. */
static void
hang_up (const GValue *value, gpointer user_data)
{
  GstElement *element = g_value_get_object (value);
  GstElementFactory *factory = gst_element_get_factory (element);
  g_autoptr (GstPad) pad = NULL;

  if (!factory || g_strcmp0 (GST_OBJECT_NAME (factory), "dtlsenc") != 0)
    return;
  pad = gst_element_get_static_pad (element, "sink");
  if (!pad)
    pad = gst_element_request_pad_simple (element, "sink");
  if (!pad)
    return;
  gst_pad_set_active (pad, TRUE);
  gst_pad_send_event (pad, gst_event_new_stream_start ("end"));
  gst_pad_send_event (pad, gst_event_new_eos ());
}

void
ingest_peer_close (IngestPeer *peer)
{
  peer->closed = TRUE;
  g_clear_handle_id (&peer->gather_id, g_source_remove);
}

void
ingest_peer_hang_up (IngestPeer *peer)
{
  GstIterator *elements = gst_bin_iterate_recurse (GST_BIN (peer->rtc));

  while (gst_iterator_foreach (elements, hang_up, NULL) == GST_ITERATOR_RESYNC)
    gst_iterator_resync (elements);
  gst_iterator_free (elements);
}

void
ingest_peer_free (IngestPeer *peer)
{
  g_signal_handlers_disconnect_by_data (peer->rtc, peer);
  unref_peer (peer);
}

GstElement *
ingest_peer_get_element (IngestPeer *peer)
{
  return peer->rtc;
}

void
ingest_peer_negotiate (IngestPeer *peer)
{
  GstSDPMessage *sdp = NULL;
  GstWebRTCSessionDescription *description;

  gst_sdp_message_copy (peer->offer->sdp, &sdp);
  description =
      gst_webrtc_session_description_new (GST_WEBRTC_SDP_TYPE_OFFER, sdp);
  g_signal_emit_by_name (peer->rtc, "set-remote-description", description,
      new_promise (peer, on_offer_set));
  gst_webrtc_session_description_free (description);
}

void
ingest_peer_add_candidate (
    IngestPeer *peer, guint section, const gchar *candidate)
{
  if (!peer->closed)
    g_signal_emit_by_name (peer->rtc, "add-ice-candidate", section, candidate);
}
