/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One publisher's session: a pipeline of its own from webrtcbin through the
 * element weir to the output, and its life from the offer to the end.
 *
 * Used from the thread of the default main context, where the functions of
 * IngestSessionFuncs are called as well. What may block (the output's end, the
 * threads of a pipeline that is taken down) is done on threads of a small pool.
 */
#pragma once

#include "fragment.h"
#include "offer.h"
#include "settings.h"

#include <gst/gst.h>

G_BEGIN_DECLS

typedef struct _IngestSession IngestSession;

typedef struct {
  /* Once. NULL: there is none, and the session ends. */
  void (*answered) (
      IngestSession *session, const gchar *sdp, gpointer user_data);

  /* Messages of the element weir, and "weir-session": stream-id, publisher,
   * state (started, connected, ended), reason (of the end), media (the codecs,
   * joined by plus signs); all strings. */
  void (*message) (IngestSession *session, const GstStructure *structure,
      gpointer user_data);

  /* The end begins: no media is taken any more. */
  void (*ending) (IngestSession *session, gpointer user_data);

  /* The pipeline is gone. The session is freed behind this call. */
  void (*ended) (IngestSession *session, gpointer user_data);
} IngestSessionFuncs;

/* Starts to work on an answer. Takes @offer. NULL with a one-line @error.
 * @publisher and @stream_id appear in messages. @settings outlives it. */
IngestSession *ingest_session_new (const IngestSettings *settings,
    const gchar *stream_id, const gchar *publisher, IngestOffer *offer,
    const IngestSessionFuncs *funcs, gpointer user_data, GError **error);

/* Why a session ends, for people; and whether it is because it was cut. Once
 * it has begun to end, later reasons change nothing. */
void ingest_session_end (IngestSession *session, const gchar *reason);
const gchar *ingest_session_get_reason (IngestSession *session);
gboolean ingest_session_was_cut (IngestSession *session);
gboolean ingest_session_is_ending (IngestSession *session);

/* Candidates that were trickled. FALSE with a one-line @error whose code is the
 * HTTP status to answer with: 422 for an ICE restart, which webrtcbin does not
 * have. */
gboolean ingest_session_add_fragment (
    IngestSession *session, const IngestFragment *fragment, GError **error);

const gchar *ingest_session_get_publisher (IngestSession *session);
const gchar *ingest_session_get_stream_id (IngestSession *session);

G_END_DECLS
