/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Audio landmarks: pairs of peaks of a log-frequency spectrogram, after
 * A. Wang, "An Industrial-Strength Audio Search Algorithm" (ISMIR 2003),
 * on a logarithmic frequency axis so that a change of pitch is a shift.
 *
 * Samples in, landmarks out. The same samples give the same landmarks however
 * they are cut into pieces.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define WEIR_AUDIO_RATE 8000 /* samples per second, mono */

/* What the landmarks are for. A reference keeps few, strong peaks, pairs each
 * with the next 3 that fit and has one key a pair; a query takes every peak
 * that a reference could have kept, pairs it with 8 and has for each pair the
 * keys of the neighbouring cells too, so that noise that moves a peak a little
 * does not lose it. On ordinary sound a reference has about 50 landmarks a
 * second (80 of white noise), a query 1200 (2100). */
typedef enum {
  WEIR_LANDMARK_REFERENCE,
  WEIR_LANDMARK_QUERY,
} WeirLandmarkUse;

/* A key has WEIR_LANDMARK_KEY_BITS bits: from the top 6 bits of the anchor's
 * frequency (cells of 1/12 octave from 220 Hz, 0..47), 7 bits of the second
 * peak's step in frequency (1/36 octave, -36..36, plus 36) and 6 bits of its
 * step in time (16 ms, 2..63). */
#define WEIR_LANDMARK_KEY_BITS 19

typedef struct {
  guint32 key;
  guint32 anchor; /* number of the anchor among the peaks since the start */
  guint64 time;   /* of the anchor, ns since the first sample: the middle of
                   * its window, refined to a fraction of the 16 ms step */
} WeirLandmark;

/* A streaming extractor. Not thread-safe: one for each thread; its FFT plan
 * is shared by all of the process. */
typedef struct _WeirLandmarkExtractor WeirLandmarkExtractor;

/* Free with weir_landmark_extractor_free(). Thread-safe. */
WeirLandmarkExtractor *weir_landmark_extractor_new (WeirLandmarkUse use);
void weir_landmark_extractor_free (WeirLandmarkExtractor *extractor);

/* Forgets everything: the next sample is the first, at time 0. */
void weir_landmark_extractor_reset (WeirLandmarkExtractor *extractor);

/* Takes @n_samples mono samples of WEIR_AUDIO_RATE, full scale -1..1 (not a
 * number counts as 0, beyond full scale is clipped), and appends the
 * landmarks that became certain to @landmarks, a GArray of WeirLandmark,
 * in order of their second peak. No key comes twice of one anchor. A landmark
 * comes at most 1.25 s after the time of its anchor (a query's 1.21 s), and
 * 0.24 s (0.19 s) after the time of its second peak. Allocates nothing but
 * what @landmarks grows by. */
void weir_landmark_extractor_push (WeirLandmarkExtractor *extractor,
    const gfloat *samples, gsize n_samples, GArray *landmarks);

/* The stream is over: appends what the last samples still hold. Fewer than
 * 1024 samples in all hold nothing. The extractor must be reset before it
 * takes samples again. */
void weir_landmark_extractor_finish (
    WeirLandmarkExtractor *extractor, GArray *landmarks);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (
    WeirLandmarkExtractor, weir_landmark_extractor_free)

G_END_DECLS
