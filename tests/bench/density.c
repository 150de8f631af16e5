/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * CPU that live streams take in one process: of a file's H.264 and sound, in a
 * loop and each beginning elsewhere in it, pushed at live rate through elements
 * of their own. Beside letting them through without a bank, and a full decode
 * of the video alone.
 *
 * Usage: density [--json] MEDIA [SECONDS [STREAMS...]]
 */

#include "gstweir.h"

#include "made-bank.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define BANK_HASHES 1000000
#define SEED        20190315
#define WARM_UP     (4 * G_USEC_PER_SEC) /* us */
#define TICK        5000                 /* us between two looks at the clock */
#define SECONDS     20
#define OPEN_TIME   (10 * GST_SECOND)
#define NOT_MEDIA   "the media is no file with H.264 and AAC"

enum {
  VIDEO,
  AUDIO,
  N_PADS,
};

/* What is pushed: one elementary stream. */
typedef struct {
  GstCaps *caps;
  GPtrArray *buffers; /* of GstBuffer */
} Track;

static Track tracks[N_PADS];
static GstClockTime length; /* of the loop */

typedef struct {
  GstElement *element;
  GstPad *out[N_PADS], *in[N_PADS];
  guint next[N_PADS];
  GstClockTime shift[N_PADS]; /* of the loop it is in, and of its start */
} Stream;

/* One way to treat streams. */
typedef struct {
  const gchar *name, *launch;
  gboolean has_bank, has_sound;
} Way;

static const Way decode_way = { "full-decode", "avdec_h264 max-threads=1",
  FALSE, FALSE };
static const Way pass_way = { "pass", "weir", FALSE, TRUE };
static const Way ways[] = {
  { "keyframes", "weir decode=keyframes", TRUE, TRUE },
  { "auto", "weir decode=auto", TRUE, TRUE },
  { "all", "weir decode=all", TRUE, TRUE },
};

static void
fail (const gchar *message)
{
  fprintf (stderr, "density: %s\n", message);
  exit (1);
}

/* ---- the media ---- */

static void
pull_track (GstElement *pipeline, const gchar *name, Track *track)
{
  g_autoptr (GstElement) sink = gst_bin_get_by_name (GST_BIN (pipeline), name);
  GstSample *sample;

  track->buffers =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_buffer_unref);
  for (g_signal_emit_by_name (sink, "pull-sample", &sample); sample;
       g_signal_emit_by_name (sink, "pull-sample", &sample)) {
    GstBuffer *buffer = gst_sample_get_buffer (sample);

    if (!track->caps)
      track->caps = gst_caps_ref (gst_sample_get_caps (sample));
    g_ptr_array_add (track->buffers, gst_buffer_copy_deep (buffer));
    length =
        MAX (length, GST_BUFFER_PTS (buffer) + GST_BUFFER_DURATION (buffer));
    gst_sample_unref (sample);
  }
  if (track->buffers->len == 0)
    fail (NOT_MEDIA);
}

/* An appsink that gets nothing would be waited for without end. */
static void
play (GstElement *pipeline)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  g_autoptr (GstMessage) message = NULL;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (
      bus, OPEN_TIME, GST_MESSAGE_ASYNC_DONE | GST_MESSAGE_ERROR);
  if (!message || GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
    fail (NOT_MEDIA);
}

static void
load (const gchar *path)
{
  g_autofree gchar *line = g_strdup_printf (
      "filesrc location=\"%s\" ! parsebin name=p "
      "p. ! video/x-h264 ! queue max-size-bytes=0 max-size-time=0 "
      "max-size-buffers=0 ! appsink name=video sync=false "
      "p. ! audio/mpeg ! queue max-size-bytes=0 max-size-time=0 "
      "max-size-buffers=0 ! appsink name=audio sync=false",
      path);
  g_autoptr (GError) error = NULL;
  g_autoptr (GstElement) pipeline = gst_parse_launch (line, &error);

  if (error)
    fail (error->message);
  play (pipeline);
  pull_track (pipeline, "video", &tracks[VIDEO]);
  pull_track (pipeline, "audio", &tracks[AUDIO]);
  gst_element_set_state (pipeline, GST_STATE_NULL);
}

/* ---- streams ---- */

static GstFlowReturn
drop (GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
  gst_buffer_unref (buffer);
  return GST_FLOW_OK;
}

static void
begin_pad (Stream *stream, guint index)
{
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_pad_set_active (stream->out[index], TRUE);
  gst_pad_push_event (
      stream->out[index], gst_event_new_stream_start ("density"));
  gst_pad_push_event (
      stream->out[index], gst_event_new_caps (tracks[index].caps));
  gst_pad_push_event (stream->out[index], gst_event_new_segment (&segment));
}

/* Where in the loop stream @number of @n begins. */
static void
place (Stream *stream, guint index, guint number, guint n)
{
  GPtrArray *buffers = tracks[index].buffers;
  GstClockTime start = length * number / n;

  while (stream->next[index] < buffers->len &&
         GST_BUFFER_DTS_OR_PTS (
             (GstBuffer *) buffers->pdata[stream->next[index]]) < start)
    stream->next[index]++;
  stream->shift[index] = length - start;
}

static void
link_pad (Stream *stream, const Way *way, guint index)
{
  g_autofree gchar *sink_name = g_strdup_printf ("sink_%u", index);
  g_autofree gchar *src_name = g_strdup_printf ("src_%u", index);
  gboolean is_weir = way != &decode_way;
  g_autoptr (GstPad) sink =
      is_weir ? gst_element_request_pad_simple (stream->element, sink_name)
              : gst_element_get_static_pad (stream->element, "sink");
  g_autoptr (GstPad) src =
      gst_element_get_static_pad (stream->element, is_weir ? src_name : "src");

  stream->out[index] = gst_pad_new (NULL, GST_PAD_SRC);
  stream->in[index] = gst_pad_new (NULL, GST_PAD_SINK);
  gst_pad_set_chain_function (stream->in[index], drop);
  gst_pad_set_active (stream->in[index], TRUE);
  gst_pad_link (stream->out[index], sink);
  gst_pad_link (src, stream->in[index]);
}

static void
begin_stream (
    Stream *stream, const Way *way, const gchar *bank, guint number, guint n)
{
  guint i, n_pads = way->has_sound ? N_PADS : 1;

  stream->element = gst_parse_launch (way->launch, NULL);
  if (!stream->element)
    fail ("an element is missing");
  gst_object_ref_sink (stream->element);
  if (way->has_bank)
    g_object_set (stream->element, "bank", bank, NULL);
  for (i = 0; i < n_pads; i++) {
    link_pad (stream, way, i);
    place (stream, i, number, n);
  }
  gst_element_set_state (stream->element, GST_STATE_PLAYING);
  for (i = 0; i < n_pads; i++)
    begin_pad (stream, i);
}

static void
end_stream (Stream *stream)
{
  guint i;

  gst_element_set_state (stream->element, GST_STATE_NULL);
  for (i = 0; i < N_PADS; i++) {
    if (!stream->out[i])
      continue;
    gst_pad_set_active (stream->out[i], FALSE);
    gst_pad_set_active (stream->in[i], FALSE);
    gst_object_unref (stream->out[i]);
    gst_object_unref (stream->in[i]);
  }
  gst_object_unref (stream->element);
}

/* Pushes what is due at @now. */
static void
push_due (Stream *stream, guint index, GstClockTime now)
{
  GPtrArray *buffers = tracks[index].buffers;

  while (stream->out[index]) {
    GstBuffer *buffer;

    if (stream->next[index] == buffers->len) {
      stream->next[index] = 0;
      stream->shift[index] += length;
    }
    buffer = buffers->pdata[stream->next[index]];
    if (GST_BUFFER_DTS_OR_PTS (buffer) + stream->shift[index] > now + length)
      return;
    buffer = gst_buffer_copy (buffer);
    GST_BUFFER_PTS (buffer) += stream->shift[index];
    if (GST_BUFFER_DTS_IS_VALID (buffer))
      GST_BUFFER_DTS (buffer) += stream->shift[index];
    stream->next[index]++;
    gst_pad_push (stream->out[index], buffer);
  }
}

/* ---- measuring ---- */

static gdouble
get_cpu (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  return usage.ru_utime.tv_sec + usage.ru_utime.tv_usec / 1e6 +
         usage.ru_stime.tv_sec + usage.ru_stime.tv_usec / 1e6;
}

/* Copies that the analysis did not take. */
static guint64
count_dropped (const Stream *stream)
{
  g_autoptr (GstStructure) stats = NULL;
  guint64 dropped = 0;

  if (g_object_class_find_property (
          G_OBJECT_GET_CLASS (stream->element), "stats"))
    g_object_get (stream->element, "stats", &stats, NULL);
  if (stats)
    gst_structure_get_uint64 (stats, "dropped", &dropped);
  return dropped;
}

/* Percent of a core that each of @n streams takes. */
static gdouble
measure (const Way *way, const gchar *bank, guint n, guint seconds)
{
  g_autofree Stream *streams = g_new0 (Stream, n);
  gint64 start, now = 0, end = WARM_UP + seconds * G_USEC_PER_SEC;
  gint64 measured_from = 0;
  gdouble before = 0, used;
  guint64 dropped = 0;
  guint i;

  for (i = 0; i < n; i++)
    begin_stream (&streams[i], way, bank, i, n);
  start = g_get_monotonic_time ();
  while (now < end) {
    for (i = 0; i < n; i++) {
      push_due (&streams[i], VIDEO, (GstClockTime) now * 1000);
      push_due (&streams[i], AUDIO, (GstClockTime) now * 1000);
    }
    g_usleep (TICK);
    now = g_get_monotonic_time () - start;
    if (!measured_from && now >= WARM_UP) {
      measured_from = now;
      before = get_cpu ();
    }
  }
  used = get_cpu () - before;
  for (i = 0; i < n; i++) {
    dropped += count_dropped (&streams[i]);
    end_stream (&streams[i]);
  }
  if (dropped > 0)
    fprintf (stderr, "density: %s: %" G_GUINT64_FORMAT " copies left out\n",
        way->name, dropped);
  return 100 * used / ((now - measured_from) / 1e6) / n;
}

static void
print_row (gboolean json, const gchar *name, guint n, gdouble value,
    gdouble beyond, gdouble peer)
{
  if (json)
    printf ("{\"name\":\"density-%s-%u\",\"value\":%.2f,\"unit\":\"%% of a "
            "core per stream beyond pass-through\",\"peer\":%.2f,"
            "\"ratio\":%.2f}\n",
        name, n, beyond, peer, peer / beyond);
  else
    printf ("%-10s %7u %10.2f %10.2f %10.1f\n", name, n, value, beyond,
        peer / beyond);
  fflush (stdout);
}

static void
measure_all (
    gboolean json, const gchar *bank, guint n, guint seconds, gdouble full)
{
  gdouble pass = measure (&pass_way, NULL, n, seconds);
  guint i;

  if (!json)
    printf ("%-10s %7u %10.2f\n", pass_way.name, n, pass);
  for (i = 0; i < G_N_ELEMENTS (ways); i++) {
    gdouble value = measure (&ways[i], bank, n, seconds);

    print_row (json, ways[i].name, n, value, value - pass, full);
  }
}

int
main (int argc, char **argv)
{
  static const guint defaults[] = { 1, 8, 32 };
  gboolean json = argc > 1 && strcmp (argv[1], "--json") == 0;
  gchar **rest = argv + 1 + json;
  guint n_rest = (guint) (argc - 1 - json), seconds, i;
  g_autofree gchar *bank = NULL;
  gdouble full;

  if (n_rest < 1) {
    fprintf (stderr, "Usage: density [--json] MEDIA [SECONDS [STREAMS...]]\n");
    return 2;
  }
  seconds = n_rest > 1 ? (guint) atoi (rest[1]) : SECONDS;
  gst_init (NULL, NULL);
  GST_ELEMENT_REGISTER (weir, NULL);
  load (rest[0]);
  bank = g_build_filename (g_get_tmp_dir (), "weir-density.weir", NULL);
  made_bank_write (bank, SEED, BANK_HASHES);

  full = measure (&decode_way, NULL, 1, seconds);
  if (!json)
    printf ("Live streams for %u s, a bank of %u hashes; %% of a core per "
            "stream, and how much cheaper than a full decode\n"
            "%-10s %7s %10s %10s %10s\n%-10s %7u %10.2f\n",
        seconds, BANK_HASHES, "", "streams", "all", "analysis", "ratio",
        decode_way.name, 1u, full);
  for (i = 0; n_rest > 2 ? i < n_rest - 2 : i < G_N_ELEMENTS (defaults); i++)
    measure_all (json, bank,
        n_rest > 2 ? (guint) MAX (atoi (rest[2 + i]), 1) : defaults[i], seconds,
        full);
  g_unlink (bank);
  return 0;
}
