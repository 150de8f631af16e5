/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys and signatures of minisign, by libsodium. */
#include "feed/minisign.h"

#include <sodium.h>
#include <string.h>

#define UNTRUSTED "untrusted comment: "
#define TRUSTED   "trusted comment: "

/* How keys and signatures begin: Ed25519, prehashed, no password, BLAKE2b. */
#define KEY_ALGORITHM       "Ed"
#define SIGNATURE_ALGORITHM "ED"
#define NO_PASSWORD         "\0\0"
#define CHECKSUM_ALGORITHM  "B2"

#define ALGORITHM_LENGTH 2
#define PUBLIC_LENGTH                                                          \
  (ALGORITHM_LENGTH + WEIR_MINISIGN_ID_LENGTH + WEIR_MINISIGN_KEY_LENGTH)
#define SIGNED_LENGTH                                                          \
  (ALGORITHM_LENGTH + WEIR_MINISIGN_ID_LENGTH + WEIR_MINISIGN_SIGNATURE_LENGTH)

/* A file of a secret key, of bytes alone. */
typedef struct {
  gchar algorithm[ALGORITHM_LENGTH];
  gchar password[ALGORITHM_LENGTH];
  gchar checksum_algorithm[ALGORITHM_LENGTH];
  guint8 salt[32];
  guint8 limits[16];
  WeirMinisignSecretKey key;
  guint8 checksum[32];
} SecretFile;
G_STATIC_ASSERT (sizeof (SecretFile) == 158);

/* Longer lines than these are no keys and signatures. */
#define MAX_LINE 1024

#define HASH_LENGTH 64

gboolean
weir_minisign_init (void)
{
  return sodium_init () >= 0;
}

/* ---- Base64 ---- */

static gchar *
encode (gconstpointer data, gsize length)
{
  return g_base64_encode (data, length);
}

/* Takes exactly @length bytes in their one form. */
static gboolean
decode (const gchar *text, gpointer data, gsize length)
{
  g_autofree gchar *again = NULL;
  gsize decoded = 0;

  if (sodium_base642bin (data, length, text, strlen (text), NULL, &decoded,
          NULL, sodium_base64_VARIANT_ORIGINAL) != 0 ||
      decoded != length)
    return FALSE;
  again = encode (data, length);
  return strcmp (again, text) == 0;
}

/* ---- Keys ---- */

gboolean
weir_minisign_parse_public (const gchar *text, WeirMinisignPublicKey *key)
{
  guint8 bytes[PUBLIC_LENGTH];

  if (!decode (text, bytes, sizeof (bytes)) ||
      memcmp (bytes, KEY_ALGORITHM, ALGORITHM_LENGTH) != 0)
    return FALSE;
  memcpy (key->id, bytes + ALGORITHM_LENGTH, sizeof (key->id));
  memcpy (
      key->key, bytes + ALGORITHM_LENGTH + sizeof (key->id), sizeof (key->key));
  return TRUE;
}

gchar *
weir_minisign_format_public (const WeirMinisignPublicKey *key)
{
  guint8 bytes[PUBLIC_LENGTH];

  memcpy (bytes, KEY_ALGORITHM, ALGORITHM_LENGTH);
  memcpy (bytes + ALGORITHM_LENGTH, key->id, sizeof (key->id));
  memcpy (
      bytes + ALGORITHM_LENGTH + sizeof (key->id), key->key, sizeof (key->key));
  return encode (bytes, sizeof (bytes));
}

void
weir_minisign_generate (
    WeirMinisignPublicKey *public_key, WeirMinisignSecretKey *secret_key)
{
  randombytes_buf (public_key->id, sizeof (public_key->id));
  memcpy (secret_key->id, public_key->id, sizeof (secret_key->id));
  crypto_sign_keypair (public_key->key, secret_key->key);
}

void
weir_minisign_get_public (
    const WeirMinisignSecretKey *secret_key, WeirMinisignPublicKey *public_key)
{
  memcpy (public_key->id, secret_key->id, sizeof (public_key->id));
  crypto_sign_ed25519_sk_to_pk (public_key->key, secret_key->key);
}

/* The second line of a file whose first is a comment. */
static gchar *
take_second_line (const gchar *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", 4);

  if (g_strv_length (lines) < 2 || !g_str_has_prefix (lines[0], UNTRUSTED))
    return NULL;
  return g_strdup (g_strchomp (lines[1]));
}

gboolean
weir_minisign_read_public (const gchar *text, const gchar *name,
    WeirMinisignPublicKey *key, GError **error)
{
  g_autofree gchar *line = take_second_line (text);

  if (line && weir_minisign_parse_public (line, key))
    return TRUE;
  return weir_feed_refuse (error, WEIR_FEED_ERROR_SETTING,
      "'%s' is no public key of minisign; make one with 'weir keygen'", name);
}

gboolean
weir_minisign_read_secret (const gchar *text, const gchar *name,
    WeirMinisignSecretKey *key, GError **error)
{
  g_autofree gchar *line = take_second_line (text);
  SecretFile file;

  if (!line || !decode (line, &file, sizeof (file)) ||
      memcmp (file.algorithm, KEY_ALGORITHM, ALGORITHM_LENGTH) != 0)
    return weir_feed_refuse (error, WEIR_FEED_ERROR_SETTING,
        "'%s' is no secret key of minisign; make one with 'weir keygen'", name);
  if (memcmp (file.password, NO_PASSWORD, ALGORITHM_LENGTH) != 0)
    return weir_feed_refuse (error, WEIR_FEED_ERROR_SETTING,
        "'%s' is encrypted; take the password off with 'minisign -C -W'", name);
  *key = file.key;
  sodium_memzero (&file, sizeof (file));
  sodium_memzero (line, strlen (line));
  return TRUE;
}

/* The id as minisign shows it, the last byte first. */
static gchar *
format_id (const guint8 *id)
{
  GString *text = g_string_new (NULL);

  for (guint i = WEIR_MINISIGN_ID_LENGTH; i-- > 0;)
    g_string_append_printf (text, "%02X", id[i]);
  return g_string_free (text, FALSE);
}

gchar *
weir_minisign_write_public (const WeirMinisignPublicKey *key)
{
  g_autofree gchar *id = format_id (key->id);
  g_autofree gchar *line = weir_minisign_format_public (key);

  return g_strdup_printf (UNTRUSTED "minisign public key %s\n%s\n", id, line);
}

gchar *
weir_minisign_write_secret (const WeirMinisignSecretKey *key)
{
  g_autofree gchar *id = format_id (key->id);
  g_autofree gchar *line = NULL;
  SecretFile file = { .key = *key };
  gchar *text;

  memcpy (file.algorithm, KEY_ALGORITHM, ALGORITHM_LENGTH);
  memcpy (file.password, NO_PASSWORD, ALGORITHM_LENGTH);
  memcpy (file.checksum_algorithm, CHECKSUM_ALGORITHM, ALGORITHM_LENGTH);
  line = encode (&file, sizeof (file));
  text = g_strdup_printf (UNTRUSTED "minisign secret key %s\n%s\n", id, line);
  sodium_memzero (&file, sizeof (file));
  sodium_memzero (line, strlen (line));
  return text;
}

/* ---- Signatures ---- */

static void
hash (gconstpointer message, gsize length, guint8 digest[HASH_LENGTH])
{
  crypto_generichash (digest, HASH_LENGTH, message, length, NULL, 0);
}

/* What the global signature is of. Free with g_free(). */
static guint8 *
join_comment (const guint8 *signature, const gchar *comment, gsize *length)
{
  guint8 *joined;

  *length = WEIR_MINISIGN_SIGNATURE_LENGTH + strlen (comment);
  joined = g_malloc (*length);
  memcpy (joined, signature, WEIR_MINISIGN_SIGNATURE_LENGTH);
  memcpy (joined + WEIR_MINISIGN_SIGNATURE_LENGTH, comment, strlen (comment));
  return joined;
}

gchar *
weir_minisign_sign (const WeirMinisignSecretKey *key, gconstpointer message,
    gsize length, const gchar *comment)
{
  guint8 digest[HASH_LENGTH];
  guint8 bytes[SIGNED_LENGTH];
  guint8 global[WEIR_MINISIGN_SIGNATURE_LENGTH];
  guint8 *signature = bytes + ALGORITHM_LENGTH + WEIR_MINISIGN_ID_LENGTH;
  g_autofree guint8 *joined = NULL;
  g_autofree gchar *line = NULL;
  g_autofree gchar *global_line = NULL;
  gsize joined_length;

  hash (message, length, digest);
  memcpy (bytes, SIGNATURE_ALGORITHM, ALGORITHM_LENGTH);
  memcpy (bytes + ALGORITHM_LENGTH, key->id, WEIR_MINISIGN_ID_LENGTH);
  crypto_sign_detached (signature, NULL, digest, sizeof (digest), key->key);
  joined = join_comment (signature, comment, &joined_length);
  crypto_sign_detached (global, NULL, joined, joined_length, key->key);
  line = encode (bytes, sizeof (bytes));
  global_line = encode (global, sizeof (global));
  return g_strdup_printf (UNTRUSTED "signature of weir\n%s\n" TRUSTED
                                    "%s\n%s\n",
      line, comment, global_line);
}

/* The line at @text, short enough, without its end; NULL: there is none. */
static gchar *
take_line (const gchar **text, const gchar *end)
{
  gsize length = MIN ((gsize) (end - *text), MAX_LINE);
  const gchar *begin = *text;
  const gchar *newline = memchr (begin, '\n', length);

  if (!newline || memchr (begin, '\0', (gsize) (newline - begin)))
    return NULL;
  *text = newline + 1;
  return g_strndup (begin, (gsize) (newline - begin));
}

gboolean
weir_minisign_parse_signature (const gchar *text, gsize length,
    WeirMinisignSignature *signature, const gchar **end)
{
  const gchar *next = text;
  g_autofree gchar *untrusted = take_line (&next, text + length);
  g_autofree gchar *line = take_line (&next, text + length);
  g_autofree gchar *comment = take_line (&next, text + length);
  g_autofree gchar *global = take_line (&next, text + length);
  guint8 bytes[SIGNED_LENGTH];

  if (!untrusted || !line || !comment || !global ||
      !g_str_has_prefix (untrusted, UNTRUSTED) ||
      !g_str_has_prefix (comment, TRUSTED) ||
      !decode (line, bytes, sizeof (bytes)) ||
      memcmp (bytes, SIGNATURE_ALGORITHM, ALGORITHM_LENGTH) != 0 ||
      !decode (global, signature->global, sizeof (signature->global)))
    return FALSE;
  memcpy (signature->id, bytes + ALGORITHM_LENGTH, sizeof (signature->id));
  memcpy (signature->signature,
      bytes + ALGORITHM_LENGTH + WEIR_MINISIGN_ID_LENGTH,
      sizeof (signature->signature));
  signature->comment = g_strdup (comment + strlen (TRUSTED));
  *end = next;
  return TRUE;
}

void
weir_minisign_signature_clear (WeirMinisignSignature *signature)
{
  g_clear_pointer (&signature->comment, g_free);
}

gboolean
weir_minisign_verify (const WeirMinisignPublicKey *key,
    const WeirMinisignSignature *signature, gconstpointer message, gsize length)
{
  guint8 digest[HASH_LENGTH];
  g_autofree guint8 *joined = NULL;
  gsize joined_length;

  if (memcmp (key->id, signature->id, sizeof (key->id)) != 0)
    return FALSE;
  hash (message, length, digest);
  joined =
      join_comment (signature->signature, signature->comment, &joined_length);
  return crypto_sign_verify_detached (
             signature->signature, digest, sizeof (digest), key->key) == 0 &&
         crypto_sign_verify_detached (
             signature->global, joined, joined_length, key->key) == 0;
}
