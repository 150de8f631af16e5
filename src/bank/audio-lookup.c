/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Looking up landmarks.
 *
 * In a large bank each search goes through memory that no cache holds, and the
 * processor would wait for one line after the other. So many searches go step
 * by step side by side, each asking for the line of its next step; and what was
 * found is read some time after its place was asked for.
 */
#include "bank/bank-struct.h"
#include "fingerprint/landmark.h"
#include "fingerprint/prefetch.h"

#define BEFORE_MASK   ((1u << WEIR_LANDMARK_BEFORE_BITS) - 1)
#define WORDS_OF_LINE (64 / sizeof (guint32))

static const WeirAudioBefores all_befores = { 0, BEFORE_MASK };

/* Landmarks of one pair that are looked at one by one; among more it is faster
 * to search for what is asked for. */
#define MAX_SCANNED 64

/* Searches side by side, and keys at which a search ends: the rest is in a line
 * or two. */
#define MAX_SEARCHES 256
#define MAX_LEFT     8

/* Of how many queries the starts are asked for ahead. */
#define N_AHEAD 16

/* Stretches that wait for their postings, and as many for their blocks. */
#define N_FOUND 32

/* The first key of @first_key..@last_key is among @n_left keys from @position
 * on, or the one after. From there on the lower bits are to be in @befores. */
typedef struct {
  guint32 position;
  guint32 n_left;
  guint32 first_key;
  guint32 last_key;
  const WeirAudioBefores *befores;
  guint n_befores;
  guint32 query;
} Search;

/* Landmarks one after the other that are hits. */
typedef struct {
  guint32 position;
  guint32 n;
  guint32 query;
} Stretch;

typedef struct {
  const WeirBankMember *member;
  GArray *hits;
  Search searches[MAX_SEARCHES];
  guint n_searches;
  Stretch found[N_FOUND]; /* whose postings were asked for */
  guint n_found;
  Stretch ready[N_FOUND]; /* found before those, whose blocks were as well */
  guint n_ready;
} Lookup;

/* What is benign says nothing by its sound: a landmark is far less of it than a
 * picture is. */
static gboolean
may_be_heard (const WeirBankMember *member, guint32 number)
{
  return weir_bank_member_has (member, number) &&
         (member->segment->references[number].flags &
             WEIR_BANK_REFERENCE_BENIGN) == 0;
}

static void
append_hits (const Lookup *lookup, const Stretch *stretch)
{
  const WeirBankMember *member = lookup->member;
  const guint32 *keys = member->segment->audio_keys + stretch->position;
  guint n_hits = lookup->hits->len;
  WeirAudioHit *hits;

  g_array_set_size (lookup->hits, n_hits + stretch->n);
  hits = (WeirAudioHit *) lookup->hits->data;
  for (guint32 i = 0; i < stretch->n; i++) {
    const WeirBankAudioBlock place =
        weir_bank_segment_get_audio (member->segment, stretch->position + i);

    if (may_be_heard (member, place.reference))
      hits[n_hits++] = (WeirAudioHit){
        .reference = member->first_reference + place.reference,
        .time = place.time,
        .key = keys[i],
        .query = stretch->query,
      };
  }
  g_array_set_size (lookup->hits, n_hits);
}

/* Their postings are there by now. */
static void
prefetch_blocks (const Lookup *lookup, const Stretch *stretch)
{
  const WeirBankSegment *segment = lookup->member->segment;
  const guint32 *postings = segment->audio_postings + stretch->position;

  for (guint32 i = 0; i < stretch->n; i++)
    weir_prefetch (
        segment->audio_blocks + (postings[i] >> WEIR_BANK_AUDIO_BLOCK_BITS));
}

/* Reads what is ready; what was found after that is the next to be. */
static void
append_ready (Lookup *lookup)
{
  for (guint i = 0; i < lookup->n_ready; i++)
    append_hits (lookup, &lookup->ready[i]);
  for (guint i = 0; i < lookup->n_found; i++) {
    prefetch_blocks (lookup, &lookup->found[i]);
    lookup->ready[i] = lookup->found[i];
  }
  lookup->n_ready = lookup->n_found;
  lookup->n_found = 0;
}

static void
note_found (Lookup *lookup, guint32 position, guint32 query)
{
  Stretch *last = &lookup->found[MAX (lookup->n_found, 1) - 1];

  if (lookup->n_found > 0 && last->query == query &&
      last->position + last->n == position) {
    last->n++;
    return;
  }
  if (lookup->n_found == N_FOUND)
    append_ready (lookup);
  lookup->found[lookup->n_found++] = (Stretch){ position, 1, query };
  weir_prefetch (lookup->member->segment->audio_postings + position);
}

/* Looks at the keys from where a search has ended. */
static void
walk (Lookup *lookup, const Search *search)
{
  const guint32 *keys = lookup->member->segment->audio_keys;
  const guint32 n_audio = lookup->member->segment->n_audio;
  const WeirAudioBefores *befores = search->befores;
  const WeirAudioBefores *end = befores + search->n_befores;
  guint32 position = search->position;

  while (position < n_audio && keys[position] < search->first_key)
    position++;
  for (; position < n_audio && keys[position] <= search->last_key; position++) {
    guint32 before = keys[position] & BEFORE_MASK;

    while (befores < end && befores->last < before)
      befores++;
    if (befores == end)
      return;
    if (before >= befores->first)
      note_found (lookup, position, search->query);
  }
}

/* Halves what is left of each search in turn. */
static void
narrow (const guint32 *keys, Search *searches, guint n_searches)
{
  guint n_open = n_searches;

  while (n_open > 0) {
    n_open = 0;
    for (guint i = 0; i < n_searches; i++) {
      Search *search = &searches[i];
      guint32 half = search->n_left / 2;

      if (search->n_left <= MAX_LEFT)
        continue;
      /* Without a branch: it can hardly be guessed, and a wrong guess throws away
       * what was begun of the next searches. */
      search->position +=
          half * (keys[search->position + half - 1] < search->first_key);
      search->n_left -= half;
      weir_prefetch (keys + search->position + search->n_left / 2 - 1);
      n_open++;
    }
  }
}

static void
finish_searches (Lookup *lookup)
{
  narrow (lookup->member->segment->audio_keys, lookup->searches,
      lookup->n_searches);
  for (guint i = 0; i < lookup->n_searches; i++)
    walk (lookup, &lookup->searches[i]);
  lookup->n_searches = 0;
}

/* The table of starts leads to a stretch of the keys that has all from
 * @first_key to @last_key. */
static void
begin_search (Lookup *lookup, guint32 query, guint32 first_key,
    guint32 last_key, const WeirAudioBefores *befores, guint n_befores)
{
  const WeirBankSegment *segment = lookup->member->segment;
  const guint shift = segment->audio_start_shift;
  const guint32 *starts = segment->audio_starts + (first_key >> shift);
  guint32 low = starts[0];
  guint32 high = segment->audio_starts[(last_key >> shift) + 1];
  guint32 n_left = (first_key & ((1u << shift) - 1)) == 0 ? 0 : starts[1] - low;

  if (low == high)
    return;
  if (lookup->n_searches == MAX_SEARCHES)
    finish_searches (lookup);
  lookup->searches[lookup->n_searches++] = (Search){
    .position = low,
    .n_left = n_left,
    .first_key = first_key,
    .last_key = last_key,
    .befores = befores,
    .n_befores = n_befores,
    .query = query,
  };
  if (n_left > MAX_SCANNED) {
    weir_prefetch (segment->audio_keys + low + n_left / 2 - 1);
    return;
  }
  for (guint32 i = 0; i < MIN (high - low, MAX_SCANNED); i += WORDS_OF_LINE)
    weir_prefetch (segment->audio_keys + low + i);
}

static void
begin_query (Lookup *lookup, const WeirAudioQuery *query, guint32 number)
{
  const WeirBankSegment *segment = lookup->member->segment;
  const guint shift = segment->audio_start_shift;
  guint32 first_key = query->pair << WEIR_LANDMARK_BEFORE_BITS;
  guint32 last_key = first_key | BEFORE_MASK;
  guint32 n_keys = segment->audio_starts[(last_key >> shift) + 1] -
                   segment->audio_starts[first_key >> shift];

  if (n_keys <= query->max_all) {
    begin_search (lookup, number, first_key, last_key, &all_befores, 1);
    return;
  }
  if (n_keys <= MAX_SCANNED) {
    begin_search (
        lookup, number, first_key, last_key, query->befores, query->n_befores);
    return;
  }
  for (guint i = 0; i < query->n_befores; i++) {
    const WeirAudioBefores *befores = &query->befores[i];

    begin_search (lookup, number, first_key | befores->first,
        first_key | befores->last, befores, 1);
  }
}

static void
prefetch_starts (const WeirBankSegment *segment, const WeirAudioQuery *query)
{
  const guint shift = segment->audio_start_shift;
  guint32 first_key = query->pair << WEIR_LANDMARK_BEFORE_BITS;
  guint32 last = (first_key | BEFORE_MASK) >> shift;

  for (guint32 i = first_key >> shift; i <= last + 1; i += WORDS_OF_LINE)
    weir_prefetch (segment->audio_starts + i);
}

static void
lookup_in_member (const WeirBankMember *member, const WeirAudioQuery *queries,
    guint n_queries, GArray *hits)
{
  Lookup lookup;

  lookup.member = member;
  lookup.hits = hits;
  lookup.n_searches = 0;
  lookup.n_found = 0;
  lookup.n_ready = 0;
  for (guint i = 0; i < n_queries; i++) {
    if (i % N_AHEAD == 0)
      for (guint j = i; j < MIN (i + N_AHEAD, n_queries); j++)
        prefetch_starts (member->segment, &queries[j]);
    begin_query (&lookup, &queries[i], i);
  }
  finish_searches (&lookup);
  /* What was ready is read, then what was found last. */
  append_ready (&lookup);
  append_ready (&lookup);
}

void
weir_bank_lookup_audio (const WeirBank *bank, const WeirAudioQuery *queries,
    guint n_queries, GArray *hits)
{
  for (guint i = 0; i < bank->n_members; i++)
    if (bank->members[i].segment->n_audio > 0)
      lookup_in_member (&bank->members[i], queries, n_queries, hits);
}
