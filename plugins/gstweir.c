/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * SECTION:element-weir
 * @title: weir
 *
 * Stands across a live stream, lets it through untouched, and says on the bus
 * when it carries known content: computes rolling fingerprints of its video
 * (PDQ) and sound (landmarks), looks them up in a bank and adds up the hits
 * until the evidence is enough to flag the stream, or to cut it.
 *
 * Anything may flow through: raw video and sound, elementary streams,
 * containers, unknown bytes. The buffers that leave are those that came in. A
 * copy feeds a private analysis on a thread of its own; whatever becomes of
 * that, the stream goes on, and a #weir-status message says what is not seen.
 *
 * One element guards all streams of one live session: each sink pad `sink_%u`
 * has its source pad `src_%u`. They match, are held back and are cut together.
 *
 * Of compressed video keyframes are decoded, and more on suspicion: see
 * #weir:decode. With #weir:hold-back the stream leaves later than it came, so
 * that a cut comes before what it is for.
 *
 * The element posts these element messages. Times are #guint64 nanoseconds,
 * `GST_CLOCK_TIME_NONE` when not known. Fields are only ever added.
 *
 * `weir-match`: the stream carries something known.
 *
 * * `stream-id` (string): the property.
 * * `match-id` (string): a UUID, the same in all messages of one match.
 * * `state` (string): `started`; `updated` (a stronger verdict, another
 *   medium, or five seconds went by); `ended`.
 * * `verdict` (string): `none` (shadow), `flag` or `cut`.
 * * `media` (string): `video`, `audio` or `both`: what spoke for it.
 * * `reference`, `family`, `list`, `label` (string): of the bank's record.
 * * `confidence` (#gdouble): probability that the match is true, 0 to 1.
 * * `evidence` (#gdouble): what it rests on: the natural logarithm of how much
 *   likelier the hits are if the match is true than if it is not.
 * * `hits` (#guint): frames and audio anchors that hit.
 * * `distance` (#gdouble): median Hamming distance of the frames that hit, 0
 *   to 31; -1 without any.
 * * `transform` (string): of the copy: `none`, or of `mirrored`, `bordered`
 *   (with a letterbox or the like), `inset` (within another picture),
 *   `cropped` and `rotated` those that hold, joined by plus signs.
 * * `speed` (#gdouble): of the stream relative to the reference.
 * * `timestamp`, `stream-time`, `running-time`, `duration` (#guint64): the
 *   matched span in this stream. In a container, timestamp and stream-time
 *   are the container's, running-time is that of the buffers that carry it.
 * * `reference-start` (#guint64): where that span starts in the reference.
 * * `decided-at` (#guint64): running time of the newest media that the
 *   decision had seen.
 * * `latency` (#guint64): wall clock from the arrival of the span's first
 *   buffer to this message.
 * * `bank-version` (string).
 *
 * `weir-cut`: the stream is cut.
 *
 * * `stream-id` (string).
 * * `match-id` (string): of the match that did it; empty for a person.
 * * `reason` (string): the label of what matched, or `known content` where it
 *   has none; what a person gave; why there is no decoder.
 * * `mode` (string): as the property #weir:on-cut.
 * * `running-time` (#guint64): of the first buffer that did not leave; where
 *   the buffers carry no times, of the newest media seen in them.
 *
 * `weir-status`: how well the analysis sees the stream.
 *
 * * `stream-id` (string).
 * * `state` (string): `active`; `degraded`: not all of it is seen, or there is
 *   no time to look at all of it; `blind`.
 * * `reason` (string): one line; empty when active. Of a container one video and
 *   one audio stream are looked at, of a transport stream one programme: what
 *   there is beside them is named, too. What fails to decode is begun anew: at
 *   once, and while nothing is seen after 1, 2, 4 and each 8 s of the stream.
 *   Elementary streams and FLV are taken up at their next keyframe, Matroska
 *   at its next cluster, MPEG-TS at any packet; other containers once they
 *   begin anew.
 * * `buffers`, `bytes`, `dropped`, `frames`, `landmarks`, `lookups`,
 *   `matches` (#guint64): counters, as in #weir:stats.
 *
 * `weir-bank`: the bank that is in use now. Said when it is opened, when its
 * files are replaced, and when what has replaced them is refused.
 *
 * * `version` (string): a digest of its content.
 * * `references` (#guint), `fingerprints` (#guint64): how many it holds.
 * * `age` (#guint64): since it was built.
 * * `source` (string): the path that was opened, or the address of the feed
 *   that the message is about.
 * * `error` (string): why what is there now is not in use, or which reference of
 *   it can only flag because it matches too many streams; empty otherwise. The
 *   fields above are of the bank that stays in use, or empty and 0.
 *
 * `weir-reference`: what became of a call of #GstWeir::make-reference.
 *
 * * `stream-id` (string).
 * * `reference`, `label` (string): of the record.
 * * `path` (string): of the bank that holds it; empty when there is none.
 * * `running-time`, `duration` (#guint64): the span asked for.
 * * `error` (string): why none was made; empty otherwise.
 *
 * ## Looking back
 *
 * A stream's fingerprints of the last ten minutes (#GstWeir:history) are kept,
 * so that references that come later are found in what it carried before, and
 * so that a person who sees what is in no bank yet can make a reference of it at
 * once (#GstWeir::make-reference). Matches of the past are told like others;
 * their times are when it was, and their latency is since then. It is done on a
 * thread of its own of low priority, for one element of a process at a time.
 *
 * ## Example launch lines
 * |[
 * gst-launch-1.0 -m rtmp2src location=rtmp://127.0.0.1/live/in ! weir bank=known.weir max-action=cut ! rtmp2sink location=rtmp://127.0.0.1/live/out sync=false
 * ]| A stream is relayed, and cut when it shows something of the bank. With
 * `hold-back=2700` nothing of it has left by then, where keyframes are 2 s apart.
 * |[
 * gst-launch-1.0 -m filesrc location=in.flv ! flvdemux name=d d.video ! queue ! w.sink_0 d.audio ! queue ! w.sink_1 weir name=w bank=known.weir sync-analysis=true w.src_0 ! queue ! fakesink w.src_1 ! queue ! fakesink
 * ]| Two streams of one session behind a demuxer, guarded together. A file runs
 * as fast as it is analysed, no faster.
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstweirprivate.h"

GST_DEBUG_CATEGORY (gst_weir_debug);
#define GST_CAT_DEFAULT gst_weir_debug

enum {
  SIGNAL_CUT,
  SIGNAL_RELEASE,
  SIGNAL_DISMISS,
  SIGNAL_MAKE_REFERENCE,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE (
    "sink_%u", GST_PAD_SINK, GST_PAD_REQUEST, GST_STATIC_CAPS_ANY);

static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE (
    "src_%u", GST_PAD_SRC, GST_PAD_SOMETIMES, GST_STATIC_CAPS_ANY);

#define gst_weir_parent_class parent_class
G_DEFINE_TYPE_WITH_CODE (GstWeir, gst_weir, GST_TYPE_ELEMENT,
    GST_DEBUG_CATEGORY_INIT (
        gst_weir_debug, "weir", 0, "recognises known content"));
GST_ELEMENT_REGISTER_DEFINE (weir, "weir", GST_RANK_NONE, GST_TYPE_WEIR);

static GstStateChangeReturn gst_weir_change_state (
    GstElement *element, GstStateChange transition);
static void gst_weir_cut (GstWeir *weir, const gchar *reason);
static void gst_weir_release (GstWeir *weir);
static gboolean gst_weir_dismiss (GstWeir *weir, const gchar *match_id);

/* ---- states ---- */

/* The streams there are, each a reference: pads come and go meanwhile. */
static GList *
ref_streams (GstWeir *weir)
{
  GList *streams, *link;

  GST_OBJECT_LOCK (weir);
  streams = g_list_copy (weir->streams);
  for (link = streams; link; link = link->next)
    g_atomic_int_inc (&((GstWeirStream *) link->data)->refs);
  GST_OBJECT_UNLOCK (weir);
  return streams;
}

static void
gst_weir_start (GstWeir *weir)
{
  GList *streams, *link;

  GST_OBJECT_LOCK (weir);
  g_atomic_int_set (&weir->cut, FALSE);
  g_clear_pointer (&weir->cut_match_id, g_free);
  g_clear_pointer (&weir->cut_reason, g_free);
  weir->counters = (WeirCounters){ 0 };
  weir->seen_until = GST_CLOCK_TIME_NONE;
  g_atomic_int_set (&weir->suspicious, FALSE);
  g_clear_pointer (&weir->status_state, g_free);
  g_clear_pointer (&weir->status_reason, g_free);
  for (link = weir->streams; link; link = link->next) {
    GstWeirStream *stream = link->data;

    stream->closed = stream->wait_keyframe = stream->too_large = FALSE;
    stream->sees = stream->ended = FALSE;
    g_clear_pointer (&stream->problem, g_free);
    gst_segment_init (&stream->segment, GST_FORMAT_UNDEFINED);
    gst_weir_follower_reset (stream->follower);
  }
  GST_OBJECT_UNLOCK (weir);

  gst_weir_start_history (weir);
  gst_weir_start_bank (weir);
  streams = ref_streams (weir);
  for (link = streams; link; link = link->next)
    gst_weir_stream_start_analysis (weir, link->data);
  g_list_free_full (streams, (GDestroyNotify) gst_weir_stream_unref);
}

static void
gst_weir_stop (GstWeir *weir)
{
  GList *streams = ref_streams (weir), *link;

  for (link = streams; link; link = link->next)
    gst_weir_stream_stop_analysis (link->data);
  g_list_free_full (streams, (GDestroyNotify) gst_weir_stream_unref);
  gst_weir_stop_bank (weir);
  gst_weir_stop_history (weir);
}

static GstStateChangeReturn
gst_weir_change_state (GstElement *element, GstStateChange transition)
{
  GstWeir *weir = GST_WEIR (element);
  GstStateChangeReturn result;

  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED)
    gst_weir_start (weir);
  result = GST_ELEMENT_CLASS (parent_class)->change_state (element, transition);
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY)
    gst_weir_stop (weir);
  return result;
}

/* ---- signals ---- */

static void
gst_weir_cut (GstWeir *weir, const gchar *reason)
{
  GST_INFO_OBJECT (weir, "cut by hand: %s", GST_STR_NULL (reason));
  gst_weir_close_gate (weir, NULL, reason);
}

static void
gst_weir_release (GstWeir *weir)
{
  GST_INFO_OBJECT (weir, "released by hand");
  g_mutex_lock (&weir->match_lock);
  if (weir->matcher)
    weir_matcher_release (weir->matcher);
  gst_weir_open_gate (weir);
  g_mutex_unlock (&weir->match_lock);
}

static gboolean
gst_weir_dismiss (GstWeir *weir, const gchar *match_id)
{
  gboolean dismissed = FALSE, cut_by_match;

  if (!match_id)
    return FALSE;
  g_mutex_lock (&weir->match_lock);
  if (weir->matcher)
    dismissed = weir_matcher_dismiss (weir->matcher, match_id, weir->matches);
  GST_OBJECT_LOCK (weir);
  cut_by_match = weir->cut && weir->cut_match_id;
  GST_OBJECT_UNLOCK (weir);
  if (dismissed && cut_by_match &&
      !weir_matcher_get_cutting_match (weir->matcher))
    gst_weir_open_gate (weir);
  gst_weir_tell_and_unlock (weir);
  return dismissed;
}

/* ---- object ---- */

static void
gst_weir_finalize (GObject *object)
{
  GstWeir *weir = GST_WEIR (object);

  g_list_free_full (weir->streams, (GDestroyNotify) gst_weir_stream_unref);
  g_clear_pointer (&weir->matcher, weir_matcher_free);
  g_clear_pointer (&weir->bank, weir_bank_unref);
  g_array_unref (weir->matches);
  g_queue_clear_full (&weir->untold, (GDestroyNotify) weir_event_free);
  g_queue_clear_full (&weir->statuses, (GDestroyNotify) weir_event_free);
  g_mutex_clear (&weir->match_lock);
  gst_weir_clear_properties (weir);
  g_free (weir->bank_problem);
  g_free (weir->status_state);
  g_free (weir->status_reason);
  g_free (weir->cut_match_id);
  g_free (weir->cut_reason);
  G_OBJECT_CLASS (parent_class)->finalize (object);
}

static void
gst_weir_init (GstWeir *weir)
{
  gst_weir_init_properties (weir);
  weir->matches = g_array_new (FALSE, FALSE, sizeof (WeirMatch));
  g_queue_init (&weir->untold);
  g_queue_init (&weir->statuses);
  g_mutex_init (&weir->match_lock);
}

static void
install_signals (GType type)
{
  /**
   * GstWeir::cut:
   * @weir: the element
   * @reason: one line, comes back in weir-cut
   *
   * Cuts the stream now, at the next buffer of each pad.
   */
  signals[SIGNAL_CUT] = g_signal_new_class_handler ("cut", type,
      G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION, G_CALLBACK (gst_weir_cut), NULL,
      NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);

  /**
   * GstWeir::release:
   * @weir: the element
   *
   * Lets a stream that was cut with on-cut=drop or blank go on, at the next keyframe of
   * each pad. What matches at this moment can only flag from now on. (Where an
   * end of stream or an error was sent, there is nothing to let go on.)
   */
  signals[SIGNAL_RELEASE] = g_signal_new_class_handler ("release", type,
      G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION, G_CALLBACK (gst_weir_release), NULL,
      NULL, NULL, G_TYPE_NONE, 0);

  /**
   * GstWeir::dismiss:
   * @weir: the element
   * @match_id: of a match that goes on
   *
   * Says that a match is wrong: it ends with verdict none, nothing of its
   * family is reported of this stream any more, and a cut that it caused is
   * released.
   *
   * Returns: whether there was such a match
   */
  signals[SIGNAL_DISMISS] = g_signal_new_class_handler ("dismiss", type,
      G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION, G_CALLBACK (gst_weir_dismiss), NULL,
      NULL, NULL, G_TYPE_BOOLEAN, 1, G_TYPE_STRING);
}

static void
install_make_reference (GType type)
{
  /**
   * GstWeir::make-reference:
   * @weir: the element
   * @start: of the span, running time in ns
   * @stop: its end
   * @label: what kind of content it is
   *
   * Makes a reference of what the stream carried from @start to @stop, of its
   * fingerprints in #GstWeir:history: a bank of this one reference, which takes
   * its place in the folder #GstWeir:candidates at once and whole. It is what
   * `weir bank build` would make of a recording, but for frames that were not
   * looked at, and with fewer parts of those that move fast. Its id and family
   * are a new UUID, its source is the stream-id, and nobody has reviewed it: it
   * can flag, and as soon as it is confirmed (`weir bank edit --opinion
   * confirmed`) cut.
   *
   * A #weir-reference message says the same. It may take some milliseconds.
   *
   * Returns: (transfer full) (nullable): the file's path; %NULL when none was
   * written, for the reason that the message says
   */
  signals[SIGNAL_MAKE_REFERENCE] = g_signal_new_class_handler ("make-reference",
      type, G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION,
      G_CALLBACK (gst_weir_make_reference), NULL, NULL, NULL, G_TYPE_STRING, 3,
      G_TYPE_UINT64, G_TYPE_UINT64, G_TYPE_STRING);
}

static void
gst_weir_class_init (GstWeirClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GstElementClass *element_class = GST_ELEMENT_CLASS (class);

  object_class->set_property = gst_weir_set_property;
  object_class->get_property = gst_weir_get_property;
  object_class->finalize = gst_weir_finalize;
  gst_weir_install_properties (object_class);
  install_signals (G_TYPE_FROM_CLASS (class));
  install_make_reference (G_TYPE_FROM_CLASS (class));

  element_class->request_new_pad = GST_DEBUG_FUNCPTR (gst_weir_request_new_pad);
  element_class->release_pad = GST_DEBUG_FUNCPTR (gst_weir_release_pad);
  element_class->change_state = GST_DEBUG_FUNCPTR (gst_weir_change_state);
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class, "Weir",
      "Filter/Analyzer",
      "Lets a live stream through and says when it carries known violent "
      "extremist content",
      "The Weir authors");
  /* What gst-inspect has no other place for. */
  gst_element_class_add_static_metadata (element_class, "pads",
      "what comes in at sink_%u leaves, untouched, at src_%u; all pairs of "
      "one element are one stream: they match and are cut together");
  gst_element_class_add_static_metadata (element_class, "actions",
      "cut (reason): cuts the stream now; release (): lets a stream cut with "
      "on-cut=drop or blank go on at the next keyframe, what matches now can "
      "only flag; "
      "dismiss (match-id): ends a wrong match, nothing of its family is "
      "reported of this stream any more; make-reference (start, stop, label): "
      "writes what the stream carried between two running times as a bank");
  gst_element_class_add_static_metadata (element_class, "messages",
      "weir-match, weir-cut, weir-status, weir-bank, weir-reference; their "
      "fields are at the "
      "head of gstweir.c");

  gst_type_mark_as_plugin_api (GST_TYPE_WEIR_ACTION, 0);
  gst_type_mark_as_plugin_api (GST_TYPE_WEIR_ON_CUT, 0);
  gst_type_mark_as_plugin_api (GST_TYPE_WEIR_DECODE, 0);
  gst_type_mark_as_plugin_api (GST_TYPE_WEIR_ON_UNSUPPORTED, 0);
}

void
gst_weir_set_print_func (
    GstWeir *weir, GstWeirPrintFunc func, gpointer user_data)
{
  weir->print_func = func;
  weir->print_data = user_data;
}
