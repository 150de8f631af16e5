/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The last seconds of a stream's sound, compared with places of references.
 *
 * Six things are compared over the last 2, 3 and 5 s:
 * - peaks, twice: how many of the reference's peaks in that time are peaks of
 *   the stream too, one row and bin more or less, against how many would be by
 *   chance (as constellations are verified by R. Sonnleitner and G. Widmer,
 *   "Robust Quad-Based Audio Fingerprinting", IEEE/ACM TASLP 2016): wide peaks
 *   of the stream, and all of them, of which more are left beside louder sound.
 *   A peak counts by itself, so this holds where hardly a pair is left.
 * - how far the stream stands out where the reference has peaks
 *   (fingerprint/prominence.h), over the square root of its power.
 * - how far it does where the reference has prominent bits (dense.h), likewise.
 * - the short bits of dense.h, each weighed by how clear the stream's value is,
 *   over the square root of the weights' power.
 * - where these do not speak against the place, levels (audio-levels.h), which
 *   hold under other sound by far the longest.
 * The square of the weighted sum of the first five and what the levels are worth
 * add up to the score, of which no half second may be more than the rest
 * (audio-score.h). On wrong places it has an exponential tail, which makes
 * evidence of it.
 */
#pragma once

#include "fingerprint/sound.h"
#include "match/audio-warp.h"

G_BEGIN_DECLS

/* Of bounded memory, 0.3 MB. Not thread-safe. */
typedef struct _WeirAudioHistory WeirAudioHistory;

#define WEIR_AUDIO_N_WINDOWS 3

typedef struct {
  gdouble peaks;    /* by how many standard deviations they exceed chance */
  gdouble fit;      /* that, added up over the windows */
  gdouble evidence; /* nats; -G_MAXDOUBLE: not looked at */
  /* Of each window, 2, 3 and 5 s: the score, and what evidence it is; the
   * greatest of those is @evidence. */
  gdouble scores[WEIR_AUDIO_N_WINDOWS];
  gdouble windows[WEIR_AUDIO_N_WINDOWS];
  guint hits;        /* peaks of the reference that the stream has */
  gdouble first_row; /* of the stream where the hits begin, and the last one */
  gdouble last_row;
} WeirAudioComparison;

WeirAudioHistory *weir_audio_history_new (void);
void weir_audio_history_free (WeirAudioHistory *history);

/* The stream begins anew, at row 0. */
void weir_audio_history_clear (WeirAudioHistory *history);

/* Takes the peaks and bands of @sound. */
void weir_audio_history_add (WeirAudioHistory *history, const WeirSound *sound);

/* The newest row whose peaks are known; what is compared ends there. */
guint32 weir_audio_history_get_end (const WeirAudioHistory *history);

/* Peaks of a reference around a place, in descending order of rows: of all that
 * are compared, and of so many rows more on either side. */
#define WEIR_AUDIO_MAX_PEAKS    1024
#define WEIR_AUDIO_PEAKS_AROUND 8

typedef struct {
  gint64 first_row; /* that others are counted from */
  guint n;
  gint32 rows[WEIR_AUDIO_MAX_PEAKS];
  gfloat bins[WEIR_AUDIO_MAX_PEAKS];
} WeirAudioPeaks;

/* Takes the peaks that are compared at @place, and at any whose rows are up to
 * WEIR_AUDIO_PEAKS_AROUND from it; @steps are of its reference. FALSE when there
 * is too little of either to compare. */
gboolean weir_audio_history_take_peaks (const WeirAudioHistory *history,
    const WeirAudioPlace *place, const WeirSoundStep *steps, guint32 n_steps,
    WeirAudioPeaks *peaks);

/* Compares peaks alone at @place, of which, or of one near it, they were taken
 * with the history as it is. */
void weir_audio_history_compare_peaks (const WeirAudioHistory *history,
    const WeirAudioPlace *place, const WeirAudioPeaks *peaks,
    WeirAudioComparison *comparison);

/* Compares all; otherwise as weir_audio_history_take_peaks(). Costs some 10
 * times as much as peaks, with levels 100 times, and 1000 where levels agree: those
 * are compared out of step too, unless the place @is_known from shortly before to
 * be worth less so. Some 8 such places are compared before
 * weir_audio_history_renew_controls(); FALSE for the others as well. */
gboolean weir_audio_history_compare (WeirAudioHistory *history,
    const WeirAudioPlace *place, const WeirSoundStep *steps, guint32 n_steps,
    gboolean is_known, WeirAudioComparison *comparison);

/* Bounds what weir_audio_history_compare() costs: as much as ever may be compared
 * from now on. */
void weir_audio_history_renew_controls (WeirAudioHistory *history);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirAudioHistory, weir_audio_history_free)

G_END_DECLS
