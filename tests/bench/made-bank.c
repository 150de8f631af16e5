/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes banks of made-up hashes. */
#include "made-bank.h"

#include "bank/bank-builder.h"

#include "../unit/hash-data.h"

#include <stdlib.h>

static void
insist (gboolean done, const GError *error)
{
  if (done)
    return;
  g_printerr ("%s\n", error->message);
  exit (1);
}

static guint32
add_reference (WeirBankBuilder *builder, guint64 seed, guint number)
{
  g_autofree gchar *id =
      g_strdup_printf ("%" G_GUINT64_FORMAT "-%u", seed, number);
  const WeirReference reference = {
    .id = id, .family = "", .label = "", .list = "", .source = ""
  };
  g_autoptr (GError) error = NULL;
  guint32 index = 0;

  insist (weir_bank_builder_add_reference (builder, &reference, &index, &error),
      error);
  return index;
}

void
made_bank_write (const gchar *path, guint64 seed, guint n_hashes)
{
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();
  g_autofree WeirPdqHash *hashes = g_new (WeirPdqHash, n_hashes);
  HashSource source = { seed };
  g_autoptr (GError) error = NULL;
  guint32 index = 0;

  hash_source_fill (&source, hashes, n_hashes, 0);
  for (guint i = 0; i < n_hashes; i++) {
    guint32 time = 100 * (i % MADE_BANK_WORK);

    if (time == 0)
      index = add_reference (builder, seed, i / MADE_BANK_WORK);
    insist (weir_bank_builder_add_video (
                builder, index, &hashes[i], WEIR_VIEW_PLAIN, 100, time, &error),
        error);
  }
  insist (weir_bank_builder_write (builder, path, 0, &error), error);
}
