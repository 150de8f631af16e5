/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which looks at a work go into a bank. */
#include "bank/look-filter.h"

/* The number of the step that @time is in, for the part @view. */
static gint64
get_turn (WeirView view, gint64 time)
{
  gint64 shift = WEIR_LOOK_FILTER_PART_STEP * view / WEIR_N_VIEWS;

  return (time + shift) / WEIR_LOOK_FILTER_PART_STEP;
}

static gboolean
keeps_whole (const WeirLookFilter *filter, const WeirKeptLook *last,
    const WeirPdqHash *hash, gint64 time)
{
  gint64 passed = time - last->time;

  if (passed < 0 || passed >= WEIR_LOOK_FILTER_WHOLE_HOLD)
    return TRUE;
  return passed >= WEIR_LOOK_FILTER_WHOLE_STEP &&
         weir_pdq_distance (hash, &last->hash) > filter->keep_distance;
}

static gboolean
keeps_part (const WeirLookFilter *filter, const WeirKeptLook *last,
    WeirView view, const WeirPdqHash *hash, gint64 time)
{
  gint64 passed = time - last->time;
  guint distance = MAX (filter->keep_distance, WEIR_LOOK_FILTER_PART_DISTANCE);

  if (passed < 0 || passed >= WEIR_LOOK_FILTER_PART_HOLD)
    return TRUE;
  return get_turn (view, time) != get_turn (view, last->time) &&
         weir_pdq_distance (hash, &last->hash) > distance;
}

gboolean
weir_look_filter_keeps (WeirLookFilter *filter, WeirView view, WeirEdits edits,
    const WeirPdqHash *hash, gint64 time)
{
  WeirKeptLook *last = &filter->kept[view][(edits & WEIR_EDIT_BORDERED) != 0];

  if (last->is_set &&
      !(weir_view_is_part (view) ? keeps_part (filter, last, view, hash, time)
                                 : keeps_whole (filter, last, hash, time)))
    return FALSE;
  *last = (WeirKeptLook){ .is_set = TRUE, .hash = *hash, .time = time };
  return TRUE;
}
