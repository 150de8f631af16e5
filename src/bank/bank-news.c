/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a bank has that another one has not. */
#include "bank/bank-struct.h"

/* Whether @previous has the file and took nothing out of it. */
static gboolean
is_known_whole (const WeirBank *previous, const WeirBankFile *file)
{
  for (guint i = 0; previous && i < previous->n_members; i++)
    if (previous->members[i].file == file && !previous->members[i].removed)
      return TRUE;
  return FALSE;
}

static gboolean
is_benign (const WeirBankSegment *segment, guint32 number)
{
  return (segment->references[number].flags & WEIR_BANK_REFERENCE_BENIGN) != 0;
}

static gboolean
is_new (const WeirBankSegment *segment, guint32 number, gboolean known_whole,
    const WeirBank *previous)
{
  guint32 index;

  return !known_whole &&
         (!previous || !weir_bank_find_reference (previous,
                           weir_bank_segment_get_id (segment, number), &index));
}

/* Adds of @member what is to be there, if there is any. Returns how many are
 * new and not benign. */
static guint32
add_news (
    WeirBank *news, const WeirBankMember *member, const WeirBank *previous)
{
  const WeirBankSegment *segment = member->segment;
  gboolean known_whole = is_known_whole (previous, member->file);
  g_autoptr (GArray) left_out = g_array_new (FALSE, FALSE, sizeof (guint32));
  guint32 n_new = 0, i;
  WeirBankMember *added;

  for (i = 0; i < segment->n_references; i++) {
    gboolean has = weir_bank_member_has (member, i);

    if (has && is_benign (segment, i))
      continue;
    if (has && is_new (segment, i, known_whole, previous))
      n_new++;
    else
      g_array_append_val (left_out, i);
  }
  if (left_out->len == segment->n_references)
    return 0;
  /* It has no more files than the bank that they are of. */
  weir_bank_add_file (
      news, weir_bank_file_ref (member->file), news->path, NULL);
  added = &news->members[news->n_members - 1];
  added->origin = member->origin;
  for (i = 0; i < left_out->len; i++)
    weir_bank_remove_number (news, added, g_array_index (left_out, guint32, i));
  return n_new;
}

WeirBank *
weir_bank_new_since (const WeirBank *bank, const WeirBank *previous)
{
  g_autoptr (WeirBank) news = weir_bank_new (bank->path);
  guint32 n_new = 0;
  guint i;

  for (i = 0; i < bank->n_members; i++)
    n_new += add_news (news, &bank->members[i], previous);
  if (n_new == 0)
    return NULL;
  g_strlcpy (news->version, bank->version, sizeof (news->version));
  return g_steal_pointer (&news);
}
