/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The matcher on pictures, its verdicts, and what people tell it. How much one
 * frame weighs is a matter of calibration and not asserted here.
 */
#include "match-streams.h"

/* What a match may be off by. */
#define OFFSET_TOLERANCE (250 * MS)

/* Long enough for all that is tried here. */
static void
set_up (FilmFixture *fixture, gconstpointer data)
{
  film_fixture_set_up (fixture, 30);
}

static void
assert_near (gint64 value, gint64 expected)
{
  g_assert_cmpint (ABS (value - expected), <=, OFFSET_TOLERANCE);
}

/* One match of the picture, of what began @begin into the stream and @from
 * into the reference. */
static const WeirMatch *
assert_one_match (const Stream *stream, gint64 begin, gint64 from)
{
  const WeirMatch *match;
  gint64 shown;

  g_assert_cmpuint (stream_count (stream, WEIR_MATCH_STARTED), ==, 1);
  match = stream_get (stream, WEIR_MATCH_STARTED, 0);
  shown = match->first.time - begin;
  g_assert_cmpstr (match->reference.id, ==, "known");
  g_assert_cmpstr (match->reference.family, ==, "known");
  g_assert_cmpint (match->media, ==, WEIR_MEDIA_VIDEO);
  g_assert_true (g_uuid_string_is_valid (match->id));
  g_assert_cmpfloat (match->speed, ==, 1);
  g_assert_cmpint (shown, >=, 0);
  g_assert_cmpint (shown, <=, 2 * SECOND);
  assert_near ((gint64) match->reference_start, from + shown);
  return match;
}

/* The helper's own ground: a picture has the hash it was made of, its mirror
 * image's hash turns back into it, and noise is as strong as it says. */
static void
test_pictures (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (5);
  guint i;

  for (i = 0; i < 100; i++) {
    guint noise = 2 * (guint) g_rand_int_range (rand, 0, 33);
    WeirPdqHash hash, disturbed, mirrored, back;
    WeirPdqPicture picture;

    random_hash (rand, &hash);
    disturbed = hash;
    disturb_hash (rand, noise, &disturbed);
    g_assert_cmpuint (weir_pdq_distance (&hash, &disturbed), ==, noise);
    make_picture (&disturbed, &picture);
    weir_pdq_picture_get_hash (&picture, WEIR_PDQ_PLAIN, &back);
    g_assert_cmpuint (weir_pdq_distance (&back, &disturbed), ==, 0);

    weir_pdq_picture_get_hash (&picture, WEIR_PDQ_MIRROR, &mirrored);
    g_assert_cmpuint (weir_pdq_distance (&mirrored, &disturbed), ==, 128);
    make_picture (&mirrored, &picture);
    weir_pdq_picture_get_hash (&picture, WEIR_PDQ_MIRROR, &back);
    g_assert_cmpuint (weir_pdq_distance (&back, &disturbed), ==, 0);
  }
}

static void
test_whole (FilmFixture *fixture, gconstpointer data)
{
  Stream *stream = fixture->stream;
  const WeirMatch *started, *ended;
  gint64 begin, end;

  stream_play_other (stream, 1, 20 * SECOND);
  begin = stream->time;
  stream_play (stream, fixture->frames, NULL, 0, 30 * SECOND);
  end = stream->time;
  stream_play_other (stream, 2, 10 * SECOND);

  started = assert_one_match (stream, begin, 0);
  g_assert_cmpint (started->first.time, ==, begin);
  g_assert_cmpint (started->decided.time - begin, <=, 20 * SECOND);
  g_assert_cmpint (started->verdict, ==, WEIR_ACTION_FLAG);
  g_assert_cmpfloat (started->distance, ==, 0);
  g_assert_cmpuint (started->hits, >, 1);
  g_assert_cmpint (started->edits, ==, 0);

  g_assert_cmpuint (stream_count (stream, WEIR_MATCH_ENDED), ==, 1);
  ended = stream_get (stream, WEIR_MATCH_ENDED, 0);
  g_assert_cmpstr (ended->id, ==, started->id);
  g_assert_cmpint (ended->first.time, ==, begin);
  g_assert_cmpint (ended->last.time, ==, end - FRAME);
  g_assert_cmpuint (ended->hits, ==, fixture->frames->len);
}

/* What comes out of the clocks is what went in. */
static void
test_clocks (FilmFixture *fixture, gconstpointer data)
{
  const WeirMatch *match;
  const WeirStamp *stamps[3];
  guint i;

  fixture->stream->time = 5 * SECOND;
  stream_play (fixture->stream, fixture->frames, NULL, 0, 30 * SECOND);
  match = assert_one_match (fixture->stream, 5 * SECOND, 0);
  stamps[0] = &match->first;
  stamps[1] = &match->last;
  stamps[2] = &match->decided;
  for (i = 0; i < G_N_ELEMENTS (stamps); i++) {
    WeirStamp expected = stream_stamp (stamps[i]->time);

    g_assert_cmpuint (stamps[i]->timestamp, ==, expected.timestamp);
    g_assert_cmpuint (stamps[i]->stream_time, ==, expected.stream_time);
    g_assert_cmpuint (stamps[i]->running_time, ==, expected.running_time);
    g_assert_cmpint (stamps[i]->arrival, ==, expected.arrival);
  }
}

static void
test_middle (FilmFixture *fixture, gconstpointer data)
{
  stream_play_other (fixture->stream, 1, 5 * SECOND);
  stream_play (
      fixture->stream, fixture->frames, NULL, 11 * SECOND, 30 * SECOND);
  assert_one_match (fixture->stream, 5 * SECOND, 11 * SECOND);
}

/* The stream stops for a second and goes on: later in its own time, not in
 * that of the work, so that the rest is on a line of its own. */
static void
test_gap (FilmFixture *fixture, gconstpointer data)
{
  Stream *stream = fixture->stream;

  stream_play (stream, fixture->frames, NULL, 0, 15 * SECOND);
  stream->time += SECOND;
  stream_play (stream, fixture->frames, NULL, 15 * SECOND, 30 * SECOND);
  assert_one_match (stream, 0, 0);
  g_assert_cmpuint (stream_count (stream, WEIR_MATCH_ENDED), ==, 0);
}

static void
test_lost_second (FilmFixture *fixture, gconstpointer data)
{
  Stream *stream = fixture->stream;

  stream_play (stream, fixture->frames, NULL, 0, 15 * SECOND);
  stream->time += SECOND;
  stream_play (stream, fixture->frames, NULL, 16 * SECOND, 30 * SECOND);
  assert_one_match (stream, 0, 0);
  g_assert_cmpuint (stream_count (stream, WEIR_MATCH_ENDED), ==, 0);
}

static void
test_noise (FilmFixture *fixture, gconstpointer data)
{
  const WeirMatch *match;

  fixture->stream->noise = 20;
  stream_play (fixture->stream, fixture->frames, NULL, 0, 30 * SECOND);
  match = assert_one_match (fixture->stream, 0, 0);
  g_assert_cmpfloat (match->distance, >=, 15);
  g_assert_cmpfloat (match->distance, <=, 20);
}

static void
test_lost_frames (FilmFixture *fixture, gconstpointer data)
{
  fixture->stream->lost = 60;
  stream_play (fixture->stream, fixture->frames, NULL, 0, 30 * SECOND);
  assert_one_match (fixture->stream, 0, 0);
}

static void
test_unrelated (FilmFixture *fixture, gconstpointer data)
{
  stream_play_other (fixture->stream, 1, 600 * SECOND);
  g_assert_cmpuint (fixture->stream->reports->len, ==, 0);
  g_assert_cmpuint (
      weir_matcher_get_n_lookups (fixture->stream->matcher), >=, 15000);
}

/* One picture for a minute, in the stream and in the reference too. */
static void
test_still (gconstpointer data)
{
  guint noise = GPOINTER_TO_UINT (data);
  g_autoptr (GArray) frames = film_new (1, 60);
  const WeirPdqHash *first = &g_array_index (frames, WeirPdqHash, 0);
  g_autoptr (WeirBank) bank = NULL;
  g_autoptr (Stream) stream = NULL;
  guint quality, i;

  for (i = 0; i < frames->len; i++)
    g_array_index (frames, WeirPdqHash, i) = *first;
  bank = bank_new_of (frames, NULL);
  stream = stream_new (bank, NULL);
  weir_matcher_set_max_action (stream->matcher, WEIR_ACTION_CUT);
  stream->noise = noise;
  for (quality = 50; quality <= 100; quality += 25) {
    stream->quality = quality;
    stream_play (stream, frames, NULL, 0, 60 * SECOND);
  }
  g_assert_cmpuint (stream->reports->len, ==, 0);
}

/* Two pictures in turn, however long, are two pictures: no ground to cut. */
static void
test_alternating (void)
{
  g_autoptr (GArray) frames = film_new (1, 60);
  g_autoptr (WeirBank) bank = NULL;
  g_autoptr (Stream) stream = NULL;
  guint i;

  for (i = 2; i < frames->len; i++)
    g_array_index (frames, WeirPdqHash, i) =
        g_array_index (frames, WeirPdqHash, i / 25 % 2 * 50);
  bank = bank_new_of (frames, NULL);
  stream = stream_new (bank, NULL);
  weir_matcher_set_max_action (stream->matcher, WEIR_ACTION_CUT);
  stream_play (stream, frames, NULL, 0, 60 * SECOND);
  for (i = 0; i < stream->reports->len; i++)
    g_assert_cmpint (g_array_index (stream->reports, WeirMatch, i).verdict, !=,
        WEIR_ACTION_CUT);
}

static void
test_mirrored (FilmFixture *fixture, gconstpointer data)
{
  fixture->stream->mirrored = TRUE;
  stream_play (fixture->stream, fixture->frames, NULL, 0, 30 * SECOND);
  g_assert_cmpint (
      assert_one_match (fixture->stream, 0, 0)->edits, ==, WEIR_EDIT_MIRRORED);
}

/* Two edits of one work, of which the stream carries what they share. */
static void
test_family (FilmFixture *fixture, gconstpointer data)
{
  const Work works[] = {
    { "edit 1", "family", fixture->frames, NULL, WEIR_OPINION_CONFIRMED,
        WEIR_ACTION_CUT },
    { "edit 2", "family", fixture->frames, NULL, WEIR_OPINION_CONFIRMED,
        WEIR_ACTION_FLAG },
  };
  g_autoptr (WeirBank) bank = bank_new (works, G_N_ELEMENTS (works));
  g_autoptr (Stream) stream = stream_new (bank, NULL);
  const WeirMatch *one, *other;

  stream_play (stream, fixture->frames, NULL, 0, 30 * SECOND);
  g_assert_cmpuint (stream_count (stream, WEIR_MATCH_STARTED), ==, 2);
  one = stream_get (stream, WEIR_MATCH_STARTED, 0);
  other = stream_get (stream, WEIR_MATCH_STARTED, 1);
  g_assert_cmpstr (one->reference.id, !=, other->reference.id);
  g_assert_cmpstr (one->id, !=, other->id);
  g_assert_cmpstr (one->reference.family, ==, "family");
  g_assert_cmpstr (other->reference.family, ==, "family");
}

static void
test_again (FilmFixture *fixture, gconstpointer data)
{
  Stream *stream = fixture->stream;
  const WeirMatch *first, *second;

  stream_play (stream, fixture->frames, NULL, 0, 20 * SECOND);
  stream_play_other (stream, 1, 10 * SECOND);
  stream_play (stream, fixture->frames, NULL, 0, 20 * SECOND);
  stream_play_other (stream, 2, 10 * SECOND);
  g_assert_cmpuint (stream_count (stream, WEIR_MATCH_STARTED), ==, 2);
  g_assert_cmpuint (stream_count (stream, WEIR_MATCH_ENDED), ==, 2);
  first = stream_get (stream, WEIR_MATCH_STARTED, 0);
  second = stream_get (stream, WEIR_MATCH_STARTED, 1);
  g_assert_cmpstr (stream_get (stream, WEIR_MATCH_ENDED, 0)->id, ==, first->id);
  g_assert_cmpstr (
      stream_get (stream, WEIR_MATCH_ENDED, 1)->id, ==, second->id);
  g_assert_cmpstr (first->id, !=, second->id);
  g_assert_cmpint (second->first.time, ==, 30 * SECOND);
}

/* Not before the gap is over, and with the frame after it at the latest. */
static void
test_end (FilmFixture *fixture, gconstpointer data)
{
  WeirPolicy policy;
  g_autoptr (Stream) stream = NULL;
  const WeirMatch *ended;
  gint64 waited;

  weir_policy_init (&policy);
  policy.end_gap = 4 * SECOND;
  stream = stream_new (fixture->bank, &policy);
  stream_play (stream, fixture->frames, NULL, 0, 20 * SECOND);
  g_assert_cmpuint (stream_count (stream, WEIR_MATCH_ENDED), ==, 0);
  stream_play_other (stream, 1, 10 * SECOND);
  ended = stream_get (stream, WEIR_MATCH_ENDED, 0);
  waited = ended->decided.time - ended->last.time;
  g_assert_cmpint (waited, >, policy.end_gap);
  g_assert_cmpint (waited, <=, policy.end_gap + FRAME);
}

static void
test_updates (FilmFixture *fixture, gconstpointer data)
{
  WeirPolicy policy;
  g_autoptr (Stream) stream = NULL;
  gint64 reported;
  guint n_updates, i;

  weir_policy_init (&policy);
  policy.update_interval = 2 * SECOND;
  stream = stream_new (fixture->bank, &policy);
  stream_play (stream, fixture->frames, NULL, 0, 30 * SECOND);
  reported = stream_get_decided (stream);
  n_updates = stream_count (stream, WEIR_MATCH_UPDATED);
  g_assert_cmpuint (
      n_updates, ==, (30 * SECOND - FRAME - reported) / (2 * SECOND));
  for (i = 0; i < n_updates; i++) {
    const WeirMatch *update = stream_get (stream, WEIR_MATCH_UPDATED, i);

    g_assert_cmpint (update->decided.time - reported, ==, 2 * SECOND);
    reported = update->decided.time;
  }
}

static void
test_confidence (FilmFixture *fixture, gconstpointer data)
{
  Stream *stream = fixture->stream;
  gdouble before = 0;
  guint i;

  weir_matcher_set_max_action (stream->matcher, WEIR_ACTION_CUT);
  stream_play (stream, fixture->frames, NULL, 0, 30 * SECOND);
  stream_play_other (stream, 1, 10 * SECOND);
  g_assert_cmpuint (stream->reports->len, >, 2);
  for (i = 0; i < stream->reports->len; i++) {
    gdouble confidence =
        g_array_index (stream->reports, WeirMatch, i).confidence;

    g_assert_cmpfloat (confidence, >, 0.5);
    g_assert_cmpfloat (confidence, <=, 1);
    g_assert_cmpfloat (confidence, >=, before);
    before = confidence;
  }
  g_assert_cmpfloat (
      before, >, g_array_index (stream->reports, WeirMatch, 0).confidence);
}

/* The strongest verdict of a stream and a record that allow so much. */
static WeirAction
get_verdict (const GArray *frames, WeirAction stream_action,
    WeirAction record_action, WeirOpinion opinion)
{
  const Work work = { "known", NULL, frames, NULL, opinion, record_action };
  g_autoptr (WeirBank) bank = bank_new (&work, 1);
  g_autoptr (Stream) stream = stream_new (bank, NULL);
  WeirAction strongest = WEIR_ACTION_NONE;
  guint i;

  weir_matcher_set_max_action (stream->matcher, stream_action);
  stream_play (stream, frames, NULL, 0, 20 * SECOND);
  g_assert_cmpuint (stream_count (stream, WEIR_MATCH_STARTED), ==, 1);
  for (i = 0; i < stream->reports->len; i++)
    strongest =
        MAX (strongest, g_array_index (stream->reports, WeirMatch, i).verdict);
  return strongest;
}

static void
test_verdicts (FilmFixture *fixture, gconstpointer data)
{
  static const struct {
    WeirAction stream, record;
    WeirOpinion opinion;
    WeirAction verdict;
  } cases[] = {
    { WEIR_ACTION_CUT, WEIR_ACTION_CUT, WEIR_OPINION_CONFIRMED,
        WEIR_ACTION_CUT },
    { WEIR_ACTION_FLAG, WEIR_ACTION_CUT, WEIR_OPINION_CONFIRMED,
        WEIR_ACTION_FLAG },
    { WEIR_ACTION_NONE, WEIR_ACTION_CUT, WEIR_OPINION_CONFIRMED,
        WEIR_ACTION_NONE },
    { WEIR_ACTION_CUT, WEIR_ACTION_FLAG, WEIR_OPINION_CONFIRMED,
        WEIR_ACTION_FLAG },
    { WEIR_ACTION_CUT, WEIR_ACTION_NONE, WEIR_OPINION_CONFIRMED,
        WEIR_ACTION_NONE },
    { WEIR_ACTION_CUT, WEIR_ACTION_CUT, WEIR_OPINION_UNREVIEWED,
        WEIR_ACTION_FLAG },
    { WEIR_ACTION_CUT, WEIR_ACTION_CUT, WEIR_OPINION_DISPUTED,
        WEIR_ACTION_FLAG },
    { WEIR_ACTION_CUT, WEIR_ACTION_NONE, WEIR_OPINION_DISPUTED,
        WEIR_ACTION_NONE },
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpint (get_verdict (fixture->frames, cases[i].stream,
                         cases[i].record, cases[i].opinion),
        ==, cases[i].verdict);
}

static void
test_dismiss (FilmFixture *fixture, gconstpointer data)
{
  Stream *stream = fixture->stream;
  const WeirMatch *started, *ended;

  stream_play (stream, fixture->frames, NULL, 0, 20 * SECOND);
  started = stream_get (stream, WEIR_MATCH_STARTED, 0);
  g_assert_false (
      weir_matcher_dismiss (stream->matcher, "no such match", stream->reports));
  g_assert_cmpuint (stream_count (stream, WEIR_MATCH_ENDED), ==, 0);

  g_assert_true (
      weir_matcher_dismiss (stream->matcher, started->id, stream->reports));
  started = stream_get (stream, WEIR_MATCH_STARTED, 0);
  ended = stream_get (stream, WEIR_MATCH_ENDED, 0);
  g_assert_cmpstr (ended->id, ==, started->id);
  g_assert_cmpint (ended->verdict, ==, WEIR_ACTION_NONE);
  g_assert_false (
      weir_matcher_dismiss (stream->matcher, ended->id, stream->reports));

  g_array_set_size (stream->reports, 0);
  stream_play (stream, fixture->frames, NULL, 20 * SECOND, 30 * SECOND);
  stream_play_other (stream, 1, 10 * SECOND);
  stream_play (stream, fixture->frames, NULL, 0, 30 * SECOND);
  g_assert_cmpuint (stream->reports->len, ==, 0);
}

/* Released, a match goes on as a flag; the next one may cut again. */
static void
test_release (FilmFixture *fixture, gconstpointer data)
{
  Stream *stream = fixture->stream;
  guint i;

  weir_matcher_set_max_action (stream->matcher, WEIR_ACTION_CUT);
  stream_play (stream, fixture->frames, NULL, 0, 20 * SECOND);
  g_assert_cmpint (
      g_array_index (stream->reports, WeirMatch, stream->reports->len - 1)
          .verdict,
      ==, WEIR_ACTION_CUT);

  g_array_set_size (stream->reports, 0);
  weir_matcher_release (stream->matcher);
  stream_play (stream, fixture->frames, NULL, 20 * SECOND, 30 * SECOND);
  stream_play_other (stream, 1, 10 * SECOND);
  g_assert_cmpuint (stream->reports->len, >, 1);
  g_assert_cmpuint (stream_count (stream, WEIR_MATCH_ENDED), ==, 1);
  for (i = 0; i < stream->reports->len; i++)
    g_assert_cmpint (g_array_index (stream->reports, WeirMatch, i).verdict, ==,
        WEIR_ACTION_FLAG);

  g_array_set_size (stream->reports, 0);
  stream_play (stream, fixture->frames, NULL, 0, 20 * SECOND);
  g_assert_cmpint (
      g_array_index (stream->reports, WeirMatch, stream->reports->len - 1)
          .verdict,
      ==, WEIR_ACTION_CUT);
}

/* A match that is spared never cuts, however long it goes on. */
static void
test_spare (FilmFixture *fixture, gconstpointer data)
{
  Stream *stream = fixture->stream;

  weir_matcher_set_max_action (stream->matcher, WEIR_ACTION_CUT);
  stream_play (stream, fixture->frames, NULL, 0, 20 * SECOND);
  g_assert_nonnull (weir_matcher_get_cutting_match (stream->matcher));
  weir_matcher_spare (stream->matcher, "no such match");
  g_assert_nonnull (weir_matcher_get_cutting_match (stream->matcher));
  weir_matcher_spare (
      stream->matcher, weir_matcher_get_cutting_match (stream->matcher)->id);
  g_assert_null (weir_matcher_get_cutting_match (stream->matcher));
  stream_play (stream, fixture->frames, NULL, 20 * SECOND, 30 * SECOND);
  g_assert_null (weir_matcher_get_cutting_match (stream->matcher));
}

/* Far back is another stream; a little is the order in which media come. */
static void
test_backwards (FilmFixture *fixture, gconstpointer data)
{
  Stream *stream = fixture->stream;

  stream_play_other (stream, 1, 10 * SECOND);
  stream_play (stream, fixture->frames, NULL, 0, 20 * SECOND);
  stream->time -= SECOND;
  stream_play (stream, fixture->frames, NULL, 19 * SECOND, 25 * SECOND);
  g_assert_cmpuint (stream_count (stream, WEIR_MATCH_STARTED), ==, 1);
  g_assert_cmpuint (stream_count (stream, WEIR_MATCH_ENDED), ==, 0);

  stream->time = 0;
  stream_play (stream, fixture->frames, NULL, 0, FRAME);
  g_assert_cmpuint (stream_count (stream, WEIR_MATCH_STARTED), ==, 1);
  g_assert_cmpuint (stream_count (stream, WEIR_MATCH_ENDED), ==, 1);
  stream_play (stream, fixture->frames, NULL, FRAME, 20 * SECOND);
  g_assert_cmpuint (stream_count (stream, WEIR_MATCH_STARTED), ==, 2);
  g_assert_cmpint (
      stream_get (stream, WEIR_MATCH_STARTED, 1)->first.time, ==, 0);
}

static void
test_reset (FilmFixture *fixture, gconstpointer data)
{
  Stream *stream = fixture->stream;

  stream_play (stream, fixture->frames, NULL, 0, 20 * SECOND);
  weir_matcher_reset (stream->matcher, stream->reports);
  g_assert_cmpuint (stream_count (stream, WEIR_MATCH_ENDED), ==, 1);
  weir_matcher_reset (stream->matcher, stream->reports);
  g_assert_cmpuint (stream_count (stream, WEIR_MATCH_ENDED), ==, 1);
}

static void
test_quality (FilmFixture *fixture, gconstpointer data)
{
  Stream *stream = fixture->stream;

  stream->quality = WEIR_PDQ_MIN_QUALITY - 1;
  stream_play (stream, fixture->frames, NULL, 0, 30 * SECOND);
  g_assert_cmpuint (stream->reports->len, ==, 0);
  g_assert_cmpuint (weir_matcher_get_n_lookups (stream->matcher), ==, 0);

  stream->quality = WEIR_PDQ_MIN_QUALITY;
  stream_play (stream, fixture->frames, NULL, 0, 20 * SECOND);
  g_assert_cmpuint (stream_count (stream, WEIR_MATCH_STARTED), ==, 1);
}

/* What is dark has weight when its hash is firm. */
static void
test_firm (FilmFixture *fixture, gconstpointer data)
{
  Stream *stream = fixture->stream;

  stream->quality = 0;
  stream->firm_bits = WEIR_FIRM_MIN_BITS - 1;
  stream_play (stream, fixture->frames, NULL, 0, 30 * SECOND);
  g_assert_cmpuint (stream->reports->len, ==, 0);
  g_assert_cmpuint (weir_matcher_get_n_lookups (stream->matcher), ==, 0);

  stream->firm_bits = WEIR_FIRM_MIN_BITS;
  stream_play (stream, fixture->frames, NULL, 0, 20 * SECOND);
  g_assert_cmpuint (stream_count (stream, WEIR_MATCH_STARTED), ==, 1);
}

/* The most frames, one each 2 s, that do not make a match. */
static guint
count_frames_that_are_too_few (WeirBank *bank, const GArray *frames)
{
  guint n;

  for (n = 1;; n++) {
    g_autoptr (Stream) stream = stream_new (bank, NULL);

    g_assert_cmpuint (n, <, 15);
    stream->frame_step = 2 * SECOND;
    stream_play (stream, frames, NULL, 0, n * 2 * SECOND);
    if (stream->reports->len > 0)
      return n - 1;
  }
}

/* Too few frames for a match on one line are too few on two lines. */
static void
test_two_offsets (FilmFixture *fixture, gconstpointer data)
{
  guint n = count_frames_that_are_too_few (fixture->bank, fixture->frames), i;
  Stream *stream = fixture->stream;

  g_assert_cmpuint (n, >, 1);
  stream->frame_step = SECOND;
  for (i = 0; i < n; i++) {
    stream_show (stream, &g_array_index (fixture->frames, WeirPdqHash, 50 * i));
    stream_show (
        stream, &g_array_index (fixture->frames, WeirPdqHash, 50 * i + 225));
  }
  g_assert_cmpuint (stream->reports->len, ==, 0);
}

#define ADD(name, function)                                                    \
  g_test_add ("/match/" name, FilmFixture, NULL, set_up, function,             \
      film_fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/match/pictures", test_pictures);
  ADD ("whole", test_whole);
  ADD ("clocks", test_clocks);
  ADD ("middle", test_middle);
  ADD ("gap", test_gap);
  ADD ("lost-second", test_lost_second);
  ADD ("noise", test_noise);
  ADD ("lost-frames", test_lost_frames);
  ADD ("unrelated", test_unrelated);
  g_test_add_data_func ("/match/still", GUINT_TO_POINTER (0), test_still);
  g_test_add_data_func (
      "/match/still-encoded", GUINT_TO_POINTER (6), test_still);
  g_test_add_func ("/match/alternating", test_alternating);
  ADD ("mirrored", test_mirrored);
  ADD ("family", test_family);
  ADD ("again", test_again);
  ADD ("end", test_end);
  ADD ("updates", test_updates);
  ADD ("confidence", test_confidence);
  ADD ("verdicts", test_verdicts);
  ADD ("dismiss", test_dismiss);
  ADD ("release", test_release);
  ADD ("spare", test_spare);
  ADD ("backwards", test_backwards);
  ADD ("reset", test_reset);
  ADD ("quality", test_quality);
  ADD ("firm", test_firm);
  ADD ("two-offsets", test_two_offsets);
  return g_test_run ();
}
