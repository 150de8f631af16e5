/* SPDX-License-Identifier: GPL-3.0-or-later */
/* New segments first, then the manifest that names them. */
#include "bank/bank-folder.h"

#include "bank/bank-error.h"
#include "bank/bank-private.h"
#include "bank/bank-struct.h"
#include "bank/manifest.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

static gboolean
is_empty_folder (const gchar *folder)
{
  g_autoptr (GPtrArray) names = weir_bank_list_folder (folder, NULL);

  return !weir_manifest_exists (folder) && names && names->len == 0;
}

/* A manifest of the files that the folder has without one. */
static WeirManifest *
list_files (const gchar *folder, GError **error)
{
  g_autoptr (WeirManifest) manifest = weir_manifest_new ();
  g_autoptr (GPtrArray) names = weir_bank_list_folder (folder, error);

  if (!names)
    return NULL;
  for (guint i = 0; i < names->len; i++) {
    const gchar *path = g_ptr_array_index (names, i);
    g_autofree gchar *name = g_path_get_basename (path);
    g_autoptr (WeirBank) bank = weir_bank_open (path, error);

    if (!bank)
      return NULL;
    weir_manifest_add_segment (manifest, name, weir_bank_get_version (bank));
  }
  return g_steal_pointer (&manifest);
}

static WeirManifest *
read_manifest (const gchar *folder, GError **error)
{
  return weir_manifest_exists (folder) ? weir_manifest_read (folder, error)
                                       : list_files (folder, error);
}

/* Takes the ids of @change back. @now is the bank as it is; NULL: empty. */
static gboolean
add_removals (WeirManifest *manifest, const WeirBank *now,
    const WeirBankChange *change, const gchar *folder, GError **error)
{
  guint32 index;

  for (guint i = 0; change->remove && change->remove[i]; i++) {
    if (!now || !weir_bank_find_reference (now, change->remove[i], &index)) {
      g_autofree gchar *id = weir_bank_printable (change->remove[i]);

      return weir_bank_refuse (error, WEIR_BANK_ERROR_LIMIT, folder,
          "has no reference '%s' to take back; see 'weir bank list'", id);
    }
    weir_manifest_add_removal (manifest, change->remove[i]);
  }
  return TRUE;
}

static gboolean
is_removed (const WeirBankChange *change, const gchar *id)
{
  return change->remove &&
         g_strv_contains ((const gchar *const *) change->remove, id);
}

/* What @added has, too: taken back, or a reason to refuse. */
static gboolean
settle_ids (WeirManifest *manifest, const WeirBank *now, const WeirBank *added,
    const WeirBankChange *change, GError **error)
{
  guint32 index;

  if (!now)
    return TRUE;
  for (guint32 i = 0; i < weir_bank_get_n_indices (added); i++) {
    WeirReference reference;
    g_autofree gchar *id = NULL;

    weir_bank_get_reference (added, i, &reference);
    if (!weir_bank_find_reference (now, reference.id, &index) ||
        is_removed (change, reference.id))
      continue;
    if (change->replace) {
      weir_manifest_add_removal (manifest, reference.id);
      continue;
    }
    id = weir_bank_printable (reference.id);
    return weir_bank_refuse (error, WEIR_BANK_ERROR_LIMIT,
        weir_bank_get_path (now),
        "and '%s' both have the reference '%s'; --replace it, or take it out "
        "of one",
        weir_bank_get_path (added), id);
  }
  return TRUE;
}

/* Copies the file of @added into the folder under its version; what is there by
 * that name is the same. */
static gboolean
copy_segment (const gchar *folder, const WeirBank *added, const gchar *name,
    GError **error)
{
  g_autofree gchar *path = g_build_filename (folder, name, NULL);
  const GBytes *bytes = added->members[0].segment->bytes;
  g_autoptr (WeirBank) copy = NULL;
  g_autoptr (GError) reason = NULL;
  gsize length;
  gconstpointer data = g_bytes_get_data ((GBytes *) bytes, &length);

  if (!g_file_test (path, G_FILE_TEST_EXISTS) &&
      !g_file_set_contents_full (path, data, (gssize) length,
          G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0644,
          &reason))
    return weir_bank_refuse (error, WEIR_BANK_ERROR_FILE, path,
        "cannot be written: %s", reason->message);
  copy = weir_bank_open (path, error);
  return copy != NULL;
}

static WeirBank *
open_file (const gchar *path, GError **error)
{
  g_autoptr (WeirBank) bank = weir_bank_open (path, error);

  if (bank && (bank->n_members != 1 || bank->members[0].removed)) {
    weir_bank_refuse (error, WEIR_BANK_ERROR_FILE, path,
        "is not one file; join its files with 'weir bank merge' first");
    return NULL;
  }
  return g_steal_pointer (&bank);
}

static gboolean
has_segment (const WeirManifest *manifest, const gchar *name)
{
  for (guint i = 0; i < weir_manifest_get_length (manifest); i++) {
    const WeirManifestEntry *entry = weir_manifest_get (manifest, i);

    if (entry->kind == WEIR_MANIFEST_SEGMENT && strcmp (entry->text, name) == 0)
      return TRUE;
  }
  return FALSE;
}

/* Opens what is to be added and sees that no id is there twice. */
static GPtrArray *
open_added (WeirManifest *manifest, const WeirBank *now,
    const WeirBankChange *change, GError **error)
{
  g_autoptr (GPtrArray) banks =
      g_ptr_array_new_with_free_func ((GDestroyNotify) weir_bank_unref);
  const WeirBankChange strict = { 0 };

  for (guint i = 0; change->add && change->add[i]; i++) {
    WeirBank *bank = open_file (change->add[i], error);

    if (!bank)
      return NULL;
    g_ptr_array_add (banks, bank);
    if (!settle_ids (manifest, now, bank, change, error))
      return NULL;
    for (guint k = 0; k < i; k++)
      if (!settle_ids (
              manifest, g_ptr_array_index (banks, k), bank, &strict, error))
        return NULL;
  }
  return g_steal_pointer (&banks);
}

static gboolean
add_segments (WeirManifest *manifest, const gchar *folder, GPtrArray *banks,
    GError **error)
{
  for (guint i = 0; i < banks->len; i++) {
    const WeirBank *bank = g_ptr_array_index (banks, i);
    g_autofree gchar *name =
        g_strconcat (weir_bank_get_version (bank), WEIR_BANK_SUFFIX, NULL);

    if (!copy_segment (folder, bank, name, error))
      return FALSE;
    weir_manifest_add_segment (manifest, name, weir_bank_get_version (bank));
  }
  return TRUE;
}

static gboolean
check_length (const WeirManifest *manifest, guint n_added, const gchar *folder,
    GError **error)
{
  guint n_segments = n_added;

  for (guint i = 0; i < weir_manifest_get_length (manifest); i++)
    n_segments +=
        weir_manifest_get (manifest, i)->kind == WEIR_MANIFEST_SEGMENT;
  if (n_segments <= WEIR_BANK_MAX_SEGMENTS)
    return TRUE;
  return weir_bank_refuse (error, WEIR_BANK_ERROR_LIMIT, folder,
      "would have more than %d files; join them with 'weir bank merge' and put "
      "that instead",
      WEIR_BANK_MAX_SEGMENTS);
}

/* Deletes the segments that the manifest does not name any more. Those that are
 * open somewhere stay until they are closed. */
static void
delete_unnamed (
    const gchar *folder, const WeirManifest *before, const WeirManifest *now)
{
  for (guint i = 0; i < weir_manifest_get_length (before); i++) {
    const WeirManifestEntry *entry = weir_manifest_get (before, i);
    g_autofree gchar *path = g_build_filename (folder, entry->text, NULL);

    if (entry->kind == WEIR_MANIFEST_SEGMENT && !has_segment (now, entry->text))
      g_unlink (path);
  }
}

/* The folder as it is: its manifest, and its bank unless that is empty. */
static gboolean
open_folder (const gchar *folder, WeirManifest **manifest, WeirBank **now,
    GError **error)
{
  if (g_mkdir_with_parents (folder, 0755) != 0)
    return weir_bank_refuse (error, WEIR_BANK_ERROR_FILE, folder,
        "cannot be made a folder: %s; name a folder that is one or can be",
        g_strerror (errno));
  *manifest = read_manifest (folder, error);
  if (!*manifest || is_empty_folder (folder))
    return *manifest != NULL;
  *now = weir_bank_open (folder, error);
  return *now != NULL;
}

gboolean
weir_bank_folder_change (
    const gchar *folder, const WeirBankChange *change, GError **error)
{
  g_autoptr (WeirManifest) before = NULL;
  g_autoptr (WeirManifest) manifest = NULL;
  g_autoptr (WeirBank) now = NULL;
  g_autoptr (GPtrArray) added = NULL;

  if (!open_folder (folder, &before, &now, error))
    return FALSE;
  manifest = weir_manifest_new ();
  if (!change->instead)
    weir_manifest_append (manifest, before);
  if (!add_removals (manifest, now, change, folder, error))
    return FALSE;
  added = open_added (manifest, change->instead ? NULL : now, change, error);
  if (!added || !check_length (manifest, added->len, folder, error) ||
      !add_segments (manifest, folder, added, error) ||
      !weir_manifest_write (manifest, folder, error))
    return FALSE;
  delete_unnamed (folder, before, manifest);
  return TRUE;
}
