/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SIGINT and SIGTERM. */

#include "interrupt.h"

#include <glib-unix.h>
#include <signal.h>

static gboolean
on_signal (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
  return G_SOURCE_CONTINUE;
}

void
cli_interrupt_catch (CliInterrupt *interrupt, gboolean *interrupted)
{
  interrupt->int_id = g_unix_signal_add (SIGINT, on_signal, interrupted);
  interrupt->term_id = g_unix_signal_add (SIGTERM, on_signal, interrupted);
}

void
cli_interrupt_look (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

void
cli_interrupt_release (CliInterrupt *interrupt)
{
  g_source_remove (interrupt->int_id);
  g_source_remove (interrupt->term_id);
}
