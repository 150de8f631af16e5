/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the streams of a soak count together. */
#pragma once

#include <glib.h>

/* A buffer that leaves so much later than it came, beyond what is held back, is
 * late. us */
#define SOAK_LATE_AFTER (100 * G_TIME_SPAN_MILLISECOND)

typedef enum {
  SOAK_IN,        /* buffers pushed into the element */
  SOAK_OUT,       /* buffers that left it */
  SOAK_LOST,      /* did not leave while the stream went on or ended well */
  SOAK_LATE,      /* by SOAK_LATE_AFTER */
  SOAK_LATE_OWN,  /* of these, what waiting for a core does not explain */
  SOAK_EARLY,     /* left before what is held back was over */
  SOAK_WITHHELD,  /* by a cut, or in what was held when a stream broke off */
  SOAK_OVERSLEPT, /* the streams' own waits that ended SOAK_LATE_AFTER late */
  SOAK_CONNECTIONS,
  SOAK_CODEC_CHANGES,
  SOAK_JUMPS, /* of timestamps, back to 0 */
  SOAK_NEW_PADS,
  SOAK_MATCHES, /* begun */
  SOAK_CUTS,
  SOAK_BANKS,   /* taken into use, by each stream */
  SOAK_BLIND,   /* statuses */
  SOAK_DROPPED, /* copies that the analysis did not take */
  SOAK_ERRORS,
  SOAK_LONGEST,     /* us that a buffer took beyond what is held back */
  SOAK_LONGEST_OWN, /* the same without the waits for a core */
  SOAK_N_COUNTS,
} SoakCount;

typedef struct {
  guint64 n[SOAK_N_COUNTS];
} SoakCounts;

const gchar *soak_count_to_string (SoakCount which);

/* Adds @n. Any thread, as with those that follow. */
void soak_count (SoakCount which, guint64 n);

/* Counts a buffer of @who that left @beyond us after it should have, of which
 * its threads were ready and on no core for @waited. Of those that are late all
 * the same the first hundred are told. */
void soak_count_buffer (const gchar *who, gint64 beyond, gint64 waited);

/* Counts an error of @who, and tells it. */
void soak_count_error (const gchar *who, const gchar *text);

/* Takes what has been counted since it was last asked. */
void soak_counts_take (SoakCounts *counts);

/* Adds @counts to @sum; of the longest it is the longer. */
void soak_counts_add (SoakCounts *sum, const SoakCounts *counts);
