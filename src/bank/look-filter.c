/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which looks at a work go into a bank. */
#include "bank/look-filter.h"

/* Matching allows for more than the interval, ns. Parts, which are many, are
 * kept more sparingly. */
#define KEEP_INTERVAL      G_GINT64_CONSTANT (100000000)
#define KEEP_DISTANCE_PART 10

gboolean
weir_look_filter_keeps (
    WeirLookFilter *filter, WeirView view, const WeirPdqHash *hash, gint64 time)
{
  guint distance = filter->keep_distance;

  if (weir_view_is_part (view))
    distance = MAX (distance, KEEP_DISTANCE_PART);
  if (filter->kept[view].is_set && time >= filter->kept[view].time &&
      time - filter->kept[view].time < KEEP_INTERVAL &&
      weir_pdq_distance (hash, &filter->kept[view].hash) <= distance)
    return FALSE;
  filter->kept[view].is_set = TRUE;
  filter->kept[view].hash = *hash;
  filter->kept[view].time = time;
  return TRUE;
}
