/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A progress bar on stderr; nothing at all when that is no terminal. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Draws "NAME [###---] 40 %"; @done is 0..1, or below 0 when not known. */
void cli_progress_show (const gchar *name, gdouble done);

/* Takes the bar away. */
void cli_progress_clear (void);

G_END_DECLS
