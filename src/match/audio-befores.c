/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Peaks before an anchor. */
#include "match/audio-befores.h"

#include <string.h>

static void
sort (guint16 *befores, guint n)
{
  for (guint i = 1; i < n; i++) {
    guint16 moved = befores[i];
    guint j = i;

    for (; j > 0 && befores[j - 1] > moved; j--)
      befores[j] = befores[j - 1];
    befores[j] = moved;
  }
}

static void
find_befores (const WeirPair *pair, gfloat stretch, WeirPairBefores *found)
{
  guint16 befores[WEIR_PAIR_MAX_BEFORES];
  guint n = weir_pair_get_befores (pair, stretch, befores);

  sort (befores, n);
  found->n_runs = 0;
  for (guint i = 0; i < n; i++) {
    if (i > 0 && befores[i] <= befores[i - 1] + 1)
      found->runs[found->n_runs - 1].last = befores[i];
    else
      found->runs[found->n_runs++] =
          (WeirAudioBefores){ befores[i], befores[i] };
  }
}

const WeirPairBefores *
weir_known_befores_get (
    WeirKnownBefores *known, const WeirPair *pair, gfloat stretch)
{
  const guint number = pair->anchor % WEIR_KNOWN_BEFORES_ANCHORS;
  const WeirPair *other = &known->anchors[number].pair;
  WeirPairBefores *befores = &known->anchors[number].befores;
  gfloat other_stretch = known->anchors[number].stretch;

  if (other_stretch >= stretch && other_stretch <= stretch &&
      other->n_before == pair->n_before &&
      memcmp (other->before, pair->before,
          pair->n_before * sizeof (pair->before[0])) == 0)
    return befores;
  known->anchors[number].stretch = stretch;
  known->anchors[number].pair = *pair;
  find_befores (pair, stretch, befores);

  return befores;
}
