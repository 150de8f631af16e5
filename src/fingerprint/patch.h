/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Patches of sound: what is looked up where other sound leaves hardly a pair of
 * peaks.
 *
 * Other sound that is mixed with a copy leaves parts of it as they were: a
 * voice has gaps between its words and its partials. So the spectrogram is cut
 * into four parts of an octave each, and the shape of one in two moments 64 ms
 * apart is a key by itself: which of two neighbouring bands is the louder, as
 * the signs of J. Haitsma and T. Kalker, "A Highly Robust Audio Fingerprinting
 * System" (ISMIR 2002, section 4.2), but of levels as they are instead of how
 * they change, and part by part. As there, a query is also looked up with the
 * bits changed that are the least certain (section 5).
 *
 * A reference keeps of each part one patch in 0.19 s, whose bits are the most
 * certain; a query is looked up by all.
 */
#pragma once

#include "fingerprint/sound.h"

G_BEGIN_DECLS

#define WEIR_PATCH_N_PARTS 4
#define WEIR_PATCH_N_BITS  24

/* From the first moment to the second, in steps. */
#define WEIR_PATCH_STEPS 2

/* Bits of a query that may be other ones, and keys that this gives. */
#define WEIR_PATCH_N_UNSURE 3
#define WEIR_PATCH_N_KEYS   (1 << WEIR_PATCH_N_UNSURE)

/* Keys are among those of landmarks and none of a pair of peaks: the upper two
 * bits are set, then 2 bits of the part, 24 of the shape and 4 that are 0. */
#define WEIR_PATCH_KEY      0xc0000000u
#define WEIR_PATCH_KEY_ZERO 4

/* Whether a landmark's key is a patch's. Thread-safe. */
static inline gboolean
weir_patch_is_key (guint32 key)
{
  return key >= WEIR_PATCH_KEY;
}

/* The values of the bits, whose signs they are: of levels (as the spectrum's)
 * at the first moment and the second. Thread-safe. */
void weir_patch_get_values (const gfloat first[WEIR_SOUND_N_BANDS],
    const gfloat second[WEIR_SOUND_N_BANDS], guint part,
    gfloat values[WEIR_PATCH_N_BITS]);

/* The key of a reference. Thread-safe. */
guint32 weir_patch_get_key (guint part, const gfloat values[WEIR_PATCH_N_BITS]);

/* The keys of a query in ascending order, each once. Thread-safe. */
void weir_patch_get_keys (guint part, const gfloat values[WEIR_PATCH_N_BITS],
    guint32 keys[WEIR_PATCH_N_KEYS]);

/* Chooses the patches of a reference. Of bounded memory. Not thread-safe. */
typedef struct _WeirPatchChooser WeirPatchChooser;

WeirPatchChooser *weir_patch_chooser_new (void);
void weir_patch_chooser_free (WeirPatchChooser *chooser);

/* Forgets everything: the next step is the first. */
void weir_patch_chooser_reset (WeirPatchChooser *chooser);

/* Takes the bands of the next step, and appends to @patches (a GArray of
 * WeirLandmark, whose time is the middle of the first moment's first row and
 * whose anchor is 0) what it completes. */
void weir_patch_chooser_push (
    WeirPatchChooser *chooser, const WeirSoundBands *bands, GArray *patches);

/* No more steps come: appends what the last ones hold. */
void weir_patch_chooser_finish (WeirPatchChooser *chooser, GArray *patches);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirPatchChooser, weir_patch_chooser_free)

G_END_DECLS
