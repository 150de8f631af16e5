/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where exactly a place is: by the peaks of the last seconds of a stream, which
 * are quick to compare.
 */
#pragma once

#include "match/audio-history.h"

G_BEGIN_DECLS

/* @place, in a reference of @n_steps @steps, is of a candidate: off by some rows,
 * of a warp that is coarse. Moves it to where its peaks fit best; @fit is the sum
 * of what they are worth in all windows then, nats. FALSE when they exceed chance
 * by no more than @least in any window. */
gboolean weir_audio_place_look_around (const WeirAudioHistory *history,
    const WeirSoundStep *steps, guint32 n_steps, gdouble least,
    WeirAudioPlace *place, gdouble *fit);

/* Moves @place, which is followed, by one step of its speed, pitch or offset if
 * its peaks gain by it. FALSE when there is too little sound to tell. */
gboolean weir_audio_place_improve (const WeirAudioHistory *history,
    const WeirSoundStep *steps, guint32 n_steps, WeirAudioPlace *place);

G_END_DECLS
