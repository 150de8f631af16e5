/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a publisher offers: an SDP offer, held against what WHIP allows
 * (RFC 9725, sections 4.2 and 4.4) and what can be taken in without
 * transcoding. An offer is taken as a whole or refused with a reason, as
 * section 4.4.3 wants it: no session that half succeeds.
 */
#pragma once

#include <glib.h>
#include <gst/sdp/sdp.h>

G_BEGIN_DECLS

/* At most one of each kind. */
#define INGEST_TRACKS_MAX 2

typedef enum {
  INGEST_CODEC_H264,
  INGEST_CODEC_VP8,
  INGEST_CODEC_VP9,
  INGEST_CODEC_OPUS,
  INGEST_N_CODECS,
} IngestCodec;

typedef struct {
  IngestCodec codec; /* the first offered that can be taken */
  guint section;     /* m-line, from 0 */
  const gchar *mid;  /* belongs to the offer */
} IngestTrack;

typedef struct {
  GstSDPMessage *sdp;
  IngestTrack tracks[INGEST_TRACKS_MAX];
  guint n_tracks;
} IngestOffer;

/* Of @codecs, a set of 1 << IngestCodec, one is chosen for each track.
 * NULL with a one-line @error, whose code is the HTTP status to answer with:
 * 400 for what is no SDP offer, 422 for one that cannot be taken. Free with
 * ingest_offer_free(). Thread-safe. */
IngestOffer *ingest_offer_parse (
    const gchar *text, gsize length, guint codecs, GError **error);
void ingest_offer_free (IngestOffer *offer);

gboolean ingest_codec_is_video (IngestCodec codec);

/* As RTP payload formats are named: "H264", "VP8", "VP9", "OPUS". */
const gchar *ingest_codec_get_name (IngestCodec codec);

/* Of what a payload carries, without its details. */
const gchar *ingest_codec_get_caps (IngestCodec codec);

/* The domain of errors that are answered with an HTTP status: the code. */
#define INGEST_HTTP_ERROR (ingest_http_error_quark ())
GQuark ingest_http_error_quark (void);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (IngestOffer, ingest_offer_free)

G_END_DECLS
