/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counting what of a hash noise would not turn. */

#include "fingerprint/firm.h"

#include <math.h>

guint
weir_firm_count_bits (const WeirPdqPicture *picture, gboolean full_range)
{
  const gfloat least =
      full_range ? WEIR_FIRM_MAGNITUDE : WEIR_FIRM_MAGNITUDE * 219.0f / 255.0f;
  gint n = 0;
  guint i;

  for (i = 0; i < WEIR_PDQ_BITS; i++)
    n += fabsf (picture->dct[i]) >= least;
  return (guint) n;
}
