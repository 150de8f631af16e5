/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a copy may show the parts of a reference. */

#include "fingerprint/windows.h"

#include <math.h>

/* A part that is 0.5 of the reference is this much of a copy that lost a
 * part of its sides: the last one, 0.67, of a copy that lost a quarter. The
 * steps are so small that a window aligned to a corner, whose middle moves
 * with its size, is at most 1.3 % too large or small. */
#define N_SCALES   11
#define SCALE_STEP 1.027

/* Between two windows of the same size, as a share of it. */
#define STRAY_STEP 0.016

static const gfloat angles[] = { -4, -2, 2, 4 };

/* Where the parts are, as shares of what a window leaves over. */
static const struct {
  gfloat x, y;
} places[WEIR_N_VIEWS] = {
  [WEIR_VIEW_TOP_LEFT] = { 0, 0 },
  [WEIR_VIEW_TOP_RIGHT] = { 1, 0 },
  [WEIR_VIEW_BOTTOM_LEFT] = { 0, 1 },
  [WEIR_VIEW_BOTTOM_RIGHT] = { 1, 1 },
  [WEIR_VIEW_MIDDLE] = { 0.5, 0.5 },
};

static gfloat
get_scale (guint step)
{
  return (gfloat) (0.5 * pow (SCALE_STEP, step));
}

static void
add_aim (GArray *aims, WeirView view, WeirEdits edits, gfloat width,
    gfloat height, gfloat degrees)
{
  WeirAim aim = {
    .view = view,
    .edits = edits,
    .window = {
      .left = places[view].x * (1 - width),
      .top = places[view].y * (1 - height),
      .width = width,
      .height = height,
      .degrees = degrees,
    },
  };

  g_array_append_val (aims, aim);
}

static void
add_parts (GArray *aims)
{
  guint view;

  for (view = WEIR_VIEW_TOP_LEFT; view < WEIR_N_VIEWS; view++)
    add_aim (aims, (WeirView) view, 0, 0.5f, 0.5f, 0);
}

static void
add_turns (GArray *aims)
{
  static const WeirPdqOrientation turns[] = { WEIR_PDQ_ROTATE_90,
    WEIR_PDQ_ROTATE_180, WEIR_PDQ_ROTATE_270 };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (turns); i++) {
    WeirAim aim = {
      .view = WEIR_VIEW_UNBORDERED,
      .orientation = turns[i],
      .edits = WEIR_EDIT_ROTATED,
      .window = { .width = 1, .height = 1 },
    };

    g_array_append_val (aims, aim);
  }
}

/* One size of the window: cut all around, to the left and right alone, above
 * and below alone. */
static void
add_cuts (GArray *aims, WeirView view, gfloat scale)
{
  add_aim (aims, view, WEIR_EDIT_CROPPED, scale, scale, 0);
  add_aim (aims, view, WEIR_EDIT_CROPPED, scale, 0.5f, 0);
  add_aim (aims, view, WEIR_EDIT_CROPPED, 0.5f, scale, 0);
}

static void
add_crops (GArray *aims)
{
  guint view, step, i;

  for (step = 1; step <= N_SCALES; step++) {
    for (view = WEIR_VIEW_TOP_LEFT; view < WEIR_N_VIEWS; view++)
      add_cuts (aims, (WeirView) view, get_scale (step));
  }
  /* Turned pictures are often enlarged, so that their corners do not show. */
  for (i = 0; i < G_N_ELEMENTS (angles); i++)
    for (step = 0; step <= 4; step += 2)
      add_aim (aims, WEIR_VIEW_MIDDLE,
          WEIR_EDIT_ROTATED | (step > 0 ? WEIR_EDIT_CROPPED : 0),
          get_scale (step), get_scale (step), angles[i]);
}

/* A copy that kept 0.5 / @scale of the sides has the middle of the reference
 * at most so far from its own. */
static void
add_strays_of (GArray *aims, gfloat scale)
{
  gfloat reach = (scale / 0.5f - 1) / 2;
  gfloat spacing = (gfloat) STRAY_STEP * scale;
  gint n = (gint) (reach / spacing);
  gint i, j;

  for (i = -n; i <= n; i++)
    for (j = -n; j <= n; j++) {
      WeirAim *aim;

      add_aim (aims, WEIR_VIEW_MIDDLE, WEIR_EDIT_CROPPED, scale, scale, 0);
      aim = &g_array_index (aims, WeirAim, aims->len - 1);
      aim->window.left += (gfloat) i * spacing;
      aim->window.top += (gfloat) j * spacing;
    }
}

static void
add_strays (GArray *aims)
{
  guint step;

  for (step = 1; step <= N_SCALES; step++)
    add_strays_of (aims, get_scale (step));
}

static gpointer
make_aims (gpointer unused)
{
  static GArray *aims[WEIR_N_AIMS];
  guint i;

  for (i = 0; i < WEIR_N_AIMS; i++)
    aims[i] = g_array_new (FALSE, FALSE, sizeof (WeirAim));
  add_parts (aims[WEIR_AIMS_PARTS]);
  add_turns (aims[WEIR_AIMS_TURNS]);
  add_crops (aims[WEIR_AIMS_CROPS]);
  add_strays (aims[WEIR_AIMS_STRAYS]);
  return aims;
}

const WeirAim *
weir_aims_get (WeirAims kind, guint *n_aims)
{
  static GOnce once = G_ONCE_INIT;
  GArray **aims = g_once (&once, make_aims, NULL);

  *n_aims = aims[kind]->len;
  return &g_array_index (aims[kind], WeirAim, 0);
}
