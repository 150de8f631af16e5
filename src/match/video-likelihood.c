/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The likelihoods of video trials, as they were measured.
 *
 * Counted on 2026-11-22 by `tests/eval/calibrate MANIFEST --related warzone
 * --edits
 * plain,300k,noise,letterbox-10,crop-10,speed-1.25,rotate-1,logo-large,ticker
 * --rivals 3`; templates are assumed to be 5 % of what is shown. Data: 207
 * edited copies of 24 works (76, 74, 31, 26 by grade), 39362 trials; 675
 * pairs of other works, 62892 new pictures, 0 trials of which 0 began a
 * line; 192 pairs of templates of one design, 10411 trials (card, clock,
 * countdown, crawl, credits, news, pal100bars, pal75bars, rgbtestsrc,
 * slides, yuvtestsrc).
 */
#include "match/video-likelihood.h"

/* clang-format off */

const gdouble weir_likelihood_first
    [WEIR_N_COMPARISONS]
    [WEIR_LIKELIHOOD_GRADES]
    [WEIR_LIKELIHOOD_DISTANCES] = {
  {
    { 6.69, 5.39, 2.56, 3.05 },
    { 5.59, 6.61, 4.40, 3.51 },
    { 1.49, 5.03, 6.30, 5.70 },
    { -1.68, 2.90, 5.35, 6.43 },
  },
  {
    { 6.41, 3.96, 2.47, 2.74 },
    { 4.85, 6.05, 4.35, 2.76 },
    { 1.49, 5.03, 5.96, 4.38 },
    { -1.68, 2.90, 5.02, 5.39 },
  },
};

const gdouble weir_likelihood_hit
    [WEIR_N_COMPARISONS]
    [2]
    [WEIR_LIKELIHOOD_GRADES]
    [WEIR_LIKELIHOOD_DISTANCES] = {
  {
    {
      { 5.55, 4.57, 2.49, -1.06 },
      { 4.24, 7.41, 2.46, 0.01 },
      { 2.32, 6.06, 6.62, 1.22 },
      { 1.85, 3.99, 6.58, 2.95 },
    },
    {
      { 7.28, 4.12, 0.21, 0.50 },
      { 6.19, 5.34, 2.06, 0.96 },
      { 2.09, 3.76, 3.96, 3.15 },
      { -1.08, 1.63, 3.01, 3.88 },
    },
  },
  {
    {
      { 5.25, 4.57, 2.49, -1.06 },
      { 4.12, 7.32, 2.46, 0.01 },
      { 2.32, 6.06, 5.45, 1.22 },
      { 1.85, 3.99, 5.61, 2.95 },
    },
    {
      { 5.07, 3.91, 0.21, 0.50 },
      { 3.51, 5.34, 2.06, 0.96 },
      { 1.60, 3.76, 3.96, 2.83 },
      { -1.08, 1.63, 3.01, 3.84 },
    },
  },
};

const gdouble weir_likelihood_miss
    [WEIR_N_COMPARISONS]
    [2]
    [WEIR_LIKELIHOOD_GRADES] = {
  {
    { -5.56, -4.49, -3.28, -2.65 },
    { -5.02, -4.49, -3.61, -2.45 },
  },
  {
    { -2.04, -2.48, -1.51, -1.59 },
    { -2.01, -2.25, -2.69, -1.33 },
  },
};
