/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Video fingerprints in the order of a bank file: hashes of even and of odd
 * weight apart if that pays, ascending, each once, and with each the times at
 * which it occurs. Private to the bank's builder.
 */
#pragma once

#include "bank/bank-format.h"
#include "bank/index-plan.h"

G_BEGIN_DECLS

/* One as it lies in memory until it is written. */
typedef struct {
  WeirPdqHash hash;
  WeirBankVideoInfo info;
} WeirVideoEntry;

typedef struct {
  GArray *hashes;         /* WeirPdqHash */
  GArray *starts;         /* guint32, one more than hashes */
  GArray *parts;          /* WeirBankVideoPart */
  WeirIndexPlan plans[2]; /* of the parts */
} WeirVideoOrder;

/* Sorts @entries, an array of WeirVideoEntry, in place, and fills @order. With
 * @plan, that is the plan of each of two parts; else parts and plans follow
 * from the number of hashes. Clear @order with weir_video_order_clear(). */
void weir_video_order_init (
    WeirVideoOrder *order, GArray *entries, const WeirIndexPlan *plan);
void weir_video_order_clear (WeirVideoOrder *order);

G_END_DECLS
