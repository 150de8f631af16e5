/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Of looks that are alike, one each tenth of a second is kept. */

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

static void
test_alike (void)
{
  WeirLookFilter filter = { .keep_distance = 2 };

  g_assert_true (keeps (&filter, WEIR_VIEW_PLAIN, 0, 0, 0));
  g_assert_false (keeps (&filter, WEIR_VIEW_PLAIN, 0, 2, 40));
  g_assert_true (keeps (&filter, WEIR_VIEW_PLAIN, 0, 4, 80));
  g_assert_false (keeps (&filter, WEIR_VIEW_PLAIN, 0, 4, 120));
  g_assert_true (keeps (&filter, WEIR_VIEW_PLAIN, 0, 4, 180));
}

/* Parts are kept more sparingly; each view is by itself, and so is a part of
 * the frame beside that within its borders. */
static void
test_apart (void)
{
  WeirLookFilter filter = { .keep_distance = 2 };

  g_assert_true (keeps (&filter, WEIR_VIEW_MIDDLE, 0, 0, 0));
  g_assert_true (keeps (&filter, WEIR_VIEW_TOP_LEFT, 0, 0, 0));
  g_assert_true (keeps (&filter, WEIR_VIEW_MIDDLE, WEIR_EDIT_BORDERED, 64, 0));
  g_assert_false (keeps (&filter, WEIR_VIEW_MIDDLE, 0, 8, 40));
  g_assert_false (
      keeps (&filter, WEIR_VIEW_MIDDLE, WEIR_EDIT_BORDERED, 72, 40));
  g_assert_true (keeps (&filter, WEIR_VIEW_MIDDLE, 0, 12, 80));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/look-filter/alike", test_alike);
  g_test_add_func ("/look-filter/apart", test_apart);
  return g_test_run ();
}
