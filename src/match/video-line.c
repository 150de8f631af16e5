/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What one line tells. */

#include "match/video-lines.h"

WeirTrackPoint
weir_video_line_get_point (const WeirVideoLine *line, gint64 time)
{
  if (line->still)
    return (WeirTrackPoint){ .speed = 1 };
  return weir_track_get (&line->track, time);
}

WeirEdits
weir_video_line_get_edits (const WeirVideoLine *line)
{
  guint edits = 0, i;

  for (i = 0; i < WEIR_N_EDITS; i++)
    if (2 * line->edit_hits[i] > line->hits)
      edits |= 1u << i;
  return (WeirEdits) edits;
}

guint64
weir_video_line_get_agreement (const WeirVideoLine *line)
{
  guint64 agreement = 0;
  guint distance;

  for (distance = 0; distance <= WEIR_PDQ_RADIUS; distance++)
    agreement +=
        (guint64) line->distances[distance] * (WEIR_PDQ_RADIUS + 1 - distance);
  return agreement;
}

gdouble
weir_video_line_get_distance (const WeirVideoLine *line)
{
  guint below = 0, distance;

  for (distance = 0; distance < WEIR_PDQ_RADIUS; distance++) {
    below += line->distances[distance];
    if (2 * below >= line->hits)
      break;
  }
  return distance;
}
