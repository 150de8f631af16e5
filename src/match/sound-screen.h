/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What of a reference's sound cannot be matched, because it says nothing of the
 * work: silence, a steady sound, one that repeats itself, and what stock sounds
 * (stock-sounds.h) are taken for.
 */
#pragma once

#include "match/sound-track.h"

G_BEGIN_DECLS

typedef struct {
  gint64 begin, end;   /* ns in the reference */
  const gchar *reason; /* for people: "silence"; static */
} WeirScreenedSpan;

/* Drops from @track what cannot be matched and appends to @spans (a GArray of
 * WeirScreenedSpan, in order of time) what that was. Stock sounds are played
 * against the track as streams are against a bank, some 0.3 s of processor time.
 * Takes a temporary file; FALSE with @error when that fails. Thread-safe for
 * different tracks. */
gboolean weir_sound_screen (
    WeirSoundTrack *track, GArray *spans, GError **error);

G_END_DECLS
