/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How long a picture is under way from a publisher's payloader to the output of
 * its session, within this process.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Publishes what @fragment makes (see publisher_new_of()), whose payloader is
 * called "pay", for so long (s), to two sessions at a time: in one the element
 * weir looks up in @bank, the other's media go past it. Both get an array of
 * gint64, us, in order of size, of the pictures that came; free them. */
void ingest_delay_measure (const gchar *bank, const gchar *fragment,
    guint settle_time, guint time, GArray **with, GArray **without);

G_END_DECLS
