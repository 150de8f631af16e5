/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The likelihoods of video trials, as they were measured.
 *
 * Written on 2026-11-22 by `tests/eval/calibrate MANIFEST --related warzone
 * --edits
 * plain,300k,noise,letterbox-10,crop-10,speed-1.25,rotate-1,logo-large,ticker
 * --rivals 3`. Data: 207 edited copies of 24 works (76, 74, 31, 26 by
 * grade), 39362 trials; 675 pairs of other works, 62892 new pictures, 0
 * trials of which 0 began a line; 192 pairs of templates of one design,
 * 10411 trials (card, clock, countdown, crawl, credits, news, pal100bars,
 * pal75bars, rgbtestsrc, slides, yuvtestsrc).
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
      { 2.56, 1.59, -0.50, -4.06 },
      { 1.25, 4.44, -0.53, -2.99 },
      { -0.68, 3.09, 3.63, -1.77 },
      { -1.14, 1.01, 3.59, -0.04 },
    },
    {
      { 4.30, 1.13, -2.78, -2.49 },
      { 3.21, 2.35, -0.93, -2.03 },
      { -0.89, 0.76, 0.97, 0.16 },
      { -4.06, -1.37, 0.01, 0.89 },
    },
  },
  {
    {
      { 2.25, 1.59, -0.50, -4.06 },
      { 1.12, 4.34, -0.53, -2.99 },
      { -0.68, 3.09, 2.46, -1.77 },
      { -1.14, 1.01, 2.63, -0.04 },
    },
    {
      { 2.08, 0.92, -2.78, -2.49 },
      { 0.52, 2.35, -0.93, -2.03 },
      { -1.40, 0.76, 0.97, -0.17 },
      { -4.06, -1.37, 0.01, 0.84 },
    },
  },
};

const gdouble weir_likelihood_miss
    [WEIR_N_COMPARISONS]
    [2]
    [WEIR_LIKELIHOOD_GRADES] = {
  {
    { -5.20, -4.13, -2.91, -2.28 },
    { -4.25, -3.71, -2.84, -1.67 },
  },
  {
    { -1.67, -2.11, -1.14, -1.23 },
    { -1.51, -1.74, -2.18, -0.83 },
  },
};
