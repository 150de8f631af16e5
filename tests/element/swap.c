/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Banks that come, change and go while the stream flows. */
#include "common.h"

#include "bank/bank.h"

#include <glib/gstdio.h>

static gchar *folder;
static gchar *path;     /* of the bank that the element is told of */
static gchar *original; /* banks to be put there: their references may cut, */
static gchar *changed;  /* or may not; they have the same fingerprints */

static void
set_up (void)
{
  folder = g_dir_make_tmp ("weir-bank-XXXXXX", NULL);
  path = g_build_filename (folder, "known.weir", NULL);
  original = make_bank (WEIR_OPINION_CONFIRMED, WEIR_ACTION_CUT);
  changed = make_bank (WEIR_OPINION_DISPUTED, WEIR_ACTION_CUT);
}

static void
tear_down (void)
{
  delete_bank (path);
  delete_bank (original);
  delete_bank (changed);
  fail_unless (g_rmdir (folder) == 0);
  g_free (folder);
}

/* Puts a copy of the file @bank in the place that the element looks at, at
 * once. */
static void
put_bank (const gchar *bank)
{
  g_autofree gchar *data = NULL;
  gsize length;

  fail_unless (g_file_get_contents (bank, &data, &length, NULL));
  fail_unless (g_file_set_contents (path, data, (gssize) length, NULL));
}

/* Waits for word that @bank (NULL: none) is in use, and that @error, if not "",
 * is why another is not. */
static void
wait_bank (Rig *rig, const gchar *bank, const gchar *error)
{
  g_autoptr (GstStructure) message = rig_wait (rig, "weir-bank");
  g_autoptr (WeirBank) opened = bank ? weir_bank_open (bank, NULL) : NULL;
  const gchar *said = gst_structure_get_string (message, "error");

  assert_string (
      message, "version", opened ? weir_bank_get_version (opened) : "");
  assert_uint (message, "references", opened ? 2 : 0);
  assert_string (message, "source", path);
  fail_unless (strstr (said, error) != NULL);
  fail_unless (*error != '\0' || *said == '\0');
}

/* Looking back may be what tells of it, on its own thread. */
static void
expect_match (Rig *rig, const gchar *state, const gchar *verdict)
{
  g_autoptr (GstStructure) match = rig_wait (rig, "weir-match");

  assert_string (match, "state", state);
  assert_string (match, "reference", "known");
  assert_string (match, "verdict", verdict);
}

static void
push (Rig *rig, guint from, guint n)
{
  fail_unless_equals_int (
      rig_push_film (rig, KNOWN_FILM, from, n), GST_FLOW_OK);
}

GST_START_TEST (test_appears)
{
  Rig *rig = rig_new (make_weir (path, "sync-analysis=true"), PICTURE_CAPS);

  wait_bank (rig, NULL, "No such file");
  push (rig, 0, 50);
  fail_unless (rig_pop (rig, "weir-match") == NULL);
  put_bank (original);
  wait_bank (rig, original, "");
  push (rig, 50, 50);
  expect_match (rig, "started", "flag");
  rig_free (rig);
}
GST_END_TEST;

GST_START_TEST (test_refused)
{
  Rig *rig;

  put_bank (original);
  rig = rig_new (make_weir (path, "sync-analysis=true"), PICTURE_CAPS);
  wait_bank (rig, original, "");
  push (rig, 0, 50);
  expect_match (rig, "started", "flag");
  fail_unless (g_file_set_contents (path, "not a bank", -1, NULL));
  wait_bank (rig, original, "is not a bank");
  push (rig, 50, 50);
  fail_unless (rig_pop (rig, "weir-match") == NULL);
  rig_free (rig);
}
GST_END_TEST;

/* The match goes on with what the new bank says of its reference. */
static void
check_swap (const gchar *before, const gchar *after, const gchar *verdict)
{
  Rig *rig;

  put_bank (before);
  rig = rig_new (
      make_weir (path, "sync-analysis=true max-action=cut on-cut=drop"),
      PICTURE_CAPS);
  wait_bank (rig, before, "");
  push (rig, 0, 50);
  expect_match (rig, "started", "flag");
  put_bank (after);
  wait_bank (rig, after, "");
  push (rig, 50, 50);
  expect_match (rig, "updated", verdict);
  fail_unless (rig_pop (rig, "weir-match") == NULL);
  rig_free (rig);
}

GST_START_TEST (test_may_cut_now)
{
  check_swap (changed, original, "cut");
}
GST_END_TEST;

/* A cut stays: what is known of the reference now is no reason to show what
 * was not to be shown. */
GST_START_TEST (test_cut_stays)
{
  Rig *rig;
  g_autoptr (GstStructure) cut = NULL;

  put_bank (original);
  rig = rig_new (
      make_weir (path, "sync-analysis=true max-action=cut on-cut=drop"),
      PICTURE_CAPS);
  wait_bank (rig, original, "");
  push (rig, 0, 50);
  cut = rig_pop (rig, "weir-cut");
  fail_unless (cut != NULL);
  rig_drop_output (rig);
  put_bank (changed);
  wait_bank (rig, changed, "");
  push (rig, 50, 50);
  fail_unless_equals_int (rig_drop_output (rig), 0);
  g_signal_emit_by_name (rig->weir, "release");
  push (rig, 100, 10);
  fail_unless_equals_int (rig_drop_output (rig), 10);
  rig_free (rig);
}
GST_END_TEST;

GST_START_TEST (test_set_while_playing)
{
  /* What is looked back at would be told of as well. */
  Rig *rig =
      rig_new (make_weir (NULL, "sync-analysis=true history=0"), PICTURE_CAPS);

  push (rig, 0, 10);
  fail_unless_equals_int (rig_get_stat (rig, "frames"), 0);
  put_bank (original);
  g_object_set (rig->weir, "bank", path, NULL);
  wait_bank (rig, original, "");
  push (rig, 10, 50);
  expect_match (rig, "started", "flag");
  fail_unless_equals_int (rig_get_stat (rig, "frames"), 50);

  g_object_set (rig->weir, "bank", NULL, NULL);
  rig_wait_status (rig, "blind");
  push (rig, 60, 50);
  fail_unless (rig_pop (rig, "weir-match") == NULL);
  g_object_set (rig->weir, "bank", path, NULL);
  rig_wait_status (rig, "active");
  push (rig, 110, 50);
  expect_match (rig, "started", "flag");
  rig_free (rig);
}
GST_END_TEST;

/* What is seen changes while a thread tells of the bank: what is told last is
 * what is. */
GST_START_TEST (test_status_order)
{
  Rig *rig =
      rig_new (make_weir (path, "sync-analysis=true history=0"), PICTURE_CAPS);

  push (rig, 0, 10);
  rig_hold_up (rig, "weir-status");
  put_bank (original);
  rig_wait_held ();
  gst_harness_set_src_caps_str (rig->harness, "application/x-data");
  push (rig, 10, 1);
  rig_let_go ();
  rig_wait_status (rig, "active");
  rig_wait_status (rig, "blind");
  rig_free (rig);
}
GST_END_TEST;

/* It ends while a bank is being opened. */
GST_START_TEST (test_stop)
{
  guint i;

  for (i = 0; i < 10; i++) {
    Rig *rig;

    put_bank (original);
    rig = rig_new (make_weir (path, NULL), PICTURE_CAPS);
    put_bank (changed);
    rig_free (rig);
  }
}
GST_END_TEST;

static Suite *
swap_suite (void)
{
  Suite *suite = suite_create ("swap");
  TCase *cases = tcase_create ("general");

  suite_add_tcase (suite, cases);
  tcase_add_checked_fixture (cases, set_up, tear_down);
  tcase_add_test (cases, test_appears);
  tcase_add_test (cases, test_refused);
  tcase_add_test (cases, test_may_cut_now);
  tcase_add_test (cases, test_cut_stays);
  tcase_add_test (cases, test_set_while_playing);
  tcase_add_test (cases, test_status_order);
  tcase_add_test (cases, test_stop);
  return suite;
}

GST_CHECK_MAIN (swap);
