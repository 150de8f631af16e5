/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a session of weir-ingest costs, while the H.264 of a file is published
 * at its own rate for ten seconds.
 *
 * CPU, of the process, user and system, of several sessions: beside the same
 * without a bank, where the element only lets them pass. The delay of a picture
 * from the publisher's payloader to the output, over the loopback, of one
 * session: beside another at the same time whose media go past the element.
 * The element's own part in that is what `passthrough` says.
 *
 * Usage: ingest [--json] WEIR-INGEST BANK MEDIA [SESSIONS]
 */

#include "config.h"
#include "ingest-delay.h"
#include "publisher.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SESSIONS     4
#define SESSIONS_MAX 64
#define SETTLE_TIME  3  /* s */
#define MEASURE_TIME 10 /* s */
#define PLAY_TIME    (10 * GST_SECOND)
#define TOKEN        "bench"
#define SOURCE       "filesrc location=\"%s\" ! parsebin ! h264parse "

static void fail (const gchar *format, ...)
    G_GNUC_PRINTF (1, 2) G_GNUC_NORETURN;

static void
fail (const gchar *format, ...)
{
  va_list arguments;

  fputs ("ingest: ", stderr);
  va_start (arguments, format);
  vfprintf (stderr, format, arguments);
  va_end (arguments);
  fputc ('\n', stderr);
  exit (1);
}

/* Starts the program, with @bank or without one, and finds its URL. */
static GSubprocess *
start (const gchar *program, const gchar *bank, gchar **url)
{
  g_autoptr (GError) error = NULL;
  GSubprocess *process = g_subprocess_new (
      G_SUBPROCESS_FLAGS_STDERR_PIPE | G_SUBPROCESS_FLAGS_STDOUT_SILENCE,
      &error, program, "--listen", "127.0.0.1:0", "--token", TOKEN,
      bank ? "--bank" : "--set", bank ? bank : "max-action=none", "--output",
      "fakesink name=video fakesink name=audio", "--ice-address", "127.0.0.1",
      "--max-sessions", "64", NULL);
  g_autoptr (GDataInputStream) lines = NULL;
  g_autofree gchar *line = NULL;

  if (!process)
    fail ("%s", error->message);
  lines = g_data_input_stream_new (g_subprocess_get_stderr_pipe (process));
  line = g_data_input_stream_read_line (lines, NULL, NULL, NULL);
  if (!line || !g_str_has_prefix (line, "weir-ingest: http"))
    fail ("%s", line ? line : "this program says nothing");
  *url = g_strconcat (line + strlen ("weir-ingest: "), "whip", NULL);
  return process;
}

/* CPU time that the process has taken, s. */
static gdouble
get_cpu (GSubprocess *process)
{
  g_autofree gchar *path =
      g_strdup_printf ("/proc/%s/stat", g_subprocess_get_identifier (process));
  g_autofree gchar *text = NULL;
  g_auto (GStrv) words = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  /* Behind the name in parentheses, fields 14 and 15 of all are utime and
   * stime. */
  words = g_strsplit (strrchr (text, ')') + 2, " ", 14);
  return (g_ascii_strtod (words[11], NULL) + g_ascii_strtod (words[12], NULL)) /
         (gdouble) sysconf (_SC_CLK_TCK);
}

/* Fails unless the file has what is to be published. */
static void
check_media (const gchar *media)
{
  g_autofree gchar *line = g_strdup_printf (SOURCE "! fakesink", media);
  g_autoptr (GError) error = NULL;
  g_autoptr (GstElement) pipeline = gst_parse_launch (line, &error);
  g_autoptr (GstBus) bus = NULL;
  g_autoptr (GstMessage) message = NULL;

  if (error)
    fail ("%s", error->message);
  bus = gst_element_get_bus (pipeline);
  gst_element_set_state (pipeline, GST_STATE_PAUSED);
  message = gst_bus_timed_pop_filtered (
      bus, PLAY_TIME, GST_MESSAGE_ASYNC_DONE | GST_MESSAGE_ERROR);
  if (!message || GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
    fail ("%s: there is no H.264 in it that can be played", media);
  gst_element_set_state (pipeline, GST_STATE_NULL);
}

/* Of one session, % of a core. */
static gdouble
measure_cpu (
    const gchar *program, const gchar *bank, const gchar *fragment, guint n)
{
  Publisher *publishers[SESSIONS_MAX];
  Host host = { 0 };
  g_autoptr (GSubprocess) process = start (program, bank, &host.url);
  gdouble before, used;
  guint i;

  host.client = soup_session_new_with_options (
      "max-conns", SESSIONS_MAX, "max-conns-per-host", SESSIONS_MAX, NULL);
  for (i = 0; i < n; i++)
    publishers[i] = publisher_new_of (&host, TOKEN, fragment);
  for (i = 0; i < n; i++)
    host_wait (publisher_is_connected, publishers[i]);
  host_run_for (1000 * SETTLE_TIME);
  before = get_cpu (process);
  host_run_for (1000 * MEASURE_TIME);
  used = get_cpu (process) - before;

  for (i = 0; i < n; i++)
    publisher_free (publishers[i]);
  g_subprocess_force_exit (process);
  g_subprocess_wait (process, NULL, NULL);
  g_object_unref (host.client);
  g_free (host.url);
  return 100 * used / MEASURE_TIME / n;
}

static gchar *
get_machine (void)
{
  g_autofree gchar *text = NULL;
  const gchar *line;

  if (!g_file_get_contents ("/proc/cpuinfo", &text, NULL, NULL))
    return g_strdup ("unknown processor");
  line = strstr (text, "model name");
  line = line ? strchr (line, ':') : NULL;
  return line ? g_strndup (line + 2, strcspn (line + 2, "\n"))
              : g_strdup ("unknown processor");
}

static void
print_head (const gchar *media, guint n)
{
  g_autofree gchar *machine = get_machine ();
  g_autofree gchar *version = gst_version_string ();

  printf ("%s, %u cores; Weir %s, %s\n%s, CPU of %u sessions\n"
          "%-24s %10s %10s %8s\n",
      machine, g_get_num_processors (), VERSION, version, media, n, "", "weir",
      "peer", "ratio");
}

static void
print_row (gboolean json, const gchar *name, const gchar *unit, gdouble value,
    gdouble peer)
{
  if (json)
    printf ("{\"name\":\"ingest-%s\",\"value\":%.2f,\"unit\":\"%s\","
            "\"peer\":%.2f,\"ratio\":%.2f}\n",
        name, value, unit, peer, value / peer);
  else
    printf ("%-11s %-12s %10.2f %10.2f %8.2f\n", name, unit, value, peer,
        value / peer);
  fflush (stdout);
}

/* ms */
static gdouble
get_share (const GArray *delays, gdouble share)
{
  guint index = (guint) (share * (delays->len - 1));

  return (gdouble) g_array_index (delays, gint64, index) / 1e3;
}

static void
print_delays (gboolean json, const gchar *bank, const gchar *fragment)
{
  static const struct {
    const gchar *name;
    gdouble share;
  } rows[] = { { "delay-p50", 0.50 }, { "delay-p95", 0.95 },
    { "delay-max", 1.00 } };
  g_autoptr (GArray) with = NULL;
  g_autoptr (GArray) without = NULL;
  guint i;

  ingest_delay_measure (
      bank, fragment, SETTLE_TIME, MEASURE_TIME, &with, &without);
  if (with->len == 0 || without->len == 0)
    fail ("no picture has arrived");
  for (i = 0; i < G_N_ELEMENTS (rows); i++)
    print_row (json, rows[i].name, "ms", get_share (with, rows[i].share),
        get_share (without, rows[i].share));
}

int
main (int argc, char **argv)
{
  gboolean json = argc > 1 && strcmp (argv[1], "--json") == 0;
  gchar **words = argv + 1 + json;
  int n_words = argc - 1 - json;
  guint n =
      n_words == 4 ? (guint) g_ascii_strtoull (words[3], NULL, 10) : SESSIONS;
  g_autofree gchar *fragment = NULL;

  if (n_words < 3 || n_words > 4 || n < 1 || n > SESSIONS_MAX) {
    fprintf (stderr,
        "Usage: ingest [--json] WEIR-INGEST BANK MEDIA [SESSIONS]\n"
        "MEDIA holds H.264 of 20 s at least, SESSIONS is up to %d.\n",
        SESSIONS_MAX);
    return 2;
  }
  gst_init (NULL, NULL);
  check_media (words[2]);
  fragment = g_strdup_printf (SOURCE
      "config-interval=-1 ! identity sync=true "
      "! rtph264pay name=pay pt=96 aggregate-mode=zero-latency "
      "! application/x-rtp,media=video,encoding-name=H264,payload=96 "
      "! rtc.",
      words[2]);
  if (!json)
    print_head (words[2], n);
  print_row (json, "session-cpu", "% of a core",
      measure_cpu (words[0], words[1], fragment, n),
      measure_cpu (words[0], NULL, fragment, n));
  print_delays (json, words[1], fragment);
  return 0;
}
