/* SPDX-License-Identifier: GPL-3.0-or-later */
/* NCMEC's pages of XML. */
#include "import-run.h"

#include <string.h>

#define HEAD                                                                   \
  "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"            \
  "<queryResult xmlns=\"https://hashsharing.ncmec.org/hashsharing/v2\">"
#define TAIL                                                                   \
  "<paging><next>/v2/entries?a=1&amp;b=2</next></paging></queryResult>\n"

/* An image of member 42. */
#define IMAGE(id, fingerprints, more)                                          \
  "<image><member id=\"42\">Example Member</member><timestamp>2017-10-24T15:"  \
  "00:00Z</timestamp><id>" id "</id><classification>A1</classification>"       \
  "<fingerprints>" fingerprints "</fingerprints>" more "</image>"

#define PDQ(hex) "<pdq>" hex "</pdq>"

static void
test_entries (void)
{
  g_autoptr (ImportRun) run = import_run (WEIR_IMPORT_NCMEC, HEAD
      "<images count=\"2\" maxTimestamp=\"2017-10-24T15:10:00Z\">" IMAGE ("a",
          "<md5>00</md5><sha1>00</sha1>\n<pdq> \n" HEX_A "\n </pdq>",
          "") "<deletedImage><member id=\"42\">x</member>"
              "<id>gone</id></deletedImage></images>"
              "<videos><video><member id=\"7\">Other &amp; "
              "Co</member><id>b</id>"
              "<fingerprints><md5>00</md5><tmk-pdqf rel=\"self\" "
              "href=\"/v2/1\"/>" PDQ (
                  HEX_B) "</fingerprints></video></videos>" TAIL);
  WeirReference reference = import_run_get (run, "ncmec-42-a");

  import_run_assert_fine (run,
      "2 references with 2 fingerprints; left out: 1 deleted, 2 md5, 1 sha1, 1 "
      "tmk-pdqf");
  import_run_assert_video (run, "ncmec-42-a", HEX_A, 0);
  import_run_assert_video (run, "ncmec-7-b", HEX_B, 0);
  g_assert_cmpstr (reference.label, ==, "A1");
  g_assert_cmpstr (reference.source, ==, "Example Member");
  g_assert_cmpint (reference.added, ==, 1508857200);
  g_assert_cmpuint (reference.opinion, ==, WEIR_OPINION_UNREVIEWED);
  g_assert_cmpuint (reference.max_action, ==, WEIR_ACTION_FLAG);
  reference = import_run_get (run, "ncmec-7-b");
  g_assert_cmpstr (reference.label, ==, "");
  g_assert_cmpstr (reference.source, ==, "Other & Co");
  g_assert_cmpint (reference.added, ==, 0);
}

/* Feedback about other fingerprints of the entry says nothing of this one. */
static const struct {
  const gchar *feedback;
  WeirOpinion opinion;
} feedbacks[] = {
  { "", WEIR_OPINION_UNREVIEWED },
  { "<affirmativeFeedback type=\"Md5\"/><negativeFeedback type=\"Sha1\"/>",
      WEIR_OPINION_UNREVIEWED },
  { "<affirmativeFeedback lastUpdateTimestamp=\"x\" type=\"Pdq\"><members "
    "timestamp=\"x\"><member id=\"1\">Someone</member></members>"
    "</affirmativeFeedback>",
      WEIR_OPINION_CONFIRMED },
  { "<affirmativeFeedback type=\"PDQ\"/><negativeFeedback type=\"PDQ\">"
    "<reasons><reason name=\"r\" type=\"Pdq\"/></reasons></negativeFeedback>",
      WEIR_OPINION_DISPUTED },
  { "<affirmativeFeedback type=\"Pdqf\"/><affirmativeFeedback/>",
      WEIR_OPINION_UNREVIEWED },
};

static void
test_feedback (void)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (feedbacks); i++) {
    g_autofree gchar *text = g_strconcat (HEAD
        "<images><image><member "
        "id=\"42\">Example Member</member><id>a</id><fingerprints>" PDQ (
            HEX_A) "</fingerprints><feedback>",
        feedbacks[i].feedback, "</feedback></image></images>" TAIL, NULL);
    g_autoptr (ImportRun) run = import_run (WEIR_IMPORT_NCMEC, text);
    WeirReference reference = import_run_get (run, "ncmec-42-a");

    import_run_assert_fine (run, "1 reference with 1 fingerprint");
    g_assert_cmpuint (reference.opinion, ==, feedbacks[i].opinion);
    g_assert_cmpstr (reference.source, ==, "Example Member");
  }
}

/* The last state of an entry counts; one whose PDQ is gone is gone. */
static void
test_updates (void)
{
  const gchar *const texts[] = {
    HEAD "<images>" IMAGE ("a", PDQ (HEX_A), "") IMAGE ("b", PDQ (HEX_B), "")
        IMAGE ("c", PDQ (HEX_C), "") "</images>" TAIL,
    HEAD
    "<images><deletedImage><id>a</id><member id=\"42\"/></deletedImage>" IMAGE (
        "b", "<md5>00</md5>", "") IMAGE ("c", PDQ (HEX_A), "") "</images>" TAIL,
    NULL,
  };
  g_autoptr (ImportRun) run = import_run_texts (WEIR_IMPORT_NCMEC, NULL, texts);

  import_run_assert_fine (run, "1 reference with 1 fingerprint; left out: 1 "
                               "deleted, 1 duplicate, 1 md5");
  import_run_assert_video (run, "ncmec-42-c", HEX_A, 0);
}

static const struct {
  const gchar *entry, *complaint;
} bad[] = {
  { IMAGE ("a", "<pdq/>", ""), "l1.txt:2: record 1 has no PDQ hash" },
  { IMAGE ("a", PDQ ("0" HEX_A), ""), "no PDQ hash" },
  { IMAGE ("a", PDQ (HEX_A HEX_A HEX_A HEX_A HEX_A), ""), "no PDQ hash" },
  { IMAGE ("a", PDQ ("<b>" HEX_A "</b>"), ""), "no PDQ hash" },
  { IMAGE ("", PDQ (HEX_A), ""), "l1.txt:2: entry 1 has no id" },
  { "<deletedVideo><member id=\"42\"/></deletedVideo>", "has no id" },
  { "<image/>", "has no id" },
};

static void
test_bad_entries (void)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autofree gchar *text = g_strconcat (HEAD "<images>", bad[i].entry,
        IMAGE ("good", PDQ (HEX_B), "") "</images>" TAIL, NULL);
    g_autoptr (ImportRun) run = import_run (WEIR_IMPORT_NCMEC, text);

    import_run_assert_complaint (run, bad[i].complaint);
    g_assert_null (strstr (g_ptr_array_index (run->complaints, 0), HEX_A));
    import_run_assert_video (run, "ncmec-42-good", HEX_B, 0);
  }
}

static const struct {
  const gchar *text, *reason;
} broken[] = {
  { "", "l1.txt:1: " },
  { "\n \n", "the file is damaged or cut short" },
  { HEAD, "the file is damaged or cut short" },
  { HEAD "<images>" IMAGE ("a", "<pdq>00", ""), "l1.txt:2: " },
  { HEAD "<images><ima", "the file is damaged or cut short" },
  { HEAD "<images></videos>", "l1.txt:2: Opening and ending tag mismatch" },
  { HEAD TAIL HEAD TAIL, "l1.txt:3: " },
  { "<html><body/></html>", "l1.txt:1: this is no queryResult" },
  { "<feedbackResult/>", "this is no queryResult" },
  { "{\"data\":[]}", "l1.txt:1: Document is empty; the file is damaged" },
  { "\x7f"
    "ELF\x01\x02\x03\x04",
      "l1.txt:1: " },
  { HEAD "<a>\xff\xfe</a>" TAIL, "l1.txt:2: " },
  { HEAD "<a>&unknown;</a>" TAIL, "l1.txt:2: Entity 'unknown' not defined" },
  { "<!DOCTYPE q [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]>\n"
    "<queryResult>&b;</queryResult>",
      "l1.txt:1: it has a document type" },
  { "<!DOCTYPE q SYSTEM \"file:///etc/passwd\"><queryResult/>",
      "it has a document type" },
};

static void
test_broken (void)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (broken); i++) {
    g_autoptr (ImportRun) run = import_run (WEIR_IMPORT_NCMEC, broken[i].text);

    import_run_assert_broken (run, broken[i].reason);
  }
}

static void
test_zero_bytes (void)
{
  const gchar text[] = HEAD "<images>\0</images>" TAIL;
  g_autoptr (ImportRun) run =
      import_run_bytes (WEIR_IMPORT_NCMEC, NULL, text, sizeof (text) - 1);

  import_run_assert_broken (run, "l1.txt:2: ");
}

static void
test_deep (void)
{
  g_autoptr (GString) text = g_string_new (HEAD);
  g_autoptr (ImportRun) run = NULL;
  guint i;

  for (i = 0; i < 1000; i++)
    g_string_append (text, "<a>");
  run = import_run (WEIR_IMPORT_NCMEC, text->str);
  import_run_assert_broken (run, "l1.txt:2: elements lie too deep");
}

/* A name, an attribute, a comment without an end take no memory without end;
 * a text only passes through. */
static void
test_endless (void)
{
  static const gchar *const begins[] = { "<", "<a b=\"", "<a><!-- ",
    "<?target " };
  const WeirImportSettings settings = { 0 };
  g_autofree gchar *piece = g_strnfill (1 << 20, 'a');
  guint i, k;

  for (k = 0; k < G_N_ELEMENTS (begins); k++) {
    g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();
    g_autoptr (WeirImporter) importer =
        weir_importer_new (WEIR_IMPORT_NCMEC, &settings, builder, NULL, NULL);
    g_autoptr (GError) error = NULL;
    gboolean going;

    weir_importer_begin_file (importer, "endless", "endless");
    going =
        weir_importer_push (importer, HEAD, strlen (HEAD), &error) &&
        weir_importer_push (importer, begins[k], strlen (begins[k]), &error);
    g_assert_true (going);
    for (i = 0; i < 64 && going; i++)
      going = weir_importer_push (importer, piece, 1 << 20, &error);
    g_assert_false (going);
    g_assert_cmpuint (i, <, 32);
    g_assert_true (error->domain == WEIR_IMPORT_ERROR);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/import/ncmec/entries", test_entries);
  g_test_add_func ("/import/ncmec/feedback", test_feedback);
  g_test_add_func ("/import/ncmec/updates", test_updates);
  g_test_add_func ("/import/ncmec/bad-entries", test_bad_entries);
  g_test_add_func ("/import/ncmec/broken", test_broken);
  g_test_add_func ("/import/ncmec/zero-bytes", test_zero_bytes);
  g_test_add_func ("/import/ncmec/deep", test_deep);
  g_test_add_func ("/import/ncmec/endless", test_endless);
  return g_test_run ();
}
