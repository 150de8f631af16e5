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
 * * `reason` (string): one line; empty when active. What fails to decode is
 *   begun anew: at once, and while nothing is seen after 1, 2, 4 and each 8 s
 *   of the stream. Elementary streams and FLV are taken up at their next
 *   keyframe, MPEG-TS at any packet; other containers once they begin anew.
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

#define DEFAULT_MAX_ACTION    WEIR_ACTION_FLAG
#define DEFAULT_ON_CUT        GST_WEIR_ON_CUT_EOS
#define DEFAULT_SYNC_ANALYSIS FALSE
#define DEFAULT_HISTORY       600
#define DEFAULT_HOLD_BACK     0
#define DEFAULT_DECODE        GST_WEIR_DECODE_AUTO
#define DEFAULT_UNSUPPORTED   GST_WEIR_ON_UNSUPPORTED_PASS
#define HOLD_BACK_MAX         60000 /* ms */

enum {
  PROP_0,
  PROP_STREAM_ID,
  PROP_BANK,
  PROP_FEED,
  PROP_FEED_KEY,
  PROP_CACHE_DIR,
  PROP_MAX_ACTION,
  PROP_ON_CUT,
  PROP_ON_UNSUPPORTED,
  PROP_HOLD_BACK,
  PROP_DECODE,
  PROP_SYNC_ANALYSIS,
  PROP_HISTORY,
  PROP_CANDIDATES,
  PROP_STATS,
};

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

static void
gst_weir_start (GstWeir *weir)
{
  GList *link;

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
  }
  GST_OBJECT_UNLOCK (weir);

  gst_weir_start_history (weir);
  gst_weir_start_bank (weir);
  for (link = weir->streams; link; link = link->next)
    gst_weir_stream_start_analysis (weir, link->data);
}

static void
gst_weir_stop (GstWeir *weir)
{
  GList *link;

  for (link = weir->streams; link; link = link->next)
    gst_weir_stream_stop_analysis (link->data);
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

static GstStructure *
get_stats (GstWeir *weir)
{
  WeirCounters counters;

  GST_OBJECT_LOCK (weir);
  counters = weir->counters;
  GST_OBJECT_UNLOCK (weir);

  return gst_structure_new ("weir-stats", "buffers", G_TYPE_UINT64,
      counters.buffers, "bytes", G_TYPE_UINT64, counters.bytes, "dropped",
      G_TYPE_UINT64, counters.dropped, "frames", G_TYPE_UINT64, counters.frames,
      "landmarks", G_TYPE_UINT64, counters.landmarks, "lookups", G_TYPE_UINT64,
      counters.lookups, "matches", G_TYPE_UINT64, counters.matches, NULL);
}

/* Called with the object lock. The text of a property that is one; NULL: it is
 * none of these. */
static gchar **
get_feed_text (GstWeir *weir, guint id)
{
  switch (id) {
    case PROP_FEED:
      return &weir->feed_urls;
    case PROP_FEED_KEY:
      return &weir->feed_keys;
    case PROP_CACHE_DIR:
      return &weir->cache_dir;
    default:
      return NULL;
  }
}

static void
gst_weir_set_property (
    GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  GstWeir *weir = GST_WEIR (object);

  switch (id) {
    case PROP_STREAM_ID:
      GST_OBJECT_LOCK (weir);
      g_free (weir->stream_id);
      weir->stream_id = g_value_get_string (value) ? g_value_dup_string (value)
                                                   : g_uuid_string_random ();
      GST_OBJECT_UNLOCK (weir);
      break;
    case PROP_BANK:
      gst_weir_set_bank_path (weir, g_value_get_string (value));
      break;
    case PROP_FEED:
    case PROP_FEED_KEY:
    case PROP_CACHE_DIR:
      GST_OBJECT_LOCK (weir);
      g_free (*get_feed_text (weir, id));
      *get_feed_text (weir, id) = g_value_dup_string (value);
      GST_OBJECT_UNLOCK (weir);
      break;
    case PROP_MAX_ACTION:
      g_mutex_lock (&weir->match_lock);
      GST_OBJECT_LOCK (weir);
      weir->max_action = (WeirAction) g_value_get_enum (value);
      GST_OBJECT_UNLOCK (weir);
      if (weir->matcher)
        weir_matcher_set_max_action (weir->matcher, weir->max_action);
      g_mutex_unlock (&weir->match_lock);
      break;
    case PROP_ON_CUT:
      GST_OBJECT_LOCK (weir);
      weir->on_cut = (GstWeirOnCut) g_value_get_enum (value);
      GST_OBJECT_UNLOCK (weir);
      break;
    case PROP_ON_UNSUPPORTED:
      GST_OBJECT_LOCK (weir);
      weir->on_unsupported = (GstWeirOnUnsupported) g_value_get_enum (value);
      GST_OBJECT_UNLOCK (weir);
      break;
    case PROP_DECODE:
      GST_OBJECT_LOCK (weir);
      weir->decode = (GstWeirDecode) g_value_get_enum (value);
      GST_OBJECT_UNLOCK (weir);
      break;
    case PROP_HOLD_BACK:
      GST_OBJECT_LOCK (weir);
      weir->hold_back = g_value_get_uint (value);
      GST_OBJECT_UNLOCK (weir);
      break;
    case PROP_SYNC_ANALYSIS:
      GST_OBJECT_LOCK (weir);
      weir->sync_analysis = g_value_get_boolean (value);
      GST_OBJECT_UNLOCK (weir);
      break;
    case PROP_HISTORY:
      GST_OBJECT_LOCK (weir);
      weir->history_length = g_value_get_uint (value);
      GST_OBJECT_UNLOCK (weir);
      break;
    case PROP_CANDIDATES:
      GST_OBJECT_LOCK (weir);
      g_free (weir->candidates);
      weir->candidates = g_value_dup_string (value);
      GST_OBJECT_UNLOCK (weir);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
      break;
  }
}

static void
gst_weir_get_property (
    GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  GstWeir *weir = GST_WEIR (object);

  if (id == PROP_STATS) {
    g_value_take_boxed (value, get_stats (weir));
    return;
  }
  GST_OBJECT_LOCK (weir);
  switch (id) {
    case PROP_STREAM_ID:
      g_value_set_string (value, weir->stream_id);
      break;
    case PROP_BANK:
      g_value_set_string (value, weir->bank_path);
      break;
    case PROP_FEED:
    case PROP_FEED_KEY:
    case PROP_CACHE_DIR:
      g_value_set_string (value, *get_feed_text (weir, id));
      break;
    case PROP_MAX_ACTION:
      g_value_set_enum (value, weir->max_action);
      break;
    case PROP_ON_CUT:
      g_value_set_enum (value, weir->on_cut);
      break;
    case PROP_ON_UNSUPPORTED:
      g_value_set_enum (value, weir->on_unsupported);
      break;
    case PROP_DECODE:
      g_value_set_enum (value, weir->decode);
      break;
    case PROP_HOLD_BACK:
      g_value_set_uint (value, weir->hold_back);
      break;
    case PROP_SYNC_ANALYSIS:
      g_value_set_boolean (value, weir->sync_analysis);
      break;
    case PROP_HISTORY:
      g_value_set_uint (value, weir->history_length);
      break;
    case PROP_CANDIDATES:
      g_value_set_string (value, weir->candidates);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
      break;
  }
  GST_OBJECT_UNLOCK (weir);
}

static void
gst_weir_finalize (GObject *object)
{
  GstWeir *weir = GST_WEIR (object);

  g_list_free_full (weir->streams, (GDestroyNotify) gst_weir_stream_free);
  g_clear_pointer (&weir->matcher, weir_matcher_free);
  g_clear_pointer (&weir->bank, weir_bank_unref);
  g_array_unref (weir->matches);
  g_mutex_clear (&weir->match_lock);
  g_free (weir->stream_id);
  g_free (weir->bank_path);
  g_free (weir->candidates);
  g_free (weir->feed_urls);
  g_free (weir->feed_keys);
  g_free (weir->cache_dir);
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
  weir->stream_id = g_uuid_string_random ();
  weir->max_action = DEFAULT_MAX_ACTION;
  weir->on_cut = DEFAULT_ON_CUT;
  weir->sync_analysis = DEFAULT_SYNC_ANALYSIS;
  weir->history_length = DEFAULT_HISTORY;
  weir->hold_back = DEFAULT_HOLD_BACK;
  weir->decode = DEFAULT_DECODE;
  weir->on_unsupported = DEFAULT_UNSUPPORTED;
  weir->matches = g_array_new (FALSE, FALSE, sizeof (WeirMatch));
  g_mutex_init (&weir->match_lock);
}

static void
install_properties (GObjectClass *class)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  /**
   * GstWeir:stream-id:
   *
   * The stream's name in messages. Opaque: never the stream key.
   *
   * Since: 0.1
   */
  g_object_class_install_property (class, PROP_STREAM_ID,
      g_param_spec_string ("stream-id", "Stream id",
          "Opaque name of the stream in messages, never its key "
          "(default: a random UUID)",
          NULL, flags | GST_PARAM_MUTABLE_READY));

  /**
   * GstWeir:bank:
   *
   * The bank to look up in, a file or a folder, or several separated by commas.
   * Files that are replaced are picked up while the stream runs: what cannot be
   * opened is said, and the bank before stays in use. Evidence and matches go
   * on with the references that the new bank has, too; a cut stays until it is
   * released. Without a bank the stream passes and is not looked at.
   *
   * Of a container whose header passed before there was a bank, nothing may be
   * seen.
   *
   * Since: 0.1
   */
  g_object_class_install_property (class, PROP_BANK,
      g_param_spec_string ("bank", "Bank",
          "Path of the bank, a file or a folder, or several separated by "
          "commas; files that are replaced are picked up",
          NULL, flags | GST_PARAM_MUTABLE_PLAYING));

  /**
   * GstWeir:feed:
   *
   * A bank that is kept up to date over HTTPS: the address of its list, or of
   * several, separated by commas, the one that is polled the fastest last. One
   * process of the host asks for all. When it cannot be asked, the bank it
   * brought last stays in use, and a #weir-bank message says why; when that has
   * expired, it can only flag. Beside the bank of #GstWeir:bank.
   *
   * Since: 0.1
   */
  g_object_class_install_property (class, PROP_FEED,
      g_param_spec_string ("feed", "Feed",
          "Address of a signed list to keep up to date, https://.../LIST, or "
          "several separated by commas; needs feed-key and cache-dir",
          NULL, flags | GST_PARAM_MUTABLE_READY));

  /**
   * GstWeir:feed-key:
   *
   * The public key of minisign that the feed must be signed with, or a file of
   * one; or several separated by commas, with N/ before them when N must sign.
   *
   * Since: 0.1
   */
  g_object_class_install_property (class, PROP_FEED_KEY,
      g_param_spec_string ("feed-key", "Feed key",
          "Public key that must sign the feed, or the path of a file of one; "
          "N/KEY,KEY,... when N of several must",
          NULL, flags | GST_PARAM_MUTABLE_READY));

  /**
   * GstWeir:cache-dir:
   *
   * A folder where what the feed brings is kept, to be shared by all that use
   * it on this host.
   *
   * Since: 0.1
   */
  g_object_class_install_property (class, PROP_CACHE_DIR,
      g_param_spec_string ("cache-dir", "Cache directory",
          "Folder where the files of feeds are kept", NULL,
          flags | GST_PARAM_MUTABLE_READY));

  /**
   * GstWeir:max-action:
   *
   * The strongest verdict that this stream may get. A reference of the bank
   * may allow less.
   *
   * Since: 0.1
   */
  g_object_class_install_property (class, PROP_MAX_ACTION,
      g_param_spec_enum ("max-action", "Maximum action",
          "The strongest verdict that this stream may get",
          GST_TYPE_WEIR_ACTION, DEFAULT_MAX_ACTION,
          flags | GST_PARAM_MUTABLE_PLAYING));

  /**
   * GstWeir:on-cut:
   *
   * What a cut does. `drop` is for elementary and raw streams: what is missing
   * from a container confuses what comes behind. `blank` is for raw video and
   * sound, whose times stay as they are; what else there is it drops.
   *
   * Since: 0.1
   */
  g_object_class_install_property (class, PROP_ON_CUT,
      g_param_spec_enum ("on-cut", "On cut",
          "What happens to the stream when it is cut", GST_TYPE_WEIR_ON_CUT,
          DEFAULT_ON_CUT, flags | GST_PARAM_MUTABLE_READY));

  /**
   * GstWeir:on-unsupported:
   *
   * What happens to the stream when there is no decoder for its picture or
   * sound, so that it cannot be told what it carries. A #weir-status message
   * names the codec in any case; a cut is one by a person, with that as its
   * reason.
   *
   * Since: 0.1
   */
  g_object_class_install_property (class, PROP_ON_UNSUPPORTED,
      g_param_spec_enum ("on-unsupported", "On unsupported",
          "What happens to a stream that there is no decoder for",
          GST_TYPE_WEIR_ON_UNSUPPORTED, DEFAULT_UNSUPPORTED,
          flags | GST_PARAM_MUTABLE_READY));

  /**
   * GstWeir:decode:
   *
   * What of compressed video is decoded; sound always is. With `auto`
   * keyframes are, and on the first hit of picture or sound what came since
   * the last keyframe and all that follows, until nothing hits any more. One
   * group of pictures in eight, chosen at random, is decoded whole in any
   * case. When there is no keyframe for two seconds, the element asks upstream
   * for one and decodes everything until it comes. `all` decides sooner, and
   * takes as much CPU as any decoder.
   *
   * When there is not CPU enough, less is done in this order, and a
   * #weir-status message `degraded` says so: pictures are looked at whole, not
   * in parts; then keyframes and sound alone are looked at.
   *
   * Since: 0.1
   */
  g_object_class_install_property (class, PROP_DECODE,
      g_param_spec_enum ("decode", "Decode",
          "What of compressed video is decoded", GST_TYPE_WEIR_DECODE,
          DEFAULT_DECODE, flags | GST_PARAM_MUTABLE_READY));

  /**
   * GstWeir:hold-back:
   *
   * How much later the stream leaves than it came, in milliseconds, so that a
   * cut comes before what it is for: with a keyframe interval and 0.7 s more,
   * nothing of the matched span leaves. The element says so in the answer to a
   * latency query; sinks that are synchronised wait by as much. All streams of
   * the element are held, and on a cut what is held does not leave.
   *
   * A live stream is held on the pipeline's clock, one that is not live until
   * as much of it has come in. Of raw video no more than 64 MiB are held.
   *
   * Since: 0.1
   */
  g_object_class_install_property (class, PROP_HOLD_BACK,
      g_param_spec_uint ("hold-back", "Hold back",
          "How much later the stream leaves, so that a cut comes before what "
          "it is for (ms)",
          0, HOLD_BACK_MAX, DEFAULT_HOLD_BACK,
          flags | GST_PARAM_MUTABLE_READY));

  /**
   * GstWeir:sync-analysis:
   *
   * Analyse in the streaming thread: each buffer leaves when it has been
   * looked at. Deterministic, for tests and files; it slows the stream down to
   * what the analysis can do.
   *
   * Since: 0.1
   */
  g_object_class_install_property (class, PROP_SYNC_ANALYSIS,
      g_param_spec_boolean ("sync-analysis", "Synchronous analysis",
          "The stream waits for its analysis: for tests and files, not for "
          "live streams",
          DEFAULT_SYNC_ANALYSIS, flags | GST_PARAM_MUTABLE_READY));

  /**
   * GstWeir:history:
   *
   * For how long the stream's fingerprints are kept in memory, in seconds; 0:
   * not at all. There is no media among them, and what is older is gone.
   *
   * When the bank changes, what is new in it is matched against them: what the
   * stream carried before is found, too, as a match in the past. One that still
   * goes on is a match like any other, and may cut. One that is over has started
   * and ended at once, and can only flag, whatever the record says: a cut would
   * hit something else by now.
   *
   * It needs at most 10.5 kB a second, 6.3 MB for ten minutes. Of several streams
   * of one session it is of the first that shows and the first that plays
   * something.
   *
   * Since: 0.1
   */
  g_object_class_install_property (class, PROP_HISTORY,
      g_param_spec_uint ("history", "History",
          "For how many seconds the stream's fingerprints are kept in memory, "
          "to be matched when the bank changes and to make references of; 0: "
          "not at all",
          0, WEIR_HISTORY_MAX_LENGTH, DEFAULT_HISTORY,
          flags | GST_PARAM_MUTABLE_READY));

  /**
   * GstWeir:candidates:
   *
   * The folder that #GstWeir::make-reference writes to.
   *
   * Since: 0.1
   */
  g_object_class_install_property (class, PROP_CANDIDATES,
      g_param_spec_string ("candidates", "Candidates",
          "Path of the folder that make-reference writes to", NULL,
          flags | GST_PARAM_MUTABLE_PLAYING));

  /**
   * GstWeir:stats:
   *
   * `weir-stats` with, all #guint64: `buffers` and `bytes` that came in;
   * `dropped`, copies that the analysis did not take; `frames` fingerprinted;
   * `landmarks` of the sound; `lookups` in the bank; `matches` started.
   *
   * Since: 0.1
   */
  g_object_class_install_property (class, PROP_STATS,
      g_param_spec_boxed ("stats", "Statistics",
          "Counters: buffers, bytes, dropped, frames, landmarks, lookups, "
          "matches (all guint64)",
          GST_TYPE_STRUCTURE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
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
  install_properties (object_class);
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
