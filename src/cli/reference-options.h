/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Options about references that several subcommands have. */
#pragma once

#include "bank/reference.h"

G_BEGIN_DECLS

/* What is said of the references to be made. The texts are as GOption fills
 * them in, NULL when not given; the rest are defaults until they are read. */
typedef struct {
  gchar *id, *family, *label, *list, *source;
  gboolean benign;
  gchar *max_action_text, *opinion_text, *not_before_text, *not_after_text;

  WeirAction max_action;
  WeirOpinion opinion;
  gboolean has_opinion;         /* --opinion was given */
  gint64 not_before, not_after; /* seconds since 1970, 0: not given */
} CliReferenceOptions;

/* Rows of option tables: the bank that a command writes, and what several say of
 * references. The defaults are literals, " (default: the id)" or "". */
#define CLI_OUTPUT_ENTRY(path)                                                 \
  {                                                                            \
    "output", 'o', 0, G_OPTION_ARG_FILENAME, &(path),                          \
        "The bank to write (needed)", "BANK"                                   \
  }

#define CLI_REFERENCE_ENTRIES(                                                 \
    options, default_family, default_text, default_action, default_opinion)    \
  { "family", 0, 0, G_OPTION_ARG_STRING, &(options).family,                    \
    "Family: edits of one work share it" default_family, "FAMILY" },           \
      { "label", 0, 0, G_OPTION_ARG_STRING, &(options).label,                  \
        "What kind of content it is" default_text, "LABEL" },                  \
      { "list", 0, 0, G_OPTION_ARG_STRING, &(options).list,                    \
        "The list it belongs to", "LIST" },                                    \
      { "source", 0, 0, G_OPTION_ARG_STRING, &(options).source,                \
        "Where it comes from" default_text, "SOURCE" },                        \
      { "max-action", 0, 0, G_OPTION_ARG_STRING, &(options).max_action_text,   \
        "The strongest verdict it may cause: none, flag or "                   \
        "cut" default_action,                                                  \
        "ACTION" },                                                            \
      { "opinion", 0, 0, G_OPTION_ARG_STRING, &(options).opinion_text,         \
        "unreviewed, confirmed or disputed" default_opinion                    \
        "; only confirmed can cut",                                            \
        "OPINION" },                                                           \
      { "not-before", 0, 0, G_OPTION_ARG_STRING, &(options).not_before_text,   \
        "From when on it holds: a day, or a time with its offset", "DATE" },   \
  {                                                                            \
    "not-after", 0, 0, G_OPTION_ARG_STRING, &(options).not_after_text,         \
        "Until when it holds, this day or time included", "DATE"               \
  }

#define CLI_BENIGN_ENTRY(options)                                              \
  {                                                                            \
    "benign", 0, 0, G_OPTION_ARG_NONE, &(options).benign,                      \
        "It must never match: what shows it is no evidence of anything", NULL  \
  }

/* Reads the texts of --max-action, --opinion, --not-before and --not-after; a
 * date is a day, whose first or last second (UTC) it is, or a time of ISO 8601
 * with its offset. FALSE after a one-line error that points to the help of
 * @command. */
gboolean cli_reference_options_read (
    CliReferenceOptions *options, const gchar *command);

/* Frees the texts. */
void cli_reference_options_clear (CliReferenceOptions *options);

G_END_DECLS
