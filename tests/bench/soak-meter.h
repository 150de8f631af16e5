/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a process holds, and whether that grows. Of Linux. */
#pragma once

#include <glib.h>

typedef struct {
  guint64 rss;  /* bytes in memory */
  guint64 heap; /* bytes that the allocator has handed out */
  guint threads, files;
} SoakHoldings;

/* Not to be read often: threads that allocate wait meanwhile. */
void soak_meter_read (SoakHoldings *holdings);

/* Bytes in memory that are of no file, and how many mappings there are: what is
 * counted of files depends on who else has them open. Not to be read often: the
 * kernel holds the process's memory meanwhile. */
guint64 soak_meter_read_anonymous (void);
guint soak_meter_count_mappings (void);

typedef struct {
  gdouble mean;
  gdouble slope;  /* a step */
  gdouble margin; /* of the slope, 95 %, the steps taken to be independent */
  gdouble growth; /* over all steps, by the slope */
} SoakTrend;

/* The least-squares line through @n (3 or more) values, a step apart. */
void soak_meter_find_trend (const gdouble *values, guint n, SoakTrend *trend);

/* Whether nothing says that it grows: the line rises by less than 2 % of the
 * mean, or by no more than chance. */
gboolean soak_meter_is_flat (const SoakTrend *trend);
