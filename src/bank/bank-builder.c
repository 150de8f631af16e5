/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Collects a bank in memory and writes it as one file, in an order that does
 * not depend on the order in which fingerprints were added.
 */
#include "bank/bank-builder.h"

#include "bank/bank-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

/* Each as it lies in memory until it is written, column by column. */
typedef struct {
  WeirPdqHash hash;
  WeirBankVideoInfo info;
} VideoEntry;

typedef struct {
  guint32 key;
  WeirBankAudioPosting posting;
} AudioEntry;

struct _WeirBankBuilder {
  GByteArray *strings;
  GHashTable *string_offsets; /* text -> offset: equal texts are kept once */
  GHashTable *ids;
  GArray *references; /* WeirBankReferenceRecord */
  GArray *video;      /* VideoEntry */
  GArray *audio;      /* AudioEntry */
};

WeirBankBuilder *
weir_bank_builder_new (void)
{
  WeirBankBuilder *builder = g_new0 (WeirBankBuilder, 1);

  builder->strings = g_byte_array_new ();
  builder->string_offsets =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  builder->ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  builder->references =
      g_array_new (FALSE, FALSE, sizeof (WeirBankReferenceRecord));
  builder->video = g_array_new (FALSE, FALSE, sizeof (VideoEntry));
  builder->audio = g_array_new (FALSE, FALSE, sizeof (AudioEntry));
  return builder;
}

void
weir_bank_builder_free (WeirBankBuilder *builder)
{
  g_byte_array_unref (builder->strings);
  g_hash_table_unref (builder->string_offsets);
  g_hash_table_unref (builder->ids);
  g_array_unref (builder->references);
  g_array_unref (builder->video);
  g_array_unref (builder->audio);
  g_free (builder);
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
  g_hash_table_add (builder->ids, g_strdup (reference->id));
  *index = builder->references->len;
  g_array_append_val (builder->references, record);
  return TRUE;
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
  VideoEntry entry = {
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
  AudioEntry entry = {
    .key = key,
    .posting = { .reference = index, .time = time },
  };

  g_return_val_if_fail (index < builder->references->len, FALSE);

  if (!check_room (builder->audio->len, 1, "audio fingerprints", error))
    return FALSE;
  g_array_append_val (builder->audio, entry);
  return TRUE;
}

/* ---- Order ---- */

static gint
compare_numbers (guint64 a, guint64 b)
{
  return (a > b) - (a < b);
}

/* By reference, then time; the rest only makes the order total. */
static gint
compare_video (gconstpointer a, gconstpointer b)
{
  const VideoEntry *first = a;
  const VideoEntry *second = b;
  gint order = compare_numbers (first->info.reference, second->info.reference);
  guint i;

  if (order == 0)
    order = compare_numbers (first->info.time, second->info.time);
  for (i = 0; order == 0 && i < G_N_ELEMENTS (first->hash.words); i++)
    order = compare_numbers (first->hash.words[i], second->hash.words[i]);
  if (order == 0)
    order = compare_numbers (first->info.quality, second->info.quality);
  if (order == 0)
    order = compare_numbers (first->info.view, second->info.view);
  return order;
}

static gint
compare_audio (gconstpointer a, gconstpointer b)
{
  const AudioEntry *first = a;
  const AudioEntry *second = b;
  gint order = compare_numbers (first->key, second->key);

  if (order == 0)
    order =
        compare_numbers (first->posting.reference, second->posting.reference);
  if (order == 0)
    order = compare_numbers (first->posting.time, second->posting.time);
  return order;
}

/* ---- Write ---- */

/* The header with its table, as the two lie in the file. */
typedef struct {
  WeirBankHeader header;
  WeirBankSection sections[WEIR_BANK_N_SECTIONS];
} Head;

G_STATIC_ASSERT (
    sizeof (Head) ==
    sizeof (WeirBankHeader) + WEIR_BANK_N_SECTIONS * sizeof (WeirBankSection));

typedef struct {
  FILE *stream;
  guint64 offset;
  gint failure; /* errno of the first write that failed; none is tried after */
  GChecksum *digest;
  WeirBankSection *section; /* being written */
} Writer;

static void
put (Writer *writer, gconstpointer data, gsize length)
{
  if (writer->failure == 0 && length > 0 &&
      fwrite (data, length, 1, writer->stream) != 1)
    writer->failure = errno;
  writer->offset += length;
}

static void
put_content (Writer *writer, gconstpointer data, gsize length)
{
  WeirBankSection *section = writer->section;

  put (writer, data, length);
  if (length == 0)
    return;
  g_checksum_update (writer->digest, data, (gssize) length);
  section->checksum = (guint32) crc32_z (section->checksum, data, length);
}

static void
begin_section (
    Writer *writer, WeirBankSection *section, WeirBankSectionType type)
{
  static const guint8 zeros[WEIR_BANK_ALIGNMENT] = { 0 };
  gsize beyond = writer->offset % WEIR_BANK_ALIGNMENT;

  if (beyond > 0)
    put (writer, zeros, WEIR_BANK_ALIGNMENT - beyond);
  writer->section = section;
  section->type = type;
  section->offset = writer->offset;
  g_checksum_update (
      writer->digest, (const guchar *) &section->type, sizeof (section->type));
}

static void
end_section (Writer *writer)
{
  WeirBankSection *section = writer->section;

  section->length = writer->offset - section->offset;
  g_checksum_update (writer->digest, (const guchar *) &section->length,
      sizeof (section->length));
}

/* Writes @length bytes at @offset of each of the @n entries of @size bytes. */
static void
put_column (Writer *writer, WeirBankSection *section, WeirBankSectionType type,
    GArray *entries, gsize offset, gsize length)
{
  const gsize size = g_array_get_element_size ((GArray *) entries);
  guint i;

  begin_section (writer, section, type);
  for (i = 0; i < entries->len; i++)
    put_content (writer, entries->data + i * size + offset, length);
  end_section (writer);
}

static void
put_sections (Writer *writer, WeirBankBuilder *builder, Head *head)
{
  WeirBankSection *section = head->sections;

  begin_section (writer, section, WEIR_BANK_SECTION_STRINGS);
  put_content (writer, builder->strings->data, builder->strings->len);
  end_section (writer);
  put_column (writer, ++section, WEIR_BANK_SECTION_REFERENCES,
      builder->references, 0, sizeof (WeirBankReferenceRecord));
  put_column (writer, ++section, WEIR_BANK_SECTION_VIDEO_HASHES, builder->video,
      G_STRUCT_OFFSET (VideoEntry, hash), sizeof (WeirPdqHash));
  put_column (writer, ++section, WEIR_BANK_SECTION_VIDEO_INFOS, builder->video,
      G_STRUCT_OFFSET (VideoEntry, info), sizeof (WeirBankVideoInfo));
  put_column (writer, ++section, WEIR_BANK_SECTION_AUDIO_KEYS, builder->audio,
      G_STRUCT_OFFSET (AudioEntry, key), sizeof (guint32));
  put_column (writer, ++section, WEIR_BANK_SECTION_AUDIO_POSTINGS,
      builder->audio, G_STRUCT_OFFSET (AudioEntry, posting),
      sizeof (WeirBankAudioPosting));
}

/* Writes all to @stream and through to the disk; 0 or errno. */
static gint
write_stream (WeirBankBuilder *builder, FILE *stream, gint64 created)
{
  g_autoptr (GChecksum) digest = g_checksum_new (G_CHECKSUM_SHA256);
  Writer writer = { .stream = stream, .digest = digest };
  Head head = { 0 };
  gsize digest_length = sizeof (head.header.digest);

  /* The head is known only at the end: hold its place. */
  put (&writer, &head, sizeof (head));
  put_sections (&writer, builder, &head);

  memcpy (head.header.magic, WEIR_BANK_MAGIC, WEIR_BANK_MAGIC_LENGTH);
  head.header.version = WEIR_BANK_FORMAT_VERSION;
  head.header.byte_order = WEIR_BANK_BYTE_ORDER_MARK;
  head.header.file_size = writer.offset;
  head.header.created = created;
  head.header.n_sections = WEIR_BANK_N_SECTIONS;
  g_checksum_get_digest (digest, head.header.digest, &digest_length);
  head.header.checksum = weir_bank_header_compute_checksum (&head.header);

  if (writer.failure == 0 && fseek (stream, 0, SEEK_SET) != 0)
    writer.failure = errno;
  put (&writer, &head, sizeof (head));
  if (writer.failure == 0 &&
      (fflush (stream) != 0 || fsync (fileno (stream)) != 0))
    writer.failure = errno;
  return writer.failure;
}

/* Creates the file that @template names and writes it; 0 or errno, and no file
 * is left then. */
static gint
write_temporary (WeirBankBuilder *builder, gchar *template, gint64 created)
{
  gint descriptor = g_mkstemp_full (template, O_WRONLY | O_CLOEXEC, 0644);
  FILE *stream;
  gint failure;

  if (descriptor < 0)
    return errno;
  stream = fdopen (descriptor, "wb");
  if (stream == NULL) {
    failure = errno;
    g_close (descriptor, NULL);
  } else {
    failure = write_stream (builder, stream, created);
    if (fclose (stream) != 0 && failure == 0)
      failure = errno;
  }
  if (failure != 0)
    g_unlink (template);
  return failure;
}

/* Makes a rename in @path last through a loss of power; 0 or errno. */
static gint
sync_directory (const gchar *path)
{
  gint descriptor = g_open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  gint failure = 0;

  if (descriptor < 0)
    return errno;
  /* Some file systems have nothing to sync and say so. */
  if (fsync (descriptor) != 0 && errno != EINVAL && errno != ENOTSUP)
    failure = errno;
  g_close (descriptor, NULL);
  return failure;
}

/* A rename would put a file in the place of a device or a FIFO. */
static gint
check_target (const gchar *path)
{
  GStatBuf status;

  if (g_stat (path, &status) != 0 || S_ISREG (status.st_mode))
    return 0;
  return S_ISDIR (status.st_mode) ? EISDIR : EEXIST;
}

static gint
replace_file (WeirBankBuilder *builder, const gchar *path, gint64 created)
{
  g_autofree gchar *directory = g_path_get_dirname (path);
  g_autofree gchar *temporary =
      g_build_filename (directory, ".weir-XXXXXX", NULL);
  gint failure = check_target (path);

  if (failure == 0)
    failure = write_temporary (builder, temporary, created);
  if (failure != 0)
    return failure;
  if (g_rename (temporary, path) != 0) {
    failure = errno;
    g_unlink (temporary);
    return failure;
  }
  return sync_directory (directory);
}

gboolean
weir_bank_builder_write (
    WeirBankBuilder *builder, const gchar *path, gint64 created, GError **error)
{
  gint failure;

  g_return_val_if_fail (path != NULL, FALSE);

#if G_BYTE_ORDER != G_LITTLE_ENDIAN
  g_set_error_literal (error, WEIR_BANK_ERROR, WEIR_BANK_ERROR_ENDIAN,
      "banks are written on little-endian machines only");
  return FALSE;
#endif
  if (builder->video->len > 1)
    g_array_sort (builder->video, compare_video);
  if (builder->audio->len > 1)
    g_array_sort (builder->audio, compare_audio);

  failure = replace_file (builder, path, created);
  if (failure != 0) {
    g_autofree gchar *printable = weir_bank_printable (path);

    g_set_error (error, WEIR_BANK_ERROR, WEIR_BANK_ERROR_FILE,
        "'%s' cannot be written: %s", printable, g_strerror (failure));
    return FALSE;
  }
  return TRUE;
}
