/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where references have video fingerprints: sorted times of each. */

#include "bank/coverage.h"

#include <stdlib.h>

static int
compare_times (const void *a, const void *b)
{
  const guint32 *left = a, *right = b;

  return (*left > *right) - (*left < *right);
}

static void
sort_times (guint32 *times, guint32 n_times)
{
  guint32 i;

  /* They mostly lie in order. */
  for (i = 1; i < n_times; i++) {
    if (times[i] < times[i - 1]) {
      qsort (times, n_times, sizeof (guint32), compare_times);
      return;
    }
  }
}

void
weir_video_coverage_init (WeirVideoCoverage *coverage,
    const WeirBankVideoInfo *infos, guint32 n_infos, guint32 n_references)
{
  guint32 *first = g_new0 (guint32, (gsize) n_references + 2);
  guint32 *times = g_new (guint32, MAX (n_infos, 1));
  guint32 i;

  /* Counted two places up, so that filling moves each start to its place. */
  for (i = 0; i < n_infos; i++)
    first[infos[i].reference + 2]++;
  for (i = 2; i < n_references + 2; i++)
    first[i] += first[i - 1];
  for (i = 0; i < n_infos; i++)
    times[first[infos[i].reference + 1]++] = infos[i].time;
  for (i = 0; i < n_references; i++)
    sort_times (times + first[i], first[i + 1] - first[i]);
  *coverage = (WeirVideoCoverage){ .first = first, .times = times };
}

void
weir_video_coverage_clear (WeirVideoCoverage *coverage)
{
  g_clear_pointer (&coverage->first, g_free);
  g_clear_pointer (&coverage->times, g_free);
}

gboolean
weir_video_coverage_has (const WeirVideoCoverage *coverage, guint32 reference,
    guint32 begin, guint32 end)
{
  guint32 low = coverage->first[reference];
  guint32 high = coverage->first[reference + 1];
  guint32 stop = high;

  while (low < high) {
    guint32 middle = low + (high - low) / 2;

    if (coverage->times[middle] < begin)
      low = middle + 1;
    else
      high = middle;
  }
  return low < stop && coverage->times[low] <= end;
}
