/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From evidence on lines to matches and their verdicts. */

#include "match/matcher.h"

#include "match/active-matches.h"
#include "match/audio-streams.h"
#include "match/candidates.h"
#include "match/video-search.h"

#include <string.h>

#define MS G_GINT64_CONSTANT (1000000)

/* Time that goes back by more than this is another stream. */
#define BACKWARDS_TOLERANCE (2000 * MS)

/* The two may be so far apart in the order in which they come. */
#define AV_LAG_MAX (10000 * MS)

/* A hit is suspicious for so long, and sound from this evidence on, nats. */
#define SUSPICION_TIME  (2000 * MS)
#define SUSPICION_SOUND 4.0

enum {
  VIDEO,
  AUDIO,
  N_MEDIA,
};

/* How far one medium has come. ns */
typedef struct {
  gboolean started;
  gint64 newest;
  gboolean suspected;
  gint64 suspicion; /* the last */
} Medium;

struct _WeirMatcher {
  WeirBank *bank;
  WeirPolicy policy;
  WeirAction max_action;

  WeirVideoLines *video;
  WeirAudioStreams *audio;
  Medium media[N_MEDIA];
  WeirStamp newest; /* of both */
  gboolean started;
  gint64 date; /* seconds since 1970; 0: not known */

  WeirVideoSearch *search;
  WeirActiveMatches *active;
  GArray *candidates; /* of WeirCandidate, at the moment */
};

WeirMatcher *
weir_matcher_new (WeirBank *bank, const WeirPolicy *policy)
{
  WeirMatcher *matcher = g_new0 (WeirMatcher, 1);

  matcher->bank = weir_bank_ref (bank);
  matcher->policy = *policy;
  matcher->max_action = WEIR_ACTION_FLAG;
  matcher->video = weir_video_lines_new (bank);
  matcher->audio = weir_audio_streams_new (bank);
  matcher->search = weir_video_search_new ();
  matcher->active = weir_active_matches_new ();
  matcher->candidates = g_array_new (FALSE, FALSE, sizeof (WeirCandidate));
  return matcher;
}

void
weir_matcher_free (WeirMatcher *matcher)
{
  weir_video_lines_free (matcher->video);
  weir_audio_streams_free (matcher->audio);
  weir_video_search_free (matcher->search);
  weir_active_matches_free (matcher->active);
  g_array_unref (matcher->candidates);
  weir_bank_unref (matcher->bank);
  g_free (matcher);
}

void
weir_matcher_set_max_action (WeirMatcher *matcher, WeirAction action)
{
  matcher->max_action = action;
}

void
weir_matcher_set_date (WeirMatcher *matcher, gint64 date)
{
  matcher->date = date;
}

static WeirAction
get_verdict (const WeirMatcher *matcher, const WeirCandidate *candidate,
    const WeirReference *reference, gboolean spared)
{
  WeirAction action = WEIR_ACTION_NONE;
  gdouble flag = weir_policy_get_flag_evidence (&matcher->policy);

  if (candidate->evidence >= flag)
    action = WEIR_ACTION_FLAG;
  if (candidate->evidence >= weir_policy_get_cut_evidence (&matcher->policy))
    action = WEIR_ACTION_CUT;
  /* Sound alone cuts only when two disjoint windows on one line say it. */
  if (action == WEIR_ACTION_CUT && !candidate->video &&
      candidate->audio->sustained < flag / 2)
    action = WEIR_ACTION_FLAG;
  if (spared || (candidate->video && candidate->video->still))
    action = MIN (action, WEIR_ACTION_FLAG);

  action = MIN (
      action, weir_reference_get_allowed_action (reference, matcher->date));
  return MIN (action, matcher->max_action);
}

/* The time up to which both media have come, as far as they wait for each
 * other. */
static gint64
get_settled_time (const WeirMatcher *matcher)
{
  gint64 settled = matcher->newest.time;
  guint i;

  for (i = 0; i < N_MEDIA; i++)
    if (matcher->media[i].started)
      settled = MIN (settled, matcher->media[i].newest);
  return MAX (settled, matcher->newest.time - AV_LAG_MAX);
}

static void
suspect (Medium *medium)
{
  medium->suspected = TRUE;
  medium->suspicion = medium->newest;
}

static void
describe (const WeirMatcher *matcher, const WeirCandidate *candidate,
    gboolean spared, WeirMatch *match)
{
  weir_bank_get_reference (
      matcher->bank, candidate->reference, &match->reference);
  weir_candidate_describe (candidate, &matcher->policy, match);
  match->verdict = get_verdict (matcher, candidate, &match->reference, spared);
  match->decided = matcher->newest;
}

static void
follow (WeirMatcher *matcher, const WeirCandidate *candidate, GArray *matches)
{
  WeirActiveMatch *active =
      weir_active_matches_find (matcher->active, candidate->reference);
  guint64 agreement = weir_candidate_get_agreement (candidate);
  WeirMatch match = { 0 };

  if (!active &&
      candidate->evidence < weir_policy_get_flag_evidence (&matcher->policy))
    return;
  describe (matcher, candidate, active && active->spared, &match);
  if (active)
    weir_active_match_update (
        active, &match, agreement, matcher->policy.update_interval, matches);
  else
    weir_active_matches_start (
        matcher->active, candidate->reference, &match, agreement, matches);
}

static void
decide (WeirMatcher *matcher, GArray *matches)
{
  gint64 since = get_settled_time (matcher) - matcher->policy.end_gap;
  guint i;

  weir_video_lines_expire (matcher->video, since);
  weir_audio_streams_expire (matcher->audio, since);
  weir_candidates_collect (matcher->candidates, matcher->video, matcher->audio);
  for (i = 0; i < matcher->candidates->len; i++) {
    const WeirCandidate *candidate =
        &g_array_index (matcher->candidates, WeirCandidate, i);

    if (candidate->audio && candidate->audio->evidence >= SUSPICION_SOUND)
      suspect (&matcher->media[AUDIO]);
    follow (matcher, candidate, matches);
  }
  weir_active_matches_end (matcher->active, since, &matcher->newest, matches);
}

/* Audio and video come in turns, each in its own order: the newest of both is
 * the matcher's now. */
static void
advance (
    WeirMatcher *matcher, guint index, const WeirStamp *stamp, GArray *matches)
{
  Medium *medium = &matcher->media[index];

  if (medium->started && stamp->time < medium->newest - BACKWARDS_TOLERANCE)
    weir_matcher_reset (matcher, matches);
  if (!medium->started || stamp->time > medium->newest)
    medium->newest = stamp->time;
  if (!matcher->started || stamp->time > matcher->newest.time)
    matcher->newest = *stamp;
  medium->started = matcher->started = TRUE;
}

void
weir_matcher_add_video (WeirMatcher *matcher, const WeirStamp *stamp,
    WeirFrame *frame, GArray *matches)
{
  advance (matcher, VIDEO, stamp, matches);
  if (weir_video_search_run (
          matcher->search, matcher->bank, matcher->video, stamp, frame))
    suspect (&matcher->media[VIDEO]);
  decide (matcher, matches);
}

void
weir_matcher_add_audio (WeirMatcher *matcher, const WeirStamp *stamp,
    gint64 origin, const WeirSound *sound, GArray *matches)
{
  advance (matcher, AUDIO, stamp, matches);
  weir_audio_streams_add (matcher->audio, stamp, origin, sound);
  decide (matcher, matches);
}

void
weir_matcher_set_video_trace (
    WeirMatcher *matcher, WeirVideoTrace func, gpointer user_data)
{
  weir_video_lines_set_trace (matcher->video, func, user_data);
}

void
weir_matcher_restart_audio (WeirMatcher *matcher, guint stream)
{
  weir_audio_streams_restart (matcher->audio, stream);
}

void
weir_matcher_reset (WeirMatcher *matcher, GArray *matches)
{
  weir_active_matches_end (
      matcher->active, G_MAXINT64, &matcher->newest, matches);
  weir_video_lines_clear (matcher->video);
  weir_audio_streams_clear (matcher->audio);
  memset (matcher->media, 0, sizeof (matcher->media));
  matcher->started = FALSE;
}

void
weir_matcher_set_bank (WeirMatcher *matcher, WeirBank *bank, GArray *matches)
{
  g_autoptr (WeirBankMap) map = weir_bank_map_new (matcher->bank, bank);

  weir_active_matches_set_bank (
      matcher->active, bank, map, &matcher->newest, matches);
  weir_video_lines_set_bank (matcher->video, bank, map);
  weir_audio_streams_set_bank (matcher->audio, bank, map);
  weir_bank_unref (matcher->bank);
  matcher->bank = weir_bank_ref (bank);
}

gboolean
weir_matcher_add_past (WeirMatcher *matcher, const WeirMatch *match,
    gboolean goes_on, GArray *matches)
{
  WeirMatch past = *match;
  guint32 reference;

  if (!weir_bank_find_reference (
          matcher->bank, match->reference.id, &reference))
    return FALSE;
  weir_bank_get_reference (matcher->bank, reference, &past.reference);
  if (weir_active_matches_is_dismissed (matcher->active, &past.reference))
    return FALSE;
  past.verdict = MIN (past.verdict, matcher->max_action);
  past.verdict = MIN (past.verdict,
      weir_reference_get_allowed_action (&past.reference, matcher->date));
  if (!goes_on)
    past.verdict = MIN (past.verdict, WEIR_ACTION_FLAG);
  weir_active_matches_add_past (matcher->active, reference, &past, goes_on,
      matcher->newest.time, matches);
  return TRUE;
}

gboolean
weir_matcher_dismiss (WeirMatcher *matcher, const gchar *id, GArray *matches)
{
  return weir_active_matches_dismiss (
      matcher->active, id, matcher->newest.time, matches);
}

void
weir_matcher_spare (WeirMatcher *matcher, const gchar *id)
{
  weir_active_matches_spare (matcher->active, id);
}

void
weir_matcher_release (WeirMatcher *matcher)
{
  weir_active_matches_spare (matcher->active, NULL);
}

const WeirMatch *
weir_matcher_get_cutting_match (const WeirMatcher *matcher)
{
  guint n = weir_active_matches_get_length (matcher->active);
  guint i;

  for (i = 0; i < n; i++) {
    const WeirMatch *match =
        &weir_active_matches_get (matcher->active, i)->report;

    if (match->verdict == WEIR_ACTION_CUT)
      return match;
  }
  return NULL;
}

gboolean
weir_matcher_is_suspicious (const WeirMatcher *matcher)
{
  guint i;

  for (i = 0; i < N_MEDIA; i++) {
    const Medium *medium = &matcher->media[i];

    if (medium->suspected &&
        medium->newest - medium->suspicion <= SUSPICION_TIME)
      return TRUE;
  }
  return weir_active_matches_get_length (matcher->active) > 0;
}

guint64
weir_matcher_get_n_lookups (const WeirMatcher *matcher)
{
  return weir_video_search_get_n_lookups (matcher->search) +
         weir_audio_streams_get_n_lookups (matcher->audio);
}
