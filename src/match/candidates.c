/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The best that the lines of picture and sound say of each reference. */

#include "match/candidates.h"

#include <math.h>

#define MS G_GINT64_CONSTANT (1000000)

/* Sound and picture of one copy may be out of step by this much and still
 * count as one line. */
#define AV_TOLERANCE (500 * MS)

/* Above both bounds of the built-in policy; evidence of pictures does not grow
 * for long from there on. Lines that are this certain, nats, and no farther
 * apart than the spread are as certain. */
#define CERTAIN        30.0
#define CERTAIN_SPREAD 1.0

static gboolean
belong_together (const WeirVideoLine *video, const WeirAudioLine *audio)
{
  gint64 time = audio->last.time;
  gint64 heard = time - audio->offset;

  return video->reference == audio->reference &&
         ABS (weir_video_line_get_point (video, time).position - heard) <=
             AV_TOLERANCE;
}

static WeirCandidate *
find_candidate (GArray *candidates, guint32 reference)
{
  WeirCandidate added = { .reference = reference };
  guint i;

  for (i = 0; i < candidates->len; i++) {
    WeirCandidate *candidate = &g_array_index (candidates, WeirCandidate, i);

    if (candidate->reference == reference)
      return candidate;
  }
  g_array_append_val (candidates, added);
  return &g_array_index (candidates, WeirCandidate, candidates->len - 1);
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
  WeirCandidate *candidate;

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

void
weir_candidates_collect (GArray *candidates, const WeirVideoLines *video,
    const WeirAudioStreams *audio)
{
  guint n_video = weir_video_lines_get_length (video);
  guint n_audio = weir_audio_streams_get_length (audio);
  guint i, j;

  g_array_set_size (candidates, 0);
  for (i = 0; i < n_video; i++) {
    const WeirVideoLine *line = weir_video_lines_get (video, i);

    consider (candidates, line->reference, line->evidence, line, NULL);
  }
  for (i = 0; i < n_audio; i++) {
    const WeirAudioLine *line = weir_audio_streams_get (audio, i);

    consider (candidates, line->reference, line->evidence, NULL, line);
    for (j = 0; j < n_video; j++) {
      const WeirVideoLine *other = weir_video_lines_get (video, j);

      if (belong_together (other, line))
        consider (candidates, line->reference, line->evidence + other->evidence,
            other, line);
    }
  }
}

guint64
weir_candidate_get_agreement (const WeirCandidate *candidate)
{
  return candidate->video ? weir_video_line_get_agreement (candidate->video)
                          : 0;
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

void
weir_candidate_describe (
    const WeirCandidate *candidate, const WeirPolicy *policy, WeirMatch *match)
{
  const WeirVideoLine *video = candidate->video;
  const WeirAudioLine *audio = candidate->audio;
  WeirTrackPoint start;

  match->media =
      (video ? WEIR_MEDIA_VIDEO : 0) | (audio ? WEIR_MEDIA_AUDIO : 0);
  match->evidence = candidate->evidence;
  match->confidence = weir_policy_get_confidence (policy, candidate->evidence);
  match->hits = (video ? video->hits : 0) + (audio ? audio->hits : 0);
  match->distance = video ? weir_video_line_get_distance (video) : -1;
  match->edits = video ? weir_video_line_get_edits (video) : 0;
  if (video && audio) {
    match->first = *earlier_stamp (&video->first, &audio->first);
    match->last =
        *(video->last.time >= audio->last.time ? &video->last : &audio->last);
  } else {
    match->first = video ? video->first : audio->first;
    match->last = video ? video->last : audio->last;
  }
  start = video ? weir_video_line_get_point (video, match->first.time)
                : get_audio_point (audio, match->first.time);
  match->speed = start.speed;
  match->reference_start = (guint64) MAX (start.position, 0);
}
