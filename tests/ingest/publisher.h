/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A WHIP client that publishes made-up pictures (VP8) and a tone (Opus), on the
 * main loop of its host.
 */
#pragma once

#include "host.h"

G_BEGIN_DECLS

typedef struct _Publisher Publisher;

/* Sends the pictures of @film of tests/element/film.h, 25 a second, and a
 * tone; @silent: a track of sound in which nothing is sent. It begins to publish
 * at once. */
Publisher *publisher_new (
    Host *host, const gchar *token, guint film, gboolean silent);

/* What a publisher_new() sends, from now on: another film, from its first
 * picture; pictures of @factor times the size of PICTURE_CAPS; silence, of which
 * Opus sends hardly anything (DTX); no picture, or nothing of the sound, at
 * all. */
void publisher_show (Publisher *publisher, guint film);
void publisher_scale (Publisher *publisher, guint factor);
void publisher_mute (Publisher *publisher, gboolean mute);
void publisher_pause_pictures (Publisher *publisher, gboolean pause);
void publisher_pause_sound (Publisher *publisher, gboolean pause);

/* The clock that is behind RTP's time goes @pace times as fast as it should.
 * Before anything is sent. */
void publisher_set_pace (Publisher *publisher, gdouble pace);

/* Sends what a fragment of gst-launch-1.0 makes, which links RTP to rtc. */
Publisher *publisher_new_of (
    Host *host, const gchar *token, const gchar *fragment);

/* The element of this name in what it sends with; to be unreffed. */
GstElement *publisher_find (Publisher *publisher, const gchar *name);

/* Leaves without a word; publisher_delete() ends the session first, and
 * publisher_end() asks for that and returns the status of the answer. */
void publisher_free (Publisher *publisher);
void publisher_delete (Publisher *publisher);
guint publisher_end (Publisher *publisher);

/* Of the answer, 0: none so far. */
guint publisher_get_status (Publisher *publisher);

/* Below the endpoint; NULL: none. */
const gchar *publisher_get_path (Publisher *publisher);

/* HostFuncs of a publisher: its answer has come; it is connected. */
gboolean publisher_is_answered (gpointer publisher);
gboolean publisher_is_connected (gpointer publisher);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Publisher, publisher_free)

G_END_DECLS
