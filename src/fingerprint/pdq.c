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

#include <math.h>
#include <string.h>

#define GRID WEIR_PDQ_GRID
#define DCT  WEIR_PDQ_DCT

/* Source rows that are added up in one sweep over the line (three waste least
 * on the 2 * window - 1 rows of the usual sizes), and the window up to which so
 * many bytes, weighted, cannot overflow 16 bits. */
#define ROWS_AT_ONCE        3
#define WINDOW_MAX_16_BITS  85
#define WEIGHTS_MAX_16_BITS (G_MAXUINT16 / G_MAXUINT8)

/* Partial sums of a dot product, side by side in vector registers. */
#define LANES 4

/* Bytes that come from memory together. */
#define CACHE_LINE 64

/* What one direction contributes to each grid point. */
typedef struct {
  guint n_weights;   /* stored for each grid point, a multiple of LANES */
  guint first[GRID]; /* the first source sample */
  guint count[GRID]; /* source samples, at most n_weights; the rest weighs 0 */
  gboolean fits_16_bits[GRID]; /* whole weights, small enough for integers */
  gfloat *weights;             /* GRID x n_weights */
} Axis;

struct _WeirPdqHasher {
  guint width;
  guint height;
  Axis rows;
  Axis columns;
  gfloat *line;  /* weighted source rows: width, then zeros for the weights
                    that reach past it */
  guint16 *sums; /* the part of them that is still in integers: width */
  gfloat grid[GRID * GRID];
  gfloat cosines[DCT * GRID];            /* row = frequency - 1 */
  gfloat transposed_cosines[GRID * DCT]; /* column = frequency - 1 */
  gfloat half[DCT * GRID];               /* the DCT of the grid's columns */
};

/* A box of @window samples about one sample, cut off at the picture's edges. */
typedef struct {
  guint first;
  guint last;
} Box;

static guint
window_size (guint side)
{
  return (side + 2 * GRID - 1) / (2 * GRID);
}

static Box
box_about (guint centre, guint window, guint side)
{
  guint after = (window + 2) / 2 - 1;
  guint before = window - 1 - after;
  Box box = {
    .first = centre > before ? centre - before : 0,
    .last = MIN (centre + after, side - 1),
  };

  return box;
}

/* The weights of grid point @point after two box passes, times @gain. An even
 * window is cut off at the last grid point; elsewhere each weight is @gain /
 * window^2 times a whole number. */
static void
axis_set_point (Axis *axis, guint point, guint side, gdouble gain)
{
  guint window = window_size (side);
  guint centre = (guint) (((point + 0.5) * side) / GRID);
  Box outer = box_about (centre, window, side);
  guint first = box_about (outer.first, window, side).first;
  guint last = box_about (outer.last, window, side).last;
  gfloat *weights = axis->weights + point * axis->n_weights;
  gboolean whole = TRUE;

  for (guint i = first; i <= last; i++) {
    gdouble weight = 0.0;

    for (guint j = outer.first; j <= outer.last; j++) {
      Box inner = box_about (j, window, side);

      if (i >= inner.first && i <= inner.last)
        weight += gain / ((gdouble) (outer.last - outer.first + 1) *
                             (inner.last - inner.first + 1));
    }
    weights[i - first] = (gfloat) weight;
    whole = whole && weight == floor (weight);
  }
  axis->first[point] = first;
  axis->count[point] = last - first + 1;
  axis->fits_16_bits[point] = whole && window <= WINDOW_MAX_16_BITS;
}

static void
axis_init (Axis *axis, guint side, gdouble gain)
{
  guint longest = 2 * window_size (side) - 1;

  axis->n_weights = (longest + LANES - 1) / LANES * LANES;
  axis->weights = g_new0 (gfloat, GRID * axis->n_weights);
  for (guint i = 0; i < GRID; i++)
    axis_set_point (axis, i, side, gain);
}

/* Frequencies 1 to 16: the constant term is left out. */
static void
hasher_init_cosines (WeirPdqHasher *hasher)
{
  const gfloat scale = (gfloat) sqrt (2.0 / GRID);

  for (guint i = 0; i < DCT; i++) {
    for (guint j = 0; j < GRID; j++) {
      gdouble angle = (G_PI / 2.0 / GRID) * (i + 1) * (2 * j + 1);
      gfloat cosine = (gfloat) (scale * cos (angle));

      hasher->cosines[i * GRID + j] = cosine;
      hasher->transposed_cosines[j * DCT + i] = cosine;
    }
  }
}

WeirPdqHasher *
weir_pdq_hasher_new (guint width, guint height)
{
  WeirPdqHasher *hasher;
  gdouble row_gain;

  if (width < WEIR_PDQ_MIN_SIDE || width > WEIR_PDQ_MAX_SIDE ||
      height < WEIR_PDQ_MIN_SIDE || height > WEIR_PDQ_MAX_SIDE)
    return NULL;

  /* Whole weights for the rows keep their sums exact, in integers as in
   * floats; the columns make up for it. */
  row_gain = (gdouble) window_size (height) * window_size (height);
  hasher = g_new0 (WeirPdqHasher, 1);
  hasher->width = width;
  hasher->height = height;
  axis_init (&hasher->rows, height, row_gain);
  axis_init (&hasher->columns, width, 1.0 / row_gain);
  hasher->line = g_new0 (gfloat, width + hasher->columns.n_weights);
  hasher->sums = g_new0 (guint16, width);
  hasher_init_cosines (hasher);

  return hasher;
}

void
weir_pdq_hasher_free (WeirPdqHasher *hasher)
{
  if (hasher == NULL)
    return;
  g_free (hasher->rows.weights);
  g_free (hasher->columns.weights);
  g_free (hasher->line);
  g_free (hasher->sums);
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
add_rows_of_bytes (guint16 *restrict sums, const guint8 *const rows[],
    const guint16 weights[], guint width)
{
  const guint8 *row_0 = rows[0];
  const guint8 *row_1 = rows[1];
  const guint8 *row_2 = rows[2];
  const guint16 weight_0 = weights[0];
  const guint16 weight_1 = weights[1];
  const guint16 weight_2 = weights[2];

  for (guint i = 0; i < width; i++)
    sums[i] = (guint16) (sums[i] + row_0[i] * weight_0 + row_1[i] * weight_1 +
                         row_2[i] * weight_2);
}

/* Has the rows of the next sweep fetched during this one: processors do not
 * foresee them across the ends of rows and pages. */
static void
prefetch_rows (const WeirLuma *luma, guint first)
{
  for (guint i = first; i < MIN (first + ROWS_AT_ONCE, luma->height); i++) {
    const guint8 *row = luma_row (luma, i);

    for (guint j = 0; j < luma->width; j += CACHE_LINE)
      __builtin_prefetch (row + j);
  }
}

static void
move_sums_to_line (WeirPdqHasher *hasher)
{
  for (guint i = 0; i < hasher->width; i++) {
    hasher->line[i] += hasher->sums[i];
    hasher->sums[i] = 0;
  }
}

/* The usual case, bytes side by side: 16-bit integers are twice as many in a
 * register as floats, and the sums are exact either way. */
static void
sum_rows_in_16_bits (WeirPdqHasher *hasher, const WeirLuma *luma, guint point)
{
  const Axis *axis = &hasher->rows;
  const gfloat *weights = axis->weights + point * axis->n_weights;
  guint last = axis->count[point] - 1;
  guint total = 0;

  for (guint i = 0; i <= last; i += ROWS_AT_ONCE) {
    const guint8 *rows[ROWS_AT_ONCE];
    guint16 whole_weights[ROWS_AT_ONCE];
    guint added = 0;

    /* Rows past the last one weigh 0. */
    for (guint j = 0; j < ROWS_AT_ONCE; j++) {
      rows[j] = luma_row (luma, axis->first[point] + MIN (i + j, last));
      whole_weights[j] = i + j <= last ? (guint16) weights[i + j] : 0;
      added += whole_weights[j];
    }
    if (total + added > WEIGHTS_MAX_16_BITS) {
      move_sums_to_line (hasher);
      total = 0;
    }
    prefetch_rows (luma, axis->first[point] + i + ROWS_AT_ONCE);
    add_rows_of_bytes (hasher->sums, rows, whole_weights, hasher->width);
    total += added;
  }
  move_sums_to_line (hasher);
}

static void
add_bytes (gfloat *restrict line, const guint8 *row, gfloat weight, guint width)
{
  for (guint i = 0; i < width; i++)
    line[i] += weight * row[i];
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
  const Axis *axis = &hasher->rows;
  const gfloat *weights = axis->weights + point * axis->n_weights;
  const gfloat scale = 1.0f / (1 << (luma->depth - 8));

  for (guint i = 0; i < axis->count[point]; i++) {
    const guint8 *row = luma_row (luma, axis->first[point] + i);
    gfloat weight = weights[i] * scale;

    if (luma->depth == 8 && luma->pixel_stride == 1)
      add_bytes (hasher->line, row, weight, hasher->width);
    else if (luma->depth > 8 && luma->pixel_stride == 2)
      add_words (hasher->line, row, weight, luma->shift, hasher->width);
    else
      add_spaced_samples (hasher->line, luma, row, weight);
  }
}

static gfloat
dot_product (const gfloat *a, const gfloat *b, guint length)
{
  gfloat partial[LANES] = { 0.0f };

  for (guint i = 0; i < length; i += LANES)
    for (guint j = 0; j < LANES; j++)
      partial[j] += a[i + j] * b[i + j];

  return (partial[0] + partial[2]) + (partial[1] + partial[3]);
}

static void
hasher_reduce (WeirPdqHasher *hasher, const WeirLuma *luma)
{
  const Axis *columns = &hasher->columns;
  gboolean adjacent_bytes = luma->depth == 8 && luma->pixel_stride == 1;

  for (guint i = 0; i < GRID; i++) {
    memset (hasher->line, 0, hasher->width * sizeof *hasher->line);
    if (adjacent_bytes && hasher->rows.fits_16_bits[i])
      sum_rows_in_16_bits (hasher, luma, i);
    else
      sum_rows_in_floats (hasher, luma, i);
    for (guint j = 0; j < GRID; j++)
      hasher->grid[i * GRID + j] =
          dot_product (columns->weights + j * columns->n_weights,
              hasher->line + columns->first[j], columns->n_weights);
  }
}

/* One step between neighbours, in whole percent of full scale. */
static gint
gradient (gfloat a, gfloat b, gfloat scale)
{
  return ABS ((gint) ((a * scale - b * scale) * 100.0f / 255.0f));
}

/* The sum of all steps between neighbours, 90 or more for each percent. */
static guint
grid_quality (const gfloat *grid, gboolean full_range)
{
  const gfloat scale = full_range ? 1.0f : 255.0f / 219.0f;
  gint sum = 0;

  for (guint i = 0; i < GRID * (GRID - 1); i++)
    sum += gradient (grid[i], grid[i + GRID], scale);
  for (guint i = 0; i < GRID; i++)
    for (guint j = 0; j < GRID - 1; j++)
      sum += gradient (grid[i * GRID + j], grid[i * GRID + j + 1], scale);

  return (guint) MIN (sum / 90, 100);
}

/* Adds four rows of a matrix, weighted, one after the other. */
static inline void
add_four_rows (gfloat *restrict sums, const gfloat weights[4],
    const gfloat *rows, guint n_columns)
{
  for (guint i = 0; i < n_columns; i++)
    sums[i] = sums[i] + weights[0] * rows[i] +
              weights[1] * rows[i + n_columns] +
              weights[2] * rows[i + 2 * n_columns] +
              weights[3] * rows[i + 3 * n_columns];
}

/* cosines * grid * transposed cosines, each element summed in index order. */
static void
hasher_transform (WeirPdqHasher *hasher, gfloat *dct)
{
  memset (hasher->half, 0, sizeof hasher->half);
  memset (dct, 0, DCT * DCT * sizeof *dct);

  for (guint i = 0; i < DCT; i++) {
    gfloat *half = hasher->half + i * GRID;
    const gfloat *cosines = hasher->cosines + i * GRID;

    for (guint k = 0; k < GRID; k += 4)
      add_four_rows (half, cosines + k, hasher->grid + k * GRID, GRID);
    for (guint k = 0; k < GRID; k += 4)
      add_four_rows (
          dct + i * DCT, half + k, hasher->transposed_cosines + k * DCT, DCT);
  }
}

void
weir_pdq_hasher_run (
    WeirPdqHasher *hasher, const WeirLuma *luma, WeirPdqPicture *picture)
{
  g_return_if_fail (hasher != NULL && luma != NULL && picture != NULL);
  g_return_if_fail (luma->data != NULL);
  g_return_if_fail (
      luma->width == hasher->width && luma->height == hasher->height);
  g_return_if_fail (luma->depth >= 8 && luma->depth <= 16);
  g_return_if_fail (luma->depth == 8 || luma->depth + luma->shift <= 16);
  g_return_if_fail (luma->pixel_stride >= (luma->depth == 8 ? 1u : 2u));

  hasher_reduce (hasher, luma);
  picture->quality = grid_quality (hasher->grid, luma->full_range);
  hasher_transform (hasher, picture->dct);
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

/* An integer with the order of the float. */
static gint32
sortable_key (gfloat value)
{
  gfloat unsigned_zero = value + 0.0f; /* -0 and 0 are equal */
  gint32 key;

  memcpy (&key, &unsigned_zero, sizeof key);
  return key < 0 ? key ^ G_MAXINT32 : key;
}

/* The 128th smallest of 256 keys, by bisection of the range: the counting loop
 * has no branches, whatever the order of the keys. */
static gint32
lower_median (const gint32 keys[WEIR_PDQ_BITS])
{
  gint64 low = G_MININT32;
  gint64 high = G_MAXINT32;

  while (low < high) {
    gint32 middle = (gint32) (low + (high - low) / 2);
    gint32 count = 0;

    for (guint i = 0; i < WEIR_PDQ_BITS; i++)
      count += keys[i] <= middle;
    if (count >= WEIR_PDQ_BITS / 2)
      high = middle;
    else
      low = (gint64) middle + 1;
  }
  return (gint32) low;
}

void
weir_pdq_picture_get_hash (const WeirPdqPicture *picture,
    WeirPdqOrientation orientation, WeirPdqHash *hash)
{
  gint32 keys[WEIR_PDQ_BITS];
  gint32 median;

  g_return_if_fail (picture != NULL && hash != NULL);
  g_return_if_fail (orientation < WEIR_PDQ_N_ORIENTATIONS);

  for (guint i = 0; i < DCT; i++) {
    for (guint j = 0; j < DCT; j++) {
      gboolean negate = (turns[orientation].negate_rows && i % 2 == 0) !=
                        (turns[orientation].negate_columns && j % 2 == 0);
      gfloat value = picture->dct[i * DCT + j];
      guint k = turns[orientation].transpose ? j * DCT + i : i * DCT + j;

      keys[k] = sortable_key (negate ? -value : value);
    }
  }

  median = lower_median (keys);
  memset (hash, 0, sizeof *hash);
  for (guint k = 0; k < WEIR_PDQ_BITS; k++)
    hash->words[k / 64] |= (guint64) (keys[k] > median) << (k % 64);
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
