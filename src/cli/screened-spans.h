/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Telling what of a file cannot be matched. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Says on standard error which @spans (a GArray of WeirScreenedSpan) of the
 * @what ("sound") of @path cannot be matched: a line for each reason. */
void cli_tell_spans (const gchar *path, const gchar *what, const GArray *spans);

G_END_DECLS
