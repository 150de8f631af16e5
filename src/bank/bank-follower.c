/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The thread that follows a bank. */
#include "bank/bank-follower.h"

#include "bank/bank-private.h"
#include "bank/bank-watch.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define INTERVAL G_USEC_PER_SEC

/* GRecMutex is a mutex of POSIX, GMutex is not: a checker of threads can see
 * into the first. */
struct _WeirBankFollower {
  gint n_holders; /* the owner and the thread */
  WeirBankFollowerFunc func;
  gpointer user_data;
  gint64 interval; /* us */
  gboolean notified;
  GThread *thread; /* the owner's */
  gint wake;       /* eventfd */

  GRecMutex telling; /* held while func is called */

  GRecMutex lock; /* guards from here on, up to the blank line */
  gchar *new_path;
  gboolean has_new_path;
  gboolean stopped;
  gboolean busy; /* with a change; it does not come back at once */

  /* the thread's own */
  gchar *path;
  WeirBank *bank; /* told last, but for failures */
  gboolean failed;
  gchar *state;   /* of the files, as they were opened */
  gchar *pending; /* another state, seen at the look before; may be NULL */
  WeirBankWatch *watch;
};

static void
follower_unref (WeirBankFollower *follower)
{
  if (!g_atomic_int_dec_and_test (&follower->n_holders))
    return;
  g_clear_pointer (&follower->bank, weir_bank_unref);
  g_clear_pointer (&follower->watch, weir_bank_watch_free);
  g_close (follower->wake, NULL);
  g_rec_mutex_clear (&follower->telling);
  g_rec_mutex_clear (&follower->lock);
  g_free (follower->new_path);
  g_free (follower->path);
  g_free (follower->state);
  g_free (follower->pending);
  g_free (follower);
}

static void
wake (WeirBankFollower *follower)
{
  const guint64 one = 1;
  gssize written;

  do
    written = write (follower->wake, &one, sizeof (one));
  while (written < 0 && errno == EINTR);
}

/* ---- What it does ---- */

static void
tell (WeirBankFollower *follower, WeirBank *bank, const GError *error)
{
  gboolean stopped;

  g_rec_mutex_lock (&follower->telling);
  g_rec_mutex_lock (&follower->lock);
  stopped = follower->stopped;
  g_rec_mutex_unlock (&follower->lock);
  if (!stopped)
    follower->func (bank, follower->path, error, follower->user_data);
  g_rec_mutex_unlock (&follower->telling);
}

static gboolean
is_same_bank (const WeirBank *a, const WeirBank *b)
{
  return a && b &&
         g_str_equal (weir_bank_get_version (a), weir_bank_get_version (b)) &&
         weir_bank_get_expires (a) == weir_bank_get_expires (b);
}

/* Opens what is there now, whose state is @state (taken before: a change in
 * between is seen later), and tells of it unless it is what was told before. */
static void
open_bank (WeirBankFollower *follower, gchar *state, gboolean is_new_path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (WeirBank) bank =
      weir_bank_open_next (follower->path, follower->bank, &error);
  gboolean is_news = is_new_path || !bank || follower->failed ||
                     !is_same_bank (bank, follower->bank);

  g_free (follower->state);
  follower->state = state;
  g_clear_pointer (&follower->pending, g_free);
  follower->failed = !bank;
  if (bank && is_news) {
    g_clear_pointer (&follower->bank, weir_bank_unref);
    follower->bank = weir_bank_ref (bank);
  }
  if (is_news)
    tell (follower, bank, error);
}

static void
set_watch (WeirBankFollower *follower)
{
  g_clear_pointer (&follower->watch, weir_bank_watch_free);
  if (follower->notified && follower->path)
    follower->watch = weir_bank_watch_new (follower->path);
}

/* Looks at the files. What has changed is opened if it is @complete, or has
 * been the same at the look before. */
static void
look (WeirBankFollower *follower, gboolean complete)
{
  g_autofree gchar *state = NULL;

  if (!follower->path)
    return;
  state = weir_bank_get_state (follower->path);
  if (g_str_equal (state, follower->state)) {
    g_clear_pointer (&follower->pending, g_free);
    return;
  }
  if (!complete && g_strcmp0 (state, follower->pending) != 0) {
    g_free (follower->pending);
    follower->pending = g_steal_pointer (&state);
    return;
  }
  /* Folders may be others now. What happens from here on is not missed. */
  if (follower->watch)
    weir_bank_watch_renew (follower->watch);
  open_bank (follower, weir_bank_get_state (follower->path), FALSE);
}

static void
change_path (WeirBankFollower *follower, gchar *path)
{
  g_free (follower->path);
  follower->path = path;
  g_clear_pointer (&follower->pending, g_free);
  set_watch (follower);
  if (path) {
    open_bank (follower, weir_bank_get_state (path), TRUE);
    return;
  }
  g_clear_pointer (&follower->bank, weir_bank_unref);
  tell (follower, NULL, NULL);
}

/* ---- The thread ---- */

/* FALSE: it is to end. @path is the new path if @has_path. */
static gboolean
begin_turn (WeirBankFollower *follower, gchar **path, gboolean *has_path)
{
  gboolean goes_on;

  g_rec_mutex_lock (&follower->lock);
  goes_on = !follower->stopped;
  *has_path = follower->has_new_path;
  *path = g_steal_pointer (&follower->new_path);
  follower->has_new_path = FALSE;
  follower->busy = goes_on;
  g_rec_mutex_unlock (&follower->lock);
  return goes_on;
}

static void
end_turn (WeirBankFollower *follower)
{
  g_rec_mutex_lock (&follower->lock);
  follower->busy = FALSE;
  g_rec_mutex_unlock (&follower->lock);
}

/* Waits until something happened, at most until @until (us). Whether a file of
 * the bank is complete. */
static gboolean
wait_for_word (WeirBankFollower *follower, gint64 until)
{
  gint64 left = MAX (until - g_get_monotonic_time (), 0);
  gint told =
      follower->watch ? weir_bank_watch_get_descriptor (follower->watch) : -1;
  struct pollfd descriptors[] = { { .fd = follower->wake, .events = POLLIN },
    { .fd = told, .events = POLLIN } };
  guint64 count;

  if (poll (descriptors, G_N_ELEMENTS (descriptors),
          (gint) (left / 1000 + (left % 1000 > 0))) <= 0)
    return FALSE;
  if (descriptors[0].revents != 0 &&
      read (follower->wake, &count, sizeof (count)) < 0 && errno != EAGAIN)
    g_warn_if_reached ();
  return descriptors[1].revents != 0 && weir_bank_watch_read (follower->watch);
}

static gpointer
run (gpointer user_data)
{
  WeirBankFollower *follower = user_data;
  gint64 next_look = g_get_monotonic_time () + follower->interval;
  gboolean complete = FALSE, has_path;
  gchar *path;

  while (begin_turn (follower, &path, &has_path)) {
    gboolean is_time = g_get_monotonic_time () >= next_look;

    if (is_time)
      next_look = g_get_monotonic_time () + follower->interval;
    if (has_path)
      change_path (follower, path);
    else if (complete || is_time)
      look (follower, complete);
    end_turn (follower);
    complete = wait_for_word (follower, next_look);
  }
  g_free (path);
  follower_unref (follower);
  return NULL;
}

/* ---- The owner ---- */

WeirBankFollower *
weir_bank_follower_new_full (const gchar *path, gint64 interval,
    gboolean notified, WeirBankFollowerFunc func, gpointer user_data)
{
  WeirBankFollower *follower = g_new0 (WeirBankFollower, 1);

  follower->func = func;
  follower->user_data = user_data;
  follower->interval = interval;
  follower->notified = notified;
  follower->wake = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  g_rec_mutex_init (&follower->telling);
  g_rec_mutex_init (&follower->lock);
  g_atomic_int_set (&follower->n_holders, 2);
  change_path (follower, g_strdup (path));
  follower->thread = g_thread_new ("weir-bank", run, follower);
  return follower;
}

WeirBankFollower *
weir_bank_follower_new (
    const gchar *path, WeirBankFollowerFunc func, gpointer user_data)
{
  return weir_bank_follower_new_full (path, INTERVAL, TRUE, func, user_data);
}

void
weir_bank_follower_set_path (WeirBankFollower *follower, const gchar *path)
{
  g_rec_mutex_lock (&follower->lock);
  g_free (follower->new_path);
  follower->new_path = g_strdup (path);
  follower->has_new_path = TRUE;
  g_rec_mutex_unlock (&follower->lock);
  wake (follower);
}

void
weir_bank_follower_free (WeirBankFollower *follower)
{
  GThread *thread = follower->thread;
  gboolean busy;

  g_rec_mutex_lock (&follower->telling);
  g_rec_mutex_lock (&follower->lock);
  follower->stopped = TRUE;
  busy = follower->busy;
  g_rec_mutex_unlock (&follower->lock);
  g_rec_mutex_unlock (&follower->telling);
  wake (follower);
  if (busy)
    g_thread_unref (thread);
  else
    g_thread_join (thread);
  follower_unref (follower);
}
