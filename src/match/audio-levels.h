/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How well the levels of a stream follow those of a reference. Private to
 * audio-compare.c and audio-history.c.
 *
 * Sound that is mixed with a copy hardly ever takes away from it: of two sounds
 * in a band at a time the louder is heard (A. P. Varga and R. K. Moore, "Hidden
 * Markov Model Decomposition of Speech and Noise", ICASSP 1990, section 3). So a
 * stream with the copy is as loud there as the reference is with some gain, or
 * louder; and each level of the reference (fingerprint/step-levels.h) is worth
 * the logarithm of how much likelier the stream's level s is if the reference's
 * with the gain is r:
 *
 *   o + (1 - o) * (F(s) / p(s) * N(s - r) + Phi(s - r))
 *
 * p and F being the density and distribution of the stream's own levels, N and
 * Phi those of a normal variable, o the share of what obeys no rule. A level
 * that is nothing special in the stream so says nothing, a rare one that agrees
 * much, and one that is too low speaks against the copy.
 *
 * Each band has a gain of its own, whatever makes the sum the greatest less a
 * price for gains that differ from band to band.
 *
 * That holds for levels that are independent, which neighbours are not, and for
 * gains that are known: noise, a hum or rain of a reference fit those of any
 * stream by some gains. They fit as well when the seconds are out of step; a
 * copy does not. So what a place is worth out of step is taken off.
 */
#pragma once

#include "match/audio-history-private.h"

G_BEGIN_DECLS

typedef struct {
  /* What the levels of a place are worth above what they are out of step, in nats
   * if they were independent (they are not), for each window with the shorter
   * ones in it; 0 where there is too little to compare. */
  gdouble values[N_WINDOWS];
  /* What they are in each block with the gains of that window, before the
   * price of these, in step. */
  gdouble blocks[N_WINDOWS][N_BLOCKS];
} WeirAudioLevels;

/* Blocks are looked at of windows that are worth @enough. What is rare in the
 * stream is found out first, if it has not been since the stream went on. FALSE
 * when too much has been compared out of step since
 * weir_audio_history_renew_controls(): @levels says nothing then. It is not
 * compared out of step when it @is_known that it is worth less so. */
gboolean weir_audio_levels_compare (WeirAudioHistory *history,
    const WeirAudioPlace *place, const WeirSoundStep *steps, guint32 n_steps,
    gboolean is_known, const gdouble enough[N_WINDOWS],
    WeirAudioLevels *levels);

G_END_DECLS
