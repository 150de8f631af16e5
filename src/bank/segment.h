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
  guint32 first_reference; /* the bank's number of the first of them */
  WeirVideoIndex video;
  const guint32 *video_starts; /* hash k has the infos from [k] to [k + 1] */
  const WeirBankVideoInfo *video_infos;
  guint32 n_video; /* infos */
  const guint32 *audio_keys;
  const WeirBankAudioPosting *audio_postings;
  guint32 n_audio;
  WeirFingerprintCounts *counts; /* for each reference */
  WeirVideoCoverage coverage;
} WeirBankSegment;

/* Maps the regular file @name; NULL with a one-line @error. */
GBytes *weir_bank_map_file (const gchar *name, GError **error);

/* Fills @segment, which is all zeros, from @bytes, to which it keeps a
 * reference. FALSE with a one-line @error when a check fails; clear it then
 * too. */
gboolean weir_bank_segment_open (
    WeirBankSegment *segment, GBytes *bytes, const gchar *name, GError **error);
void weir_bank_segment_clear (WeirBankSegment *segment);

/* Sets @error to "'name' " and the message; returns FALSE for the caller to
 * return. */
gboolean weir_bank_refuse (GError **error, WeirBankError code,
    const gchar *name, const gchar *format, ...) G_GNUC_PRINTF (4, 5);

G_END_DECLS
