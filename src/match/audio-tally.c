/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The places with the most votes. */
#include "match/audio-tally.h"

void
weir_audio_leaders_begin (
    WeirAudioLeaders *leaders, guint max_leaders, guint least)
{
  leaders->n_leaders = 0;
  leaders->max_leaders = max_leaders;
  leaders->least = least;
}

void
weir_audio_leaders_add (WeirAudioLeaders *leaders, const WeirAudioLeader *added)
{
  guint weakest = 0;

  for (guint i = 0; i < leaders->n_leaders; i++) {
    WeirAudioLeader *leader = &leaders->leaders[i];

    if (leader->reference == added->reference && leader->warp == added->warp &&
        ABS (leader->bin - added->bin) <= 1) {
      if (added->votes > leader->votes)
        *leader = *added;
      return;
    }
    if (leader->votes < leaders->leaders[weakest].votes)
      weakest = i;
  }
  if (leaders->n_leaders < leaders->max_leaders) {
    leaders->leaders[leaders->n_leaders++] = *added;
    return;
  }
  leaders->leaders[weakest] = *added;
  leaders->least = G_MAXUINT;
  for (guint i = 0; i < leaders->n_leaders; i++)
    leaders->least = MIN (leaders->least, leaders->leaders[i].votes + 1);
}
