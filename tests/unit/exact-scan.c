/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Half of each hash in columns, block by block. */
#include "exact-scan.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

/* Hashes of which half is in the second level of caches. */
#define BLOCK 8192
#define LANES 8

/* The hashes of a block whose half is near that of a query; returns how many
 * they are. */
typedef guint (*FindCandidates) (const guint64 *first, const guint64 *second,
    guint n, const WeirPdqHash *query, guint radius, guint16 *candidates);

struct _ExactScan {
  const WeirPdqHash *hashes;
  guint32 n_hashes;
  guint64 *first; /* words[0] of each hash, then words[1] */
  guint64 *second;
  FindCandidates find_candidates;
};

static guint
find_candidates (const guint64 *first, const guint64 *second, guint n,
    const WeirPdqHash *query, guint radius, guint16 *candidates)
{
  guint n_found = 0;

  for (guint i = 0; i < n; i++) {
    guint distance = (guint) __builtin_popcountll (first[i] ^ query->words[0]) +
                     (guint) __builtin_popcountll (second[i] ^ query->words[1]);

    if (distance <= radius)
      candidates[n_found++] = (guint16) i;
  }
  return n_found;
}

#if defined(__x86_64__)

__attribute__ ((target ("avx512f,avx512vpopcntdq"))) static guint
find_candidates_avx512 (const guint64 *first, const guint64 *second, guint n,
    const WeirPdqHash *query, guint radius, guint16 *candidates)
{
  const __m512i left = _mm512_set1_epi64 ((long long) query->words[0]);
  const __m512i right = _mm512_set1_epi64 ((long long) query->words[1]);
  const __m512i limit = _mm512_set1_epi64 (radius);
  const guint n_vectors = n / LANES;
  guint n_found = 0;

  for (guint i = 0; i < n_vectors; i++) {
    __m512i distance = _mm512_add_epi64 (
        _mm512_popcnt_epi64 (_mm512_xor_si512 (
            _mm512_loadu_si512 (first + (gsize) LANES * i), left)),
        _mm512_popcnt_epi64 (_mm512_xor_si512 (
            _mm512_loadu_si512 (second + (gsize) LANES * i), right)));
    guint near = _mm512_cmple_epu64_mask (distance, limit);

    for (; near != 0; near &= near - 1)
      candidates[n_found++] =
          (guint16) (LANES * i + (guint) __builtin_ctz (near));
  }
  for (guint i = n_vectors * LANES; i < n; i++)
    if (find_candidates (
            first + i, second + i, 1, query, radius, candidates + n_found) > 0)
      candidates[n_found++] = (guint16) i;
  return n_found;
}

#endif

ExactScan *
exact_scan_new (const WeirPdqHash *hashes, guint32 n_hashes)
{
  ExactScan *scan = g_new0 (ExactScan, 1);

  scan->hashes = hashes;
  scan->n_hashes = n_hashes;
  scan->first = g_new (guint64, n_hashes);
  scan->second = g_new (guint64, n_hashes);
  for (guint32 i = 0; i < n_hashes; i++) {
    scan->first[i] = hashes[i].words[0];
    scan->second[i] = hashes[i].words[1];
  }
  scan->find_candidates = find_candidates;
#if defined(__x86_64__)
  if (__builtin_cpu_supports ("avx512vpopcntdq"))
    scan->find_candidates = find_candidates_avx512;
#endif
  return scan;
}

void
exact_scan_free (ExactScan *scan)
{
  g_free (scan->first);
  g_free (scan->second);
  g_free (scan);
}

static void
scan_block (const ExactScan *scan, guint32 start, guint n, guint32 number,
    const WeirPdqHash *query, guint radius, GArray *hits)
{
  guint16 candidates[BLOCK];
  guint n_candidates = scan->find_candidates (
      scan->first + start, scan->second + start, n, query, radius, candidates);

  for (guint i = 0; i < n_candidates; i++) {
    ExactHit hit = { number, start + candidates[i], 0 };

    hit.distance = weir_pdq_distance (query, &scan->hashes[hit.position]);
    if (hit.distance <= radius)
      g_array_append_val (hits, hit);
  }
}

void
exact_scan_find (const ExactScan *scan, const WeirPdqHash *queries,
    guint n_queries, guint radius, GArray *hits)
{
  for (guint32 start = 0; start < scan->n_hashes; start += BLOCK)
    for (guint i = 0; i < n_queries; i++)
      scan_block (scan, start, MIN (BLOCK, scan->n_hashes - start), i,
          &queries[i], radius, hits);
}

static gint
compare_hits (gconstpointer a, gconstpointer b)
{
  const ExactHit *first = a;
  const ExactHit *second = b;

  if (first->query != second->query)
    return first->query < second->query ? -1 : 1;
  return (first->position > second->position) -
         (first->position < second->position);
}

void
exact_hits_sort (GArray *hits)
{
  g_array_sort (hits, compare_hits);
}
