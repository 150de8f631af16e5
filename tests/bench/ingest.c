/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a session of weir-ingest costs in CPU, beside the same without a bank,
 * where the element only lets it pass: of the process, user and system, while
 * sessions publish the H.264 of a file at its own rate for ten seconds.
 *
 * How much later a buffer leaves for the element is what `passthrough` says.
 *
 * Usage: ingest [--json] WEIR-INGEST BANK MEDIA [SESSIONS]
 */

#include "publisher.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SESSIONS     4
#define SESSIONS_MAX 64
#define SETTLE_TIME  3  /* s */
#define MEASURE_TIME 10 /* s */
#define TOKEN        "bench"

/* Starts the program, with @bank or without one, and finds its URL. */
static GSubprocess *
start (const gchar *program, const gchar *bank, gchar **url)
{
  g_autofree gchar *property =
      bank ? g_strconcat ("bank=", bank, NULL) : g_strdup ("max-action=none");
  g_autoptr (GError) error = NULL;
  GSubprocess *process = g_subprocess_new (
      G_SUBPROCESS_FLAGS_STDERR_PIPE | G_SUBPROCESS_FLAGS_STDOUT_SILENCE,
      &error, program, "--listen", "127.0.0.1:0", "--token", TOKEN, "--set",
      property, "--output", "fakesink name=video fakesink name=audio",
      "--ice-address", "127.0.0.1", "--max-sessions", "64", NULL);
  g_autoptr (GDataInputStream) lines = NULL;
  g_autofree gchar *line = NULL;

  g_assert_no_error (error);
  lines = g_data_input_stream_new (g_subprocess_get_stderr_pipe (process));
  line = g_data_input_stream_read_line (lines, NULL, NULL, NULL);
  if (!line || !g_str_has_prefix (line, "weir-ingest: http")) {
    fprintf (stderr, "ingest: %s\n", line ? line : program);
    exit (1);
  }
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

static gboolean
set_over (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
  return G_SOURCE_REMOVE;
}

static void
run_for (guint seconds)
{
  gboolean over = FALSE;

  g_timeout_add_seconds (seconds, set_over, &over);
  while (!over)
    g_main_context_iteration (NULL, TRUE);
}

/* Of one session, % of a core. */
static gdouble
measure (const gchar *program, const gchar *bank, const gchar *media, guint n)
{
  g_autofree gchar *fragment = g_strdup_printf (
      "filesrc location=\"%s\" ! parsebin ! h264parse config-interval=-1 "
      "! identity sync=true ! rtph264pay pt=96 aggregate-mode=zero-latency "
      "! application/x-rtp,media=video,encoding-name=H264,payload=96 ! rtc.",
      media);
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
  run_for (SETTLE_TIME);
  before = get_cpu (process);
  run_for (MEASURE_TIME);
  used = get_cpu (process) - before;

  for (i = 0; i < n; i++)
    publisher_free (publishers[i]);
  g_subprocess_force_exit (process);
  g_subprocess_wait (process, NULL, NULL);
  g_object_unref (host.client);
  g_free (host.url);
  return 100 * used / MEASURE_TIME / n;
}

int
main (int argc, char **argv)
{
  gboolean json = argc > 1 && strcmp (argv[1], "--json") == 0;
  gchar **words = argv + 1 + json;
  int n_words = argc - 1 - json;
  guint n =
      n_words == 4 ? (guint) g_ascii_strtoull (words[3], NULL, 10) : SESSIONS;
  gdouble value, peer;

  if (n_words < 3 || n_words > 4 || n < 1 || n > SESSIONS_MAX) {
    fprintf (stderr,
        "Usage: ingest [--json] WEIR-INGEST BANK MEDIA [SESSIONS]\n"
        "MEDIA holds H.264 of 20 s at least, SESSIONS is up to %d.\n",
        SESSIONS_MAX);
    return 2;
  }
  gst_init (NULL, NULL);
  value = measure (words[0], words[1], words[2], n);
  peer = measure (words[0], NULL, words[2], n);
  if (json)
    printf (
        "{\"name\":\"ingest-session-cpu\",\"value\":%.2f,\"unit\":\"%% of a "
        "core\",\"peer\":%.2f,\"ratio\":%.2f}\n",
        value, peer, value / peer);
  else
    printf ("%u sessions, %% of a core each\n%-12s %8.2f\n%-12s %8.2f\n%-12s "
            "%8.2f\n",
        n, "with a bank", value, "without", peer, "ratio", value / peer);
  return 0;
}
