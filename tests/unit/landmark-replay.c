/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Two extractors that share a spectrum give what each gives by itself; and
 * peaks that are replayed give the pairs that they gave.
 */
#include "match-streams.h"

#include <string.h>

#define LENGTH 12 /* seconds */
#define PIECE  777

static void
assert_same (const GArray *a, const GArray *b)
{
  g_assert_cmpuint (a->len, >, 0);
  g_assert_cmpuint (a->len, ==, b->len);
  g_assert_cmpmem (a->data, a->len * g_array_get_element_size ((GArray *) a),
      b->data, b->len * g_array_get_element_size ((GArray *) b));
}

static WeirSound *
extract (WeirLandmarkUse use, const GArray *samples)
{
  g_autoptr (WeirLandmarkExtractor) extractor =
      weir_landmark_extractor_new (use);
  WeirSound *sound = weir_sound_new ();

  weir_landmark_extractor_push (
      extractor, (const gfloat *) samples->data, samples->len, sound);
  return sound;
}

static void
test_both (void)
{
  g_autoptr (GArray) samples = sound_new (1, LENGTH);
  const gfloat *data = (const gfloat *) samples->data;
  g_autoptr (WeirSound) query = extract (WEIR_LANDMARK_QUERY, samples);
  g_autoptr (WeirSound) reference = extract (WEIR_LANDMARK_REFERENCE, samples);
  g_autoptr (WeirLandmarkExtractor) first =
      weir_landmark_extractor_new (WEIR_LANDMARK_QUERY);
  g_autoptr (WeirLandmarkExtractor) second =
      weir_landmark_extractor_new (WEIR_LANDMARK_REFERENCE);
  g_autoptr (WeirSound) one = weir_sound_new ();
  g_autoptr (WeirSound) other = weir_sound_new ();

  for (guint i = 0; i < samples->len; i += PIECE)
    weir_landmark_extractor_push_both (
        first, second, data + i, MIN (PIECE, samples->len - i), one, other);
  assert_same (one->pairs, query->pairs);
  assert_same (one->peaks, query->peaks);
  assert_same (one->bands, query->bands);
  g_assert_cmpuint (one->n_rows, ==, query->n_rows);
  assert_same (other->landmarks, reference->landmarks);
  assert_same (other->steps, reference->steps);
}

static void
test_replay (void)
{
  g_autoptr (GArray) samples = sound_new (2, LENGTH);
  g_autoptr (WeirSound) sound = extract (WEIR_LANDMARK_QUERY, samples);
  g_autoptr (WeirLandmarkExtractor) extractor =
      weir_landmark_extractor_new (WEIR_LANDMARK_QUERY);
  g_autoptr (WeirSound) again = weir_sound_new ();
  const WeirSoundPeak *peaks = (const WeirSoundPeak *) sound->peaks->data;
  guint half = sound->peaks->len / 2;

  weir_landmark_extractor_replay (
      extractor, peaks, half, peaks[half - 1].row + 1, again);
  g_assert_cmpuint (again->n_rows, ==, peaks[half - 1].row + 1);
  weir_landmark_extractor_replay (
      extractor, peaks + half, sound->peaks->len - half, sound->n_rows, again);
  assert_same (again->pairs, sound->pairs);
  assert_same (again->peaks, sound->peaks);
  g_assert_cmpuint (again->n_rows, ==, sound->n_rows);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/landmark/both", test_both);
  g_test_add_func ("/landmark/replay", test_replay);
  return g_test_run ();
}
