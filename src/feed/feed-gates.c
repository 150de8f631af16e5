/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Growth, removals, canaries. */
#include "feed/feed-gates.h"

#include "bank/bank-overlap.h"
#include "feed/feed-canary.h"

/* Within so many bits a benign picture would be taken for one of the list. */
#define RADIUS 31

static guint64
count_missing (const WeirBank *from, const WeirBank *in)
{
  guint64 n = 0;
  guint32 found;

  for (guint32 i = 0; i < weir_bank_get_n_indices (from); i++) {
    WeirReference reference;

    if (!weir_bank_has_reference (from, i))
      continue;
    weir_bank_get_reference (from, i, &reference);
    n += !weir_bank_find_reference (in, reference.id, &found);
  }
  return n;
}

static gboolean
is_within (guint64 n, guint64 of, gdouble part, guint64 floor)
{
  return n <= floor || (gdouble) n <= part * (gdouble) of;
}

static gboolean
check_size (const WeirBank *now, const WeirBank *next,
    const WeirFeedSettings *settings, GError **error)
{
  guint64 n = weir_bank_get_n_references (now);
  guint64 removed = count_missing (now, next);
  guint64 added = weir_bank_get_n_references (next) + removed - n;

  if (!is_within (removed, n, settings->max_removals, settings->removal_floor))
    return weir_feed_refuse (error, WEIR_FEED_ERROR_GATE,
        "the new list takes away %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT
        " references; if that is right, raise max-removals",
        removed, n);
  if (!is_within (added, n, settings->max_growth, settings->growth_floor))
    return weir_feed_refuse (error, WEIR_FEED_ERROR_GATE,
        "the new list adds %" G_GUINT64_FORMAT
        " references to %" G_GUINT64_FORMAT
        "; if that is right, raise max-growth",
        added, n);
  return TRUE;
}

static gboolean
check_benign (
    const WeirBank *next, const WeirFeedSettings *settings, GError **error)
{
  g_autoptr (WeirBank) benign = NULL;
  g_autoptr (GError) reason = NULL;
  WeirReference reference;
  guint32 index;

  if (!settings->benign)
    return TRUE;
  benign = weir_bank_open (settings->benign, &reason);
  if (!benign)
    return weir_feed_refuse (
        error, WEIR_FEED_ERROR_SETTING, "%s", reason->message);
  if (!weir_bank_find_overlap (next, benign, RADIUS, &index))
    return TRUE;
  weir_bank_get_reference (next, index, &reference);
  return weir_feed_refuse (error, WEIR_FEED_ERROR_GATE,
      "the reference '%s' of the new list matches what is harmless in %s; the "
      "publisher must retract it",
      reference.id, settings->benign);
}

static gboolean
check_canary (const WeirBank *next, const WeirFeedHead *head,
    const WeirFeedSettings *settings, GError **error)
{
  if (!head->canary)
    return !settings->need_canary ||
           weir_feed_refuse (error, WEIR_FEED_ERROR_GATE,
               "the new list has no canary, which need-canary asks for; "
               "publish "
               "with --canary");
  return weir_feed_canary_is_found (next) ||
         weir_feed_refuse (error, WEIR_FEED_ERROR_GATE,
             "the canary of the new list is not found in it; the publisher "
             "must "
             "publish again");
}

gboolean
weir_feed_gates_check (const WeirBank *now, const WeirBank *next,
    const WeirFeedHead *head, const WeirFeedSettings *settings, GError **error)
{
  return (!now || check_size (now, next, settings, error)) &&
         check_canary (next, head, settings, error) &&
         check_benign (next, settings, error);
}
