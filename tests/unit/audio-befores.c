/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Peaks before an anchor, found once for all its pairs. */
#include "match/audio-befores.h"

#define BEFORE(bin_step, row_step) (((bin_step) + 64) << 6 | (row_step))

/* Two peaks before it, of which one is 10.5 rows back. */
static WeirPair
make_pair (guint32 anchor)
{
  return (WeirPair){
    .anchor = anchor,
    .n_before = 2,
    .before = { { 3.25f, 10.5f }, { -20.5f, 30.5f } },
  };
}

static void
assert_run (
    const WeirPairBefores *befores, guint number, guint first, guint last)
{
  g_assert_cmpuint (number, <, befores->n_runs);
  g_assert_cmpuint (befores->runs[number].first, ==, first);
  g_assert_cmpuint (befores->runs[number].last, ==, last);
}

/* Cells on either side, in ascending order, two rows as one. */
static void
test_runs (void)
{
  WeirKnownBefores known = { 0 };
  WeirPair pair = make_pair (7);
  const WeirPairBefores *befores = weir_known_befores_get (&known, &pair, 1);

  g_assert_cmpuint (befores->n_runs, ==, 4);
  assert_run (befores, 0, BEFORE (-21, 30), BEFORE (-21, 31));
  assert_run (befores, 1, BEFORE (-20, 30), BEFORE (-20, 31));
  assert_run (befores, 2, BEFORE (3, 10), BEFORE (3, 11));
  assert_run (befores, 3, BEFORE (4, 10), BEFORE (4, 11));

  pair.n_before = 0;
  g_assert_cmpuint (weir_known_befores_get (&known, &pair, 1)->n_runs, ==, 0);
}

/* Peaks of which one follows the other share a run. */
static void
test_neighbours (void)
{
  WeirKnownBefores known = { 0 };
  WeirPair pair = make_pair (7);
  const WeirPairBefores *befores;

  pair.before[1].bin_step = 3.5f;
  pair.before[1].row_step = 12.5f;
  befores = weir_known_befores_get (&known, &pair, 1);
  g_assert_cmpuint (befores->n_runs, ==, 2);
  assert_run (befores, 0, BEFORE (3, 10), BEFORE (3, 13));
  assert_run (befores, 1, BEFORE (4, 10), BEFORE (4, 13));
}

/* What is remembered is of the same peaks at the same stretch. */
static void
test_memory (void)
{
  WeirKnownBefores known = { 0 };
  WeirPair pair = make_pair (7), same = pair, other;

  weir_known_befores_get (&known, &pair, 1);
  same.row_step = 20;
  g_assert_cmpuint (weir_known_befores_get (&known, &same, 1)->n_runs, ==, 4);
  assert_run (weir_known_befores_get (&known, &same, 1), 2, BEFORE (3, 10),
      BEFORE (3, 11));
  assert_run (weir_known_befores_get (&known, &pair, 2), 2, BEFORE (3, 21),
      BEFORE (3, 22));
  assert_run (weir_known_befores_get (&known, &pair, 1), 2, BEFORE (3, 10),
      BEFORE (3, 11));

  /* Other peaks under the same number, and under one that takes its place. */
  other = pair;
  other.before[0].bin_step = 5.5f;
  assert_run (weir_known_befores_get (&known, &other, 1), 2, BEFORE (5, 10),
      BEFORE (5, 11));
  other.anchor += WEIR_KNOWN_BEFORES_ANCHORS;
  other.n_before = 1;
  g_assert_cmpuint (weir_known_befores_get (&known, &other, 1)->n_runs, ==, 2);
  g_assert_cmpuint (weir_known_befores_get (&known, &pair, 1)->n_runs, ==, 4);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/audio-befores/runs", test_runs);
  g_test_add_func ("/audio-befores/neighbours", test_neighbours);
  g_test_add_func ("/audio-befores/memory", test_memory);
  return g_test_run ();
}
