/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where a session's streams go: a fragment of gst-launch-1.0 in which elements
 * of a certain name take them.
 *
 *   video, audio  take the stream of that kind by their sink pad
 *   mux           takes what neither of those takes, by pads on request
 *
 * %s stands for the stream's id (letters, digits and hyphens). A kind that
 * nothing takes ends in a fakesink. Streams come as they were sent: H.264 (as
 * avc3 where that is taken, so that parameters may change), VP8, VP9, Opus.
 */
#pragma once

#include "offer.h"

#include <gst/gst.h>

G_BEGIN_DECLS

/* A bin, floating, or NULL with a one-line @error. */
GstElement *ingest_output_new (
    const gchar *fragment, const gchar *stream_id, GError **error);

/* Adds to @bin a bounded queue that leads to what takes @codec, and returns a
 * new ghost pad of the bin for it, owned by the bin. The queue drops the oldest
 * when the output does not keep up: what is slow to write never holds the
 * publisher up. NULL when what would take this kind does not take that codec,
 * which ingest_output_takes() has told before. */
GstPad *ingest_output_add_stream (GstElement *bin, IngestCodec codec);

/* The stream of @pad has brought nothing: the muxer is not to wait for it. What
 * comes later goes nowhere. */
void ingest_output_skip_stream (GstElement *bin, GstPad *pad);

/* Removes the files that filesinks of @bin, in the state NULL, have made and
 * that are empty; where nothing ever @came, whatever they hold. May block; from
 * any thread. */
void ingest_output_discard (GstElement *bin, gboolean came);

/* Which codecs @fragment takes as they are, as a set of 1 << IngestCodec. 0 with
 * a one-line @error when it cannot be used, or names nothing that takes a
 * stream. */
guint ingest_output_takes (const gchar *fragment, GError **error);

/* A fragment that records to Matroska in @directory, a file a stream. Free with
 * g_free(). */
gchar *ingest_output_record (const gchar *directory);

G_END_DECLS
