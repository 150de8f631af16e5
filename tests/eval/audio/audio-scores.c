/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * audio-scores BANK-FOLDER SECONDS FILE...: the audio evidence of files, as
 * tests/eval/audio/run asks for it.
 *
 * BANK-FOLDER holds the references, raw 32-bit floats of 8 kHz. Each FILE, of
 * the same kind, is taken in pieces of SECONDS, each as a stream by itself; for
 * each 0.25 s of a piece a line says the file's name, the piece's number, the
 * time, the reference with the greatest evidence, how much later it is there, the
 * evidence, that of two disjoint windows, the speed, and for each window of
 * comparison the highest score of any place since the line before. Options: --start S skips as much of each piece, --synthetic H adds
 * references of H hours of chance peaks as dense as the real ones.
 */
#include "match/audio-lines.h"

#include "../../bench/made-sound.h"

#include <glib/gstdio.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MS    G_GINT64_CONSTANT (1000000)
#define PIECE (WEIR_AUDIO_RATE / 4)

static gdouble opt_start, opt_synthetic;
static gchar *opt_bank;
static gboolean opt_cost;

static gdouble
get_cpu_time (void)
{
  struct timespec now;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &now);
  return (gdouble) now.tv_sec + (gdouble) now.tv_nsec * 1e-9;
}

static GArray *
read_samples (const gchar *path)
{
  GArray *samples = g_array_new (FALSE, FALSE, sizeof (gfloat));
  g_autofree gchar *content = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;

  if (!g_file_get_contents (path, &content, &length, &error))
    g_error ("%s", error->message);
  g_array_append_vals (samples, content, (guint) (length / sizeof (gfloat)));
  return samples;
}

static guint32
add_reference (WeirBankBuilder *builder, const gchar *id)
{
  const WeirReference reference = {
    .id = id,
    .family = id,
    .label = "",
    .list = "",
    .source = "",
    .opinion = WEIR_OPINION_CONFIRMED,
    .max_action = WEIR_ACTION_CUT,
  };
  g_autoptr (GError) error = NULL;
  guint32 index;

  if (!weir_bank_builder_add_reference (builder, &reference, &index, &error))
    g_error ("%s", error->message);
  return index;
}

static void
add_landmarks (WeirBankBuilder *builder, guint32 index, const GArray *landmarks)
{
  for (guint i = 0; i < landmarks->len; i++) {
    const WeirLandmark *landmark = &g_array_index (landmarks, WeirLandmark, i);

    weir_bank_builder_add_audio (builder, index, landmark->key,
        (guint32) ((gint64) landmark->time / MS), NULL);
  }
}

static void
add_sound (WeirBankBuilder *builder, guint32 index, const WeirSound *sound)
{
  add_landmarks (builder, index, sound->landmarks);
  add_landmarks (builder, index, sound->patches);
  weir_bank_builder_add_sound_steps (builder, index, 0,
      (const WeirSoundStep *) sound->steps->data, sound->steps->len, NULL);
}

static gint
compare_names (gconstpointer a, gconstpointer b)
{
  return g_strcmp0 (*(gchar *const *) a, *(gchar *const *) b);
}

static void
add_folder (WeirBankBuilder *builder, const gchar *folder, GArray *landmarks,
    GArray *patches)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const gchar *name;

  while (dir && (name = g_dir_read_name (dir)))
    if (g_str_has_suffix (name, ".f32"))
      g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; i < names->len; i++) {
    g_autofree gchar *path =
        g_build_filename (folder, g_ptr_array_index (names, i), NULL);
    g_autofree gchar *id = g_strdup (g_ptr_array_index (names, i));
    g_autoptr (GArray) samples = read_samples (path);
    g_autoptr (WeirSound) sound = weir_sound_new ();
    g_autoptr (WeirLandmarkExtractor) extractor =
        weir_landmark_extractor_new (WEIR_LANDMARK_REFERENCE);

    id[strlen (id) - 4] = '\0';
    weir_landmark_extractor_push (
        extractor, (const gfloat *) samples->data, samples->len, sound);
    weir_landmark_extractor_finish (extractor, sound);
    add_sound (builder, add_reference (builder, id), sound);
    g_array_append_vals (
        landmarks, sound->landmarks->data, sound->landmarks->len);
    g_array_append_vals (patches, sound->patches->data, sound->patches->len);
  }
}

static WeirBank *
build_bank (const gchar *folder)
{
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();
  g_autoptr (GArray) landmarks =
      g_array_new (FALSE, FALSE, sizeof (WeirLandmark));
  g_autoptr (GArray) patches =
      g_array_new (FALSE, FALSE, sizeof (WeirLandmark));
  g_autofree gchar *path =
      opt_bank ? g_strdup (opt_bank)
               : g_build_filename (g_get_tmp_dir (), "weir-audio-XXXXXX", NULL);
  g_autoptr (GError) error = NULL;
  WeirBank *bank;

  if (!opt_bank || !g_file_test (opt_bank, G_FILE_TEST_EXISTS)) {
    if (!opt_bank)
      close (g_mkstemp (path));
    add_folder (builder, folder, landmarks, patches);
    made_sound_add (builder, landmarks, patches, opt_synthetic);
    if (!weir_bank_builder_write (builder, path, 0, &error))
      g_error ("%s", error->message);
  }
  bank = weir_bank_open (path, &error);
  if (!bank)
    g_error ("%s", error->message);
  if (!opt_bank)
    g_unlink (path);
  return bank;
}

static void
note_scores (const WeirAudioComparison *comparison, gpointer user_data)
{
  gdouble *highest = user_data;

  for (guint i = 0; i < WEIR_AUDIO_N_WINDOWS; i++)
    highest[i] = MAX (highest[i], comparison->scores[i]);
}

/* The evidence of a line is bounded. Of two references that both hold what is
 * heard, the one with more of its peaks in it is the likelier. */
static gboolean
is_greater (const WeirAudioLine *line, const WeirAudioLine *other)
{
  if (line->evidence != other->evidence)
    return line->evidence > other->evidence;
  return line->hits > other->hits;
}

static void
print_best (const WeirAudioLines *lines, const WeirBank *bank,
    const gchar *name, guint piece, gint64 time,
    const gdouble highest[WEIR_AUDIO_N_WINDOWS])
{
  const WeirAudioLine *best = NULL;
  WeirReference reference = { .id = "-" };

  for (guint i = 0; i < weir_audio_lines_get_length (lines); i++) {
    const WeirAudioLine *line = weir_audio_lines_get (lines, i);

    if (!best || is_greater (line, best))
      best = line;
  }
  if (best)
    weir_bank_get_reference (bank, best->reference, &reference);
  printf ("%s\t%u\t%.2f\t%s\t%.3f\t%.2f\t%.2f\t%.3f", name, piece,
      (gdouble) time / 1e9, reference.id,
      best ? (gdouble) -best->offset / 1e9 : 0.0, best ? best->evidence : 0.0,
      best ? best->sustained : 0.0, best ? best->speed : 1.0);
  for (guint i = 0; i < WEIR_AUDIO_N_WINDOWS; i++)
    printf ("\t%.2f", highest[i]);
  printf ("\n");
}

static void
score_piece (WeirBank *bank, const gchar *name, guint piece,
    const gfloat *samples, guint n_samples, gdouble costs[2])
{
  g_autoptr (WeirAudioLines) lines = weir_audio_lines_new (bank);
  g_autoptr (WeirLandmarkExtractor) extractor =
      weir_landmark_extractor_new (WEIR_LANDMARK_QUERY);
  g_autoptr (WeirSound) sound = weir_sound_new ();
  gdouble highest[WEIR_AUDIO_N_WINDOWS];

  weir_audio_lines_set_trace (lines, note_scores, highest);
  for (guint i = 0; i + PIECE <= n_samples; i += PIECE) {
    WeirStamp stamp = { .time = (i + PIECE) * 125000ll };
    gdouble start = get_cpu_time (), middle;

    memset (highest, 0, sizeof (highest));
    weir_landmark_extractor_push (extractor, samples + i, PIECE, sound);
    middle = get_cpu_time ();
    weir_audio_lines_add (lines, &stamp, 0, sound);
    weir_sound_consume (sound);
    costs[0] += middle - start;
    costs[1] += get_cpu_time () - middle;
    if (!opt_cost)
      print_best (lines, bank, name, piece, stamp.time, highest);
  }
}

int
main (int argc, char **argv)
{
  const GOptionEntry entries[] = {
    { "start", 0, 0, G_OPTION_ARG_DOUBLE, &opt_start,
        "Seconds of each piece to skip", "S" },
    { "synthetic", 0, 0, G_OPTION_ARG_DOUBLE, &opt_synthetic,
        "Hours of synthetic references", "H" },
    { "bank", 0, 0, G_OPTION_ARG_FILENAME, &opt_bank,
        "Keep the bank in this file, and use it if it is there", "FILE" },
    { "cost", 0, 0, G_OPTION_ARG_NONE, &opt_cost,
        "Print only the costs, in ms of processor a second of sound", NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context =
      g_option_context_new ("REFERENCES SECONDS FILE...");
  g_autoptr (WeirBank) bank = NULL;
  gdouble costs[2] = { 0 }, seconds = 0, piece_seconds;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, NULL) || argc < 4)
    return 2;
  bank = build_bank (argv[1]);
  piece_seconds = g_ascii_strtod (argv[2], NULL);
  for (gint i = 3; i < argc; i++) {
    g_autoptr (GArray) samples = read_samples (argv[i]);
    g_autofree gchar *name = g_path_get_basename (argv[i]);
    guint n_pieces =
        (guint) (samples->len / WEIR_AUDIO_RATE / piece_seconds + 0.05);

    for (guint j = 0; j < n_pieces; j++) {
      guint begin = (guint) ((j * piece_seconds + opt_start) * WEIR_AUDIO_RATE);
      guint end = MIN (
          (guint) ((j + 1) * piece_seconds * WEIR_AUDIO_RATE), samples->len);

      score_piece (bank, name, j, (const gfloat *) samples->data + begin,
          end - begin, costs);
      seconds += (end - begin) / (gdouble) WEIR_AUDIO_RATE;
    }
  }
  if (opt_cost)
    printf ("front end %.3f ms/s, lookup and comparison %.3f ms/s, "
            "%" G_GUINT64_FORMAT " landmarks\n",
        1000 * costs[0] / seconds, 1000 * costs[1] / seconds,
        weir_bank_get_n_audio (bank));
  return 0;
}
