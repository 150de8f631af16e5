/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The views of a frame. */

#include "fingerprint/frame.h"

#include "fingerprint/borders.h"

/* How much of the width and height the crops leave, in percent. PDQ itself
 * bears about 2.5 % more or less. */
static const guint crops[] = {
  [WEIR_VIEW_CROP_5] = 95,
  [WEIR_VIEW_CROP_10] = 90,
  [WEIR_VIEW_CROP_15] = 85,
  [WEIR_VIEW_CROP_20] = 80,
};

typedef struct {
  guint width, height;
  WeirPdqHasher *pdq;
} SizedHasher;

struct _WeirFrameHasher {
  WeirFrameUse use;
  WeirBorderFinder *borders;
  SizedHasher views[WEIR_N_VIEWS];
};

WeirFrameHasher *
weir_frame_hasher_new (WeirFrameUse use)
{
  WeirFrameHasher *hasher = g_new0 (WeirFrameHasher, 1);

  hasher->use = use;
  hasher->borders = weir_border_finder_new ();
  return hasher;
}

static void
drop_sizes (WeirFrameHasher *hasher)
{
  guint i;

  for (i = 0; i < WEIR_N_VIEWS; i++) {
    g_clear_pointer (&hasher->views[i].pdq, weir_pdq_hasher_free);
    hasher->views[i] = (SizedHasher){ 0 };
  }
}

void
weir_frame_hasher_free (WeirFrameHasher *hasher)
{
  drop_sizes (hasher);
  weir_border_finder_free (hasher->borders);
  g_free (hasher);
}

void
weir_frame_hasher_reset (WeirFrameHasher *hasher)
{
  drop_sizes (hasher);
  weir_border_finder_free (hasher->borders);
  hasher->borders = weir_border_finder_new ();
}

static gboolean
run_view (SizedHasher *view, const WeirLuma *luma, WeirPdqPicture *picture)
{
  if (luma->width != view->width || luma->height != view->height) {
    g_clear_pointer (&view->pdq, weir_pdq_hasher_free);
    view->width = luma->width;
    view->height = luma->height;
    view->pdq = weir_pdq_hasher_new (luma->width, luma->height);
  }
  if (!view->pdq)
    return FALSE;
  weir_pdq_hasher_run (view->pdq, luma, picture);
  return TRUE;
}

static WeirLuma
crop (const WeirLuma *luma, guint percent)
{
  WeirLuma middle = *luma;
  guint left, top;

  middle.width = luma->width * percent / 100;
  middle.height = luma->height * percent / 100;
  left = (luma->width - middle.width) / 2;
  top = (luma->height - middle.height) / 2;
  middle.data +=
      (gssize) top * luma->stride + (gssize) left * luma->pixel_stride;
  return middle;
}

gboolean
weir_frame_hasher_run (
    WeirFrameHasher *hasher, const WeirLuma *luma, WeirFrame *frame)
{
  WeirLuma inner = *luma;
  gboolean has_borders;
  guint i;

  frame->has[WEIR_VIEW_PLAIN] = run_view (
      &hasher->views[WEIR_VIEW_PLAIN], luma, &frame->pictures[WEIR_VIEW_PLAIN]);
  if (!frame->has[WEIR_VIEW_PLAIN])
    return FALSE;
  has_borders = weir_border_finder_run (hasher->borders, luma, &inner);
  frame->has[WEIR_VIEW_UNBORDERED] =
      has_borders && run_view (&hasher->views[WEIR_VIEW_UNBORDERED], &inner,
                         &frame->pictures[WEIR_VIEW_UNBORDERED]);
  for (i = WEIR_VIEW_CROP_5; i < WEIR_N_VIEWS; i++) {
    WeirLuma middle = crop (&inner, crops[i]);

    frame->has[i] = hasher->use == WEIR_FRAME_REFERENCE &&
                    run_view (&hasher->views[i], &middle, &frame->pictures[i]);
  }
  return TRUE;
}
