/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lists of PDQ hashes: the forms of a line, and what is wrong with lines. */
#include "import-run.h"

#include <string.h>

/* A line that is to be taken: the id that its picture gets. */
typedef struct {
  const gchar *line, *id;
} Taken;

static const Taken taken[] = {
  { HEX_B, "l1-1" },
  { HEX_B "\r", "l1-1" },
  { " \t" HEX_B "  ", "l1-1" },
  { "\xef\xbb\xbf" HEX_B, "l1-1" },
  { "# a remark\n\n \n" HEX_B, "l1-4" },
  { "F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0BB",
      "l1-1" },
  { HEX_B ",a picture.jpg", "a picture.jpg" },
  { HEX_B " , name, with a comma ", "name, with a comma" },
  { HEX_B ",", "l1-1" },
  { HEX_B ",tab\there", "l1-1" },
  { HEX_B ",\xff\xfe", "l1-1" },
  { "pdq " HEX_B, "l1-1" },
  { "PDQ\t" HEX_B ",name", "name" },
  { "hash=" HEX_B ",norm=128,delta=0,quality=100,filename=a/b.jpg", "a/b.jpg" },
  { "hash=" HEX_B ",quality=50,filename=a,b=c.jpg", "a,b=c.jpg" },
  { "hash=" HEX_B ",xform=rot90", "l1-1" },
  { "hash=" HEX_B, "l1-1" },
};

static void
test_forms (void)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (taken); i++) {
    g_autoptr (ImportRun) run = import_run (WEIR_IMPORT_PDQ, taken[i].line);
    WeirReference reference;

    import_run_assert_fine (run, "1 reference with 1 fingerprint");
    import_run_assert_video (run, taken[i].id, HEX_B, 0);
    reference = import_run_get (run, taken[i].id);
    g_assert_cmpstr (reference.family, ==, taken[i].id);
    g_assert_cmpstr (reference.label, ==, "");
    g_assert_cmpstr (reference.list, ==, "");
    g_assert_cmpstr (reference.source, ==, "");
    g_assert_cmpint (reference.added, ==, 0);
    g_assert_cmpuint (reference.duration, ==, 0);
    g_assert_cmpuint (reference.opinion, ==, WEIR_OPINION_UNREVIEWED);
    g_assert_cmpuint (reference.max_action, ==, WEIR_ACTION_FLAG);
  }
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
    .max_action = WEIR_ACTION_CUT,
    .has_opinion = TRUE,
    .opinion = WEIR_OPINION_CONFIRMED,
  };
  g_autoptr (ImportRun) run =
      import_run_bytes (WEIR_IMPORT_PDQ, &settings, HEX_A, strlen (HEX_A));
  WeirReference reference = import_run_get (run, "mine-1");

  g_assert_cmpstr (reference.family, ==, "F");
  g_assert_cmpstr (reference.label, ==, "L");
  g_assert_cmpstr (reference.list, ==, "T");
  g_assert_cmpstr (reference.source, ==, "S");
  g_assert_cmpuint (reference.opinion, ==, WEIR_OPINION_CONFIRMED);
  g_assert_cmpuint (reference.max_action, ==, WEIR_ACTION_CUT);
}

static void
test_left_out (void)
{
  g_autoptr (ImportRun) run = import_run (WEIR_IMPORT_PDQ,
      "hash=" HEX_A ",norm=128,delta=0,quality=49,filename=low.jpg\n"
      "hash=" HEX_A ",norm=128,delta=0,quality=50,filename=enough.jpg\n"
      "video_md5 d41d8cd98f00b204e9800998ecf8427e\n"
      "md5 d41d8cd98f00b204e9800998ecf8427e\n"
      "VIDEO_MD5 d41d8cd98f00b204e9800998ecf8427e\n"
      "vpdq [\"" HEX_B ",100,0.0\"]\n" HEX_A ",another name\n");

  import_run_assert_fine (run,
      "1 reference with 1 fingerprint; left out: 1 of low quality, 1 "
      "duplicate, 1 md5, 2 video_md5, 1 vpdq");
  import_run_assert_video (run, "enough.jpg", HEX_A, 0);
}

/* A remark is often the same for many hashes. */
static void
test_same_names (void)
{
  const gchar *const texts[] = {
    HEX_A ",violence\n" HEX_B ",violence\n",
    "\n" HEX_C ",violence\n",
    "\n123" HEX_A,
    NULL,
  };
  const gchar *const same_stems[] = { HEX_A ",l2-1\n" HEX_B ",l2-1-2\n",
    HEX_C "\n", NULL };
  g_autoptr (ImportRun) run = import_run_texts (WEIR_IMPORT_PDQ, NULL, texts);
  g_autoptr (ImportRun) clash =
      import_run_texts (WEIR_IMPORT_PDQ, NULL, same_stems);

  import_run_assert_complaint (run, "l3.txt:2: there is no PDQ hash");
  import_run_assert_video (run, "violence", HEX_A, 0);
  import_run_assert_video (run, "violence-2", HEX_B, 0);
  import_run_assert_video (run, "violence-2-2", HEX_C, 0);
  import_run_assert_fine (clash, "3 references with 3 fingerprints");
  import_run_assert_video (clash, "l2-1-3", HEX_C, 0);
}

static void
test_long_names (void)
{
  g_autofree gchar *longest = g_strnfill (WEIR_REFERENCE_MAX_TEXT, 'x');
  g_autofree gchar *text = g_strdup_printf (
      HEX_A ",%s\n" HEX_B ",%s\n" HEX_C ",%sx\n", longest, longest, longest);
  g_autoptr (ImportRun) run = import_run (WEIR_IMPORT_PDQ, text);

  import_run_assert_fine (run, "3 references with 3 fingerprints");
  import_run_assert_video (run, longest, HEX_A, 0);
  import_run_assert_video (run, "l1-2", HEX_B, 0);
  import_run_assert_video (run, "l1-3", HEX_C, 0);
}

static const struct {
  const gchar *line, *complaint;
} bad[] = {
  { "ab", "l1.txt:1: there is no PDQ hash" },
  { HEX_A "0", "no PDQ hash" },
  { "0" HEX_A ",name", "no PDQ hash" },
  { "0g" HEX_A, "no PDQ hash" },
  { "0000000000000000000000000000000000000000000000000000000000000aa",
      "no PDQ hash" },
  { "pdq", "no PDQ hash" },
  { "pdq nothing", "no PDQ hash" },
  { "these are words", "no PDQ hash" },
  { "hash=,quality=100", "no PDQ hash" },
  { "hash=" HEX_A ",quality=101", "the quality is no number" },
  { "hash=" HEX_A ",quality=-1", "the quality is no number" },
  { "hash=" HEX_A ",quality=", "the quality is no number" },
  { "hash=" HEX_A ",quality=9e1", "the quality is no number" },
  { "[\"" HEX_A "\"]", "no PDQ hash" },
  { "\xef\xbb" HEX_A, "no PDQ hash" },
  { "\xef\xbb", "no PDQ hash" },
};

/* What is wrong with a line does not touch those around it. */
static void
test_bad_lines (void)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autofree gchar *text = g_strdup_printf ("%s\n" HEX_B "\n", bad[i].line);
    g_autoptr (ImportRun) run = import_run (WEIR_IMPORT_PDQ, text);

    import_run_assert_complaint (run, bad[i].complaint);
    g_assert_null (strstr (g_ptr_array_index (run->complaints, 0), HEX_A));
    import_run_assert_video (run, "l1-2", HEX_B, 0);
  }
}

static void
test_empty (void)
{
  static const gchar *const empty[] = { "", "\n", "\xef\xbb\xbf", "#", "\r\n" };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (empty); i++) {
    g_autoptr (ImportRun) run = import_run (WEIR_IMPORT_PDQ, empty[i]);

    import_run_assert_fine (run, "0 references with 0 fingerprints");
  }
}

static void
test_zero_bytes (void)
{
  const gchar text[] = HEX_A "\0\n" HEX_B "\n\0";
  g_autoptr (ImportRun) run =
      import_run_bytes (WEIR_IMPORT_PDQ, NULL, text, sizeof (text) - 1);

  g_assert_cmpstr (run->description, ==,
      "1 reference with 1 fingerprint; left out: 2 unreadable");
  g_assert_nonnull (strstr (
      g_ptr_array_index (run->complaints, 0), "l1.txt:1: the line has a zero"));
  g_assert_nonnull (strstr (
      g_ptr_array_index (run->complaints, 1), "l1.txt:3: the line has a zero"));
  import_run_assert_video (run, "l1-2", HEX_B, 0);
}

/* Of 64 KiB, and one byte more. */
static void
test_long_line (void)
{
  g_autoptr (GString) text = g_string_new (HEX_A ",");
  g_autoptr (ImportRun) longest = NULL;
  g_autoptr (ImportRun) longer = NULL;
  gsize i;

  for (i = text->len; i < 65535; i++)
    g_string_append_c (text, 'x');
  g_string_append (text, "\n" HEX_B);
  longest = import_run (WEIR_IMPORT_PDQ, text->str);
  import_run_assert_fine (longest, "2 references with 2 fingerprints");

  g_string_insert_c (text, 65, 'x');
  longer = import_run (WEIR_IMPORT_PDQ, text->str);
  import_run_assert_complaint (
      longer, "l1.txt:1: the line is longer than 65535 bytes");
  import_run_assert_video (longer, "l1-2", HEX_B, 0);
}

/* A line without end takes no memory without end. */
static void
test_endless_line (void)
{
  g_autofree gchar *piece = g_strnfill (1 << 20, 'a');
  const WeirImportSettings settings = { 0 };
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();
  g_autoptr (WeirImporter) importer =
      weir_importer_new (WEIR_IMPORT_PDQ, &settings, builder, NULL, NULL);
  guint i;

  weir_importer_begin_file (importer, "endless", "endless");
  for (i = 0; i < 256; i++)
    g_assert_true (weir_importer_push (importer, piece, 1 << 20, NULL));
  g_assert_true (weir_importer_end_file (importer, NULL));
  g_assert_cmpuint (weir_importer_get_counts (importer)->bad, ==, 1);
}

static void
test_garbage (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  gchar garbage[20000];
  gsize i;

  for (i = 0; i < sizeof (garbage); i++)
    garbage[i] = (gchar) g_rand_int_range (rand, 0, 256);
  {
    g_autoptr (ImportRun) run =
        import_run_bytes (WEIR_IMPORT_PDQ, NULL, garbage, sizeof (garbage));

    g_assert_no_error (run->error);
    g_assert_cmpuint (run->counts.references, ==, 0);
    g_assert_cmpuint (run->counts.bad, >, 50);
  }
}

/* The names of files become ids, and are not always fit for that. */
static void
test_stems (void)
{
  static const gchar *const unfit[] = { "", "a\nb", "\xff" };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (unfit); i++) {
    const WeirImportSettings settings = { 0 };
    g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();
    g_autoptr (WeirImporter) importer =
        weir_importer_new (WEIR_IMPORT_PDQ, &settings, builder, NULL, NULL);
    const WeirReference same = { "list-1", "", "", "", "" };
    guint32 index;

    weir_importer_begin_file (importer, "file", unfit[i]);
    g_assert_true (weir_importer_push (importer, HEX_A, 64, NULL));
    g_assert_true (weir_importer_end_file (importer, NULL));
    g_assert_true (weir_importer_finish (importer, NULL));
    g_assert_false (
        weir_bank_builder_add_reference (builder, &same, &index, NULL));
  }
}

/* What the bank cannot hold is an error, not a bank without it. */
static void
test_unfit_settings (void)
{
  const WeirImportSettings settings = { .label = "\xff" };
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();
  g_autoptr (WeirImporter) importer =
      weir_importer_new (WEIR_IMPORT_PDQ, &settings, builder, NULL, NULL);
  g_autoptr (GError) error = NULL;

  weir_importer_begin_file (importer, "file", "file");
  g_assert_true (weir_importer_push (importer, HEX_A, 64, NULL));
  g_assert_true (weir_importer_end_file (importer, NULL));
  g_assert_false (weir_importer_finish (importer, &error));
  g_assert_error (error, WEIR_BANK_ERROR, WEIR_BANK_ERROR_LIMIT);
}

static void
test_formats (void)
{
  WeirImportFormat format;
  guint i;

  for (i = 0; i < WEIR_IMPORT_N_FORMATS; i++) {
    g_assert_true (weir_import_format_from_string (
        weir_import_format_to_string ((WeirImportFormat) i), &format));
    g_assert_cmpuint (format, ==, i);
  }
  g_assert_false (weir_import_format_from_string ("PDQ", &format));
  g_assert_false (weir_import_format_from_string ("", &format));
  g_assert_false (weir_import_format_from_string (NULL, &format));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/import/formats", test_formats);
  g_test_add_func ("/import/pdq/forms", test_forms);
  g_test_add_func ("/import/pdq/settings", test_settings);
  g_test_add_func ("/import/pdq/left-out", test_left_out);
  g_test_add_func ("/import/pdq/same-names", test_same_names);
  g_test_add_func ("/import/pdq/long-names", test_long_names);
  g_test_add_func ("/import/pdq/bad-lines", test_bad_lines);
  g_test_add_func ("/import/pdq/empty", test_empty);
  g_test_add_func ("/import/pdq/zero-bytes", test_zero_bytes);
  g_test_add_func ("/import/pdq/long-line", test_long_line);
  g_test_add_func ("/import/pdq/endless-line", test_endless_line);
  g_test_add_func ("/import/pdq/garbage", test_garbage);
  g_test_add_func ("/import/pdq/stems", test_stems);
  g_test_add_func ("/import/pdq/unfit-settings", test_unfit_settings);
  return g_test_run ();
}
