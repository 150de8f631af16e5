/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The audio evidence of all streams of a session: each has pairs, votes and
 * a history of its own, since two at once are a mix that neither is.
 */
#pragma once

#include "match/audio-lines.h"

G_BEGIN_DECLS

/* Streams that are followed at a time. Each takes 3.6 MB. A further one takes
 * the place of one that has been still for 10 s, or is not listened to. */
#define WEIR_AUDIO_MAX_STREAMS 4

/* Not thread-safe. */
typedef struct _WeirAudioStreams WeirAudioStreams;

WeirAudioStreams *weir_audio_streams_new (WeirBank *bank);
void weir_audio_streams_free (WeirAudioStreams *streams);

/* The same as of weir_audio_lines, for all streams. */
void weir_audio_streams_clear (WeirAudioStreams *streams);
void weir_audio_streams_set_bank (
    WeirAudioStreams *streams, WeirBank *bank, WeirBankMap *map);
void weir_audio_streams_expire (WeirAudioStreams *streams, gint64 time);

/* The same, for the stream that @sound is of. */
void weir_audio_streams_add (WeirAudioStreams *streams, const WeirStamp *stamp,
    gint64 origin, const WeirSound *sound);

/* The extractor of @stream starts anew. */
void weir_audio_streams_restart (WeirAudioStreams *streams, guint stream);

/* Lines of all streams, stream after stream. */
guint weir_audio_streams_get_length (const WeirAudioStreams *streams);
const WeirAudioLine *weir_audio_streams_get (
    const WeirAudioStreams *streams, guint index);

/* Keys looked up so far. */
guint64 weir_audio_streams_get_n_lookups (const WeirAudioStreams *streams);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirAudioStreams, weir_audio_streams_free)

G_END_DECLS
