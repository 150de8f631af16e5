/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The matcher in time: speeds, jumps, loops, gaps, references with few
 * pictures or a single one, and pictures that stand.
 */
#include "match-streams.h"

#include <math.h>

/* What a match may be off by. */
#define OFFSET_TOLERANCE (250 * MS)

static void
set_up (FilmFixture *fixture, gconstpointer data)
{
  film_fixture_set_up (fixture, 40);
}

/* The match began where the stream showed @from of the reference, at @begin,
 * at @speed. */
static void
assert_place (const WeirMatch *match, gint64 begin, gint64 from, gdouble speed)
{
  gint64 shown = match->first.time - begin;
  gint64 truth = from + (gint64) (shown * speed);

  g_assert_cmpint (shown, >=, 0);
  g_assert_cmpint (shown, <=, 2 * SECOND);
  g_assert_cmpint (
      (gint64) match->reference_start, >=, truth - OFFSET_TOLERANCE);
  g_assert_cmpint (
      (gint64) match->reference_start, <=, truth + OFFSET_TOLERANCE);
}

static const WeirMatch *
get_last (const Stream *stream)
{
  g_assert_cmpuint (stream->reports->len, >, 0);
  return &g_array_index (stream->reports, WeirMatch, stream->reports->len - 1);
}

static void
test_speed (gconstpointer data)
{
  gdouble speed = *(const gdouble *) data;
  FilmFixture fixture;
  guint i;

  set_up (&fixture, NULL);
  fixture.stream->speed = speed;
  fixture.stream->noise = 8;
  stream_play (fixture.stream, fixture.frames, NULL, 3 * SECOND, 33 * SECOND);
  g_assert_cmpuint (stream_count (fixture.stream, WEIR_MATCH_STARTED), ==, 1);
  for (i = 0; i < fixture.stream->reports->len; i++)
    assert_place (&g_array_index (fixture.stream->reports, WeirMatch, i), 0,
        3 * SECOND, speed);
  if (speed == 1)
    g_assert_cmpfloat (get_last (fixture.stream)->speed, ==, 1);
  g_assert_cmpfloat (fabs (get_last (fixture.stream)->speed - speed), <=, 0.02);
  film_fixture_tear_down (&fixture, NULL);
}

/* One match, for as long as the reference is shown, from wherever in it. */
static void
test_cuts (FilmFixture *fixture, gconstpointer data)
{
  static const gint64 from[] = { 5, 21, 9, 33, 2 };
  Stream *stream = fixture->stream;
  guint i;

  for (i = 0; i < G_N_ELEMENTS (from); i++)
    stream_play (stream, fixture->frames, NULL, from[i] * SECOND,
        (from[i] + 4) * SECOND);
  stream_play_other (stream, 1, 5 * SECOND);
  g_assert_cmpuint (stream_count (stream, WEIR_MATCH_STARTED), ==, 1);
  g_assert_cmpuint (stream_count (stream, WEIR_MATCH_ENDED), ==, 1);
  assert_place (stream_get (stream, WEIR_MATCH_STARTED, 0), 0, 5 * SECOND, 1);
  assert_place (stream_get (stream, WEIR_MATCH_ENDED, 0), 0, 5 * SECOND, 1);
  g_assert_cmpint (stream_get (stream, WEIR_MATCH_ENDED, 0)->last.time, ==,
      20 * SECOND - FRAME);
}

/* Three seconds of it, over and over. */
static void
test_loop (FilmFixture *fixture, gconstpointer data)
{
  Stream *stream = fixture->stream;
  guint i;

  for (i = 0; i < 8; i++)
    stream_play (stream, fixture->frames, NULL, 10 * SECOND, 13 * SECOND);
  g_assert_cmpuint (stream_count (stream, WEIR_MATCH_STARTED), ==, 1);
  g_assert_cmpuint (stream_count (stream, WEIR_MATCH_ENDED), ==, 0);
  assert_place (stream_get (stream, WEIR_MATCH_STARTED, 0), 0, 10 * SECOND, 1);
  g_assert_cmpfloat (get_last (stream)->speed, ==, 1);
}

/* Backwards cuts: the second half first. */
static void
test_reordered (FilmFixture *fixture, gconstpointer data)
{
  Stream *stream = fixture->stream;

  stream_play_other (stream, 1, 4 * SECOND);
  stream_play (stream, fixture->frames, NULL, 20 * SECOND, 26 * SECOND);
  stream_play (stream, fixture->frames, NULL, 14 * SECOND, 20 * SECOND);
  g_assert_cmpuint (stream_count (stream, WEIR_MATCH_STARTED), ==, 1);
  assert_place (
      stream_get (stream, WEIR_MATCH_STARTED, 0), 4 * SECOND, 20 * SECOND, 1);
  assert_place (get_last (stream), 4 * SECOND, 20 * SECOND, 1);
}

/* A gap shorter than that which ends a match. */
static void
test_gap (FilmFixture *fixture, gconstpointer data)
{
  Stream *stream = fixture->stream;

  stream->speed = 1.25;
  stream_play (stream, fixture->frames, NULL, 0, 10 * SECOND);
  stream_play_other (stream, 1, 2 * SECOND);
  stream_play (stream, fixture->frames, NULL, 10 * SECOND, 20 * SECOND);
  g_assert_cmpuint (stream_count (stream, WEIR_MATCH_STARTED), ==, 1);
  g_assert_cmpuint (stream_count (stream, WEIR_MATCH_ENDED), ==, 0);
  assert_place (get_last (stream), 0, 0, 1.25);
}

/* Two references that lie on the stream at a time, at another place in each,
 * and one after them. */
static void
test_several (void)
{
  g_autoptr (GArray) one = film_new (1, 20);
  g_autoptr (GArray) excerpt = g_array_new (FALSE, FALSE, sizeof (WeirPdqHash));
  g_autoptr (GArray) third = film_new (3, 20);
  const Work works[] = {
    { "one", NULL, one, NULL, WEIR_OPINION_CONFIRMED, WEIR_ACTION_CUT },
    { "excerpt", NULL, excerpt, NULL, WEIR_OPINION_CONFIRMED, WEIR_ACTION_CUT },
    { "third", NULL, third, NULL, WEIR_OPINION_CONFIRMED, WEIR_ACTION_CUT },
  };
  g_autoptr (WeirBank) bank = NULL;
  g_autoptr (Stream) stream = NULL;
  guint i;

  g_array_append_vals (excerpt, &g_array_index (one, WeirPdqHash, 150), 200);
  bank = bank_new (works, G_N_ELEMENTS (works));
  stream = stream_new (bank, NULL);
  stream_play (stream, one, NULL, 0, 15 * SECOND);
  stream_play (stream, third, NULL, 4 * SECOND, 14 * SECOND);
  g_assert_cmpuint (stream_count (stream, WEIR_MATCH_STARTED), ==, 3);
  for (i = 0; i < 3; i++) {
    const WeirMatch *match = stream_get (stream, WEIR_MATCH_STARTED, i);

    if (strcmp (match->reference.id, "one") == 0)
      assert_place (match, 0, 0, 1);
    else if (strcmp (match->reference.id, "excerpt") == 0)
      assert_place (match, 6 * SECOND, 0, 1);
    else
      assert_place (match, 15 * SECOND, 4 * SECOND, 1);
  }
}

/* A shot that stands for 4 s, then one that moves: where the stream came in
 * is known from what follows. */
static void
test_still_start (void)
{
  g_autoptr (GArray) frames = film_new (1, 20);
  g_autoptr (WeirBank) bank = NULL;
  g_autoptr (Stream) stream = NULL;
  guint i;

  for (i = 1; i < 100; i++)
    g_array_index (frames, WeirPdqHash, i) =
        g_array_index (frames, WeirPdqHash, 0);
  bank = bank_new_of (frames, NULL);
  stream = stream_new (bank, NULL);
  stream->noise = 6;
  stream_play (stream, frames, NULL, 3 * SECOND, 20 * SECOND);
  g_assert_cmpuint (stream_count (stream, WEIR_MATCH_STARTED), ==, 1);
  assert_place (stream_get (stream, WEIR_MATCH_STARTED, 0), 0, 3 * SECOND, 1);
}

static void
change_hash (WeirPdqHash *hash, const WeirPdqHash *change)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (hash->words); i++)
    hash->words[i] ^= change->words[i];
}

/* One picture with six small changes in it, each of which lasts six frames:
 * no two frames are more than 24 bits apart. */
static GArray *
still_film_new (guint n_frames)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (5);
  g_autoptr (GArray) changes = g_array_new (FALSE, FALSE, sizeof (WeirPdqHash));
  GArray *frames = g_array_new (FALSE, FALSE, sizeof (WeirPdqHash));
  WeirPdqHash picture;
  guint i, j;

  random_hash (rand, &picture);
  for (i = 0; i < n_frames; i++) {
    WeirPdqHash frame = picture, change = picture;

    disturb_hash (rand, 2, &change);
    change_hash (&change, &picture);
    g_array_append_val (changes, change);
    for (j = 0; j < MIN (i, 6); j++)
      change_hash (&frame, &g_array_index (changes, WeirPdqHash, i - j));
    g_array_append_val (frames, frame);
  }
  return frames;
}

/* Each picture is hit all over the reference, but nearest where it is. */
static void
test_alike (void)
{
  g_autoptr (GArray) frames = still_film_new (500);
  g_autoptr (WeirBank) bank = bank_new_of (frames, NULL);
  g_autoptr (Stream) stream = stream_new (bank, NULL);
  guint i;

  stream->noise = 4;
  stream_play (stream, frames, NULL, 3 * SECOND, 13 * SECOND);
  stream_play_other (stream, 1, 5 * SECOND);
  g_assert_cmpuint (stream_count (stream, WEIR_MATCH_STARTED), ==, 1);
  g_assert_cmpuint (stream_count (stream, WEIR_MATCH_ENDED), ==, 1);
  for (i = 0; i < stream->reports->len; i++)
    assert_place (
        &g_array_index (stream->reports, WeirMatch, i), 0, 3 * SECOND, 1);
}

/* A card over black whose hash moves as it fades: the reference has it too,
 * unfaded. It is one picture, however often it comes. */
static void
test_fading (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (9);
  g_autoptr (GArray) frames = film_new (1, 10);
  g_autoptr (GArray) faded = g_array_new (FALSE, FALSE, sizeof (WeirPdqHash));
  g_autoptr (WeirBank) bank = NULL;
  g_autoptr (Stream) stream = NULL;
  guint i;

  for (i = 0; i < frames->len; i++) {
    WeirPdqHash *hash = &g_array_index (frames, WeirPdqHash, i);
    WeirPdqHash shown;

    *hash = g_array_index (frames, WeirPdqHash, 0);
    shown = *hash;
    disturb_hash (rand, 2 * (i % 16), &shown);
    g_array_append_val (faded, shown);
  }
  bank = bank_new_of (frames, NULL);
  stream = stream_new (bank, NULL);
  for (i = 0; i < 6; i++)
    stream_play (stream, faded, NULL, 0, 10 * SECOND);
  g_assert_cmpuint (stream->reports->len, ==, 0);
}

/* One fingerprint a second, as lists of hashes have it: what lies between
 * them speaks for nothing, and against nothing. */
static void
test_sparse (FilmFixture *fixture, gconstpointer data)
{
  const Work work = {
    .id = "known",
    .frames = fixture->frames,
    .opinion = WEIR_OPINION_CONFIRMED,
    .max_action = WEIR_ACTION_CUT,
    .every = 25,
  };
  g_autoptr (WeirBank) bank = bank_new (&work, 1);
  g_autoptr (Stream) stream = stream_new (bank, NULL);

  stream_play (
      stream, fixture->frames, NULL, 7 * SECOND + 480 * MS, 37 * SECOND);
  g_assert_cmpuint (stream_count (stream, WEIR_MATCH_STARTED), ==, 1);
  g_assert_cmpuint (stream_count (stream, WEIR_MATCH_ENDED), ==, 0);
  g_assert_cmpint (stream_get_decided (stream), <=, 10 * SECOND);
  assert_place (
      stream_get (stream, WEIR_MATCH_STARTED, 0), 0, 7 * SECOND + 480 * MS, 1);
  g_assert_cmpfloat (get_last (stream)->speed, ==, 1);
}

/* A list of one picture: it is flagged when it stays, and never cut. */
static void
test_picture (FilmFixture *fixture, gconstpointer data)
{
  g_autoptr (GArray) picture = g_array_new (FALSE, FALSE, sizeof (WeirPdqHash));
  const Work work = {
    .id = "known",
    .frames = picture,
    .opinion = WEIR_OPINION_CONFIRMED,
    .max_action = WEIR_ACTION_CUT,
    .list = TRUE,
  };
  g_autoptr (WeirBank) bank = NULL;
  g_autoptr (Stream) stream = NULL;
  const WeirMatch *match;
  guint i;

  g_array_append_vals (picture, fixture->frames->data, 1);
  bank = bank_new (&work, 1);
  stream = stream_new (bank, NULL);
  stream->noise = 10;
  weir_matcher_set_max_action (stream->matcher, WEIR_ACTION_CUT);
  stream_play_other (stream, 1, 5 * SECOND);
  for (i = 0; i < 30; i++)
    stream_show (stream, &g_array_index (picture, WeirPdqHash, 0));
  stream_play_other (stream, 1, 5 * SECOND);
  g_assert_cmpuint (stream->reports->len, ==, 0);

  for (i = 0; i < 250; i++)
    stream_show (stream, &g_array_index (picture, WeirPdqHash, 0));
  stream_play_other (stream, 1, 5 * SECOND);
  g_assert_cmpuint (stream_count (stream, WEIR_MATCH_STARTED), ==, 1);
  g_assert_cmpuint (stream_count (stream, WEIR_MATCH_ENDED), ==, 1);
  match = stream_get (stream, WEIR_MATCH_STARTED, 0);
  g_assert_cmpint (match->decided.time - match->first.time, >=, 1900 * MS);
  g_assert_cmpint (match->decided.time - match->first.time, <=, 2200 * MS);
  g_assert_cmpuint (match->reference_start, ==, 0);
  g_assert_cmpfloat (match->speed, ==, 1);
  for (i = 0; i < stream->reports->len; i++)
    g_assert_cmpint (g_array_index (stream->reports, WeirMatch, i).verdict, ==,
        WEIR_ACTION_FLAG);
}

/* Seen now and then it is no picture that stays. */
static void
test_picture_at_times (FilmFixture *fixture, gconstpointer data)
{
  g_autoptr (GArray) picture = g_array_new (FALSE, FALSE, sizeof (WeirPdqHash));
  const Work work = {
    .id = "known",
    .frames = picture,
    .opinion = WEIR_OPINION_CONFIRMED,
    .max_action = WEIR_ACTION_CUT,
    .list = TRUE,
  };
  g_autoptr (WeirBank) bank = NULL;
  g_autoptr (Stream) stream = NULL;
  guint i;

  g_array_append_vals (picture, fixture->frames->data, 1);
  bank = bank_new (&work, 1);
  stream = stream_new (bank, NULL);
  for (i = 0; i < 500; i++)
    stream_show (stream,
        &g_array_index (fixture->frames, WeirPdqHash, i % 4 < 2 ? 0 : 100 + i));
  g_assert_cmpuint (stream->reports->len, ==, 0);
}

/* A single hit is reason to look closer, for two seconds, and so is what
 * matches. */
static void
test_suspicion (FilmFixture *fixture, gconstpointer data)
{
  Stream *stream = fixture->stream;

  g_assert_false (weir_matcher_is_suspicious (stream->matcher));
  stream_play_other (stream, 7, 3 * SECOND);
  g_assert_false (weir_matcher_is_suspicious (stream->matcher));
  stream_show (stream, &g_array_index (fixture->frames, WeirPdqHash, 100));
  g_assert_true (weir_matcher_is_suspicious (stream->matcher));
  stream_play_other (stream, 8, 1800 * MS);
  g_assert_true (weir_matcher_is_suspicious (stream->matcher));
  stream_play_other (stream, 9, 400 * MS);
  g_assert_false (weir_matcher_is_suspicious (stream->matcher));
  g_assert_cmpuint (stream->reports->len, ==, 0);

  stream_play (stream, fixture->frames, NULL, 0, 5 * SECOND);
  stream_play_other (stream, 10, 2500 * MS);
  g_assert_cmpuint (stream_count (stream, WEIR_MATCH_ENDED), ==, 0);
  g_assert_true (weir_matcher_is_suspicious (stream->matcher));
  stream_play_other (stream, 11, 1 * SECOND);
  g_assert_cmpuint (stream_count (stream, WEIR_MATCH_ENDED), ==, 1);
  g_assert_false (weir_matcher_is_suspicious (stream->matcher));
}

/* Sound may come seconds ahead of the picture: neither is a jump, nor are the
 * hits of the picture over before they were. */
static void
test_sound_ahead (FilmFixture *fixture, gconstpointer data)
{
  Stream *stream = fixture->stream;
  g_autoptr (WeirSound) silence = weir_sound_new ();
  guint i;

  for (i = 0; i < 100; i++) {
    WeirStamp ahead = stream_stamp (stream->time + 6 * SECOND);

    weir_matcher_add_audio (
        stream->matcher, &ahead, 0, silence, stream->reports);
    stream_show (stream, &g_array_index (fixture->frames, WeirPdqHash, i));
  }
  g_assert_cmpuint (stream_count (stream, WEIR_MATCH_STARTED), ==, 1);
  g_assert_cmpuint (stream_count (stream, WEIR_MATCH_ENDED), ==, 0);
}

#define ADD(name, function)                                                    \
  g_test_add ("/match-time/" name, FilmFixture, NULL, set_up, function,        \
      film_fixture_tear_down)

int
main (int argc, char **argv)
{
  static const gdouble speeds[] = { 0.5, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 2 };
  guint i;

  g_test_init (&argc, &argv, NULL);
  for (i = 0; i < G_N_ELEMENTS (speeds); i++) {
    g_autofree gchar *name =
        g_strdup_printf ("/match-time/speed/%g", speeds[i]);

    g_test_add_data_func (name, &speeds[i], test_speed);
  }
  ADD ("cuts", test_cuts);
  ADD ("loop", test_loop);
  ADD ("reordered", test_reordered);
  ADD ("gap", test_gap);
  g_test_add_func ("/match-time/several", test_several);
  g_test_add_func ("/match-time/still-start", test_still_start);
  g_test_add_func ("/match-time/alike", test_alike);
  g_test_add_func ("/match-time/fading", test_fading);
  ADD ("sparse", test_sparse);
  ADD ("picture", test_picture);
  ADD ("picture-at-times", test_picture_at_times);
  ADD ("suspicion", test_suspicion);
  ADD ("sound-ahead", test_sound_ahead);
  return g_test_run ();
}
