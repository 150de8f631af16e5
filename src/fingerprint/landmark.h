/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Audio landmarks: pairs of peaks of a log-frequency spectrogram, after
 * A. Wang, "An Industrial-Strength Audio Search Algorithm" (ISMIR 2003),
 * on a logarithmic frequency axis so that a change of pitch is a shift, each
 * with the peak before it as a third point by which chance can be told from a
 * copy.
 *
 * Samples in, the fingerprint of sound.h out. The same samples give the same
 * fingerprint however they are cut into pieces.
 */
#pragma once

#include "fingerprint/sound.h"

G_BEGIN_DECLS

/* What the fingerprint is for. A reference keeps few, strong peaks, pairs each
 * with the next 3 that fit and has one key a pair; a query takes every peak
 * that a reference could have kept, pairs it with 8 and is looked up by the
 * keys of the neighbouring cells too, so that noise that moves a peak a little
 * does not lose it. Places are compared by more peaks than are paired, see
 * sound.h. On ordinary sound a reference has about 50 landmarks a
 * second (80 of white noise), a query 250 pairs (400). */
typedef enum {
  WEIR_LANDMARK_REFERENCE,
  WEIR_LANDMARK_QUERY,
} WeirLandmarkUse;

/* A key has 32 bits. The upper 19 are of the pair: from the top 6 bits of the
 * anchor's frequency (cells of 1/12 octave from 220 Hz, 0..47), 7 bits of the
 * second peak's step in frequency (1/36 octave, -36..36, plus 36) and 6 bits
 * of its step in time (16 ms, 2..63). The lower 13 are of the peak before: 7
 * bits of the step in frequency from the anchor to it (-63..63, plus 64) and 6
 * bits of the step back in time (2..63); all 0 when there is none. */
#define WEIR_LANDMARK_PAIR_BITS   19
#define WEIR_LANDMARK_BEFORE_BITS 13

/* Keys and peaks before by which one pair is looked up, at most. */
#define WEIR_PAIR_MAX_KEYS    8
#define WEIR_PAIR_MAX_BEFORES (4 * WEIR_PAIR_MAX_BEFORE)

/* A streaming extractor. Not thread-safe: one for each thread; its FFT plan
 * is shared by all of the process. */
typedef struct _WeirLandmarkExtractor WeirLandmarkExtractor;

/* Free with weir_landmark_extractor_free(). Thread-safe. */
WeirLandmarkExtractor *weir_landmark_extractor_new (WeirLandmarkUse use);
void weir_landmark_extractor_free (WeirLandmarkExtractor *extractor);

/* Forgets everything: the next sample is the first, at time 0. The sounds that
 * it filled must be reset too. */
void weir_landmark_extractor_reset (WeirLandmarkExtractor *extractor);

/* Takes @n_samples mono samples of WEIR_AUDIO_RATE, full scale -1..1 (not a
 * number counts as 0, beyond full scale is clipped), and appends to @sound what
 * became certain: landmarks or pairs in order of their second peak, the rest in
 * order of time. Always fill the same @sound between two resets. A landmark
 * comes at most 1.25 s after the time of its anchor (a query's pair 1.21 s),
 * and 0.24 s (0.19 s) after the time of its second peak; peaks as late as that
 * too. Allocates nothing but what the arrays grow by. */
void weir_landmark_extractor_push (WeirLandmarkExtractor *extractor,
    const gfloat *samples, gsize n_samples, WeirSound *sound);

/* The same for two extractors, a query's and a reference's, which share the
 * spectrum of @extractor: for less than the two apart. Both are always pushed
 * to, and reset, together. */
void weir_landmark_extractor_push_both (WeirLandmarkExtractor *extractor,
    WeirLandmarkExtractor *other, const gfloat *samples, gsize n_samples,
    WeirSound *sound, WeirSound *other_sound);

/* Takes, instead of samples, @n_peaks peaks that a query's extractor gave out,
 * in their order: all that there are in rows below @n_rows and have not been
 * taken yet. Appends to @sound the peaks and pairs that they gave then; rows
 * may be counted from another one, which moves the pairs' times. */
void weir_landmark_extractor_replay (WeirLandmarkExtractor *extractor,
    const WeirSoundPeak *peaks, guint n_peaks, guint32 n_rows,
    WeirSound *sound);

/* The stream is over: appends what the last samples still hold. Fewer than
 * 1024 samples in all hold nothing. The extractor must be reset before it
 * takes samples again. */
void weir_landmark_extractor_finish (
    WeirLandmarkExtractor *extractor, WeirSound *sound);

/* The upper bits of the keys (to be shifted up by WEIR_LANDMARK_BEFORE_BITS)
 * that a reference may have where a query has @pair, if the query's rows are
 * @stretch times as long in the reference and its bins @shift higher there.
 * Returns their number; each comes once. */
guint weir_pair_get_keys (const WeirPair *pair, gfloat stretch, gfloat shift,
    guint32 keys[WEIR_PAIR_MAX_KEYS]);

/* The likeliest of them. FALSE without one. */
gboolean weir_pair_get_nearest_key (
    const WeirPair *pair, gfloat stretch, gfloat shift, guint32 *key);

/* Likewise the lower bits; the same may come twice. */
guint weir_pair_get_befores (const WeirPair *pair, gfloat stretch,
    guint16 befores[WEIR_PAIR_MAX_BEFORES]);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (
    WeirLandmarkExtractor, weir_landmark_extractor_free)

G_END_DECLS
