/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a picture is shown in a frame that was laid out for it. */

#include "fingerprint/layouts.h"

/* Shapes of pictures, width by height: first those of phones held lying and
 * upright, of television and of square posts, whose parts are looked for too;
 * then of nearly square posts, of cameras and of films. */
static const gfloat shapes[] = { 16.0f / 9, 9.0f / 16, 4.0f / 3, 1, 4.0f / 5,
  3.0f / 2, 2.39f };

#define WIDE         shapes[0]
#define N_WITH_PARTS 4

/* What fills more of its place than this is all of it, as far as PDQ bears;
 * what fills less than that is too small. */
#define SHARE_MAX 0.93f
#define SHARE_MIN 0.25f

/* Of a picture cut to cover its place so much of a side is left: the middle
 * part needs half, but for rounding, and smaller cuts are among the aims at
 * crops. */
#define LEFT_MIN 0.499f
#define LEFT_MAX 0.75f

static const WeirWindow frame = { .width = 1, .height = 1 };

static const WeirWindow halves[] = {
  { .width = 0.5f, .height = 1 },
  { .left = 0.5f, .width = 0.5f, .height = 1 },
  { .width = 1, .height = 0.5f },
  { .top = 0.5f, .width = 1, .height = 0.5f },
};

static const WeirWindow quarters[] = {
  { .width = 0.5f, .height = 0.5f },
  { .left = 0.5f, .width = 0.5f, .height = 0.5f },
  { .top = 0.5f, .width = 0.5f, .height = 0.5f },
  { .left = 0.5f, .top = 0.5f, .width = 0.5f, .height = 0.5f },
};

/* What of @place is there of @window, which is of a whole frame. */
static WeirWindow
put_into (const WeirWindow *place, const WeirWindow *window)
{
  return (WeirWindow){
    .left = place->left + window->left * place->width,
    .top = place->top + window->top * place->height,
    .width = window->width * place->width,
    .height = window->height * place->height,
  };
}

/* The middle of @place, @width by @height of it. */
static WeirWindow
get_middle (const WeirWindow *place, gfloat width, gfloat height)
{
  const WeirWindow middle = {
    .left = (1 - width) / 2,
    .top = (1 - height) / 2,
    .width = width,
    .height = height,
  };

  return put_into (place, &middle);
}

static gboolean
is_same (const WeirWindow *a, const WeirWindow *b)
{
  return ABS (a->left - b->left) < 0.01f && ABS (a->top - b->top) < 0.01f &&
         ABS (a->width - b->width) < 0.01f &&
         ABS (a->height - b->height) < 0.01f;
}

/* Adds the whole at @window; what is looked at already as such shows any part
 * as well. */
static void
add_whole (WeirLayouts *layouts, WeirView view, WeirEdits edits,
    const WeirWindow *window)
{
  guint i;

  for (i = 0; i < layouts->n_wholes; i++)
    if (is_same (&layouts->wholes[i].window, window) &&
        !weir_view_is_part (layouts->wholes[i].view))
      return;
  g_assert (layouts->n_wholes < WEIR_LAYOUTS_MAX);
  layouts->wholes[layouts->n_wholes++] =
      (WeirAim){ .view = view, .edits = edits, .window = *window };
}

static void
add_parts (WeirLayouts *layouts, const WeirWindow *box)
{
  guint n_aims, i;
  const WeirAim *aims = weir_aims_get (WEIR_AIMS_PARTS, &n_aims);

  for (i = 0; i < n_aims; i++) {
    g_assert (layouts->n_parts < WEIR_LAYOUTS_MAX);
    layouts->parts[layouts->n_parts++] = (WeirAim){
      .view = aims[i].view,
      .edits = WEIR_EDIT_INSET,
      .window = put_into (box, &aims[i].window),
    };
  }
}

/* Where a picture is that was scaled to fit into the middle of @place, its
 * shape @relative to the shape of that. FALSE when it fills that, or is too
 * small. */
static gboolean
fit (const WeirWindow *place, gfloat relative, WeirWindow *box)
{
  gfloat share = MIN (relative, 1 / relative);

  *box = get_middle (place, MIN (relative, 1), MIN (1 / relative, 1));
  return share <= SHARE_MAX && share >= SHARE_MIN;
}

/* Where the middle part of a picture is that was scaled to cover @place, so
 * that two sides are cut. FALSE when it was cut as well, or if aims at crops
 * show it. */
static gboolean
cover (const WeirWindow *place, gfloat relative, WeirWindow *part)
{
  gfloat left = MIN (relative, 1 / relative);
  gfloat grown = MIN (0.5f / left, 1);

  *part = get_middle (
      place, relative > 1 ? grown : 0.5f, relative > 1 ? 0.5f : grown);
  return left >= LEFT_MIN && left <= LEFT_MAX;
}

/* In the middle of a frame of the shape @frame_shape. */
static void
add_middle (WeirLayouts *layouts, gfloat frame_shape)
{
  WeirWindow window;
  guint i;

  for (i = 0; i < G_N_ELEMENTS (shapes); i++) {
    if (!fit (&frame, shapes[i] / frame_shape, &window))
      continue;
    add_whole (layouts, WEIR_VIEW_UNBORDERED, WEIR_EDIT_INSET, &window);
    if (i < N_WITH_PARTS)
      add_parts (layouts, &window);
  }
  if (cover (&frame, WIDE / frame_shape, &window))
    add_whole (layouts, WEIR_VIEW_MIDDLE, WEIR_EDIT_CROPPED, &window);
}

/* In a half, which it fills, or to which it was fitted or cut: a wide picture,
 * or one of the shape of the frame. */
static void
add_half (WeirLayouts *layouts, gfloat frame_shape, const WeirWindow *half)
{
  gfloat half_shape = frame_shape * half->width / half->height;
  const gfloat tried[] = { WIDE, frame_shape };
  WeirWindow window;
  guint i;

  add_whole (layouts, WEIR_VIEW_UNBORDERED, WEIR_EDIT_INSET, half);
  for (i = 0; i < G_N_ELEMENTS (tried); i++) {
    if (fit (half, tried[i] / half_shape, &window))
      add_whole (layouts, WEIR_VIEW_UNBORDERED, WEIR_EDIT_INSET, &window);
    if (cover (half, tried[i] / half_shape, &window))
      add_whole (layouts, WEIR_VIEW_MIDDLE, WEIR_EDIT_INSET | WEIR_EDIT_CROPPED,
          &window);
  }
}

void
weir_layouts_init (WeirLayouts *layouts, guint width, guint height)
{
  gfloat frame_shape = (gfloat) width / (gfloat) height;
  guint i;

  layouts->n_wholes = layouts->n_parts = 0;
  add_middle (layouts, frame_shape);
  for (i = 0; i < G_N_ELEMENTS (halves); i++)
    add_half (layouts, frame_shape, &halves[i]);
  for (i = 0; i < G_N_ELEMENTS (quarters); i++)
    add_whole (layouts, WEIR_VIEW_UNBORDERED, WEIR_EDIT_INSET, &quarters[i]);
}
