/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Following where a copy is shown, by pattern search. */

#include "fingerprint/follower.h"

#include <math.h>

#define SECOND G_GINT64_CONSTANT (1000000000)

/* A look is followed for so long after it hit. */
#define FOLLOW_TIME (1 * SECOND)

/* Steps tried a second, at each look that is followed. */
#define STEP_RATE 60

/* And other parts of the same picture. */
#define PART_RATE 30

/* What one step changes: an edge by a share of the window's side, the angle
 * by degrees. All are tried, then all half as long. */
#define N_EDGE_STEPS 8
#define N_STEPS      10
#define EDGE_STEP    0.016f
#define ANGLE_STEP   1.0f
#define ANGLE_MAX    8.0f

/* What is less than this is not told: an edge's way from that of the picture,
 * as a share of its side, and degrees. */
#define TOLD_EDGE  0.03f
#define TOLD_ANGLE 1.25f

/* What hits as near as this can hardly be improved. */
#define NEAR_BITS 10

/* A look that is so many bits nearer takes the place: fewer are noise. */
#define NEARER_BITS 2

/* Looks whose edges differ by less, as a share of the window's side, are at
 * the same thing. */
#define SAME_PLACE 0.08f

/* A window may reach so far out of the picture: by what is rounded. */
#define EPSILON 1e-4f

/* Farther than any hit. */
#define NO_HIT (WEIR_PDQ_BITS + NEARER_BITS)

typedef struct {
  gboolean used;
  guint base;
  WeirAim aim;
  guint distance; /* of its last hit */
  gint64 until;
  gdouble due; /* steps */
  guint next;  /* step */
  gdouble parts_due;
  guint part; /* number of the one tried last */
} Followed;

struct _WeirFollower {
  Followed followed[WEIR_FOLLOWED_MAX];
};

WeirFollower *
weir_follower_new (void)
{
  return g_new0 (WeirFollower, 1);
}

void
weir_follower_free (WeirFollower *follower)
{
  g_free (follower);
}

void
weir_follower_reset (WeirFollower *follower)
{
  *follower = (WeirFollower){ 0 };
}

/* Moves the left, top, right or bottom edge of @window out or in. */
static void
move_edge (WeirWindow *window, guint step, gfloat share)
{
  gfloat outwards = step % 2 == 0 ? share : -share;
  gfloat in_width = outwards * window->width;
  gfloat in_height = outwards * window->height;

  switch (step / 2) {
    case 0:
      window->left -= in_width;
      window->width += in_width;
      break;
    case 1:
      window->top -= in_height;
      window->height += in_height;
      break;
    case 2:
      window->width += in_width;
      break;
    default:
      window->height += in_height;
      break;
  }
}

static gboolean
is_within (const WeirWindow *window)
{
  return window->left >= -EPSILON && window->top >= -EPSILON &&
         window->left + window->width <= 1 + EPSILON &&
         window->top + window->height <= 1 + EPSILON;
}

/* The next step aside of what is followed; FALSE when it leaves the picture. */
static gboolean
take_step (Followed *followed, WeirAim *aim)
{
  guint step = followed->next % N_STEPS;
  gfloat length = followed->next / N_STEPS % 2 == 0 ? 1.0f : 0.5f;
  WeirWindow *window = &aim->window;

  followed->next++;
  *aim = followed->aim;
  if (step < N_EDGE_STEPS) {
    move_edge (window, step, length * EDGE_STEP);
    /* The whole with an edge moved in has borders. */
    if (!weir_view_is_part (aim->view))
      aim->view = WEIR_VIEW_UNBORDERED;
    if (!weir_view_is_part (aim->view))
      aim->edits |= WEIR_EDIT_BORDERED;
  } else if (aim->edits & WEIR_EDIT_INSET) {
    return FALSE; /* the picture is turned, not a pane of it */
  } else {
    window->degrees += (step % 2 == 0 ? length : -length) * ANGLE_STEP;
    aim->edits |= WEIR_EDIT_ROTATED;
  }
  return is_within (window) && ABS (window->degrees) <= ANGLE_MAX;
}

/* Another part of the picture of which @followed is one, where it is then: the
 * next that was not cut; FALSE when there is none. */
static gboolean
take_other_part (Followed *followed, WeirAim *aim)
{
  guint n_parts, i;
  const WeirAim *parts = weir_aims_get (WEIR_AIMS_PARTS, &n_parts);
  const WeirWindow *known, *other;
  WeirWindow *window = &aim->window;

  if (!weir_view_is_part (followed->aim.view))
    return FALSE;
  known = &parts[followed->aim.view - parts[0].view].window;
  for (i = 0; i < n_parts; i++) {
    followed->part = (followed->part + 1) % n_parts;
    other = &parts[followed->part].window;
    *aim = followed->aim;
    aim->view = parts[followed->part].view;
    window->left += (other->left - known->left) / known->width * window->width;
    window->top += (other->top - known->top) / known->height * window->height;
    if (other != known && is_within (window))
      return TRUE;
  }
  return FALSE;
}

/* Adds what is due of other parts, one at most. */
static guint
add_other_part (Followed *followed, gdouble passed, WeirFollowerAim *aim)
{
  followed->parts_due = MIN (followed->parts_due + passed * PART_RATE, 1);
  if (followed->parts_due < 1)
    return 0;
  followed->parts_due = 0;
  aim->base = followed->base;
  return take_other_part (followed, &aim->aim) ? 1 : 0;
}

guint
weir_follower_get_aims (
    WeirFollower *follower, gint64 time, gdouble passed, WeirFollowerAim *aims)
{
  guint n_aims = 0, i;

  for (i = 0; i < WEIR_FOLLOWED_MAX; i++) {
    Followed *followed = &follower->followed[i];
    guint room = WEIR_FOLLOWER_AIMS_MAX / WEIR_FOLLOWED_MAX;

    if (!followed->used || followed->until < time ||
        followed->until > time + FOLLOW_TIME) {
      followed->used = FALSE;
      continue;
    }
    aims[n_aims++] =
        (WeirFollowerAim){ .base = followed->base, .aim = followed->aim };
    n_aims += add_other_part (followed, passed, &aims[n_aims]);
    if (followed->distance <= NEAR_BITS)
      continue;
    followed->due = MIN (followed->due + passed * STEP_RATE, room - 2);
    for (; followed->due >= 1; followed->due--) {
      aims[n_aims].base = followed->base;
      if (take_step (followed, &aims[n_aims].aim))
        n_aims++;
    }
  }
  return n_aims;
}

WeirEdits
weir_follower_get_told (const WeirLook *look)
{
  const WeirWindow *window = &look->aim.window;
  guint told = look->edits;

  if (ABS (window->degrees) < TOLD_ANGLE)
    told &= ~(guint) WEIR_EDIT_ROTATED;
  if (look->base == WEIR_BASE_FRAME && !weir_view_is_part (look->view) &&
      window->left < TOLD_EDGE && window->top < TOLD_EDGE &&
      window->left + window->width > 1 - TOLD_EDGE &&
      window->top + window->height > 1 - TOLD_EDGE)
    told &= ~(guint) WEIR_EDIT_BORDERED;
  return (WeirEdits) told;
}

static gboolean
is_near (const Followed *followed, const WeirLook *look)
{
  const WeirWindow *a = &followed->aim.window, *b = &look->aim.window;
  gfloat in_width = SAME_PLACE * a->width, in_height = SAME_PLACE * a->height;

  return followed->base == look->base &&
         weir_view_is_part (followed->aim.view) ==
             weir_view_is_part (look->aim.view) &&
         (followed->aim.view == look->aim.view ||
             !weir_view_is_part (look->aim.view)) &&
         followed->aim.orientation == look->aim.orientation &&
         ABS (a->left - b->left) <= in_width &&
         ABS (a->top - b->top) <= in_height &&
         ABS (a->left + a->width - b->left - b->width) <= in_width &&
         ABS (a->top + a->height - b->top - b->height) <= in_height;
}

static gboolean
is_at (const WeirWindow *a, const WeirWindow *b)
{
  return a->left == b->left && a->top == b->top && a->width == b->width &&
         a->height == b->height && a->degrees == b->degrees;
}

/* Goes to the look that hits nearest of those near by. */
static void
follow (Followed *followed, gint64 time, const WeirLook *looks, guint n_looks)
{
  const WeirLook *nearest = NULL;
  guint here = NO_HIT, i;

  for (i = 0; i < n_looks; i++) {
    const WeirLook *look = &looks[i];

    if (!look->hit || !is_near (followed, look))
      continue;
    if (is_at (&followed->aim.window, &look->aim.window))
      here = MIN (here, look->distance);
    if (!nearest || look->distance < nearest->distance)
      nearest = look;
  }
  if (!nearest)
    return;
  followed->until = time + FOLLOW_TIME;
  followed->distance = nearest->distance;
  if (nearest->distance + NEARER_BITS <= here)
    followed->aim = nearest->aim;
}

static gboolean
is_followed (const WeirFollower *follower, const WeirLook *look)
{
  guint i;

  for (i = 0; i < WEIR_FOLLOWED_MAX; i++)
    if (follower->followed[i].used && is_near (&follower->followed[i], look))
      return TRUE;
  return FALSE;
}

/* Room for another one: what was not hit for longest gives way, but not what
 * hit just now. */
static Followed *
find_room (WeirFollower *follower, gint64 time)
{
  Followed *oldest = follower->followed;
  guint i;

  for (i = 0; i < WEIR_FOLLOWED_MAX; i++) {
    Followed *followed = &follower->followed[i];

    if (!followed->used)
      return followed;
    if (followed->until < oldest->until)
      oldest = followed;
  }
  return oldest->until < time + FOLLOW_TIME ? oldest : NULL;
}

void
weir_follower_learn (
    WeirFollower *follower, gint64 time, const WeirLook *looks, guint n_looks)
{
  guint i;

  for (i = 0; i < WEIR_FOLLOWED_MAX; i++)
    if (follower->followed[i].used)
      follow (&follower->followed[i], time, looks, n_looks);
  for (i = 0; i < n_looks; i++) {
    Followed *room;

    if (!looks[i].hit || is_followed (follower, &looks[i]))
      continue;
    room = find_room (follower, time);
    if (!room)
      return;
    *room = (Followed){
      .used = TRUE,
      .base = looks[i].base,
      .aim = looks[i].aim,
      .until = time + FOLLOW_TIME,
    };
    follow (room, time, looks, n_looks);
  }
}
