/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A bank: what it holds, and lookups where its files lie. */
#include "bank/bank.h"

#include "bank/bank-struct.h"
#include "bank/coverage.h"

#include <stdlib.h>

/* ---- What it holds ---- */

const gchar *
weir_bank_get_version (const WeirBank *bank)
{
  return bank->version;
}

const gchar *
weir_bank_get_path (const WeirBank *bank)
{
  return bank->path;
}

gint64
weir_bank_get_created (const WeirBank *bank)
{
  gint64 created =
      bank->n_members > 0 ? bank->members[0].segment->header->created : 0;
  guint i;

  for (i = 1; i < bank->n_members; i++)
    created = MIN (created, bank->members[i].segment->header->created);
  return created;
}

guint32
weir_bank_get_n_references (const WeirBank *bank)
{
  return bank->n_references;
}

guint64
weir_bank_get_n_video (const WeirBank *bank)
{
  return bank->n_video;
}

guint64
weir_bank_get_n_audio (const WeirBank *bank)
{
  return bank->n_audio;
}

guint32
weir_bank_get_n_indices (const WeirBank *bank)
{
  return bank->n_indices;
}

/* The file that has reference @index. */
static const WeirBankMember *
find_member (const WeirBank *bank, guint32 index)
{
  const WeirBankMember *member = bank->members;

  while (index - member->first_reference >= member->segment->n_references)
    member++;
  return member;
}

gboolean
weir_bank_has_reference (const WeirBank *bank, guint32 index)
{
  const WeirBankMember *member;

  if (index >= bank->n_indices)
    return FALSE;
  member = find_member (bank, index);
  return weir_bank_member_has (member, index - member->first_reference);
}

gchar *
weir_bank_get_origin (const WeirBank *bank, guint32 index)
{
  g_auto (GStrv) names = g_strsplit (bank->path, ",", -1);

  return g_strdup (names[find_member (bank, index)->origin]);
}

gboolean
weir_bank_find_reference (const WeirBank *bank, const gchar *id, guint32 *index)
{
  guint32 number;

  for (guint i = bank->n_members; i > 0; i--) {
    const WeirBankMember *member = &bank->members[i - 1];

    if (!weir_bank_segment_find (member->segment, id, &number) ||
        !weir_bank_member_has (member, number))
      continue;
    *index = member->first_reference + number;
    return TRUE;
  }
  return FALSE;
}

gint64
weir_bank_get_expires (const WeirBank *bank)
{
  gint64 expires = 0;

  for (guint i = 0; i < bank->n_members; i++) {
    gint64 member = bank->members[i].expires;

    if (member != 0 && (expires == 0 || member < expires))
      expires = member;
  }
  return expires;
}

void
weir_bank_get_reference (
    const WeirBank *bank, guint32 index, WeirReference *reference)
{
  const WeirBankMember *member;
  const WeirBankSegment *segment;
  const WeirBankReferenceRecord *record;
  const WeirBankReferenceSpan *span;

  g_return_if_fail (index < bank->n_indices);

  member = find_member (bank, index);
  segment = member->segment;
  record = &segment->references[index - member->first_reference];
  span = &segment->reference_spans[index - member->first_reference];
  *reference = (WeirReference){
    .id = segment->strings + record->id,
    .family = segment->strings + record->family,
    .label = segment->strings + record->label,
    .list = segment->strings + record->list,
    .source = segment->strings + record->source,
    .added = record->added,
    .duration = record->duration,
    .opinion = (WeirOpinion) record->opinion,
    .max_action = (WeirAction) record->max_action,
    .not_before = record->not_before,
    .not_after = record->not_after,
    .expires = member->expires,
    .benign = (record->flags & WEIR_BANK_REFERENCE_BENIGN) != 0,
    .n_video = span->n_video,
    .n_audio = span->n_audio,
  };
}

/* ---- Lookup ---- */

typedef struct {
  const WeirBankMember *member;
  GArray *hits;
} VideoLookup;

/* A hit for each time that the hash occurs. */
static void
append_video_hits (
    guint query, guint32 position, guint distance, gpointer user_data)
{
  const VideoLookup *lookup = user_data;
  const WeirBankMember *member = lookup->member;
  const WeirBankSegment *segment = member->segment;
  const guint32 end = segment->video_starts[position + 1];

  for (guint32 i = segment->video_starts[position]; i < end; i++) {
    const WeirBankVideoInfo *info = &segment->video_infos[i];
    const WeirBankReferenceRecord *record =
        &segment->references[info->reference];
    WeirVideoHit hit = {
      .query = query,
      .reference = member->first_reference + info->reference,
      .time = info->time,
      .distance = (guint16) distance,
      .view = info->view,
      .benign = (record->flags & WEIR_BANK_REFERENCE_BENIGN) != 0,
    };

    if (weir_bank_member_has (member, info->reference))
      g_array_append_val (lookup->hits, hit);
  }
}

static gint
compare_video_hits (gconstpointer a, gconstpointer b)
{
  const WeirVideoHit *first = a;
  const WeirVideoHit *second = b;

  if (first->query != second->query)
    return first->query < second->query ? -1 : 1;
  if (first->reference != second->reference)
    return first->reference < second->reference ? -1 : 1;
  if (first->time != second->time)
    return first->time < second->time ? -1 : 1;
  if (first->distance != second->distance)
    return first->distance < second->distance ? -1 : 1;
  return (first->view > second->view) - (first->view < second->view);
}

void
weir_bank_lookup_video_many (const WeirBank *bank, const WeirPdqHash *hashes,
    guint n_hashes, guint radius, GArray *hits)
{
  const guint n_before = hits->len;
  guint i;

  for (i = 0; i < bank->n_members; i++) {
    VideoLookup lookup = { &bank->members[i], hits };

    weir_video_index_lookup_many (&lookup.member->segment->video, hashes,
        n_hashes, radius, append_video_hits, &lookup);
  }
  /* The index finds them in an order of its own. */
  if (hits->len > n_before + 1)
    qsort (&g_array_index (hits, WeirVideoHit, n_before), hits->len - n_before,
        sizeof (WeirVideoHit), compare_video_hits);
}

void
weir_bank_lookup_video (
    const WeirBank *bank, const WeirPdqHash *hash, guint radius, GArray *hits)
{
  weir_bank_lookup_video_many (bank, hash, 1, radius, hits);
}

gboolean
weir_bank_has_video (
    const WeirBank *bank, guint32 index, guint32 begin, guint32 end)
{
  const WeirBankMember *member;
  const WeirBankSegment *segment;

  g_return_val_if_fail (index < bank->n_indices, FALSE);

  member = find_member (bank, index);
  segment = member->segment;
  return weir_coverage_has (
      &segment->reference_spans[index - member->first_reference],
      segment->video_times, begin, end);
}

const WeirSoundStep *
weir_bank_get_sound_steps (
    const WeirBank *bank, guint32 index, guint32 *n_steps)
{
  const WeirBankMember *member;
  const WeirBankSoundSpan *span;

  g_return_val_if_fail (index < bank->n_indices, NULL);

  *n_steps = 0;
  member = find_member (bank, index);
  if (member->segment->sound_spans == NULL)
    return NULL;
  span = &member->segment->sound_spans[index - member->first_reference];
  *n_steps = span->n_steps;
  return span->n_steps > 0 ? member->segment->sound_steps + span->first : NULL;
}
