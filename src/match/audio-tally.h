/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Votes for places in references, counted by bins of offsets: cells that forget,
 * and of the places that got votes those with the most. Private to audio-votes.c
 * and audio-patches.c.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Votes that a cell holds at most. */
#define WEIR_AUDIO_CELL_MAX_VOTES 255

typedef struct {
  guint8 epoch;  /* modulo, of the last vote */
  guint8 votes;  /* as of then */
  guint16 voter; /* that voted last */
} WeirAudioCell;

/* Of @n_cells, a power of two, that of @bin of @reference, counted by itself for
 * each of @n_kinds; others may have the same one. Those of eight bins are side
 * by side. */
static inline WeirAudioCell *
weir_audio_cells_get (WeirAudioCell *cells, guint n_cells, guint32 reference,
    gint32 bin, guint kind, guint n_kinds)
{
  guint64 mixed = ((guint64) reference << 32) | (guint32) (bin >> 3);

  mixed = mixed * n_kinds + kind;
  mixed *= G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);

  return &cells[(((mixed >> 40) & (n_cells / 8 - 1)) << 3) +
                ((guint32) bin & 7)];
}

/* The bin in which an offset of so many bins is: floor(), which takes longer. */
static inline gint32
weir_audio_bin_get (gdouble offset)
{
  gint32 bin = (gint32) offset;

  return bin > offset ? bin - 1 : bin;
}

/* Votes that a cell still has, halved for each epoch that has passed. */
static inline guint
weir_audio_cell_get_votes (const WeirAudioCell *cell, guint8 epoch)
{
  guint8 age = (guint8) (epoch - cell->epoch);

  return age < 8 ? (guint) cell->votes >> age : 0;
}

typedef struct {
  guint32 reference;
  gint32 bin;
  guint warp; /* number of the hypothesis */
  guint votes;
} WeirAudioLeader;

#define WEIR_AUDIO_LEADERS_MAX 96

/* The places with the most votes of one kind, as of its last lookup. */
typedef struct {
  WeirAudioLeader leaders[WEIR_AUDIO_LEADERS_MAX];
  guint n_leaders;
  guint max_leaders;
  guint least; /* votes that it takes to get in */
} WeirAudioLeaders;

/* There are none: @max_leaders, up to WEIR_AUDIO_LEADERS_MAX, may come, with
 * @least votes or more. */
void weir_audio_leaders_begin (
    WeirAudioLeaders *leaders, guint max_leaders, guint least);

/* Takes @added, which has leaders->least votes or more: in place of one beside
 * it with fewer, or of the weakest. */
void weir_audio_leaders_add (
    WeirAudioLeaders *leaders, const WeirAudioLeader *added);

G_END_DECLS
