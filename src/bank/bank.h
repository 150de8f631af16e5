/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A bank: references and their fingerprints, mapped read-only and looked up
 * where they lie. Immutable and thread-safe once open: any number of threads
 * may look up at once, and hold a reference for as long as they need it.
 */
#pragma once

#include "bank/reference.h"
#include "fingerprint/frame.h"
#include "fingerprint/sound.h"

#include <glib.h>

G_BEGIN_DECLS

/* Why a bank was refused. */
typedef enum {
  WEIR_BANK_ERROR_FILE,      /* cannot be opened, read or written */
  WEIR_BANK_ERROR_EMPTY,     /* no bytes at all */
  WEIR_BANK_ERROR_FOREIGN,   /* not a bank */
  WEIR_BANK_ERROR_OLDER,     /* of an earlier format version */
  WEIR_BANK_ERROR_NEWER,     /* of a later one */
  WEIR_BANK_ERROR_ENDIAN,    /* written on a machine of the other byte order */
  WEIR_BANK_ERROR_TRUNCATED, /* shorter than its header says */
  WEIR_BANK_ERROR_DAMAGED,   /* a checksum or a bound does not hold */
  WEIR_BANK_ERROR_LIMIT,     /* more than the format can hold */
} WeirBankError;

#define WEIR_BANK_ERROR (weir_bank_error_quark ())
GQuark weir_bank_error_quark (void);

typedef struct _WeirBank WeirBank;

/* One video fingerprint of the bank near the one looked up. */
typedef struct {
  guint32 query;     /* number of the hash among those looked up, from 0 */
  guint32 reference; /* index, see weir_bank_get_reference() */
  guint32 time;      /* in the reference, ms */
  guint16 distance;  /* bits, 0..the radius looked up */
  guint8 view;       /* WeirView of the reference's frame that was hit */
  guint8 benign;     /* whether the reference is */
} WeirVideoHit;

/* Lower bits of landmarks' keys, those of the peak before: @first to @last. */
typedef struct {
  guint16 first;
  guint16 last;
} WeirAudioBefores;

/* What is looked up: the landmarks of @pair, which is the upper bits of their
 * keys, whose lower bits are in one of @befores. These ascend and do not
 * overlap. If a file has at most @max_all of the pair, all of them are looked
 * up; in a file with few landmarks those of pairs beside it may count too. */
typedef struct {
  guint32 pair;
  guint32 max_all;
  guint n_befores;
  const WeirAudioBefores *befores;
} WeirAudioQuery;

/* One audio landmark of the bank that was asked for. */
typedef struct {
  guint32 reference;
  guint32 time; /* of its anchor in the reference, ms */
  guint32 key;
  guint32 query; /* number of the query that asked */
} WeirAudioHit;

/* Opens the bank @path, or several separated by commas as one bank. Each is a
 * file; or a folder: of that the files that its MANIFEST names, see
 * docs/bank-format.md, or without one all whose names end in ".weir". Every
 * checksum and bound is verified before it returns. NULL with a one-line
 * @error (of WEIR_BANK_ERROR) that names the file and what to do. */
WeirBank *weir_bank_open (const gchar *path, GError **error);

/* The same, for what takes the place of @previous (NULL: of nothing): files
 * that it has open and that have not changed since are shared with it, without
 * being verified again. */
WeirBank *weir_bank_open_next (
    const gchar *path, const WeirBank *previous, GError **error);

/* What @bank has and @previous (NULL: nothing) has not, by id, and all that is
 * benign: as a bank that shares the files of @bank, has its version, and numbers
 * of its own. NULL when there is nothing new but what is benign. Takes the
 * longer the more references are in files that @previous does not share: of a
 * million in one, some tenths of a second. */
WeirBank *weir_bank_new_since (const WeirBank *bank, const WeirBank *previous);

WeirBank *weir_bank_ref (WeirBank *bank);
void weir_bank_unref (WeirBank *bank);

/* A digest of what the bank holds, records (with the time each was added) and
 * fingerprints, 16 hexadecimal digits: the same content has the same version,
 * whenever the file was built. */
const gchar *weir_bank_get_version (const WeirBank *bank);
const gchar *weir_bank_get_path (const WeirBank *bank);

/* When it was built (the oldest file of several), seconds since 1970. */
gint64 weir_bank_get_created (const WeirBank *bank);

/* Until when all of it is up to date, seconds since 1970; 0: for ever. */
gint64 weir_bank_get_expires (const WeirBank *bank);

/* How many it holds, without what was taken back. */
guint32 weir_bank_get_n_references (const WeirBank *bank);
guint64 weir_bank_get_n_video (const WeirBank *bank);
guint64 weir_bank_get_n_audio (const WeirBank *bank);

/* References have indices from 0 up to, but without, this. In a bank without
 * references that were taken back it is the number of references. */
guint32 weir_bank_get_n_indices (const WeirBank *bank);

/* Whether there is a reference @index that has not been taken back. Lookups
 * find no others. */
gboolean weir_bank_has_reference (const WeirBank *bank, guint32 index);

/* The index of the reference @id; of several, in several files, that in the
 * last. FALSE when there is none. */
gboolean weir_bank_find_reference (
    const WeirBank *bank, const gchar *id, guint32 *index);

/* Which of the names in weir_bank_get_path() reference @index comes from; @index
 * must be below weir_bank_get_n_indices(). Free with g_free(). */
gchar *weir_bank_get_origin (const WeirBank *bank, guint32 index);

/* Fills @reference; its strings live as long as the bank. @index must be below
 * weir_bank_get_n_indices(). */
void weir_bank_get_reference (
    const WeirBank *bank, guint32 index, WeirReference *reference);

/* Appends to @hits (a GArray of WeirVideoHit) every video fingerprint at most
 * @radius (0..256) bits from @hash: all of them, exactly, by reference,
 * then time. Benign references are among them. */
void weir_bank_lookup_video (
    const WeirBank *bank, const WeirPdqHash *hash, guint radius, GArray *hits);

/* The same for @n_hashes at once, in less time than one by one: those of the
 * first hash come first, and so on. */
void weir_bank_lookup_video_many (const WeirBank *bank,
    const WeirPdqHash *hashes, guint n_hashes, guint radius, GArray *hits);

/* Whether reference @index has a video fingerprint of any view from @begin to
 * @end (ms in the reference, both included). @index must be below
 * weir_bank_get_n_indices(). */
gboolean weir_bank_has_video (
    const WeirBank *bank, guint32 index, guint32 begin, guint32 end);

/* Appends to @hits (a GArray of WeirAudioHit) every landmark that one of
 * @n_queries queries asks for, but none of benign references: file by file, of
 * one by query, then key. In a large bank keys are far apart, and many at once
 * take far less time than one by one, since none waits for the memory alone. */
void weir_bank_lookup_audio (const WeirBank *bank,
    const WeirAudioQuery *queries, guint n_queries, GArray *hits);

/* The steps of reference @index, from its start, and in @n_steps their number;
 * NULL and 0 when the bank has none of it. Live as long as the bank. @index
 * must be below weir_bank_get_n_indices(). */
const WeirSoundStep *weir_bank_get_sound_steps (
    const WeirBank *bank, guint32 index, guint32 *n_steps);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirBank, weir_bank_unref)

G_END_DECLS
