/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files of data, read in pieces. */

#include "input.h"

#include "progress.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE_SIZE        65536
#define PROGRESS_INTERVAL (G_USEC_PER_SEC / 10)

typedef struct {
  const gchar *name;
  CliInputFunc func;
  gpointer user_data;
  guint64 size; /* 0: not known */
  guint64 n_read;
  gint64 shown; /* when progress was */
  gboolean ended;
  GError *error;
} Input;

const gchar *
cli_get_input_name (const gchar *path)
{
  return strcmp (path, "-") == 0 ? "standard input" : path;
}

static void
show_progress (Input *input)
{
  gint64 now = g_get_monotonic_time ();

  if (now - input->shown < PROGRESS_INTERVAL)
    return;
  input->shown = now;
  cli_progress_show (input->name,
      input->size > 0 ? (gdouble) input->n_read / (gdouble) input->size : -1);
}

static gboolean
on_readable (gint descriptor, GIOCondition condition, gpointer user_data)
{
  Input *input = user_data;
  gchar data[PIECE_SIZE];
  gssize length = read (descriptor, data, sizeof (data));

  if (length < 0 && (errno == EINTR || errno == EAGAIN))
    return G_SOURCE_CONTINUE;
  if (length < 0)
    g_set_error (&input->error, G_FILE_ERROR, g_file_error_from_errno (errno),
        "%s: %s", input->name, g_strerror (errno));
  if (length <= 0) {
    input->ended = TRUE;
    return G_SOURCE_CONTINUE;
  }
  input->n_read += (guint64) length;
  show_progress (input);
  input->ended =
      !input->func (data, (gsize) length, input->user_data, &input->error);
  return G_SOURCE_CONTINUE;
}

static void
read_all (Input *input, gint descriptor, const gboolean *interrupted)
{
  guint id = g_unix_fd_add (
      descriptor, G_IO_IN | G_IO_HUP | G_IO_ERR, on_readable, input);

  while (!input->ended && !*interrupted)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (id);
  cli_progress_clear ();
}

gboolean
cli_read_input (const gchar *path, CliInputFunc func, gpointer user_data,
    const gboolean *interrupted, GError **error)
{
  Input input = {
    .name = cli_get_input_name (path),
    .func = func,
    .user_data = user_data,
  };
  gboolean is_standard = input.name != path;
  gint descriptor = STDIN_FILENO;
  struct stat status;

  /* A FIFO without a writer must not stop the program in open(). */
  if (!is_standard)
    descriptor = g_open (path, O_RDONLY | O_NONBLOCK | O_CLOEXEC, 0);
  if (descriptor < 0) {
    g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "%s: %s",
        path, g_strerror (errno));
    return FALSE;
  }
  if (fstat (descriptor, &status) == 0 && S_ISREG (status.st_mode))
    input.size = (guint64) MAX (status.st_size, 0);
  read_all (&input, descriptor, interrupted);
  if (!is_standard)
    g_close (descriptor, NULL);
  if (input.error)
    g_propagate_error (error, input.error);
  return !input.error;
}
