/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finding media files. */

#include "media-files.h"

#include <gio/gio.h>
#include <string.h>

/* Folders within folders, and files in all. */
#define DEPTH_MAX 16
#define FILES_MAX 1000000

static const gchar *const endings[] = { "3gp", "aac", "avi", "flac", "flv",
  "m2ts", "m4a", "m4v", "mkv", "mov", "mp3", "mp4", "mpeg", "mpg", "mts", "mxf",
  "oga", "ogg", "ogv", "opus", "ts", "wav", "webm", "wma", "wmv", NULL };

static gboolean
is_media (const gchar *name)
{
  const gchar *dot = strrchr (name, '.');
  g_autofree gchar *ending = dot ? g_ascii_strdown (dot + 1, -1) : NULL;

  return ending && g_strv_contains (endings, ending);
}

static gint
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const gchar *const *) a, *(const gchar *const *) b);
}

static gboolean add_folder (
    GPtrArray *files, const gchar *folder, guint depth, GError **error);

static gboolean
add_entry (GPtrArray *files, const gchar *path, guint depth, GError **error)
{
  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    return g_file_test (path, G_FILE_TEST_IS_SYMLINK) || depth >= DEPTH_MAX ||
           add_folder (files, path, depth + 1, error);
  if (is_media (path) && files->len < FILES_MAX)
    g_ptr_array_add (files, g_strdup (path));
  return TRUE;
}

static gboolean
add_folder (GPtrArray *files, const gchar *folder, guint depth, GError **error)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, error);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  const gchar *name;
  guint i;

  if (!dir)
    return FALSE;
  while ((name = g_dir_read_name (dir)))
    if (name[0] != '.')
      g_ptr_array_add (names, g_build_filename (folder, name, NULL));
  g_ptr_array_sort (names, compare_names);
  for (i = 0; i < names->len; i++)
    if (!add_entry (files, g_ptr_array_index (names, i), depth, error))
      return FALSE;
  return TRUE;
}

GPtrArray *
cli_find_media (gchar **names, GError **error)
{
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_free);
  guint i;

  for (i = 0; names[i]; i++) {
    guint before = files->len;

    if (!g_file_test (names[i], G_FILE_TEST_IS_DIR)) {
      g_ptr_array_add (files, g_strdup (names[i]));
      continue;
    }
    if (!add_folder (files, names[i], 0, error))
      return NULL;
    if (files->len == before) {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT,
          "%s: there is no media file in this folder", names[i]);
      return NULL;
    }
  }
  return g_steal_pointer (&files);
}

gchar *
cli_get_stem (const gchar *path)
{
  gchar *stem = g_path_get_basename (path);
  gchar *dot = strrchr (stem, '.');

  if (dot && dot != stem)
    *dot = '\0';
  return stem;
}
