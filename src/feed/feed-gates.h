/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a change must not do, however well it is signed: a list that is wrong is
 * worse than one that is old. Thread-safe.
 */
#pragma once

#include "bank/bank.h"
#include "feed/feed-head.h"
#include "feed/feed-settings.h"

G_BEGIN_DECLS

/* Whether @next may take the place of @now (NULL: of nothing, which it may grow
 * from as it likes). FALSE with WEIR_FEED_ERROR_GATE in @error, that says which
 * of the settings was touched and by what. */
gboolean weir_feed_gates_check (const WeirBank *now, const WeirBank *next,
    const WeirFeedHead *head, const WeirFeedSettings *settings, GError **error);

G_END_DECLS
