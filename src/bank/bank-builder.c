/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Collects a bank in memory and writes it as one file, in an order that does
 * not depend on the order in which fingerprints were added.
 */
#include "bank/bank-builder.h"

#include "bank/audio-order.h"
#include "bank/bank-error.h"
#include "bank/bank-private.h"
#include "bank/bank-writer.h"
#include "bank/coverage.h"
#include "bank/index-build.h"
#include "bank/video-order.h"

#include <string.h>

struct _WeirBankBuilder {
  GByteArray *strings;
  GHashTable *string_offsets; /* text -> offset: equal texts are kept once */
  GHashTable *ids;            /* a set of keys of string_offsets */
  GArray *references;         /* WeirBankReferenceRecord */
  GArray *video;              /* WeirVideoEntry */
  GArray *audio;              /* WeirAudioEntry */
  GPtrArray *sounds; /* for each reference a GArray of WeirSoundStep, or NULL */
  guint64 n_steps;   /* of all */
  WeirIndexPlan *plan; /* NULL: by the number of hashes */
};

static void
free_sound (gpointer sound)
{
  if (sound)
    g_array_unref (sound);
}

WeirBankBuilder *
weir_bank_builder_new (void)
{
  WeirBankBuilder *builder = g_new0 (WeirBankBuilder, 1);

  builder->strings = g_byte_array_new ();
  builder->string_offsets =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  builder->ids = g_hash_table_new (g_str_hash, g_str_equal);
  builder->references =
      g_array_new (FALSE, FALSE, sizeof (WeirBankReferenceRecord));
  builder->video = g_array_new (FALSE, FALSE, sizeof (WeirVideoEntry));
  builder->audio = g_array_new (FALSE, FALSE, sizeof (WeirAudioEntry));
  builder->sounds = g_ptr_array_new_with_free_func (free_sound);
  return builder;
}

void
weir_bank_builder_free (WeirBankBuilder *builder)
{
  g_byte_array_unref (builder->strings);
  g_hash_table_unref (builder->ids);
  g_hash_table_unref (builder->string_offsets);
  g_array_unref (builder->references);
  g_array_unref (builder->video);
  g_array_unref (builder->audio);
  g_ptr_array_unref (builder->sounds);
  g_free (builder->plan);
  g_free (builder);
}

void
weir_bank_builder_set_plan (WeirBankBuilder *builder, const WeirIndexPlan *plan)
{
  g_return_if_fail (weir_index_plan_is_valid (plan));

  g_free (builder->plan);
  builder->plan = g_memdup2 (plan, sizeof (*plan));
}

/* ---- Collect ---- */

static gboolean
check_text (const gchar *text, const gchar *field, GError **error)
{
  gsize length = strlen (text);

  if (length > WEIR_REFERENCE_MAX_TEXT) {
    g_set_error (error, WEIR_BANK_ERROR, WEIR_BANK_ERROR_LIMIT,
        "the %s of a reference has %" G_GSIZE_FORMAT " bytes; shorten it to %d",
        field, length, WEIR_REFERENCE_MAX_TEXT);
    return FALSE;
  }
  if (!g_utf8_validate (text, (gssize) length, NULL)) {
    g_autofree gchar *printable = weir_bank_printable (text);

    g_set_error (error, WEIR_BANK_ERROR, WEIR_BANK_ERROR_LIMIT,
        "the %s '%s' of a reference is not UTF-8; convert it", field,
        printable);
    return FALSE;
  }
  return TRUE;
}

static gboolean
check_room (gsize used, gsize needed, const gchar *what, GError **error)
{
  if (needed <= WEIR_BANK_MAX_RECORDS && used <= WEIR_BANK_MAX_RECORDS - needed)
    return TRUE;
  g_set_error (error, WEIR_BANK_ERROR, WEIR_BANK_ERROR_LIMIT,
      "the bank is full: it holds %d %s; begin another", WEIR_BANK_MAX_RECORDS,
      what);
  return FALSE;
}

static gboolean
check_reference (
    WeirBankBuilder *builder, const WeirReference *reference, GError **error)
{
  const gsize longest_texts = 5 * (WEIR_REFERENCE_MAX_TEXT + 1);

  if (!check_text (reference->id, "id", error) ||
      !check_text (reference->family, "family", error) ||
      !check_text (reference->label, "label", error) ||
      !check_text (reference->list, "list", error) ||
      !check_text (reference->source, "source", error))
    return FALSE;
  if (reference->id[0] == '\0') {
    g_set_error_literal (error, WEIR_BANK_ERROR, WEIR_BANK_ERROR_LIMIT,
        "a reference has no id; give it one");
    return FALSE;
  }
  if (g_hash_table_contains (builder->ids, reference->id)) {
    g_autofree gchar *printable = weir_bank_printable (reference->id);

    g_set_error (error, WEIR_BANK_ERROR, WEIR_BANK_ERROR_LIMIT,
        "the bank has a reference '%s' already; choose another id", printable);
    return FALSE;
  }
  return check_room (builder->references->len, 1, "references", error) &&
         check_room (
             builder->strings->len, longest_texts, "bytes of text", error);
}

static guint32
add_string (WeirBankBuilder *builder, const gchar *text)
{
  guint32 offset = builder->strings->len;
  gpointer known;

  if (g_hash_table_lookup_extended (
          builder->string_offsets, text, NULL, &known))
    return GPOINTER_TO_UINT (known);
  g_byte_array_append (
      builder->strings, (const guint8 *) text, (guint) strlen (text) + 1);
  g_hash_table_insert (
      builder->string_offsets, g_strdup (text), GUINT_TO_POINTER (offset));
  return offset;
}

gboolean
weir_bank_builder_add_reference (WeirBankBuilder *builder,
    const WeirReference *reference, guint32 *index, GError **error)
{
  WeirBankReferenceRecord record = { 0 };
  gpointer id = NULL;

  g_return_val_if_fail (
      (guint) reference->opinion <= WEIR_OPINION_DISPUTED, FALSE);
  g_return_val_if_fail (
      (guint) reference->max_action <= WEIR_ACTION_CUT, FALSE);

  if (!check_reference (builder, reference, error))
    return FALSE;
  record.id = add_string (builder, reference->id);
  record.family = add_string (builder, reference->family);
  record.label = add_string (builder, reference->label);
  record.list = add_string (builder, reference->list);
  record.source = add_string (builder, reference->source);
  record.opinion = (guint8) reference->opinion;
  record.max_action = (guint8) reference->max_action;
  record.added = reference->added;
  record.duration = reference->duration;
  record.not_before = reference->not_before;
  record.not_after = reference->not_after;
  record.flags = reference->benign ? WEIR_BANK_REFERENCE_BENIGN : 0;
  g_hash_table_lookup_extended (
      builder->string_offsets, reference->id, &id, NULL);
  g_hash_table_add (builder->ids, id);
  *index = builder->references->len;
  g_array_append_val (builder->references, record);
  g_ptr_array_add (builder->sounds, NULL);
  return TRUE;
}

guint32
weir_bank_builder_get_n_references (const WeirBankBuilder *builder)
{
  return builder->references->len;
}

void
weir_bank_builder_set_duration (
    WeirBankBuilder *builder, guint32 index, guint64 duration)
{
  g_return_if_fail (index < builder->references->len);

  g_array_index (builder->references, WeirBankReferenceRecord, index).duration =
      duration;
}

gboolean
weir_bank_builder_add_video (WeirBankBuilder *builder, guint32 index,
    const WeirPdqHash *hash, WeirView view, guint quality, guint32 time,
    GError **error)
{
  WeirVideoEntry entry = {
    .hash = *hash,
    .info = { .reference = index,
        .time = time,
        .quality = (guint8) quality,
        .view = (guint8) view },
  };

  g_return_val_if_fail (index < builder->references->len, FALSE);
  g_return_val_if_fail (quality <= 100, FALSE);
  g_return_val_if_fail ((guint) view < WEIR_N_VIEWS, FALSE);

  if (!check_room (builder->video->len, 1, "video fingerprints", error))
    return FALSE;
  g_array_append_val (builder->video, entry);
  return TRUE;
}

gboolean
weir_bank_builder_add_audio (WeirBankBuilder *builder, guint32 index,
    guint32 key, guint32 time, GError **error)
{
  WeirAudioEntry entry = {
    .key = key,
    .reference = index,
    .time = time,
  };

  g_return_val_if_fail (index < builder->references->len, FALSE);

  if (!check_room (builder->audio->len, 1, "audio fingerprints", error))
    return FALSE;
  g_array_append_val (builder->audio, entry);
  return TRUE;
}

/* Most references of a list have none. */
static GArray *
get_sound (WeirBankBuilder *builder, guint32 index)
{
  GArray **sound = (GArray **) &g_ptr_array_index (builder->sounds, index);

  if (!*sound)
    *sound = g_array_new (FALSE, TRUE, sizeof (WeirSoundStep));
  return *sound;
}

gboolean
weir_bank_builder_add_sound_steps (WeirBankBuilder *builder, guint32 index,
    guint32 time, const WeirSoundStep *steps, guint n_steps, GError **error)
{
  const guint step_ms = WEIR_SOUND_STEP / 1000000;
  guint first = (guint) (((guint64) time + step_ms / 2) / step_ms);
  guint n_known, n_gap, n_skipped, i;
  GArray *sound;

  g_return_val_if_fail (index < builder->references->len, FALSE);

  sound = get_sound (builder, index);
  n_known = sound->len;
  n_gap = first > n_known ? first - n_known : 0;
  n_skipped = MIN (first < n_known ? n_known - first : 0, n_steps);
  if (!check_room (
          builder->n_steps, (gsize) n_gap + n_steps, "steps of sound", error))
    return FALSE;
  g_array_set_size (sound, n_known + n_gap);
  for (i = n_known; i < sound->len; i++)
    memset (g_array_index (sound, WeirSoundStep, i).peaks, WEIR_SOUND_NO_PEAK,
        sizeof (steps->peaks));
  if (n_skipped < n_steps)
    g_array_append_vals (sound, steps + n_skipped, n_steps - n_skipped);
  builder->n_steps += sound->len - n_known;
  return TRUE;
}

/* ---- Order ---- */

/* Compares the ids of two references, by their numbers. */
static gint
compare_ids (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const WeirBankBuilder *builder = user_data;
  const gchar *strings = (const gchar *) builder->strings->data;
  const WeirBankReferenceRecord *records =
      (const WeirBankReferenceRecord *) builder->references->data;

  return strcmp (strings + records[*(const guint32 *) a].id,
      strings + records[*(const guint32 *) b].id);
}

/* The numbers of all references in ascending order of their ids. */
static GArray *
order_references (WeirBankBuilder *builder)
{
  GArray *order = g_array_sized_new (
      FALSE, FALSE, sizeof (guint32), builder->references->len);

  for (guint32 i = 0; i < builder->references->len; i++)
    g_array_append_val (order, i);
  g_array_sort_with_data (order, compare_ids, builder);
  return order;
}

/* ---- Write ---- */

typedef struct {
  WeirBankBuilder *builder;
  WeirVideoOrder video;
  GArray *references;   /* guint32, in the order of their ids */
  GArray *spans;        /* WeirBankReferenceSpan */
  GArray *times;        /* guint32, of the spans */
  GArray *audio_starts; /* guint32 */
  GArray *audio_blocks; /* WeirBankAudioBlock */
} Writing;

static void
put_table (WeirBankWriter *writer, const WeirIndexTable *table)
{
  weir_bank_writer_begin_section (writer, WEIR_BANK_SECTION_VIDEO_TABLE);
  weir_bank_writer_put (writer, &table->header, sizeof (table->header));
  weir_bank_writer_put (writer, table->buckets->data,
      table->buckets->len * sizeof (WeirBankBucket));
  weir_bank_writer_put (
      writer, table->units->data, table->units->len * sizeof (guint16));
  weir_bank_writer_put (
      writer, table->ids->data, table->ids->len * sizeof (guint32));
  weir_bank_writer_end_section (writer);
}

/* One table at a time is in memory. */
static void
put_tables (WeirBankWriter *writer, const WeirVideoOrder *video)
{
  const WeirPdqHash *hashes = (const WeirPdqHash *) video->hashes->data;
  WeirIndexTable table;
  guint i, j;

  weir_index_table_init (&table);
  for (i = 0; i < video->parts->len; i++) {
    const WeirBankVideoPart *part =
        &g_array_index (video->parts, WeirBankVideoPart, i);

    for (j = 0; j < part->n_tables; j++) {
      weir_index_table_build (
          &table, hashes, part->n_hashes, &video->plans[i], j);
      put_table (writer, &table);
    }
    hashes += part->n_hashes;
  }
  weir_index_table_clear (&table);
}

/* A section of a whole array. */
static void
put_array (WeirBankWriter *writer, WeirBankSectionType type, GArray *array)
{
  weir_bank_writer_put_column (
      writer, type, array, 0, g_array_get_element_size (array));
}

static void
put_sound (WeirBankWriter *writer, const WeirBankBuilder *builder)
{
  WeirBankSoundSpan span = { 0 };
  guint i;

  weir_bank_writer_begin_section (writer, WEIR_BANK_SECTION_SOUND_SPANS);
  for (i = 0; i < builder->sounds->len; i++) {
    const GArray *sound = g_ptr_array_index (builder->sounds, i);

    span.n_steps = sound ? sound->len : 0;
    weir_bank_writer_put (writer, &span, sizeof (span));
    span.first += span.n_steps;
  }
  weir_bank_writer_end_section (writer);
  weir_bank_writer_begin_section (writer, WEIR_BANK_SECTION_SOUND_STEPS);
  for (i = 0; i < builder->sounds->len; i++) {
    const GArray *sound = g_ptr_array_index (builder->sounds, i);

    if (sound)
      weir_bank_writer_put (
          writer, sound->data, sound->len * sizeof (WeirSoundStep));
  }
  weir_bank_writer_end_section (writer);
}

static void
put_sections (WeirBankWriter *writer, gpointer user_data)
{
  const Writing *writing = user_data;
  const WeirBankBuilder *builder = writing->builder;
  const WeirVideoOrder *video = &writing->video;

  weir_bank_writer_begin_section (writer, WEIR_BANK_SECTION_STRINGS);
  weir_bank_writer_put (writer, builder->strings->data, builder->strings->len);
  weir_bank_writer_end_section (writer);
  put_array (writer, WEIR_BANK_SECTION_REFERENCES, builder->references);
  put_array (writer, WEIR_BANK_SECTION_VIDEO_HASHES, video->hashes);
  put_array (writer, WEIR_BANK_SECTION_VIDEO_STARTS, video->starts);
  weir_bank_writer_put_column (writer, WEIR_BANK_SECTION_VIDEO_INFOS,
      builder->video, G_STRUCT_OFFSET (WeirVideoEntry, info),
      sizeof (WeirBankVideoInfo));
  weir_bank_writer_put_column (writer, WEIR_BANK_SECTION_AUDIO_KEYS,
      builder->audio, G_STRUCT_OFFSET (WeirAudioEntry, key), sizeof (guint32));
  weir_audio_order_put_postings (writer, builder->audio, writing->audio_blocks);
  put_array (writer, WEIR_BANK_SECTION_REFERENCE_ORDER, writing->references);
  put_array (writer, WEIR_BANK_SECTION_REFERENCE_SPANS, writing->spans);
  put_array (writer, WEIR_BANK_SECTION_VIDEO_TIMES, writing->times);
  put_array (writer, WEIR_BANK_SECTION_AUDIO_STARTS, writing->audio_starts);
  put_array (writer, WEIR_BANK_SECTION_AUDIO_BLOCKS, writing->audio_blocks);
  put_array (writer, WEIR_BANK_SECTION_VIDEO_PARTS, video->parts);
  put_tables (writer, video);
  if (builder->n_steps > 0)
    put_sound (writer, builder);
}

static guint
count_sections (const WeirBankBuilder *builder, const WeirVideoOrder *video)
{
  guint n = WEIR_BANK_N_SECTIONS + (builder->n_steps > 0 ? 2 : 0);

  for (guint i = 0; i < video->parts->len; i++)
    n += g_array_index (video->parts, WeirBankVideoPart, i).n_tables;
  return n;
}

/* Puts everything into its order and writes it; 0 or errno. */
static gint
write_file (WeirBankBuilder *builder, GArray *audio_blocks, const gchar *path,
    gint64 created)
{
  Writing writing = { .builder = builder, .audio_blocks = audio_blocks };
  gint failure;

  /* First, as long as frames lie in the order of their times. */
  writing.spans = weir_coverage_build (
      builder->video, builder->audio, builder->references->len, &writing.times);
  weir_audio_order_sort (builder->audio);
  weir_video_order_init (&writing.video, builder->video, builder->plan);
  writing.references = order_references (builder);
  writing.audio_starts = weir_audio_order_get_starts (builder->audio);
  failure = weir_bank_write_file (path, created,
      count_sections (builder, &writing.video), put_sections, &writing);
  weir_video_order_clear (&writing.video);
  g_array_unref (writing.references);
  g_array_unref (writing.spans);
  g_array_unref (writing.times);
  g_array_unref (writing.audio_starts);
  return failure;
}

gboolean
weir_bank_builder_write (
    WeirBankBuilder *builder, const gchar *path, gint64 created, GError **error)
{
  g_autoptr (GArray) audio_blocks = NULL;
  gint failure;

  g_return_val_if_fail (path != NULL, FALSE);

#if G_BYTE_ORDER != G_LITTLE_ENDIAN
  g_set_error_literal (error, WEIR_BANK_ERROR, WEIR_BANK_ERROR_ENDIAN,
      "banks are written on little-endian machines only");
  return FALSE;
#endif
  audio_blocks = weir_audio_order_get_blocks (builder->audio);
  if (audio_blocks->len > WEIR_BANK_MAX_AUDIO_BLOCKS) {
    g_set_error (error, WEIR_BANK_ERROR, WEIR_BANK_ERROR_LIMIT,
        "the bank is full: its sound is in %u pieces of 16 s, and %u fit; "
        "make two banks of it",
        audio_blocks->len, WEIR_BANK_MAX_AUDIO_BLOCKS);
    return FALSE;
  }
  failure = write_file (builder, audio_blocks, path, created);
  if (failure != 0) {
    g_autofree gchar *printable = weir_bank_printable (path);

    g_set_error (error, WEIR_BANK_ERROR, WEIR_BANK_ERROR_FILE,
        "'%s' cannot be written: %s%s", printable, g_strerror (failure),
        failure == ENOENT ? "; make its folder first" : "");
    return FALSE;
  }
  return TRUE;
}
