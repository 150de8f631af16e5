/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Live streams for hours in one process: connections that come, end and break
 * off, clips of other codecs and timestamps that jump back in mid-stream, pads
 * that go and come, banks that are replaced. A row a minute, and at the end a
 * verdict: no buffer lost, late or early; memory flat; no thread and no file
 * more than before. Exits with 1 where that does not hold, or when
 * nothing was recognised.
 *
 * Usage: soak-clips.sh WEIR FOLDER
 *        soak FOLDER/a.weir FOLDER/b.weir CLIP... [--streams 16]
 *             [--seconds 7200] [--row 60] [--swap 20] [--seed 1] [--json]
 *
 * "Before" is after a warm-up with as many streams, so that what libraries keep
 * from their first use on is in it. A buffer is late when more than 100 ms lie
 * between its push into the element and its arrival behind it, the hold-back
 * taken off. On a busy host a thread waits for a core meanwhile, which is no
 * fault of the element: what the kernel says of such waits (schedstat) is taken
 * off, too, and only what is late all the same fails.
 */

#include "soak-counts.h"
#include "soak-meter.h"
#include "soak-stream.h"

#include "gstweir.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>

#define TICK        (100 * G_TIME_SPAN_MILLISECOND)
#define WARM_UP     15 /* s */
#define SETTLE_TIME (40 * G_TIME_SPAN_SECOND)
#define SETTLED     (5 * G_TIME_SPAN_SECOND)

/* Memory says something when there are so many rows, of which the first quarter
 * is over when all that a stream remembers is full, which is after ten minutes. */
#define ROWS_MIN    8
#define SECONDS_MIN (4 * 600)

#define SAMPLE_SECONDS 10

static gint n_streams = 16, seconds = 7200, row_seconds = 60, swap_seconds = 20;
static gint seed = 1;
static gboolean json;
static gchar **paths;

static const GOptionEntry options[] = {
  { "streams", 0, 0, G_OPTION_ARG_INT, &n_streams, "How many", "N" },
  { "seconds", 0, 0, G_OPTION_ARG_INT, &seconds, "For how long", "S" },
  { "row", 0, 0, G_OPTION_ARG_INT, &row_seconds, "From row to row", "S" },
  { "swap", 0, 0, G_OPTION_ARG_INT, &swap_seconds, "From bank to bank", "S" },
  { "seed", 0, 0, G_OPTION_ARG_INT, &seed, "Of all that is random", "N" },
  { "json", 0, 0, G_OPTION_ARG_NONE, &json, "A row as an object", NULL },
  { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &paths, NULL,
      "BANK-A BANK-B CLIP..." },
  { NULL },
};

/* What is in use. */
typedef struct {
  gchar *folder, *bank; /* the path that streams know */
  GBytes *banks[2];
  guint n_swaps;
  GPtrArray *clips;
} Material;

/* What memory is taken for. */
enum {
  RSS,
  OWN, /* of no file */
  HEAP,
  N_MEMORIES,
};

static const gchar *const memory_names[N_MEMORIES] = {
  [RSS] = "memory (RSS)",
  [OWN] = "memory of no file",
  [HEAP] = "the heap in use",
};

/* What counts in a row of text. */
static const SoakCount columns[] = { SOAK_IN, SOAK_OUT, SOAK_LOST, SOAK_LATE,
  SOAK_LATE_OWN, SOAK_EARLY, SOAK_LONGEST_OWN, SOAK_MATCHES, SOAK_CONNECTIONS,
  SOAK_ERRORS };

typedef struct {
  guint time; /* s */
  gdouble memory[N_MEMORIES];
  guint threads, files, mappings;
} Row;

/* The rows so far. */
typedef struct {
  GArray *memory[N_MEMORIES]; /* of gdouble */
  SoakCounts counts;
} Record;

static void
fail (const gchar *problem)
{
  fprintf (stderr, "soak: %s\n", problem);
  exit (2);
}

/* ---- material ---- */

static GBytes *
read_bank (const gchar *path)
{
  g_autoptr (GError) error = NULL;
  gchar *data;
  gsize size;

  if (!g_file_get_contents (path, &data, &size, &error))
    fail (error->message);
  return g_bytes_new_take (data, size);
}

/* The next bank takes the place of the one in use, whole. */
static void
swap_banks (Material *material)
{
  gsize size;
  const gchar *data =
      g_bytes_get_data (material->banks[material->n_swaps++ % 2], &size);
  g_autoptr (GError) error = NULL;

  if (!g_file_set_contents (material->bank, data, (gssize) size, &error))
    fail (error->message);
}

static void
prepare (Material *material)
{
  g_autoptr (GError) error = NULL;
  gchar **path;

  material->folder = g_dir_make_tmp ("weir-soak-XXXXXX", &error);
  if (!material->folder)
    fail (error->message);
  material->bank = g_build_filename (material->folder, "known.weir", NULL);
  material->banks[0] = read_bank (paths[0]);
  material->banks[1] = read_bank (paths[1]);
  material->clips =
      g_ptr_array_new_with_free_func ((GDestroyNotify) soak_clip_free);
  for (path = paths + 2; *path; path++)
    g_ptr_array_add (material->clips, soak_clip_load (*path));
  swap_banks (material);
}

static void
clear (Material *material)
{
  g_unlink (material->bank);
  g_rmdir (material->folder);
  g_ptr_array_unref (material->clips);
  g_bytes_unref (material->banks[0]);
  g_bytes_unref (material->banks[1]);
  g_free (material->bank);
  g_free (material->folder);
}

/* ---- streams ---- */

static GPtrArray *
begin_streams (const Material *material, guint32 first_seed)
{
  GPtrArray *streams =
      g_ptr_array_new_with_free_func ((GDestroyNotify) soak_stream_free);
  guint i;

  for (i = 0; i < (guint) n_streams; i++)
    g_ptr_array_add (streams,
        soak_stream_new (i, first_seed, material->bank, material->clips));
  return streams;
}

static void
tick_streams (const GPtrArray *streams)
{
  guint i;

  for (i = 0; i < streams->len; i++)
    soak_stream_tick (streams->pdata[i]);
}

static void
end_streams (GPtrArray *streams)
{
  guint i;

  for (i = 0; i < streams->len; i++)
    soak_stream_stop (streams->pdata[i]);
  g_ptr_array_unref (streams);
}

/* Threads of pools end when they have had nothing to do for a while: waits for
 * no more than @goal has (NULL: for nothing to change any more). */
static void
settle (SoakHoldings *holdings, const SoakHoldings *goal)
{
  gint64 start = g_get_monotonic_time (), changed = start, now = start;
  guint threads = 0, files = 0;

  do {
    g_usleep (TICK);
    soak_meter_read (holdings);
    now = g_get_monotonic_time ();
    if (holdings->threads != threads || holdings->files != files)
      changed = now;
    threads = holdings->threads;
    files = holdings->files;
    if (goal ? threads <= goal->threads && files <= goal->files
             : now - changed > SETTLED)
      return;
  } while (now - start < SETTLE_TIME);
}

static void
warm_up (const Material *material, SoakHoldings *before)
{
  GPtrArray *streams =
      begin_streams (material, (guint32) seed + (guint32) n_streams);
  gint64 end = g_get_monotonic_time () + WARM_UP * G_USEC_PER_SEC;
  SoakCounts counts;

  while (g_get_monotonic_time () < end) {
    tick_streams (streams);
    g_usleep (TICK);
  }
  end_streams (streams);
  settle (before, NULL);
  soak_counts_take (&counts);
}

/* ---- rows ---- */

static void
print_json (const Row *row, const SoakCounts *counts)
{
  guint i;

  printf ("{\"name\":\"soak\",\"time\":%u,\"rss\":%.0f,\"own\":%.0f,"
          "\"heap\":%.0f,\"threads\":%u,\"files\":%u,\"mappings\":%u",
      row->time, row->memory[RSS], row->memory[OWN], row->memory[HEAP],
      row->threads, row->files, row->mappings);
  for (i = 0; i < SOAK_N_COUNTS; i++)
    printf (
        ",\"%s\":%" G_GUINT64_FORMAT, soak_count_to_string (i), counts->n[i]);
  printf ("}\n");
}

static void
print_head (void)
{
  guint i;

  printf ("%7s %6s %6s %6s %7s %5s %8s", "s", "RSS MB", "own MB", "heap",
      "threads", "files", "mappings");
  for (i = 0; i < G_N_ELEMENTS (columns); i++)
    printf (" %11s", soak_count_to_string (columns[i]));
  printf ("\n");
}

static void
print_text (const Row *row, const SoakCounts *counts)
{
  guint i;

  printf ("%7u %6.1f %6.1f %6.1f %7u %5u %8u", row->time,
      row->memory[RSS] / 1e6, row->memory[OWN] / 1e6, row->memory[HEAP] / 1e6,
      row->threads, row->files, row->mappings);
  for (i = 0; i < G_N_ELEMENTS (columns); i++)
    printf (" %11" G_GUINT64_FORMAT, counts->n[columns[i]]);
  printf ("\n");
}

/* @memory: sums of @n readings. */
static void
add_row (Record *record, guint time, const SoakHoldings *now,
    const gdouble *memory, guint n)
{
  Row row = {
    .time = time,
    .threads = now->threads,
    .files = now->files,
    .mappings = soak_meter_count_mappings (),
    .memory = { [RSS] = memory[RSS] / n,
        [OWN] = (gdouble) soak_meter_read_anonymous (),
        [HEAP] = memory[HEAP] / n },
  };
  SoakCounts counts;
  guint i;

  soak_counts_take (&counts);
  soak_counts_add (&record->counts, &counts);
  for (i = 0; i < N_MEMORIES; i++)
    g_array_append_val (record->memory[i], row.memory[i]);
  if (json)
    print_json (&row, &counts);
  else
    print_text (&row, &counts);
  fflush (stdout);
}

/* Memory is read now and then, and a row has the mean. */
static void
soak (Material *material, Record *record)
{
  GPtrArray *streams = begin_streams (material, (guint32) seed);
  gint64 start = g_get_monotonic_time ();
  gdouble memory[N_MEMORIES] = { 0 };
  gint second = 0;
  guint n = 0;
  SoakHoldings now;

  while (second < seconds) {
    g_usleep (TICK);
    tick_streams (streams);
    if ((g_get_monotonic_time () - start) / G_USEC_PER_SEC <= second)
      continue;
    second++;
    if (second % swap_seconds == 0)
      swap_banks (material);
    if (second % SAMPLE_SECONDS == 0 || second % row_seconds == 0) {
      soak_meter_read (&now);
      memory[RSS] += (gdouble) now.rss;
      memory[HEAP] += (gdouble) now.heap;
      n++;
    }
    if (second % row_seconds == 0) {
      add_row (record, (guint) second, &now, memory, n);
      memory[RSS] = memory[HEAP] = n = 0;
    }
  }
  end_streams (streams);
}

/* ---- the verdict ---- */

static gboolean
say (gboolean holds, const gchar *text)
{
  if (json)
    printf ("{\"name\":\"soak-verdict\",\"holds\":%s,\"text\":\"%s\"}\n",
        holds ? "true" : "false", text);
  else
    printf ("%-4s %s\n", holds ? "ok" : "NOT", text);
  return holds;
}

static gboolean
judge_memory (const gchar *name, const GArray *rows)
{
  guint first = rows->len / 4, n = rows->len - first;
  const gdouble *values = &g_array_index (rows, gdouble, first);
  g_autofree gchar *text = NULL;
  SoakTrend trend;

  if (rows->len < ROWS_MIN || seconds < SECONDS_MIN)
    return TRUE;
  soak_meter_find_trend (values, n, &trend);
  text = g_strdup_printf ("%s is flat: over the last %u rows %.2f MB, slope "
                          "%+.2f +- %.2f kB a row, in all %+.2f %%",
      name, n, trend.mean / 1e6, trend.slope / 1e3, trend.margin / 1e3,
      100 * trend.growth / trend.mean);
  return say (soak_meter_is_flat (&trend), text);
}

static gboolean
judge_holdings (const SoakHoldings *first, const SoakHoldings *before,
    const SoakHoldings *after)
{
  g_autofree gchar *text = g_strdup_printf (
      "no thread and no file more than before: %u threads and %u files "
      "before any stream; %u and %u before; %u and %u after",
      first->threads, first->files, before->threads, before->files,
      after->threads, after->files);

  return say (
      after->threads <= before->threads && after->files <= before->files, text);
}

static gboolean
judge_buffers (const guint64 *n)
{
  g_autofree gchar *lost = g_strdup_printf (
      "no buffer lost: %" G_GUINT64_FORMAT " in, %" G_GUINT64_FORMAT
      " out, %" G_GUINT64_FORMAT " withheld by a cut or an end, "
      "%" G_GUINT64_FORMAT " lost",
      n[SOAK_IN], n[SOAK_OUT], n[SOAK_WITHHELD], n[SOAK_LOST]);
  g_autofree gchar *late = g_strdup_printf (
      "no buffer late or early by the element: %" G_GUINT64_FORMAT
      " late, %" G_GUINT64_FORMAT " early, at most %.1f ms beyond; with waits "
      "for a core %" G_GUINT64_FORMAT " late, at most %.1f ms, and the "
      "program's own waits %" G_GUINT64_FORMAT " times",
      n[SOAK_LATE_OWN], n[SOAK_EARLY], n[SOAK_LONGEST_OWN] / 1e3, n[SOAK_LATE],
      n[SOAK_LONGEST] / 1e3, n[SOAK_OVERSLEPT]);
  gboolean holds = say (
      n[SOAK_LOST] == 0 && n[SOAK_IN] == n[SOAK_OUT] + n[SOAK_WITHHELD], lost);

  return say (n[SOAK_LATE_OWN] == 0 && n[SOAK_EARLY] == 0, late) && holds;
}

static gboolean
judge_work (const guint64 *n)
{
  g_autofree gchar *text = g_strdup_printf (
      "it worked: %" G_GUINT64_FORMAT " matches, %" G_GUINT64_FORMAT
      " cuts, %" G_GUINT64_FORMAT " banks taken, %" G_GUINT64_FORMAT
      " connections, %" G_GUINT64_FORMAT " codec changes, %" G_GUINT64_FORMAT
      " jumps back, %" G_GUINT64_FORMAT " new pads, %" G_GUINT64_FORMAT
      " copies not analysed, %" G_GUINT64_FORMAT " errors",
      n[SOAK_MATCHES], n[SOAK_CUTS], n[SOAK_BANKS], n[SOAK_CONNECTIONS],
      n[SOAK_CODEC_CHANGES], n[SOAK_JUMPS], n[SOAK_NEW_PADS], n[SOAK_DROPPED],
      n[SOAK_ERRORS]);

  return say (n[SOAK_MATCHES] > 0 && n[SOAK_BANKS] > n[SOAK_CONNECTIONS] / 2 &&
                  n[SOAK_ERRORS] == 0,
      text);
}

static gboolean
judge (const Record *record, const SoakHoldings *first,
    const SoakHoldings *before, const SoakHoldings *after)
{
  gboolean holds = judge_work (record->counts.n);
  guint i;

  holds = judge_buffers (record->counts.n) && holds;
  holds = judge_holdings (first, before, after) && holds;
  for (i = 0; i < N_MEMORIES; i++)
    holds = judge_memory (memory_names[i], record->memory[i]) && holds;
  return holds;
}

int
main (int argc, char **argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;
  SoakHoldings first, before, after;
  Material material = { 0 };
  Record record = { 0 };
  SoakCounts last;
  gboolean holds;
  guint i;

  g_option_context_add_main_entries (context, options, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    fail (error->message);
  if (!paths || g_strv_length (paths) < 3 || n_streams < 1 || row_seconds < 1 ||
      swap_seconds < 1)
    fail ("Usage: soak BANK-A BANK-B CLIP... (see --help)");
  gst_init (NULL, NULL);
  GST_ELEMENT_REGISTER (weir, NULL);
  prepare (&material);
  soak_meter_read (&first);
  warm_up (&material, &before);

  for (i = 0; i < N_MEMORIES; i++)
    record.memory[i] = g_array_new (FALSE, FALSE, sizeof (gdouble));
  if (!json)
    print_head ();
  soak (&material, &record);
  settle (&after, &before);
  soak_counts_take (&last);
  soak_counts_add (&record.counts, &last);
  holds = judge (&record, &first, &before, &after);

  for (i = 0; i < N_MEMORIES; i++)
    g_array_unref (record.memory[i]);
  g_strfreev (paths);
  clear (&material);
  return holds ? 0 : 1;
}
