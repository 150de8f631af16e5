/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * When a fingerprint was: the matcher counts in @time and hands the rest back
 * as it came, so that a match can be told in every clock its reader knows.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define WEIR_TIME_NONE ((guint64) -1)

/* Times are at most this, 73 years: sums of a few have room in a gint64. */
#define WEIR_TIME_MAX ((gint64) 1 << 61)

typedef struct {
  gint64 time;       /* ns on the matcher's own line, the same for audio and
                           video; does not go back but by a reset; from
                           -WEIR_TIME_MAX to WEIR_TIME_MAX */
  guint64 timestamp; /* ns, or WEIR_TIME_NONE; likewise the next two */
  guint64 stream_time;
  guint64 running_time;
  gint64 arrival; /* us, monotonic clock: when its buffer came in */
} WeirStamp;

/* The stamp of something that was @earlier ns before @stamp. */
static inline WeirStamp
weir_stamp_shift (const WeirStamp *stamp, gint64 earlier)
{
  WeirStamp shifted = *stamp;
  guint64 *clocks[] = { &shifted.timestamp, &shifted.stream_time,
    &shifted.running_time };
  guint i;

  shifted.time -= earlier;
  shifted.arrival -= earlier / 1000;
  for (i = 0; i < G_N_ELEMENTS (clocks); i++) {
    if (*clocks[i] == WEIR_TIME_NONE)
      continue;
    *clocks[i] = (gint64) *clocks[i] > earlier ? *clocks[i] - earlier : 0;
  }
  return shifted;
}

G_END_DECLS
