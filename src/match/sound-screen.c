/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which parts of a reference's sound cannot be matched. */

#include "match/sound-screen.h"

#include "bank/bank-builder.h"
#include "fingerprint/landmark.h"
#include "fingerprint/patch.h"
#include "fingerprint/peaks.h"
#include "match/audio-lines.h"
#include "match/stock-sounds.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define MS G_GINT64_CONSTANT (1000000)

/* The track is judged in cells of so many steps, 1.02 s, by what is in as many
 * cells around each. */
#define CELL_STEPS  32
#define CELLS_ABOUT 2

/* A shorter span than this, 2 s, is a pause: no comparison is of less. */
#define MIN_STEPS 62

/* A cell is silent when less than a part of its steps is loud, steady when
 * hardly anything begins in it. */
#define LOUD_SHARE    0.125
#define MIN_LANDMARKS 2

/* A sound repeats itself when the landmarks around are of so few kinds. Kinds
 * are the keys of pairs without the bits that noise changes. */
#define MIN_KINDS 20
#define KIND_MASK (~(7u << 6 | 7u))

/* Evidence with which a stock sound is taken for a place, nats: less than a
 * flag takes, so that other copies of it do not reach that either. */
#define STOCK_EVIDENCE 8.0

/* Each time the stock is played, the places are dropped that were found. */
#define MAX_ROUNDS 8

/* Samples that the matcher is given at a time, 0.25 s. */
#define PIECE (WEIR_AUDIO_RATE / 4)

/* Why a step is dropped; from STOCK on, the number of the stock sound. */
typedef enum {
  KEPT,
  SILENCE,
  STEADY,
  REPETITION,
  STOCK,
} Reason;

typedef struct {
  guint n_known; /* steps */
  guint n_loud;
  guint n_landmarks;
  guint first_kind; /* of its landmarks among those of all */
  Reason reason;
} Cell;

typedef struct {
  WeirSoundTrack *track;
  GArray *reasons; /* guint8, of each step */
} Screening;

static guint8 *
get_reason (Screening *screening, guint step)
{
  return &g_array_index (screening->reasons, guint8, step);
}

static const gchar *
describe (guint8 reason)
{
  static const gchar *const reasons[] = { "", "silence", "a steady sound",
    "it repeats itself" };

  if (reason >= STOCK)
    return weir_stock_get_name (reason - (guint) STOCK);
  return reasons[reason];
}

/* ---- Stock sounds ---- */

static gboolean
fill_builder (
    WeirBankBuilder *builder, const WeirSoundTrack *track, GError **error)
{
  const WeirReference reference = {
    .id = "track",
    .family = "",
    .label = "",
    .list = "",
    .source = "",
  };
  guint32 index;

  if (!weir_bank_builder_add_reference (builder, &reference, &index, error))
    return FALSE;
  for (guint i = 0; i < track->landmarks->len; i++) {
    const WeirLandmark *landmark =
        &g_array_index (track->landmarks, WeirLandmark, i);

    if (!weir_bank_builder_add_audio (builder, index, landmark->key,
            (guint32) ((gint64) landmark->time / MS), error))
      return FALSE;
  }
  return weir_bank_builder_add_sound_steps (builder, index, 0,
      (const WeirSoundStep *) track->steps->data, track->steps->len, error);
}

/* A bank of the track alone, whose file is gone when it returns. */
static WeirBank *
open_track (const WeirSoundTrack *track, GError **error)
{
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();
  g_autofree gchar *path = NULL;
  WeirBank *bank = NULL;
  gint file;

  if (!fill_builder (builder, track, error))
    return NULL;
  file = g_file_open_tmp ("weir-screen-XXXXXX", &path, error);
  if (file < 0)
    return NULL;
  close (file);
  if (weir_bank_builder_write (builder, path, 0, error))
    bank = weir_bank_open (path, error);
  g_unlink (path);

  return bank;
}

/* Marks where in the track a line runs. */
static guint
mark_line (Screening *screening, const WeirAudioLine *line, guint8 reason)
{
  gint64 length = line->last.time - line->first.time;
  gint64 end = line->last.time - line->offset;
  gint64 begin = end - (gint64) ((gdouble) length * line->speed);
  guint n_marked = 0;

  begin = MAX (begin, 0) / WEIR_SOUND_STEP;
  end = MIN (MAX (end, 0) / WEIR_SOUND_STEP + 1, screening->reasons->len);
  for (gint64 i = begin; i < end; i++) {
    guint8 *step = get_reason (screening, (guint) i);

    n_marked += *step == KEPT;
    *step = *step == KEPT ? reason : *step;
  }

  return n_marked;
}

/* Plays one stock sound; returns how many steps were taken for it. */
static guint
play (Screening *screening, WeirBank *bank, guint number)
{
  g_autoptr (GArray) samples = weir_stock_make_samples (number);
  g_autoptr (WeirAudioLines) lines = weir_audio_lines_new (bank);
  g_autoptr (WeirLandmarkExtractor) extractor =
      weir_landmark_extractor_new (WEIR_LANDMARK_QUERY);
  g_autoptr (WeirSound) sound = weir_sound_new ();
  guint n_marked = 0;

  for (guint i = 0; i + PIECE <= samples->len; i += PIECE) {
    const WeirStamp stamp = { .time = (i + PIECE) * 125000ll };

    weir_landmark_extractor_push (
        extractor, &g_array_index (samples, gfloat, i), PIECE, sound);
    weir_audio_lines_add (lines, &stamp, 0, sound);
    weir_sound_consume (sound);
    for (guint j = 0; j < weir_audio_lines_get_length (lines); j++) {
      const WeirAudioLine *line = weir_audio_lines_get (lines, j);

      if (line->evidence >= STOCK_EVIDENCE)
        n_marked += mark_line (screening, line, (guint8) (STOCK + number));
    }
  }

  return n_marked;
}

static void
drop_marked (Screening *screening)
{
  guint n_steps = screening->reasons->len;
  guint end;

  for (guint i = 0; i < n_steps; i = end) {
    gboolean is_marked = *get_reason (screening, i) != KEPT;

    for (end = i + 1; end < n_steps; end++)
      if ((*get_reason (screening, end) != KEPT) != is_marked)
        break;
    if (is_marked)
      weir_sound_track_drop (screening->track, i, end);
  }
}

/* A sound may be in more places than are followed at a time: goes on until
 * none is found. */
static gboolean
screen_stock (Screening *screening, GError **error)
{
  for (guint round = 0; round < MAX_ROUNDS; round++) {
    g_autoptr (WeirBank) bank = NULL;
    guint n_marked = 0;

    if (screening->track->landmarks->len == 0)
      return TRUE;
    bank = open_track (screening->track, error);
    if (bank == NULL)
      return FALSE;
    for (guint i = 0; i < weir_stock_get_n_sounds (); i++)
      n_marked += play (screening, bank, i);
    drop_marked (screening);
    if (n_marked == 0)
      break;
  }

  return TRUE;
}

/* ---- What says too little ---- */

static gboolean
is_known (const WeirSoundTrack *track, guint step)
{
  return g_array_index (track->levels, gfloat, step) !=
         WEIR_SOUND_TRACK_UNKNOWN;
}

static guint
get_cell (const WeirLandmark *landmark)
{
  return weir_sound_track_get_step (landmark) / CELL_STEPS;
}

static void
count_steps (const WeirSoundTrack *track, GArray *cells)
{
  for (guint i = 0; i < track->steps->len; i++) {
    Cell *cell = &g_array_index (cells, Cell, i / CELL_STEPS);

    cell->n_known += is_known (track, i);
    cell->n_loud += is_known (track, i) && g_array_index (track->levels, gfloat,
                                               i) >= WEIR_PEAKS_FLOOR;
  }
}

/* The kinds of all landmarks but patches, cell after cell; each cell is told
 * where its own begin. */
static GArray *
sort_kinds (const WeirSoundTrack *track, GArray *cells)
{
  GArray *kinds = g_array_new (FALSE, TRUE, sizeof (guint32));
  guint n_kinds = 0;

  g_array_set_size (kinds, track->landmarks->len);
  for (guint i = 0; i < track->landmarks->len; i++) {
    const WeirLandmark *landmark =
        &g_array_index (track->landmarks, WeirLandmark, i);

    if (!weir_patch_is_key (landmark->key))
      g_array_index (cells, Cell, get_cell (landmark)).n_landmarks++;
  }
  for (guint i = 0; i < cells->len; i++) {
    Cell *cell = &g_array_index (cells, Cell, i);

    cell->first_kind = n_kinds;
    n_kinds += cell->n_landmarks;
    cell->n_landmarks = 0;
  }
  for (guint i = 0; i < track->landmarks->len; i++) {
    const WeirLandmark *landmark =
        &g_array_index (track->landmarks, WeirLandmark, i);
    Cell *cell = &g_array_index (cells, Cell, get_cell (landmark));

    if (weir_patch_is_key (landmark->key))
      continue;
    g_array_index (kinds, guint32, cell->first_kind + cell->n_landmarks++) =
        landmark->key >> WEIR_LANDMARK_BEFORE_BITS & KIND_MASK;
  }

  return kinds;
}

/* Kinds of landmarks in the cells about @middle. */
static guint
count_kinds (const GArray *cells, const GArray *kinds, guint middle)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  guint first = middle - MIN (middle, CELLS_ABOUT);
  guint last = MIN (middle + CELLS_ABOUT, cells->len - 1);
  const Cell *end = &g_array_index (cells, Cell, last);

  for (guint i = g_array_index (cells, Cell, first).first_kind;
       i < end->first_kind + end->n_landmarks; i++)
    g_hash_table_add (
        seen, GUINT_TO_POINTER (g_array_index (kinds, guint32, i)));

  return g_hash_table_size (seen);
}

static Reason
judge_cell (const GArray *cells, const GArray *kinds, guint number)
{
  const Cell *cell = &g_array_index (cells, Cell, number);

  if (cell->n_known == 0)
    return KEPT;
  if (cell->n_loud < LOUD_SHARE * cell->n_known)
    return SILENCE;
  if (cell->n_landmarks < MIN_LANDMARKS)
    return STEADY;
  return count_kinds (cells, kinds, number) < MIN_KINDS ? REPETITION : KEPT;
}

static Reason *
get_cell_reason (GArray *cells, guint number)
{
  return &g_array_index (cells, Cell, number).reason;
}

/* A single cell goes with a neighbour that is left out for another reason. */
static void
join_cells (GArray *cells)
{
  for (guint i = 0; i < cells->len; i++) {
    Reason *reason = get_cell_reason (cells, i);
    Reason before = i > 0 ? *get_cell_reason (cells, i - 1) : KEPT;
    Reason after = i + 1 < cells->len ? *get_cell_reason (cells, i + 1) : KEPT;

    if (*reason == KEPT || *reason == before || *reason == after)
      continue;
    if (before != KEPT || after != KEPT)
      *reason = before != KEPT ? before : after;
  }
}

static GArray *
make_cells (const WeirSoundTrack *track)
{
  GArray *cells = g_array_new (FALSE, TRUE, sizeof (Cell));
  g_autoptr (GArray) kinds = NULL;
  gint64 n_steps = track->steps->len;

  /* A landmark may come after the last whole step. */
  for (guint i = 0; i < track->landmarks->len; i++)
    n_steps = MAX (
        n_steps, CELL_STEPS * (1 + (gint64) get_cell (&g_array_index (
                                       track->landmarks, WeirLandmark, i))));
  g_array_set_size (cells, (guint) ((n_steps + CELL_STEPS - 1) / CELL_STEPS));
  count_steps (track, cells);
  kinds = sort_kinds (track, cells);
  for (guint i = 0; i < cells->len; i++)
    *get_cell_reason (cells, i) = judge_cell (cells, kinds, i);
  join_cells (cells);

  return cells;
}

/* Steps that are known and lie in cells of one reason, if they are enough. */
static void
screen_cells (Screening *screening)
{
  const WeirSoundTrack *track = screening->track;
  g_autoptr (GArray) cells = make_cells (track);
  guint end;

  for (guint i = 0; i < cells->len; i = end) {
    Reason reason = *get_cell_reason (cells, i);
    guint first = i * CELL_STEPS, last;

    for (end = i + 1; end < cells->len; end++)
      if (*get_cell_reason (cells, end) != reason)
        break;
    last = MIN (end * CELL_STEPS, track->steps->len);
    if (reason == KEPT || last < first + MIN_STEPS)
      continue;
    for (guint j = first; j < last; j++)
      if (is_known (track, j))
        *get_reason (screening, j) = (guint8) reason;
  }
  drop_marked (screening);
}

/* ---- All ---- */

static void
append_spans (Screening *screening, GArray *spans)
{
  guint n_steps = screening->reasons->len;
  guint end;

  for (guint i = 0; i < n_steps; i = end) {
    guint8 reason = *get_reason (screening, i);
    WeirScreenedSpan span = { i * WEIR_SOUND_STEP, 0, NULL };

    for (end = i + 1; end < n_steps; end++)
      if (*get_reason (screening, end) != reason)
        break;
    if (reason == KEPT)
      continue;
    span.end = end * WEIR_SOUND_STEP;
    span.reason = describe (reason);
    g_array_append_val (spans, span);
  }
}

gboolean
weir_sound_screen (WeirSoundTrack *track, GArray *spans, GError **error)
{
  g_autoptr (GArray) reasons = g_array_new (FALSE, TRUE, sizeof (guint8));
  Screening screening = { track, reasons };

  g_array_set_size (reasons, track->steps->len);
  if (!screen_stock (&screening, error))
    return FALSE;
  screen_cells (&screening);
  append_spans (&screening, spans);

  return TRUE;
}
