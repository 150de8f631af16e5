/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is said of a stream: that from here to there it shows a reference. */
#pragma once

#include "bank/bank.h"
#include "fingerprint/windows.h"
#include "match/policy.h"
#include "match/stamp.h"

G_BEGIN_DECLS

typedef enum {
  WEIR_MATCH_STARTED,
  WEIR_MATCH_UPDATED, /* a stronger verdict, another medium, or time passed */
  WEIR_MATCH_ENDED,
} WeirMatchState;

typedef enum {
  WEIR_MEDIA_VIDEO = 1 << 0,
  WEIR_MEDIA_AUDIO = 1 << 1,
  WEIR_MEDIA_BOTH = WEIR_MEDIA_VIDEO | WEIR_MEDIA_AUDIO,
} WeirMedia;

typedef struct {
  gchar id[37]; /* a UUID, the same from started to ended */
  WeirMatchState state;
  WeirAction verdict;
  WeirMedia media;
  WeirReference reference; /* its strings live as long as the bank */
  gdouble evidence;        /* log-likelihood ratio, nats: see policy.h */
  gdouble confidence;      /* probability that the line is true, 0..1 */
  guint hits;              /* frames and audio anchors that hit */
  gdouble distance;        /* median Hamming distance of the frames; -1: none */
  WeirEdits edits;         /* of the picture */
  gdouble speed;           /* of the stream relative to the reference; exactly
                              1 when it cannot be told from 1, as for sound */
  WeirStamp first;         /* the matched span in the stream */
  WeirStamp last;
  guint64 reference_start; /* where the span starts in the reference, ns */
  WeirStamp decided;       /* the newest media the decision had seen */
} WeirMatch;

/* "started", "updated", "ended"; "video", "audio", "both". Static. */
const gchar *weir_match_state_to_string (WeirMatchState state);
const gchar *weir_media_to_string (WeirMedia media);

G_END_DECLS
