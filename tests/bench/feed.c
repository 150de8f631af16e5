/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What it takes to bring a change of a list to a host: a publisher adds 1, 1 k
 * and 64 k made-up hashes to a list of many; a client takes each from the files
 * of the folder, as it would from a server next to it. Bytes that go over the
 * wire, and time of both; and of a poll that finds nothing new. The time from the
 * manifest's rename to the bank's use by another process, and the longest lookup
 * there meanwhile: tests/bench/delta.
 */
#define _XOPEN_SOURCE 700 /* nftw() */

#include "feed/feed-client.h"
#include "feed/feed-publish.h"
#include "feed/minisign.h"

#include "made-bank.h"

#include <ftw.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

#define URL     "https://bench.test/hot"
#define N_POLLS 100

static gint n_hashes = 1000000;
static gboolean json;

typedef struct {
  gchar *folder, *served, *key, *public_key;
  WeirFeedClient *client;
  guint64 bytes; /* of all answers */
} Bench;

static void
insist (gboolean done, const GError *error)
{
  if (done)
    return;
  g_printerr ("%s\n", error->message);
  exit (1);
}

static gboolean
fetch (gpointer user_data, const WeirFetchRequest *request,
    WeirFetchResponse *response, guint *retry_after, GError **error)
{
  Bench *bench = user_data;
  g_autofree gchar *path =
      g_build_filename (bench->served, request->url + strlen (URL), NULL);
  gchar *data;
  gsize length;

  *response = (WeirFetchResponse){ .status = 404 };
  *retry_after = 0;
  if (!g_file_get_contents (path, &data, &length, NULL))
    return request->may_miss;
  response->etag = g_compute_checksum_for_data (
      G_CHECKSUM_MD5, (const guchar *) data, length);
  if (g_strcmp0 (request->etag, response->etag) == 0) {
    response->status = 304;
  } else {
    response->status = 200;
    bench->bytes += length;
    if (request->path)
      g_file_set_contents_full (request->path, data, (gssize) length,
          G_FILE_SET_CONTENTS_NONE, 0644, NULL);
    else
      response->body = g_string_new_len (data, (gssize) length);
  }
  g_free (data);
  return TRUE;
}

static int
remove_entry (
    const char *path, const struct stat *status, int type, struct FTW *walk)
{
  return g_remove (path);
}

static void
begin (Bench *bench)
{
  WeirMinisignPublicKey public_key;
  WeirMinisignSecretKey secret_key;
  g_autofree gchar *text = NULL;
  g_autoptr (GError) error = NULL;

  weir_minisign_init ();
  weir_minisign_generate (&public_key, &secret_key);
  bench->folder = g_dir_make_tmp ("weir-bench-XXXXXX", &error);
  insist (bench->folder != NULL, error);
  bench->served = g_build_filename (bench->folder, "hot", NULL);
  bench->key = g_build_filename (bench->folder, "key", NULL);
  bench->public_key = weir_minisign_format_public (&public_key);
  text = weir_minisign_write_secret (&secret_key);
  insist (g_file_set_contents (bench->key, text, -1, &error), error);
}

/* Adds @n hashes that are others than those of another @seed. */
static WeirFeedPublished
publish (Bench *bench, guint64 seed, guint n, gdouble *time)
{
  g_autofree gchar *bank = g_build_filename (bench->folder, "b.weir", NULL);
  const gchar *const keys[] = { bench->key, NULL };
  gchar *banks[] = { bank, NULL };
  const WeirFeedPublication publication = { .folder = bench->served,
    .keys = keys,
    .add = banks,
    .now = g_get_real_time () / G_USEC_PER_SEC,
    .validity = 86400,
    .min_wait = 10 };
  WeirFeedPublished published;
  g_autoptr (GError) error = NULL;
  gint64 begun;

  made_bank_write (bank, seed, n);
  begun = g_get_monotonic_time ();
  insist (weir_feed_publish (&publication, &published, &error), error);
  *time = (gdouble) (g_get_monotonic_time () - begun) / 1000;
  return published;
}

/* Polls; ms. */
static gdouble
poll (Bench *bench)
{
  gint64 begun = g_get_monotonic_time ();
  g_autoptr (GError) error = NULL;

  insist (weir_feed_client_poll (
              bench->client, g_get_real_time () / G_USEC_PER_SEC, &error),
      error);
  return (gdouble) (g_get_monotonic_time () - begun) / 1000;
}

static void
print_row (const gchar *what, guint n, const gchar *unit, gdouble value)
{
  if (json)
    g_print ("{\"name\":\"feed: %s, %u hashes into %d\",\"value\":%.6g,"
             "\"unit\":\"%s\",\"peer\":null,\"ratio\":null}\n",
        what, n, n_hashes, value, unit);
  else
    g_print ("%-28s %8u hashes %14.6g %s\n", what, n, value, unit);
}

static void
measure (Bench *bench, guint64 seed, guint n)
{
  gdouble publishing, taking;
  WeirFeedPublished published = publish (bench, seed, n, &publishing);

  bench->bytes = 0;
  taking = poll (bench);
  print_row ("publish", n, "ms", publishing);
  print_row ("take", n, "ms", taking);
  print_row ("delta", n, "bytes", (gdouble) published.delta);
  print_row ("over the wire", n, "bytes", (gdouble) bench->bytes);
}

static void
run (Bench *bench)
{
  g_autofree gchar *cache = g_build_filename (bench->folder, "cache", NULL);
  const WeirFeedAddress address = { URL, bench->public_key, cache };
  static const guint sizes[] = { 1, 1024, 65536 };
  g_autofree gchar *state = NULL;
  g_autoptr (GError) error = NULL;
  gdouble time, idle = 0;

  publish (bench, 1, (guint) n_hashes, &time);
  print_row ("publish the first", (guint) n_hashes, "ms", time);
  state = weir_feed_address_get_folder (&address, &error);
  insist (state && weir_feed_cache_make (state, &error), error);
  bench->client = weir_feed_client_new (&address, fetch, bench, &error);
  insist (bench->client != NULL, error);
  time = poll (bench);
  print_row ("take the first", (guint) n_hashes, "ms", time);
  print_row ("snapshot", (guint) n_hashes, "bytes", (gdouble) bench->bytes);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    measure (bench, 2 + i, sizes[i]);
  for (guint i = 0; i < N_POLLS; i++)
    idle += poll (bench);
  print_row ("poll, nothing new", 0, "ms", idle / N_POLLS);
  weir_feed_client_free (bench->client);
}

int
main (int argc, char **argv)
{
  const GOptionEntry entries[] = {
    { "hashes", 0, 0, G_OPTION_ARG_INT, &n_hashes,
        "Hashes of the list (default: 1000000)", "N" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, "One object a row", NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;
  Bench bench = { 0 };

  g_option_context_add_main_entries (context, entries, NULL);
  insist (g_option_context_parse (context, &argc, &argv, &error), error);
  begin (&bench);
  run (&bench);
  nftw (bench.folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
  g_free (bench.folder);
  g_free (bench.served);
  g_free (bench.key);
  g_free (bench.public_key);
  return 0;
}
