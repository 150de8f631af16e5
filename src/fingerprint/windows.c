/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a copy may show the parts of a reference. */

#include "fingerprint/windows.h"

#include <math.h>

/* A part that is 0.5 of the reference is this much of a copy that lost some of
 * its sides: the last one, 0.67, of a copy that lost a quarter. The steps are
 * so small that a window aligned to a corner, whose middle moves with its
 * size, is at most 1.3 % too large or small. */
#define PART       0.5f
#define N_SCALES   11
#define SCALE_STEP 1.027

/* Of turned pictures, which are often enlarged so that their corners do not
 * show, every second scale is tried up to this one. */
#define N_TURNED_SCALES 8

/* How far the inner parts are from the edges. */
#define INNER 0.125f

/* Of pictures cut anywhere, sizes up to this one, with a fifth of the sides
 * gone. From one window to the next of its size, as a share of it: farther than
 * a single picture bears in places, so that in a few seconds, in which pictures
 * differ, there is a window near each place. */
#define N_STRAY_SCALES 9
#define STRAY_STEP     0.02

/* In a round each size has one window in each column of its grid, so many rows
 * below that in the column before; in the next round all are some rows lower.
 * Grids have an odd number of rows, so that powers of two reach them all. */
#define STRAY_SLOPE 8
#define STRAY_SHIFT 2

#define GOLDEN_SECTION 0.618034

/* Of rounding. */
#define EPSILON 1e-4f

static const gfloat angles[] = { -4.5f, -3, -1.5f, 1.5f, 3, 4.5f };

/* Where the parts of a reference begin. */
static const struct {
  gfloat left, top;
} places[WEIR_N_VIEWS] = {
  [WEIR_VIEW_TOP_LEFT] = { 0, 0 },
  [WEIR_VIEW_TOP_RIGHT] = { 1 - PART, 0 },
  [WEIR_VIEW_BOTTOM_LEFT] = { 0, 1 - PART },
  [WEIR_VIEW_BOTTOM_RIGHT] = { 1 - PART, 1 - PART },
  [WEIR_VIEW_MIDDLE] = { (1 - PART) / 2, (1 - PART) / 2 },
  [WEIR_VIEW_INNER_TOP_LEFT] = { INNER, INNER },
  [WEIR_VIEW_INNER_TOP_RIGHT] = { 1 - PART - INNER, INNER },
  [WEIR_VIEW_INNER_BOTTOM_LEFT] = { INNER, 1 - PART - INNER },
  [WEIR_VIEW_INNER_BOTTOM_RIGHT] = { 1 - PART - INNER, 1 - PART - INNER },
};

/* How pictures are cut: whether in width and in height, what of the cut is at
 * the left and at the top, and whether the inner parts are looked for as well;
 * a cut at one side leaves two corners, which are enough. */
static const struct {
  gboolean in_width, in_height;
  gfloat at_left, at_top;
  gboolean inner;
} cuts[] = {
  { TRUE, TRUE, 0.5f, 0.5f, TRUE },
  { TRUE, TRUE, 0, 0, TRUE },
  { TRUE, TRUE, 1, 0, TRUE },
  { TRUE, TRUE, 0, 1, TRUE },
  { TRUE, TRUE, 1, 1, TRUE },
  { TRUE, FALSE, 0, 0, FALSE },
  { TRUE, FALSE, 0.5f, 0, TRUE },
  { TRUE, FALSE, 1, 0, FALSE },
  { FALSE, TRUE, 0, 0, FALSE },
  { FALSE, TRUE, 0, 0.5f, TRUE },
  { FALSE, TRUE, 0, 1, FALSE },
};

WeirView
weir_view_mirror (WeirView view)
{
  static const WeirView mirrored[WEIR_N_VIEWS] = {
    [WEIR_VIEW_PLAIN] = WEIR_VIEW_PLAIN,
    [WEIR_VIEW_UNBORDERED] = WEIR_VIEW_UNBORDERED,
    [WEIR_VIEW_TOP_LEFT] = WEIR_VIEW_TOP_RIGHT,
    [WEIR_VIEW_TOP_RIGHT] = WEIR_VIEW_TOP_LEFT,
    [WEIR_VIEW_BOTTOM_LEFT] = WEIR_VIEW_BOTTOM_RIGHT,
    [WEIR_VIEW_BOTTOM_RIGHT] = WEIR_VIEW_BOTTOM_LEFT,
    [WEIR_VIEW_MIDDLE] = WEIR_VIEW_MIDDLE,
    [WEIR_VIEW_INNER_TOP_LEFT] = WEIR_VIEW_INNER_TOP_RIGHT,
    [WEIR_VIEW_INNER_TOP_RIGHT] = WEIR_VIEW_INNER_TOP_LEFT,
    [WEIR_VIEW_INNER_BOTTOM_LEFT] = WEIR_VIEW_INNER_BOTTOM_RIGHT,
    [WEIR_VIEW_INNER_BOTTOM_RIGHT] = WEIR_VIEW_INNER_BOTTOM_LEFT,
  };

  return mirrored[view];
}

/* The parts that touch no edge. */
static gboolean
is_inner (guint view)
{
  return view >= WEIR_VIEW_INNER_TOP_LEFT;
}

static gfloat
get_scale (guint step)
{
  return (gfloat) (PART * pow (SCALE_STEP, step));
}

static void
add_parts (GArray *aims)
{
  guint view;

  for (view = WEIR_VIEW_TOP_LEFT; view < WEIR_N_VIEWS; view++) {
    WeirAim aim = {
      .view = (WeirView) view,
      .window = {
        .left = places[view].left,
        .top = places[view].top,
        .width = PART,
        .height = PART,
      },
    };

    g_array_append_val (aims, aim);
  }
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

/* Where a stretch of a side, from @start on and PART long, is in what was kept
 * of the side; FALSE when a part of it was cut. */
static gboolean
place_part (
    gfloat start, gfloat kept, gfloat at_start, gfloat *first, gfloat *length)
{
  *length = PART / kept;
  *first = (start - at_start * (1 - kept)) / kept;
  return *first > -EPSILON && *first + *length < 1 + EPSILON;
}

/* Every part that is left when @kept of the sides remains after a cut. */
static void
add_cut (GArray *aims, guint cut, gfloat kept)
{
  gfloat kept_width = cuts[cut].in_width ? kept : 1;
  gfloat kept_height = cuts[cut].in_height ? kept : 1;
  guint view;

  for (view = WEIR_VIEW_TOP_LEFT; view < WEIR_N_VIEWS; view++) {
    WeirAim aim = { .view = (WeirView) view, .edits = WEIR_EDIT_CROPPED };

    if ((cuts[cut].inner || !is_inner (view)) &&
        place_part (places[view].left, kept_width, cuts[cut].at_left,
            &aim.window.left, &aim.window.width) &&
        place_part (places[view].top, kept_height, cuts[cut].at_top,
            &aim.window.top, &aim.window.height))
      g_array_append_val (aims, aim);
  }
}

/* The part @view of a picture that was enlarged about its middle and turned. */
static void
add_turned (GArray *aims, guint view, gfloat scale, gfloat degrees)
{
  gfloat enlarged = scale / PART;
  WeirAim aim = {
    .view = (WeirView) view,
    .edits = WEIR_EDIT_ROTATED | (scale > PART ? WEIR_EDIT_CROPPED : 0),
    .window = {
      .left = 0.5f + (places[view].left - 0.5f) * enlarged,
      .top = 0.5f + (places[view].top - 0.5f) * enlarged,
      .width = scale,
      .height = scale,
      .degrees = degrees,
    },
  };

  g_array_append_val (aims, aim);
}

/* The inner parts, which are four, at two of the scales of the middle: not
 * enlarged, and as much as a wide picture turned by 3 to 4 degrees is. */
static void
add_turned_parts (GArray *aims, gfloat degrees)
{
  guint step, view;

  for (step = 0; step <= N_TURNED_SCALES; step += 2)
    for (view = WEIR_VIEW_MIDDLE; view < WEIR_N_VIEWS; view++)
      if (!is_inner (view) || step == 0 || step == N_TURNED_SCALES / 2)
        add_turned (aims, view, get_scale (step), degrees);
}

static guint
gcd (guint a, guint b)
{
  return b == 0 ? a : gcd (b, a % b);
}

/* Puts @aims, which follow each other in size and place, into an order in which
 * any few in a row are spread over all of them: the multiples of a step that is
 * near to the golden section of their number, modulo it (D. E. Knuth, "The Art
 * of Computer Programming" 3, 1973, section 6.4, theorem S). A copy is hit by
 * several that lie near each other: so one has its turn sooner, and when the
 * picture was hit by none of them they do not all come at the same time
 * again. */
static void
spread (GArray *aims)
{
  g_autoptr (GArray) sorted = g_array_copy (aims);
  guint step = (guint) (aims->len * GOLDEN_SECTION), i;

  while (gcd (step, aims->len) != 1)
    step++;
  for (i = 0; i < aims->len; i++)
    g_array_index (aims, WeirAim, i) =
        g_array_index (sorted, WeirAim, (gsize) i * step % aims->len);
}

static void
add_crops (GArray *aims)
{
  guint step, cut, i;

  for (step = 1; step <= N_SCALES; step++)
    for (cut = 0; cut < G_N_ELEMENTS (cuts); cut++)
      add_cut (aims, cut, PART / get_scale (step));
  for (i = 0; i < G_N_ELEMENTS (angles); i++)
    add_turned_parts (aims, angles[i]);
  spread (aims);
}

/* A copy that kept PART / @scale of the sides has the middle of the reference
 * at most so many windows from its own. */
static guint
get_stray_reach (gfloat scale)
{
  return (guint) ((scale / PART - 1) / 2 / ((gfloat) STRAY_STEP * scale));
}

/* The part @view of a copy that shows the middle at @middle; FALSE when it was
 * cut. */
static gboolean
move_to_part (guint view, const WeirWindow *middle, WeirWindow *part)
{
  const gfloat whole = middle->width / PART; /* of the reference */

  *part = *middle;
  part->left += (places[view].left - places[WEIR_VIEW_MIDDLE].left) * whole;
  part->top += (places[view].top - places[WEIR_VIEW_MIDDLE].top) * whole;
  return part->left >= 0 && part->left + part->width <= 1 && part->top >= 0 &&
         part->top + part->height <= 1;
}

/* The windows of one size in one round: where the middle can be, the middle
 * itself or, in turns, another part that is not at an edge. */
static void
add_stray_row (GArray *aims, gfloat scale, guint round)
{
  const guint n_views = WEIR_N_VIEWS - WEIR_VIEW_MIDDLE;
  gfloat spacing = (gfloat) STRAY_STEP * scale;
  guint reach = get_stray_reach (scale);
  guint side = 2 * reach + 1;
  guint column;

  for (column = 0; column < side; column++) {
    guint row = (column * STRAY_SLOPE + round * STRAY_SHIFT) % side;
    guint view = WEIR_VIEW_MIDDLE + (column + round) % n_views;
    WeirWindow middle = {
      .left = (1 - scale) / 2 + ((gfloat) column - (gfloat) reach) * spacing,
      .top = (1 - scale) / 2 + ((gfloat) row - (gfloat) reach) * spacing,
      .width = scale,
      .height = scale,
    };
    WeirAim aim = { .view = (WeirView) view, .edits = WEIR_EDIT_CROPPED };

    if (!move_to_part (view, &middle, &aim.window)) {
      aim.view = WEIR_VIEW_MIDDLE;
      aim.window = middle;
    }
    g_array_append_val (aims, aim);
  }
}

/* Where a copy that was cut by little can be is few places: they have their
 * turn more often than those of one that was cut by much. */
static void
add_strays (GArray *aims)
{
  guint n_rounds = 2 * get_stray_reach (get_scale (N_STRAY_SCALES)) + 1;
  guint round, step;

  for (round = 0; round < n_rounds; round++)
    for (step = 1; step <= N_STRAY_SCALES; step++)
      add_stray_row (aims, get_scale (step), round);
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
