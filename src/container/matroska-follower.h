/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where a stream of Matroska or WebM can be taken up again once some of it is
 * lost: at each cluster, with what says how to decode (the elements Info and
 * Tracks) in front of it. The follower reads the heads of elements as bytes pass
 * and skips what is in them.
 *
 * IETF, RFC 8794 "Extensible Binary Meta Language" (2020), sections 4 to 6, and
 * RFC 9559 "Matroska Media Container Format Specification" (2024), section 5.
 */
#pragma once

#include "container/place.h"

G_BEGIN_DECLS

/* Bytes of an element that is kept, of which there are three (EBML, Info,
 * Tracks); larger ones are not. */
#define WEIR_MATROSKA_HEADER_MAX (64 * 1024)

typedef struct _WeirMatroskaFollower WeirMatroskaFollower;

/* Not thread-safe: one for each stream. */
WeirMatroskaFollower *weir_matroska_follower_new (void);
void weir_matroska_follower_free (WeirMatroskaFollower *follower);

/* The next bytes are the first of a stream, of whatever kind. */
void weir_matroska_follower_reset (WeirMatroskaFollower *follower);

/* The next bytes may be from anywhere in the stream: a seek. */
void weir_matroska_follower_jump (WeirMatroskaFollower *follower);

/* Whether the stream is Matroska: its first bytes were. */
gboolean weir_matroska_follower_is_on (const WeirMatroskaFollower *follower);

/* Whether the next bytes are of interest: not after others than Matroska's. */
gboolean weir_matroska_follower_wants (const WeirMatroskaFollower *follower);

/* Takes the next @size bytes, in pieces of any length, and says in @place what
 * they have. A stream that lost its place is searched for the next cluster.
 * Allocates at clusters and at what is kept alone. */
void weir_matroska_follower_push (WeirMatroskaFollower *follower,
    const guint8 *bytes, gsize size, WeirPlace *place);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (
    WeirMatroskaFollower, weir_matroska_follower_free)

G_END_DECLS
