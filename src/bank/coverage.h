/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How many fingerprints each reference of a bank file has, and when: a
 * reference from a list may have a picture a second or a single one, and flat
 * pictures are in none. Private to the bank.
 */
#pragma once

#include "bank/bank-format.h"

G_BEGIN_DECLS

/* Counts the fingerprints of each of @n_references: @video is a GArray of
 * WeirVideoEntry, @audio one of WeirAudioEntry. Returns a GArray of
 * WeirBankReferenceSpan, and in @times, a GArray of guint32, what these point
 * into. Free both with g_array_unref(). */
GArray *weir_coverage_build (const GArray *video, const GArray *audio,
    guint32 n_references, GArray **times);

/* Whether @span, of those that @times belong to, has a time from @begin to @end
 * (ms), both included. Thread-safe. */
gboolean weir_coverage_has (const WeirBankReferenceSpan *span,
    const guint32 *times, guint32 begin, guint32 end);

G_END_DECLS
