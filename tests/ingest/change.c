/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What publishers change in the midst of a stream: known content is recognised
 * behind it as before, and what is recorded plays.
 */

#include "publisher.h"
#include "recording.h"

#include "../element/film.h"

typedef struct {
  Host *host;
  Publisher *publisher;
  gchar *bank, *property;
  gchar *properties[2];
  Recording video, audio;
} Stream;

/* A stream of nothing known, with a clock of this pace. */
static void
begin (Stream *stream, gdouble pace)
{
  *stream = (Stream){ 0 };
  stream->host = host_new (NULL);
  stream->bank = make_bank (WEIR_OPINION_CONFIRMED, WEIR_ACTION_FLAG);
  stream->property = g_strconcat ("bank=", stream->bank, NULL);
  stream->properties[0] = stream->property;
  stream->host->settings.properties = stream->properties;
  stream->publisher =
      publisher_new (stream->host, "studio", UNKNOWN_FILM, FALSE);
  publisher_set_pace (stream->publisher, pace);
}

/* It comes to show what is known, and ends. */
static void
end (Stream *stream)
{
  g_autofree gchar *path = NULL;

  g_assert_cmpuint (
      host_count (stream->host, "weir-match", "state", "started"), ==, 0);
  publisher_show (stream->publisher, KNOWN_FILM);
  host_wait_event (stream->host, "weir-match", "reference", "known");
  host_run_for (500);
  publisher_delete (stream->publisher);
  host_wait_sessions (stream->host, 0);
  g_assert_cmpuint (host_count (stream->host, "weir-session", "reason",
                        "the publisher ended it"),
      ==, 1);
  path = recording_find (stream->host);
  recording_play (path, "demux.video_0 ! vp8dec", &stream->video);
  recording_play (path, "demux.audio_0 ! opusdec", &stream->audio);
  g_test_message ("video %u, width %d to %d, %.2f to %.2f s, gap %.2f s; audio "
                  "%u, %.2f to %.2f s, gap %.2f s",
      stream->video.n, stream->video.width_min, stream->video.width_max,
      (gdouble) stream->video.first / 1e9, (gdouble) stream->video.last / 1e9,
      (gdouble) stream->video.gap_max / 1e9, stream->audio.n,
      (gdouble) stream->audio.first / 1e9, (gdouble) stream->audio.last / 1e9,
      (gdouble) stream->audio.gap_max / 1e9);
}

static void
clear (Stream *stream)
{
  publisher_free (stream->publisher);
  host_free (stream->host);
  delete_bank (stream->bank);
  g_free (stream->property);
}

/* A browser does so when the way gets narrow or the machine slow. */
static void
test_size (void)
{
  Stream stream;

  begin (&stream, 1);
  publisher_scale (stream.publisher, 2);
  host_wait_event (stream.host, "weir-session", "state", "connected");
  host_run_for (1000);
  publisher_scale (stream.publisher, 1);
  host_run_for (500);
  end (&stream);
  g_assert_cmpint (stream.video.width_max, ==, 2 * PICTURE_WIDTH);
  g_assert_cmpint (stream.video.width_min, ==, PICTURE_WIDTH);
  clear (&stream);
}

/* Opus sends next to nothing of silence (DTX). */
static void
test_mute (void)
{
  Stream stream;

  begin (&stream, 1);
  host_wait_event (stream.host, "weir-session", "state", "connected");
  host_run_for (500);
  publisher_mute (stream.publisher, TRUE);
  host_run_for (1500);
  publisher_mute (stream.publisher, FALSE);
  end (&stream);
  g_assert_cmpuint (stream.audio.gap_max, >, 200 * GST_MSECOND);
  g_assert_cmpuint (stream.video.gap_max, <, GST_SECOND);
  clear (&stream);
}

/* The sound that comes meanwhile is not lost for it; of a machine that is busy
 * some comes late. */
static void
test_pause_pictures (void)
{
  Stream stream;

  begin (&stream, 1);
  host_wait_event (stream.host, "weir-session", "state", "connected");
  host_run_for (500);
  publisher_pause_pictures (stream.publisher, TRUE);
  host_run_for (6500);
  publisher_pause_pictures (stream.publisher, FALSE);
  end (&stream);
  g_assert_cmpuint (stream.video.gap_max, >, 6 * GST_SECOND);
  g_assert_cmpuint (stream.audio.gap_max, <, 3 * GST_SECOND);
  clear (&stream);
}

static void
test_pause_sound (void)
{
  Stream stream;

  begin (&stream, 1);
  host_wait_event (stream.host, "weir-session", "state", "connected");
  host_run_for (500);
  publisher_pause_sound (stream.publisher, TRUE);
  host_run_for (1500);
  publisher_pause_sound (stream.publisher, FALSE);
  host_run_for (500);
  end (&stream);
  g_assert_cmpuint (stream.audio.gap_max, >, GST_SECOND);
  g_assert_cmpuint (stream.video.gap_max, <, GST_SECOND);
  clear (&stream);
}

static void
test_pace (gconstpointer pace)
{
  Stream stream;

  begin (&stream, *(const gdouble *) pace);
  host_wait_event (stream.host, "weir-session", "state", "connected");
  host_run_for (1000);
  end (&stream);
  clear (&stream);
}

int
main (int argc, char **argv)
{
  static const gdouble fast = 1.01, slow = 0.99;

  g_test_init (&argc, &argv, NULL);
  gst_init (&argc, &argv);
  g_test_add_func ("/change/size", test_size);
  g_test_add_func ("/change/mute", test_mute);
  g_test_add_func ("/change/pause-pictures", test_pause_pictures);
  g_test_add_func ("/change/pause-sound", test_pause_sound);
  g_test_add_data_func ("/change/fast-clock", &fast, test_pace);
  g_test_add_data_func ("/change/slow-clock", &slow, test_pace);
  return g_test_run ();
}
