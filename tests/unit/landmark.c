/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The audio landmarks and their parts: levels of the spectrum, peaks against
 * a plain search, landmarks of known sounds, the same landmarks for any cut
 * of the samples, hostile samples, and a query found in its reference.
 */
#include "fingerprint/landmark.h"
#include "fingerprint/dense.h"
#include "fingerprint/peaks.h"
#include "fingerprint/spectrum.h"

#include <math.h>
#include <string.h>

#define MUSIC_SECONDS     12
#define KEY_ANCHOR(key)   ((key) >> 13)
#define KEY_BIN_STEP(key) ((gint) ((key) >> 6 & 127) - 36)
#define KEY_ROW_STEP(key) ((key) &63)
#define MS                G_GUINT64_CONSTANT (1000000)

static guint32
next_random (guint32 *state)
{
  *state = *state * 1664525u + 1013904223u;

  return *state >> 8;
}

/* -1..1 */
static gfloat
next_noise (guint32 *state)
{
  return (gfloat) next_random (state) / (gfloat) (1 << 23) - 1;
}

static GArray *
new_samples (guint n_samples)
{
  GArray *samples = g_array_new (FALSE, TRUE, sizeof (gfloat));

  g_array_set_size (samples, n_samples);

  return samples;
}

static gfloat *
data (GArray *samples)
{
  return &g_array_index (samples, gfloat, 0);
}

static GArray *
make_tone (gdouble frequency, gdouble amplitude, guint seconds)
{
  GArray *samples = new_samples (seconds * WEIR_AUDIO_RATE);

  for (guint i = 0; i < samples->len; i++)
    data (samples)[i] =
        (gfloat) (amplitude * sin (2 * G_PI * frequency * i / WEIR_AUDIO_RATE));

  return samples;
}

static void
add_note (GArray *samples, guint start, gdouble frequency, gdouble amplitude)
{
  for (guint i = start; i < samples->len && i < start + 6000; i++) {
    gdouble age = (gdouble) (i - start) / WEIR_AUDIO_RATE;
    gdouble attack = MIN (age / 0.01, 1);
    gdouble phase = 2 * G_PI * frequency * age;
    gdouble sound = sin (phase) + 0.5 * sin (2 * phase) + 0.3 * sin (3 * phase);

    data (samples)[i] += (gfloat) (amplitude * attack * exp (-5 * age) * sound);
  }
}

/* Two voices of decaying notes in semitones; another @seed, another tune. */
static GArray *
make_music (guint32 seed)
{
  GArray *samples = new_samples (MUSIC_SECONDS * WEIR_AUDIO_RATE);
  guint32 state = seed;

  for (guint start = 0; start < samples->len;
       start += 700 + next_random (&state) % 900) {
    guint semitone = next_random (&state) % 36;
    gdouble amplitude = 0.08 + 0.1 * (next_random (&state) % 100) / 100.0;

    add_note (samples, start, 220 * exp2 (semitone / 12.0), amplitude);
    add_note (samples, start + next_random (&state) % 400,
        220 * exp2 ((semitone + 7) % 36 / 12.0), amplitude);
  }

  return samples;
}

/* Feeds @samples in pieces of @n_piece and finishes. */
static void
feed (WeirLandmarkExtractor *extractor, GArray *samples, guint n_piece,
    WeirSound *sound)
{
  for (guint i = 0; i < samples->len; i += n_piece)
    weir_landmark_extractor_push (
        extractor, data (samples) + i, MIN (n_piece, samples->len - i), sound);
  weir_landmark_extractor_finish (extractor, sound);
}

static WeirSound *
extract_sound (WeirLandmarkUse use, GArray *samples, guint n_piece)
{
  WeirSound *sound = weir_sound_new ();
  g_autoptr (WeirLandmarkExtractor) extractor =
      weir_landmark_extractor_new (use);

  feed (extractor, samples, n_piece, sound);

  return sound;
}

/* Landmarks with the pair's part of their keys alone: those that a reference
 * has, or all by which a query's pairs are looked up. */
static GArray *
get_landmarks (const WeirSound *sound)
{
  GArray *landmarks = g_array_new (FALSE, FALSE, sizeof (WeirLandmark));

  for (guint i = 0; i < sound->landmarks->len; i++) {
    WeirLandmark landmark = g_array_index (sound->landmarks, WeirLandmark, i);

    landmark.key >>= WEIR_LANDMARK_BEFORE_BITS;
    g_array_append_val (landmarks, landmark);
  }
  for (guint i = 0; i < sound->pairs->len; i++) {
    const WeirPair *pair = &g_array_index (sound->pairs, WeirPair, i);
    WeirLandmark landmark = { .anchor = pair->anchor, .time = pair->time };
    guint32 keys[WEIR_PAIR_MAX_KEYS];
    guint n_keys = weir_pair_get_keys (pair, 1, 0, keys);

    for (guint j = 0; j < n_keys; j++) {
      landmark.key = keys[j];
      g_array_append_val (landmarks, landmark);
    }
  }

  return landmarks;
}

static GArray *
extract (WeirLandmarkUse use, GArray *samples, guint n_piece)
{
  g_autoptr (WeirSound) sound = extract_sound (use, samples, n_piece);

  return get_landmarks (sound);
}

static const WeirLandmark *
get (GArray *landmarks, guint i)
{
  return &g_array_index (landmarks, WeirLandmark, i);
}

static void
assert_same (GArray *a, GArray *b)
{
  g_assert_cmpmem (a->data, a->len * sizeof (WeirLandmark), b->data,
      b->len * sizeof (WeirLandmark));
}

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
    guint32 key = get (landmarks, i)->key;

    g_assert_cmpuint (KEY_ANCHOR (key), <, 48);
    g_assert_cmpint (ABS (KEY_BIN_STEP (key)), <=, 36);
    g_assert_cmpuint (KEY_ROW_STEP (key), >=, 2);
  }
}

static void
test_spectrum_level (void)
{
  /* bin 72 is two octaves up */
  g_autoptr (GArray) samples = make_tone (880, 1, 1);
  g_autoptr (WeirSpectrum) spectrum = weir_spectrum_new ();
  const gfloat *row = NULL;

  g_assert_cmpuint (
      weir_spectrum_push (spectrum, data (samples), 1000, &row), ==, 1000);
  g_assert_null (row);
  g_assert_cmpuint (
      weir_spectrum_push (spectrum, data (samples) + 1000, 7000, &row), ==, 24);
  g_assert_nonnull (row);
  g_assert_cmpfloat_with_epsilon (row[72], 0, 0.1);
  g_assert_cmpfloat (row[72], >, row[71]);
  g_assert_cmpfloat (row[72], >, row[73]);
  g_assert_cmpfloat (row[36], <, -20);

  weir_spectrum_reset (spectrum);
  data (samples)[0] = NAN;
  for (guint i = 1; i < 1024; i++)
    data (samples)[i] = 0;
  weir_spectrum_push (spectrum, data (samples), 1024, &row);
  for (guint i = 0; i < WEIR_SPECTRUM_N_BINS; i++)
    g_assert_cmpfloat (row[i], ==, WEIR_SPECTRUM_SILENCE);
}

/* Whether a place of the neighbourhood beats the bin, place by place. */
static gboolean
is_peak (GArray *rows, gint row, gint bin, gint row_radius, gint bin_radius)
{
  gint n_rows = (gint) rows->len / WEIR_SPECTRUM_N_BINS;
  const gfloat *levels = data (rows);
  gfloat level = levels[row * WEIR_SPECTRUM_N_BINS + bin];

  for (gint i = MAX (row - row_radius, 0);
       i <= MIN (row + row_radius, n_rows - 1); i++) {
    for (gint j = MAX (bin - bin_radius, 0);
         j <= MIN (bin + bin_radius, WEIR_SPECTRUM_N_BINS - 1); j++) {
      gfloat other = levels[i * WEIR_SPECTRUM_N_BINS + j];
      gboolean is_earlier = i < row || (i == row && j < bin);

      if (other > level || (is_earlier && other == level))
        return FALSE;
    }
  }

  return level >= WEIR_PEAKS_FLOOR;
}

static void
append_peaks (GArray *found, const WeirPeak *peaks, guint n_peaks)
{
  for (guint i = 0; i < n_peaks; i++) {
    guint place = (guint) peaks[i].row * WEIR_SPECTRUM_N_BINS +
                  (guint) ceilf (peaks[i].bin - 0.5f);

    g_assert_cmpfloat (ABS (peaks[i].row_offset), <=, 0.5);
    g_array_append_val (found, place);
  }
}

/* With few levels many are equal, and a peak beside its equal is placed half
 * way to it. */
static void
check_peaks (guint row_radius, guint bin_radius, guint n_levels)
{
  const guint n_rows = 90;
  guint32 state = n_levels;
  g_autoptr (GArray) rows = new_samples (n_rows * WEIR_SPECTRUM_N_BINS);
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autoptr (GArray) expected = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autoptr (WeirPeakPicker) picker =
      weir_peak_picker_new (row_radius, bin_radius);
  WeirPeak peaks[WEIR_PEAKS_MAX_IN_A_ROW];
  guint64 row, n_looked_at = 0;
  guint n_peaks;

  for (guint i = 0; i < rows->len; i++)
    data (rows)[i] =
        -30 * (gfloat) (next_random (&state) % n_levels) / (gfloat) n_levels;
  for (guint i = 0; i < n_rows; i++) {
    if (weir_peak_picker_push (picker, data (rows) + i * WEIR_SPECTRUM_N_BINS,
            &row, peaks, &n_peaks)) {
      g_assert_cmpuint (row, ==, n_looked_at++);
      g_assert_cmpuint (row + row_radius, ==, i);
    }
    append_peaks (found, peaks, n_peaks);
  }
  while (weir_peak_picker_drain (picker, &row, peaks, &n_peaks)) {
    g_assert_cmpuint (row, ==, n_looked_at++);
    append_peaks (found, peaks, n_peaks);
  }
  g_assert_cmpuint (n_looked_at, ==, n_rows);

  for (guint i = 1; i < n_rows - 1; i++)
    for (guint j = 1; j < WEIR_SPECTRUM_N_BINS - 1; j++)
      if (is_peak (
              rows, (gint) i, (gint) j, (gint) row_radius, (gint) bin_radius)) {
        guint place = i * WEIR_SPECTRUM_N_BINS + j;

        g_array_append_val (expected, place);
      }
  g_assert_cmpuint (expected->len, >, 5);
  g_assert_cmpmem (found->data, found->len * sizeof (guint), expected->data,
      expected->len * sizeof (guint));
}

static void
test_peaks (void)
{
  check_peaks (10, 7, 100000);
  check_peaks (10, 7, 90);
  check_peaks (7, 5, 100000);
  check_peaks (7, 5, 200);
  check_peaks (1, 5, 4);
  check_peaks (15, 15, 90);
}

/* A short sound with its middle at the middle of row @row. */
static void
add_burst (GArray *samples, gint row, gdouble bin, gdouble amplitude)
{
  gdouble frequency = 220 * exp2 (bin / 36);
  gint middle = row * 128 + 512;

  for (gint i = middle - 1200; i <= middle + 1200; i++) {
    gdouble age = (gdouble) (i - middle) / WEIR_AUDIO_RATE;
    gdouble envelope = amplitude * exp (-0.5 * pow (age / 0.025, 2));

    data (samples)[i] += (gfloat) (envelope * cos (2 * G_PI * frequency * age));
  }
}

/* Landmarks that follow from the definition: bins 37 and 58 are the middle
 * of cells 12 and 19. */
static void
test_known_sounds (void)
{
  const guint32 up = 12 << 13 | (36 + 21) << 6 | 25;
  const guint32 down = 19 << 13 | (36 - 31) << 6 | 15;
  const guint32 both = 12 << 13 | (36 - 10) << 6 | 40;
  g_autoptr (GArray) samples = new_samples (3 * WEIR_AUDIO_RATE);
  g_autoptr (GArray) references = NULL;
  g_autoptr (GArray) queries = NULL;

  add_burst (samples, 40, 37, 0.5);
  add_burst (samples, 65, 58, 0.4);
  add_burst (samples, 80, 27, 0.3);
  references = extract (WEIR_LANDMARK_REFERENCE, samples, 500);
  g_assert_cmpuint (references->len, ==, 3);
  g_assert_cmphex (get (references, 0)->key, ==, up);
  g_assert_cmphex (get (references, 1)->key, ==, both);
  g_assert_cmphex (get (references, 2)->key, ==, down);
  for (guint i = 0; i < 3; i++) {
    guint64 time = (i < 2 ? 40 : 65) * 16 * MS + 64 * MS;

    g_assert_cmpuint (get (references, i)->anchor, ==, i < 2 ? 0 : 1);
    g_assert_cmpuint (get (references, i)->time, >=, time - 2 * MS);
    g_assert_cmpuint (get (references, i)->time, <=, time + 2 * MS);
  }

  /* two by two cells a pair; no anchor is near another cell */
  queries = extract (WEIR_LANDMARK_QUERY, samples, 500);
  g_assert_cmpuint (queries->len, ==, 3 * 4);
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

  weir_landmark_extractor_push (extractor, data (samples), 40001, sound);
  for (guint i = 0; i < 2; i++) {
    weir_landmark_extractor_reset (extractor);
    weir_sound_reset (sound);
    feed (extractor, samples, 777, sound);
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
    weir_landmark_extractor_push (extractor, data (samples) + i, 800, sound);
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
    weir_landmark_extractor_push (extractor, data (samples) + i, 128, sound);
    landmarks = get_landmarks (sound);
    for (guint j = 0; j < landmarks->len; j++) {
      const WeirLandmark *landmark = get (landmarks, j);
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
test_distinct (void)
{
  g_autoptr (GArray) samples = make_music (4);
  g_autoptr (GArray) queries = extract (WEIR_LANDMARK_QUERY, samples, 4096);
  g_autoptr (GHashTable) seen =
      g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);

  for (guint i = 0; i < queries->len; i++) {
    gint64 both =
        (gint64) get (queries, i)->anchor << 32 | get (queries, i)->key;

    g_assert_true (g_hash_table_add (seen, g_memdup2 (&both, sizeof (both))));
  }
}

static void
test_featureless (void)
{
  static const gfloat levels[] = { 0, 1e-5f, 0.5f, 1, NAN, INFINITY };
  g_autoptr (GArray) samples = new_samples (5 * WEIR_AUDIO_RATE);

  for (guint i = 0; i < G_N_ELEMENTS (levels); i++)
    for (guint use = 0; use < 2; use++) {
      g_autoptr (GArray) landmarks = NULL;

      for (guint j = 0; j < samples->len; j++)
        data (samples)[j] = levels[i];
      landmarks = extract ((WeirLandmarkUse) use, samples, 4096);
      g_assert_cmpuint (landmarks->len, ==, 0);
    }
}

/* -75 dB of full scale in all: no bin reaches the floor. */
static void
test_faint (void)
{
  guint32 state = 5;
  g_autoptr (GArray) samples = new_samples (5 * WEIR_AUDIO_RATE);
  g_autoptr (GArray) landmarks = NULL;

  for (guint i = 0; i < samples->len; i++)
    data (samples)[i] = 2e-4f * next_noise (&state);
  landmarks = extract (WEIR_LANDMARK_QUERY, samples, 4096);
  g_assert_cmpuint (landmarks->len, ==, 0);
}

/* Not a number is silence and too loud is full scale, sample by sample. */
static void
test_hostile (void)
{
  static const gfloat hostile[] = { NAN, INFINITY, -INFINITY, 1e30f, -1e30f,
    -NAN };
  static const gfloat plain[] = { 0, 1, -1, 1, -1, 0 };
  g_autoptr (GArray) samples = make_music (6);
  g_autoptr (GArray) cleaned = make_music (6);
  g_autoptr (GArray) a = NULL;
  g_autoptr (GArray) b = NULL;
  guint32 state = 1;

  for (guint i = 0; i < samples->len; i += 1 + next_random (&state) % 999) {
    guint kind = next_random (&state) % G_N_ELEMENTS (plain);

    data (samples)[i] = hostile[kind];
    data (cleaned)[i] = plain[kind];
  }
  a = extract (WEIR_LANDMARK_QUERY, samples, 4096);
  b = extract (WEIR_LANDMARK_QUERY, cleaned, 4096);
  g_assert_cmpuint (a->len, >, 1000);
  assert_same (a, b);
}

static void
test_noise (void)
{
  guint32 state = 7;
  g_autoptr (GArray) samples = new_samples (10 * WEIR_AUDIO_RATE);

  for (guint i = 0; i < samples->len; i++)
    data (samples)[i] = next_noise (&state);
  for (guint use = 0; use < 2; use++) {
    g_autoptr (GArray) landmarks =
        extract ((WeirLandmarkUse) use, samples, 4096);

    assert_valid (landmarks);
    g_test_message ("use %u: %u landmarks", use, landmarks->len);
    g_assert_cmpuint (landmarks->len, >, 10 * (use == 0 ? 30 : 500));
    g_assert_cmpuint (landmarks->len, <, 10 * (use == 0 ? 100 : 2500));
  }
}

/* However the period fits the hop, a steady tone has no landmarks. */
static void
test_tone (void)
{
  static const gdouble frequencies[] = { 1000, 997, 440, 250, 3333.3 };

  for (guint i = 0; i < G_N_ELEMENTS (frequencies); i++)
    for (guint use = 0; use < 2; use++) {
      g_autoptr (GArray) samples = make_tone (frequencies[i], 0.9, 10);
      g_autoptr (GArray) landmarks =
          extract ((WeirLandmarkUse) use, samples, 4096);

      g_assert_cmpuint (landmarks->len, ==, 0);
    }
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
      landmarks = extract ((WeirLandmarkUse) use, samples, 100);
      if (samples->len < 1280)
        g_assert_cmpuint (landmarks->len, ==, 0);
    }
  }
}

/* What finish() gives belongs to the samples at the end. */
static void
test_finish (void)
{
  g_autoptr (GArray) samples = new_samples (40 * 128 + 1024 + 256);
  g_autoptr (WeirSound) sound = weir_sound_new ();
  g_autoptr (WeirLandmarkExtractor) extractor =
      weir_landmark_extractor_new (WEIR_LANDMARK_REFERENCE);
  guint32 key;

  add_burst (samples, 20, 37, 0.5);
  add_burst (samples, 36, 57, 0.5);
  weir_landmark_extractor_push (extractor, data (samples), samples->len, sound);
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
  g_autoptr (GArray) samples = new_samples (3 * WEIR_AUDIO_RATE);
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

/* Peaks lie where the bursts are, and bits are what they are defined as. */
static void
test_steps (void)
{
  g_autoptr (GArray) samples = new_samples (3 * WEIR_AUDIO_RATE);
  g_autoptr (WeirSound) reference = NULL;
  g_autoptr (WeirSound) query = NULL;

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
}

/* Share of the references' landmarks with a query of the same key at
 * @offset ns. */
static gdouble
share_found (GArray *references, GArray *queries, gint64 offset)
{
  guint n_found = 0;

  for (guint i = 0; i < references->len; i++) {
    const WeirLandmark *reference = get (references, i);

    for (guint j = 0; j < queries->len; j++) {
      const WeirLandmark *query = get (queries, j);
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
      const WeirLandmark *reference = get (references, i);
      const WeirLandmark *query = get (queries, j);

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

  references = extract (WEIR_LANDMARK_REFERENCE, samples, 4096);
  others = extract (WEIR_LANDMARK_QUERY, other, 4096);
  g_array_remove_range (samples, 0, n_skipped);
  for (guint i = 0; i < samples->len; i++)
    power += data (samples)[i] * data (samples)[i] / samples->len;
  /* even noise of -1..1 has a power of 1/3 */
  amplitude = sqrt (3 * power / 100);
  for (guint i = 0; i < samples->len; i++)
    data (samples)[i] =
        0.1f * (data (samples)[i] + (gfloat) amplitude * next_noise (&state));
  queries = extract (WEIR_LANDMARK_QUERY, samples, 4096);

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
      extract (WEIR_LANDMARK_REFERENCE, samples, 4096);
  g_autoptr (GArray) queries = extract (WEIR_LANDMARK_QUERY, samples, 4096);
  gdouble found = share_found (references, queries, 0);

  g_test_message ("%.3f found", found);
  g_assert_cmpfloat (found, >, 0.95);
}

/* Sound that is made of whole numbers, so that it is the same everywhere: notes
 * of triangle waves that fade, over noise 40 dB below. */
static GArray *
make_golden_sound (void)
{
  GArray *samples = new_samples (10 * WEIR_AUDIO_RATE);
  guint32 state = 14;

  for (guint start = 0; start < samples->len;
       start += 400 + next_random (&state) % 700) {
    guint step = 2000 + next_random (&state) % 20000; /* of 65536 a period */
    guint length = 1500 + next_random (&state) % 3000;

    for (guint i = 0; i < length && start + i < samples->len; i++) {
      gint phase = (gint) (i * step & 65535) - 32768;
      gint wave = 2 * ABS (phase) - 32768;
      gint value = wave * (gint) (length - i) / (gint) length;

      data (samples)[start + i] += (gfloat) value / 131072;
    }
  }
  for (guint i = 0; i < samples->len; i++)
    data (samples)[i] += next_noise (&state) / 256;

  return samples;
}

static gchar *
get_checksum (const WeirSound *sound)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);

  for (guint i = 0; i < sound->landmarks->len; i++) {
    const WeirLandmark *landmark =
        &g_array_index (sound->landmarks, WeirLandmark, i);
    guint32 time = (guint32) (landmark->time / MS);

    g_checksum_update (checksum, (const guchar *) &landmark->key, 4);
    g_checksum_update (checksum, (const guchar *) &time, 4);
  }
  g_checksum_update (checksum, (const guchar *) sound->steps->data,
      (gssize) (sound->steps->len * sizeof (WeirSoundStep)));

  return g_strdup (g_checksum_get_string (checksum));
}

/* A bank must find what another build fingerprinted. */
static void
test_golden (void)
{
  g_autoptr (GArray) samples = make_golden_sound ();
  g_autoptr (WeirSound) sound =
      extract_sound (WEIR_LANDMARK_REFERENCE, samples, 1000);
  g_autofree gchar *checksum = get_checksum (sound);

  g_assert_cmpuint (sound->landmarks->len, ==, 416);
  g_assert_cmpstr (checksum, ==,
      "9aba46c1fae873292b6385c0d9c8ed10982f9836e1074694c9f9711db948c7fe");
}

/* Whatever is in a buffer of whatever size, what comes out is in bounds. */
static void
test_fuzzed (void)
{
  guint32 state = 99;
  g_autoptr (WeirSound) sound = weir_sound_new ();
  g_autoptr (WeirLandmarkExtractor) extractor =
      weir_landmark_extractor_new (WEIR_LANDMARK_REFERENCE);

  for (guint i = 0; i < 400; i++) {
    gfloat samples[2000];
    guint n_samples = 1 + next_random (&state) % G_N_ELEMENTS (samples);

    /* Any bits: denormal numbers, infinities and not numbers among them. */
    for (guint j = 0; j < n_samples; j++) {
      guint32 bits = next_random (&state) << 8 ^ next_random (&state);

      memcpy (&samples[j], &bits, sizeof (bits));
    }
    weir_landmark_extractor_push (extractor, samples, n_samples, sound);
  }
  weir_landmark_extractor_finish (extractor, sound);
  g_assert_cmpuint (sound->steps->len, >, 1000);
  for (guint i = 0; i < sound->steps->len; i++)
    for (guint j = 0; j < 2 * WEIR_SOUND_ROW_PEAKS; j++) {
      guint8 bin = g_array_index (sound->steps, WeirSoundStep, i).peaks[j];

      g_assert_true (bin < WEIR_SPECTRUM_N_BINS || bin == WEIR_SOUND_NO_PEAK);
    }
}

static gpointer
extract_in_thread (gpointer samples)
{
  return extract (WEIR_LANDMARK_QUERY, samples, 555);
}

static void
test_threads (void)
{
  GThread *threads[4];
  g_autoptr (GArray) samples = make_music (13);
  g_autoptr (GArray) alone = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("extract", extract_in_thread, samples);
  alone = extract (WEIR_LANDMARK_QUERY, samples, 555);
  g_assert_cmpuint (alone->len, >, 1000);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++) {
    g_autoptr (GArray) landmarks = g_thread_join (threads[i]);

    assert_same (landmarks, alone);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  /* first, so that several threads want the shared plan at once */
  g_test_add_func ("/landmark/threads", test_threads);
  g_test_add_func ("/landmark/spectrum-level", test_spectrum_level);
  g_test_add_func ("/landmark/peaks", test_peaks);
  g_test_add_func ("/landmark/known-sounds", test_known_sounds);
  g_test_add_func ("/landmark/pieces", test_pieces);
  g_test_add_func ("/landmark/reset", test_reset);
  g_test_add_func ("/landmark/delay", test_delay);
  g_test_add_func ("/landmark/distinct", test_distinct);
  g_test_add_func ("/landmark/featureless", test_featureless);
  g_test_add_func ("/landmark/faint", test_faint);
  g_test_add_func ("/landmark/hostile", test_hostile);
  g_test_add_func ("/landmark/noise", test_noise);
  g_test_add_func ("/landmark/tone", test_tone);
  g_test_add_func ("/landmark/short", test_short);
  g_test_add_func ("/landmark/finish", test_finish);
  g_test_add_func ("/landmark/consume", test_consume);
  g_test_add_func ("/landmark/before", test_before);
  g_test_add_func ("/landmark/warp", test_warp);
  g_test_add_func ("/landmark/steps", test_steps);
  g_test_add_func ("/landmark/golden", test_golden);
  g_test_add_func ("/landmark/fuzzed", test_fuzzed);
  g_test_add_func ("/landmark/match", test_match);
  g_test_add_func ("/landmark/superset", test_superset);

  return g_test_run ();
}
