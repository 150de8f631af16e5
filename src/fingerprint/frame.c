/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The views of a frame. */

#include "fingerprint/frame.h"

#include "fingerprint/borders.h"

typedef struct {
  guint width, height;
  WeirPdqHasher *pdq;
} SizedHasher;

struct _WeirFrameHasher {
  WeirBorderFinder *borders;
  SizedHasher views[WEIR_N_VIEWS];
};

WeirFrameHasher *
weir_frame_hasher_new (void)
{
  WeirFrameHasher *hasher = g_new0 (WeirFrameHasher, 1);

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

gboolean
weir_frame_hasher_run (
    WeirFrameHasher *hasher, const WeirLuma *luma, WeirFrame *frame)
{
  WeirLuma inner;

  frame->has[WEIR_VIEW_PLAIN] = run_view (
      &hasher->views[WEIR_VIEW_PLAIN], luma, &frame->pictures[WEIR_VIEW_PLAIN]);
  if (!frame->has[WEIR_VIEW_PLAIN])
    return FALSE;
  frame->has[WEIR_VIEW_UNBORDERED] =
      weir_border_finder_run (hasher->borders, luma, &inner) &&
      run_view (&hasher->views[WEIR_VIEW_UNBORDERED], &inner,
          &frame->pictures[WEIR_VIEW_UNBORDERED]);
  return TRUE;
}
