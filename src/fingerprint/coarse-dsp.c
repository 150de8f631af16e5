/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The loops over coarse pictures in portable C. */

#include "fingerprint/coarse-dsp.h"

#include "fingerprint/cpu.h"

/* @across is a constant where it is called, hence inline at all costs. */
__attribute__ ((always_inline)) static inline void
average_blocks (guint8 *out, guint n_out, const guint8 *rows, gssize stride,
    guint n_rows, guint across)
{
  guint n = n_rows * across, i, j, k;
  guint shift = (guint) __builtin_ctz (n);

  for (i = 0; i < n_out; i++) {
    const guint8 *row = rows + (gsize) i * across;
    guint sum = n / 2;

    for (j = 0; j < n_rows; j++, row += stride)
      for (k = 0; k < across; k++)
        sum += row[k];
    out[i] = (guint8) (sum >> shift);
  }
}

static void
average (guint8 *out, guint n_out, const guint8 *rows, gssize stride,
    guint n_rows, guint across)
{
  switch (across) {
    case 1:
      average_blocks (out, n_out, rows, stride, n_rows, 1);
      break;
    case 2:
      average_blocks (out, n_out, rows, stride, n_rows, 2);
      break;
    case 4:
      average_blocks (out, n_out, rows, stride, n_rows, 4);
      break;
    default:
      average_blocks (out, n_out, rows, stride, n_rows, across);
      break;
  }
}

static void
walk (
    guint8 *out, guint n, const WeirCoarse *coarse, const WeirCoarseWalk *along)
{
  gint32 last_column = (gint32) coarse->luma.width - 1;
  gint32 last_row = (gint32) coarse->luma.height - 1;
  gint32 column = along->column, row = along->row;
  guint i;

  for (i = 0; i < n; i++) {
    gint32 x = CLAMP (column >> WEIR_COARSE_FRACTION, 0, last_column);
    gint32 y = CLAMP (row >> WEIR_COARSE_FRACTION, 0, last_row);

    out[i] = coarse->luma.data[y * (gint32) coarse->luma.stride + x];
    column += along->column_step;
    row += along->row_step;
  }
}

const WeirCoarseDsp weir_coarse_dsp_c = {
  .average = average,
  .walk = walk,
};

const WeirCoarseDsp *
weir_coarse_dsp_get (void)
{
#ifdef WEIR_HAVE_AVX2
  if (weir_cpu_get_flags () & WEIR_CPU_AVX2)
    return &weir_coarse_dsp_avx2;
#endif
  return &weir_coarse_dsp_c;
}
