/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Keys and signatures as minisign has them (F. Denis, "Minisign", file formats
 * of version 0.11): Ed25519 (RFC 8032) over the BLAKE2b-512 of the message, so
 * that `minisign -V` checks what is signed here, and what `minisign -S` signs is
 * taken. Thread-safe.
 */
#pragma once

#include "feed/feed-error.h"

G_BEGIN_DECLS

#define WEIR_MINISIGN_ID_LENGTH        8
#define WEIR_MINISIGN_KEY_LENGTH       32
#define WEIR_MINISIGN_SECRET_LENGTH    64
#define WEIR_MINISIGN_SIGNATURE_LENGTH 64

typedef struct {
  guint8 id[WEIR_MINISIGN_ID_LENGTH];
  guint8 key[WEIR_MINISIGN_KEY_LENGTH];
} WeirMinisignPublicKey;

typedef struct {
  guint8 id[WEIR_MINISIGN_ID_LENGTH];
  guint8 key[WEIR_MINISIGN_SECRET_LENGTH];
} WeirMinisignSecretKey;

/* A signature and the comment that it vouches for. */
typedef struct {
  guint8 id[WEIR_MINISIGN_ID_LENGTH];
  guint8 signature[WEIR_MINISIGN_SIGNATURE_LENGTH];
  guint8 global[WEIR_MINISIGN_SIGNATURE_LENGTH]; /* of that and the comment */
  gchar *comment;
} WeirMinisignSignature;

/* Reads a public key in its base64 form ("RW..."). */
gboolean weir_minisign_parse_public (
    const gchar *text, WeirMinisignPublicKey *key);

/* The same as text. Free with g_free(). */
gchar *weir_minisign_format_public (const WeirMinisignPublicKey *key);

/* Makes a new pair. */
void weir_minisign_generate (
    WeirMinisignPublicKey *public_key, WeirMinisignSecretKey *secret_key);

/* What is in files: @text is theirs. A secret key that is encrypted is refused.
 * FALSE with a one-line @error of WEIR_FEED_ERROR, in which @name stands for the
 * file. */
gboolean weir_minisign_read_public (const gchar *text, const gchar *name,
    WeirMinisignPublicKey *key, GError **error);
gboolean weir_minisign_read_secret (const gchar *text, const gchar *name,
    WeirMinisignSecretKey *key, GError **error);

/* The contents of files of keys, the secret one not encrypted. Free with
 * g_free(). */
gchar *weir_minisign_write_public (const WeirMinisignPublicKey *key);
gchar *weir_minisign_write_secret (const WeirMinisignSecretKey *key);

void weir_minisign_get_public (
    const WeirMinisignSecretKey *secret_key, WeirMinisignPublicKey *public_key);

/* Signs @length bytes at @message: the four lines of a signature file, with
 * @comment (one line, no control characters). Free with g_free(). */
gchar *weir_minisign_sign (const WeirMinisignSecretKey *key,
    gconstpointer message, gsize length, const gchar *comment);

/* Reads the four lines of a signature at @text and puts where they end into
 * @end. FALSE when that is none. Clear @signature after TRUE. */
gboolean weir_minisign_parse_signature (const gchar *text, gsize length,
    WeirMinisignSignature *signature, const gchar **end);
void weir_minisign_signature_clear (WeirMinisignSignature *signature);

/* Whether @signature is @key's, of the message and of its own comment. */
gboolean weir_minisign_verify (const WeirMinisignPublicKey *key,
    const WeirMinisignSignature *signature, gconstpointer message,
    gsize length);

/* Must be called once before any other of these. FALSE when there is no source
 * of random numbers. */
gboolean weir_minisign_init (void);

G_END_DECLS
