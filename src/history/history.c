/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Taking fingerprints into the history, and letting them go. */
#include "history/history-private.h"

#include <math.h>
#include <string.h>

#define MS     G_GINT64_CONSTANT (1000000)
#define SECOND (1000 * MS)

/* Looks of one view are farther apart than this. */
#define WHOLE_INTERVAL (29 * MS)
#define PART_INTERVAL  (155 * MS)

/* At most so many a second, of looks by their intervals: 35 of each of two
 * wholes and 6.4 of each of nine parts, which come at other frames at times.
 * Marks as below; of ordinary sound there are half as many peaks and landmarks,
 * and of white noise these. */
#define LOOKS_RATE     128
#define SHOWN_RATE     42
#define MARKS_RATE     5
#define PEAKS_RATE     160
#define LANDMARKS_RATE 128

/* Runs of sound that are told apart. */
#define RUNS_MAX 256

/* A mark is set each MARK_INTERVAL, and sooner when the clocks have moved
 * against each other by more than MARK_DRIFT; but only a jump, of more than
 * MARK_JUMP, is worth one within MARK_PAUSE. */
#define MARK_INTERVAL SECOND
#define MARK_DRIFT    (40 * MS)
#define MARK_PAUSE    (250 * MS)
#define MARK_JUMP     SECOND

/* Time that goes back by more than this has started anew. */
#define BACKWARDS_TOLERANCE (2 * SECOND)

static guint32
get_capacity (guint seconds, gdouble rate)
{
  return (guint32) ceil (seconds * rate) + 64;
}

WeirHistory *
weir_history_new (guint seconds)
{
  WeirHistory *history = g_new0 (WeirHistory, 1);
  const gdouble step_rate = (gdouble) SECOND / WEIR_SOUND_STEP;

  g_return_val_if_fail (
      seconds > 0 && seconds <= WEIR_HISTORY_MAX_LENGTH, NULL);

  history->length = seconds * SECOND;
  weir_ring_init (&history->looks, sizeof (WeirHistoryLook),
      get_capacity (seconds, LOOKS_RATE));
  weir_ring_init (&history->shown, sizeof (WeirHistoryShown),
      get_capacity (seconds, SHOWN_RATE));
  weir_ring_init (&history->marks, sizeof (WeirHistoryMark),
      get_capacity (seconds, MARKS_RATE));
  weir_ring_init (&history->runs, sizeof (WeirHistoryRun), RUNS_MAX);
  weir_ring_init (&history->peaks, sizeof (WeirHistoryPeak),
      get_capacity (seconds, PEAKS_RATE));
  weir_ring_init (&history->bands, sizeof (WeirHistoryBands),
      get_capacity (seconds, step_rate));
  weir_ring_init (&history->landmarks, sizeof (WeirHistoryLandmark),
      get_capacity (seconds, LANDMARKS_RATE));
  weir_ring_init (&history->steps, sizeof (WeirSoundStep),
      get_capacity (seconds, step_rate));
  return history;
}

void
weir_history_free (WeirHistory *history)
{
  weir_ring_clear (&history->looks);
  weir_ring_clear (&history->shown);
  weir_ring_clear (&history->marks);
  weir_ring_clear (&history->runs);
  weir_ring_clear (&history->peaks);
  weir_ring_clear (&history->bands);
  weir_ring_clear (&history->landmarks);
  weir_ring_clear (&history->steps);
  g_free (history);
}

WeirHistory *
weir_history_copy (const WeirHistory *history)
{
  WeirHistory *copy = g_new (WeirHistory, 1);

  *copy = *history;
  weir_ring_init_copy (&copy->looks, &history->looks);
  weir_ring_init_copy (&copy->shown, &history->shown);
  weir_ring_init_copy (&copy->marks, &history->marks);
  weir_ring_init_copy (&copy->runs, &history->runs);
  weir_ring_init_copy (&copy->peaks, &history->peaks);
  weir_ring_init_copy (&copy->bands, &history->bands);
  weir_ring_init_copy (&copy->landmarks, &history->landmarks);
  weir_ring_init_copy (&copy->steps, &history->steps);
  return copy;
}

gsize
weir_history_get_max_size (const WeirHistory *history)
{
  const WeirRing *rings[] = { &history->looks, &history->shown, &history->marks,
    &history->runs, &history->peaks, &history->bands, &history->landmarks,
    &history->steps };
  gsize size = sizeof (*history);
  guint i;

  for (i = 0; i < G_N_ELEMENTS (rings); i++)
    size += rings[i]->max_capacity * rings[i]->item_size;
  return size;
}

/* ---- Time ---- */

gint64
weir_history_get_newest (const WeirHistory *history)
{
  return weir_ring_is_empty (&history->marks) ? G_MININT64 : history->newest;
}

static guint64
find_time (const WeirRing *ring, gsize offset, gint64 time)
{
  guint64 low = ring->first, high = ring->end;

  while (low < high) {
    guint64 middle = low + (high - low) / 2;
    const guint8 *item = weir_ring_get (ring, middle);
    gint64 found;

    memcpy (&found, item + offset, sizeof (found));
    if (found < time)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

guint64
weir_history_find_mark (const WeirHistory *history, gint64 time)
{
  return find_time (
      &history->marks, G_STRUCT_OFFSET (WeirHistoryMark, stamp.time), time);
}

guint64
weir_history_find_look (const WeirHistory *history, gint64 time)
{
  return find_time (
      &history->looks, G_STRUCT_OFFSET (WeirHistoryLook, time), time);
}

guint64
weir_history_find_shown (const WeirHistory *history, gint64 time)
{
  return find_time (
      &history->shown, G_STRUCT_OFFSET (WeirHistoryShown, time), time);
}

void
weir_history_get_stamp (
    const WeirHistory *history, gint64 time, WeirStamp *stamp)
{
  guint64 number = weir_history_find_mark (history, time + 1);
  const WeirHistoryMark *mark;

  mark = weir_ring_get (
      &history->marks, MAX (number, history->marks.first + 1) - 1);
  *stamp = weir_stamp_shift (&mark->stamp, mark->stamp.time - time);
}

static gint64
get_drift (guint64 clock, guint64 expected)
{
  if (clock == expected)
    return 0;
  if (clock == WEIR_TIME_NONE || expected == WEIR_TIME_NONE)
    return MARK_JUMP;
  return (gint64) MIN (
      MIN (clock - expected, expected - clock), (guint64) G_MAXINT64);
}

/* By how much the clocks of @stamp are not those that the last mark makes
 * expect. */
static gint64
get_drifts (const WeirStamp *stamp, const WeirStamp *mark)
{
  WeirStamp expected = weir_stamp_shift (mark, mark->time - stamp->time);
  gint64 drift = get_drift (stamp->timestamp, expected.timestamp);

  drift = MAX (drift, get_drift (stamp->stream_time, expected.stream_time));
  return MAX (drift, get_drift (stamp->running_time, expected.running_time));
}

static gboolean
is_worth_a_mark (const WeirHistory *history, const WeirStamp *stamp)
{
  const WeirHistoryMark *last;
  gint64 passed, drift;

  if (weir_ring_is_empty (&history->marks))
    return TRUE;
  last = weir_ring_get (&history->marks, history->marks.end - 1);
  passed = stamp->time - last->stamp.time;
  if (passed < 0)
    return FALSE;
  drift = get_drifts (stamp, &last->stamp);
  return passed >= MARK_INTERVAL || drift >= MARK_JUMP ||
         (passed >= MARK_PAUSE && drift > MARK_DRIFT);
}

static void
add_mark (WeirHistory *history, const WeirStamp *stamp, gboolean anew)
{
  WeirHistoryMark *mark = weir_ring_append (&history->marks);

  *mark = (WeirHistoryMark){ .stamp = *stamp, .anew = anew };
}

/* The first row of a run that is as new as @time. */
static guint64
find_row (const WeirHistoryRun *run, gint64 time)
{
  gint64 passed = time - run->origin - WEIR_SOUND_LEAD;

  return passed > 0 ? (guint64) (passed / WEIR_SOUND_ROW) : 0;
}

static void
drop_old_sound (WeirHistory *history, guint64 number, gint64 time)
{
  const WeirHistoryRun *run = weir_ring_get (&history->runs, number);
  guint64 row = find_row (run, time);
  gint64 age = MAX (time - run->origin, 0) / MS;
  WeirHistoryRun end;

  weir_history_get_run_end (history, number, &end);
  while (history->peaks.first < end.first_peak &&
         ((WeirHistoryPeak *) weir_ring_get (
              &history->peaks, history->peaks.first))
                 ->row < row)
    weir_ring_drop (&history->peaks, history->peaks.first + 1);
  while (history->landmarks.first < end.first_landmark &&
         ((WeirHistoryLandmark *) weir_ring_get (
              &history->landmarks, history->landmarks.first))
                 ->time < age)
    weir_ring_drop (&history->landmarks, history->landmarks.first + 1);
  weir_ring_drop (
      &history->bands, MIN (run->first_bands + row / 2, end.first_bands));
  weir_ring_drop (
      &history->steps, MIN (run->first_step + row / 2, end.first_step));
}

/* Whether nothing of the run, which is not the last one, is there any more. */
static gboolean
is_over (const WeirHistory *history, guint64 number)
{
  WeirHistoryRun end;

  weir_history_get_run_end (history, number, &end);
  return history->peaks.first >= end.first_peak &&
         history->bands.first >= end.first_bands &&
         history->landmarks.first >= end.first_landmark &&
         history->steps.first >= end.first_step;
}

/* Lets go what is older than the history is long. */
static void
expire (WeirHistory *history)
{
  gint64 time = history->newest - history->length;
  guint64 mark = weir_history_find_mark (history, time + 1);

  weir_ring_drop (&history->looks, weir_history_find_look (history, time));
  weir_ring_drop (&history->shown, weir_history_find_shown (history, time));
  /* The last mark before still holds. */
  if (mark > history->marks.first)
    weir_ring_drop (&history->marks, mark - 1);
  while (!weir_ring_is_empty (&history->runs)) {
    guint64 first = history->runs.first;

    drop_old_sound (history, first, time);
    if (first + 1 == history->runs.end || !is_over (history, first))
      break;
    weir_ring_drop (&history->runs, first + 1);
  }
}

/* Begins again at 0, with nothing: for who jumps to and fro by years. */
static void
forget (WeirHistory *history)
{
  WeirRing *rings[] = { &history->looks, &history->shown, &history->marks,
    &history->runs, &history->peaks, &history->bands, &history->landmarks,
    &history->steps };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (rings); i++)
    weir_ring_drop (rings[i], rings[i]->end);
  history->newest = history->newest_frame = 0;
}

/* The stamp on the history's own line, which from here on is the newest. */
static WeirStamp
advance (WeirHistory *history, const WeirStamp *stamp)
{
  WeirStamp now = *stamp;

  now.time += history->shift;
  if (history->goes_on && now.time < history->newest - BACKWARDS_TOLERANCE)
    weir_history_restart (history);
  if (!history->goes_on) {
    if (history->newest > WEIR_TIME_MAX)
      forget (history);
    history->goes_on = TRUE;
    history->shift = history->newest + MS - stamp->time;
    now.time = history->newest + MS;
    add_mark (history, &now, TRUE);
  } else if (is_worth_a_mark (history, &now)) {
    add_mark (history, &now, FALSE);
  }
  history->newest = MAX (history->newest, now.time);
  expire (history);
  return now;
}

void
weir_history_restart (WeirHistory *history)
{
  history->goes_on = FALSE;
  history->in_run = FALSE;
  memset (history->due, 0, sizeof (history->due));
}

/* ---- Pictures ---- */

/* Whether it is one that a reference has, too. */
static gboolean
is_of_a_reference (const WeirLook *look)
{
  return weir_look_has_weight (look) && look->view < WEIR_N_VIEWS &&
         !look->tried && (look->edits & ~(guint) WEIR_EDIT_BORDERED) == 0;
}

/* Looks whose frame had to give way go with it: nobody could say whether they
 * showed anything new. */
static void
add_shown (WeirHistory *history, gint64 time, const WeirLook *whole)
{
  const WeirHistoryShown *oldest;

  *(WeirHistoryShown *) weir_ring_append (&history->shown) = (WeirHistoryShown){
    .time = time,
    .hash = whole->hash,
    .firm = whole->firm,
  };
  oldest = weir_ring_get (&history->shown, history->shown.first);
  weir_ring_drop (
      &history->looks, weir_history_find_look (history, oldest->time));
}

void
weir_history_add_video (
    WeirHistory *history, const WeirStamp *stamp, const WeirFrame *frame)
{
  gint64 time = advance (history, stamp).time;
  guint64 end = history->looks.end;
  guint i;

  if (time < history->newest_frame)
    return;
  history->newest_frame = time;
  for (i = 0; i < frame->n_looks; i++) {
    const WeirLook *look = &frame->looks[i];
    gint64 interval =
        weir_view_is_part (look->view) ? PART_INTERVAL : WHOLE_INTERVAL;
    WeirHistoryLook *kept;

    if (!is_of_a_reference (look) || time < history->due[look->view])
      continue;
    history->due[look->view] = time + interval;
    kept = weir_ring_append (&history->looks);
    *kept = (WeirHistoryLook){
      .time = time,
      .hash = look->hash,
      .view = (guint8) look->view,
      .quality = (guint8) look->quality,
      .edits = (guint8) look->edits,
      .is_distinct = weir_look_is_distinct (look),
      .firm_bits = (guint16) look->firm_bits,
    };
  }
  if (history->looks.end > end)
    add_shown (history, time, &frame->looks[0]);
}

/* ---- Sound ---- */

void
weir_history_get_run_end (
    const WeirHistory *history, guint64 number, WeirHistoryRun *end)
{
  if (number + 1 < history->runs.end)
    *end = *(const WeirHistoryRun *) weir_ring_get (&history->runs, number + 1);
  else
    *end = (WeirHistoryRun){
      .first_peak = history->peaks.end,
      .first_bands = history->bands.end,
      .first_landmark = history->landmarks.end,
      .first_step = history->steps.end,
    };
}

static void
begin_run (WeirHistory *history, gint64 origin)
{
  WeirHistoryRun *run = weir_ring_append (&history->runs);

  *run = (WeirHistoryRun){
    .origin = origin,
    .first_peak = history->peaks.end,
    .first_bands = history->bands.end,
    .first_landmark = history->landmarks.end,
    .first_step = history->steps.end,
  };
  history->in_run = TRUE;
  /* It may have taken the place of the oldest, whose sound is nobody's now. */
  run = weir_ring_get (&history->runs, history->runs.first);
  weir_ring_drop (&history->peaks, run->first_peak);
  weir_ring_drop (&history->bands, run->first_bands);
  weir_ring_drop (&history->landmarks, run->first_landmark);
  weir_ring_drop (&history->steps, run->first_step);
}

static void
add_query (WeirHistory *history, const WeirSound *query)
{
  guint i;

  for (i = 0; i < query->peaks->len; i++) {
    WeirHistoryPeak *peak = weir_ring_append (&history->peaks);

    *peak = weir_history_pack_peak (
        &g_array_index (query->peaks, WeirSoundPeak, i));
  }
  for (i = 0; i < query->bands->len; i++)
    weir_history_pack_bands (&g_array_index (query->bands, WeirSoundBands, i),
        weir_ring_append (&history->bands));
}

static void
add_landmarks (WeirHistory *history, const GArray *landmarks)
{
  guint i;

  for (i = 0; i < landmarks->len; i++) {
    const WeirLandmark *landmark = &g_array_index (landmarks, WeirLandmark, i);
    WeirHistoryLandmark *kept = weir_ring_append (&history->landmarks);

    kept->key = landmark->key;
    kept->time = (guint32) (landmark->time / MS);
  }
}

static void
add_reference (WeirHistory *history, const WeirSound *reference)
{
  guint i;

  add_landmarks (history, reference->landmarks);
  add_landmarks (history, reference->patches);
  for (i = 0; i < reference->steps->len; i++) {
    WeirSoundStep *step = weir_ring_append (&history->steps);

    *step = g_array_index (reference->steps, WeirSoundStep, i);
  }
}

void
weir_history_add_sound (WeirHistory *history, const WeirStamp *stamp,
    gint64 origin, const WeirSound *query, const WeirSound *reference)
{
  advance (history, stamp);
  if (!history->in_run)
    begin_run (history, origin + history->shift);
  add_query (history, query);
  add_reference (history, reference);
}

void
weir_history_restart_sound (WeirHistory *history)
{
  history->in_run = FALSE;
}
