/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A publisher's folder. */
#include "feed/feed-publish-files.h"

#include "feed/feed-lines.h"
#include "feed/feed-publish.h"
#include "feed/signed-file.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <sodium.h>
#include <string.h>

#define HEAD   "head"
#define ROOT   "root"
#define OWN    ".weir"
#define BANK   "bank"
#define DELTAS "d"
#define SHOTS  "s"

static gboolean
refuse_file (
    const gchar *path, const gchar *what, const gchar *reason, GError **error)
{
  return weir_feed_refuse (error, WEIR_FEED_ERROR_CACHE,
      "'%s' cannot be %s: %s", path, what, reason);
}

static gboolean
write_file (const gchar *path, const gchar *text, GError **error)
{
  g_autoptr (GError) reason = NULL;

  return g_file_set_contents_full (path, text, -1,
             G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0644,
             &reason) ||
         refuse_file (path, "written", reason->message, error);
}

/* ---- Opening ---- */

static gboolean
make_folders (const WeirFeedPublishFolder *folder, GError **error)
{
  static const gchar *const names[] = { DELTAS, SHOTS, ROOT };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree gchar *path = g_build_filename (folder->path, names[i], NULL);

    if (g_mkdir_with_parents (path, 0755) != 0)
      return refuse_file (path, "made", g_strerror (errno), error);
  }
  return weir_feed_cache_make (folder->own, error);
}

static gboolean
lock (WeirFeedPublishFolder *folder, GError **error)
{
  g_autoptr (GError) reason = NULL;

  folder->lock = weir_feed_cache_lock (folder->own, &reason);
  if (folder->lock >= 0)
    return TRUE;
  if (!reason)
    return weir_feed_refuse (error, WEIR_FEED_ERROR_CACHE,
        "another process is publishing in '%s'; wait for it", folder->path);
  g_propagate_error (error, g_steal_pointer (&reason));
  return FALSE;
}

static gboolean
read_keys (
    WeirFeedPublishFolder *folder, const gchar *const *paths, GError **error)
{
  for (guint i = 0; paths && paths[i]; i++) {
    g_autofree gchar *text = NULL;
    g_autoptr (GError) reason = NULL;
    WeirMinisignSecretKey key;

    if (!g_file_get_contents (paths[i], &text, NULL, &reason))
      return refuse_file (paths[i], "read", reason->message, error);
    if (!weir_minisign_read_secret (text, paths[i], &key, error))
      return FALSE;
    g_array_append_val (folder->keys, key);
    sodium_memzero (&key, sizeof (key));
    sodium_memzero (text, strlen (text));
  }
  return TRUE;
}

static WeirFeedRoot *
read_root (const WeirFeedPublishFolder *folder, guint64 version)
{
  g_autofree gchar *path =
      g_strdup_printf ("%s/" ROOT "/%" G_GUINT64_FORMAT, folder->path, version);
  g_autofree gchar *text = NULL;
  const gchar *content;
  gsize length, content_length;

  if (!g_file_get_contents (path, &text, &length, NULL))
    return NULL;
  content =
      weir_signed_file_get_content (text, length, path, &content_length, NULL);
  return content ? weir_feed_root_parse (content, content_length, NULL) : NULL;
}

static WeirFeedRoot *
find_root (const WeirFeedPublishFolder *folder)
{
  WeirFeedRoot *root = NULL;
  WeirFeedRoot *next;

  for (guint64 version = 1; (next = read_root (folder, version)); version++) {
    g_clear_pointer (&root, weir_feed_root_free);
    root = next;
  }
  return root;
}

/* Where no root says who signs, clients go by the keys that they were given: one
 * that has not signed the head before would be refused by everyone. */
static gboolean
check_head_key (const WeirFeedPublishFolder *folder, GError **error)
{
  g_autofree gchar *path = g_build_filename (folder->path, HEAD, NULL);
  g_autofree gchar *text = NULL;
  g_auto (WeirKeyRing) ring = { NULL, 0 };
  gsize length;

  if (folder->keys->len == 0)
    return weir_feed_refuse (error, WEIR_FEED_ERROR_SETTING,
        "name the key to sign with; make one with 'weir keygen'");
  if (!g_file_get_contents (path, &text, &length, NULL))
    return TRUE;
  weir_key_ring_init (&ring);
  for (guint i = 0; i < folder->keys->len; i++) {
    WeirMinisignPublicKey key;

    weir_minisign_get_public (
        &g_array_index (folder->keys, WeirMinisignSecretKey, i), &key);
    weir_key_ring_add (&ring, &key);
  }
  if (weir_signed_file_verify (text, length, &ring, path, NULL))
    return TRUE;
  return weir_feed_refuse (error, WEIR_FEED_ERROR_SIGNATURE,
      "'%s' is signed with another key, by which its readers go; sign with "
      "that one, or put in a root that names the new one",
      path);
}

/* A head that the root does not allow would be refused by everyone. */
static gboolean
check_root (WeirFeedPublishFolder *folder, GError **error)
{
  g_autoptr (WeirFeedRoot) root = find_root (folder);
  guint n_signers = 0;

  folder->epoch = root ? root->epoch : 1;
  folder->root_version = root ? root->version : 0;
  if (!root)
    return check_head_key (folder, error);
  for (guint i = 0; i < folder->keys->len; i++) {
    WeirMinisignPublicKey key;

    weir_minisign_get_public (
        &g_array_index (folder->keys, WeirMinisignSecretKey, i), &key);
    for (guint k = 0; k < root->heads.keys->len; k++)
      n_signers +=
          memcmp (&g_array_index (root->heads.keys, WeirMinisignPublicKey, k),
              &key, sizeof (key)) == 0;
  }
  if (n_signers >= root->heads.threshold)
    return TRUE;
  return weir_feed_refuse (error, WEIR_FEED_ERROR_SIGNATURE,
      "root %" G_GUINT64_FORMAT
      " of '%s' wants %u of its head keys, and %u are "
      "here; sign with those that it names",
      root->version, folder->path, root->heads.threshold, n_signers);
}

/* A run that ended after the manifest was put in place and before the head was:
 * the head lies there. */
static gboolean
finish_interrupted (const WeirFeedPublishFolder *folder,
    const WeirManifest *manifest, GError **error)
{
  g_autofree gchar *signed_path = g_build_filename (folder->own, HEAD, NULL);
  g_autofree gchar *path = g_build_filename (folder->path, HEAD, NULL);
  g_autofree gchar *text = NULL;
  g_autoptr (WeirFeedHead) head = NULL;
  WeirFeedPosition position;
  const gchar *content;
  gsize length, content_length;
  guint min_wait;

  if (!g_file_get_contents (signed_path, &text, &length, NULL))
    return TRUE;
  content = weir_signed_file_get_content (
      text, length, signed_path, &content_length, NULL);
  head = content ? weir_feed_head_parse (content, content_length, NULL) : NULL;
  weir_feed_cache_get_position (manifest, &position, &min_wait);
  if (!head || head->epoch != position.epoch ||
      head->sequence != position.sequence || head->issued != position.issued)
    return TRUE;
  return write_file (path, text, error);
}

gboolean
weir_feed_publish_folder_open (WeirFeedPublishFolder *folder, const gchar *path,
    const gchar *const *keys, WeirManifest **manifest, GError **error)
{
  g_autofree gchar *absolute = g_canonicalize_filename (path, NULL);

  folder->lock = -1;
  folder->keys = g_array_new (FALSE, TRUE, sizeof (WeirMinisignSecretKey));
  folder->path = g_strdup (absolute);
  folder->own = g_build_filename (absolute, OWN, NULL);
  folder->bank = g_build_filename (folder->own, BANK, NULL);
  folder->list = g_path_get_basename (absolute);
  if (!weir_minisign_init ())
    return weir_feed_refuse (
        error, WEIR_FEED_ERROR_SETTING, "there are no random numbers");
  if (!weir_feed_is_list_name (folder->list))
    return weir_feed_refuse (error, WEIR_FEED_ERROR_SETTING,
        "'%s' cannot be the name of a list: only a-z, 0-9, '-', '_' and '.'; "
        "name the folder otherwise",
        folder->list);
  if (!make_folders (folder, error) || !lock (folder, error) ||
      !read_keys (folder, keys, error) || !check_root (folder, error))
    return FALSE;
  *manifest = weir_manifest_read (folder->bank, error);
  return *manifest && finish_interrupted (folder, *manifest, error);
}

void
weir_feed_publish_folder_clear (WeirFeedPublishFolder *folder)
{
  if (folder->lock >= 0)
    g_close (folder->lock, NULL);
  if (folder->keys)
    sodium_memzero (
        folder->keys->data, folder->keys->len * sizeof (WeirMinisignSecretKey));
  g_clear_pointer (&folder->keys, g_array_unref);
  g_free (folder->list);
  g_free (folder->bank);
  g_free (folder->own);
  g_free (folder->path);
}

WeirFeedHead *
weir_feed_publish_read_head (const WeirFeedPublishFolder *folder)
{
  g_autofree gchar *path = g_build_filename (folder->path, HEAD, NULL);
  g_autofree gchar *text = NULL;
  const gchar *content;
  gsize length, content_length;

  if (!g_file_get_contents (path, &text, &length, NULL))
    return NULL;
  content =
      weir_signed_file_get_content (text, length, path, &content_length, NULL);
  return content ? weir_feed_head_parse (content, content_length, NULL) : NULL;
}

/* ---- Writing ---- */

gboolean
weir_feed_publish_open (const WeirFeedPublishFolder *folder,
    const WeirManifest *manifest, WeirBank **bank, GError **error)
{
  WeirBank *opened = weir_manifest_open (manifest, folder->bank, *bank, error);

  if (!opened)
    return FALSE;
  g_clear_pointer (bank, weir_bank_unref);
  *bank = opened;
  return TRUE;
}

WeirBank *
weir_feed_publish_put_bank (const WeirFeedPublishFolder *folder,
    WeirBankBuilder *builder, gint64 now, gchar version[17], guint64 *length,
    GError **error)
{
  g_autofree gchar *path = g_build_filename (folder->bank, "new.weir", NULL);
  g_autofree gchar *name = NULL;
  g_autofree gchar *kept = NULL;
  g_autoptr (WeirBank) bank = NULL;
  GStatBuf status;

  if (!weir_bank_builder_write (builder, path, now, error))
    return NULL;
  bank = weir_bank_open (path, error);
  if (!bank)
    return NULL;
  g_strlcpy (version, weir_bank_get_version (bank), 17);
  name = g_strconcat (version, WEIR_BANK_SUFFIX, NULL);
  kept = g_build_filename (folder->bank, name, NULL);
  if (g_stat (path, &status) != 0 || g_rename (path, kept) != 0) {
    refuse_file (kept, "written", g_strerror (errno), error);
    return NULL;
  }
  *length = (guint64) status.st_size;
  return g_steal_pointer (&bank);
}

gboolean
weir_feed_publish_put_change (const WeirFeedPublishFolder *folder,
    const WeirFeedChange *change, WeirFeedFile *file, GError **error)
{
  g_autofree gchar *temporary = g_build_filename (folder->own, "new", NULL);
  g_autofree gchar *name = weir_feed_change_get_name (change);
  g_autofree gchar *bank = g_build_filename (folder->bank, name, NULL);
  g_autofree gchar *relative = NULL;
  g_autofree gchar *path = NULL;

  if (!weir_feed_change_pack (
          change, change->version[0] ? bank : NULL, temporary, file, error))
    return FALSE;
  relative = weir_feed_file_get_path (file);
  path = g_build_filename (folder->path, relative, NULL);
  return g_rename (temporary, path) == 0 ||
         refuse_file (path, "written", g_strerror (errno), error);
}

static gchar *
sign (const WeirFeedPublishFolder *folder, const WeirFeedHead *head)
{
  g_autofree gchar *content = weir_feed_head_format (head);
  g_autofree gchar *comment =
      g_strdup_printf ("weir list %s epoch "
                       "%" G_GUINT64_FORMAT " sequence %" G_GUINT64_FORMAT,
          head->list, head->epoch, head->sequence);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < folder->keys->len; i++) {
    g_autofree gchar *signature = weir_minisign_sign (
        &g_array_index (folder->keys, WeirMinisignSecretKey, i), content,
        strlen (content), comment);

    g_string_append (text, signature);
  }
  g_string_append (text, content);
  return g_string_free (text, FALSE);
}

/* The head aside, the manifest, the head: whatever is interrupted, the next run
 * sees from the manifest whether the head that lies aside is in force. */
gboolean
weir_feed_publish_put_head (const WeirFeedPublishFolder *folder,
    const WeirFeedHead *head, WeirManifest *manifest, GError **error)
{
  g_autofree gchar *aside = g_build_filename (folder->own, HEAD, NULL);
  g_autofree gchar *path = g_build_filename (folder->path, HEAD, NULL);
  g_autofree gchar *text = sign (folder, head);

  if (strlen (text) > WEIR_FEED_HEAD_MAX_SIZE)
    return weir_feed_refuse (error, WEIR_FEED_ERROR_SIZE,
        "the head is larger than %d bytes; shorten its purpose",
        WEIR_FEED_HEAD_MAX_SIZE);
  weir_feed_cache_set_position (manifest, head);
  return write_file (aside, text, error) &&
         weir_manifest_write (manifest, folder->bank, error) &&
         write_file (path, text, error);
}

/* ---- Pruning ---- */

static void
add_names (GHashTable *names, const WeirFeedHead *head)
{
  g_hash_table_add (names, weir_feed_file_get_path (&head->snapshot));
  for (guint i = 0; i < head->deltas->len; i++)
    g_hash_table_add (names, weir_feed_file_get_path (&g_array_index (
                                 head->deltas, WeirFeedFile, i)));
}

static void
prune_folder (
    const WeirFeedPublishFolder *folder, const gchar *name, GHashTable *names)
{
  g_autofree gchar *path = g_build_filename (folder->path, name, NULL);
  g_autoptr (GDir) files = g_dir_open (path, 0, NULL);
  const gchar *file;

  while (files && (file = g_dir_read_name (files)) != NULL) {
    g_autofree gchar *relative = g_build_filename (name, file, NULL);
    g_autofree gchar *whole = g_build_filename (path, file, NULL);

    if (!g_hash_table_contains (names, relative))
      g_unlink (whole);
  }
}

void
weir_feed_publish_prune (const WeirFeedPublishFolder *folder,
    const WeirFeedHead *head, const WeirFeedHead *before,
    const WeirManifest *manifest)
{
  g_autoptr (GHashTable) names =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  add_names (names, head);
  if (before)
    add_names (names, before);
  prune_folder (folder, DELTAS, names);
  prune_folder (folder, SHOTS, names);
  weir_feed_cache_clean (folder->own, manifest, NULL);
}

/* ---- Roots ---- */

gboolean
weir_feed_publish_root (
    const gchar *folder, const gchar *path, gint64 now, GError **error)
{
  g_autofree gchar *absolute = g_canonicalize_filename (folder, NULL);
  WeirFeedPublishFolder opened = { .path = absolute, .lock = -1 };
  g_autoptr (WeirFeedRoot) before = find_root (&opened);
  g_autoptr (WeirFeedRoot) root = NULL;
  g_autofree gchar *roots = g_build_filename (absolute, ROOT, NULL);
  g_autofree gchar *text = NULL;
  g_autofree gchar *target = NULL;
  g_autoptr (GError) reason = NULL;
  const gchar *content;
  gsize length, content_length;

  if (!g_file_get_contents (path, &text, &length, &reason))
    return refuse_file (path, "read", reason->message, error);
  content =
      weir_signed_file_get_content (text, length, path, &content_length, error);
  root = content ? weir_feed_root_parse (content, content_length, error) : NULL;
  if (!root)
    return FALSE;
  /* Of the first, who gave out its keys must know. */
  if (!before) {
    before = weir_feed_root_new (root->list, &root->roots);
    before->epoch = root->epoch;
  }
  g_clear_pointer (&root, weir_feed_root_free);
  root = weir_feed_root_next (before, text, length, now, error);
  if (!root)
    return FALSE;
  if (g_mkdir_with_parents (roots, 0755) != 0)
    return refuse_file (roots, "made", g_strerror (errno), error);
  target = g_strdup_printf ("%s/%" G_GUINT64_FORMAT, roots, root->version);
  return write_file (target, text, error);
}
