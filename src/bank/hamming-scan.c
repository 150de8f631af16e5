/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An exact linear scan. Half a hash rejects almost every candidate: two random
 * halves are within 31 of 128 bits once in 3e8.
 */
#include "bank/hamming-scan.h"

/* Compiled once for every instruction set below, hence inline at all costs. */
__attribute__ ((always_inline)) static inline void
scan (const WeirPdqHash *hashes, guint32 first, guint32 n_hashes,
    const WeirPdqHash *query, guint query_number, guint radius,
    WeirVideoIndexFound found, gpointer user_data)
{
  const WeirPdqHash wanted = *query;
  const guint32 end = first + n_hashes;

  for (guint32 i = first; i < end; i++) {
    const guint64 *words = hashes[i].words;
    guint distance =
        (guint) (__builtin_popcountll (words[0] ^ wanted.words[0]) +
                 __builtin_popcountll (words[1] ^ wanted.words[1]));

    if (G_LIKELY (distance > radius))
      continue;
    distance += (guint) (__builtin_popcountll (words[2] ^ wanted.words[2]) +
                         __builtin_popcountll (words[3] ^ wanted.words[3]));
    if (distance <= radius)
      found (query_number, i, distance, user_data);
  }
}

#ifdef __x86_64__

/* Chosen at each call rather than by target_clones: its resolvers run before
 * the sanitizers are ready, and not every libc has them. */
__attribute__ ((target ("popcnt"))) static void
scan_popcnt (const WeirPdqHash *hashes, guint32 first, guint32 n_hashes,
    const WeirPdqHash *query, guint query_number, guint radius,
    WeirVideoIndexFound found, gpointer user_data)
{
  scan (hashes, first, n_hashes, query, query_number, radius, found, user_data);
}

#endif

void
weir_hamming_scan (const WeirPdqHash *hashes, guint32 first, guint32 n_hashes,
    const WeirPdqHash *query, guint query_number, guint radius,
    WeirVideoIndexFound found, gpointer user_data)
{
#ifdef __x86_64__
  if (__builtin_cpu_supports ("popcnt")) {
    scan_popcnt (
        hashes, first, n_hashes, query, query_number, radius, found, user_data);
    return;
  }
#endif
  scan (hashes, first, n_hashes, query, query_number, radius, found, user_data);
}
