/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Media named on the command line: files, and folders with all in them. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The files behind @names (NULL-terminated): a file stands for itself, a
 * folder for the media files in it and below, by their endings, sorted.
 * Names that begin with a dot and symbolic links to folders are left out.
 * NULL with @error when a folder cannot be read or holds no media. */
GPtrArray *cli_find_media (gchar **names, GError **error);

/* The file's name without folder and ending. Free with g_free(). */
gchar *cli_get_stem (const gchar *path);

G_END_DECLS
