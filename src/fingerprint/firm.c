/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What of a hash noise would not turn. */

#include "fingerprint/firm.h"

#include <math.h>

guint
weir_firm_get_bits (
    const WeirPdqPicture *picture, gboolean full_range, WeirPdqHash *firm)
{
  const gfloat least =
      full_range ? WEIR_FIRM_MAGNITUDE : WEIR_FIRM_MAGNITUDE * 219.0f / 255.0f;
  guint n = 0, i, j;

  for (i = 0; i < G_N_ELEMENTS (firm->words); i++) {
    guint64 bits = 0;

    for (j = 0; j < 64; j++)
      bits |= (guint64) (fabsf (picture->dct[64 * i + j]) >= least) << j;
    firm->words[i] = bits;
    n += (guint) __builtin_popcountll (bits);
  }
  return n;
}
