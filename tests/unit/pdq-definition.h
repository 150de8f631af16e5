/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * PDQ as it is defined, step by step over the whole picture: slow and plain,
 * for the fast one to be compared with. Pictures to compare them on, too.
 */
#pragma once

#include "fingerprint/pdq.h"

G_BEGIN_DECLS

/* Hashes @width x @height bytes of luma that lie without gaps. Follows the
 * order of operations of the reference implementation ("The TMK+PDQF
 * Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm", Facebook,
 * 2019), in floats. A full-range picture is taken as it is; for a limited one
 * the quality, 0 to 100, is measured on 255/219 of the values. Allocates its
 * buffers and frees them again. Thread-safe. */
void pdq_definition_hash (const guint8 *luma, guint width, guint height,
    gboolean full_range, WeirPdqHash *hash, guint *quality);

typedef enum {
  PDQ_PICTURE_BLOBS,    /* smooth, like something filmed out of focus */
  PDQ_PICTURE_SCENE,    /* blobs, hard-edged rectangles and a little noise */
  PDQ_PICTURE_GRADIENT, /* a bent ramp */
  PDQ_PICTURE_NOISE,
  PDQ_PICTURE_CHECKERBOARD, /* of uneven squares, about 11 x 11 of them */
  PDQ_PICTURE_FLAT,
  PDQ_N_PICTURES
} PdqPictureKind;

/* The name that tests/vectors/pdq.csv has for it. Thread-safe. */
const gchar *pdq_picture_kind_name (PdqPictureKind kind);

/* A new picture of @width x @height bytes, the same everywhere: made of
 * integers alone. Free with g_free(). Thread-safe. */
guint8 *pdq_picture_new (
    PdqPictureKind kind, guint width, guint height, guint32 seed);

/* @data, of @width x @height bytes without gaps, as a full-range plane. */
WeirLuma pdq_picture_get_luma (const guint8 *data, guint width, guint height);

G_END_DECLS
