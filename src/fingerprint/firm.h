/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How much of a PDQ hash can be relied upon.
 *
 * PDQ's quality is a sum of steps in absolute luma: what is dark or of low
 * contrast counts as flat, although its hash, which does not depend on gain, is
 * as good as that of the same picture well lit. What decides is how far the
 * coefficients stand out of the noise. A bit tells whether its coefficient is
 * above the median, which is near 0: noise turns it where the coefficient is
 * not larger than the noise is. The transform is orthonormal, so that noise of
 * a grid point is noise of a coefficient.
 *
 * Measured on seven titles made dark (white at 42 to 93), with a sensor's noise:
 * of whole pictures and parts of 360p with a quality below 50 and 128 to 143
 * firm coefficients 19 % are within distance 31 of their copy in H.264 at 300
 * kbit/s, with 144 to 159 60 %, with 192 or more 99 %; of copies at constant
 * quality all. What is smooth has its contrast in few coefficients, however
 * strong: vignettes 41 at most, gradients 75, or 126 in parts of one that moves.
 * Black with noise of strength 10 has 97, where PDQ's quality is 33, and with 20
 * 117 as a whole; a quality of the picture with its contrast stretched tells
 * that from no picture. Small pictures average less of the noise.
 *
 * With 128 in place of 144, of nine copies of faint titles (plain, 300 kbit/s and
 * 150 kbit/s at quarter size) eight are flagged within 5 s in place of seven,
 * five of them sooner; 112 would take in black with noise.
 *
 * An edge has as many firm coefficients as a picture, 180 to 240, and two edges
 * at one place are one hash: a coin on a table was flagged as a mouse in a cage,
 * all by parts of a quality below 7 across which shadows fell. Of such hardly a
 * point differs from the next one, compared with the whole: what tells them from
 * what is dark is the step of a point to the next ones on average, in percent of
 * the standard deviation. 99 % of the parts of the cage have 21 or less; 99 % of
 * dark pictures (those above, white at 42 and 60) have 23 or more. Coding
 * smoothes, so that of copies at 300 kbit/s half may have less than 20: asked
 * for is detail of references alone, and of their parts: whole pictures are
 * fewer, and hit each other less.
 */
#pragma once

#include "fingerprint/pdq.h"

G_BEGIN_DECLS

/* A coefficient is firm from this magnitude on, in luma of 0..255. */
#define WEIR_FIRM_MAGNITUDE 2.0f

/* A picture with so many firm coefficients has weight whatever its quality. */
#define WEIR_FIRM_MIN_BITS 128

/* A part without quality is known of a reference only if it has so much detail
 * (pdq.h), in percent. */
#define WEIR_FIRM_MIN_DETAIL 22

/* Fills @firm with the bits of the hash of @picture as it is (WEIR_PDQ_PLAIN)
 * whose coefficients are firm, and returns how many there are, 0..256;
 * @full_range as the luma had it (luma.h). Thread-safe. */
guint weir_firm_get_bits (
    const WeirPdqPicture *picture, gboolean full_range, WeirPdqHash *firm);

/* What differs between two hashes by more than noise: the bits of @a and @b
 * that differ and are firm in one of the two, 0..256. Thread-safe. */
static inline guint
weir_firm_distance (const WeirPdqHash *a, const WeirPdqHash *firm_in_a,
    const WeirPdqHash *b, const WeirPdqHash *firm_in_b)
{
  guint distance = 0, i;

  for (i = 0; i < G_N_ELEMENTS (a->words); i++)
    distance += (guint) __builtin_popcountll (
        (a->words[i] ^ b->words[i]) &
        (firm_in_a->words[i] | firm_in_b->words[i]));
  return distance;
}

G_END_DECLS
