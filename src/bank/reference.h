/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A reference: one known work, as its record in a bank says.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What is done about a match, weakest first. */
typedef enum {
  WEIR_ACTION_NONE,
  WEIR_ACTION_FLAG,
  WEIR_ACTION_CUT,
} WeirAction;

/* What its reviewers think of a reference. Anything but confirmed can only
 * flag, whatever its max_action says. */
typedef enum {
  WEIR_OPINION_UNREVIEWED,
  WEIR_OPINION_CONFIRMED,
  WEIR_OPINION_DISPUTED,
} WeirOpinion;

/* Longest id, family, label, list or source, in bytes without the NUL. */
#define WEIR_REFERENCE_MAX_TEXT 255

/* The strings are UTF-8, never NULL, and belong to whoever filled the struct
 * (a bank's live as long as the bank). */
typedef struct {
  const gchar *id;
  const gchar *family; /* references that are edits of one work share it */
  const gchar *label;
  const gchar *list;
  const gchar *source;
  gint64 added;     /* seconds since 1970, UTC; 0: not known */
  guint64 duration; /* ns; 0: not known (a single picture) */
  WeirOpinion opinion;
  WeirAction max_action;
  gint64 not_before; /* seconds since 1970, UTC; 0: no such bound */
  gint64 not_after;
  gboolean benign; /* must never match: see weir_matcher_add_video() */
  guint64 n_video; /* fingerprints; filled by the bank */
  guint64 n_audio;
  gint64 expires; /* its bank; filled by that. As above; 0: never */
} WeirReference;

/* "none", "flag", "cut"; "unreviewed", "confirmed", "disputed". The string is
 * static. From a string: FALSE when it is none of them. */
const gchar *weir_action_to_string (WeirAction action);
gboolean weir_action_from_string (const gchar *string, WeirAction *action);
const gchar *weir_opinion_to_string (WeirOpinion opinion);
gboolean weir_opinion_from_string (const gchar *string, WeirOpinion *opinion);

/* The strongest action that the record itself allows at @date, seconds since
 * 1970: its max_action, but at most WEIR_ACTION_FLAG unless it is confirmed and
 * not after it expires, and WEIR_ACTION_NONE before not_before, after not_after
 * and of what is benign. @date 0: not known, the bounds do not hold anything back. */
WeirAction weir_reference_get_allowed_action (
    const WeirReference *reference, gint64 date);

G_END_DECLS
