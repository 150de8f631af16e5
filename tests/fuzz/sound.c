/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Raw sound of any form, in buffers of any size, with gaps and jumps, through
 * the decoder into fingerprints, both a reference's and a query's.
 *
 * Input: 5 bytes say format, channels, rate and what is done with the times of
 * buffers; then each operation is a byte that says what, one for how much, and
 * for samples as they are as many bytes as they take.
 *
 * The fingerprints are libraries of their own: for the fuzzer to see them, set
 * the build up with -Db_sanitize=address,undefined and
 * -Dc_args=-fsanitize=fuzzer-no-link too; and run it with -max_len=512, since
 * long inputs are slow.
 */
#include "fingerprint/landmark.h"
#include "fingerprint/patch.h"
#include "fingerprint/spectrum.h"
#include "gstweirdecoder.h"

#include <gst/audio/audio.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* Of the element, which is not linked. */
GST_DEBUG_CATEGORY (gst_weir_debug);

#define MAX_CHANNELS   8
#define MIN_RATE       8000
#define MAX_RATE       384000
#define MAX_OPERATIONS 64

/* Bytes of sound that one input may amount to. */
#define MAX_BYTES (1u << 21)

typedef enum {
  FILL_RAW, /* bytes of the input, whatever they mean */
  FILL_NOT_A_NUMBER,
  FILL_INFINITY,
  FILL_FULL_SCALE, /* up and down by turns */
  FILL_SILENCE,
  FILL_NOISE,
  GAP,   /* time passes without a buffer */
  JUMP,  /* likewise, back */
  FLUSH, /* a seek */
  N_OPERATIONS,
} Operation;

typedef struct {
  const guint8 *data;
  gsize size;
} Input;

typedef struct {
  WeirLandmarkExtractor *extractors[2]; /* by WeirLandmarkUse */
  WeirSound *sounds[2];
  guint32 n_rows; /* of the query, when last looked at */
} Listener;

typedef struct {
  GstWeirDecoder *decoder;
  GstAudioInfo info;
  gboolean has_times;
  GstClockTime now;
  gsize n_bytes;
  guint32 noise;
} Stream;

static guint
take (Input *input)
{
  if (input->size == 0)
    return 0;
  input->size--;
  return *input->data++;
}

/* ---- what comes out ---- */

static void
check_reference (const WeirSound *sound)
{
  for (guint i = 0; i < sound->steps->len; i++)
    for (guint j = 0; j < 2 * WEIR_SOUND_ROW_PEAKS; j++) {
      guint8 bin = g_array_index (sound->steps, WeirSoundStep, i).peaks[j];

      g_assert_true (bin < WEIR_SPECTRUM_N_BINS || bin == WEIR_SOUND_NO_PEAK);
    }
  for (guint i = 0; i < sound->landmarks->len; i++) {
    guint32 pair = g_array_index (sound->landmarks, WeirLandmark, i).key >>
                   WEIR_LANDMARK_BEFORE_BITS;

    g_assert_cmpuint (pair >> 13, <, WEIR_SPECTRUM_N_BINS / 3);
    g_assert_cmpuint (pair >> 6 & 127, <=, 72);
    g_assert_cmpuint (pair & 63, >=, 2);
  }
  for (guint i = 0; i < sound->patches->len; i++) {
    guint32 key = g_array_index (sound->patches, WeirLandmark, i).key;

    g_assert_true (weir_patch_is_key (key));
    g_assert_cmpuint (key & ((1u << WEIR_PATCH_KEY_ZERO) - 1), ==, 0);
  }
}

static void
check_query (const WeirSound *sound)
{
  for (guint i = 0; i < sound->bands->len; i++)
    for (guint j = 0; j < WEIR_SOUND_N_BANDS; j++)
      g_assert_true (
          isfinite (g_array_index (sound->bands, WeirSoundBands, i).levels[j]));
  for (guint i = 0; i < sound->peaks->len; i++) {
    const WeirSoundPeak *peak = &g_array_index (sound->peaks, WeirSoundPeak, i);

    g_assert_true (peak->bin >= 0 && peak->bin < WEIR_SPECTRUM_N_BINS);
    g_assert_true (peak->is_wide == FALSE || peak->is_wide == TRUE);
    g_assert_cmpuint (peak->row, <, sound->n_rows);
  }
  for (guint i = 0; i < sound->pairs->len; i++) {
    const WeirPair *pair = &g_array_index (sound->pairs, WeirPair, i);

    g_assert_true (isfinite (pair->bin_step) && isfinite (pair->row_step));
    g_assert_cmpuint (pair->n_before, <=, WEIR_PAIR_MAX_BEFORE);
  }
}

static void
check (Listener *listener)
{
  g_assert_cmpuint (listener->sounds[1]->n_rows, >=, listener->n_rows);
  listener->n_rows = listener->sounds[1]->n_rows;
  check_reference (listener->sounds[0]);
  check_query (listener->sounds[1]);
  weir_sound_consume (listener->sounds[0]);
  weir_sound_consume (listener->sounds[1]);
}

static void
on_audio_end (gpointer user_data)
{
  Listener *listener = user_data;

  for (guint i = 0; i < 2; i++)
    weir_landmark_extractor_finish (
        listener->extractors[i], listener->sounds[i]);
  check (listener);
  for (guint i = 0; i < 2; i++) {
    weir_landmark_extractor_reset (listener->extractors[i]);
    weir_sound_reset (listener->sounds[i]);
  }
  listener->n_rows = 0;
}

static void
on_audio (const WeirStamp *stamp, const gfloat *samples, gsize n_samples,
    gboolean discont, gpointer user_data)
{
  Listener *listener = user_data;

  if (discont)
    on_audio_end (listener);
  for (guint i = 0; i < 2; i++)
    weir_landmark_extractor_push (
        listener->extractors[i], samples, n_samples, listener->sounds[i]);
  check (listener);
}

static void
on_video (
    const WeirStamp *stamp, const GstVideoFrame *frame, gpointer user_data)
{
  g_assert_not_reached ();
}

static void
on_problem (const gchar *reason, gpointer user_data)
{
  g_assert_null (strchr (reason, '\n'));
}

static void
on_beside (const gchar *reason, gpointer user_data)
{
  g_assert_true (!reason || !strchr (reason, '\n'));
}

/* ---- what goes in ---- */

/* Formats are numbered from unknown and encoded on. */
static GstAudioFormat
choose_format (guint byte)
{
  const guint first = GST_AUDIO_FORMAT_S8;
  const guint n_formats = GST_AUDIO_FORMAT_F64BE - first + 1;

  return (GstAudioFormat) (first + byte % n_formats);
}

/* Common rates, and any. */
static gint
choose_rate (guint low, guint high)
{
  static const gint rates[] = { 8000, 11025, 16000, 22050, 44100, 48000, 96000,
    192000, 384000 };
  guint any = high << 8 | low;

  if (high < G_N_ELEMENTS (rates))
    return rates[high];
  return MIN_RATE + (gint) (any * (guint64) (MAX_RATE - MIN_RATE) / 0xffff);
}

static void
push_segment (Stream *stream)
{
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_weir_decoder_push_event (
      stream->decoder, gst_event_new_segment (&segment));
}

static void
begin (Stream *stream, Input *input)
{
  GstAudioFormat format = choose_format (take (input));
  gint n_channels = 1 + (gint) (take (input) % MAX_CHANNELS);
  guint low = take (input), high = take (input);
  g_autoptr (GstCaps) caps = NULL;

  gst_audio_info_set_format (
      &stream->info, format, choose_rate (low, high), n_channels, NULL);
  stream->has_times = take (input) % 2 == 0;
  stream->noise = 1;
  caps = gst_audio_info_to_caps (&stream->info);
  gst_weir_decoder_push_event (
      stream->decoder, gst_event_new_stream_start ("fuzz"));
  gst_weir_decoder_push_event (stream->decoder, gst_event_new_caps (caps));
  push_segment (stream);
}

static guint8
next_noise (Stream *stream)
{
  stream->noise = stream->noise * 1664525u + 1013904223u;

  return (guint8) (stream->noise >> 24);
}

/* Samples that say the same in floats of either width, and the extremes of
 * whole numbers. */
static void
fill (Stream *stream, Operation operation, guint8 *bytes, gsize n_bytes)
{
  gsize width = (gsize) GST_AUDIO_INFO_WIDTH (&stream->info) / 8;
  gboolean is_big = GST_AUDIO_INFO_ENDIANNESS (&stream->info) == G_BIG_ENDIAN;

  if (operation == FILL_SILENCE) {
    gst_audio_format_info_fill_silence (stream->info.finfo, bytes, n_bytes);
    return;
  }
  for (gsize i = 0; i < n_bytes; i++) {
    gsize place = is_big ? width - 1 - i % width : i % width;
    gboolean is_top = place == width - 1;
    gboolean is_next = place + 2 == width;

    if (operation == FILL_NOISE)
      bytes[i] = next_noise (stream);
    else if (operation == FILL_NOT_A_NUMBER)
      bytes[i] = is_top ? 0x7f : 0xff;
    else if (operation == FILL_INFINITY)
      bytes[i] = is_top ? 0x7f : is_next ? (width == 8 ? 0xf0 : 0x80) : 0;
    else
      bytes[i] = i / width % 2 ? (is_top ? 0x80 : 0) : (is_top ? 0x7f : 0xff);
  }
}

/* As many frames as @length says: each one up to 32, then ever more. */
static void
push_samples (Stream *stream, Operation operation, guint length, Input *input)
{
  gsize n_frames = length <= 32 ? MAX (length, 1) : (gsize) length * length / 4;
  gsize n_bytes = n_frames * (gsize) GST_AUDIO_INFO_BPF (&stream->info);
  GstBuffer *buffer;
  GstMapInfo map;

  if (operation == FILL_RAW)
    n_bytes = MIN (n_bytes, input->size);
  n_bytes -= n_bytes % (gsize) GST_AUDIO_INFO_BPF (&stream->info);
  n_frames = n_bytes / (gsize) GST_AUDIO_INFO_BPF (&stream->info);
  if (stream->n_bytes + n_bytes > MAX_BYTES)
    return;
  stream->n_bytes += n_bytes;
  buffer = gst_buffer_new_allocate (NULL, n_bytes, NULL);
  if (gst_buffer_map (buffer, &map, GST_MAP_WRITE)) {
    if (operation != FILL_RAW)
      fill (stream, operation, map.data, map.size);
    else if (n_bytes > 0)
      memcpy (map.data, input->data, n_bytes);
    gst_buffer_unmap (buffer, &map);
  }
  if (operation == FILL_RAW) {
    input->data += n_bytes;
    input->size -= n_bytes;
  }
  if (stream->has_times)
    GST_BUFFER_PTS (buffer) = stream->now;
  stream->now += gst_util_uint64_scale_int (
      n_frames, GST_SECOND, GST_AUDIO_INFO_RATE (&stream->info));
  gst_weir_decoder_push_buffer (
      stream->decoder, buffer, 0, GST_CLOCK_TIME_NONE);
}

static void
run (Stream *stream, Input *input)
{
  for (guint i = 0; i < MAX_OPERATIONS && input->size > 0; i++) {
    Operation operation = (Operation) (take (input) % N_OPERATIONS);
    guint amount = take (input);
    GstClockTime time = amount * (GstClockTime) amount * GST_MSECOND;

    switch (operation) {
      case GAP:
        stream->now += time;
        break;
      case JUMP:
        stream->now -= MIN (stream->now, time);
        break;
      case FLUSH:
        gst_weir_decoder_flush (stream->decoder);
        push_segment (stream);
        break;
      default:
        push_samples (stream, operation, amount, input);
        break;
    }
  }
  gst_weir_decoder_push_event (stream->decoder, gst_event_new_eos ());
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const GstWeirDecoderCallbacks callbacks = {
    .video = on_video,
    .audio = on_audio,
    .audio_end = on_audio_end,
    .problem = on_problem,
    .beside = on_beside,
  };
  const GstWeirPick pick = { GST_WEIR_DECODE_ALL, 0 };
  Input input = { data, size };
  Listener listener = { { NULL } };
  Stream stream = { 0 };
  g_autoptr (GstObject) log = NULL;

  gst_init (NULL, NULL);
  log = gst_object_ref_sink (gst_bin_new (NULL));
  for (guint i = 0; i < 2; i++) {
    listener.extractors[i] = weir_landmark_extractor_new ((WeirLandmarkUse) i);
    listener.sounds[i] = weir_sound_new ();
  }
  stream.decoder = gst_weir_decoder_new (&callbacks, &listener, &pick, log);
  begin (&stream, &input);
  run (&stream, &input);
  gst_weir_decoder_free (stream.decoder);
  for (guint i = 0; i < 2; i++) {
    weir_landmark_extractor_free (listener.extractors[i]);
    weir_sound_free (listener.sounds[i]);
  }
  return 0;
}
