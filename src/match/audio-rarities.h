/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How rare the levels of a stream's bands are in the stream itself, see
 * audio-levels.h. Private to audio-levels.c.
 *
 * Bands that are beside each other rise and fall together when a sound begins
 * or ends, whatever sound it is. So what is counted is by how much a level
 * differs from the band's mean, less what those of the bands beside it do on
 * average: two sounds that begin at a time agree by that in one thing, not in
 * as many as there are bands.
 */
#pragma once

#include "match/audio-history-private.h"

#include <math.h>

G_BEGIN_DECLS

/* By how much a copy's levels differ from the reference's where nothing covers
 * them, and a stream's levels are blurred before they are counted: so what is
 * steady is worth nothing. */
#define WEIR_AUDIO_LEVEL_DEVIATION 0.35f

/* Below this a stream is silent. */
#define WEIR_AUDIO_LEVEL_LEAST (-30.0f)

static inline gfloat
weir_audio_level_get (const WeirAudioHistory *history, gint32 step, guint band)
{
  return MAX (history->bands[(guint32) step % N_STEPS].highest[band],
      WEIR_AUDIO_LEVEL_LEAST);
}

static inline gfloat
weir_audio_normal_get (gfloat value, gfloat deviation)
{
  gfloat scaled = value / deviation;

  return expf (-scaled * scaled / 2) / (deviation * sqrtf (2 * (gfloat) G_PI));
}

/* Finds F(s) / p(s) of the levels of the last 5 s. */
void weir_audio_rarities_find (WeirAudioHistory *history);

G_END_DECLS
