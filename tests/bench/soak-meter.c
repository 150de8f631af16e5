/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "soak-meter.h"

#include <malloc.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FLAT 0.02 /* of the mean */

static guint
count_entries (const gchar *path)
{
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  guint n = 0;

  while (folder && g_dir_read_name (folder))
    n++;
  return n;
}

static guint64
read_rss (void)
{
  g_autofree gchar *text = NULL;
  unsigned long size, resident;

  if (!g_file_get_contents ("/proc/self/statm", &text, NULL, NULL) ||
      sscanf (text, "%lu %lu", &size, &resident) != 2)
    return 0;
  return (guint64) resident * (guint64) sysconf (_SC_PAGESIZE);
}

void
soak_meter_read (SoakHoldings *holdings)
{
  struct mallinfo2 info = mallinfo2 ();

  holdings->rss = read_rss ();
  holdings->heap = info.uordblks + info.hblkhd;
  holdings->threads = count_entries ("/proc/self/task");
  /* Not the folder itself. */
  holdings->files = count_entries ("/proc/self/fd") - 1;
}

guint64
soak_meter_read_anonymous (void)
{
  g_autofree gchar *text = NULL;
  const gchar *line;
  unsigned long kib;

  if (!g_file_get_contents ("/proc/self/smaps_rollup", &text, NULL, NULL))
    return 0;
  line = strstr (text, "\nAnonymous:");
  return line && sscanf (line, "\nAnonymous: %lu", &kib) == 1
             ? (guint64) kib * 1024
             : 0;
}

guint
soak_meter_count_mappings (void)
{
  g_autofree gchar *text = NULL;
  const gchar *at;
  guint n = 0;

  if (!g_file_get_contents ("/proc/self/maps", &text, NULL, NULL))
    return 0;
  for (at = strchr (text, '\n'); at; at = strchr (at + 1, '\n'))
    n++;
  return n;
}

/* Student's t for 95 % of both sides, from 30 degrees of freedom on that of the
 * normal distribution, and below it closely enough (Abramowitz and Stegun,
 * 1964, 26.7.5). */
static gdouble
get_quantile (guint degrees)
{
  const gdouble z = 1.959964;
  gdouble v = degrees;

  return z + (pow (z, 3) + z) / (4 * v) +
         (5 * pow (z, 5) + 16 * pow (z, 3) + 3 * z) / (96 * v * v);
}

void
soak_meter_find_trend (const gdouble *values, guint n, SoakTrend *trend)
{
  gdouble middle = (n - 1) / 2.0, spread = 0, product = 0, rest = 0;
  guint i;

  trend->mean = 0;
  for (i = 0; i < n; i++)
    trend->mean += values[i] / n;
  for (i = 0; i < n; i++) {
    spread += (i - middle) * (i - middle);
    product += (i - middle) * (values[i] - trend->mean);
  }
  trend->slope = product / spread;
  for (i = 0; i < n; i++) {
    gdouble error = values[i] - trend->mean - trend->slope * (i - middle);

    rest += error * error;
  }
  trend->margin = get_quantile (n - 2) * sqrt (rest / (n - 2) / spread);
  trend->growth = trend->slope * (n - 1);
}

gboolean
soak_meter_is_flat (const SoakTrend *trend)
{
  return trend->growth <= FLAT * trend->mean || trend->slope <= trend->margin;
}
