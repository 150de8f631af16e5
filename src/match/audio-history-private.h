/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a history holds. Private to audio-history.c, which takes it, and
 * audio-compare.c, audio-levels.c, audio-rarities.c and audio-score.c, which
 * compare it.
 */
#pragma once

#include "fingerprint/prominence.h"
#include "fingerprint/spectrum.h"
#include "match/audio-history.h"

G_BEGIN_DECLS

#define N_WINDOWS WEIR_AUDIO_N_WINDOWS

/* What is compared is gathered by blocks of 0.128 s, the newest first; a window
 * is the first of them. Half a second are four. */
#define BLOCK_ROWS  8
#define N_BLOCKS    39
#define HALF_SECOND 4

/* 8.2 s; powers of two. */
#define N_ROWS  512
#define N_STEPS 256

/* Row bits: a peak is set with its neighbours, one row and bin each way. */
#define N_WORDS ((WEIR_SPECTRUM_N_BINS + 31) / 32)

/* Peaks of a stream of both radii: those that a reference may have kept, and all
 * of them, which hold where louder sound is near. */
typedef enum {
  WEIR_PEAKS_WIDE,
  WEIR_PEAKS_ALL,
  WEIR_N_PEAKS,
} WeirPeaksKind;

/* What a block or a window has gathered. */
typedef struct {
  guint n_peaks;
  guint n_hits[WEIR_N_PEAKS];
  gdouble n_set[WEIR_N_PEAKS]; /* bits of the stream's rows */
  guint n_rows;
  gdouble product; /* of the short bits */
  gdouble product_power;
  gdouble prominent; /* prominence where the reference has prominent bits */
  gdouble prominent_power;
  gdouble prominence; /* where the reference has peaks */
  guint n_prominences;
  gdouble power; /* of the stream's prominence, by step */
  guint n_powers;
} WeirAudioSums;

/* How rare a band's level is in the stream as it is now, see audio-levels.h. */
typedef struct {
  guint32 end;  /* of the history that this is of; 0: not known */
  gint32 first; /* steps */
  gint32 last;
  gfloat values[N_STEPS][WEIR_SOUND_N_BANDS]; /* by step, modulo */
} WeirAudioRarities;

struct _WeirAudioHistory {
  guint32 end;                     /* rows whose peaks are known */
  WeirAudioSums density[N_BLOCKS]; /* of those: only their rows and bits */
  WeirAudioSums window_density[N_WINDOWS]; /* likewise */
  guint32 n_steps;                         /* of bands */
  /* By row, modulo. */
  guint32 bits[N_ROWS][WEIR_N_PEAKS][N_WORDS];
  WeirSoundBands bands[N_STEPS]; /* by step, modulo */
  WeirSoundBands prominences[N_STEPS];
  gfloat powers[N_STEPS]; /* of those */
  WeirAudioRarities rarities;
  guint n_controls; /* comparisons out of step since they were renewed */
};

/* The block of what is so many rows old; N_BLOCKS: none. */
static inline guint
weir_audio_history_get_block (guint age)
{
  return MIN (age / BLOCK_ROWS, N_BLOCKS);
}

/* The blocks of a window, with those of the shorter ones. */
guint weir_audio_window_get_n_blocks (guint window);

/* The first row of the stream that is compared; there is too little when it is
 * near the end. */
gint32 weir_audio_history_get_begin (const WeirAudioHistory *history);

/* The step of the stream at which a step of the reference is. */
static inline gdouble
weir_audio_place_get_step (const WeirAudioPlace *place, gint64 step)
{
  gdouble row = (2 * (gdouble) step + 0.5 - place->offset) /
                (gdouble) place->warp.stretch;

  return (row - 0.5) / 2;
}

/* Whether the prominences of @step are there, which take the steps after. */
static inline gboolean
weir_audio_history_knows_prominence (
    const WeirAudioHistory *history, gint32 step)
{
  return step + WEIR_PROMINENCE_AFTER < (gint32) history->n_steps;
}

G_END_DECLS
