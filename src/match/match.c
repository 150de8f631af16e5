/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words of matches. */

#include "match/match.h"

const gchar *
weir_match_state_to_string (WeirMatchState state)
{
  static const gchar *const names[] = { "started", "updated", "ended" };

  return names[state];
}

const gchar *
weir_media_to_string (WeirMedia media)
{
  static const gchar *const names[] = { "none", "video", "audio", "both" };

  return names[media & WEIR_MEDIA_BOTH];
}
