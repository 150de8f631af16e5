/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Dense bits of sound: signs of how the difference of neighbouring bands
 * changes in time, after J. Haitsma and T. Kalker, "A Highly Robust Audio
 * Fingerprinting System" (ISMIR 2002, section 4), of levels instead of powers
 * so that a reference's bits can be weighed by how clear a query is.
 *
 * Of each step of 32 ms there are two kinds: 23 bits of 24 bands of 1/6 octave
 * and a change over 96 ms, which are sharp in time; and 41 bits of the 42
 * lowest bands of 1/12 octave, averaged over 192 ms, and a change over 128 ms,
 * which hold when the sound is mixed with other sound or comes out of a room.
 */
#pragma once

#include "fingerprint/sound.h"

G_BEGIN_DECLS

#define WEIR_DENSE_SHORT_BITS 23
#define WEIR_DENSE_LONG_BITS  41
#define WEIR_DENSE_N_BITS     (WEIR_DENSE_SHORT_BITS + WEIR_DENSE_LONG_BITS)

/* Steps back that the bits of one step look. */
#define WEIR_DENSE_SHORT_LAG 3
#define WEIR_DENSE_LONG_LAG  4
#define WEIR_DENSE_LONG_MEAN 6
#define WEIR_DENSE_HISTORY                                                     \
  (WEIR_DENSE_LONG_LAG + WEIR_DENSE_LONG_MEAN) /* with its own */

/* Two levels for each bit: the difference of the bands now and before. */
void weir_dense_get_short (const gfloat now[WEIR_SOUND_N_BANDS],
    const gfloat before[WEIR_SOUND_N_BANDS],
    gfloat values[WEIR_DENSE_SHORT_BITS]);
void weir_dense_get_long (const gfloat now[WEIR_SOUND_N_BANDS],
    const gfloat before[WEIR_SOUND_N_BANDS],
    gfloat values[WEIR_DENSE_LONG_BITS]);

/* Bit i of a code is of value i: those of the short kind first. */
static inline gboolean
weir_dense_get_bit (const WeirSoundStep *step, guint i)
{
  return step->code[i / 32] >> (i % 32) & 1;
}

/* A streaming extractor of bounded memory. Not thread-safe. */
typedef struct _WeirDenseExtractor WeirDenseExtractor;

WeirDenseExtractor *weir_dense_extractor_new (void);
void weir_dense_extractor_free (WeirDenseExtractor *extractor);
void weir_dense_extractor_reset (WeirDenseExtractor *extractor);

/* Takes a row of the spectrum. TRUE when it completes a step: @bands is filled
 * then, and @step, if not NULL, with its bits and no peaks. */
gboolean weir_dense_extractor_push (WeirDenseExtractor *extractor,
    const gfloat *row, WeirSoundBands *bands, WeirSoundStep *step);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirDenseExtractor, weir_dense_extractor_free)

G_END_DECLS
