/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the steps of a lookup hand on: probing finds entries of tables whose
 * tags are near enough, survivors; verifying finds which of those are hits.
 * Private to the index.
 */
#pragma once

#include "bank/index-probe.h"
#include "bank/index.h"

G_BEGIN_DECLS

#define WEIR_INDEX_MAX_SURVIVORS 512

typedef struct {
  guint32 query;
  guint32 position; /* in the order of the table; later, of the hash */
  guint8 table;
  guint8 limit;      /* most bits that the tag may differ in, further bits
                          included */
  guint16 differing; /* bits of the tag that do */
} WeirIndexSurvivor;

/* What is looked up in one part of an index. */
typedef struct {
  const WeirVideoIndex *index;
  const WeirVideoPart *part;
  const WeirPdqHash *queries;
  guint radius;
  WeirIndexReach reaches[2]; /* for queries of even and of odd weight */
  WeirVideoIndexFound found;
  gpointer user_data;
} WeirIndexLookup;

/* Calls lookup->found for those of the @n survivors that are hits and that no
 * earlier table of the part finds too. @survivors is left undefined. */
void weir_index_verify (
    const WeirIndexLookup *lookup, WeirIndexSurvivor *survivors, guint n);

G_END_DECLS
