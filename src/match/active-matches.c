/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The matches of one stream that go on, and their reports. */

#include "match/active-matches.h"

#include <string.h>

struct _WeirActiveMatches {
  GArray *matches;       /* of WeirActiveMatch */
  GHashTable *dismissed; /* families, as strings */
};

WeirActiveMatches *
weir_active_matches_new (void)
{
  WeirActiveMatches *active = g_new0 (WeirActiveMatches, 1);

  active->matches = g_array_new (FALSE, FALSE, sizeof (WeirActiveMatch));
  active->dismissed =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return active;
}

void
weir_active_matches_free (WeirActiveMatches *active)
{
  g_array_unref (active->matches);
  g_hash_table_unref (active->dismissed);
  g_free (active);
}

guint
weir_active_matches_get_length (const WeirActiveMatches *active)
{
  return active->matches->len;
}

static WeirActiveMatch *
get (const WeirActiveMatches *active, guint index)
{
  return &g_array_index (active->matches, WeirActiveMatch, index);
}

const WeirActiveMatch *
weir_active_matches_get (const WeirActiveMatches *active, guint index)
{
  return get (active, index);
}

WeirActiveMatch *
weir_active_matches_find (WeirActiveMatches *active, guint32 reference)
{
  guint i;

  for (i = 0; i < active->matches->len; i++)
    if (get (active, i)->reference == reference)
      return get (active, i);
  return NULL;
}

/* A reference without a family is one by itself. */
static const gchar *
get_family (const WeirReference *reference)
{
  return *reference->family ? reference->family : reference->id;
}

gboolean
weir_active_matches_is_dismissed (
    const WeirActiveMatches *active, const WeirReference *reference)
{
  return g_hash_table_contains (active->dismissed, get_family (reference));
}

static void
report (
    WeirActiveMatch *match, WeirMatchState state, gint64 time, GArray *matches)
{
  match->report.state = state;
  match->reported = time;
  g_array_append_val (matches, match->report);
}

void
weir_active_matches_start (WeirActiveMatches *active, guint32 reference,
    const WeirMatch *found, guint64 agreement, GArray *matches)
{
  WeirActiveMatch match = {
    .report = *found, .reference = reference, .agreement = agreement
  };
  g_autofree gchar *id = NULL;

  if (active->matches->len >= WEIR_ACTIVE_MATCHES_MAX ||
      weir_active_matches_is_dismissed (active, &found->reference))
    return;
  id = g_uuid_string_random ();
  g_strlcpy (match.report.id, id, sizeof (match.report.id));
  report (&match, WEIR_MATCH_STARTED, found->decided.time, matches);
  g_array_append_val (active->matches, match);
}

/* The span's first moment stands, and what a line said of it that is hit
 * better than the one at hand: when a copy is over, others of its reference
 * may outlast it for some frames. */
static void
keep_place (WeirActiveMatch *match, guint64 agreement, const WeirMatch *before)
{
  WeirMatch *now = &match->report;

  if (agreement < match->agreement)
    now->speed = before->speed;
  if (agreement < match->agreement || before->first.time < now->first.time) {
    now->first = before->first;
    now->reference_start = before->reference_start;
  }
  match->agreement = MAX (match->agreement, agreement);
}

void
weir_active_match_update (WeirActiveMatch *match, const WeirMatch *found,
    guint64 agreement, gint64 interval, GArray *matches)
{
  WeirMatch before = match->report;
  WeirMatch *now = &match->report;

  *now = *found;
  memcpy (now->id, before.id, sizeof (now->id));
  now->state = before.state;
  now->verdict = MAX (now->verdict, before.verdict);
  now->media |= before.media;
  now->evidence = MAX (now->evidence, before.evidence);
  now->confidence = MAX (now->confidence, before.confidence);
  now->hits = MAX (now->hits, before.hits);
  if (now->distance < 0)
    now->distance = before.distance;
  keep_place (match, agreement, &before);
  if (before.last.time > now->last.time)
    now->last = before.last;

  if (now->verdict != before.verdict || now->media != before.media ||
      now->decided.time - match->reported >= interval)
    report (match, WEIR_MATCH_UPDATED, now->decided.time, matches);
}

/* @match already began with @past. */
static void
extend (
    WeirActiveMatch *match, const WeirMatch *past, gint64 now, GArray *matches)
{
  WeirMatch *known = &match->report;

  if (past->first.time < known->first.time) {
    known->first = past->first;
    known->reference_start = past->reference_start;
  }
  if (!match->spared)
    known->verdict = MAX (known->verdict, past->verdict);
  known->media |= past->media;
  known->evidence = MAX (known->evidence, past->evidence);
  known->confidence = MAX (known->confidence, past->confidence);
  known->hits += past->hits;
  report (match, WEIR_MATCH_UPDATED, now, matches);
}

void
weir_active_matches_add_past (WeirActiveMatches *active, guint32 reference,
    const WeirMatch *found, gboolean goes_on, gint64 now, GArray *matches)
{
  WeirActiveMatch past = { .report = *found, .reference = reference };
  WeirActiveMatch *match =
      goes_on ? weir_active_matches_find (active, reference) : NULL;

  if (match) {
    extend (match, found, now, matches);
    return;
  }
  report (&past, WEIR_MATCH_STARTED, now, matches);
  if (goes_on && active->matches->len < WEIR_ACTIVE_MATCHES_MAX)
    g_array_append_val (active->matches, past);
  else
    report (&past, WEIR_MATCH_ENDED, now, matches);
}

static void
end (WeirActiveMatches *active, guint index, const WeirStamp *now,
    GArray *matches)
{
  WeirActiveMatch *match = get (active, index);

  match->report.decided = *now;
  report (match, WEIR_MATCH_ENDED, now->time, matches);
  g_array_remove_index (active->matches, index);
}

void
weir_active_matches_end (WeirActiveMatches *active, gint64 since,
    const WeirStamp *now, GArray *matches)
{
  guint i = 0;

  while (i < active->matches->len) {
    if (get (active, i)->report.last.time < since)
      end (active, i, now, matches);
    else
      i++;
  }
}

static void
renew (WeirActiveMatch *match, WeirBank *bank, gint64 now, GArray *matches)
{
  WeirReference *reference = &match->report.reference;
  WeirAction before = match->report.verdict;

  weir_bank_get_reference (bank, match->reference, reference);
  match->report.verdict =
      MIN (before, weir_reference_get_allowed_action (reference, 0));
  if (match->report.verdict != before)
    report (match, WEIR_MATCH_UPDATED, now, matches);
}

void
weir_active_matches_set_bank (WeirActiveMatches *active, WeirBank *bank,
    WeirBankMap *map, const WeirStamp *now, GArray *matches)
{
  guint i = 0;

  while (i < active->matches->len) {
    WeirActiveMatch *match = get (active, i);

    match->reference = weir_bank_map_get (map, match->reference);
    if (match->reference == WEIR_REFERENCE_GONE) {
      end (active, i, now, matches);
      continue;
    }
    renew (match, bank, now->time, matches);
    i++;
  }
}

static const WeirMatch *
find_id (const WeirActiveMatches *active, const gchar *id)
{
  guint i;

  for (i = 0; i < active->matches->len; i++)
    if (strcmp (get (active, i)->report.id, id) == 0)
      return &get (active, i)->report;
  return NULL;
}

gboolean
weir_active_matches_dismiss (
    WeirActiveMatches *active, const gchar *id, gint64 now, GArray *matches)
{
  const WeirMatch *wrong = find_id (active, id);
  g_autofree gchar *family = NULL;
  guint i = 0;

  if (!wrong)
    return FALSE;
  family = g_strdup (get_family (&wrong->reference));
  while (i < active->matches->len) {
    WeirActiveMatch *match = get (active, i);

    if (strcmp (get_family (&match->report.reference), family) != 0) {
      i++;
      continue;
    }
    match->report.verdict = WEIR_ACTION_NONE;
    report (match, WEIR_MATCH_ENDED, now, matches);
    g_array_remove_index (active->matches, i);
  }
  g_hash_table_add (active->dismissed, g_steal_pointer (&family));
  return TRUE;
}

void
weir_active_matches_spare (WeirActiveMatches *active, const gchar *id)
{
  guint i;

  for (i = 0; i < active->matches->len; i++) {
    WeirActiveMatch *match = get (active, i);

    if (id && strcmp (match->report.id, id) != 0)
      continue;
    match->spared = TRUE;
    match->report.verdict = MIN (match->report.verdict, WEIR_ACTION_FLAG);
  }
}
