/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The loops of PDQ, each in portable C and in what else the processor has.
 *
 * All versions of a function give the same result to the last bit: sums of
 * samples are whole numbers, and floats are added in an order that is fixed
 * here, without fused operations.
 */
#pragma once

#include "fingerprint/pdq.h"

G_BEGIN_DECLS

/* Points of a rough grid (pdq-axis.h), each way. */
#define WEIR_PDQ_ROUGH_GRID (WEIR_PDQ_GRID / 2)

/* Partial sums of a dot product, side by side in vector registers. */
#define WEIR_PDQ_LANES 8

/* So much may weights add up to for weighted bytes to fit 16 bits, and so large
 * may a window be for whole weights to be used: two of its weights side by
 * side, with a byte each, then stay below 2^15. */
#define WEIR_PDQ_WEIGHTS_16_BITS (G_MAXUINT16 / G_MAXUINT8)
#define WEIR_PDQ_WINDOW_WHOLE    64

/* What one direction contributes to each grid point. */
typedef struct {
  guint n_samples; /* of the source */
  guint n_points;  /* WEIR_PDQ_GRID or WEIR_PDQ_ROUGH_GRID */
  guint n_weights; /* stored for each point, a multiple of WEIR_PDQ_LANES */
  guint first[WEIR_PDQ_GRID];    /* the first source sample */
  guint count[WEIR_PDQ_GRID];    /* source samples, fewer than n_weights or as
                                 many; the rest weighs 0 */
  gboolean whole[WEIR_PDQ_GRID]; /* whole_weights hold */
  gfloat *weights;               /* n_points x n_weights */
  guint8 *whole_weights;         /* the same, in integers */
  guint rows_at_once;            /* as in WeirPdqBand */
} WeirPdqAxis;

/* The source rows of one grid row, of whole weights. */
typedef struct {
  const guint8 *data; /* the first sample of the first row */
  gssize stride;      /* bytes from one row to the next; may be negative */
  guint width;        /* samples, at least WEIR_PDQ_MIN_SIDE */
  guint n_rows;       /* at least 1 */
  guint n_next;       /* rows below these that will be asked for next: they are
                         fetched into the cache meanwhile */
  guint shift;        /* words are shifted right by so much */
  gfloat scale;       /* words, summed up, are multiplied by this power of 2 */
  const guint8 *weights; /* n_rows, then 0 if that is odd */
  guint rows_at_once;  /* the weights of so many rows, wherever they begin, add
                         up to WEIR_PDQ_WEIGHTS_16_BITS at most; even */
  guint16 *short_sums; /* scratch of width each; 0 before and after */
  guint32 *long_sums;
} WeirPdqBand;

typedef void (*WeirPdqSumRows) (gfloat *line, const WeirPdqBand *band);

typedef struct {
  /* line[i] = the weighted sum of column i, of samples that are bytes side by
   * side, every other byte, or 16-bit little-endian words side by side. Reads
   * nothing past the last sample of a row. */
  WeirPdqSumRows sum_bytes;
  WeirPdqSumRows sum_spaced_bytes;
  WeirPdqSumRows sum_words;

  /* line[i] += weight * row[i], for weights that are not whole. */
  void (*add_bytes) (
      gfloat *line, const guint8 *row, gfloat weight, guint width);

  /* One row of the grid from a line, of which n_weights are read from each
   * first sample on. Each point adds up WEIR_PDQ_LANES partial sums,
   * then the second half of these to the first, down to one. */
  void (*weigh_line) (
      gfloat *grid_row, const gfloat *line, const WeirPdqAxis *columns);

  /* The sum of all steps between neighbours in the grid times @scale, each in
   * whole percent of 255, rounded towards 0. @grid has WEIR_PDQ_LANES floats
   * more than its @side x @side points (64 or 32), of any value. */
  guint (*sum_gradients) (const gfloat *grid, guint side, gfloat scale);

  /* product = a * b, of 16 x side and side x n_columns elements: @side is 64 or
   * 32, @n_columns as many or 16. Each element of the product is summed in index
   * order. */
  void (*multiply) (gfloat *product, const gfloat *a, const gfloat *b,
      guint side, guint n_columns);

  /* Bit j of rows[i] = whether element (i, j) is above the lower median of all
   * 256, after every second row or column, from the first on, is negated. */
  void (*take_bits) (const gfloat *dct, gboolean negate_rows,
      gboolean negate_columns, guint16 rows[WEIR_PDQ_DCT]);
} WeirPdqDsp;

extern const WeirPdqDsp weir_pdq_dsp_c;
#ifdef WEIR_HAVE_AVX2
extern const WeirPdqDsp weir_pdq_dsp_avx2;
#endif

/* The fastest that this processor has and weir_cpu_set_flags_mask() leaves.
 * Thread-safe. */
const WeirPdqDsp *weir_pdq_dsp_get (void);

G_END_DECLS
