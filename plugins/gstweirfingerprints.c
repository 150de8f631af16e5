/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From pictures and samples to fingerprints, and what is seen of a stream. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstweiranalysisprivate.h"

/* ---- what it sees ---- */

void
gst_weir_analysis_report_sight (GstWeirAnalysis *analysis)
{
  g_autoptr (GstElement) owner = g_weak_ref_get (&analysis->owner);

  if (owner)
    analysis->callbacks->sight (owner, analysis->stream, analysis->sees,
        analysis->problem ? analysis->problem
        : analysis->sees  ? analysis->beside
                          : NULL);
}

void
gst_weir_analysis_set_problem (GstWeirAnalysis *analysis, const gchar *reason)
{
  if (!analysis->stale && g_strcmp0 (analysis->problem, reason) == 0)
    return;
  g_free (analysis->problem);
  analysis->problem = g_strdup (reason);
  analysis->stale = FALSE;
  gst_weir_analysis_report_sight (analysis);
}

static void
set_sees (GstWeirAnalysis *analysis)
{
  if (analysis->sees)
    return;
  analysis->sees = TRUE;
  gst_weir_retry_reset (&analysis->retry);
  analysis->unseen = 0;
  if (analysis->stale)
    g_clear_pointer (&analysis->problem, g_free);
  gst_weir_analysis_report_sight (analysis);
}

/* A problem that is over as soon as something is seen. */
void
gst_weir_analysis_set_passing_problem (
    GstWeirAnalysis *analysis, const gchar *reason)
{
  gst_weir_analysis_set_problem (analysis, reason);
  analysis->stale = TRUE;
}

static void
on_problem (const gchar *reason, gpointer user_data)
{
  gst_weir_analysis_set_problem (user_data, reason);
}

static void
on_beside (const gchar *reason, gpointer user_data)
{
  GstWeirAnalysis *analysis = user_data;

  g_free (analysis->beside);
  analysis->beside = g_strdup (reason);
  gst_weir_analysis_report_sight (analysis);
}

/* ---- from frames to fingerprints ---- */

static WeirLuma
get_luma (const GstVideoFrame *frame)
{
  const GstVideoFormatInfo *format = frame->info.finfo;

  return (WeirLuma){
    .data = GST_VIDEO_FRAME_COMP_DATA (frame, 0),
    .stride = GST_VIDEO_FRAME_COMP_STRIDE (frame, 0),
    .pixel_stride = (guint) GST_VIDEO_FRAME_COMP_PSTRIDE (frame, 0),
    .width = (guint) GST_VIDEO_FRAME_WIDTH (frame),
    .height = (guint) GST_VIDEO_FRAME_HEIGHT (frame),
    .depth = GST_VIDEO_FORMAT_INFO_DEPTH (format, 0),
    .shift = GST_VIDEO_FORMAT_INFO_SHIFT (format, 0),
    .full_range = frame->info.colorimetry.range == GST_VIDEO_COLOR_RANGE_0_255,
  };
}

static void
on_video (
    const WeirStamp *stamp, const GstVideoFrame *picture, gpointer user_data)
{
  GstWeirAnalysis *analysis = user_data;
  g_autoptr (GstElement) owner = g_weak_ref_get (&analysis->owner);
  WeirLuma luma = get_luma (picture);
  WeirFrame frame;

  analysis->shows = TRUE;
  analysis->unseen_bytes = 0;
  if (!owner)
    return;
  if (!weir_frame_hasher_run (analysis->hasher, &luma, stamp->time, &frame)) {
    g_autofree gchar *reason =
        g_strdup_printf ("its pictures of %ux%u cannot be fingerprinted, "
                         "which takes from %ux%u to %ux%u",
            luma.width, luma.height, WEIR_PDQ_MIN_SIDE, WEIR_PDQ_MIN_SIDE,
            WEIR_PDQ_MAX_SIDE, WEIR_PDQ_MAX_SIDE);
    gst_weir_analysis_set_problem (analysis, reason);
    return;
  }
  set_sees (analysis);
  analysis->callbacks->video (owner, analysis->stream, stamp, &frame);
  weir_frame_hasher_keep (analysis->hasher, &frame);
}

static void
deliver_sound (GstWeirAnalysis *analysis)
{
  g_autoptr (GstElement) owner = g_weak_ref_get (&analysis->owner);

  if (owner)
    analysis->callbacks->audio (owner, analysis->stream, &analysis->newest,
        analysis->origin, analysis->sound, analysis->reference);
  weir_sound_consume (analysis->sound);
  if (analysis->reference)
    weir_sound_consume (analysis->reference);
}

static void
finish_sound (WeirLandmarkExtractor *extractor, WeirSound *sound)
{
  if (extractor)
    weir_landmark_extractor_finish (extractor, sound);
}

static void
reset_sound (WeirLandmarkExtractor *extractor, WeirSound *sound)
{
  if (!extractor)
    return;
  weir_landmark_extractor_reset (extractor);
  weir_sound_reset (sound);
}

void
gst_weir_analysis_end_sound (GstWeirAnalysis *analysis)
{
  g_autoptr (GstElement) owner = NULL;

  if (!analysis->has_origin)
    return;
  finish_sound (analysis->extractor, analysis->sound);
  finish_sound (analysis->reference_extractor, analysis->reference);
  deliver_sound (analysis);
  reset_sound (analysis->extractor, analysis->sound);
  reset_sound (analysis->reference_extractor, analysis->reference);
  analysis->has_origin = FALSE;
  owner = g_weak_ref_get (&analysis->owner);
  if (owner)
    analysis->callbacks->audio_restart (owner, analysis->stream);
}

static void
on_audio_end (gpointer user_data)
{
  gst_weir_analysis_end_sound (user_data);
}

static void
on_audio (const WeirStamp *stamp, const gfloat *samples, gsize n_samples,
    gboolean discont, gpointer user_data)
{
  GstWeirAnalysis *analysis = user_data;
  gint64 duration = (gint64) gst_util_uint64_scale (
      n_samples, GST_SECOND, GST_WEIR_DECODER_RATE);

  set_sees (analysis);
  if (!analysis->shows)
    analysis->unseen_bytes = 0;
  if (discont)
    gst_weir_analysis_end_sound (analysis);
  if (!analysis->has_origin) {
    analysis->has_origin = TRUE;
    analysis->origin = stamp->time;
  }
  analysis->newest = weir_stamp_shift (stamp, -duration);
  /* Samples arrive with their buffer, not after it. */
  analysis->newest.arrival = stamp->arrival;
  if (analysis->reference)
    weir_landmark_extractor_push_both (analysis->extractor,
        analysis->reference_extractor, samples, n_samples, analysis->sound,
        analysis->reference);
  else
    weir_landmark_extractor_push (
        analysis->extractor, samples, n_samples, analysis->sound);
  deliver_sound (analysis);
}

static void
on_unsupported (const gchar *reason, gpointer user_data)
{
  GstWeirAnalysis *analysis = user_data;
  g_autoptr (GstElement) owner = g_weak_ref_get (&analysis->owner);

  gst_weir_analysis_set_problem (analysis, reason);
  if (owner)
    analysis->callbacks->unsupported (owner, reason);
}

static GstWeirEffort
get_effort (gpointer user_data)
{
  GstWeirAnalysis *analysis = user_data;

  return analysis->effort;
}

static gboolean
is_suspicious (gpointer user_data)
{
  GstWeirAnalysis *analysis = user_data;
  g_autoptr (GstElement) owner = g_weak_ref_get (&analysis->owner);

  return owner && analysis->callbacks->is_suspicious (owner);
}

static void
ask_keyframe (gpointer user_data)
{
  GstWeirAnalysis *analysis = user_data;
  g_autoptr (GstElement) owner = g_weak_ref_get (&analysis->owner);

  if (owner)
    analysis->callbacks->ask_keyframe (owner, analysis->stream);
}

const GstWeirDecoderCallbacks gst_weir_analysis_decoder_callbacks = {
  .video = on_video,
  .audio = on_audio,
  .audio_end = on_audio_end,
  .problem = on_problem,
  .beside = on_beside,
  .unsupported = on_unsupported,
  .get_effort = get_effort,
  .is_suspicious = is_suspicious,
  .ask_keyframe = ask_keyframe,
};
