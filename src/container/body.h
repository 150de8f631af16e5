/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a follower of a container passes by, and keeps if that is told. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The bytes up to the next head. Not thread-safe. */
typedef struct {
  guint64 left;      /* that are to come */
  GByteArray *kept;  /* what has come of those that are kept */
  GByteArray *place; /* where these go once they are whole; NULL: none are */
} WeirBody;

void weir_body_init (WeirBody *body);
void weir_body_finish (WeirBody *body);

/* @n_bytes are to come that nobody needs. */
void weir_body_skip (WeirBody *body, guint64 n_bytes);

/* @n_bytes are to come that are put into @place, which is empty until then,
 * behind @head. Bounded by the caller. @place must outlive that. */
void weir_body_keep (WeirBody *body, GByteArray *place, const guint8 *head,
    guint n_head, guint64 n_bytes);

/* Takes what it can of @size bytes; returns how many. It is over when none are
 * left. */
gsize weir_body_take (WeirBody *body, const guint8 *bytes, gsize size);

G_END_DECLS
