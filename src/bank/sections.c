/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The header of a bank file and its table of sections. */
#include "bank/sections.h"

#include "bank/bank-error.h"
#include "bank/bank-private.h"

#include <string.h>
#include <zlib.h>

guint32
weir_bank_header_compute_checksum (const WeirBankHeader *header)
{
  WeirBankHeader copy = *header;
  gsize table_length = header->n_sections * sizeof (WeirBankSection);
  uLong checksum;

  copy.checksum = 0;
  checksum = crc32_z (0, (const Bytef *) &copy, sizeof (copy));
  checksum = crc32_z (checksum, (const Bytef *) (header + 1), table_length);
  return (guint32) checksum;
}

/* What tells a bank of this version from all else. */
static gboolean
check_identity (
    const WeirBankHeader *header, gsize size, const gchar *name, GError **error)
{
  const gsize identity_length = G_STRUCT_OFFSET (WeirBankHeader, file_size);

  if (size == 0)
    return weir_bank_refuse (
        error, WEIR_BANK_ERROR_EMPTY, name, "is empty; copy or build it again");
  if (memcmp (header, WEIR_BANK_MAGIC, MIN (size, WEIR_BANK_MAGIC_LENGTH)) != 0)
    return weir_bank_refuse (error, WEIR_BANK_ERROR_FOREIGN, name,
        "is not a bank; make one with 'weir bank build'");
  if (size < identity_length)
    return weir_bank_refuse (error, WEIR_BANK_ERROR_TRUNCATED, name,
        "ends within its header; copy it again");
  if (header->byte_order == GUINT32_SWAP_LE_BE (WEIR_BANK_BYTE_ORDER_MARK))
    return weir_bank_refuse (error, WEIR_BANK_ERROR_ENDIAN, name,
        "is of the other byte order; banks are written and read on "
        "little-endian machines");
  if (header->byte_order != WEIR_BANK_BYTE_ORDER_MARK || header->version == 0)
    return weir_bank_refuse_damaged (error, name, "start of the header");
  if (header->version < WEIR_BANK_FORMAT_VERSION)
    return weir_bank_refuse (error, WEIR_BANK_ERROR_OLDER, name,
        "has format version %u and this program reads %u; build it again",
        header->version, WEIR_BANK_FORMAT_VERSION);
  if (header->version > WEIR_BANK_FORMAT_VERSION)
    return weir_bank_refuse (error, WEIR_BANK_ERROR_NEWER, name,
        "has format version %u and this program reads %u; update Weir",
        header->version, WEIR_BANK_FORMAT_VERSION);
  return TRUE;
}

static gboolean
check_header (
    const WeirBankHeader *header, gsize size, const gchar *name, GError **error)
{
  if (!check_identity (header, size, name, error))
    return FALSE;
  if (size < sizeof (*header))
    return weir_bank_refuse (error, WEIR_BANK_ERROR_TRUNCATED, name,
        "ends within its header; copy it again");
  if (header->file_size > size)
    return weir_bank_refuse (error, WEIR_BANK_ERROR_TRUNCATED, name,
        "has %" G_GSIZE_FORMAT " bytes of %" G_GUINT64_FORMAT "; copy it again",
        size, header->file_size);
  if (header->file_size < size)
    return weir_bank_refuse_damaged (
        error, name, "longer than its header says");
  if (header->n_sections > WEIR_BANK_MAX_SECTIONS ||
      header->n_sections * sizeof (WeirBankSection) > size - sizeof (*header))
    return weir_bank_refuse_damaged (error, name, "number of sections");
  if (weir_bank_header_compute_checksum (header) != header->checksum)
    return weir_bank_refuse_damaged (error, name, "checksum of the header");
  return TRUE;
}

static gboolean
is_zero (const guint8 *data, gsize length)
{
  gsize i;

  for (i = 0; i < length; i++) {
    if (data[i] != 0)
      return FALSE;
  }
  return TRUE;
}

/* That the sections follow each other with nothing but zeros between, up to
 * the end of the file, and that each holds the bytes it was written with. */
static gboolean
check_places (const WeirBankHeader *header, const gchar *name, GError **error)
{
  const guint8 *data = (const guint8 *) header;
  const WeirBankSection *sections = (const WeirBankSection *) (header + 1);
  const guint64 size = header->file_size;
  guint64 end = sizeof (*header) + header->n_sections * sizeof (*sections);
  guint i;

  for (i = 0; i < header->n_sections; i++) {
    const WeirBankSection *section = &sections[i];

    if (section->offset % WEIR_BANK_ALIGNMENT != 0 || section->offset < end ||
        section->offset > size || section->length > size - section->offset)
      return weir_bank_refuse_damaged (error, name, "place of a section");
    if (!is_zero (data + end, section->offset - end))
      return weir_bank_refuse_damaged (error, name, "gap between sections");
    if (crc32_z (0, data + section->offset, section->length) !=
        section->checksum)
      return weir_bank_refuse_damaged (error, name, "checksum of a section");
    end = section->offset + section->length;
  }
  if (end != size)
    return weir_bank_refuse_damaged (
        error, name, "bytes after the last section");
  return TRUE;
}

gboolean
weir_bank_sections_check (
    const WeirBankHeader *header, gsize size, const gchar *name, GError **error)
{
  return check_header (header, size, name, error) &&
         check_places (header, name, error);
}

gboolean
weir_bank_sections_find (const WeirBankHeader *header, WeirBankSectionType type,
    gsize record_size, gconstpointer *records, gsize *n, const gchar *name,
    GError **error)
{
  const WeirBankSection *sections = (const WeirBankSection *) (header + 1);
  const WeirBankSection *found = NULL;
  guint i;

  for (i = 0; i < header->n_sections; i++) {
    if (sections[i].type != type)
      continue;
    if (found != NULL)
      return weir_bank_refuse_damaged (error, name, "a section is there twice");
    found = &sections[i];
  }
  if (found == NULL)
    return weir_bank_refuse_damaged (error, name, "a section is missing");
  if (found->length % record_size != 0)
    return weir_bank_refuse_damaged (error, name, "length of a section");
  *records = (const guint8 *) header + found->offset;
  *n = found->length / record_size;
  if (*n > WEIR_BANK_MAX_RECORDS)
    return weir_bank_refuse (error, WEIR_BANK_ERROR_LIMIT, name,
        "holds more than %d records of one kind; split it",
        WEIR_BANK_MAX_RECORDS);
  return TRUE;
}

gboolean
weir_bank_sections_have (const WeirBankHeader *header, WeirBankSectionType type)
{
  const WeirBankSection *sections = (const WeirBankSection *) (header + 1);
  guint i;

  for (i = 0; i < header->n_sections; i++) {
    if (sections[i].type == type)
      return TRUE;
  }
  return FALSE;
}
