/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a demuxer is given where a stream is taken up again. */

#include "take-up.h"

#define PIECE_MAX 64

static GByteArray *
begin_at (const guint8 *bytes, gsize size, const WeirPlace *place)
{
  GByteArray *taken = g_byte_array_new ();
  gsize n_front;
  const guint8 *front = g_bytes_get_data (place->front, &n_front);

  g_assert_cmpuint (place->offset, <=, size);
  g_byte_array_append (taken, front, (guint) n_front);
  g_byte_array_append (
      taken, bytes + place->offset, (guint) (size - place->offset));
  return taken;
}

GByteArray *
take_up (const TakeUpKind *kind, const GByteArray *bytes, gsize from,
    gsize piece, guint *n_lost)
{
  gpointer follower = kind->new ();
  GByteArray *taken = NULL;
  gsize i;

  *n_lost = 0;
  for (i = 0; i < bytes->len; i += piece) {
    g_auto (WeirPlace) place = { FALSE, NULL, 0 };
    gsize size = MIN (piece, bytes->len - i);

    kind->push (follower, bytes->data + i, size, &place);
    *n_lost += place.lost;
    if (taken)
      g_byte_array_append (taken, bytes->data + i, (guint) size);
    else if (place.front && i + place.offset > from)
      taken = begin_at (bytes->data + i, size, &place);
  }
  kind->free (follower);
  return taken;
}

void
assert_taken_up (const TakeUpKind *kind, const GByteArray *bytes, gsize from,
    const GByteArray *expected, guint lost)
{
  gsize piece;

  for (piece = 1; piece <= PIECE_MAX; piece++) {
    guint n_lost;
    g_autoptr (GByteArray) taken = take_up (kind, bytes, from, piece, &n_lost);

    g_assert_cmpuint (n_lost, ==, lost);
    g_assert_nonnull (taken);
    g_assert_cmpmem (taken->data, taken->len, expected->data, expected->len);
  }
}
