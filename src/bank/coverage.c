/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Times by reference: counted, put in place, sorted. */
#include "bank/coverage.h"

#include "bank/audio-order.h"
#include "bank/video-order.h"

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
  /* They mostly lie in order. */
  for (guint32 i = 1; i < n_times; i++) {
    if (times[i] < times[i - 1]) {
      qsort (times, n_times, sizeof (guint32), compare_times);
      return;
    }
  }
}

static GArray *
count_fingerprints (
    const GArray *video, const GArray *audio, guint32 n_references)
{
  GArray *array = g_array_sized_new (
      FALSE, TRUE, sizeof (WeirBankReferenceSpan), n_references);
  WeirBankReferenceSpan *spans;
  guint32 first = 0;

  g_array_set_size (array, n_references);
  spans = (WeirBankReferenceSpan *) array->data;
  for (guint i = 0; i < video->len; i++)
    spans[g_array_index (video, WeirVideoEntry, i).info.reference].n_video++;
  for (guint i = 0; i < audio->len; i++)
    spans[g_array_index (audio, WeirAudioEntry, i).reference].n_audio++;
  for (guint32 i = 0; i < n_references; i++) {
    spans[i].first_time = first;
    first += spans[i].n_video;
  }
  return array;
}

GArray *
weir_coverage_build (const GArray *video, const GArray *audio,
    guint32 n_references, GArray **times)
{
  GArray *spans = count_fingerprints (video, audio, n_references);
  GArray *all = g_array_sized_new (FALSE, FALSE, sizeof (guint32), video->len);

  g_array_set_size (all, video->len);
  for (guint i = 0; i < video->len; i++) {
    const WeirBankVideoInfo *info =
        &g_array_index (video, WeirVideoEntry, i).info;
    WeirBankReferenceSpan *span =
        &g_array_index (spans, WeirBankReferenceSpan, info->reference);

    g_array_index (all, guint32, span->first_time++) = info->time;
  }
  for (guint32 i = 0; i < n_references; i++) {
    WeirBankReferenceSpan *span =
        &g_array_index (spans, WeirBankReferenceSpan, i);

    span->first_time -= span->n_video;
    if (span->n_video > 1)
      sort_times (
          &g_array_index (all, guint32, span->first_time), span->n_video);
  }
  *times = all;
  return spans;
}

gboolean
weir_coverage_has (const WeirBankReferenceSpan *span, const guint32 *times,
    guint32 begin, guint32 end)
{
  guint32 low = span->first_time;
  guint32 high = span->first_time + span->n_video;
  const guint32 stop = high;

  while (low < high) {
    guint32 middle = low + (high - low) / 2;

    if (times[middle] < begin)
      low = middle + 1;
    else
      high = middle;
  }
  return low < stop && times[low] <= end;
}
