/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Collects references and their fingerprints and writes them as a bank file.
 * Not thread-safe.
 */
#pragma once

#include "bank/bank.h"

G_BEGIN_DECLS

typedef struct _WeirBankBuilder WeirBankBuilder;

WeirBankBuilder *weir_bank_builder_new (void);
void weir_bank_builder_free (WeirBankBuilder *builder);

/* Adds a reference (copied; its counts are ignored) and returns in @index the
 * number by which fingerprints are added to it. FALSE with @error when a text
 * is too long, not UTF-8, the id is empty or already there, or the bank is
 * full (all WEIR_BANK_ERROR_LIMIT: the format cannot hold it). */
gboolean weir_bank_builder_add_reference (WeirBankBuilder *builder,
    const WeirReference *reference, guint32 *index, GError **error);

guint32 weir_bank_builder_get_n_references (const WeirBankBuilder *builder);

/* A reference's length is often known only after its fingerprints. ns. */
void weir_bank_builder_set_duration (
    WeirBankBuilder *builder, guint32 index, guint64 duration);

/* Adds one fingerprint at @time (ms) of reference @index, in any order. @view
 * is the WeirView of the frame that was hashed, @quality is PDQ's, 0..100. Of
 * a landmark's time the bank keeps the nearest multiple of 16 ms. FALSE with
 * @error when the bank is full. */
gboolean weir_bank_builder_add_video (WeirBankBuilder *builder, guint32 index,
    const WeirPdqHash *hash, WeirView view, guint quality, guint32 time,
    GError **error);
gboolean weir_bank_builder_add_audio (WeirBankBuilder *builder, guint32 index,
    guint32 key, guint32 time, GError **error);

/* Adds @n_steps of reference @index, which begin @time (ms) after its start:
 * pieces in order of time, whatever lies between them is not known. What
 * overlaps the piece before is left out. FALSE with @error when the bank is
 * full. */
gboolean weir_bank_builder_add_sound_steps (WeirBankBuilder *builder,
    guint32 index, guint32 time, const WeirSoundStep *steps, guint n_steps,
    GError **error);

/* Writes the bank to @path: to a temporary file beside it, synced, then
 * renamed, so that @path holds the old bank or the new one and never half of
 * one. @created is seconds since 1970. The same references in the same order,
 * with the same fingerprints in any, give the same bytes. FALSE with a
 * one-line @error and no temporary file left behind; what is at @path already
 * is replaced only if it is a regular file. */
gboolean weir_bank_builder_write (WeirBankBuilder *builder, const gchar *path,
    gint64 created, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirBankBuilder, weir_bank_builder_free)

G_END_DECLS
