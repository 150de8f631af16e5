/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Many who use one feed in a process: one thread, one request, all are told. */
#include "bank-files.h"
#include "feed/feed.h"

#include <fcntl.h>
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define URL     "https://127.0.0.1:1/hot"
#define N_USERS 100
#define NOBODY  65534 /* user */

static void
on_news (const gchar *url, const gchar *error, gpointer user_data)
{
  gint *n_told = user_data;

  g_assert_cmpstr (url, ==, URL);
  g_assert_nonnull (error);
  g_atomic_int_inc (n_told);
}

static gchar *
make_key (void)
{
  WeirMinisignPublicKey key;
  WeirMinisignSecretKey secret;

  g_assert_true (weir_minisign_init ());
  weir_minisign_generate (&key, &secret);
  return weir_minisign_format_public (&key);
}

/* Threads by the name of a feed's. */
static guint
count_threads (void)
{
  g_autoptr (GDir) tasks = g_dir_open ("/proc/self/task", 0, NULL);
  const gchar *task;
  guint n = 0;

  while (tasks && (task = g_dir_read_name (tasks)) != NULL) {
    g_autofree gchar *path = g_strdup_printf ("/proc/self/task/%s/comm", task);
    g_autofree gchar *name = NULL;

    if (g_file_get_contents (path, &name, NULL, NULL))
      n += g_str_equal (g_strchomp (name), "weir-feed");
  }
  return n;
}

static gchar *
get_folder (const gchar *cache, const gchar *key)
{
  const WeirFeedAddress address = { URL, key, cache };

  return weir_feed_address_get_folder (&address, NULL);
}

static void
remove_cache (const gchar *cache, const gchar *key)
{
  const gchar *const names[] = { "bank/MANIFEST", "bank", "lock", "status",
    "" };
  g_autofree gchar *folder = get_folder (cache, key);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree gchar *path = g_build_filename (folder, names[i], NULL);

    g_remove (path);
  }
  g_assert_cmpint (g_rmdir (cache), ==, 0);
}

static void
test_shared (void)
{
  g_autofree gchar *cache = g_dir_make_tmp ("weir-feed-XXXXXX", NULL);
  g_autofree gchar *key = make_key ();
  g_autofree gchar *path = NULL;
  g_autoptr (WeirBank) bank = NULL;
  WeirFeed *feeds[N_USERS];
  gint n_told = 0;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < N_USERS; i++) {
    feeds[i] = weir_feed_new (URL, key, cache, &error);
    g_assert_no_error (error);
    weir_feed_watch (feeds[i], on_news, &n_told);
  }
  path = weir_feed_get_bank_path (feeds[0]);
  bank = bank_files_open (path);
  g_assert_cmpuint (weir_bank_get_n_references (bank), ==, 0);
  while (g_atomic_int_get (&n_told) < N_USERS)
    g_thread_yield ();
  g_assert_cmpuint (count_threads (), ==, 1);
  for (guint i = 0; i < N_USERS; i++)
    weir_feed_free (feeds[i]);
  while (count_threads () > 0)
    g_thread_yield ();
  remove_cache (cache, key);
}

/* ---- What is told ---- */

/* Texts on their way from a feed's thread, as pointers through a pipe. */
typedef struct {
  gint ends[2];
} Words;

static void
words_init (Words *words)
{
  g_assert_true (g_unix_open_pipe (words->ends, FD_CLOEXEC, NULL));
}

static void
on_words (const gchar *url, const gchar *error, gpointer user_data)
{
  const Words *words = user_data;
  gchar *text = g_strdup (error ? error : "");

  g_assert_cmpint (
      write (words->ends[1], &text, sizeof (text)), ==, sizeof (text));
}

static gboolean
words_are_there (const Words *words)
{
  struct pollfd descriptor = { .fd = words->ends[0], .events = POLLIN };

  return poll (&descriptor, 1, 0) == 1;
}

/* What is told next, which may be waited for. Free with g_free(). */
static gchar *
words_take (const Words *words)
{
  gchar *text;

  g_assert_cmpint (
      read (words->ends[0], &text, sizeof (text)), ==, sizeof (text));
  return text;
}

/* When nobody tells anything any more. */
static void
words_clear (Words *words)
{
  while (words_are_there (words))
    g_free (words_take (words));
  g_close (words->ends[0], NULL);
  g_close (words->ends[1], NULL);
}

/* A list in the cache that is up to date until @expires. */
static void
make_cache (const gchar *cache, const gchar *key, gint64 expires)
{
  g_autofree gchar *folder = get_folder (cache, key);
  g_autofree gchar *bank = g_build_filename (folder, "bank", NULL);
  g_autoptr (WeirManifest) manifest = weir_manifest_new ();
  g_autoptr (GError) error = NULL;

  weir_feed_cache_make (folder, &error);
  g_assert_no_error (error);
  weir_manifest_set_expires (manifest, expires);
  weir_manifest_write (manifest, bank, &error);
  g_assert_no_error (error);
}

/* What has expired before anyone asks is said at once, not by the next poll, and
 * stays said with what that finds. */
static void
test_expired (void)
{
  g_autofree gchar *cache = g_dir_make_tmp ("weir-feed-XXXXXX", NULL);
  g_autofree gchar *key = make_key ();
  const gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  g_autofree gchar *first = NULL;
  g_autofree gchar *second = NULL;
  WeirFeed *feed;
  Words words;

  words_init (&words);
  make_cache (cache, key, now - 100);
  feed = weir_feed_new (URL, key, cache, NULL);
  weir_feed_watch (feed, on_words, &words);
  g_assert_true (words_are_there (&words));
  first = words_take (&words);
  g_assert_true (g_str_has_prefix (first, "the list expired 10"));
  g_assert_nonnull (strstr (first, " s ago and can only flag"));
  if (!strstr (first, URL)) {
    second = words_take (&words);
    g_assert_nonnull (strstr (second, " s ago and can only flag: "));
    g_assert_nonnull (strstr (second, URL));
  }
  weir_feed_free (feed);
  while (count_threads () > 0)
    g_thread_yield ();
  remove_cache (cache, key);
  words_clear (&words);
}

/* What expires while nobody answers is said when it does. */
static void
test_expires (void)
{
  g_autofree gchar *cache = g_dir_make_tmp ("weir-feed-XXXXXX", NULL);
  g_autofree gchar *key = make_key ();
  const gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  g_autofree gchar *told = NULL;
  WeirFeed *feed;
  Words words;

  words_init (&words);
  make_cache (cache, key, now + 1);
  feed = weir_feed_new (URL, key, cache, NULL);
  weir_feed_watch (feed, on_words, &words);
  while (!told || !strstr (told, "the list expired")) {
    g_free (told);
    told = words_take (&words);
  }
  weir_feed_free (feed);
  while (count_threads () > 0)
    g_thread_yield ();
  remove_cache (cache, key);
  words_clear (&words);
}

/* Who may read the cache and not write there follows what others fetch: what
 * came of that is what is told. */
static void
test_reader (void)
{
  g_autofree gchar *cache = NULL;
  g_autofree gchar *key = NULL;
  g_autofree gchar *folder = NULL;
  g_autofree gchar *told = NULL;
  gchar none[] = "", other[] = "no answer to the other";
  WeirFeedStatus status = { .url = (gchar *) URL, .error = none, .etag = none };
  WeirFeed *feed;
  Words words;

  if (geteuid () != 0) {
    g_test_skip ("needs root");
    return;
  }
  words_init (&words);
  cache = g_dir_make_tmp ("weir-feed-XXXXXX", NULL);
  key = make_key ();
  folder = get_folder (cache, key);
  make_cache (cache, key, 0);
  g_assert_cmpint (g_chmod (cache, 0755), ==, 0);
  status.error = other;
  g_assert_true (weir_feed_status_write (folder, &status, NULL));
  g_assert_cmpint (seteuid (NOBODY), ==, 0);
  feed = weir_feed_new (URL, key, cache, NULL);
  g_assert_nonnull (feed);
  weir_feed_watch (feed, on_words, &words);
  told = words_take (&words);
  g_assert_cmpstr (told, ==, other);
  weir_feed_free (feed);
  while (count_threads () > 0)
    g_thread_yield ();
  g_assert_cmpint (seteuid (0), ==, 0);
  remove_cache (cache, key);
  words_clear (&words);
}

static void
test_refused (void)
{
  g_autofree gchar *key = make_key ();
  g_autoptr (GError) error = NULL;

  g_assert_null (weir_feed_new (
      "https://a.test/hot,http://a.test/bulk", key, "/dev/null/cache", &error));
  g_assert_error (error, WEIR_FEED_ERROR, WEIR_FEED_ERROR_CACHE);
  g_clear_error (&error);
  g_assert_null (weir_feed_new ("https://a.test/hot", NULL, "/tmp", &error));
  g_assert_error (error, WEIR_FEED_ERROR, WEIR_FEED_ERROR_SETTING);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_unsetenv ("https_proxy");
  g_unsetenv ("HTTPS_PROXY");
  g_unsetenv ("all_proxy");
  g_unsetenv ("ALL_PROXY");
  g_test_add_func ("/feed/worker/shared", test_shared);
  g_test_add_func ("/feed/worker/expired", test_expired);
  g_test_add_func ("/feed/worker/expires", test_expires);
  g_test_add_func ("/feed/worker/reader", test_reader);
  g_test_add_func ("/feed/worker/refused", test_refused);
  return g_test_run ();
}
