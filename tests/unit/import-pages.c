/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lists that come as pages of JSON: ThreatExchange, StopNCII, Tech Against
 * Terrorism. */
#include "import-run.h"

#include <string.h>

static const WeirImportFormat formats[] = { WEIR_IMPORT_THREATEXCHANGE,
  WEIR_IMPORT_STOPNCII, WEIR_IMPORT_TAT };

/* ---- ThreatExchange ---- */

/* An update of the indicator @id with one descriptor. */
#define UPDATE(id, hex, status, more)                                          \
  "{\"id\":\"" id "\",\"indicator\":\"" hex "\",\"type\":\"HASH_PDQ\","        \
  "\"last_updated\":1600000000,\"descriptors\":{\"data\":[{\"id\":\"9\","      \
  "\"owner\":{\"id\":\"77\"},\"status\":\"" status "\"" more "}]}}"

#define PAGE(updates)                                                          \
  "{\"data\":[" updates "],\"paging\":{\"cursors\":{\"before\":\"a\"}}}"

static void
test_threatexchange (void)
{
  g_autoptr (ImportRun) run = import_run (WEIR_IMPORT_THREATEXCHANGE,
      PAGE (UPDATE ("1", HEX_A, "MALICIOUS",
          ",\"tags\":[\"terrorism\",\"second\"],\"reactions\":[{\"key\":"
          "\"HELPFUL\",\"value\":\"5\"}]") ",\n" UPDATE ("2", HEX_B, "UNKNOWN",
          ",\"tags\":{\"data\":[{\"id\":\"3\",\"text\":\"video\"}]}")));
  WeirReference reference = import_run_get (run, "threatexchange-1");

  import_run_assert_fine (run, "2 references with 2 fingerprints");
  import_run_assert_video (run, "threatexchange-1", HEX_A, 0);
  import_run_assert_video (run, "threatexchange-2", HEX_B, 0);
  g_assert_cmpstr (reference.family, ==, "threatexchange-1");
  g_assert_cmpstr (reference.label, ==, "terrorism");
  g_assert_cmpstr (reference.source, ==, "77");
  g_assert_cmpint (reference.added, ==, 1600000000);
  g_assert_cmpuint (reference.opinion, ==, WEIR_OPINION_CONFIRMED);
  g_assert_cmpuint (reference.max_action, ==, WEIR_ACTION_FLAG);
  reference = import_run_get (run, "threatexchange-2");
  g_assert_cmpstr (reference.label, ==, "video");
  g_assert_cmpuint (reference.opinion, ==, WEIR_OPINION_UNREVIEWED);
}

/* What several members say of one indicator: -1, that it is harmless. */
static const struct {
  const gchar *first, *more;
  gint opinion;
} opinions[] = {
  { "MALICIOUS", "", WEIR_OPINION_CONFIRMED },
  { "UNKNOWN", "", WEIR_OPINION_UNREVIEWED },
  { "SUSPICIOUS", "", WEIR_OPINION_UNREVIEWED },
  { "UNKNOWN", "},{\"status\":\"MALICIOUS\"", WEIR_OPINION_CONFIRMED },
  { "MALICIOUS", "},{\"status\":\"NON_MALICIOUS\"", WEIR_OPINION_DISPUTED },
  { "UNKNOWN", "},{\"status\":\"NON_MALICIOUS\"", WEIR_OPINION_DISPUTED },
  { "MALICIOUS",
      ",\"reactions\":[{\"key\":\"HELPFUL\",\"value\":\"1\"},{\"key\":"
      "\"DISAGREE_WITH_TAGS\",\"value\":\"2,3\"}]",
      WEIR_OPINION_DISPUTED },
  { "NON_MALICIOUS", "", -1 },
  { "NON_MALICIOUS", "},{\"status\":\"NON_MALICIOUS\"", -1 },
};

static void
test_opinions (void)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (opinions); i++) {
    g_autofree gchar *text = g_strdup_printf (
        "{\"data\":[{\"id\":\"1\",\"indicator\":\"%s\",\"type\""
        ":\"HASH_PDQ\",\"descriptors\":{\"data\":[{\"status\":"
        "\"%s\"%s}]}}]}",
        HEX_A, opinions[i].first, opinions[i].more);
    g_autoptr (ImportRun) run = import_run (WEIR_IMPORT_THREATEXCHANGE, text);

    if (opinions[i].opinion < 0)
      import_run_assert_fine (
          run, "0 references with 0 fingerprints; left out: 1 harmless");
    else
      g_assert_cmpint (import_run_get (run, "threatexchange-1").opinion, ==,
          opinions[i].opinion);
  }
}

/* The last state of a record counts, whichever page it is on. */
static void
test_updates (void)
{
  const gchar *const texts[] = {
    PAGE (UPDATE ("1", HEX_A, "MALICIOUS", "") "," UPDATE (
        "2", HEX_B, "MALICIOUS", "") "," UPDATE ("3", HEX_C, "MALICIOUS",
        "") "," UPDATE ("4", HEX_C, "MALICIOUS", "")),
    PAGE (
        "{\"id\":\"1\",\"indicator\":\"" HEX_A
        "\",\"type\":\"HASH_PDQ\",\"should_delete\":true}," UPDATE ("2", HEX_C,
            "UNKNOWN", ",\"tags\":[\"new\"]") ","
                                              "{\"id\":\"3\",\"type\":\"HASH_"
                                              "PDQ\",\"should_delete\":false}"),
    PAGE (UPDATE ("4", HEX_C, "NON_MALICIOUS", "")),
    PAGE (UPDATE ("3", HEX_B, "UNKNOWN", "")),
    NULL,
  };
  g_autoptr (ImportRun) run =
      import_run_texts (WEIR_IMPORT_THREATEXCHANGE, NULL, texts);

  import_run_assert_fine (run,
      "2 references with 2 fingerprints; left out: 2 deleted, 1 harmless, 1 "
      "duplicate");
  import_run_assert_video (run, "threatexchange-2", HEX_C, 0);
  import_run_assert_video (run, "threatexchange-3", HEX_B, 0);
  g_assert_cmpstr (import_run_get (run, "threatexchange-2").label, ==, "new");
}

static void
test_settings (void)
{
  const WeirImportSettings settings = {
    .family = "F",
    .label = "L",
    .list = "T",
    .source = "S",
    .max_action = WEIR_ACTION_CUT,
    .has_opinion = TRUE,
    .opinion = WEIR_OPINION_UNREVIEWED,
  };
  const gchar text[] =
      PAGE (UPDATE ("1", HEX_A, "MALICIOUS", ",\"tags\":[\"a\"]"));
  g_autoptr (ImportRun) run = import_run_bytes (
      WEIR_IMPORT_THREATEXCHANGE, &settings, text, strlen (text));
  WeirReference reference = import_run_get (run, "threatexchange-1");

  g_assert_cmpstr (reference.family, ==, "F");
  g_assert_cmpstr (reference.label, ==, "L");
  g_assert_cmpstr (reference.list, ==, "T");
  g_assert_cmpstr (reference.source, ==, "S");
  g_assert_cmpuint (reference.opinion, ==, WEIR_OPINION_UNREVIEWED);
  g_assert_cmpuint (reference.max_action, ==, WEIR_ACTION_CUT);
}

/* ---- StopNCII ---- */

#define RECORD(type, hex, status)                                              \
  "{\"lastModtimestamp\":1625167804,\"hashValue\":\"" hex "\",\"hashStatus\":" \
  "\"" status "\",\"caseNumbers\":{\"27664732\":\"Withdrawn\"},\"signalType\"" \
  ":\"" type "\",\"CSPFeedbacks\":[{\"source\":\"X\",\"feedbackValue\":"       \
  "\"Blocked\",\"tags\":[\"T\"],\"hashStatus\":\"Deleted\"}]}"

/* The ids are the SHA-256 of the hash as it lies in memory. */
static void
test_stopncii (void)
{
  const gchar *const texts[] = {
    "{\"count\":4,\"hasMoreRecords\":true,\"hashRecords\":[" RECORD (
        "ImagePDQ", HEX_A, "Received") "," RECORD ("ImagePDQ", HEX_B,
        "Active") "," RECORD ("VideoMD5", "00",
        "Active") "," RECORD ("ImagePDQ", HEX_C, "Unknown") "]}",
    "{\"hashRecords\":[" RECORD ("ImagePDQ", HEX_A, "Withdrawn") "]}",
    NULL,
  };
  g_autoptr (ImportRun) run =
      import_run_texts (WEIR_IMPORT_STOPNCII, NULL, texts);
  WeirReference reference;

  import_run_assert_fine (
      run, "1 reference with 1 fingerprint; left out: 2 deleted, 1 VideoMD5");
  weir_bank_get_reference (run->bank, 0, &reference);
  g_assert_true (g_str_has_prefix (reference.id, "stopncii-"));
  g_assert_cmpuint (strlen (reference.id), ==, strlen ("stopncii-") + 16);
  g_assert_null (strstr (HEX_B, reference.id + strlen ("stopncii-")));
  import_run_assert_video (run, reference.id, HEX_B, 0);
  g_assert_cmpint (reference.added, ==, 1625167804);
  g_assert_cmpuint (reference.opinion, ==, WEIR_OPINION_UNREVIEWED);
}

/* ---- Tech Against Terrorism ---- */

static void
test_tat (void)
{
  g_autoptr (ImportRun) run = import_run (WEIR_IMPORT_TAT,
      "{\"count\":4,\"next\":null,\"checkpoint\":\"1,2\",\"results\":["
      "{\"hash_digest\":\"" HEX_A "\",\"algorithm\":\"PDQ\",\"ideology\":"
      "\"far-right\",\"file_type\":\"jpg\",\"deleted\":false,\"updated_on\":"
      "\"2024-08-28T14:34:47.709035Z\",\"created_on\":"
      "\"2024-08-27T00:00:00\",\"id\":10594},"
      "{\"hash_digest\":\"d41d8cd9\",\"algorithm\":\"MD5\",\"id\":10595},"
      "{\"hash_digest\":\"" HEX_B "\",\"algorithm\":\"PDQ\",\"deleted\":true,"
      "\"id\":10596},"
      "{\"hash_digest\":\"" HEX_C "\",\"algorithm\":\"PDQ\",\"updated_on\":"
      "\"2024-08-28T00:00:00+02:00\",\"id\":10597}]}");
  WeirReference reference = import_run_get (run, "tat-10594");

  import_run_assert_fine (
      run, "2 references with 2 fingerprints; left out: 1 deleted, 1 MD5");
  import_run_assert_video (run, "tat-10594", HEX_A, 0);
  g_assert_cmpstr (reference.label, ==, "far-right");
  g_assert_cmpint (reference.added, ==, 1724716800);
  g_assert_cmpuint (reference.opinion, ==, WEIR_OPINION_UNREVIEWED);
  g_assert_cmpint (import_run_get (run, "tat-10597").added, ==, 1724796000);
}

/* ---- What is common ---- */

/* The array alone, and pages one after the other. */
static void
test_shapes (void)
{
  g_autoptr (ImportRun) alone = import_run (WEIR_IMPORT_THREATEXCHANGE,
      "\xef\xbb\xbf[" UPDATE ("1", HEX_A, "UNKNOWN", "") "]");
  g_autoptr (ImportRun) pages = import_run (WEIR_IMPORT_THREATEXCHANGE,
      PAGE (UPDATE ("1", HEX_A, "UNKNOWN", "")) "\n" PAGE (
          UPDATE ("2", HEX_B, "UNKNOWN", "")) PAGE (""));

  import_run_assert_fine (alone, "1 reference with 1 fingerprint");
  import_run_assert_video (alone, "threatexchange-1", HEX_A, 0);
  import_run_assert_fine (pages, "2 references with 2 fingerprints");
  import_run_assert_video (pages, "threatexchange-2", HEX_B, 0);
}

/* Texts that do not fit a reference are left out of it. */
static void
test_unfit_texts (void)
{
  g_autofree gchar *label = g_strnfill (256, 'x');
  g_autofree gchar *text = g_strdup_printf (
      "{\"results\":[{\"id\":\"a\\nb\",\"algorithm\":\"PDQ\",\"hash_digest\":"
      "\"%s\",\"ideology\":\"%s\"},{\"id\":\"\\u0000\",\"algorithm\":\"PDQ\","
      "\"hash_digest\":\"%s\",\"ideology\":\"\\u001b[1m\"}]}",
      HEX_A, label, HEX_B);
  g_autoptr (ImportRun) run = import_run (WEIR_IMPORT_TAT, text);
  WeirReference reference;

  import_run_assert_fine (run, "2 references with 2 fingerprints");
  weir_bank_get_reference (run->bank, 0, &reference);
  g_assert_cmpuint (strlen (reference.id), ==, strlen ("tat-") + 16);
  g_assert_cmpstr (reference.label, ==, "");
  g_assert_cmpstr (import_run_get (run, "tat-?").label, ==, "");
}

static void
test_other_types (void)
{
  g_autoptr (GString) text = g_string_new ("{\"results\":[");
  g_autoptr (ImportRun) run = NULL;
  guint i;

  for (i = 0; i < 40; i++)
    g_string_append_printf (
        text, "{\"id\":1,\"algorithm\":\"type %u \\u00e9\"},", i);
  g_string_append (text, "{\"id\":1,\"algorithm\":\"MD5\"}]}");
  run = import_run (WEIR_IMPORT_TAT, text->str);
  g_assert_no_error (run->error);
  g_assert_cmpuint (run->counts.other_types, ==, 41);
  g_assert_nonnull (strstr (run->description, ", 1 type?0???"));
  g_assert_nonnull (strstr (run->description, "10 other types"));
}

static const struct {
  const gchar *record, *complaint;
} bad[] = {
  { "5", "l1.txt:1: record 1 is no object" },
  { "null", "record 1 is no object" },
  { "\"text\"", "record 1 is no object" },
  { "[{\"id\":\"1\"}]", "record 1 is no object" },
  { "{}", "record 1 does not say what type" },
  { "{\"algorithm\":null}", "record 1 does not say what type" },
  { "{\"algorithm\":{\"algorithm\":\"PDQ\"}}", "does not say what type" },
  { "{\"algorithm\":\"PDQ\"}", "record 1 has no PDQ hash" },
  { "{\"algorithm\":\"PDQ\",\"hash_digest\":\"0" HEX_A "\"}", "no PDQ hash" },
  { "{\"algorithm\":\"PDQ\",\"hash_digest\":\"" HEX_A "0000\"}",
      "no PDQ hash" },
  { "{\"algorithm\":\"PDQ\",\"hash_digest\":[\"" HEX_A "\"]}", "no PDQ hash" },
  { "{\"algorithm\":\"PDQ\",\"hash_digest\":1234}", "no PDQ hash" },
  { "{\"algorithm\":\"PDQ\",\"hash_digest\":\"\\u0000\"}", "no PDQ hash" },
  { "{\"algorithm\":\"PDQ\",\"hash_digest\":\"" HEX_A "\\u0000\"}",
      "no PDQ hash" },
  { "{\"algorithm\":\"PDQ\",\"deleted\":true}", "no PDQ hash" },
};

static void
test_bad_records (void)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autofree gchar *text = g_strdup_printf (
        "{\"results\":[%s,\n{\"id\":2,\"algorithm\":\"PDQ\",\"hash_digest\":"
        "\"%s\"}]}",
        bad[i].record, HEX_B);
    g_autoptr (ImportRun) run = import_run (WEIR_IMPORT_TAT, text);

    import_run_assert_complaint (run, bad[i].complaint);
    g_assert_null (strstr (g_ptr_array_index (run->complaints, 0), HEX_A));
    import_run_assert_video (run, "tat-2", HEX_B, 0);
  }
}

static const struct {
  const gchar *text, *reason;
} broken[] = {
  { "", "l1.txt:1: parse error: premature EOF; the file is cut short" },
  { " \n", "l1.txt:2: parse error: premature EOF; the file is cut short" },
  { "{}", "there is no array" },
  { "{\"error\":{\"message\":\"expired\"}}", "there is no array" },
  { "{\"data\":{\"data\":5},\"results\":\"\",\"hashRecords\":null}",
      "there is no array" },
  { "5", "there is no array" },
  { "{\"data\":[],\"results\":[],\"hashRecords\":[", "the file is cut short" },
  { "{\"data\":[],\"results\":[],\"hashRecords\":[]", "the file is cut short" },
  { "{\"data\":[],\"results\":[],\"hashRecords\":[]}}", "l1.txt:1: parse" },
  { "{\"data\":[\n{\"id\":\"1", "l1.txt:2: parse error: premature EOF" },
  { "[1,\n2,\n}]", "l1.txt:3: parse error" },
  { "<html>\n</html>", "l1.txt:1: lexical error" },
  { "\x7f"
    "ELF\x01",
      "l1.txt:1: lexical error" },
  { "{\"\xc3\x28\":1}", "l1.txt:1: lexical error" },
};

static void
test_broken (void)
{
  g_autofree gchar *deep = g_strnfill (1000, '[');
  guint i, k;

  for (k = 0; k < G_N_ELEMENTS (formats); k++) {
    g_autoptr (ImportRun) too_deep = import_run (formats[k], deep);

    import_run_assert_broken (too_deep, "more than 32 deep");
    for (i = 0; i < G_N_ELEMENTS (broken); i++) {
      g_autoptr (ImportRun) run = import_run (formats[k], broken[i].text);

      import_run_assert_broken (run, broken[i].reason);
      g_assert_cmpuint (run->counts.references, ==, 0);
    }
  }
}

static void
test_zero_bytes (void)
{
  const gchar text[] = "{\"results\":[\0]}";
  g_autoptr (ImportRun) run =
      import_run_bytes (WEIR_IMPORT_TAT, NULL, text, sizeof (text) - 1);

  import_run_assert_broken (run, "l1.txt:1: lexical error");
}

/* A hash of another type may be long; a text without end is refused. */
static void
test_long_texts (void)
{
  g_autofree gchar *long_text = g_strnfill (700000, 'a');
  g_autofree gchar *too_long = g_strnfill (2000000, 'a');
  g_autofree gchar *good = g_strdup_printf (
      "[{\"signalType\":\"VideoTMK\",\"hashValue\":\"%s\"}]", long_text);
  g_autofree gchar *bad_text = g_strdup_printf ("[{\"%s\":1}]", too_long);
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();
  const WeirImportSettings settings = { 0 };
  g_autoptr (WeirImporter) importer =
      weir_importer_new (WEIR_IMPORT_STOPNCII, &settings, builder, NULL, NULL);
  g_autoptr (GError) error = NULL;

  weir_importer_begin_file (importer, "good", "good");
  g_assert_true (weir_importer_push (importer, good, strlen (good), &error));
  g_assert_true (weir_importer_end_file (importer, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (weir_importer_get_counts (importer)->other_types, ==, 1);
  weir_importer_begin_file (importer, "bad", "bad");
  g_assert_false (
      weir_importer_push (importer, bad_text, strlen (bad_text), &error));
  g_assert_error (error, WEIR_IMPORT_ERROR, WEIR_IMPORT_ERROR_LIMIT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/import/threatexchange/records", test_threatexchange);
  g_test_add_func ("/import/threatexchange/opinions", test_opinions);
  g_test_add_func ("/import/threatexchange/updates", test_updates);
  g_test_add_func ("/import/threatexchange/settings", test_settings);
  g_test_add_func ("/import/stopncii/records", test_stopncii);
  g_test_add_func ("/import/tat/records", test_tat);
  g_test_add_func ("/import/pages/shapes", test_shapes);
  g_test_add_func ("/import/pages/unfit-texts", test_unfit_texts);
  g_test_add_func ("/import/pages/other-types", test_other_types);
  g_test_add_func ("/import/pages/bad-records", test_bad_records);
  g_test_add_func ("/import/pages/broken", test_broken);
  g_test_add_func ("/import/pages/zero-bytes", test_zero_bytes);
  g_test_add_func ("/import/pages/long-texts", test_long_texts);
  return g_test_run ();
}
