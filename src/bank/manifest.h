/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The manifest of a folder that is a bank: which files of it are segments of
 * the bank, in which order, and which references are taken back; see
 * docs/bank-format.md. It is replaced as a whole, so that a reader sees a change
 * whole or not at all. Not thread-safe.
 */
#pragma once

#include "bank/bank.h"

G_BEGIN_DECLS

/* Its name in the folder, and how names of segments end. */
#define WEIR_MANIFEST_NAME "MANIFEST"
#define WEIR_BANK_SUFFIX   ".weir"

typedef enum {
  WEIR_MANIFEST_SEGMENT,
  WEIR_MANIFEST_REMOVE, /* out of all segments before */
} WeirManifestKind;

typedef struct {
  WeirManifestKind kind;
  gchar *text;       /* name of a file in the folder, or id of a reference */
  gchar version[17]; /* of a segment, as weir_bank_get_version() */
} WeirManifestEntry;

typedef struct _WeirManifest WeirManifest;

WeirManifest *weir_manifest_new (void);
void weir_manifest_free (WeirManifest *manifest);

guint weir_manifest_get_length (const WeirManifest *manifest);
const WeirManifestEntry *weir_manifest_get (
    const WeirManifest *manifest, guint index);
gboolean weir_manifest_is_equal (const WeirManifest *a, const WeirManifest *b);

/* Appends an entry; @name and @id are copied. */
void weir_manifest_add_segment (
    WeirManifest *manifest, const gchar *name, const gchar *version);
void weir_manifest_add_removal (WeirManifest *manifest, const gchar *id);

/* Until when the bank is up to date, seconds since 1970; 0: for ever. After that
 * its references can only flag: see WeirReference. */
gint64 weir_manifest_get_expires (const WeirManifest *manifest);
void weir_manifest_set_expires (WeirManifest *manifest, gint64 expires);

/* What whoever wrote it wants to find again: a line of UTF-8, which is copied;
 * NULL: nothing. It says nothing about the bank. */
const gchar *weir_manifest_get_note (const WeirManifest *manifest);
void weir_manifest_set_note (WeirManifest *manifest, const gchar *note);

/* Larger ones are not read. Bytes. */
#define WEIR_MANIFEST_MAX_SIZE (256 * 1024 * 1024)

/* Appends the entries of @other, and nothing else of it. */
void weir_manifest_append (WeirManifest *manifest, const WeirManifest *other);

/* Reads @text; @name stands for it in messages. NULL with a one-line @error,
 * of WEIR_BANK_ERROR. */
WeirManifest *weir_manifest_parse (
    const gchar *text, gsize length, const gchar *name, GError **error);

/* As text. Free with g_free(). */
gchar *weir_manifest_format (const WeirManifest *manifest);

gboolean weir_manifest_exists (const gchar *folder);
WeirManifest *weir_manifest_read (const gchar *folder, GError **error);

/* What weir_bank_open_next() would give if @folder had this @manifest, which is
 * not in place yet. */
WeirBank *weir_manifest_open (const WeirManifest *manifest, const gchar *folder,
    const WeirBank *previous, GError **error);

/* Replaces the manifest of @folder at once, synced. */
gboolean weir_manifest_write (
    const WeirManifest *manifest, const gchar *folder, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirManifest, weir_manifest_free)

G_END_DECLS
