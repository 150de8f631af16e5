/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From a source (a file, a URL or standard input) through the element `weir`
 * to nowhere: the pipeline that every subcommand that reads media runs.
 */
#pragma once

#include "cli.h"

G_BEGIN_DECLS

typedef struct _CliSource CliSource;

/* Each element message of the element `weir`. */
typedef void (*CliMessageFunc) (
    const GstStructure *structure, gpointer user_data);

/* How far a file is, 0..1; -1 when that is not known. */
typedef void (*CliProgressFunc) (gdouble done, gpointer user_data);

/* NULL with a one-line @error when @location cannot be read at all. */
CliSource *cli_source_new (const gchar *location, GError **error);
void cli_source_free (CliSource *source);

/* The element, to set up before the run. Owned by the source. */
GstWeir *cli_source_get_weir (CliSource *source);

/* A file passes at the speed it is to be played at, as a live stream would. */
void cli_source_set_realtime (CliSource *source, gboolean realtime);

void cli_source_set_progress_func (
    CliSource *source, CliProgressFunc func, gpointer user_data);

/* Ends the run early, from any thread; it counts as done. */
void cli_source_stop (CliSource *source);

/* Runs to the end. FALSE with a one-line @error that names the location when
 * it broke or nothing in it could be fingerprinted. SIGINT and SIGTERM end it
 * early, and set @interrupted. */
gboolean cli_source_run (CliSource *source, CliMessageFunc func,
    gpointer user_data, gboolean *interrupted, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CliSource, cli_source_free)

G_END_DECLS
