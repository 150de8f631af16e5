/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Live streams for hours in one process: connections that come, end and break
 * off, clips of other codecs and timestamps that jump back in mid-stream, pads
 * that go and come, banks that are replaced. A row a minute, and at the end a
 * verdict: no buffer lost, late or early; memory flat; no thread, file or
 * mapping more than before. Exits with 1 where that does not hold, or when
 * nothing was recognised.
 *
 * Usage: soak-clips WEIR FOLDER
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
#define ROWS_MIN    8 /* to say something of memory */

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

/* The rows so far. */
typedef struct {
  GArray *rss, *heap, *pss; /* of gdouble */
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
print_row (guint time, const SoakHoldings *now, gdouble rss, gdouble heap,
    gdouble pss, const SoakCounts *n)
{
  static gboolean has_head;

  if (json) {
    printf ("{\"name\":\"soak\",\"time\":%u,\"rss\":%.0f,\"pss\":%.0f,"
            "\"heap\":%.0f,\"threads\":%u,\"files\":%u,\"mappings\":%u,",
        time, rss, pss, heap, now->threads, now->files,
        soak_meter_count_mappings ());
#define PRINT_COUNT(field)                                                     \
  printf ("\"" #field "\":%" G_GUINT64_FORMAT ",", n->field)
    PRINT_COUNT (in);
    PRINT_COUNT (out);
    PRINT_COUNT (lost);
    PRINT_COUNT (late);
    PRINT_COUNT (late_own);
    PRINT_COUNT (early);
    PRINT_COUNT (withheld);
    PRINT_COUNT (overslept);
    PRINT_COUNT (connections);
    PRINT_COUNT (codec_changes);
    PRINT_COUNT (jumps);
    PRINT_COUNT (new_pads);
    PRINT_COUNT (matches);
    PRINT_COUNT (cuts);
    PRINT_COUNT (banks);
    PRINT_COUNT (blind);
    PRINT_COUNT (dropped);
    PRINT_COUNT (errors);
#undef PRINT_COUNT
    printf ("\"longest_ms\":%.1f,\"longest_own_ms\":%.1f}\n", n->longest / 1e3,
        n->longest_own / 1e3);
  } else {
    if (!has_head)
      printf ("%7s %7s %7s %7s %7s %5s %5s %8s %8s %5s %5s %5s %5s %8s %7s %5s "
              "%5s %5s %5s\n",
          "s", "RSS MB", "PSS MB", "heap MB", "threads", "files", "maps", "in",
          "out", "lost", "late", "own", "early", "most ms", "matches", "conns",
          "codec", "cuts", "error");
    has_head = TRUE;
    printf ("%7u %7.1f %7.1f %7.1f %7u %5u %5u %8" G_GUINT64_FORMAT
            " %8" G_GUINT64_FORMAT " %5" G_GUINT64_FORMAT " %5" G_GUINT64_FORMAT
            " %5" G_GUINT64_FORMAT " %5" G_GUINT64_FORMAT
            " %8.1f %7" G_GUINT64_FORMAT " %5" G_GUINT64_FORMAT
            " %5" G_GUINT64_FORMAT " %5" G_GUINT64_FORMAT " %5" G_GUINT64_FORMAT
            "\n",
        time, rss / 1e6, pss / 1e6, heap / 1e6, now->threads, now->files,
        soak_meter_count_mappings (), n->in, n->out, n->lost, n->late,
        n->late_own, n->early, n->longest_own / 1e3, n->matches, n->connections,
        n->codec_changes, n->cuts, n->errors);
  }
  fflush (stdout);
}

static void
add_row (Record *record, guint time, const SoakHoldings *now, gdouble rss,
    gdouble heap)
{
  gdouble pss = (gdouble) soak_meter_read_pss ();
  SoakCounts counts;

  soak_counts_take (&counts);
  soak_counts_sum (&record->counts, &counts);
  g_array_append_val (record->rss, rss);
  g_array_append_val (record->heap, heap);
  g_array_append_val (record->pss, pss);
  print_row (time, now, rss, heap, pss, &counts);
}

/* Memory is read now and then, and a row has the mean. */
static void
soak (Material *material, Record *record)
{
  GPtrArray *streams = begin_streams (material, (guint32) seed);
  gint64 start = g_get_monotonic_time ();
  gint second = 0, n = 0;
  gdouble rss = 0, heap = 0;
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
      rss += (gdouble) now.rss;
      heap += (gdouble) now.heap;
      n++;
    }
    if (second % row_seconds == 0) {
      add_row (record, (guint) second, &now, rss / n, heap / n);
      rss = heap = n = 0;
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

  if (rows->len < ROWS_MIN)
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
judge_buffers (const SoakCounts *n)
{
  g_autofree gchar *lost = g_strdup_printf (
      "no buffer lost: %" G_GUINT64_FORMAT " in, %" G_GUINT64_FORMAT
      " out, %" G_GUINT64_FORMAT " withheld by a cut or an end, "
      "%" G_GUINT64_FORMAT " lost",
      n->in, n->out, n->withheld, n->lost);
  g_autofree gchar *late = g_strdup_printf (
      "no buffer late or early by the element: %" G_GUINT64_FORMAT
      " late, %" G_GUINT64_FORMAT " early, at most %.1f ms beyond; with waits "
      "for a core %" G_GUINT64_FORMAT " late, at most %.1f ms, and the "
      "program's own waits %" G_GUINT64_FORMAT " times",
      n->late_own, n->early, n->longest_own / 1e3, n->late, n->longest / 1e3,
      n->overslept);
  gboolean holds = say (n->lost == 0 && n->in == n->out + n->withheld, lost);

  return say (n->late_own == 0 && n->early == 0, late) && holds;
}

static gboolean
judge_work (const SoakCounts *n)
{
  g_autofree gchar *text = g_strdup_printf (
      "it worked: %" G_GUINT64_FORMAT " matches, %" G_GUINT64_FORMAT
      " cuts, %" G_GUINT64_FORMAT " banks taken, %" G_GUINT64_FORMAT
      " connections, %" G_GUINT64_FORMAT " codec changes, %" G_GUINT64_FORMAT
      " jumps back, %" G_GUINT64_FORMAT " new pads, %" G_GUINT64_FORMAT
      " copies not analysed, %" G_GUINT64_FORMAT " errors",
      n->matches, n->cuts, n->banks, n->connections, n->codec_changes, n->jumps,
      n->new_pads, n->dropped, n->errors);

  return say (
      n->matches > 0 && n->banks > n->connections / 2 && n->errors == 0, text);
}

static gboolean
judge (const Record *record, const SoakHoldings *first,
    const SoakHoldings *before, const SoakHoldings *after)
{
  gboolean holds = judge_work (&record->counts);

  holds = judge_buffers (&record->counts) && holds;
  holds = judge_holdings (first, before, after) && holds;
  holds = judge_memory ("memory (RSS)", record->rss) && holds;
  holds = judge_memory ("memory (PSS)", record->pss) && holds;
  return judge_memory ("the heap in use", record->heap) && holds;
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

  record.rss = g_array_new (FALSE, FALSE, sizeof (gdouble));
  record.heap = g_array_new (FALSE, FALSE, sizeof (gdouble));
  record.pss = g_array_new (FALSE, FALSE, sizeof (gdouble));
  soak (&material, &record);
  settle (&after, &before);
  soak_counts_take (&last);
  soak_counts_sum (&record.counts, &last);
  holds = judge (&record, &first, &before, &after);

  g_array_unref (record.rss);
  g_array_unref (record.heap);
  g_array_unref (record.pss);
  g_strfreev (paths);
  clear (&material);
  return holds ? 0 : 1;
}
