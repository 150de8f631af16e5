/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who may publish: bearer tokens (RFC 6750), and which of them were cut.
 * Tokens are kept and compared as digests, each against every one known, so
 * that the time it takes says nothing of how much of a guess was right.
 *
 * Not thread-safe: for the thread of the HTTP server alone.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _IngestTokens IngestTokens;

typedef enum {
  INGEST_ACCESS_GRANTED,
  INGEST_ACCESS_UNKNOWN, /* no token, or none that is known */
  INGEST_ACCESS_DENIED,  /* known, and cut a short while ago */
} IngestAccess;

/* Nobody may publish yet. Free with ingest_tokens_free(). */
IngestTokens *ingest_tokens_new (void);
void ingest_tokens_free (IngestTokens *tokens);

/* @name stands for the token in events; NULL: the first digits of its digest.
 * FALSE when @token is not one: 1 to 256 of RFC 6750's characters. */
gboolean ingest_tokens_add (
    IngestTokens *tokens, const gchar *token, const gchar *name);

/* A token a line, behind it, if anything, a blank and its name. Empty lines
 * and those that begin with # say nothing. FALSE with a one-line @error. */
gboolean ingest_tokens_load (
    IngestTokens *tokens, const gchar *path, GError **error);

guint ingest_tokens_get_n (const IngestTokens *tokens);

/* Anybody may publish, and is known by the address alone. */
void ingest_tokens_set_open (IngestTokens *tokens, gboolean open);

/* What the field Authorization (NULL: there is none) of a request from @address
 * may do at @now (us, any clock that only goes forward). @publisher, to be
 * freed, is set unless access is UNKNOWN, to a name that is the same for the
 * same token. @wait (s) says for how long it is still denied. */
IngestAccess ingest_tokens_check (IngestTokens *tokens,
    const gchar *authorization, const gchar *address, gint64 now,
    gchar **publisher, guint *wait);

/* From @now on @publisher is denied for @seconds. */
void ingest_tokens_deny (
    IngestTokens *tokens, const gchar *publisher, gint64 now, guint seconds);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (IngestTokens, ingest_tokens_free)

G_END_DECLS
