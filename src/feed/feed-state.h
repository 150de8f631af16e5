/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A digest of what a list holds, whatever files it came in: the sum, modulo
 * 2^256, of the BLAKE2b-256 of each reference and of each retraction (an
 * incremental hash: M. Bellare and D. Micciancio, "A New Paradigm for
 * Collision-free Hashing", 1997, section 5); see docs/feed.md.
 */
#pragma once

#include "bank/manifest.h"
#include "feed/feed-head.h"

G_BEGIN_DECLS

/* The digest of @bank with the removals of its @manifest, in hexadecimal digits.
 * A removal of what is there again is none. */
void weir_feed_state_digest (const WeirBank *bank, const WeirManifest *manifest,
    gchar digest[WEIR_FEED_DIGEST_DIGITS + 1]);

/* The ids that @manifest removes and @bank does not have, each once, in no
 * order: a set of strings that belong to @manifest. Free with
 * g_hash_table_unref(). */
GHashTable *weir_feed_state_get_retracted (
    const WeirBank *bank, const WeirManifest *manifest);

G_END_DECLS
