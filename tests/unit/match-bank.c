/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The matcher and the records of its bank: a bank that takes the place of
 * another while a match goes on, dates, and what is benign.
 */
#include "match-streams.h"

#define DATE 1700000000

typedef struct {
  GArray *frames;
  GArray *sound;
  GArray *others;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->frames = film_new (1, 30);
  fixture->sound = sound_new (1, 30);
  fixture->others = film_new (2, 30);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_array_unref (fixture->frames);
  g_array_unref (fixture->sound);
  g_array_unref (fixture->others);
}

static Work
make_work (const gchar *id, const GArray *frames, const GArray *sound)
{
  return (Work){
    .id = id,
    .frames = frames,
    .sound = sound,
    .opinion = WEIR_OPINION_CONFIRMED,
    .max_action = WEIR_ACTION_CUT,
  };
}

/* A bank in which the work known is not the first any more. */
static WeirBank *
make_next_bank (const Fixture *fixture, const Work *known)
{
  const Work works[] = { make_work ("other", fixture->others, NULL), *known };

  return bank_new (works, G_N_ELEMENTS (works));
}

static void
swap (Stream *stream, WeirBank *bank)
{
  weir_matcher_set_bank (stream->matcher, bank, stream->reports);
}

/* What is heard and seen of a work goes on through any number of banks: it
 * starts when it would have, once. */
static void
play_through_banks (
    Fixture *fixture, const GArray *frames, const GArray *sound, gint64 step)
{
  Work known = make_work ("known", fixture->frames, fixture->sound);
  g_autoptr (WeirBank) first = bank_new (&known, 1);
  g_autoptr (WeirBank) next = make_next_bank (fixture, &known);
  g_autoptr (Stream) plain = stream_new (first, NULL);
  g_autoptr (Stream) swapped = stream_new (first, NULL);
  const WeirMatch *expected, *match;

  for (gint64 at = 0; at < 20 * SECOND; at += step) {
    stream_play (plain, frames, sound, at, at + step);
    stream_play (swapped, frames, sound, at, at + step);
    swap (swapped, at / step % 2 == 0 ? next : first);
  }
  g_assert_cmpuint (stream_count (swapped, WEIR_MATCH_STARTED), ==, 1);
  g_assert_cmpuint (stream_count (swapped, WEIR_MATCH_ENDED), ==, 0);
  expected = stream_get (plain, WEIR_MATCH_STARTED, 0);
  match = stream_get (swapped, WEIR_MATCH_STARTED, 0);
  g_assert_cmpstr (match->reference.id, ==, "known");
  g_assert_cmpint (match->decided.time, ==, expected->decided.time);
  g_assert_cmpint (match->first.time, ==, expected->first.time);
  g_assert_cmpuint (match->hits, ==, expected->hits);
}

static void
test_swap_video (Fixture *fixture, gconstpointer data)
{
  play_through_banks (fixture, fixture->frames, NULL, 200 * MS);
}

static void
test_swap_audio (Fixture *fixture, gconstpointer data)
{
  play_through_banks (fixture, NULL, fixture->sound, 200 * MS);
}

static void
test_swap_both (Fixture *fixture, gconstpointer data)
{
  play_through_banks (fixture, fixture->frames, fixture->sound, SECOND);
}

static void
test_reference_gone (Fixture *fixture, gconstpointer data)
{
  const Work known = make_work ("known", fixture->frames, fixture->sound);
  const Work other = make_work ("other", fixture->others, NULL);
  g_autoptr (WeirBank) first = bank_new (&known, 1);
  g_autoptr (WeirBank) next = bank_new (&other, 1);
  g_autoptr (Stream) stream = stream_new (first, NULL);
  const WeirMatch *ended;
  WeirMatch started;

  stream_play (stream, fixture->frames, fixture->sound, 0, 20 * SECOND);
  /* Pointers to matches hold until there are more. */
  started = *stream_get (stream, WEIR_MATCH_STARTED, 0);
  swap (stream, next);
  g_assert_cmpuint (stream_count (stream, WEIR_MATCH_ENDED), ==, 1);
  ended = stream_get (stream, WEIR_MATCH_ENDED, 0);
  g_assert_cmpstr (ended->id, ==, started.id);
  g_assert_cmpstr (ended->reference.id, ==, "known");
  g_assert_cmpint (ended->decided.time, >=, stream->time - FRAME);
  g_assert_null (weir_matcher_get_cutting_match (stream->matcher));

  /* Nothing is left of it; what is new is found; it comes back as new. */
  stream_play (
      stream, fixture->frames, fixture->sound, 20 * SECOND, 30 * SECOND);
  g_assert_cmpuint (stream_count (stream, WEIR_MATCH_STARTED), ==, 1);
  stream_play (stream, fixture->others, NULL, 0, 30 * SECOND);
  g_assert_cmpuint (stream_count (stream, WEIR_MATCH_STARTED), ==, 2);
  g_assert_cmpstr (
      stream_get (stream, WEIR_MATCH_STARTED, 1)->reference.id, ==, "other");
  swap (stream, first);
  g_assert_cmpuint (stream_count (stream, WEIR_MATCH_ENDED), ==, 2);
  stream_play (stream, fixture->frames, NULL, 0, 20 * SECOND);
  g_assert_cmpuint (stream_count (stream, WEIR_MATCH_STARTED), ==, 3);
}

/* The record says other things of the same reference. */
static void
test_record_changes (Fixture *fixture, gconstpointer data)
{
  Work known = make_work ("known", fixture->frames, NULL);
  g_autoptr (WeirBank) first = bank_new (&known, 1);
  g_autoptr (WeirBank) next = NULL;
  g_autoptr (Stream) stream = stream_new (first, NULL);
  const WeirMatch *updated;

  known.opinion = WEIR_OPINION_DISPUTED;
  known.family = "renamed";
  next = make_next_bank (fixture, &known);
  weir_matcher_set_max_action (stream->matcher, WEIR_ACTION_CUT);
  stream_play (stream, fixture->frames, NULL, 0, 20 * SECOND);
  g_assert_nonnull (weir_matcher_get_cutting_match (stream->matcher));

  g_array_set_size (stream->reports, 0);
  swap (stream, next);
  g_assert_null (weir_matcher_get_cutting_match (stream->matcher));
  g_assert_cmpuint (stream->reports->len, ==, 1);
  updated = stream_get (stream, WEIR_MATCH_UPDATED, 0);
  g_assert_cmpint (updated->verdict, ==, WEIR_ACTION_FLAG);
  g_assert_cmpstr (updated->reference.family, ==, "renamed");
  stream_play (stream, fixture->frames, NULL, 20 * SECOND, 30 * SECOND);
  g_assert_null (weir_matcher_get_cutting_match (stream->matcher));
  g_assert_cmpuint (stream_count (stream, WEIR_MATCH_STARTED), ==, 0);
}

/* What a person said of a stream holds whatever the bank. */
static void
test_dismissed_stays (Fixture *fixture, gconstpointer data)
{
  const Work known = make_work ("known", fixture->frames, NULL);
  g_autoptr (WeirBank) first = bank_new (&known, 1);
  g_autoptr (WeirBank) next = make_next_bank (fixture, &known);
  g_autoptr (Stream) stream = stream_new (first, NULL);

  stream_play (stream, fixture->frames, NULL, 0, 15 * SECOND);
  g_assert_true (weir_matcher_dismiss (stream->matcher,
      stream_get (stream, WEIR_MATCH_STARTED, 0)->id, stream->reports));
  swap (stream, next);
  stream_play (stream, fixture->frames, NULL, 15 * SECOND, 30 * SECOND);
  g_assert_cmpuint (stream_count (stream, WEIR_MATCH_STARTED), ==, 1);
}

static void
test_released_stays (Fixture *fixture, gconstpointer data)
{
  const Work known = make_work ("known", fixture->frames, NULL);
  g_autoptr (WeirBank) first = bank_new (&known, 1);
  g_autoptr (WeirBank) next = make_next_bank (fixture, &known);
  g_autoptr (Stream) stream = stream_new (first, NULL);

  weir_matcher_set_max_action (stream->matcher, WEIR_ACTION_CUT);
  stream_play (stream, fixture->frames, NULL, 0, 15 * SECOND);
  g_assert_nonnull (weir_matcher_get_cutting_match (stream->matcher));
  weir_matcher_release (stream->matcher);
  swap (stream, next);
  stream_play (stream, fixture->frames, NULL, 15 * SECOND, 30 * SECOND);
  g_assert_null (weir_matcher_get_cutting_match (stream->matcher));
}

/* ---- Dates ---- */

static WeirAction
get_verdict_at (const Fixture *fixture, gint64 date)
{
  Work known = make_work ("known", fixture->frames, NULL);
  g_autoptr (WeirBank) bank = NULL;
  g_autoptr (Stream) stream = NULL;

  known.not_before = DATE;
  known.not_after = DATE + 10;
  bank = bank_new (&known, 1);
  stream = stream_new (bank, NULL);
  weir_matcher_set_max_action (stream->matcher, WEIR_ACTION_CUT);
  weir_matcher_set_date (stream->matcher, date);
  stream_play (stream, fixture->frames, NULL, 0, 20 * SECOND);
  g_assert_cmpuint (stream_count (stream, WEIR_MATCH_STARTED), ==, 1);
  return g_array_index (stream->reports, WeirMatch, stream->reports->len - 1)
      .verdict;
}

static void
test_dates (Fixture *fixture, gconstpointer data)
{
  g_assert_cmpint (get_verdict_at (fixture, DATE - 1), ==, WEIR_ACTION_NONE);
  g_assert_cmpint (get_verdict_at (fixture, DATE), ==, WEIR_ACTION_CUT);
  g_assert_cmpint (get_verdict_at (fixture, DATE + 10), ==, WEIR_ACTION_CUT);
  g_assert_cmpint (get_verdict_at (fixture, DATE + 11), ==, WEIR_ACTION_NONE);
  g_assert_cmpint (get_verdict_at (fixture, 0), ==, WEIR_ACTION_CUT);
}

/* A match that goes on gets its verdict when the day comes, and keeps it. */
static void
test_day_comes (Fixture *fixture, gconstpointer data)
{
  Work known = make_work ("known", fixture->frames, NULL);
  g_autoptr (WeirBank) bank = NULL;
  g_autoptr (Stream) stream = NULL;

  known.not_before = DATE;
  known.not_after = DATE + 10;
  bank = bank_new (&known, 1);
  stream = stream_new (bank, NULL);
  weir_matcher_set_max_action (stream->matcher, WEIR_ACTION_CUT);
  weir_matcher_set_date (stream->matcher, DATE - 1);
  stream_play (stream, fixture->frames, NULL, 0, 15 * SECOND);
  g_assert_null (weir_matcher_get_cutting_match (stream->matcher));
  weir_matcher_set_date (stream->matcher, DATE);
  stream_play (stream, fixture->frames, NULL, 15 * SECOND, 20 * SECOND);
  g_assert_nonnull (weir_matcher_get_cutting_match (stream->matcher));
  weir_matcher_set_date (stream->matcher, DATE + 11);
  stream_play (stream, fixture->frames, NULL, 20 * SECOND, 25 * SECOND);
  g_assert_nonnull (weir_matcher_get_cutting_match (stream->matcher));
}

/* ---- Benign ---- */

static guint
count_matches (
    const Work *works, guint n_works, const GArray *frames, gboolean mirrored)
{
  g_autoptr (WeirBank) bank = bank_new (works, n_works);
  g_autoptr (Stream) stream = stream_new (bank, NULL);

  stream->mirrored = mirrored;
  stream_play (stream, frames, NULL, 0, 30 * SECOND);
  return stream_count (stream, WEIR_MATCH_STARTED);
}

/* A benign work is not matched, and takes what shows it out of the evidence for
 * all others, as it is and mirrored; nothing else is lost. */
static void
test_benign (Fixture *fixture, gconstpointer data)
{
  Work works[] = {
    make_work ("known", fixture->frames, NULL),
    make_work ("benign", fixture->frames, NULL),
    make_work ("other", fixture->others, NULL),
  };

  g_assert_cmpuint (count_matches (works, 1, fixture->frames, FALSE), ==, 1);
  works[1].benign = TRUE;
  g_assert_cmpuint (
      count_matches (&works[1], 1, fixture->frames, FALSE), ==, 0);
  g_assert_cmpuint (count_matches (works, 3, fixture->frames, FALSE), ==, 0);
  g_assert_cmpuint (count_matches (works, 3, fixture->frames, TRUE), ==, 0);
  g_assert_cmpuint (count_matches (works, 3, fixture->others, FALSE), ==, 1);
  g_assert_cmpuint (count_matches (works, 3, fixture->others, TRUE), ==, 1);
}

static void
test_benign_is_not_heard (Fixture *fixture, gconstpointer data)
{
  Work work = make_work ("benign", NULL, fixture->sound);
  g_autoptr (WeirBank) bank = NULL;
  g_autoptr (Stream) stream = NULL;

  work.benign = TRUE;
  bank = bank_new (&work, 1);
  stream = stream_new (bank, NULL);
  stream_play (stream, NULL, fixture->sound, 0, 30 * SECOND);
  g_assert_cmpuint (stream->reports->len, ==, 0);
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
  add_test ("/match/bank/swap-video", test_swap_video);
  add_test ("/match/bank/swap-audio", test_swap_audio);
  add_test ("/match/bank/swap-both", test_swap_both);
  add_test ("/match/bank/reference-gone", test_reference_gone);
  add_test ("/match/bank/record-changes", test_record_changes);
  add_test ("/match/bank/dismissed-stays", test_dismissed_stays);
  add_test ("/match/bank/released-stays", test_released_stays);
  add_test ("/match/dates", test_dates);
  add_test ("/match/day-comes", test_day_comes);
  add_test ("/match/benign", test_benign);
  add_test ("/match/benign-is-not-heard", test_benign_is_not_heard);
  return g_test_run ();
}
