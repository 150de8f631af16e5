/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Prints the trials of a stream against a bank, for calibrate: what each of
 * its pictures says for or against each line, as src/match sees it.
 *
 * trials BANK reads the pictures from standard input, YUV4MPEG2 (mono, 8 bits,
 * of the range of television), and writes lines of comma-separated values:
 *   trial,REFERENCE,first|hit|miss,whole|window,DISTANCE,CHANGE,QUALITY,
 *         SECONDS in the stream,SECONDS in the reference,SPEED
 *   pictures,LOOKED UP,NEW (16 bits from the last new one)
 */
#include "match/matcher.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND 1e9

typedef struct {
  WeirBank *bank;
  guint quality; /* of the frame at hand, whole */
  gint64 time;
} Trials;

static void
on_trial (const WeirVideoLine *line, const WeirVideoTrial *trial,
    const WeirTrackPoint *point, gpointer user_data)
{
  static const gchar *const outcomes[] = { "first", "hit", "miss" };
  static const gchar *const comparisons[] = { "whole", "window" };
  const Trials *trials = user_data;
  WeirReference reference;

  weir_bank_get_reference (trials->bank, line->reference, &reference);
  printf ("trial,%s,%s,%s,%u,%u,%u,%.3f,%.3f,%.3f\n", reference.id,
      outcomes[trial->outcome], comparisons[trial->comparison], trial->distance,
      trial->change, trials->quality, trials->time / SECOND,
      point->position / SECOND, point->speed);
}

/* Reads the header: size, and time between pictures in ns. */
static gboolean
read_header (FILE *input, WeirLuma *luma, gint64 *step)
{
  gint width = 0, height = 0, rate = 0, scale = 0;
  gchar line[256];
  gchar *word;

  if (!fgets (line, sizeof (line), input) ||
      !g_str_has_prefix (line, "YUV4MPEG2 "))
    return FALSE;
  for (word = strtok (line, " \n"); word; word = strtok (NULL, " \n")) {
    if (*word == 'W')
      width = atoi (word + 1);
    else if (*word == 'H')
      height = atoi (word + 1);
    else if (*word == 'F')
      sscanf (word + 1, "%d:%d", &rate, &scale);
  }
  if (width < 1 || height < 1 || width > 8192 || height > 8192 || rate < 1 ||
      scale < 1)
    return FALSE;
  luma->stride = width;
  luma->width = (guint) width;
  luma->height = (guint) height;
  *step = (gint64) (SECOND * scale / rate);
  return TRUE;
}

static gboolean
read_picture (FILE *input, guint8 *pixels, gsize size)
{
  gchar line[256];

  return fgets (line, sizeof (line), input) &&
         g_str_has_prefix (line, "FRAME") &&
         fread (pixels, 1, size, input) == size;
}

static gboolean
run (Trials *trials, FILE *input)
{
  WeirLuma luma = { .pixel_stride = 1, .depth = 8 };
  g_autoptr (WeirFrameHasher) hasher = weir_frame_hasher_new (WEIR_FRAME_QUERY);
  g_autoptr (GArray) matches = g_array_new (FALSE, FALSE, sizeof (WeirMatch));
  g_autoptr (WeirMatcher) matcher = NULL;
  g_autofree WeirFrame *frame = g_new (WeirFrame, 1);
  g_autofree guint8 *pixels = NULL;
  guint64 n_pictures = 0, n_new = 0;
  WeirPdqHash newest = { { 0 } };
  WeirPolicy policy;
  gint64 step;

  if (!read_header (input, &luma, &step))
    return FALSE;
  pixels = g_malloc ((gsize) luma.width * luma.height);
  luma.data = pixels;
  weir_policy_init (&policy);
  matcher = weir_matcher_new (trials->bank, &policy);
  weir_matcher_set_video_trace (matcher, on_trial, trials);
  for (; read_picture (input, pixels, (gsize) luma.width * luma.height);
       trials->time += step) {
    WeirStamp stamp = { .time = trials->time };
    const WeirLook *whole = &frame->looks[0];

    if (!weir_frame_hasher_run (hasher, &luma, trials->time, frame))
      return FALSE;
    trials->quality = whole->quality;
    weir_matcher_add_video (matcher, &stamp, frame, matches);
    weir_frame_hasher_keep (hasher, frame);
    g_array_set_size (matches, 0);
    if (!weir_look_has_weight (whole))
      continue;
    if (n_pictures++ == 0 || weir_pdq_distance (&whole->hash, &newest) >= 16) {
      n_new++;
      newest = whole->hash;
    }
  }
  printf ("pictures,%" G_GUINT64_FORMAT ",%" G_GUINT64_FORMAT "\n", n_pictures,
      n_new);
  return TRUE;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (WeirBank) bank = NULL;
  Trials trials = { 0 };

  if (argc != 2) {
    fprintf (stderr, "usage: trials BANK <PICTURES\n");
    return 2;
  }
  bank = weir_bank_open (argv[1], &error);
  if (!bank) {
    fprintf (stderr, "trials: %s\n", error->message);
    return 1;
  }
  trials.bank = bank;
  if (!run (&trials, stdin)) {
    fprintf (stderr, "trials: the pictures cannot be read\n");
    return 1;
  }
  return 0;
}
