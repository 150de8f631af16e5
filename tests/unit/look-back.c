/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Looking back: what a stream showed and played is found in its history as it
 * would have been live, and what the stream's matcher makes of that.
 */
#include "history/look-back.h"
#include "history-streams.h"

typedef struct {
  GArray *frames, *others;
  GArray *sound, *other_sound;
  Recorder *recorder;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->frames = film_new (1, 30);
  fixture->others = film_new (2, 60);
  fixture->sound = sound_new (1, 30);
  fixture->other_sound = sound_new (2, 60);
  fixture->recorder = recorder_new (120);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_array_unref (fixture->frames);
  g_array_unref (fixture->others);
  g_array_unref (fixture->sound);
  g_array_unref (fixture->other_sound);
  recorder_free (fixture->recorder);
}

/* Looks back at all of it. The strings in what it returns are @bank's. */
static GArray *
look_back (const Fixture *fixture, WeirBank *bank)
{
  WeirHistory *copy = weir_history_copy (fixture->recorder->history);
  WeirPolicy policy;
  g_autoptr (WeirLookBack) look_back = NULL;

  weir_policy_init (&policy);
  look_back = weir_look_back_new (
      copy, weir_history_get_newest (copy), bank, &policy, WEIR_ACTION_CUT, 0);
  while (weir_look_back_step (look_back))
    ;
  g_assert_false (weir_look_back_step (look_back));
  return g_array_copy ((GArray *) weir_look_back_get_matches (look_back));
}

static const WeirPastMatch *
get_match (const GArray *matches)
{
  g_assert_cmpuint (matches->len, ==, 1);
  return &g_array_index (matches, WeirPastMatch, 0);
}

static void
play_others (Fixture *fixture, gint64 from, gint64 to)
{
  recorder_play (
      fixture->recorder, fixture->others, fixture->other_sound, from, to);
}

/* It says of the past what a matcher had said that had the bank then. */
static void
check_as_live (Fixture *fixture, const GArray *frames, const GArray *sound,
    gint64 tolerance)
{
  g_autoptr (WeirBank) bank = bank_new_of (frames, sound);
  g_autoptr (Stream) stream = stream_new (bank, NULL);
  g_autoptr (GArray) matches = NULL;
  const WeirMatch *expected, *match;

  weir_matcher_set_max_action (stream->matcher, WEIR_ACTION_CUT);
  stream_play (stream, fixture->others, fixture->other_sound, 0, 10 * SECOND);
  stream_play (stream, fixture->frames, fixture->sound, 0, 15 * SECOND);
  stream_play (
      stream, fixture->others, fixture->other_sound, 10 * SECOND, 25 * SECOND);
  play_others (fixture, 0, 10 * SECOND);
  recorder_play (
      fixture->recorder, fixture->frames, fixture->sound, 0, 15 * SECOND);
  play_others (fixture, 10 * SECOND, 25 * SECOND);

  matches = look_back (fixture, bank);
  match = &get_match (matches)->match;
  expected = stream_get (stream, WEIR_MATCH_ENDED, 0);
  g_assert_false (get_match (matches)->goes_on);
  g_assert_cmpint (match->state, ==, WEIR_MATCH_ENDED);
  g_assert_cmpint (match->verdict, ==, expected->verdict);
  g_assert_cmpint (match->media, ==, expected->media);
  g_assert_cmpint (
      ABS (match->first.time - expected->first.time), <=, tolerance);
  g_assert_cmpint (ABS (match->last.time - expected->last.time), <=, tolerance);
  g_assert_cmpuint (
      match->first.running_time, ==, to_running_time (match->first.time));
  g_assert_cmpint (ABS ((gint64) match->reference_start -
                        (gint64) expected->reference_start),
      <=, MAX (tolerance, 2 * MS));
  g_assert_cmpint (match->decided.time, >, 39 * SECOND);
}

/* What lies between two times of a stream that jumps takes no time. */
static void
test_jump (Fixture *fixture, gconstpointer data)
{
  g_autoptr (WeirBank) bank = bank_new_of (fixture->frames, NULL);
  Recorder *recorder = fixture->recorder;
  WeirHistory *copy;
  WeirPolicy policy;
  g_autoptr (WeirLookBack) look_back = NULL;
  guint n_steps = 0;

  recorder_play (recorder, fixture->others, NULL, 0, 10 * SECOND);
  recorder->time += WEIR_TIME_MAX / 2;
  recorder_play (recorder, fixture->frames, NULL, 0, 10 * SECOND);
  copy = weir_history_copy (recorder->history);
  weir_policy_init (&policy);
  look_back =
      weir_look_back_new (copy, G_MAXINT64, bank, &policy, WEIR_ACTION_CUT, 0);
  while (n_steps < 1000 && weir_look_back_step (look_back))
    n_steps++;
  g_assert_cmpuint (n_steps, <, 1000);
  g_assert_true (get_match (weir_look_back_get_matches (look_back))->goes_on);
}

static void
test_video (Fixture *fixture, gconstpointer data)
{
  check_as_live (fixture, fixture->frames, NULL, 0);
}

static void
test_audio (Fixture *fixture, gconstpointer data)
{
  check_as_live (fixture, NULL, fixture->sound, SECOND);
}

static void
test_both (Fixture *fixture, gconstpointer data)
{
  check_as_live (fixture, fixture->frames, fixture->sound, SECOND);
}

static void
test_nothing (Fixture *fixture, gconstpointer data)
{
  g_autoptr (WeirBank) bank = bank_new_of (fixture->frames, fixture->sound);
  g_autoptr (GArray) empty = look_back (fixture, bank);
  g_autoptr (GArray) matches = NULL;

  g_assert_cmpuint (empty->len, ==, 0);
  play_others (fixture, 0, 40 * SECOND);
  matches = look_back (fixture, bank);
  g_assert_cmpuint (matches->len, ==, 0);
}

static void
test_mirrored (Fixture *fixture, gconstpointer data)
{
  g_autoptr (WeirBank) bank = bank_new_of (fixture->frames, NULL);
  g_autoptr (GArray) matches = NULL;

  fixture->recorder->mirrored = TRUE;
  recorder_play (fixture->recorder, fixture->frames, NULL, 0, 15 * SECOND);
  matches = look_back (fixture, bank);
  g_assert_cmpint (get_match (matches)->match.edits, ==, WEIR_EDIT_MIRRORED);
  g_assert_true (get_match (matches)->goes_on);
}

static void
test_dark (Fixture *fixture, gconstpointer data)
{
  g_autoptr (WeirBank) bank = bank_new_of (fixture->frames, NULL);
  g_autoptr (GArray) matches = NULL;

  fixture->recorder->dark = TRUE;
  recorder_play (fixture->recorder, fixture->frames, NULL, 0, 15 * SECOND);
  matches = look_back (fixture, bank);
  g_assert_true (get_match (matches)->goes_on);
}

/* Sound that has begun before the history does, and a gap in it. */
static void
test_expired_sound (Fixture *fixture, gconstpointer data)
{
  g_autoptr (WeirBank) bank = bank_new_of (NULL, fixture->sound);
  g_autoptr (GArray) matches = NULL;
  guint i;

  for (i = 0; i < 5; i++)
    play_others (fixture, 0, 60 * SECOND);
  recorder_play (fixture->recorder, NULL, fixture->sound, 0, 20 * SECOND);
  recorder_restart_sound (fixture->recorder);
  play_others (fixture, 0, 10 * SECOND);
  matches = look_back (fixture, bank);
  g_assert_cmpint (get_match (matches)->match.first.time, >=, 300 * SECOND);
  g_assert_cmpint (get_match (matches)->match.first.time, <, 305 * SECOND);
  g_assert_cmpint (get_match (matches)->match.last.time, <, 321 * SECOND);
  g_assert_cmpint (get_match (matches)->match.last.time, >, 316 * SECOND);
}

/* Times that start anew end what goes on, and are told as they were. */
static void
test_anew (Fixture *fixture, gconstpointer data)
{
  g_autoptr (WeirBank) bank = bank_new_of (fixture->frames, NULL);
  g_autoptr (GArray) matches = NULL;
  const WeirPastMatch *first, *second;

  fixture->recorder->time = 500 * SECOND;
  recorder_play (fixture->recorder, fixture->frames, NULL, 0, 12 * SECOND);
  fixture->recorder->time = 0;
  recorder_play (
      fixture->recorder, fixture->frames, NULL, 12 * SECOND, 24 * SECOND);
  matches = look_back (fixture, bank);
  g_assert_cmpuint (matches->len, ==, 2);
  first = &g_array_index (matches, WeirPastMatch, 0);
  second = &g_array_index (matches, WeirPastMatch, 1);
  g_assert_false (first->goes_on);
  g_assert_cmpuint (
      first->match.first.running_time, <, to_running_time (501 * SECOND));
  g_assert_cmpuint (
      first->match.first.running_time, >=, to_running_time (500 * SECOND));
  g_assert_true (second->goes_on);
  g_assert_cmpint (second->match.first.time, <, SECOND);
  g_assert_cmpint (second->match.first.time, >=, 0);
  g_assert_cmpuint (second->match.first.running_time, ==,
      to_running_time (second->match.first.time));
}

/* ---- What the stream's matcher makes of it ---- */

/* The stream's own matcher, of a bank that has come to hold the reference. */
static Stream *
stream_after (const Fixture *fixture, WeirBank *bank)
{
  Stream *stream = stream_new (bank, NULL);

  weir_matcher_set_max_action (stream->matcher, WEIR_ACTION_CUT);
  stream->time = fixture->recorder->time;
  stream_play (stream, fixture->others, NULL, 59 * SECOND, 60 * SECOND);
  return stream;
}

static gboolean
add_past (Stream *stream, const GArray *matches)
{
  const WeirPastMatch *past = get_match (matches);

  return weir_matcher_add_past (
      stream->matcher, &past->match, past->goes_on, stream->reports);
}

static void
test_over (Fixture *fixture, gconstpointer data)
{
  g_autoptr (WeirBank) bank = bank_new_of (fixture->frames, NULL);
  g_autoptr (Stream) stream = NULL;
  g_autoptr (GArray) matches = NULL;
  const WeirMatch *started, *ended;

  recorder_play (fixture->recorder, fixture->frames, NULL, 0, 15 * SECOND);
  play_others (fixture, 0, 20 * SECOND);
  matches = look_back (fixture, bank);
  g_assert_cmpint (get_match (matches)->match.verdict, ==, WEIR_ACTION_CUT);
  stream = stream_after (fixture, bank);
  g_assert_true (add_past (stream, matches));
  g_assert_cmpuint (stream->reports->len, ==, 2);
  started = stream_get (stream, WEIR_MATCH_STARTED, 0);
  ended = stream_get (stream, WEIR_MATCH_ENDED, 0);
  g_assert_cmpstr (started->id, ==, ended->id);
  g_assert_cmpint (started->verdict, ==, WEIR_ACTION_FLAG);
  g_assert_cmpint (ended->verdict, ==, WEIR_ACTION_FLAG);
  g_assert_cmpint (ended->last.time, <, 15 * SECOND);
  g_assert_null (weir_matcher_get_cutting_match (stream->matcher));
}

static void
test_goes_on (Fixture *fixture, gconstpointer data)
{
  g_autoptr (WeirBank) bank = bank_new_of (fixture->frames, NULL);
  g_autoptr (Stream) stream = NULL;
  g_autoptr (GArray) matches = NULL;
  const WeirMatch *ended;

  play_others (fixture, 0, 5 * SECOND);
  recorder_play (fixture->recorder, fixture->frames, NULL, 0, 15 * SECOND);
  matches = look_back (fixture, bank);
  stream = stream_after (fixture, bank);
  g_assert_true (add_past (stream, matches));
  g_assert_cmpuint (stream->reports->len, ==, 1);
  g_assert_nonnull (weir_matcher_get_cutting_match (stream->matcher));

  /* From here on it is like any other. */
  stream_play (stream, fixture->frames, NULL, 16 * SECOND, 20 * SECOND);
  g_assert_cmpuint (stream_count (stream, WEIR_MATCH_STARTED), ==, 1);
  stream_play (stream, fixture->others, NULL, 0, 5 * SECOND);
  ended = stream_get (stream, WEIR_MATCH_ENDED, 0);
  g_assert_cmpstr (
      ended->id, ==, stream_get (stream, WEIR_MATCH_STARTED, 0)->id);
  g_assert_cmpint (ended->first.time, <, 6 * SECOND);
  g_assert_cmpint (ended->last.time, >, 24 * SECOND);
}

/* The stream's matcher was faster. */
static void
test_extends (Fixture *fixture, gconstpointer data)
{
  g_autoptr (WeirBank) bank = bank_new_of (fixture->frames, NULL);
  g_autoptr (Stream) stream = NULL;
  g_autoptr (GArray) matches = NULL;
  const WeirMatch *started, *updated;

  recorder_play (fixture->recorder, fixture->frames, NULL, 0, 15 * SECOND);
  matches = look_back (fixture, bank);
  stream = stream_after (fixture, bank);
  stream_play (stream, fixture->frames, NULL, 15 * SECOND, 18 * SECOND);
  started = stream_get (stream, WEIR_MATCH_STARTED, 0);
  g_assert_cmpint (started->first.time, >=, 15 * SECOND);
  g_array_set_size (stream->reports, 0);
  g_assert_true (add_past (stream, matches));
  g_assert_cmpuint (stream->reports->len, ==, 1);
  updated = stream_get (stream, WEIR_MATCH_UPDATED, 0);
  g_assert_cmpint (updated->first.time, <, SECOND);
  g_assert_cmpint (updated->last.time, >, 17 * SECOND);
}

/* What is gone from the bank, dismissed or released by a person. */
static void
test_spoken_for (Fixture *fixture, gconstpointer data)
{
  g_autoptr (WeirBank) bank = bank_new_of (fixture->frames, NULL);
  const Work other = { .id = "other", .frames = fixture->others };
  g_autoptr (WeirBank) gone = bank_new (&other, 1);
  g_autoptr (Stream) stream = NULL;
  g_autoptr (Stream) unrelated = NULL;
  g_autoptr (GArray) matches = NULL;

  recorder_play (fixture->recorder, fixture->frames, NULL, 0, 15 * SECOND);
  matches = look_back (fixture, bank);
  unrelated = stream_new (gone, NULL);
  g_assert_false (add_past (unrelated, matches));
  g_assert_cmpuint (unrelated->reports->len, ==, 0);

  stream = stream_after (fixture, bank);
  stream_play (stream, fixture->frames, NULL, 15 * SECOND, 25 * SECOND);
  g_assert_nonnull (weir_matcher_get_cutting_match (stream->matcher));
  weir_matcher_release (stream->matcher);
  g_assert_true (add_past (stream, matches));
  g_assert_null (weir_matcher_get_cutting_match (stream->matcher));
  weir_matcher_dismiss (stream->matcher,
      stream_get (stream, WEIR_MATCH_STARTED, 0)->id, stream->reports);
  g_assert_false (add_past (stream, matches));
}

static void
add_test (const gchar *path, void (*test) (Fixture *, gconstpointer))
{
  g_test_add (path, Fixture, NULL, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_test ("/look-back/video", test_video);
  add_test ("/look-back/audio", test_audio);
  add_test ("/look-back/both", test_both);
  add_test ("/look-back/nothing", test_nothing);
  add_test ("/look-back/mirrored", test_mirrored);
  add_test ("/look-back/dark", test_dark);
  add_test ("/look-back/expired-sound", test_expired_sound);
  add_test ("/look-back/jump", test_jump);
  add_test ("/look-back/anew", test_anew);
  add_test ("/look-back/over", test_over);
  add_test ("/look-back/goes-on", test_goes_on);
  add_test ("/look-back/extends", test_extends);
  add_test ("/look-back/spoken-for", test_spoken_for);
  return g_test_run ();
}
