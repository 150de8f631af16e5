/* SPDX-License-Identifier: GPL-3.0-or-later */
/* weir publish: the next sequence of a list. */

#include "cli.h"
#include "feed/feed-publish.h"

#include <stdio.h>

#define DEFAULT_VALIDITY 1800
#define DEFAULT_WAIT     10

typedef struct {
  gchar *folder, *root, *purpose, *policy;
  gchar **keys, **retract;
  gboolean instead, canary, snapshot;
  gint validity, min_wait;
} Options;

static void
clear_options (Options *options)
{
  g_free (options->folder);
  g_free (options->root);
  g_free (options->purpose);
  g_free (options->policy);
  g_strfreev (options->keys);
  g_strfreev (options->retract);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, clear_options)

static int
publish (const Options *options, gchar **banks)
{
  const WeirFeedPublication publication = {
    .folder = options->folder,
    .keys = (const gchar *const *) options->keys,
    .add = banks,
    .retract = options->retract,
    .instead = options->instead,
    .canary = options->canary,
    .snapshot = options->snapshot,
    .now = g_get_real_time () / G_USEC_PER_SEC,
    .validity = (guint) options->validity,
    .min_wait = (guint) options->min_wait,
    .purpose = options->purpose,
    .policy = options->policy,
  };
  WeirFeedPublished published;
  g_autoptr (GError) error = NULL;

  if ((options->root && !weir_feed_publish_root (options->folder, options->root,
                            publication.now, &error)) ||
      !weir_feed_publish (&publication, &published, &error)) {
    cli_error ("%s", error->message);
    return CLI_FAILED;
  }
  printf ("epoch %" G_GUINT64_FORMAT ", sequence %" G_GUINT64_FORMAT
          ", %" G_GUINT64_FORMAT " references, delta %" G_GUINT64_FORMAT
          " bytes, snapshot %" G_GUINT64_FORMAT " bytes\n",
      published.epoch, published.sequence, published.references,
      published.delta, published.snapshot);
  return CLI_DONE;
}

int
cli_publish (int argc, char **argv)
{
  g_auto (Options)
      options = { .validity = DEFAULT_VALIDITY, .min_wait = DEFAULT_WAIT };
  const GOptionEntry entries[] = {
    { "key", 'k', 0, G_OPTION_ARG_FILENAME_ARRAY, &options.keys,
        "Secret key to sign with (needed); may be given again", "FILE" },
    { "out", 'o', 0, G_OPTION_ARG_FILENAME, &options.folder,
        "The folder to serve, named as the list (needed)", "FOLDER" },
    { "retract", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.retract,
        "Take this reference back, here and in lists named before this one; "
        "may "
        "be given again",
        "ID" },
    { "instead", 0, 0, G_OPTION_ARG_NONE, &options.instead,
        "What is added is all that the list has then", NULL },
    { "canary", 0, 0, G_OPTION_ARG_NONE, &options.canary,
        "Put the canary in, by which clients see that lookups work", NULL },
    { "snapshot", 0, 0, G_OPTION_ARG_NONE, &options.snapshot,
        "Write a snapshot even if none is due", NULL },
    { "expires", 0, 0, G_OPTION_ARG_INT, &options.validity,
        "Seconds until the head must have been renewed (default: 1800)", "S" },
    { "min-wait", 0, 0, G_OPTION_ARG_INT, &options.min_wait,
        "Seconds between two requests of a client (default: 10)", "S" },
    { "purpose", 0, 0, G_OPTION_ARG_STRING, &options.purpose,
        "What the list is for, a line for people", "TEXT" },
    { "policy", 0, 0, G_OPTION_ARG_STRING, &options.policy,
        "Address of the list's rules", "URL" },
    { "root", 0, 0, G_OPTION_ARG_FILENAME, &options.root,
        "First put this signed root in as the next one", "FILE" },
    { NULL },
  };
  g_auto (GStrv) rest = NULL;

  if (!cli_parse (argc, argv, entries, "[BANK...]",
          "Publishes the next sequence of a list: adds banks, replacing "
          "references with the same ids, and takes references back. With "
          "neither, signs the head anew. Safe while the folder is being "
          "served.",
          &rest))
    return CLI_USAGE;
  if (!options.folder)
    return cli_usage_error (argv[0], "name the folder to serve with -o");
  if (!options.keys)
    return cli_usage_error (argv[0], "name the key to sign with with --key");
  if (options.validity < 1 || options.min_wait < 1 || options.min_wait > 86400)
    return cli_usage_error (
        argv[0], "--expires is 1 or more, --min-wait 1 to 86400");
  return publish (&options, rest);
}
