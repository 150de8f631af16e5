/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How much a trial of a picture on a line says: the log-likelihood ratio, nats,
 * of its outcome if the stream carries the reference there to that if it does
 * not. Measured, not thought out: tests/eval/README.md says how, and
 * tests/eval/calibrate writes the tables.
 *
 * How far a copy's pictures are from the reference depends on how much it was
 * edited, and stays so: there is a table for each grade of that.
 */
#pragma once

#include "match/video-votes.h"

G_BEGIN_DECLS

/* A picture that changed by so many bits is new. */
#define WEIR_LIKELIHOOD_CHANGE_BITS 16

/* Distances are taken in bins of so many bits. */
#define WEIR_LIKELIHOOD_DISTANCE_BITS 8
#define WEIR_LIKELIHOOD_DISTANCES     4

/* Grades of editing, by the bin of a copy's median distance. */
#define WEIR_LIKELIHOOD_GRADES 4

/* The hit that starts a line. */
extern const gdouble weir_likelihood_first[WEIR_N_COMPARISONS]
                                          [WEIR_LIKELIHOOD_GRADES]
                                          [WEIR_LIKELIHOOD_DISTANCES];

/* A hit, or a miss, after that. The second index: whether the picture changed
 * by WEIR_LIKELIHOOD_CHANGE_BITS, or by fewer in a longer time. */
extern const gdouble weir_likelihood_hit[WEIR_N_COMPARISONS][2]
                                        [WEIR_LIKELIHOOD_GRADES]
                                        [WEIR_LIKELIHOOD_DISTANCES];
extern const gdouble weir_likelihood_miss[WEIR_N_COMPARISONS][2]
                                         [WEIR_LIKELIHOOD_GRADES];

G_END_DECLS
