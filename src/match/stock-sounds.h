/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sounds that all the world has and that say nothing of a work: the tones of
 * telephones after ITU-T E.180/Q.35 (1998) and its list of national tones,
 * signalling tones after ITU-T Q.23 (1988) and T.30, test and time signals,
 * a sweep, a doorbell, a jingle, and tunes as they are played to those who
 * wait. Made here, as samples, so that there is nothing to install.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Each is that long, seconds, and begins anew when it is shorter. */
#define WEIR_STOCK_SECONDS 12

guint weir_stock_get_n_sounds (void);

/* What it is, for people: "ring tone". Several have one name. Static. */
const gchar *weir_stock_get_name (guint number);

/* A GArray of gfloat, samples of WEIR_AUDIO_RATE; owned by the caller. The same
 * each time. */
GArray *weir_stock_make_samples (guint number);

G_END_DECLS
