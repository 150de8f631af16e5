/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bank that the element looks up in, and the one that takes its place. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstweirprivate.h"

#include "feed/feed-flood.h"

#define GST_CAT_DEFAULT gst_weir_debug

/* Called with the match lock. */
static void
make_matcher (GstWeir *weir, WeirBank *bank)
{
  WeirPolicy policy;

  weir_policy_init (&policy);
  weir->bank = weir_bank_ref (bank);
  weir->matcher = weir_matcher_new (bank, &policy);
  weir_matcher_set_max_action (weir->matcher, weir->max_action);
}

static void
use_no_bank (GstWeir *weir)
{
  g_autoptr (WeirBank) before = NULL;

  gst_weir_reset_matcher (weir);
  g_mutex_lock (&weir->match_lock);
  g_clear_pointer (&weir->matcher, weir_matcher_free);
  before = g_steal_pointer (&weir->bank);
  g_mutex_unlock (&weir->match_lock);
}

/* The element sees nothing for @problem, whatever its streams say; NULL: it has
 * a bank. */
static void
set_problem (GstWeir *weir, const gchar *problem)
{
  GST_OBJECT_LOCK (weir);
  g_free (weir->bank_problem);
  weir->bank_problem = g_strdup (problem);
  GST_OBJECT_UNLOCK (weir);
  gst_weir_update_status (weir);
}

/* Says what bank is in use now, with a word about what @source names if that is
 * not. Called with the match lock. */
static void
queue_bank (GstWeir *weir, const gchar *source, const gchar *error)
{
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;

  gst_weir_queue_event (
      weir, weir_event_new_bank (weir->bank, source, error, now));
}

/* The bank is told of before any match in it, and what ends with the one before
 * while that, whose strings it has, is held. */
static void
use_bank (GstWeir *weir, WeirBank *bank, const gchar *path)
{
  g_autoptr (WeirBank) before = NULL;

  g_mutex_lock (&weir->match_lock);
  before = g_steal_pointer (&weir->bank);
  if (before) {
    weir->bank = weir_bank_ref (bank);
    weir_matcher_set_bank (weir->matcher, bank, weir->matches);
  } else {
    make_matcher (weir, bank);
  }
  queue_bank (weir, path, NULL);
  gst_weir_queue_matches (weir);
  gst_weir_tell_and_unlock (weir);
  gst_weir_look_back (weir, before);
}

/* The stream comes first: it goes on, with the bank it had or unguarded, and
 * everyone is told. */
static void
on_failure (GstWeir *weir, const gchar *path, const gchar *error)
{
  gboolean has_bank;

  g_mutex_lock (&weir->match_lock);
  has_bank = weir->bank != NULL;
  queue_bank (weir, path, error);
  gst_weir_tell_and_unlock (weir);
  GST_ELEMENT_WARNING (weir, RESOURCE, OPEN_READ, ("%s", error), (NULL));
  if (!has_bank)
    set_problem (weir, error);
}

/* What there is to look up in, nothing from the feed as yet included. */
static const gchar *
get_problem (GstWeir *weir, const WeirBank *bank)
{
  gboolean has_feed;

  GST_OBJECT_LOCK (weir);
  has_feed = weir->feed != NULL;
  GST_OBJECT_UNLOCK (weir);
  if (weir_bank_get_n_references (bank) > 0 || !has_feed)
    return NULL;
  return "nothing has come from the feed yet; see 'weir feed status'";
}

static void
on_bank (
    WeirBank *bank, const gchar *path, const GError *error, gpointer user_data)
{
  GstWeir *weir = user_data;

  g_atomic_int_set (&weir->analyses, path || weir->print_func);
  if (error) {
    on_failure (weir, path, error->message);
  } else if (bank) {
    use_bank (weir, bank, path);
    set_problem (weir, get_problem (weir, bank));
  } else {
    use_no_bank (weir);
    set_problem (weir, weir->print_func ? NULL : "no bank is set");
  }
}

/* The bank in use stays: this is word of what does not take its place. */
static void
on_feed (const gchar *url, const gchar *error, gpointer user_data)
{
  GstWeir *weir = user_data;

  GST_INFO_OBJECT (weir, "feed %s: %s", url, error ? error : "in order");
  g_mutex_lock (&weir->match_lock);
  queue_bank (weir, url, error);
  gst_weir_tell_and_unlock (weir);
}

/* The address of the feed that the reference @id is of, and in @folder its
 * folder; NULL: it is of none. */
static gchar *
find_feed (GstWeir *weir, const gchar *id, gchar **folder)
{
  g_autofree gchar *origin = NULL;
  gchar *url = NULL;
  guint32 index;

  if (!weir_bank_find_reference (weir->bank, id, &index))
    return NULL;
  origin = weir_bank_get_origin (weir->bank, index);
  GST_OBJECT_LOCK (weir);
  if (weir->feed)
    url = weir_feed_find_url (weir->feed, origin);
  GST_OBJECT_UNLOCK (weir);
  *folder = url ? g_path_get_dirname (origin) : NULL;
  return url;
}

/* An event that says why @match can only flag; NULL: it may do more. */
static WeirEvent *
hold_flood (GstWeir *weir, WeirMatch *match, const gchar *stream_id)
{
  gint64 now = g_get_real_time ();
  g_autofree gchar *folder = NULL;
  g_autofree gchar *url = find_feed (weir, match->reference.id, &folder);
  g_autoptr (GError) error = NULL;
  gint64 begun;

  GST_OBJECT_LOCK (weir);
  begun = weir->begun;
  GST_OBJECT_UNLOCK (weir);
  if (!url || weir_feed_flood_admit (
                  folder, match->reference.id, stream_id, begun, now, &error))
    return NULL;
  match->verdict = MIN (match->verdict, WEIR_ACTION_FLAG);
  weir_matcher_spare (weir->matcher, match->id);
  return weir_event_new_bank (
      weir->bank, url, error->message, now / G_USEC_PER_SEC);
}

/* A match is judged when it begins, and each time that it would cut. What has
 * been cut stays so. */
GPtrArray *
gst_weir_hold_floods (GstWeir *weir)
{
  g_autofree gchar *stream_id = gst_weir_get_stream_id (weir);
  GPtrArray *events = NULL;
  guint i;

  for (i = 0; i < weir->matches->len && weir->matcher; i++) {
    WeirMatch *match = &g_array_index (weir->matches, WeirMatch, i);
    WeirEvent *event = NULL;

    if (match->state == WEIR_MATCH_STARTED ||
        (match->verdict == WEIR_ACTION_CUT &&
            match->state == WEIR_MATCH_UPDATED &&
            !g_atomic_int_get (&weir->cut)))
      event = hold_flood (weir, match, stream_id);
    if (event && !events)
      events = g_ptr_array_new ();
    if (event)
      g_ptr_array_add (events, event);
  }
  return events;
}

/* What the properties name, as one path. Called with the object lock. */
static gchar *
get_path (GstWeir *weir)
{
  g_autofree gchar *feed =
      weir->feed ? weir_feed_get_bank_path (weir->feed) : NULL;

  if (!feed || !weir->bank_path)
    return g_strdup (feed ? feed : weir->bank_path);
  return g_strconcat (weir->bank_path, ",", feed, NULL);
}

/* Starts the feed that the properties name, if they name one. Not with a lock:
 * whoever is told may call back. */
static void
start_feed (GstWeir *weir)
{
  g_autofree gchar *urls = NULL;
  g_autofree gchar *keys = NULL;
  g_autofree gchar *cache_dir = NULL;
  g_autoptr (GError) error = NULL;
  WeirFeed *feed;

  GST_OBJECT_LOCK (weir);
  urls = g_strdup (weir->feed_urls);
  keys = g_strdup (weir->feed_keys);
  cache_dir = g_strdup (weir->cache_dir);
  GST_OBJECT_UNLOCK (weir);
  if (!urls)
    return;
  feed = weir_feed_new (urls, keys, cache_dir, &error);
  if (!feed)
    on_failure (weir, urls, error->message);
  GST_OBJECT_LOCK (weir);
  weir->feed = feed;
  GST_OBJECT_UNLOCK (weir);
}

void
gst_weir_start_bank (GstWeir *weir)
{
  g_autofree gchar *path = NULL;
  g_autofree gchar *now = NULL;
  WeirBankFollower *follower;

  start_feed (weir);
  GST_OBJECT_LOCK (weir);
  path = get_path (weir);
  GST_OBJECT_UNLOCK (weir);
  follower = weir_bank_follower_new (path, on_bank, weir);
  GST_OBJECT_LOCK (weir);
  weir->follower = follower;
  now = get_path (weir);
  if (g_strcmp0 (path, now) != 0)
    weir_bank_follower_set_path (follower, now);
  GST_OBJECT_UNLOCK (weir);
  if (weir->feed)
    weir_feed_watch (weir->feed, on_feed, weir);
}

void
gst_weir_stop_bank (GstWeir *weir)
{
  WeirBankFollower *follower;
  WeirFeed *feed;

  GST_OBJECT_LOCK (weir);
  follower = g_steal_pointer (&weir->follower);
  feed = g_steal_pointer (&weir->feed);
  GST_OBJECT_UNLOCK (weir);
  g_clear_pointer (&feed, weir_feed_free);
  g_clear_pointer (&follower, weir_bank_follower_free);
  use_no_bank (weir);
}

void
gst_weir_set_bank_path (GstWeir *weir, const gchar *path)
{
  GST_OBJECT_LOCK (weir);
  g_free (weir->bank_path);
  weir->bank_path = g_strdup (path);
  if (weir->follower) {
    g_autofree gchar *whole = get_path (weir);

    weir_bank_follower_set_path (weir->follower, whole);
  }
  GST_OBJECT_UNLOCK (weir);
}
