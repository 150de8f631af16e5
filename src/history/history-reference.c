/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a span of the history to a reference. */
#include "history/history-reference.h"

#include "bank/look-filter.h"
#include "history/history-private.h"
#include "match/sound-screen.h"

#define MS     G_GINT64_CONSTANT (1000000)
#define SECOND (1000 * MS)

/* By how much a span may be beyond what there is: who asks for it is told of
 * times that the analysis has not seen yet. */
#define SLACK (2 * SECOND)

/* One of these makes a reference: so many fingerprints of the whole picture, or
 * landmarks, that of two seconds of ordinary sound with its patches. */
#define MIN_FRAMES    4
#define MIN_LANDMARKS 140

/* clang-format off */
G_DEFINE_QUARK (weir-history-error-quark, weir_history_error)
/* clang-format on */

/* A span on the history's line of time, and what was found in it. */
typedef struct {
  const WeirHistory *history;
  gint64 begin, end;
  WeirBankBuilder *builder;
  guint32 reference;
  guint n_frames;
  WeirSoundTrack *sound;
} Span;

/* ---- Where it is ---- */

/* The first mark since the stream last started anew. */
static guint64
find_beginning (const WeirRing *marks)
{
  guint64 number = marks->end;

  while (number > marks->first) {
    const WeirHistoryMark *mark = weir_ring_get (marks, --number);

    if (mark->anew)
      break;
  }
  return number;
}

/* The history's time at @running_time: by the last mark that is not later. */
static gint64
find_time (const WeirRing *marks, guint64 beginning, guint64 running_time)
{
  const WeirHistoryMark *mark = weir_ring_get (marks, beginning);
  guint64 number;

  for (number = marks->end - 1; number > beginning; number--) {
    const WeirHistoryMark *later = weir_ring_get (marks, number);

    if (later->stamp.running_time <= running_time) {
      mark = later;
      break;
    }
  }
  return mark->stamp.time + (gint64) (running_time - mark->stamp.running_time);
}

static gboolean
refuse (GError **error, WeirHistoryError code, const gchar *reason,
    guint64 running_time, const gchar *advice)
{
  g_set_error (error, WEIR_HISTORY_ERROR, (gint) code, "%s %.3f s; %s", reason,
      (gdouble) running_time / SECOND, advice);
  return FALSE;
}

/* The running times of what there is since the mark @beginning. */
static void
find_limits (const WeirHistory *history, guint64 beginning, guint64 *first,
    guint64 *last)
{
  const WeirHistoryMark *mark = weir_ring_get (&history->marks, beginning);
  gint64 oldest = history->newest - history->length;
  WeirStamp stamp;

  weir_history_get_stamp (history, MAX (mark->stamp.time, oldest), &stamp);
  *first = stamp.running_time;
  weir_history_get_stamp (history, history->newest, &stamp);
  *last = stamp.running_time;
}

static gboolean
find_span (Span *span, guint64 start, guint64 stop, GError **error)
{
  const WeirHistory *history = span->history;
  guint64 beginning, first = WEIR_TIME_NONE, last;

  if (stop <= start || stop > G_MAXINT64)
    return refuse (error, WEIR_HISTORY_ERROR_SPAN,
        "the span does not end later than it begins, at", start,
        "name a later end");
  beginning = find_beginning (&history->marks);
  if (!weir_ring_is_empty (&history->marks))
    find_limits (history, beginning, &first, &last);
  if (first == WEIR_TIME_NONE)
    return refuse (error, WEIR_HISTORY_ERROR_AHEAD,
        "nothing was seen of the stream that passed up to", stop,
        "wait for it");
  if (start + SLACK < first || stop <= first)
    return refuse (error, WEIR_HISTORY_ERROR_GONE,
        "the history begins after the span does, at", first,
        "name a later start, or set a longer history before");
  if (stop > last + SLACK || start >= last)
    return refuse (error, WEIR_HISTORY_ERROR_AHEAD,
        "the stream was not yet seen to the end of the span, but to", last,
        "name an earlier end");
  span->begin = find_time (&history->marks, beginning, MAX (start, first));
  span->end = find_time (&history->marks, beginning, MIN (stop, last + 1));
  return TRUE;
}

/* ---- What is in it ---- */

static guint32
to_ms (const Span *span, gint64 time)
{
  return (guint32) ((time - span->begin) / MS);
}

static gboolean
add_video (Span *span, GError **error)
{
  const WeirRing *looks = &span->history->looks;
  guint64 end = weir_history_find_look (span->history, span->end);
  guint64 i = weir_history_find_look (span->history, span->begin);
  WeirLookFilter filter = { .keep_distance = WEIR_LOOK_FILTER_KEEP_DISTANCE };

  for (; i < end; i++) {
    const WeirHistoryLook *look = weir_ring_get (looks, i);
    WeirView view = (WeirView) look->view;

    if (!look->is_distinct ||
        !weir_look_filter_keeps (
            &filter, view, (WeirEdits) look->edits, &look->hash, look->time))
      continue;
    if (!weir_bank_builder_add_video (span->builder, span->reference,
            &look->hash, view, look->quality, to_ms (span, look->time), error))
      return FALSE;
    span->n_frames += view == WEIR_VIEW_PLAIN;
  }
  return TRUE;
}

static void
collect_landmarks (
    Span *span, const WeirHistoryRun *run, const WeirHistoryRun *end)
{
  const WeirRing *landmarks = &span->history->landmarks;
  guint64 i;

  for (i = MAX (run->first_landmark, landmarks->first); i < end->first_landmark;
       i++) {
    const WeirHistoryLandmark *kept = weir_ring_get (landmarks, i);
    gint64 time = run->origin + kept->time * MS;
    WeirLandmark landmark = {
      .key = kept->key,
      .time = (guint64) (time - span->begin),
    };

    if (time >= span->begin && time < span->end)
      g_array_append_val (span->sound->landmarks, landmark);
  }
}

/* The number of the run's first step that is not before @time. */
static guint64
find_step (const WeirHistoryRun *run, gint64 time)
{
  gint64 passed = time - run->origin + WEIR_SOUND_STEP - 1;

  return run->first_step + (guint64) (MAX (passed, 0) / WEIR_SOUND_STEP);
}

/* Of a step its loudest band's, of the query that heard the same. */
static gfloat
get_level (const WeirHistory *history, guint64 number)
{
  WeirSoundBands bands;

  if (number < history->bands.first || number >= history->bands.end)
    return WEIR_SOUND_TRACK_UNKNOWN;
  bands = weir_history_unpack_bands (weir_ring_get (&history->bands, number));
  return weir_sound_bands_get_loudest (&bands);
}

static void
collect_steps (Span *span, const WeirHistoryRun *run, const WeirHistoryRun *end)
{
  const WeirRing *steps = &span->history->steps;
  guint64 first =
      MAX (find_step (run, span->begin), MAX (run->first_step, steps->first));
  guint64 last = MIN (find_step (run, span->end), end->first_step);
  gint64 time =
      run->origin + (gint64) (first - run->first_step) * WEIR_SOUND_STEP;
  g_autoptr (WeirSound) piece = weir_sound_new ();
  guint64 i;

  for (i = first; i < last; i++) {
    gfloat level =
        get_level (span->history, run->first_bands + (i - run->first_step));

    g_array_append_vals (piece->steps, weir_ring_get (steps, i), 1);
    g_array_append_val (piece->levels, level);
  }
  weir_sound_track_add (span->sound, time - span->begin, piece);
}

/* All that was heard but what cannot be matched. */
static gboolean
collect_sound (Span *span, GError **error)
{
  const WeirRing *runs = &span->history->runs;
  g_autoptr (GArray) screened =
      g_array_new (FALSE, FALSE, sizeof (WeirScreenedSpan));
  guint64 i;

  for (i = runs->first; i < runs->end; i++) {
    const WeirHistoryRun *run = weir_ring_get (runs, i);
    WeirHistoryRun end;

    weir_history_get_run_end (span->history, i, &end);
    collect_landmarks (span, run, &end);
    collect_steps (span, run, &end);
  }
  return weir_sound_screen (span->sound, screened, error);
}

static gboolean
add_sound (Span *span, GError **error)
{
  const WeirSoundTrack *sound = span->sound;
  guint i;

  for (i = 0; i < sound->landmarks->len; i++) {
    const WeirLandmark *landmark =
        &g_array_index (sound->landmarks, WeirLandmark, i);

    if (!weir_bank_builder_add_audio (span->builder, span->reference,
            landmark->key, (guint32) ((gint64) landmark->time / MS), error))
      return FALSE;
  }
  return weir_bank_builder_add_sound_steps (span->builder, span->reference, 0,
      (const WeirSoundStep *) sound->steps->data, sound->steps->len, error);
}

gboolean
weir_history_add_reference (const WeirHistory *history, guint64 start,
    guint64 stop, const WeirReference *reference, WeirBankBuilder *builder,
    GError **error)
{
  g_autoptr (WeirSoundTrack) sound = weir_sound_track_new ();
  Span span = { .history = history, .builder = builder, .sound = sound };
  WeirReference made = *reference;

  if (!find_span (&span, start, stop, error))
    return FALSE;
  made.duration = (guint64) (span.end - span.begin);
  if (!weir_bank_builder_add_reference (
          builder, &made, &span.reference, error) ||
      !add_video (&span, error) || !collect_sound (&span, error) ||
      !add_sound (&span, error))
    return FALSE;
  if (span.n_frames >= MIN_FRAMES || sound->landmarks->len >= MIN_LANDMARKS)
    return TRUE;
  g_set_error (error, WEIR_HISTORY_ERROR, WEIR_HISTORY_ERROR_POOR,
      "the span has %u different pictures and %u landmarks of sound, too few "
      "to be recognised by; name a longer one",
      span.n_frames, sound->landmarks->len);
  return FALSE;
}
