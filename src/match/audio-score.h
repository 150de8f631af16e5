/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is gathered of a place, as a score. Private to audio-compare.c.
 *
 * No half a second may be worth more than all the rest of a window: a word, a
 * shot or a jingle that a stream shares with a reference agrees in every respect
 * while it lasts, and is no copy of the reference. So the score is at most twice
 * what is left of it without the half second that takes away the most.
 */
#pragma once

#include "match/audio-history-private.h"

G_BEGIN_DECLS

void weir_audio_sums_add (WeirAudioSums *sums, const WeirAudioSums *added);

/* Twice the log-likelihood ratio of as many hits against chance, its root with
 * the sign of their difference: on wrong places much like a standard normal
 * variable also where few hits are expected. */
gdouble weir_audio_sums_get_peaks (
    const WeirAudioSums *sums, WeirPeaksKind kind);

/* Without levels. Each part is nearly normal on wrong places, so that the square
 * of their sum has an exponential tail. */
gdouble weir_audio_sums_get_score (const WeirAudioSums *sums);

/* @score with what levels are worth, and what they have to be worth for it to
 * be @sum. */
gdouble weir_audio_score_add_levels (gdouble score, gdouble levels);
gdouble weir_audio_score_get_levels (gdouble score, gdouble sum);

/* The score, with levels, of a window of @n_blocks blocks (more than
 * HALF_SECOND) when half a second may be worth no more than the rest. @score is
 * what it is otherwise, @levels what levels are worth in all and @block_levels
 * of each block. */
gdouble weir_audio_score_limit (const WeirAudioSums *blocks, guint n_blocks,
    gdouble levels, const gdouble *block_levels, gdouble score);

G_END_DECLS
