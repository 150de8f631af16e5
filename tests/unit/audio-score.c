/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is gathered of a place, as a score, and what half a second may weigh. */
#include "match/audio-score.h"

#define N 16

/* Of rows a tenth of whose bins are set, so that one peak of ten hits by
 * chance. */
static WeirAudioSums
make_block (guint n_hits)
{
  const gdouble n_set = 0.1 * BLOCK_ROWS * WEIR_SPECTRUM_N_BINS;

  return (WeirAudioSums){
    .n_peaks = 10,
    .n_hits = { n_hits, n_hits },
    .n_set = { n_set, n_set },
    .n_rows = BLOCK_ROWS,
    .product = 2.0 * n_hits - 2,
    .product_power = 50,
    .prominent = 3.0 * n_hits - 3,
    .prominent_power = 90,
    .prominence = 4.0 * n_hits - 4,
    .n_prominences = 10,
    .power = 12,
    .n_powers = 4,
  };
}

static gdouble
get_score (const WeirAudioSums blocks[N])
{
  WeirAudioSums sums = { 0 };

  for (guint i = 0; i < N; i++)
    weir_audio_sums_add (&sums, &blocks[i]);
  return weir_audio_sums_get_score (&sums);
}

/* What is worth the same all the time is worth as much as it was. */
static void
test_steady (void)
{
  WeirAudioSums blocks[N];
  gdouble levels[N], score;

  for (guint i = 0; i < N; i++) {
    blocks[i] = make_block (6);
    levels[i] = 5;
  }
  score = weir_audio_score_add_levels (get_score (blocks), N * 5);
  g_assert_cmpfloat (score, >, N * 5);
  g_assert_cmpfloat (
      weir_audio_score_limit (blocks, N, N * 5, levels, score), ==, score);
}

/* Half a second alone is worth nothing, wherever it is. */
static void
test_half_second (void)
{
  for (guint i = 0; i + HALF_SECOND <= N; i++) {
    WeirAudioSums blocks[N];
    gdouble levels[N], score;

    for (guint j = 0; j < N; j++) {
      gboolean agrees = j >= i && j < i + HALF_SECOND;

      blocks[j] = make_block (agrees ? 10 : 1);
      levels[j] = agrees ? 60 : -1;
    }
    score = weir_audio_score_add_levels (get_score (blocks), 4 * 60 - 12);
    g_assert_cmpfloat (score, >, 300);
    g_assert_cmpfloat (
        weir_audio_score_limit (blocks, N, 4 * 60 - 12, levels, score), ==, 0);
  }
}

/* With a rest it is worth as much again as that, be it of levels or of the other
 * parts. */
static void
test_rest (void)
{
  WeirAudioSums blocks[N];
  gdouble levels[N], score, limited;

  for (guint i = 0; i < N; i++) {
    blocks[i] = make_block (1);
    levels[i] = i < HALF_SECOND ? 60 : 2;
  }
  score = weir_audio_score_add_levels (get_score (blocks), 240 + 24);
  limited = weir_audio_score_limit (blocks, N, 240 + 24, levels, score);
  g_assert_cmpfloat (limited, <, score);
  g_assert_cmpfloat (limited, >=, 2 * weir_audio_score_add_levels (0, 24));
  g_assert_cmpfloat (limited, <, 2 * weir_audio_score_add_levels (1, 24));

  for (guint i = 0; i < N; i++) {
    blocks[i] = make_block (i < HALF_SECOND ? 10 : 3);
    levels[i] = 0;
  }
  score = get_score (blocks);
  limited = weir_audio_score_limit (blocks, N, 0, levels, score);
  g_assert_cmpfloat (limited, <, score);
  for (guint i = 0; i < HALF_SECOND; i++)
    blocks[i] = (WeirAudioSums){ 0 };
  g_assert_cmpfloat_with_epsilon (limited, 2 * get_score (blocks), 1e-6);
}

/* Levels are weighed the same both ways. */
static void
test_levels (void)
{
  gdouble levels = weir_audio_score_get_levels (12, 57);

  g_assert_cmpfloat (levels, >, 10);
  g_assert_cmpfloat_with_epsilon (
      weir_audio_score_add_levels (12, levels), 57, 1e-9);
}

/* Windows are whole blocks, the longest is all of them. */
static void
test_windows (void)
{
  for (guint i = 1; i < N_WINDOWS; i++)
    g_assert_cmpuint (weir_audio_window_get_n_blocks (i), >,
        weir_audio_window_get_n_blocks (i - 1));
  g_assert_cmpuint (weir_audio_window_get_n_blocks (0), >, HALF_SECOND);
  g_assert_cmpuint (
      weir_audio_window_get_n_blocks (N_WINDOWS - 1), ==, N_BLOCKS);
  g_assert_cmpuint (
      weir_audio_history_get_block (HALF_SECOND * BLOCK_ROWS), ==, HALF_SECOND);
  g_assert_cmpuint (weir_audio_history_get_block (G_MAXUINT), ==, N_BLOCKS);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/audio-score/steady", test_steady);
  g_test_add_func ("/audio-score/half-second", test_half_second);
  g_test_add_func ("/audio-score/rest", test_rest);
  g_test_add_func ("/audio-score/levels", test_levels);
  g_test_add_func ("/audio-score/windows", test_windows);
  return g_test_run ();
}
