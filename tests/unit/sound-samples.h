/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sounds for the tests of fingerprints, and what is extracted of them. */
#pragma once

#include "fingerprint/landmark.h"

G_BEGIN_DECLS

#define MUSIC_SECONDS 12
#define MS            G_GUINT64_CONSTANT (1000000)

/* Parts of the upper bits of a key. */
#define KEY_ANCHOR(key)   ((key) >> 13)
#define KEY_BIN_STEP(key) ((gint) ((key) >> 6 & 127) - 36)
#define KEY_ROW_STEP(key) ((key) &63)

/* 24 bits, the same for the same @state, which goes on. */
guint32 next_random (guint32 *state);

/* -1..1 */
gfloat next_noise (guint32 *state);

/* @n_samples of silence: a GArray of gfloat. */
GArray *samples_new (guint n_samples);
gfloat *samples_data (GArray *samples);

GArray *make_tone (gdouble frequency, gdouble amplitude, guint seconds);

/* Two voices of decaying notes in semitones, MUSIC_SECONDS of them; another
 * @seed, another tune. */
GArray *make_music (guint32 seed);

/* Adds a short sound with its middle at the middle of row @row. */
void add_burst (GArray *samples, gint row, gdouble bin, gdouble amplitude);

/* Feeds @samples in pieces of @n_piece and finishes. */
void feed_sound (WeirLandmarkExtractor *extractor, GArray *samples,
    guint n_piece, WeirSound *sound);
WeirSound *extract_sound (WeirLandmarkUse use, GArray *samples, guint n_piece);

/* Landmarks (a GArray) with the pair's part of their keys alone: those that a
 * reference has, or all by which a query's pairs are looked up. */
GArray *get_landmarks (const WeirSound *sound);
GArray *extract_landmarks (WeirLandmarkUse use, GArray *samples, guint n_piece);
const WeirLandmark *get_landmark (GArray *landmarks, guint i);
void assert_same_landmarks (GArray *a, GArray *b);

G_END_DECLS
