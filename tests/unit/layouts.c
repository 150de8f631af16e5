/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where pictures laid out for a frame are looked for. */

#include "fingerprint/layouts.h"

#include "fingerprint/frame.h"
#include "pdq-definition.h"

#include <math.h>
#include <string.h>

#define FRAME_DURATION (40 * G_GINT64_CONSTANT (1000000))

/* Frames in which each whole and each part has its turn. */
#define WHOLE_TURN 43
#define PART_TURN  101

/* PDQ bears a window that is off by this share of its size. */
#define NEAR 0.01f

static gboolean
has_aim (const WeirAim *aims, guint n_aims, WeirView view, WeirWindow window)
{
  guint i;

  for (i = 0; i < n_aims; i++) {
    const WeirWindow *at = &aims[i].window;

    if (aims[i].view == view &&
        fabsf (at->left - window.left) <= NEAR * window.width &&
        fabsf (at->top - window.top) <= NEAR * window.height &&
        fabsf (at->width - window.width) <= NEAR * window.width &&
        fabsf (at->height - window.height) <= NEAR * window.height)
      return TRUE;
  }
  return FALSE;
}

/* The places in which a picture of one shape is shown in a frame of another. */
static void
test_places (void)
{
  static const struct {
    guint width, height;
    WeirView view;
    WeirWindow window;
  } cases[] = {
    /* A wide picture in an upright frame: in its middle, in a half of its own
     * or filling one, of which it loses a third of its width. */
    { 360, 640, WEIR_VIEW_UNBORDERED, { 0, 0.3418f, 1, 0.3164f, 0 } },
    { 360, 640, WEIR_VIEW_UNBORDERED, { 0, 0.5918f, 1, 0.3164f, 0 } },
    { 360, 640, WEIR_VIEW_MIDDLE, { 0.1049f, 0.125f, 0.7901f, 0.25f, 0 } },
    /* One of television, in nearly square and square posts. */
    { 720, 900, WEIR_VIEW_UNBORDERED, { 0, 0.2f, 1, 0.6f, 0 } },
    { 480, 480, WEIR_VIEW_UNBORDERED, { 0, 0.125f, 1, 0.75f, 0 } },
    /* An upright one in a wide frame. */
    { 640, 360, WEIR_VIEW_UNBORDERED, { 0.3418f, 0, 0.3164f, 1, 0 } },
    /* A wide one beside another: squeezed, fitted, in a frame that is as wide
     * as both are. */
    { 640, 360, WEIR_VIEW_UNBORDERED, { 0, 0, 0.5f, 1, 0 } },
    { 640, 360, WEIR_VIEW_UNBORDERED, { 0.5f, 0.25f, 0.5f, 0.5f, 0 } },
    { 960, 270, WEIR_VIEW_UNBORDERED, { 0.5f, 0, 0.5f, 1, 0 } },
    /* Four of them. */
    { 640, 360, WEIR_VIEW_UNBORDERED, { 0.5f, 0.5f, 0.5f, 0.5f, 0 } },
    /* A film cut to a square. */
    { 480, 480, WEIR_VIEW_MIDDLE, { 0.0556f, 0.25f, 0.8889f, 0.5f, 0 } },
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    WeirLayouts layouts;

    weir_layouts_init (&layouts, cases[i].width, cases[i].height);
    g_test_message ("%u", i);
    g_assert_true (has_aim (
        layouts.wholes, layouts.n_wholes, cases[i].view, cases[i].window));
  }
}

/* The parts of the picture in the middle, each where it is. */
static void
test_parts (void)
{
  const WeirWindow top_left = { 0, 0.3418f, 0.5f, 0.1582f, 0 };
  const WeirWindow middle = { 0.25f, 0.4209f, 0.5f, 0.1582f, 0 };
  WeirLayouts layouts;
  guint n_aims;

  weir_aims_get (WEIR_AIMS_PARTS, &n_aims);
  weir_layouts_init (&layouts, 360, 640);
  g_assert_cmpuint (layouts.n_parts % n_aims, ==, 0);
  g_assert_true (
      has_aim (layouts.parts, layouts.n_parts, WEIR_VIEW_TOP_LEFT, top_left));
  g_assert_true (
      has_aim (layouts.parts, layouts.n_parts, WEIR_VIEW_MIDDLE, middle));
}

static void
check_window (const WeirAim *aim)
{
  const WeirWindow *window = &aim->window;

  g_assert_cmpfloat (window->left, >=, 0);
  g_assert_cmpfloat (window->top, >=, 0);
  g_assert_cmpfloat (window->width, >, 0.05);
  g_assert_cmpfloat (window->height, >, 0.05);
  g_assert_cmpfloat (window->left + window->width, <=, 1 + 1e-5);
  g_assert_cmpfloat (window->top + window->height, <=, 1 + 1e-5);
  g_assert_cmpint (aim->edits & (WEIR_EDIT_INSET | WEIR_EDIT_CROPPED), !=, 0);
}

/* Whatever the shape of a frame: aims are within it, there are few, none is at
 * all of it, and none comes twice. */
static void
test_shapes (void)
{
  guint width, height, i, j;

  for (width = 64; width <= 2048; width += 62)
    for (height = 64; height <= 2048; height += 62) {
      WeirLayouts layouts;

      weir_layouts_init (&layouts, width, height);
      g_assert_cmpuint (layouts.n_wholes, <=, 32);
      g_assert_cmpuint (layouts.n_parts, <=, 36);
      for (i = 0; i < layouts.n_parts; i++)
        check_window (&layouts.parts[i]);
      for (i = 0; i < layouts.n_wholes; i++) {
        const WeirAim *aim = &layouts.wholes[i];

        check_window (aim);
        g_assert_cmpfloat (aim->window.width * aim->window.height, <, 0.95);
        for (j = 0; j < i; j++)
          g_assert_false (aim->view == layouts.wholes[j].view &&
                          memcmp (&aim->window, &layouts.wholes[j].window,
                              sizeof (WeirWindow)) == 0);
      }
    }
}

static gboolean
is_laid_out (const WeirAim *aims, guint n_aims, const WeirAim *aim)
{
  guint i;

  for (i = 0; i < n_aims; i++)
    if (aims[i].view == aim->view &&
        memcmp (&aims[i].window, &aim->window, sizeof (WeirWindow)) == 0)
      return TRUE;
  return FALSE;
}

/* Shows @luma in @n frames. Fills @nearest with how near the looks at layouts
 * come to each look of @known. */
static void
look_for (const WeirFrame *known, const WeirLuma *luma, guint n,
    guint nearest[WEIR_FRAME_LOOKS_MAX])
{
  g_autoptr (WeirFrameHasher) query = weir_frame_hasher_new (WEIR_FRAME_QUERY);
  WeirLayouts layouts;
  WeirFrame frame;
  guint i, j, k;

  weir_layouts_init (&layouts, luma->width, luma->height);
  for (k = 0; k < known->n_looks; k++)
    nearest[k] = WEIR_PDQ_BITS;
  for (i = 0; i < n; i++) {
    g_assert_true (
        weir_frame_hasher_run (query, luma, i * FRAME_DURATION, &frame));
    for (j = 0; j < frame.n_looks; j++) {
      const WeirLook *look = &frame.looks[j];
      gboolean is_whole =
          is_laid_out (layouts.wholes, layouts.n_wholes, &look->aim);

      if (!is_whole &&
          !is_laid_out (layouts.parts, layouts.n_parts, &look->aim))
        continue;
      for (k = is_whole ? 0 : 1; k < (is_whole ? 1 : known->n_looks); k++)
        if (is_whole || known->looks[k].view == look->view)
          nearest[k] = MIN (nearest[k],
              weir_pdq_distance (&look->hash, &known->looks[k].hash));
    }
  }
}

/* A wide picture in the middle of an upright frame is found within two
 * seconds, and each part of it within four. */
static void
test_found (void)
{
  g_autoptr (WeirFrameHasher) reference =
      weir_frame_hasher_new (WEIR_FRAME_REFERENCE);
  g_autofree guint8 *shown = pdq_picture_new (PDQ_PICTURE_SCENE, 360, 640, 8);
  g_autofree guint8 *picture = pdq_picture_new (PDQ_PICTURE_SCENE, 360, 202, 7);
  WeirLuma luma = pdq_picture_get_luma (picture, 360, 202);
  WeirLuma stream = pdq_picture_get_luma (shown, 360, 640);
  guint nearest[WEIR_FRAME_LOOKS_MAX], i;
  WeirFrame known;

  memcpy (shown + 219 * 360, picture, 202 * 360);
  g_assert_true (weir_frame_hasher_run (reference, &luma, 0, &known));
  look_for (&known, &stream, WHOLE_TURN, nearest);
  g_assert_cmpuint (nearest[0], <=, 20);
  look_for (&known, &stream, PART_TURN, nearest);
  for (i = 1; i < known.n_looks; i++)
    g_assert_cmpuint (nearest[i], <=, 28);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/layouts/places", test_places);
  g_test_add_func ("/layouts/parts", test_parts);
  g_test_add_func ("/layouts/shapes", test_shapes);
  g_test_add_func ("/layouts/found", test_found);
  return g_test_run ();
}
