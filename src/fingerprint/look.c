/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Taking a look at a part of a picture. */

#include "fingerprint/look.h"

#include "fingerprint/coarse-dsp.h"
#include "fingerprint/pdq-axis.h"
#include "fingerprint/separable.h"

#include <math.h>

/* Weights are kept for this many sides of windows: those of all aims at one
 * size of the stream are some 150. */
#define AXES_MAX 256

/* A turned window is sampled at this many places each way: three for each
 * point of PDQ's grid. */
#define TURNED_SIDE 192

/* PDQ's boxes of two, which 192 places get, reach ahead: the centre of a grid
 * point's weights is a sample further on than in a large picture. So much
 * earlier, in samples, the window is sampled: then the hash is some 7 bits from
 * that of the window turned at full size, and 20 otherwise. */
#define TURNED_LEAD 0.8f

/* Of a coarse picture a window has so many samples each way, or it is looked at
 * in the picture itself; of a rough one so many, or in the coarse one. */
#define COARSE_MIN (3 * WEIR_PDQ_GRID)
#define ROUGH_MIN  WEIR_PDQ_GRID

/* A window, in samples. */
typedef struct {
  guint left, top, width, height;
} Place;

typedef struct {
  guint64 key;  /* 0: none */
  guint64 used; /* number of the look that used it last */
  WeirPdqAxis axis;
} KeptAxis;

/* A picture that looks are taken at. */
typedef struct {
  WeirLuma luma;
  WeirCoarse coarse;
  WeirCoarse rough;                          /* of the coarse one */
  gboolean has_coarse, has_rough, has_whole; /* of this picture */
  WeirPdqPicture whole;
} Shown;

struct _WeirLooker {
  Shown shown[WEIR_N_BASES];
  WeirPdqHasher *pdq;
  KeptAxis axes[AXES_MAX];
  guint64 n_looks;
  guint8 *turned; /* TURNED_SIDE^2 samples */
};

WeirLooker *
weir_looker_new (void)
{
  WeirLooker *looker = g_new0 (WeirLooker, 1);

  looker->pdq = weir_pdq_hasher_new_for_axes ();
  looker->turned = g_malloc (TURNED_SIDE * TURNED_SIDE);
  return looker;
}

void
weir_looker_free (WeirLooker *looker)
{
  guint i;

  for (i = 0; i < AXES_MAX; i++)
    weir_pdq_axis_clear (&looker->axes[i].axis);
  for (i = 0; i < WEIR_N_BASES; i++) {
    weir_coarse_clear (&looker->shown[i].coarse);
    weir_coarse_clear (&looker->shown[i].rough);
  }
  weir_pdq_hasher_free (looker->pdq);
  g_free (looker->turned);
  g_free (looker);
}

void
weir_looker_show (WeirLooker *looker, guint base, const WeirLuma *luma)
{
  Shown *shown = &looker->shown[base];

  shown->luma = *luma;
  shown->has_coarse = shown->has_rough = shown->has_whole = FALSE;
}

static const WeirCoarse *
get_coarse (Shown *shown)
{
  if (!shown->has_coarse)
    weir_coarse_take (&shown->coarse, &shown->luma, WEIR_COARSE_SIDE);
  shown->has_coarse = TRUE;
  return &shown->coarse;
}

static const WeirCoarse *
get_rough (Shown *shown)
{
  if (!shown->has_rough)
    weir_coarse_take (
        &shown->rough, &get_coarse (shown)->luma, WEIR_COARSE_ROUGH_SIDE);
  shown->has_rough = TRUE;
  return &shown->rough;
}

/* The axis of @span; the one that was not used for longest gives way. */
static const WeirPdqAxis *
get_axis (WeirLooker *looker, const WeirPdqSpan *span, gdouble gain)
{
  guint64 key = (guint64) span->length | (guint64) span->phase << 16 |
                (guint64) (span->rough != FALSE) << 23 |
                (guint64) span->block << 24 |
                (guint64) (guint32) lrint (gain > 1 ? gain : 1 / gain) << 32 |
                (guint64) (gain < 1) << 63;
  KeptAxis *oldest = looker->axes;
  guint i;

  for (i = 0; i < AXES_MAX; i++) {
    KeptAxis *kept = &looker->axes[i];

    if (kept->key == key) {
      kept->used = looker->n_looks;
      return &kept->axis;
    }
    if (kept->used < oldest->used)
      oldest = kept;
  }
  weir_pdq_axis_clear (&oldest->axis);
  oldest->key = key;
  oldest->used = looker->n_looks;
  weir_pdq_axis_init (&oldest->axis, span, gain);
  return &oldest->axis;
}

static void
hash_spans (WeirLooker *looker, const WeirPdqSpan *columns,
    const WeirPdqSpan *rows, const WeirLuma *luma, WeirPdqPicture *picture)
{
  gdouble gain = weir_pdq_span_get_gain (rows);

  looker->n_looks++;
  weir_pdq_hasher_run_axes (looker->pdq, get_axis (looker, rows, gain),
      get_axis (looker, columns, 1 / gain), luma, picture);
}

/* ---- upright windows ---- */

static guint
get_share (gfloat share, guint length)
{
  return (guint) lrintf (CLAMP (share, 0, 1) * (gfloat) length);
}

static gboolean
place_window (const WeirLuma *luma, const WeirWindow *window, Place *place)
{
  place->width = get_share (window->width, luma->width);
  place->height = get_share (window->height, luma->height);
  if (place->width < WEIR_PDQ_MIN_SIDE || place->height < WEIR_PDQ_MIN_SIDE)
    return FALSE;
  place->left =
      MIN (get_share (window->left, luma->width), luma->width - place->width);
  place->top =
      MIN (get_share (window->top, luma->height), luma->height - place->height);
  return TRUE;
}

static gboolean
is_whole (const WeirLuma *luma, const Place *place)
{
  return place->width == luma->width && place->height == luma->height;
}

static WeirPdqSpan
get_span (guint start, guint length, guint block, gboolean rough)
{
  return (WeirPdqSpan){
    .length = length,
    .block = block,
    .phase = start % block,
    .rough = rough,
  };
}

/* Hashes @place of @luma, a sample of which is the mean of so many of the
 * picture's @across and @down. */
static void
hash_part (WeirLooker *looker, const WeirLuma *luma, const Place *place,
    guint across, guint down, gboolean rough, WeirPdqPicture *picture)
{
  WeirPdqSpan columns = get_span (place->left, place->width, across, rough);
  WeirPdqSpan rows = get_span (place->top, place->height, down, rough);
  WeirLuma part = weir_luma_cut (luma, place->left / across, place->top / down,
      weir_pdq_span_count (&columns), weir_pdq_span_count (&rows));

  hash_spans (looker, &columns, &rows, &part, picture);
}

static void
hash_place (WeirLooker *looker, Shown *shown, const Place *place,
    WeirPdqPicture *picture)
{
  guint across = weir_coarse_get_block (shown->luma.width, WEIR_COARSE_SIDE);
  guint down = weir_coarse_get_block (shown->luma.height, WEIR_COARSE_SIDE);
  const WeirLuma *luma = &shown->luma;

  if (is_whole (luma, place) || place->width / across < COARSE_MIN ||
      place->height / down < COARSE_MIN)
    across = down = 1;
  else if (across * down > 1)
    luma = &get_coarse (shown)->luma;
  hash_part (looker, luma, place, across, down, FALSE, picture);
}

/* FALSE when the rough picture has too few samples of @place. */
static gboolean
hash_roughly (WeirLooker *looker, Shown *shown, const Place *place,
    WeirPdqPicture *picture)
{
  const WeirCoarse *rough = get_rough (shown);
  guint across = shown->coarse.across * rough->across;
  guint down = shown->coarse.down * rough->down;

  if (place->width / across < ROUGH_MIN || place->height / down < ROUGH_MIN)
    return FALSE;
  hash_part (looker, &rough->luma, place, across, down, TRUE, picture);
  return TRUE;
}

/* References are known by the detail of what has no quality. */
static void
measure_detail (const WeirLooker *looker, WeirPdqPicture *picture)
{
  if (picture->quality < WEIR_PDQ_MIN_QUALITY)
    weir_pdq_hasher_measure_detail (looker->pdq, picture);
}

static const WeirPdqPicture *
get_whole (WeirLooker *looker, Shown *shown, const Place *place)
{
  if (!shown->has_whole) {
    hash_place (looker, shown, place, &shown->whole);
    measure_detail (looker, &shown->whole);
  }
  shown->has_whole = TRUE;
  return &shown->whole;
}

static gboolean
hash_upright (WeirLooker *looker, Shown *shown, const WeirAim *aim,
    WeirPdqPicture *picture)
{
  Place place;

  if (!place_window (&shown->luma, &aim->window, &place))
    return FALSE;
  if (is_whole (&shown->luma, &place)) {
    *picture = *get_whole (looker, shown, &place);
    return TRUE;
  }
  if (aim->edits && hash_roughly (looker, shown, &place, picture))
    return TRUE;
  hash_place (looker, shown, &place, picture);
  if (!aim->edits)
    measure_detail (looker, picture);
  return TRUE;
}

/* ---- turned windows ---- */

static gint32
get_fixed (gfloat value)
{
  return (gint32) lrintf (value * (1 << WEIR_COARSE_FRACTION));
}

/* Samples the window, turned upright about the middle of the picture. */
static void
turn_upright (const WeirLooker *looker, const WeirCoarse *coarse,
    const WeirLuma *luma, const WeirWindow *window)
{
  const WeirCoarseDsp *dsp = weir_coarse_dsp_get ();
  gfloat across = (gfloat) coarse->across, down = (gfloat) coarse->down;
  gfloat width = window->width * (gfloat) luma->width;
  gfloat height = window->height * (gfloat) luma->height;
  gfloat middle_x = (gfloat) luma->width / 2;
  gfloat middle_y = (gfloat) luma->height / 2;
  gfloat left = window->left * (gfloat) luma->width - middle_x;
  gfloat top = window->top * (gfloat) luma->height - middle_y;
  gfloat cosine = cosf (window->degrees * (gfloat) (G_PI / 180));
  gfloat sine = sinf (window->degrees * (gfloat) (G_PI / 180));
  gfloat x = left + (0.5f - TURNED_LEAD) / TURNED_SIDE * width;
  WeirCoarseWalk walk = {
    .column_step = get_fixed (cosine * width / TURNED_SIDE / across),
    .row_step = get_fixed (sine * width / TURNED_SIDE / down),
  };
  guint row;

  for (row = 0; row < TURNED_SIDE; row++) {
    gfloat y = top + ((gfloat) row + 0.5f - TURNED_LEAD) / TURNED_SIDE * height;

    walk.column = get_fixed ((middle_x + cosine * x - sine * y) / across);
    walk.row = get_fixed ((middle_y + sine * x + cosine * y) / down);
    dsp->walk (
        looker->turned + (gsize) row * TURNED_SIDE, TURNED_SIDE, coarse, &walk);
  }
}

static gboolean
hash_turned (WeirLooker *looker, Shown *shown, const WeirWindow *window,
    WeirPdqPicture *picture)
{
  const WeirPdqSpan span = { TURNED_SIDE, 1, 0, TRUE };
  const WeirLuma upright = {
    .data = looker->turned,
    .stride = TURNED_SIDE,
    .pixel_stride = 1,
    .width = TURNED_SIDE,
    .height = TURNED_SIDE,
    .depth = 8,
    .full_range = shown->luma.full_range,
  };

  if (window->width * (gfloat) shown->luma.width < WEIR_PDQ_MIN_SIDE ||
      window->height * (gfloat) shown->luma.height < WEIR_PDQ_MIN_SIDE)
    return FALSE;
  turn_upright (looker, get_coarse (shown), &shown->luma, window);
  hash_spans (looker, &span, &span, &upright, picture);
  return TRUE;
}

/* ---- looks ---- */

/* What the mirror image of a picture, turned so, is. */
static WeirPdqOrientation
get_mirrored (WeirPdqOrientation orientation)
{
  static const WeirPdqOrientation mirrored[WEIR_PDQ_N_ORIENTATIONS] = {
    [WEIR_PDQ_PLAIN] = WEIR_PDQ_MIRROR,
    [WEIR_PDQ_ROTATE_90] = WEIR_PDQ_TRANSPOSE,
    [WEIR_PDQ_ROTATE_180] = WEIR_PDQ_FLIP_VERTICAL,
    [WEIR_PDQ_ROTATE_270] = WEIR_PDQ_TRANSVERSE,
  };

  return mirrored[orientation];
}

gboolean
weir_looker_take (
    WeirLooker *looker, guint base, const WeirAim *aim, WeirLook *look)
{
  Shown *shown = &looker->shown[base];
  gboolean is_turned = aim->window.degrees < 0 || aim->window.degrees > 0;
  WeirPdqPicture picture;

  if (is_turned ? !hash_turned (looker, shown, &aim->window, &picture)
                : !hash_upright (looker, shown, aim, &picture))
    return FALSE;
  *look = (WeirLook){
    .quality = picture.quality,
    .detail = picture.detail,
    .view = aim->view,
    .edits = aim->edits,
    .aim = *aim,
  };
  look->firm_bits =
      weir_firm_get_bits (&picture, shown->luma.full_range, &look->firm);
  weir_pdq_picture_get_hash (&picture, aim->orientation, &look->hash);
  weir_pdq_picture_get_hash (
      &picture, get_mirrored (aim->orientation), &look->mirrored);
  return TRUE;
}

gboolean
weir_look_is_distinct (const WeirLook *look)
{
  if (!weir_look_has_weight (look))
    return FALSE;
  if (!weir_view_is_part (look->view))
    return TRUE;
  return (look->quality >= WEIR_PDQ_MIN_QUALITY ||
             look->detail >= WEIR_FIRM_MIN_DETAIL) &&
         weir_separable_get_distance (&look->hash) >=
             WEIR_SEPARABLE_MIN_DISTANCE;
}
