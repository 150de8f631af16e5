/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What comes after a pause.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A picture that comes so long after the one before, in ns, as when keyframes
 * alone are decoded, shows something else: what stands in both tells as much as
 * in several that follow each other. */
#define WEIR_PAUSE G_GINT64_CONSTANT (400000000)

G_END_DECLS
