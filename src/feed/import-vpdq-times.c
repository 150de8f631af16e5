/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The times of a vPDQ file's frames.
 */
#include "feed/import-vpdq-times.h"

#include <math.h>

static WeirImportFrame *
get_frame (GArray *frames, guint i)
{
  return &g_array_index (frames, WeirImportFrame, i);
}

static gboolean
are_usable (GArray *frames)
{
  gboolean differ = frames->len < 2;
  guint i;

  for (i = 0; i < frames->len; i++) {
    if (get_frame (frames, i)->seconds < 0)
      return FALSE;
    if (get_frame (frames, i)->seconds != get_frame (frames, 0)->seconds)
      differ = TRUE;
  }
  return differ;
}

static void
count_frames (GArray *frames)
{
  guint i;

  for (i = 0; i < frames->len; i++) {
    WeirImportFrame *frame = get_frame (frames, i);

    frame->seconds = MIN ((gdouble) frame->number / WEIR_IMPORT_DEFAULT_RATE,
        WEIR_IMPORT_MAX_SECONDS);
  }
}

/* Half of the third significant digit's unit, and a little for binary
 * fractions. */
static gdouble
get_rounding (gdouble seconds)
{
  gdouble digit = seconds > 0 ? floor (log10 (seconds)) - 2 : -3;

  return 0.5001 * pow (10, digit);
}

/* Each time allows a range of intervals; what all of them allow is left. */
static void
space_equally (GArray *frames)
{
  gdouble first = get_frame (frames, 0)->seconds;
  gdouble shortest = 0, longest = HUGE_VAL;
  guint i;

  for (i = 1; i < frames->len; i++) {
    gdouble seconds = get_frame (frames, i)->seconds;
    gdouble rounding = get_rounding (seconds) + get_rounding (first);

    shortest = MAX (shortest, (seconds - first - rounding) / i);
    longest = MIN (longest, (seconds - first + rounding) / i);
  }
  if (frames->len < 2 || shortest > longest)
    return;
  for (i = 1; i < frames->len; i++)
    get_frame (frames, i)->seconds =
        MIN (first + i * (shortest + longest) / 2, WEIR_IMPORT_MAX_SECONDS);
}

gdouble
weir_import_settle_times (GArray *frames, gboolean rounded)
{
  gdouble first = HUGE_VAL, last = 0;
  guint i;

  if (!are_usable (frames))
    count_frames (frames);
  else if (rounded)
    space_equally (frames);
  for (i = 0; i < frames->len; i++) {
    first = MIN (first, get_frame (frames, i)->seconds);
    last = MAX (last, get_frame (frames, i)->seconds);
  }
  return frames->len > 1 ? last + (last - first) / (frames->len - 1) : last;
}
