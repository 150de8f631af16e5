/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A feed that cannot be reached, and a bank that nobody has confirmed lately. */
#define _XOPEN_SOURCE 700 /* nftw() */

#include "common.h"

#include "bank/bank-folder.h"
#include "bank/manifest.h"
#include "feed/feed-cache.h"
#include "feed/feed-client.h"

#include <ftw.h>
#include <glib/gstdio.h>
#include <string.h>

/* Nobody listens there. */
#define URL "https://127.0.0.1:1/hot"

static gchar *folder;
static gchar *bank;

static void
set_up (void)
{
  folder = g_dir_make_tmp ("weir-feed-XXXXXX", NULL);
  bank = make_bank (WEIR_OPINION_CONFIRMED, WEIR_ACTION_CUT);
}

static int
remove_entry (
    const char *path, const struct stat *status, int type, struct FTW *walk)
{
  return g_remove (path);
}

/* The thread of a feed ends in its own time, and may yet write a file. */
static void
tear_down (void)
{
  delete_bank (bank);
  do
    nftw (folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
  while (g_file_test (folder, G_FILE_TEST_EXISTS));
  g_free (folder);
}

/* Whoever watches this stream is told that there is nothing to look up in, and
 * why; the stream goes on. */
GST_START_TEST (test_unreachable)
{
  WeirMinisignPublicKey key;
  WeirMinisignSecretKey secret;
  g_autofree gchar *word = NULL;
  g_autoptr (GstStructure) empty = NULL;
  g_autoptr (GstStructure) refused = NULL;
  GstElement *weir = make_weir (NULL, NULL);
  Rig *rig;

  fail_unless (weir_minisign_init ());
  weir_minisign_generate (&key, &secret);
  word = weir_minisign_format_public (&key);
  g_object_set (weir, "feed", URL, "feed-key", word, "cache-dir", folder, NULL);
  rig = rig_new (weir, PICTURE_CAPS);
  empty = rig_wait (rig, "weir-bank");
  assert_string (empty, "error", "");
  assert_uint (empty, "references", 0);
  assert_uint64 (empty, "age", 0);
  refused = rig_wait (rig, "weir-bank");
  assert_string (refused, "source", URL);
  fail_unless (
      strstr (gst_structure_get_string (refused, "error"), URL) != NULL);
  fail_unless_equals_int (rig_push_film (rig, KNOWN_FILM, 0, 10), GST_FLOW_OK);
  fail_unless_equals_int (rig_drop_output (rig), 10);
  rig_free (rig);
}
GST_END_TEST;

/* What is missing is said before anything is asked for. */
GST_START_TEST (test_no_key)
{
  g_autoptr (GstStructure) refused = NULL;
  GstElement *weir = make_weir (NULL, NULL);
  Rig *rig;

  g_object_set (weir, "feed", URL, "cache-dir", folder, NULL);
  rig = rig_new (weir, PICTURE_CAPS);
  refused = rig_wait (rig, "weir-bank");
  assert_string (refused, "source", URL);
  fail_unless (strstr (gst_structure_get_string (refused, "error"),
                   "its address, its key") != NULL);
  rig_free (rig);
}
GST_END_TEST;

/* The verdict on the film in the bank of the folder, which expires at @expires,
 * of a stream that may be cut. */
static void
expect_verdict (gint64 expires, const gchar *verdict)
{
  gchar *banks[] = { bank, NULL };
  const WeirBankChange change = { .add = banks, .instead = TRUE };
  g_autoptr (WeirManifest) manifest = NULL;
  g_autoptr (GstStructure) match = NULL;
  g_autoptr (GstStructure) cut = NULL;
  Rig *rig;

  fail_unless (weir_bank_folder_change (folder, &change, NULL));
  manifest = weir_manifest_read (folder, NULL);
  weir_manifest_set_expires (manifest, expires);
  fail_unless (weir_manifest_write (manifest, folder, NULL));
  rig = rig_new (
      make_weir (folder, "max-action=cut on-cut=drop sync-analysis=true"),
      PICTURE_CAPS);
  rig_push_film (rig, KNOWN_FILM, 0, PICTURES_TO_CUT);
  do {
    g_clear_pointer (&match, gst_structure_free);
    match = rig_pop (rig, "weir-match");
  } while (match && g_strcmp0 (gst_structure_get_string (match, "verdict"),
                        verdict) != 0);
  fail_unless (match != NULL);
  rig_push_film (rig, KNOWN_FILM, PICTURES_TO_CUT, 20);
  cut = rig_pop (rig, "weir-cut");
  fail_unless_equals_int (cut != NULL, g_str_equal (verdict, "cut"));
  rig_free (rig);
}

GST_START_TEST (test_expired)
{
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;

  expect_verdict (now + 3600, "cut");
  expect_verdict (now - 3600, "flag");
  expect_verdict (0, "cut");
}
GST_END_TEST;

/* ---- Feeds in the cache ---- */

/* The folder of the feed at URL with the key @key, its bank the films. */
static gchar *
make_feed (const gchar *key)
{
  const WeirFeedAddress address = { URL, key, folder };
  gchar *banks[] = { bank, NULL };
  const WeirBankChange change = { .add = banks };
  gchar *path = weir_feed_address_get_folder (&address, NULL);
  g_autofree gchar *cached = g_build_filename (path, "bank", NULL);

  fail_unless (weir_feed_cache_make (path, NULL));
  fail_unless (weir_bank_folder_change (cached, &change, NULL));
  return path;
}

/* That the list in the cache is no longer up to date is said before anybody has
 * asked for another. */
GST_START_TEST (test_expired_before)
{
  const gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  WeirMinisignPublicKey key;
  WeirMinisignSecretKey secret;
  g_autofree gchar *word = NULL;
  g_autofree gchar *path = NULL;
  g_autofree gchar *cached = NULL;
  g_autoptr (WeirManifest) manifest = NULL;
  g_autoptr (GstStructure) opened = NULL;
  g_autoptr (GstStructure) expired = NULL;
  GstElement *weir = make_weir (NULL, NULL);
  Rig *rig;

  fail_unless (weir_minisign_init ());
  weir_minisign_generate (&key, &secret);
  word = weir_minisign_format_public (&key);
  path = make_feed (word);
  cached = g_build_filename (path, "bank", NULL);
  manifest = weir_manifest_read (cached, NULL);
  weir_manifest_set_expires (manifest, now - 3600);
  fail_unless (weir_manifest_write (manifest, cached, NULL));
  g_object_set (weir, "feed", URL, "feed-key", word, "cache-dir", folder, NULL);
  rig = rig_new (weir, PICTURE_CAPS);
  opened = rig_wait (rig, "weir-bank");
  assert_string (opened, "error", "");
  expired = rig_wait (rig, "weir-bank");
  assert_string (expired, "source", URL);
  fail_unless (g_str_has_prefix (
      gst_structure_get_string (expired, "error"), "the list expired 360"));
  rig_free (rig);
}
GST_END_TEST;

/* ---- Floods ---- */

static void
set (const gchar *path, const gchar *settings)
{
  g_autofree gchar *file = g_build_filename (path, "settings", NULL);

  fail_unless (g_file_set_contents (file, settings, -1, NULL));
}

/* What is told of the feed that names the reference @id; NULL: nothing. */
static gchar *
pop_problem (Rig *rig, const gchar *id)
{
  g_autoptr (GstStructure) told = NULL;

  do {
    g_clear_pointer (&told, gst_structure_free);
    told = rig_pop (rig, "weir-bank");
  } while (told && !strstr (gst_structure_get_string (told, "error"), id));
  if (told)
    assert_string (told, "source", URL);
  return told ? g_strdup (gst_structure_get_string (told, "error")) : NULL;
}

/* The stream @id, which has begun; a bank of its own, @own, may have the film,
 * too. */
static Rig *
begin (const gchar *key, const gchar *id, const gchar *own)
{
  GstElement *weir =
      make_weir (own, "max-action=cut on-cut=drop sync-analysis=true");
  Rig *rig;

  g_object_set (weir, "stream-id", id, "feed", URL, "feed-key", key,
      "cache-dir", folder, NULL);
  rig = rig_new (weir, PICTURE_CAPS);
  fail_unless_equals_int (rig_push_film (rig, KNOWN_FILM, 0, 1), GST_FLOW_OK);
  return rig;
}

/* The stream of @rig shows the film and ends: it is cut, if it is to be, or else
 * says @why. */
static void
expect_cut (Rig *rig, const gchar *why)
{
  g_autoptr (GstStructure) started = NULL;
  g_autoptr (GstStructure) cut = NULL;
  g_autofree gchar *problem = NULL;

  rig_push_film (rig, KNOWN_FILM, 1, PICTURES_TO_CUT + 19);
  started = rig_wait (rig, "weir-match");
  assert_string (started, "state", "started");
  if (why)
    problem = pop_problem (rig, "known");
  else
    cut = rig_pop (rig, "weir-cut");
  fail_unless_equals_int (rig_drop_output (rig) < PICTURES_TO_CUT + 20, !why);
  fail_unless (!why == (cut != NULL));
  fail_unless (!why || (problem && strstr (problem, why)), "it says: %s",
      problem ? problem : "nothing");
  rig_free (rig);
}

/* A feed in the cache that lets two streams at once show a reference; its key,
 * and in @path its folder. Free both with g_free(). */
static gchar *
make_strict_feed (gchar **path)
{
  WeirMinisignPublicKey key;
  WeirMinisignSecretKey secret;
  gchar *word;

  fail_unless (weir_minisign_init ());
  weir_minisign_generate (&key, &secret);
  word = weir_minisign_format_public (&key);
  *path = make_feed (word);
  set (*path, "[feed]\nmax-streams=2\n");
  return word;
}

/* What matches more streams than it may cuts no more of them, until someone says
 * that it is right; what another bank has does. */
GST_START_TEST (test_flood)
{
  static const gchar held[] = "'known' matches more than 2 streams";
  g_autofree gchar *path = NULL;
  g_autofree gchar *key = make_strict_feed (&path);
  gchar *own = make_film_bank (
      KNOWN_FILM, "own", WEIR_OPINION_CONFIRMED, WEIR_ACTION_CUT);
  Rig *first = begin (key, "a", NULL);
  Rig *second = begin (key, "b", NULL);
  Rig *third = begin (key, "c", NULL);

  expect_cut (first, NULL);
  expect_cut (second, NULL);
  expect_cut (begin (key, "b", NULL), NULL);
  expect_cut (third, held);
  expect_cut (begin (key, "a", NULL), held);
  expect_cut (begin (key, "c", own), NULL);
  set (path, "[feed]\nmax-streams=2\nconfirmed=known\n");
  expect_cut (begin (key, "c", NULL), NULL);
  delete_bank (own);
}
GST_END_TEST;

/* A publisher who comes back after each cut under another name is cut each
 * time. */
GST_START_TEST (test_reconnects)
{
  g_autofree gchar *path = NULL;
  g_autofree gchar *key = make_strict_feed (&path);

  for (guint i = 0; i < 4; i++) {
    g_autofree gchar *id = g_uuid_string_random ();

    expect_cut (begin (key, id, NULL), NULL);
  }
}
GST_END_TEST;

static Suite *
feed_suite (void)
{
  Suite *suite = suite_create ("feed");
  TCase *all = tcase_create ("all");

  suite_add_tcase (suite, all);
  tcase_add_checked_fixture (all, set_up, tear_down);
  tcase_add_test (all, test_unreachable);
  tcase_add_test (all, test_no_key);
  tcase_add_test (all, test_expired);
  tcase_add_test (all, test_expired_before);
  tcase_add_test (all, test_flood);
  tcase_add_test (all, test_reconnects);
  return suite;
}

GST_CHECK_MAIN (feed);
