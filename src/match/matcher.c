/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From evidence on lines to matches and their verdicts. */

#include "match/matcher.h"

#include "match/audio-streams.h"

#include <math.h>
#include <string.h>

#define MS G_GINT64_CONSTANT (1000000)

/* Sound and picture of one copy may be out of step by this much and still
 * count as one line. */
#define AV_TOLERANCE (500 * MS)

/* Time that goes back by more than this is another stream. */
#define BACKWARDS_TOLERANCE (2000 * MS)

/* Above both bounds of the built-in policy; evidence of pictures does not grow
 * for long from there on. Lines that are this certain, nats, and no farther
 * apart than the spread are as certain. */
#define CERTAIN        30.0
#define CERTAIN_SPREAD 1.0

/* The two may be so far apart in the order in which they come. */
#define AV_LAG_MAX (10000 * MS)

/* A hit is suspicious for so long, and sound from this evidence on, nats. */
#define SUSPICION_TIME  (2000 * MS)
#define SUSPICION_SOUND 4.0

/* References that match at the same time; more are not reported. */
#define MATCHES_MAX 32

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

typedef struct {
  WeirMatch report; /* as last reported */
  guint32 reference;
  gboolean spared;   /* released by a person: can only flag */
  guint64 agreement; /* of the line that says where it is; 0: sound */
  gint64 reported;   /* time of the last report */
} ActiveMatch;

/* The best that the lines at hand say of one reference. */
typedef struct {
  guint32 reference;
  gdouble evidence;
  const WeirVideoLine *video; /* either may be missing */
  const WeirAudioLine *audio;
} Candidate;

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

  GArray *active;        /* of ActiveMatch */
  GArray *candidates;    /* of Candidate, at the moment */
  GHashTable *dismissed; /* families, as strings */

  /* of the frame at hand */
  WeirLook *looks[WEIR_FRAME_LOOKS_MAX];
  WeirPdqHash queries[2 * WEIR_FRAME_LOOKS_MAX];
  GArray *found;     /* of WeirVideoHit, for all of them */
  GArray *hits;      /* of those, for the look at hand */
  GArray *part_hits; /* of those, on parts of references */

  guint64 n_lookups;
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
  matcher->active = g_array_new (FALSE, FALSE, sizeof (ActiveMatch));
  matcher->candidates = g_array_new (FALSE, FALSE, sizeof (Candidate));
  matcher->dismissed =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  matcher->found = g_array_new (FALSE, FALSE, sizeof (WeirVideoHit));
  matcher->hits = g_array_new (FALSE, FALSE, sizeof (WeirVideoHit));
  matcher->part_hits = g_array_new (FALSE, FALSE, sizeof (WeirVideoHit));
  return matcher;
}

void
weir_matcher_free (WeirMatcher *matcher)
{
  weir_video_lines_free (matcher->video);
  weir_audio_streams_free (matcher->audio);
  g_array_unref (matcher->active);
  g_array_unref (matcher->candidates);
  g_hash_table_unref (matcher->dismissed);
  g_array_unref (matcher->found);
  g_array_unref (matcher->hits);
  g_array_unref (matcher->part_hits);
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

static gboolean
belong_together (const WeirVideoLine *video, const WeirAudioLine *audio)
{
  gint64 time = audio->last.time;
  gint64 heard = time - audio->offset;

  return video->reference == audio->reference &&
         ABS (weir_video_line_get_point (video, time).position - heard) <=
             AV_TOLERANCE;
}

static Candidate *
find_candidate (GArray *candidates, guint32 reference)
{
  Candidate added = { .reference = reference };
  guint i;

  for (i = 0; i < candidates->len; i++) {
    Candidate *candidate = &g_array_index (candidates, Candidate, i);

    if (candidate->reference == reference)
      return candidate;
  }
  g_array_append_val (candidates, added);
  return &g_array_index (candidates, Candidate, candidates->len - 1);
}

/* Of lines that are certain, that which has been hit more often and nearer
 * knows its place better. */
static gboolean
agrees_better (const WeirVideoLine *a, const WeirVideoLine *b)
{
  return a && (!b || weir_video_line_get_agreement (a) >
                         weir_video_line_get_agreement (b));
}

static gboolean
is_as_certain (gdouble a, gdouble b)
{
  return fabs (a - b) <= (MIN (a, b) >= CERTAIN ? CERTAIN_SPREAD : 0);
}

static void
consider (GArray *candidates, guint32 reference, gdouble evidence,
    const WeirVideoLine *video, const WeirAudioLine *audio)
{
  Candidate *candidate;

  /* A line that is followed may say nothing at the moment. */
  if (evidence <= 0)
    return;
  candidate = find_candidate (candidates, reference);
  if (is_as_certain (evidence, candidate->evidence)
          ? !agrees_better (video, candidate->video)
          : evidence < candidate->evidence)
    return;
  candidate->evidence = evidence;
  candidate->video = video;
  candidate->audio = audio;
}

/* Each line by itself, and each pair of a video and an audio line that say the
 * same; the best of them stands for its reference. */
static void
collect_candidates (WeirMatcher *matcher)
{
  GArray *candidates = matcher->candidates;
  guint n_video = weir_video_lines_get_length (matcher->video);
  guint n_audio = weir_audio_streams_get_length (matcher->audio);
  guint i, j;

  g_array_set_size (candidates, 0);
  for (i = 0; i < n_video; i++) {
    const WeirVideoLine *line = weir_video_lines_get (matcher->video, i);
    consider (candidates, line->reference, line->evidence, line, NULL);
  }
  for (i = 0; i < n_audio; i++) {
    const WeirAudioLine *line = weir_audio_streams_get (matcher->audio, i);

    consider (candidates, line->reference, line->evidence, NULL, line);
    for (j = 0; j < n_video; j++) {
      const WeirVideoLine *other = weir_video_lines_get (matcher->video, j);

      if (belong_together (other, line))
        consider (candidates, line->reference, line->evidence + other->evidence,
            other, line);
    }
  }
}

static WeirAction
get_verdict (const WeirMatcher *matcher, const Candidate *candidate,
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

static const WeirStamp *
earlier_stamp (const WeirStamp *a, const WeirStamp *b)
{
  return a->time <= b->time ? a : b;
}

/* Where an audio line is in its reference. Its offset is that of its end. */
static WeirTrackPoint
get_audio_point (const WeirAudioLine *line, gint64 time)
{
  gdouble before = (gdouble) (line->last.time - time) * line->speed;

  return (WeirTrackPoint){
    .speed = line->speed,
    .position = line->last.time - line->offset - (gint64) before,
  };
}

static void
describe (
    const WeirMatcher *matcher, const Candidate *candidate, WeirMatch *report)
{
  const WeirVideoLine *video = candidate->video;
  const WeirAudioLine *audio = candidate->audio;
  WeirTrackPoint start;

  report->media =
      (video ? WEIR_MEDIA_VIDEO : 0) | (audio ? WEIR_MEDIA_AUDIO : 0);
  report->evidence = candidate->evidence;
  report->confidence =
      weir_policy_get_confidence (&matcher->policy, candidate->evidence);
  report->hits = (video ? video->hits : 0) + (audio ? audio->hits : 0);
  report->distance = video ? weir_video_line_get_distance (video) : -1;
  report->edits = video ? weir_video_line_get_edits (video) : 0;
  if (video && audio) {
    report->first = *earlier_stamp (&video->first, &audio->first);
    report->last =
        *(video->last.time >= audio->last.time ? &video->last : &audio->last);
  } else {
    report->first = video ? video->first : audio->first;
    report->last = video ? video->last : audio->last;
  }
  start = video ? weir_video_line_get_point (video, report->first.time)
                : get_audio_point (audio, report->first.time);
  report->speed = start.speed;
  report->reference_start = (guint64) MAX (start.position, 0);
  report->decided = matcher->newest;
}

static ActiveMatch *
find_active (WeirMatcher *matcher, guint32 reference)
{
  guint i;

  for (i = 0; i < matcher->active->len; i++) {
    ActiveMatch *active = &g_array_index (matcher->active, ActiveMatch, i);

    if (active->reference == reference)
      return active;
  }
  return NULL;
}

static void
report (ActiveMatch *active, WeirMatchState state, gint64 time, GArray *matches)
{
  active->report.state = state;
  active->reported = time;
  g_array_append_val (matches, active->report);
}

/* A reference without a family is one by itself. */
static const gchar *
get_family (const WeirReference *reference)
{
  return *reference->family ? reference->family : reference->id;
}

static guint64
get_agreement (const Candidate *candidate)
{
  return candidate->video ? weir_video_line_get_agreement (candidate->video)
                          : 0;
}

static void
start_match (WeirMatcher *matcher, const Candidate *candidate, GArray *matches)
{
  ActiveMatch active = { .reference = candidate->reference };
  g_autofree gchar *id = NULL;

  if (matcher->active->len >= MATCHES_MAX ||
      candidate->evidence < weir_policy_get_flag_evidence (&matcher->policy))
    return;
  weir_bank_get_reference (
      matcher->bank, candidate->reference, &active.report.reference);
  if (g_hash_table_contains (
          matcher->dismissed, get_family (&active.report.reference)))
    return;

  id = g_uuid_string_random ();
  g_strlcpy (active.report.id, id, sizeof (active.report.id));
  active.report.verdict =
      get_verdict (matcher, candidate, &active.report.reference, FALSE);
  describe (matcher, candidate, &active.report);
  active.agreement = get_agreement (candidate);
  report (&active, WEIR_MATCH_STARTED, matcher->newest.time, matches);
  g_array_append_val (matcher->active, active);
}

/* The span's first moment stands, and what a line said of it that is hit
 * better than the one at hand: when a copy is over, others of its reference
 * may outlast it for some frames. */
static void
keep_place (
    ActiveMatch *active, const Candidate *candidate, const WeirMatch *before)
{
  WeirMatch *now = &active->report;
  guint64 agreement = get_agreement (candidate);

  if (agreement < active->agreement)
    now->speed = before->speed;
  if (agreement < active->agreement || before->first.time < now->first.time) {
    now->first = before->first;
    now->reference_start = before->reference_start;
  }
  active->agreement = MAX (active->agreement, agreement);
}

static void
update_match (WeirMatcher *matcher, ActiveMatch *active,
    const Candidate *candidate, GArray *matches)
{
  WeirMatch before = active->report;
  WeirAction verdict =
      get_verdict (matcher, candidate, &before.reference, active->spared);

  describe (matcher, candidate, &active->report);
  /* A match keeps what it had: its first moment, its best verdict and every
   * medium that spoke for it. */
  active->report.verdict = MAX (verdict, before.verdict);
  active->report.media |= before.media;
  active->report.evidence = MAX (active->report.evidence, before.evidence);
  active->report.confidence =
      MAX (active->report.confidence, before.confidence);
  active->report.hits = MAX (active->report.hits, before.hits);
  if (active->report.distance < 0)
    active->report.distance = before.distance;
  keep_place (active, candidate, &before);
  if (before.last.time > active->report.last.time)
    active->report.last = before.last;

  if (active->report.verdict != before.verdict ||
      active->report.media != before.media ||
      matcher->newest.time - active->reported >=
          matcher->policy.update_interval)
    report (active, WEIR_MATCH_UPDATED, matcher->newest.time, matches);
}

static void
end_match (WeirMatcher *matcher, guint index, GArray *matches)
{
  ActiveMatch *active = &g_array_index (matcher->active, ActiveMatch, index);

  active->report.decided = matcher->newest;
  report (active, WEIR_MATCH_ENDED, matcher->newest.time, matches);
  g_array_remove_index (matcher->active, index);
}

static void
end_matches (WeirMatcher *matcher, gint64 since, GArray *matches)
{
  guint i = 0;

  while (i < matcher->active->len) {
    ActiveMatch *active = &g_array_index (matcher->active, ActiveMatch, i);

    if (active->report.last.time >= since) {
      i++;
      continue;
    }
    end_match (matcher, i, matches);
  }
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
decide (WeirMatcher *matcher, GArray *matches)
{
  gint64 since = get_settled_time (matcher) - matcher->policy.end_gap;
  guint i;

  weir_video_lines_expire (matcher->video, since);
  weir_audio_streams_expire (matcher->audio, since);
  collect_candidates (matcher);
  for (i = 0; i < matcher->candidates->len; i++) {
    const Candidate *candidate =
        &g_array_index (matcher->candidates, Candidate, i);
    ActiveMatch *active = find_active (matcher, candidate->reference);

    if (candidate->audio && candidate->audio->evidence >= SUSPICION_SOUND)
      suspect (&matcher->media[AUDIO]);
    if (active)
      update_match (matcher, active, candidate, matches);
    else
      start_match (matcher, candidate, matches);
  }
  end_matches (matcher, since, matches);
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

/* What @view of a reference a copy shows where its mirror image has @view. */
static WeirView
mirror_view (WeirView view)
{
  switch (view) {
    case WEIR_VIEW_TOP_LEFT:
      return WEIR_VIEW_TOP_RIGHT;
    case WEIR_VIEW_TOP_RIGHT:
      return WEIR_VIEW_TOP_LEFT;
    case WEIR_VIEW_BOTTOM_LEFT:
      return WEIR_VIEW_BOTTOM_RIGHT;
    case WEIR_VIEW_BOTTOM_RIGHT:
      return WEIR_VIEW_BOTTOM_LEFT;
    default:
      return view;
  }
}

/* What a hit on a part of a reference says of the copy: the whole picture
 * shows no more than that part. A part is only looked for where it should be;
 * other hits of it are chance. */
static void
sort_hits (WeirMatcher *matcher, WeirView view, WeirEdits edits)
{
  GArray *hits[] = { matcher->hits, matcher->part_hits };
  guint n_kept = 0, i;

  g_array_set_size (matcher->part_hits, 0);
  for (i = 0; i < matcher->hits->len; i++) {
    WeirVideoHit hit = g_array_index (matcher->hits, WeirVideoHit, i);

    if (!weir_view_is_part (view) && weir_view_is_part (hit.view))
      g_array_append_val (matcher->part_hits, hit);
    else if (!weir_view_is_part (view) || hit.view == view)
      g_array_index (matcher->hits, WeirVideoHit, n_kept++) = hit;
  }
  g_array_set_size (matcher->hits, n_kept);
  for (i = 0; i < G_N_ELEMENTS (hits); i++)
    weir_video_lines_vote (
        matcher->video, i == 0 ? edits : edits | WEIR_EDIT_CROPPED, hits[i]);
}

/* The looks of @frame that say something, each as it is and mirrored. Returns
 * how many there are. */
static guint
gather_looks (WeirMatcher *matcher, WeirFrame *frame)
{
  guint n_looks = 0, i;

  for (i = 0; i < frame->n_looks; i++) {
    WeirLook *look = &frame->looks[i];

    look->hit = FALSE;
    if (look->quality < WEIR_PDQ_MIN_QUALITY)
      continue;
    matcher->queries[2 * n_looks] = look->hash;
    matcher->queries[2 * n_looks + 1] = look->mirrored;
    matcher->looks[n_looks++] = look;
  }
  return n_looks;
}

/* Moves the hits of @query, which begin at @begin of what was found, into
 * matcher->hits. Returns where they end; @benign becomes TRUE when one is. */
static guint
take_hits (WeirMatcher *matcher, guint query, guint begin, gboolean *benign)
{
  guint i;

  g_array_set_size (matcher->hits, 0);
  for (i = begin; i < matcher->found->len; i++) {
    const WeirVideoHit *hit = &g_array_index (matcher->found, WeirVideoHit, i);

    if (hit->query != query)
      break;
    *benign = *benign || hit->benign;
    g_array_append_vals (matcher->hits, hit, 1);
  }
  return i;
}

static void
vote_for_hits (WeirMatcher *matcher, WeirLook *look, gboolean mirrored)
{
  sort_hits (matcher, mirrored ? mirror_view (look->view) : look->view,
      look->edits | (mirrored ? WEIR_EDIT_MIRRORED : 0));
  look->hit =
      look->hit || matcher->hits->len > 0 || matcher->part_hits->len > 0;
}

/* Votes for what the look @index hit from @begin on. Returns where its hits
 * end; @benign says that it is no evidence of anything. */
static guint
vote_for_look (WeirMatcher *matcher, guint index, guint begin, gboolean *benign)
{
  WeirLook *look = matcher->looks[index];
  guint middle = take_hits (matcher, 2 * index, begin, benign);
  guint end = take_hits (matcher, 2 * index + 1, middle, benign);

  if (*benign || end == begin)
    return end;
  take_hits (matcher, 2 * index, begin, benign);
  vote_for_hits (matcher, look, FALSE);
  take_hits (matcher, 2 * index + 1, middle, benign);
  vote_for_hits (matcher, look, TRUE);
  return end;
}

void
weir_matcher_add_video (WeirMatcher *matcher, const WeirStamp *stamp,
    WeirFrame *frame, GArray *matches)
{
  const WeirPdqHash *shown = NULL;
  guint n_looks = gather_looks (matcher, frame);
  guint at = 0, i;

  advance (matcher, VIDEO, stamp, matches);
  weir_video_lines_begin (matcher->video, stamp);
  g_array_set_size (matcher->found, 0);
  weir_bank_lookup_video_many (matcher->bank, matcher->queries, 2 * n_looks,
      WEIR_PDQ_RADIUS, matcher->found);
  matcher->n_lookups += 2 * n_looks;
  for (i = 0; i < n_looks; i++) {
    gboolean benign = FALSE;

    at = vote_for_look (matcher, i, at, &benign);
    if (matcher->looks[i]->hit)
      suspect (&matcher->media[VIDEO]);
    if (!shown && !benign)
      shown = &matcher->looks[i]->hash;
  }
  if (shown)
    weir_video_lines_end (matcher->video, shown);
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
  end_matches (matcher, G_MAXINT64, matches);
  weir_video_lines_clear (matcher->video);
  weir_audio_streams_clear (matcher->audio);
  memset (matcher->media, 0, sizeof (matcher->media));
  matcher->started = FALSE;
}

/* The record may allow less than it did. */
static void
renew_match (
    WeirMatcher *matcher, ActiveMatch *active, WeirBank *bank, GArray *matches)
{
  WeirMatch *match = &active->report;
  WeirAction before = match->verdict;

  weir_bank_get_reference (bank, active->reference, &match->reference);
  match->verdict =
      MIN (before, weir_reference_get_allowed_action (&match->reference, 0));
  if (match->verdict != before)
    report (active, WEIR_MATCH_UPDATED, matcher->newest.time, matches);
}

void
weir_matcher_set_bank (WeirMatcher *matcher, WeirBank *bank, GArray *matches)
{
  g_autoptr (WeirBankMap) map = weir_bank_map_new (matcher->bank, bank);
  guint i = 0;

  while (i < matcher->active->len) {
    ActiveMatch *active = &g_array_index (matcher->active, ActiveMatch, i);

    active->reference = weir_bank_map_get (map, active->reference);
    if (active->reference == WEIR_REFERENCE_GONE)
      end_match (matcher, i, matches);
    else
      renew_match (matcher, &g_array_index (matcher->active, ActiveMatch, i++),
          bank, matches);
  }
  weir_video_lines_set_bank (matcher->video, bank, map);
  weir_audio_streams_set_bank (matcher->audio, bank, map);
  weir_bank_unref (matcher->bank);
  matcher->bank = weir_bank_ref (bank);
}

/* What matches already began with @match. */
static void
extend_match (WeirMatcher *matcher, ActiveMatch *active, const WeirMatch *match,
    GArray *matches)
{
  WeirMatch *known = &active->report;

  if (match->first.time < known->first.time) {
    known->first = match->first;
    known->reference_start = match->reference_start;
  }
  if (!active->spared)
    known->verdict = MAX (known->verdict, match->verdict);
  known->media |= match->media;
  known->evidence = MAX (known->evidence, match->evidence);
  known->confidence = MAX (known->confidence, match->confidence);
  known->hits += match->hits;
  report (active, WEIR_MATCH_UPDATED, matcher->newest.time, matches);
}

gboolean
weir_matcher_add_past (WeirMatcher *matcher, const WeirMatch *match,
    gboolean goes_on, GArray *matches)
{
  ActiveMatch past = { .report = *match };
  WeirMatch *found = &past.report;
  ActiveMatch *active;

  if (!weir_bank_find_reference (
          matcher->bank, match->reference.id, &past.reference))
    return FALSE;
  weir_bank_get_reference (matcher->bank, past.reference, &found->reference);
  if (g_hash_table_contains (
          matcher->dismissed, get_family (&found->reference)))
    return FALSE;
  found->verdict = MIN (found->verdict, matcher->max_action);
  found->verdict = MIN (found->verdict,
      weir_reference_get_allowed_action (&found->reference, matcher->date));
  if (!goes_on)
    found->verdict = MIN (found->verdict, WEIR_ACTION_FLAG);

  active = goes_on ? find_active (matcher, past.reference) : NULL;
  if (active) {
    extend_match (matcher, active, found, matches);
    return TRUE;
  }
  report (&past, WEIR_MATCH_STARTED, matcher->newest.time, matches);
  if (goes_on && matcher->active->len < MATCHES_MAX)
    g_array_append_val (matcher->active, past);
  else
    report (&past, WEIR_MATCH_ENDED, matcher->newest.time, matches);
  return TRUE;
}

gboolean
weir_matcher_dismiss (WeirMatcher *matcher, const gchar *id, GArray *matches)
{
  g_autofree gchar *family = NULL;
  guint i = 0;

  for (i = 0; i < matcher->active->len && !family; i++) {
    const WeirMatch *match =
        &g_array_index (matcher->active, ActiveMatch, i).report;

    if (strcmp (match->id, id) == 0)
      family = g_strdup (get_family (&match->reference));
  }
  if (!family)
    return FALSE;

  i = 0;
  while (i < matcher->active->len) {
    ActiveMatch *active = &g_array_index (matcher->active, ActiveMatch, i);

    if (strcmp (get_family (&active->report.reference), family) != 0) {
      i++;
      continue;
    }
    active->report.verdict = WEIR_ACTION_NONE;
    report (active, WEIR_MATCH_ENDED, matcher->newest.time, matches);
    g_array_remove_index (matcher->active, i);
  }
  g_hash_table_add (matcher->dismissed, g_steal_pointer (&family));
  return TRUE;
}

static void
spare (ActiveMatch *active)
{
  active->spared = TRUE;
  active->report.verdict = MIN (active->report.verdict, WEIR_ACTION_FLAG);
}

void
weir_matcher_spare (WeirMatcher *matcher, const gchar *id)
{
  guint i;

  for (i = 0; i < matcher->active->len; i++) {
    ActiveMatch *active = &g_array_index (matcher->active, ActiveMatch, i);

    if (strcmp (active->report.id, id) == 0)
      spare (active);
  }
}

void
weir_matcher_release (WeirMatcher *matcher)
{
  guint i;

  for (i = 0; i < matcher->active->len; i++)
    spare (&g_array_index (matcher->active, ActiveMatch, i));
}

const WeirMatch *
weir_matcher_get_cutting_match (const WeirMatcher *matcher)
{
  guint i;

  for (i = 0; i < matcher->active->len; i++) {
    const WeirMatch *match =
        &g_array_index (matcher->active, ActiveMatch, i).report;

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
  return matcher->active->len > 0;
}

guint64
weir_matcher_get_n_lookups (const WeirMatcher *matcher)
{
  return matcher->n_lookups + weir_audio_streams_get_n_lookups (matcher->audio);
}

const gchar *
weir_match_state_to_string (WeirMatchState state)
{
  static const gchar *const names[] = { "started", "updated", "ended" };

  return names[state];
}

const gchar *
weir_media_to_string (WeirMedia media)
{
  static const gchar *const names[] = { "none", "video", "audio", "both" };

  return names[media & WEIR_MEDIA_BOTH];
}
