/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finding pictures within the picture, by the seams between them. */

#include "fingerprint/panes.h"

#include "fingerprint/pause.h"

#include <string.h>

#define MS G_GINT64_CONSTANT (1000000)

/* A picture is looked at this often, at every n-th sample, so that its longer
 * side has at most this many: a little more often than ten times a second, so
 * that it is each third of thirty, however their times are rounded. */
#define INTERVAL (95 * MS)
#define SIDE_MAX 480

/* The length of a possible seam is divided into so many bands, each of which
 * has it or not. */
#define BANDS 30

/* Steps between neighbours are averaged over about this many looks, and say
 * nothing before; larger ones than the limit count no more. */
#define LOOKS    8
#define STEP_MAX 48

/* As how many looks one after a pause counts. */
#define PAUSE_LOOKS 4

/* A band has a seam where its steps are so many times those beside it, from
 * NEAR to FAR samples away, and some more. */
#define SEAM_FACTOR 2.0f
#define SEAM_OFFSET 3.0f
#define NEAR        3
#define FAR         10

/* Seams at least so long, as a share of the bands, and at most so many in each
 * direction, are put together to panes. */
#define LENGTH_MIN 0.15
#define SEAMS_MAX  10

/* The sides of a pane that are not edges of the frame are seams in so many of
 * their bands, taken together, and each in so many: what is beside a side may
 * be as dark, or as bright, as it is. Sides are so long, as a share of the
 * frame's. */
#define SUPPORT_MIN      0.7f
#define SIDE_SUPPORT_MIN 0.3f
#define SHARE_MIN        0.2
#define PIXELS_MIN       64

/* Possible seams in one direction: between sample i and i + 1, all along. */
typedef struct {
  guint n_samples;
  gfloat *steps;              /* of the picture at hand, n_samples x BANDS */
  gfloat *average;            /* over time */
  guint8 *is_seam;            /* 0 or 1 */
  guint seams[SEAMS_MAX + 2]; /* where a pane may begin or end, in samples; the
                                 frame's edges are the first two */
  guint n_seams;
  guint8 before[SEAMS_MAX + 2][BANDS + 1]; /* in how many bands before each one
                                              there is that seam */
} Direction;

/* A rectangle, its sides numbers of seams. */
typedef struct {
  guint left, right, top, bottom;
  gfloat certainty;
} Pane;

struct _WeirPaneFinder {
  guint width, height; /* pixels */
  guint spacing;       /* pixels from one sample to the next */
  guint8 *samples;
  guint16 *sums;    /* of steps, one for each column */
  Direction across; /* seams that stand upright */
  Direction down;   /* seams that lie */
  guint n_looks;
  gint64 looked; /* when last */
  Pane panes[WEIR_PANES_MAX];
  guint n_panes;
};

WeirPaneFinder *
weir_pane_finder_new (void)
{
  return g_new0 (WeirPaneFinder, 1);
}

static void
direction_clear (Direction *direction)
{
  g_clear_pointer (&direction->steps, g_free);
  g_clear_pointer (&direction->average, g_free);
  g_clear_pointer (&direction->is_seam, g_free);
}

static void
direction_init (Direction *direction, guint n_samples)
{
  direction->n_samples = n_samples;
  direction->steps = g_new0 (gfloat, n_samples * BANDS);
  direction->average = g_new0 (gfloat, n_samples * BANDS);
  direction->is_seam = g_new0 (guint8, n_samples * BANDS);
  direction->n_seams = 0;
}

static void
finder_clear (WeirPaneFinder *finder)
{
  g_clear_pointer (&finder->samples, g_free);
  g_clear_pointer (&finder->sums, g_free);
  direction_clear (&finder->across);
  direction_clear (&finder->down);
}

void
weir_pane_finder_free (WeirPaneFinder *finder)
{
  finder_clear (finder);
  g_free (finder);
}

static void
finder_set_size (WeirPaneFinder *finder, guint width, guint height)
{
  guint n_columns, n_rows;

  finder_clear (finder);
  finder->width = width;
  finder->height = height;
  finder->spacing = (MAX (width, height) + SIDE_MAX - 1) / SIDE_MAX;
  n_columns = width / finder->spacing;
  n_rows = height / finder->spacing;
  finder->samples = g_malloc ((gsize) n_columns * n_rows);
  finder->sums = g_new (guint16, n_columns);
  direction_init (&finder->across, n_columns);
  direction_init (&finder->down, n_rows);
  finder->n_looks = 0;
  finder->n_panes = 0;
}

static void
take_samples (WeirPaneFinder *finder, const WeirLuma *luma)
{
  gboolean is_bytes = luma->depth == 8;
  gsize step = (gsize) finder->spacing * luma->pixel_stride;
  guint n_columns = finder->across.n_samples;
  guint first = finder->spacing / 2;
  guint row, column;

  for (row = 0; row < finder->down.n_samples; row++) {
    guint8 *samples = finder->samples + (gsize) row * n_columns;
    guint source_row = first + row * finder->spacing;
    const guint8 *source = luma->data + (gssize) source_row * luma->stride +
                           (gsize) first * luma->pixel_stride;

    for (column = 0; is_bytes && column < n_columns; column++)
      samples[column] = source[column * step];
    for (; column < n_columns; column++)
      samples[column] = (guint8) weir_luma_get_sample (
          luma, first + column * finder->spacing, source_row);
  }
}

static inline guint
get_step (guint8 a, guint8 b)
{
  guint step = (guint) ABS (a - b);

  return MIN (step, STEP_MAX);
}

/* Adds up the steps from each column to the next. */
static void
sum_steps_across (WeirPaneFinder *finder)
{
  Direction *across = &finder->across;
  guint n_columns = across->n_samples, n_rows = finder->down.n_samples;
  guint row = 0, band, i;

  for (band = 0; band < BANDS; band++) {
    memset (finder->sums, 0, n_columns * sizeof (*finder->sums));
    for (; row < n_rows && row * BANDS / n_rows == band; row++) {
      const guint8 *samples = finder->samples + (gsize) row * n_columns;

      for (i = 0; i + 1 < n_columns; i++)
        finder->sums[i] =
            (guint16) (finder->sums[i] + get_step (samples[i], samples[i + 1]));
    }
    for (i = 0; i < n_columns; i++)
      across->steps[i * BANDS + band] = finder->sums[i];
  }
}

/* And from each row to the next. */
static void
sum_steps_down (WeirPaneFinder *finder)
{
  Direction *down = &finder->down;
  guint n_columns = finder->across.n_samples;
  guint row, column, band;

  memset (down->steps, 0, down->n_samples * BANDS * sizeof (gfloat));
  for (row = 0; row + 1 < down->n_samples; row++) {
    const guint8 *samples = finder->samples + (gsize) row * n_columns;

    for (column = 0; column < n_columns; column++)
      finder->sums[column] =
          (guint16) get_step (samples[column], samples[column + n_columns]);
    for (column = 0, band = 0; band < BANDS; band++) {
      guint sum = 0;

      for (; column < n_columns && column * BANDS / n_columns == band; column++)
        sum += finder->sums[column];
      down->steps[row * BANDS + band] = (gfloat) sum;
    }
  }
}

static void
average_steps (Direction *direction, guint n_aside, guint n_looks, guint n_all)
{
  gfloat share = (gfloat) n_looks / (gfloat) MIN (n_all, LOOKS);
  gfloat scale = BANDS / (gfloat) n_aside;
  guint i;

  for (i = 0; i < direction->n_samples * BANDS; i++)
    direction->average[i] +=
        share * (direction->steps[i] * scale - direction->average[i]);
}

/* Adds the averages of one place to sums, band by band. */
static inline void
add_place (const Direction *direction, guint place, gfloat sums[BANDS])
{
  const gfloat *averages = direction->average + (gsize) place * BANDS;
  guint band;

  for (band = 0; band < BANDS; band++)
    sums[band] += averages[band];
}

/* Sums up the averages from NEAR to FAR samples before and after a place, in
 * each band. Returns of how many places. */
static guint
sum_surroundings (const Direction *direction, guint place, gfloat sums[BANDS])
{
  guint n = 0, distance;

  for (distance = NEAR; distance <= FAR; distance++) {
    if (place >= distance) {
      add_place (direction, place - distance, sums);
      n++;
    }
    if (place + distance + 1 < direction->n_samples) {
      add_place (direction, place + distance, sums);
      n++;
    }
  }
  return n;
}

/* A band has a seam where its average is well above the mean of those about
 * it. */
static void
mark_seams (Direction *direction)
{
  guint place, band;

  for (place = 0; place < direction->n_samples; place++) {
    const gfloat *averages = direction->average + (gsize) place * BANDS;
    guint8 *is_seam = direction->is_seam + (gsize) place * BANDS;
    gfloat sums[BANDS] = { 0 };
    guint n = sum_surroundings (direction, place, sums);

    for (band = 0; band < BANDS; band++)
      is_seam[band] =
          n > 0 && averages[band] >
                       SEAM_FACTOR * (sums[band] / (gfloat) n) + SEAM_OFFSET;
  }
}

/* Whether there is a seam in a band, here or just beside. */
static gboolean
has_seam (const Direction *direction, guint place, guint band)
{
  guint i;

  for (i = place > 0 ? place - 1 : 0;
       i <= MIN (place + 1, direction->n_samples - 1); i++)
    if (direction->is_seam[i * BANDS + band])
      return TRUE;
  return FALSE;
}

/* How strong the seam at @place is: the sum of its averages in the bands that
 * have it; 0 if these are too few. */
static gfloat
get_strength (const Direction *direction, guint place)
{
  guint n_seams = 0, n_here = 0, band;
  gfloat sum = 0;

  for (band = 0; band < BANDS; band++) {
    n_here += direction->is_seam[place * BANDS + band];
    if (!has_seam (direction, place, band))
      continue;
    n_seams++;
    sum += direction->average[place * BANDS + band];
  }
  return n_here > 0 && n_seams >= LENGTH_MIN * BANDS ? sum : 0;
}

/* Chooses the strongest seams, one of each neighbourhood. */
static void
choose_seams (Direction *direction)
{
  gfloat strengths[SEAMS_MAX + 2] = { 0 };
  guint i, j;

  direction->seams[0] = 0;
  direction->seams[1] = direction->n_samples;
  direction->n_seams = 2;
  for (i = NEAR; i + NEAR < direction->n_samples; i++) {
    gfloat strength = get_strength (direction, i);

    if (strength <= 0)
      continue;
    for (j = 2; j < direction->n_seams; j++)
      if (i + 1 - direction->seams[j] <= NEAR)
        break;
    if (j == direction->n_seams && j < SEAMS_MAX + 2) {
      direction->n_seams++;
    } else if (j == direction->n_seams) {
      guint k;

      for (j = 2, k = 3; k < direction->n_seams; k++)
        if (strengths[k] < strengths[j])
          j = k;
    }
    if (strength > strengths[j]) {
      strengths[j] = strength;
      direction->seams[j] = i + 1;
    }
  }
}

/* Adds up along each chosen seam in which bands it is. */
static void
count_bands (Direction *direction)
{
  guint seam, band;

  for (seam = 2; seam < direction->n_seams; seam++)
    for (band = 0; band < BANDS; band++)
      direction->before[seam][band + 1] =
          (guint8) (direction->before[seam][band] +
                    has_seam (direction, direction->seams[seam] - 1, band));
}

/* In how much of the side at seam number @seam there is a seam, from @start to
 * @end of @length samples; 1 at the frame's edge. */
static gfloat
get_support (const Direction *direction, guint seam, guint start, guint end,
    guint length)
{
  guint first = (start * BANDS + length - 1) / length;
  guint last = end * BANDS / length;
  const guint8 *before = direction->before[seam];

  if (seam < 2)
    return 1;
  if (last <= first)
    return 0;
  return (gfloat) (before[last] - before[first]) / (gfloat) (last - first);
}

/* Sets the certainty of @pane, 0 when it is none. */
static void
judge (const WeirPaneFinder *finder, Pane *pane)
{
  const Direction *across = &finder->across, *down = &finder->down;
  guint left = across->seams[pane->left], right = across->seams[pane->right];
  guint top = down->seams[pane->top], bottom = down->seams[pane->bottom];
  gfloat supports[4], area, sum = 0;
  gfloat n_edges = (gfloat) ((pane->left < 2) + (pane->right < 2) +
                             (pane->top < 2) + (pane->bottom < 2));
  guint i;

  pane->certainty = 0;
  if (n_edges > 3 || right < left + across->n_samples * SHARE_MIN ||
      bottom < top + down->n_samples * SHARE_MIN ||
      (right - left) * finder->spacing < PIXELS_MIN ||
      (bottom - top) * finder->spacing < PIXELS_MIN)
    return;
  supports[0] = get_support (across, pane->left, top, bottom, down->n_samples);
  supports[1] = get_support (across, pane->right, top, bottom, down->n_samples);
  supports[2] = get_support (down, pane->top, left, right, across->n_samples);
  supports[3] =
      get_support (down, pane->bottom, left, right, across->n_samples);
  for (i = 0; i < G_N_ELEMENTS (supports); i++) {
    if (supports[i] < SIDE_SUPPORT_MIN)
      return;
    sum += supports[i];
  }
  if (sum - n_edges < SUPPORT_MIN * (4 - n_edges))
    return;
  /* An edge of the frame says less than a seam; of panes alike, a copy is
   * more likely the larger one than a part of it. */
  area = (gfloat) ((right - left) * (bottom - top)) /
         (gfloat) (across->n_samples * down->n_samples);
  pane->certainty = sum + area - 0.5f * n_edges;
}

/* Puts @pane among the best. */
static void
insert_pane (WeirPaneFinder *finder, const Pane *pane)
{
  guint i;

  for (i = finder->n_panes;
       i > 0 && finder->panes[i - 1].certainty < pane->certainty; i--)
    if (i < WEIR_PANES_MAX)
      finder->panes[i] = finder->panes[i - 1];
  if (i < WEIR_PANES_MAX)
    finder->panes[i] = *pane;
  finder->n_panes = MIN (finder->n_panes + 1, WEIR_PANES_MAX);
}

static void
find_panes (WeirPaneFinder *finder)
{
  guint n_across = finder->across.n_seams, n_down = finder->down.n_seams;
  Pane pane;

  finder->n_panes = 0;
  for (pane.left = 0; pane.left < n_across; pane.left++)
    for (pane.right = 1; pane.right < n_across; pane.right++)
      for (pane.top = 0; pane.top < n_down; pane.top++)
        for (pane.bottom = 1; pane.bottom < n_down; pane.bottom++) {
          judge (finder, &pane);
          if (pane.certainty > 0)
            insert_pane (finder, &pane);
        }
}

/* As how many looks the one at @time counts. */
static guint
count_looks (const WeirPaneFinder *finder, gint64 time)
{
  gboolean is_late = finder->n_looks > 0 && time >= finder->looked + WEIR_PAUSE;

  return is_late ? PAUSE_LOOKS : 1;
}

/* The picture counts as @n_looks. */
static void
look (WeirPaneFinder *finder, const WeirLuma *luma, guint n_looks)
{
  guint n_columns = finder->across.n_samples;
  guint n_rows = finder->down.n_samples;

  finder->n_looks += n_looks;
  take_samples (finder, luma);
  sum_steps_across (finder);
  sum_steps_down (finder);
  average_steps (&finder->across, n_rows, n_looks, finder->n_looks);
  average_steps (&finder->down, n_columns, n_looks, finder->n_looks);
  mark_seams (&finder->across);
  mark_seams (&finder->down);
  choose_seams (&finder->across);
  choose_seams (&finder->down);
  count_bands (&finder->across);
  count_bands (&finder->down);
  if (finder->n_looks >= LOOKS)
    find_panes (finder);
}

static WeirWindow
get_window (const WeirPaneFinder *finder, const Pane *pane)
{
  const Direction *across = &finder->across, *down = &finder->down;
  gfloat width = (gfloat) across->n_samples, height = (gfloat) down->n_samples;
  guint left = across->seams[pane->left], right = across->seams[pane->right];
  guint top = down->seams[pane->top], bottom = down->seams[pane->bottom];

  return (WeirWindow){
    .left = (gfloat) left / width,
    .top = (gfloat) top / height,
    .width = (gfloat) (right - left) / width,
    .height = (gfloat) (bottom - top) / height,
  };
}

guint
weir_pane_finder_run (WeirPaneFinder *finder, const WeirLuma *luma, gint64 time,
    WeirWindow panes[WEIR_PANES_MAX])
{
  guint i;

  if (luma->width != finder->width || luma->height != finder->height)
    finder_set_size (finder, luma->width, luma->height);
  if (finder->n_looks == 0 || time >= finder->looked + INTERVAL ||
      time < finder->looked) {
    look (finder, luma, count_looks (finder, time));
    finder->looked = time;
  }
  for (i = 0; i < finder->n_panes; i++)
    panes[i] = get_window (finder, &finder->panes[i]);
  return finder->n_panes;
}
