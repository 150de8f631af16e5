/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One plane of luma samples, as it lies in memory.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Not owned. A sample is one byte at depth 8, else a little-endian 16-bit word
 * whose value is the word shifted right by @shift (10-bit planar: depth 10,
 * shift 0; P010: depth 10, shift 6). @shift is of no account at depth 8; else
 * depth + shift <= 16. */
typedef struct {
  const guint8 *data;
  gssize stride;       /* bytes from one row to the next; may be negative */
  guint pixel_stride;  /* bytes from one sample to the next, >= 1, or 2 */
  guint width;         /* pixels */
  guint height;        /* pixels */
  guint depth;         /* significant bits, 8 to 16 */
  guint shift;         /* padding bits below them */
  gboolean full_range; /* FALSE: 16..235, scaled by 255/219 for the quality */
} WeirLuma;

/* The sample at (@column, @row), which must be within the plane, in 8 bits. */
static inline guint
weir_luma_get_sample (const WeirLuma *luma, guint column, guint row)
{
  const guint8 *sample = luma->data + (gssize) row * luma->stride +
                         (gssize) column * luma->pixel_stride;

  if (luma->depth == 8)
    return *sample;
  return (guint) (sample[0] | sample[1] << 8) >> luma->shift >>
         (luma->depth - 8);
}

/* The part of @luma from (@left, @top) on, @width x @height, which must be
 * within it. */
static inline WeirLuma
weir_luma_cut (
    const WeirLuma *luma, guint left, guint top, guint width, guint height)
{
  WeirLuma part = *luma;

  part.data += (gssize) top * luma->stride + (gssize) left * luma->pixel_stride;
  part.width = width;
  part.height = height;
  return part;
}

G_END_DECLS
