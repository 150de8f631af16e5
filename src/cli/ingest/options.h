/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command line of weir-ingest. */
#pragma once

#include "settings.h"
#include "tokens.h"

G_BEGIN_DECLS

typedef struct {
  gchar *listen, *certificate, *key;
  gchar **tokens, *token_file;
  gboolean open, version;
  gchar *bank, *max_action, **properties;
  gchar *record, *output;
  gchar **ice_addresses, *ports, *stun, **ice_servers;
  gint sessions, connect_timeout, deny_for;
} IngestOptions;

/* Reads it into @options, which is all zero. FALSE with a one-line @error when
 * something is wrong or missing. --help prints the page and exits. Free with
 * ingest_options_clear() either way. */
gboolean ingest_options_parse (
    IngestOptions *options, int *argc, char ***argv, GError **error);
void ingest_options_clear (IngestOptions *options);

/* Opens what is named. FALSE with a one-line @error when something cannot be
 * used. The settings lean on the options; clear them first, either way. */
gboolean ingest_options_make_settings (
    const IngestOptions *options, IngestSettings *settings, GError **error);
void ingest_options_clear_settings (IngestSettings *settings);

gboolean ingest_options_fill_tokens (
    const IngestOptions *options, IngestTokens *tokens, GError **error);

G_END_DECLS
