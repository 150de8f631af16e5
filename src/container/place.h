/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a container can be taken up again once some of it is lost. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What there was in a piece of a stream. */
typedef struct {
  /* There is something else than what would come next, if only the beginning of
   * another stream: a demuxer is lost. */
  gboolean lost;
  /* The first place where it can be taken up, or NULL: @front, followed by the
   * piece from @offset (up to its length) on. weir_place_clear(). */
  GBytes *front;
  gsize offset;
} WeirPlace;

static inline void
weir_place_clear (WeirPlace *place)
{
  g_clear_pointer (&place->front, g_bytes_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (WeirPlace, weir_place_clear)

G_END_DECLS
