/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The words for what is done about a match and what reviewers think of it.
 */
#include "bank/reference.h"

static const gchar *const action_names[] = {
  [WEIR_ACTION_NONE] = "none",
  [WEIR_ACTION_FLAG] = "flag",
  [WEIR_ACTION_CUT] = "cut",
};

static const gchar *const opinion_names[] = {
  [WEIR_OPINION_UNREVIEWED] = "unreviewed",
  [WEIR_OPINION_CONFIRMED] = "confirmed",
  [WEIR_OPINION_DISPUTED] = "disputed",
};

/* The position of @name in @names, or @n_names. */
static guint
find_name (const gchar *const *names, guint n_names, const gchar *name)
{
  guint i;

  for (i = 0; i < n_names; i++) {
    if (g_strcmp0 (names[i], name) == 0)
      break;
  }
  return i;
}

const gchar *
weir_action_to_string (WeirAction action)
{
  g_return_val_if_fail (
      (guint) action < G_N_ELEMENTS (action_names), action_names[0]);

  return action_names[action];
}

gboolean
weir_action_from_string (const gchar *string, WeirAction *action)
{
  guint found = find_name (action_names, G_N_ELEMENTS (action_names), string);

  if (found == G_N_ELEMENTS (action_names))
    return FALSE;
  *action = (WeirAction) found;
  return TRUE;
}

const gchar *
weir_opinion_to_string (WeirOpinion opinion)
{
  g_return_val_if_fail (
      (guint) opinion < G_N_ELEMENTS (opinion_names), opinion_names[0]);

  return opinion_names[opinion];
}

gboolean
weir_opinion_from_string (const gchar *string, WeirOpinion *opinion)
{
  guint found = find_name (opinion_names, G_N_ELEMENTS (opinion_names), string);

  if (found == G_N_ELEMENTS (opinion_names))
    return FALSE;
  *opinion = (WeirOpinion) found;
  return TRUE;
}

WeirAction
weir_reference_get_allowed_action (const WeirReference *reference, gint64 date)
{
  gboolean too_early = date != 0 && date < reference->not_before;
  gboolean too_late =
      date != 0 && reference->not_after != 0 && date > reference->not_after;
  gboolean expired =
      date != 0 && reference->expires != 0 && date > reference->expires;

  if (reference->benign || too_early || too_late)
    return WEIR_ACTION_NONE;
  if (reference->opinion == WEIR_OPINION_CONFIRMED && !expired)
    return reference->max_action;
  return MIN (reference->max_action, WEIR_ACTION_FLAG);
}
