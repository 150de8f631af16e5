/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is given up when there is no time for all, and that it comes back. */

#include "common.h"

/* Pictures that fill the queue of the analysis to more than a quarter, and to
 * more than half. */
#define QUARTER 220
#define HALF    400

#define PATIENCE 200000 /* pictures that may go by until all is well */

#define WHOLE_ALONE                                                            \
  "short of time: whole pictures alone are looked at, not parts of them"
#define KEYFRAMES_ALONE "short of time: keyframes and sound alone are looked at"

static gchar *bank;

static void
set_up (void)
{
  bank = make_bank (WEIR_OPINION_CONFIRMED, WEIR_ACTION_CUT);
}

static void
tear_down (void)
{
  delete_bank (bank);
}

/* Pushes pictures until the element has something to say. */
static GstStructure *
push_until_status (Rig *rig)
{
  GstStructure *status = NULL;
  guint i;

  for (i = 0; !status && i < PATIENCE; i++) {
    fail_unless_equals_int (
        rig_push_film (rig, UNKNOWN_FILM, i % KNOWN_LENGTH, 1), GST_FLOW_OK);
    rig_drop_output (rig);
    status = rig_pop (rig, "weir-status");
    g_usleep (0);
  }
  fail_unless (status != NULL);
  return status;
}

static void
assert_status (GstStructure *status, const gchar *state, const gchar *reason)
{
  assert_string (status, "state", state);
  assert_string (status, "reason", reason);
  gst_structure_free (status);
}

/* A rig whose analysis has @n pictures to look at that came meanwhile. */
static Rig *
make_late_rig (guint n)
{
  Rig *rig = rig_new (make_weir (bank, NULL), PICTURE_CAPS);

  rig_hold_up (rig, "weir-status");
  rig_push_film (rig, UNKNOWN_FILM, 0, 1);
  rig_wait_held ();
  fail_unless_equals_int (rig_push_film (rig, UNKNOWN_FILM, 1, n), GST_FLOW_OK);
  fail_unless_equals_int (rig_drop_output (rig), n + 1);
  fail_unless_equals_uint64 (rig_get_stat (rig, "dropped"), 0);
  rig_let_go ();
  assert_status (rig_wait (rig, "weir-status"), "active", "");
  return rig;
}

/* Views of pictures go first. */
GST_START_TEST (test_fewer_views)
{
  Rig *rig = make_late_rig (QUARTER);

  assert_status (rig_wait (rig, "weir-status"), "degraded", WHOLE_ALONE);
  rig_free (rig);
}
GST_END_TEST;

/* Then pictures but for keyframes; both come back, in turn. */
GST_START_TEST (test_keyframes)
{
  Rig *rig = make_late_rig (HALF);

  assert_status (rig_wait (rig, "weir-status"), "degraded", KEYFRAMES_ALONE);
  assert_status (push_until_status (rig), "degraded", WHOLE_ALONE);
  assert_status (push_until_status (rig), "active", "");
  /* Of what waited, one picture in half a second was looked at. */
  fail_unless (
      rig_get_stat (rig, "frames") < rig_get_stat (rig, "buffers") - HALF / 2);
  rig_free (rig);
}
GST_END_TEST;

static Suite *
overload_suite (void)
{
  Suite *suite = suite_create ("overload");
  TCase *cases = tcase_create ("general");

  suite_add_tcase (suite, cases);
  tcase_add_checked_fixture (cases, set_up, tear_down);
  tcase_add_test (cases, test_fewer_views);
  tcase_add_test (cases, test_keyframes);
  return suite;
}

GST_CHECK_MAIN (overload);
