/* SPDX-License-Identifier: GPL-3.0-or-later */
/* weir follow, weir feed status: the host's fetcher, and what it says. */

#include "bank/bank-follower.h"
#include "cli.h"
#include "events/event.h"
#include "feed-options.h"
#include "feed/feed-flood.h"
#include "interrupt.h"

#include <glib/gstdio.h>
#include <stdio.h>

/* ---- follow ---- */

static void
print_event (WeirBank *bank, const gchar *source, const gchar *error)
{
  const gint64 now = g_get_real_time ();
  g_autoptr (WeirEvent) event =
      weir_event_new_bank (bank, source, error, now / G_USEC_PER_SEC);
  g_autofree gchar *line = weir_event_to_json (event, g_get_host_name (), now);

  puts (line);
  fflush (stdout);
}

static void
on_bank (
    WeirBank *bank, const gchar *path, const GError *error, gpointer user_data)
{
  print_event (bank, path, error ? error->message : NULL);
}

static void
on_feed (const gchar *url, const gchar *error, gpointer user_data)
{
  if (error)
    print_event (NULL, url, error);
}

/* Asks for one list, unless another process does. */
static gboolean
poll_once (const WeirFeedAddress *address, WeirFetcher *fetcher, GError **error)
{
  g_autofree gchar *folder = weir_feed_address_get_folder (address, error);
  g_autoptr (WeirFeedClient) client = NULL;
  g_autoptr (GError) reason = NULL;
  gboolean done;
  gint lock;

  if (!folder || !weir_feed_cache_make (folder, error))
    return FALSE;
  lock = weir_feed_cache_lock (folder, &reason);
  if (reason) {
    g_propagate_error (error, g_steal_pointer (&reason));
    return FALSE;
  }
  if (lock < 0)
    return TRUE;
  client = weir_feed_client_new (address, weir_fetcher_get, fetcher, error);
  done = client && weir_feed_client_poll (
                       client, g_get_real_time () / G_USEC_PER_SEC, error);
  g_close (lock, NULL);
  return done;
}

static int
follow_once (const CliFeedOptions *options)
{
  g_auto (GStrv) urls = g_strsplit (options->urls, ",", -1);
  g_autoptr (WeirFetcher) fetcher = weir_fetcher_new ();

  for (guint i = 0; urls[i]; i++) {
    const WeirFeedAddress address = { urls[i], options->keys,
      options->cache_dir };
    g_autoptr (GError) error = NULL;

    if (poll_once (&address, fetcher, &error))
      continue;
    cli_error ("%s", error->message);
    return CLI_FAILED;
  }
  return CLI_DONE;
}

static int
follow (const CliFeedOptions *options)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (WeirFeed) feed =
      weir_feed_new (options->urls, options->keys, options->cache_dir, &error);
  g_autoptr (WeirBankFollower) follower = NULL;
  g_autofree gchar *path = NULL;
  CliInterrupt interrupt;
  gboolean interrupted = FALSE;

  if (!feed) {
    cli_error ("%s", error->message);
    return CLI_FAILED;
  }
  path = weir_feed_get_bank_path (feed);
  cli_interrupt_catch (&interrupt, &interrupted);
  weir_feed_watch (feed, on_feed, NULL);
  follower = weir_bank_follower_new (path, on_bank, NULL);
  while (!interrupted && !ferror (stdout))
    g_main_context_iteration (NULL, TRUE);
  cli_interrupt_release (&interrupt);
  return CLI_DONE;
}

int
cli_follow (int argc, char **argv)
{
  g_auto (CliFeedOptions) options = { 0 };
  gboolean once = FALSE;
  const GOptionEntry entries[] = {
    CLI_FEED_ENTRIES (options),
    { "once", 0, 0, G_OPTION_ARG_NONE, &once,
        "Ask once, and end with whether it was found in order", NULL },
    { NULL },
  };
  g_auto (GStrv) rest = NULL;

  if (!cli_parse (argc, argv, entries, NULL,
          "Keeps a feed's bank in the cache directory up to date, for all who "
          "use it on this host, and prints what becomes of it as lines of "
          "JSON.",
          &rest))
    return CLI_USAGE;
  if (rest[0])
    return cli_usage_error (argv[0], "there is nothing to name but options");
  if (!cli_feed_options_check (&options, argv[0]))
    return CLI_USAGE;
  return once ? follow_once (&options) : follow (&options);
}

/* ---- status ---- */

static gchar *
format_time (gint64 seconds)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (seconds);

  return seconds > 0 && time ? g_date_time_format (time, "%Y-%m-%dT%H:%M:%SZ")
                             : g_strdup ("never");
}

/* What matches too many streams. */
static void
print_held (const gchar *folder)
{
  g_autoptr (GPtrArray) held = weir_feed_flood_list (folder);

  for (guint i = 0; i < held->len; i++)
    printf ("  only flags  %s: it matches too many streams of this host\n",
        (const gchar *) g_ptr_array_index (held, i));
}

/* What there is of the list. */
static void
print_list (const WeirFeedStatus *status)
{
  const gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  g_autofree gchar *issued = format_time (status->issued);
  g_autofree gchar *expires = format_time (status->expires);

  if (status->sequence == 0) {
    printf ("  sequence    nothing fetched yet\n");
    return;
  }
  printf ("  sequence    %" G_GUINT64_FORMAT " of epoch %" G_GUINT64_FORMAT
          ", root %" G_GUINT64_FORMAT "\n",
      status->sequence, status->epoch, status->root);
  printf ("  references  %" G_GUINT64_FORMAT "\n", status->references);
  printf ("  issued      %s, %" G_GINT64_FORMAT " s ago\n", issued,
      MAX (now - status->issued, 0));
  printf ("  expires     %s%s\n", expires,
      status->expires < now ? ", it can only flag now" : "");
}

static void
print_status (const WeirFeedStatus *status, const gchar *folder)
{
  g_autofree gchar *checked = format_time (status->checked);

  printf ("%s\n", status->url);
  printf ("  folder      %s\n", folder);
  print_list (status);
  printf ("  checked     %s\n", checked);
  printf ("  failures    %u\n", status->n_failures);
  print_held (folder);
  printf ("  last error  %s\n", status->error[0] ? status->error : "none");
}

int
cli_feed_status (int argc, char **argv)
{
  g_auto (CliFeedOptions) options = { 0 };
  const GOptionEntry entries[] = { CLI_FEED_ENTRIES (options), { NULL } };
  g_auto (GStrv) rest = NULL;
  g_auto (GStrv) urls = NULL;
  int result = CLI_DONE;

  if (!cli_parse (argc, argv, entries, NULL,
          "Shows how a feed's bank in the cache directory is: sequence, age, "
          "counts, the last error. Fails when it is not up to date, or "
          "nothing has been fetched yet.",
          &rest))
    return CLI_USAGE;
  if (rest[0])
    return cli_usage_error (argv[0], "there is nothing to name but options");
  if (!cli_feed_options_check (&options, argv[0]))
    return CLI_USAGE;
  urls = g_strsplit (options.urls, ",", -1);
  for (guint i = 0; urls[i]; i++) {
    const WeirFeedAddress address = { urls[i], options.keys,
      options.cache_dir };
    g_autoptr (GError) error = NULL;
    g_autofree gchar *folder = weir_feed_address_get_folder (&address, &error);
    g_auto (WeirFeedStatus) status = { 0 };

    if (!folder) {
      cli_error ("%s", error->message);
      return CLI_FAILED;
    }
    if (!weir_feed_status_read (folder, &status)) {
      cli_error ("nobody has asked for %s yet; see 'weir follow'", urls[i]);
      return CLI_FAILED;
    }
    print_status (&status, folder);
    if (status.error[0] || status.expires < g_get_real_time () / G_USEC_PER_SEC)
      result = CLI_FAILED;
  }
  return result;
}
