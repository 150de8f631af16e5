/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From one sequence to the next: what changes, then the head that says so. */
#include "feed/feed-publish.h"

#include "bank/bank-merge.h"
#include "feed/feed-cache.h"
#include "feed/feed-canary.h"
#include "feed/feed-change.h"
#include "feed/feed-publish-files.h"
#include "feed/feed-state.h"

#include <glib/gstdio.h>
#include <string.h>

/* A snapshot is due after so many deltas, or when they are together as large as
 * this part of it. */
#define DELTAS_TO_SNAPSHOT 16
#define DELTAS_PART        2

/* The list on its way from one sequence to the next. */
typedef struct {
  const WeirFeedPublication *publication;
  WeirFeedPublishFolder folder;
  WeirFeedPosition position;
  WeirFeedHead *before; /* NULL: there is none, or of another epoch */
  WeirFeedHead *head;
  WeirManifest *manifest;
  WeirBank *bank; /* before, then after */
} Work;

static void
clear_work (Work *work)
{
  weir_feed_publish_folder_clear (&work->folder);
  g_clear_pointer (&work->before, weir_feed_head_free);
  g_clear_pointer (&work->head, weir_feed_head_free);
  g_clear_pointer (&work->manifest, weir_manifest_free);
  g_clear_pointer (&work->bank, weir_bank_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Work, clear_work)

/* ---- What changes ---- */

/* All that is added, joined. */
static WeirBankBuilder *
join_added (const Work *work, GError **error)
{
  const WeirFeedPublication *publication = work->publication;
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();
  guint32 index;

  for (guint i = 0; publication->add && publication->add[i]; i++) {
    g_autoptr (WeirBank) bank = weir_bank_open (publication->add[i], error);

    if (!bank || !weir_bank_builder_add_bank (builder, bank, NULL, NULL, error))
      return NULL;
  }
  if (publication->canary &&
      (publication->instead || !weir_bank_find_reference (
                                   work->bank, WEIR_FEED_CANARY_ID, &index)) &&
      !weir_feed_canary_add (builder, error))
    return NULL;
  return g_steal_pointer (&builder);
}

/* Takes back what was asked for, and what is there of @added. */
static void
add_removals (const Work *work, const WeirBank *added, WeirFeedChange *change)
{
  gchar **retract = work->publication->retract;
  guint32 index;

  for (guint i = 0; retract && retract[i]; i++)
    g_ptr_array_add (change->removals, g_strdup (retract[i]));
  for (guint32 i = 0; added && i < weir_bank_get_n_indices (added); i++) {
    WeirReference reference;

    weir_bank_get_reference (added, i, &reference);
    if (weir_bank_find_reference (work->bank, reference.id, &index))
      g_ptr_array_add (change->removals, g_strdup (reference.id));
  }
}

static void
add_to_manifest (WeirManifest *manifest, const WeirFeedChange *change)
{
  g_autofree gchar *name = weir_feed_change_get_name (change);

  for (guint i = 0; i < change->removals->len; i++)
    weir_manifest_add_removal (
        manifest, g_ptr_array_index (change->removals, i));
  if (change->version[0] != '\0')
    weir_manifest_add_segment (manifest, name, change->version);
}

/* Puts what @builder has into the folder as a bank file, and says so in
 * @change. */
static gboolean
put_segment (const Work *work, WeirBankBuilder *builder, WeirFeedChange *change,
    WeirBank **bank, GError **error)
{
  *bank = weir_feed_publish_put_bank (&work->folder, builder,
      work->publication->now, change->version, &change->length, error);
  return *bank != NULL;
}

/* Writes the delta, and goes on to the bank that it makes. */
static gboolean
make_delta (Work *work, WeirBankBuilder *builder, GError **error)
{
  g_autoptr (WeirFeedChange) change = weir_feed_change_new (work->folder.list);
  g_autoptr (WeirBank) added = NULL;
  WeirFeedFile file = { 0 };

  change->from = work->position.sequence;
  change->to = work->head->sequence;
  if (weir_bank_builder_get_n_references (builder) > 0 &&
      !put_segment (work, builder, change, &added, error))
    return FALSE;
  add_removals (work, added, change);
  add_to_manifest (work->manifest, change);
  if (change->from > 0 && !work->publication->instead) {
    if (!weir_feed_publish_put_change (&work->folder, change, &file, error))
      return FALSE;
    g_array_append_val (work->head->deltas, file);
  }
  return weir_feed_publish_open (
      &work->folder, work->manifest, &work->bank, error);
}

static gboolean
needs_snapshot (const Work *work)
{
  const WeirFeedHead *head = work->head;
  guint n = 0;
  guint64 size = 0;

  if (work->publication->snapshot || work->publication->instead ||
      !work->before)
    return TRUE;
  for (guint i = 0; i < head->deltas->len; i++) {
    const WeirFeedFile *delta = &g_array_index (head->deltas, WeirFeedFile, i);

    if (delta->from < head->snapshot.to)
      continue;
    n++;
    size += delta->size;
  }
  return n >= DELTAS_TO_SNAPSHOT || size > head->snapshot.size / DELTAS_PART;
}

static gint
compare_ids (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const gchar *const *) a, *(const gchar *const *) b);
}

/* What is taken back for good: of this list, or of others. */
static void
add_retracted (const Work *work, WeirFeedChange *change)
{
  g_autoptr (GHashTable) retracted =
      weir_feed_state_get_retracted (work->bank, work->manifest);
  GHashTableIter iter;
  gpointer id;

  g_hash_table_iter_init (&iter, retracted);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    g_ptr_array_add (change->removals, g_strdup (id));
  g_ptr_array_sort (change->removals, compare_ids);
}

/* Joins all of the bank into one file, which is a snapshot, and what the
 * publisher itself goes on with. */
static gboolean
make_snapshot (Work *work, GError **error)
{
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();
  g_autoptr (WeirFeedChange) change = weir_feed_change_new (work->folder.list);
  g_autoptr (WeirBank) whole = NULL;

  change->to = work->head->sequence;
  if (!weir_bank_builder_add_bank (builder, work->bank, NULL, NULL, error))
    return FALSE;
  if (weir_bank_builder_get_n_references (builder) > 0 &&
      !put_segment (work, builder, change, &whole, error))
    return FALSE;
  add_retracted (work, change);
  weir_manifest_free (work->manifest);
  work->manifest = weir_manifest_new ();
  add_to_manifest (work->manifest, change);
  return weir_feed_publish_open (
             &work->folder, work->manifest, &work->bank, error) &&
         weir_feed_publish_put_change (
             &work->folder, change, &work->head->snapshot, error);
}

/* ---- The head ---- */

/* The deltas that a head may name at most, the newest; they begin no later than
 * the snapshot. */
static void
drop_old_deltas (WeirFeedHead *head)
{
  while (head->deltas->len > WEIR_FEED_MAX_DELTAS)
    g_array_remove_index (head->deltas, 0);
}

static void
begin_head (Work *work)
{
  const WeirFeedPublication *publication = work->publication;
  const WeirFeedHead *before = work->before;
  gint64 last = work->position.issued;

  work->head = weir_feed_head_new ();
  work->head->list = g_strdup (work->folder.list);
  work->head->epoch = work->folder.epoch;
  work->head->sequence = work->position.sequence + 1;
  /* Two heads in one second still have an order. */
  work->head->issued = MAX (publication->now, last + 1);
  work->head->expires = work->head->issued + publication->validity;
  work->head->min_wait = publication->min_wait;
  work->head->root = work->folder.root_version;
  work->head->purpose = g_strdup (publication->purpose);
  work->head->policy = g_strdup (publication->policy);
  if (!before)
    return;
  work->head->snapshot = before->snapshot;
  if (!publication->instead)
    g_array_append_vals (
        work->head->deltas, before->deltas->data, before->deltas->len);
}

static void
end_head (Work *work)
{
  WeirFeedHead *head = work->head;
  guint32 index;

  drop_old_deltas (head);
  head->references = weir_bank_get_n_references (work->bank);
  head->canary =
      weir_bank_find_reference (work->bank, WEIR_FEED_CANARY_ID, &index);
  weir_feed_state_digest (work->bank, work->manifest, head->state);
}

/* ---- Publishing ---- */

/* Reads what is there. */
static gboolean
begin (Work *work, GError **error)
{
  const WeirFeedPublication *publication = work->publication;
  guint min_wait;

  if (!weir_feed_publish_folder_open (&work->folder, publication->folder,
          publication->keys, &work->manifest, error))
    return FALSE;
  weir_feed_cache_get_position (work->manifest, &work->position, &min_wait);
  work->before = weir_feed_publish_read_head (&work->folder);
  /* Sequences begin anew with an epoch, and no delta leads from one to the
   * next. */
  if (work->position.epoch != work->folder.epoch) {
    work->position.sequence = 0;
    g_clear_pointer (&work->before, weir_feed_head_free);
  }
  if (!weir_feed_publish_open (
          &work->folder, work->manifest, &work->bank, error))
    return FALSE;
  begin_head (work);
  return TRUE;
}

static gboolean
changes_something (const WeirFeedPublication *publication)
{
  return (publication->add && publication->add[0]) ||
         (publication->retract && publication->retract[0]) ||
         publication->canary || publication->instead || publication->snapshot;
}

static gboolean
change_list (Work *work, WeirFeedPublished *published, GError **error)
{
  g_autoptr (WeirBankBuilder) builder = join_added (work, error);
  WeirFeedHead *head = work->head;
  guint n_before = head->deltas->len;

  if (!builder)
    return FALSE;
  if (work->publication->instead) {
    weir_manifest_free (work->manifest);
    work->manifest = weir_manifest_new ();
  }
  if (!make_delta (work, builder, error))
    return FALSE;
  if (head->deltas->len > n_before)
    published->delta =
        g_array_index (head->deltas, WeirFeedFile, n_before).size;
  if (!needs_snapshot (work))
    return TRUE;
  if (!make_snapshot (work, error))
    return FALSE;
  published->snapshot = head->snapshot.size;
  return TRUE;
}

gboolean
weir_feed_publish (const WeirFeedPublication *publication,
    WeirFeedPublished *published, GError **error)
{
  g_auto (Work) work = { .publication = publication };

  *published = (WeirFeedPublished){ 0 };
  if (!begin (&work, error))
    return FALSE;
  if (work.before && !changes_something (publication))
    work.head->sequence--;
  else if (!change_list (&work, published, error))
    return FALSE;
  end_head (&work);
  if (!weir_feed_publish_put_head (
          &work.folder, work.head, work.manifest, error))
    return FALSE;
  weir_feed_publish_prune (&work.folder, work.head, work.before, work.manifest);
  published->epoch = work.head->epoch;
  published->sequence = work.head->sequence;
  published->references = work.head->references;
  return TRUE;
}
