/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The loops over coarse pictures, each in portable C and in what else the
 * processor has. All versions give the same result.
 */
#pragma once

#include "fingerprint/coarse.h"

G_BEGIN_DECLS

/* Blocks are so many samples each way at most. */
#define WEIR_COARSE_BLOCK_MAX 32

/* A walk along a straight line: where its first sample is, and from one to the
 * next, in 1 / 2^WEIR_COARSE_FRACTION samples of the coarse picture. */
#define WEIR_COARSE_FRACTION 16

typedef struct {
  gint32 column, row;
  gint32 column_step, row_step;
} WeirCoarseWalk;

typedef struct {
  /* out[i] = the mean, rounded to the nearest, of the i-th block of @across
   * samples of @n_rows rows, both powers of 2 up to WEIR_COARSE_BLOCK_MAX. */
  void (*average) (guint8 *out, guint n_out, const guint8 *rows, gssize stride,
      guint n_rows, guint across);

  /* out[i] = the sample of @coarse that step i of @walk is in, or the nearest to
   * it if that is outside. @n is a multiple of 8. */
  void (*walk) (guint8 *out, guint n, const WeirCoarse *coarse,
      const WeirCoarseWalk *walk);
} WeirCoarseDsp;

extern const WeirCoarseDsp weir_coarse_dsp_c;
#ifdef WEIR_HAVE_AVX2
extern const WeirCoarseDsp weir_coarse_dsp_avx2;
#endif

/* The fastest that this processor has and weir_cpu_set_flags_mask() leaves.
 * Thread-safe. */
const WeirCoarseDsp *weir_coarse_dsp_get (void);

G_END_DECLS
