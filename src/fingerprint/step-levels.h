/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The levels of bands that a step of a reference keeps, in 12 bytes.
 *
 * @top of a step has in its lowest bit whether the bands are the odd ones, and
 * above it how much higher the loudest of the lowest 44 bands is than
 * WEIR_STEP_LEVELS_LOWEST, in quarters of the spectrum's unit (0.75 dB); 0: the
 * step has no levels. Each of 22 bands has 4 bits, the lower half of a byte
 * first: 15 when it is as loud as the loudest, one less for each unit (3 dB)
 * below it, 0 when it is more than 14 units below: nothing is said of it then.
 */
#pragma once

#include "fingerprint/sound.h"

G_BEGIN_DECLS

/* In the spectrum's units. A step whose loudest band is below the least has no
 * levels. */
#define WEIR_STEP_LEVELS_LOWEST (-32.0f)
#define WEIR_STEP_LEVELS_LEAST  (-24.0f)

/* What is known of one band. */
typedef struct {
  guint band;   /* of WEIR_SOUND_N_BANDS */
  gfloat level; /* as the spectrum's, to half a unit */
  guint depth;  /* units below the loudest, 0..14 */
} WeirStepLevel;

/* Sets the levels of @step to those of the odd or even bands of @highest, see
 * WeirSoundBands. Thread-safe. */
void weir_step_levels_pack (WeirSoundStep *step,
    const gfloat highest[WEIR_SOUND_N_BANDS], gboolean is_odd);

/* Fills @levels with what is known, by band; returns the number. Any bytes are
 * levels. Thread-safe. */
guint weir_step_levels_unpack (
    const WeirSoundStep *step, WeirStepLevel levels[WEIR_SOUND_STEP_LEVELS]);

G_END_DECLS
