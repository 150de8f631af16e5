/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A signed file: one or more signatures of minisign, four lines each, and after
 * them what they sign, so that one request brings both and they always belong
 * together; see docs/feed.md. Thread-safe.
 */
#pragma once

#include "feed/minisign.h"

G_BEGIN_DECLS

/* More signatures than these are not looked at: such a file is refused. */
#define WEIR_SIGNED_FILE_MAX_SIGNATURES 16

/* Some keys, of which a number must sign. */
typedef struct {
  GArray *keys; /* of WeirMinisignPublicKey, no id twice */
  guint threshold;
} WeirKeyRing;

void weir_key_ring_init (WeirKeyRing *ring);
void weir_key_ring_clear (WeirKeyRing *ring);
void weir_key_ring_copy (WeirKeyRing *ring, const WeirKeyRing *from);

/* FALSE when a key with its id, or itself, is there already. */
gboolean weir_key_ring_add (
    WeirKeyRing *ring, const WeirMinisignPublicKey *key);

/* Reads what a user gives: a key in base64, the path of a file of one, or
 * several separated by commas; before them "N/" when N of them must sign (all of
 * them without it). @ring must be clear. FALSE with a one-line @error. */
gboolean weir_key_ring_parse (
    WeirKeyRing *ring, const gchar *text, GError **error);

/* The same ring as text, whatever form it was given in: "N/KEY,...". Free with
 * g_free(). */
gchar *weir_key_ring_format (const WeirKeyRing *ring);

/* Finds what is signed, @length bytes at @content, without a look at the
 * signatures. NULL with @error when there is none. @name stands for the file in
 * messages. */
const gchar *weir_signed_file_get_content (const gchar *text, gsize length,
    const gchar *name, gsize *content_length, GError **error);

/* Whether enough keys of @ring, each counted once, have signed it. FALSE with
 * @error if not. */
gboolean weir_signed_file_verify (const gchar *text, gsize length,
    const WeirKeyRing *ring, const gchar *name, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (WeirKeyRing, weir_key_ring_clear)

G_END_DECLS
