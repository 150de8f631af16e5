/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What of a reference's sound cannot be matched: what says nothing is found at
 * its place and dropped, what says something stays, and no stock sound raises
 * anything against what is left.
 */
#include "match/sound-screen.h"

#include "fingerprint/landmark.h"
#include "match-streams.h"
#include "match/stock-sounds.h"

#include <math.h>
#include <string.h>

static GArray *
new_samples (void)
{
  return g_array_new (FALSE, FALSE, sizeof (gfloat));
}

static void
append (GArray *samples, GArray *added)
{
  g_array_append_vals (samples, added->data, added->len);
  g_array_unref (added);
}

static GArray *
make_silence (guint seconds)
{
  GArray *samples = g_array_new (FALSE, TRUE, sizeof (gfloat));

  g_array_set_size (samples, seconds * WEIR_AUDIO_RATE);
  return samples;
}

/* A tone of two that is on for @on of @period samples. */
static GArray *
make_beeps (guint seconds, gdouble frequency, guint period, guint on)
{
  GArray *samples = make_silence (seconds);
  guint i;

  for (i = 0; i < samples->len; i++)
    if (i % period < on)
      g_array_index (samples, gfloat, i) =
          (gfloat) (0.3 * sin (2 * G_PI * frequency * i / WEIR_AUDIO_RATE));
  return samples;
}

static WeirSoundTrack *
make_track (GArray *samples)
{
  g_autoptr (WeirLandmarkExtractor) extractor =
      weir_landmark_extractor_new (WEIR_LANDMARK_REFERENCE);
  g_autoptr (WeirSound) sound = weir_sound_new ();
  WeirSoundTrack *track = weir_sound_track_new ();
  guint i;

  for (i = 0; i < samples->len; i += 1000) {
    weir_landmark_extractor_push (extractor,
        &g_array_index (samples, gfloat, i), MIN (1000, samples->len - i),
        sound);
    weir_sound_track_add (track, 0, sound);
    weir_sound_consume (sound);
  }
  weir_landmark_extractor_finish (extractor, sound);
  weir_sound_track_add (track, 0, sound);
  return track;
}

static GArray *
screen (WeirSoundTrack *track)
{
  GArray *spans = g_array_new (FALSE, FALSE, sizeof (WeirScreenedSpan));
  g_autoptr (GError) error = NULL;

  g_assert_true (weir_sound_screen (track, spans, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (track->steps->len, ==, track->levels->len);
  return spans;
}

static const WeirScreenedSpan *
get_span (const GArray *spans, guint number)
{
  g_assert_cmpuint (number, <, spans->len);
  return &g_array_index (spans, WeirScreenedSpan, number);
}

static void
assert_span (
    const WeirScreenedSpan *span, gint64 begin, gint64 end, const gchar *reason)
{
  g_assert_cmpstr (span->reason, ==, reason);
  g_assert_cmpint (ABS (span->begin - begin), <=, 1200 * MS);
  g_assert_cmpint (ABS (span->end - end), <=, 1200 * MS);
}

/* Landmarks whose anchors are from @begin to @end. */
static guint
count_landmarks (const WeirSoundTrack *track, gint64 begin, gint64 end)
{
  guint n = 0, i;

  for (i = 0; i < track->landmarks->len; i++) {
    gint64 time =
        (gint64) g_array_index (track->landmarks, WeirLandmark, i).time;

    n += time >= begin && time < end;
  }
  return n;
}

static guint
count_known_steps (const WeirSoundTrack *track, gint64 begin, gint64 end)
{
  guint n = 0, i;

  for (i = (guint) (begin / WEIR_SOUND_STEP);
       i < MIN (end / WEIR_SOUND_STEP, track->steps->len); i++) {
    const WeirSoundStep *step = &g_array_index (track->steps, WeirSoundStep, i);

    n += (step->code[0] | step->code[1]) != 0 || step->top != 0 ||
         step->peaks[0] != WEIR_SOUND_NO_PEAK ||
         step->peaks[2] != WEIR_SOUND_NO_PEAK;
  }
  return n;
}

/* A tone, then a work: the work alone is left, all of it. */
static void
test_tone (void)
{
  g_autoptr (GArray) samples = new_samples ();
  g_autoptr (WeirSoundTrack) track = NULL;
  g_autoptr (GArray) spans = NULL;
  guint n_before;

  append (samples, make_beeps (10, 441, 8000, 8000));
  append (samples, sound_new (1, 10));
  track = make_track (samples);
  n_before = count_landmarks (track, 11 * SECOND, 20 * SECOND);
  spans = screen (track);
  g_assert_cmpuint (spans->len, ==, 1);
  assert_span (get_span (spans, 0), 0, 10 * SECOND, "a steady sound");
  g_assert_cmpuint (count_known_steps (track, 0, 9 * SECOND), ==, 0);
  g_assert_cmpuint (count_landmarks (track, 0, 8 * SECOND), ==, 0);
  g_assert_cmpuint (n_before, >, 200);
  g_assert_cmpuint (
      count_landmarks (track, 11 * SECOND, 20 * SECOND), ==, n_before);
  g_assert_cmpuint (
      count_known_steps (track, 11 * SECOND, 19 * SECOND), >, 240);
}

static void
test_silence (void)
{
  g_autoptr (GArray) samples = new_samples ();
  g_autoptr (WeirSoundTrack) track = NULL;
  g_autoptr (GArray) spans = NULL;

  append (samples, sound_new (1, 8));
  append (samples, make_silence (6));
  append (samples, sound_new (2, 8));
  append (samples, make_silence (1));
  append (samples, sound_new (3, 8));
  track = make_track (samples);
  spans = screen (track);
  g_assert_cmpuint (spans->len, ==, 1);
  assert_span (get_span (spans, 0), 8 * SECOND, 14 * SECOND, "silence");
}

/* Beeps at a pace that no stock sound has. */
static void
test_repetition (void)
{
  g_autoptr (GArray) samples = new_samples ();
  g_autoptr (WeirSoundTrack) track = NULL;
  g_autoptr (GArray) spans = NULL;

  append (samples, sound_new (1, 8));
  append (samples, make_beeps (12, 2300, 2560, 600));
  track = make_track (samples);
  g_assert_cmpuint (count_landmarks (track, 10 * SECOND, 20 * SECOND), >, 40);
  spans = screen (track);
  g_assert_cmpuint (spans->len, >, 0);
  g_assert_cmpuint (count_landmarks (track, 11 * SECOND, 20 * SECOND), ==, 0);
  g_assert_cmpuint (count_landmarks (track, 0, 7 * SECOND), >, 150);
}

/* Gaps are not told of: nothing is known of them. */
static void
test_gap (void)
{
  g_autoptr (GArray) samples = sound_new (1, 10);
  g_autoptr (WeirSoundTrack) track = make_track (samples);
  g_autoptr (WeirSoundTrack) later = make_track (samples);
  g_autoptr (WeirSound) sound = weir_sound_new ();
  g_autoptr (GArray) spans = NULL;
  guint n_steps = later->steps->len;

  g_array_append_vals (sound->steps, later->steps->data, n_steps);
  g_array_append_vals (sound->levels, later->levels->data, n_steps);
  g_array_append_vals (
      sound->landmarks, later->landmarks->data, later->landmarks->len);
  weir_sound_track_add (track, 30 * SECOND, sound);
  g_assert_cmpuint (
      track->steps->len, ==, 30 * SECOND / WEIR_SOUND_STEP + 1 + n_steps);
  g_assert_cmpuint (count_known_steps (track, 11 * SECOND, 29 * SECOND), ==, 0);
  g_assert_cmpuint (count_landmarks (track, 30 * SECOND, 40 * SECOND), ==,
      count_landmarks (track, 0, 10 * SECOND));
  spans = screen (track);
  g_assert_cmpuint (spans->len, ==, 0);
}

/* Of a reference that is a stock sound nothing is left but crumbs. Some of
 * them: all take long. */
static void
test_stock (void)
{
  guint i;

  for (i = 0; i < weir_stock_get_n_sounds (); i += 5) {
    g_autoptr (GArray) samples = weir_stock_make_samples (i);
    g_autoptr (WeirSoundTrack) track = make_track (samples);
    g_autoptr (GArray) spans = NULL;
    guint n_before = track->landmarks->len;

    g_assert_cmpuint (samples->len, ==, WEIR_STOCK_SECONDS * WEIR_AUDIO_RATE);
    spans = screen (track);
    g_test_message ("%s: %u of %u landmarks are left", weir_stock_get_name (i),
        track->landmarks->len, n_before);
    g_assert_cmpuint (spans->len, >, 0);
    g_assert_cmpuint (track->landmarks->len, <=, 12);
  }
}

/* Plays all stock sounds, one after the other; returns how many matches. */
static guint
play_stock (const WeirSoundTrack *track)
{
  const Work work = {
    .id = "known",
    .track = track,
    .opinion = WEIR_OPINION_CONFIRMED,
    .max_action = WEIR_ACTION_CUT,
  };
  g_autoptr (WeirBank) bank = bank_new (&work, 1);
  g_autoptr (Stream) stream = stream_new (bank, NULL);
  guint i;

  for (i = 0; i < weir_stock_get_n_sounds (); i++) {
    g_autoptr (GArray) samples = weir_stock_make_samples (i);

    stream_play (stream, NULL, samples, 0, WEIR_STOCK_SECONDS * SECOND);
  }
  return stream_count (stream, WEIR_MATCH_STARTED);
}

/* A work with a telephone, a doorbell and a tune in it, a little off in pitch
 * and pace: it is matched by the stock as it is, and not when screened. */
static void
test_stream (void)
{
  g_autoptr (GArray) samples = new_samples ();
  g_autoptr (WeirSoundTrack) track = NULL;
  g_autoptr (GArray) spans = NULL;
  guint n_work;

  append (samples, sound_new (1, 10));
  append (samples, make_beeps (15, 430, 40000, 8000));
  append (samples, weir_stock_make_samples (weir_stock_get_n_sounds () - 1));
  append (samples, weir_stock_make_samples (weir_stock_get_n_sounds () - 2));
  append (samples, weir_stock_make_samples (weir_stock_get_n_sounds () - 3));
  append (samples, sound_new (2, 10));
  track = make_track (samples);
  n_work = count_landmarks (track, 0, 9 * SECOND);
  g_assert_cmpuint (play_stock (track), >=, 1);
  spans = screen (track);
  g_assert_cmpuint (play_stock (track), ==, 0);
  g_assert_cmpuint (count_landmarks (track, 0, 9 * SECOND), ==, n_work);
  g_assert_cmpuint (count_landmarks (track, 63 * SECOND, 71 * SECOND), >, 200);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sound-screen/tone", test_tone);
  g_test_add_func ("/sound-screen/silence", test_silence);
  g_test_add_func ("/sound-screen/repetition", test_repetition);
  g_test_add_func ("/sound-screen/gap", test_gap);
  g_test_add_func ("/sound-screen/stock", test_stock);
  g_test_add_func ("/sound-screen/stream", test_stream);
  return g_test_run ();
}
