/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A picture in fewer samples, for the many looks at parts of it: each of its
 * samples is the mean of a block of the picture's, as large as leaves so many of
 * each side as are asked for.
 */
#pragma once

#include "fingerprint/luma.h"

G_BEGIN_DECLS

/* A side keeps so many samples and up to twice as many; one that has fewer
 * keeps them all. Of a rough one rough grids are made (pdq-axis.h). */
#define WEIR_COARSE_SIDE       480
#define WEIR_COARSE_ROUGH_SIDE 240

/* Bytes behind the last sample that may be read. */
#define WEIR_COARSE_SLACK 32

typedef struct {
  WeirLuma luma; /* bytes side by side, with the slack behind the last */
  guint across; /* samples of the picture in a block, across and down: powers */
  guint down;   /* of 2. A block cut off by the picture's edge has fewer. */

  /*< private >*/
  guint8 *samples;
  gsize size;
  guint8 *row; /* in bytes; NULL while none was needed */
  gsize row_size;
} WeirCoarse;

/* How many samples of a side so long a block has if @least are to be left.
 * Thread-safe. */
guint weir_coarse_get_block (guint side, guint least);

/* Fills @coarse, which was set to 0 before its first time, from @luma, of which
 * @least samples are to be left of each side. Allocates only when sizes grow.
 * Means are rounded to the nearest; samples deeper than 8 bits are cut off to 8
 * before. */
void weir_coarse_take (WeirCoarse *coarse, const WeirLuma *luma, guint least);
void weir_coarse_clear (WeirCoarse *coarse);

G_END_DECLS
