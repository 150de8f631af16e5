/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Checks an index once, when its file is opened. That each hash is in the
 * bucket where it belongs is the builder's business: a table that lies about
 * that finds less, and does no other harm.
 */
#include "bank/index-check.h"

#include "bank/index-build.h"

gboolean
weir_video_index_add_part (
    WeirVideoIndex *index, const WeirBankVideoPart *record)
{
  WeirVideoPart *part;
  guint32 first = 0;

  if (index->n_parts == WEIR_VIDEO_INDEX_MAX_PARTS)
    return FALSE;
  if (index->n_parts > 0) {
    const WeirVideoPart *last = &index->parts[index->n_parts - 1];

    first = last->first_hash + last->n_hashes;
  }
  if (record->n_hashes == 0 || record->n_hashes > index->n_hashes - first ||
      record->parity >= WEIR_N_PARITIES || record->reserved != 0)
    return FALSE;
  part = &index->parts[index->n_parts++];
  part->first_hash = first;
  part->n_hashes = record->n_hashes;
  part->parity = (WeirParity) record->parity;
  part->n_id_bits = weir_index_count_id_bits (record->n_hashes);
  part->plan.n_chunks = 0;
  return TRUE;
}

static gboolean
check_header (const WeirBankVideoTable *header, const WeirVideoPart *part)
{
  for (guint i = 0; i < G_N_ELEMENTS (header->reserved); i++)
    if (header->reserved[i] != 0)
      return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (header->padding); i++)
    if (header->padding[i] != 0)
      return FALSE;
  if (header->n_ids == 0)
    return header->n_extra_bits == 0;
  return header->n_ids == part->n_hashes &&
         header->n_extra_bits <= WEIR_INDEX_MAX_EXTRA_BITS &&
         header->n_extra_bits <= 32 - part->n_id_bits;
}

static gboolean
check_length (const WeirBankVideoTable *header, guint32 n_hashes, gsize length)
{
  gsize unit_size = WEIR_BANK_UNIT_TAGS * sizeof (guint16);

  if (header->key_bits < 1 || header->key_bits > WEIR_INDEX_MAX_KEY_BITS ||
      header->n_units > n_hashes)
    return FALSE;
  return length ==
         sizeof (*header) +
             ((gsize) 1 << header->key_bits) * sizeof (WeirBankBucket) +
             header->n_units * unit_size + header->n_ids * sizeof (guint32);
}

/* That the buckets share out all entries and all units of overflow in the order
 * of their keys, none twice. */
static gboolean
check_buckets (const WeirBankBucket *buckets, guint32 n_buckets,
    guint32 n_hashes, guint32 n_units)
{
  guint32 first = 0;
  guint32 unit = 0;

  for (guint32 i = 0; i < n_buckets; i++) {
    const WeirBankBucket *bucket = &buckets[weir_index_place_key (i)];
    guint32 n = bucket->count;

    if (bucket->count & WEIR_BANK_BUCKET_OVERFLOWS) {
      guint32 rest;

      n = bucket->overflow.n;
      if (bucket->count !=
              (WEIR_BANK_BUCKET_OVERFLOWS | WEIR_BANK_BUCKET_FIRST_TAGS) ||
          n <= WEIR_BANK_BUCKET_TAGS || n > n_hashes ||
          bucket->overflow.unit != unit)
        return FALSE;
      rest = n - WEIR_BANK_BUCKET_FIRST_TAGS;
      unit += (rest + WEIR_BANK_UNIT_TAGS - 1) / WEIR_BANK_UNIT_TAGS;
    } else if (n > WEIR_BANK_BUCKET_TAGS) {
      return FALSE;
    }
    if (bucket->first != first || n > n_hashes - first || unit > n_units)
      return FALSE;
    first += n;
  }
  return first == n_hashes && unit == n_units;
}

/* Whether each is the number of a hash, then @n_extra_bits, then zeros. */
static gboolean
check_ids (const guint32 *ids, guint32 n_ids, guint n_extra_bits,
    const WeirVideoPart *part)
{
  const guint32 mask = G_MAXUINT32 >> (32 - part->n_id_bits);
  guint32 highest = 0;
  guint64 all_bits = 0;

  for (guint32 i = 0; i < n_ids; i++) {
    highest = MAX (highest, ids[i] & mask);
    all_bits |= ids[i];
  }
  return highest < part->n_hashes &&
         all_bits >> (part->n_id_bits + n_extra_bits) == 0;
}

gboolean
weir_video_index_add_table (
    WeirVideoIndex *index, gconstpointer section, gsize length)
{
  const WeirBankVideoTable *header = section;
  WeirVideoPart *part = &index->parts[index->n_parts - 1];
  const WeirBankBucket *buckets = (const WeirBankBucket *) (header + 1);
  guint64 first_bucket =
      (guint64) ((const guint8 *) buckets - (const guint8 *) index->base) /
      sizeof (WeirBankBucket);
  WeirVideoTable *table;
  guint32 n_buckets;
  const guint16 *overflow;
  const guint32 *ids;

  if (part->plan.n_chunks == WEIR_INDEX_MAX_CHUNKS ||
      length < sizeof (*header) || !check_header (header, part) ||
      !check_length (header, part->n_hashes, length))
    return FALSE;
  n_buckets = 1u << header->key_bits;
  overflow = (const guint16 *) (buckets + n_buckets);
  ids = (const guint32 *) (overflow +
                           (gsize) header->n_units * WEIR_BANK_UNIT_TAGS);
  if (first_bucket + n_buckets > G_MAXUINT32 ||
      !check_buckets (buckets, n_buckets, part->n_hashes, header->n_units) ||
      !check_ids (ids, header->n_ids, header->n_extra_bits, part))
    return FALSE;

  part->plan.chunks[part->plan.n_chunks] = (WeirIndexChunk){
    .start = header->start,
    .width = header->width,
    .key_bits = header->key_bits,
    .threshold = header->threshold,
  };
  table = &part->tables[part->plan.n_chunks++];
  table->first_bucket = (guint32) first_bucket;
  table->overflow = overflow;
  table->ids = header->n_ids > 0 ? ids : NULL;
  table->n_extra_bits = header->n_extra_bits;
  return TRUE;
}

static gboolean
check_extra_bits (const WeirVideoPart *part)
{
  for (guint i = 0; i < part->plan.n_chunks; i++)
    if (part->tables[i].n_extra_bits >
        weir_index_plan_get_next (&part->plan, i)->width - WEIR_INDEX_TAG_BITS)
      return FALSE;
  return TRUE;
}

gboolean
weir_video_index_is_complete (const WeirVideoIndex *index)
{
  guint32 n_hashes = 0;

  for (guint i = 0; i < index->n_parts; i++) {
    const WeirVideoPart *part = &index->parts[i];

    if (!weir_index_plan_is_valid (&part->plan) || !check_extra_bits (part))
      return FALSE;
    n_hashes += part->n_hashes;
  }
  return n_hashes == index->n_hashes;
}
