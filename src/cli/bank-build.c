/* SPDX-License-Identifier: GPL-3.0-or-later */
/* weir bank build: a bank of media files. */

#include "bank/bank-builder.h"
#include "bank/look-filter.h"
#include "interrupt.h"
#include "match/sound-screen.h"
#include "media-files.h"
#include "progress.h"
#include "reference-options.h"
#include "screened-spans.h"
#include "source.h"

#define MS 1000000

/* Flat pictures of less than this are cuts and fades, not told of. */
#define MIN_FLAT (2000 * (gint64) MS)

typedef struct {
  CliReferenceOptions reference;
  gchar *output;
  gint keep_distance;
  gboolean no_parts;
  gboolean no_video;
  gboolean no_audio;
} Options;

typedef struct {
  WeirPdqHash hash;
  WeirView view;
  guint quality;
  gint64 time;
} Frame;

/* What is gathered of one file before it goes into the bank. */
typedef struct {
  const Options *options;
  GArray *frames;        /* of Frame */
  WeirLookFilter filter; /* of what goes into them */
  WeirSoundTrack *sound;
  GArray *flat;      /* of WeirScreenedSpan: pictures that cannot be matched */
  gboolean was_flat; /* the last frame */
  gint64 end;        /* of what was fingerprinted so far, ns */
} Collector;

static void
clear_collector (Collector *collector)
{
  g_array_unref (collector->frames);
  weir_sound_track_free (collector->sound);
  g_array_unref (collector->flat);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Collector, clear_collector)

static guint32
to_ms (gint64 time)
{
  return (guint32) CLAMP (time / MS, 0, G_MAXUINT32);
}

static void
collect_look (Collector *collector, gint64 time, const WeirLook *look)
{
  const Options *options = collector->options;
  Frame frame = {
    .hash = look->hash,
    .view = look->view,
    .quality = look->quality,
    .time = time,
  };

  if ((!options->no_parts || !weir_view_is_part (look->view)) &&
      weir_look_is_distinct (look) &&
      weir_look_filter_keeps (
          &collector->filter, look->view, look->edits, &look->hash, time))
    g_array_append_val (collector->frames, frame);
}

/* The span of flat pictures that the frame goes on with or begins. */
static void
collect_flat (Collector *collector, gint64 time)
{
  const WeirScreenedSpan begun = { time, time, "flat" };
  WeirScreenedSpan *last;

  if (collector->flat->len > 0) {
    last = &g_array_index (
        collector->flat, WeirScreenedSpan, collector->flat->len - 1);
    if (collector->was_flat && time >= last->begin) {
      last->end = time;
      return;
    }
    if (last->end - last->begin < MIN_FLAT)
      g_array_set_size (collector->flat, collector->flat->len - 1);
  }
  g_array_append_val (collector->flat, begun);
}

static void
collect_frame (
    Collector *collector, const WeirStamp *stamp, const WeirFrame *frame)
{
  gboolean is_flat = TRUE;
  guint i;

  for (i = 0; i < frame->n_looks; i++) {
    is_flat &= !weir_look_has_weight (&frame->looks[i]);
    collect_look (collector, stamp->time, &frame->looks[i]);
  }
  if (is_flat)
    collect_flat (collector, stamp->time);
  collector->was_flat = is_flat;
}

static void
on_print (const WeirStamp *stamp, const WeirFrame *frame, gint64 origin,
    const WeirSound *sound, gpointer user_data)
{
  Collector *collector = user_data;

  collector->end = MAX (collector->end, stamp->time);
  if (frame && !collector->options->no_video)
    collect_frame (collector, stamp, frame);
  if (sound && !collector->options->no_audio)
    weir_sound_track_add (collector->sound, origin, sound);
}

static void
on_progress (gdouble done, gpointer user_data)
{
  cli_progress_show (user_data, done);
}

/* Leaves out what cannot be matched, and tells of it. */
static gboolean
screen (const gchar *path, Collector *collector, GError **error)
{
  g_autoptr (GArray) spans =
      g_array_new (FALSE, FALSE, sizeof (WeirScreenedSpan));
  GArray *flat = collector->flat;

  /* Of what is benign no sound is looked up. */
  if (!collector->options->reference.benign &&
      !weir_sound_screen (collector->sound, spans, error)) {
    g_prefix_error (error, "%s: ", path);
    return FALSE;
  }
  if (flat->len > 0) {
    const WeirScreenedSpan *last =
        &g_array_index (flat, WeirScreenedSpan, flat->len - 1);

    if (last->end - last->begin < MIN_FLAT)
      g_array_set_size (flat, flat->len - 1);
  }
  if (collector->frames->len == 0 && collector->sound->landmarks->len == 0)
    return TRUE;
  cli_tell_spans (path, "picture", flat);
  cli_tell_spans (path, "sound", spans);
  return TRUE;
}

/* Fingerprints @path into @collector. */
static gboolean
fingerprint (const gchar *path, Collector *collector, gboolean *interrupted,
    GError **error)
{
  g_autoptr (CliSource) source = cli_source_new (path, error);
  g_autofree gchar *name = g_path_get_basename (path);
  gboolean done;

  if (!source)
    return FALSE;
  gst_weir_set_print_func (cli_source_get_weir (source), on_print, collector);
  cli_source_set_progress_func (source, on_progress, name);
  done = cli_source_run (source, NULL, NULL, interrupted, error);
  cli_progress_clear ();
  if (!done || *interrupted)
    return done;
  if (!screen (path, collector, error))
    return FALSE;
  if (collector->frames->len > 0 || collector->sound->landmarks->len > 0)
    return TRUE;
  g_set_error (error, GST_STREAM_ERROR, GST_STREAM_ERROR_FAILED,
      "%s: there is nothing in it that could be recognised (flat pictures, "
      "silence or sounds that all the world has)",
      path);
  return FALSE;
}

static gboolean
add_fingerprints (WeirBankBuilder *builder, guint32 reference,
    const Collector *collector, gboolean benign, GError **error)
{
  const WeirSoundTrack *sound = collector->sound;
  guint i;

  for (i = 0; i < collector->frames->len; i++) {
    const Frame *frame = &g_array_index (collector->frames, Frame, i);

    if (!weir_bank_builder_add_video (builder, reference, &frame->hash,
            frame->view, frame->quality, to_ms (frame->time), error))
      return FALSE;
  }
  /* Sound alone makes nothing benign: it is not looked up. */
  for (i = 0; !benign && i < sound->landmarks->len; i++) {
    const WeirLandmark *landmark =
        &g_array_index (sound->landmarks, WeirLandmark, i);

    if (!weir_bank_builder_add_audio (builder, reference, landmark->key,
            to_ms ((gint64) landmark->time), error))
      return FALSE;
  }
  return weir_bank_builder_add_sound_steps (builder, reference, 0,
      (const WeirSoundStep *) sound->steps->data, sound->steps->len, error);
}

static gboolean
add_media (WeirBankBuilder *builder, const gchar *path, const Options *options,
    gboolean *interrupted, GError **error)
{
  g_auto (Collector) collector = {
    .options = options,
    .filter = { .keep_distance = (guint) options->keep_distance },
    .frames = g_array_new (FALSE, FALSE, sizeof (Frame)),
    .sound = weir_sound_track_new (),
    .flat = g_array_new (FALSE, FALSE, sizeof (WeirScreenedSpan)),
  };
  g_autofree gchar *stem = cli_get_stem (path);
  const gchar *id = options->reference.id ? options->reference.id : stem;
  WeirReference reference = {
    .id = id,
    .family = options->reference.family ? options->reference.family : id,
    .label = options->reference.label ? options->reference.label : "",
    .list = options->reference.list ? options->reference.list : "",
    .source = options->reference.source ? options->reference.source : "",
    .added = g_get_real_time () / G_USEC_PER_SEC,
    .opinion = options->reference.opinion,
    .max_action = options->reference.max_action,
    .not_before = options->reference.not_before,
    .not_after = options->reference.not_after,
    .benign = options->reference.benign,
  };
  guint32 index;

  if (!fingerprint (path, &collector, interrupted, error))
    return FALSE;
  if (*interrupted)
    return TRUE;
  reference.duration = (guint64) collector.end;
  if (!weir_bank_builder_add_reference (builder, &reference, &index, error)) {
    g_prefix_error (error, "%s: ", path);
    return FALSE;
  }
  return add_fingerprints (
      builder, index, &collector, options->reference.benign, error);
}

/* Adds what can be used of @files; returns how many. */
static guint
add_all (WeirBankBuilder *builder, GPtrArray *files, const Options *options,
    gboolean *interrupted)
{
  guint n_added = 0, i;

  for (i = 0; i < files->len && !*interrupted; i++) {
    g_autoptr (GError) error = NULL;

    if (add_media (builder, g_ptr_array_index (files, i), options, interrupted,
            &error))
      n_added++;
    else
      cli_error ("%s", error->message);
  }
  return n_added;
}

/* A signal that comes between two files or while the bank is written must not
 * end the program there: it is caught all the way, and looked at between. */
static guint
add_all_guarded (WeirBankBuilder *builder, GPtrArray *files,
    const Options *options, gboolean *interrupted, GError **error)
{
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  CliInterrupt interrupt;
  guint n_added;

  cli_interrupt_catch (&interrupt, interrupted);
  n_added = add_all (builder, files, options, interrupted);
  cli_interrupt_look ();
  if (n_added > 0 && !*interrupted)
    weir_bank_builder_write (builder, options->output, now, error);
  cli_interrupt_release (&interrupt);
  return n_added;
}

static int
build (GPtrArray *files, const Options *options)
{
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();
  gboolean interrupted = FALSE;
  g_autoptr (GError) error = NULL;
  guint n_added =
      add_all_guarded (builder, files, options, &interrupted, &error);

  if (interrupted) {
    cli_error ("interrupted; no bank was written");
    return CLI_FAILED;
  }
  if (n_added == 0) {
    cli_error ("no bank was written: none of the media could be used");
    return CLI_FAILED;
  }
  if (error) {
    cli_error ("%s", error->message);
    return CLI_FAILED;
  }
  if (n_added < files->len)
    cli_error ("%s: holds %u of %u references, the others failed",
        options->output, n_added, files->len);
  return n_added == files->len ? CLI_DONE : CLI_FAILED;
}

static void
clear_options (Options *options)
{
  cli_reference_options_clear (&options->reference);
  g_free (options->output);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, clear_options)

/* FALSE after a one-line error. */
static gboolean
check_options (const gchar *command, const Options *options, gchar **media)
{
  if (options->keep_distance < 0 || options->keep_distance > WEIR_PDQ_RADIUS)
    cli_usage_error (command, "--keep-distance is 0 to %d, not %d",
        WEIR_PDQ_RADIUS, options->keep_distance);
  else if (!options->output)
    cli_usage_error (command, "name the bank to write with -o");
  else if (!media[0])
    cli_usage_error (command, "name the media to fingerprint");
  else if (options->no_video && options->no_audio)
    cli_usage_error (
        command, "--no-video and --no-audio together leave nothing");
  else
    return TRUE;
  return FALSE;
}

int
cli_bank_build (int argc, char **argv)
{
  g_auto (Options) options = {
    .reference = { .max_action = WEIR_ACTION_CUT,
        .opinion = WEIR_OPINION_CONFIRMED },
    .keep_distance = WEIR_LOOK_FILTER_KEEP_DISTANCE,
  };
  const GOptionEntry entries[] = {
    CLI_OUTPUT_ENTRY (options.output),
    { "id", 0, 0, G_OPTION_ARG_STRING, &options.reference.id,
        "Id of the reference, with one file (default: the file's stem)", "ID" },
    CLI_REFERENCE_ENTRIES (options.reference, " (default: the id)", "",
        " (default: cut)", " (default: confirmed)"),
    CLI_BENIGN_ENTRY (options.reference),
    { "keep-distance", 0, 0, G_OPTION_ARG_INT, &options.keep_distance,
        "Keep frames that differ by more bits than this more often (0 to 31, "
        "default: 2)",
        "BITS" },
    { "no-parts", 0, 0, G_OPTION_ARG_NONE, &options.no_parts,
        "Whole frames alone: a small bank, but cut and covered copies are "
        "not found",
        NULL },
    { "no-video", 0, 0, G_OPTION_ARG_NONE, &options.no_video,
        "Sound alone: pictures that others share are left out", NULL },
    { "no-audio", 0, 0, G_OPTION_ARG_NONE, &options.no_audio,
        "Pictures alone: sound that others share is left out", NULL },
    { NULL },
  };
  g_auto (GStrv) rest = NULL;
  g_autoptr (GPtrArray) files = NULL;
  g_autoptr (GError) error = NULL;

  if (!cli_parse (argc, argv, entries, "MEDIA...",
          "Fingerprints media files, and folders with all in them, into a "
          "bank: one reference a file.",
          &rest) ||
      !cli_reference_options_read (&options.reference, argv[0]) ||
      !check_options (argv[0], &options, rest))
    return CLI_USAGE;
  files = cli_find_media (rest, &error);
  if (!files) {
    cli_error ("%s", error->message);
    return CLI_FAILED;
  }
  if (options.reference.id && files->len != 1)
    return cli_usage_error (
        argv[0], "--id names one reference, and these are %u", files->len);
  cli_init_gst ();
  return build (files, &options);
}
