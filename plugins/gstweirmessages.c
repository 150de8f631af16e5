/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the element says on the bus. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstweirprivate.h"

#define GST_CAT_DEFAULT gst_weir_debug

static GstStructure *
structure_from_event (const WeirEvent *event)
{
  GstStructure *structure =
      gst_structure_new_empty (weir_event_get_name (event));
  guint i;

  for (i = 0; i < weir_event_get_n_fields (event); i++) {
    const WeirField *field = weir_event_get_field (event, i);

    switch (field->type) {
      case WEIR_FIELD_STRING:
        gst_structure_set (
            structure, field->name, G_TYPE_STRING, field->string, NULL);
        break;
      case WEIR_FIELD_UINT:
        gst_structure_set (
            structure, field->name, G_TYPE_UINT, (guint) field->number, NULL);
        break;
      case WEIR_FIELD_UINT64:
        gst_structure_set (
            structure, field->name, G_TYPE_UINT64, field->number, NULL);
        break;
      case WEIR_FIELD_DOUBLE:
        gst_structure_set (
            structure, field->name, G_TYPE_DOUBLE, field->real, NULL);
        break;
    }
  }
  return structure;
}

void
gst_weir_post_event (GstWeir *weir, WeirEvent *event)
{
  gst_element_post_message (
      GST_ELEMENT (weir), gst_message_new_element (
                              GST_OBJECT (weir), structure_from_event (event)));
  weir_event_free (event);
}

gchar *
gst_weir_get_stream_id (GstWeir *weir)
{
  gchar *stream_id;

  GST_OBJECT_LOCK (weir);
  stream_id = g_strdup (weir->stream_id);
  GST_OBJECT_UNLOCK (weir);
  return stream_id;
}

void
gst_weir_post_status (GstWeir *weir, const gchar *state, const gchar *reason)
{
  g_autofree gchar *stream_id = gst_weir_get_stream_id (weir);
  WeirCounters counters;
  gboolean same;

  GST_OBJECT_LOCK (weir);
  same = g_strcmp0 (weir->status_state, state) == 0 &&
         g_strcmp0 (weir->status_reason, reason) == 0;
  if (!same) {
    g_free (weir->status_state);
    g_free (weir->status_reason);
    weir->status_state = g_strdup (state);
    weir->status_reason = g_strdup (reason);
  }
  counters = weir->counters;
  GST_OBJECT_UNLOCK (weir);
  if (same)
    return;
  GST_INFO_OBJECT (weir, "%s %s", state, reason);
  gst_weir_post_event (
      weir, weir_event_new_status (stream_id, state, reason, &counters));
}

/* The state of the whole from that of its streams: blind when none is seen, or
 * there is nothing to look up in. */
void
gst_weir_update_status (GstWeir *weir)
{
  gboolean sees = FALSE;
  g_autofree gchar *problem = NULL;
  g_autofree gchar *bank_problem = NULL;
  GList *link;

  GST_OBJECT_LOCK (weir);
  bank_problem = g_strdup (weir->bank_problem);
  for (link = weir->streams; link; link = link->next) {
    const GstWeirStream *stream = link->data;

    sees |= stream->sees;
    if (stream->problem && !problem)
      problem = g_strdup (stream->problem);
  }
  GST_OBJECT_UNLOCK (weir);

  if (bank_problem)
    gst_weir_post_status (weir, "blind", bank_problem);
  else if (problem)
    gst_weir_post_status (weir, sees ? "degraded" : "blind", problem);
  else if (sees)
    gst_weir_post_status (weir, "active", "");
}

GstStructure *
gst_weir_get_stats (GstWeir *weir)
{
  WeirCounters counters;
  guint64 waiting = 0;
  GList *link;

  GST_OBJECT_LOCK (weir);
  counters = weir->counters;
  for (link = weir->streams; link; link = link->next) {
    const GstWeirStream *stream = link->data;

    if (stream->analysis)
      waiting += gst_weir_analysis_count_waiting (stream->analysis);
  }
  GST_OBJECT_UNLOCK (weir);

  return gst_structure_new ("weir-stats", "buffers", G_TYPE_UINT64,
      counters.buffers, "bytes", G_TYPE_UINT64, counters.bytes, "dropped",
      G_TYPE_UINT64, counters.dropped, "frames", G_TYPE_UINT64, counters.frames,
      "landmarks", G_TYPE_UINT64, counters.landmarks, "lookups", G_TYPE_UINT64,
      counters.lookups, "matches", G_TYPE_UINT64, counters.matches, "waiting",
      G_TYPE_UINT64, waiting, NULL);
}
