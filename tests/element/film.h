/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Synthetic moving pictures, and banks of them. */
#pragma once

#include "bank/reference.h"

#include <gst/gst.h>

G_BEGIN_DECLS

/* The pictures: noise in blocks, of which each hashes unlike all others. */
#define PICTURE_WIDTH    128
#define PICTURE_HEIGHT   96
#define PICTURE_SIZE     (PICTURE_WIDTH * PICTURE_HEIGHT)
#define PICTURE_DURATION (40 * GST_MSECOND)
#define PICTURE_CAPS                                                           \
  "video/x-raw, format=GRAY8, width=128, height=96, framerate=25/1, "          \
  "interlace-mode=progressive, colorimetry=1:4:0:0"

/* A film is a number; its pictures are counted from 0. */
#define KNOWN_FILM   1
#define SECOND_FILM  2
#define UNKNOWN_FILM 3
#define KNOWN_LENGTH 250 /* pictures: 10 s */

/* Exact hits on new pictures: so many flag, so many cut. */
#define PICTURES_TO_FLAG 3
#define PICTURES_TO_CUT  4

/* Builds a bank of KNOWN_FILM ("known", of family "works") and SECOND_FILM
 * ("second", of no family), which allow @max_action and are of @opinion.
 * Returns the path of a temporary file: delete_bank(). */
gchar *make_bank (WeirOpinion opinion, WeirAction max_action);
void delete_bank (gchar *path);

/* Likewise a bank of @film alone, as the reference @id. */
gchar *make_film_bank (
    guint film, const gchar *id, WeirOpinion opinion, WeirAction max_action);

GstBuffer *make_picture (guint film, guint number, GstClockTime pts);

G_END_DECLS
