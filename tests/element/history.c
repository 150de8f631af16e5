/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the element remembers: references made of it, and looking back at it
 * when the bank changes.
 */
#include "common.h"

#include "bank/bank.h"

#include <glib/gstdio.h>

#define SECOND_OF_PICTURES 25

/* A folder that is a bank, and one for what is made. */
static gchar *bank;
static gchar *candidates;

static void
set_up (void)
{
  bank = g_dir_make_tmp ("weir-bank-XXXXXX", NULL);
  candidates = g_dir_make_tmp ("weir-candidates-XXXXXX", NULL);
}

static void
delete_folder (gchar *folder)
{
  g_autoptr (GDir) entries = g_dir_open (folder, 0, NULL);
  const gchar *name;

  while ((name = g_dir_read_name (entries)) != NULL) {
    g_autofree gchar *path = g_build_filename (folder, name, NULL);

    fail_unless (g_unlink (path) == 0);
  }
  fail_unless (g_rmdir (folder) == 0);
  g_free (folder);
}

static void
tear_down (void)
{
  delete_folder (bank);
  delete_folder (candidates);
}

static guint
count_files (const gchar *folder)
{
  g_autoptr (GDir) entries = g_dir_open (folder, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (entries) != NULL)
    n++;
  return n;
}

/* Puts the reference @id of @film into the bank. */
static void
put_film (guint film, const gchar *id, WeirOpinion opinion)
{
  gchar *made = make_film_bank (film, id, opinion, WEIR_ACTION_CUT);
  g_autofree gchar *name = g_strconcat (id, ".weir", NULL);
  g_autofree gchar *path = g_build_filename (bank, name, NULL);
  g_autofree gchar *data = NULL;
  gsize length;

  fail_unless (g_file_get_contents (made, &data, &length, NULL));
  fail_unless (g_file_set_contents (path, data, (gssize) length, NULL));
  delete_bank (made);
}

/* Waits for word that a bank of @n references is in use. */
static void
wait_bank (Rig *rig, guint n)
{
  guint references = 0;

  do {
    g_autoptr (GstStructure) message = rig_wait (rig, "weir-bank");

    fail_unless (gst_structure_get_uint (message, "references", &references));
  } while (references != n);
}

/* @property is "name=value", or NULL. */
static Rig *
start (const gchar *property)
{
  g_autofree gchar *all =
      g_strconcat ("sync-analysis=true on-cut=drop max-action=cut",
          property ? " " : NULL, property, NULL);
  Rig *rig = rig_new (make_weir (bank, all), PICTURE_CAPS);

  g_object_set (rig->weir, "candidates", candidates, NULL);
  return rig;
}

static void
push (Rig *rig, guint film, guint from, guint n)
{
  fail_unless_equals_int (rig_push_film (rig, film, from, n), GST_FLOW_OK);
}

static guint64
get_uint64 (const GstStructure *structure, const gchar *field)
{
  guint64 value = 0;

  fail_unless (gst_structure_get_uint64 (structure, field, &value));
  return value;
}

/* The next match of the reference @id that is told, of this state. */
static GstStructure *
wait_match (Rig *rig, const gchar *id, const gchar *state)
{
  GstStructure *match = rig_wait (rig, "weir-match");

  assert_string (match, "reference", id);
  assert_string (match, "state", state);
  return match;
}

/* ---- References ---- */

static gchar *
make_reference (Rig *rig, guint64 begin, guint64 end)
{
  gchar *path = NULL;

  g_signal_emit_by_name (
      rig->weir, "make-reference", begin, end, "a label", &path);
  return path;
}

GST_START_TEST (test_reference)
{
  Rig *rig;
  g_autoptr (GstStructure) message = NULL;
  g_autoptr (WeirBank) made = NULL;
  g_autofree gchar *path = NULL;
  g_autofree gchar *name = NULL;
  WeirReference reference;

  put_film (SECOND_FILM, "second", WEIR_OPINION_CONFIRMED);
  rig = start ("stream-id=a-stream");
  push (rig, UNKNOWN_FILM, 0, KNOWN_LENGTH);
  path = make_reference (rig, 2 * GST_SECOND, 8 * GST_SECOND);
  fail_unless (path != NULL);
  fail_unless_equals_int (count_files (candidates), 1);

  made = weir_bank_open (path, NULL);
  fail_unless (made != NULL);
  fail_unless_equals_int (weir_bank_get_n_references (made), 1);
  /* Of pictures 40 ms apart each other one is kept. */
  fail_unless_equals_int (
      weir_bank_get_n_video (made), 6 * SECOND_OF_PICTURES / 2);
  weir_bank_get_reference (made, 0, &reference);
  fail_unless_equals_string (reference.label, "a label");
  fail_unless_equals_string (reference.source, "a-stream");
  fail_unless_equals_int (reference.opinion, WEIR_OPINION_UNREVIEWED);
  fail_unless_equals_int (reference.max_action, WEIR_ACTION_CUT);
  fail_unless_equals_uint64 (reference.duration, 6 * GST_SECOND);
  name = g_strconcat (reference.id, ".weir", NULL);
  fail_unless (g_str_has_suffix (path, name));

  message = rig_pop (rig, "weir-reference");
  fail_unless (message != NULL);
  assert_string (message, "stream-id", "a-stream");
  assert_string (message, "reference", reference.id);
  assert_string (message, "label", "a label");
  assert_string (message, "path", path);
  assert_uint64 (message, "running-time", 2 * GST_SECOND);
  assert_uint64 (message, "duration", 6 * GST_SECOND);
  assert_string (message, "error", "");
  rig_free (rig);
}
GST_END_TEST;

/* A copy that is a little darker, with noise. */
static GstBuffer *
make_copy (guint number, GstClockTime pts)
{
  GstBuffer *buffer = make_picture (UNKNOWN_FILM, number, pts);
  GstMapInfo map;
  gsize i;

  gst_buffer_map (buffer, &map, GST_MAP_READWRITE);
  for (i = 0; i < map.size; i++)
    map.data[i] = (guint8) (map.data[i] * 7 / 8 + i % 5);
  gst_buffer_unmap (buffer, &map);
  return buffer;
}

/* What was made of one stream flags another that carries the same later. */
GST_START_TEST (test_reference_matches)
{
  Rig *origin, *copy;
  g_autofree gchar *path = NULL;
  g_autofree gchar *name = NULL;
  g_autofree gchar *id = NULL;
  g_autoptr (GstStructure) match = NULL;
  guint i;

  put_film (SECOND_FILM, "second", WEIR_OPINION_CONFIRMED);
  origin = start (NULL);
  push (origin, UNKNOWN_FILM, 0, KNOWN_LENGTH);
  path = make_reference (origin, 0, 10 * GST_SECOND);
  rig_free (origin);
  fail_unless (path != NULL);
  name = g_path_get_basename (path);
  id = g_strndup (name, strlen (name) - strlen (".weir"));

  copy = rig_new (
      make_weir (path, "sync-analysis=true max-action=cut"), PICTURE_CAPS);
  push (copy, KNOWN_FILM, 0, KNOWN_LENGTH);
  for (i = 0; i < KNOWN_LENGTH; i++) {
    fail_unless_equals_int (
        gst_harness_push (copy->harness, make_copy (i, copy->now)),
        GST_FLOW_OK);
    copy->now += PICTURE_DURATION;
  }
  match = wait_match (copy, id, "started");
  assert_string (match, "verdict", "flag");
  assert_string (match, "label", "a label");
  fail_unless (get_uint64 (match, "running-time") >= 10 * GST_SECOND);
  fail_unless (get_uint64 (match, "running-time") < 11 * GST_SECOND);
  fail_unless (rig_pop (copy, "weir-cut") == NULL);
  rig_free (copy);
}
GST_END_TEST;

static void
expect_none (Rig *rig, guint64 begin, guint64 end, const gchar *why)
{
  g_autoptr (GstStructure) message = NULL;

  fail_unless (make_reference (rig, begin, end) == NULL);
  message = rig_pop (rig, "weir-reference");
  fail_unless (message != NULL);
  assert_string (message, "path", "");
  assert_string (message, "reference", "");
  fail_unless (
      strstr (gst_structure_get_string (message, "error"), why) != NULL,
      "it says: %s", gst_structure_get_string (message, "error"));
  fail_unless_equals_int (count_files (candidates), 0);
}

GST_START_TEST (test_no_reference)
{
  Rig *rig;

  put_film (SECOND_FILM, "second", WEIR_OPINION_CONFIRMED);
  rig = start ("history=5");
  expect_none (rig, 0, GST_SECOND, "wait for it");
  push (rig, UNKNOWN_FILM, 0, KNOWN_LENGTH);
  expect_none (rig, GST_SECOND, 3 * GST_SECOND, "longer history");
  expect_none (rig, 8 * GST_SECOND, 7 * GST_SECOND, "a later end");
  expect_none (rig, 8 * GST_SECOND, 8 * GST_SECOND, "a later end");
  expect_none (rig, 8 * GST_SECOND, 60 * GST_SECOND, "an earlier end");
  expect_none (
      rig, 8 * GST_SECOND, 8 * GST_SECOND + 2 * PICTURE_DURATION, "too few");
  g_object_set (rig->weir, "candidates", "/nowhere", NULL);
  expect_none (rig, 6 * GST_SECOND, 9 * GST_SECOND, "No such file");
  g_object_set (rig->weir, "candidates", NULL, NULL);
  expect_none (rig, 6 * GST_SECOND, 9 * GST_SECOND, "candidates");
  rig_free (rig);

  /* Nothing is kept when it has stopped. */
  rig = start (NULL);
  push (rig, UNKNOWN_FILM, 0, KNOWN_LENGTH);
  gst_element_set_state (rig->weir, GST_STATE_NULL);
  expect_none (rig, GST_SECOND, 3 * GST_SECOND, "nothing is remembered");
  rig_free (rig);
}
GST_END_TEST;

/* ---- Looking back ---- */

/* What went by before its reference came: told as it was, and no cut. */
GST_START_TEST (test_over)
{
  Rig *rig;
  g_autoptr (GstStructure) started = NULL;
  g_autoptr (GstStructure) ended = NULL;
  guint64 begin, duration;

  put_film (SECOND_FILM, "second", WEIR_OPINION_CONFIRMED);
  rig = start (NULL);
  wait_bank (rig, 1);
  push (rig, UNKNOWN_FILM, 0, 2 * SECOND_OF_PICTURES);
  push (rig, KNOWN_FILM, 0, KNOWN_LENGTH);
  push (rig, UNKNOWN_FILM, 50, 5 * SECOND_OF_PICTURES);
  fail_unless (rig_pop (rig, "weir-match") == NULL);

  put_film (KNOWN_FILM, "late", WEIR_OPINION_CONFIRMED);
  wait_bank (rig, 2);
  started = wait_match (rig, "late", "started");
  ended = wait_match (rig, "late", "ended");
  assert_string (started, "verdict", "flag");
  assert_string (ended, "verdict", "flag");
  assert_string (
      ended, "match-id", gst_structure_get_string (started, "match-id"));
  begin = get_uint64 (started, "running-time");
  duration = get_uint64 (started, "duration");
  fail_unless (begin >= 2 * GST_SECOND);
  fail_unless (begin < 3 * GST_SECOND);
  fail_unless (begin + duration > 11 * GST_SECOND);
  fail_unless (begin + duration <= 12 * GST_SECOND);
  fail_unless_equals_int (rig_get_stat (rig, "matches"), 1);
  push (rig, UNKNOWN_FILM, 175, SECOND_OF_PICTURES);
  fail_unless (rig_pop (rig, "weir-cut") == NULL);
  rig_free (rig);
}
GST_END_TEST;

/* The gate closes after the match was told, at the next picture. */
static GstStructure *
push_until_cut (Rig *rig)
{
  GstMessage *message = NULL;
  GstStructure *cut;
  guint i;

  for (i = 0; i < 2 * SECOND_OF_PICTURES && !message; i++) {
    push (rig, UNKNOWN_FILM, 200 + i, 1);
    message = gst_bus_timed_pop_filtered (
        rig->bus, 200 * GST_MSECOND, GST_MESSAGE_ELEMENT);
  }
  fail_unless (message != NULL);
  fail_unless (gst_message_has_name (message, "weir-cut"));
  cut = gst_structure_copy (gst_message_get_structure (message));
  gst_message_unref (message);
  return cut;
}

/* What goes on is a match like any other. */
GST_START_TEST (test_goes_on)
{
  Rig *rig;
  g_autoptr (GstStructure) match = NULL;
  g_autoptr (GstStructure) cut = NULL;
  g_autoptr (GstStructure) ended = NULL;
  gboolean dismissed = FALSE;

  put_film (SECOND_FILM, "second", WEIR_OPINION_CONFIRMED);
  rig = start (NULL);
  wait_bank (rig, 1);
  push (rig, UNKNOWN_FILM, 0, 2 * SECOND_OF_PICTURES);
  push (rig, KNOWN_FILM, 0, 100);
  put_film (KNOWN_FILM, "late", WEIR_OPINION_CONFIRMED);
  wait_bank (rig, 2);
  match = wait_match (rig, "late", "started");
  assert_string (match, "verdict", "cut");
  cut = push_until_cut (rig);
  assert_string (cut, "match-id", gst_structure_get_string (match, "match-id"));

  /* A person may say that it is wrong. */
  g_signal_emit_by_name (rig->weir, "dismiss",
      gst_structure_get_string (match, "match-id"), &dismissed);
  fail_unless (dismissed);
  ended = wait_match (rig, "late", "ended");
  assert_string (ended, "verdict", "none");
  rig_drop_output (rig);
  push (rig, UNKNOWN_FILM, 300, 10);
  fail_unless_equals_int (rig_drop_output (rig), 10);
  rig_free (rig);
}
GST_END_TEST;

/* A match begins, goes on and ends in this order, though one thread says that it
 * began, late, and another the rest. */
GST_START_TEST (test_order)
{
  Rig *rig;
  g_autoptr (GstStructure) match = NULL;

  put_film (SECOND_FILM, "second", WEIR_OPINION_CONFIRMED);
  rig = start (NULL);
  wait_bank (rig, 1);
  push (rig, UNKNOWN_FILM, 0, 2 * SECOND_OF_PICTURES);
  push (rig, KNOWN_FILM, 0, 100);
  rig_hold_up (rig, "weir-match");
  put_film (KNOWN_FILM, "late", WEIR_OPINION_UNREVIEWED);
  rig_wait_held ();
  push (rig, KNOWN_FILM, 100, KNOWN_LENGTH - 100);
  push (rig, UNKNOWN_FILM, 50, 10 * SECOND_OF_PICTURES);
  rig_let_go ();
  match = wait_match (rig, "late", "started");
  do {
    gst_structure_free (match);
    match = rig_wait (rig, "weir-match");
  } while (g_str_equal (gst_structure_get_string (match, "state"), "updated"));
  assert_string (match, "state", "ended");
  fail_unless (rig_pop (rig, "weir-match") == NULL);
  rig_free (rig);
}
GST_END_TEST;

/* Only what is new is looked for: what matched before does not again. */
GST_START_TEST (test_only_new)
{
  Rig *rig;
  g_autoptr (GstStructure) match = NULL;

  put_film (KNOWN_FILM, "known", WEIR_OPINION_UNREVIEWED);
  rig = start (NULL);
  wait_bank (rig, 1);
  push (rig, KNOWN_FILM, 0, KNOWN_LENGTH);
  push (rig, SECOND_FILM, 0, KNOWN_LENGTH);
  push (rig, UNKNOWN_FILM, 0, 5 * SECOND_OF_PICTURES);
  put_film (SECOND_FILM, "late", WEIR_OPINION_UNREVIEWED);
  do
    g_clear_pointer (&match, gst_structure_free);
  while (
      (match = rig_wait (rig, "weir-match")) != NULL &&
      g_strcmp0 (gst_structure_get_string (match, "reference"), "late") != 0);
  assert_string (match, "state", "started");
  fail_unless_equals_int (rig_get_stat (rig, "matches"), 2);
  rig_free (rig);
}
GST_END_TEST;

GST_START_TEST (test_nothing_kept)
{
  Rig *rig;
  g_autoptr (GstStructure) match = NULL;

  put_film (SECOND_FILM, "second", WEIR_OPINION_CONFIRMED);
  rig = start ("history=0");
  wait_bank (rig, 1);
  push (rig, KNOWN_FILM, 0, KNOWN_LENGTH);
  push (rig, UNKNOWN_FILM, 0, 5 * SECOND_OF_PICTURES);
  expect_none (rig, 0, 8 * GST_SECOND, "nothing is remembered");
  put_film (KNOWN_FILM, "late", WEIR_OPINION_CONFIRMED);
  wait_bank (rig, 2);
  push (rig, UNKNOWN_FILM, 125, 5 * SECOND_OF_PICTURES);
  fail_unless (rig_pop (rig, "weir-match") == NULL);
  /* What comes now is found. */
  push (rig, KNOWN_FILM, 0, 2 * PICTURES_TO_FLAG);
  match = wait_match (rig, "late", "started");
  rig_free (rig);
}
GST_END_TEST;

/* It stops, or the bank changes again, while it looks back. */
GST_START_TEST (test_stop)
{
  guint i, k;

  put_film (SECOND_FILM, "second", WEIR_OPINION_CONFIRMED);
  for (i = 0; i < 5; i++) {
    Rig *rig = start (NULL);

    push (rig, KNOWN_FILM, 0, KNOWN_LENGTH);
    for (k = 0; k < i; k++) {
      g_autofree gchar *id = g_strdup_printf ("late-%u-%u", i, k);

      put_film (UNKNOWN_FILM, id, WEIR_OPINION_CONFIRMED);
      if (k % 2 == 0)
        gst_structure_free (rig_wait (rig, "weir-bank"));
    }
    rig_free (rig);
  }
}
GST_END_TEST;

static Suite *
history_suite (void)
{
  Suite *suite = suite_create ("history");
  TCase *cases = tcase_create ("general");

  suite_add_tcase (suite, cases);
  tcase_add_checked_fixture (cases, set_up, tear_down);
  tcase_add_test (cases, test_reference);
  tcase_add_test (cases, test_reference_matches);
  tcase_add_test (cases, test_no_reference);
  tcase_add_test (cases, test_over);
  tcase_add_test (cases, test_goes_on);
  tcase_add_test (cases, test_order);
  tcase_add_test (cases, test_only_new);
  tcase_add_test (cases, test_nothing_kept);
  tcase_add_test (cases, test_stop);
  return suite;
}

GST_CHECK_MAIN (history);
