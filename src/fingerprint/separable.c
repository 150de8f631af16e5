/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Distances from separable hashes. */

#include "fingerprint/separable.h"

#define SIDE WEIR_PDQ_DCT

static void
get_rows (const WeirPdqHash *hash, guint16 rows[SIDE])
{
  guint i;

  for (i = 0; i < SIDE; i++)
    rows[i] = (guint16) (hash->words[i / 4] >> (16 * (i % 4)));
}

static void
transpose (const guint16 rows[SIDE], guint16 columns[SIDE])
{
  guint i, j;

  for (i = 0; i < SIDE; i++) {
    columns[i] = 0;
    for (j = 0; j < SIDE; j++)
      columns[i] |= (guint16) ((rows[j] >> i & 1) << j);
  }
}

/* The bits by which @rows differ from the one of them that is most like all
 * others, as they are or inverted. */
static guint
get_least_difference (const guint16 rows[SIDE])
{
  guint least = WEIR_PDQ_BITS, i, j;

  for (i = 0; i < SIDE; i++) {
    guint difference = 0;

    for (j = 0; j < SIDE; j++) {
      guint bits = (guint) __builtin_popcount (rows[i] ^ rows[j]);

      difference += MIN (bits, SIDE - bits);
    }
    least = MIN (least, difference);
  }
  return least;
}

guint
weir_separable_get_distance (const WeirPdqHash *hash)
{
  guint16 rows[SIDE], columns[SIDE];

  get_rows (hash, rows);
  transpose (rows, columns);
  return MIN (get_least_difference (rows), get_least_difference (columns));
}
