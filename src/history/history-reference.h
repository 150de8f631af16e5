/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A reference made of a stream's own history: what `weir bank build` would make
 * of a recording of that span, but for whatever was not looked at while it
 * passed, and for its parts: there are 10 of each a second at most, and not
 * those of each frame that differs. So what moves fast, was cut and is covered
 * is found later by it (a game with a bar over a cut picture: after 5 s instead
 * of 2.5 s).
 */
#pragma once

#include "bank/bank-builder.h"
#include "history/history.h"

G_BEGIN_DECLS

/* Why no reference could be made. */
typedef enum {
  WEIR_HISTORY_ERROR_SPAN,  /* empty or reversed */
  WEIR_HISTORY_ERROR_GONE,  /* begins before what is there still */
  WEIR_HISTORY_ERROR_AHEAD, /* ends after what is there yet */
  WEIR_HISTORY_ERROR_POOR,  /* too few fingerprints to be recognised by */
} WeirHistoryError;

#define WEIR_HISTORY_ERROR (weir_history_error_quark ())
GQuark weir_history_error_quark (void);

/* Adds to @builder the reference @reference (its duration is filled in) with
 * the fingerprints of the stream from @start to @stop, running times in ns. Both
 * may be two seconds beyond what there is, which the span then is cut to; and
 * are of the times since the stream last started anew. Sound that says nothing
 * of the work is left out as weir_sound_screen() has it, for which it takes 0.3 s
 * of processor time. FALSE with a one-line @error of WEIR_HISTORY_ERROR, of
 * WEIR_BANK_ERROR for what the format cannot hold, or of the screening; the
 * builder is of no use then. */
gboolean weir_history_add_reference (const WeirHistory *history, guint64 start,
    guint64 stop, const WeirReference *reference, WeirBankBuilder *builder,
    GError **error);

G_END_DECLS
