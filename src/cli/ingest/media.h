/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a session's media go through, from webrtcbin to the output: a
 * depayloader and parser a stream, the element weir, the output. Nothing is
 * decoded or encoded.
 */
#pragma once

#include "offer.h"
#include "settings.h"

#include <gst/gst.h>

G_BEGIN_DECLS

typedef struct _IngestMedia IngestMedia;

/* Adds to @pipeline, behind @rtc, what @offer wants. NULL with a one-line
 * @error. The pipeline is in the state NULL. */
IngestMedia *ingest_media_new (GstElement *pipeline, GstElement *rtc,
    const IngestSettings *settings, const gchar *stream_id,
    const IngestOffer *offer, GError **error);

/* With the pipeline in the state NULL. */
void ingest_media_free (IngestMedia *media);

/* Owned by the pipeline. */
GstElement *ingest_media_get_weir (IngestMedia *media);
GstElement *ingest_media_get_output (IngestMedia *media);

/* When the newest buffer came; g_get_monotonic_time(), 0: none has. */
gint64 ingest_media_get_last (IngestMedia *media);

/* Tracks that have brought nothing so far are not waited for any more. May
 * block for as long as the output does. */
void ingest_media_skip_silent (IngestMedia *media);

/* Nothing comes in any more, and the output is told that this is the end. FALSE
 * when nothing ever came, and it knows nothing to end. May block as above. */
gboolean ingest_media_end (IngestMedia *media);

/* Whether the element weir has this property and takes this value, written
 * "property=value"; otherwise a one-line @error. */
gboolean ingest_media_check_property (const gchar *setting, GError **error);

G_END_DECLS
