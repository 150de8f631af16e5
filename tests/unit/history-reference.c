/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * References made of the history: the bank of a span is that of a recording of
 * it, to the bit; and spans of which none can be made.
 */
#include "history/history-reference.h"
#include "bank/look-filter.h"
#include "history-streams.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

static const WeirReference record = {
  .id = "made",
  .family = "made",
  .label = "a label",
  .list = "",
  .source = "",
  .max_action = WEIR_ACTION_CUT,
};

static gchar *
write_bank (WeirBankBuilder *builder)
{
  g_autoptr (GError) error = NULL;
  gchar *path;

  close (g_file_open_tmp ("weir-history-XXXXXX", &path, NULL));
  g_assert_true (weir_bank_builder_write (builder, path, 0, &error));
  g_assert_no_error (error);
  return path;
}

static WeirBank *
open_built (WeirBankBuilder *builder)
{
  g_autofree gchar *path = write_bank (builder);
  g_autoptr (GError) error = NULL;
  WeirBank *bank = weir_bank_open (path, &error);

  g_assert_no_error (error);
  g_unlink (path);
  return bank;
}

/* As a recording from @from to @to of a work would be built. */
static WeirBankBuilder *
build_recording (
    const GArray *frames, const GArray *sound, gint64 from, gint64 to)
{
  WeirBankBuilder *builder = weir_bank_builder_new ();
  WeirReference reference = record;
  WeirLookFilter filter = { .keep_distance = WEIR_LOOK_FILTER_KEEP_DISTANCE };
  guint32 index;

  reference.duration = (guint64) (to - from);
  g_assert_true (
      weir_bank_builder_add_reference (builder, &reference, &index, NULL));
  for (gint64 time = from; time < to; time += FRAME) {
    const WeirPdqHash *hash =
        &g_array_index (frames, WeirPdqHash, time / FRAME);

    if (weir_look_filter_keeps (&filter, WEIR_VIEW_PLAIN, 0, hash, time))
      g_assert_true (weir_bank_builder_add_video (builder, index, hash,
          WEIR_VIEW_PLAIN, 100, (guint32) ((time - from) / MS), NULL));
  }
  if (sound) {
    g_autoptr (WeirLandmarkExtractor) extractor =
        weir_landmark_extractor_new (WEIR_LANDMARK_REFERENCE);
    g_autoptr (WeirSound) heard = weir_sound_new ();

    g_assert_cmpint (from, ==, 0);
    weir_landmark_extractor_push (extractor, (const gfloat *) sound->data,
        (gsize) (to * WEIR_AUDIO_RATE / SECOND), heard);
    g_array_append_vals (
        heard->landmarks, heard->patches->data, heard->patches->len);
    for (guint i = 0; i < heard->landmarks->len; i++) {
      const WeirLandmark *landmark =
          &g_array_index (heard->landmarks, WeirLandmark, i);

      g_assert_true (weir_bank_builder_add_audio (builder, index, landmark->key,
          (guint32) ((gint64) landmark->time / MS), NULL));
    }
    g_assert_true (weir_bank_builder_add_sound_steps (builder, index, 0,
        (const WeirSoundStep *) heard->steps->data, heard->steps->len, NULL));
  }
  return builder;
}

static WeirBankBuilder *
make_reference (
    const WeirHistory *history, gint64 from, gint64 to, GError **error)
{
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();

  if (!weir_history_add_reference (history, to_running_time (from),
          to_running_time (to), &record, builder, error))
    return NULL;
  return g_steal_pointer (&builder);
}

static void
assert_same_bank (WeirBankBuilder *a, WeirBankBuilder *b)
{
  g_autoptr (WeirBank) first = open_built (a);
  g_autoptr (WeirBank) second = open_built (b);

  g_assert_cmpuint (
      weir_bank_get_n_video (first), ==, weir_bank_get_n_video (second));
  g_assert_cmpuint (
      weir_bank_get_n_audio (first), ==, weir_bank_get_n_audio (second));
  g_assert_cmpstr (
      weir_bank_get_version (first), ==, weir_bank_get_version (second));
}

static void
test_same_as_recorded (void)
{
  g_autoptr (GArray) frames = film_new (1, 20);
  g_autoptr (GArray) sound = sound_new (1, 20);
  g_autoptr (Recorder) recorder = recorder_new (60);
  g_autoptr (WeirBankBuilder) made = NULL;
  g_autoptr (WeirBankBuilder) recorded =
      build_recording (frames, sound, 0, 20 * SECOND);
  g_autoptr (GError) error = NULL;

  recorder->time = 1000 * SECOND;
  recorder_play (recorder, frames, sound, 0, 20 * SECOND);
  made =
      make_reference (recorder->history, 1000 * SECOND, 1020 * SECOND, &error);
  g_assert_no_error (error);
  assert_same_bank (made, recorded);
}

/* A part of it, after the ring has gone round. */
static void
test_same_after_long (void)
{
  g_autoptr (GArray) frames = film_new (1, 20);
  g_autoptr (GArray) others = film_new (2, 30);
  g_autoptr (Recorder) recorder = recorder_new (25);
  g_autoptr (WeirBankBuilder) made = NULL;
  g_autoptr (WeirBankBuilder) recorded =
      build_recording (frames, NULL, 4 * SECOND, 14 * SECOND);
  g_autoptr (GError) error = NULL;
  gint64 start;
  guint i;

  for (i = 0; i < 10; i++)
    recorder_play (recorder, others, NULL, 0, 30 * SECOND);
  start = recorder->time;
  recorder_play (recorder, frames, NULL, 0, 20 * SECOND);
  made = make_reference (
      recorder->history, start + 4 * SECOND, start + 14 * SECOND, &error);
  g_assert_no_error (error);
  assert_same_bank (made, recorded);
}

/* The sound's extractor began elsewhere than the span: it is heard in another
 * stream as well. */
static void
test_sound_is_matched (void)
{
  g_autoptr (GArray) sound = sound_new (1, 40);
  g_autoptr (Recorder) recorder = recorder_new (60);
  g_autoptr (WeirBankBuilder) made = NULL;
  g_autoptr (WeirBank) bank = NULL;
  g_autoptr (Stream) stream = NULL;
  const WeirMatch *match;

  recorder_play (recorder, NULL, sound, 0, 10 * SECOND);
  recorder_restart_sound (recorder);
  recorder_play (recorder, NULL, sound, 10 * SECOND, 40 * SECOND);
  made = make_reference (recorder->history, 12345 * MS, 30 * SECOND, NULL);
  g_assert_nonnull (made);
  bank = open_built (made);
  stream = stream_new (bank, NULL);
  stream->time = 7 * SECOND + 13 * MS;
  stream->origin = stream->time;
  stream_play (stream, NULL, sound, 15 * SECOND, 28 * SECOND);
  g_assert_cmpuint (stream_count (stream, WEIR_MATCH_STARTED), ==, 1);
  match = stream_get (stream, WEIR_MATCH_STARTED, 0);
  g_assert_cmpint (match->media, ==, WEIR_MEDIA_AUDIO);
  g_assert_cmpint (ABS ((gint64) match->reference_start -
                        (15 * SECOND + match->first.time -
                            (7 * SECOND + 13 * MS) - 12345 * MS)),
      <, 50 * MS);
}

/* @sound, then a beep each 0.6 s, then @sound. */
static GArray *
make_beeps_between (const GArray *sound, guint seconds)
{
  GArray *samples = g_array_new (FALSE, TRUE, sizeof (gfloat));
  guint i;

  g_array_append_vals (samples, sound->data, sound->len);
  for (i = 0; i < seconds * WEIR_AUDIO_RATE; i++) {
    gdouble phase = 2 * G_PI * 700 * i / WEIR_AUDIO_RATE;
    gfloat sample = i % 4800 < 1600 ? (gfloat) (0.3 * sin (phase)) : 0;

    g_array_append_val (samples, sample);
  }
  g_array_append_vals (samples, sound->data, sound->len);
  return samples;
}

static guint
count_known_steps (const WeirBank *bank, gint64 from, gint64 to)
{
  guint32 n_steps, n_known = 0;
  const WeirSoundStep *steps = weir_bank_get_sound_steps (bank, 0, &n_steps);

  g_assert_cmpint (to / WEIR_SOUND_STEP, <, n_steps);
  for (gint64 i = from / WEIR_SOUND_STEP; i < to / WEIR_SOUND_STEP; i++)
    n_known += (steps[i].code[0] | steps[i].code[1]) != 0;
  return n_known;
}

/* What says nothing is left out, as of a recording. */
static void
test_screened (void)
{
  g_autoptr (GArray) sound = sound_new (1, 15);
  g_autoptr (GArray) all = make_beeps_between (sound, 10);
  g_autoptr (Recorder) recorder = recorder_new (60);
  g_autoptr (WeirBankBuilder) made = NULL;
  g_autoptr (WeirBank) bank = NULL;
  g_autoptr (GError) error = NULL;

  recorder_play (recorder, NULL, all, 0, 40 * SECOND);
  made = make_reference (recorder->history, 0, 40 * SECOND, &error);
  g_assert_no_error (error);
  bank = open_built (made);
  g_assert_cmpuint (count_known_steps (bank, 2 * SECOND, 14 * SECOND), >, 360);
  g_assert_cmpuint (count_known_steps (bank, 17 * SECOND, 23 * SECOND), ==, 0);
  g_assert_cmpuint (count_known_steps (bank, 27 * SECOND, 38 * SECOND), >, 330);
}

/* Nothing but silence. */
static void
test_silent (void)
{
  g_autoptr (GArray) silence =
      g_array_sized_new (FALSE, TRUE, sizeof (gfloat), 0);
  g_autoptr (Recorder) recorder = recorder_new (60);
  g_autoptr (GError) error = NULL;

  g_array_set_size (silence, 20 * WEIR_AUDIO_RATE);
  recorder_play (recorder, NULL, silence, 0, 20 * SECOND);
  g_assert_null (make_reference (recorder->history, 0, 20 * SECOND, &error));
  g_assert_error (error, WEIR_HISTORY_ERROR, WEIR_HISTORY_ERROR_POOR);
}

static void
assert_refused (const WeirHistory *history, gint64 from, gint64 to,
    WeirHistoryError code, const gchar *says)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (make_reference (history, from, to, &error));
  g_assert_error (error, WEIR_HISTORY_ERROR, (gint) code);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, says));
  g_assert_null (strchr (error->message, '\n'));
}

static void
test_refused (void)
{
  g_autoptr (GArray) frames = film_new (1, 60);
  g_autoptr (Recorder) recorder = recorder_new (20);
  const WeirHistory *history = recorder->history;
  g_autoptr (WeirBankBuilder) made = NULL;

  assert_refused (history, 0, SECOND, WEIR_HISTORY_ERROR_AHEAD, "nothing");
  recorder_play (recorder, frames, NULL, 0, 60 * SECOND);
  assert_refused (
      history, 50 * SECOND, 50 * SECOND, WEIR_HISTORY_ERROR_SPAN, "63.000 s");
  assert_refused (history, 50 * SECOND, 45 * SECOND, WEIR_HISTORY_ERROR_SPAN,
      "a later end");
  assert_refused (
      history, 30 * SECOND, 50 * SECOND, WEIR_HISTORY_ERROR_GONE, "52.960 s");
  assert_refused (
      history, 10 * SECOND, 20 * SECOND, WEIR_HISTORY_ERROR_GONE, "begins");
  assert_refused (
      history, 50 * SECOND, 70 * SECOND, WEIR_HISTORY_ERROR_AHEAD, "72.960 s");
  assert_refused (
      history, 61 * SECOND, 62 * SECOND, WEIR_HISTORY_ERROR_AHEAD, "seen");
  assert_refused (history, 50 * SECOND, 50 * SECOND + 3 * FRAME - 1,
      WEIR_HISTORY_ERROR_POOR, "2 different pictures");
  /* Who asks is told of times that the analysis has not seen yet. */
  made = make_reference (history, 50 * SECOND, 61 * SECOND + 500 * MS, NULL);
  g_assert_nonnull (made);
}

static guint64
count_made (const WeirHistory *history, gint64 from, gint64 to)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (WeirBankBuilder) made = make_reference (history, from, to, &error);
  g_autoptr (WeirBank) bank = NULL;

  g_assert_no_error (error);
  bank = open_built (made);
  return weir_bank_get_n_video (bank);
}

/* A reference has the parts that have detail, and pictures whatever theirs. */
static void
test_parts (void)
{
  g_autoptr (GArray) frames = film_new (1, 10);
  g_autoptr (Recorder) recorder = recorder_new (60);
  guint64 n_pictures;

  recorder->dark = TRUE;
  recorder->part_detail = WEIR_FIRM_MIN_DETAIL - 1;
  recorder_play (recorder, frames, NULL, 0, 10 * SECOND);
  recorder->part_detail = WEIR_FIRM_MIN_DETAIL;
  recorder_play (recorder, frames, NULL, 0, 10 * SECOND);
  n_pictures = count_made (recorder->history, 0, 10 * SECOND - 1);
  g_assert_cmpuint (n_pictures, >, 3);
  g_assert_cmpuint (count_made (recorder->history, 10 * SECOND, 20 * SECOND), >,
      n_pictures + 3);
}

/* Of times that started anew only the newest count. */
static void
test_anew (void)
{
  g_autoptr (GArray) frames = film_new (1, 30);
  g_autoptr (Recorder) recorder = recorder_new (60);
  const WeirHistory *history = recorder->history;
  g_autoptr (WeirBankBuilder) made = NULL;
  g_autoptr (WeirBankBuilder) recorded =
      build_recording (frames, NULL, 20 * SECOND, 29 * SECOND);
  g_autoptr (GError) error = NULL;

  recorder->time = 100 * SECOND;
  recorder_play (recorder, frames, NULL, 0, 20 * SECOND);
  recorder->time = 0;
  recorder_play (recorder, frames, NULL, 20 * SECOND, 30 * SECOND);
  assert_refused (
      history, 105 * SECOND, 110 * SECOND, WEIR_HISTORY_ERROR_AHEAD, "seen");
  made = make_reference (history, 0, 9 * SECOND, &error);
  g_assert_no_error (error);
  assert_same_bank (made, recorded);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/history/reference/recorded", test_same_as_recorded);
  g_test_add_func ("/history/reference/after-long", test_same_after_long);
  g_test_add_func ("/history/reference/sound", test_sound_is_matched);
  g_test_add_func ("/history/reference/screened", test_screened);
  g_test_add_func ("/history/reference/silent", test_silent);
  g_test_add_func ("/history/reference/refused", test_refused);
  g_test_add_func ("/history/reference/parts", test_parts);
  g_test_add_func ("/history/reference/anew", test_anew);
  return g_test_run ();
}
