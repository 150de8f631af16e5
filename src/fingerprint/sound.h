/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is known of a piece of sound: the fingerprint as it is looked up and as
 * it lies in a bank.
 *
 * A reference has landmarks, which find it, and steps, by which a place in it
 * is compared with a stream once it is found. A query has what can be compared
 * with both at any speed and pitch: pairs and peaks of real-valued places, and
 * the levels of bands.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define WEIR_AUDIO_RATE 8000 /* samples per second, mono */

/* Rows of the spectrogram follow each other by this, and two make a step. ns */
#define WEIR_SOUND_ROW  G_GINT64_CONSTANT (16000000)
#define WEIR_SOUND_STEP (2 * WEIR_SOUND_ROW)

/* The middle of the window of row 0. ns */
#define WEIR_SOUND_LEAD G_GINT64_CONSTANT (64000000)

/* A reference's key and where it is. See landmark.h for the bits of a key. */
typedef struct {
  guint32 key;
  guint32 anchor; /* number of the anchor among the peaks since the start */
  guint64 time;   /* of the anchor, ns since the first sample: the middle of
                   * its window, refined to a fraction of the 16 ms row */
} WeirLandmark;

/* Peaks that are kept of each of the two rows of a step. */
#define WEIR_SOUND_ROW_PEAKS 2
#define WEIR_SOUND_NO_PEAK   255

/* Bands of which a step of a reference has the level: by turns the even and
 * the odd ones of the lowest 44. */
#define WEIR_SOUND_STEP_LEVELS 22

/* Two rows of a reference: bits of dense.h, the bins of its strongest
 * peaks, each the highest within 7 rows and 5 bins, row by row
 * (WEIR_SOUND_NO_PEAK: none), and levels as step-levels.h packs them. All bits
 * of the code, or of the levels, 0: not known, or nothing in it. */
typedef struct {
  guint32 code[2];
  guint8 peaks[2 * WEIR_SOUND_ROW_PEAKS];
  guint8 top;
  guint8 levels[WEIR_SOUND_STEP_LEVELS / 2];
} WeirSoundStep;

G_STATIC_ASSERT (sizeof (WeirSoundStep) == 24);

/* Peaks before an anchor with which its pairs are looked up. */
#define WEIR_PAIR_MAX_BEFORE 6

/* Two peaks of a query, from the anchor to the second. Steps are in bins of
 * 1/36 octave and in rows. */
typedef struct {
  guint64 time; /* of the anchor, as in a landmark */
  guint32 anchor;
  gfloat bin; /* of the anchor */
  gfloat bin_step;
  gfloat row_step;
  guint n_before;
  struct {
    gfloat bin_step; /* from the anchor to an earlier peak */
    gfloat row_step; /* back from the anchor, positive */
  } before[WEIR_PAIR_MAX_BEFORE];
} WeirPair;

/* A peak of a query, the highest within 4 rows and 5 bins. */
typedef struct {
  guint32 row;
  gboolean is_wide;  /* within 7 rows too: a reference may have kept it */
  gfloat row_offset; /* -0.5..0.5, where between the rows its top lies */
  gfloat bin;
} WeirSoundPeak;

/* Levels of bands of a semitone, three bins each. */
#define WEIR_SOUND_N_BANDS 48

/* Levels as the spectrum's, means of two rows. */
typedef struct {
  gfloat levels[WEIR_SOUND_N_BANDS];  /* mean of the band's bins */
  gfloat highest[WEIR_SOUND_N_BANDS]; /* the strongest of them */
} WeirSoundBands;

/* The level of the loudest. Thread-safe. */
gfloat weir_sound_bands_get_loudest (const WeirSoundBands *bands);

/* What the samples that came last made certain. Only a reference has landmarks,
 * patches, steps and levels, only a query the rest. */
typedef struct {
  GArray *landmarks;  /* WeirLandmark */
  GArray *patches;    /* WeirLandmark, of patches (patch.h) */
  GArray *steps;      /* WeirSoundStep */
  GArray *levels;     /* gfloat, of each of the steps its loudest band's, as the
                       * spectrum's */
  GArray *pairs;      /* WeirPair */
  GArray *peaks;      /* WeirSoundPeak, in order of rows */
  GArray *bands;      /* WeirSoundBands */
  guint stream;       /* of a session's, which it is of; 0 unless set */
  guint32 first_step; /* number of the first of the steps since the start */
  guint32 n_rows;     /* since the start, of which all peaks are known */
} WeirSound;

WeirSound *weir_sound_new (void);
void weir_sound_free (WeirSound *sound);

/* Drops the contents, which have been used; numbers go on. */
void weir_sound_consume (WeirSound *sound);

/* Drops the contents and begins to count anew. */
void weir_sound_reset (WeirSound *sound);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirSound, weir_sound_free)

G_END_DECLS
