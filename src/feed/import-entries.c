/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The pictures of a list, found by id and by hash.
 */
#include "feed/import-entries.h"

#include <string.h>

#define TEXTS_BLOCK 4096 /* bytes */

typedef struct {
  WeirPdqHash hash;
  gint64 added;
  const gchar *label; /* in the texts */
  const gchar *source;
  guint8 quality;
  guint8 opinion;
  guint8 removed;
  gchar id[];
} Entry;

struct _WeirImportEntries {
  GPtrArray *entries;  /* owned, in order */
  GHashTable *by_id;   /* set of Entry.id, by which its entry is found */
  GHashTable *by_hash; /* set of Entry; NULL: not wanted */
  GStringChunk *texts; /* labels and sources, which are few: each once */
};

/* The bits of a PDQ hash are spread well enough; folding uses them all. */
static guint
hash_hash (gconstpointer key)
{
  const guint64 *words = ((const Entry *) key)->hash.words;
  guint64 folded = words[0] ^ words[1] ^ words[2] ^ words[3];

  return (guint) (folded ^ folded >> 32);
}

static gboolean
same_hash (gconstpointer a, gconstpointer b)
{
  return memcmp (&((const Entry *) a)->hash, &((const Entry *) b)->hash,
             sizeof (WeirPdqHash)) == 0;
}

WeirImportEntries *
weir_import_entries_new (gboolean by_hash)
{
  WeirImportEntries *entries = g_new0 (WeirImportEntries, 1);

  entries->entries = g_ptr_array_new_with_free_func (g_free);
  entries->by_id = g_hash_table_new (g_str_hash, g_str_equal);
  if (by_hash)
    entries->by_hash = g_hash_table_new (hash_hash, same_hash);
  entries->texts = g_string_chunk_new (TEXTS_BLOCK);
  return entries;
}

void
weir_import_entries_free (WeirImportEntries *entries)
{
  g_hash_table_unref (entries->by_id);
  g_clear_pointer (&entries->by_hash, g_hash_table_unref);
  g_ptr_array_unref (entries->entries);
  g_string_chunk_free (entries->texts);
  g_free (entries);
}

static Entry *
find_id (const WeirImportEntries *entries, const gchar *id)
{
  gpointer found;

  if (!g_hash_table_lookup_extended (entries->by_id, id, &found, NULL))
    return NULL;
  return (Entry *) (gpointer) ((gchar *) found - G_STRUCT_OFFSET (Entry, id));
}

static Entry *
add_id (WeirImportEntries *entries, const gchar *id)
{
  gsize size = strlen (id) + 1;
  Entry *entry = g_malloc0 (sizeof (Entry) + size);

  memcpy (entry->id, id, size);
  g_ptr_array_add (entries->entries, entry);
  g_hash_table_add (entries->by_id, entry->id);
  return entry;
}

gboolean
weir_import_entries_has_id (const WeirImportEntries *entries, const gchar *id)
{
  return find_id (entries, id) != NULL;
}

gboolean
weir_import_entries_has_hash (
    const WeirImportEntries *entries, const WeirPdqHash *hash)
{
  const Entry key = { .hash = *hash };

  g_return_val_if_fail (entries->by_hash, FALSE);

  return g_hash_table_contains (entries->by_hash, &key);
}

static const gchar *
keep_text (WeirImportEntries *entries, const gchar *text)
{
  return text ? g_string_chunk_insert_const (entries->texts, text) : NULL;
}

gboolean
weir_import_entries_put (
    WeirImportEntries *entries, const WeirImportPicture *picture)
{
  Entry *entry = find_id (entries, picture->id);
  gboolean replaced = entry != NULL && !entry->removed;

  /* The set would not find an entry any more whose hash changed. */
  g_return_val_if_fail (!entry || !entries->by_hash, FALSE);

  if (!entry)
    entry = add_id (entries, picture->id);
  entry->hash = picture->hash;
  entry->added = picture->added;
  entry->label = keep_text (entries, picture->label);
  entry->source = keep_text (entries, picture->source);
  entry->quality = (guint8) picture->quality;
  entry->opinion = (guint8) picture->opinion;
  entry->removed = FALSE;
  if (entries->by_hash)
    g_hash_table_add (entries->by_hash, entry);
  return replaced;
}

void
weir_import_entries_remove (WeirImportEntries *entries, const gchar *id)
{
  Entry *entry = find_id (entries, id);

  g_return_if_fail (!entries->by_hash);

  if (entry)
    entry->removed = TRUE;
}

gboolean
weir_import_entries_drain (WeirImportEntries *entries,
    WeirImportPictureFunc func, gpointer user_data, GError **error)
{
  gboolean going = TRUE;
  guint i;

  g_hash_table_remove_all (entries->by_id);
  if (entries->by_hash)
    g_hash_table_remove_all (entries->by_hash);
  for (i = 0; i < entries->entries->len; i++) {
    g_autofree Entry *entry =
        g_steal_pointer (&g_ptr_array_index (entries->entries, i));
    const WeirImportPicture picture = {
      .id = entry->id,
      .label = entry->label,
      .source = entry->source,
      .added = entry->added,
      .opinion = (WeirOpinion) entry->opinion,
      .quality = entry->quality,
      .hash = entry->hash,
    };

    if (going && !entry->removed)
      going = func (&picture, user_data, error);
  }
  g_ptr_array_set_size (entries->entries, 0);
  return going;
}
