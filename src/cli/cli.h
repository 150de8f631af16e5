/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the subcommands of the command `weir` share. */
#pragma once

#include "gstweir.h"

#include <glib.h>
#include <gst/gst.h>

G_BEGIN_DECLS

/* Exit statuses. */
enum {
  CLI_DONE = 0,
  CLI_FAILED = 1,
  CLI_USAGE = 2,
  CLI_CUT = 3, /* watch: the stream was cut */
};

/* A subcommand: @argv[0] is its full name for messages ("weir bank build"). */
typedef int (*CliCommand) (int argc, char **argv);

int cli_bank_add (int argc, char **argv);
int cli_bank_build (int argc, char **argv);
int cli_bank_edit (int argc, char **argv);
int cli_bank_import (int argc, char **argv);
int cli_bank_info (int argc, char **argv);
int cli_bank_list (int argc, char **argv);
int cli_bank_merge (int argc, char **argv);
int cli_bank_remove (int argc, char **argv);
int cli_bank_verify (int argc, char **argv);
int cli_feed_status (int argc, char **argv);
int cli_follow (int argc, char **argv);
int cli_keygen (int argc, char **argv);
int cli_print (int argc, char **argv);
int cli_publish (int argc, char **argv);
int cli_watch (int argc, char **argv);

/* Parses @argv by @entries; what is left of it is in @rest (NULL-terminated,
 * free with g_strfreev()). FALSE after a one-line error on stderr. --help
 * prints the page and exits. */
gboolean cli_parse (int argc, char **argv, const GOptionEntry *entries,
    const gchar *arguments, const gchar *summary, gchar ***rest);

/* Starts GStreamer; the element is built in. */
void cli_init_gst (void);

/* "weir: ..." as one line on stderr. */
void cli_error (const gchar *format, ...) G_GNUC_PRINTF (1, 2);

/* FALSE when standard output cannot be written any more, after a one-line error
 * unless it is that the reader has gone. To be called after each write, so
 * that the reason is still known. Thread-safe. */
gboolean cli_check_output (void);

/* Returns CLI_USAGE, after a one-line error. */
int cli_usage_error (const gchar *command, const gchar *format, ...)
    G_GNUC_PRINTF (2, 3);

G_END_DECLS
