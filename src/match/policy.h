/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What it takes to call something a match, and to cut for it.
 *
 * Evidence is a log-likelihood ratio in nats (natural logarithm): by how much
 * more likely the observed hits are if the stream carries the reference on
 * this line than if it does not. It is added up as fingerprints come and
 * compared with two bounds, as in the sequential probability ratio test
 * (A. Wald, "Sequential Tests of Statistical Hypotheses", 1945): to accept
 * at a false-alarm probability a, it must reach -ln (a).
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  /* Probability that a line of a stream that does not carry the reference is
   * flagged, or cut; cut <= flag. */
  gdouble flag_false_alarm;
  gdouble cut_false_alarm;

  /* How likely a line is to be true before any evidence: makes a probability,
   * the confidence, of the evidence. */
  gdouble prior;

  /* A match has ended when this long passed without a hit. ns */
  gint64 end_gap;
  /* While a match goes on unchanged, it is reported this often. ns */
  gint64 update_interval;
} WeirPolicy;

/* Fills in the built-in policy. */
void weir_policy_init (WeirPolicy *policy);

/* The evidence, in nats, at which a line is flagged, or cut. */
gdouble weir_policy_get_flag_evidence (const WeirPolicy *policy);
gdouble weir_policy_get_cut_evidence (const WeirPolicy *policy);

/* The probability, 0..1, that a line with @evidence nats is true. */
gdouble weir_policy_get_confidence (const WeirPolicy *policy, gdouble evidence);

G_END_DECLS
