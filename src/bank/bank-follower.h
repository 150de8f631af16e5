/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Keeps a bank open as its files are replaced: notices a change, opens and
 * verifies what is there now on a thread of its own, and hands it over. What
 * cannot be opened is told once, and the bank before stays the one in use.
 *
 * The kernel tells of a change on a local file system; besides, the files are
 * looked at once a second for those that only change elsewhere. A file that is
 * written in place, rather than put there by a rename, is opened when it is
 * closed, or has stayed the same for a second.
 *
 * Thread-safe.
 */
#pragma once

#include "bank/bank.h"

G_BEGIN_DECLS

typedef struct _WeirBankFollower WeirBankFollower;

/* @bank is what @path holds now (the callee refs it if it keeps it), or NULL
 * with the reason in @error; without either, @path is NULL, too: there is none
 * any more. Never called by two threads at once. */
typedef void (*WeirBankFollowerFunc) (
    WeirBank *bank, const gchar *path, const GError *error, gpointer user_data);

/* Opens the bank @path (as weir_bank_open(), or NULL) and follows it. @func is
 * told what came of it before this returns, by this thread, and of each change
 * by the follower's. */
WeirBankFollower *weir_bank_follower_new (
    const gchar *path, WeirBankFollowerFunc func, gpointer user_data);

/* Ends it; @func is not called any more once this has returned. May be called
 * by @func. Does not wait for a bank that is being verified. */
void weir_bank_follower_free (WeirBankFollower *follower);

/* From now on it follows @path, which may be NULL. Does not wait: @func is told
 * what came of it by the follower's thread. */
void weir_bank_follower_set_path (
    WeirBankFollower *follower, const gchar *path);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirBankFollower, weir_bank_follower_free)

G_END_DECLS
