/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One bank file, mapped. Every byte of it is checked once when it is opened;
 * after that nothing is verified again: what a lookup follows has been shown
 * to be in bounds.
 */
#pragma once

#include "bank/bank-format.h"
#include "bank/bank.h"
#include "bank/coverage.h"
#include "bank/index.h"

#include <sys/stat.h>

G_BEGIN_DECLS

/* How many fingerprints a reference has. */
typedef struct {
  guint32 n_video;
  guint32 n_audio;
} WeirFingerprintCounts;

/* One file. All but the counts points into its bytes. */
typedef struct {
  GBytes *bytes;
  const WeirBankHeader *header;
  const gchar *strings;
  gsize strings_length;
  const WeirBankReferenceRecord *references;
  guint32 n_references;
  const guint32 *reference_order; /* their numbers, in order of their ids */
  WeirVideoIndex video;
  const guint32 *video_starts; /* hash k has the infos from [k] to [k + 1] */
  const WeirBankVideoInfo *video_infos;
  guint32 n_video; /* infos */
  const guint32 *audio_keys;
  const WeirBankAudioPosting *audio_postings;
  guint32 n_audio;
  /* Where the keys begin whose upper bits are the index; one more at the end.
   * At most as many as there are keys. */
  guint32 *audio_starts;
  guint audio_start_shift;
  const WeirBankSoundSpan *sound_spans; /* NULL without */
  const WeirSoundStep *sound_steps;
  WeirFingerprintCounts *counts; /* for each reference */
  WeirVideoCoverage coverage;
} WeirBankSegment;

/* A file as it was when it was opened: the same of all, the same content. */
typedef struct {
  dev_t device;
  ino_t inode;
  off_t size; /* bytes */
  struct timespec modified;
  struct timespec changed;
} WeirBankIdentity;

/* Maps the regular file @name and says in @identity, unless that is NULL, which
 * it is; NULL with a one-line @error. */
GBytes *weir_bank_map_file (
    const gchar *name, WeirBankIdentity *identity, GError **error);

/* Fills @segment, which is all zeros, from @bytes, to which it keeps a
 * reference. FALSE with a one-line @error when a check fails; clear it then
 * too. */
gboolean weir_bank_segment_open (
    WeirBankSegment *segment, GBytes *bytes, const gchar *name, GError **error);
void weir_bank_segment_clear (WeirBankSegment *segment);

/* The id of the reference @number, of those of the segment. */
const gchar *weir_bank_segment_get_id (
    const WeirBankSegment *segment, guint32 number);

/* Finds the reference with @id. FALSE: there is none. */
gboolean weir_bank_segment_find (
    const WeirBankSegment *segment, const gchar *id, guint32 *number);

/* Sets @error to "'name' " and the message; returns FALSE for the caller to
 * return. */
gboolean weir_bank_refuse (GError **error, WeirBankError code,
    const gchar *name, const gchar *format, ...) G_GNUC_PRINTF (4, 5);

G_END_DECLS
