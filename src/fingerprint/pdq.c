/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * PDQ of a luma plane.
 *
 * Two box passes in each direction followed by the choice of 64x64 samples are
 * one separable linear map, so nothing but those samples is computed: for each
 * of the 64 grid rows its source rows are added up, weighted, into one line,
 * and that line is weighted into 64 grid points. A grid point reaches at most
 * 2 * ceil (side / 128) - 1 source samples while grid points are side / 64
 * apart: neighbours share a row or two, so each source row is read about once.
 */
#include "fingerprint/pdq.h"

#include "fingerprint/pdq-axis.h"

#include <math.h>
#include <string.h>

#define GRID WEIR_PDQ_GRID
#define DCT  WEIR_PDQ_DCT

/* A grid that differs by less, in luma of 0..255, has no detail to speak of. */
#define MIN_DEVIATION 0.1f

typedef struct {
  gfloat by_frequency[DCT * GRID]; /* row = frequency - 1, column = point */
  gfloat by_point[GRID * DCT];     /* transposed */
} Cosines;

struct _WeirPdqHasher {
  const WeirPdqDsp *dsp;
  const WeirPdqAxis *rows;
  const WeirPdqAxis *columns;
  WeirPdqAxis own_rows; /* without weights when sizes come with pictures */
  WeirPdqAxis own_columns;
  gsize line_size;     /* samples */
  gfloat *line;        /* weighted source rows, and what the weights of 0 that
                          reach past them are multiplied with */
  guint16 *short_sums; /* as in WeirPdqBand */
  guint32 *long_sums;
  gfloat grid[GRID * GRID + WEIR_PDQ_LANES]; /* no point at the end */
  Cosines cosines;
  Cosines rough_cosines;
  gfloat half[DCT * GRID]; /* the DCT of the grid's columns */
};

/* Frequencies 1 to 16: the constant term is left out. A rough grid of half the
 * points has half the sum, of what its means leave. */
static void
init_cosines (Cosines *cosines, gboolean rough)
{
  const guint side = rough ? WEIR_PDQ_ROUGH_GRID : GRID;
  const gfloat scale = (gfloat) sqrt (2.0 / GRID);

  for (guint i = 0; i < DCT; i++) {
    gdouble left = rough ? weir_pdq_rough_get_response (i + 1) / 2 : 1.0;

    for (guint j = 0; j < side; j++) {
      gdouble angle = (G_PI / 2.0 / side) * (i + 1) * (2 * j + 1);
      gfloat cosine = (gfloat) (scale * cos (angle) / left);

      cosines->by_frequency[i * side + j] = cosine;
      cosines->by_point[j * DCT + i] = cosine;
    }
  }
}

static void
hasher_set_axes (
    WeirPdqHasher *hasher, const WeirPdqAxis *rows, const WeirPdqAxis *columns)
{
  gsize line_size = (gsize) columns->n_samples + columns->n_weights;

  hasher->rows = rows;
  hasher->columns = columns;
  if (line_size <= hasher->line_size)
    return;
  hasher->line_size = line_size;
  hasher->line = g_renew (gfloat, hasher->line, line_size);
  hasher->short_sums = g_renew (guint16, hasher->short_sums, line_size);
  hasher->long_sums = g_renew (guint32, hasher->long_sums, line_size);
  memset (hasher->line, 0, line_size * sizeof *hasher->line);
  memset (hasher->short_sums, 0, line_size * sizeof *hasher->short_sums);
  memset (hasher->long_sums, 0, line_size * sizeof *hasher->long_sums);
}

WeirPdqHasher *
weir_pdq_hasher_new_for_axes (void)
{
  WeirPdqHasher *hasher = g_new0 (WeirPdqHasher, 1);

  hasher->dsp = weir_pdq_dsp_get ();
  init_cosines (&hasher->cosines, FALSE);
  init_cosines (&hasher->rough_cosines, TRUE);
  return hasher;
}

WeirPdqHasher *
weir_pdq_hasher_new (guint width, guint height)
{
  const WeirPdqSpan rows = { height, 1, 0, FALSE };
  const WeirPdqSpan columns = { width, 1, 0, FALSE };
  WeirPdqHasher *hasher;
  gdouble row_gain;

  if (width < WEIR_PDQ_MIN_SIDE || width > WEIR_PDQ_MAX_SIDE ||
      height < WEIR_PDQ_MIN_SIDE || height > WEIR_PDQ_MAX_SIDE)
    return NULL;

  hasher = weir_pdq_hasher_new_for_axes ();
  row_gain = weir_pdq_span_get_gain (&rows);
  weir_pdq_axis_init (&hasher->own_rows, &rows, row_gain);
  weir_pdq_axis_init (&hasher->own_columns, &columns, 1.0 / row_gain);
  hasher_set_axes (hasher, &hasher->own_rows, &hasher->own_columns);
  return hasher;
}

void
weir_pdq_hasher_free (WeirPdqHasher *hasher)
{
  if (hasher == NULL)
    return;
  weir_pdq_axis_clear (&hasher->own_rows);
  weir_pdq_axis_clear (&hasher->own_columns);
  g_free (hasher->line);
  g_free (hasher->short_sums);
  g_free (hasher->long_sums);
  g_free (hasher);
}

static const guint8 *
luma_row (const WeirLuma *luma, guint row)
{
  return luma->data + (gssize) row * luma->stride;
}

static guint16
read_word (const guint8 *data)
{
  guint16 word;

  memcpy (&word, data, sizeof word);
  return GUINT16_FROM_LE (word);
}

static void
add_words (gfloat *restrict line, const guint8 *row, gfloat weight, guint shift,
    guint width)
{
  for (gsize i = 0; i < width; i++)
    line[i] += weight * (gfloat) (read_word (row + 2 * i) >> shift);
}

static void
add_spaced_samples (
    gfloat *line, const WeirLuma *luma, const guint8 *row, gfloat weight)
{
  if (luma->depth == 8) {
    for (guint i = 0; i < luma->width; i++)
      line[i] += weight * row[(gsize) i * luma->pixel_stride];
  } else {
    for (guint i = 0; i < luma->width; i++)
      line[i] += weight * (read_word (row + (gsize) i * luma->pixel_stride) >>
                              luma->shift);
  }
}

static void
sum_rows_in_floats (WeirPdqHasher *hasher, const WeirLuma *luma, guint point)
{
  const WeirPdqAxis *axis = hasher->rows;
  const gfloat *weights = axis->weights + point * axis->n_weights;
  const gfloat scale = 1.0f / (1 << (luma->depth - 8));

  memset (hasher->line, 0, luma->width * sizeof *hasher->line);
  for (guint i = 0; i < axis->count[point]; i++) {
    const guint8 *row = luma_row (luma, axis->first[point] + i);
    gfloat weight = weights[i] * scale;

    if (luma->depth == 8 && luma->pixel_stride == 1)
      hasher->dsp->add_bytes (hasher->line, row, weight, luma->width);
    else if (luma->depth > 8 && luma->pixel_stride == 2)
      add_words (hasher->line, row, weight, luma->shift, luma->width);
    else
      add_spaced_samples (hasher->line, luma, row, weight);
  }
}

/* What sums up rows of this layout, if there is something that does. */
static WeirPdqSumRows
rows_summer (const WeirPdqDsp *dsp, const WeirLuma *luma)
{
  if (luma->depth > 8)
    return luma->pixel_stride == 2 ? dsp->sum_words : NULL;
  if (luma->pixel_stride == 1)
    return dsp->sum_bytes;
  return luma->pixel_stride == 2 ? dsp->sum_spaced_bytes : NULL;
}

static WeirPdqBand
band_of_point (WeirPdqHasher *hasher, const WeirLuma *luma, guint point)
{
  const WeirPdqAxis *axis = hasher->rows;
  guint end = axis->first[point] + axis->count[point];
  guint next = MIN (point + 1, axis->n_points - 1);
  WeirPdqBand band = {
    .data = luma_row (luma, axis->first[point]),
    .stride = luma->stride,
    .width = luma->width,
    .n_rows = axis->count[point],
    .n_next = axis->first[next] + axis->count[next] - end,
    .shift = luma->shift,
    .scale = 1.0f / (1 << (luma->depth - 8)),
    .weights = axis->whole_weights + point * axis->n_weights,
    .rows_at_once = axis->rows_at_once,
    .short_sums = hasher->short_sums,
    .long_sums = hasher->long_sums,
  };

  return band;
}

static void
hasher_reduce (WeirPdqHasher *hasher, const WeirLuma *luma)
{
  WeirPdqSumRows sum_rows = rows_summer (hasher->dsp, luma);

  for (guint i = 0; i < hasher->rows->n_points; i++) {
    if (sum_rows != NULL && hasher->rows->whole[i]) {
      WeirPdqBand band = band_of_point (hasher, luma, i);

      sum_rows (hasher->line, &band);
    } else {
      sum_rows_in_floats (hasher, luma, i);
    }
    hasher->dsp->weigh_line (hasher->grid + i * hasher->columns->n_points,
        hasher->line, hasher->columns);
  }
}

/* The sum of all steps between neighbours. Where there is one point for four,
 * one step is two of half its size, in two rows or columns. */
static guint
hasher_sum_gradients (const WeirPdqHasher *hasher, gfloat scale)
{
  guint side = hasher->rows->n_points, coarser = GRID / side;

  return coarser * coarser *
         hasher->dsp->sum_gradients (
             hasher->grid, side, scale / (gfloat) coarser);
}

/* 90 or more for each percent. */
static guint
hasher_quality (const WeirPdqHasher *hasher, gboolean full_range)
{
  const gfloat scale = full_range ? 1.0f : 255.0f / 219.0f;

  return MIN (hasher_sum_gradients (hasher, scale) / 90, 100);
}

static gfloat
get_deviation (const gfloat *grid, guint n_points)
{
  gdouble mean = 0, squares = 0;
  guint i;

  for (i = 0; i < n_points; i++)
    mean += grid[i];
  mean /= n_points;
  for (i = 0; i < n_points; i++)
    squares += (grid[i] - mean) * (grid[i] - mean);
  return (gfloat) sqrt (squares / n_points);
}

void
weir_pdq_hasher_run (
    WeirPdqHasher *hasher, const WeirLuma *luma, WeirPdqPicture *picture)
{
  const Cosines *cosines;
  guint side;

  g_return_if_fail (hasher != NULL && luma != NULL && picture != NULL);
  g_return_if_fail (hasher->rows != NULL && luma->data != NULL);
  g_return_if_fail (luma->width == hasher->columns->n_samples &&
                    luma->height == hasher->rows->n_samples);
  g_return_if_fail (hasher->columns->n_points == hasher->rows->n_points);
  g_return_if_fail (luma->depth >= 8 && luma->depth <= 16);
  g_return_if_fail (luma->depth == 8 || luma->depth + luma->shift <= 16);
  g_return_if_fail (luma->pixel_stride >= (luma->depth == 8 ? 1u : 2u));

  side = hasher->rows->n_points;
  cosines = side == GRID ? &hasher->cosines : &hasher->rough_cosines;
  hasher_reduce (hasher, luma);
  picture->quality = hasher_quality (hasher, luma->full_range);
  picture->detail = 0;
  hasher->dsp->multiply (
      hasher->half, cosines->by_frequency, hasher->grid, side, side);
  hasher->dsp->multiply (
      picture->dct, hasher->half, cosines->by_point, side, DCT);
}

void
weir_pdq_hasher_run_axes (WeirPdqHasher *hasher, const WeirPdqAxis *rows,
    const WeirPdqAxis *columns, const WeirLuma *luma, WeirPdqPicture *picture)
{
  hasher_set_axes (hasher, rows, columns);
  weir_pdq_hasher_run (hasher, luma, picture);
}

void
weir_pdq_hasher_measure_detail (
    const WeirPdqHasher *hasher, WeirPdqPicture *picture)
{
  guint side = hasher->rows->n_points;
  gfloat deviation = get_deviation (hasher->grid, side * side);

  picture->detail = 0;
  if (deviation >= MIN_DEVIATION)
    picture->detail =
        hasher_sum_gradients (hasher, 255 / deviation) / (GRID * GRID);
}

/* Turning a picture transposes its DCT, changes signs, or both. A flip negates
 * the odd frequencies of its direction, which are the even indices here since
 * index 0 is frequency 1. Signs in the original's rows and columns, - for
 * negated (every second row and column alike), before transposing:
 *
 *   plain   rotate 90  rotate 180  rotate 270
 *   + +     - +        + -         - -
 *   + +     - +        - +         + +
 *           transposed             transposed
 *
 *   flip    mirror     transpose   transverse
 *   - -     - +        + +         + -
 *   + +     - +        + +         - +
 *                      transposed  transposed
 */
static const struct {
  gboolean transpose;
  gboolean negate_rows;
  gboolean negate_columns;
} turns[WEIR_PDQ_N_ORIENTATIONS] = {
  [WEIR_PDQ_PLAIN] = { FALSE, FALSE, FALSE },
  [WEIR_PDQ_ROTATE_90] = { TRUE, FALSE, TRUE },
  [WEIR_PDQ_ROTATE_180] = { FALSE, TRUE, TRUE },
  [WEIR_PDQ_ROTATE_270] = { TRUE, TRUE, FALSE },
  [WEIR_PDQ_FLIP_VERTICAL] = { FALSE, TRUE, FALSE },
  [WEIR_PDQ_MIRROR] = { FALSE, FALSE, TRUE },
  [WEIR_PDQ_TRANSPOSE] = { TRUE, FALSE, FALSE },
  [WEIR_PDQ_TRANSVERSE] = { TRUE, TRUE, TRUE },
};

static void
transpose_bits (guint16 rows[DCT])
{
  guint16 columns[DCT] = { 0 };

  for (guint i = 0; i < DCT; i++)
    for (guint j = 0; j < DCT; j++)
      columns[j] = (guint16) (columns[j] | (rows[i] >> j & 1) << i);
  memcpy (rows, columns, sizeof columns);
}

void
weir_pdq_picture_get_hash (const WeirPdqPicture *picture,
    WeirPdqOrientation orientation, WeirPdqHash *hash)
{
  guint16 rows[DCT];

  g_return_if_fail (picture != NULL && hash != NULL);
  g_return_if_fail (orientation < WEIR_PDQ_N_ORIENTATIONS);

  weir_pdq_dsp_get ()->take_bits (picture->dct, turns[orientation].negate_rows,
      turns[orientation].negate_columns, rows);
  if (turns[orientation].transpose)
    transpose_bits (rows);

  memset (hash, 0, sizeof *hash);
  for (guint i = 0; i < DCT; i++)
    hash->words[i / 4] |= (guint64) rows[i] << (i % 4 * DCT);
}

void
weir_pdq_hash_to_hex (
    const WeirPdqHash *hash, gchar hex[WEIR_PDQ_HEX_LENGTH + 1])
{
  static const gchar digits[] = "0123456789abcdef";

  for (guint i = 0; i < WEIR_PDQ_HEX_LENGTH; i++) {
    guint bit = WEIR_PDQ_BITS - 4 * (i + 1);

    hex[i] = digits[hash->words[bit / 64] >> (bit % 64) & 0xf];
  }
  hex[WEIR_PDQ_HEX_LENGTH] = '\0';
}

gboolean
weir_pdq_hash_from_hex (const gchar *hex, WeirPdqHash *hash)
{
  WeirPdqHash read = { { 0 } };

  g_return_val_if_fail (hex != NULL && hash != NULL, FALSE);

  for (guint i = 0; i < WEIR_PDQ_HEX_LENGTH; i++) {
    guint bit = WEIR_PDQ_BITS - 4 * (i + 1);
    gint digit = g_ascii_xdigit_value (hex[i]);

    if (digit < 0)
      return FALSE;
    read.words[bit / 64] |= (guint64) digit << (bit % 64);
  }
  if (hex[WEIR_PDQ_HEX_LENGTH] != '\0')
    return FALSE;
  *hash = read;
  return TRUE;
}
