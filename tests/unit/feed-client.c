/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a publisher to a client, as it should be: every step of both. */
#include "feed-host.h"

#include "bank-files.h"
#include "feed/feed-canary.h"

#include <glib/gstdio.h>
#include <string.h>

static void
test_follow (FeedHost *host, gconstpointer data)
{
  g_autoptr (WeirFeedClient) client = NULL;

  feed_host_publish (host, "a b c", NULL);
  client = feed_host_make_client (host);
  g_assert_cmpint (feed_host_poll (host, client, "a b c"), ==, -1);
  g_assert_nonnull (strstr (host->requests->str, "root/1 head s/1-"));

  /* Nothing new: one request. */
  g_string_truncate (host->requests, 0);
  g_assert_cmpint (feed_host_poll (host, client, "a b c"), ==, -1);
  g_assert_cmpstr (host->requests->str, ==, "head ");

  /* An addition, a retraction, one in the place of another. */
  host->now++;
  feed_host_publish (host, "d", NULL);
  g_assert_cmpint (feed_host_poll (host, client, "a b c d"), ==, -1);
  host->now++;
  feed_host_publish (host, NULL, "b");
  g_assert_cmpint (feed_host_poll (host, client, "a c d"), ==, -1);
  host->now++;
  feed_host_publish (host, "a e", NULL);
  g_assert_cmpint (feed_host_poll (host, client, "c d a e"), ==, -1);
  g_assert_cmpuint (weir_feed_client_get_status (client)->sequence, ==, 4);
  g_assert_cmpuint (weir_feed_client_get_status (client)->references, ==, 4);
}

/* A list that is large beside its changes: deltas alone are fetched. */
static void
test_deltas (FeedHost *host, gconstpointer data)
{
  g_autoptr (GString) ids = g_string_new ("id-0");
  g_autoptr (GString) all = NULL;
  g_autoptr (WeirFeedClient) client = NULL;
  g_autoptr (WeirFeedClient) late = NULL;

  for (guint i = 1; i < 500; i++)
    g_string_append_printf (ids, " id-%u", i);
  all = g_string_new (ids->str);
  feed_host_publish (host, ids->str, NULL);
  client = feed_host_make_client (host);
  g_assert_cmpint (feed_host_poll (host, client, all->str), ==, -1);
  for (guint i = 0; i < 26; i++) {
    g_autofree gchar *id = g_strdup_printf ("new-%u", i);

    g_string_truncate (host->requests, 0);
    feed_host_publish (host, id, NULL);
    g_string_append_printf (all, " %s", id);
    g_assert_cmpint (feed_host_poll (host, client, all->str), ==, -1);
    /* Now and then there are too many files for a bank. */
    if (!strstr (host->requests->str, " s/"))
      g_assert_nonnull (strstr (host->requests->str, "head d/"));
  }

  /* Whoever comes late gets the same by another way. */
  g_string_truncate (host->requests, 0);
  g_free (host->cache);
  host->cache = g_build_filename (host->folder, "late", NULL);
  g_free (host->state);
  host->state = feed_host_get_state (host);
  late = feed_host_make_client (host);
  g_assert_cmpint (feed_host_poll (host, late, all->str), ==, -1);
  g_assert_nonnull (strstr (host->requests->str, "head s/"));
}

/* What a process knew, the next one knows. */
static void
test_restart (FeedHost *host, gconstpointer data)
{
  WeirFeedClient *client;

  feed_host_publish (host, "a", NULL);
  client = feed_host_make_client (host);
  g_assert_cmpint (feed_host_poll (host, client, "a"), ==, -1);
  weir_feed_client_free (client);
  client = feed_host_make_client (host);
  g_string_truncate (host->requests, 0);
  g_assert_cmpint (feed_host_poll (host, client, "a"), ==, -1);
  g_assert_cmpstr (host->requests->str, ==, "root/1 head ");
  weir_feed_client_free (client);
}

/* A bank that was damaged on disk is fetched anew. */
static void
test_lost_bank (FeedHost *host, gconstpointer data)
{
  g_autofree gchar *folder = g_build_filename (host->state, "bank", NULL);
  WeirFeedClient *client;
  g_autoptr (GDir) files = NULL;
  const gchar *name;

  feed_host_publish (host, "a", NULL);
  client = feed_host_make_client (host);
  g_assert_cmpint (feed_host_poll (host, client, "a"), ==, -1);
  weir_feed_client_free (client);
  files = g_dir_open (folder, 0, NULL);
  while ((name = g_dir_read_name (files)) != NULL) {
    g_autofree gchar *path = g_build_filename (folder, name, NULL);

    if (g_str_has_suffix (name, ".weir"))
      g_file_set_contents (path, "x", 1, NULL);
  }
  client = feed_host_make_client (host);
  g_assert_cmpint (feed_host_poll (host, client, "a"), ==, -1);
  weir_feed_client_free (client);
}

/* The head is signed anew for another while. */
static void
test_renewed (FeedHost *host, gconstpointer data)
{
  g_autofree gchar *folder = g_build_filename (host->state, "bank", NULL);
  g_autoptr (WeirFeedClient) client = NULL;
  g_autoptr (WeirBank) bank = NULL;

  feed_host_publish (host, "a", NULL);
  client = feed_host_make_client (host);
  g_assert_cmpint (feed_host_poll (host, client, "a"), ==, -1);
  host->now += 1700;
  feed_host_publish (host, NULL, NULL);
  g_assert_cmpint (feed_host_poll (host, client, "a"), ==, -1);
  g_assert_cmpuint (weir_feed_client_get_status (client)->sequence, ==, 1);
  bank = bank_files_open (folder);
  g_assert_cmpint (weir_bank_get_expires (bank), ==, NOW + 1700 + 1800);

  /* And then no more: the answer "as it was" is no answer for ever. */
  host->now += 1800;
  g_assert_cmpint (feed_host_poll (host, client, "a"), ==, -1);
  host->now++;
  g_assert_cmpint (
      feed_host_poll (host, client, "a"), ==, WEIR_FEED_ERROR_EXPIRED);
  feed_host_publish (host, NULL, NULL);
  g_assert_cmpint (feed_host_poll (host, client, "a"), ==, -1);
}

/* A retraction holds in a list that is opened before, and for those who come
 * later, too. */
static void
test_retract_other (FeedHost *host, gconstpointer data)
{
  g_autofree gchar *other = NULL;
  g_autofree gchar *paths = NULL;
  g_autoptr (WeirFeedClient) client = NULL;
  g_autoptr (WeirBank) bank = NULL;
  guint32 index;
  guint i;

  feed_host_publish (host, "a", NULL);
  feed_host_publish (host, NULL, "bulk-7");
  for (i = 0; i < 20; i++)
    feed_host_publish (host, "b", NULL);
  client = feed_host_make_client (host);
  g_assert_cmpint (feed_host_poll (host, client, "a b"), ==, -1);
  other = feed_host_make_bank (host, "bulk-6 bulk-7", 1);
  paths = g_strconcat (other, ",", host->state, "/bank", NULL);
  bank = bank_files_open (paths);
  g_assert_cmpuint (weir_bank_get_n_references (bank), ==, 3);
  g_assert_false (weir_bank_find_reference (bank, "bulk-7", &index));
}

static void
test_instead (FeedHost *host, gconstpointer data)
{
  WeirFeedPublication publication = feed_host_get_publication (host);
  g_autoptr (WeirFeedClient) client = NULL;
  WeirFeedPublished published;
  g_autofree gchar *bank = NULL;
  gchar *paths[] = { NULL, NULL };

  feed_host_publish (host, "a b", NULL);
  client = feed_host_make_client (host);
  g_assert_cmpint (feed_host_poll (host, client, "a b"), ==, -1);
  paths[0] = bank = feed_host_make_bank (host, "b c", 4);
  publication.add = paths;
  publication.instead = TRUE;
  g_assert_true (weir_feed_publish (&publication, &published, NULL));
  g_assert_cmpuint (published.sequence, ==, 2);
  g_assert_cmpint (feed_host_poll (host, client, "b c"), ==, -1);

  /* Nothing at all. */
  publication.add = NULL;
  g_assert_true (weir_feed_publish (&publication, &published, NULL));
  g_assert_cmpint (feed_host_poll (host, client, ""), ==, -1);
}

static void
test_canary (FeedHost *host, gconstpointer data)
{
  WeirFeedPublication publication = feed_host_get_publication (host);
  g_autofree gchar *settings = g_build_filename (host->state, "settings", NULL);
  g_autoptr (WeirFeedClient) client = feed_host_make_client (host);
  WeirFeedPublished published;

  feed_host_publish (host, "a", NULL);
  g_file_set_contents (settings, "[feed]\nneed-canary=true\n", -1, NULL);
  g_assert_cmpint (feed_host_poll (host, client, ""), ==, WEIR_FEED_ERROR_GATE);
  publication.canary = TRUE;
  g_assert_true (weir_feed_publish (&publication, &published, NULL));
  g_assert_cmpint (
      feed_host_poll (host, client, "a " WEIR_FEED_CANARY_ID), ==, -1);
  g_assert_cmpuint (published.references, ==, 2);
}

/* How long is waited: a fifth about what the list asks for, then longer. */
static void
test_wait (FeedHost *host, gconstpointer data)
{
  g_autoptr (WeirFeedClient) client = NULL;

  feed_host_publish (host, "a", NULL);
  client = feed_host_make_client (host);
  g_assert_cmpint (feed_host_poll (host, client, "a"), ==, -1);
  g_assert_cmpfloat (weir_feed_client_get_wait (client, 0), ==, 8);
  g_assert_cmpfloat_with_epsilon (
      weir_feed_client_get_wait (client, 1), 12, 1e-9);
  host->match = "head";
  host->status = 503;
  host->retry_after = 3;
  for (guint i = 0; i < 12; i++) {
    g_assert_cmpint (
        feed_host_poll (host, client, "a"), ==, WEIR_FEED_ERROR_SERVER);
    g_assert_cmpfloat (weir_feed_client_get_wait (client, 0), ==, 3);
    g_assert_cmpfloat (
        weir_feed_client_get_wait (client, 1), ==, MIN (5 << i, 300));
  }
  host->retry_after = 1000;
  g_assert_cmpint (
      feed_host_poll (host, client, "a"), ==, WEIR_FEED_ERROR_SERVER);
  g_assert_cmpfloat (weir_feed_client_get_wait (client, 0), ==, 1000);
  feed_host_heal (host);
  g_assert_cmpint (feed_host_poll (host, client, "a"), ==, -1);
  g_assert_cmpfloat (weir_feed_client_get_wait (client, 0), ==, 8);
}

/* One process fetches; another can when it ends. */
static void
test_lock (FeedHost *host, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  gint first;

  g_assert_true (weir_feed_cache_make (host->state, &error));
  first = weir_feed_cache_lock (host->state, &error);
  g_assert_cmpint (first, >=, 0);
  g_assert_cmpint (weir_feed_cache_lock (host->state, &error), ==, -1);
  g_assert_no_error (error);
  g_close (first, NULL);
  first = weir_feed_cache_lock (host->state, &error);
  g_assert_cmpint (first, >=, 0);
  g_close (first, NULL);
  g_assert_cmpint (weir_feed_cache_lock ("/nowhere", &error), ==, -1);
  g_assert_error (error, WEIR_FEED_ERROR, WEIR_FEED_ERROR_CACHE);
}

static void
test_addresses (void)
{
  static const struct {
    const gchar *url, *cache;
    gboolean good;
  } addresses[] = { { "https://a.test/hot", "/c", TRUE },
    { "http://a.test/hot", "/c", FALSE }, { "https://a.test/", "/c", FALSE },
    { "https://a.test/Hot", "/c", FALSE }, { NULL, "/c", FALSE },
    { "https://a.test/hot", NULL, FALSE },
    { "https://a.test/hot", "/a,b", FALSE } };
  WeirMinisignPublicKey key;
  WeirMinisignSecretKey secret;
  g_autofree gchar *text = NULL;

  g_assert_true (weir_minisign_init ());
  weir_minisign_generate (&key, &secret);
  text = weir_minisign_format_public (&key);
  for (guint i = 0; i < G_N_ELEMENTS (addresses); i++) {
    const WeirFeedAddress address = { addresses[i].url, text,
      addresses[i].cache };
    g_autoptr (GError) error = NULL;

    g_autofree gchar *folder = weir_feed_address_get_folder (&address, &error);

    g_assert_true ((folder != NULL) == addresses[i].good);
    if (!addresses[i].good)
      g_assert_error (error, WEIR_FEED_ERROR, WEIR_FEED_ERROR_SETTING);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  feed_host_add_test ("/feed/client/follow", test_follow);
  feed_host_add_test ("/feed/client/deltas", test_deltas);
  feed_host_add_test ("/feed/client/restart", test_restart);
  feed_host_add_test ("/feed/client/lost-bank", test_lost_bank);
  feed_host_add_test ("/feed/client/renewed", test_renewed);
  feed_host_add_test ("/feed/client/retract-other", test_retract_other);
  feed_host_add_test ("/feed/client/instead", test_instead);
  feed_host_add_test ("/feed/client/canary", test_canary);
  feed_host_add_test ("/feed/client/wait", test_wait);
  feed_host_add_test ("/feed/client/lock", test_lock);
  g_test_add_func ("/feed/client/addresses", test_addresses);
  return g_test_run ();
}
