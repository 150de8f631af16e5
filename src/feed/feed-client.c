/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A poll: the head, who may sign it, and what becomes of it. */
#include "feed/feed-client.h"

#include "feed/feed-apply.h"
#include "feed/feed-lines.h"

#include <string.h>

#define ROOT "root"

/* Between two requests as long as no head has said. Seconds. */
#define DEFAULT_WAIT 10

/* A new root is looked for at least so often, whatever the head says: who has
 * stolen its key would not tell. Seconds. */
#define ROOT_INTERVAL 3600

/* Roots that are gone through in one poll. */
#define MAX_ROOTS 32

/* After failures: seconds for the first, and how many times the list's own wait
 * at most, within bounds. */
#define FIRST_BACKOFF   5
#define BACKOFF_WAITS   30
#define LEAST_BACKOFF   60
#define LONGEST_BACKOFF 3600

struct _WeirFeedClient {
  gchar *url;
  gchar *folder;
  WeirFetchFunc fetch;
  gpointer fetcher;
  WeirFeedRoot *root;
  WeirFeedApply *apply;
  WeirFeedStatus status;
  guint retry_after;
  gint64 roots_checked;
};

/* ---- The address ---- */

static gchar *
get_list (const gchar *url)
{
  const gchar *slash = strrchr (url, '/');

  return g_strdup (slash ? slash + 1 : "");
}

/* FALSE with @error; else clear @ring. */
static gboolean
check_address (
    const WeirFeedAddress *address, WeirKeyRing *ring, GError **error)
{
  g_autofree gchar *list = NULL;

  if (!address->url || !address->keys || !address->cache_dir)
    return weir_feed_refuse (error, WEIR_FEED_ERROR_SETTING,
        "a feed needs its address, its key and a cache directory");
  list = get_list (address->url);
  if (!g_str_has_prefix (address->url, "https://") ||
      !weir_feed_is_list_name (list))
    return weir_feed_refuse (error, WEIR_FEED_ERROR_SETTING,
        "'%s' is no address of a feed, which is https:// and ends in /LIST",
        address->url);
  if (strchr (address->cache_dir, ','))
    return weir_feed_refuse (error, WEIR_FEED_ERROR_SETTING,
        "the cache directory '%s' has a comma in its name; use another",
        address->cache_dir);
  return weir_key_ring_parse (ring, address->keys, error);
}

static gchar *
get_folder (const WeirFeedAddress *address, const WeirKeyRing *ring)
{
  g_autofree gchar *keys = weir_key_ring_format (ring);

  return weir_feed_cache_get_path (address->cache_dir, address->url, keys);
}

gchar *
weir_feed_address_get_folder (const WeirFeedAddress *address, GError **error)
{
  g_auto (WeirKeyRing) ring = { 0 };

  return check_address (address, &ring, error) ? get_folder (address, &ring)
                                               : NULL;
}

/* ---- Roots ---- */

/* The root that was in force when the process before ended, if the file is
 * whole; else it is walked to again from the keys that the user gave. */
static WeirFeedRoot *
load_root (const gchar *folder, const gchar *list, const WeirKeyRing *ring)
{
  g_autofree gchar *path = g_build_filename (folder, ROOT, NULL);
  g_autofree gchar *text = NULL;
  gsize length;
  WeirFeedRoot *root = NULL;

  if (g_file_get_contents (path, &text, &length, NULL))
    root = weir_feed_root_parse (text, length, NULL);
  return root ? root : weir_feed_root_new (list, ring);
}

static gboolean
save_root (
    const WeirFeedClient *client, const WeirFeedRoot *root, GError **error)
{
  g_autofree gchar *path = g_build_filename (client->folder, ROOT, NULL);
  g_autofree gchar *text = weir_feed_root_format (root);
  g_autoptr (GError) reason = NULL;

  return g_file_set_contents_full (path, text, -1,
             G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0644,
             &reason) ||
         weir_feed_refuse (error, WEIR_FEED_ERROR_CACHE,
             "'%s' cannot be written: %s", path, reason->message);
}

/* Takes the next root, if there is one. */
static gboolean
take_root (WeirFeedClient *client, gint64 now, gboolean *taken, GError **error)
{
  g_autofree gchar *url = g_strdup_printf (
      "%s/root/%" G_GUINT64_FORMAT, client->url, client->root->version + 1);
  const WeirFetchRequest request = {
    .url = url,
    .limit = WEIR_FEED_ROOT_MAX_SIZE,
    .may_miss = TRUE,
  };
  g_auto (WeirFetchResponse) response = { 0 };
  WeirFeedRoot *next;

  *taken = FALSE;
  if (!client->fetch (
          client->fetcher, &request, &response, &client->retry_after, error))
    return FALSE;
  if (response.status == 404)
    return TRUE;
  next = weir_feed_root_next (
      client->root, response.body->str, response.body->len, now, error);
  if (!next)
    return FALSE;
  if (!save_root (client, next, error)) {
    weir_feed_root_free (next);
    return FALSE;
  }
  weir_feed_root_free (client->root);
  client->root = next;
  *taken = TRUE;
  return TRUE;
}

/* Goes on to the newest root. */
static gboolean
walk_roots (WeirFeedClient *client, gint64 now, GError **error)
{
  gboolean taken = TRUE;

  for (guint i = 0; taken && i < MAX_ROOTS; i++)
    if (!take_root (client, now, &taken, error))
      return FALSE;
  client->roots_checked = now;
  return TRUE;
}

/* ---- The head ---- */

/* The head that those have signed who may now, going on to newer roots where it
 * says there are any, or its signatures can be explained by one. */
static WeirFeedHead *
read_head (
    WeirFeedClient *client, const GString *body, gint64 now, GError **error)
{
  g_autoptr (GError) reason = NULL;
  g_autoptr (WeirFeedHead) head =
      weir_feed_head_read (client->root, body->str, body->len, &reason);

  if (!head &&
      !g_error_matches (reason, WEIR_FEED_ERROR, WEIR_FEED_ERROR_SIGNATURE)) {
    g_propagate_error (error, g_steal_pointer (&reason));
    return NULL;
  }
  if (head && head->root <= client->root->version)
    return g_steal_pointer (&head);
  g_clear_pointer (&head, weir_feed_head_free);
  if (!walk_roots (client, now, error))
    return NULL;
  return weir_feed_head_read (client->root, body->str, body->len, error);
}

/* The head is as it was: that it has not expired since must be seen all the
 * same, or whoever stands in between could keep everything as it is. */
static gboolean
check_unchanged (const WeirFeedClient *client, gint64 now, GError **error)
{
  gint64 expires = weir_feed_apply_get_position (client->apply)->expires;

  return expires >= now ||
         weir_feed_refuse (error, WEIR_FEED_ERROR_EXPIRED,
             "the head expired %" G_GINT64_FORMAT
             " s ago and there is no new one; has the publisher stopped?",
             now - expires);
}

static gboolean
take_head (WeirFeedClient *client, const WeirFetchResponse *response,
    gint64 now, GError **error)
{
  const WeirFeedPosition *position =
      weir_feed_apply_get_position (client->apply);
  g_autoptr (WeirFeedHead) head =
      read_head (client, response->body, now, error);

  return head &&
         weir_feed_head_check (head, client->root, position, now, error) &&
         weir_feed_apply_head (
             client->apply, head, &client->retry_after, error);
}

static gboolean
poll_head (WeirFeedClient *client, gint64 now, GError **error)
{
  g_autofree gchar *url = g_strconcat (client->url, "/head", NULL);
  gboolean whole = weir_feed_apply_is_whole (client->apply);
  const WeirFetchRequest request = {
    .url = url,
    .limit = WEIR_FEED_HEAD_MAX_SIZE,
    .etag =
        whole && client->status.etag[0] != '\0' ? client->status.etag : NULL,
  };
  g_auto (WeirFetchResponse) response = { 0 };

  if (client->roots_checked + ROOT_INTERVAL <= now &&
      !walk_roots (client, now, error))
    return FALSE;
  if (!client->fetch (
          client->fetcher, &request, &response, &client->retry_after, error))
    return FALSE;
  if (response.status == 304)
    return check_unchanged (client, now, error);
  if (!take_head (client, &response, now, error))
    return FALSE;
  g_free (client->status.etag);
  client->status.etag = g_strdup (response.etag ? response.etag : "");
  return TRUE;
}

/* ---- The client ---- */

static void
update_status (WeirFeedClient *client, gint64 now, const GError *error)
{
  const WeirFeedPosition *position =
      weir_feed_apply_get_position (client->apply);
  WeirFeedStatus *status = &client->status;

  status->epoch = position->epoch;
  status->sequence = position->sequence;
  status->issued = position->issued;
  status->root = client->root->version;
  status->expires = position->expires;
  status->references = weir_feed_apply_get_n_references (client->apply);
  status->n_failures = error ? status->n_failures + 1 : 0;
  if (!error)
    status->checked = now;
  g_free (status->error);
  status->error = g_strdup (error ? error->message : "");
}

gboolean
weir_feed_client_poll (WeirFeedClient *client, gint64 now, GError **error)
{
  g_autoptr (GError) reason = NULL;
  gboolean done;

  client->retry_after = 0;
  done = poll_head (client, now, &reason);
  update_status (client, now, reason);
  if (done)
    return weir_feed_status_write (client->folder, &client->status, error);
  weir_feed_status_write (client->folder, &client->status, NULL);
  g_propagate_error (error, g_steal_pointer (&reason));
  return FALSE;
}

gdouble
weir_feed_client_get_wait (const WeirFeedClient *client, gdouble chance)
{
  guint asked = weir_feed_apply_get_min_wait (client->apply);
  gdouble wait = asked > 0 ? asked : DEFAULT_WAIT;
  guint n = client->status.n_failures;
  gdouble bound;

  if (n == 0)
    return wait * (0.8 + 0.4 * chance);
  bound = CLAMP (wait * BACKOFF_WAITS, LEAST_BACKOFF, LONGEST_BACKOFF);
  bound = MIN (bound, (gdouble) FIRST_BACKOFF * (1 << MIN (n - 1, 16)));
  return MAX (MAX (bound * chance, 1), client->retry_after);
}

const WeirFeedStatus *
weir_feed_client_get_status (const WeirFeedClient *client)
{
  return &client->status;
}

WeirFeedClient *
weir_feed_client_new (const WeirFeedAddress *address, WeirFetchFunc fetch,
    gpointer fetcher, GError **error)
{
  g_auto (WeirKeyRing) ring = { 0 };
  g_autofree gchar *list = NULL;
  WeirFeedClient *client;

  if (!weir_minisign_init ()) {
    weir_feed_refuse (
        error, WEIR_FEED_ERROR_SETTING, "there are no random numbers");
    return NULL;
  }
  if (!check_address (address, &ring, error))
    return NULL;
  list = get_list (address->url);
  client = g_new0 (WeirFeedClient, 1);
  client->url = g_strdup (address->url);
  client->folder = get_folder (address, &ring);
  client->fetch = fetch;
  client->fetcher = fetcher;
  client->root = load_root (client->folder, list, &ring);
  client->apply =
      weir_feed_apply_new (client->url, client->folder, list, fetch, fetcher);
  if (!weir_feed_status_read (client->folder, &client->status)) {
    client->status.error = g_strdup ("");
    client->status.etag = g_strdup ("");
  }
  g_free (client->status.url);
  client->status.url = g_strdup (client->url);
  if (client->status.sequence !=
          weir_feed_apply_get_position (client->apply)->sequence ||
      client->status.issued !=
          weir_feed_apply_get_position (client->apply)->issued)
    client->status.etag[0] = '\0';
  return client;
}

void
weir_feed_client_free (WeirFeedClient *client)
{
  weir_feed_apply_free (client->apply);
  weir_feed_root_free (client->root);
  weir_feed_status_clear (&client->status);
  g_free (client->folder);
  g_free (client->url);
  g_free (client);
}
