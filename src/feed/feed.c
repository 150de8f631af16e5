/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Feeds in use: one worker for each list. */
#include "feed/feed.h"

#include "feed/feed-worker.h"

struct _WeirFeed {
  GPtrArray *workers; /* of WeirFeedWorker, in the order of the lists */
  WeirFeedFunc func;
  gpointer user_data;
};

WeirFeed *
weir_feed_new (const gchar *urls, const gchar *keys, const gchar *cache_dir,
    GError **error)
{
  g_autoptr (WeirFeed) feed = g_new0 (WeirFeed, 1);
  g_auto (GStrv) words = g_strsplit (urls, ",", -1);

  feed->workers =
      g_ptr_array_new_with_free_func ((GDestroyNotify) weir_feed_worker_put);
  if (!weir_minisign_init ()) {
    weir_feed_refuse (
        error, WEIR_FEED_ERROR_SETTING, "there are no random numbers");
    return NULL;
  }
  for (guint i = 0; words[i]; i++) {
    const WeirFeedAddress address = { words[i], keys, cache_dir };
    WeirFeedWorker *worker = weir_feed_worker_get (&address, error);

    if (!worker)
      return NULL;
    g_ptr_array_add (feed->workers, worker);
  }
  return g_steal_pointer (&feed);
}

void
weir_feed_free (WeirFeed *feed)
{
  for (guint i = 0; i < feed->workers->len; i++)
    weir_feed_worker_unwatch (g_ptr_array_index (feed->workers, i), feed);
  g_ptr_array_unref (feed->workers);
  g_free (feed);
}

gchar *
weir_feed_get_bank_path (const WeirFeed *feed)
{
  GString *path = g_string_new (NULL);

  for (guint i = 0; i < feed->workers->len; i++) {
    if (i > 0)
      g_string_append_c (path, ',');
    g_string_append (
        path, weir_feed_worker_get_bank (g_ptr_array_index (feed->workers, i)));
  }
  return g_string_free (path, FALSE);
}

gchar *
weir_feed_find_url (const WeirFeed *feed, const gchar *bank)
{
  for (guint i = 0; i < feed->workers->len; i++) {
    const WeirFeedWorker *worker = g_ptr_array_index (feed->workers, i);

    if (g_str_equal (weir_feed_worker_get_bank (worker), bank))
      return g_strdup (weir_feed_worker_get_url (worker));
  }
  return NULL;
}

static void
on_news (const gchar *url, const gchar *error, gpointer user_data)
{
  const WeirFeed *feed = user_data;

  feed->func (url, error, feed->user_data);
}

void
weir_feed_watch (WeirFeed *feed, WeirFeedFunc func, gpointer user_data)
{
  feed->func = func;
  feed->user_data = user_data;
  for (guint i = 0; i < feed->workers->len; i++)
    weir_feed_worker_watch (
        g_ptr_array_index (feed->workers, i), on_news, feed);
}
