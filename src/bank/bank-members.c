/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The files of a bank: adding them, taking references out, the version. */
#include "bank/bank-error.h"
#include "bank/bank-struct.h"

#include <stdlib.h>
#include <string.h>

/* ---- Files ---- */

WeirBankFile *
weir_bank_file_new (GBytes *bytes, const WeirBankIdentity *identity,
    const gchar *name, GError **error)
{
  g_autoptr (WeirBankFile) file = g_new0 (WeirBankFile, 1);

  g_atomic_int_set (&file->n_holders, 1);
  file->identity = *identity;
  if (!weir_bank_segment_open (&file->segment, bytes, name, error))
    return NULL;
  return g_steal_pointer (&file);
}

WeirBankFile *
weir_bank_file_ref (WeirBankFile *file)
{
  g_atomic_int_inc (&file->n_holders);
  return file;
}

void
weir_bank_file_unref (WeirBankFile *file)
{
  if (!g_atomic_int_dec_and_test (&file->n_holders))
    return;
  weir_bank_segment_clear (&file->segment);
  g_free (file);
}

/* ---- Banks ---- */

WeirBank *
weir_bank_new (const gchar *path)
{
  WeirBank *bank = g_new0 (WeirBank, 1);

  g_atomic_int_set (&bank->n_holders, 1);
  bank->path = g_strdup (path);
  return bank;
}

WeirBank *
weir_bank_ref (WeirBank *bank)
{
  g_atomic_int_inc (&bank->n_holders);
  return bank;
}

static void
clear_member (WeirBankMember *member)
{
  weir_bank_file_unref (member->file);
  g_free (member->removed);
  g_clear_pointer (&member->removed_numbers, g_array_unref);
}

void
weir_bank_unref (WeirBank *bank)
{
  guint i;

  if (!g_atomic_int_dec_and_test (&bank->n_holders))
    return;
  for (i = 0; i < bank->n_members; i++)
    clear_member (&bank->members[i]);
  g_free (bank->path);
  g_free (bank);
}

gboolean
weir_bank_add_file (
    WeirBank *bank, WeirBankFile *file, const gchar *name, GError **error)
{
  g_autoptr (WeirBankFile) taken = file;
  const WeirBankSegment *segment = &file->segment;

  if (bank->n_members == WEIR_BANK_MAX_SEGMENTS)
    return weir_bank_refuse (error, WEIR_BANK_ERROR_LIMIT, name,
        "is one file too many: a bank has at most %d; join some with "
        "'weir bank merge'",
        WEIR_BANK_MAX_SEGMENTS);
  if (segment->n_references > G_MAXUINT32 - bank->n_indices)
    return weir_bank_refuse (error, WEIR_BANK_ERROR_LIMIT, name,
        "is one reference too many; open fewer files at once");
  bank->members[bank->n_members++] = (WeirBankMember){
    .file = g_steal_pointer (&taken),
    .segment = segment,
    .first_reference = bank->n_indices,
  };
  bank->n_indices += segment->n_references;
  bank->n_references += segment->n_references;
  bank->n_video += segment->n_video;
  bank->n_audio += segment->n_audio;
  return TRUE;
}

void
weir_bank_remove_number (WeirBank *bank, WeirBankMember *member, guint32 number)
{
  const WeirBankSegment *segment = member->segment;

  if (!member->removed) {
    member->removed = g_malloc0 (segment->n_references / 8 + 1);
    member->removed_numbers = g_array_new (FALSE, FALSE, sizeof (guint32));
  }
  member->removed[number / 8] |= (guint8) (1u << (number % 8));
  g_array_append_val (member->removed_numbers, number);
  bank->n_references--;
  bank->n_video -= segment->reference_spans[number].n_video;
  bank->n_audio -= segment->reference_spans[number].n_audio;
}

void
weir_bank_remove_reference (WeirBank *bank, const gchar *id)
{
  guint32 number;

  for (guint i = 0; i < bank->n_members; i++) {
    WeirBankMember *member = &bank->members[i];

    if (weir_bank_segment_find (member->segment, id, &number) &&
        weir_bank_member_has (member, number))
      weir_bank_remove_number (bank, member, number);
  }
}

/* ---- Version ---- */

void
weir_bank_format_version (
    const guint8 *digest, gchar version[WEIR_BANK_VERSION_LENGTH + 1])
{
  guint i;

  for (i = 0; i < WEIR_BANK_VERSION_LENGTH / 2; i++)
    g_snprintf (&version[2 * i], 3, "%02x", digest[i]);
}

static gint
compare_digests (gconstpointer a, gconstpointer b)
{
  const WeirBankMember *const *first = a;
  const WeirBankMember *const *second = b;

  return memcmp ((*first)->segment->header->digest,
      (*second)->segment->header->digest, WEIR_BANK_DIGEST_LENGTH);
}

static gint
compare_ids (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const WeirBankSegment *segment = user_data;

  return strcmp (weir_bank_segment_get_id (segment, *(const guint32 *) a),
      weir_bank_segment_get_id (segment, *(const guint32 *) b));
}

/* The ids taken out of @member, in order, each with its NUL. */
static void
digest_removed (GChecksum *sum, const WeirBankMember *member)
{
  GArray *numbers = member->removed_numbers;

  g_array_sort_with_data (numbers, compare_ids, (gpointer) member->segment);
  for (guint i = 0; i < numbers->len; i++) {
    const gchar *id = weir_bank_segment_get_id (
        member->segment, g_array_index (numbers, guint32, i));

    g_checksum_update (sum, (const guchar *) id, (gssize) strlen (id) + 1);
  }
}

/* The digest of one file, or of the digests of several, whose order is that of
 * a command line and does not matter, each with what was taken out of it. */
void
weir_bank_set_version (WeirBank *bank)
{
  const WeirBankMember *members[WEIR_BANK_MAX_SEGMENTS];
  guint8 joined[WEIR_BANK_DIGEST_LENGTH];
  gsize joined_length = sizeof (joined);
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  guint i;

  for (i = 0; i < bank->n_members; i++)
    members[i] = &bank->members[i];
  if (bank->n_members == 1 && !members[0]->removed) {
    weir_bank_format_version (
        members[0]->segment->header->digest, bank->version);
    return;
  }
  qsort (members, bank->n_members, sizeof (members[0]), compare_digests);
  for (i = 0; i < bank->n_members; i++) {
    g_checksum_update (
        sum, members[i]->segment->header->digest, WEIR_BANK_DIGEST_LENGTH);
    if (members[i]->removed)
      digest_removed (sum, members[i]);
  }
  g_checksum_get_digest (sum, joined, &joined_length);
  weir_bank_format_version (joined, bank->version);
}
