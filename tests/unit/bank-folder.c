/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Folders that are banks: manifests, segments, references taken back. */
#include "bank-files.h"

#include "bank/bank-private.h"
#include "bank/manifest.h"

#include <glib/gstdio.h>
#include <string.h>

static gchar *
get_path (const BankFiles *fixture, const gchar *name)
{
  return g_build_filename (fixture->directory, name, NULL);
}

static void
remove_file (const BankFiles *fixture, const gchar *name)
{
  g_autofree gchar *path = get_path (fixture, name);

  g_assert_cmpint (g_unlink (path), ==, 0);
}

static void
write_text (const BankFiles *fixture, const gchar *name, const gchar *text)
{
  g_autofree gchar *path = get_path (fixture, name);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static WeirPdqHash
make_hash (const gchar *id)
{
  return (WeirPdqHash){ { g_str_hash (id), 1, 2, 3 } };
}

/* A segment with a reference for each of @ids, each with a video and an audio
 * fingerprint of its own. */
static void
write_segment (const BankFiles *fixture, const gchar *name, const gchar *ids)
{
  g_autofree gchar *path = get_path (fixture, name);
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();
  g_auto (GStrv) words = g_strsplit (ids, " ", -1);

  for (guint32 i = 0; words[i] != NULL; i++) {
    WeirPdqHash hash = make_hash (words[i]);

    bank_files_add_reference (builder, words[i]);
    bank_files_add_video (builder, i, &hash, i);
    bank_files_add_audio (builder, i, g_str_hash (words[i]), i);
  }
  bank_files_write (builder, path);
}

static void
list_segment (
    const BankFiles *fixture, WeirManifest *manifest, const gchar *name)
{
  g_autofree gchar *path = get_path (fixture, name);
  g_autoptr (WeirBank) bank = bank_files_open (path);

  weir_manifest_add_segment (manifest, name, weir_bank_get_version (bank));
}

static void
write_manifest (const BankFiles *fixture, const WeirManifest *manifest)
{
  g_autoptr (GError) error = NULL;

  weir_manifest_write (manifest, fixture->directory, &error);
  g_assert_no_error (error);
}

static void
assert_refused (const BankFiles *fixture, WeirBankError code, const gchar *says)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (weir_bank_open (fixture->directory, &error));
  g_assert_error (error, WEIR_BANK_ERROR, (gint) code);
  bank_files_assert_one_line (error, says);
}

/* Whether lookups find @id, and as what reference. */
static gboolean
is_found (const WeirBank *bank, const gchar *id)
{
  g_autoptr (GArray) video = g_array_new (FALSE, FALSE, sizeof (WeirVideoHit));
  g_autoptr (GArray) audio = g_array_new (FALSE, FALSE, sizeof (WeirAudioHit));
  WeirPdqHash hash = make_hash (id);
  WeirReference reference;
  guint32 index;
  gboolean found = weir_bank_find_reference (bank, id, &index);

  weir_bank_lookup_video (bank, &hash, 0, video);
  bank_files_look_up_key (bank, g_str_hash (id), audio);
  g_assert_cmpuint (video->len, ==, found ? 1 : 0);
  g_assert_cmpuint (audio->len, ==, found ? 1 : 0);
  if (!found)
    return FALSE;
  g_assert_true (weir_bank_has_reference (bank, index));
  g_assert_cmpuint (
      g_array_index (video, WeirVideoHit, 0).reference, ==, index);
  g_assert_cmpuint (
      g_array_index (audio, WeirAudioHit, 0).reference, ==, index);
  weir_bank_get_reference (bank, index, &reference);
  g_assert_cmpstr (reference.id, ==, id);
  return TRUE;
}

static void
test_without_manifest (BankFiles *fixture, gconstpointer data)
{
  g_autoptr (WeirBank) bank = NULL;
  g_autoptr (WeirBank) named = NULL;
  g_autofree gchar *names = NULL;

  assert_refused (fixture, WEIR_BANK_ERROR_FILE, "without banks");
  write_segment (fixture, "b.weir", "c");
  write_segment (fixture, "a.weir", "a b");
  write_segment (fixture, ".hidden.weir", "d");
  write_text (fixture, "notes.txt", "not a bank");
  bank = bank_files_open (fixture->directory);
  g_assert_cmpuint (weir_bank_get_n_references (bank), ==, 3);
  g_assert_cmpuint (weir_bank_get_n_video (bank), ==, 3);
  g_assert_true (is_found (bank, "a") && is_found (bank, "b"));
  g_assert_true (is_found (bank, "c"));
  g_assert_false (is_found (bank, "d"));

  names = g_strdup_printf (
      "%s/b.weir,%s/a.weir", fixture->directory, fixture->directory);
  named = bank_files_open (names);
  g_assert_cmpstr (
      weir_bank_get_version (named), ==, weir_bank_get_version (bank));

  write_text (fixture, "c.weir", "not a bank");
  assert_refused (fixture, WEIR_BANK_ERROR_FOREIGN, "c.weir");
  remove_file (fixture, "a.weir");
  remove_file (fixture, "b.weir");
  remove_file (fixture, "c.weir");
  remove_file (fixture, ".hidden.weir");
  remove_file (fixture, "notes.txt");
}

/* A removal takes out of what is before it, and of nothing after it. */
static void
test_removals (BankFiles *fixture, gconstpointer data)
{
  g_autoptr (WeirManifest) manifest = weir_manifest_new ();
  g_autoptr (WeirBank) whole = NULL;
  g_autoptr (WeirBank) bank = NULL;
  WeirReference reference;
  guint32 index;

  write_segment (fixture, "1.weir", "a b c");
  write_segment (fixture, "2.weir", "d b");
  list_segment (fixture, manifest, "1.weir");
  write_manifest (fixture, manifest);
  whole = bank_files_open (fixture->directory);
  g_assert_true (is_found (whole, "b"));
  g_assert_false (is_found (whole, "d"));

  weir_manifest_add_removal (manifest, "b");
  weir_manifest_add_removal (manifest, "not there");
  list_segment (fixture, manifest, "2.weir");
  weir_manifest_add_removal (manifest, "a");
  weir_manifest_add_removal (manifest, "a");
  write_manifest (fixture, manifest);
  bank = bank_files_open (fixture->directory);
  g_assert_cmpuint (weir_bank_get_n_references (bank), ==, 3);
  g_assert_cmpuint (weir_bank_get_n_indices (bank), ==, 5);
  g_assert_cmpuint (weir_bank_get_n_video (bank), ==, 3);
  g_assert_cmpuint (weir_bank_get_n_audio (bank), ==, 3);
  g_assert_false (is_found (bank, "a"));
  g_assert_true (is_found (bank, "c"));
  g_assert_true (is_found (bank, "b"));
  g_assert_true (is_found (bank, "d"));
  g_assert_true (weir_bank_find_reference (bank, "b", &index));
  g_assert_cmpuint (index, ==, 4);
  g_assert_false (weir_bank_has_reference (bank, 0));
  g_assert_false (weir_bank_has_reference (bank, 1));
  g_assert_true (weir_bank_has_reference (bank, 2));
  g_assert_false (weir_bank_has_reference (bank, 5));
  weir_bank_get_reference (bank, 0, &reference);
  g_assert_cmpstr (reference.id, ==, "a");
  g_assert_cmpstr (
      weir_bank_get_version (bank), !=, weir_bank_get_version (whole));
  remove_file (fixture, "1.weir");
  remove_file (fixture, "2.weir");
  remove_file (fixture, WEIR_MANIFEST_NAME);
}

/* Each reference says until when its folder is up to date. */
static void
test_expires (BankFiles *fixture, gconstpointer data)
{
  g_autoptr (WeirManifest) manifest = weir_manifest_new ();
  g_autoptr (WeirBank) ahead = NULL;
  g_autoptr (WeirBank) bank = NULL;
  g_autoptr (WeirBank) both = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree gchar *paths = NULL;
  WeirReference reference;

  write_segment (fixture, "1.weir", "a");
  list_segment (fixture, manifest, "1.weir");
  weir_manifest_set_expires (manifest, CREATED);
  ahead = weir_manifest_open (manifest, fixture->directory, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (weir_bank_get_expires (ahead), ==, CREATED);
  write_manifest (fixture, manifest);
  bank = bank_files_open (fixture->directory);
  weir_bank_get_reference (bank, 0, &reference);
  g_assert_cmpint (reference.expires, ==, CREATED);

  /* Of several, each keeps its own. */
  write_segment (fixture, "2.weir", "b");
  paths =
      g_strconcat (fixture->directory, "/2.weir,", fixture->directory, NULL);
  both = bank_files_open (paths);
  g_assert_cmpint (weir_bank_get_expires (both), ==, CREATED);
  weir_bank_get_reference (both, 0, &reference);
  g_assert_cmpstr (reference.id, ==, "b");
  g_assert_cmpint (reference.expires, ==, 0);
  remove_file (fixture, "1.weir");
  remove_file (fixture, "2.weir");
  remove_file (fixture, WEIR_MANIFEST_NAME);
}

static void
assert_origin (const WeirBank *bank, const gchar *id, const gchar *origin)
{
  g_autofree gchar *found = NULL;
  guint32 index;

  g_assert_true (weir_bank_find_reference (bank, id, &index));
  found = weir_bank_get_origin (bank, index);
  g_assert_cmpstr (found, ==, origin);
}

/* Of a bank with several names, each reference is of one. */
static void
test_origin (BankFiles *fixture, gconstpointer data)
{
  g_autofree gchar *other =
      g_build_filename (fixture->directory, "3.other", NULL);
  g_autofree gchar *paths = g_strjoin (",", other, fixture->directory, NULL);
  g_autoptr (WeirBank) bank = NULL;
  g_autoptr (WeirBank) next = NULL;
  g_autoptr (WeirBank) news = NULL;

  write_segment (fixture, "3.other", "c");
  write_segment (fixture, "1.weir", "a");
  bank = bank_files_open (paths);
  write_segment (fixture, "2.weir", "b");
  next = weir_bank_open_next (paths, bank, NULL);
  g_assert_nonnull (next);
  assert_origin (next, "a", fixture->directory);
  assert_origin (next, "b", fixture->directory);
  assert_origin (next, "c", other);
  news = weir_bank_new_since (next, bank);
  assert_origin (news, "b", fixture->directory);
  remove_file (fixture, "1.weir");
  remove_file (fixture, "2.weir");
  remove_file (fixture, "3.other");
}

/* The version tells what is in a bank, not how it was said. */
static void
test_version (BankFiles *fixture, gconstpointer data)
{
  const gchar *const removals[][3] = { { "a", "b", NULL }, { "b", "a", NULL },
    { "a", "c", NULL }, { "a", NULL } };
  gchar *versions[G_N_ELEMENTS (removals)];

  write_segment (fixture, "1.weir", "a b c");
  for (guint i = 0; i < G_N_ELEMENTS (removals); i++) {
    g_autoptr (WeirManifest) manifest = weir_manifest_new ();
    g_autoptr (WeirBank) bank = NULL;

    list_segment (fixture, manifest, "1.weir");
    for (guint k = 0; removals[i][k] != NULL; k++)
      weir_manifest_add_removal (manifest, removals[i][k]);
    write_manifest (fixture, manifest);
    bank = bank_files_open (fixture->directory);
    versions[i] = g_strdup (weir_bank_get_version (bank));
  }
  g_assert_cmpstr (versions[0], ==, versions[1]);
  g_assert_cmpstr (versions[0], !=, versions[2]);
  g_assert_cmpstr (versions[0], !=, versions[3]);
  for (guint i = 0; i < G_N_ELEMENTS (versions); i++)
    g_free (versions[i]);
  remove_file (fixture, "1.weir");
  remove_file (fixture, WEIR_MANIFEST_NAME);
}

/* What has not changed is taken over as it is. */
static void
test_open_next (BankFiles *fixture, gconstpointer data)
{
  g_autoptr (WeirBank) previous = NULL;
  g_autoptr (WeirBank) next = NULL;
  g_autoptr (GError) error = NULL;
  WeirReference before, after;

  write_segment (fixture, "1.weir", "a b");
  previous = bank_files_open (fixture->directory);
  write_segment (fixture, "2.weir", "c");
  next = weir_bank_open_next (fixture->directory, previous, &error);
  g_assert_no_error (error);
  weir_bank_get_reference (previous, 0, &before);
  weir_bank_get_reference (next, 0, &after);
  g_assert_true (before.id == after.id);
  g_clear_pointer (&previous, weir_bank_unref);
  g_assert_true (is_found (next, "a") && is_found (next, "c"));

  /* One that was replaced is read, and checked. */
  write_segment (fixture, "1.weir", "d");
  previous = g_steal_pointer (&next);
  next = weir_bank_open_next (fixture->directory, previous, &error);
  g_assert_no_error (error);
  g_assert_true (is_found (next, "d"));
  g_assert_false (is_found (next, "a"));
  write_text (fixture, "1.weir", "WEIRBANK, not");
  g_clear_pointer (&next, weir_bank_unref);
  g_assert_null (weir_bank_open_next (fixture->directory, previous, &error));
  g_assert_error (error, WEIR_BANK_ERROR, WEIR_BANK_ERROR_TRUNCATED);
  g_assert_true (is_found (previous, "a"));
  remove_file (fixture, "1.weir");
  remove_file (fixture, "2.weir");
}

static void
test_too_many (BankFiles *fixture, gconstpointer data)
{
  guint i;

  for (i = 0; i < 65; i++) {
    g_autofree gchar *name = g_strdup_printf ("%02u.weir", i);
    g_autofree gchar *id = g_strdup_printf ("id-%u", i);

    if (i == 64) {
      g_autoptr (WeirBank) bank = bank_files_open (fixture->directory);

      g_assert_cmpuint (weir_bank_get_n_references (bank), ==, 64);
    }
    write_segment (fixture, name, id);
  }
  assert_refused (fixture, WEIR_BANK_ERROR_LIMIT, "at most 64");
  for (i = 0; i < 65; i++) {
    g_autofree gchar *name = g_strdup_printf ("%02u.weir", i);

    remove_file (fixture, name);
  }
}

static void
test_wrong_segment (BankFiles *fixture, gconstpointer data)
{
  write_segment (fixture, "1.weir", "a");
  write_text (fixture, WEIR_MANIFEST_NAME,
      "weir-manifest 1\nsegment 0123456789abcdef 1.weir\nend\n");
  assert_refused (fixture, WEIR_BANK_ERROR_DAMAGED, "0123456789abcdef");
  write_text (fixture, WEIR_MANIFEST_NAME,
      "weir-manifest 1\nsegment 0123456789abcdef 2.weir\nend\n");
  assert_refused (fixture, WEIR_BANK_ERROR_FILE, "2.weir");
  remove_file (fixture, "1.weir");
  remove_file (fixture, WEIR_MANIFEST_NAME);
}

static void
test_manifest_round_trip (void)
{
  static const gchar *const ids[] = { "plain", "two words", "100%",
    "line\nend\n", "\xd0\xb8\xd0\xb4", "\x01\x7f", " ", "%41", "a~b_c-d.e" };
  g_autoptr (WeirManifest) written = weir_manifest_new ();
  g_autoptr (WeirManifest) read = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree gchar *text = NULL;

  weir_manifest_set_note (written, "what it was");
  weir_manifest_set_expires (written, CREATED);
  weir_manifest_add_segment (written, "a b.weir", "0123456789abcdef");
  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    weir_manifest_add_removal (written, ids[i]);
  text = weir_manifest_format (written);
  read = weir_manifest_parse (text, strlen (text), "text", &error);
  g_assert_no_error (error);
  g_assert_true (weir_manifest_is_equal (written, read));
  g_assert_cmpuint (
      weir_manifest_get_length (read), ==, G_N_ELEMENTS (ids) + 1);
  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    g_assert_cmpstr (weir_manifest_get (read, i + 1)->text, ==, ids[i]);
  g_assert_cmpstr (weir_manifest_get_note (read), ==, "what it was");
  g_assert_cmpint (weir_manifest_get_expires (read), ==, CREATED);
  weir_manifest_set_expires (read, CREATED + 1);
  g_assert_false (weir_manifest_is_equal (written, read));
  weir_manifest_set_expires (read, CREATED);
  weir_manifest_set_note (read, NULL);
  g_assert_false (weir_manifest_is_equal (written, read));
  weir_manifest_set_note (read, "what it was");
  g_assert_true (weir_manifest_is_equal (written, read));
  weir_manifest_add_removal (read, "more");
  g_assert_false (weir_manifest_is_equal (written, read));
}

static void
test_manifest_refusals (void)
{
  static const struct {
    const gchar *text;
    WeirBankError code;
  } manifests[] = {
    { "", WEIR_BANK_ERROR_TRUNCATED },
    { "weir-manifest 1", WEIR_BANK_ERROR_TRUNCATED },
    { "weir-manifest 1\n", WEIR_BANK_ERROR_TRUNCATED },
    { "weir-manifest 1\nend", WEIR_BANK_ERROR_TRUNCATED },
    { "weir-manifest 1\nremove a\nen", WEIR_BANK_ERROR_TRUNCATED },
    { "weir-manifest 2\nend\n", WEIR_BANK_ERROR_FOREIGN },
    { "end\n", WEIR_BANK_ERROR_FOREIGN },
    { "weir-manifest 1\nend\nend\n", WEIR_BANK_ERROR_DAMAGED },
    { "weir-manifest 1\n\nend\n", WEIR_BANK_ERROR_DAMAGED },
    { "weir-manifest 1\nremove \nend\n", WEIR_BANK_ERROR_DAMAGED },
    { "weir-manifest 1\nremove %\nend\n", WEIR_BANK_ERROR_DAMAGED },
    { "weir-manifest 1\nremove %00\nend\n", WEIR_BANK_ERROR_DAMAGED },
    { "weir-manifest 1\nremove %ff\nend\n", WEIR_BANK_ERROR_DAMAGED },
    { "weir-manifest 1\nremove \xff\nend\n", WEIR_BANK_ERROR_DAMAGED },
    { "weir-manifest 1\nsegment 0123456789abcdef a\nend\n",
        WEIR_BANK_ERROR_DAMAGED },
    { "weir-manifest 1\nsegment 0123456789abcdef ../a.weir\nend\n",
        WEIR_BANK_ERROR_DAMAGED },
    { "weir-manifest 1\nsegment 0123456789abcdef .a.weir\nend\n",
        WEIR_BANK_ERROR_DAMAGED },
    { "weir-manifest 1\nsegment 0123456789ABCDEF a.weir\nend\n",
        WEIR_BANK_ERROR_DAMAGED },
    { "weir-manifest 1\nsegment 0123456789abcde a.weir\nend\n",
        WEIR_BANK_ERROR_DAMAGED },
    { "weir-manifest 1\nsegment a.weir\nend\n", WEIR_BANK_ERROR_DAMAGED },
    { "weir-manifest 1\nexpires 0\nend\n", WEIR_BANK_ERROR_DAMAGED },
    { "weir-manifest 1\nexpires -1\nend\n", WEIR_BANK_ERROR_DAMAGED },
    { "weir-manifest 1\nexpires 1\nexpires 1\nend\n", WEIR_BANK_ERROR_DAMAGED },
    { "weir-manifest 1\nnote a\nnote a\nend\n", WEIR_BANK_ERROR_DAMAGED },
  };

  for (guint i = 0; i < G_N_ELEMENTS (manifests); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (weir_manifest_parse (
        manifests[i].text, strlen (manifests[i].text), "text", &error));
    g_assert_error (error, WEIR_BANK_ERROR, (gint) manifests[i].code);
    bank_files_assert_one_line (error, "'text'");
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  bank_files_add_test ("/bank/folder/without-manifest", test_without_manifest);
  bank_files_add_test ("/bank/folder/removals", test_removals);
  bank_files_add_test ("/bank/folder/expires", test_expires);
  bank_files_add_test ("/bank/folder/origin", test_origin);
  bank_files_add_test ("/bank/folder/version", test_version);
  bank_files_add_test ("/bank/folder/open-next", test_open_next);
  bank_files_add_test ("/bank/folder/too-many", test_too_many);
  bank_files_add_test ("/bank/folder/wrong-segment", test_wrong_segment);
  g_test_add_func ("/bank/manifest/round-trip", test_manifest_round_trip);
  g_test_add_func ("/bank/manifest/refusals", test_manifest_refusals);
  return g_test_run ();
}
