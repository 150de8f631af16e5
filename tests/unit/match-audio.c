/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The matcher on sound, and on sound and picture together. How much one anchor
 * weighs is a matter of calibration and not asserted here.
 */
#include "match-streams.h"

#include "match/audio-streams.h"

#include <sys/resource.h>

/* So loud that sound is recognised bit by bit. */
#define NOISE 1.2

typedef struct {
  GArray *frames;
  GArray *sound;
  WeirBank *bank; /* holds both */
  Stream *stream;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->frames = film_new (1, 30);
  fixture->sound = sound_new (1, 30);
  fixture->bank = bank_new_of (fixture->frames, fixture->sound);
  fixture->stream = stream_new (fixture->bank, NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  stream_free (fixture->stream);
  weir_bank_unref (fixture->bank);
  g_array_unref (fixture->frames);
  g_array_unref (fixture->sound);
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
  g_autoptr (GArray) other = sound_new (2, 12);
  const WeirMatch *started, *ended;

  stream_play (stream, NULL, other, 0, 12 * SECOND);
  g_assert_cmpuint (stream->reports->len, ==, 0);
  stream_play (stream, NULL, fixture->sound, 0, 20 * SECOND);
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
  stream_play (stream, NULL, fixture->sound, 9 * SECOND, 25 * SECOND);
  assert_one_match (stream, 3 * SECOND, 9 * SECOND);
}

static void
test_noise (Fixture *fixture, gconstpointer data)
{
  fixture->stream->sound_noise = 0.3;
  stream_play (fixture->stream, NULL, fixture->sound, 0, 25 * SECOND);
  assert_one_match (fixture->stream, 0, 0);
}

/* Ten minutes of other sound. */
static void
test_random (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GArray) other = sound_new (2, 60);
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

  stream_play (stream, NULL, fixture->sound, 0, 5 * SECOND);
  stream_restart_sound (stream);
  stream_play (stream, NULL, fixture->sound, 5 * SECOND, 20 * SECOND);
  assert_one_match (stream, 0, 0);
  g_assert_cmpuint (stream_count (stream, WEIR_MATCH_ENDED), ==, 0);
}

static void
test_both (Fixture *fixture, gconstpointer data)
{
  Stream *stream = fixture->stream;
  const WeirMatch *match;

  stream_play (stream, fixture->frames, fixture->sound, 0, 30 * SECOND);
  assert_one_match (stream, 0, 0);
  /* The sound has ended, and might have come later than the picture. */
  stream_play_other (stream, 1, 15 * SECOND);
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
    g_rand_set_seed (stream->sound_rand, seed);
    stream->frame_step = 200 * MS;
    stream->lost = 75;
    stream->sound_noise = NOISE;
    stream->stop_early = TRUE;
    stream_play (stream, video ? fixture->frames : NULL,
        audio ? fixture->sound : NULL, 0, 30 * SECOND);
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

  stream->sound_noise = NOISE;
  stream->sound_delay = sound_delay;
  for (now = 0; now < length; now += FRAME)
    stream_play (stream, now < video ? fixture->frames : NULL,
        now >= sound_delay && now < audio + sound_delay ? fixture->sound : NULL,
        now, now + FRAME);
  return stream->reports->len > 0;
}

/* The longest piece, in steps of three frames, that is too short by itself. */
static gint64
find_too_short (const Fixture *fixture, gboolean audio)
{
  const gint64 step = 3 * FRAME;
  gint64 length = step;

  while (!is_recognised (fixture, audio ? 0 : length, audio ? length : 0, 0)) {
    length += step;
    g_assert_cmpint (length, <, 20 * SECOND);
  }
  return length - step;
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

  stream->sound_noise = NOISE;
  stream_play (stream, NULL, fixture->sound, 0, audio);
  stream_play (stream, NULL, fixture->sound, 15 * SECOND, 15 * SECOND + audio);
  g_assert_cmpuint (stream->reports->len, ==, 0);
}

/* The work at @speed, by linear interpolation. */
static GArray *
resample (const GArray *sound, gdouble speed)
{
  GArray *resampled = g_array_new (FALSE, FALSE, sizeof (gfloat));
  guint i;

  for (i = 0; i * speed + 1 < sound->len; i++) {
    guint k = (guint) (i * speed);
    gfloat part = (gfloat) (i * speed - k);
    gfloat value = g_array_index (sound, gfloat, k) * (1 - part) +
                   g_array_index (sound, gfloat, k + 1) * part;

    g_array_append_val (resampled, value);
  }
  return resampled;
}

static void
test_speed (Fixture *fixture, gconstpointer data)
{
  static const gdouble speeds[] = { 0.9, 0.97, 1.03, 1.05, 1.1 };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (speeds); i++) {
    g_autoptr (Stream) stream = stream_new (fixture->bank, NULL);
    g_autoptr (GArray) sound = resample (fixture->sound, speeds[i]);
    const WeirMatch *match;
    gint64 start;

    stream->time = 5 * SECOND;
    stream_play (stream, NULL, sound, 8 * SECOND, 16 * SECOND);
    g_assert_cmpint (stream_get_decided (stream), <=, 9 * SECOND);
    weir_matcher_reset (stream->matcher, stream->reports);
    g_assert_cmpuint (stream_count (stream, WEIR_MATCH_ENDED), ==, 1);
    match = stream_get (stream, WEIR_MATCH_ENDED, 0);
    g_assert_cmpfloat_with_epsilon (match->speed, speeds[i], 0.012);
    start = (gint64) ((gdouble) (match->first.time + 3 * SECOND) * speeds[i]);
    g_assert_cmpint (
        ABS ((gint64) match->reference_start - start), <=, 150 * MS);
  }
}

/* A reference without steps cannot be compared and is never said. */
static void
test_no_steps (void)
{
  g_autoptr (GArray) sound = sound_new (1, 10);
  g_autoptr (WeirLandmarkExtractor) extractor =
      weir_landmark_extractor_new (WEIR_LANDMARK_QUERY);
  g_autoptr (WeirSound) heard = weir_sound_new ();
  g_autoptr (WeirBank) bank = bank_new_of (NULL, NULL);
  g_autoptr (WeirAudioLines) lines = weir_audio_lines_new (bank);
  WeirStamp stamp = stream_stamp (10 * SECOND);

  weir_landmark_extractor_push (
      extractor, (const gfloat *) sound->data, sound->len, heard);
  weir_audio_lines_add (lines, &stamp, 0, heard);
  g_assert_cmpuint (weir_audio_lines_get_length (lines), ==, 0);
}

/* What one of several streams has heard. */
typedef struct {
  WeirLandmarkExtractor *extractor;
  WeirSound *heard;
  gint64 origin;
  guint64 n_heard;
} Ear;

static void
ear_init (Ear *ear, guint stream)
{
  *ear = (Ear){
    .extractor = weir_landmark_extractor_new (WEIR_LANDMARK_QUERY),
    .heard = weir_sound_new (),
  };
  ear->heard->stream = stream;
}

static void
ear_clear (Ear *ear)
{
  weir_landmark_extractor_free (ear->extractor);
  weir_sound_free (ear->heard);
}

static void
swap_ear (Stream *stream, Ear *ear)
{
  Ear now = { stream->extractor, stream->heard, stream->origin,
    stream->n_heard };

  stream->extractor = ear->extractor;
  stream->heard = ear->heard;
  stream->origin = ear->origin;
  stream->n_heard = ear->n_heard;
  *ear = now;
}

/* One frame of @sound with another ear, in no time. */
static void
play_beside (Stream *stream, Ear *ear, GArray *sound, gint64 from)
{
  gint64 time = stream->time;

  swap_ear (stream, ear);
  stream_play (stream, NULL, sound, from, from + FRAME);
  swap_ear (stream, ear);
  stream->time = time;
}

/* The work on one stream while something else is on another, which now and then
 * starts anew: found if the streams are two, lost in the mix if they are one. */
static guint
count_beside (const Fixture *fixture, guint stream_number)
{
  g_autoptr (Stream) stream = stream_new (fixture->bank, NULL);
  g_autoptr (GArray) other = sound_new (2, 12);
  Ear ear;
  gint64 now;

  ear_init (&ear, stream_number);
  for (now = 0; now < 12 * SECOND; now += FRAME) {
    if (now % (2 * SECOND) == 0) {
      swap_ear (stream, &ear);
      stream_restart_sound (stream);
      swap_ear (stream, &ear);
    }
    play_beside (stream, &ear, other, now);
    stream_play (stream, NULL, fixture->sound, now, now + FRAME);
  }
  ear_clear (&ear);
  return stream_count (stream, WEIR_MATCH_STARTED);
}

static void
test_two_streams (Fixture *fixture, gconstpointer data)
{
  g_assert_cmpuint (count_beside (fixture, 1), ==, 1);
  g_assert_cmpuint (count_beside (fixture, 0), ==, 0);
}

/* One stream too many is not listened to until another has been still. */
static void
test_many_streams (Fixture *fixture, gconstpointer data)
{
  Stream *stream = fixture->stream;
  g_autoptr (GArray) other = sound_new (2, 20);
  Ear ears[WEIR_AUDIO_MAX_STREAMS];
  gint64 now;
  guint i;

  stream->heard->stream = G_N_ELEMENTS (ears);
  for (i = 0; i < G_N_ELEMENTS (ears); i++)
    ear_init (&ears[i], i);
  for (now = 0; now < 8 * SECOND; now += FRAME) {
    for (i = 0; i < G_N_ELEMENTS (ears); i++)
      play_beside (stream, &ears[i], other, now);
    stream_play (stream, NULL, fixture->sound, now, now + FRAME);
  }
  g_assert_cmpuint (stream->reports->len, ==, 0);
  for (; now < 19 * SECOND; now += FRAME) {
    for (i = 1; i < G_N_ELEMENTS (ears); i++)
      play_beside (stream, &ears[i], other, now);
    stream_play (stream, NULL, other, now, now + FRAME);
  }
  stream_play (stream, NULL, fixture->sound, 0, 20 * SECOND);
  assert_one_match (stream, 19 * SECOND, 0);
  for (i = 0; i < G_N_ELEMENTS (ears); i++)
    ear_clear (&ears[i]);
}

/* When times start anew, none of those before is in the way. */
static void
test_many_streams_anew (Fixture *fixture, gconstpointer data)
{
  Stream *stream = fixture->stream;
  g_autoptr (GArray) other = sound_new (2, 20);
  guint i;

  stream->time = 100 * SECOND;
  for (i = 0; i < WEIR_AUDIO_MAX_STREAMS; i++) {
    Ear ear;

    ear_init (&ear, i);
    ear.origin = stream->time;
    play_beside (stream, &ear, other, 0);
    ear_clear (&ear);
  }
  weir_matcher_reset (stream->matcher, stream->reports);
  stream->time = 0;
  stream->heard->stream = i;
  stream_play (stream, NULL, fixture->sound, 0, 8 * SECOND);
  assert_one_match (stream, 0, 0);
}

static glong
get_memory (void)
{
  struct rusage usage;

  g_assert_cmpint (getrusage (RUSAGE_SELF, &usage), ==, 0);
  return usage.ru_maxrss;
}

/* A work that says the same again and again: bounded memory and lines. */
static void
test_repetition (void)
{
  g_autoptr (GArray) sound = sound_new (3, 1);
  g_autoptr (WeirBank) bank = NULL;
  g_autoptr (Stream) stream = NULL;
  glong before;
  guint i;

  for (i = 0; i < 5; i++) {
    g_autoptr (GArray) copy = g_array_copy (sound);

    g_array_append_vals (sound, copy->data, copy->len);
  }
  bank = bank_new_of (NULL, sound);
  stream = stream_new (bank, NULL);
  stream_play (stream, NULL, sound, 0, 15 * SECOND);
  before = get_memory ();
  stream_play (stream, NULL, sound, 0, 30 * SECOND);
  g_assert_cmpint (get_memory () - before, <, 8192);
  g_assert_cmpuint (stream_count (stream, WEIR_MATCH_STARTED), ==, 1);
}

#define ADD(name, function)                                                    \
  g_test_add ("/match-audio/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("whole", test_whole);
  ADD ("middle", test_middle);
  ADD ("noise", test_noise);
  ADD ("random", test_random);
  ADD ("restart", test_restart);
  ADD ("both", test_both);
  ADD ("sooner", test_sooner);
  ADD ("two-offsets", test_two_offsets);
  ADD ("two-audio-offsets", test_two_audio_offsets);
  ADD ("speed", test_speed);
  ADD ("two-streams", test_two_streams);
  ADD ("many-streams", test_many_streams);
  ADD ("many-streams-anew", test_many_streams_anew);
  g_test_add_func ("/match-audio/no-steps", test_no_steps);
  g_test_add_func ("/match-audio/repetition", test_repetition);
  return g_test_run ();
}
