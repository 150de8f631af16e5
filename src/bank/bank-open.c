/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a path to the files that it names, and to a bank. */
#include "bank/bank-error.h"
#include "bank/bank-private.h"
#include "bank/bank-struct.h"
#include "bank/manifest.h"

#include <string.h>

/* A manifest that was replaced while its files were opened is read again, at
 * most so often. */
#define MAX_ATTEMPTS 16

static gboolean
is_same_file (const WeirBankIdentity *a, const WeirBankIdentity *b)
{
  return a->device == b->device && a->inode == b->inode && a->size == b->size &&
         a->modified.tv_sec == b->modified.tv_sec &&
         a->modified.tv_nsec == b->modified.tv_nsec &&
         a->changed.tv_sec == b->changed.tv_sec &&
         a->changed.tv_nsec == b->changed.tv_nsec;
}

/* The open file with @identity, of a bank that may be NULL. */
static WeirBankFile *
find_open (const WeirBank *bank, const WeirBankIdentity *identity)
{
  for (guint i = 0; bank && i < bank->n_members; i++)
    if (is_same_file (&bank->members[i].file->identity, identity))
      return bank->members[i].file;
  return NULL;
}

static gboolean
open_file (
    WeirBank *bank, const gchar *name, const WeirBank *previous, GError **error)
{
  g_autoptr (GBytes) bytes = NULL;
  WeirBankIdentity identity;
  WeirBankFile *file;

  bytes = weir_bank_map_file (name, &identity, error);
  if (!bytes)
    return FALSE;
  file = find_open (previous, &identity);
  file = file ? weir_bank_file_ref (file)
              : weir_bank_file_new (bytes, &identity, name, error);
  return file && weir_bank_add_file (bank, file, name, error);
}

/* That the file added last is the one that a manifest means. */
static gboolean
check_version (const WeirBank *bank, const gchar *name, const gchar *version,
    GError **error)
{
  const WeirBankMember *member = &bank->members[bank->n_members - 1];
  gchar found[WEIR_BANK_VERSION_LENGTH + 1];

  weir_bank_format_version (member->segment->header->digest, found);
  if (strcmp (found, version) == 0)
    return TRUE;
  return weir_bank_refuse (error, WEIR_BANK_ERROR_DAMAGED, name,
      "has version %s and the manifest names %s; copy both again", found,
      version);
}

static gboolean
open_listed (WeirBank *bank, const gchar *folder, const WeirManifest *manifest,
    const WeirBank *previous, GError **error)
{
  const gint64 expires = weir_manifest_get_expires (manifest);

  for (guint i = 0; i < weir_manifest_get_length (manifest); i++) {
    const WeirManifestEntry *entry = weir_manifest_get (manifest, i);
    g_autofree gchar *name = NULL;

    if (entry->kind == WEIR_MANIFEST_REMOVE) {
      weir_bank_remove_reference (bank, entry->text);
      continue;
    }
    name = g_build_filename (folder, entry->text, NULL);
    if (!open_file (bank, name, previous, error) ||
        !check_version (bank, name, entry->version, error))
      return FALSE;
    bank->members[bank->n_members - 1].expires = expires;
  }
  return TRUE;
}

static gint
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const gchar *const *) a, *(const gchar *const *) b);
}

GPtrArray *
weir_bank_list_folder (const gchar *folder, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) entries = NULL;
  g_autoptr (GError) reason = NULL;
  const gchar *name;

  entries = g_dir_open (folder, 0, &reason);
  if (!entries) {
    weir_bank_refuse (error, WEIR_BANK_ERROR_FILE, folder,
        "cannot be read: %s; see why and try again", reason->message);
    return NULL;
  }
  while ((name = g_dir_read_name (entries)) != NULL)
    if (name[0] != '.' && g_str_has_suffix (name, WEIR_BANK_SUFFIX))
      g_ptr_array_add (names, g_build_filename (folder, name, NULL));
  g_ptr_array_sort (names, compare_names);
  return g_steal_pointer (&names);
}

static gboolean
open_all (WeirBank *bank, const gchar *folder, const WeirBank *previous,
    GError **error)
{
  g_autoptr (GPtrArray) names = weir_bank_list_folder (folder, error);

  if (!names)
    return FALSE;
  if (names->len == 0)
    return weir_bank_refuse (error, WEIR_BANK_ERROR_FILE, folder,
        "is a folder without banks; put one there, or name a bank file");
  for (guint i = 0; i < names->len; i++)
    if (!open_file (bank, g_ptr_array_index (names, i), previous, error))
      return FALSE;
  return TRUE;
}

/* Adds what @name, a file or a folder, has. The manifest it went by is put
 * into @manifest, if there is one. */
static gboolean
open_name (WeirBank *bank, const gchar *name, const WeirBank *previous,
    WeirManifest **manifest, GError **error)
{
  if (!g_file_test (name, G_FILE_TEST_IS_DIR))
    return open_file (bank, name, previous, error);
  if (!weir_manifest_exists (name))
    return open_all (bank, name, previous, error);
  *manifest = weir_manifest_read (name, error);
  return *manifest && open_listed (bank, name, *manifest, previous, error);
}

/* Whether a manifest has been replaced since it was read: then files that it
 * names may be gone. */
static gboolean
is_stale (gchar **names, GPtrArray *manifests)
{
  for (guint i = 0; i < manifests->len; i++) {
    const WeirManifest *manifest = g_ptr_array_index (manifests, i);
    g_autoptr (WeirManifest) now = NULL;

    if (!manifest)
      continue;
    now = weir_manifest_read (names[i], NULL);
    if (now && !weir_manifest_is_equal (manifest, now))
      return TRUE;
  }
  return FALSE;
}

static void
free_manifest (gpointer manifest)
{
  if (manifest)
    weir_manifest_free (manifest);
}

/* One attempt; @stale says whether another may do better. */
static WeirBank *
open_names (const gchar *path, gchar **names, const WeirBank *previous,
    gboolean *stale, GError **error)
{
  g_autoptr (WeirBank) bank = weir_bank_new (path);
  g_autoptr (GPtrArray) manifests =
      g_ptr_array_new_with_free_func (free_manifest);

  for (guint i = 0; names[i] != NULL; i++) {
    WeirManifest *manifest = NULL;
    guint n_members = bank->n_members;
    gboolean opened = open_name (bank, names[i], previous, &manifest, error);

    while (n_members < bank->n_members)
      bank->members[n_members++].origin = i;
    g_ptr_array_add (manifests, manifest);
    if (!opened) {
      *stale = is_stale (names, manifests);
      return NULL;
    }
  }
  weir_bank_set_version (bank);
  return g_steal_pointer (&bank);
}

WeirBank *
weir_bank_open_next (
    const gchar *path, const WeirBank *previous, GError **error)
{
  g_auto (GStrv) names = NULL;

  g_return_val_if_fail (path != NULL, NULL);

  names = g_strsplit (path, ",", -1);
  if (names[0] == NULL) {
    weir_bank_refuse (error, WEIR_BANK_ERROR_FILE, path,
        "is no name of a bank file; check the path");
    return NULL;
  }
  if (g_strv_length (names) > WEIR_BANK_MAX_SEGMENTS) {
    weir_bank_refuse (error, WEIR_BANK_ERROR_LIMIT, path,
        "names more than %d files; join some with 'weir bank merge'",
        WEIR_BANK_MAX_SEGMENTS);
    return NULL;
  }
  for (guint attempt = 1;; attempt++) {
    g_autoptr (GError) failure = NULL;
    gboolean stale = FALSE;
    WeirBank *bank = open_names (path, names, previous, &stale, &failure);

    if (!bank && stale && attempt < MAX_ATTEMPTS)
      continue;
    if (!bank)
      g_propagate_error (error, g_steal_pointer (&failure));
    return bank;
  }
}

WeirBank *
weir_manifest_open (const WeirManifest *manifest, const gchar *folder,
    const WeirBank *previous, GError **error)
{
  g_autoptr (WeirBank) bank = weir_bank_new (folder);

  if (!open_listed (bank, folder, manifest, previous, error))
    return NULL;
  weir_bank_set_version (bank);
  return g_steal_pointer (&bank);
}

WeirBank *
weir_bank_open (const gchar *path, GError **error)
{
  return weir_bank_open_next (path, NULL, error);
}

WeirBank *
weir_bank_open_bytes (GBytes *bytes, const gchar *name, GError **error)
{
  const WeirBankIdentity identity = { 0 };
  g_autoptr (WeirBank) bank = NULL;
  WeirBankFile *file;
  gconstpointer data;

  g_return_val_if_fail (bytes != NULL && name != NULL, NULL);
  data = g_bytes_get_data (bytes, NULL);
  g_return_val_if_fail (GPOINTER_TO_SIZE (data) % sizeof (guint64) == 0, NULL);

  bank = weir_bank_new (name);
  file = weir_bank_file_new (bytes, &identity, name, error);
  if (!file || !weir_bank_add_file (bank, file, name, error))
    return NULL;
  weir_bank_set_version (bank);
  return g_steal_pointer (&bank);
}
