/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a demuxer is given where a stream is taken up again. */
#pragma once

#include "container/place.h"

/* A follower of one kind of container. */
typedef struct {
  gpointer (*new) (void);
  void (*push) (
      gpointer follower, const guint8 *bytes, gsize size, WeirPlace *place);
  void (*free) (gpointer follower);
} TakeUpKind;

/* The functions of weir_@name_follower, for WeirXFollower @type. */
#define DEFINE_TAKE_UP_KIND(type, name)                                        \
  static gpointer name##_new (void)                                            \
  {                                                                            \
    return weir_##name##_follower_new ();                                      \
  }                                                                            \
  static void name##_push (                                                    \
      gpointer follower, const guint8 *bytes, gsize size, WeirPlace *place)    \
  {                                                                            \
    weir_##name##_follower_push ((type *) follower, bytes, size, place);       \
  }                                                                            \
  static void name##_free (gpointer follower)                                  \
  {                                                                            \
    weir_##name##_follower_free ((type *) follower);                           \
  }                                                                            \
  static const TakeUpKind name = { name##_new, name##_push, name##_free };

/* @bytes in pieces of @piece: at the first place behind byte @from at which
 * they can be taken up, what a demuxer is given until their end; or NULL.
 * @n_lost: how often the place was lost. */
GByteArray *take_up (const TakeUpKind *kind, const GByteArray *bytes,
    gsize from, gsize piece, guint *n_lost);

/* In pieces of 1 to 64 bytes, shorter than what is taken up in tests: of a
 * piece the first place is told. */
void assert_taken_up (const TakeUpKind *kind, const GByteArray *bytes,
    gsize from, const GByteArray *expected, guint lost);
