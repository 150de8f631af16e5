/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where a stream of FLV can be taken up again once some of it is lost. A
 * demuxer has no chance in the middle of it: what it needs to know was said
 * once, at the beginning. The follower reads the heads of tags as bytes pass,
 * keeps what says how to decode (the sequence headers of AVC, HEVC, AAC and
 * what else has them), and knows at each keyframe what to put in front of it.
 *
 * Adobe, "Adobe Flash Video File Format Specification" 10.1 (2010), annex E;
 * Veovera, "Enhanced RTMP" v1 (2023) for HEVC, VP9 and AV1.
 */
#pragma once

#include "container/place.h"

G_BEGIN_DECLS

/* Bytes of a sequence header, of which there is one of video and one of sound;
 * larger ones are not kept. */
#define WEIR_FLV_HEADER_MAX (64 * 1024)

typedef struct _WeirFlvFollower WeirFlvFollower;

/* Not thread-safe: one for each stream. */
WeirFlvFollower *weir_flv_follower_new (void);
void weir_flv_follower_free (WeirFlvFollower *follower);

/* The next bytes are the first of a stream, of whatever kind. */
void weir_flv_follower_reset (WeirFlvFollower *follower);

/* The next bytes may be from anywhere in the stream: a seek. */
void weir_flv_follower_jump (WeirFlvFollower *follower);

/* Whether the stream is FLV: its first bytes were. */
gboolean weir_flv_follower_is_on (const WeirFlvFollower *follower);

/* Whether the next bytes are of interest: not after others than FLV's. */
gboolean weir_flv_follower_wants (const WeirFlvFollower *follower);

/* Takes the next @size bytes, in pieces of any length, and says in @place what
 * they have. Bytes within tags are skipped, not read; a stream that lost its
 * place is searched for two heads of tags in a row. Allocates at sequence
 * headers and keyframes alone. */
void weir_flv_follower_push (WeirFlvFollower *follower, const guint8 *bytes,
    gsize size, WeirPlace *place);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirFlvFollower, weir_flv_follower_free)

G_END_DECLS
