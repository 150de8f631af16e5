/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bearer tokens, as digests, and for how long they are denied. */

#include "tokens.h"

#include <gio/gio.h>
#include <string.h>

#define TOKEN_SIZE_MAX 256
#define DIGEST_SIZE    32 /* of SHA-256 */
#define NAME_DIGITS    12
/* With so many denied at a time, the one that has the least to wait goes. */
#define DENIED_MAX 65536

typedef struct {
  guint8 digest[DIGEST_SIZE];
  gchar *name;
} Token;

struct _IngestTokens {
  GArray *known; /* of Token */
  gboolean open;
  GHashTable *denied; /* publisher -> gint64, us: until when */
};

static void
clear_token (gpointer token)
{
  g_free (((Token *) token)->name);
}

IngestTokens *
ingest_tokens_new (void)
{
  IngestTokens *tokens = g_new0 (IngestTokens, 1);

  tokens->known = g_array_new (FALSE, FALSE, sizeof (Token));
  g_array_set_clear_func (tokens->known, clear_token);
  tokens->denied =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return tokens;
}

void
ingest_tokens_free (IngestTokens *tokens)
{
  g_array_unref (tokens->known);
  g_hash_table_unref (tokens->denied);
  g_free (tokens);
}

/* The syntax "b64token" of RFC 6750, section 2.1. */
static gboolean
is_token (const gchar *text)
{
  gsize length =
      strspn (text, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-._~+/");

  length += strspn (text + length, "=");
  return length > 0 && length <= TOKEN_SIZE_MAX && text[length] == '\0';
}

static void
digest_token (const gchar *text, guint8 *digest)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  gsize size = DIGEST_SIZE;

  g_checksum_update (checksum, (const guchar *) text, -1);
  g_checksum_get_digest (checksum, digest, &size);
}

gboolean
ingest_tokens_add (IngestTokens *tokens, const gchar *text, const gchar *name)
{
  Token token = { 0 };

  if (!is_token (text))
    return FALSE;
  digest_token (text, token.digest);
  if (name) {
    token.name = g_strdup (name);
  } else {
    token.name = g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);
    token.name[NAME_DIGITS] = '\0';
  }
  g_array_append_val (tokens->known, token);
  return TRUE;
}

gboolean
ingest_tokens_load (IngestTokens *tokens, const gchar *path, GError **error)
{
  g_autofree gchar *text = NULL;
  g_auto (GStrv) lines = NULL;
  guint i;

  if (!g_file_get_contents (path, &text, NULL, error))
    return FALSE;
  lines = g_strsplit (text, "\n", -1);
  for (i = 0; lines[i]; i++) {
    gchar *line = g_strstrip (lines[i]);
    gchar *name = line + strcspn (line, " \t");

    if (*line == '\0' || *line == '#')
      continue;
    if (*name)
      *name++ = '\0';
    name = g_strstrip (name);
    if (!ingest_tokens_add (tokens, line, *name ? name : NULL)) {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
          "%s: line %u does not begin with a token (up to %d letters, digits "
          "and -._~+/)",
          path, i + 1, TOKEN_SIZE_MAX);
      return FALSE;
    }
  }
  return TRUE;
}

guint
ingest_tokens_get_n (const IngestTokens *tokens)
{
  return tokens->known->len;
}

void
ingest_tokens_set_open (IngestTokens *tokens, gboolean open)
{
  tokens->open = open;
}

/* The token in a field "Bearer TOKEN", or NULL. */
static const gchar *
get_bearer (const gchar *authorization)
{
  const gchar *token;

  if (!authorization || g_ascii_strncasecmp (authorization, "Bearer ", 7) != 0)
    return NULL;
  token = authorization + 7;
  return is_token (token) ? token : NULL;
}

static const Token *
find_token (const IngestTokens *tokens, const gchar *text)
{
  guint8 digest[DIGEST_SIZE];
  const Token *found = NULL;
  guint i, j;

  digest_token (text, digest);
  for (i = 0; i < tokens->known->len; i++) {
    const Token *token = &g_array_index (tokens->known, Token, i);
    guint8 difference = 0;

    for (j = 0; j < DIGEST_SIZE; j++)
      difference |= token->digest[j] ^ digest[j];
    if (difference == 0)
      found = token;
  }
  return found;
}

/* Seconds, rounded up; 0: none. */
static guint
get_wait (IngestTokens *tokens, const gchar *publisher, gint64 now)
{
  const gint64 *until = g_hash_table_lookup (tokens->denied, publisher);

  if (!until)
    return 0;
  if (*until <= now) {
    g_hash_table_remove (tokens->denied, publisher);
    return 0;
  }
  return (guint) ((*until - now + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC);
}

IngestAccess
ingest_tokens_check (IngestTokens *tokens, const gchar *authorization,
    const gchar *address, gint64 now, gchar **publisher, guint *wait)
{
  const gchar *text = get_bearer (authorization);
  const Token *token = NULL;

  *publisher = NULL;
  *wait = 0;
  if (tokens->open) {
    *publisher = g_strdup (address);
  } else {
    token = text ? find_token (tokens, text) : NULL;
    if (!token)
      return INGEST_ACCESS_UNKNOWN;
    *publisher = g_strdup (token->name);
  }
  *wait = get_wait (tokens, *publisher, now);
  return *wait > 0 ? INGEST_ACCESS_DENIED : INGEST_ACCESS_GRANTED;
}

static void
forget_one (IngestTokens *tokens)
{
  GHashTableIter iter;
  gpointer key, value;
  const gchar *first = NULL;
  gint64 earliest = G_MAXINT64;

  g_hash_table_iter_init (&iter, tokens->denied);
  while (g_hash_table_iter_next (&iter, &key, &value)) {
    if (*(gint64 *) value < earliest) {
      earliest = *(gint64 *) value;
      first = key;
    }
  }
  g_hash_table_remove (tokens->denied, first);
}

void
ingest_tokens_deny (
    IngestTokens *tokens, const gchar *publisher, gint64 now, guint seconds)
{
  gint64 *until = g_new (gint64, 1);

  *until = now + (gint64) seconds * G_USEC_PER_SEC;
  if (g_hash_table_size (tokens->denied) >= DENIED_MAX)
    forget_one (tokens);
  g_hash_table_replace (tokens->denied, g_strdup (publisher), until);
}
