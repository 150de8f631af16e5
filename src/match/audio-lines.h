/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Audio evidence. Landmarks vote for lines (reference, offset); the evidence
 * of a line is how many distinct anchors voted for it within the last seconds,
 * against how many do by chance.
 */
#pragma once

#include "bank/bank-map.h"
#include "fingerprint/landmark.h"
#include "match/stamp.h"

G_BEGIN_DECLS

typedef struct {
  guint32 reference;
  gint64 offset;     /* stream time less reference time, ns */
  gdouble evidence;  /* nats, of the last seconds; 0 when there is none */
  gdouble sustained; /* nats, of the weaker of two disjoint windows: the
                           last three seconds and the two before */
  guint hits;        /* distinct anchors, of all its time */
  WeirStamp first;   /* first and last anchor that voted */
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

/* Looks up @landmarks (a GArray of WeirLandmark, as a query gives them) whose
 * extractor's time 0 is @origin ns on the matcher's line; @stamp is of the
 * newest sample that it has seen. */
void weir_audio_lines_add (WeirAudioLines *lines, const WeirStamp *stamp,
    gint64 origin, const GArray *landmarks);

/* The extractor starts anew and counts its anchors from 0. */
void weir_audio_lines_restart (WeirAudioLines *lines);

/* Drops lines that have had no hit since @time (ns). */
void weir_audio_lines_expire (WeirAudioLines *lines, gint64 time);

guint weir_audio_lines_get_length (const WeirAudioLines *lines);
const WeirAudioLine *weir_audio_lines_get (
    const WeirAudioLines *lines, guint index);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirAudioLines, weir_audio_lines_free)

G_END_DECLS
