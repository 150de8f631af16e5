/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The times of a vPDQ file's frames, which are not always what they should be.
 */
#pragma once

#include "fingerprint/pdq.h"

#include <glib.h>

G_BEGIN_DECLS

/* Largest time of a frame, seconds: 32 bits of milliseconds hold it. */
#define WEIR_IMPORT_MAX_SECONDS 4000000

/* Frames a second where a file gives their numbers and no times. */
#define WEIR_IMPORT_DEFAULT_RATE 30

/* One frame as its file describes it. */
typedef struct {
  WeirPdqHash hash;
  guint quality;   /* 0..100 */
  guint64 number;  /* of the frame, below 2^32 */
  gdouble seconds; /* 0..WEIR_IMPORT_MAX_SECONDS; below 0: not known */
} WeirImportFrame;

/* Gives each of @frames (WeirImportFrame, in the order of the file) a time as
 * good as can be had, and returns the length of the video in seconds: up to its
 * last frame and one mean interval more, 0 for a single frame at 0.
 *
 * If any time is not known, or several frames all have the same, the times are
 * the frames' numbers at WEIR_IMPORT_DEFAULT_RATE. @rounded says that times
 * were written with three significant digits, as python-threatexchange does
 * (vpdq_util.py, VpdqCompactFeature.__str__), which after 100 s leaves whole
 * seconds and after 1000 s tens of them: if frames at equal intervals explain
 * every time to within its rounding, they get these. */
gdouble weir_import_settle_times (GArray *frames, gboolean rounded);

G_END_DECLS
