/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The other end of a WebRTC connection: the element webrtcbin, brought from an
 * offer to an answer that holds all of its own candidates (RFC 9725, section
 * 4.3.2: what answers has no way to trickle).
 *
 * To be used from the thread of the default main context, which is where the
 * functions of IngestPeerFuncs are called.
 */
#pragma once

#include "offer.h"
#include "settings.h"

#include <gst/gst.h>

G_BEGIN_DECLS

typedef struct _IngestPeer IngestPeer;

typedef struct {
  /* Once. @sdp is NULL when there is no answer; @why then says so. */
  void (*answered) (const gchar *sdp, const gchar *why, gpointer user_data);
  void (*connected) (gpointer user_data);
  /* For good. */
  void (*disconnected) (gpointer user_data);
} IngestPeerFuncs;

/* NULL with a one-line @error when GStreamer's plugins for it are missing.
 * @offer has to outlive the element. */
IngestPeer *ingest_peer_new (const IngestSettings *settings,
    const IngestOffer *offer, const IngestPeerFuncs *funcs, gpointer user_data,
    GError **error);

/* No function is called any more; the element runs on. */
void ingest_peer_close (IngestPeer *peer);

/* Tells the other end that this is the end: closes DTLS, which a browser notices
 * at once, where it would wait for many seconds otherwise. May block for a
 * moment; from any thread, with the element still running. */
void ingest_peer_hang_up (IngestPeer *peer);

/* Once closed, and the element is in the state NULL. */
void ingest_peer_free (IngestPeer *peer);

/* The element, which the caller adds to a pipeline. Owned by the peer. */
GstElement *ingest_peer_get_element (IngestPeer *peer);

/* Of any webrtcbin that does not run yet: no ports are opened in the router by
 * UPnP, which libnice does unasked. */
void ingest_peer_disable_upnp (GstElement *rtc);

/* Takes the offer to an answer. The element runs by now. */
void ingest_peer_negotiate (IngestPeer *peer);

/* A candidate of the publisher's, "candidate:...", of the m-line @section. One
 * that cannot be used is let fall. */
void ingest_peer_add_candidate (
    IngestPeer *peer, guint section, const gchar *candidate);

G_END_DECLS
