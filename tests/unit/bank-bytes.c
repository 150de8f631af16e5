/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Banks in memory. */
#include "bank-bytes.h"

#include "bank-files.h"

#include "bank/bank-private.h"

#include <zlib.h>

void
bank_bytes_assert_refused (const guint8 *data, gsize size, WeirBankError code)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (WeirBank) bank = weir_bank_open_bytes (bytes, "bytes", &error);

  g_assert_null (bank);
  g_assert_error (error, WEIR_BANK_ERROR, (gint) code);
  bank_files_assert_one_line (error, "bytes");
}

void
bank_bytes_assert_accepted (const guint8 *data, gsize size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (WeirBank) bank = weir_bank_open_bytes (bytes, "bytes", &error);

  g_assert_no_error (error);
  g_assert_nonnull (bank);
}

void
bank_bytes_repair_header (guint8 *data)
{
  WeirBankHeader *header = (WeirBankHeader *) data;

  header->checksum = weir_bank_header_compute_checksum (header);
}

WeirBankSection *
bank_bytes_get_sections (guint8 *data)
{
  return (WeirBankSection *) (data + sizeof (WeirBankHeader));
}

void
bank_bytes_repair (guint8 *data)
{
  const WeirBankHeader *header = (const WeirBankHeader *) data;
  guint i;

  for (i = 0; i < header->n_sections; i++) {
    WeirBankSection *section = &bank_bytes_get_sections (data)[i];

    section->checksum = (guint32) crc32_z (
        0, data + section->offset, (z_size_t) section->length);
  }
  bank_bytes_repair_header (data);
}
