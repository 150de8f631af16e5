/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files of data, named on the command line, read in pieces. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What stands for @path in messages: "-" is "standard input". */
const gchar *cli_get_input_name (const gchar *path);

/* Is given what is read. FALSE with @error ends the reading. */
typedef gboolean (*CliInputFunc) (
    const gchar *data, gsize length, gpointer user_data, GError **error);

/* Reads the file @path, or standard input for "-", through the default main
 * context, so that a signal can set @interrupted even while nothing comes: TRUE
 * at its end or when interrupted. Shows a progress bar. FALSE with a one-line
 * @error when it cannot be read or @func fails. */
gboolean cli_read_input (const gchar *path, CliInputFunc func,
    gpointer user_data, const gboolean *interrupted, GError **error);

G_END_DECLS
