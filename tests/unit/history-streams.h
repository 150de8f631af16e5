/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A stream as its history takes it, for the tests of the history. */
#pragma once

#include "history/history-private.h"
#include "match-streams.h"

G_BEGIN_DECLS

typedef struct {
  WeirHistory *history;
  WeirLandmarkExtractor *query, *reference;
  WeirSound *query_sound, *reference_sound;
  gint64 time; /* now, ns; the clocks are those of stream_stamp() */
  gint64 origin;
  guint64 n_heard; /* samples since the extractors began */
  gint64 frame_step;
  gboolean mirrored;
  gboolean dark;     /* of no quality, but with weight */
  guint part_detail; /* more than 0: of a part without quality, with each */
} Recorder;

Recorder *recorder_new (guint seconds);
void recorder_free (Recorder *recorder);

/* Plays a work from @from to @to ns of it; either medium may be NULL. Of each
 * frame there is one look, the whole, if there is no part. */
void recorder_play (Recorder *recorder, const GArray *frames,
    const GArray *sound, gint64 from, gint64 to);

/* A gap in the sound. */
void recorder_restart_sound (Recorder *recorder);

/* The running time at @time of the stream. */
guint64 to_running_time (gint64 time);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Recorder, recorder_free)

G_END_DECLS
