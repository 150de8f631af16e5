/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A publisher, a server, a client. */
#define _XOPEN_SOURCE 700 /* nftw() */
#include "feed-host.h"

#include "bank-files.h"

#include <ftw.h>
#include <glib/gstdio.h>
#include <string.h>

#define URL "https://feed.test/v1/hot"

void
feed_host_heal (FeedHost *host)
{
  host->match = NULL;
  host->status = 0;
  host->retry_after = 0;
  g_clear_pointer (&host->instead, g_bytes_unref);
  host->altered = host->cut = -1;
}

static void
write_text (const gchar *path, const gchar *text)
{
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
}

gchar *
feed_host_get_state (const FeedHost *host)
{
  const WeirFeedAddress address = { URL, host->public_key, host->cache };
  g_autoptr (GError) error = NULL;
  gchar *folder = weir_feed_address_get_folder (&address, &error);

  g_assert_no_error (error);
  return folder;
}

/* In memory, where there is such a place: much here waits for the disk. */
static gchar *
make_folder (void)
{
  gchar *folder = g_strdup ("/dev/shm/weir-feed-XXXXXX");

  if (g_mkdtemp (folder))
    return folder;
  g_free (folder);
  folder = g_dir_make_tmp ("weir-feed-XXXXXX", NULL);
  g_assert_nonnull (folder);
  return folder;
}

void
feed_host_set_up (FeedHost *host, gconstpointer data)
{
  WeirMinisignPublicKey public_key;
  WeirMinisignSecretKey secret_key;
  g_autofree gchar *text = NULL;

  g_assert_true (weir_minisign_init ());
  host->folder = make_folder ();
  host->served = g_build_filename (host->folder, "www", "hot", NULL);
  host->key = g_build_filename (host->folder, "secret.key", NULL);
  host->cache = g_build_filename (host->folder, "cache", NULL);
  weir_minisign_generate (&public_key, &secret_key);
  host->public_key = weir_minisign_format_public (&public_key);
  host->state = feed_host_get_state (host);
  text = weir_minisign_write_secret (&secret_key);
  write_text (host->key, text);
  host->now = NOW;
  host->requests = g_string_new (NULL);
  feed_host_heal (host);
}

static int
remove_entry (
    const char *path, const struct stat *status, int type, struct FTW *walk)
{
  return g_remove (path);
}

void
feed_host_tear_down (FeedHost *host, gconstpointer data)
{
  g_assert_cmpint (
      nftw (host->folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS), ==, 0);
  feed_host_heal (host);
  g_string_free (host->requests, TRUE);
  g_free (host->state);
  g_free (host->cache);
  g_free (host->public_key);
  g_free (host->key);
  g_free (host->served);
  g_free (host->folder);
}

void
feed_host_add_test (const gchar *path, void (*test) (FeedHost *, gconstpointer))
{
  g_test_add (
      path, FeedHost, NULL, feed_host_set_up, test, feed_host_tear_down);
}

/* ---- The publisher ---- */

gchar *
feed_host_make_bank (FeedHost *host, const gchar *ids, guint seed)
{
  g_auto (GStrv) words = g_strsplit (ids, " ", -1);
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  gchar *path = g_build_filename (host->folder, "made.weir", NULL);

  for (guint i = 0; words[i]; i++) {
    guint32 index = bank_files_add_reference (builder, words[i]);
    WeirPdqHash hash;

    for (guint k = 0; k < 4; k++)
      hash.words[k] = (guint64) g_rand_int (random) << 32 | g_rand_int (random);
    bank_files_add_video (builder, index, &hash, i);
  }
  bank_files_write (builder, path);
  return path;
}

WeirFeedPublication
feed_host_get_publication (FeedHost *host)
{
  static const gchar *keys[2];

  keys[0] = host->key;
  return (WeirFeedPublication){ .folder = host->served,
    .keys = keys,
    .now = host->now,
    .validity = 1800,
    .min_wait = 10 };
}

void
feed_host_publish (FeedHost *host, const gchar *add, const gchar *retract)
{
  WeirFeedPublication publication = feed_host_get_publication (host);
  g_autofree gchar *bank =
      add ? feed_host_make_bank (host, add, g_str_hash (add)) : NULL;
  gchar *paths[] = { bank, NULL };
  g_auto (GStrv) ids = retract ? g_strsplit (retract, " ", -1) : NULL;
  WeirFeedPublished published;
  g_autoptr (GError) error = NULL;

  publication.add = paths;
  publication.retract = ids;
  g_assert_true (weir_feed_publish (&publication, &published, &error));
  g_assert_no_error (error);
}

/* ---- The server ---- */

static gchar *
make_etag (const gchar *data, gsize length)
{
  g_autofree gchar *digest = g_compute_checksum_for_data (
      G_CHECKSUM_SHA256, (const guchar *) data, length);

  return g_strdup_printf ("\"%.8s\"", digest);
}

static void
spoil (const FeedHost *host, gchar **data, gsize *length)
{
  if (host->instead) {
    g_free (*data);
    *length = g_bytes_get_size (host->instead);
    *data = g_memdup2 (g_bytes_get_data (host->instead, NULL), *length);
  }
  if (host->altered >= 0 && (gsize) host->altered < *length)
    (*data)[host->altered] ^= 1;
  if (host->cut >= 0)
    *length = MIN (*length, (gsize) host->cut);
}

static gboolean
give (const WeirFetchRequest *request, WeirFetchResponse *response,
    const gchar *data, gsize length, GError **error)
{
  if (length > request->limit)
    return weir_feed_refuse (error, WEIR_FEED_ERROR_SIZE, "too large");
  response->status = 200;
  response->etag = make_etag (data, length);
  if (request->path) {
    g_file_set_contents (request->path, data, (gssize) length, NULL);
    return TRUE;
  }
  if (g_strcmp0 (request->etag, response->etag) == 0)
    response->status = 304;
  else
    response->body = g_string_new_len (data, (gssize) length);
  return TRUE;
}

static gboolean
fetch (gpointer fetcher, const WeirFetchRequest *request,
    WeirFetchResponse *response, guint *retry_after, GError **error)
{
  FeedHost *host = fetcher;
  const gchar *name = request->url + strlen (URL "/");
  g_autofree gchar *path = g_build_filename (host->served, name, NULL);
  gboolean faulty = host->match && strstr (name, host->match);
  g_autofree gchar *data = NULL;
  gsize length;

  g_assert_true (g_str_has_prefix (request->url, URL "/"));
  *response = (WeirFetchResponse){ 0 };
  *retry_after = faulty ? host->retry_after : 0;
  host->n_requests++;
  g_string_append_printf (host->requests, "%s ", name);
  if (faulty && host->status < 0)
    return weir_feed_refuse (error, WEIR_FEED_ERROR_NETWORK, "no answer");
  if (faulty && host->status > 0)
    return weir_feed_refuse (
        error, WEIR_FEED_ERROR_SERVER, "the server answers %d", host->status);
  if (!g_file_get_contents (path, &data, &length, NULL)) {
    response->status = 404;
    return request->may_miss ||
           weir_feed_refuse (error, WEIR_FEED_ERROR_SERVER, "404");
  }
  if (faulty)
    spoil (host, &data, &length);
  return give (request, response, data, length, error);
}

/* ---- The client ---- */

WeirFeedClient *
feed_host_make_client (FeedHost *host)
{
  const WeirFeedAddress address = { URL, host->public_key, host->cache };
  g_autoptr (GError) error = NULL;
  WeirFeedClient *client;

  g_assert_true (weir_feed_cache_make (host->state, &error));
  client = weir_feed_client_new (&address, fetch, host, &error);
  g_assert_no_error (error);
  return client;
}

static void
assert_ids (FeedHost *host, const gchar *ids)
{
  g_autofree gchar *path = g_build_filename (host->state, "bank", NULL);
  g_autoptr (WeirBank) bank = bank_files_open (path);
  g_autoptr (GPtrArray) found = g_ptr_array_new ();
  g_autofree gchar *joined = NULL;

  for (guint32 i = 0; i < weir_bank_get_n_indices (bank); i++) {
    WeirReference reference;

    if (!weir_bank_has_reference (bank, i))
      continue;
    weir_bank_get_reference (bank, i, &reference);
    g_ptr_array_add (found, (gpointer) reference.id);
  }
  g_ptr_array_add (found, NULL);
  joined = g_strjoinv (" ", (gchar **) found->pdata);
  g_assert_cmpstr (joined, ==, ids);
}

gint
feed_host_poll (FeedHost *host, WeirFeedClient *client, const gchar *ids)
{
  g_autoptr (GError) error = NULL;
  gboolean done = weir_feed_client_poll (client, host->now, &error);

  assert_ids (host, ids);
  g_assert_true (done == (error == NULL));
  g_assert_cmpstr (weir_feed_client_get_status (client)->error, ==,
      error ? error->message : "");
  if (!error)
    return -1;
  g_assert_null (strchr (error->message, '\n'));
  g_assert_cmpint (error->domain, ==, WEIR_FEED_ERROR);
  return error->code;
}
