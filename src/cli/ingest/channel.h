/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a publisher is told of its session: Server-Sent Events (WHATWG HTML,
 * section 9.2), each the JSON object of a state. Whoever knows the session's
 * URL, which cannot be guessed, may listen at that URL + "/events".
 *
 *   {"state":"connected"}
 *   {"state":"cut","denied-for":3600}      s that the token is refused for
 *   {"state":"ended","reason":"..."}
 *
 * The last two are the last of a channel. A publisher is told of a cut, and
 * not of what was recognised, nor of a stream that is flagged.
 *
 * Not thread-safe: for the thread of the HTTP server alone.
 */
#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

typedef struct _IngestChannel IngestChannel;

IngestChannel *ingest_channel_new (void);
void ingest_channel_free (IngestChannel *channel);

/* Answers @message with the channel's newest state and all that come. FALSE
 * when there are listeners enough; it is not answered then. */
gboolean ingest_channel_listen (
    IngestChannel *channel, SoupServerMessage *message);

/* A new state; @last: nothing comes behind it. */
void ingest_channel_say (
    IngestChannel *channel, const gchar *json, gboolean last);

/* Something goes over the wire, lest it be taken for dead. */
void ingest_channel_keep_alive (IngestChannel *channel);

G_END_DECLS
