/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * PDQ, the 256-bit perceptual hash of a picture that platforms exchange.
 *
 * Follows "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing
 * Algorithm" (Facebook, 2019) and its reference implementation: two box
 * passes over the luma, decimation to 64x64, a 16x16 DCT without its DC row
 * and column, one bit per coefficient above the median.
 */
#pragma once

#include "fingerprint/luma.h"

G_BEGIN_DECLS

#define WEIR_PDQ_BITS       256
#define WEIR_PDQ_HEX_LENGTH 64
#define WEIR_PDQ_GRID       64 /* the picture is reduced to a 64x64 grid */
#define WEIR_PDQ_DCT        16 /* of which 16x16 frequencies are kept */

/* Smallest and largest picture side that is hashed, in pixels. */
#define WEIR_PDQ_MIN_SIDE 64
#define WEIR_PDQ_MAX_SIDE 16384

/* Pictures below this quality are taken as flat, if nothing else is known of
 * them than their hash (see firm.h for those of which more is); two
 * hashes at most this far apart are taken as the same picture. Both are the
 * recommendation of the reference (pdq/README). */
#define WEIR_PDQ_MIN_QUALITY 50
#define WEIR_PDQ_RADIUS      31

/* Bit k of the hash is bit k % 64 of words[k / 64]; k = 16 * vertical
 * frequency + horizontal frequency, both counted from 0. */
typedef struct {
  guint64 words[4];
} WeirPdqHash;

/* The 16x16 low frequencies of one picture: from one of these come the hashes
 * of all eight orientations. Row-major, row = vertical frequency. */
typedef struct {
  gfloat dct[WEIR_PDQ_DCT * WEIR_PDQ_DCT];
  guint quality; /* 0..100 */
  guint detail;  /* 0 if not measured: the steps of a point of the grid to the
                    next ones, on average, in percent of the standard deviation
                    of all points; 0..400 */
} WeirPdqPicture;

typedef enum {
  WEIR_PDQ_PLAIN,
  WEIR_PDQ_ROTATE_90, /* counter-clockwise, as in the reference */
  WEIR_PDQ_ROTATE_180,
  WEIR_PDQ_ROTATE_270,    /* a quarter turn clockwise */
  WEIR_PDQ_FLIP_VERTICAL, /* top and bottom exchanged (reference: FlipX) */
  WEIR_PDQ_MIRROR,        /* left and right exchanged (reference: FlipY) */
  WEIR_PDQ_TRANSPOSE,     /* reference: FlipPlus1 */
  WEIR_PDQ_TRANSVERSE,    /* reference: FlipMinus1 */
  WEIR_PDQ_N_ORIENTATIONS
} WeirPdqOrientation;

/* The weights and scratch memory for pictures of one size. Not thread-safe:
 * one hasher for each thread. */
typedef struct _WeirPdqHasher WeirPdqHasher;

/* Returns NULL when a side is outside WEIR_PDQ_MIN_SIDE..MAX_SIDE. Free with
 * weir_pdq_hasher_free(). */
WeirPdqHasher *weir_pdq_hasher_new (guint width, guint height);
void weir_pdq_hasher_free (WeirPdqHasher *hasher);

/* Reduces @luma, whose size must be the hasher's, to @picture. Samples deeper
 * than 8 bits are scaled by 2^(8 - depth) without rounding, so that a 10-bit
 * picture hashes as its exact 8-bit equivalent would. The range matters to the
 * quality alone: offset and contrast do not change the hash. Allocates
 * nothing. The plane is read once, and nothing past its last sample. A @luma
 * that breaks a rule above is a programming error: it is logged as critical and
 * @picture left as it was. Fast are samples of one byte side by side or
 * two bytes apart, and 16-bit words side by side. */
void weir_pdq_hasher_run (
    WeirPdqHasher *hasher, const WeirLuma *luma, WeirPdqPicture *picture);

/* Measures the detail of @picture, which must be what @hasher ran on last.
 * Allocates nothing. */
void weir_pdq_hasher_measure_detail (
    const WeirPdqHasher *hasher, WeirPdqPicture *picture);

/* The hash that the picture would have in @orientation: a bit for each
 * coefficient above the lower median. Exact for PLAIN; the others equal the
 * reference's dihedral hashes, and are within some 20 bits of the hash of the
 * really turned picture (the grid is not symmetric about the centre: worst when
 * ceil (side / 128) is even). Thread-safe. */
void weir_pdq_picture_get_hash (const WeirPdqPicture *picture,
    WeirPdqOrientation orientation, WeirPdqHash *hash);

/* Number of differing bits, 0..256. Thread-safe. */
static inline guint
weir_pdq_distance (const WeirPdqHash *a, const WeirPdqHash *b)
{
  return (guint) (__builtin_popcountll (a->words[0] ^ b->words[0]) +
                  __builtin_popcountll (a->words[1] ^ b->words[1]) +
                  __builtin_popcountll (a->words[2] ^ b->words[2]) +
                  __builtin_popcountll (a->words[3] ^ b->words[3]));
}

/* 64 lower-case hexadecimal digits, bit 255 first, and a terminating NUL. */
void weir_pdq_hash_to_hex (
    const WeirPdqHash *hash, gchar hex[WEIR_PDQ_HEX_LENGTH + 1]);

/* Reads exactly 64 hexadecimal digits of either case; FALSE for anything
 * else, with @hash untouched. */
gboolean weir_pdq_hash_from_hex (const gchar *hex, WeirPdqHash *hash);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirPdqHasher, weir_pdq_hasher_free)

G_END_DECLS
