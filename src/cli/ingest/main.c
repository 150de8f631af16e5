/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command `weir-ingest`: WebRTC ingest by WHIP, through the element weir. */

#include "config.h"
#include "event-line.h"
#include "gstweir.h"
#include "options.h"
#include "server.h"

#include <glib-unix.h>
#include <locale.h>
#include <stdio.h>

/* How long sessions may take to end when the program does, us. */
#define STOP_TIMEOUT (10 * G_TIME_SPAN_SECOND)

enum {
  EXIT_DONE = 0,
  EXIT_FAILED = 1,
  EXIT_USAGE = 2,
};

typedef struct {
  GMainLoop *loop;
  gboolean failed; /* standard output cannot be written */
} Program;

static void print_error (const gchar *format, ...) G_GNUC_PRINTF (1, 2);

static void
print_error (const gchar *format, ...)
{
  g_autofree gchar *message = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_strdelimit (message, "\r\n", ' ');
  fflush (stdout);
  fprintf (stderr, "weir-ingest: %s\n", message);
}

/* ---- running ---- */

static void
on_message (const GstStructure *structure, gpointer user_data)
{
  Program *program = user_data;
  g_autofree gchar *line = cli_event_line (structure);

  puts (line);
  fflush (stdout);
  if (ferror (stdout)) {
    program->failed = TRUE;
    g_main_loop_quit (program->loop);
  }
}

static gboolean
on_signal (gpointer user_data)
{
  g_main_loop_quit (((Program *) user_data)->loop);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_stop_timeout (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
  return G_SOURCE_CONTINUE;
}

/* FALSE when a session did not end in time. */
static gboolean
stop (IngestServer *server)
{
  gboolean late = FALSE;
  guint id = g_timeout_add (
      STOP_TIMEOUT / G_TIME_SPAN_MILLISECOND, on_stop_timeout, &late);

  ingest_server_stop (server);
  while (ingest_server_get_n_sessions (server) > 0 && !late)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (id);
  return !late;
}

static gboolean
run (const IngestSettings *settings, const IngestOptions *options,
    IngestTokens *tokens, GError **error)
{
  g_autoptr (GTlsCertificate) certificate = NULL;
  Program program = { 0 };
  IngestServer *server;
  guint ids[2];
  gboolean stopped = TRUE;

  if (options->certificate) {
    certificate = g_tls_certificate_new_from_files (
        options->certificate, options->key, error);
    if (!certificate) {
      g_prefix_error (error,
          "--tls-certificate %s, --tls-key %s: ", options->certificate,
          options->key);
      return FALSE;
    }
  }
  server = ingest_server_new (settings, tokens, on_message, &program, error);
  if (!server)
    return FALSE;
  if (ingest_server_listen (server, options->listen, certificate, error)) {
    g_autofree gchar *url = ingest_server_get_url (server);

    program.loop = g_main_loop_new (NULL, FALSE);
    ids[0] = g_unix_signal_add (SIGINT, on_signal, &program);
    ids[1] = g_unix_signal_add (SIGTERM, on_signal, &program);
    fprintf (stderr, "weir-ingest: %s\n", url);
    g_main_loop_run (program.loop);
    stopped = stop (server);
    g_source_remove (ids[0]);
    g_source_remove (ids[1]);
    g_main_loop_unref (program.loop);
  }
  if (stopped)
    ingest_server_free (server);
  if (program.failed)
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_FAILED,
        "standard output cannot be written");
  return !*error;
}

static int
start (const IngestOptions *options)
{
  IngestSettings settings = { 0 };
  g_autoptr (IngestTokens) tokens = ingest_tokens_new ();
  g_autoptr (GError) error = NULL;
  gboolean done;

  /* See cli_init_gst() of the command `weir`. */
  g_unsetenv ("GST_REGISTRY_FORK");
  gst_init (NULL, NULL);
  g_type_ensure (GST_TYPE_WEIR);
  done = ingest_options_fill_tokens (options, tokens, &error) &&
         ingest_options_make_settings (options, &settings, &error) &&
         run (&settings, options, tokens, &error);
  ingest_options_clear_settings (&settings);
  if (error)
    print_error ("%s", error->message);
  return done ? EXIT_DONE : EXIT_FAILED;
}

int
main (int argc, char **argv)
{
  IngestOptions options = { 0 };
  g_autoptr (GError) error = NULL;
  int status = EXIT_DONE;

  setlocale (LC_ALL, "");
  g_set_prgname ("weir-ingest");
  if (!ingest_options_parse (&options, &argc, &argv, &error)) {
    print_error ("%s; see `weir-ingest --help`", error->message);
    status = EXIT_USAGE;
  } else if (options.version) {
    printf ("weir-ingest %s\n", VERSION);
  } else {
    status = start (&options);
  }
  ingest_options_clear (&options);
  return status;
}
