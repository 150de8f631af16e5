/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the reader and the builder of banks share, and what their tests and
 * fuzz target need beside the public interface.
 */
#pragma once

#include "bank/bank-builder.h"
#include "bank/bank-follower.h"
#include "bank/bank-format.h"
#include "bank/index-plan.h"

G_BEGIN_DECLS

/* As weir_bank_open(), for a file of one segment that is in memory already.
 * @bytes must begin at a multiple of eight; a reference to it is kept. @name
 * stands for the path in messages. */
WeirBank *weir_bank_open_bytes (
    GBytes *bytes, const gchar *name, GError **error);

/* The paths of the files in @folder that are banks by their names, in order of
 * these. Free with g_ptr_array_unref(). */
GPtrArray *weir_bank_list_folder (const gchar *folder, GError **error);

/* The CRC-32 that belongs into @header, which the whole table must follow in
 * memory. What the field holds does not matter. */
guint32 weir_bank_header_compute_checksum (const WeirBankHeader *header);

/* From now on the index of what @builder writes has the tables of @plan
 * (copied), however many hashes there are, and those of even weight are apart
 * from those of odd. For tests: small banks have no tables by themselves. */
void weir_bank_builder_set_plan (
    WeirBankBuilder *builder, const WeirIndexPlan *plan);

/* As weir_bank_follower_new(), looking at the files each @interval (us), and
 * with or without word of the kernel. For tests. */
WeirBankFollower *weir_bank_follower_new_full (const gchar *path,
    gint64 interval, gboolean notified, WeirBankFollowerFunc func,
    gpointer user_data);

G_END_DECLS
