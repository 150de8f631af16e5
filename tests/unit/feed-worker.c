/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Many who use one feed in a process: one thread, one request, all are told. */
#include "bank-files.h"
#include "feed/feed.h"

#include <glib/gstdio.h>
#include <string.h>

#define N_USERS 100

static void
on_news (const gchar *url, const gchar *error, gpointer user_data)
{
  gint *n_told = user_data;

  g_assert_cmpstr (url, ==, "https://127.0.0.1:1/hot");
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

static void
remove_cache (const gchar *cache, const gchar *key)
{
  const gchar *const names[] = { "bank/MANIFEST", "bank", "lock", "status",
    "" };
  const WeirFeedAddress address = { "https://127.0.0.1:1/hot", key, cache };
  g_autofree gchar *folder = weir_feed_address_get_folder (&address, NULL);

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
    feeds[i] = weir_feed_new ("https://127.0.0.1:1/hot", key, cache, &error);
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
  g_test_add_func ("/feed/worker/refused", test_refused);
  return g_test_run ();
}
