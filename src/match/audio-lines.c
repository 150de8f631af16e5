/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Audio evidence: places that votes name, compared and followed. */

#include "match/audio-lines.h"

#include "match/audio-patches.h"
#include "match/audio-places.h"
#include "match/audio-votes.h"

#include <stdlib.h>

/* Lines are brought up to date after so many rows, 0.26 s. */
#define UPDATE_ROWS 16

/* Lines kept at a time. */
#define LINES_MAX 32

/* The peaks of a candidate that pairs of peaks have named must exceed chance by
 * this before all is compared; of one that patches have named they may be covered
 * by other sound. */
#define CANDIDATE_PEAKS 2.5
#define COVERED_PEAKS   (-G_MAXDOUBLE)

/* A line that is followed well is compared out of step once in so many updates. */
#define KNOWN_UPDATES 4

/* Evidence with which a line begins and still goes on. */
#define GOING_ON 2.0

#define EVIDENCE_MAX 40.0

/* Offsets in rows, and warps, that differ by less are one. */
#define SAME_ROWS    6
#define SAME_STRETCH 0.012f
#define SAME_SHIFT   1.0f

/* Updates in the two seconds of the shortest window. */
#define N_MARKS 8

typedef struct {
  WeirAudioLine line;
  WeirAudioPlace place;
  gboolean lost;          /* rows count anew: the place is not one of them */
  gdouble evidence;       /* the line's, without bounds */
  gdouble marks[N_MARKS]; /* evidence of the shortest window, ring */
  guint n_marks;
  gdouble older; /* the best mark that has left the ring */
} Followed;

/* A place that is worth comparing. */
typedef struct {
  WeirAudioPlace place;
  gdouble fit; /* of its peaks */
} Found;

G_STATIC_ASSERT (WEIR_AUDIO_PATCHES_MAX <= WEIR_AUDIO_MAX_CANDIDATES);

struct _WeirAudioLines {
  WeirBank *bank;
  WeirAudioVotes *votes;     /* NULL while the bank has no sound */
  WeirAudioPatches *patches; /* likewise */
  WeirAudioHistory *history;
  guint32 updated; /* row of the last update */
  Followed followed[LINES_MAX];
  guint n_followed;
  Found found[WEIR_AUDIO_MAX_CANDIDATES];
  WeirAudioTrace trace;
  gpointer trace_data;
};

static void
take_bank (WeirAudioLines *lines, WeirBank *bank)
{
  lines->bank = weir_bank_ref (bank);
  if (weir_bank_get_n_audio (bank) == 0) {
    g_clear_pointer (&lines->votes, weir_audio_votes_free);
    g_clear_pointer (&lines->patches, weir_audio_patches_free);
  } else if (lines->votes) {
    weir_audio_votes_set_bank (lines->votes, bank);
    weir_audio_patches_set_bank (lines->patches, bank);
  } else {
    lines->votes = weir_audio_votes_new (bank);
    lines->patches = weir_audio_patches_new (bank);
  }
}

WeirAudioLines *
weir_audio_lines_new (WeirBank *bank)
{
  WeirAudioLines *lines = g_new0 (WeirAudioLines, 1);

  take_bank (lines, bank);
  lines->history = weir_audio_history_new ();
  return lines;
}

void
weir_audio_lines_free (WeirAudioLines *lines)
{
  g_clear_pointer (&lines->votes, weir_audio_votes_free);
  g_clear_pointer (&lines->patches, weir_audio_patches_free);
  g_clear_pointer (&lines->history, weir_audio_history_free);
  weir_bank_unref (lines->bank);
  g_free (lines);
}

void
weir_audio_lines_clear (WeirAudioLines *lines)
{
  weir_audio_lines_restart (lines);
  lines->n_followed = 0;
}

/* Lines stay as they are until they expire or are found again. */
void
weir_audio_lines_restart (WeirAudioLines *lines)
{
  guint i;

  for (i = 0; i < lines->n_followed; i++)
    lines->followed[i].lost = TRUE;
  if (lines->votes) {
    weir_audio_votes_clear (lines->votes);
    weir_audio_patches_clear (lines->patches);
  }
  weir_audio_history_clear (lines->history);
  lines->updated = 0;
}

void
weir_audio_lines_set_trace (
    WeirAudioLines *lines, WeirAudioTrace func, gpointer user_data)
{
  lines->trace = func;
  lines->trace_data = user_data;
}

void
weir_audio_lines_set_bank (
    WeirAudioLines *lines, WeirBank *bank, WeirBankMap *map)
{
  guint n_kept = 0, i;

  for (i = 0; i < lines->n_followed; i++) {
    Followed followed = lines->followed[i];

    followed.line.reference = weir_bank_map_get (map, followed.line.reference);
    followed.place.reference = followed.line.reference;
    if (followed.line.reference != WEIR_REFERENCE_GONE)
      lines->followed[n_kept++] = followed;
  }
  lines->n_followed = n_kept;
  weir_bank_unref (lines->bank);
  take_bank (lines, bank);
}

static gboolean
compare (const WeirAudioLines *lines, const WeirAudioPlace *place,
    gboolean is_known, WeirAudioComparison *comparison)
{
  guint32 n_steps;
  const WeirSoundStep *steps =
      weir_bank_get_sound_steps (lines->bank, place->reference, &n_steps);

  if (!weir_audio_history_compare (
          lines->history, place, steps, n_steps, is_known, comparison))
    return FALSE;
  if (lines->trace)
    lines->trace (comparison, lines->trace_data);
  return TRUE;
}

/* ---- Lines ---- */

static WeirStamp
get_row_stamp (const WeirStamp *stamp, gint64 origin, gdouble row)
{
  gint64 time =
      origin + WEIR_SOUND_LEAD + (gint64) (row * (gdouble) WEIR_SOUND_ROW);

  return weir_stamp_shift (stamp, MAX (stamp->time - time, 0));
}

static gdouble
get_reference_row (const WeirAudioPlace *place, gdouble row)
{
  return (gdouble) place->warp.stretch * row + place->offset;
}

static gint64
get_offset (const WeirAudioPlace *place, gint64 origin, gdouble row)
{
  gdouble rows = row - get_reference_row (place, row);

  return origin + (gint64) (rows * (gdouble) WEIR_SOUND_ROW);
}

/* The followed line that runs by @place at the newest row. */
static Followed *
find_followed (
    WeirAudioLines *lines, const WeirAudioPlace *place, gint64 origin)
{
  gdouble end = weir_audio_history_get_end (lines->history);
  gint64 offset = get_offset (place, origin, end);
  guint i;

  for (i = 0; i < lines->n_followed; i++) {
    Followed *followed = &lines->followed[i];

    if (followed->place.reference == place->reference &&
        ABS (followed->line.offset - offset) <= SAME_ROWS * WEIR_SOUND_ROW)
      return followed;
  }
  return NULL;
}

static Followed *
add_followed (WeirAudioLines *lines, gdouble evidence)
{
  Followed *weakest = &lines->followed[0];
  guint i;

  if (lines->n_followed < LINES_MAX)
    return &lines->followed[lines->n_followed++];
  for (i = 1; i < LINES_MAX; i++) {
    if (lines->followed[i].line.evidence < weakest->line.evidence)
      weakest = &lines->followed[i];
  }
  return weakest->line.evidence < evidence ? weakest : NULL;
}

/* Puts what was found at @followed's place into its line. */
static void
follow (Followed *followed, const WeirAudioComparison *comparison,
    const WeirStamp *stamp, gint64 origin)
{
  WeirAudioLine *line = &followed->line;
  gdouble newest = comparison->windows[0];
  gdouble *mark = &followed->marks[followed->n_marks % N_MARKS];

  if (followed->n_marks >= N_MARKS)
    followed->older = MAX (followed->older, *mark);
  *mark = newest;
  followed->n_marks++;

  followed->evidence = comparison->evidence;
  line->evidence = CLAMP (comparison->evidence, 0, EVIDENCE_MAX);
  line->sustained = CLAMP (MIN (newest, followed->older), 0, EVIDENCE_MAX);
  line->speed = (gdouble) followed->place.warp.stretch;
  line->hits = MAX (line->hits, comparison->hits);
  if (comparison->evidence < GOING_ON && followed->n_marks > 1)
    return;
  line->last = get_row_stamp (stamp, origin, comparison->last_row);
  line->offset = get_offset (&followed->place, origin, comparison->last_row);
}

static gboolean
is_followed_well (const Followed *followed, const WeirAudioPlace *place)
{
  const WeirWarp *warp;

  if (!followed)
    return FALSE;
  warp = &followed->place.warp;

  return !followed->lost && followed->line.evidence >= EVIDENCE_MAX / 2 &&
         ABS (warp->stretch - place->warp.stretch) < SAME_STRETCH &&
         ABS (warp->shift - place->warp.shift) < SAME_SHIFT;
}

static void
add_line (WeirAudioLines *lines, const WeirAudioPlace *place,
    const WeirAudioComparison *comparison, const WeirStamp *stamp,
    gint64 origin)
{
  Followed *followed = add_followed (lines, comparison->evidence);

  if (!followed)
    return;
  *followed = (Followed){
    .place = *place,
    .line = { .reference = place->reference,
        .first = get_row_stamp (stamp, origin, comparison->first_row) },
    .older = -G_MAXDOUBLE,
  };
  follow (followed, comparison, stamp, origin);
}

/* FALSE when the candidate is not worth comparing. */
static gboolean
look_around (const WeirAudioLines *lines, const WeirAudioPlace *candidate,
    gdouble least_peaks, Found *found)
{
  guint32 n_steps;
  const WeirSoundStep *steps =
      weir_bank_get_sound_steps (lines->bank, candidate->reference, &n_steps);

  found->place = *candidate;
  return weir_audio_place_look_around (
      lines->history, steps, n_steps, least_peaks, &found->place, &found->fit);
}

/* Compares all. What is better than a line that is followed there takes its
 * place. */
static void
consider (WeirAudioLines *lines, const WeirAudioPlace *place,
    const WeirStamp *stamp, gint64 origin)
{
  Followed *followed = find_followed (lines, place, origin);
  WeirAudioComparison comparison;

  if (is_followed_well (followed, place) ||
      !compare (lines, place, FALSE, &comparison) ||
      comparison.evidence < GOING_ON)
    return;
  if (!followed) {
    add_line (lines, place, &comparison, stamp, origin);
    return;
  }
  if (followed->lost || comparison.evidence > followed->evidence) {
    followed->place = *place;
    followed->evidence = comparison.evidence;
  }
  followed->lost = FALSE;
}

/* The one whose peaks fit best first. */
static gint
compare_found (gconstpointer a, gconstpointer b)
{
  const Found *first = a, *second = b;

  if (first->fit != second->fit)
    return first->fit > second->fit ? -1 : 1;
  if (first->place.reference != second->place.reference)
    return first->place.reference < second->place.reference ? -1 : 1;
  return (first->place.offset > second->place.offset) -
         (first->place.offset < second->place.offset);
}

static void
consider_all (WeirAudioLines *lines, const WeirAudioPlace *candidates,
    guint n_candidates, gdouble least_peaks, const WeirStamp *stamp,
    gint64 origin)
{
  guint n = 0;

  for (guint i = 0; i < n_candidates; i++) {
    const Followed *followed = find_followed (lines, &candidates[i], origin);

    if (!is_followed_well (followed, &candidates[i]) &&
        look_around (lines, &candidates[i], least_peaks, &lines->found[n]))
      n++;
  }
  qsort (lines->found, n, sizeof (Found), compare_found);
  for (guint i = 0; i < n; i++)
    consider (lines, &lines->found[i].place, stamp, origin);
}

/* That it is worth less out of step. */
static gboolean
is_known (const Followed *followed)
{
  return followed->line.evidence >= EVIDENCE_MAX / 2 &&
         followed->n_marks % KNOWN_UPDATES != 0;
}

static gboolean
improve (const WeirAudioLines *lines, WeirAudioPlace *place)
{
  guint32 n_steps;
  const WeirSoundStep *steps =
      weir_bank_get_sound_steps (lines->bank, place->reference, &n_steps);

  return weir_audio_place_improve (lines->history, steps, n_steps, place);
}

static void
update (WeirAudioLines *lines, const WeirStamp *stamp, gint64 origin)
{
  const WeirAudioPlace *candidates;
  guint n_candidates, n_followed = lines->n_followed, i;

  weir_audio_history_renew_controls (lines->history);
  for (i = 0; i < n_followed; i++) {
    Followed *followed = &lines->followed[i];
    WeirAudioComparison comparison;

    if (followed->lost || !improve (lines, &followed->place))
      continue;
    if (compare (lines, &followed->place, is_known (followed), &comparison))
      follow (followed, &comparison, stamp, origin);
  }
  weir_audio_history_renew_controls (lines->history);
  candidates = weir_audio_votes_collect (lines->votes, &n_candidates);
  consider_all (
      lines, candidates, n_candidates, CANDIDATE_PEAKS, stamp, origin);
  candidates = weir_audio_patches_collect (lines->patches, &n_candidates);
  consider_all (lines, candidates, n_candidates, COVERED_PEAKS, stamp, origin);
}

void
weir_audio_lines_add (WeirAudioLines *lines, const WeirStamp *stamp,
    gint64 origin, const WeirSound *sound)
{
  guint32 end;

  weir_audio_history_add (lines->history, sound);
  if (!lines->votes)
    return;
  weir_audio_votes_add (lines->votes, sound->pairs);
  weir_audio_patches_add (lines->patches, sound->bands);
  end = weir_audio_history_get_end (lines->history);
  if (end - lines->updated < UPDATE_ROWS)
    return;
  lines->updated = end - end % UPDATE_ROWS;
  update (lines, stamp, origin);
}

void
weir_audio_lines_expire (WeirAudioLines *lines, gint64 time)
{
  guint i = 0;

  while (i < lines->n_followed) {
    if (lines->followed[i].line.last.time < time)
      lines->followed[i] = lines->followed[--lines->n_followed];
    else
      i++;
  }
}

guint
weir_audio_lines_get_length (const WeirAudioLines *lines)
{
  return lines->n_followed;
}

const WeirAudioLine *
weir_audio_lines_get (const WeirAudioLines *lines, guint index)
{
  return &lines->followed[index].line;
}

guint64
weir_audio_lines_get_n_lookups (const WeirAudioLines *lines)
{
  if (!lines->votes)
    return 0;
  return weir_audio_votes_get_n_lookups (lines->votes) +
         weir_audio_patches_get_n_lookups (lines->patches);
}
