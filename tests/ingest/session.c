/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sessions with media in them: recorded, cut, left, many at a time.
 *
 * The environment variable WEIR_INGEST_SECONDS makes the last go on for so
 * long; for 10 minutes of 20 sessions:
 *   WEIR_INGEST_SECONDS=600 build/tests/ingest/ingest-session -p
 *     /session/many
 */

#include "publisher.h"
#include "recording.h"

#include "../element/film.h"

#include <stdlib.h>
#include <string.h>

#define MANY         20
#define THREADS_KEPT 4

static const gchar nowhere[] = "fakesink name=video fakesink name=audio";

static void
test_recorded (void)
{
  g_autoptr (Host) host = host_new (NULL);
  g_autoptr (Publisher) publisher =
      publisher_new (host, "studio", UNKNOWN_FILM, FALSE);
  g_autofree gchar *path = NULL;
  Recording recording;

  host_wait_event (host, "weir-session", "state", "connected");
  host_run_for (2000);
  publisher_delete (publisher);
  host_wait_sessions (host, 0);
  path = recording_find (host);
  recording_play (path, "demux.video_0 ! vp8dec", &recording);
  g_assert_cmpuint (recording.n, >, 10);
  recording_play (path, "demux.audio_0 ! opusdec", &recording);
  g_assert_cmpuint (recording.n, >, 20);
}

/* A track that never brings anything does not hold the other one up. */
static void
test_silent (void)
{
  g_autoptr (Host) host = host_new (NULL);
  g_autoptr (Publisher) publisher =
      publisher_new (host, "studio", UNKNOWN_FILM, TRUE);
  g_autofree gchar *path = NULL;
  Recording recording;

  host_wait_event (host, "weir-session", "state", "connected");
  host_run_for (7000);
  publisher_delete (publisher);
  host_wait_sessions (host, 0);
  path = recording_find (host);
  recording_play (path, "demux.video_0 ! vp8dec", &recording);
  g_assert_cmpuint (recording.n, >, 10);
}

/* ---- the cut ---- */

static void
test_cut (void)
{
  g_autofree gchar *bank = make_bank (WEIR_OPINION_CONFIRMED, WEIR_ACTION_CUT);
  gchar *properties[] = { g_strconcat ("bank=", bank, NULL),
    g_strdup ("max-action=cut"), NULL };
  g_autoptr (Host) host = host_new (NULL);
  g_autoptr (Publisher) publisher = NULL;
  g_autoptr (Publisher) again = NULL;
  g_autoptr (Publisher) other = NULL;
  g_autofree gchar *path = NULL;
  HostRequest listen = { "GET" };
  g_autoptr (HostAnswer) channel = NULL;

  host->settings.properties = properties;
  publisher = publisher_new (host, "studio", KNOWN_FILM, FALSE);
  host_wait (publisher_is_answered, publisher);
  path = g_strconcat (publisher_get_path (publisher), "/events", NULL);
  listen.path = path;
  channel = host_ask (host, &listen);
  g_assert_nonnull (strstr (
      channel->body, "data: {\"state\":\"cut\",\"denied-for\":3600}\n\n"));
  g_assert_cmpuint (host_count (host, "weir-cut", "mode", "eos"), ==, 1);
  g_assert_cmpuint (
      host_count (host, "weir-match", "reference", "known"), >=, 1);

  again = publisher_new (host, "studio", UNKNOWN_FILM, FALSE);
  host_wait (publisher_is_answered, again);
  g_assert_cmpuint (publisher_get_status (again), ==, 403);
  other = publisher_new (host, "garage", UNKNOWN_FILM, FALSE);
  host_wait (publisher_is_answered, other);
  g_assert_cmpuint (publisher_get_status (other), ==, 201);
  host_wait_event (host, "weir-session", "reason", "cut");

  ingest_server_stop (host->server);
  host_wait_sessions (host, 0);
  g_free (properties[0]);
  g_free (properties[1]);
  delete_bank (g_steal_pointer (&bank));
}

/* ---- who comes and goes ---- */

/* The publisher is gone without a word; the session sees that by itself. */
static void
test_left (void)
{
  g_autoptr (Host) host = host_new (nowhere);
  Publisher *publisher = publisher_new (host, "studio", UNKNOWN_FILM, FALSE);

  host_wait (publisher_is_connected, publisher);
  host_wait_event (host, "weir-session", "state", "connected");
  publisher_free (publisher);
  g_assert_cmpuint (ingest_server_get_n_sessions (host->server), ==, 1);
}

static void
test_output_fails (void)
{
  g_autoptr (Host) host =
      host_new ("matroskamux name=mux ! filesink location=/nowhere/%s.mkv");
  g_autoptr (Publisher) publisher =
      publisher_new (host, "studio", UNKNOWN_FILM, FALSE);

  host_wait (publisher_is_answered, publisher);
  g_assert_cmpuint (publisher_get_status (publisher), ==, 500);
  g_assert_cmpuint (ingest_server_get_n_sessions (host->server), ==, 0);
}

static void
print_objects (const GValue *list)
{
  guint i;

  for (i = 0; i < gst_value_list_get_size (list); i++) {
    const GstStructure *structure =
        gst_value_get_structure (gst_value_list_get_value (list, i));
    const GValue *value = gst_structure_get_value (structure, "object");
    GstObject *object = g_value_get_object (value);
    g_autofree gchar *path = gst_object_get_path_string (object);

    g_test_message ("left: %s %s", G_OBJECT_TYPE_NAME (object), path);
  }
}

/* No element, pad or bus is left: asks the tracer "leaks", where it runs. */
static void
check_objects (void)
{
  GList *tracers = gst_tracing_get_active_tracers ();
  GList *item;

  g_assert_true (tracers || !g_getenv ("GST_TRACERS"));
  for (item = tracers; item; item = item->next) {
    GstStructure *objects = NULL;
    const GValue *list;

    g_signal_emit_by_name (item->data, "get-live-objects", &objects);
    list = gst_structure_get_value (objects, "live-objects-list");
    print_objects (list);
    g_assert_cmpuint (gst_value_list_get_size (list), ==, 0);
    gst_structure_free (objects);
  }
  g_list_free_full (tracers, gst_object_unref);
}

/* All are gone but those that GLib and GStreamer keep. */
static gboolean
has_no_threads (gpointer user_data)
{
  g_thread_pool_stop_unused_threads ();
  return host_count_files ("/proc/self/task") <= THREADS_KEPT;
}

/* No more are open than so many. */
static gboolean
has_no_files (gpointer n_files)
{
  return host_count_files ("/proc/self/fd") <= *(guint *) n_files;
}

/* One of them begins, or ends in one of the ways that there are. */
static void
change (Host *host, Publisher **publisher, GRand *random)
{
  guint status;

  if (!*publisher) {
    *publisher = publisher_new (host,
        g_rand_boolean (random) ? "studio" : "garage", UNKNOWN_FILM, FALSE);
    return;
  }
  if (publisher_get_path (*publisher) && g_rand_boolean (random)) {
    status = publisher_end (*publisher);
    /* On a slow machine it was not connected in time, and is over by then. */
    g_assert_true (status == 200 || status == 404);
  }
  g_clear_pointer (publisher, publisher_free);
}

static void
run_many (Host *host, guint seconds)
{
  Publisher *publishers[MANY] = { NULL };
  g_autoptr (GRand) random = g_rand_new_with_seed (9725);
  gint64 until = g_get_monotonic_time () + seconds * G_TIME_SPAN_SECOND;
  guint i;

  while (g_get_monotonic_time () < until) {
    change (host, &publishers[g_rand_int_range (random, 0, MANY)], random);
    host_run_for ((guint) g_rand_int_range (random, 1, 200));
  }
  for (i = 0; i < MANY; i++)
    g_clear_pointer (&publishers[i], publisher_free);
}

/* Twice, so that what is set up once and for all does not count. */
static void
test_many (void)
{
  const gchar *text = g_getenv ("WEIR_INGEST_SECONDS");
  guint seconds = text ? (guint) g_ascii_strtoull (text, NULL, 10) : 4;
  guint n_files = G_MAXUINT;
  guint i;

  for (i = 0; i < 2; i++) {
    Host *host = host_new (nowhere);

    host->settings.sessions_max = MANY;
    host->settings.connect_timeout = 5;
    run_many (host, seconds);
    host_free (host);
    host_wait (has_no_threads, NULL);
    check_objects ();
    host_wait (has_no_files, &n_files);
    n_files = host_count_files ("/proc/self/fd");
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gst_init (&argc, &argv);
  g_test_add_func ("/session/recorded", test_recorded);
  g_test_add_func ("/session/silent", test_silent);
  g_test_add_func ("/session/cut", test_cut);
  g_test_add_func ("/session/left", test_left);
  g_test_add_func ("/session/output-fails", test_output_fails);
  g_test_add_func ("/session/many", test_many);
  return g_test_run ();
}
