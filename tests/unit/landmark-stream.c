/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The same fingerprint for any cut of the samples, in time, again after a
 * reset and in several threads.
 */
#include "sound-samples.h"

static void
assert_same_array (const GArray *a, const GArray *b, gsize size)
{
  g_assert_cmpmem (a->data, a->len * size, b->data, b->len * size);
}

static void
assert_same_sound (const WeirSound *a, const WeirSound *b)
{
  assert_same_array (a->landmarks, b->landmarks, sizeof (WeirLandmark));
  assert_same_array (a->steps, b->steps, sizeof (WeirSoundStep));
  assert_same_array (a->pairs, b->pairs, sizeof (WeirPair));
  assert_same_array (a->peaks, b->peaks, sizeof (WeirSoundPeak));
  assert_same_array (a->bands, b->bands, sizeof (WeirSoundBands));
  g_assert_cmpuint (a->n_rows, ==, b->n_rows);
}

static void
assert_valid (GArray *landmarks)
{
  for (guint i = 0; i < landmarks->len; i++) {
    guint32 key = get_landmark (landmarks, i)->key;

    g_assert_cmpuint (KEY_ANCHOR (key), <, 48);
    g_assert_cmpint (ABS (KEY_BIN_STEP (key)), <=, 36);
    g_assert_cmpuint (KEY_ROW_STEP (key), >=, 2);
  }
}

static void
test_pieces (void)
{
  static const guint pieces[] = { 1, 7, 128, 1000, 100000 };
  g_autoptr (GArray) samples = make_music (1);

  for (guint use = 0; use < 2; use++) {
    g_autoptr (WeirSound) whole =
        extract_sound ((WeirLandmarkUse) use, samples, samples->len);
    g_autoptr (GArray) landmarks = get_landmarks (whole);

    g_assert_cmpuint (landmarks->len, >, 400);
    assert_valid (landmarks);
    for (guint i = 0; i < G_N_ELEMENTS (pieces); i++) {
      g_autoptr (WeirSound) cut =
          extract_sound ((WeirLandmarkUse) use, samples, pieces[i]);

      assert_same_sound (whole, cut);
    }
  }
}

static void
test_reset (void)
{
  g_autoptr (GArray) samples = make_music (2);
  g_autoptr (WeirSound) sound = weir_sound_new ();
  g_autoptr (WeirSound) first =
      extract_sound (WEIR_LANDMARK_QUERY, samples, 777);
  g_autoptr (WeirLandmarkExtractor) extractor =
      weir_landmark_extractor_new (WEIR_LANDMARK_QUERY);

  weir_landmark_extractor_push (
      extractor, samples_data (samples), 40001, sound);
  for (guint i = 0; i < 2; i++) {
    weir_landmark_extractor_reset (extractor);
    weir_sound_reset (sound);
    feed_sound (extractor, samples, 777, sound);
    assert_same_sound (sound, first);
  }
}

/* What is used as it comes is all there is, and is counted. */
static void
test_consume (void)
{
  g_autoptr (GArray) samples = make_music (2);
  g_autoptr (WeirSound) whole =
      extract_sound (WEIR_LANDMARK_REFERENCE, samples, 777);
  g_autoptr (WeirSound) sound = weir_sound_new ();
  g_autoptr (WeirLandmarkExtractor) extractor =
      weir_landmark_extractor_new (WEIR_LANDMARK_REFERENCE);

  for (guint i = 0; i + 800 <= samples->len; i += 800) {
    weir_landmark_extractor_push (
        extractor, samples_data (samples) + i, 800, sound);
    g_assert_cmpuint (
        sound->first_step + sound->steps->len, <=, whole->steps->len);
    g_assert_cmpmem (sound->steps->data,
        sound->steps->len * sizeof (WeirSoundStep),
        &g_array_index (whole->steps, WeirSoundStep, sound->first_step),
        sound->steps->len * sizeof (WeirSoundStep));
    weir_sound_consume (sound);
  }
  g_assert_cmpuint (sound->first_step, >, MUSIC_SECONDS * 31 - 10);
}

/* Row by row: nothing comes before its second peak is over, nor late. */
static void
test_delay (void)
{
  g_autoptr (GArray) samples = make_music (3);
  g_autoptr (WeirSound) sound = weir_sound_new ();
  g_autoptr (WeirLandmarkExtractor) extractor =
      weir_landmark_extractor_new (WEIR_LANDMARK_REFERENCE);
  guint64 previous = 0;

  for (guint i = 0; i + 128 <= samples->len; i += 128) {
    guint64 now = (i + 128) * 125000ull;
    g_autoptr (GArray) landmarks = NULL;

    weir_sound_consume (sound);
    weir_landmark_extractor_push (
        extractor, samples_data (samples) + i, 128, sound);
    landmarks = get_landmarks (sound);
    for (guint j = 0; j < landmarks->len; j++) {
      const WeirLandmark *landmark = get_landmark (landmarks, j);
      guint64 second = landmark->time + KEY_ROW_STEP (landmark->key) * 16 * MS;

      g_assert_cmpuint (now - landmark->time, <=, 1250 * MS);
      g_assert_cmpuint (second, <, now);
      g_assert_cmpuint (second + 32 * MS, >=, previous);
      previous = second;
    }
  }
  g_assert_cmpuint (previous, >, 10000 * MS);
}

static void
test_short (void)
{
  g_autoptr (GArray) samples = make_music (8);

  for (guint use = 0; use < 2; use++) {
    static const guint lengths[] = { 0, 1, 1023, 1024, 1152, 1279, 3000 };

    for (guint i = 0; i < G_N_ELEMENTS (lengths); i++) {
      g_autoptr (GArray) landmarks = NULL;

      g_array_set_size (samples, lengths[G_N_ELEMENTS (lengths) - 1 - i]);
      landmarks = extract_landmarks ((WeirLandmarkUse) use, samples, 100);
      if (samples->len < 1280)
        g_assert_cmpuint (landmarks->len, ==, 0);
    }
  }
}

static gpointer
extract_in_thread (gpointer samples)
{
  return extract_landmarks (WEIR_LANDMARK_QUERY, samples, 555);
}

static void
test_threads (void)
{
  GThread *threads[4];
  g_autoptr (GArray) samples = make_music (13);
  g_autoptr (GArray) alone = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("extract", extract_in_thread, samples);
  alone = extract_landmarks (WEIR_LANDMARK_QUERY, samples, 555);
  g_assert_cmpuint (alone->len, >, 1000);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++) {
    g_autoptr (GArray) landmarks = g_thread_join (threads[i]);

    assert_same_landmarks (landmarks, alone);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  /* First, so that several threads want the shared plan at once. */
  g_test_add_func ("/landmark-stream/threads", test_threads);
  g_test_add_func ("/landmark-stream/pieces", test_pieces);
  g_test_add_func ("/landmark-stream/reset", test_reset);
  g_test_add_func ("/landmark-stream/consume", test_consume);
  g_test_add_func ("/landmark-stream/delay", test_delay);
  g_test_add_func ("/landmark-stream/short", test_short);
  return g_test_run ();
}
