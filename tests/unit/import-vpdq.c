/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vPDQ files: lines, the two forms of JSON, times, and what is wrong. */
#include "feed/import-vpdq-times.h"
#include "import-run.h"

#include <string.h>

#define MS 1000000

static void
assert_duration (ImportRun *run, const gchar *id, guint64 ms)
{
  g_assert_cmpuint (import_run_get (run, id).duration / 1000, ==, ms * 1000);
}

static void
test_lines (void)
{
  g_autoptr (ImportRun) run =
      import_run (WEIR_IMPORT_VPDQ, "\xef\xbb\xbf# frames\r\n"
                                    "0,100," HEX_A ",0.000\r\n"
                                    "1,49," HEX_B ",0.040\r\n"
                                    "\n"
                                    "2,50," HEX_C ",0.080");
  WeirReference reference = import_run_get (run, "l1");

  import_run_assert_fine (
      run, "1 reference with 2 fingerprints; left out: 1 of low quality");
  import_run_assert_video (run, "l1", HEX_A, 0);
  import_run_assert_video (run, "l1", HEX_C, 80);
  assert_duration (run, "l1", 120);
  g_assert_cmpstr (reference.family, ==, "l1");
  g_assert_cmpint (reference.added, ==, 0);
  g_assert_cmpuint (reference.opinion, ==, WEIR_OPINION_UNREVIEWED);
  g_assert_cmpuint (reference.max_action, ==, WEIR_ACTION_FLAG);
}

static void
test_settings (void)
{
  const WeirImportSettings settings = {
    .id = "mine",
    .family = "F",
    .label = "L",
    .list = "T",
    .source = "S",
    .max_action = WEIR_ACTION_NONE,
    .has_opinion = TRUE,
    .opinion = WEIR_OPINION_DISPUTED,
  };
  const gchar text[] = "0,100," HEX_A ",0.000";
  g_autoptr (ImportRun) run =
      import_run_bytes (WEIR_IMPORT_VPDQ, &settings, text, strlen (text));
  WeirReference reference = import_run_get (run, "mine");

  g_assert_cmpstr (reference.family, ==, "F");
  g_assert_cmpstr (reference.label, ==, "L");
  g_assert_cmpstr (reference.list, ==, "T");
  g_assert_cmpstr (reference.source, ==, "S");
  g_assert_cmpuint (reference.opinion, ==, WEIR_OPINION_DISPUTED);
  g_assert_cmpuint (reference.max_action, ==, WEIR_ACTION_NONE);
  g_assert_cmpuint (reference.duration, ==, 0);
}

/* By number, at 30 a second, when some time is not there or all are one. */
static void
test_no_times (void)
{
  static const gchar *const texts[] = {
    "0,100," HEX_A "\n30,100," HEX_B "\n60,100," HEX_C,
    "0,100," HEX_A ",0.5\n30,100," HEX_B "\n60,100," HEX_C ",7",
    "0,100," HEX_A ",0.0\n30,100," HEX_B ",0.0\n60,100," HEX_C ",0",
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autoptr (ImportRun) run = import_run (WEIR_IMPORT_VPDQ, texts[i]);

    import_run_assert_fine (run, "1 reference with 3 fingerprints");
    import_run_assert_video (run, "l1", HEX_A, 0);
    import_run_assert_video (run, "l1", HEX_B, 1000);
    import_run_assert_video (run, "l1", HEX_C, 2000);
    assert_duration (run, "l1", 3000);
  }
}

static void
test_strings (void)
{
  g_autoptr (ImportRun) run =
      import_run (WEIR_IMPORT_VPDQ, "\n [\"" HEX_A ",100,0.0\",\n  \"" HEX_B
                                    ",0,1.0\", \"" HEX_C ",77,2.0\"]\n");

  import_run_assert_fine (
      run, "1 reference with 2 fingerprints; left out: 1 of low quality");
  import_run_assert_video (run, "l1", HEX_A, 0);
  import_run_assert_video (run, "l1", HEX_C, 2000);
  assert_duration (run, "l1", 3000);
}

static void
test_objects (void)
{
  g_autoptr (ImportRun) run = import_run (WEIR_IMPORT_VPDQ,
      "{\"0\": {\"quality\": 100, \"hash\": \"" HEX_A
      "\", \"timestamp\": 0.0},\n"
      " \"12\": {\"timestamp\": 0.5, \"more\": [1, {\"hash\": 2}],"
      " \"hash\": \"" HEX_B "\", \"quality\": 60}}");

  import_run_assert_fine (run, "1 reference with 2 fingerprints");
  import_run_assert_video (run, "l1", HEX_A, 0);
  import_run_assert_video (run, "l1", HEX_B, 500);
  assert_duration (run, "l1", 1000);
}

/* ---- Times ---- */

static GArray *
new_frames (const gdouble *seconds, guint n_frames)
{
  GArray *frames = g_array_new (FALSE, FALSE, sizeof (WeirImportFrame));
  guint i;

  for (i = 0; i < n_frames; i++) {
    const WeirImportFrame frame = { .number = i, .seconds = seconds[i] };

    g_array_append_val (frames, frame);
  }
  return frames;
}

/* Frames of 24 to a second and of one each 29 / 29.97 s, as they are written
 * with three digits: each comes back to within a third of an interval. */
static void
test_rounded_times (void)
{
  static const gdouble intervals[] = { 1 / 24.0, 29 / 29.97, 1, 2.5 };
  gdouble seconds[4000];
  guint i, k;

  for (k = 0; k < G_N_ELEMENTS (intervals); k++) {
    const gdouble interval = intervals[k];
    g_autoptr (GArray) frames = NULL;
    gdouble length;

    for (i = 0; i < G_N_ELEMENTS (seconds); i++) {
      gchar text[32];

      g_snprintf (text, sizeof (text), "%.3g", i * interval);
      seconds[i] = g_ascii_strtod (text, NULL);
    }
    g_assert_cmpfloat (seconds[3001], !=, 3001 * interval);
    frames = new_frames (seconds, G_N_ELEMENTS (seconds));
    length = weir_import_settle_times (frames, TRUE);
    for (i = 0; i < frames->len; i++)
      g_assert_cmpfloat_with_epsilon (
          g_array_index (frames, WeirImportFrame, i).seconds, i * interval,
          interval / 3);
    g_assert_cmpfloat_with_epsilon (length, 4000 * interval, interval);
  }
}

/* Times that no equal intervals explain stay as they are. */
static void
test_unequal_times (void)
{
  static const gdouble seconds[] = { 0, 1, 2, 7, 8, 120 };
  g_autoptr (GArray) frames = new_frames (seconds, G_N_ELEMENTS (seconds));
  guint i;

  g_assert_cmpfloat (weir_import_settle_times (frames, TRUE), ==, 144);
  for (i = 0; i < frames->len; i++)
    g_assert_cmpfloat (
        g_array_index (frames, WeirImportFrame, i).seconds, ==, seconds[i]);
}

/* Times that are exact are not touched, whatever they look like. */
static void
test_exact_times (void)
{
  static const gdouble seconds[] = { 100.1, 100.9, 102.4, 103.1 };
  g_autoptr (GArray) frames = new_frames (seconds, G_N_ELEMENTS (seconds));
  guint i;

  g_assert_cmpfloat_with_epsilon (
      weir_import_settle_times (frames, FALSE), 104.1, 1e-9);
  for (i = 0; i < frames->len; i++)
    g_assert_cmpfloat (
        g_array_index (frames, WeirImportFrame, i).seconds, ==, seconds[i]);
}

/* ---- What is wrong ---- */

typedef struct {
  const gchar *text, *message;
} Wrong;

static const Wrong bad_frames[] = {
  { "1,100,abc,0.1", "l1.txt:1: there is no PDQ hash" },
  { "1,100," HEX_B "0,0.1", "no PDQ hash" },
  { "1,101," HEX_B ",0.1", "the quality is no number" },
  { "1,-1," HEX_B ",0.1", "the quality is no number" },
  { "x,100," HEX_B ",0.1", "the frame's number" },
  { "4294967296,100," HEX_B ",0.1", "the frame's number" },
  { "1,100," HEX_B ",-0.1", "the time is no number" },
  { "1,100," HEX_B ",nan", "the time is no number" },
  { "1,100," HEX_B ",inf", "the time is no number" },
  { "1,100," HEX_B ",4000001", "the time is no number" },
  { "1,100," HEX_B ",", "the time is no number" },
  { "1,100," HEX_B ",0.1s", "the time is no number" },
  { "1,100," HEX_B ",0.1,more", "not frame,quality,hash,seconds" },
  { HEX_B, "not frame,quality,hash,seconds" },
};

static const Wrong bad_strings[] = {
  { "5", "l1.txt:1: a text is not hash,quality,seconds" },
  { "null", "a text is not" },
  { "[]", "a text is not" },
  { "{\"hash\":\"" HEX_B "\"}", "a text is not" },
  { "\"\"", "a text is not" },
  { "\"" HEX_B ",100\"", "a text is not" },
  { "\"" HEX_B ",100,0.1,0\"", "a text is not" },
  { "\"" HEX_B ",1.5,0.1\"", "the quality is no number" },
  { "\"a" HEX_B ",100,0.1\"", "no PDQ hash" },
  { "\"\\u0000" HEX_B ",100,0.1\"", "no PDQ hash" },
};

static const Wrong bad_objects[] = {
  { "\"1\":5", "l1.txt:1: a frame lacks" },
  { "\"1\":[\"" HEX_B "\"]", "a frame lacks" },
  { "\"x\":{\"hash\":\"" HEX_B "\",\"quality\":100}", "a frame lacks" },
  { "\"1\":{\"hash\":\"" HEX_B "\"}", "a frame lacks" },
  { "\"1\":{\"hash\":5,\"quality\":100}", "a frame lacks" },
  { "\"1\":{\"hash\":\"" HEX_B "\",\"quality\":500}", "a frame lacks" },
};

static void
check_wrong (
    const Wrong *rows, guint n_rows, const gchar *before, const gchar *after)
{
  guint i;

  for (i = 0; i < n_rows; i++) {
    g_autofree gchar *text = g_strconcat (before, rows[i].text, after, NULL);
    g_autoptr (ImportRun) run = import_run (WEIR_IMPORT_VPDQ, text);

    import_run_assert_complaint (run, rows[i].message);
    g_assert_null (strstr (g_ptr_array_index (run->complaints, 0), HEX_B));
    g_assert_cmpuint (run->counts.fingerprints, ==, 1);
    import_run_assert_video (run, "l1", HEX_A, 0);
  }
}

static void
test_bad_frames (void)
{
  check_wrong (
      bad_frames, G_N_ELEMENTS (bad_frames), "", "\n0,100," HEX_A ",0.000\n");
  check_wrong (
      bad_strings, G_N_ELEMENTS (bad_strings), "[", ", \"" HEX_A ",100,0.0\"]");
  check_wrong (bad_objects, G_N_ELEMENTS (bad_objects), "{",
      ", \"0\":{\"hash\":\"" HEX_A "\",\"quality\":100,\"timestamp\":0}}");
}

static const Wrong broken[] = {
  { "[\"" HEX_A ",100,0.0\"", "l1.txt:1: parse error: premature EOF; the file "
                              "is cut short" },
  { "[\"" HEX_A ",100", "the file is cut short" },
  { "[\n\n  tru]", "l1.txt:3: lexical error" },
  { "[\"\xff\"]", "invalid bytes in UTF8" },
  { "{\"0\":{}", "the file is cut short" },
  { "[\"" HEX_A ",100,0.0\"]\n[\"" HEX_B ",100,0.0\"]",
      "l1.txt:2: a second video begins" },
  { "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "more than 32 deep" },
  { "{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{"
    "\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{"
    "\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{"
    "\"a\":{\"a\":{\"a\":{",
      "more than 32 deep" },
  { "[\"a\\", "the file is cut short" },
  { "[1 2]", "l1.txt:1: parse error" },
};

static void
test_broken (void)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (broken); i++) {
    g_autoptr (ImportRun) run = import_run (WEIR_IMPORT_VPDQ, broken[i].text);

    import_run_assert_broken (run, broken[i].message);
    g_assert_cmpuint (run->counts.references, ==, 0);
  }
}

/* A zero byte is none of JSON's, and in a line it is complained of. */
static void
test_zero_bytes (void)
{
  const gchar json[] = "[\"\0\"]";
  const gchar lines[] = "0,100," HEX_A ",0.000\n\0\n";
  g_autoptr (ImportRun) broken_run =
      import_run_bytes (WEIR_IMPORT_VPDQ, NULL, json, sizeof (json) - 1);
  g_autoptr (ImportRun) run =
      import_run_bytes (WEIR_IMPORT_VPDQ, NULL, lines, sizeof (lines) - 1);

  import_run_assert_broken (broken_run, "l1.txt:1: lexical error");
  import_run_assert_complaint (run, "l1.txt:2: the line is no text");
  import_run_assert_video (run, "l1", HEX_A, 0);
}

static void
test_nothing (void)
{
  static const gchar *const nothing[] = { "", " \n\t\n", "[]", "{}", "# none",
    "0,10," HEX_A ",0.0\n", "[\"" HEX_A ",49,0.0\"]", "[] []" };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (nothing); i++) {
    g_autoptr (ImportRun) run = import_run (WEIR_IMPORT_VPDQ, nothing[i]);

    import_run_assert_complaint (run, "l1.txt:1: there is no frame in it");
    g_assert_cmpuint (run->counts.references, ==, 0);
  }
}

/* A text without an end takes no memory without end. */
static void
test_endless_text (void)
{
  g_autofree gchar *piece = g_strnfill (1 << 20, 'a');
  const WeirImportSettings settings = { 0 };
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();
  g_autoptr (WeirImporter) importer =
      weir_importer_new (WEIR_IMPORT_VPDQ, &settings, builder, NULL, NULL);
  g_autoptr (GError) error = NULL;
  gboolean going = TRUE;
  guint n_pushed = 0;

  weir_importer_begin_file (importer, "endless", "endless");
  g_assert_true (weir_importer_push (importer, "[\"", 2, NULL));
  while (going && n_pushed++ < 64)
    going = weir_importer_push (importer, piece, 1 << 20, &error);
  g_assert_error (error, WEIR_IMPORT_ERROR, WEIR_IMPORT_ERROR_LIMIT);
  g_assert_cmpuint (n_pushed, <=, 3);
}

/* Two files of one name would be one reference. */
static void
test_same_id (void)
{
  const WeirImportSettings settings = { .id = "same" };
  const gchar *const texts[] = { "0,100," HEX_A ",0.0", "0,100," HEX_B ",0.0",
    NULL };
  g_autoptr (ImportRun) run =
      import_run_texts (WEIR_IMPORT_VPDQ, &settings, texts);

  g_assert_error (run->error, WEIR_BANK_ERROR, WEIR_BANK_ERROR_LIMIT);
  g_assert_true (g_str_has_prefix (run->error->message, "l2.txt: "));
  import_run_assert_video (run, "same", HEX_A, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/import/vpdq/lines", test_lines);
  g_test_add_func ("/import/vpdq/settings", test_settings);
  g_test_add_func ("/import/vpdq/no-times", test_no_times);
  g_test_add_func ("/import/vpdq/strings", test_strings);
  g_test_add_func ("/import/vpdq/objects", test_objects);
  g_test_add_func ("/import/vpdq/times/rounded", test_rounded_times);
  g_test_add_func ("/import/vpdq/times/unequal", test_unequal_times);
  g_test_add_func ("/import/vpdq/times/exact", test_exact_times);
  g_test_add_func ("/import/vpdq/bad-frames", test_bad_frames);
  g_test_add_func ("/import/vpdq/broken", test_broken);
  g_test_add_func ("/import/vpdq/zero-bytes", test_zero_bytes);
  g_test_add_func ("/import/vpdq/nothing", test_nothing);
  g_test_add_func ("/import/vpdq/endless-text", test_endless_text);
  g_test_add_func ("/import/vpdq/same-id", test_same_id);
  return g_test_run ();
}
