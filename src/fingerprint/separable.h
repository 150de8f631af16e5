/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How far a hash is from that of a separable picture: the product of a row and
 * of a column, as a level or upright edge, a corner, a spot on an even ground
 * and a grid are.
 *
 * The cosine transform of such is a product too, and so are the signs of its
 * coefficients, which are the bits of a hash (pdq.h): a sign for each of 16 rows
 * and of 16 columns, 31 bits in place of 256. Two spots at one place are one
 * hash, whatever they are spots of.
 *
 * Measured on parts of 37 works and 571 streams: of 143,000 hits of a wrong work
 * half are on hashes 4 bits or less from separable ones, 90 % on 24 or less, 95 %
 * on 40 or less; of hits of the right work half are on 66 or more. Hashes
 * without any order have some 80. Offset and contrast change nothing, mirrors
 * and quarter turns hardly.
 */
#pragma once

#include "fingerprint/pdq.h"

G_BEGIN_DECLS

/* A part of a reference is known only if it is so far from separable ones. */
#define WEIR_SEPARABLE_MIN_DISTANCE 40

/* The bits by which @hash differs from the nearest separable one of those that
 * have a row of it for all their rows, or a column for all their columns, each
 * as it is or inverted; 0..120. Thread-safe. */
guint weir_separable_get_distance (const WeirPdqHash *hash);

G_END_DECLS
