/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The canary: a reference that nothing in the world looks like, put into a list
 * so that whoever takes the list can see that what is in it is found. It has no
 * verdict. Its fingerprints are fixed; see docs/feed.md.
 */
#pragma once

#include "bank/bank-builder.h"

G_BEGIN_DECLS

#define WEIR_FEED_CANARY_ID "weir-canary"

/* Adds it to @builder. FALSE with @error when it is there. */
gboolean weir_feed_canary_add (WeirBankBuilder *builder, GError **error);

/* Whether every fingerprint of it is found in @bank. */
gboolean weir_feed_canary_is_found (const WeirBank *bank);

G_END_DECLS
