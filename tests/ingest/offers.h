/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Offers as a browser makes them, made up. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Free each with g_free(). A whole offer of Opus and of H.264 and VP8, in that
 * order, and VP9; @from, when it is not NULL, is replaced by @to throughout. */
gchar *make_offer (const gchar *from, const gchar *to);

/* The same with the section @extra behind the others. */
gchar *make_offer_with (const gchar *extra);

/* A section of VP8 with the mid "2". */
const gchar *get_video_section (void);

G_END_DECLS
