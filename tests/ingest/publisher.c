/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A WHIP client of webrtcbin and libsoup. */

#define GST_USE_UNSTABLE_API

#include "publisher.h"

#include "../element/film.h"
#include "peer.h"

#include <gst/webrtc/webrtc.h>
#include <string.h>

#define RTC "webrtcbin name=rtc bundle-policy=max-bundle "
/* What is sent may change: size, tone and sound, and the pace of the clock, by
 * the names that elements have here. */
#define PICTURES_AND_TONE                                                      \
  "appsrc name=pictures is-live=true do-timestamp=true format=time "           \
  "caps=\"" PICTURE_CAPS "\" ! videoconvert ! videoscale "                     \
  "! capsfilter name=size caps=video/x-raw,format=I420 "                       \
  "! vp8enc deadline=1 cpu-used=16 target-bitrate=1500000 "                    \
  "keyframe-max-dist=25 ! rtpvp8pay name=video-pay pt=96 "                     \
  "! application/x-rtp,media=video,encoding-name=VP8,payload=96 ! rtc. "       \
  "audiotestsrc name=tone is-live=true samplesperbuffer=480 "                  \
  "! audio/x-raw,rate=48000 ! opusenc dtx=true "                               \
  "! rtpopuspay name=audio-pay dtx=true pt=97 "                                \
  "! valve name=sound drop-mode=forward-sticky-events "                        \
  "! application/x-rtp,media=audio,encoding-name=OPUS,payload=97 ! rtc. "

struct _Publisher {
  Host *host;
  gchar *token;
  guint film, n_pictures;
  GstElement *pipeline, *rtc, *pictures;
  guint timer_id;
  gboolean paused, offered;
  SoupMessage *request;
  GCancellable *cancellable;
  guint status;
  gchar *path;
};

static void
unref_publisher (gpointer publisher)
{
  g_atomic_rc_box_release (publisher);
}

/* Calls @func from the main loop. */
static void
post (Publisher *publisher, GSourceFunc func)
{
  g_idle_add_full (G_PRIORITY_DEFAULT, func,
      g_atomic_rc_box_acquire (publisher), unref_publisher);
}

static gboolean
push_picture (gpointer user_data)
{
  Publisher *publisher = user_data;
  g_autoptr (GstBuffer) picture = NULL;
  GstFlowReturn flow;

  if (publisher->paused)
    return G_SOURCE_CONTINUE;
  picture = make_picture (
      publisher->film, publisher->n_pictures++, GST_CLOCK_TIME_NONE);
  g_signal_emit_by_name (publisher->pictures, "push-buffer", picture, &flow);
  return G_SOURCE_CONTINUE;
}

static void
take_answer (Publisher *publisher, GBytes *body)
{
  SoupMessageHeaders *fields =
      soup_message_get_response_headers (publisher->request);
  gsize size;
  const guint8 *text = g_bytes_get_data (body, &size);
  GstWebRTCSessionDescription *description;
  GstSDPMessage *sdp;

  publisher->path = g_strdup (
      soup_message_headers_get_one (fields, "Location") + strlen ("/whip"));
  gst_sdp_message_new (&sdp);
  g_assert_cmpint (
      gst_sdp_message_parse_buffer (text, (guint) size, sdp), ==, GST_SDP_OK);
  description =
      gst_webrtc_session_description_new (GST_WEBRTC_SDP_TYPE_ANSWER, sdp);
  g_signal_emit_by_name (
      publisher->rtc, "set-remote-description", description, NULL);
  gst_webrtc_session_description_free (description);
}

static void
on_answer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Publisher *publisher = user_data;
  g_autoptr (GBytes) body =
      soup_session_send_and_read_finish (SOUP_SESSION (source), result, NULL);

  if (body && publisher->pipeline) {
    publisher->status = soup_message_get_status (publisher->request);
    if (publisher->status == 201)
      take_answer (publisher, body);
  }
  unref_publisher (publisher);
}

/* Once all candidates are there, in the main loop. */
static gboolean
send_offer (gpointer user_data)
{
  Publisher *publisher = user_data;
  GstWebRTCSessionDescription *description = NULL;
  GstWebRTCICEGatheringState state;
  gchar *text;
  HostRequest request = { "POST", NULL, publisher->token, "application/sdp" };

  if (!publisher->pipeline || publisher->offered)
    return G_SOURCE_REMOVE;
  g_object_get (publisher->rtc, "ice-gathering-state", &state,
      "local-description", &description, NULL);
  if (!description)
    return G_SOURCE_REMOVE;
  if (state == GST_WEBRTC_ICE_GATHERING_STATE_COMPLETE) {
    publisher->offered = TRUE;
    text = gst_sdp_message_as_text (description->sdp);
    request.body = text;
    publisher->request = host_make_message (publisher->host, &request);
    soup_session_send_and_read_async (publisher->host->client,
        publisher->request, G_PRIORITY_DEFAULT, publisher->cancellable,
        on_answer, g_atomic_rc_box_acquire (publisher));
    g_free (text);
  }
  gst_webrtc_session_description_free (description);
  return G_SOURCE_REMOVE;
}

static void
on_gathering (GstElement *rtc, GParamSpec *spec, gpointer user_data)
{
  post (user_data, send_offer);
}

static void
on_offer (GstPromise *promise, gpointer user_data)
{
  Publisher *publisher = user_data;
  GstWebRTCSessionDescription *description = NULL;

  if (gst_promise_wait (promise) == GST_PROMISE_RESULT_REPLIED)
    gst_structure_get (gst_promise_get_reply (promise), "offer",
        GST_TYPE_WEBRTC_SESSION_DESCRIPTION, &description, NULL);
  if (description) {
    g_signal_emit_by_name (
        publisher->rtc, "set-local-description", description, NULL);
    gst_webrtc_session_description_free (description);
  }
  gst_promise_unref (promise);
}

static void
on_negotiation_needed (GstElement *rtc, gpointer user_data)
{
  g_signal_emit_by_name (rtc, "create-offer", NULL,
      gst_promise_new_with_change_func (
          on_offer, g_atomic_rc_box_acquire (user_data), unref_publisher));
}

Publisher *
publisher_new_of (Host *host, const gchar *token, const gchar *fragment)
{
  Publisher *publisher = g_atomic_rc_box_new0 (Publisher);
  g_autofree gchar *line = g_strconcat (RTC, fragment, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GObject) agent = NULL;
  gboolean added;

  publisher->host = host;
  publisher->token = g_strdup (token);
  publisher->cancellable = g_cancellable_new ();
  publisher->pipeline = gst_parse_launch (line, &error);
  g_assert_no_error (error);
  publisher->rtc = gst_bin_get_by_name (GST_BIN (publisher->pipeline), "rtc");
  ingest_peer_disable_upnp (publisher->rtc);
  g_object_get (publisher->rtc, "ice-agent", &agent, NULL);
  g_signal_emit_by_name (agent, "add-local-ip-address", "127.0.0.1", &added);
  g_assert_true (added);
  g_signal_connect (publisher->rtc, "on-negotiation-needed",
      G_CALLBACK (on_negotiation_needed), publisher);
  g_signal_connect (publisher->rtc, "notify::ice-gathering-state",
      G_CALLBACK (on_gathering), publisher);
  gst_element_set_state (publisher->pipeline, GST_STATE_PLAYING);
  return publisher;
}

Publisher *
publisher_new (Host *host, const gchar *token, guint film, gboolean silent)
{
  Publisher *publisher = publisher_new_of (host, token, PICTURES_AND_TONE);

  publisher->film = film;
  publisher_pause_sound (publisher, silent);
  publisher->pictures =
      gst_bin_get_by_name (GST_BIN (publisher->pipeline), "pictures");
  publisher->timer_id =
      g_timeout_add (PICTURE_DURATION / GST_MSECOND, push_picture, publisher);
  return publisher;
}

/* ---- changes ---- */

GstElement *
publisher_find (Publisher *publisher, const gchar *name)
{
  GstElement *element =
      gst_bin_get_by_name (GST_BIN (publisher->pipeline), name);

  g_assert_nonnull (element);
  return element;
}

void
publisher_show (Publisher *publisher, guint film)
{
  publisher->film = film;
  publisher->n_pictures = 0;
}

void
publisher_scale (Publisher *publisher, guint factor)
{
  g_autoptr (GstElement) size = publisher_find (publisher, "size");
  g_autoptr (GstCaps) caps = gst_caps_new_simple ("video/x-raw", "format",
      G_TYPE_STRING, "I420", "width", G_TYPE_INT, factor * PICTURE_WIDTH,
      "height", G_TYPE_INT, factor * PICTURE_HEIGHT, NULL);

  g_object_set (size, "caps", caps, NULL);
}

void
publisher_mute (Publisher *publisher, gboolean mute)
{
  g_autoptr (GstElement) tone = publisher_find (publisher, "tone");

  g_object_set (tone, "volume", mute ? 0.0 : 0.8, NULL);
}

void
publisher_pause_pictures (Publisher *publisher, gboolean pause)
{
  publisher->paused = pause;
}

void
publisher_pause_sound (Publisher *publisher, gboolean pause)
{
  g_autoptr (GstElement) sound = publisher_find (publisher, "sound");

  g_object_set (sound, "drop", pause, NULL);
}

/* RTP's time is made of this. */
static GstPadProbeReturn
stretch_time (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  const gdouble *pace = user_data;
  GstBuffer *buffer =
      gst_buffer_make_writable (GST_PAD_PROBE_INFO_BUFFER (info));

  GST_BUFFER_PTS (buffer) =
      (GstClockTime) ((gdouble) GST_BUFFER_PTS (buffer) * *pace);
  info->data = buffer;
  return GST_PAD_PROBE_OK;
}

void
publisher_set_pace (Publisher *publisher, gdouble pace)
{
  static const gchar *const names[] = { "video-pay", "audio-pay" };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (GstElement) payloader = publisher_find (publisher, names[i]);
    g_autoptr (GstPad) pad = gst_element_get_static_pad (payloader, "sink");

    gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, stretch_time,
        g_memdup2 (&pace, sizeof (pace)), g_free);
  }
}

void
publisher_free (Publisher *publisher)
{
  g_clear_handle_id (&publisher->timer_id, g_source_remove);
  g_cancellable_cancel (publisher->cancellable);
  gst_element_set_state (publisher->pipeline, GST_STATE_NULL);
  gst_clear_object (&publisher->rtc);
  gst_clear_object (&publisher->pictures);
  gst_clear_object (&publisher->pipeline);
  g_clear_object (&publisher->request);
  g_clear_object (&publisher->cancellable);
  g_clear_pointer (&publisher->token, g_free);
  g_clear_pointer (&publisher->path, g_free);
  unref_publisher (publisher);
}

guint
publisher_end (Publisher *publisher)
{
  const HostRequest request = { "DELETE", publisher->path, publisher->token };
  g_autoptr (HostAnswer) answer = NULL;

  g_assert_nonnull (publisher->path);
  answer = host_ask (publisher->host, &request);
  return answer->status;
}

void
publisher_delete (Publisher *publisher)
{
  g_assert_cmpuint (publisher_end (publisher), ==, 200);
}

guint
publisher_get_status (Publisher *publisher)
{
  return publisher->status;
}

const gchar *
publisher_get_path (Publisher *publisher)
{
  return publisher->path;
}

gboolean
publisher_is_answered (gpointer publisher)
{
  return ((Publisher *) publisher)->status != 0;
}

gboolean
publisher_is_connected (gpointer user_data)
{
  Publisher *publisher = user_data;
  GstWebRTCPeerConnectionState state;

  g_object_get (publisher->rtc, "connection-state", &state, NULL);
  return state == GST_WEBRTC_PEER_CONNECTION_STATE_CONNECTED;
}
