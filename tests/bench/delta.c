/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How soon a change of a bank is seen by another process, and what it costs the
 * lookups that go on there: a writer adds segments of made-up hashes to a
 * folder, each as one change; this process follows the folder, and looks a
 * thousand frames a second up all the while as the element does, under a lock
 * that a new bank takes, too. (Without a breath between two frames the lock is
 * never free for long, and who waits for it measures luck.)
 */
#include "bank/bank-folder.h"
#include "bank/bank-follower.h"
#include "bank/manifest.h"
#include "match/matcher.h"

#include "../unit/hash-data.h"
#include "made-bank.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define N_CHANGES   20
#define N_LOOKS     8
#define QUIET_SPAN  (2 * G_USEC_PER_SEC)
#define FRAME_SPAN  G_TIME_SPAN_MILLISECOND
#define PAUSE       (100 * G_TIME_SPAN_MILLISECOND) /* between two changes */
#define MAX_LOOKUPS (1 << 22)

static gint n_hashes = 1000000;
static gint n_delta = 4096;
static gboolean json;

typedef struct {
  gdouble *wall; /* us, of each frame with its wait for the lock */
  gdouble *cpu;
  guint n;
} Times;

typedef struct {
  GMutex lock;
  GCond changed;
  WeirMatcher *matcher;
  WeirBank *bank;
  gint64 swapped; /* when the newest bank was in use, us */
  guint n_banks;
  gdouble cpu; /* of the follower's thread until now, us */
  gdouble opened[2 * N_CHANGES + 1]; /* what it took for each bank, ms */
  Times *times;                      /* of what goes on now */
  gboolean stopped;
} Reader;

static gdouble
now (clockid_t clock)
{
  struct timespec time;

  clock_gettime (clock, &time);
  return (gdouble) time.tv_sec * 1e6 + (gdouble) time.tv_nsec / 1e3;
}

static void
die (const GError *error)
{
  g_printerr ("%s\n", error->message);
  exit (1);
}

/* ---- The writer ---- */

/* As weir bank add does it. Returns when it began. */
static gint64
change_synced (const gchar *folder, const gchar *path)
{
  gchar *add[] = { (gchar *) path, NULL };
  gint64 begun = g_get_monotonic_time ();
  g_autoptr (GError) error = NULL;

  if (!weir_bank_folder_change (
          folder, &(WeirBankChange){ .add = add }, &error))
    die (error);
  return begun;
}

/* Puts all in place but the last rename, which makes it the bank. Returns when
 * that was. */
static gint64
change_by_rename (const gchar *folder, const gchar *path)
{
  g_autofree gchar *manifest_path =
      g_build_filename (folder, WEIR_MANIFEST_NAME, NULL);
  g_autofree gchar *temporary = g_build_filename (folder, "next", NULL);
  g_autofree gchar *name = NULL;
  g_autofree gchar *segment = NULL;
  g_autofree gchar *text = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (WeirManifest) manifest = weir_manifest_read (folder, &error);
  g_autoptr (WeirBank) bank = weir_bank_open (path, &error);
  gint64 begun;

  if (!manifest || !bank)
    die (error);
  name = g_strconcat (weir_bank_get_version (bank), WEIR_BANK_SUFFIX, NULL);
  segment = g_build_filename (folder, name, NULL);
  weir_manifest_add_segment (manifest, name, weir_bank_get_version (bank));
  text = weir_manifest_format (manifest);
  if (!g_file_set_contents (temporary, text, -1, &error))
    die (error);
  g_rename (path, segment);
  begun = g_get_monotonic_time ();
  g_rename (temporary, manifest_path);
  return begun;
}

/* Makes a change for each byte that it is sent, 's' a synced one, and answers
 * when it began. */
static int
write_deltas (const gchar *folder, const gchar *path, gint commands, gint times)
{
  gchar command;
  guint64 seed = 2;

  while (read (commands, &command, 1) == 1) {
    gint64 begun;

    made_bank_write (path, seed++, (guint) n_delta);
    begun = command == 's' ? change_synced (folder, path)
                           : change_by_rename (folder, path);
    if (write (times, &begun, sizeof (begun)) != sizeof (begun))
      return 1;
  }
  return 0;
}

/* ---- The reader ---- */

static void
on_bank (
    WeirBank *bank, const gchar *path, const GError *error, gpointer user_data)
{
  Reader *reader = user_data;
  g_autoptr (WeirBank) before = NULL;
  gdouble cpu;
  g_autoptr (GArray) matches = g_array_new (FALSE, FALSE, sizeof (WeirMatch));

  if (!bank)
    die (error);
  g_mutex_lock (&reader->lock);
  before = reader->bank;
  reader->bank = weir_bank_ref (bank);
  if (!reader->matcher) {
    WeirPolicy policy;

    weir_policy_init (&policy);
    reader->matcher = weir_matcher_new (bank, &policy);
  } else {
    weir_matcher_set_bank (reader->matcher, bank, matches);
  }
  reader->swapped = g_get_monotonic_time ();
  cpu = now (CLOCK_THREAD_CPUTIME_ID);
  if (reader->n_banks < G_N_ELEMENTS (reader->opened))
    reader->opened[reader->n_banks] = (cpu - reader->cpu) / 1000;
  reader->cpu = reader->n_banks > 0 ? cpu : 0;
  reader->n_banks++;
  g_cond_broadcast (&reader->changed);
  g_mutex_unlock (&reader->lock);
}

static void
look_up_frame (Reader *reader, HashSource *source, gint64 time)
{
  g_autoptr (GArray) matches = g_array_new (FALSE, FALSE, sizeof (WeirMatch));
  WeirStamp stamp = { .time = time };
  static WeirFrame frame;
  gdouble begun, cpu;

  frame.n_looks = N_LOOKS;
  for (guint i = 0; i < N_LOOKS; i++) {
    frame.looks[i].hash = hash_source_balanced (source);
    frame.looks[i].mirrored = hash_source_balanced (source);
    frame.looks[i].quality = 100;
  }
  begun = now (CLOCK_MONOTONIC);
  cpu = now (CLOCK_THREAD_CPUTIME_ID);
  g_mutex_lock (&reader->lock);
  weir_matcher_add_video (reader->matcher, &stamp, &frame, matches);
  if (reader->times->n < MAX_LOOKUPS) {
    Times *times = reader->times;

    times->cpu[times->n] = now (CLOCK_THREAD_CPUTIME_ID) - cpu;
    times->wall[times->n++] = now (CLOCK_MONOTONIC) - begun;
  }
  g_mutex_unlock (&reader->lock);
}

static gpointer
look_up_all_the_while (gpointer user_data)
{
  Reader *reader = user_data;
  HashSource source = { 99 };
  gboolean stopped = FALSE;

  for (gint64 time = 0; !stopped; time += 40000000) {
    look_up_frame (reader, &source, time);
    g_usleep (FRAME_SPAN);
    g_mutex_lock (&reader->lock);
    stopped = reader->stopped;
    g_mutex_unlock (&reader->lock);
  }
  return NULL;
}

static void
use_times (Reader *reader, Times *times)
{
  g_mutex_lock (&reader->lock);
  reader->times = times;
  g_mutex_unlock (&reader->lock);
}

/* Waits for the bank @n; returns when it was in use. */
static gint64
wait_for_bank (Reader *reader, guint n)
{
  gint64 swapped;

  g_mutex_lock (&reader->lock);
  while (reader->n_banks < n)
    g_cond_wait (&reader->changed, &reader->lock);
  swapped = reader->swapped;
  g_mutex_unlock (&reader->lock);
  return swapped;
}

/* ---- What comes of it ---- */

static int
compare_doubles (const void *a, const void *b)
{
  gdouble first = *(const gdouble *) a;
  gdouble second = *(const gdouble *) b;

  return (first > second) - (first < second);
}

static void
print_row (const gchar *name, gdouble *values, guint n, const gchar *unit)
{
  static const struct {
    const gchar *name;
    gdouble at;
  } points[] = { { "p50", 0.5 }, { "p99", 0.99 }, { "p99.99", 0.9999 },
    { "max", 1 } };

  qsort (values, n, sizeof (*values), compare_doubles);
  if (!json)
    printf ("%-46s", name);
  for (guint i = 0; n > 0 && i < G_N_ELEMENTS (points); i++) {
    gdouble value = values[(guint) (points[i].at * (n - 1))];

    if (json)
      printf ("{\"name\":\"%s, %s\",\"value\":%.4f,\"unit\":\"%s\"}\n", name,
          points[i].name, value, unit);
    else
      printf (" %s %9.3f", points[i].name, value);
  }
  if (!json)
    printf (" %s\n", unit);
}

static void
init_times (Times *times)
{
  times->wall = g_new (gdouble, MAX_LOOKUPS);
  times->cpu = g_new (gdouble, MAX_LOOKUPS);
  times->n = 0;
}

static void
clear_times (Times *times)
{
  g_free (times->wall);
  g_free (times->cpu);
}

/* N_CHANGES changes, of the kind that the writer knows by @command; in @seen
 * goes after how long each was in use, ms. */
static void
watch_changes (
    Reader *reader, gint commands, gint answers, gchar command, gdouble *seen)
{
  guint n_banks = reader->n_banks;

  for (guint i = 0; i < N_CHANGES; i++) {
    gint64 begun;

    if (write (commands, &command, 1) != 1 ||
        read (answers, &begun, sizeof (begun)) != sizeof (begun))
      exit (1);
    seen[i] =
        (gdouble) (wait_for_bank (reader, n_banks + i + 1) - begun) / 1000;
    g_usleep (PAUSE);
  }
}

static void
run (Reader *reader, gint commands, gint answers)
{
  Times quiet, changing;
  GThread *thread;
  gdouble renamed[N_CHANGES], synced[N_CHANGES];

  init_times (&quiet);
  init_times (&changing);
  reader->times = &quiet;
  thread = g_thread_new ("lookups", look_up_all_the_while, reader);
  g_usleep (QUIET_SPAN);
  use_times (reader, &changing);
  watch_changes (reader, commands, answers, 'r', renamed);
  watch_changes (reader, commands, answers, 's', synced);
  g_mutex_lock (&reader->lock);
  reader->stopped = TRUE;
  g_mutex_unlock (&reader->lock);
  g_thread_join (thread);
  print_row ("manifest renamed to bank in use", renamed, N_CHANGES, "ms");
  print_row ("noticed, opened, verified and swapped, CPU", &reader->opened[1],
      2 * N_CHANGES, "ms");
  print_row ("change begun, synced, to bank in use", synced, N_CHANGES, "ms");
  print_row ("frame looked up, quiet", quiet.wall, quiet.n, "us");
  print_row (
      "frame looked up, while banks change", changing.wall, changing.n, "us");
  print_row ("frame looked up, quiet, CPU", quiet.cpu, quiet.n, "us");
  print_row ("frame looked up, while banks change, CPU", changing.cpu,
      changing.n, "us");
  clear_times (&quiet);
  clear_times (&changing);
}

static void
delete_folder (const gchar *folder)
{
  g_autoptr (GDir) entries = g_dir_open (folder, 0, NULL);
  const gchar *name;

  while (entries && (name = g_dir_read_name (entries)) != NULL) {
    g_autofree gchar *path = g_build_filename (folder, name, NULL);

    g_unlink (path);
  }
  g_rmdir (folder);
}

int
main (int argc, char **argv)
{
  const GOptionEntry entries[] = {
    { "hashes", 0, 0, G_OPTION_ARG_INT, &n_hashes,
        "Hashes of the bank at first", "N" },
    { "delta", 0, 0, G_OPTION_ARG_INT, &n_delta, "Hashes of each change", "N" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, "One object a line", NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autofree gchar *folder = g_dir_make_tmp ("weir-delta-XXXXXX", NULL);
  g_autofree gchar *path = g_strconcat (folder, ".weir", NULL);
  gchar *add[] = { path, NULL };
  Reader reader = { 0 };
  WeirBankFollower *follower;
  gint commands[2], answers[2];
  pid_t writer;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    die (error);
  made_bank_write (path, 1, (guint) n_hashes);
  if (!weir_bank_folder_change (
          folder, &(WeirBankChange){ .add = add }, &error))
    die (error);
  if (pipe (commands) != 0 || pipe (answers) != 0)
    return 1;
  writer = fork ();
  if (writer == 0) {
    close (commands[1]);
    return write_deltas (folder, path, commands[0], answers[1]);
  }
  g_mutex_init (&reader.lock);
  g_cond_init (&reader.changed);
  if (!json)
    printf ("%d hashes, changes of %d, %d looks a frame\n", n_hashes, n_delta,
        N_LOOKS);
  follower = weir_bank_follower_new (folder, on_bank, &reader);
  run (&reader, commands[1], answers[0]);
  weir_bank_follower_free (follower);
  close (commands[1]);
  waitpid (writer, NULL, 0);
  weir_matcher_free (reader.matcher);
  weir_bank_unref (reader.bank);
  g_unlink (path);
  delete_folder (folder);
  return 0;
}
