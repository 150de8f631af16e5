/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Tables are filled in three passes: one counts the hashes with each key, which
 * gives every bucket its place among ids and units of overflow; the next deals
 * what is to be stored of each hash into piles of similar keys; the last puts
 * it there, pile by pile, each of which fits the caches.
 */
#include "bank/index-build.h"

#include <string.h>

void
weir_index_table_init (WeirIndexTable *table)
{
  table->header = (WeirBankVideoTable){ 0 };
  table->buckets = g_array_new (FALSE, FALSE, sizeof (WeirBankBucket));
  table->units = g_array_new (FALSE, FALSE, sizeof (guint16));
  table->ids = g_array_new (FALSE, FALSE, sizeof (guint32));
}

void
weir_index_table_clear (WeirIndexTable *table)
{
  g_clear_pointer (&table->buckets, g_array_unref);
  g_clear_pointer (&table->units, g_array_unref);
  g_clear_pointer (&table->ids, g_array_unref);
}

static void
set_zeros (GArray *array, gsize n)
{
  g_array_set_size (array, (guint) n);
  if (n > 0)
    memset (array->data, 0, n * g_array_get_element_size (array));
}

static gboolean
overflows (const WeirBankBucket *bucket)
{
  return (bucket->count & WEIR_BANK_BUCKET_OVERFLOWS) != 0;
}

/* counts[k] becomes how many hashes have key k. */
static void
count_hashes (const WeirPdqHash *hashes, guint32 n_hashes,
    const WeirIndexChunk *chunk, guint32 *counts)
{
  for (guint32 i = 0; i < n_hashes; i++)
    counts[weir_index_take_bits (&hashes[i], chunk->start, chunk->key_bits)]++;
}

/* From counts to places; a count becomes the bucket's first entry. */
static void
place_buckets (WeirIndexTable *table, guint32 *counts)
{
  WeirBankBucket *buckets = (WeirBankBucket *) table->buckets->data;
  guint32 first = 0;
  guint32 n_units = 0;

  for (guint i = 0; i < table->buckets->len; i++) {
    WeirBankBucket *bucket = &buckets[weir_index_place_key (i)];
    guint32 n = counts[i];

    bucket->first = first;
    counts[i] = first;
    first += n;
    if (n > WEIR_BANK_BUCKET_TAGS) {
      guint32 rest = n - WEIR_BANK_BUCKET_FIRST_TAGS;

      bucket->count = WEIR_BANK_BUCKET_OVERFLOWS;
      bucket->overflow.unit = n_units;
      bucket->overflow.n = n;
      n_units += rest / WEIR_BANK_UNIT_TAGS + (rest % WEIR_BANK_UNIT_TAGS != 0);
    }
  }
  table->header.n_units = n_units;
  set_zeros (table->units, (gsize) n_units * WEIR_BANK_UNIT_TAGS);
}

#define PILE_BITS 9 /* the first of the key; the rest are at most 16 */

G_STATIC_ASSERT (WEIR_INDEX_MAX_KEY_BITS - PILE_BITS <= 16);

/* What is stored of a hash, and where. */
typedef struct {
  guint32 id; /* and the extra bits */
  guint16 tag;
  guint16 low_key;
} Record;

typedef struct {
  const WeirPdqHash *hashes;
  guint32 n_hashes;
  const WeirIndexChunk *chunk;
  const WeirIndexChunk *next; /* whose bits are the tags */
  guint n_id_bits;
  guint n_low_bits; /* of the key, within a pile */
  guint n_piles;
  guint32 *next_entries; /* of each bucket */
  Record *records;       /* each pile from its first entry on */
} Filling;

static guint32
make_id (const WeirIndexTable *table, const Filling *filling, guint32 number)
{
  guint n_extra_bits = table->header.n_extra_bits;

  if (n_extra_bits == 0)
    return number;
  return number | weir_index_take_bits (&filling->hashes[number],
                      filling->next->start + WEIR_INDEX_TAG_BITS, n_extra_bits)
                      << filling->n_id_bits;
}

/* ends[k] becomes the end of pile k. */
static void
deal_records (
    const WeirIndexTable *table, const Filling *filling, guint32 *ends)
{
  const WeirIndexChunk *chunk = filling->chunk;
  guint32 low_mask = (1u << filling->n_low_bits) - 1;

  for (guint i = 0; i < filling->n_piles; i++)
    ends[i] = filling->next_entries[(gsize) i << filling->n_low_bits];
  for (guint32 i = 0; i < filling->n_hashes; i++) {
    const WeirPdqHash *hash = &filling->hashes[i];
    guint32 key = weir_index_take_bits (hash, chunk->start, chunk->key_bits);

    filling->records[ends[key >> filling->n_low_bits]++] = (Record){
      .id = make_id (table, filling, i),
      .tag = (guint16) weir_index_take_bits (
          hash, filling->next->start, WEIR_INDEX_TAG_BITS),
      .low_key = (guint16) (key & low_mask),
    };
  }
}

static void
put_tag (
    WeirIndexTable *table, WeirBankBucket *bucket, guint32 place, guint16 tag)
{
  guint32 later = place - WEIR_BANK_BUCKET_FIRST_TAGS;

  if (place < WEIR_BANK_BUCKET_FIRST_TAGS) {
    bucket->tags[place] = tag;
    bucket->count++;
  } else if (overflows (bucket)) {
    guint16 *units = (guint16 *) table->units->data;

    units[(gsize) bucket->overflow.unit * WEIR_BANK_UNIT_TAGS + later] = tag;
  } else {
    bucket->last_tags[later] = tag;
    bucket->count++;
  }
}

static void
put_records (WeirIndexTable *table, const Filling *filling, const guint32 *ends)
{
  WeirBankBucket *buckets = (WeirBankBucket *) table->buckets->data;
  guint32 *ids = table->ids->len > 0 ? (guint32 *) table->ids->data : NULL;
  guint32 k = 0;

  for (guint i = 0; i < filling->n_piles; i++) {
    guint32 first_key = i << filling->n_low_bits;

    for (; k < ends[i]; k++) {
      const Record *record = &filling->records[k];
      guint32 key = first_key + record->low_key;
      WeirBankBucket *bucket = &buckets[weir_index_place_key (key)];
      guint32 entry = filling->next_entries[key]++;

      put_tag (table, bucket, entry - bucket->first, record->tag);
      if (ids != NULL)
        ids[entry] = record->id;
    }
  }
}

void
weir_index_table_build (WeirIndexTable *table, const WeirPdqHash *hashes,
    guint32 n_hashes, const WeirIndexPlan *plan, guint chunk_number)
{
  const WeirIndexChunk *chunk = &plan->chunks[chunk_number];
  const WeirIndexChunk *next = weir_index_plan_get_next (plan, chunk_number);
  gsize n_buckets = (gsize) 1 << chunk->key_bits;
  guint n_pile_bits = MIN (chunk->key_bits, PILE_BITS);
  g_autofree guint32 *next_entries = g_new0 (guint32, n_buckets);
  g_autofree Record *records = g_new (Record, n_hashes);
  guint32 ends[1 << PILE_BITS];
  Filling filling = {
    .hashes = hashes,
    .n_hashes = n_hashes,
    .chunk = chunk,
    .next = next,
    .n_id_bits = weir_index_count_id_bits (n_hashes),
    .n_low_bits = chunk->key_bits - n_pile_bits,
    .n_piles = 1u << n_pile_bits,
    .next_entries = next_entries,
    .records = records,
  };

  table->header = (WeirBankVideoTable){
    .start = (guint16) chunk->start,
    .width = (guint16) chunk->width,
    .key_bits = (guint8) chunk->key_bits,
    .threshold = (guint8) chunk->threshold,
  };
  /* The hashes are in the order of the first chunk's keys. */
  if (chunk_number > 0) {
    table->header.n_ids = n_hashes;
    table->header.n_extra_bits = (guint8) MIN (
        MIN (32 - filling.n_id_bits, next->width - WEIR_INDEX_TAG_BITS),
        WEIR_INDEX_MAX_EXTRA_BITS);
  }
  set_zeros (table->buckets, n_buckets);
  g_array_set_size (table->ids, table->header.n_ids);
  count_hashes (hashes, n_hashes, chunk, next_entries);
  place_buckets (table, next_entries);
  deal_records (table, &filling, ends);
  put_records (table, &filling, ends);
}
