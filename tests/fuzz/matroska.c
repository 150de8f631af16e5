/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bytes of any kind through the follower of Matroska: once whole, and once in
 * pieces, whose length the first byte says.
 */
#include "container/matroska-follower.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
follow (const uint8_t *data, size_t size, size_t piece, gboolean jumps)
{
  g_autoptr (WeirMatroskaFollower) follower = weir_matroska_follower_new ();

  for (size_t i = 0; i < size; i += piece) {
    g_auto (WeirPlace) place = { FALSE, NULL, 0 };
    size_t n = MIN (piece, size - i);

    weir_matroska_follower_push (follower, data + i, n, &place);
    g_assert_cmpuint (place.offset, <=, n);
    if (place.front) {
      g_assert_true (weir_matroska_follower_is_on (follower));
      /* Three elements and their heads, two heads more. */
      g_assert_cmpuint (g_bytes_get_size (place.front), <,
          3 * WEIR_MATROSKA_HEADER_MAX + 100);
    }
    if (jumps && i / piece % 16 == 15)
      weir_matroska_follower_jump (follower);
  }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  if (size == 0)
    return 0;
  follow (data + 1, size - 1, MAX (size - 1, 1), FALSE);
  follow (data + 1, size - 1, 1 + data[0] % 128, data[0] >= 128);
  return 0;
}
