/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Options about references that several subcommands have. */
#pragma once

#include "bank/reference.h"

G_BEGIN_DECLS

/* Reads what --max-action or --opinion says; @text NULL leaves the value as it
 * is. FALSE after a one-line error that points to the help of @command. */
gboolean cli_parse_max_action (
    const gchar *command, const gchar *text, WeirAction *action);
gboolean cli_parse_opinion (
    const gchar *command, const gchar *text, WeirOpinion *opinion);

/* Reads what --not-before and --not-after say: a day, whose first or last second
 * (UTC) it is, or a time of ISO 8601 with its offset. Either may be NULL: 0. */
gboolean cli_parse_dates (const gchar *command, const gchar *not_before,
    const gchar *not_after, gint64 *first, gint64 *last);

G_END_DECLS
