/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Notices that the files of a bank may have changed. Private to the follower.
 * Not thread-safe.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What can be seen of the files that @path (as for weir_bank_open()) names
 * without reading them: as long as it is the same, so are they. Free with
 * g_free(). */
gchar *weir_bank_get_state (const gchar *path);

typedef struct _WeirBankWatch WeirBankWatch;

/* Asks the kernel (inotify) for word of the files that @path names. It may know
 * nothing of what others do on a network file system, and may have no room for
 * one more who asks: the state must be looked at now and then all the same. */
WeirBankWatch *weir_bank_watch_new (const gchar *path);

/* Watches the folders that are there by the names of the path now: they may
 * have been replaced. */
void weir_bank_watch_renew (WeirBankWatch *watch);

void weir_bank_watch_free (WeirBankWatch *watch);

/* To be polled for G_IO_IN; -1 when the kernel does not tell. */
gint weir_bank_watch_get_descriptor (const WeirBankWatch *watch);

/* Takes what there is to read. Whether a file of the bank was written and
 * closed, was put in its place, or went. */
gboolean weir_bank_watch_read (WeirBankWatch *watch);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirBankWatch, weir_bank_watch_free)

G_END_DECLS
