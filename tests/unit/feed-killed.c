/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A process that ends between any two steps: at each call that changes what is on
 * the disk, the client's and the publisher's. Whoever comes after finds the list
 * before or after, and goes on.
 */
#include "feed-host.h"

#include "bank-files.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define KILLED 77

/* The calls until the end; negative: there is none. */
static gint steps_left = -1;

static void
step (void)
{
  if (steps_left == 0)
    _exit (KILLED);
  if (steps_left > 0)
    steps_left--;
}

/* These take the place of the C library's, GLib's calls of them included. */
int
rename (const char *from, const char *to)
{
  step ();
  return (int) syscall (SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int
unlink (const char *path)
{
  step ();
  return (int) syscall (SYS_unlinkat, AT_FDCWD, path, 0);
}

int
fsync (int descriptor)
{
  step ();
  return (int) syscall (SYS_fsync, descriptor);
}

/* Runs @work in a process that ends at step @last. Whether it came to its end. */
static gboolean
run_until (FeedHost *host, void (*work) (FeedHost *), gint last)
{
  gint status = 0;
  pid_t child = fork ();

  g_assert_cmpint (child, >=, 0);
  if (child == 0) {
    steps_left = last;
    work (host);
    _exit (0);
  }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status));
  g_assert_true (WEXITSTATUS (status) == 0 || WEXITSTATUS (status) == KILLED);
  return WEXITSTATUS (status) == 0;
}

static void
poll_once (FeedHost *host)
{
  g_autoptr (WeirFeedClient) client = feed_host_make_client (host);

  weir_feed_client_poll (client, host->now, NULL);
}

static void
publish_once (FeedHost *host)
{
  feed_host_publish (host, "c", "a");
}

/* The ids in the bank of the client. Free with g_free(). */
static gchar *
get_ids (FeedHost *host)
{
  g_autofree gchar *path = g_build_filename (host->state, "bank", NULL);
  g_autoptr (WeirBank) bank = bank_files_open (path);
  GString *ids = g_string_new (NULL);

  for (guint32 i = 0; i < weir_bank_get_n_indices (bank); i++) {
    WeirReference reference;

    if (!weir_bank_has_reference (bank, i))
      continue;
    weir_bank_get_reference (bank, i, &reference);
    g_string_append_printf (ids, "%s ", reference.id);
  }
  return g_string_free (ids, FALSE);
}

static void
begin (FeedHost *host)
{
  g_autoptr (WeirFeedClient) client = NULL;

  feed_host_publish (host, "a b", NULL);
  client = feed_host_make_client (host);
  g_assert_cmpint (feed_host_poll (host, client, "a b"), ==, -1);
}

/* How many files a client that has come to its end leaves. */
static guint
count_files (FeedHost *host)
{
  g_autofree gchar *path = g_build_filename (host->state, "bank", NULL);

  return bank_files_count (path) + bank_files_count (host->state);
}

static void
test_client (FeedHost *host, gconstpointer data)
{
  gboolean ended = FALSE;
  guint n_whole = 0, last;

  begin (host);
  for (last = 0; !ended; last++) {
    g_autofree gchar *ids = NULL;
    g_autoptr (WeirFeedClient) client = NULL;

    feed_host_tear_down (host, NULL);
    feed_host_set_up (host, NULL);
    begin (host);
    publish_once (host);
    ended = run_until (host, poll_once, (gint) last);
    ids = get_ids (host);
    g_assert_true (g_str_equal (ids, "a b ") || g_str_equal (ids, "b c "));
    if (ended)
      g_assert_cmpstr (ids, ==, "b c ");
    client = feed_host_make_client (host);
    g_assert_cmpint (feed_host_poll (host, client, "b c"), ==, -1);
    g_assert_cmpuint (weir_feed_client_get_status (client)->sequence, ==, 2);
    feed_host_publish (host, "d", NULL);
    g_assert_cmpint (feed_host_poll (host, client, "b c d"), ==, -1);
    if (last == 0)
      n_whole = count_files (host);
  }
  g_assert_cmpuint (count_files (host), ==, n_whole);
  g_assert_cmpuint (last, >, 8);
}

static void
test_publisher (FeedHost *host, gconstpointer data)
{
  gboolean ended = FALSE;
  guint last;

  for (last = 0; !ended; last++) {
    g_autoptr (WeirFeedClient) client = NULL;
    g_autofree gchar *ids = NULL;

    feed_host_tear_down (host, NULL);
    feed_host_set_up (host, NULL);
    begin (host);
    ended = run_until (host, publish_once, (gint) last);
    poll_once (host);
    ids = get_ids (host);
    g_assert_true (g_str_equal (ids, "a b ") || g_str_equal (ids, "b c "));
    client = feed_host_make_client (host);
    publish_once (host);
    g_assert_cmpint (feed_host_poll (host, client, "b c"), ==, -1);
    feed_host_publish (host, "d", NULL);
    g_assert_cmpint (feed_host_poll (host, client, "b c d"), ==, -1);
  }
  g_assert_cmpuint (last, >, 8);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  feed_host_add_test ("/feed/killed/client", test_client);
  feed_host_add_test ("/feed/killed/publisher", test_publisher);
  return g_test_run ();
}
