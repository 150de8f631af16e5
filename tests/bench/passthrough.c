/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How much later a buffer leaves for having gone through the element: the time
 * between its arrival at the sink pad and its departure from the source pad,
 * of a file's video that passes at live rate, beside `identity`.
 *
 * Usage: passthrough [--json] BANK MEDIA
 */

#include "gstweir.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  GArray *delays; /* of gint64, ns */
  gint64 entered;
} Gauge;

static gint64
now_ns (void)
{
  return (gint64) gst_util_get_timestamp ();
}

static GstPadProbeReturn
on_enter (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  ((Gauge *) user_data)->entered = now_ns ();
  return GST_PAD_PROBE_OK;
}

static GstPadProbeReturn
on_leave (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  Gauge *gauge = user_data;
  gint64 delay = now_ns () - gauge->entered;

  g_array_append_val (gauge->delays, delay);
  return GST_PAD_PROBE_OK;
}

static gint
compare (gconstpointer a, gconstpointer b)
{
  gint64 left = *(const gint64 *) a, right = *(const gint64 *) b;

  return left < right ? -1 : left > right;
}

static gdouble
get_share (const Gauge *gauge, gdouble share)
{
  guint index = (guint) (share * (gauge->delays->len - 1));

  return g_array_index (gauge->delays, gint64, index) / 1e3;
}

static gboolean
measure (const gchar *element, const gchar *media, Gauge *gauge)
{
  g_autofree gchar *line = g_strdup_printf (
      "filesrc location=\"%s\" ! parsebin ! identity sync=true name=pace ! "
      "%s name=measured ! fakesink name=end async=false sync=false",
      media, element);
  g_autoptr (GError) error = NULL;
  GstElement *pipeline = gst_parse_launch (line, &error);
  g_autoptr (GstElement) pace = NULL;
  g_autoptr (GstElement) end = NULL;
  g_autoptr (GstPad) enter = NULL;
  g_autoptr (GstPad) leave = NULL;
  g_autoptr (GstBus) bus = NULL;
  GstMessage *message;
  gboolean done;

  gauge->delays = g_array_new (FALSE, FALSE, sizeof (gint64));
  if (error) {
    fprintf (stderr, "passthrough: %s\n", error->message);
    return FALSE;
  }
  pace = gst_bin_get_by_name (GST_BIN (pipeline), "pace");
  end = gst_bin_get_by_name (GST_BIN (pipeline), "end");
  enter = gst_element_get_static_pad (pace, "src");
  leave = gst_element_get_static_pad (end, "sink");
  gst_pad_add_probe (enter, GST_PAD_PROBE_TYPE_BUFFER, on_enter, gauge, NULL);
  gst_pad_add_probe (leave, GST_PAD_PROBE_TYPE_BUFFER, on_leave, gauge, NULL);

  bus = gst_element_get_bus (pipeline);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (
      bus, GST_CLOCK_TIME_NONE, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  done = GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS;
  gst_message_unref (message);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
  g_array_sort (gauge->delays, compare);
  return done && gauge->delays->len > 0;
}

static void
print_row (gboolean json, const gchar *name, gdouble share, const Gauge *weir,
    const Gauge *identity)
{
  gdouble value = get_share (weir, share), peer = get_share (identity, share);

  if (json)
    printf ("{\"name\":\"passthrough-%s\",\"value\":%.1f,\"unit\":\"us\","
            "\"peer\":%.1f,\"ratio\":%.2f}\n",
        name, value, peer, value / peer);
  else
    printf ("%-8s %12.1f %12.1f %8.2f\n", name, value, peer, value / peer);
}

int
main (int argc, char **argv)
{
  gboolean json = argc > 1 && strcmp (argv[1], "--json") == 0;
  g_autofree gchar *element = NULL;
  Gauge weir = { 0 }, identity = { 0 };

  if (argc - json != 3) {
    fprintf (stderr, "Usage: passthrough [--json] BANK MEDIA\n");
    return 2;
  }
  gst_init (NULL, NULL);
  GST_ELEMENT_REGISTER (weir, NULL);
  element = g_strdup_printf ("weir bank=\"%s\"", argv[1 + json]);
  if (!measure (element, argv[2 + json], &weir) ||
      !measure ("identity", argv[2 + json], &identity)) {
    fprintf (stderr, "passthrough: %s did not play\n", argv[2 + json]);
    return 1;
  }
  if (!json)
    printf ("%u buffers at live rate, us a buffer takes to pass\n"
            "%-8s %12s %12s %8s\n",
        weir.delays->len, "", "weir", "identity", "ratio");
  print_row (json, "p50", 0.50, &weir, &identity);
  print_row (json, "p99", 0.99, &weir, &identity);
  print_row (json, "max", 1.00, &weir, &identity);
  g_array_unref (weir.delays);
  g_array_unref (identity.delays);
  return 0;
}
