/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the video analysis of a live stream costs beyond its decoding, in CPU
 * time as a share of a core: as a whole and by stage, with the looks as the
 * schedule takes them, beside decoding the same H.264.
 *
 * looks [--json] [--hashes N] [--seconds S] CLIP: the clip, again from its
 * beginning where it is too short, is encoded at 30 frames a second in three
 * sizes, decoded by ffmpeg and analysed against a bank of made-up hashes,
 * which nothing hits.
 */
#include "fingerprint/borders.h"
#include "fingerprint/panes.h"
#include "match/matcher.h"

#include "made-bank.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define FPS       30
#define N_WARM_UP 30 /* frames in which weights are made; not counted */

/* Stages, in the order of the table: looks, and from LOOKUP on what is timed on
 * every second frame. */
typedef enum {
  STAGE_PLAIN,
  STAGE_UNBORDERED,
  STAGE_PARTS,
  STAGE_CROPS,
  STAGE_STRAYS,
  STAGE_TURNS,
  STAGE_PANES,
  STAGE_FIND_BORDERS,
  STAGE_FIND_PANES,
  STAGE_LOOKUP,
  STAGE_MATCHING,
  STAGE_ALL,
  N_STAGES,
} Stage;

static const gchar *const stage_names[N_STAGES] = { "plain", "unbordered",
  "parts", "crops", "strays", "turns", "panes", "find-borders", "find-panes",
  "lookup", "matching", "all" };

typedef struct {
  guint width, height, kbps;
} Size;

static const Size sizes[] = { { 1920, 1080, 4500 }, { 1280, 720, 2500 },
  { 640, 360, 800 } };

typedef struct {
  WeirBank *bank;
  WeirMatcher *matcher;
  WeirFrameHasher *hasher;
  WeirFrame *frame;
  /* Of its own, to time each stage by itself. */
  WeirLooker *looker;
  WeirBorderFinder *borders;
  WeirPaneFinder *pane_finder;
  WeirPdqHash queries[2 * WEIR_FRAME_LOOKS_MAX];
  GArray *hits;
  GArray *matches;

  gdouble milliseconds[N_STAGES];
  guint n_looks[N_STAGES];
  guint n_frames;
} Analysis;

static gint n_hashes = 1000000;
static gint seconds = 10;

static gdouble
cpu_milliseconds (void)
{
  struct timespec now;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return (gdouble) now.tv_sec * 1e3 + (gdouble) now.tv_nsec / 1e6;
}

/* Of the processes that have ended. */
static gdouble
children_milliseconds (void)
{
  struct rusage usage;

  getrusage (RUSAGE_CHILDREN, &usage);
  return (gdouble) (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e3 +
         (gdouble) (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e3;
}

static Analysis *
analysis_new (WeirBank *bank)
{
  Analysis *analysis = g_new0 (Analysis, 1);
  WeirPolicy policy;

  weir_policy_init (&policy);
  analysis->bank = bank;
  analysis->matcher = weir_matcher_new (bank, &policy);
  analysis->hasher = weir_frame_hasher_new (WEIR_FRAME_QUERY);
  analysis->frame = g_new0 (WeirFrame, 1);
  analysis->looker = weir_looker_new ();
  analysis->borders = weir_border_finder_new ();
  analysis->pane_finder = weir_pane_finder_new ();
  analysis->hits = g_array_new (FALSE, FALSE, sizeof (WeirVideoHit));
  analysis->matches = g_array_new (FALSE, FALSE, sizeof (WeirMatch));
  return analysis;
}

static void
analysis_free (Analysis *analysis)
{
  weir_matcher_free (analysis->matcher);
  weir_frame_hasher_free (analysis->hasher);
  g_free (analysis->frame);
  weir_looker_free (analysis->looker);
  weir_border_finder_free (analysis->borders);
  weir_pane_finder_free (analysis->pane_finder);
  g_array_unref (analysis->hits);
  g_array_unref (analysis->matches);
  g_free (analysis);
}

static void
add_time (Analysis *analysis, Stage stage, gdouble start)
{
  if (analysis->n_frames >= N_WARM_UP)
    analysis->milliseconds[stage] += cpu_milliseconds () - start;
}

static gboolean
is_one_of (WeirAims kind, const WeirAim *aim)
{
  guint n_aims, i;
  const WeirAim *aims = weir_aims_get (kind, &n_aims);

  for (i = 0; i < n_aims; i++)
    if (aims[i].view == aim->view &&
        memcmp (&aims[i].window, &aim->window, sizeof (aim->window)) == 0)
      return TRUE;
  return FALSE;
}

static Stage
get_stage (const WeirLook *look)
{
  if (look->edits & WEIR_EDIT_INSET)
    return STAGE_PANES;
  if (look->aim.orientation != WEIR_PDQ_PLAIN)
    return STAGE_TURNS;
  if (!weir_view_is_part (look->view))
    return look->edits & WEIR_EDIT_BORDERED ? STAGE_UNBORDERED : STAGE_PLAIN;
  if (is_one_of (WEIR_AIMS_PARTS, &look->aim))
    return STAGE_PARTS;
  return is_one_of (WEIR_AIMS_CROPS, &look->aim) ? STAGE_CROPS : STAGE_STRAYS;
}

/* Takes each look of the frame again. */
static void
time_looks (Analysis *analysis, const WeirLuma *luma, const WeirLuma *inner)
{
  guint i;

  weir_looker_show (analysis->looker, WEIR_BASE_FRAME, luma);
  weir_looker_show (analysis->looker, WEIR_BASE_UNBORDERED, inner);
  for (i = 0; i < analysis->frame->n_looks; i++) {
    const WeirLook *look = &analysis->frame->looks[i];
    Stage stage = get_stage (look);
    gdouble start = cpu_milliseconds ();
    WeirLook again;

    weir_looker_take (analysis->looker, look->base, &look->aim, &again);
    add_time (analysis, stage, start);
    analysis->n_looks[stage] += analysis->n_frames >= N_WARM_UP;
  }
}

static void
time_lookup (Analysis *analysis)
{
  guint n_queries = 0, i;
  gdouble start;

  for (i = 0; i < analysis->frame->n_looks; i++) {
    const WeirLook *look = &analysis->frame->looks[i];

    if (!weir_look_has_weight (look))
      continue;
    analysis->queries[n_queries++] = look->hash;
    analysis->queries[n_queries++] = look->mirrored;
  }
  g_array_set_size (analysis->hits, 0);
  start = cpu_milliseconds ();
  weir_bank_lookup_video_many (analysis->bank, analysis->queries, n_queries,
      WEIR_PDQ_RADIUS, analysis->hits);
  add_time (analysis, STAGE_LOOKUP, start);
  analysis->n_looks[STAGE_LOOKUP] +=
      analysis->n_frames >= N_WARM_UP ? n_queries : 0;
}

/* The lookup alone is timed on one frame, the matcher on the next: the second
 * to look up the same hashes would find the bank in the cache. */
static gboolean
is_for_lookup (const Analysis *analysis)
{
  return analysis->n_frames % 2 == 0;
}

/* All of it, as a stream has it; then each stage by itself. */
static void
analyse (Analysis *analysis, const WeirLuma *luma, gint64 time)
{
  const WeirStamp stamp = { .time = time };
  WeirWindow panes[WEIR_PANES_MAX];
  WeirLuma inner = *luma;
  gdouble start = cpu_milliseconds (), middle;

  weir_frame_hasher_run (analysis->hasher, luma, time, analysis->frame);
  if (is_for_lookup (analysis))
    time_lookup (analysis);
  middle = cpu_milliseconds ();
  weir_matcher_add_video (
      analysis->matcher, &stamp, analysis->frame, analysis->matches);
  if (!is_for_lookup (analysis)) {
    add_time (analysis, STAGE_MATCHING, middle);
    add_time (analysis, STAGE_ALL, start);
  }
  weir_frame_hasher_keep (analysis->hasher, analysis->frame);

  start = cpu_milliseconds ();
  weir_border_finder_run (analysis->borders, luma, time, &inner);
  add_time (analysis, STAGE_FIND_BORDERS, start);
  start = cpu_milliseconds ();
  weir_pane_finder_run (analysis->pane_finder, luma, time, panes);
  add_time (analysis, STAGE_FIND_PANES, start);
  time_looks (analysis, luma, &inner);
  analysis->n_frames++;
}

/* Runs the words of @command, a path having no spaces. FALSE when it fails. */
static gboolean
run (const gchar *command)
{
  g_autoptr (GError) error = NULL;
  gint status;

  if (g_spawn_command_line_sync (command, NULL, NULL, &status, &error) &&
      g_spawn_check_wait_status (status, &error))
    return TRUE;
  g_printerr ("%s: %s\n", command, error->message);
  return FALSE;
}

static gboolean
encode (const gchar *clip, const Size *size, const gchar *path)
{
  g_autofree gchar *quoted = g_shell_quote (clip);
  g_autofree gchar *command = g_strdup_printf (
      "ffmpeg -v error -nostdin -y -stream_loop -1 -i %s -t %d -an -vf "
      "fps=%d,scale=%u:%u:flags=bicubic,setsar=1,format=yuv420p -c:v libx264 "
      "-preset veryfast -b:v %uk -maxrate %uk -bufsize %uk -bf 0 %s",
      quoted, seconds, FPS, size->width, size->height, size->kbps, size->kbps,
      size->kbps, path);

  return run (command);
}

/* Per cent of a core that decoding takes; below 0 when it fails. */
static gdouble
measure_decoding (const gchar *path)
{
  g_autofree gchar *command = g_strdup_printf (
      "ffmpeg -v error -nostdin -threads 1 -i %s -f null -", path);
  gdouble start = children_milliseconds ();

  if (!run (command))
    return -1;
  return (children_milliseconds () - start) / (10.0 * seconds);
}

static gboolean
analyse_all (Analysis *analysis, const Size *size, const gchar *path)
{
  gsize n_bytes = (gsize) size->width * size->height;
  g_autofree guint8 *pixels = g_malloc (n_bytes);
  g_autofree gchar *command =
      g_strdup_printf ("ffmpeg -v error -nostdin -threads 1 -i %s -vf "
                       "extractplanes=y -f rawvideo -",
          path);
  const WeirLuma luma = {
    .data = pixels,
    .stride = size->width,
    .pixel_stride = 1,
    .width = size->width,
    .height = size->height,
    .depth = 8,
  };
  FILE *input = popen (command, "r");
  guint i;

  if (!input)
    return FALSE;
  for (i = 0; fread (pixels, 1, n_bytes, input) == n_bytes; i++)
    analyse (analysis, &luma, i * G_GINT64_CONSTANT (1000000000) / FPS);
  return pclose (input) == 0 && analysis->n_frames > N_WARM_UP;
}

static void
print_stages (
    const Analysis *analysis, const Size *size, gdouble decoding, gboolean json)
{
  gdouble time = (gdouble) (analysis->n_frames - N_WARM_UP) / FPS;
  gdouble lookup = analysis->milliseconds[STAGE_LOOKUP];
  guint i;

  if (!json)
    g_print ("\n%ux%u at %d frames a second; decoding takes %.2f %% of a core\n"
             "%-14s %12s %10s %12s\n",
        size->width, size->height, FPS, decoding, "stage", "% of a core",
        "a second", "of decoding");
  for (i = 0; i < N_STAGES; i++) {
    gdouble spent = analysis->milliseconds[i], count = analysis->n_looks[i];
    gdouble share;

    /* What the matcher spends beside looking up. */
    if (i == STAGE_MATCHING)
      spent = MAX (spent - lookup, 0);
    /* Of every second frame. */
    if (i >= STAGE_LOOKUP) {
      spent *= 2;
      count *= 2;
    }
    share = spent / time / 10;
    if (json)
      g_print ("{\"name\":\"looks-%ux%u-%s\",\"value\":%.4f,"
               "\"unit\":\"%% of a core\",\"peer\":\"decoding H.264\","
               "\"ratio\":%.4f}\n",
          size->width, size->height, stage_names[i], share, share / decoding);
    else
      g_print ("%-14s %12.3f %10.0f %12.3f\n", stage_names[i], share,
          count / time, share / decoding);
  }
}

static gboolean
measure (WeirBank *bank, const gchar *clip, const Size *size,
    const gchar *folder, gboolean json)
{
  g_autofree gchar *path = g_build_filename (folder, "clip.mp4", NULL);
  Analysis *analysis = analysis_new (bank);
  gdouble decoding = -1;
  gboolean done = FALSE;

  if (encode (clip, size, path)) {
    decoding = measure_decoding (path);
    done = decoding > 0 && analyse_all (analysis, size, path);
  }
  if (done)
    print_stages (analysis, size, decoding, json);
  g_unlink (path);
  analysis_free (analysis);
  return done;
}

int
main (int argc, char **argv)
{
  gboolean json = FALSE, done = TRUE;
  const GOptionEntry options[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, "One object a line", NULL },
    { "hashes", 0, 0, G_OPTION_ARG_INT, &n_hashes,
        "In the bank (default: a million)", "N" },
    { "seconds", 0, 0, G_OPTION_ARG_INT, &seconds, "Of each size (default: 10)",
        "S" },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("CLIP");
  g_autoptr (GError) error = NULL;
  g_autofree gchar *folder = NULL, *path = NULL;
  guint i;

  g_option_context_add_main_entries (context, options, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error)) {
    g_printerr ("looks: %s\n", error->message);
    return 2;
  }
  if (argc != 2 || n_hashes < 1 || seconds < 2) {
    g_printerr ("looks: give a clip, 1 hash or more and 2 seconds or more\n");
    return 2;
  }
  folder = g_dir_make_tmp ("weir-looks-XXXXXX", &error);
  if (!folder) {
    g_printerr ("looks: %s\n", error->message);
    return 1;
  }
  path = g_build_filename (folder, "bank.weir", NULL);
  made_bank_write (path, 1, (guint) n_hashes);
  {
    g_autoptr (WeirBank) bank = weir_bank_open (path, &error);

    done = bank != NULL;
    if (!done)
      g_printerr ("looks: %s\n", error->message);
    for (i = 0; done && i < G_N_ELEMENTS (sizes); i++)
      done = measure (bank, argv[1], &sizes[i], folder, json);
  }
  g_unlink (path);
  g_rmdir (folder);
  return done ? 0 : 1;
}
