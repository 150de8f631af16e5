/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A live stream that comes and goes: on a thread of its own it pushes clips at
 * live rate through a weir in a pipeline, and counts what becomes of them. Of
 * one thread.
 */
#pragma once

#include "soak-clip.h"

typedef struct SoakStream SoakStream;

/* Begins stream @index, which goes by @seed: of @clips, SoakClips that outlive
 * it, guarded with the bank @bank. */
SoakStream *soak_stream_new (
    guint index, guint32 seed, const gchar *bank, const GPtrArray *clips);

/* Breaks it off from outside where that is due: to be called now and then. */
void soak_stream_tick (SoakStream *stream);

/* Ends it. Streams end side by side when all have been asked to before the
 * first is freed. */
void soak_stream_stop (SoakStream *stream);
void soak_stream_free (SoakStream *stream);
