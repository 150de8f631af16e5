/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Taking a look at a part of a picture. */

#include "fingerprint/look.h"

#include <math.h>

/* Weights are kept for this many sizes of windows: those of all aims at one
 * size of the stream are some 50. */
#define SIZES_MAX 64

/* A turned window is sampled at this many places each way: three for each
 * point of PDQ's grid. */
#define TURNED_SIDE 192

typedef struct {
  guint width, height;
  WeirPdqHasher *pdq;
  guint64 used; /* number of the look that used it last */
} SizedHasher;

struct _WeirLooker {
  SizedHasher sizes[SIZES_MAX];
  guint64 n_looks;
  guint8 *turned; /* TURNED_SIDE^2 samples */
};

WeirLooker *
weir_looker_new (void)
{
  WeirLooker *looker = g_new0 (WeirLooker, 1);

  looker->turned = g_malloc (TURNED_SIDE * TURNED_SIDE);
  return looker;
}

void
weir_looker_free (WeirLooker *looker)
{
  guint i;

  for (i = 0; i < SIZES_MAX; i++)
    g_clear_pointer (&looker->sizes[i].pdq, weir_pdq_hasher_free);
  g_free (looker->turned);
  g_free (looker);
}

/* The hasher for this size; the one that was not used for longest gives way. */
static WeirPdqHasher *
get_hasher (WeirLooker *looker, guint width, guint height)
{
  SizedHasher *oldest = looker->sizes;
  guint i;

  for (i = 0; i < SIZES_MAX; i++) {
    SizedHasher *sized = &looker->sizes[i];

    if (sized->width == width && sized->height == height) {
      sized->used = looker->n_looks;
      return sized->pdq;
    }
    if (sized->used < oldest->used)
      oldest = sized;
  }
  g_clear_pointer (&oldest->pdq, weir_pdq_hasher_free);
  *oldest = (SizedHasher){
    .width = width,
    .height = height,
    .pdq = weir_pdq_hasher_new (width, height),
    .used = looker->n_looks,
  };
  return oldest->pdq;
}

static guint
get_share (gfloat share, guint length)
{
  return (guint) lrintf (CLAMP (share, 0, 1) * (gfloat) length);
}

/* The window as a plane, turned upright about the middle of @luma; FALSE when
 * it is too small. */
static gboolean
turn_upright (const WeirLooker *looker, const WeirLuma *luma,
    const WeirWindow *window, WeirLuma *upright)
{
  gfloat width = window->width * (gfloat) luma->width;
  gfloat height = window->height * (gfloat) luma->height;
  gfloat all_x = (gfloat) luma->width / 2;
  gfloat all_y = (gfloat) luma->height / 2;
  gfloat window_x = window->left * (gfloat) luma->width + width / 2 - all_x;
  gfloat window_y = window->top * (gfloat) luma->height + height / 2 - all_y;
  gfloat cosine = cosf (window->degrees * (gfloat) (G_PI / 180));
  gfloat sine = sinf (window->degrees * (gfloat) (G_PI / 180));
  guint8 *sample = looker->turned;
  guint row, column;

  if (width < WEIR_PDQ_MIN_SIDE || height < WEIR_PDQ_MIN_SIDE)
    return FALSE;
  for (row = 0; row < TURNED_SIDE; row++) {
    gfloat y = window_y + (((gfloat) row + 0.5f) / TURNED_SIDE - 0.5f) * height;

    for (column = 0; column < TURNED_SIDE; column++) {
      gfloat x =
          window_x + (((gfloat) column + 0.5f) / TURNED_SIDE - 0.5f) * width;
      gfloat source_x = all_x + cosine * x - sine * y;
      gfloat source_y = all_y + sine * x + cosine * y;

      *sample++ = (guint8) weir_luma_get_sample (luma,
          (guint) CLAMP (source_x, 0, (gfloat) luma->width - 1),
          (guint) CLAMP (source_y, 0, (gfloat) luma->height - 1));
    }
  }
  *upright = (WeirLuma){
    .data = looker->turned,
    .stride = TURNED_SIDE,
    .pixel_stride = 1,
    .width = TURNED_SIDE,
    .height = TURNED_SIDE,
    .depth = 8,
    .full_range = luma->full_range,
  };
  return TRUE;
}

static gboolean
cut_window (const WeirLooker *looker, const WeirLuma *luma,
    const WeirWindow *window, WeirLuma *part)
{
  guint width = get_share (window->width, luma->width);
  guint height = get_share (window->height, luma->height);

  if (window->degrees < 0 || window->degrees > 0)
    return turn_upright (looker, luma, window, part);
  if (width < WEIR_PDQ_MIN_SIDE || height < WEIR_PDQ_MIN_SIDE)
    return FALSE;
  *part = weir_luma_cut (luma,
      MIN (get_share (window->left, luma->width), luma->width - width),
      MIN (get_share (window->top, luma->height), luma->height - height), width,
      height);
  return TRUE;
}

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
weir_looker_take (WeirLooker *looker, const WeirLuma *luma, const WeirAim *aim,
    WeirLook *look)
{
  WeirPdqHasher *pdq;
  WeirPdqPicture picture;
  WeirLuma part;

  if (!cut_window (looker, luma, &aim->window, &part))
    return FALSE;
  looker->n_looks++;
  pdq = get_hasher (looker, part.width, part.height);
  if (!pdq)
    return FALSE;
  weir_pdq_hasher_run (pdq, &part, &picture);
  *look = (WeirLook){
    .quality = picture.quality,
    .view = aim->view,
    .edits = aim->edits,
    .aim = *aim,
  };
  weir_pdq_picture_get_hash (&picture, aim->orientation, &look->hash);
  weir_pdq_picture_get_hash (
      &picture, get_mirrored (aim->orientation), &look->mirrored);
  return TRUE;
}
