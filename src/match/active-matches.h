/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The matches of one stream that go on, one a reference, and how they are
 * reported: started, updated, ended. What a person dismissed is remembered.
 *
 * Not thread-safe. Reports are appended to @matches, a GArray of WeirMatch.
 */
#pragma once

#include "bank/bank-map.h"
#include "match/match.h"

G_BEGIN_DECLS

/* References that match at the same time; more are not reported. */
#define WEIR_ACTIVE_MATCHES_MAX 32

typedef struct {
  WeirMatch report; /* as last reported */
  guint32 reference;
  gboolean spared;   /* released by a person: can only flag */
  guint64 agreement; /* of the line that says where it is; 0: sound */
  gint64 reported;   /* time of the last report, ns */
} WeirActiveMatch;

typedef struct _WeirActiveMatches WeirActiveMatches;

WeirActiveMatches *weir_active_matches_new (void);
void weir_active_matches_free (WeirActiveMatches *active);

guint weir_active_matches_get_length (const WeirActiveMatches *active);

/* The match @index, or that of @reference, NULL without; until the next call
 * that adds or ends one. */
const WeirActiveMatch *weir_active_matches_get (
    const WeirActiveMatches *active, guint index);
WeirActiveMatch *weir_active_matches_find (
    WeirActiveMatches *active, guint32 reference);

/* Whether the family of @reference was dismissed. */
gboolean weir_active_matches_is_dismissed (
    const WeirActiveMatches *active, const WeirReference *reference);

/* A match of @reference begins as @found says, and gets an id. Not when it was
 * dismissed, nor beyond WEIR_ACTIVE_MATCHES_MAX. */
void weir_active_matches_start (WeirActiveMatches *active, guint32 reference,
    const WeirMatch *found, guint64 agreement, GArray *matches);

/* @match is now as @found says, but keeps what it had: its first moment, its
 * best verdict and every medium that spoke for it. Reported when the verdict
 * or the media changed, or the last report is @interval ns old. */
void weir_active_match_update (WeirActiveMatch *match, const WeirMatch *found,
    guint64 agreement, gint64 interval, GArray *matches);

/* Takes @found, a match of @reference that another matcher found in the past,
 * with its id. One that @goes_on is active from here on, or says of what is
 * active already that it began earlier; else it has started and ended. */
void weir_active_matches_add_past (WeirActiveMatches *active, guint32 reference,
    const WeirMatch *found, gboolean goes_on, gint64 now, GArray *matches);

/* Ends, at @now, what was last seen before @since. */
void weir_active_matches_end (WeirActiveMatches *active, gint64 since,
    const WeirStamp *now, GArray *matches);

/* References have the numbers that @map says, and the records of @bank, which
 * may allow less than they did. What is gone ends. */
void weir_active_matches_set_bank (WeirActiveMatches *active, WeirBank *bank,
    WeirBankMap *map, const WeirStamp *now, GArray *matches);

/* The match @id is wrong: it and all of its family end with verdict none.
 * FALSE when there is no such match now. */
gboolean weir_active_matches_dismiss (
    WeirActiveMatches *active, const gchar *id, gint64 now, GArray *matches);

/* The match @id, or all for NULL, can only flag from here on. */
void weir_active_matches_spare (WeirActiveMatches *active, const gchar *id);

G_END_DECLS
