/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Landmarks and steps of known sounds, and a query found in its
 * reference.
 */
#include "sound-samples.h"

#include "fingerprint/dense.h"
#include "fingerprint/peaks.h"
#include "fingerprint/prominence.h"
#include "fingerprint/step-levels.h"

#include <math.h>

/* Landmarks that follow from the definition: bins 37 and 58 are the middle
 * of cells 12 and 19. */
static void
test_known_sounds (void)
{
  const guint32 up = 12 << 13 | (36 + 21) << 6 | 25;
  const guint32 down = 19 << 13 | (36 - 31) << 6 | 15;
  const guint32 both = 12 << 13 | (36 - 10) << 6 | 40;
  g_autoptr (GArray) samples = samples_new (3 * WEIR_AUDIO_RATE);
  g_autoptr (GArray) references = NULL;
  g_autoptr (GArray) queries = NULL;

  add_burst (samples, 40, 37, 0.5);
  add_burst (samples, 65, 58, 0.4);
  add_burst (samples, 80, 27, 0.3);
  references = extract_landmarks (WEIR_LANDMARK_REFERENCE, samples, 500);
  g_assert_cmpuint (references->len, ==, 3);
  g_assert_cmphex (get_landmark (references, 0)->key, ==, up);
  g_assert_cmphex (get_landmark (references, 1)->key, ==, both);
  g_assert_cmphex (get_landmark (references, 2)->key, ==, down);
  for (guint i = 0; i < 3; i++) {
    guint64 time = (i < 2 ? 40 : 65) * 16 * MS + 64 * MS;

    g_assert_cmpuint (get_landmark (references, i)->anchor, ==, i < 2 ? 0 : 1);
    g_assert_cmpuint (get_landmark (references, i)->time, >=, time - 2 * MS);
    g_assert_cmpuint (get_landmark (references, i)->time, <=, time + 2 * MS);
  }

  /* two by two cells a pair; no anchor is near another cell */
  queries = extract_landmarks (WEIR_LANDMARK_QUERY, samples, 500);
  g_assert_cmpuint (queries->len, ==, 3 * 4);
}

static void
test_distinct (void)
{
  g_autoptr (GArray) samples = make_music (4);
  g_autoptr (GArray) queries =
      extract_landmarks (WEIR_LANDMARK_QUERY, samples, 4096);
  g_autoptr (GHashTable) seen =
      g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);

  for (guint i = 0; i < queries->len; i++) {
    gint64 both = (gint64) get_landmark (queries, i)->anchor << 32 |
                  get_landmark (queries, i)->key;

    g_assert_true (g_hash_table_add (seen, g_memdup2 (&both, sizeof (both))));
  }
}

/* What finish() gives belongs to the samples at the end. */
static void
test_finish (void)
{
  g_autoptr (GArray) samples = samples_new (40 * 128 + 1024 + 256);
  g_autoptr (WeirSound) sound = weir_sound_new ();
  g_autoptr (WeirLandmarkExtractor) extractor =
      weir_landmark_extractor_new (WEIR_LANDMARK_REFERENCE);
  guint32 key;

  add_burst (samples, 20, 37, 0.5);
  add_burst (samples, 36, 57, 0.5);
  weir_landmark_extractor_push (
      extractor, samples_data (samples), samples->len, sound);
  g_assert_cmpuint (sound->landmarks->len, ==, 0);
  weir_landmark_extractor_finish (extractor, sound);
  g_assert_cmpuint (sound->landmarks->len, ==, 1);
  key = g_array_index (sound->landmarks, WeirLandmark, 0).key;
  g_assert_cmphex (
      key, ==, (12 << 13 | 56 << 6 | 16) << WEIR_LANDMARK_BEFORE_BITS);
  /* 43 rows, of which all whole steps are known. */
  g_assert_cmpuint (sound->steps->len, ==, 21);
}

/* The peak before is in the lower bits, one of a query's neighbours. */
static void
test_before (void)
{
  g_autoptr (GArray) samples = samples_new (3 * WEIR_AUDIO_RATE);
  g_autoptr (WeirSound) reference = NULL;
  g_autoptr (WeirSound) query = NULL;
  const guint32 before = (64 - 31) << 6 | 30;
  guint16 befores[WEIR_PAIR_MAX_BEFORES];
  guint n_befores, n_right = 0;

  add_burst (samples, 20, 27, 0.5);
  add_burst (samples, 50, 58, 0.4);
  add_burst (samples, 100, 37, 0.3);
  reference = extract_sound (WEIR_LANDMARK_REFERENCE, samples, 500);
  query = extract_sound (WEIR_LANDMARK_QUERY, samples, 500);
  g_assert_cmpuint (reference->landmarks->len, ==, 2);
  g_assert_cmphex (g_array_index (reference->landmarks, WeirLandmark, 1).key,
      ==,
      (19u << 13 | (36 - 21) << 6 | 50) << WEIR_LANDMARK_BEFORE_BITS | before);

  g_assert_cmpuint (query->pairs->len, ==, 2);
  n_befores = weir_pair_get_befores (
      &g_array_index (query->pairs, WeirPair, 1), 1, befores);
  g_assert_cmpuint (n_befores, ==, 4);
  for (guint i = 0; i < n_befores; i++)
    n_right += befores[i] == before;
  g_assert_cmpuint (n_right, ==, 1);
}

/* A pair that is faster and higher has the keys of the original. */
static void
test_warp (void)
{
  const WeirPair pair = { .bin = 43,
    .bin_step = 5,
    .row_step = 20,
    .n_before = 1,
    .before = { { -7, 10 } } };
  guint32 keys[WEIR_PAIR_MAX_KEYS];
  guint16 befores[WEIR_PAIR_MAX_BEFORES];
  guint n_right = 0, n;

  n = weir_pair_get_keys (&pair, 1.1f, -6, keys);
  for (guint i = 0; i < n; i++)
    n_right += keys[i] == (12u << 13 | 41 << 6 | 22);
  g_assert_cmpuint (n_right, ==, 1);
  n = weir_pair_get_befores (&pair, 1.1f, befores);
  for (guint i = 0; i < n; i++)
    n_right += befores[i] == (57 << 6 | 11);
  g_assert_cmpuint (n_right, ==, 2);
  g_assert_cmpuint (weir_pair_get_keys (&pair, 1, 120, keys), ==, 0);
  g_assert_cmpuint (weir_pair_get_keys (&pair, 1, -44, keys), ==, 0);
}

/* Its prominent bits say where the bands of a query stand out. */
static guint
check_prominent (const GArray *steps, const GArray *bands, guint number)
{
  const WeirSoundBands *all = (const WeirSoundBands *) bands->data;
  const WeirSoundStep *step = &g_array_index (steps, WeirSoundStep, number);
  const WeirSoundBands *around[WEIR_PROMINENCE_AROUND];
  gfloat values[WEIR_SOUND_N_BANDS];
  gboolean is_loud =
      weir_sound_bands_get_loudest (&all[number]) >= WEIR_PEAKS_FLOOR;
  guint n = 0, n_set = 0;

  for (guint i = MAX (number, WEIR_PROMINENCE_BEFORE) - WEIR_PROMINENCE_BEFORE;
       i <= number + WEIR_PROMINENCE_AFTER; i++)
    around[n++] = &all[i];
  weir_prominence_get (&all[number], around, n, values);
  for (guint i = 0; i < WEIR_DENSE_PROMINENT_BITS; i++) {
    gboolean bit = weir_dense_get_bit (step, WEIR_DENSE_SHORT_BITS + i);

    g_assert_cmpint (bit, ==, is_loud && values[i] > WEIR_DENSE_PROMINENT);
    n_set += bit != 0;
  }
  return n_set;
}

/* Levels are of the same bands that a query hears, by turns. */
static void
check_levels (GArray *steps, GArray *bands, guint number)
{
  WeirSoundStep expected = { 0 };
  const WeirSoundStep *step = &g_array_index (steps, WeirSoundStep, number);
  const WeirSoundBands *heard = &g_array_index (bands, WeirSoundBands, number);

  weir_step_levels_pack (&expected, heard->highest, number % 2);
  g_assert_cmpuint (step->top, ==, expected.top);
  g_assert_cmpmem (step->levels, sizeof (step->levels), expected.levels,
      sizeof (expected.levels));
  for (guint i = 0; i < WEIR_SOUND_N_BANDS; i++)
    g_assert_cmpfloat (heard->highest[i], >=, heard->levels[i] - 1e-4);
}

/* Peaks lie where the bursts are, and bits are what they are defined as. */
static void
test_steps (void)
{
  g_autoptr (GArray) samples = samples_new (3 * WEIR_AUDIO_RATE);
  g_autoptr (WeirSound) reference = NULL;
  g_autoptr (WeirSound) query = NULL;
  guint n_prominent = 0;

  add_burst (samples, 41, 37, 0.5);
  add_burst (samples, 41, 88, 0.3);
  add_burst (samples, 41, 120, 0.1);
  reference = extract_sound (WEIR_LANDMARK_REFERENCE, samples, 500);
  query = extract_sound (WEIR_LANDMARK_QUERY, samples, 500);
  for (guint i = 0; i < reference->steps->len; i++) {
    const WeirSoundStep *step =
        &g_array_index (reference->steps, WeirSoundStep, i);

    g_assert_cmpuint (step->peaks[0], ==, WEIR_SOUND_NO_PEAK);
    g_assert_cmpuint (step->peaks[2], ==, i == 20 ? 37 : WEIR_SOUND_NO_PEAK);
    g_assert_cmpuint (step->peaks[3], ==, i == 20 ? 88 : WEIR_SOUND_NO_PEAK);
  }
  g_assert_cmpuint (query->peaks->len, ==, 3);
  g_assert_cmpuint (g_array_index (query->peaks, WeirSoundPeak, 1).row, ==, 41);

  for (guint i = 3; i < reference->steps->len; i++) {
    const gfloat *now = g_array_index (query->bands, WeirSoundBands, i).levels;
    const gfloat *then =
        g_array_index (query->bands, WeirSoundBands, i - 3).levels;

    for (guint j = 0; j < WEIR_DENSE_SHORT_BITS; j++) {
      gfloat change =
          (now[2 * j] + now[2 * j + 1] - now[2 * j + 2] - now[2 * j + 3]) -
          (then[2 * j] + then[2 * j + 1] - then[2 * j + 2] - then[2 * j + 3]);

      g_assert_cmpint (
          weir_dense_get_bit (
              &g_array_index (reference->steps, WeirSoundStep, i), j),
          ==, change > 0);
    }
  }
  for (guint i = 0; i < reference->steps->len; i++)
    check_levels (reference->steps, query->bands, i);
  g_assert_cmpuint (
      g_array_index (reference->steps, WeirSoundStep, 20).top, >, 0);
  g_assert_cmpuint (
      g_array_index (reference->steps, WeirSoundStep, 60).top, ==, 0);
  for (guint i = 0; i + WEIR_PROMINENCE_AFTER < reference->steps->len; i++)
    n_prominent += check_prominent (reference->steps, query->bands, i);
  g_assert_cmpuint (n_prominent, >, 6);
  g_assert_cmpuint (n_prominent, <, 200);
}

/* Share of the references' landmarks with a query of the same key at
 * @offset ns. */
static gdouble
share_found (GArray *references, GArray *queries, gint64 offset)
{
  guint n_found = 0;

  for (guint i = 0; i < references->len; i++) {
    const WeirLandmark *reference = get_landmark (references, i);

    for (guint j = 0; j < queries->len; j++) {
      const WeirLandmark *query = get_landmark (queries, j);
      gint64 error = (gint64) (reference->time - query->time) - offset;

      if (query->key == reference->key && ABS (error) <= 32 * (gint64) MS) {
        n_found++;
        break;
      }
    }
  }

  return (gdouble) n_found / references->len;
}

/* Highest share of pairs of equal keys on any line of 64 ms. */
static gdouble
best_share (GArray *references, GArray *queries)
{
  guint counts[2 * MUSIC_SECONDS * 1000 / 64 + 1] = { 0 };
  guint best = 0;

  for (guint i = 0; i < references->len; i++) {
    for (guint j = 0; j < queries->len; j++) {
      const WeirLandmark *reference = get_landmark (references, i);
      const WeirLandmark *query = get_landmark (queries, j);

      if (query->key == reference->key) {
        guint64 shifted =
            reference->time + MUSIC_SECONDS * 1000 * MS - query->time;
        guint line = (guint) (shifted / (64 * MS));

        counts[line]++;
        best = MAX (best, counts[line]);
      }
    }
  }

  return (gdouble) best / references->len;
}

static void
test_match (void)
{
  const guint n_skipped = 1234;
  guint32 state = 9;
  g_autoptr (GArray) samples = make_music (10);
  g_autoptr (GArray) other = make_music (11);
  g_autoptr (GArray) references = NULL;
  g_autoptr (GArray) queries = NULL;
  g_autoptr (GArray) others = NULL;
  gdouble power = 0;
  gdouble amplitude, found, chance;

  references = extract_landmarks (WEIR_LANDMARK_REFERENCE, samples, 4096);
  others = extract_landmarks (WEIR_LANDMARK_QUERY, other, 4096);
  g_array_remove_range (samples, 0, n_skipped);
  for (guint i = 0; i < samples->len; i++)
    power +=
        samples_data (samples)[i] * samples_data (samples)[i] / samples->len;
  /* even noise of -1..1 has a power of 1/3 */
  amplitude = sqrt (3 * power / 100);
  for (guint i = 0; i < samples->len; i++)
    samples_data (samples)[i] =
        0.1f *
        (samples_data (samples)[i] + (gfloat) amplitude * next_noise (&state));
  queries = extract_landmarks (WEIR_LANDMARK_QUERY, samples, 4096);

  found = share_found (references, queries, n_skipped * 125000);
  chance = best_share (references, others);
  g_test_message ("%u references, %u queries: %.3f found, %.3f by chance",
      references->len, queries->len, found, chance);
  g_assert_cmpfloat (found, >, 0.9);
  g_assert_cmpfloat (chance, <, 0.04);
}

/* A clean copy has nearly all of its reference's keys. */
static void
test_superset (void)
{
  g_autoptr (GArray) samples = make_music (12);
  g_autoptr (GArray) references =
      extract_landmarks (WEIR_LANDMARK_REFERENCE, samples, 4096);
  g_autoptr (GArray) queries =
      extract_landmarks (WEIR_LANDMARK_QUERY, samples, 4096);
  gdouble found = share_found (references, queries, 0);

  g_test_message ("%.3f found", found);
  g_assert_cmpfloat (found, >, 0.95);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/landmark/known-sounds", test_known_sounds);
  g_test_add_func ("/landmark/distinct", test_distinct);
  g_test_add_func ("/landmark/finish", test_finish);
  g_test_add_func ("/landmark/before", test_before);
  g_test_add_func ("/landmark/warp", test_warp);
  g_test_add_func ("/landmark/steps", test_steps);
  g_test_add_func ("/landmark/match", test_match);
  g_test_add_func ("/landmark/superset", test_superset);
  return g_test_run ();
}
