/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Video evidence. A line is the claim that the stream shows a reference from a
 * certain moment on at a certain speed: (reference, mirrored or not, track).
 * Each looked-up frame speaks for the lines on which it hits and against those
 * on which it should have hit: where the reference has a fingerprint. A jump
 * within the reference, a loop, another showing of it are lines of their own.
 *
 * A reference that is one picture has no time to be in: its line adds up how
 * long the picture is shown.
 */
#pragma once

#include "bank/bank-map.h"
#include "fingerprint/frame.h"
#include "match/stamp.h"
#include "match/track.h"
#include "match/video-evidence.h"

G_BEGIN_DECLS

/* At most this many lines are kept; the weakest gives way. */
#define WEIR_VIDEO_LINES_MAX 256

typedef struct {
  guint32 reference;
  gboolean mirrored;
  gboolean still;                       /* the reference is one picture */
  gdouble evidence;                     /* nats, 0..40 */
  guint hits;                           /* frames that hit */
  guint edit_hits[WEIR_N_EDITS];        /* of those, with each edit */
  guint distances[WEIR_PDQ_RADIUS + 1]; /* of those, how many at each */
  WeirStamp first;                      /* first and last frame that hit */
  WeirStamp last;

  /*< private >*/
  WeirTrack track;
  WeirTrackPoint now; /* at the newest frame */
  WeirVideoEvidence counted;
} WeirVideoLine;

typedef struct _WeirVideoLines WeirVideoLines;

/* Keeps @bank, for what is known of its references. */
WeirVideoLines *weir_video_lines_new (WeirBank *bank);
void weir_video_lines_free (WeirVideoLines *lines);
void weir_video_lines_clear (WeirVideoLines *lines);

/* Takes @bank in place of the one before, between two frames. @map leads from
 * that one's references to its own; lines of those that are gone are dropped,
 * the others go on. */
void weir_video_lines_set_bank (
    WeirVideoLines *lines, WeirBank *bank, WeirBankMap *map);

/* One frame: begin, the hits (a GArray of WeirVideoHit) of each look at it and
 * of its mirror image, each with the edits that would explain them and those to
 * be told, end with what the frame shows. Without an end it counts for nothing.
 */
void weir_video_lines_begin (WeirVideoLines *lines, const WeirStamp *stamp);
void weir_video_lines_vote (
    WeirVideoLines *lines, WeirEdits edits, WeirEdits told, const GArray *hits);
void weir_video_lines_end (
    WeirVideoLines *lines, const WeirShownPicture *shown);

/* Drops what has had no hit since @time (ns). */
void weir_video_lines_expire (WeirVideoLines *lines, gint64 time);

guint weir_video_lines_get_length (const WeirVideoLines *lines);
const WeirVideoLine *weir_video_lines_get (
    const WeirVideoLines *lines, guint index);

/* Where in its reference the line is at @time (ns, of the stream), and how
 * fast. At 0 and at speed 1 for a still. */
WeirTrackPoint weir_video_line_get_point (
    const WeirVideoLine *line, gint64 time);

/* The edits of most of its hits. */
WeirEdits weir_video_line_get_edits (const WeirVideoLine *line);

/* How well the line is hit: over its hits, the sum of the bits by which each
 * is nearer than what is no hit. */
guint64 weir_video_line_get_agreement (const WeirVideoLine *line);

/* Median distance of the line's hits. */
gdouble weir_video_line_get_distance (const WeirVideoLine *line);

/* For measuring likelihoods: calls @func with each trial, @point being where
 * the line was when it came. */
typedef void (*WeirVideoTrace) (const WeirVideoLine *line,
    const WeirVideoTrial *trial, const WeirTrackPoint *point,
    gpointer user_data);
void weir_video_lines_set_trace (
    WeirVideoLines *lines, WeirVideoTrace func, gpointer user_data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirVideoLines, weir_video_lines_free)

G_END_DECLS
