/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the sound of one stream costs, stage by stage, at banks of several
 * sizes, beside Chromaprint (fpcalc) where it is installed.
 *
 * The sound is that of STREAM, again and again. The bank is of synthetic
 * references whose keys are drawn from those of MODEL..., and does not hold the
 * sound: what models are there decides how many wrong places share a key. What
 * is told is processor time by time of sound, per cent of a core for one live
 * stream.
 */
#include "fingerprint/dense.h"
#include "fingerprint/landmark.h"
#include "fingerprint/peaks.h"
#include "fingerprint/spectrum.h"
#include "made-sound.h"
#include "match/audio-lines.h"
#include "match/audio-votes.h"

#include <glib/gstdio.h>
#include <gst/gst.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SECONDS 60 /* of sound that is timed */
#define N_RUNS  5

/* A decoder gives buffers of about this, 0.25 s are analysed at a time. */
#define PIECE (WEIR_AUDIO_RATE / 4)

#define MAX_SIZES 8

static gboolean opt_json;
static gchar *opt_hours;

typedef enum {
  STAGE_RESAMPLE,
  STAGE_SPECTRUM,
  STAGE_PEAKS,
  STAGE_DENSE,
  STAGE_PAIRS,
  N_STAGES,
} Stage;

static const gchar *const stage_names[N_STAGES] = {
  [STAGE_RESAMPLE] = "48 kHz stereo to 8 kHz mono",
  [STAGE_SPECTRUM] = "spectrum",
  [STAGE_PEAKS] = "peaks",
  [STAGE_DENSE] = "dense bits",
  [STAGE_PAIRS] = "pairs",
};

/* Processor time of this thread, or of all of the process, s. */
static gdouble
get_time (clockid_t clock)
{
  struct timespec now;

  clock_gettime (clock, &now);
  return (gdouble) now.tv_sec + (gdouble) now.tv_nsec * 1e-9;
}

static gdouble
get_thread_time (void)
{
  return get_time (CLOCK_THREAD_CPUTIME_ID);
}

static int
compare_doubles (const void *a, const void *b)
{
  gdouble first = *(const gdouble *) a;
  gdouble second = *(const gdouble *) b;

  return (first > second) - (first < second);
}

static gdouble
get_median (gdouble values[N_RUNS])
{
  qsort (values, N_RUNS, sizeof (gdouble), compare_doubles);
  return values[N_RUNS / 2];
}

/* ---- Sound ---- */

static void
on_handoff (
    GstElement *sink, GstBuffer *buffer, GstPad *pad, gpointer user_data)
{
  GByteArray *bytes = user_data;
  GstMapInfo map;

  if (gst_buffer_map (buffer, &map, GST_MAP_READ)) {
    g_byte_array_append (bytes, map.data, (guint) map.size);
    gst_buffer_unmap (buffer, &map);
  }
}

/* Runs a pipeline to its end. What comes to its element "sink" goes to @bytes,
 * unless that is NULL. */
static void
run_pipeline (const gchar *description, GByteArray *bytes)
{
  g_autoptr (GError) error = NULL;
  GstElement *pipeline = gst_parse_launch (description, &error);
  g_autoptr (GstElement) sink = NULL;
  g_autoptr (GstBus) bus = NULL;
  g_autoptr (GstMessage) message = NULL;

  if (error)
    g_error ("%s", error->message);
  sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  if (bytes) {
    g_object_set (sink, "signal-handoffs", TRUE, NULL);
    g_signal_connect (sink, "handoff", G_CALLBACK (on_handoff), bytes);
  }
  bus = gst_element_get_bus (pipeline);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (
      bus, GST_CLOCK_TIME_NONE, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
    g_error ("%s: it has no sound that can be decoded", description);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
}

/* The sound of @path. */
static GArray *
read_sound (const gchar *path)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autofree gchar *absolute = g_canonicalize_filename (path, NULL);
  g_autofree gchar *uri = g_filename_to_uri (absolute, NULL, NULL);
  g_autofree gchar *description = g_strdup_printf (
      "uridecodebin uri=\"%s\" caps=audio/x-raw expose-all-streams=false "
      "! audioconvert ! audioresample ! audio/x-raw,format=F32LE,channels=1,"
      "rate=%d ! fakesink name=sink",
      uri, WEIR_AUDIO_RATE);
  GArray *samples = g_array_new (FALSE, FALSE, sizeof (gfloat));

  run_pipeline (description, bytes);
  g_array_append_vals (
      samples, bytes->data, (guint) (bytes->len / sizeof (gfloat)));
  if (samples->len < WEIR_AUDIO_RATE)
    g_error ("%s: less than a second of sound", path);
  return samples;
}

/* SECONDS of it, by saying it again. */
static GArray *
repeat_sound (const GArray *sound)
{
  GArray *samples = g_array_new (FALSE, FALSE, sizeof (gfloat));

  while (samples->len < SECONDS * WEIR_AUDIO_RATE)
    g_array_append_vals (samples, sound->data, sound->len);
  g_array_set_size (samples, SECONDS * WEIR_AUDIO_RATE);
  return samples;
}

/* ---- The front end ---- */

/* What a pipeline without it costs is taken off. */
static gdouble
time_resampling (void)
{
  static const gchar *const ends[] = { "",
    "! audioconvert ! audioresample ! "
    "audio/x-raw,format=F32LE,channels=1,rate=8000" };
  gdouble times[G_N_ELEMENTS (ends)];

  for (guint i = 0; i < G_N_ELEMENTS (ends); i++) {
    g_autofree gchar *description = g_strdup_printf (
        "audiotestsrc wave=saw samplesperbuffer=1024 num-buffers=%d ! "
        "audio/x-raw,format=S16LE,channels=2,rate=48000 %s ! "
        "fakesink name=sink",
        SECONDS * 48000 / 1024, ends[i]);
    gdouble start = get_time (CLOCK_PROCESS_CPUTIME_ID);

    run_pipeline (description, NULL);
    times[i] = get_time (CLOCK_PROCESS_CPUTIME_ID) - start;
  }
  return times[1] - times[0];
}

static gdouble
time_spectrum (const GArray *samples, GArray *rows)
{
  g_autoptr (WeirSpectrum) spectrum = weir_spectrum_new ();
  const gfloat *next = (const gfloat *) samples->data;
  gsize n_left = samples->len;
  gdouble time = 0;

  g_array_set_size (rows, 0);
  while (n_left > 0) {
    const gfloat *row;
    gdouble start = get_thread_time ();
    gsize n_taken = weir_spectrum_push (spectrum, next, n_left, &row);

    time += get_thread_time () - start;
    next += n_taken;
    n_left -= n_taken;
    if (row)
      g_array_append_vals (rows, row, WEIR_SPECTRUM_N_BINS);
  }
  return time;
}

static gdouble
time_peaks (const GArray *rows)
{
  /* As a query is picked. */
  g_autoptr (WeirPeakPicker) picker =
      weir_peak_picker_new ((WeirPeakRadius){ 4, 5 }, (WeirPeakRadius){ 7, 5 });
  WeirPeak peaks[WEIR_PEAKS_MAX_IN_A_ROW];
  gdouble start = get_thread_time ();
  guint64 row;
  guint n_peaks;

  for (guint i = 0; i < rows->len; i += WEIR_SPECTRUM_N_BINS)
    weir_peak_picker_push (
        picker, &g_array_index (rows, gfloat, i), &row, peaks, &n_peaks);
  return get_thread_time () - start;
}

static gdouble
time_dense (const GArray *rows)
{
  g_autoptr (WeirDenseExtractor) dense = weir_dense_extractor_new ();
  gdouble start = get_thread_time ();
  WeirSoundBands bands;

  for (guint i = 0; i < rows->len; i += WEIR_SPECTRUM_N_BINS)
    weir_dense_extractor_push (
        dense, &g_array_index (rows, gfloat, i), &bands, NULL, NULL);
  return get_thread_time () - start;
}

static gdouble
time_extraction (const GArray *samples)
{
  g_autoptr (WeirLandmarkExtractor) extractor =
      weir_landmark_extractor_new (WEIR_LANDMARK_QUERY);
  g_autoptr (WeirSound) sound = weir_sound_new ();
  gdouble start = get_thread_time ();

  for (guint i = 0; i + PIECE <= samples->len; i += PIECE) {
    weir_landmark_extractor_push (
        extractor, &g_array_index (samples, gfloat, i), PIECE, sound);
    weir_sound_consume (sound);
  }
  return get_thread_time () - start;
}

static void
time_stages (const GArray *samples, gdouble stages[N_STAGES])
{
  g_autoptr (GArray) rows = g_array_new (FALSE, FALSE, sizeof (gfloat));
  gdouble times[N_STAGES][N_RUNS];

  for (guint i = 0; i < N_RUNS; i++) {
    times[STAGE_RESAMPLE][i] = time_resampling ();
    times[STAGE_SPECTRUM][i] = time_spectrum (samples, rows);
    times[STAGE_PEAKS][i] = time_peaks (rows);
    times[STAGE_DENSE][i] = time_dense (rows);
    times[STAGE_PAIRS][i] = time_extraction (samples);
  }
  for (guint i = 0; i < N_STAGES; i++)
    stages[i] = get_median (times[i]);
  for (guint i = STAGE_SPECTRUM; i < STAGE_PAIRS; i++)
    stages[STAGE_PAIRS] -= stages[i];
  stages[STAGE_PAIRS] = MAX (stages[STAGE_PAIRS], 0);
}

/* ---- The bank ---- */

/* Landmarks and patches of all of @paths. */
static WeirSound *
extract_models (gchar **paths)
{
  WeirSound *models = weir_sound_new ();

  for (guint i = 0; paths[i]; i++) {
    g_autoptr (GArray) samples = read_sound (paths[i]);
    g_autoptr (WeirLandmarkExtractor) extractor =
        weir_landmark_extractor_new (WEIR_LANDMARK_REFERENCE);
    g_autoptr (WeirSound) sound = weir_sound_new ();

    weir_landmark_extractor_push (
        extractor, (const gfloat *) samples->data, samples->len, sound);
    g_array_append_vals (
        models->landmarks, sound->landmarks->data, sound->landmarks->len);
    g_array_append_vals (
        models->patches, sound->patches->data, sound->patches->len);
  }
  if (models->landmarks->len == 0 || models->patches->len == 0)
    g_error ("there is nothing in the models that could be looked up");
  return models;
}

/* A bank of @hours, and in @size the bytes of its file. */
static WeirBank *
make_bank (const WeirSound *models, gdouble hours, gdouble *size)
{
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();
  g_autofree gchar *path = NULL;
  g_autoptr (GError) error = NULL;
  GStatBuf status;
  WeirBank *bank;

  close (g_file_open_tmp ("weir-audio-XXXXXX", &path, &error));
  made_sound_add (builder, models->landmarks, models->patches, hours);
  if (!weir_bank_builder_write (builder, path, 0, &error))
    g_error ("%s", error->message);
  g_clear_pointer (&builder, weir_bank_builder_free);
  bank = weir_bank_open (path, &error);
  if (!bank)
    g_error ("%s", error->message);
  if (g_stat (path, &status) == 0)
    *size = (gdouble) status.st_size;
  g_unlink (path);
  return bank;
}

/* Time for all of the sound: of lookups with votes, and of all together. */
static void
time_matching (WeirBank *bank, const GArray *samples, gdouble times[2])
{
  g_autoptr (WeirLandmarkExtractor) extractor =
      weir_landmark_extractor_new (WEIR_LANDMARK_QUERY);
  g_autoptr (WeirSound) sound = weir_sound_new ();
  g_autoptr (WeirAudioVotes) votes = weir_audio_votes_new (bank);
  g_autoptr (WeirAudioLines) lines = weir_audio_lines_new (bank);

  times[0] = times[1] = 0;
  for (guint i = 0; i + PIECE <= samples->len; i += PIECE) {
    const WeirStamp stamp = { .time = (i + PIECE) * 125000ll };
    gdouble start, middle;
    guint n_candidates;

    weir_landmark_extractor_push (
        extractor, &g_array_index (samples, gfloat, i), PIECE, sound);
    start = get_thread_time ();
    weir_audio_votes_add (votes, sound->pairs);
    weir_audio_votes_collect (votes, &n_candidates);
    middle = get_thread_time ();
    weir_audio_lines_add (lines, &stamp, 0, sound);
    times[0] += middle - start;
    times[1] += get_thread_time () - middle;
    weir_sound_consume (sound);
  }
}

/* ---- The peer ---- */

/* Processor time of Chromaprint for as much sound as WAV of 48 kHz, stereo;
 * negative when it is not installed. */
static gdouble
time_chromaprint (void)
{
  g_autofree gchar *program = g_find_program_in_path ("fpcalc");
  g_autofree gchar *path = NULL;
  g_autofree gchar *description = NULL;
  g_autofree gchar *output = NULL;
  gchar *arguments[] = { program, (gchar *) "-raw", (gchar *) "-length",
    (gchar *) "0", NULL, NULL };
  struct rusage before, after;
  gint status = 1;

  if (!program)
    return -1;
  path = g_build_filename (g_get_tmp_dir (), "weir-audio-bench.wav", NULL);
  description = g_strdup_printf (
      "audiotestsrc wave=saw samplesperbuffer=1024 num-buffers=%d ! "
      "audio/x-raw,format=S16LE,channels=2,rate=48000 ! wavenc ! "
      "filesink name=sink location=\"%s\"",
      SECONDS * 48000 / 1024, path);
  run_pipeline (description, NULL);
  arguments[4] = path;
  getrusage (RUSAGE_CHILDREN, &before);
  g_spawn_sync (NULL, arguments, NULL, G_SPAWN_DEFAULT, NULL, NULL, &output,
      NULL, &status, NULL);
  getrusage (RUSAGE_CHILDREN, &after);
  g_unlink (path);
  if (status != 0)
    return -1;
  return (gdouble) (after.ru_utime.tv_sec - before.ru_utime.tv_sec) +
         (gdouble) (after.ru_utime.tv_usec - before.ru_utime.tv_usec) / 1e6;
}

/* ---- Telling ---- */

/* @time is for SECONDS of sound; @peer_time 0: there is no peer. */
static void
print_row (
    const gchar *name, gdouble time, const gchar *peer, gdouble peer_time)
{
  gdouble percent = 100 * time / SECONDS;

  if (!opt_json) {
    g_print ("%-36s %8.4f %%", name, percent);
    if (peer_time > 0)
      g_print ("   %s %8.4f %%, x %.2f", peer, 100 * peer_time / SECONDS,
          time / peer_time);
    g_print ("\n");
    return;
  }
  g_print ("{\"name\":\"audio %s\",\"value\":%.5f,\"unit\":\"%% of a core\",",
      name, percent);
  if (peer_time > 0)
    g_print ("\"peer\":\"%s\",\"ratio\":%.4f}\n", peer, time / peer_time);
  else
    g_print ("\"peer\":null,\"ratio\":null}\n");
}

static void
print_size (gdouble hours, gdouble size)
{
  gdouble per_hour = size / 1e6 / hours;

  if (opt_json)
    g_print ("{\"name\":\"audio %g h: file an hour\",\"value\":%.3f,"
             "\"unit\":\"MB\",\"peer\":null,\"ratio\":null}\n",
        hours, per_hour);
  else
    g_print ("%g h: %.2f MB of file an hour\n", hours, per_hour);
}

static void
measure_bank (const GArray *samples, const WeirSound *models, gdouble hours,
    gdouble front_end)
{
  gdouble size = 0, times[2];
  g_autoptr (WeirBank) bank = make_bank (models, hours, &size);
  g_autofree gchar *votes = g_strdup_printf ("%g h: lookup and votes", hours);
  g_autofree gchar *rest = g_strdup_printf ("%g h: verification", hours);
  g_autofree gchar *total = g_strdup_printf ("%g h: in total", hours);

  time_matching (bank, samples, times);
  print_row (votes, times[0], NULL, 0);
  print_row (rest, MAX (times[1] - times[0], 0), NULL, 0);
  print_row (total, front_end + times[1], NULL, 0);
  print_size (hours, size);
}

static void
measure (const gchar *stream, gchar **models)
{
  g_autoptr (GArray) sound = read_sound (stream);
  g_autoptr (GArray) samples = repeat_sound (sound);
  g_autoptr (WeirSound) made_of = extract_models (models);
  g_auto (GStrv) hours = g_strsplit (opt_hours, ",", MAX_SIZES);
  gdouble stages[N_STAGES], front_end = 0;
  gdouble chromaprint;

  time_stages (samples, stages);
  for (guint i = 0; i < N_STAGES; i++) {
    print_row (stage_names[i], stages[i], NULL, 0);
    front_end += stages[i];
  }
  chromaprint = time_chromaprint ();
  print_row ("front end", front_end, "Chromaprint", MAX (chromaprint, 0));
  if (chromaprint < 0 && !opt_json)
    g_print ("(fpcalc of libchromaprint-tools is not installed: no peer)\n");
  for (guint i = 0; hours[i]; i++)
    measure_bank (samples, made_of, g_ascii_strtod (hours[i], NULL), front_end);
}

int
main (int argc, char **argv)
{
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &opt_json, "A JSON object a row", NULL },
    { "hours", 0, 0, G_OPTION_ARG_STRING, &opt_hours,
        "Sizes of the bank (default: 3,30,1000, of which the last takes 12 GB "
        "of memory)",
        "A,B" },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("STREAM MODEL...");
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || argc < 3) {
    g_printerr (
        "usage: %s [--json] [--hours 3,30,1000] STREAM MODEL...\n", argv[0]);
    return 2;
  }
  gst_init (NULL, NULL);
  if (!opt_hours)
    opt_hours = g_strdup ("3,30,1000");
  measure (argv[1], argv + 2);
  g_free (opt_hours);
  return 0;
}
