/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Fragments of SDP that carry ICE candidates: the media type
 * application/trickle-ice-sdpfrag (RFC 8840, section 9), as a WHIP client
 * sends them in PATCH requests (RFC 9725, section 4.3).
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* More candidates are not taken from one fragment. */
#define INGEST_CANDIDATES_MAX 64

typedef struct {
  guint section;    /* which of the fragment's m-lines, from 0 */
  gchar *mid;       /* of that m-line; NULL: not said */
  gchar *candidate; /* "candidate:..." */
} IngestCandidate;

typedef struct {
  gchar *ufrag; /* the last that is said; NULL: none */
  gchar *password;
  GPtrArray *candidates; /* of IngestCandidate */
  gboolean complete;     /* end-of-candidates */
} IngestFragment;

/* NULL with a one-line @error when it is malformed or holds more than is
 * taken. Free with ingest_fragment_free(). Thread-safe. */
IngestFragment *ingest_fragment_parse (
    const gchar *text, gsize length, GError **error);
void ingest_fragment_free (IngestFragment *fragment);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (IngestFragment, ingest_fragment_free)

G_END_DECLS
