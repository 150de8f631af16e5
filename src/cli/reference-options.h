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

/* Reads the texts of --max-action, --opinion, --not-before and --not-after; a
 * date is a day, whose first or last second (UTC) it is, or a time of ISO 8601
 * with its offset. FALSE after a one-line error that points to the help of
 * @command. */
gboolean cli_reference_options_read (
    CliReferenceOptions *options, const gchar *command);

/* Frees the texts. */
void cli_reference_options_clear (CliReferenceOptions *options);

G_END_DECLS
