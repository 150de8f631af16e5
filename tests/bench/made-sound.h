/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Banks of more sound than there is at hand. */
#pragma once

#include "bank/bank-builder.h"

G_BEGIN_DECLS

/* Adds references of an hour each, up to @hours, with as many landmarks and
 * steps as sound has: 50 a second, their pairs and their peaks before drawn
 * from @landmarks (a GArray of WeirLandmark) by themselves, so that keys are as
 * frequent as they are there and no place is like another; and 20 of @patches
 * (likewise). The same each time. */
void made_sound_add (WeirBankBuilder *builder, const GArray *landmarks,
    const GArray *patches, gdouble hours);

G_END_DECLS
