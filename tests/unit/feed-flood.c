/* SPDX-License-Identifier: GPL-3.0-or-later */
/* References that match too many streams of a host. */
#include "feed/feed-flood.h"
#include "bank-files.h"
#include "feed/feed-settings.h"

#include <glib/gstdio.h>
#include <string.h>

/* us */
#define S      ((gint64) G_USEC_PER_SEC)
#define NOW    (1763800000 * S)
#define WITHIN (600 * S)
#define LONG   (3600 * S) /* what streams have been there for */

#define LIMIT     3
#define N_THREADS 4
#define N_EACH    50

typedef struct {
  gchar *folder;
} Fixture;

static void
set (const Fixture *fixture, const gchar *settings)
{
  g_autofree gchar *path = g_build_filename (fixture->folder, "settings", NULL);
  g_autofree gchar *text = g_strconcat ("[feed]\n", settings, NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("weir-flood-XXXXXX", NULL);
  set (fixture, "max-streams=3\n");
}

static void
remove_all (const gchar *folder)
{
  g_autoptr (GDir) entries = g_dir_open (folder, 0, NULL);
  const gchar *name;

  while (entries && (name = g_dir_read_name (entries)) != NULL) {
    g_autofree gchar *path = g_build_filename (folder, name, NULL);

    if (g_file_test (path, G_FILE_TEST_IS_DIR))
      remove_all (path);
    else
      g_assert_cmpint (g_unlink (path), ==, 0);
  }
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  remove_all (fixture->folder);
  g_free (fixture->folder);
}

static gboolean
admit_since (const Fixture *fixture, const gchar *id, guint stream,
    gint64 begin, gint64 now)
{
  g_autofree gchar *name = g_strdup_printf ("stream %u", stream);
  g_autoptr (GError) error = NULL;
  gboolean admitted =
      weir_feed_flood_admit (fixture->folder, id, name, begin, now, &error);

  g_assert_true (admitted == (error == NULL));
  if (error)
    g_assert_error (error, WEIR_FEED_ERROR, WEIR_FEED_ERROR_GATE);
  return admitted;
}

static gboolean
admit (const Fixture *fixture, const gchar *id, guint stream, gint64 now)
{
  return admit_since (fixture, id, stream, now - LONG, now);
}

/* As many streams as may be, at @now. */
static void
fill (const Fixture *fixture, const gchar *id, gint64 now)
{
  for (guint i = 0; i < LIMIT; i++)
    g_assert_true (admit (fixture, id, i, now));
}

/* The only file there is; NULL: there is none. */
static gchar *
get_file (const Fixture *fixture)
{
  g_autofree gchar *floods = g_build_filename (fixture->folder, "flood", NULL);
  g_autoptr (GDir) entries = g_dir_open (floods, 0, NULL);
  const gchar *name = entries ? g_dir_read_name (entries) : NULL;
  gchar *path = name ? g_build_filename (floods, name, NULL) : NULL;

  if (name)
    g_assert_null (g_dir_read_name (entries));
  return path;
}

static void
test_limit (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) held = NULL;

  fill (fixture, "a; b", NOW);
  /* One that shows it again is the same stream. */
  g_assert_true (admit (fixture, "a; b", 0, NOW + 1));
  held = weir_feed_flood_list (fixture->folder);
  g_assert_cmpuint (held->len, ==, 0);
  g_clear_pointer (&held, g_ptr_array_unref);

  g_assert_false (weir_feed_flood_admit (
      fixture->folder, "a; b", "one more", NOW, NOW + 2, &error));
  g_assert_nonnull (strstr (error->message, "'a; b'"));
  g_assert_nonnull (strstr (error->message, "more than 3 streams"));
  g_assert_nonnull (strstr (error->message, fixture->folder));
  g_assert_null (strchr (error->message, '\n'));
  /* Those that had it before are of it, too; other references are not. */
  g_assert_false (admit (fixture, "a; b", 0, NOW + 3));
  g_assert_true (admit (fixture, "other", 0, NOW + 3));
  held = weir_feed_flood_list (fixture->folder);
  g_assert_cmpuint (held->len, ==, 1);
  g_assert_cmpstr (g_ptr_array_index (held, 0), ==, "a; b");
}

/* One publisher, cut after two seconds each time and there again under another
 * name, is never many, not beside a stream that was there all the while; as many
 * others at once are. */
static void
test_reconnects (Fixture *fixture, gconstpointer data)
{
  const guint n = 100;
  gint64 now = NOW;

  for (guint i = 0; i < n; i++, now += 3 * S)
    g_assert_true (admit_since (fixture, "work", i, now, now + 2 * S));
  g_assert_true (admit_since (fixture, "work", n, NOW, now));
  g_assert_true (admit_since (fixture, "work", n + 1, now - S, now));
  g_assert_false (admit_since (fixture, "work", n + 2, now - S, now));
}

/* Those that were there at once may match one after the other, and need not be
 * those that were there at the end. */
static void
test_at_once (Fixture *fixture, gconstpointer data)
{
  /* Seconds: 0-100 and 50-150 have 50-100, 120-200 comes behind the first. */
  g_assert_true (admit_since (fixture, "a", 0, NOW, NOW + 100 * S));
  g_assert_true (admit_since (fixture, "a", 1, NOW + 50 * S, NOW + 150 * S));
  g_assert_true (admit_since (fixture, "a", 2, NOW + 120 * S, NOW + 200 * S));
  g_assert_true (admit_since (fixture, "a", 3, NOW + 130 * S, NOW + 201 * S));
  g_assert_false (admit_since (fixture, "a", 4, NOW + 140 * S, NOW + 300 * S));
  /* A moment is enough; one without an end in time before it is not. */
  g_assert_true (admit_since (fixture, "b", 0, NOW, NOW + 100 * S));
  g_assert_true (admit_since (fixture, "b", 1, NOW, NOW + 100 * S));
  g_assert_true (admit_since (fixture, "b", 2, NOW, NOW + 100 * S));
  g_assert_true (
      admit_since (fixture, "b", 3, NOW + 100 * S + 1, NOW + 101 * S));
  g_assert_false (admit_since (fixture, "b", 4, NOW + 100 * S, NOW + 102 * S));
}

/* What comes slowly is no flood; what was one stays one. */
static void
test_time (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < 10 * LIMIT; i++)
    g_assert_true (admit (fixture, "slow", i, NOW + i * (WITHIN / LIMIT)));
  g_assert_true (admit (fixture, "slow", 1000, NOW + 1000000 * S));
  fill (fixture, "fast", NOW);
  g_assert_false (admit (fixture, "fast", LIMIT, NOW + WITHIN - 1));
  g_assert_false (admit (fixture, "fast", LIMIT, NOW + 1000000 * S));
}

static void
test_settings (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) held = NULL;

  fill (fixture, "some-id", NOW);
  g_assert_false (admit (fixture, "some-id", LIMIT, NOW));
  set (fixture, "max-streams=3\nconfirmed=other; some-id\n");
  g_assert_true (admit (fixture, "some-id", LIMIT, NOW));
  held = weir_feed_flood_list (fixture->folder);
  g_assert_cmpuint (held->len, ==, 0);
  set (fixture, "max-streams=3\nconfirmed=some\n");
  g_assert_false (admit (fixture, "some-id", LIMIT, NOW));
  set (fixture, "max-streams=0\n");
  g_assert_true (admit (fixture, "some-id", LIMIT, NOW));
  /* A higher limit counts on, and holds at that. */
  set (fixture, "max-streams=5\n");
  g_assert_true (admit (fixture, "some-id", 4, NOW));
  g_assert_false (admit (fixture, "some-id", 5, NOW));
  set (fixture, "max-streams=4\n");
  g_assert_false (admit (fixture, "some-id", 0, NOW));
  /* Without settings, those that are built in. */
  set (fixture, "max-stream=5\n");
  for (guint i = 0; i < 50; i++)
    g_assert_true (admit (fixture, "built-in", i, NOW));
  g_assert_false (admit (fixture, "built-in", 50, NOW));
}

static void
test_ranges (Fixture *fixture, gconstpointer data)
{
  static const gchar *const wrong[] = { "max-streams=1001\n",
    "max-streams=many\n", "streams-within=0\n", "streams-within=604801\n" };
  g_auto (WeirFeedSettings) settings = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_autoptr (GError) error = NULL;

    set (fixture, wrong[i]);
    g_assert_false (
        weir_feed_settings_read (fixture->folder, &settings, &error));
    g_assert_error (error, WEIR_FEED_ERROR, WEIR_FEED_ERROR_SETTING);
  }
  set (fixture, "max-streams=1000\nstreams-within=604800\nconfirmed=a;b\n");
  g_assert_true (weir_feed_settings_read (fixture->folder, &settings, NULL));
  g_assert_cmpuint (settings.max_streams, ==, 1000);
  g_assert_cmpuint (settings.streams_within, ==, 604800);
  g_assert_cmpstr (settings.confirmed, ==, "a;b");
}

/* Nobody counts where nothing can be written; the stream is none the worse. */
static void
test_no_folder (Fixture *fixture, gconstpointer data)
{
  const Fixture nowhere = { .folder = (gchar *) "/nonexistent/feed" };

  for (guint i = 0; i < 60; i++)
    g_assert_true (admit (&nowhere, "some-id", i, NOW));
}

/* Lines that were torn, and bytes that are none. */
static void
test_damage (Fixture *fixture, gconstpointer data)
{
  static const gchar rubbish[] =
      "held\nheld 0\nheld 5000\nheld -1\n17638000\n"
      "1763800000000000 0123456789abcde 0\n\xff\xfe \x01\n"
      "1763800000000000 0123456789abcdef\n"
      "1763800000000000 0123456789abcdef 1763800000000001\n"
      "1763800000000000 0123456789abcdef -1\n"
      "1763800000000000 0123456789abcdef 0 0\n"
      "reference\nreference %zz\n"
      "1763800000000000 0123456789ABCDEF 0\n\n1763800";
  g_autofree gchar *path = NULL;

  g_assert_true (admit (fixture, "some-id", 0, NOW));
  path = get_file (fixture);
  g_assert_true (g_file_set_contents (path, rubbish, -1, NULL));
  /* The first of them ends the torn line. */
  for (guint i = 0; i < LIMIT + 1; i++)
    g_assert_true (admit (fixture, "some-id", i, NOW));
  g_assert_false (admit (fixture, "some-id", LIMIT + 1, NOW));
}

static void
append_stream (GString *text, gint64 time, guint stream)
{
  g_string_append_printf (text,
      "%" G_GINT64_FORMAT " %016x %" G_GINT64_FORMAT "\n", time, stream,
      time - 1);
}

/* A file does not grow without bound, and what counts of it is kept. */
static void
test_size (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree gchar *path = NULL;
  GStatBuf status;

  g_assert_true (admit (fixture, "some-id", 0, NOW));
  path = get_file (fixture);
  for (guint i = 0; i < 3000; i++)
    append_stream (text, NOW - 2 * WITHIN, i);
  append_stream (text, NOW, 1);
  append_stream (text, NOW, 2);
  g_assert_true (g_file_set_contents (path, text->str, -1, NULL));
  g_assert_true (admit (fixture, "some-id", 0, NOW));
  g_assert_cmpint (g_stat (path, &status), ==, 0);
  g_assert_cmpint (status.st_size, <, 250);
  g_assert_false (admit (fixture, "some-id", 1, NOW));
}

/* Where more counts than a file may have, the newest of it does. */
static void
test_many (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree gchar *path = NULL;
  GStatBuf status;

  g_assert_true (admit (fixture, "some-id", 0, NOW));
  path = get_file (fixture);
  for (guint i = 0; i < 3000; i++)
    append_stream (text, NOW - 3000 * 1000 + i * 1000, i + 1);
  g_assert_true (g_file_set_contents (path, text->str, -1, NULL));
  g_assert_true (admit_since (fixture, "some-id", 0, NOW, NOW));
  g_assert_cmpint (g_stat (path, &status), ==, 0);
  g_assert_cmpint (status.st_size, <, 64 * 1024);
  g_assert_cmpint (status.st_size, >, 1000 * 50);
}

/* A bank of one reference. */
static WeirBank *
make_bank (const Fixture *fixture, const gchar *id)
{
  g_autofree gchar *path = g_build_filename (fixture->folder, "a.weir", NULL);
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();

  bank_files_add_reference (builder, id);
  bank_files_write (builder, path);
  return bank_files_open (path);
}

static gboolean
has_file (const Fixture *fixture)
{
  g_autofree gchar *path = get_file (fixture);

  return path != NULL;
}

static void
test_clean (Fixture *fixture, gconstpointer data)
{
  g_autoptr (WeirBank) bank = make_bank (fixture, "some-id");
  g_autoptr (WeirBank) other = make_bank (fixture, "other");

  g_assert_true (admit (fixture, "some-id", 0, NOW));
  weir_feed_flood_clean (fixture->folder, bank, NOW + WITHIN - 1);
  g_assert_true (has_file (fixture));
  weir_feed_flood_clean (fixture->folder, bank, NOW + WITHIN);
  g_assert_false (has_file (fixture));
  fill (fixture, "some-id", NOW);
  g_assert_false (admit (fixture, "some-id", LIMIT, NOW));
  weir_feed_flood_clean (fixture->folder, bank, NOW + 1000000 * S);
  g_assert_true (has_file (fixture));
  weir_feed_flood_clean (fixture->folder, other, NOW);
  g_assert_false (has_file (fixture));
}

typedef struct {
  const Fixture *fixture;
  guint number;
  guint n_admitted;
} Host;

static gpointer
show (gpointer user_data)
{
  Host *host = user_data;

  for (guint i = 0; i < N_EACH; i++)
    host->n_admitted +=
        admit (host->fixture, "some-id", host->number * N_EACH + i, NOW);
  return NULL;
}

/* Who counts at the same time as others misses none of theirs for long: each may
 * be one ahead of what the others see. */
static void
test_together (Fixture *fixture, gconstpointer data)
{
  const guint limit = N_THREADS * N_EACH / 2;
  g_autofree gchar *settings = g_strdup_printf ("max-streams=%u\n", limit);
  GThread *threads[N_THREADS];
  Host hosts[N_THREADS];
  guint n_admitted = 0;

  set (fixture, settings);
  for (guint i = 0; i < N_THREADS; i++) {
    hosts[i] = (Host){ .fixture = fixture, .number = i };
    threads[i] = g_thread_new ("host", show, &hosts[i]);
  }
  for (guint i = 0; i < N_THREADS; i++) {
    g_thread_join (threads[i]);
    n_admitted += hosts[i].n_admitted;
  }
  g_assert_cmpuint (n_admitted, >=, limit);
  g_assert_cmpuint (n_admitted, <, limit + N_THREADS);
}

#define ADD(name, func)                                                        \
  g_test_add ("/feed-flood/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("limit", test_limit);
  ADD ("reconnects", test_reconnects);
  ADD ("at-once", test_at_once);
  ADD ("time", test_time);
  ADD ("settings", test_settings);
  ADD ("ranges", test_ranges);
  ADD ("no-folder", test_no_folder);
  ADD ("damage", test_damage);
  ADD ("size", test_size);
  ADD ("many", test_many);
  ADD ("clean", test_clean);
  ADD ("together", test_together);
  return g_test_run ();
}
