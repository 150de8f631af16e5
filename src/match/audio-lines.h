/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Audio evidence. Pairs of peaks vote for places in references at some speed
 * and pitch (audio-votes.h), and patches of sound (audio-patches.h); the best
 * are compared with the last seconds of the stream (audio-history.h); what holds
 * there is a line, which is followed and compared on from then on.
 *
 * Only references with steps of sound in the bank can have lines.
 */
#pragma once

#include "bank/bank-map.h"
#include "fingerprint/landmark.h"
#include "match/audio-history.h"
#include "match/stamp.h"

G_BEGIN_DECLS

typedef struct {
  guint32 reference;
  gint64 offset;     /* stream time less reference time at @last, ns */
  gdouble speed;     /* of the stream relative to the reference */
  gdouble evidence;  /* nats, of the last seconds; 0 when there is none */
  gdouble sustained; /* nats, of the weaker of two disjoint windows: the
                           last two seconds and the best two before */
  guint hits;        /* peaks of the reference that the stream had, the most in
                        5 s */
  WeirStamp first;   /* first and last peak that hit */
  WeirStamp last;
} WeirAudioLine;

typedef struct _WeirAudioLines WeirAudioLines;

WeirAudioLines *weir_audio_lines_new (WeirBank *bank);
void weir_audio_lines_free (WeirAudioLines *lines);
void weir_audio_lines_clear (WeirAudioLines *lines);

/* Takes @bank in place of the one before. @map leads from that one's references
 * to its own; what spoke for those that are gone is dropped, the rest stays. */
void weir_audio_lines_set_bank (
    WeirAudioLines *lines, WeirBank *bank, WeirBankMap *map);

/* Takes @sound (of a query), of an extractor whose time 0 is @origin ns on the
 * matcher's line; @stamp is of the newest sample that it has seen. Lines are
 * brought up to date each 0.26 s of sound, whatever the pieces. */
void weir_audio_lines_add (WeirAudioLines *lines, const WeirStamp *stamp,
    gint64 origin, const WeirSound *sound);

/* The extractor starts anew. */
void weir_audio_lines_restart (WeirAudioLines *lines);

/* Drops lines that have had no hit since @time (ns). */
void weir_audio_lines_expire (WeirAudioLines *lines, gint64 time);

guint weir_audio_lines_get_length (const WeirAudioLines *lines);
const WeirAudioLine *weir_audio_lines_get (
    const WeirAudioLines *lines, guint index);

/* For measuring what wrong places score: called with each comparison of all. */
typedef void (*WeirAudioTrace) (
    const WeirAudioComparison *comparison, gpointer user_data);
void weir_audio_lines_set_trace (
    WeirAudioLines *lines, WeirAudioTrace func, gpointer user_data);

/* Keys looked up so far. */
guint64 weir_audio_lines_get_n_lookups (const WeirAudioLines *lines);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirAudioLines, weir_audio_lines_free)

G_END_DECLS
