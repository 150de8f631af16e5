/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the streams of a soak count together. */
#pragma once

#include <glib.h>

/* Of guint64 alone. */
typedef struct {
  guint64 in, out;
  guint64 lost;      /* did not leave while the stream went on or ended well */
  guint64 late;      /* by SOAK_LATE */
  guint64 late_own;  /* of these, what waiting for a core does not explain */
  guint64 early;     /* left before what is held back was over */
  guint64 withheld;  /* by a cut, or in what was held when a stream broke off */
  guint64 overslept; /* the streams' own waits that ended SOAK_LATE too late */
  guint64 connections, codec_changes, jumps, new_pads;
  guint64 matches, cuts, banks, blind;
  guint64 dropped; /* copies that the analysis did not take */
  guint64 errors;
  guint64 longest;     /* us that a buffer took beyond what is held back */
  guint64 longest_own; /* the same without the waits for a core */
} SoakCounts;

/* A buffer that leaves so much later than it came, beyond what is held back, is
 * late. us */
#define SOAK_LATE (100 * G_TIME_SPAN_MILLISECOND)

/* Adds 1, or @n, to a field of these. Any thread. */
#define soak_count(field)      soak_count_n (field, 1)
#define soak_count_n(field, n) soak_counts_add_at (&soak_counts.field, n)

extern SoakCounts soak_counts; /* by the functions here only */
void soak_counts_add_at (guint64 *counter, guint64 n);

/* A buffer left @beyond us after it should have, of which its threads were ready
 * and on no core for @waited. Of those that are late of their own the first hundred
 * are told. Any thread. */
void soak_counts_judge_time (const gchar *who, gint64 beyond, gint64 waited);

/* Counts an error and says what and whose it is. Any thread. */
void soak_counts_add_error (const gchar *who, const gchar *text);

/* Takes what has been counted since it was last asked. Any thread. */
void soak_counts_take (SoakCounts *counts);

/* Adds @counts to @sum, of the longest the longer. */
void soak_counts_sum (SoakCounts *sum, const SoakCounts *counts);
