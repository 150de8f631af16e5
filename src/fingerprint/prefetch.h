/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Asking for memory before it is needed.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Has the cache line of @address, which need not be valid, fetched into the
 * second cache. The first is small, often full of what is at hand, and waits
 * for fewer lines at a time: on a Zen 4 PDQ takes half as long as with lines
 * fetched into the first, and lookups of pictures take four fifths. */
static inline void
weir_prefetch (gconstpointer address)
{
  __builtin_prefetch (address, 0, 2);
}

G_END_DECLS
