/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How far the bands of a sound stand out from what is near them in time and
 * frequency. Where a reference has a peak, or stands out itself, a copy stands
 * out even when louder sound beside it keeps it from being a peak of the stream,
 * so that this holds under a voice longer than peaks do. Steady sound and the colour of a room or
 * a filter cancel out.
 */
#pragma once

#include "fingerprint/sound.h"

G_BEGIN_DECLS

/* Steps before and after a step that it is compared with. */
#define WEIR_PROMINENCE_BEFORE 8
#define WEIR_PROMINENCE_AFTER  3
#define WEIR_PROMINENCE_AROUND                                                 \
  (WEIR_PROMINENCE_BEFORE + 1 + WEIR_PROMINENCE_AFTER)

/* Fills @values with the prominence of the bands @now, in units of their
 * levels and within -3..3: what is left of each band when first its mean over
 * the @n_around steps @around (1 or more, with its own), then the mean of the
 * bands up to 4 beside it are taken off. Returns the mean of their squares.
 * Thread-safe. */
gfloat weir_prominence_get (const WeirSoundBands *now,
    const WeirSoundBands *const around[], guint n_around,
    gfloat values[WEIR_SOUND_N_BANDS]);

G_END_DECLS
