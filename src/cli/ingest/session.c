/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The life of a session. */

#include "session.h"

#include "media.h"
#include "output.h"
#include "peer.h"

#include <string.h>

/* From the connection on, a track that brings nothing is waited for so long. */
#define SILENT_TIMEOUT 5 /* s */
/* How long nothing at all may come. */
#define IDLE_TIMEOUT 30 /* s */
/* How long the output may take to write its end. */
#define END_TIMEOUT (2 * G_TIME_SPAN_SECOND)
/* Candidates of one session, in all. */
#define SESSION_CANDIDATES_MAX 256
#define UNPROCESSABLE          422
/* Threads that take pipelines down. */
#define WORKERS 4

struct _IngestSession {
  const IngestSettings *settings;
  gchar *stream_id, *publisher, *codecs;
  IngestOffer *offer;
  IngestSessionFuncs funcs;
  gpointer user_data;
  guint n_candidates;

  GstElement *pipeline;
  IngestPeer *peer;
  IngestMedia *media;
  guint connect_id, silent_id, idle_id;
  gboolean connected, ending, cut;
  gint64 connected_at;
  gchar *reason;
  guint n_jobs; /* that workers still have */

  GMutex lock; /* guards output_ended */
  GCond output_changed;
  gboolean output_ended;
};

/* ---- what a worker does ---- */

typedef void (*JobFunc) (IngestSession *session);

typedef struct {
  IngestSession *session;
  JobFunc run;  /* on a thread of the pool */
  JobFunc done; /* in the main context */
} Job;

static gboolean
finish_job (gpointer data)
{
  g_autofree Job *job = data;

  job->session->n_jobs--;
  job->done (job->session);
  return G_SOURCE_REMOVE;
}

static void
run_job (gpointer data, gpointer user_data)
{
  Job *job = data;

  job->run (job->session);
  g_idle_add_full (G_PRIORITY_DEFAULT, finish_job, job, NULL);
}

static void
start_job (IngestSession *session, JobFunc run, JobFunc done)
{
  static GThreadPool *pool;
  Job *job = g_new0 (Job, 1);

  if (!pool)
    pool = g_thread_pool_new (run_job, NULL, WORKERS, FALSE, NULL);
  job->session = session;
  job->run = run;
  job->done = done;
  session->n_jobs++;
  g_thread_pool_push (pool, job, NULL);
}

/* ---- messages ---- */

static void
say (IngestSession *session, const gchar *state)
{
  g_autoptr (GstStructure) structure = gst_structure_new ("weir-session",
      "stream-id", G_TYPE_STRING, session->stream_id, "publisher",
      G_TYPE_STRING, session->publisher, "state", G_TYPE_STRING, state,
      "reason", G_TYPE_STRING, session->reason ? session->reason : "", "media",
      G_TYPE_STRING, session->codecs, NULL);

  session->funcs.message (session, structure, session->user_data);
}

static void
on_forwarded (IngestSession *session, const GstStructure *structure)
{
  g_autoptr (GstMessage) message = NULL;

  gst_structure_get (structure, "message", GST_TYPE_MESSAGE, &message, NULL);
  if (!message || GST_MESSAGE_TYPE (message) != GST_MESSAGE_EOS ||
      GST_MESSAGE_SRC (message) !=
          GST_OBJECT (ingest_media_get_output (session->media)))
    return;
  g_mutex_lock (&session->lock);
  session->output_ended = TRUE;
  g_cond_signal (&session->output_changed);
  g_mutex_unlock (&session->lock);
}

static void
on_element_message (IngestSession *session, GstMessage *message)
{
  const GstStructure *structure = gst_message_get_structure (message);

  if (gst_structure_has_name (structure, "GstBinForwarded")) {
    on_forwarded (session, structure);
    return;
  }
  if (GST_MESSAGE_SRC (message) !=
      GST_OBJECT (ingest_media_get_weir (session->media)))
    return;
  session->funcs.message (session, structure, session->user_data);
  if (!gst_structure_has_name (structure, "weir-cut") || session->ending)
    return;
  session->cut = TRUE;
  ingest_session_end (session, "cut");
}

static gboolean
is_within (GstObject *object, GstElement *ancestor)
{
  return gst_object_has_as_ancestor (object, GST_OBJECT (ancestor));
}

static void
on_error (IngestSession *session, GstMessage *message)
{
  g_autoptr (GError) error = NULL;
  g_autofree gchar *reason = NULL;
  gboolean in_output = is_within (
      GST_MESSAGE_SRC (message), ingest_media_get_output (session->media));

  gst_message_parse_error (message, &error, NULL);
  reason = g_strdup_printf (
      "%s: %s", in_output ? "output" : "stream", error->message);
  if (g_str_has_suffix (reason, "."))
    reason[strlen (reason) - 1] = '\0';
  ingest_session_end (session, reason);
}

static gboolean
on_bus (GstBus *bus, GstMessage *message, gpointer user_data)
{
  IngestSession *session = user_data;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ELEMENT)
    on_element_message (session, message);
  else if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
    on_error (session, message);
  return G_SOURCE_CONTINUE;
}

/* ---- the end ---- */

static void
free_session (IngestSession *session)
{
  g_clear_pointer (&session->peer, ingest_peer_free);
  g_clear_pointer (&session->media, ingest_media_free);
  gst_clear_object (&session->pipeline);
  g_clear_pointer (&session->offer, ingest_offer_free);
  g_mutex_clear (&session->lock);
  g_cond_clear (&session->output_changed);
  g_free (session->stream_id);
  g_free (session->publisher);
  g_free (session->codecs);
  g_free (session->reason);
  g_free (session);
}

static void
stop_pipeline (IngestSession *session)
{
  gst_element_set_state (session->pipeline, GST_STATE_NULL);
  ingest_output_discard (ingest_media_get_output (session->media),
      ingest_media_get_last (session->media) != 0);
}

/* The output writes its end, then everything stops. Worker. */
static void
tear_down (IngestSession *session)
{
  gint64 until = g_get_monotonic_time () + END_TIMEOUT;

  if (session->connected)
    ingest_peer_hang_up (session->peer);
  if (ingest_media_end (session->media)) {
    g_mutex_lock (&session->lock);
    while (!session->output_ended &&
           g_cond_wait_until (&session->output_changed, &session->lock, until))
      ;
    g_mutex_unlock (&session->lock);
  }
  stop_pipeline (session);
}

static void
finish (IngestSession *session)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (session->pipeline);
  GstMessage *message;

  /* The last words of the element come on the way down. */
  while ((message = gst_bus_pop (bus))) {
    on_bus (bus, message, session);
    gst_message_unref (message);
  }
  gst_bus_remove_watch (bus);
  say (session, "ended");
  session->funcs.ended (session, session->user_data);
  free_session (session);
}

static void
start_tear_down (IngestSession *session)
{
  if (session->ending && session->n_jobs == 0)
    start_job (session, tear_down, finish);
}

void
ingest_session_end (IngestSession *session, const gchar *reason)
{
  if (session->ending)
    return;
  session->ending = TRUE;
  session->reason = g_strdup (reason);
  g_clear_handle_id (&session->connect_id, g_source_remove);
  g_clear_handle_id (&session->silent_id, g_source_remove);
  g_clear_handle_id (&session->idle_id, g_source_remove);
  ingest_peer_close (session->peer);
  session->funcs.ending (session, session->user_data);
  start_tear_down (session);
}

/* ---- the connection ---- */

static gboolean
on_connect_timeout (gpointer user_data)
{
  IngestSession *session = user_data;

  session->connect_id = 0;
  ingest_session_end (session, "not connected in time");
  return G_SOURCE_REMOVE;
}

static void
skip_silent (IngestSession *session)
{
  ingest_media_skip_silent (session->media);
}

static gboolean
on_silent_timeout (gpointer user_data)
{
  IngestSession *session = user_data;

  session->silent_id = 0;
  start_job (session, skip_silent, start_tear_down);
  return G_SOURCE_REMOVE;
}

static gboolean
on_idle_check (gpointer user_data)
{
  IngestSession *session = user_data;
  gint64 last =
      MAX (ingest_media_get_last (session->media), session->connected_at);

  if (g_get_monotonic_time () - last < IDLE_TIMEOUT * G_TIME_SPAN_SECOND)
    return G_SOURCE_CONTINUE;
  session->idle_id = 0;
  ingest_session_end (session, "nothing came for half a minute");
  return G_SOURCE_REMOVE;
}

static void
on_connected (gpointer user_data)
{
  IngestSession *session = user_data;

  if (session->connected)
    return;
  session->connected = TRUE;
  session->connected_at = g_get_monotonic_time ();
  g_clear_handle_id (&session->connect_id, g_source_remove);
  session->silent_id =
      g_timeout_add_seconds (SILENT_TIMEOUT, on_silent_timeout, session);
  session->idle_id = g_timeout_add_seconds (1, on_idle_check, session);
  say (session, "connected");
}

static void
on_disconnected (gpointer user_data)
{
  ingest_session_end (user_data, "the connection broke");
}

static void
on_answered (const gchar *sdp, const gchar *why, gpointer user_data)
{
  IngestSession *session = user_data;

  session->funcs.answered (session, sdp, session->user_data);
  if (!sdp)
    ingest_session_end (session, why);
}

/* ---- calls ---- */

static gchar *
join_codecs (const IngestOffer *offer)
{
  const gchar *names[INGEST_TRACKS_MAX + 1] = { NULL };
  guint i;

  for (i = 0; i < offer->n_tracks; i++)
    names[i] = ingest_codec_get_name (offer->tracks[i].codec);
  return g_strjoinv ("+", (gchar **) names);
}

static gboolean
build (IngestSession *session, GError **error)
{
  static const IngestPeerFuncs funcs = { on_answered, on_connected,
    on_disconnected };
  GstElement *rtc;

  session->pipeline = gst_object_ref_sink (gst_pipeline_new (NULL));
  g_object_set (session->pipeline, "message-forward", TRUE, "auto-flush-bus",
      FALSE, NULL);
  session->peer = ingest_peer_new (
      session->settings, session->offer, &funcs, session, error);
  if (!session->peer)
    return FALSE;
  rtc = ingest_peer_get_element (session->peer);
  gst_bin_add (GST_BIN (session->pipeline), rtc);
  session->media = ingest_media_new (session->pipeline, rtc, session->settings,
      session->stream_id, session->offer, error);
  return session->media != NULL;
}

static gboolean
start (IngestSession *session, GError **error)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (session->pipeline);
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GError) reason = NULL;

  if (gst_element_set_state (session->pipeline, GST_STATE_PLAYING) !=
      GST_STATE_CHANGE_FAILURE) {
    gst_bus_add_watch (bus, on_bus, session);
    return TRUE;
  }
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  if (message)
    gst_message_parse_error (message, &reason, NULL);
  g_set_error (error, GST_CORE_ERROR, GST_CORE_ERROR_STATE_CHANGE,
      "the pipeline does not start: %s", reason ? reason->message : "?");
  stop_pipeline (session);
  return FALSE;
}

IngestSession *
ingest_session_new (const IngestSettings *settings, const gchar *stream_id,
    const gchar *publisher, IngestOffer *offer, const IngestSessionFuncs *funcs,
    gpointer user_data, GError **error)
{
  IngestSession *session = g_new0 (IngestSession, 1);

  g_mutex_init (&session->lock);
  g_cond_init (&session->output_changed);
  session->settings = settings;
  session->stream_id = g_strdup (stream_id);
  session->publisher = g_strdup (publisher);
  session->codecs = join_codecs (offer);
  session->offer = offer;
  session->funcs = *funcs;
  session->user_data = user_data;
  if (!build (session, error) || !start (session, error)) {
    free_session (session);
    return NULL;
  }
  session->connect_id = g_timeout_add_seconds (
      settings->connect_timeout, on_connect_timeout, session);
  say (session, "started");
  ingest_peer_negotiate (session->peer);
  return session;
}

/* The section of the offer that a candidate is for. */
static gboolean
find_section (
    const IngestOffer *offer, const IngestCandidate *candidate, guint *section)
{
  guint i;

  *section = candidate->section;
  if (!candidate->mid)
    return candidate->section < offer->n_tracks;
  for (i = 0; i < offer->n_tracks; i++) {
    if (g_strcmp0 (offer->tracks[i].mid, candidate->mid) == 0) {
      *section = offer->tracks[i].section;
      return TRUE;
    }
  }
  return FALSE;
}

static gboolean
is_restart (const IngestOffer *offer, const IngestFragment *fragment)
{
  const GstSDPMedia *media =
      gst_sdp_message_get_media (offer->sdp, offer->tracks[0].section);
  const gchar *ufrag = gst_sdp_media_get_attribute_val (media, "ice-ufrag");

  if (!ufrag)
    ufrag = gst_sdp_message_get_attribute_val (offer->sdp, "ice-ufrag");
  return fragment->ufrag && g_strcmp0 (fragment->ufrag, ufrag) != 0;
}

gboolean
ingest_session_add_fragment (
    IngestSession *session, const IngestFragment *fragment, GError **error)
{
  guint i;

  if (is_restart (session->offer, fragment)) {
    g_set_error (error, INGEST_HTTP_ERROR, UNPROCESSABLE,
        "ICE restarts are not supported; publish anew");
    return FALSE;
  }
  for (i = 0; i < fragment->candidates->len; i++) {
    const IngestCandidate *candidate = fragment->candidates->pdata[i];
    guint section;

    if (session->n_candidates < SESSION_CANDIDATES_MAX &&
        find_section (session->offer, candidate, &section)) {
      session->n_candidates++;
      ingest_peer_add_candidate (session->peer, section, candidate->candidate);
    }
  }
  return TRUE;
}

const gchar *
ingest_session_get_reason (IngestSession *session)
{
  return session->reason;
}

gboolean
ingest_session_was_cut (IngestSession *session)
{
  return session->cut;
}

gboolean
ingest_session_is_ending (IngestSession *session)
{
  return session->ending;
}

const gchar *
ingest_session_get_publisher (IngestSession *session)
{
  return session->publisher;
}

const gchar *
ingest_session_get_stream_id (IngestSession *session)
{
  return session->stream_id;
}
