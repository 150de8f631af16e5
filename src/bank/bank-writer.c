/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sections with their checksums, the digest, a file that replaces another. */
#include "bank/bank-writer.h"

#include "bank/bank-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

/* Bytes of a column that are gathered before they are written. */
#define COLUMN_PIECE 65536

struct _WeirBankWriter {
  FILE *stream;
  guint64 offset;
  gint failure; /* errno of the first write that failed; none is tried after */
  GChecksum *digest;
  WeirBankHeader *header;   /* with its table after it */
  WeirBankSection *section; /* the next, or the one being written */
};

static void
put (WeirBankWriter *writer, gconstpointer data, gsize length)
{
  if (writer->failure == 0 && length > 0 &&
      fwrite (data, length, 1, writer->stream) != 1)
    writer->failure = errno;
  writer->offset += length;
}

/* What follows from the rest is no part of what a bank holds. */
static gboolean
is_digested (const WeirBankSection *section)
{
  switch (section->type) {
    case WEIR_BANK_SECTION_VIDEO_PARTS:
    case WEIR_BANK_SECTION_VIDEO_TABLE:
    case WEIR_BANK_SECTION_REFERENCE_ORDER:
    case WEIR_BANK_SECTION_REFERENCE_SPANS:
    case WEIR_BANK_SECTION_VIDEO_TIMES:
    case WEIR_BANK_SECTION_AUDIO_STARTS:
      return FALSE;
    default:
      return TRUE;
  }
}

static void
digest (WeirBankWriter *writer, gconstpointer data, gsize length)
{
  if (is_digested (writer->section))
    g_checksum_update (writer->digest, data, (gssize) length);
}

void
weir_bank_writer_put (WeirBankWriter *writer, gconstpointer data, gsize length)
{
  WeirBankSection *section = writer->section;

  put (writer, data, length);
  if (length == 0)
    return;
  digest (writer, data, length);
  section->checksum = (guint32) crc32_z (section->checksum, data, length);
}

void
weir_bank_writer_begin_section (
    WeirBankWriter *writer, WeirBankSectionType type)
{
  static const guint8 zeros[WEIR_BANK_ALIGNMENT] = { 0 };
  WeirBankSection *section = writer->section;
  gsize beyond = writer->offset % WEIR_BANK_ALIGNMENT;

  if (beyond > 0)
    put (writer, zeros, WEIR_BANK_ALIGNMENT - beyond);
  section->type = type;
  section->offset = writer->offset;
  digest (writer, &section->type, sizeof (section->type));
}

void
weir_bank_writer_end_section (WeirBankWriter *writer)
{
  WeirBankSection *section = writer->section;

  section->length = writer->offset - section->offset;
  digest (writer, &section->length, sizeof (section->length));
  writer->section++;
}

void
weir_bank_writer_put_column (WeirBankWriter *writer, WeirBankSectionType type,
    const GArray *entries, gsize offset, gsize length)
{
  const gsize size = g_array_get_element_size ((GArray *) entries);
  g_autofree guint8 *piece = g_malloc (COLUMN_PIECE);
  gsize filled = 0;

  weir_bank_writer_begin_section (writer, type);
  for (guint i = 0; i < entries->len; i++) {
    if (filled + length > COLUMN_PIECE) {
      weir_bank_writer_put (writer, piece, filled);
      filled = 0;
    }
    memcpy (piece + filled, entries->data + i * size + offset, length);
    filled += length;
  }
  weir_bank_writer_put (writer, piece, filled);
  weir_bank_writer_end_section (writer);
}

static gsize
get_head_size (const WeirBankWriter *writer)
{
  return sizeof (WeirBankHeader) +
         writer->header->n_sections * sizeof (WeirBankSection);
}

/* Writes all and through to the disk; 0 or errno. */
static gint
write_stream (WeirBankWriter *writer, WeirBankPutSections put_sections,
    gpointer user_data)
{
  WeirBankHeader *header = writer->header;
  gsize digest_length = sizeof (header->digest);

  /* The head is known only at the end: hold its place. */
  put (writer, header, get_head_size (writer));
  put_sections (writer, user_data);

  header->file_size = writer->offset;
  g_checksum_get_digest (writer->digest, header->digest, &digest_length);
  header->checksum = weir_bank_header_compute_checksum (header);

  if (writer->failure == 0 && fseek (writer->stream, 0, SEEK_SET) != 0)
    writer->failure = errno;
  put (writer, header, get_head_size (writer));
  if (writer->failure == 0 &&
      (fflush (writer->stream) != 0 || fsync (fileno (writer->stream)) != 0))
    writer->failure = errno;
  return writer->failure;
}

/* Creates the file that @template names and writes it; 0 or errno, and no file
 * is left then. */
static gint
write_temporary (WeirBankWriter *writer, gchar *template,
    WeirBankPutSections put_sections, gpointer user_data)
{
  gint descriptor = g_mkstemp_full (template, O_WRONLY | O_CLOEXEC, 0644);
  gint failure;

  if (descriptor < 0)
    return errno;
  writer->stream = fdopen (descriptor, "wb");
  if (writer->stream == NULL) {
    failure = errno;
    g_close (descriptor, NULL);
  } else {
    failure = write_stream (writer, put_sections, user_data);
    if (fclose (writer->stream) != 0 && failure == 0)
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
replace_file (WeirBankWriter *writer, const gchar *path,
    WeirBankPutSections put_sections, gpointer user_data)
{
  g_autofree gchar *directory = g_path_get_dirname (path);
  g_autofree gchar *temporary =
      g_build_filename (directory, ".weir-XXXXXX", NULL);
  gint failure = check_target (path);

  if (failure == 0)
    failure = write_temporary (writer, temporary, put_sections, user_data);
  if (failure != 0)
    return failure;
  if (g_rename (temporary, path) != 0) {
    failure = errno;
    g_unlink (temporary);
    return failure;
  }
  return sync_directory (directory);
}

gint
weir_bank_write_file (const gchar *path, gint64 created, guint n_sections,
    WeirBankPutSections put_sections, gpointer user_data)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree WeirBankHeader *header = g_malloc0 (
      sizeof (WeirBankHeader) + n_sections * sizeof (WeirBankSection));
  WeirBankWriter writer = {
    .digest = sum,
    .header = header,
    .section = (WeirBankSection *) (header + 1),
  };

  memcpy (header->magic, WEIR_BANK_MAGIC, WEIR_BANK_MAGIC_LENGTH);
  header->version = WEIR_BANK_FORMAT_VERSION;
  header->byte_order = WEIR_BANK_BYTE_ORDER_MARK;
  header->created = created;
  header->n_sections = n_sections;
  return replace_file (&writer, path, put_sections, user_data);
}
