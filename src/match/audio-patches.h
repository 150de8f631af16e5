/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where the sound of a stream may be from when other sound leaves hardly a
 * pair of peaks: patches of it (fingerprint/patch.h) vote for places.
 *
 * A vote weighs the more the fewer landmarks the bank has of a patch's keys, a
 * half of them one more; in 0.128 s an octave votes once for a place. A vote
 * counts half after 3 s. The places with the most votes are candidates, of the
 * sound at its own speed and pitch: nothing is concluded from votes, see
 * audio-history.h.
 */
#pragma once

#include "bank/bank.h"
#include "match/audio-warp.h"

G_BEGIN_DECLS

#define WEIR_AUDIO_PATCHES_MAX 16

/* Of bounded memory, 1.1 MB. Not thread-safe. */
typedef struct _WeirAudioPatches WeirAudioPatches;

WeirAudioPatches *weir_audio_patches_new (WeirBank *bank);
void weir_audio_patches_free (WeirAudioPatches *patches);

/* Takes @bank in place of the one before: the bands of the last 2 s are looked
 * up in it anew. */
void weir_audio_patches_set_bank (WeirAudioPatches *patches, WeirBank *bank);

/* Forgets all bands and votes: the next step is the first. */
void weir_audio_patches_clear (WeirAudioPatches *patches);

/* Takes the next bands (a GArray of WeirSoundBands); of more than 2 s at a time
 * only the newest are looked up. */
void weir_audio_patches_add (WeirAudioPatches *patches, const GArray *bands);

/* Looks up what came since. Returns the candidates, which stay valid until the
 * next call. */
const WeirAudioPlace *weir_audio_patches_collect (
    WeirAudioPatches *patches, guint *n_candidates);

/* Keys looked up so far. */
guint64 weir_audio_patches_get_n_lookups (const WeirAudioPatches *patches);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirAudioPatches, weir_audio_patches_free)

G_END_DECLS
