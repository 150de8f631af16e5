/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "soak-counts.h"

#include <stdio.h>

#define HOLD_ACCURACY (5 * G_TIME_SPAN_MILLISECOND)
#define LATE_SHOWN    100 /* buffers */

/* Without a lock: a thread that has it and no core would hold all others up. */
static guint64 counted[SOAK_N_COUNTS];

const gchar *
soak_count_to_string (SoakCount which)
{
  static const gchar *const names[SOAK_N_COUNTS] = {
    [SOAK_IN] = "in",
    [SOAK_OUT] = "out",
    [SOAK_LOST] = "lost",
    [SOAK_LATE] = "late",
    [SOAK_LATE_OWN] = "late-own",
    [SOAK_EARLY] = "early",
    [SOAK_WITHHELD] = "withheld",
    [SOAK_OVERSLEPT] = "overslept",
    [SOAK_CONNECTIONS] = "connections",
    [SOAK_CODEC_CHANGES] = "codec-changes",
    [SOAK_JUMPS] = "jumps",
    [SOAK_NEW_PADS] = "new-pads",
    [SOAK_MATCHES] = "matches",
    [SOAK_CUTS] = "cuts",
    [SOAK_BANKS] = "banks",
    [SOAK_BLIND] = "blind",
    [SOAK_DROPPED] = "dropped",
    [SOAK_ERRORS] = "errors",
    [SOAK_LONGEST] = "longest",
    [SOAK_LONGEST_OWN] = "longest-own",
  };

  return names[which];
}

void
soak_count (SoakCount which, guint64 n)
{
  __atomic_fetch_add (&counted[which], n, __ATOMIC_RELAXED);
}

static void
raise_to (SoakCount which, gint64 value)
{
  guint64 least = (guint64) MAX (value, 0);
  guint64 now = __atomic_load_n (&counted[which], __ATOMIC_RELAXED);

  while (now < least && !__atomic_compare_exchange_n (&counted[which], &now,
                            least, TRUE, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
    continue;
}

static void
complain (const gchar *who, const gchar *text)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree gchar *time = g_date_time_format (now, "%T");

  fprintf (stderr, "soak: %s: %s: %s\n", time, who, text);
}

void
soak_count_buffer (const gchar *who, gint64 beyond, gint64 waited)
{
  static gint n_shown;
  gint64 own = beyond - waited;
  g_autofree gchar *text = NULL;

  soak_count (SOAK_OUT, 1);
  soak_count (SOAK_LATE, beyond > SOAK_LATE_AFTER);
  soak_count (SOAK_LATE_OWN, own > SOAK_LATE_AFTER);
  soak_count (SOAK_EARLY, beyond < -HOLD_ACCURACY);
  raise_to (SOAK_LONGEST, beyond);
  raise_to (SOAK_LONGEST_OWN, own);
  if (own <= SOAK_LATE_AFTER || g_atomic_int_add (&n_shown, 1) >= LATE_SHOWN)
    return;
  text = g_strdup_printf (
      "a buffer left %.0f ms late, %.0f of them for want of a core",
      beyond / 1e3, waited / 1e3);
  complain (who, text);
}

void
soak_count_error (const gchar *who, const gchar *text)
{
  soak_count (SOAK_ERRORS, 1);
  complain (who, text);
}

void
soak_counts_take (SoakCounts *counts)
{
  guint i;

  for (i = 0; i < SOAK_N_COUNTS; i++)
    counts->n[i] = __atomic_exchange_n (&counted[i], 0, __ATOMIC_RELAXED);
}

void
soak_counts_add (SoakCounts *sum, const SoakCounts *counts)
{
  guint i;

  for (i = 0; i < SOAK_N_COUNTS; i++)
    sum->n[i] = i == SOAK_LONGEST || i == SOAK_LONGEST_OWN
                    ? MAX (sum->n[i], counts->n[i])
                    : sum->n[i] + counts->n[i];
}
