/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The history, played to a matcher of its own. */
#include "history/look-back.h"

#include "fingerprint/landmark.h"
#include "history/history-private.h"

/* A step of the way, of whole rows and steps of sound. */
#define BLOCK (16 * WEIR_SOUND_ROW)

/* Levels are known so many steps before the peaks of the same time. */
#define BANDS_AHEAD 5

/* Of a mirror image the terms of odd horizontal frequency, of which the first
 * column is one, have the other sign, and the median, which is near 0, is about
 * the same: nearly all their bits change. */
#define ODD_FREQUENCIES G_GUINT64_CONSTANT (0x5555555555555555)

struct _WeirLookBack {
  WeirHistory *history;
  gint64 until;
  gint64 time; /* all before has been matched; on the history's line */
  WeirMatcher *matcher;
  GArray *reports; /* of WeirMatch, of the step at hand */
  GArray *matches; /* of WeirPastMatch */
  gboolean done;

  guint64 next_mark; /* the first that is not before time */
  guint64 next_look;
  WeirFrame frame;

  WeirLandmarkExtractor *extractor;
  WeirSound *sound;
  guint64 run; /* the one being played */
  gboolean in_run;
  guint32 base; /* row of the run that counts as row 0 */
  guint64 next_peak;
  guint64 next_bands;
};

WeirLookBack *
weir_look_back_new (WeirHistory *history, gint64 until, WeirBank *bank,
    const WeirPolicy *policy, WeirAction max_action, gint64 date)
{
  WeirLookBack *look_back = g_new0 (WeirLookBack, 1);
  const WeirRing *marks = &history->marks;

  look_back->history = history;
  look_back->until = MIN (until, history->newest);
  look_back->matcher = weir_matcher_new (bank, policy);
  weir_matcher_set_max_action (look_back->matcher, max_action);
  weir_matcher_set_date (look_back->matcher, date);
  look_back->reports = g_array_new (FALSE, FALSE, sizeof (WeirMatch));
  look_back->matches = g_array_new (FALSE, FALSE, sizeof (WeirPastMatch));
  look_back->next_look = history->looks.first;
  look_back->extractor = weir_landmark_extractor_new (WEIR_LANDMARK_QUERY);
  look_back->sound = weir_sound_new ();
  look_back->run = history->runs.first;
  look_back->next_mark = marks->first;
  look_back->time = look_back->until;
  /* The first mark may be of long before all that is left. */
  if (!weir_ring_is_empty (marks))
    look_back->time = MAX (
        ((WeirHistoryMark *) weir_ring_get (marks, marks->first))->stamp.time,
        history->newest - history->length);
  return look_back;
}

void
weir_look_back_free (WeirLookBack *look_back)
{
  weir_history_free (look_back->history);
  weir_matcher_free (look_back->matcher);
  g_array_unref (look_back->reports);
  g_array_unref (look_back->matches);
  weir_landmark_extractor_free (look_back->extractor);
  weir_sound_free (look_back->sound);
  g_free (look_back);
}

/* ---- Pictures ---- */

static void
fill_look (const WeirHistoryLook *kept, WeirLook *look)
{
  guint i;

  *look = (WeirLook){
    .hash = kept->hash,
    .mirrored = kept->hash,
    .quality = kept->quality,
    .firm_bits = kept->firm_bits,
    .view = (WeirView) kept->view,
    .edits = (WeirEdits) kept->edits,
  };
  for (i = 0; i < G_N_ELEMENTS (look->mirrored.words); i++)
    look->mirrored.words[i] ^= ODD_FREQUENCIES;
}

/* The frame at @time as it is, which stands for what the stream showed: without
 * weight, unless it is kept as a look as well. */
static void
fill_whole (const WeirHistory *history, gint64 time, WeirLook *look)
{
  guint64 number = weir_history_find_shown (history, time);
  const WeirHistoryShown *shown;

  *look = (WeirLook){ .view = WEIR_VIEW_PLAIN };
  if (number == history->shown.end)
    return;
  shown = weir_ring_get (&history->shown, number);
  if (shown->time != time)
    return;
  look->hash = look->mirrored = shown->hash;
  look->firm = shown->firm;
}

/* Shows the next frame; FALSE when it is not before @end. */
static gboolean
show_frame (WeirLookBack *look_back, gint64 end)
{
  const WeirRing *looks = &look_back->history->looks;
  WeirFrame *frame = &look_back->frame;
  const WeirHistoryLook *look;
  WeirStamp stamp;
  gint64 time;

  if (look_back->next_look >= looks->end)
    return FALSE;
  look = weir_ring_get (looks, look_back->next_look);
  time = look->time;
  if (time >= end)
    return FALSE;
  fill_whole (look_back->history, time, &frame->looks[0]);
  for (frame->n_looks = 1;
       look->time == time && frame->n_looks < WEIR_FRAME_LOOKS_MAX;) {
    fill_look (look, &frame->looks[frame->n_looks++]);
    if (++look_back->next_look == looks->end)
      break;
    look = weir_ring_get (looks, look_back->next_look);
  }
  weir_history_get_stamp (look_back->history, time, &stamp);
  weir_matcher_add_video (
      look_back->matcher, &stamp, frame, look_back->reports);
  return TRUE;
}

/* ---- Sound ---- */

/* Begins where both peaks and levels are there. */
static void
begin_run (WeirLookBack *look_back, const WeirHistoryRun *run)
{
  const WeirHistory *history = look_back->history;

  look_back->in_run = TRUE;
  look_back->next_bands = MAX (run->first_bands, history->bands.first);
  look_back->next_peak = MAX (run->first_peak, history->peaks.first);
  look_back->base = 2 * (guint32) (look_back->next_bands - run->first_bands);
  weir_landmark_extractor_reset (look_back->extractor);
  weir_sound_reset (look_back->sound);
  weir_matcher_restart_audio (look_back->matcher, 0);
}

/* Takes the peaks of the rows before @row, of those before number @last. */
static void
replay_peaks (WeirLookBack *look_back, guint32 row, guint64 last)
{
  const WeirRing *peaks = &look_back->history->peaks;

  for (; look_back->next_peak < last; look_back->next_peak++) {
    WeirSoundPeak peak =
        weir_history_unpack_peak (weir_ring_get (peaks, look_back->next_peak));

    if (peak.row >= row)
      break;
    if (peak.row < look_back->base)
      continue;
    peak.row -= look_back->base;
    weir_landmark_extractor_replay (look_back->extractor, &peak, 1,
        look_back->sound->n_rows, look_back->sound);
  }
  weir_landmark_extractor_replay (
      look_back->extractor, NULL, 0, row - look_back->base, look_back->sound);
}

static void
replay_bands (WeirLookBack *look_back, guint64 last)
{
  for (; look_back->next_bands < last; look_back->next_bands++) {
    WeirSoundBands bands = weir_history_unpack_bands (
        weir_ring_get (&look_back->history->bands, look_back->next_bands));

    g_array_append_val (look_back->sound->bands, bands);
  }
}

/* Plays the run up to @end. TRUE: that is all of it. */
static gboolean
play_run (WeirLookBack *look_back, const WeirHistoryRun *run,
    const WeirHistoryRun *run_end, gint64 end)
{
  gint64 passed = MAX (end - run->origin - WEIR_SOUND_LEAD, 0);
  guint64 n_steps = (guint64) (passed / WEIR_SOUND_STEP);
  guint64 all = run_end->first_bands - run->first_bands;
  gboolean is_all = n_steps >= all;
  WeirStamp stamp;

  n_steps = MIN (n_steps, all);
  if (2 * n_steps > look_back->base) {
    replay_bands (look_back,
        MIN (run->first_bands + n_steps + BANDS_AHEAD, run_end->first_bands));
    replay_peaks (look_back, 2 * (guint32) n_steps, run_end->first_peak);
    weir_history_get_stamp (look_back->history, end, &stamp);
    weir_matcher_add_audio (look_back->matcher, &stamp,
        run->origin + look_back->base * WEIR_SOUND_ROW, look_back->sound,
        look_back->reports);
    weir_sound_consume (look_back->sound);
  }
  return is_all;
}

static void
play_sound (WeirLookBack *look_back, gint64 end)
{
  const WeirRing *runs = &look_back->history->runs;

  while (look_back->run < runs->end) {
    const WeirHistoryRun *run = weir_ring_get (runs, look_back->run);
    WeirHistoryRun run_end;

    if (run->origin >= end)
      return;
    if (!look_back->in_run)
      begin_run (look_back, run);
    weir_history_get_run_end (look_back->history, look_back->run, &run_end);
    if (!play_run (look_back, run, &run_end, end))
      return;
    look_back->in_run = FALSE;
    look_back->run++;
  }
}

/* ---- Matches ---- */

static void
to_stream_time (const WeirLookBack *look_back, WeirStamp *stamp)
{
  stamp->time -= look_back->history->shift;
}

/* Of what the matcher said of a match, its end says it all. */
static void
take_reports (WeirLookBack *look_back, gboolean goes_on)
{
  guint i;

  for (i = 0; i < look_back->reports->len; i++) {
    WeirPastMatch past = {
      .match = g_array_index (look_back->reports, WeirMatch, i),
      .goes_on = goes_on,
    };

    if (past.match.state != WEIR_MATCH_ENDED)
      continue;
    to_stream_time (look_back, &past.match.first);
    to_stream_time (look_back, &past.match.last);
    weir_history_get_stamp (
        look_back->history, look_back->until, &past.match.decided);
    to_stream_time (look_back, &past.match.decided);
    g_array_append_val (look_back->matches, past);
  }
  g_array_set_size (look_back->reports, 0);
}

static void
finish (WeirLookBack *look_back)
{
  weir_matcher_reset (look_back->matcher, look_back->reports);
  take_reports (look_back, TRUE);
  look_back->done = TRUE;
}

/* Where the block that begins now ends: before the stream starts anew. @anew
 * says that it does there. */
static gint64
find_block_end (WeirLookBack *look_back, gboolean *anew)
{
  const WeirRing *marks = &look_back->history->marks;
  gint64 end = MIN (look_back->time + BLOCK, look_back->until + 1);

  *anew = FALSE;
  for (; look_back->next_mark < marks->end; look_back->next_mark++) {
    const WeirHistoryMark *mark = weir_ring_get (marks, look_back->next_mark);

    if (mark->stamp.time > end)
      break;
    if (mark->anew && mark->stamp.time > look_back->time) {
      *anew = TRUE;
      return mark->stamp.time;
    }
  }
  return end;
}

gboolean
weir_look_back_step (WeirLookBack *look_back)
{
  gboolean anew;
  gint64 end;

  if (look_back->done)
    return FALSE;
  end = find_block_end (look_back, &anew);
  while (show_frame (look_back, end))
    ;
  play_sound (look_back, end);
  if (anew)
    weir_matcher_reset (look_back->matcher, look_back->reports);
  take_reports (look_back, FALSE);
  look_back->time = end;
  if (end > look_back->until)
    finish (look_back);
  return !look_back->done;
}

const GArray *
weir_look_back_get_matches (const WeirLookBack *look_back)
{
  return look_back->matches;
}
