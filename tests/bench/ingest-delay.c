/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two sessions whose pictures are noted as they leave and as they arrive. */

#include "ingest-delay.h"

#include "publisher.h"

#include <gst/base/gstbasesink.h>
#include <string.h>

/* A picture is known again by its last bytes, which neither payloading nor
 * another stream format changes. */
#define TAIL_SIZE 32

enum { WITH, WITHOUT, N_WAYS };

typedef struct {
  GMutex lock;      /* guards the rest */
  GHashTable *sent; /* the tail as GBytes -> gint64, us */
  GArray *delays;   /* of gint64, us */
  gboolean counting;
} Way;

static Way ways[N_WAYS];

static GBytes *
get_tail (GstBuffer *buffer)
{
  guint8 tail[TAIL_SIZE];
  gsize size = gst_buffer_get_size (buffer);
  gsize begin = size > TAIL_SIZE ? size - TAIL_SIZE : 0;

  return g_bytes_new (
      tail, gst_buffer_extract (buffer, begin, tail, TAIL_SIZE));
}

static GstPadProbeReturn
on_sent (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  Way *way = user_data;
  GBytes *tail = get_tail (GST_PAD_PROBE_INFO_BUFFER (info));
  gint64 now = g_get_monotonic_time ();

  g_mutex_lock (&way->lock);
  g_hash_table_replace (way->sent, tail, g_memdup2 (&now, sizeof (now)));
  g_mutex_unlock (&way->lock);
  return GST_PAD_PROBE_OK;
}

/* ---- the output: an element of its own that notes what arrives ---- */

typedef struct {
  GstBaseSink parent;
  gint way;
} Arrivals;

typedef struct {
  GstBaseSinkClass parent;
} ArrivalsClass;

enum { PROP_0, PROP_WAY };

static GstStaticPadTemplate arrivals_template = GST_STATIC_PAD_TEMPLATE (
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS ("video/x-h264"));

static GType arrivals_get_type (void);
G_DEFINE_TYPE (Arrivals, arrivals, GST_TYPE_BASE_SINK)

static GstFlowReturn
arrivals_render (GstBaseSink *sink, GstBuffer *buffer)
{
  Way *way = &ways[((Arrivals *) sink)->way];
  gint64 now = g_get_monotonic_time ();
  g_autoptr (GBytes) tail = get_tail (buffer);
  const gint64 *sent;
  gint64 delay;

  g_mutex_lock (&way->lock);
  sent = g_hash_table_lookup (way->sent, tail);
  if (sent && way->counting) {
    delay = now - *sent;
    g_array_append_val (way->delays, delay);
  }
  g_hash_table_remove (way->sent, tail);
  g_mutex_unlock (&way->lock);
  return GST_FLOW_OK;
}

/* What comes to the element weir goes to what is behind it instead. */
static GstPadProbeReturn
pass_by (GstPad *pad, GstPadProbeInfo *info, gpointer behind)
{
  if (info->type & GST_PAD_PROBE_TYPE_BUFFER) {
    GST_PAD_PROBE_INFO_FLOW_RETURN (info) =
        gst_pad_chain (behind, GST_PAD_PROBE_INFO_BUFFER (info));
    return GST_PAD_PROBE_HANDLED;
  }
  gst_pad_send_event (behind, gst_event_ref (GST_PAD_PROBE_INFO_EVENT (info)));
  return GST_PAD_PROBE_OK;
}

static void
skip_weir (GstElement *sink)
{
  g_autoptr (GstObject) output = gst_object_get_parent (GST_OBJECT (sink));
  g_autoptr (GstObject) pipeline = gst_object_get_parent (output);
  g_autoptr (GstElement) weir =
      gst_bin_get_by_name (GST_BIN (pipeline), "weir");
  g_autoptr (GstPad) enter = gst_element_get_static_pad (weir, "sink_0");
  g_autoptr (GstPad) behind =
      gst_element_get_static_pad (GST_ELEMENT (output), "video");
  g_autoptr (GstPad) leave = gst_pad_get_peer (behind);

  gst_pad_unlink (leave, behind);
  gst_pad_add_probe (enter,
      GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, pass_by,
      g_steal_pointer (&behind), gst_object_unref);
}

static gboolean
arrivals_start (GstBaseSink *sink)
{
  if (((Arrivals *) sink)->way == WITHOUT)
    skip_weir (GST_ELEMENT (sink));
  return TRUE;
}

static void
arrivals_set_property (
    GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  ((Arrivals *) object)->way = g_value_get_int (value);
}

static void
arrivals_class_init (ArrivalsClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GstElementClass *element_class = GST_ELEMENT_CLASS (class);
  GstBaseSinkClass *sink_class = GST_BASE_SINK_CLASS (class);

  object_class->set_property = arrivals_set_property;
  sink_class->start = arrivals_start;
  sink_class->render = arrivals_render;
  g_object_class_install_property (object_class, PROP_WAY,
      g_param_spec_int ("way", NULL, NULL, 0, N_WAYS - 1, 0,
          G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS));
  gst_element_class_add_static_pad_template (element_class, &arrivals_template);
  gst_element_class_set_static_metadata (
      element_class, "Arrivals", "Sink", "Notes when pictures arrive", "Weir");
}

static void
arrivals_init (Arrivals *arrivals)
{
  gst_base_sink_set_sync (GST_BASE_SINK (arrivals), FALSE);
  gst_base_sink_set_async_enabled (GST_BASE_SINK (arrivals), FALSE);
}

/* ---- both ways at a time ---- */

static void
set_counting (gboolean counting)
{
  guint i;

  for (i = 0; i < N_WAYS; i++) {
    g_mutex_lock (&ways[i].lock);
    ways[i].counting = counting;
    g_mutex_unlock (&ways[i].lock);
  }
}

static Publisher *
publish (Host *host, const gchar *fragment, Way *way)
{
  Publisher *publisher = publisher_new_of (host, "studio", fragment);
  g_autoptr (GstElement) payloader = publisher_find (publisher, "pay");
  g_autoptr (GstPad) pad = gst_element_get_static_pad (payloader, "sink");

  way->sent = g_hash_table_new_full (
      g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref, g_free);
  way->delays = g_array_new (FALSE, FALSE, sizeof (gint64));
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_sent, way, NULL);
  return publisher;
}

static gint
compare (gconstpointer a, gconstpointer b)
{
  gint64 left = *(const gint64 *) a, right = *(const gint64 *) b;

  return left < right ? -1 : left > right;
}

void
ingest_delay_measure (const gchar *bank, const gchar *fragment,
    guint settle_time, guint time, GArray **with, GArray **without)
{
  g_autofree gchar *property = g_strconcat ("bank=", bank, NULL);
  gchar *properties[] = { property, NULL };
  Host *hosts[N_WAYS];
  Publisher *publishers[N_WAYS];
  guint i;

  gst_element_register (NULL, "arrivals", GST_RANK_NONE, arrivals_get_type ());
  hosts[WITH] = host_new ("arrivals name=video way=0");
  hosts[WITH]->settings.properties = properties;
  hosts[WITHOUT] = host_new ("arrivals name=video way=1");
  for (i = 0; i < N_WAYS; i++)
    publishers[i] = publish (hosts[i], fragment, &ways[i]);
  for (i = 0; i < N_WAYS; i++)
    host_wait (publisher_is_connected, publishers[i]);
  host_run_for (1000 * settle_time);
  set_counting (TRUE);
  host_run_for (1000 * time);
  set_counting (FALSE);
  for (i = 0; i < N_WAYS; i++) {
    publisher_free (publishers[i]);
    host_free (hosts[i]);
    g_hash_table_unref (ways[i].sent);
    g_array_sort (ways[i].delays, compare);
  }
  *with = ways[WITH].delays;
  *without = ways[WITHOUT].delays;
}
