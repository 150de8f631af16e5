/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The digest of a list's state. */
#include "feed/feed-state.h"

#include <sodium.h>
#include <string.h>

#define DIGEST_LENGTH (WEIR_FEED_DIGEST_DIGITS / 2)

/* Bytes of one record at most: a word, five texts and nine numbers. */
#define MAX_RECORD (16 + 5 * (WEIR_REFERENCE_MAX_TEXT + 1) + 9 * 8)

typedef struct {
  guint8 bytes[MAX_RECORD];
  gsize length;
} Record;

static void
put_text (Record *record, const gchar *text)
{
  gsize length = MIN (strlen (text), WEIR_REFERENCE_MAX_TEXT) + 1;

  memcpy (record->bytes + record->length, text, length - 1);
  record->bytes[record->length + length - 1] = 0;
  record->length += length;
}

static void
put_number (Record *record, guint64 number)
{
  guint64 bytes = GUINT64_TO_LE (number);

  memcpy (record->bytes + record->length, &bytes, sizeof (bytes));
  record->length += sizeof (bytes);
}

static void
add_record (guint8 sum[DIGEST_LENGTH], const Record *record)
{
  guint8 digest[DIGEST_LENGTH];

  crypto_generichash (
      digest, sizeof (digest), record->bytes, record->length, NULL, 0);
  sodium_add (sum, digest, DIGEST_LENGTH);
}

static void
add_reference (guint8 sum[DIGEST_LENGTH], const WeirReference *reference)
{
  Record record = { .length = 0 };

  put_text (&record, "reference");
  put_text (&record, reference->id);
  put_text (&record, reference->family);
  put_text (&record, reference->label);
  put_text (&record, reference->list);
  put_text (&record, reference->source);
  put_number (&record, (guint64) reference->added);
  put_number (&record, reference->duration);
  put_number (&record, reference->opinion);
  put_number (&record, reference->max_action);
  put_number (&record, (guint64) reference->not_before);
  put_number (&record, (guint64) reference->not_after);
  put_number (&record, reference->benign ? 1 : 0);
  put_number (&record, reference->n_video);
  put_number (&record, reference->n_audio);
  add_record (sum, &record);
}

GHashTable *
weir_feed_state_get_retracted (
    const WeirBank *bank, const WeirManifest *manifest)
{
  GHashTable *retracted = g_hash_table_new (g_str_hash, g_str_equal);
  guint32 index;

  for (guint i = 0; i < weir_manifest_get_length (manifest); i++) {
    const WeirManifestEntry *entry = weir_manifest_get (manifest, i);

    if (entry->kind == WEIR_MANIFEST_REMOVE &&
        !weir_bank_find_reference (bank, entry->text, &index))
      g_hash_table_add (retracted, entry->text);
  }
  return retracted;
}

void
weir_feed_state_digest (const WeirBank *bank, const WeirManifest *manifest,
    gchar digest[WEIR_FEED_DIGEST_DIGITS + 1])
{
  g_autoptr (GHashTable) retracted =
      weir_feed_state_get_retracted (bank, manifest);
  guint8 sum[DIGEST_LENGTH] = { 0 };
  GHashTableIter iter;
  gpointer id;

  for (guint32 i = 0; i < weir_bank_get_n_indices (bank); i++) {
    WeirReference reference;

    if (!weir_bank_has_reference (bank, i))
      continue;
    weir_bank_get_reference (bank, i, &reference);
    add_reference (sum, &reference);
  }
  g_hash_table_iter_init (&iter, retracted);
  while (g_hash_table_iter_next (&iter, &id, NULL)) {
    Record record = { .length = 0 };

    put_text (&record, "remove");
    put_text (&record, id);
    add_record (sum, &record);
  }
  sodium_bin2hex (digest, WEIR_FEED_DIGEST_DIGITS + 1, sum, DIGEST_LENGTH);
}
