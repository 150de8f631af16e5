/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Putting the next bank together. */
#include "feed/feed-apply.h"

#include "feed/feed-change.h"
#include "feed/feed-flood.h"
#include "feed/feed-gates.h"
#include "feed/feed-pack.h"
#include "feed/feed-settings.h"
#include "feed/feed-state.h"

#include <glib/gstdio.h>
#include <string.h>

/* A bank of more files begins anew from a snapshot: each costs a lookup time, and
 * several lists in use at once have to share what a bank may have. */
#define MAX_SEGMENTS 24

struct _WeirFeedApply {
  gchar *url, *folder, *list;
  gchar *bank_folder;
  WeirFetchFunc fetch;
  gpointer fetcher;
  WeirManifest *manifest; /* in place */
  WeirBank *bank;         /* of it; NULL when it cannot be opened */
  WeirFeedPosition position;
  guint min_wait;
};

/* What is to take the place of the bank. */
typedef struct {
  WeirManifest *manifest;
  WeirBank *bank;
} Next;

static void
clear_next (Next *next)
{
  g_clear_pointer (&next->manifest, weir_manifest_free);
  g_clear_pointer (&next->bank, weir_bank_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Next, clear_next)

WeirFeedApply *
weir_feed_apply_new (const gchar *url, const gchar *folder, const gchar *list,
    WeirFetchFunc fetch, gpointer fetcher)
{
  WeirFeedApply *apply = g_new0 (WeirFeedApply, 1);

  apply->url = g_strdup (url);
  apply->folder = g_strdup (folder);
  apply->list = g_strdup (list);
  apply->bank_folder = g_build_filename (folder, "bank", NULL);
  apply->fetch = fetch;
  apply->fetcher = fetcher;
  apply->manifest = weir_manifest_read (apply->bank_folder, NULL);
  if (!apply->manifest)
    apply->manifest = weir_manifest_new ();
  weir_feed_cache_get_position (
      apply->manifest, &apply->position, &apply->min_wait);
  apply->bank = weir_bank_open (apply->bank_folder, NULL);
  return apply;
}

void
weir_feed_apply_free (WeirFeedApply *apply)
{
  weir_manifest_free (apply->manifest);
  g_clear_pointer (&apply->bank, weir_bank_unref);
  g_free (apply->bank_folder);
  g_free (apply->list);
  g_free (apply->folder);
  g_free (apply->url);
  g_free (apply);
}

const WeirFeedPosition *
weir_feed_apply_get_position (const WeirFeedApply *apply)
{
  return &apply->position;
}

gboolean
weir_feed_apply_is_whole (const WeirFeedApply *apply)
{
  return apply->bank && apply->position.sequence > 0;
}

guint
weir_feed_apply_get_min_wait (const WeirFeedApply *apply)
{
  return apply->min_wait;
}

guint64
weir_feed_apply_get_n_references (const WeirFeedApply *apply)
{
  return apply->bank ? weir_bank_get_n_references (apply->bank) : 0;
}

/* ---- Files ---- */

/* Brings @file to @part, whole and checked. */
static gboolean
fetch_file (WeirFeedApply *apply, const WeirFeedFile *file, const gchar *part,
    guint *retry_after, GError **error)
{
  g_autofree gchar *path = weir_feed_file_get_path (file);
  g_autofree gchar *url = g_strconcat (apply->url, "/", path, NULL);
  const WeirFetchRequest request = {
    .url = url,
    .limit = file->size,
    .path = part,
  };
  g_auto (WeirFetchResponse) response = { 0 };

  if (g_file_test (part, G_FILE_TEST_EXISTS) &&
      weir_feed_check_file (part, file, NULL))
    return TRUE;
  if (!apply->fetch (apply->fetcher, &request, &response, retry_after, error))
    return FALSE;
  if (weir_feed_check_file (part, file, error))
    return TRUE;
  g_unlink (part);
  return FALSE;
}

static void
add_change (WeirManifest *manifest, const WeirFeedChange *change)
{
  g_autofree gchar *name = weir_feed_change_get_name (change);

  for (guint i = 0; i < change->removals->len; i++)
    weir_manifest_add_removal (
        manifest, g_ptr_array_index (change->removals, i));
  if (change->version[0] != '\0')
    weir_manifest_add_segment (manifest, name, change->version);
}

/* Fetches @file and adds what it changes to @manifest. */
static gboolean
take_file (WeirFeedApply *apply, const WeirFeedFile *file,
    const WeirFeedSettings *settings, WeirManifest *manifest,
    guint *retry_after, GError **error)
{
  g_autofree gchar *part = weir_feed_cache_get_part (apply->folder, file);
  g_autoptr (WeirFeedChange) change = NULL;

  if (file->unpacked > settings->max_size)
    return weir_feed_refuse (error, WEIR_FEED_ERROR_SIZE,
        "a file of the feed unpacks to %" G_GUINT64_FORMAT
        " bytes; if that is right, raise max-size",
        file->unpacked);
  if (!fetch_file (apply, file, part, retry_after, error))
    return FALSE;
  change = weir_feed_change_unpack (
      part, file, apply->list, apply->bank_folder, error);
  if (!change)
    return FALSE;
  add_change (manifest, change);
  return TRUE;
}

/* ---- Putting together ---- */

static guint
count_segments (const WeirManifest *manifest)
{
  guint n = 0;

  for (guint i = 0; i < weir_manifest_get_length (manifest); i++)
    n += weir_manifest_get (manifest, i)->kind == WEIR_MANIFEST_SEGMENT;
  return n;
}

/* The files that lead to @head, from a snapshot if @anew. */
static GPtrArray *
plan (const WeirFeedApply *apply, const WeirFeedHead *head, gboolean anew)
{
  GPtrArray *files = weir_feed_head_plan (head, &apply->position, anew);

  if (anew || count_segments (apply->manifest) + files->len <= MAX_SEGMENTS)
    return files;
  g_ptr_array_unref (files);
  return weir_feed_head_plan (head, &apply->position, TRUE);
}

static gboolean
put_together (WeirFeedApply *apply, const WeirFeedHead *head, GPtrArray *files,
    const WeirFeedSettings *settings, Next *next, guint *retry_after,
    GError **error)
{
  const WeirFeedFile *first = files->len > 0 ? files->pdata[0] : NULL;
  g_autoptr (GError) reason = NULL;

  next->manifest = weir_manifest_new ();
  if (!first || first->from > 0)
    weir_manifest_append (next->manifest, apply->manifest);
  for (guint i = 0; i < files->len; i++)
    if (!take_file (apply, files->pdata[i], settings, next->manifest,
            retry_after, error))
      return FALSE;
  if (!settings->cut_expired)
    weir_manifest_set_expires (next->manifest, head->expires);
  weir_feed_cache_set_position (next->manifest, head);
  next->bank = weir_manifest_open (
      next->manifest, apply->bank_folder, apply->bank, &reason);
  return next->bank || weir_feed_refuse (error, WEIR_FEED_ERROR_DIGEST, "%s",
                           reason->message);
}

/* That the bank put together is the one that the publisher meant. */
static gboolean
check_state (const WeirFeedHead *head, const Next *next, GError **error)
{
  gchar state[WEIR_FEED_DIGEST_DIGITS + 1];

  weir_feed_state_digest (next->bank, next->manifest, state);
  if (strcmp (state, head->state) == 0 &&
      weir_bank_get_n_references (next->bank) == head->references)
    return TRUE;
  return weir_feed_refuse (error, WEIR_FEED_ERROR_DIGEST,
      "what the files of the feed make together is not what was signed; the "
      "publisher must publish again");
}

static gboolean
try (WeirFeedApply *apply, const WeirFeedHead *head, gboolean anew,
    const WeirFeedSettings *settings, Next *next, guint *retry_after,
    GError **error)
{
  g_autoptr (GPtrArray) files = plan (apply, head, anew);

  weir_feed_cache_clean (apply->folder, apply->manifest, files);
  return put_together (
             apply, head, files, settings, next, retry_after, error) &&
         check_state (head, next, error);
}

/* Tries with deltas, and once more without them where those do not fit. */
static gboolean
make_next (WeirFeedApply *apply, const WeirFeedHead *head,
    const WeirFeedSettings *settings, Next *next, guint *retry_after,
    GError **error)
{
  gboolean whole = weir_feed_apply_is_whole (apply);
  g_autoptr (GError) reason = NULL;

  if (try (apply, head, !whole, settings, next, retry_after, &reason))
    return TRUE;
  clear_next (next);
  if (whole &&
      g_error_matches (reason, WEIR_FEED_ERROR, WEIR_FEED_ERROR_DIGEST))
    return try (apply, head, TRUE, settings, next, retry_after, error);
  g_propagate_error (error, g_steal_pointer (&reason));
  return FALSE;
}

static gboolean
is_first (const WeirFeedApply *apply)
{
  return apply->position.sequence == 0;
}

static gboolean
put_in_place (
    const WeirFeedApply *apply, const WeirManifest *manifest, GError **error)
{
  g_autoptr (GError) reason = NULL;

  return weir_manifest_write (manifest, apply->bank_folder, &reason) ||
         weir_feed_refuse (error, WEIR_FEED_ERROR_CACHE, "%s", reason->message);
}

static gboolean
is_there (const WeirFeedApply *apply, const WeirFeedHead *head)
{
  const WeirFeedPosition *position = &apply->position;

  return apply->bank && head->epoch == position->epoch &&
         head->sequence == position->sequence &&
         head->issued == position->issued && head->expires == position->expires;
}

static void
take_place (WeirFeedApply *apply, const WeirFeedHead *head, Next *next)
{
  weir_manifest_free (apply->manifest);
  apply->manifest = g_steal_pointer (&next->manifest);
  g_clear_pointer (&apply->bank, weir_bank_unref);
  apply->bank = g_steal_pointer (&next->bank);
  apply->position = (WeirFeedPosition){ .epoch = head->epoch,
    .sequence = head->sequence,
    .issued = head->issued,
    .expires = head->expires };
  memcpy (apply->position.state, head->state, sizeof (head->state));
  apply->min_wait = head->min_wait;
}

gboolean
weir_feed_apply_head (WeirFeedApply *apply, const WeirFeedHead *head,
    guint *retry_after, GError **error)
{
  g_auto (WeirFeedSettings) settings = { 0 };
  g_auto (Next) next = { 0 };
  gboolean done;

  if (is_there (apply, head))
    return TRUE;
  if (!weir_feed_settings_read (apply->folder, &settings, error))
    return FALSE;
  done = make_next (apply, head, &settings, &next, retry_after, error) &&
         weir_feed_gates_check (is_first (apply) ? NULL : apply->bank,
             next.bank, head, &settings, error) &&
         put_in_place (apply, next.manifest, error);
  if (!done)
    return FALSE; /* files on their way stay: the next attempt goes on */
  take_place (apply, head, &next);
  weir_feed_cache_clean (apply->folder, apply->manifest, NULL);
  weir_feed_flood_clean (apply->folder, apply->bank, g_get_real_time ());
  return TRUE;
}
