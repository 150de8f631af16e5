/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Dense bits of sound, of two kinds for each step of 32 ms.
 *
 * 16 bits are signs of how the difference of neighbouring bands changes in
 * time, after J. Haitsma and T. Kalker, "A Highly Robust Audio Fingerprinting
 * System" (ISMIR 2002, section 4), of levels instead of powers so that a
 * reference's bits can be weighed by how clear a query is: of the 17 lowest
 * bands of 1/6 octave and a change over 96 ms. They are sharp in time.
 *
 * 48 bits say which of the bands of 1/12 octave stand out of what is near them
 * in time and frequency (prominence.h). Of a copy most of those still do when
 * other sound is mixed with it.
 */
#pragma once

#include "fingerprint/sound.h"

G_BEGIN_DECLS

#define WEIR_DENSE_SHORT_BITS     16
#define WEIR_DENSE_PROMINENT_BITS 48
#define WEIR_DENSE_N_BITS         (WEIR_DENSE_SHORT_BITS + WEIR_DENSE_PROMINENT_BITS)

/* Steps back that the short bits look. */
#define WEIR_DENSE_SHORT_LAG 3

/* From this prominence on a band stands out. */
#define WEIR_DENSE_PROMINENT 0.75f

/* The value of each short bit, whose sign it is. */
void weir_dense_get_short (const gfloat now[WEIR_SOUND_N_BANDS],
    const gfloat before[WEIR_SOUND_N_BANDS],
    gfloat values[WEIR_DENSE_SHORT_BITS]);

/* Bit i of a code: the short ones come first, then one for each band. */
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
 * then, and @step, if not NULL, with its short bits, its levels and no peaks. @earlier, if
 * not NULL, is the step WEIR_PROMINENCE_AFTER before it, which gets the other
 * bits; a step that is silent (below WEIR_PEAKS_FLOOR) has none. */
gboolean weir_dense_extractor_push (WeirDenseExtractor *extractor,
    const gfloat *row, WeirSoundBands *bands, WeirSoundStep *step,
    WeirSoundStep *earlier);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirDenseExtractor, weir_dense_extractor_free)

G_END_DECLS
