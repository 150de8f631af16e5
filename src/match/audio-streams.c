/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The audio evidence of several streams. */

#include "match/audio-streams.h"

/* A stream that has said nothing for so long may be replaced, ns. */
#define STILL_AFTER G_GINT64_CONSTANT (10000000000)

typedef struct {
  guint stream;
  gint64 newest; /* time of the last sound */
  WeirAudioLines *lines;
} Slot;

struct _WeirAudioStreams {
  WeirBank *bank;
  Slot slots[WEIR_AUDIO_MAX_STREAMS];
  guint n_slots;
  guint64 n_lookups; /* of streams that were replaced */
};

WeirAudioStreams *
weir_audio_streams_new (WeirBank *bank)
{
  WeirAudioStreams *streams = g_new0 (WeirAudioStreams, 1);

  streams->bank = weir_bank_ref (bank);
  return streams;
}

void
weir_audio_streams_free (WeirAudioStreams *streams)
{
  guint i;

  for (i = 0; i < streams->n_slots; i++)
    weir_audio_lines_free (streams->slots[i].lines);
  weir_bank_unref (streams->bank);
  g_free (streams);
}

void
weir_audio_streams_clear (WeirAudioStreams *streams)
{
  guint i;

  /* Times start anew: by those before, nobody may be taken to speak. */
  for (i = 0; i < streams->n_slots; i++) {
    weir_audio_lines_clear (streams->slots[i].lines);
    streams->slots[i].newest = -WEIR_TIME_MAX;
  }
}

void
weir_audio_streams_set_bank (
    WeirAudioStreams *streams, WeirBank *bank, WeirBankMap *map)
{
  guint i;

  for (i = 0; i < streams->n_slots; i++)
    weir_audio_lines_set_bank (streams->slots[i].lines, bank, map);
  weir_bank_unref (streams->bank);
  streams->bank = weir_bank_ref (bank);
}

void
weir_audio_streams_expire (WeirAudioStreams *streams, gint64 time)
{
  guint i;

  for (i = 0; i < streams->n_slots; i++)
    weir_audio_lines_expire (streams->slots[i].lines, time);
}

static Slot *
find_slot (WeirAudioStreams *streams, guint stream)
{
  guint i;

  for (i = 0; i < streams->n_slots; i++)
    if (streams->slots[i].stream == stream)
      return &streams->slots[i];
  return NULL;
}

/* A free slot, or the one that has been still for the longest; NULL when all
 * are in use. */
static Slot *
find_room (WeirAudioStreams *streams, gint64 time)
{
  Slot *stillest = &streams->slots[0];
  guint i;

  if (streams->n_slots < WEIR_AUDIO_MAX_STREAMS)
    return &streams->slots[streams->n_slots++];
  for (i = 1; i < streams->n_slots; i++)
    if (streams->slots[i].newest < stillest->newest)
      stillest = &streams->slots[i];
  if (time - stillest->newest < STILL_AFTER)
    return NULL;
  streams->n_lookups += weir_audio_lines_get_n_lookups (stillest->lines);
  g_clear_pointer (&stillest->lines, weir_audio_lines_free);
  return stillest;
}

void
weir_audio_streams_add (WeirAudioStreams *streams, const WeirStamp *stamp,
    gint64 origin, const WeirSound *sound)
{
  Slot *slot = find_slot (streams, sound->stream);

  if (!slot) {
    slot = find_room (streams, stamp->time);
    if (!slot)
      return;
    slot->stream = sound->stream;
    slot->lines = weir_audio_lines_new (streams->bank);
  }
  slot->newest = stamp->time;
  weir_audio_lines_add (slot->lines, stamp, origin, sound);
}

void
weir_audio_streams_restart (WeirAudioStreams *streams, guint stream)
{
  Slot *slot = find_slot (streams, stream);

  if (slot)
    weir_audio_lines_restart (slot->lines);
}

guint
weir_audio_streams_get_length (const WeirAudioStreams *streams)
{
  guint length = 0, i;

  for (i = 0; i < streams->n_slots; i++)
    length += weir_audio_lines_get_length (streams->slots[i].lines);
  return length;
}

const WeirAudioLine *
weir_audio_streams_get (const WeirAudioStreams *streams, guint index)
{
  guint i;

  for (i = 0; i < streams->n_slots; i++) {
    const WeirAudioLines *lines = streams->slots[i].lines;

    if (index < weir_audio_lines_get_length (lines))
      return weir_audio_lines_get (lines, index);
    index -= weir_audio_lines_get_length (lines);
  }
  g_return_val_if_reached (NULL);
}

guint64
weir_audio_streams_get_n_lookups (const WeirAudioStreams *streams)
{
  guint64 n_lookups = streams->n_lookups;
  guint i;

  for (i = 0; i < streams->n_slots; i++)
    n_lookups += weir_audio_lines_get_n_lookups (streams->slots[i].lines);
  return n_lookups;
}
