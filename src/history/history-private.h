/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a history is made of. For the files that read it, and their tests. */
#pragma once

#include "history/history.h"
#include "history/ring.h"

G_BEGIN_DECLS

/* One look at a frame. */
typedef struct {
  gint64 time;
  WeirPdqHash hash;
  guint8 view; /* WeirView */
  guint8 quality;
  guint8 edits; /* WeirEdits: WEIR_EDIT_BORDERED or none */
  guint8 is_distinct;
  guint16 firm_bits;
} WeirHistoryLook;

/* What a frame of which a look is kept showed as a whole, with weight or
 * without. */
typedef struct {
  gint64 time;
  WeirPdqHash hash;
  WeirPdqHash firm;
} WeirHistoryShown;

/* What the clocks said at one time; each holds until the next. */
typedef struct {
  WeirStamp stamp; /* its time is that of the history */
  gboolean anew;   /* the stream's times start anew here */
} WeirHistoryMark;

/* Packed: 1/256 of a bin, 1/65534 of a row. */
typedef struct {
  guint32 row : 31; /* that is a year */
  guint32 is_wide : 1;
  guint16 bin;
  gint16 row_offset;
} WeirHistoryPeak;

/* Levels from -31 up in steps of 1/8. */
typedef struct {
  guint8 levels[WEIR_SOUND_N_BANDS];
  guint8 highest[WEIR_SOUND_N_BANDS];
} WeirHistoryBands;

typedef struct {
  guint32 key;
  guint32 time; /* of its anchor, ms since the run's origin */
} WeirHistoryLandmark;

/* Sound without a gap. Its peaks and so on begin with the numbers given and
 * end where those of the next run begin. */
typedef struct {
  gint64 origin; /* of its extractors */
  guint64 first_peak;
  guint64 first_bands;
  guint64 first_landmark;
  guint64 first_step;
} WeirHistoryRun;

struct _WeirHistory {
  gint64 length;
  WeirRing looks;     /* of WeirHistoryLook */
  WeirRing shown;     /* of WeirHistoryShown */
  WeirRing marks;     /* of WeirHistoryMark */
  WeirRing runs;      /* of WeirHistoryRun */
  WeirRing peaks;     /* of WeirHistoryPeak */
  WeirRing bands;     /* of WeirHistoryBands, one a step */
  WeirRing landmarks; /* of WeirHistoryLandmark */
  WeirRing steps;     /* of WeirSoundStep */
  gint64 shift;       /* from the stream's line of time to the history's */
  gint64 newest;
  gboolean goes_on; /* the stream's times do */
  gboolean in_run;
  gint64 newest_frame;      /* its time */
  gint64 due[WEIR_N_VIEWS]; /* from when on another look of each is taken */
};

/* The number of the first mark, look... whose time is not before @time; the end
 * of the ring when there is none. */
guint64 weir_history_find_mark (const WeirHistory *history, gint64 time);
guint64 weir_history_find_look (const WeirHistory *history, gint64 time);
guint64 weir_history_find_shown (const WeirHistory *history, gint64 time);

/* The clocks at @time, which is not before the first mark's. */
void weir_history_get_stamp (
    const WeirHistory *history, gint64 time, WeirStamp *stamp);

/* Where the peaks and so on of the run @number end: as of a run that follows
 * it. */
void weir_history_get_run_end (
    const WeirHistory *history, guint64 number, WeirHistoryRun *end);

/* Peaks and levels, and back as near as their steps allow. */
WeirHistoryPeak weir_history_pack_peak (const WeirSoundPeak *peak);
WeirSoundPeak weir_history_unpack_peak (const WeirHistoryPeak *packed);
void weir_history_pack_bands (
    const WeirSoundBands *bands, WeirHistoryBands *packed);
WeirSoundBands weir_history_unpack_bands (const WeirHistoryBands *packed);

G_END_DECLS
