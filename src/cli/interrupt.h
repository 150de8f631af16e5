/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SIGINT and SIGTERM, noted and looked at where it is safe to stop. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  guint int_id, term_id;
} CliInterrupt;

/* From now on either signal sets @interrupted, when the default main context
 * runs. */
void cli_interrupt_catch (CliInterrupt *interrupt, gboolean *interrupted);

/* Sees to signals that came so far, without waiting. */
void cli_interrupt_look (void);

void cli_interrupt_release (CliInterrupt *interrupt);

G_END_DECLS
