/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The index that is none: an exact linear scan. Half a hash rejects almost
 * every candidate: two random halves are within 31 of 128 bits once in 3e8.
 */
#include "bank/index.h"

/* Compiled once for every instruction set below, hence inline at all costs. */
__attribute__ ((always_inline)) static inline void
scan (const WeirVideoIndex *index, const WeirPdqHash *query, guint radius,
    WeirVideoIndexFound found, gpointer user_data)
{
  const WeirPdqHash wanted = *query;
  const WeirPdqHash *hashes = index->hashes;
  guint32 i;

  for (i = 0; i < index->n_hashes; i++) {
    const guint64 *words = hashes[i].words;
    guint distance =
        (guint) (__builtin_popcountll (words[0] ^ wanted.words[0]) +
                 __builtin_popcountll (words[1] ^ wanted.words[1]));

    if (G_LIKELY (distance > radius))
      continue;
    distance += (guint) (__builtin_popcountll (words[2] ^ wanted.words[2]) +
                         __builtin_popcountll (words[3] ^ wanted.words[3]));
    if (distance <= radius)
      found (i, distance, user_data);
  }
}

#ifdef __x86_64__

/* Chosen at each call rather than by target_clones: its resolvers run before
 * the sanitizers are ready, and not every libc has them. */
__attribute__ ((target ("popcnt"))) static void
scan_popcnt (const WeirVideoIndex *index, const WeirPdqHash *query,
    guint radius, WeirVideoIndexFound found, gpointer user_data)
{
  scan (index, query, radius, found, user_data);
}

#endif

void
weir_video_index_lookup (const WeirVideoIndex *index, const WeirPdqHash *query,
    guint radius, WeirVideoIndexFound found, gpointer user_data)
{
#ifdef __x86_64__
  if (__builtin_cpu_supports ("popcnt")) {
    scan_popcnt (index, query, radius, found, user_data);
    return;
  }
#endif
  scan (index, query, radius, found, user_data);
}
