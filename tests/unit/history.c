/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The history: its ring, what it keeps, what it lets go, and its clocks. */
#include "history-streams.h"

#include <string.h>

/* ---- Ring ---- */

static void
append (WeirRing *ring, guint32 value)
{
  *(guint32 *) weir_ring_append (ring) = value;
}

static guint32
get (const WeirRing *ring, guint64 number)
{
  return *(const guint32 *) weir_ring_get (ring, number);
}

static void
test_ring (void)
{
  WeirRing ring, copy;
  guint64 i;

  weir_ring_init (&ring, sizeof (guint32), 3);
  g_assert_true (weir_ring_is_empty (&ring));
  for (i = 0; i < 10; i++)
    append (&ring, (guint32) i);
  g_assert_cmpuint (ring.first, ==, 7);
  g_assert_cmpuint (ring.end, ==, 10);
  for (i = 7; i < 10; i++)
    g_assert_cmpuint (get (&ring, i), ==, i);

  weir_ring_init_copy (&copy, &ring);
  weir_ring_drop (&ring, 9);
  g_assert_cmpuint (ring.first, ==, 9);
  g_assert_cmpuint (get (&ring, 9), ==, 9);
  /* What was let go is in no memory. */
  for (i = 0; i < 3; i++)
    g_assert_true (
        ((guint32 *) ring.items)[i] == 9 || ((guint32 *) ring.items)[i] == 0);
  weir_ring_drop (&ring, 1000);
  g_assert_true (weir_ring_is_empty (&ring));
  g_assert_cmpuint (ring.end, ==, 10);
  append (&ring, 5);
  g_assert_cmpuint (get (&ring, 10), ==, 5);

  for (i = 7; i < 10; i++)
    g_assert_cmpuint (get (&copy, i), ==, i);
  weir_ring_clear (&ring);
  weir_ring_clear (&copy);
}

/* It grows with what it holds, in the middle of a round too. */
static void
test_ring_grows (void)
{
  WeirRing ring;
  guint64 i;

  weir_ring_init (&ring, sizeof (guint32), 1000);
  for (i = 0; i < 100; i++)
    append (&ring, (guint32) i);
  weir_ring_drop (&ring, 90);
  for (; i < 500; i++)
    append (&ring, (guint32) i);
  g_assert_cmpuint (ring.first, ==, 90);
  g_assert_cmpuint (ring.capacity, >=, 410);
  g_assert_cmpuint (ring.capacity, <=, 410 * 5 / 4 + 1);
  for (i = ring.first; i < ring.end; i++)
    g_assert_cmpuint (get (&ring, i), ==, i);
  for (i = ring.end; i < 5000; i++)
    append (&ring, (guint32) i);
  g_assert_cmpuint (ring.capacity, ==, 1000);
  g_assert_cmpuint (ring.first, ==, 4000);
  weir_ring_clear (&ring);
}

/* ---- History ---- */

static gint64
get_look_time (const WeirHistory *history, guint64 number)
{
  return ((WeirHistoryLook *) weir_ring_get (&history->looks, number))->time;
}

static void
test_expiry (void)
{
  g_autoptr (GArray) frames = film_new (1, 30);
  g_autoptr (GArray) sound = sound_new (1, 30);
  g_autoptr (Recorder) recorder = recorder_new (10);
  WeirHistory *history = recorder->history;
  gint64 oldest, end;

  g_assert_cmpint (weir_history_get_newest (history), ==, G_MININT64);
  recorder_play (recorder, frames, sound, 0, 5 * SECOND);
  g_assert_cmpuint (history->looks.end - history->looks.first, ==, 125);
  recorder_play (recorder, frames, sound, 5 * SECOND, 30 * SECOND);

  end = weir_history_get_newest (history);
  oldest = end - 10 * SECOND;
  g_assert_cmpint (get_look_time (history, history->looks.first), >=, oldest);
  g_assert_cmpint (
      get_look_time (history, history->looks.first), <, oldest + FRAME);
  g_assert_cmpuint (history->looks.end, ==, 750);
  g_assert_cmpuint (history->looks.end - history->looks.first, ==, 250);
  /* Steps last 32 ms; the newest are still to come. */
  g_assert_cmpuint (history->bands.end - history->bands.first, <=, 315);
  g_assert_cmpuint (history->bands.end - history->bands.first, >=, 305);
  g_assert_cmpuint (history->steps.end - history->steps.first, <=, 315);
  g_assert_cmpuint (history->steps.end - history->steps.first, >=, 300);
  g_assert_cmpuint (history->peaks.first, >, 0);
  g_assert_cmpuint (history->landmarks.first, >, 0);
  g_assert_cmpuint (history->peaks.end - history->peaks.first, >, 50);
  g_assert_cmpuint (history->landmarks.end - history->landmarks.first, >, 50);
  g_assert_cmpuint (history->runs.end - history->runs.first, ==, 1);
  g_assert_cmpuint (history->marks.end - history->marks.first, <=, 12);
}

/* One medium goes on without the other, which expires all the same. */
static void
test_silence (void)
{
  g_autoptr (GArray) frames = film_new (1, 30);
  g_autoptr (GArray) sound = sound_new (1, 30);
  g_autoptr (Recorder) recorder = recorder_new (5);
  WeirHistory *history = recorder->history;

  recorder_play (recorder, NULL, sound, 0, 8 * SECOND);
  recorder_restart_sound (recorder);
  recorder_play (recorder, frames, NULL, 0, 6 * SECOND);
  g_assert_true (weir_ring_is_empty (&history->peaks));
  g_assert_true (weir_ring_is_empty (&history->bands));
  g_assert_true (weir_ring_is_empty (&history->landmarks));
  g_assert_true (weir_ring_is_empty (&history->steps));
  recorder_play (recorder, NULL, sound, 8 * SECOND, 9 * SECOND);
  g_assert_cmpuint (history->runs.end - history->runs.first, ==, 1);
  g_assert_false (weir_ring_is_empty (&history->bands));
}

/* Whatever the frame rate, its memory is what it said it may be. */
static void
test_bound (void)
{
  g_autoptr (GArray) frames = film_new (1, 60);
  g_autoptr (Recorder) recorder = recorder_new (20);
  WeirHistory *history = recorder->history;
  g_autoptr (WeirHistory) long_one = weir_history_new (600);
  guint n_looks;

  recorder->frame_step = 5 * MS;
  recorder_play (recorder, frames, NULL, 0, 60 * SECOND);
  n_looks = (guint) (history->looks.end - history->looks.first);
  g_assert_cmpuint (n_looks, <=, 20 * 34);
  g_assert_cmpuint (n_looks, >=, 20 * 30);
  /* None gave way for want of room. */
  g_assert_cmpint (get_look_time (history, history->looks.first), <,
      history->newest - 20 * SECOND + 35 * MS);
  g_assert_cmpuint (weir_history_get_max_size (long_one), <=, 15600 * 600);
}

static void
test_views (void)
{
  g_autoptr (WeirHistory) history = weir_history_new (10);
  WeirFrame frame = { .n_looks = 7 };
  WeirStamp stamp = stream_stamp (0);
  const WeirHistoryShown *shown;
  const WeirHistoryLook *look;

  frame.looks[0] =
      (WeirLook){ .quality = 100, .hash = { { 1 } }, .firm = { { 7 } } };
  frame.looks[1] = (WeirLook){ .quality = WEIR_PDQ_MIN_QUALITY,
    .hash = { { 2 } },
    .view = WEIR_VIEW_UNBORDERED,
    .edits = WEIR_EDIT_BORDERED };
  frame.looks[2] = (WeirLook){ .quality = WEIR_PDQ_MIN_QUALITY - 1,
    .firm_bits = WEIR_FIRM_MIN_BITS - 1,
    .view = WEIR_VIEW_TOP_LEFT };
  frame.looks[3] =
      (WeirLook){ .quality = 100, .hash = { { 4 } }, .view = WEIR_VIEW_MIDDLE };
  frame.looks[4] = (WeirLook){
    .quality = 100, .view = WEIR_VIEW_BOTTOM_LEFT, .edits = WEIR_EDIT_CROPPED
  };
  frame.looks[5] = (WeirLook){
    .quality = 100, .view = WEIR_VIEW_UNBORDERED, .edits = WEIR_EDIT_INSET
  };
  frame.looks[6] = (WeirLook){ .quality = 3,
    .firm_bits = WEIR_FIRM_MIN_BITS,
    .view = WEIR_VIEW_BOTTOM_RIGHT };
  weir_history_add_video (history, &stamp, &frame);
  g_assert_cmpuint (history->looks.end, ==, 4);
  look = weir_ring_get (&history->looks, 3);
  g_assert_cmpuint (look->view, ==, WEIR_VIEW_BOTTOM_RIGHT);
  g_assert_cmpuint (look->quality, ==, 3);
  g_assert_cmpuint (look->firm_bits, ==, WEIR_FIRM_MIN_BITS);
  look = weir_ring_get (&history->looks, 1);
  g_assert_cmpuint (look->view, ==, WEIR_VIEW_UNBORDERED);
  g_assert_cmpuint (look->edits, ==, WEIR_EDIT_BORDERED);
  g_assert_cmpuint (look->hash.words[0], ==, 2);
  g_assert_cmpuint (history->shown.end, ==, 1);
  shown = weir_ring_get (&history->shown, 0);
  g_assert_cmpint (shown->time, ==, look->time);
  g_assert_cmpuint (shown->hash.words[0], ==, 1);
  g_assert_cmpuint (shown->firm.words[0], ==, 7);

  /* A part is due later than a whole. */
  stamp = stream_stamp (FRAME);
  weir_history_add_video (history, &stamp, &frame);
  g_assert_cmpuint (history->looks.end, ==, 6);
  stamp = stream_stamp (5 * FRAME);
  weir_history_add_video (history, &stamp, &frame);
  g_assert_cmpuint (history->looks.end, ==, 10);

  /* What was shown is known of a frame without weight whose parts have some. */
  frame.looks[0].quality = 0;
  stamp = stream_stamp (10 * FRAME);
  weir_history_add_video (history, &stamp, &frame);
  g_assert_cmpuint (history->looks.end, ==, 13);
  g_assert_cmpuint (history->shown.end, ==, 4);
  frame.n_looks = 1;
  stamp = stream_stamp (15 * FRAME);
  weir_history_add_video (history, &stamp, &frame);
  g_assert_cmpuint (history->shown.end, ==, 4);
}

/* Parts that come at frames between those of the whole make more frames than
 * there is room for: no look stays without its frame. */
static void
test_shown (void)
{
  const gint64 step = 16 * MS;
  g_autoptr (WeirHistory) history = weir_history_new (10);
  WeirFrame frame = { .n_looks = 2 };
  const WeirHistoryShown *oldest;
  guint i;

  frame.looks[0] = (WeirLook){ .quality = 100, .hash = { { 1 } } };
  frame.looks[1] = (WeirLook){ .quality = 100, .hash = { { 2 } } };
  for (i = 0; i < 1000; i++) {
    WeirStamp stamp = stream_stamp (i * step);

    frame.looks[0].quality = i % 2 == 0 ? 100 : 0;
    frame.n_looks = 1 + i % 2;
    frame.looks[1].view = (WeirView) (WEIR_VIEW_TOP_LEFT + i / 2 % 9);
    weir_history_add_video (history, &stamp, &frame);
  }
  oldest = weir_ring_get (&history->shown, history->shown.first);
  g_assert_cmpint (oldest->time, >, history->newest - 9 * SECOND);
  g_assert_cmpint (
      get_look_time (history, history->looks.first), ==, oldest->time);
}

static void
assert_stamp (const WeirHistory *history, gint64 time, gint64 stream_time)
{
  WeirStamp stamp, expected = stream_stamp (stream_time);

  weir_history_get_stamp (history, time, &stamp);
  g_assert_cmpint (stamp.time, ==, time);
  g_assert_cmpuint (stamp.timestamp, ==, expected.timestamp);
  g_assert_cmpuint (stamp.stream_time, ==, expected.stream_time);
  g_assert_cmpuint (stamp.running_time, ==, expected.running_time);
  g_assert_cmpint (stamp.arrival, ==, expected.arrival);
}

/* The stream's times may start anew, or jump; what is there stays. */
static void
test_clocks (void)
{
  g_autoptr (GArray) frames = film_new (1, 30);
  g_autoptr (Recorder) recorder = recorder_new (20);
  WeirHistory *history = recorder->history;
  gint64 first, second;

  recorder->time = 100 * SECOND;
  recorder_play (recorder, frames, NULL, 0, 5 * SECOND);
  first = get_look_time (history, 0);
  recorder->time = 0;
  recorder_play (recorder, frames, NULL, 5 * SECOND, 10 * SECOND);
  second = get_look_time (history, 125);
  g_assert_cmpuint (history->looks.end, ==, 250);
  g_assert_cmpint (second, >, get_look_time (history, 124));
  g_assert_cmpint (second, <, get_look_time (history, 124) + FRAME);
  assert_stamp (history, first, 100 * SECOND);
  assert_stamp (history, first + 4 * SECOND, 104 * SECOND);
  assert_stamp (history, second, 0);
  assert_stamp (history, second + 4321 * MS, 4321 * MS);

  weir_history_restart (history);
  recorder->time = 3 * SECOND;
  recorder_play (recorder, frames, NULL, 10 * SECOND, 11 * SECOND);
  assert_stamp (history, get_look_time (history, 250), 3 * SECOND);
  g_assert_cmpuint (history->looks.end, ==, 275);
}

/* More gaps in the sound than can be told apart: the oldest go. */
static void
test_gaps (void)
{
  g_autoptr (GArray) sound = sound_new (1, 30);
  g_autoptr (Recorder) recorder = recorder_new (600);
  WeirHistory *history = recorder->history;
  const WeirHistoryRun *first;
  guint i;

  for (i = 0; i < 300; i++) {
    recorder_play (recorder, NULL, sound, 0, SECOND);
    recorder_restart_sound (recorder);
  }
  g_assert_cmpuint (history->runs.end, ==, 300);
  g_assert_cmpuint (history->runs.first, ==, 44);
  first = weir_ring_get (&history->runs, history->runs.first);
  g_assert_cmpuint (history->bands.first, ==, first->first_bands);
  g_assert_cmpuint (history->peaks.first, ==, first->first_peak);
}

/* A stream that jumps by years, to and fro, does not carry the line away. */
static void
test_far (void)
{
  g_autoptr (GArray) frames = film_new (1, 30);
  g_autoptr (Recorder) recorder = recorder_new (10);
  WeirHistory *history = recorder->history;
  guint i;

  for (i = 0; i < 20; i++) {
    guint64 before = history->looks.end;

    recorder->time = i % 2 == 0 ? 0 : WEIR_TIME_MAX - 2 * SECOND;
    recorder_play (recorder, frames, NULL, 0, SECOND);
    g_assert_cmpuint (history->looks.end, ==, before + 25);
    g_assert_cmpuint (history->looks.first, <=, before);
    g_assert_cmpint (weir_history_get_newest (history), >, 0);
    g_assert_cmpint (
        weir_history_get_newest (history), <, WEIR_TIME_MAX * 2 + SECOND);
  }
}

/* What is packed comes back as it was but for what the packing rounds. */
static void
test_packing (void)
{
  g_autoptr (GArray) sound = sound_new (1, 5);
  g_autoptr (WeirHistory) history = weir_history_new (10);
  g_autoptr (WeirLandmarkExtractor) extractor =
      weir_landmark_extractor_new (WEIR_LANDMARK_QUERY);
  g_autoptr (WeirSound) heard = weir_sound_new ();
  g_autoptr (WeirSound) none = weir_sound_new ();
  WeirStamp stamp = stream_stamp (5 * SECOND);
  guint i, k;

  weir_landmark_extractor_push (
      extractor, (const gfloat *) sound->data, sound->len, heard);
  weir_history_add_sound (history, &stamp, 0, heard, none);
  g_assert_cmpuint (heard->peaks->len, >, 50);
  g_assert_cmpuint (history->peaks.end, ==, heard->peaks->len);
  g_assert_cmpuint (history->bands.end, ==, heard->bands->len);
  for (i = 0; i < heard->peaks->len; i++) {
    const WeirSoundPeak *peak = &g_array_index (heard->peaks, WeirSoundPeak, i);
    WeirSoundPeak kept =
        weir_history_unpack_peak (weir_ring_get (&history->peaks, i));

    g_assert_cmpuint (kept.row, ==, peak->row);
    g_assert_cmpint (kept.is_wide, ==, peak->is_wide);
    g_assert_cmpfloat_with_epsilon (kept.bin, peak->bin, 0.501 / 256);
    g_assert_cmpfloat_with_epsilon (kept.row_offset, peak->row_offset, 1e-4);
  }
  for (i = 0; i < heard->bands->len; i++) {
    const WeirSoundBands *bands =
        &g_array_index (heard->bands, WeirSoundBands, i);
    WeirSoundBands kept =
        weir_history_unpack_bands (weir_ring_get (&history->bands, i));

    for (k = 0; k < WEIR_SOUND_N_BANDS; k++) {
      g_assert_cmpfloat_with_epsilon (
          kept.levels[k], CLAMP (bands->levels[k], -31, 0.875), 0.0626);
      g_assert_cmpfloat_with_epsilon (
          kept.highest[k], CLAMP (bands->highest[k], -31, 0.875), 0.0626);
    }
  }
}

static void
test_copy (void)
{
  g_autoptr (GArray) frames = film_new (1, 30);
  g_autoptr (GArray) sound = sound_new (1, 30);
  g_autoptr (Recorder) recorder = recorder_new (10);
  WeirHistory *history = recorder->history;
  g_autoptr (WeirHistory) copy = NULL;
  guint64 i;

  recorder_play (recorder, frames, sound, 0, 25 * SECOND);
  copy = weir_history_copy (history);
  g_assert_cmpuint (copy->looks.first, ==, history->looks.first);
  g_assert_cmpuint (copy->looks.end, ==, history->looks.end);
  for (i = copy->looks.first; i < copy->looks.end; i++)
    g_assert_cmpmem (weir_ring_get (&copy->looks, i), sizeof (WeirHistoryLook),
        weir_ring_get (&history->looks, i), sizeof (WeirHistoryLook));
  for (i = copy->peaks.first; i < copy->peaks.end; i++)
    g_assert_cmpmem (weir_ring_get (&copy->peaks, i), sizeof (WeirHistoryPeak),
        weir_ring_get (&history->peaks, i), sizeof (WeirHistoryPeak));
  recorder_play (recorder, frames, sound, 0, 25 * SECOND);
  g_assert_cmpuint (copy->looks.end, ==, 625);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/history/ring", test_ring);
  g_test_add_func ("/history/ring-grows", test_ring_grows);
  g_test_add_func ("/history/expiry", test_expiry);
  g_test_add_func ("/history/silence", test_silence);
  g_test_add_func ("/history/bound", test_bound);
  g_test_add_func ("/history/views", test_views);
  g_test_add_func ("/history/shown", test_shown);
  g_test_add_func ("/history/clocks", test_clocks);
  g_test_add_func ("/history/gaps", test_gaps);
  g_test_add_func ("/history/far", test_far);
  g_test_add_func ("/history/packing", test_packing);
  g_test_add_func ("/history/copy", test_copy);
  return g_test_run ();
}
