/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The properties of the element: what they mean, and where they are kept. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstweirprivate.h"

#define DEFAULT_MAX_ACTION    WEIR_ACTION_FLAG
#define DEFAULT_ON_CUT        GST_WEIR_ON_CUT_EOS
#define DEFAULT_SYNC_ANALYSIS FALSE
#define DEFAULT_HISTORY       600
#define DEFAULT_HOLD_BACK     0
#define DEFAULT_DECODE        GST_WEIR_DECODE_AUTO
#define DEFAULT_UNSUPPORTED   GST_WEIR_ON_UNSUPPORTED_PASS
#define DEFAULT_SAMPLE_GOPS   16
#define SAMPLE_GOPS_MAX       10000
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
  PROP_SAMPLE_GOPS,
  PROP_SYNC_ANALYSIS,
  PROP_HISTORY,
  PROP_CANDIDATES,
  PROP_STATS,
};

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

void
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
    case PROP_SAMPLE_GOPS:
      GST_OBJECT_LOCK (weir);
      weir->sample_gops = g_value_get_uint (value);
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

void
gst_weir_get_property (
    GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  GstWeir *weir = GST_WEIR (object);

  if (id == PROP_STATS) {
    g_value_take_boxed (value, gst_weir_get_stats (weir));
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
    case PROP_SAMPLE_GOPS:
      g_value_set_uint (value, weir->sample_gops);
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

void
gst_weir_init_properties (GstWeir *weir)
{
  weir->stream_id = g_uuid_string_random ();
  weir->max_action = DEFAULT_MAX_ACTION;
  weir->on_cut = DEFAULT_ON_CUT;
  weir->sync_analysis = DEFAULT_SYNC_ANALYSIS;
  weir->history_length = DEFAULT_HISTORY;
  weir->hold_back = DEFAULT_HOLD_BACK;
  weir->decode = DEFAULT_DECODE;
  weir->sample_gops = DEFAULT_SAMPLE_GOPS;
  weir->on_unsupported = DEFAULT_UNSUPPORTED;
}

void
gst_weir_clear_properties (GstWeir *weir)
{
  g_free (weir->stream_id);
  g_free (weir->bank_path);
  g_free (weir->candidates);
  g_free (weir->feed_urls);
  g_free (weir->feed_keys);
  g_free (weir->cache_dir);
}

void
gst_weir_install_properties (GObjectClass *class)
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
   * released. Without a bank the stream passes and is not looked at; of what
   * begins before there is one FLV is seen from its next keyframe on, Matroska
   * from its next cluster; other containers but MPEG-TS may not be.
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
   * the last keyframe and all that follows, until nothing hits any more; and
   * some groups of pictures by chance (#GstWeir:sample-gops). When there is no
   * keyframe for two seconds, the element asks upstream for one and decodes
   * everything until it comes. `all` decides sooner, and takes as much CPU as
   * any decoder.
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
   * GstWeir:sample-gops:
   *
   * With #GstWeir:decode `auto`, one group of pictures in so many, chosen by
   * chance, is decoded behind its keyframe, too, as soon as it has ended, up to
   * a picture that is chosen by chance as well; 0: none. So what is shown
   * between clean keyframes alone comes up: with 16 groups of 2 s, in one stream
   * of two within 22 s, in 95 of 100 within 94 s; in fewer groups, in proportion;
   * where it fills but the last part of each group, in proportion as much later,
   * for as much less that it shows. (Its sound has no keyframes, and is all
   * decoded anyway.) It costs half a full decode divided by the number: 16 take
   * 3 % of it.
   *
   * Since: 0.1
   */
  g_object_class_install_property (class, PROP_SAMPLE_GOPS,
      g_param_spec_uint ("sample-gops", "Sample groups of pictures",
          "With decode=auto, one group of pictures in so many, by chance, is "
          "decoded behind its keyframe, too; 0: none",
          0, SAMPLE_GOPS_MAX, DEFAULT_SAMPLE_GOPS,
          flags | GST_PARAM_MUTABLE_READY));

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
   * It needs at most 15.5 kB a second, 9.3 MB for ten minutes. Of several streams
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
   * `landmarks` of the sound; `lookups` in the bank; `matches` started;
   * `waiting`, what came in and the analysis has not done yet.
   *
   * Since: 0.1
   */
  g_object_class_install_property (class, PROP_STATS,
      g_param_spec_boxed ("stats", "Statistics",
          "Counters: buffers, bytes, dropped, frames, landmarks, lookups, "
          "matches, waiting (all guint64)",
          GST_TYPE_STRUCTURE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
}
