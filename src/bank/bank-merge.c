/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads banks back into a builder. */
#include "bank/bank-merge.h"

#include "bank/bank-private.h"
#include "bank/bank-struct.h"

/* What stands for a reference that is left out. */
#define LEFT_OUT G_MAXUINT32

/* What becomes of references; either may be NULL. */
typedef struct {
  WeirBankKeepFunc keeps;
  WeirBankChangeFunc changes;
  gpointer user_data;
} Rule;

/* One file on its way into the builder. */
typedef struct {
  WeirBankBuilder *builder;
  const WeirBankMember *member;
  guint32 *numbers; /* of the file's references in the builder, or LEFT_OUT */
} Copy;

static gboolean
add_references (
    const Copy *copy, const WeirBank *bank, const Rule *rule, GError **error)
{
  const WeirBankMember *member = copy->member;

  for (guint32 i = 0; i < member->segment->n_references; i++) {
    WeirReference reference;

    copy->numbers[i] = LEFT_OUT;
    weir_bank_get_reference (bank, member->first_reference + i, &reference);
    if (!weir_bank_member_has (member, i) ||
        (rule->keeps && !rule->keeps (&reference, rule->user_data)))
      continue;
    if (rule->changes)
      rule->changes (&reference, rule->user_data);
    if (!weir_bank_builder_add_reference (
            copy->builder, &reference, &copy->numbers[i], error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
add_video (const Copy *copy, GError **error)
{
  const WeirBankSegment *segment = copy->member->segment;

  for (guint32 k = 0; k < segment->video.n_hashes; k++) {
    guint32 end = segment->video_starts[k + 1];

    for (guint32 i = segment->video_starts[k]; i < end; i++) {
      const WeirBankVideoInfo *info = &segment->video_infos[i];
      guint32 number = copy->numbers[info->reference];

      if (number != LEFT_OUT &&
          !weir_bank_builder_add_video (copy->builder, number,
              &segment->video.hashes[k], (WeirView) info->view, info->quality,
              info->time, error))
        return FALSE;
    }
  }
  return TRUE;
}

static gboolean
add_audio (const Copy *copy, GError **error)
{
  const WeirBankSegment *segment = copy->member->segment;

  for (guint32 i = 0; i < segment->n_audio; i++) {
    const WeirBankAudioBlock place = weir_bank_segment_get_audio (segment, i);
    guint32 number = copy->numbers[place.reference];

    if (number != LEFT_OUT &&
        !weir_bank_builder_add_audio (
            copy->builder, number, segment->audio_keys[i], place.time, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
add_sound (const Copy *copy, const WeirBank *bank, GError **error)
{
  const WeirBankMember *member = copy->member;

  for (guint32 i = 0; i < member->segment->n_references; i++) {
    guint32 n_steps;
    const WeirSoundStep *steps =
        weir_bank_get_sound_steps (bank, member->first_reference + i, &n_steps);

    if (n_steps > 0 && copy->numbers[i] != LEFT_OUT &&
        !weir_bank_builder_add_sound_steps (
            copy->builder, copy->numbers[i], 0, steps, n_steps, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
add_bank (WeirBankBuilder *builder, const WeirBank *bank, const Rule *rule,
    GError **error)
{
  for (guint i = 0; i < bank->n_members; i++) {
    const WeirBankMember *member = &bank->members[i];
    g_autofree guint32 *numbers =
        g_new (guint32, MAX (member->segment->n_references, 1));
    const Copy copy = { builder, member, numbers };

    if (add_references (&copy, bank, rule, error) && add_video (&copy, error) &&
        add_audio (&copy, error) && add_sound (&copy, bank, error))
      continue;
    g_prefix_error (error, "%s: ", bank->path);
    return FALSE;
  }
  return TRUE;
}

gboolean
weir_bank_builder_add_bank (WeirBankBuilder *builder, const WeirBank *bank,
    WeirBankKeepFunc keeps, gpointer user_data, GError **error)
{
  const Rule rule = { .keeps = keeps, .user_data = user_data };

  return add_bank (builder, bank, &rule, error);
}

gboolean
weir_bank_builder_add_changed (WeirBankBuilder *builder, const WeirBank *bank,
    WeirBankChangeFunc changes, gpointer user_data, GError **error)
{
  const Rule rule = { .changes = changes, .user_data = user_data };

  return add_bank (builder, bank, &rule, error);
}
