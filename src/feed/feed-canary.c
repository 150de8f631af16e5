/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The canary's fingerprints. */
#include "feed/feed-canary.h"

#include <sodium.h>
#include <string.h>

#define N_HASHES 8
#define INTERVAL 1000 /* ms */
#define QUALITY  100

/* A copy of the canary may differ by so many bits. */
#define RADIUS 31

/* The BLAKE2b-256 of "weir-canary N", its words little-endian. */
static void
make_hash (guint number, WeirPdqHash *hash)
{
  g_autofree gchar *text = g_strdup_printf (WEIR_FEED_CANARY_ID " %u", number);
  guint8 digest[sizeof (*hash)];

  crypto_generichash (
      digest, sizeof (digest), (const guint8 *) text, strlen (text), NULL, 0);
  memcpy (hash, digest, sizeof (*hash));
  for (guint i = 0; i < G_N_ELEMENTS (hash->words); i++)
    hash->words[i] = GUINT64_FROM_LE (hash->words[i]);
}

gboolean
weir_feed_canary_add (WeirBankBuilder *builder, GError **error)
{
  const WeirReference reference = {
    .id = WEIR_FEED_CANARY_ID,
    .family = "",
    .label = "canary",
    .list = "",
    .source = "",
    .duration = N_HASHES * G_GUINT64_CONSTANT (1000000000),
    .opinion = WEIR_OPINION_CONFIRMED,
    .max_action = WEIR_ACTION_NONE,
  };
  guint32 index;

  if (!weir_bank_builder_add_reference (builder, &reference, &index, error))
    return FALSE;
  for (guint i = 0; i < N_HASHES; i++) {
    WeirPdqHash hash;

    make_hash (i, &hash);
    if (!weir_bank_builder_add_video (builder, index, &hash, WEIR_VIEW_PLAIN,
            QUALITY, i * INTERVAL, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
has_hit (const GArray *hits, guint32 reference)
{
  for (guint i = 0; i < hits->len; i++)
    if (g_array_index (hits, WeirVideoHit, i).reference == reference)
      return TRUE;
  return FALSE;
}

gboolean
weir_feed_canary_is_found (const WeirBank *bank)
{
  g_autoptr (GArray) hits = g_array_new (FALSE, FALSE, sizeof (WeirVideoHit));
  guint32 reference;

  if (!weir_bank_find_reference (bank, WEIR_FEED_CANARY_ID, &reference))
    return FALSE;
  for (guint i = 0; i < N_HASHES; i++) {
    WeirPdqHash hash;

    make_hash (i, &hash);
    hash.words[i % 4] ^= G_GUINT64_CONSTANT (0x0101010101010101);
    g_array_set_size (hits, 0);
    weir_bank_lookup_video (bank, &hash, RADIUS, hits);
    if (!has_hit (hits, reference))
      return FALSE;
  }
  return TRUE;
}
