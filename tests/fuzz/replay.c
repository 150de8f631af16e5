/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs files, and the files in folders, through a fuzz target: for builds
 * without libFuzzer. Linked with one target. Exit status 0 when every file was
 * read and survived, 1 when one could not be read, 2 without arguments.
 */
#include <glib.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static gboolean
replay_file (const gchar *path)
{
  g_autofree gchar *data = NULL;
  g_autoptr (GError) error = NULL;
  gsize size;

  if (!g_file_get_contents (path, &data, &size, &error)) {
    g_printerr ("%s\n", error->message);
    return FALSE;
  }
  LLVMFuzzerTestOneInput ((const uint8_t *) data, size);
  return TRUE;
}

/* Not below folders in it: a corpus is flat. */
static gboolean
replay_folder (const gchar *path, guint *n_files)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) folder = g_dir_open (path, 0, &error);
  gboolean all_read = TRUE;
  const gchar *name;

  if (folder == NULL) {
    g_printerr ("%s\n", error->message);
    return FALSE;
  }
  while ((name = g_dir_read_name (folder)) != NULL) {
    g_autofree gchar *file = g_build_filename (path, name, NULL);

    if (g_file_test (file, G_FILE_TEST_IS_DIR))
      continue;
    all_read &= replay_file (file);
    (*n_files)++;
  }
  return all_read;
}

int
main (int argc, char **argv)
{
  gboolean all_read = TRUE;
  guint n_files = 0;
  int i;

  if (argc < 2) {
    g_printerr ("usage: %s FILE-OR-FOLDER...\n", argv[0]);
    return 2;
  }
  for (i = 1; i < argc; i++) {
    if (g_file_test (argv[i], G_FILE_TEST_IS_DIR)) {
      all_read &= replay_folder (argv[i], &n_files);
    } else {
      all_read &= replay_file (argv[i]);
      n_files++;
    }
  }
  g_print ("%u files replayed\n", n_files);
  return all_read ? 0 : 1;
}
