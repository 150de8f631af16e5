/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The loops of comparing sound, each in portable C and in what else the
 * processor has. All versions of a function give the same result to the last
 * bit: nothing is added up but whole numbers, and no operations are fused.
 */
#pragma once

#include "fingerprint/spectrum.h"
#include "match/audio-history-private.h"

G_BEGIN_DECLS

/* Peaks and gains that are worked on at a time. */
#define WEIR_AUDIO_LANES 8

/* Where peaks of a reference are looked for in a stream. */
typedef struct {
  const guint32 (*bits)[WEIR_N_PEAKS][N_WORDS]; /* of a history */
  gint32 end;                                   /* rows of the stream */
  guint max_ages[N_WINDOWS];                    /* rows, ascending */
  gfloat stretch;                               /* as of a place */
  gfloat shift;
  gdouble offset;
  gint32 first; /* rows of the reference, from that of the peaks on */
  gint32 last;
} WeirAudioSearch;

typedef struct {
  /* Of the peaks that lie in rows from @first to @last of the reference, and in
   * row 1 to @end of the stream, counts those whose row there is younger than
   * each of @max_ages and whose bin has neighbours, and how many of them are set
   * among the stream's wide peaks. */
  void (*count_peaks) (const WeirAudioPeaks *peaks,
      const WeirAudioSearch *search, guint n_peaks[N_WINDOWS],
      guint n_hits[N_WINDOWS]);

  /* products[i] *= rarity * equal[i] + covered[i], for n gains, a multiple of
   * WEIR_AUDIO_LANES. */
  void (*multiply) (gfloat *products, const gfloat *equal,
      const gfloat *covered, gfloat rarity, guint n);

  /* Moves the powers of two out of positive, normal products, which are 1 or more
   * and less than 2 then: exponents[i] += theirs, for n gains as above. */
  void (*take_exponents) (gfloat *products, gfloat *exponents, guint n);
} WeirAudioDsp;

extern const WeirAudioDsp weir_audio_dsp_c;
#ifdef WEIR_HAVE_AVX2
extern const WeirAudioDsp weir_audio_dsp_avx2;
#endif

/* The fastest that this processor has and weir_cpu_set_flags_mask() leaves.
 * Thread-safe. */
const WeirAudioDsp *weir_audio_dsp_get (void);

G_END_DECLS
