/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An event on the bus as a line of JSON. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Without the line end; with the time and this machine's name. Free with
 * g_free(). */
gchar *cli_event_line (const GstStructure *structure);

G_END_DECLS
