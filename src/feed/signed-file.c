/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signatures in front of what they sign. */
#include "feed/signed-file.h"

#include <string.h>

#define BEGINNING "untrusted comment:"

/* ---- Rings of keys ---- */

void
weir_key_ring_init (WeirKeyRing *ring)
{
  ring->keys = g_array_new (FALSE, FALSE, sizeof (WeirMinisignPublicKey));
  ring->threshold = 1;
}

void
weir_key_ring_clear (WeirKeyRing *ring)
{
  g_clear_pointer (&ring->keys, g_array_unref);
}

void
weir_key_ring_copy (WeirKeyRing *ring, const WeirKeyRing *from)
{
  ring->keys = g_array_copy (from->keys);
  ring->threshold = from->threshold;
}

gboolean
weir_key_ring_add (WeirKeyRing *ring, const WeirMinisignPublicKey *key)
{
  for (guint i = 0; i < ring->keys->len; i++) {
    const WeirMinisignPublicKey *other =
        &g_array_index (ring->keys, WeirMinisignPublicKey, i);

    if (memcmp (other->id, key->id, sizeof (key->id)) == 0 ||
        memcmp (other->key, key->key, sizeof (key->key)) == 0)
      return FALSE;
  }
  g_array_append_vals (ring->keys, key, 1);
  return TRUE;
}

static gboolean
read_key (const gchar *word, WeirMinisignPublicKey *key, GError **error)
{
  g_autofree gchar *text = NULL;
  g_autoptr (GError) reason = NULL;

  if (weir_minisign_parse_public (word, key))
    return TRUE;
  if (g_file_get_contents (word, &text, NULL, &reason))
    return weir_minisign_read_public (text, word, key, error);
  return weir_feed_refuse (error, WEIR_FEED_ERROR_SETTING,
      "'%s' is neither a public key nor a file of one: %s", word,
      reason->message);
}

gboolean
weir_key_ring_parse (WeirKeyRing *ring, const gchar *text, GError **error)
{
  const gchar *first = text;
  g_auto (GStrv) words = NULL;
  gboolean has_threshold = g_ascii_isdigit (text[0]) && text[1] == '/';

  weir_key_ring_init (ring);
  if (has_threshold)
    first += 2;
  words = g_strsplit (first, ",", -1);
  for (guint i = 0; words[i]; i++) {
    WeirMinisignPublicKey key;

    if (!read_key (words[i], &key, error))
      return FALSE;
    if (!weir_key_ring_add (ring, &key))
      return weir_feed_refuse (error, WEIR_FEED_ERROR_SETTING,
          "the key '%s' is named twice; name each once", words[i]);
  }
  ring->threshold = has_threshold ? (guint) (text[0] - '0') : ring->keys->len;
  if (ring->threshold > 0 && ring->threshold <= ring->keys->len)
    return TRUE;
  return weir_feed_refuse (error, WEIR_FEED_ERROR_SETTING,
      "%u of %u keys cannot sign; name as many keys as must sign, or more",
      ring->threshold, ring->keys->len);
}

gchar *
weir_key_ring_format (const WeirKeyRing *ring)
{
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "%u/", ring->threshold);
  for (guint i = 0; i < ring->keys->len; i++) {
    g_autofree gchar *key = weir_minisign_format_public (
        &g_array_index (ring->keys, WeirMinisignPublicKey, i));

    g_string_append_printf (text, "%s%s", i > 0 ? "," : "", key);
  }
  return g_string_free (text, FALSE);
}

/* ---- Files ---- */

/* Takes the signature at @next, if there is one. */
static gboolean
take_signature (
    const gchar **next, const gchar *end, WeirMinisignSignature *signature)
{
  gsize length = (gsize) (end - *next);

  return length > strlen (BEGINNING) &&
         memcmp (*next, BEGINNING, strlen (BEGINNING)) == 0 &&
         weir_minisign_parse_signature (*next, length, signature, next);
}

const gchar *
weir_signed_file_get_content (const gchar *text, gsize length,
    const gchar *name, gsize *content_length, GError **error)
{
  const gchar *next = text;
  WeirMinisignSignature signature;
  guint n = 0;

  while (n <= WEIR_SIGNED_FILE_MAX_SIGNATURES &&
         take_signature (&next, text + length, &signature)) {
    weir_minisign_signature_clear (&signature);
    n++;
  }
  if (n == 0 || n > WEIR_SIGNED_FILE_MAX_SIGNATURES) {
    weir_feed_refuse (error, WEIR_FEED_ERROR_SIGNATURE,
        "%s does not begin with 1 to %d signatures; is the address that of a "
        "feed?",
        name, WEIR_SIGNED_FILE_MAX_SIGNATURES);
    return NULL;
  }
  *content_length = (gsize) (text + length - next);
  return next;
}

/* The number of the key in @ring that made @signature; -1: none did. */
static gint
find_signer (const WeirKeyRing *ring, const WeirMinisignSignature *signature,
    const gchar *content, gsize length)
{
  for (guint i = 0; i < ring->keys->len; i++)
    if (weir_minisign_verify (
            &g_array_index (ring->keys, WeirMinisignPublicKey, i), signature,
            content, length))
      return (gint) i;
  return -1;
}

gboolean
weir_signed_file_verify (const gchar *text, gsize length,
    const WeirKeyRing *ring, const gchar *name, GError **error)
{
  gsize content_length;
  const gchar *content =
      weir_signed_file_get_content (text, length, name, &content_length, error);
  g_autofree gboolean *signed_by = g_new0 (gboolean, ring->keys->len);
  const gchar *next = text;
  WeirMinisignSignature signature;
  guint n_signers = 0;

  if (!content)
    return FALSE;
  while (next < content && take_signature (&next, text + length, &signature)) {
    gint signer = find_signer (ring, &signature, content, content_length);

    weir_minisign_signature_clear (&signature);
    if (signer < 0 || signed_by[signer])
      continue;
    signed_by[signer] = TRUE;
    n_signers++;
  }
  if (n_signers >= ring->threshold && n_signers > 0)
    return TRUE;
  return weir_feed_refuse (error, WEIR_FEED_ERROR_SIGNATURE,
      "%s is signed by %u of the %u keys that must sign it; see whether the "
      "key given for the feed is right",
      name, n_signers, ring->threshold);
}
