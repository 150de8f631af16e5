/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which looks at a work go into a bank. */
#include "bank/look-filter.h"

/* Matching allows for more than the interval, ns. Parts, which are many, are
 * kept more sparingly. */
#define KEEP_INTERVAL      G_GINT64_CONSTANT (100000000)
#define KEEP_DISTANCE_PART 10

gboolean
weir_look_filter_keeps (WeirLookFilter *filter, WeirView view, WeirEdits edits,
    const WeirPdqHash *hash, gint64 time)
{
  WeirKeptLook *kept = &filter->kept[view][(edits & WEIR_EDIT_BORDERED) != 0];
  guint distance = filter->keep_distance;

  if (weir_view_is_part (view))
    distance = MAX (distance, KEEP_DISTANCE_PART);
  if (kept->is_set && time >= kept->time && time - kept->time < KEEP_INTERVAL &&
      weir_pdq_distance (hash, &kept->hash) <= distance)
    return FALSE;
  kept->is_set = TRUE;
  kept->hash = *hash;
  kept->time = time;
  return TRUE;
}
