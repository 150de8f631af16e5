/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * PDQ as it is defined, and pictures made of integers to try it on.
 */
#include "pdq-definition.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define N_PASSES 2

static gint
window_size (gint side)
{
  return (side + 2 * WEIR_PDQ_GRID - 1) / (2 * WEIR_PDQ_GRID);
}

/* One box pass over @length samples that lie @step apart: a running sum of the
 * samples from @window - @half before to @half - 1 after, over their number. */
static void
box_pass (const gfloat *in, gfloat *out, gint length, gint step, gint window)
{
  gint half = (window + 2) / 2;
  gfloat sum = 0.0f;
  gint first = 0;
  gint end = 0;

  for (gint i = 0; i < length; i++) {
    for (; end < length && end < i + half; end++)
      sum += in[end * step];
    for (; first < i - (window - half); first++)
      sum -= in[first * step];
    out[i * step] = sum / (gfloat) (end - first);
  }
}

static void
blur (gfloat *picture, gfloat *scratch, gint width, gint height)
{
  for (guint pass = 0; pass < N_PASSES; pass++) {
    for (gint i = 0; i < height; i++)
      box_pass (picture + i * width, scratch + i * width, width, 1,
          window_size (width));
    for (gint j = 0; j < width; j++)
      box_pass (scratch + j, picture + j, height, width, window_size (height));
  }
}

static void
decimate (const gfloat *picture, gint width, gint height,
    gfloat grid[WEIR_PDQ_GRID][WEIR_PDQ_GRID])
{
  for (gint i = 0; i < WEIR_PDQ_GRID; i++) {
    gint row = (gint) (((i + 0.5) * height) / WEIR_PDQ_GRID);

    for (gint j = 0; j < WEIR_PDQ_GRID; j++) {
      gint column = (gint) (((j + 0.5) * width) / WEIR_PDQ_GRID);

      grid[i][j] = picture[row * width + column];
    }
  }
}

static guint
measure_quality (gfloat grid[WEIR_PDQ_GRID][WEIR_PDQ_GRID], gfloat scale)
{
  gint sum = 0;

  for (gint i = 0; i < WEIR_PDQ_GRID; i++) {
    for (gint j = 0; j < WEIR_PDQ_GRID; j++) {
      gfloat here = grid[i][j] * scale;

      if (i + 1 < WEIR_PDQ_GRID)
        sum += abs ((gint) (((here - grid[i + 1][j] * scale) * 100) / 255));
      if (j + 1 < WEIR_PDQ_GRID)
        sum += abs ((gint) (((here - grid[i][j + 1] * scale) * 100) / 255));
    }
  }
  return (guint) MIN (100, sum / 90);
}

static void
transform (gfloat grid[WEIR_PDQ_GRID][WEIR_PDQ_GRID],
    gfloat dct[WEIR_PDQ_DCT][WEIR_PDQ_DCT])
{
  gfloat matrix[WEIR_PDQ_DCT][WEIR_PDQ_GRID];
  gfloat half[WEIR_PDQ_DCT][WEIR_PDQ_GRID];
  gfloat scale = (gfloat) sqrt (2.0 / WEIR_PDQ_GRID);

  for (gint i = 0; i < WEIR_PDQ_DCT; i++)
    for (gint j = 0; j < WEIR_PDQ_GRID; j++)
      matrix[i][j] = (gfloat) (scale * cos ((G_PI / 2.0 / WEIR_PDQ_GRID) *
                                            (i + 1) * (2 * j + 1)));

  for (gint i = 0; i < WEIR_PDQ_DCT; i++) {
    for (gint j = 0; j < WEIR_PDQ_GRID; j++) {
      half[i][j] = 0.0f;
      for (gint k = 0; k < WEIR_PDQ_GRID; k++)
        half[i][j] += matrix[i][k] * grid[k][j];
    }
  }
  for (gint i = 0; i < WEIR_PDQ_DCT; i++) {
    for (gint j = 0; j < WEIR_PDQ_DCT; j++) {
      dct[i][j] = 0.0f;
      for (gint k = 0; k < WEIR_PDQ_GRID; k++)
        dct[i][j] += half[i][k] * matrix[j][k];
    }
  }
}

static int
compare_floats (const void *a, const void *b)
{
  gfloat first = *(const gfloat *) a;
  gfloat second = *(const gfloat *) b;

  return (first > second) - (first < second);
}

static void
take_bits (gfloat dct[WEIR_PDQ_DCT][WEIR_PDQ_DCT], WeirPdqHash *hash)
{
  gfloat sorted[WEIR_PDQ_BITS];

  memcpy (sorted, dct, sizeof sorted);
  qsort (sorted, WEIR_PDQ_BITS, sizeof *sorted, compare_floats);

  memset (hash, 0, sizeof *hash);
  for (guint i = 0; i < WEIR_PDQ_DCT; i++) {
    for (guint j = 0; j < WEIR_PDQ_DCT; j++) {
      guint k = i * WEIR_PDQ_DCT + j;

      if (dct[i][j] > sorted[WEIR_PDQ_BITS / 2 - 1])
        hash->words[k / 64] |= G_GUINT64_CONSTANT (1) << (k % 64);
    }
  }
}

void
pdq_definition_hash (const guint8 *luma, guint width, guint height,
    gboolean full_range, WeirPdqHash *hash, guint *quality)
{
  gsize n_pixels = (gsize) width * height;
  g_autofree gfloat *picture = g_new (gfloat, n_pixels);
  g_autofree gfloat *scratch = g_new (gfloat, n_pixels);
  gfloat grid[WEIR_PDQ_GRID][WEIR_PDQ_GRID];
  gfloat dct[WEIR_PDQ_DCT][WEIR_PDQ_DCT];

  for (gsize i = 0; i < n_pixels; i++)
    picture[i] = luma[i];
  if (width != WEIR_PDQ_GRID || height != WEIR_PDQ_GRID)
    blur (picture, scratch, (gint) width, (gint) height);
  decimate (picture, (gint) width, (gint) height, grid);
  *quality = measure_quality (grid, full_range ? 1.0f : 255.0f / 219.0f);
  transform (grid, dct);
  take_bits (dct, hash);
}

/* Marsaglia, "Xorshift RNGs" (2003), section 3; the state is never 0. */
static guint32
next_random (guint32 *state)
{
  *state ^= *state << 13;
  *state ^= *state >> 17;
  *state ^= *state << 5;
  return *state;
}

/* A sum of 24 bumps, light and dark, of which each falls off with the fourth
 * power of the distance and is 0 from a quarter to half a side away. */
static void
draw_blobs (guint8 *picture, gint width, gint height, guint32 *state)
{
  g_autofree gint *sums = g_new0 (gint, (gsize) width * height);

  for (guint n = 0; n < 24; n++) {
    gint column = (gint) (next_random (state) % 1024);
    gint row = (gint) (next_random (state) % 1024);
    gint radius = 256 + (gint) (next_random (state) % 256);
    gint peak = (gint) (next_random (state) % 181) - 90;

    for (gint i = 0; i < height; i++) {
      gint down = i * 1024 / height - row;

      for (gint j = 0; j < width; j++) {
        gint across = j * 1024 / width - column;
        gint fall = radius * radius - down * down - across * across;
        gint share = fall > 0 ? fall / (radius * radius / 256 + 1) : 0;

        sums[i * width + j] += peak * share * share;
      }
    }
  }
  for (gint i = 0; i < width * height; i++)
    picture[i] = (guint8) CLAMP (128 + sums[i] / 65536, 0, 255);
}

static void
draw_rectangles (guint8 *picture, gint width, gint height, guint32 *state)
{
  for (guint n = 0; n < 12; n++) {
    gint left = (gint) (next_random (state) % (guint32) width);
    gint top = (gint) (next_random (state) % (guint32) height);
    gint right = MIN (width, left + width / 5);
    gint bottom = MIN (height, top + height / 7);
    guint32 shade = next_random (state) % 256;

    for (gint i = top; i < bottom; i++)
      for (gint j = left; j < right; j++)
        picture[i * width + j] =
            (guint8) ((picture[i * width + j] + 3 * shade) / 4);
  }
}

static void
add_noise (guint8 *picture, gint n_pixels, guint32 *state)
{
  for (gint i = 0; i < n_pixels; i++) {
    gint noise = (gint) (next_random (state) % 17) - 8;

    picture[i] = (guint8) CLAMP (picture[i] + noise, 0, 255);
  }
}

/* The ramp bends in both directions: a sum of a row and a column would leave
 * nothing but rounding in the DCT. */
static guint8
plain_pixel (PdqPictureKind kind, gint across, gint down, guint32 *state)
{
  switch (kind) {
    case PDQ_PICTURE_GRADIENT:
      return (guint8) ((across + 300) * (across + down / 2 + 700) / 1324 *
                       (down * down / 1024 + down + 1024) / 3072 * 255 / 2224);
    case PDQ_PICTURE_NOISE:
      return (guint8) (next_random (state) >> 24);
    case PDQ_PICTURE_CHECKERBOARD:
      return ((across + down / 8) / 93 + down / 97) % 2 == 0 ? 20 : 230;
    default:
      return 77;
  }
}

const gchar *
pdq_picture_kind_name (PdqPictureKind kind)
{
  static const gchar *const names[PDQ_N_PICTURES] = { "blobs", "scene",
    "gradient", "noise", "checkerboard", "flat" };

  return names[kind];
}

guint8 *
pdq_picture_new (PdqPictureKind kind, guint width, guint height, guint32 seed)
{
  guint8 *picture = g_new (guint8, (gsize) width * height);
  gint columns = (gint) width;
  gint rows = (gint) height;
  guint32 state = seed * 2654435761u + 1;

  if (kind == PDQ_PICTURE_BLOBS || kind == PDQ_PICTURE_SCENE) {
    draw_blobs (picture, columns, rows, &state);
    if (kind == PDQ_PICTURE_SCENE) {
      draw_rectangles (picture, columns, rows, &state);
      add_noise (picture, columns * rows, &state);
    }
    return picture;
  }
  for (gint i = 0; i < rows; i++)
    for (gint j = 0; j < columns; j++)
      picture[i * columns + j] =
          plain_pixel (kind, j * 1024 / columns, i * 1024 / rows, &state);
  return picture;
}

WeirLuma
pdq_picture_get_luma (const guint8 *data, guint width, guint height)
{
  return (WeirLuma){
    .data = data,
    .stride = (gssize) width,
    .pixel_stride = 1,
    .width = width,
    .height = height,
    .depth = 8,
    .full_range = TRUE,
  };
}
