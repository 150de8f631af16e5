/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a session has recorded, played. */
#pragma once

#include "host.h"

G_BEGIN_DECLS

typedef struct {
  guint n;                   /* pictures, or pieces of sound */
  gint width_min, width_max; /* of pictures */
  GstClockTime first, last;  /* when they begin */
  GstClockTime gap_max;      /* between the beginnings of two */
} Recording;

/* The one file that the host has; to be freed. */
gchar *recording_find (Host *host);

/* Plays what leads from the demuxer "demux" of a whole Matroska file, as
 * "demux.video_0 ! vp8dec". */
void recording_play (
    const gchar *path, const gchar *line, Recording *recording);

G_END_DECLS
