/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The peaks before an anchor as keys have them, found once for all its pairs.
 * Private to audio-votes.c.
 */
#pragma once

#include "bank/bank.h"
#include "fingerprint/landmark.h"

G_BEGIN_DECLS

/* The lower bits of keys that a reference may have where a query has a pair: in
 * ascending order, each run of neighbours as one. */
typedef struct {
  guint n_runs;
  WeirAudioBefores runs[WEIR_PAIR_MAX_BEFORES];
} WeirPairBefores;

/* Anchors that are remembered: some more than wait for a second peak at a
 * time. */
#define WEIR_KNOWN_BEFORES_ANCHORS 64

/* Those of the last pairs. All 0: none. Not thread-safe. */
typedef struct {
  struct {
    gfloat stretch; /* 0: none */
    WeirPair pair;
    WeirPairBefores befores;
  } anchors[WEIR_KNOWN_BEFORES_ANCHORS]; /* by number, modulo */
} WeirKnownBefores;

/* Those of @pair where its rows are @stretch (more than 0) times as long in the
 * reference. They stay valid until the next call. */
const WeirPairBefores *weir_known_befores_get (
    WeirKnownBefores *known, const WeirPair *pair, gfloat stretch);

G_END_DECLS
