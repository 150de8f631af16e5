/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The pictures of a list until all of it is known: a record may be replaced or
 * taken back by one that comes later, and a bank builder forgets nothing. Some
 * 130 bytes for each. Not thread-safe.
 */
#pragma once

#include "bank/bank-builder.h"

G_BEGIN_DECLS

/* One picture, as a list describes it. The strings are the caller's. */
typedef struct {
  const gchar *id;
  const gchar *label;  /* NULL: none */
  const gchar *source; /* NULL: none */
  gint64 added;        /* seconds since 1970, 0: not known */
  WeirOpinion opinion;
  guint quality; /* 0..100 */
  WeirPdqHash hash;
} WeirImportPicture;

typedef struct _WeirImportEntries WeirImportEntries;

/* With @by_hash pictures are found by their hash too, and none is replaced or
 * removed. */
WeirImportEntries *weir_import_entries_new (gboolean by_hash);
void weir_import_entries_free (WeirImportEntries *entries);

gboolean weir_import_entries_has_id (
    const WeirImportEntries *entries, const gchar *id);
gboolean weir_import_entries_has_hash (
    const WeirImportEntries *entries, const WeirPdqHash *hash);

/* Adds @picture (copied), in place of one with the same id if there is one:
 * TRUE then. */
gboolean weir_import_entries_put (
    WeirImportEntries *entries, const WeirImportPicture *picture);

/* Takes the picture with @id out, if it is there. */
void weir_import_entries_remove (WeirImportEntries *entries, const gchar *id);

/* Calls @func for each picture, in the order in which their ids were first put,
 * until it returns FALSE, and forgets them all: each before the next is told,
 * so that they and what is made of them need not both fit into memory. Returns
 * what @func returned last, TRUE if there was none. */
typedef gboolean (*WeirImportPictureFunc) (
    const WeirImportPicture *picture, gpointer user_data, GError **error);
gboolean weir_import_entries_drain (WeirImportEntries *entries,
    WeirImportPictureFunc func, gpointer user_data, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirImportEntries, weir_import_entries_free)

G_END_DECLS
