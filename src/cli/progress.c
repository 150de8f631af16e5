/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The progress bar. */

#include "progress.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define BAR_WIDTH  30
#define NAME_WIDTH 30

void
cli_progress_show (const gchar *name, gdouble done)
{
  gchar bar[BAR_WIDTH + 1];
  gsize filled = (gsize) (CLAMP (done, 0, 1) * BAR_WIDTH);

  if (!isatty (STDERR_FILENO))
    return;
  memset (bar, '-', BAR_WIDTH);
  memset (bar, '#', filled);
  bar[BAR_WIDTH] = '\0';
  if (done < 0)
    fprintf (stderr, "\r\033[K%-*.*s ...", NAME_WIDTH, NAME_WIDTH, name);
  else
    fprintf (stderr, "\r\033[K%-*.*s [%s] %3.0f %%", NAME_WIDTH, NAME_WIDTH,
        name, bar, done * 100);
  fflush (stderr);
}

void
cli_progress_clear (void)
{
  if (!isatty (STDERR_FILENO))
    return;
  fputs ("\r\033[K", stderr);
  fflush (stderr);
}
