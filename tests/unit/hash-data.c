/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Made-up hashes. */
#include "hash-data.h"

/* SplitMix64 (G. Steele, D. Lea, C. Flood, 2014). */
guint64
hash_source_next (HashSource *source)
{
  guint64 mixed = source->state += G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);

  mixed = (mixed ^ (mixed >> 30)) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  mixed = (mixed ^ (mixed >> 27)) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return mixed ^ (mixed >> 31);
}

guint
hash_source_below (HashSource *source, guint end)
{
  return (guint) (((hash_source_next (source) >> 32) * end) >> 32);
}

WeirPdqHash
hash_source_any (HashSource *source)
{
  WeirPdqHash hash;

  for (guint i = 0; i < G_N_ELEMENTS (hash.words); i++)
    hash.words[i] = hash_source_next (source);
  return hash;
}

static gboolean
has_bit (const WeirPdqHash *hash, guint bit)
{
  return ((hash->words[bit / 64] >> (bit % 64)) & 1) != 0;
}

static void
turn_bit (WeirPdqHash *hash, guint bit)
{
  hash->words[bit / 64] ^= (guint64) 1 << (bit % 64);
}

WeirPdqHash
hash_source_balanced (HashSource *source)
{
  const WeirPdqHash zero = { { 0 } };
  WeirPdqHash hash = hash_source_any (source);
  guint weight = weir_pdq_distance (&hash, &zero);

  while (weight != WEIR_PDQ_BITS / 2) {
    guint bit = hash_source_below (source, WEIR_PDQ_BITS);

    if (has_bit (&hash, bit) != (weight > WEIR_PDQ_BITS / 2))
      continue;
    weight = has_bit (&hash, bit) ? weight - 1 : weight + 1;
    turn_bit (&hash, bit);
  }
  return hash;
}

/* Turns @n bits that are @set and have not been turned yet. */
static void
turn_some (HashSource *source, WeirPdqHash *hash, WeirPdqHash *turned,
    gboolean set, guint n)
{
  while (n > 0) {
    guint bit = hash_source_below (source, WEIR_PDQ_BITS);

    if (has_bit (turned, bit) || has_bit (hash, bit) != set)
      continue;
    turn_bit (turned, bit);
    turn_bit (hash, bit);
    n--;
  }
}

WeirPdqHash
hash_source_change (HashSource *source, const WeirPdqHash *hash, guint n)
{
  WeirPdqHash changed = *hash;
  WeirPdqHash turned = { { 0 } };

  while (n > 0) {
    guint bit = hash_source_below (source, WEIR_PDQ_BITS);

    if (has_bit (&turned, bit))
      continue;
    turn_bit (&turned, bit);
    turn_bit (&changed, bit);
    n--;
  }
  return changed;
}

WeirPdqHash
hash_source_drift (HashSource *source, const WeirPdqHash *hash, guint n)
{
  WeirPdqHash changed = *hash;
  WeirPdqHash turned = { { 0 } };

  turn_some (source, &changed, &turned, TRUE, n / 2);
  turn_some (source, &changed, &turned, FALSE, n / 2);
  return changed;
}

void
hash_source_fill (
    HashSource *source, WeirPdqHash *hashes, gsize n_hashes, guint odd)
{
  WeirPdqHash hash = { { 0 } };
  guint n_left = 0;

  for (gsize i = 0; i < n_hashes; i++) {
    if (n_left == 0) {
      n_left = 5 + hash_source_below (source, 46);
      hash = hash_source_balanced (source);
    } else {
      hash = hash_source_drift (
          source, &hash, 2 + 2 * hash_source_below (source, 10));
    }
    n_left--;
    hashes[i] = hash;
    if (odd > 0 && hash_source_below (source, odd) == 0)
      turn_bit (&hashes[i], hash_source_below (source, WEIR_PDQ_BITS));
  }
}

WeirPdqHash
hash_source_query (HashSource *source, const WeirPdqHash *hashes,
    gsize n_hashes, guint percent)
{
  if (hash_source_below (source, 100) < percent) {
    gsize i = (gsize) (hash_source_next (source) % n_hashes);

    return hash_source_drift (
        source, &hashes[i], 2 * hash_source_below (source, 16));
  }
  return hash_source_balanced (source);
}
