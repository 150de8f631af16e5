/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a follower of a container passes by. */

#include "container/body.h"

void
weir_body_init (WeirBody *body)
{
  *body = (WeirBody){ .kept = g_byte_array_new () };
}

void
weir_body_finish (WeirBody *body)
{
  g_clear_pointer (&body->kept, g_byte_array_unref);
}

void
weir_body_skip (WeirBody *body, guint64 n_bytes)
{
  body->left = n_bytes;
  body->place = NULL;
}

void
weir_body_keep (WeirBody *body, GByteArray *place, const guint8 *head,
    guint n_head, guint64 n_bytes)
{
  g_byte_array_set_size (place, 0);
  g_byte_array_set_size (body->kept, 0);
  g_byte_array_append (body->kept, head, n_head);
  body->left = n_bytes;
  body->place = place;
}

gsize
weir_body_take (WeirBody *body, const guint8 *bytes, gsize size)
{
  gsize n = (gsize) MIN (body->left, size);

  if (body->place)
    g_byte_array_append (body->kept, bytes, (guint) n);
  body->left -= n;
  if (body->left == 0 && body->place)
    g_byte_array_append (body->place, body->kept->data, body->kept->len);
  return n;
}
