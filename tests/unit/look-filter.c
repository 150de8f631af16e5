/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Of a view one look is kept each step, or each hold while it stands. */

#include "bank/look-filter.h"

#define MS G_GINT64_CONSTANT (1000000)

static WeirPdqHash
make_hash (guint n_bits)
{
  WeirPdqHash hash = { { 0 } };
  guint8 *bytes = (guint8 *) &hash;
  guint i;

  for (i = 0; i < n_bits; i++)
    bytes[i / 8] |= (guint8) (1 << i % 8);
  return hash;
}

static gboolean
keeps (WeirLookFilter *filter, WeirView view, WeirEdits edits, guint n_bits,
    gint64 ms)
{
  const WeirPdqHash hash = make_hash (n_bits);

  return weir_look_filter_keeps (filter, view, edits, &hash, ms * MS);
}

/* How many of the looks at @view, one each 20 ms for 12 s, are kept, when each
 * is @n_bits from the last. */
static guint
count_kept (WeirView view, guint n_bits)
{
  WeirLookFilter filter = { .keep_distance = 2 };
  guint n_kept = 0;

  for (gint64 ms = 0; ms < 12000; ms += 20)
    n_kept += keeps (&filter, view, 0, ms / 20 % 2 == 0 ? 0 : n_bits, ms);
  return n_kept;
}

static void
test_whole (void)
{
  WeirLookFilter filter = { .keep_distance = 2 };

  g_assert_true (keeps (&filter, WEIR_VIEW_PLAIN, 0, 0, 0));
  g_assert_false (keeps (&filter, WEIR_VIEW_PLAIN, 0, 80, 40));
  g_assert_false (keeps (&filter, WEIR_VIEW_PLAIN, 0, 2, 80));
  g_assert_true (keeps (&filter, WEIR_VIEW_PLAIN, 0, 4, 80));
  g_assert_false (keeps (&filter, WEIR_VIEW_PLAIN, 0, 4, 160));
  g_assert_true (keeps (&filter, WEIR_VIEW_PLAIN, 0, 4, 180));
}

/* Time that goes back is another showing. */
static void
test_back (void)
{
  WeirLookFilter filter = { .keep_distance = 2 };

  g_assert_true (keeps (&filter, WEIR_VIEW_PLAIN, 0, 0, 500));
  g_assert_true (keeps (&filter, WEIR_VIEW_PLAIN, 0, 0, 480));
  g_assert_true (keeps (&filter, WEIR_VIEW_MIDDLE, 0, 0, 500));
  g_assert_true (keeps (&filter, WEIR_VIEW_MIDDLE, 0, 0, 480));
}

/* What moves is kept each step, what stands each hold, whichever the part. */
static void
test_rates (void)
{
  guint view;

  g_assert_cmpuint (count_kept (WEIR_VIEW_PLAIN, 0), ==, 120);
  g_assert_cmpuint (count_kept (WEIR_VIEW_PLAIN, 30), ==, 200);
  for (view = WEIR_VIEW_TOP_LEFT; view < WEIR_N_VIEWS; view++) {
    g_assert_cmpuint (count_kept ((WeirView) view, 0), ==, 40);
    g_assert_cmpuint (count_kept ((WeirView) view, 10), ==, 40);
    g_assert_cmpuint (count_kept ((WeirView) view, 12), >=, 119);
    g_assert_cmpuint (count_kept ((WeirView) view, 12), <=, 121);
  }
}

/* Where all parts move not all are kept of the same picture. */
static void
test_turns (void)
{
  WeirLookFilter filter = { .keep_distance = 2 };
  guint most = 0, view;

  for (gint64 ms = 0; ms < 12000; ms += 40) {
    guint n_kept = 0;

    for (view = WEIR_VIEW_TOP_LEFT; view < WEIR_N_VIEWS; view++)
      n_kept +=
          keeps (&filter, (WeirView) view, 0, (guint) (ms / 40 % 5) * 30, ms);
    if (ms >= 1000)
      most = MAX (most, n_kept);
  }
  g_assert_cmpuint (most, >, 0);
  g_assert_cmpuint (most, <, 6);
}

/* Each view is by itself, and so is a part of the frame beside that within its
 * borders. */
static void
test_apart (void)
{
  WeirLookFilter filter = { .keep_distance = 2 };

  g_assert_true (keeps (&filter, WEIR_VIEW_MIDDLE, 0, 0, 0));
  g_assert_true (keeps (&filter, WEIR_VIEW_TOP_LEFT, 0, 0, 0));
  g_assert_true (keeps (&filter, WEIR_VIEW_MIDDLE, WEIR_EDIT_BORDERED, 64, 0));
  g_assert_false (keeps (&filter, WEIR_VIEW_MIDDLE, 0, 10, 200));
  g_assert_false (
      keeps (&filter, WEIR_VIEW_MIDDLE, WEIR_EDIT_BORDERED, 74, 200));
  g_assert_true (keeps (&filter, WEIR_VIEW_MIDDLE, 0, 12, 200));
  g_assert_true (keeps (&filter, WEIR_VIEW_TOP_LEFT, 0, 12, 200));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/look-filter/whole", test_whole);
  g_test_add_func ("/look-filter/back", test_back);
  g_test_add_func ("/look-filter/rates", test_rates);
  g_test_add_func ("/look-filter/turns", test_turns);
  g_test_add_func ("/look-filter/apart", test_apart);
  return g_test_run ();
}
