/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The sound of one reference on its way into a bank: the pieces that came of
 * it, each at its time.
 */
#pragma once

#include "fingerprint/sound.h"

G_BEGIN_DECLS

/* What WeirSoundTrack.levels has where nothing is known. */
#define WEIR_SOUND_TRACK_UNKNOWN G_MAXFLOAT

/* Not thread-safe. */
typedef struct {
  GArray *landmarks; /* WeirLandmark, also of patches, their time that of the
                      * reference */
  GArray *steps;     /* WeirSoundStep, the first at time 0 */
  GArray *levels;    /* gfloat, of each step: see WeirSound */
} WeirSoundTrack;

WeirSoundTrack *weir_sound_track_new (void);
void weir_sound_track_free (WeirSoundTrack *track);

/* Takes landmarks, patches and steps of @sound (of a reference), whose
 * extractor's time 0 is @origin ns in the reference. Pieces come in order of
 * time; what overlaps the one before is left out. */
void weir_sound_track_add (
    WeirSoundTrack *track, gint64 origin, const WeirSound *sound);

/* The number of the step in which a landmark's anchor is; it may be just behind
 * the last one that is known. */
guint weir_sound_track_get_step (const WeirLandmark *landmark);

/* Drops what is known from step @begin up to, but without, step @end. */
void weir_sound_track_drop (WeirSoundTrack *track, guint begin, guint end);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirSoundTrack, weir_sound_track_free)

G_END_DECLS
