/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finding borders of one shade. */

#include "fingerprint/borders.h"

#include "fingerprint/pause.h"

/* A row is sampled at this many places, and likewise a column. */
#define SAMPLES 64

/* Samples of a border differ from its shade by at most this much (of 255);
 * compression leaves ripples beside a sharp edge. */
#define SHADE_TOLERANCE 12

/* Of a row's samples this many may differ more: a logo, a station's clock. */
#define STRAYS_MAX 4

/* Borders count from this share of a side on, up to that one. */
#define SHARE_MIN 0.01
#define SHARE_MAX 0.45

/* Pictures for which a border must have stood, and as how many one after a pause
 * counts. */
#define SETTLED_AFTER  12
#define PAUSE_PICTURES 6

/* Ripples reach this far into the border: what is left of it there is cut off
 * too. A share of the side, 1 pixel at least. */
#define SEAM 0.004

typedef struct {
  guint left, right, top, bottom; /* pixels */
} Borders;

struct _WeirBorderFinder {
  guint width, height;
  Borders settled;
  Borders smallest; /* of the pictures since it last settled */
  guint n_pictures;
  gint64 time; /* of the last */
  gboolean has_time;
};

WeirBorderFinder *
weir_border_finder_new (void)
{
  return g_new0 (WeirBorderFinder, 1);
}

void
weir_border_finder_free (WeirBorderFinder *finder)
{
  g_free (finder);
}

/* Whether the row (or column) at @position holds one shade, that of its own
 * middle sample, which is also @shade unless that is negative. */
static gboolean
is_plain (const WeirLuma *luma, gboolean is_row, guint position, gint *shade)
{
  guint length = is_row ? luma->width : luma->height;
  guint strays = 0, i;
  gint values[SAMPLES];
  gint64 sum = 0;
  gint mean;

  for (i = 0; i < SAMPLES; i++) {
    guint place = (guint) ((2 * i + 1) * (guint64) length / (2 * SAMPLES));

    values[i] = (gint) (is_row ? weir_luma_get_sample (luma, place, position)
                               : weir_luma_get_sample (luma, position, place));
    sum += values[i];
  }
  mean = *shade >= 0 ? *shade : (gint) (sum / SAMPLES);
  for (i = 0; i < SAMPLES; i++)
    strays += ABS (values[i] - mean) > SHADE_TOLERANCE;
  if (strays > STRAYS_MAX)
    return FALSE;
  *shade = mean;
  return TRUE;
}

/* How many rows (or columns) from one edge inwards are border. */
static guint
measure (const WeirLuma *luma, gboolean is_row, gboolean from_end)
{
  guint length = is_row ? luma->height : luma->width;
  guint limit = (guint) (length * SHARE_MAX);
  gint shade = -1;
  guint n;

  for (n = 0; n < limit; n++)
    if (!is_plain (luma, is_row, from_end ? length - 1 - n : n, &shade))
      break;
  /* All one shade up to the middle is a dark picture, no border. */
  return n == limit || n < length * SHARE_MIN ? 0 : n;
}

static Borders
measure_all (const WeirLuma *luma)
{
  return (Borders){
    .left = measure (luma, FALSE, FALSE),
    .right = measure (luma, FALSE, TRUE),
    .top = measure (luma, TRUE, FALSE),
    .bottom = measure (luma, TRUE, TRUE),
  };
}

static Borders
get_smaller (const Borders *a, const Borders *b)
{
  return (Borders){
    .left = MIN (a->left, b->left),
    .right = MIN (a->right, b->right),
    .top = MIN (a->top, b->top),
    .bottom = MIN (a->bottom, b->bottom),
  };
}

static gboolean
is_within (guint settled, guint found, guint length)
{
  return settled <= found + MAX (length / 100, 1);
}

/* Whether the settled borders are still (within) what is found. */
static gboolean
still_stand (const WeirBorderFinder *finder, const Borders *found)
{
  const Borders *settled = &finder->settled;

  return is_within (settled->left, found->left, finder->width) &&
         is_within (settled->right, found->right, finder->width) &&
         is_within (settled->top, found->top, finder->height) &&
         is_within (settled->bottom, found->bottom, finder->height);
}

/* As how many pictures the one at @time counts. */
static guint
count_pictures (WeirBorderFinder *finder, gint64 time)
{
  gboolean is_late = finder->has_time && time >= finder->time + WEIR_PAUSE;

  finder->time = time;
  finder->has_time = TRUE;
  return is_late ? PAUSE_PICTURES : 1;
}

static void
follow (WeirBorderFinder *finder, const Borders *found, guint n_pictures)
{
  if (!still_stand (finder, found)) {
    finder->settled = (Borders){ 0 };
    finder->n_pictures = 0;
  }
  finder->smallest =
      finder->n_pictures == 0 ? *found : get_smaller (&finder->smallest, found);
  finder->n_pictures += n_pictures;
  if (finder->n_pictures < SETTLED_AFTER)
    return;
  finder->settled = finder->smallest;
  finder->n_pictures = 0;
}

static guint
add_seam (guint border, guint length)
{
  return border > 0 ? border + MAX ((guint) (length * SEAM), 1) : 0;
}

gboolean
weir_border_finder_run (WeirBorderFinder *finder, const WeirLuma *luma,
    gint64 time, WeirLuma *inner)
{
  Borders found = measure_all (luma);
  guint left, right, top, bottom;

  if (luma->width != finder->width || luma->height != finder->height)
    *finder =
        (WeirBorderFinder){ .width = luma->width, .height = luma->height };
  follow (finder, &found, count_pictures (finder, time));
  left = add_seam (finder->settled.left, luma->width);
  right = add_seam (finder->settled.right, luma->width);
  top = add_seam (finder->settled.top, luma->height);
  bottom = add_seam (finder->settled.bottom, luma->height);
  if (left + right + top + bottom == 0 ||
      left + right + WEIR_PDQ_MIN_SIDE > luma->width ||
      top + bottom + WEIR_PDQ_MIN_SIDE > luma->height)
    return FALSE;

  *inner = weir_luma_cut (
      luma, left, top, luma->width - left - right, luma->height - top - bottom);
  return TRUE;
}
