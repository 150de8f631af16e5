/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The way into the elements that decode one pad's stream. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstweirdecoderprivate.h"

#define GST_USE_UNSTABLE_API /* else the header warns */
#include <gst/mpegts/mpegts.h>

#define GST_CAT_DEFAULT gst_weir_debug

void
gst_weir_decoder_report (GstWeirDecoder *decoder, const gchar *format, ...)
{
  va_list arguments;
  g_autofree gchar *reason = NULL;

  va_start (arguments, format);
  reason = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_strdelimit (reason, "\n\r", ' ');
  GST_INFO_OBJECT (decoder->log, "cannot see: %s", reason);
  decoder->callbacks->problem (reason, decoder->user_data);
}

/* What to do about @error, where GStreamer does not say. */
static const gchar *
explain (const GError *error)
{
  return g_error_matches (
             error, GST_STREAM_ERROR, GST_STREAM_ERROR_TYPE_NOT_FOUND)
             ? "it is no video or sound of a known kind; send it in a "
               "container, as FLV, MPEG-TS or Matroska"
             : error->message;
}

/* ---- what is not looked at ---- */

/* A stream that waits is one beside another, not the next one, when so many
 * buffers came in meanwhile: where streams change, both are there for a moment. */
#define PUSHES_BESIDE 20

static gboolean
has_beside (const GstWeirDecoder *decoder, gboolean is_video)
{
  const GList *link;

  for (link = decoder->waiting.head; link; link = link->next) {
    const GstWeirWaiting *waiting = link->data;

    if (waiting->is_video == is_video && waiting->n_pushes >= PUSHES_BESIDE)
      return TRUE;
  }
  return FALSE;
}

/* Free with g_free(). */
static gchar *
describe_beside (const GstWeirDecoder *decoder)
{
  gboolean video = has_beside (decoder, TRUE);

  if (decoder->n_programmes > 1)
    return g_strdup_printf (
        "one of %u programmes of the transport stream is looked at: give each "
        "a pad of its own (tsdemux program-number=N)",
        decoder->n_programmes);
  if (video || has_beside (decoder, FALSE))
    return g_strdup_printf (
        "another %s stream of the container is not looked at: demux it before, "
        "and give each a pad of its own",
        video ? "video" : "audio");
  return NULL;
}

void
gst_weir_decoder_tell_beside (GstWeirDecoder *decoder)
{
  g_autofree gchar *beside = describe_beside (decoder);

  if (g_strcmp0 (beside, decoder->beside) == 0)
    return;
  g_free (decoder->beside);
  decoder->beside = g_steal_pointer (&beside);
  decoder->callbacks->beside (decoder->beside, decoder->user_data);
}

/* A transport stream says which programmes it has: network information, number
 * 0, is none (ISO/IEC 13818-1, 2.4.4.3). */
static void
count_programmes (GstWeirDecoder *decoder, GstMessage *message)
{
  GstMpegtsSection *section = gst_message_parse_mpegts_section (message);
  g_autoptr (GPtrArray) programmes = NULL;
  guint i, n = 0;

  if (section && GST_MPEGTS_SECTION_TYPE (section) == GST_MPEGTS_SECTION_PAT)
    programmes = gst_mpegts_section_get_pat (section);
  for (i = 0; programmes && i < programmes->len; i++) {
    const GstMpegtsPatProgram *programme = g_ptr_array_index (programmes, i);

    n += programme->program_number != 0;
  }
  if (programmes)
    decoder->n_programmes = n;
  if (section)
    gst_mpegts_section_unref (section);
}

/* ---- what goes wrong ---- */

static GstBusSyncReply
on_message (GstBus *bus, GstMessage *message, gpointer user_data)
{
  GstWeirDecoder *decoder = user_data;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR &&
      g_atomic_int_compare_and_exchange (&decoder->failed, FALSE, TRUE)) {
    g_autoptr (GError) error = NULL;
    g_autofree gchar *debug = NULL;

    gst_message_parse_error (message, &error, &debug);
    GST_DEBUG_OBJECT (decoder->log, "%s: %s (%s)",
        GST_MESSAGE_SRC_NAME (message), error->message, GST_STR_NULL (debug));
    gst_weir_decoder_report (decoder, "%s", explain (error));
  } else if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ELEMENT) {
    count_programmes (decoder, message);
  }
  gst_message_unref (message);
  return GST_BUS_DROP;
}

/* ---- the way in ---- */

static gboolean
feed_event (GstPad *pad, GstObject *parent, GstEvent *event)
{
  /* Nothing that the analysis asks for (seeks, quality of service) may reach
   * the stream. */
  gst_event_unref (event);
  return FALSE;
}

static gboolean
feed_query (GstPad *pad, GstObject *parent, GstQuery *query)
{
  if (GST_QUERY_TYPE (query) == GST_QUERY_SCHEDULING) {
    gst_query_set_scheduling (query, GST_SCHEDULING_FLAG_SEQUENTIAL, 1, -1, 0);
    gst_query_add_scheduling_mode (query, GST_PAD_MODE_PUSH);
    return TRUE;
  }
  return FALSE;
}

GstWeirDecoder *
gst_weir_decoder_new (const GstWeirDecoderCallbacks *callbacks,
    gpointer user_data, const GstWeirPick *pick, GstObject *log)
{
  GstWeirDecoder *decoder = g_new0 (GstWeirDecoder, 1);
  g_autoptr (GstBus) bus = NULL;

  decoder->callbacks = callbacks;
  decoder->user_data = user_data;
  decoder->pick = *pick;
  decoder->log = gst_object_ref (log);
  decoder->branches =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_weir_branch_free);
  g_queue_init (&decoder->waiting);

  decoder->pipeline = gst_pipeline_new (NULL);
  gst_object_ref_sink (decoder->pipeline);
  bus = gst_element_get_bus (decoder->pipeline);
  gst_bus_set_sync_handler (bus, on_message, decoder, NULL);
  gst_element_set_state (decoder->pipeline, GST_STATE_PLAYING);

  decoder->feed = gst_pad_new ("feed", GST_PAD_SRC);
  gst_object_ref_sink (decoder->feed);
  gst_pad_set_event_function (decoder->feed, feed_event);
  gst_pad_set_query_function (decoder->feed, feed_query);
  gst_pad_set_active (decoder->feed, TRUE);
  return decoder;
}

void
gst_weir_decoder_free (GstWeirDecoder *decoder)
{
  gst_element_set_state (decoder->pipeline, GST_STATE_NULL);
  gst_pad_set_active (decoder->feed, FALSE);
  gst_object_unref (decoder->pipeline);
  gst_object_unref (decoder->feed);
  g_queue_clear_full (
      &decoder->waiting, (GDestroyNotify) gst_weir_waiting_free);
  g_ptr_array_unref (decoder->branches);
  gst_object_unref (decoder->log);
  g_free (decoder->beside);
  g_free (decoder);
}

gboolean
gst_weir_decoder_push_buffer (GstWeirDecoder *decoder, GstBuffer *buffer,
    gint64 arrival, GstClockTime running_time)
{
  GstFlowReturn flow;

  decoder->now = (GstWeirArrival){ arrival, running_time };
  if (!decoder->plugged) {
    decoder->plugged = TRUE;
    gst_weir_plug_typefind (decoder);
  }
  if (g_atomic_int_get (&decoder->failed)) {
    gst_buffer_unref (buffer);
    return FALSE;
  }
  flow = gst_pad_push (decoder->feed, buffer);
  gst_weir_plug_waiting (decoder);
  gst_weir_decoder_tell_beside (decoder);
  /* Not linked: a stream of no use, which was reported when it showed up. An
   * end that nobody but its bytes spoke of does not end the stream. */
  if (flow <= GST_FLOW_EOS &&
      g_atomic_int_compare_and_exchange (&decoder->failed, FALSE, TRUE))
    gst_weir_decoder_report (decoder,
        flow == GST_FLOW_EOS ? "more came after what looked like its end"
                             : "decoding failed");
  return !g_atomic_int_get (&decoder->failed);
}

/* Caps that say nothing leave it to the bytes. */
static gboolean
say_something (const GstCaps *caps)
{
  return gst_caps_is_fixed (caps) &&
         !gst_structure_has_name (
             gst_caps_get_structure (caps, 0), "application/octet-stream");
}

void
gst_weir_decoder_push_event (GstWeirDecoder *decoder, GstEvent *event)
{
  if (GST_EVENT_TYPE (event) == GST_EVENT_CAPS) {
    GstWeirStage stage = { decoder, 0, FALSE };
    GstCaps *caps;

    gst_event_parse_caps (event, &caps);
    /* A typefinder would believe them. */
    if (!say_something (caps)) {
      gst_event_unref (event);
      return;
    }
    if (!decoder->plugged)
      gst_weir_plug_caps (decoder, decoder->feed, caps, &stage);
    decoder->plugged = TRUE;
  }
  gst_pad_push_event (decoder->feed, event);
}

void
gst_weir_decoder_flush (GstWeirDecoder *decoder)
{
  gst_pad_push_event (decoder->feed, gst_event_new_flush_start ());
  gst_pad_push_event (decoder->feed, gst_event_new_flush_stop (TRUE));
}
