/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "soak-counts.h"

#include <stdio.h>

#define HOLD_ACCURACY (5 * G_TIME_SPAN_MILLISECOND)
#define LATE_SHOWN    100 /* buffers */

/* Without a lock: a thread that has it and no core would hold all others up. */
SoakCounts soak_counts;

void
soak_counts_add_at (guint64 *counter, guint64 n)
{
  __atomic_fetch_add (counter, n, __ATOMIC_RELAXED);
}

static void
raise_to (guint64 *counter, gint64 value)
{
  guint64 least = (guint64) MAX (value, 0);
  guint64 now = __atomic_load_n (counter, __ATOMIC_RELAXED);

  while (now < least && !__atomic_compare_exchange_n (counter, &now, least,
                            TRUE, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
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
soak_counts_judge_time (const gchar *who, gint64 beyond, gint64 waited)
{
  static gint n_shown;
  gint64 own = beyond - waited;
  g_autofree gchar *text = NULL;

  soak_count (out);
  soak_count_n (late, beyond > SOAK_LATE);
  soak_count_n (late_own, own > SOAK_LATE);
  soak_count_n (early, beyond < -HOLD_ACCURACY);
  raise_to (&soak_counts.longest, beyond);
  raise_to (&soak_counts.longest_own, own);
  if (own <= SOAK_LATE || g_atomic_int_add (&n_shown, 1) >= LATE_SHOWN)
    return;
  text = g_strdup_printf (
      "a buffer left %.0f ms late, %.0f of them for want of a core",
      beyond / 1e3, waited / 1e3);
  complain (who, text);
}

void
soak_counts_add_error (const gchar *who, const gchar *text)
{
  soak_count (errors);
  complain (who, text);
}

void
soak_counts_take (SoakCounts *counts)
{
  guint64 *from = (guint64 *) &soak_counts, *to = (guint64 *) counts;
  gsize i;

  G_STATIC_ASSERT (sizeof (SoakCounts) % sizeof (guint64) == 0);
  for (i = 0; i < sizeof (SoakCounts) / sizeof (guint64); i++)
    to[i] = __atomic_exchange_n (&from[i], 0, __ATOMIC_RELAXED);
}

void
soak_counts_sum (SoakCounts *sum, const SoakCounts *counts)
{
  sum->in += counts->in;
  sum->out += counts->out;
  sum->lost += counts->lost;
  sum->late += counts->late;
  sum->late_own += counts->late_own;
  sum->early += counts->early;
  sum->withheld += counts->withheld;
  sum->overslept += counts->overslept;
  sum->connections += counts->connections;
  sum->codec_changes += counts->codec_changes;
  sum->jumps += counts->jumps;
  sum->new_pads += counts->new_pads;
  sum->matches += counts->matches;
  sum->cuts += counts->cuts;
  sum->banks += counts->banks;
  sum->blind += counts->blind;
  sum->dropped += counts->dropped;
  sum->errors += counts->errors;
  sum->longest = MAX (sum->longest, counts->longest);
  sum->longest_own = MAX (sum->longest_own, counts->longest_own);
}
