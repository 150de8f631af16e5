/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fingerprints of a frame, and which looks are taken when. */

#include "fingerprint/frame.h"

#include "fingerprint/borders.h"
#include "fingerprint/follower.h"
#include "fingerprint/layouts.h"
#include "fingerprint/panes.h"

#define SECOND G_GINT64_CONSTANT (1000000000)

/* A look that hit is taken at each frame for so long after; at most so many
 * of them at a time. */
#define KEEP_TIME (1 * SECOND)
#define KEEP_MAX  32

/* After a pause, no more is made up for. */
#define PAUSE_MAX (2 * SECOND)

/* Looks of a frame that are kept for aims at crops anywhere. */
#define STRAYS_ROOM (WEIR_FRAME_LOOKS_MAX / 4)

/* Sides of the frame that differ by less, as a share of it, are the same. */
#define SAME_SIDE 0.02f

/* How many times a second each aim of a kind has its turn. */
static const gdouble rates[WEIR_N_AIMS] = {
  [WEIR_AIMS_PARTS] = 6,
  [WEIR_AIMS_TURNS] = 5,
  [WEIR_AIMS_CROPS] = 0.75,
  [WEIR_AIMS_STRAYS] = 0.3,
};

/* What looks like a border may be a dark side of the scene, which the copy has
 * cut and the reference has not: of a stream with borders, one in so many aims
 * is at what they leave, in each round others, and the rest are at the frame.
 * What was cut anywhere seldom got borders after that. */
static const guint unbordered_shares[WEIR_N_AIMS] = {
  [WEIR_AIMS_PARTS] = 2,
  [WEIR_AIMS_TURNS] = 2,
  [WEIR_AIMS_CROPS] = 2,
  [WEIR_AIMS_STRAYS] = 4,
};

/* Looks at panes a second, and as many at the parts of so many of them, the
 * most certain: twelve have their turn in a fifth of a second, and the parts of
 * eight in 1.2 s. */
#define PANE_RATE        60
#define PANES_WITH_PARTS 8

/* How many times a second each place for which a picture is laid out has its
 * turn, and each part there. */
#define LAYOUT_RATE      0.6
#define LAYOUT_PART_RATE 0.25

/* Aims that come in turns. */
typedef struct {
  gdouble due; /* so many now; what is left waits */
  guint next;
  guint round; /* how often all had theirs */
} Turns;

typedef struct {
  guint base;
  WeirAim aim;
  gint64 until;
} Kept;

struct _WeirFrameHasher {
  WeirFrameUse use;
  gboolean only_whole;
  WeirBorderFinder *borders;
  WeirPaneFinder *pane_finder;
  WeirLooker *looker;
  WeirFollower *follower;

  gint64 time; /* of the last frame */
  gboolean has_time;
  Turns turns[WEIR_N_AIMS];
  Turns pane_turns, pane_part_turns;
  Turns layout_turns, layout_part_turns;
  Kept kept[KEEP_MAX];
  guint n_kept;

  gboolean has_base[WEIR_N_BASES];
  WeirLuma bases[WEIR_N_BASES];
  guint n_panes; /* of the frame as it is */
  WeirWindow panes[WEIR_PANES_MAX];
  guint layout_width, layout_height; /* of the frames that they are for */
  WeirLayouts layouts;
};

WeirFrameHasher *
weir_frame_hasher_new (WeirFrameUse use)
{
  WeirFrameHasher *hasher = g_new0 (WeirFrameHasher, 1);

  hasher->use = use;
  hasher->borders = weir_border_finder_new ();
  hasher->pane_finder = weir_pane_finder_new ();
  hasher->looker = weir_looker_new ();
  hasher->follower = weir_follower_new ();
  return hasher;
}

void
weir_frame_hasher_free (WeirFrameHasher *hasher)
{
  weir_looker_free (hasher->looker);
  weir_follower_free (hasher->follower);
  weir_border_finder_free (hasher->borders);
  weir_pane_finder_free (hasher->pane_finder);
  g_free (hasher);
}

void
weir_frame_hasher_set_parts (WeirFrameHasher *hasher, gboolean parts)
{
  hasher->only_whole = !parts;
}

void
weir_frame_hasher_reset (WeirFrameHasher *hasher)
{
  guint i;

  weir_border_finder_free (hasher->borders);
  hasher->borders = weir_border_finder_new ();
  weir_pane_finder_free (hasher->pane_finder);
  hasher->pane_finder = weir_pane_finder_new ();
  hasher->has_time = FALSE;
  hasher->n_kept = 0;
  weir_follower_reset (hasher->follower);
  for (i = 0; i < WEIR_N_AIMS; i++)
    hasher->turns[i] = (Turns){ 0 };
  hasher->pane_turns = hasher->pane_part_turns = (Turns){ 0 };
  hasher->layout_turns = hasher->layout_part_turns = (Turns){ 0 };
}

static gboolean
is_same (const WeirLook *look, guint base, const WeirAim *aim)
{
  return look->base == base && look->aim.view == aim->view &&
         look->aim.orientation == aim->orientation &&
         look->aim.window.left == aim->window.left &&
         look->aim.window.top == aim->window.top &&
         look->aim.window.width == aim->window.width &&
         look->aim.window.height == aim->window.height &&
         look->aim.window.degrees == aim->window.degrees;
}

static gboolean
was_taken (const WeirFrame *frame, guint base, const WeirAim *aim)
{
  guint i;

  for (i = 0; i < frame->n_looks; i++)
    if (is_same (&frame->looks[i], base, aim))
      return TRUE;
  return FALSE;
}

static void
take (WeirFrameHasher *hasher, WeirFrame *frame, guint base, const WeirAim *aim)
{
  WeirLook *look = &frame->looks[frame->n_looks];

  if (frame->n_looks == WEIR_FRAME_LOOKS_MAX || was_taken (frame, base, aim) ||
      !weir_looker_take (hasher->looker, base, aim, look))
    return;
  look->base = base;
  if (base == WEIR_BASE_UNBORDERED)
    look->edits |= WEIR_EDIT_BORDERED;
  look->told = look->edits;
  frame->n_looks++;
}

/* Whether @pane is what the borders leave, as far as samples can tell. */
static gboolean
is_unbordered (const WeirFrameHasher *hasher, const WeirWindow *pane)
{
  const WeirLuma *all = &hasher->bases[WEIR_BASE_FRAME];
  const WeirLuma *inner = &hasher->bases[WEIR_BASE_UNBORDERED];
  gfloat width = (gfloat) inner->width / (gfloat) all->width;
  gfloat height = (gfloat) inner->height / (gfloat) all->height;

  return hasher->has_base[WEIR_BASE_UNBORDERED] &&
         ABS (pane->width - width) < SAME_SIDE &&
         ABS (pane->height - height) < SAME_SIDE;
}

/* Panes but for the one that is looked at as unbordered already. */
static void
find_panes (WeirFrameHasher *hasher, const WeirLuma *luma, gint64 time)
{
  WeirWindow panes[WEIR_PANES_MAX];
  guint n_panes = weir_pane_finder_run (hasher->pane_finder, luma, time, panes);
  guint i;

  hasher->n_panes = 0;
  for (i = 0; i < n_panes; i++)
    if (!is_unbordered (hasher, &panes[i]))
      hasher->panes[hasher->n_panes++] = panes[i];
}

static void
find_bases (WeirFrameHasher *hasher, const WeirLuma *luma, gint64 time)
{
  guint base;

  hasher->bases[WEIR_BASE_FRAME] = *luma;
  hasher->has_base[WEIR_BASE_FRAME] = TRUE;
  hasher->has_base[WEIR_BASE_UNBORDERED] = weir_border_finder_run (
      hasher->borders, luma, time, &hasher->bases[WEIR_BASE_UNBORDERED]);
  if (hasher->use == WEIR_FRAME_QUERY && !hasher->only_whole)
    find_panes (hasher, luma, time);
  for (base = 0; base < WEIR_N_BASES; base++)
    if (hasher->has_base[base])
      weir_looker_show (hasher->looker, base, &hasher->bases[base]);
}

static void
take_whole (WeirFrameHasher *hasher, WeirFrame *frame)
{
  guint base;

  for (base = 0; base < WEIR_N_BASES; base++) {
    const WeirAim whole = {
      .view = base == WEIR_BASE_FRAME ? WEIR_VIEW_PLAIN : WEIR_VIEW_UNBORDERED,
      .window = { .width = 1, .height = 1 },
    };

    if (hasher->has_base[base])
      take (hasher, frame, base, &whole);
  }
}

/* How many of @n are due after @passed seconds, if each has @rate turns a
 * second. */
static guint
get_due (Turns *turns, guint n, gdouble rate, gdouble passed)
{
  guint due;

  turns->due = MIN (turns->due + passed * rate * n, n);
  due = (guint) turns->due;
  turns->due -= due;
  return due;
}

static guint
get_next (Turns *turns, guint n)
{
  guint next = turns->next % n;

  turns->next = (next + 1) % n;
  turns->round += turns->next == 0;
  return next;
}

static guint
choose_base (
    const WeirFrameHasher *hasher, WeirAims kind, guint round, guint aim)
{
  return hasher->has_base[WEIR_BASE_UNBORDERED] &&
                 (round + aim) % unbordered_shares[kind] == 0
             ? WEIR_BASE_UNBORDERED
             : WEIR_BASE_FRAME;
}

/* Takes the aims of one kind whose turn it is. After a pause there may be more
 * than a frame has room for: the next frame goes on from there. Some of the room
 * is kept for those at crops anywhere, which come last. */
static void
take_aims (
    WeirFrameHasher *hasher, WeirFrame *frame, WeirAims kind, gdouble passed)
{
  Turns *turns = &hasher->turns[kind];
  guint room = kind == WEIR_AIMS_STRAYS ? WEIR_FRAME_LOOKS_MAX
                                        : WEIR_FRAME_LOOKS_MAX - STRAYS_ROOM;
  guint n_aims, due;
  const WeirAim *aims = weir_aims_get (kind, &n_aims);

  due = get_due (turns, n_aims, rates[kind], passed);
  for (; due > 0 && frame->n_looks < room; due--) {
    guint round = turns->round;
    guint next = get_next (turns, n_aims);

    take (hasher, frame, choose_base (hasher, kind, round, next), &aims[next]);
  }
}

/* @aim, which is at the whole frame, at a pane of it. */
static WeirAim
aim_at_pane (const WeirAim *aim, const WeirWindow *pane)
{
  WeirAim aimed = *aim;

  aimed.edits |= WEIR_EDIT_INSET;
  aimed.window.left = pane->left + aim->window.left * pane->width;
  aimed.window.top = pane->top + aim->window.top * pane->height;
  aimed.window.width *= pane->width;
  aimed.window.height *= pane->height;
  return aimed;
}

static void
take_panes (WeirFrameHasher *hasher, WeirFrame *frame, gdouble passed)
{
  const WeirAim whole = {
    .view = WEIR_VIEW_UNBORDERED,
    .window = { .width = 1, .height = 1 },
  };
  guint n_aims, n_parts, due;
  const WeirAim *aims = weir_aims_get (WEIR_AIMS_PARTS, &n_aims);

  if (hasher->n_panes == 0)
    return;
  due = get_due (&hasher->pane_turns, hasher->n_panes,
      (gdouble) PANE_RATE / hasher->n_panes, passed);
  for (; due > 0; due--) {
    guint next = get_next (&hasher->pane_turns, hasher->n_panes);
    WeirAim aimed = aim_at_pane (&whole, &hasher->panes[next]);

    take (hasher, frame, WEIR_BASE_FRAME, &aimed);
  }
  n_parts = MIN (hasher->n_panes, PANES_WITH_PARTS) * n_aims;
  due = get_due (
      &hasher->pane_part_turns, n_parts, (gdouble) PANE_RATE / n_parts, passed);
  for (; due > 0; due--) {
    guint next = get_next (&hasher->pane_part_turns, n_parts);
    WeirAim aimed =
        aim_at_pane (&aims[next % n_aims], &hasher->panes[next / n_aims]);

    take (hasher, frame, WEIR_BASE_FRAME, &aimed);
  }
}

static void
take_layout_aims (WeirFrameHasher *hasher, WeirFrame *frame, Turns *turns,
    const WeirAim *aims, guint n_aims, gdouble rate, gdouble passed)
{
  guint due = get_due (turns, n_aims, rate, passed);

  for (; due > 0; due--)
    take (hasher, frame, WEIR_BASE_FRAME, &aims[get_next (turns, n_aims)]);
}

static void
take_layouts (WeirFrameHasher *hasher, WeirFrame *frame, gdouble passed)
{
  const WeirLuma *luma = &hasher->bases[WEIR_BASE_FRAME];
  const WeirLayouts *layouts = &hasher->layouts;

  if (luma->width != hasher->layout_width ||
      luma->height != hasher->layout_height)
    weir_layouts_init (&hasher->layouts, luma->width, luma->height);
  hasher->layout_width = luma->width;
  hasher->layout_height = luma->height;
  take_layout_aims (hasher, frame, &hasher->layout_turns, layouts->wholes,
      layouts->n_wholes, LAYOUT_RATE, passed);
  take_layout_aims (hasher, frame, &hasher->layout_part_turns, layouts->parts,
      layouts->n_parts, LAYOUT_PART_RATE, passed);
}

static void
take_kept (WeirFrameHasher *hasher, WeirFrame *frame, gint64 time)
{
  guint i = 0;

  while (i < hasher->n_kept) {
    const Kept *kept = &hasher->kept[i];

    if (kept->until < time || kept->until > time + KEEP_TIME) {
      hasher->kept[i] = hasher->kept[--hasher->n_kept];
      continue;
    }
    if (hasher->has_base[kept->base])
      take (hasher, frame, kept->base, &kept->aim);
    i++;
  }
}

/* What the follower asks for, of which nothing is kept: it knows better. */
static void
take_followed (
    WeirFrameHasher *hasher, WeirFrame *frame, gint64 time, gdouble passed)
{
  WeirFollowerAim aims[WEIR_FOLLOWER_AIMS_MAX];
  guint n_aims = weir_follower_get_aims (hasher->follower, time, passed, aims);
  guint i;

  for (i = 0; i < n_aims; i++) {
    WeirLook *look = &frame->looks[frame->n_looks];
    guint n_looks = frame->n_looks;

    if (hasher->has_base[aims[i].base])
      take (hasher, frame, aims[i].base, &aims[i].aim);
    if (frame->n_looks == n_looks)
      continue;
    look->tried = TRUE;
    look->told = weir_follower_get_told (look);
  }
}

/* Seconds since the last frame; a tenth of one for the first. */
static gdouble
get_passed (WeirFrameHasher *hasher, gint64 time)
{
  gint64 passed = hasher->has_time ? time - hasher->time : SECOND / 10;

  hasher->time = time;
  hasher->has_time = TRUE;
  return (gdouble) CLAMP (passed, 0, PAUSE_MAX) / SECOND;
}

static void
take_query (WeirFrameHasher *hasher, WeirFrame *frame, gint64 time)
{
  gdouble passed = get_passed (hasher, time);
  guint i;

  take_kept (hasher, frame, time);
  if (hasher->only_whole)
    return;
  take_followed (hasher, frame, time, passed);
  take_panes (hasher, frame, passed);
  take_layouts (hasher, frame, passed);
  for (i = 0; i < WEIR_N_AIMS; i++)
    take_aims (hasher, frame, (WeirAims) i, passed);
}

/* A copy that was cut or turned lost the borders, or shows a share of them: so
 * the parts of the frame with its borders are known too. */
static void
take_parts (WeirFrameHasher *hasher, WeirFrame *frame)
{
  guint n_aims, base, i;
  const WeirAim *aims = weir_aims_get (WEIR_AIMS_PARTS, &n_aims);

  for (base = 0; base < WEIR_N_BASES; base++)
    for (i = 0; hasher->has_base[base] && i < n_aims; i++)
      take (hasher, frame, base, &aims[i]);
}

gboolean
weir_frame_hasher_run (WeirFrameHasher *hasher, const WeirLuma *luma,
    gint64 time, WeirFrame *frame)
{
  frame->n_looks = 0;
  if (luma->width < WEIR_PDQ_MIN_SIDE || luma->width > WEIR_PDQ_MAX_SIDE ||
      luma->height < WEIR_PDQ_MIN_SIDE || luma->height > WEIR_PDQ_MAX_SIDE)
    return FALSE;
  find_bases (hasher, luma, time);
  take_whole (hasher, frame);
  if (hasher->use == WEIR_FRAME_REFERENCE)
    take_parts (hasher, frame);
  else
    take_query (hasher, frame, time);
  return TRUE;
}

static void
keep (WeirFrameHasher *hasher, const WeirLook *look)
{
  Kept *oldest = hasher->kept;
  Kept kept = {
    .base = look->base,
    .aim = look->aim,
    .until = hasher->time + KEEP_TIME,
  };
  guint i;

  for (i = 0; i < hasher->n_kept; i++) {
    if (is_same (look, hasher->kept[i].base, &hasher->kept[i].aim)) {
      hasher->kept[i] = kept;
      return;
    }
    if (hasher->kept[i].until < oldest->until)
      oldest = &hasher->kept[i];
  }
  if (hasher->n_kept < KEEP_MAX)
    oldest = &hasher->kept[hasher->n_kept++];
  *oldest = kept;
}

void
weir_frame_hasher_keep (WeirFrameHasher *hasher, const WeirFrame *frame)
{
  guint i;

  weir_follower_learn (
      hasher->follower, hasher->time, frame->looks, frame->n_looks);
  for (i = 0; i < frame->n_looks; i++) {
    const WeirLook *look = &frame->looks[i];

    /* The whole comes at each frame anyway. */
    if (look->hit && !look->tried &&
        (look->aim.edits || weir_view_is_part (look->view)))
      keep (hasher, look);
  }
}
