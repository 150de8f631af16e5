/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The matcher on sound, and on sound and picture together. How much one anchor
 * weighs is a matter of calibration and not asserted here.
 */
#include "match-streams.h"

#include "match/audio-lines.h"

#include <sys/resource.h>

#define ANCHOR_RATE 16

typedef struct {
  GArray *frames;
  GArray *landmarks;
  WeirBank *bank; /* holds both */
  Stream *stream;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->frames = film_new (1, 30);
  fixture->landmarks = sound_new (1, 30, ANCHOR_RATE);
  fixture->bank = bank_new_of (fixture->frames, fixture->landmarks);
  fixture->stream = stream_new (fixture->bank, NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  stream_free (fixture->stream);
  weir_bank_unref (fixture->bank);
  g_array_unref (fixture->frames);
  g_array_unref (fixture->landmarks);
}

static const WeirMatch *
assert_one_match (const Stream *stream, gint64 begin, gint64 from)
{
  const WeirMatch *match;
  gint64 start;

  g_assert_cmpuint (stream_count (stream, WEIR_MATCH_STARTED), ==, 1);
  match = stream_get (stream, WEIR_MATCH_STARTED, 0);
  start = from + match->first.time - begin;
  g_assert_cmpstr (match->reference.id, ==, "known");
  g_assert_cmpint (match->first.time, >=, begin);
  g_assert_cmpint (ABS ((gint64) match->reference_start - start), <=, 100 * MS);
  return match;
}

static void
test_whole (Fixture *fixture, gconstpointer data)
{
  Stream *stream = fixture->stream;
  g_autoptr (GArray) other = sound_new (2, 12, ANCHOR_RATE);
  const WeirMatch *started, *ended;

  stream_play (stream, NULL, other, 0, 12 * SECOND);
  g_assert_cmpuint (stream->reports->len, ==, 0);
  stream_play (stream, NULL, fixture->landmarks, 0, 20 * SECOND);
  stream_play (stream, NULL, other, 0, 12 * SECOND);

  started = assert_one_match (stream, 12 * SECOND, 0);
  g_assert_cmpint (started->media, ==, WEIR_MEDIA_AUDIO);
  g_assert_cmpfloat (started->distance, ==, -1);
  g_assert_cmpint (started->edits, ==, 0);
  g_assert_cmpuint (started->hits, >, 1);
  g_assert_cmpfloat (started->confidence, >, 0.5);
  g_assert_cmpfloat (started->confidence, <=, 1);
  g_assert_cmpint (started->verdict, ==, WEIR_ACTION_FLAG);
  ended = stream_get (stream, WEIR_MATCH_ENDED, 0);
  g_assert_cmpstr (ended->id, ==, started->id);
  g_assert_cmpint (ABS (ended->last.time - 32 * SECOND), <=, SECOND);
}

static void
test_middle (Fixture *fixture, gconstpointer data)
{
  Stream *stream = fixture->stream;

  stream->time = 3 * SECOND;
  stream_play (stream, NULL, fixture->landmarks, 9 * SECOND, 25 * SECOND);
  assert_one_match (stream, 3 * SECOND, 9 * SECOND);
}

static void
test_lost_anchors (Fixture *fixture, gconstpointer data)
{
  fixture->stream->lost = 30;
  stream_play (fixture->stream, NULL, fixture->landmarks, 0, 25 * SECOND);
  assert_one_match (fixture->stream, 0, 0);
}

/* Ten minutes of keys from all there are, more of them than sound has. */
static void
test_random (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GArray) other = sound_new (2, 60, 100);
  guint i;

  for (i = 0; i < 10; i++)
    stream_play (fixture->stream, NULL, other, 0, 60 * SECOND);
  g_assert_cmpuint (fixture->stream->reports->len, ==, 0);
  g_assert_cmpuint (
      weir_matcher_get_n_lookups (fixture->stream->matcher), >=, 60000);
}

/* The extractor was reset in the middle and numbers its anchors anew. */
static void
test_restart (Fixture *fixture, gconstpointer data)
{
  Stream *stream = fixture->stream;

  stream_play (stream, NULL, fixture->landmarks, 0, 5 * SECOND);
  weir_matcher_restart_audio (stream->matcher);
  stream->next_anchor = 0;
  stream_play (stream, NULL, fixture->landmarks, 5 * SECOND, 20 * SECOND);
  assert_one_match (stream, 0, 0);
  g_assert_cmpuint (stream_count (stream, WEIR_MATCH_ENDED), ==, 0);
}

static void
test_both (Fixture *fixture, gconstpointer data)
{
  Stream *stream = fixture->stream;
  const WeirMatch *match;

  stream_play (stream, fixture->frames, fixture->landmarks, 0, 30 * SECOND);
  assert_one_match (stream, 0, 0);
  stream_play_other (stream, 1, 10 * SECOND);
  match = stream_get (stream, WEIR_MATCH_ENDED, 0);
  g_assert_cmpint (match->media, ==, WEIR_MEDIA_BOTH);
  g_assert_cmpfloat (match->distance, ==, 0);
  g_assert_cmpuint (match->hits, >, fixture->frames->len);
}

/* When poor copies of both media are recognised, added up, by the media that
 * are given: what a copy lost is another matter each time. */
static gint64
get_decided (const Fixture *fixture, gboolean video, gboolean audio)
{
  gint64 sum = 0;
  guint seed;

  for (seed = 1; seed <= 8; seed++) {
    g_autoptr (Stream) stream = stream_new (fixture->bank, NULL);

    g_rand_set_seed (stream->rand, seed);
    stream->frame_step = 200 * MS;
    stream->lost = 50;
    stream->stop_early = TRUE;
    stream_play (stream, video ? fixture->frames : NULL,
        audio ? fixture->landmarks : NULL, 0, 30 * SECOND);
    sum += MIN (stream_get_decided (stream), 30 * SECOND);
  }
  return sum;
}

static void
test_sooner (Fixture *fixture, gconstpointer data)
{
  gint64 both = get_decided (fixture, TRUE, TRUE);

  g_assert_cmpint (both, <, get_decided (fixture, TRUE, FALSE));
  g_assert_cmpint (both, <, get_decided (fixture, FALSE, TRUE));
}

static gboolean
is_recognised (
    const Fixture *fixture, gint64 video, gint64 audio, gint64 sound_delay)
{
  g_autoptr (Stream) stream = stream_new (fixture->bank, NULL);
  gint64 length = MAX (video, audio + sound_delay), now;

  stream->sound_delay = sound_delay;
  for (now = 0; now < length; now += FRAME)
    stream_play (stream, now < video ? fixture->frames : NULL,
        now >= sound_delay && now < audio + sound_delay ? fixture->landmarks
                                                        : NULL,
        now, now + FRAME);
  return stream->reports->len > 0;
}

/* The longest piece, in steps of one frame, that is too short by itself. */
static gint64
find_too_short (const Fixture *fixture, gboolean audio)
{
  gint64 length = FRAME;

  while (!is_recognised (fixture, audio ? 0 : length, audio ? length : 0, 0)) {
    length += FRAME;
    g_assert_cmpint (length, <, 20 * SECOND);
  }
  return length - FRAME;
}

/* Sound that is nearly enough and picture that is nearly enough are enough on
 * one line, out of step by what copies are, and not on two. */
static void
test_two_offsets (Fixture *fixture, gconstpointer data)
{
  gint64 video = find_too_short (fixture, FALSE);
  gint64 audio = find_too_short (fixture, TRUE);

  g_assert_false (is_recognised (fixture, video, 0, 0));
  g_assert_false (is_recognised (fixture, 0, audio, 0));
  g_assert_true (is_recognised (fixture, video, audio, 0));
  g_assert_true (is_recognised (fixture, video, audio, 5 * FRAME));
  g_assert_false (is_recognised (fixture, video, audio, 50 * FRAME));
}

/* As much sound as is too little, from two places in the reference. */
static void
test_two_audio_offsets (Fixture *fixture, gconstpointer data)
{
  gint64 audio = find_too_short (fixture, TRUE) * 3 / 4;
  Stream *stream = fixture->stream;

  stream_play (stream, NULL, fixture->landmarks, 0, audio);
  stream_play (
      stream, NULL, fixture->landmarks, 15 * SECOND, 15 * SECOND + audio);
  g_assert_cmpuint (stream->reports->len, ==, 0);
}

static glong
get_memory (void)
{
  struct rusage usage;

  g_assert_cmpint (getrusage (RUSAGE_SELF, &usage), ==, 0);
  return usage.ru_maxrss;
}

/* Feeds 200 landmarks a second with a few keys that the bank is full of. */
static void
feed_common_keys (WeirAudioLines *lines, guint n_keys, guint seconds)
{
  g_autoptr (GArray) landmarks =
      g_array_new (FALSE, FALSE, sizeof (WeirLandmark));
  guint second, i;

  for (second = 0; second < seconds; second++) {
    WeirStamp stamp = stream_stamp ((second + 1) * SECOND);

    g_array_set_size (landmarks, 0);
    for (i = 0; i < 200; i++) {
      WeirLandmark landmark = {
        .key = i % n_keys,
        .anchor = 200 * second + i,
        .time = (guint64) (second * SECOND + i * 5 * MS),
      };
      g_array_append_val (landmarks, landmark);
    }
    weir_audio_lines_add (lines, &stamp, 0, landmarks);
  }
}

/* Keys that the bank holds very often take bounded memory and time, whether
 * they are looked at (@data postings each) or passed over. */
static void
test_common_keys (gconstpointer data)
{
  guint n_postings = GPOINTER_TO_UINT (data), n_keys = 20, i;
  g_autoptr (GArray) common = g_array_new (FALSE, FALSE, sizeof (WeirLandmark));
  g_autoptr (WeirBank) bank = NULL;
  g_autoptr (WeirAudioLines) lines = NULL;
  glong before;

  for (i = 0; i < n_keys * n_postings; i++) {
    WeirLandmark landmark = {
      .key = i % n_keys, .anchor = i, .time = (guint64) (i * MS)
    };
    g_array_append_val (common, landmark);
  }
  bank = bank_new_of (NULL, common);
  lines = weir_audio_lines_new (bank);
  feed_common_keys (lines, n_keys, 5);
  before = get_memory ();
  feed_common_keys (lines, n_keys, 60);
  g_assert_cmpint (get_memory () - before, <, 8192);
  g_assert_cmpuint (weir_audio_lines_get_length (lines), <=, 1024);
}

#define ADD(name, function)                                                    \
  g_test_add ("/match-audio/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("whole", test_whole);
  ADD ("middle", test_middle);
  ADD ("lost-anchors", test_lost_anchors);
  ADD ("random", test_random);
  ADD ("restart", test_restart);
  ADD ("both", test_both);
  ADD ("sooner", test_sooner);
  ADD ("two-offsets", test_two_offsets);
  ADD ("two-audio-offsets", test_two_audio_offsets);
  g_test_add_data_func (
      "/match-audio/common-keys", GUINT_TO_POINTER (400), test_common_keys);
  g_test_add_data_func ("/match-audio/too-common-keys",
      GUINT_TO_POINTER (20000), test_common_keys);
  return g_test_run ();
}
