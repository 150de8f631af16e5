/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One thread for a feed: polls, or watches another process do it. */
#include "feed/feed-worker.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* While another process fetches: how often to look what came of it, and whether
 * it is still there. us */
#define LOOK_INTERVAL (2 * G_USEC_PER_SEC)

typedef struct {
  WeirFeedFunc func;
  gpointer user_data;
} Watcher;

/* GRecMutex, as in the bank's follower, is one that a checker of threads can see
 * into. */
struct _WeirFeedWorker {
  gint n_holders; /* those who use it, and the thread */
  gchar *url, *keys, *cache_dir, *bank;
  gchar *folder; /* by which it is known */
  WeirFetcher *fetcher;

  GRecMutex telling; /* held while watchers are told; guards the next two */
  GArray *watchers;  /* of Watcher */
  gchar *problem;    /* as told last; NULL: none */

  gint stopped; /* atomic */
  gint wake;    /* eventfd */

  /* the thread's own */
  WeirFeedClient *client; /* NULL: another process fetches */
  gint descriptor;        /* of the lock; -1: another process has it */
  gchar *failure;         /* of the last turn; NULL: none */
  guint64 sequence;       /* of the head whose expiry is known */
  gint64 issued;
  gint64 expires; /* seconds since 1970; 0: never */
};

/* Those that are in use, by their folders. */
static GRecMutex table_lock;
static GHashTable *table;

static void
worker_unref (WeirFeedWorker *worker)
{
  if (!g_atomic_int_dec_and_test (&worker->n_holders))
    return;
  g_array_unref (worker->watchers);
  g_rec_mutex_clear (&worker->telling);
  g_close (worker->wake, NULL);
  weir_fetcher_free (worker->fetcher);
  g_free (worker->failure);
  g_free (worker->problem);
  g_free (worker->bank);
  g_free (worker->folder);
  g_free (worker->cache_dir);
  g_free (worker->keys);
  g_free (worker->url);
  g_free (worker);
}

/* ---- The thread ---- */

/* Waits @time (us). FALSE: it is to end. */
static gboolean
wait (WeirFeedWorker *worker, gint64 time)
{
  const gint64 until = g_get_monotonic_time () + time;
  struct pollfd descriptor = { .fd = worker->wake, .events = POLLIN };
  gint64 left = time;

  while (!g_atomic_int_get (&worker->stopped) && left > 0 &&
         poll (&descriptor, 1, (gint) MIN (left / 1000 + 1, G_MAXINT)) < 1)
    left = until - g_get_monotonic_time ();
  return !g_atomic_int_get (&worker->stopped);
}

static void
stop (WeirFeedWorker *worker)
{
  const guint64 one = 1;
  gssize written;

  g_atomic_int_set (&worker->stopped, TRUE);
  do
    written = write (worker->wake, &one, sizeof (one));
  while (written < 0 && errno == EINTR);
  weir_fetcher_stop (worker->fetcher);
}

/* Whether two problems are one: how many seconds ago, or after how many
 * milliseconds, makes no other of it. */
static gboolean
is_same_problem (const gchar *a, const gchar *b)
{
  if (!a || !b)
    return a == b;
  while (*a != '\0' || *b != '\0') {
    if (g_ascii_isdigit (*a))
      a++;
    else if (g_ascii_isdigit (*b))
      b++;
    else if (*a++ != *b++)
      return FALSE;
  }
  return TRUE;
}

/* Tells @problem (NULL: none) to all, unless they know. */
static void
tell (WeirFeedWorker *worker, const gchar *problem)
{
  g_rec_mutex_lock (&worker->telling);
  if (!is_same_problem (problem, worker->problem)) {
    g_free (worker->problem);
    worker->problem = g_strdup (problem);
    for (guint i = 0; i < worker->watchers->len; i++) {
      const Watcher *watcher = &g_array_index (worker->watchers, Watcher, i);

      watcher->func (worker->url, problem, watcher->user_data);
    }
  }
  g_rec_mutex_unlock (&worker->telling);
}

/* What is wrong, in one line; NULL: nothing. That the list has expired matters
 * more than why. */
static gchar *
describe (const WeirFeedWorker *worker)
{
  const gint64 now = g_get_real_time () / G_USEC_PER_SEC;

  if (worker->expires == 0 || now <= worker->expires)
    return g_strdup (worker->failure);
  return g_strdup_printf ("the list expired %" G_GINT64_FORMAT
                          " s ago and can only flag%s%s",
      now - worker->expires,
      worker->failure ? ": " : " until a newer one is fetched",
      worker->failure ? worker->failure : "");
}

static void
tell_state (WeirFeedWorker *worker)
{
  g_autofree gchar *problem = describe (worker);

  tell (worker, problem);
}

/* What came of a turn: @status as it is after that. */
static void
note (
    WeirFeedWorker *worker, const WeirFeedStatus *status, const gchar *failure)
{
  g_free (worker->failure);
  worker->failure = g_strdup (failure);
  if (status && (status->sequence != worker->sequence ||
                    status->issued != worker->issued)) {
    worker->sequence = status->sequence;
    worker->issued = status->issued;
    worker->expires = weir_feed_cache_get_expires (worker->folder);
  }
  tell_state (worker);
}

/* Becomes the one that fetches, if no other process is. FALSE with @error. */
static gboolean
take_over (WeirFeedWorker *worker, GError **error)
{
  const WeirFeedAddress address = { worker->url, worker->keys,
    worker->cache_dir };
  g_autoptr (GError) reason = NULL;

  worker->descriptor = weir_feed_cache_lock (worker->folder, &reason);
  if (reason) {
    g_propagate_error (error, g_steal_pointer (&reason));
    return FALSE;
  }
  if (worker->descriptor < 0)
    return TRUE;
  worker->client =
      weir_feed_client_new (&address, weir_fetcher_get, worker->fetcher, error);
  if (worker->client)
    return TRUE;
  g_close (worker->descriptor, NULL);
  worker->descriptor = -1;
  return FALSE;
}

static gint64
ask (WeirFeedWorker *worker)
{
  const gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  g_autoptr (GError) error = NULL;

  weir_feed_client_poll (worker->client, now, &error);
  if (!g_error_matches (error, WEIR_FEED_ERROR, WEIR_FEED_ERROR_STOPPED))
    note (worker, weir_feed_client_get_status (worker->client),
        error ? error->message : NULL);
  return (
      gint64) (weir_feed_client_get_wait (worker->client, g_random_double ()) *
               G_USEC_PER_SEC);
}

/* What came of the other's last request. When nobody has ever asked, why this
 * process does not is in @error; it may be NULL. */
static void
look (WeirFeedWorker *worker, const GError *error)
{
  g_auto (WeirFeedStatus) status = { 0 };

  if (weir_feed_status_read (worker->folder, &status))
    note (worker, &status, status.error[0] != '\0' ? status.error : NULL);
  else if (error)
    note (worker, NULL, error->message);
}

/* Whoever may not write there leaves it to those who may, whose lock need not
 * be seen: as long as the list is up to date somebody fetches. */
static gint64
turn (WeirFeedWorker *worker)
{
  g_autoptr (GError) error = NULL;

  if (!worker->client && !take_over (worker, &error) &&
      !g_error_matches (error, WEIR_FEED_ERROR, WEIR_FEED_ERROR_READ_ONLY)) {
    note (worker, NULL, error->message);
    return LOOK_INTERVAL;
  }
  if (worker->client)
    return ask (worker);
  look (worker, error);
  return LOOK_INTERVAL;
}

/* As wait(); a list that expires meanwhile is told of when it does. */
static gboolean
wait_for_turn (WeirFeedWorker *worker, gint64 time)
{
  const gint64 now = g_get_real_time ();
  const gint64 seconds = worker->expires - now / G_USEC_PER_SEC;
  gint64 left;

  if (worker->expires == 0 || seconds < 0 || seconds >= time / G_USEC_PER_SEC)
    return wait (worker, time);
  left = (seconds + 1) * G_USEC_PER_SEC - now % G_USEC_PER_SEC;
  if (!wait (worker, left))
    return FALSE;
  tell_state (worker);
  return wait (worker, MAX (time - left, 0));
}

static gpointer
run (gpointer user_data)
{
  WeirFeedWorker *worker = user_data;
  gint64 time = 0;

  while (wait_for_turn (worker, time))
    time = turn (worker);
  g_clear_pointer (&worker->client, weir_feed_client_free);
  if (worker->descriptor >= 0)
    g_close (worker->descriptor, NULL);
  worker_unref (worker);
  return NULL;
}

/* ---- Those who use it ---- */

static WeirFeedWorker *
worker_new (const WeirFeedAddress *address, const gchar *folder)
{
  WeirFeedWorker *worker = g_new0 (WeirFeedWorker, 1);

  worker->url = g_strdup (address->url);
  worker->keys = g_strdup (address->keys);
  worker->cache_dir = g_strdup (address->cache_dir);
  worker->folder = g_strdup (folder);
  worker->bank = g_build_filename (worker->folder, "bank", NULL);
  worker->fetcher = weir_fetcher_new ();
  worker->watchers = g_array_new (FALSE, FALSE, sizeof (Watcher));
  worker->descriptor = -1;
  worker->expires = weir_feed_cache_get_expires (folder);
  worker->problem = describe (worker);
  g_rec_mutex_init (&worker->telling);
  worker->wake = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  g_atomic_int_set (&worker->n_holders, 2);
  g_thread_unref (g_thread_new ("weir-feed", run, worker));
  return worker;
}

/* Called with the table's lock. */
static WeirFeedWorker *
find_or_make (const WeirFeedAddress *address, const gchar *folder)
{
  WeirFeedWorker *worker;

  if (!table)
    table = g_hash_table_new (g_str_hash, g_str_equal);
  worker = g_hash_table_lookup (table, folder);
  if (worker) {
    g_atomic_int_inc (&worker->n_holders);
    return worker;
  }
  worker = worker_new (address, folder);
  g_hash_table_insert (table, worker->folder, worker);
  return worker;
}

WeirFeedWorker *
weir_feed_worker_get (const WeirFeedAddress *address, GError **error)
{
  g_autofree gchar *folder = weir_feed_address_get_folder (address, error);
  WeirFeedWorker *worker;

  if (!folder || !weir_feed_cache_make (folder, error))
    return NULL;
  g_rec_mutex_lock (&table_lock);
  worker = find_or_make (address, folder);
  g_rec_mutex_unlock (&table_lock);
  return worker;
}

void
weir_feed_worker_put (WeirFeedWorker *worker)
{
  gboolean last;

  g_rec_mutex_lock (&table_lock);
  /* One holder beside the caller is the thread. */
  last = g_atomic_int_get (&worker->n_holders) == 2;
  if (last)
    g_hash_table_remove (table, worker->folder);
  if (last && g_hash_table_size (table) == 0)
    g_clear_pointer (&table, g_hash_table_unref);
  if (!last)
    worker_unref (worker);
  g_rec_mutex_unlock (&table_lock);
  if (!last)
    return;
  stop (worker);
  worker_unref (worker);
}

const gchar *
weir_feed_worker_get_bank (const WeirFeedWorker *worker)
{
  return worker->bank;
}

const gchar *
weir_feed_worker_get_url (const WeirFeedWorker *worker)
{
  return worker->url;
}

void
weir_feed_worker_watch (
    WeirFeedWorker *worker, WeirFeedFunc func, gpointer user_data)
{
  const Watcher watcher = { func, user_data };

  g_rec_mutex_lock (&worker->telling);
  g_array_append_val (worker->watchers, watcher);
  if (worker->problem)
    func (worker->url, worker->problem, user_data);
  g_rec_mutex_unlock (&worker->telling);
}

void
weir_feed_worker_unwatch (WeirFeedWorker *worker, gpointer user_data)
{
  g_rec_mutex_lock (&worker->telling);
  for (guint i = worker->watchers->len; i-- > 0;)
    if (g_array_index (worker->watchers, Watcher, i).user_data == user_data)
      g_array_remove_index (worker->watchers, i);
  g_rec_mutex_unlock (&worker->telling);
}
