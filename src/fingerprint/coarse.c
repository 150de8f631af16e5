/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Making coarse pictures. */

#include "fingerprint/coarse.h"

#include "fingerprint/coarse-dsp.h"

/* The largest power of 2 of which @side has @least. */
guint
weir_coarse_get_block (guint side, guint least)
{
  guint block = 1;

  while (side / (2 * block) >= least && block < WEIR_COARSE_BLOCK_MAX)
    block *= 2;
  return block;
}

static void
set_size (WeirCoarse *coarse, const WeirLuma *luma, guint least)
{
  guint width, height;
  gsize size;

  coarse->across = weir_coarse_get_block (luma->width, least);
  coarse->down = weir_coarse_get_block (luma->height, least);
  width = (luma->width + coarse->across - 1) / coarse->across;
  height = (luma->height + coarse->down - 1) / coarse->down;
  size = (gsize) width * height + WEIR_COARSE_SLACK;
  if (size > coarse->size) {
    g_free (coarse->samples);
    coarse->samples = g_malloc0 (size);
    coarse->size = size;
  }
  coarse->luma = (WeirLuma){
    .data = coarse->samples,
    .stride = width,
    .pixel_stride = 1,
    .width = width,
    .height = height,
    .depth = 8,
    .full_range = luma->full_range,
  };
}

/* The mean of what of a block is within @luma. */
static guint8
average_cut_block (
    const WeirCoarse *coarse, const WeirLuma *luma, guint column, guint row)
{
  guint last_column = MIN (column + coarse->across, luma->width);
  guint last_row = MIN (row + coarse->down, luma->height);
  guint n = (last_column - column) * (last_row - row);
  guint sum = 0, i, j;

  for (i = row; i < last_row; i++)
    for (j = column; j < last_column; j++)
      sum += weir_luma_get_sample (luma, j, i);
  return (guint8) ((sum + n / 2) / n);
}

/* Rows that are not of bytes side by side, made so, below each other. */
static const guint8 *
take_bytes (WeirCoarse *coarse, const WeirLuma *luma, guint row)
{
  gsize size = (gsize) luma->width * coarse->down;
  guint8 *byte;
  guint i, j;

  if (size > coarse->row_size) {
    g_free (coarse->row);
    coarse->row = g_malloc (size);
    coarse->row_size = size;
  }
  byte = coarse->row;
  for (i = 0; i < coarse->down; i++)
    for (j = 0; j < luma->width; j++)
      *byte++ = (guint8) weir_luma_get_sample (luma, j, row + i);
  return coarse->row;
}

void
weir_coarse_take (WeirCoarse *coarse, const WeirLuma *luma, guint least)
{
  const WeirCoarseDsp *dsp = weir_coarse_dsp_get ();
  guint n_whole, i, j;

  set_size (coarse, luma, least);
  n_whole = luma->width / coarse->across;
  for (i = 0; i < coarse->luma.height; i++) {
    guint row = i * coarse->down;
    guint8 *out = coarse->samples + (gsize) i * coarse->luma.width;
    guint n_done = row + coarse->down <= luma->height ? n_whole : 0;

    if (luma->depth == 8 && luma->pixel_stride == 1)
      dsp->average (out, n_done, luma->data + (gssize) row * luma->stride,
          luma->stride, coarse->down, coarse->across);
    else if (n_done > 0)
      dsp->average (out, n_done, take_bytes (coarse, luma, row), luma->width,
          coarse->down, coarse->across);
    for (j = n_done; j < coarse->luma.width; j++)
      out[j] = average_cut_block (coarse, luma, j * coarse->across, row);
  }
}

void
weir_coarse_clear (WeirCoarse *coarse)
{
  g_clear_pointer (&coarse->samples, g_free);
  g_clear_pointer (&coarse->row, g_free);
  *coarse = (WeirCoarse){ 0 };
}
