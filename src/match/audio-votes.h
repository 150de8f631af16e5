/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where the sound of a stream may be from: pairs of peaks vote for places.
 *
 * Each pair is looked up as it is and under each of 28 hypotheses about speed,
 * tempo and pitch, by moving its peaks. As it is every landmark of its keys
 * votes, one that has the peak before it too three times; under a hypothesis
 * only the latter do, since 28 times as many places are wrong. A bank of more
 * than some 5 hours is looked up more narrowly under hypotheses, and only the
 * latter vote of a pair that is common in it; of one of more than 110 hours
 * always, and more places are candidates. A vote counts half after 3 s. The places
 * with the most votes are candidates: nothing is concluded from votes, see
 * audio-history.h.
 */
#pragma once

#include "bank/bank.h"
#include "match/audio-warp.h"

G_BEGIN_DECLS

#define WEIR_AUDIO_MAX_CANDIDATES 240

/* Of bounded memory, 2.2 MB. Not thread-safe. */
typedef struct _WeirAudioVotes WeirAudioVotes;

WeirAudioVotes *weir_audio_votes_new (WeirBank *bank);
void weir_audio_votes_free (WeirAudioVotes *votes);

/* Takes @bank in place of the one before: the pairs of the last seconds are
 * looked up in it anew. */
void weir_audio_votes_set_bank (WeirAudioVotes *votes, WeirBank *bank);

/* Forgets all pairs and votes. */
void weir_audio_votes_clear (WeirAudioVotes *votes);

/* Takes pairs (a GArray of WeirPair), to be looked up when next collected. */
void weir_audio_votes_add (WeirAudioVotes *votes, const GArray *pairs);

/* Looks up: all new pairs as they are, and those of the last four calls under
 * a fourth of the hypotheses in turn. Returns the candidates, those of the other
 * turns as they were; they stay valid until the next call. Call it each
 * 0.25 s. */
const WeirAudioPlace *weir_audio_votes_collect (
    WeirAudioVotes *votes, guint *n_candidates);

/* Keys looked up so far. */
guint64 weir_audio_votes_get_n_lookups (const WeirAudioVotes *votes);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirAudioVotes, weir_audio_votes_free)

G_END_DECLS
