/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the element says on the bus. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstweirprivate.h"

#define GST_CAT_DEFAULT gst_weir_debug

/* Statuses that wait to be told; the oldest goes when there are more. */
#define MAX_STATUSES 64

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

/* The state of the whole from that of its streams: blind when none is seen, or
 * there is nothing to look up in; NULL: nothing is known as yet. Called with the
 * object lock, which guards what it returns and @reason. */
static const gchar *
get_state (GstWeir *weir, const gchar **reason)
{
  const gchar *problem = NULL;
  gboolean sees = FALSE;
  GList *link;

  for (link = weir->streams; link; link = link->next) {
    const GstWeirStream *stream = link->data;

    sees |= stream->sees;
    if (!problem)
      problem = stream->problem;
  }
  *reason = weir->bank_problem ? weir->bank_problem : problem;
  if (weir->bank_problem || (problem && !sees))
    return "blind";
  if (problem)
    return "degraded";
  *reason = "";
  return sees ? "active" : NULL;
}

/* Queues a status when it is not the one before it. Called with the object
 * lock. */
static void
queue_status (GstWeir *weir)
{
  const gchar *reason;
  const gchar *state = get_state (weir, &reason);

  if (!state || (g_strcmp0 (weir->status_state, state) == 0 &&
                    g_strcmp0 (weir->status_reason, reason) == 0))
    return;
  g_free (weir->status_state);
  g_free (weir->status_reason);
  weir->status_state = g_strdup (state);
  weir->status_reason = g_strdup (reason);
  GST_INFO_OBJECT (weir, "%s %s", state, reason);
  if (g_queue_get_length (&weir->statuses) == MAX_STATUSES)
    weir_event_free (g_queue_pop_head (&weir->statuses));
  g_queue_push_tail (&weir->statuses,
      weir_event_new_status (weir->stream_id, state, reason, &weir->counters));
}

/* Who is told may call back, and may take long: the lock is not held then, and
 * whoever has more to say leaves it to the thread that is telling, so that the
 * last that is told is what is. */
void
gst_weir_update_status (GstWeir *weir)
{
  GST_OBJECT_LOCK (weir);
  queue_status (weir);
  if (weir->tells_status) {
    GST_OBJECT_UNLOCK (weir);
    return;
  }
  weir->tells_status = TRUE;
  while (!g_queue_is_empty (&weir->statuses)) {
    WeirEvent *status = g_queue_pop_head (&weir->statuses);

    GST_OBJECT_UNLOCK (weir);
    gst_weir_post_event (weir, status);
    GST_OBJECT_LOCK (weir);
  }
  weir->tells_status = FALSE;
  GST_OBJECT_UNLOCK (weir);
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
