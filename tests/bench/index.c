/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How long it takes to find the hashes near one in a bank, beside looking at
 * all of them and, where it is installed, beside FAISS; and how large and how
 * long to build and to open the bank is. All in one thread, on made-up hashes:
 * see hash-data.h. Each method must find as much as the linear scan.
 */
#include "bank/bank-builder.h"
#include "bank/hamming-scan.h"
#include "bank/index-build.h"
#include "bank/mapping.h"
#include "bank/segment.h"
#include "fingerprint/cpu.h"

#ifdef HAVE_FAISS
#include "index-faiss.h"
#endif

#include "../unit/hash-data.h"

#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define N_QUERIES   20000
#define N_ROUNDS    3
#define BATCH       8
#define HIT_PERCENT 5
#define ODD         435 /* one hash in so many: 0.23 % of real ones */
#define CREATED     1574380800

#ifdef __clang__
#define COMPILER "clang " __clang_version__
#else
#define COMPILER "gcc " __VERSION__
#endif

typedef struct {
  gboolean json;
  gboolean faiss;
  gchar *folder; /* where banks are written */
  gsize n_hashes;
  WeirPdqHash *hashes;
  WeirPdqHash queries[N_QUERIES];
} Bench;

typedef struct {
  gdouble per_second; /* queries, of CPU time, by the fastest round */
  gdouble median;     /* microseconds of one, by the clock */
  gdouble slowest;    /* at the 99th percentile */
  guint64 n_found;
} Result;

typedef guint64 (*LookUp) (gpointer index, const WeirPdqHash *query);

static gdouble
now (clockid_t clock)
{
  struct timespec time;

  clock_gettime (clock, &time);
  return (gdouble) time.tv_sec + (gdouble) time.tv_nsec / 1e9;
}

static int
compare_doubles (const void *a, const void *b)
{
  gdouble first = *(const gdouble *) a;
  gdouble second = *(const gdouble *) b;

  return (first > second) - (first < second);
}

/* ---- Methods ---- */

static void
count_found (guint query, guint32 position, guint distance, gpointer user_data)
{
  guint64 *n = user_data;

  (*n)++;
}

static guint64
look_up_in_tables (gpointer index, const WeirPdqHash *query)
{
  guint64 n = 0;

  weir_video_index_lookup (index, query, WEIR_PDQ_RADIUS, count_found, &n);
  return n;
}

static guint64
look_up_by_scan (gpointer index, const WeirPdqHash *query)
{
  const WeirVideoIndex *video = index;
  guint64 n = 0;

  weir_hamming_scan (video->hashes, 0, video->n_hashes, query, 0,
      WEIR_PDQ_RADIUS, count_found, &n);
  return n;
}

#ifdef HAVE_FAISS
static guint64
look_up_in_faiss (gpointer index, const WeirPdqHash *query)
{
  return index_faiss_count (index, query, WEIR_PDQ_RADIUS);
}
#endif

/* ---- Measures ---- */

static Result
measure (const Bench *bench, LookUp look_up, gpointer index, guint n_queries)
{
  g_autofree gdouble *times = g_new (gdouble, (gsize) n_queries * N_ROUNDS);
  Result result = { 0 };
  guint n = 0;

  for (guint i = 0; i < N_ROUNDS; i++) {
    gdouble start = now (CLOCK_THREAD_CPUTIME_ID);
    gdouble before = now (CLOCK_MONOTONIC);

    for (guint j = 0; j < n_queries; j++) {
      gdouble after;

      result.n_found += look_up (index, &bench->queries[j]);
      after = now (CLOCK_MONOTONIC);
      times[n++] = (after - before) * 1e6;
      before = after;
    }
    result.per_second = MAX (
        result.per_second, n_queries / (now (CLOCK_THREAD_CPUTIME_ID) - start));
  }
  qsort (times, n, sizeof (*times), compare_doubles);
  result.median = times[n / 2];
  result.slowest = times[n - 1 - n / 100];
  result.n_found /= N_ROUNDS;
  return result;
}

static Result
measure_batches (const Bench *bench, const WeirVideoIndex *index)
{
  Result result = { 0 };

  for (guint i = 0; i < N_ROUNDS; i++) {
    gdouble start = now (CLOCK_THREAD_CPUTIME_ID);

    result.n_found = 0;
    for (guint j = 0; j + BATCH <= N_QUERIES; j += BATCH)
      weir_video_index_lookup_many (index, &bench->queries[j], BATCH,
          WEIR_PDQ_RADIUS, count_found, &result.n_found);
    result.per_second = MAX (
        result.per_second, N_QUERIES / (now (CLOCK_THREAD_CPUTIME_ID) - start));
  }
  return result;
}

static void
check_found (const Bench *bench, const gchar *name, guint n_queries,
    guint64 n_found, const WeirVideoIndex *index)
{
  guint64 n_expected = 0;

  for (guint i = 0; i < n_queries; i++)
    n_expected += look_up_by_scan ((gpointer) index, &bench->queries[i]);
  if (n_found != n_expected)
    g_error ("%s found %" G_GUINT64_FORMAT " and not %" G_GUINT64_FORMAT, name,
        n_found, n_expected);
}

/* ---- Output ---- */

static void
print_value (
    const Bench *bench, const gchar *name, gdouble value, const gchar *unit)
{
  if (bench->json)
    g_print ("{\"name\":\"index-%" G_GSIZE_FORMAT "-%s\",\"value\":%.4g,"
             "\"unit\":\"%s\",\"peer\":\"\",\"ratio\":0}\n",
        bench->n_hashes, name, value, unit);
  else
    g_print ("  %-24s %12.4g %s\n", name, value, unit);
}

static void
print_result (const Bench *bench, const gchar *name, const Result *result,
    const gchar *peer, gdouble peer_per_second)
{
  gdouble ratio =
      peer_per_second > 0.0 ? result->per_second / peer_per_second : 0.0;

  if (bench->json) {
    g_print ("{\"name\":\"index-%" G_GSIZE_FORMAT "-%s\",\"value\":%.1f,"
             "\"unit\":\"queries/s\",\"peer\":\"%s\",\"ratio\":%.3f,"
             "\"p50\":%.2f,\"p99\":%.2f}\n",
        bench->n_hashes, name, result->per_second, peer, ratio, result->median,
        result->slowest);
    return;
  }
  g_print ("  %-24s %12.1f queries/s", name, result->per_second);
  if (result->median > 0.0)
    g_print (
        ", %10.2f us (p50) %10.2f us (p99)", result->median, result->slowest);
  if (ratio > 0.0)
    g_print (", x %.0f of %s", ratio, peer);
  g_print ("\n");
}

/* ---- One size ---- */

static void
make_hashes (Bench *bench)
{
  HashSource source = { 42 };

  bench->hashes = g_new (WeirPdqHash, bench->n_hashes);
  hash_source_fill (&source, bench->hashes, bench->n_hashes, ODD);
  source.state = 4242;
  for (guint i = 0; i < N_QUERIES; i++)
    bench->queries[i] = hash_source_query (
        &source, bench->hashes, bench->n_hashes, HIT_PERCENT);
}

static void
write_bank (const Bench *bench, const gchar *path)
{
  const WeirReference reference = { "bench", "", "", "", "", 0, 0,
    WEIR_OPINION_UNREVIEWED, WEIR_ACTION_FLAG, 0, 0 };
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();
  g_autoptr (GError) error = NULL;
  guint32 number;
  gdouble start;

  weir_bank_builder_add_reference (builder, &reference, &number, &error);
  for (gsize i = 0; i < bench->n_hashes; i++)
    weir_bank_builder_add_video (builder, number, &bench->hashes[i],
        WEIR_VIEW_PLAIN, 100, (guint32) i, NULL);
  start = now (CLOCK_THREAD_CPUTIME_ID);
  if (!weir_bank_builder_write (builder, path, CREATED, &error))
    g_error ("%s", error->message);
  print_value (bench, "write-file",
      (now (CLOCK_THREAD_CPUTIME_ID) - start) * 1e6 / (gdouble) bench->n_hashes,
      "s of CPU a million");
}

static void
time_building (const Bench *bench, const WeirVideoIndex *index)
{
  WeirIndexTable table;
  gdouble start = now (CLOCK_THREAD_CPUTIME_ID);
  gsize size = index->n_hashes * sizeof (WeirPdqHash);

  weir_index_table_init (&table);
  for (guint i = 0; i < index->n_parts; i++) {
    const WeirVideoPart *part = &index->parts[i];

    for (guint j = 0; j < part->plan.n_chunks; j++) {
      weir_index_table_build (&table, index->hashes + part->first_hash,
          part->n_hashes, &part->plan, j);
      size += table.buckets->len * sizeof (WeirBankBucket) +
              table.units->len * sizeof (guint16) +
              table.ids->len * sizeof (guint32);
    }
  }
  print_value (bench, "build-tables",
      (now (CLOCK_THREAD_CPUTIME_ID) - start) * 1e6 / (gdouble) index->n_hashes,
      "s of CPU a million");
  print_value (bench, "hashes-and-tables",
      (gdouble) size / (gdouble) index->n_hashes, "bytes a hash");
  weir_index_table_clear (&table);
}

#ifdef HAVE_FAISS

static gdouble
get_resident_bytes (void)
{
  g_autofree gchar *text = NULL;
  guint64 pages;
  gchar *second;

  if (!g_file_get_contents ("/proc/self/statm", &text, NULL, NULL))
    return 0.0;
  second = strchr (text, ' ');
  pages = second != NULL ? g_ascii_strtoull (second, NULL, 10) : 0;
  return (gdouble) pages * 4096.0;
}

static void
run_faiss (const Bench *bench, gboolean hashed, gdouble weir_per_second,
    const WeirVideoIndex *video)
{
  const gchar *name = hashed ? "faiss-multi-hash" : "faiss-flat";
  g_autofree gchar *building = g_strconcat (name, "-build", NULL);
  g_autofree gchar *memory = g_strconcat (name, "-memory", NULL);
  gdouble before = get_resident_bytes ();
  gdouble start = now (CLOCK_THREAD_CPUTIME_ID);
  IndexFaiss *index = index_faiss_new (hashed, bench->hashes, bench->n_hashes);
  guint n_queries = bench->n_hashes > 3000000 ? 16 : 100;
  Result result;

  print_value (bench, building,
      (now (CLOCK_THREAD_CPUTIME_ID) - start) * 1e6 / (gdouble) bench->n_hashes,
      "s of CPU a million");
  print_value (bench, memory,
      (get_resident_bytes () - before) / (gdouble) bench->n_hashes,
      "bytes a hash");
  result = measure (bench, look_up_in_faiss, index, n_queries);
  print_result (bench, name, &result, "", 0.0);
  print_value (bench, hashed ? "weir/faiss-multi-hash" : "weir/faiss-flat",
      weir_per_second / result.per_second, "times as fast");
  check_found (bench, name, n_queries, result.n_found, video);
  index_faiss_free (index);
}

#endif

static void
run_lookups (const Bench *bench, WeirVideoIndex *index)
{
  static const struct {
    const gchar *name;
    guint flags;
  } kernels[] = { { "weir-portable", 0 }, { "weir-avx2", WEIR_CPU_AVX2 },
    { "weir", G_MAXUINT } };
  guint n_scanned = MIN (N_QUERIES, 2000000000u / index->n_hashes / 2 + 10);
  Result scan = measure (bench, look_up_by_scan, index, n_scanned);
  Result result = { 0 };

  print_result (bench, "linear-scan", &scan, "", 0.0);
  for (guint i = 0; i < G_N_ELEMENTS (kernels); i++) {
    weir_cpu_set_flags_mask (kernels[i].flags);
    result = measure (bench, look_up_in_tables, index, N_QUERIES);
    print_result (
        bench, kernels[i].name, &result, "linear-scan", scan.per_second);
    check_found (bench, kernels[i].name, n_scanned,
        measure (bench, look_up_in_tables, index, n_scanned).n_found, index);
  }
  result = measure_batches (bench, index);
  print_result (
      bench, "weir-batches-of-8", &result, "linear-scan", scan.per_second);
#ifdef HAVE_FAISS
  if (bench->faiss) {
    run_faiss (bench, FALSE, result.per_second, index);
    run_faiss (bench, TRUE, result.per_second, index);
  }
#endif
}

static void
run (Bench *bench)
{
  g_autofree gchar *path = g_build_filename (bench->folder, "bench.weir", NULL);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  WeirBankSegment segment = { 0 };
  gdouble start;

  if (!bench->json)
    g_print ("%" G_GSIZE_FORMAT " hashes\n", bench->n_hashes);
  make_hashes (bench);
  write_bank (bench, path);
  start = now (CLOCK_MONOTONIC);
  bytes = weir_bank_map_file (path, NULL, &error);
  if (bytes == NULL || !weir_bank_segment_open (&segment, bytes, path, &error))
    g_error ("%s", error->message);
  print_value (bench, "open", now (CLOCK_MONOTONIC) - start, "s");
  print_value (bench, "file",
      (gdouble) g_bytes_get_size (bytes) / (gdouble) segment.video.n_hashes,
      "bytes a hash");
  time_building (bench, &segment.video);
  run_lookups (bench, &segment.video);
  weir_bank_segment_clear (&segment);
  g_unlink (path);
  g_clear_pointer (&bench->hashes, g_free);
}

static gchar *
machine_name (void)
{
  g_autofree gchar *text = NULL;
  g_auto (GStrv) lines = NULL;

  if (!g_file_get_contents ("/proc/cpuinfo", &text, NULL, NULL))
    return g_strdup ("unknown processor");
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++) {
    const gchar *colon = strchr (lines[i], ':');

    if (g_str_has_prefix (lines[i], "model name") && colon != NULL)
      return g_strstrip (g_strdup (colon + 1));
  }
  return g_strdup ("unknown processor");
}

static void
print_head (void)
{
  g_autofree gchar *machine = machine_name ();
  guint flags = weir_cpu_get_flags ();

  g_print ("Hashes within %d bits, %d in a hundred queries near one, one "
           "thread\n%s%s%s, %s",
      WEIR_PDQ_RADIUS, HIT_PERCENT, machine,
      flags & WEIR_CPU_AVX2 ? ", AVX2" : "",
      flags & WEIR_CPU_AVX512 ? ", AVX-512" : "", COMPILER);
#ifdef HAVE_FAISS
  g_print (", FAISS %s", FAISS_VERSION);
#endif
  g_print ("\n\n");
}

int
main (int argc, char **argv)
{
  static gboolean json, no_faiss;
  static gchar **sizes, *folder;
  const GOptionEntry options[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, "One object a line", NULL },
    { "no-faiss", 0, 0, G_OPTION_ARG_NONE, &no_faiss, "Without FAISS", NULL },
    { "folder", 0, 0, G_OPTION_ARG_FILENAME, &folder, "Where banks are written",
        "PATH" },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, &sizes, NULL,
        "HASHES..." },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autofree Bench *bench = g_new0 (Bench, 1);
  gchar *usual_sizes[] = { (gchar *) "1000000", NULL };

  g_option_context_add_main_entries (context, options, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error)) {
    g_printerr ("%s\n", error->message);
    return 2;
  }
  bench->json = json;
  bench->faiss = !no_faiss;
  bench->folder = folder != NULL ? folder : g_strdup (g_get_tmp_dir ());
  if (!json)
    print_head ();
  for (gchar **size = sizes != NULL ? sizes : usual_sizes; *size != NULL;
       size++) {
    bench->n_hashes = (gsize) g_ascii_strtoull (*size, NULL, 10);
    if (bench->n_hashes == 0) {
      g_printerr ("'%s' is no number of hashes\n", *size);
      return 2;
    }
    run (bench);
  }
  g_free (bench->folder);
  g_strfreev (sizes);
  return 0;
}
