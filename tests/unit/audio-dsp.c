/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The loops of comparing sound in what the processor has against their portable
 * twins, to the last bit, on random input.
 */
#include "match/audio-dsp.h"

#include "fingerprint/cpu.h"

#include <math.h>
#include <string.h>

#define N_ROUNDS  200
#define N_FACTORS 32

typedef struct {
  guint n_peaks[N_WINDOWS];
  guint n_hits[N_WINDOWS];
} Counts;

/* The same numbers in every run. */
static GRand *random_source;

static const WeirAudioDsp *
get_portable_dsp (void)
{
  const WeirAudioDsp *dsp;

  weir_cpu_set_flags_mask (0);
  dsp = weir_audio_dsp_get ();
  weir_cpu_set_flags_mask (G_MAXUINT);
  g_assert_true (dsp == &weir_audio_dsp_c);
  return dsp;
}

static Counts
count (const WeirAudioDsp *dsp, const WeirAudioPeaks *peaks,
    const WeirAudioSearch *search)
{
  Counts counts;

  dsp->count_peaks (peaks, search, counts.n_peaks, counts.n_hits);
  return counts;
}

static WeirAudioSearch
make_search (const WeirAudioHistory *history)
{
  return (WeirAudioSearch){
    .bits = history->bits,
    .end = 300,
    .max_ages = { 128, 192, 312 },
    .stretch = 1,
    .last = 10000,
  };
}

static void
fill_bits (WeirAudioHistory *history)
{
  guint32 *words = &history->bits[0][0][0];

  for (gsize i = 0; i < sizeof (history->bits) / sizeof (guint32); i++)
    words[i] = g_rand_int (random_source) & g_rand_int (random_source);
}

/* In descending order of rows, as they are taken. */
static void
fill_peaks (WeirAudioPeaks *peaks, guint n, gint64 first_row)
{
  peaks->first_row = first_row;
  peaks->n = n;
  for (guint i = 0; i < n; i++) {
    peaks->rows[i] = (gint32) (n - i) * 400 / (gint32) n;
    peaks->bins[i] =
        (gfloat) g_rand_int_range (random_source, 0, WEIR_SPECTRUM_N_BINS);
  }
}

/* One peak after the other, whose row and bin are known. */
static void
test_places (void)
{
  g_autoptr (WeirAudioHistory) history = weir_audio_history_new ();
  WeirAudioPeaks peaks = { .first_row = 1000, .n = 1 };
  WeirAudioSearch search = make_search (history);
  Counts counts;

  history->bits[200][WEIR_PEAKS_WIDE][2] = 1u << 6; /* bin 70 */
  search.offset = 950;
  peaks.rows[0] = 150;
  peaks.bins[0] = 70;
  counts = count (weir_audio_dsp_get (), &peaks, &search);
  for (guint i = 0; i < N_WINDOWS; i++) {
    g_assert_cmpuint (counts.n_peaks[i], ==, 1);
    g_assert_cmpuint (counts.n_hits[i], ==, 1);
  }

  /* 99 rows old; then as old as the second window, and as the first. */
  search.end = 200 + 192;
  counts = count (weir_audio_dsp_get (), &peaks, &search);
  g_assert_cmpuint (counts.n_hits[0], ==, 0);
  g_assert_cmpuint (counts.n_hits[1], ==, 1);
  search.end++;
  counts = count (weir_audio_dsp_get (), &peaks, &search);
  g_assert_cmpuint (counts.n_hits[1], ==, 0);
  g_assert_cmpuint (counts.n_hits[2], ==, 1);

  peaks.bins[0] = 71;
  counts = count (weir_audio_dsp_get (), &peaks, &search);
  g_assert_cmpuint (counts.n_peaks[2], ==, 1);
  g_assert_cmpuint (counts.n_hits[2], ==, 0);
  search.shift = 0.75f;
  counts = count (weir_audio_dsp_get (), &peaks, &search);
  g_assert_cmpuint (counts.n_hits[2], ==, 1);
  search.last = 149;
  counts = count (weir_audio_dsp_get (), &peaks, &search);
  g_assert_cmpuint (counts.n_peaks[2], ==, 0);

  /* Without a neighbour. */
  search.last = 150;
  peaks.bins[0] = 0;
  search.shift = 0;
  counts = count (weir_audio_dsp_get (), &peaks, &search);
  g_assert_cmpuint (counts.n_peaks[2], ==, 0);
}

static void
test_peaks (void)
{
  g_autoptr (WeirAudioHistory) history = weir_audio_history_new ();
  g_autofree WeirAudioPeaks *peaks = g_new0 (WeirAudioPeaks, 1);
  guint n_peaks = 0, n_hits = 0;

  fill_bits (history);
  for (guint i = 0; i < N_ROUNDS; i++) {
    gint32 first_row = g_rand_int_range (random_source, 0, 100000000);
    WeirAudioSearch search = make_search (history);
    Counts expected, counts;

    fill_peaks (
        peaks, (guint) g_rand_int_range (random_source, 0, 700), first_row);
    search.end = g_rand_int_range (random_source, 100, 2000);
    search.stretch =
        i % 2 ? 1 : (gfloat) g_rand_double_range (random_source, 0.85, 1.15);
    search.shift =
        i % 4 < 2 ? 0 : (gfloat) g_rand_double_range (random_source, -9, 9);
    /* The newest rows are those of the stream's end, or nearly so; by halves,
     * so that some rows lie just between two. */
    search.offset = first_row +
                    g_rand_int_range (random_source, 700, 900) * 0.5 -
                    search.end * (gdouble) search.stretch;
    search.first = g_rand_int_range (random_source, 0, 100);
    search.last = g_rand_int_range (random_source, 300, 400);
    expected = count (get_portable_dsp (), peaks, &search);
    counts = count (weir_audio_dsp_get (), peaks, &search);
    g_assert_cmpmem (&counts, sizeof (counts), &expected, sizeof (expected));
    n_peaks += expected.n_peaks[0];
    n_hits += expected.n_hits[0];
  }
  /* A quarter of the bits are set. */
  g_assert_cmpuint (n_peaks, >, 50 * N_ROUNDS);
  g_assert_cmpuint (n_hits, >, n_peaks / 5);
  g_assert_cmpuint (n_hits, <, n_peaks / 3);
}

static void
test_products (void)
{
  gfloat start[N_FACTORS], equal[N_FACTORS + 1], covered[N_FACTORS + 1];
  gfloat expected[N_FACTORS], products[N_FACTORS];

  for (guint i = 0; i < N_ROUNDS; i++) {
    gfloat rarity = (gfloat) g_rand_double_range (random_source, 0, 1000);

    for (guint j = 0; j <= N_FACTORS; j++) {
      equal[j] = (gfloat) g_rand_double (random_source);
      covered[j] = (gfloat) g_rand_double_range (random_source, 0.1, 1);
    }
    for (guint j = 0; j < N_FACTORS; j++)
      start[j] = expected[j] = products[j] =
          (gfloat) g_rand_double_range (random_source, 0.001, 1000);
    /* From odd places, too. */
    get_portable_dsp ()->multiply (
        expected, equal + i % 2, covered + i % 2, rarity, N_FACTORS);
    weir_audio_dsp_get ()->multiply (
        products, equal + i % 2, covered + i % 2, rarity, N_FACTORS);
    g_assert_cmpmem (products, sizeof (products), expected, sizeof (expected));
    g_assert_cmpfloat_with_epsilon (products[3],
        start[3] * (rarity * equal[3 + i % 2] + covered[3 + i % 2]),
        1e-5f * products[3]);
  }
}

static void
test_exponents (void)
{
  for (guint i = 0; i < N_ROUNDS; i++) {
    gfloat start[N_FACTORS];
    gfloat expected[2][N_FACTORS] = { { 0 } }, found[2][N_FACTORS] = { { 0 } };

    for (guint j = 0; j < N_FACTORS; j++)
      start[j] = expected[0][j] = found[0][j] =
          (gfloat) exp (g_rand_double_range (random_source, -80, 80));
    get_portable_dsp ()->take_exponents (expected[0], expected[1], N_FACTORS);
    weir_audio_dsp_get ()->take_exponents (found[0], found[1], N_FACTORS);
    g_assert_cmpmem (found, sizeof (found), expected, sizeof (expected));
    for (guint j = 0; j < N_FACTORS; j++) {
      g_assert_cmpfloat (found[0][j], >=, 1);
      g_assert_cmpfloat (found[0][j], <, 2);
      g_assert_cmpfloat (ldexpf (found[0][j], (int) found[1][j]), ==, start[j]);
    }
  }
}

int
main (int argc, char **argv)
{
  int failures;

  g_test_init (&argc, &argv, NULL);
  random_source = g_rand_new_with_seed (5);
  g_test_add_func ("/audio-dsp/places", test_places);
  g_test_add_func ("/audio-dsp/peaks", test_peaks);
  g_test_add_func ("/audio-dsp/products", test_products);
  g_test_add_func ("/audio-dsp/exponents", test_exponents);
  failures = g_test_run ();
  g_rand_free (random_source);
  return failures;
}
