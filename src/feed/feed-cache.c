/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The folder of a feed. */
#include "feed/feed-cache.h"

#include "feed/feed-lines.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define BANK   "bank"
#define STATUS "status"
#define LOCK   "lock"
#define PART   "part-"
#define GROUP  "feed"

/* What a name in the cache directory has of the digest of address and keys. */
#define NAME_DIGITS 8

gchar *
weir_feed_cache_get_path (
    const gchar *directory, const gchar *url, const gchar *keys)
{
  g_autofree gchar *text = g_strconcat (url, "\n", keys, NULL);
  g_autofree gchar *digest =
      g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);
  g_autofree gchar *list = g_path_get_basename (url);
  g_autofree gchar *name =
      g_strdup_printf ("%s-%.*s", list, NAME_DIGITS, digest);

  return g_build_filename (directory, name, NULL);
}

gboolean
weir_feed_cache_make (const gchar *path, GError **error)
{
  g_autofree gchar *bank = g_build_filename (path, BANK, NULL);
  g_autoptr (WeirManifest) manifest = NULL;
  g_autoptr (GError) reason = NULL;

  if (weir_manifest_exists (bank))
    return TRUE;
  if (g_mkdir_with_parents (bank, 0755) != 0)
    return weir_feed_refuse (error, WEIR_FEED_ERROR_CACHE,
        "'%s' cannot be made: %s; name a folder with cache-dir that can be "
        "written",
        bank, g_strerror (errno));
  manifest = weir_manifest_new ();
  return weir_manifest_write (manifest, bank, &reason) ||
         weir_feed_refuse (error, WEIR_FEED_ERROR_CACHE, "%s", reason->message);
}

gint
weir_feed_cache_lock (const gchar *path, GError **error)
{
  g_autofree gchar *name = g_build_filename (path, LOCK, NULL);
  gint descriptor = g_open (name, O_RDWR | O_CREAT | O_CLOEXEC, 0644);

  if (descriptor < 0 && (errno == EACCES || errno == EROFS)) {
    weir_feed_refuse (error, WEIR_FEED_ERROR_READ_ONLY,
        "'%s' cannot be written: %s; run this as the user who owns it", name,
        g_strerror (errno));
    return -1;
  }
  if (descriptor < 0) {
    weir_feed_refuse (error, WEIR_FEED_ERROR_CACHE,
        "'%s' cannot be written: %s", name, g_strerror (errno));
    return -1;
  }
  if (flock (descriptor, LOCK_EX | LOCK_NB) == 0)
    return descriptor;
  if (errno != EWOULDBLOCK)
    weir_feed_refuse (error, WEIR_FEED_ERROR_CACHE, "'%s' cannot be locked: %s",
        name, g_strerror (errno));
  g_close (descriptor, NULL);
  return -1;
}

/* ---- The position ---- */

/* "feed EPOCH SEQUENCE ISSUED EXPIRES MIN-WAIT STATE" */
void
weir_feed_cache_get_position (
    const WeirManifest *manifest, WeirFeedPosition *position, guint *min_wait)
{
  const gchar *note = weir_manifest_get_note (manifest);
  g_auto (GStrv) words = note ? weir_feed_split (note, 7) : NULL;
  const guint64 max = WEIR_FEED_MAX_NUMBER;
  guint64 issued, expires, wait;

  *position = (WeirFeedPosition){ 0 };
  *min_wait = 0;
  if (!words || strcmp (words[0], GROUP) != 0 ||
      !weir_feed_parse_number (words[1], 1, max, &position->epoch) ||
      !weir_feed_parse_number (words[2], 1, max, &position->sequence) ||
      !weir_feed_parse_number (words[3], 1, max, &issued) ||
      !weir_feed_parse_number (words[4], 1, max, &expires) ||
      !weir_feed_parse_number (words[5], 1, G_MAXINT, &wait) ||
      !weir_feed_is_hex (words[6], WEIR_FEED_DIGEST_DIGITS)) {
    *position = (WeirFeedPosition){ 0 };
    return;
  }
  position->issued = (gint64) issued;
  position->expires = (gint64) expires;
  *min_wait = (guint) wait;
  g_strlcpy (position->state, words[6], sizeof (position->state));
}

void
weir_feed_cache_set_position (WeirManifest *manifest, const WeirFeedHead *head)
{
  g_autofree gchar *note =
      g_strdup_printf (GROUP " %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT
                             " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %u %s",
          head->epoch, head->sequence, head->issued, head->expires,
          head->min_wait, head->state);

  weir_manifest_set_note (manifest, note);
}

gint64
weir_feed_cache_get_expires (const gchar *path)
{
  g_autofree gchar *bank = g_build_filename (path, BANK, NULL);
  g_autoptr (WeirManifest) manifest = weir_manifest_read (bank, NULL);

  return manifest ? weir_manifest_get_expires (manifest) : 0;
}

/* ---- Files ---- */

gchar *
weir_feed_cache_get_part (const gchar *path, const WeirFeedFile *file)
{
  g_autofree gchar *name = g_strdup_printf (PART "%.16s", file->digest);

  return g_build_filename (path, name, NULL);
}

static gboolean
is_kept_segment (const gchar *name, const WeirManifest *manifest)
{
  for (guint i = 0; i < weir_manifest_get_length (manifest); i++) {
    const WeirManifestEntry *entry = weir_manifest_get (manifest, i);

    if (entry->kind == WEIR_MANIFEST_SEGMENT && strcmp (entry->text, name) == 0)
      return TRUE;
  }
  /* What is being written as a manifest is none of ours to delete. */
  return !g_str_has_suffix (name, WEIR_BANK_SUFFIX) &&
         !g_str_has_prefix (name, ".weir-");
}

static gboolean
is_kept_part (const gchar *name, const GPtrArray *keep)
{
  if (!g_str_has_prefix (name, PART))
    return TRUE;
  for (guint i = 0; keep && i < keep->len; i++) {
    const WeirFeedFile *file = g_ptr_array_index (keep, i);

    if (strncmp (name + strlen (PART), file->digest, 16) == 0)
      return TRUE;
  }
  return FALSE;
}

void
weir_feed_cache_clean (
    const gchar *path, const WeirManifest *manifest, const GPtrArray *keep)
{
  g_autofree gchar *bank = g_build_filename (path, BANK, NULL);
  g_autoptr (GDir) parts = g_dir_open (path, 0, NULL);
  g_autoptr (GDir) segments = g_dir_open (bank, 0, NULL);
  const gchar *name;

  while (parts && (name = g_dir_read_name (parts)) != NULL) {
    g_autofree gchar *part = g_build_filename (path, name, NULL);

    if (!is_kept_part (name, keep))
      g_unlink (part);
  }
  while (segments && (name = g_dir_read_name (segments)) != NULL) {
    g_autofree gchar *segment = g_build_filename (bank, name, NULL);

    if (!is_kept_segment (name, manifest))
      g_unlink (segment);
  }
}

/* ---- Status ---- */

void
weir_feed_status_clear (WeirFeedStatus *status)
{
  g_clear_pointer (&status->url, g_free);
  g_clear_pointer (&status->error, g_free);
  g_clear_pointer (&status->etag, g_free);
}

static gchar *
get_text (GKeyFile *file, const gchar *key)
{
  gchar *text = g_key_file_get_string (file, GROUP, key, NULL);

  return text ? text : g_strdup ("");
}

gboolean
weir_feed_status_read (const gchar *path, WeirFeedStatus *status)
{
  g_autofree gchar *name = g_build_filename (path, STATUS, NULL);
  g_autoptr (GKeyFile) file = g_key_file_new ();

  *status = (WeirFeedStatus){ 0 };
  if (!g_key_file_load_from_file (file, name, G_KEY_FILE_NONE, NULL))
    return FALSE;
  status->url = get_text (file, "url");
  status->error = get_text (file, "error");
  status->etag = get_text (file, "etag");
  status->epoch = g_key_file_get_uint64 (file, GROUP, "epoch", NULL);
  status->sequence = g_key_file_get_uint64 (file, GROUP, "sequence", NULL);
  status->root = g_key_file_get_uint64 (file, GROUP, "root", NULL);
  status->issued = g_key_file_get_int64 (file, GROUP, "issued", NULL);
  status->expires = g_key_file_get_int64 (file, GROUP, "expires", NULL);
  status->checked = g_key_file_get_int64 (file, GROUP, "checked", NULL);
  status->references = g_key_file_get_uint64 (file, GROUP, "references", NULL);
  status->n_failures =
      (guint) g_key_file_get_uint64 (file, GROUP, "failures", NULL);
  return TRUE;
}

gboolean
weir_feed_status_write (
    const gchar *path, const WeirFeedStatus *status, GError **error)
{
  g_autofree gchar *name = g_build_filename (path, STATUS, NULL);
  g_autofree gchar *next = g_strconcat (name, ".new", NULL);
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree gchar *text = NULL;
  g_autoptr (GError) reason = NULL;

  g_key_file_set_string (file, GROUP, "url", status->url);
  g_key_file_set_uint64 (file, GROUP, "epoch", status->epoch);
  g_key_file_set_uint64 (file, GROUP, "sequence", status->sequence);
  g_key_file_set_uint64 (file, GROUP, "root", status->root);
  g_key_file_set_int64 (file, GROUP, "issued", status->issued);
  g_key_file_set_int64 (file, GROUP, "expires", status->expires);
  g_key_file_set_int64 (file, GROUP, "checked", status->checked);
  g_key_file_set_uint64 (file, GROUP, "references", status->references);
  g_key_file_set_uint64 (file, GROUP, "failures", status->n_failures);
  g_key_file_set_string (file, GROUP, "error", status->error);
  g_key_file_set_string (file, GROUP, "etag", status->etag);
  /* Nothing hangs on it: it is whole for those who read it, and not worth
   * waiting for the disk at each poll. */
  text = g_key_file_to_data (file, NULL, NULL);
  g_unlink (next);
  if (!g_file_set_contents_full (
          next, text, -1, G_FILE_SET_CONTENTS_NONE, 0644, &reason))
    return weir_feed_refuse (error, WEIR_FEED_ERROR_CACHE,
        "'%s' cannot be written: %s", name, reason->message);
  return g_rename (next, name) == 0 ||
         weir_feed_refuse (error, WEIR_FEED_ERROR_CACHE,
             "'%s' cannot be written: %s", name, g_strerror (errno));
}
