/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the builder refuses, how it writes, and banks between threads. */
#include "bank-files.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

/* ---- The builder ---- */

static void
assert_reference_refused (
    WeirBankBuilder *builder, const WeirReference *reference)
{
  g_autoptr (GError) error = NULL;
  guint32 index = 77;

  g_assert_false (
      weir_bank_builder_add_reference (builder, reference, &index, &error));
  g_assert_error (error, WEIR_BANK_ERROR, WEIR_BANK_ERROR_LIMIT);
  g_assert_null (strchr (error->message, '\n'));
  g_assert_cmpuint (index, ==, 77);
}

static void
test_builder_refuses (void)
{
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();
  g_autofree gchar *long_text = g_strnfill (WEIR_REFERENCE_MAX_TEXT + 1, 'x');
  WeirReference reference;
  gsize i;

  bank_files_add_reference (builder, "there");
  reference = bank_files_make_reference ("there");
  assert_reference_refused (builder, &reference);
  reference = bank_files_make_reference ("");
  assert_reference_refused (builder, &reference);
  for (i = 0; i < 5; i++) {
    const gchar **texts[] = { &reference.id, &reference.family,
      &reference.label, &reference.list, &reference.source };

    reference = bank_files_make_reference ("new");
    *texts[i] = long_text;
    assert_reference_refused (builder, &reference);
    *texts[i] = "\xc3\x28\n";
    assert_reference_refused (builder, &reference);
  }
  g_assert_cmpuint (bank_files_add_reference (builder, "new"), ==, 1);
}

static void
assert_write_fails (
    WeirBankBuilder *builder, const gchar *path, gint expected_errno)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (weir_bank_builder_write (builder, path, CREATED, &error));
  g_assert_error (error, WEIR_BANK_ERROR, WEIR_BANK_ERROR_FILE);
  bank_files_assert_one_line (error, path);
  g_assert_nonnull (strstr (error->message, g_strerror (expected_errno)));
}

static void
test_write_failures (BankFiles *fixture, gconstpointer data)
{
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();
  g_autofree gchar *nowhere =
      g_build_filename (fixture->directory, "no", "where", NULL);
  g_autofree gchar *folder = g_build_filename (fixture->directory, "d", NULL);

  bank_files_add_reference (builder, "a");
  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  assert_write_fails (builder, nowhere, ENOENT);
  assert_write_fails (builder, folder, EISDIR);
  assert_write_fails (builder, "/dev/null", EEXIST);
  g_assert_cmpuint (bank_files_count (fixture->directory), ==, 1);
  g_assert_cmpuint (bank_files_count (folder), ==, 0);
  g_rmdir (folder);
}

/* A limit on the size of files stands in for a full disk: what was there
 * before stays, and nothing else does. */
static void
test_write_does_not_fit (BankFiles *fixture, gconstpointer data)
{
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();
  g_autoptr (WeirBank) bank = NULL;
  struct rlimit usual, small;
  void (*usual_handler) (int);
  guint i;

  bank_files_add_reference (builder, "a");
  bank_files_write (builder, fixture->path);
  for (i = 0; i < 20000; i++)
    bank_files_add_audio (builder, 0, i, i);

  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &usual), ==, 0);
  small = usual;
  small.rlim_cur = 10000;
  usual_handler = signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &small), ==, 0);
  assert_write_fails (builder, fixture->path, EFBIG);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &usual), ==, 0);
  signal (SIGXFSZ, usual_handler);

  g_assert_cmpuint (bank_files_count (fixture->directory), ==, 1);
  bank = bank_files_open (fixture->path);
  g_assert_cmpuint (weir_bank_get_n_audio (bank), ==, 0);
}

/* A bank that is open goes on while its file is replaced. */
static void
test_replace (BankFiles *fixture, gconstpointer data)
{
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();
  g_autoptr (WeirBank) old = NULL;
  g_autoptr (WeirBank) new = NULL;
  WeirReference reference;
  struct stat status;
  mode_t usual_mask = umask (027);

  bank_files_add_reference (builder, "a");
  bank_files_write (builder, fixture->path);
  umask (usual_mask);
  g_assert_cmpint (stat (fixture->path, &status), ==, 0);
  g_assert_cmpuint (status.st_mode & 0777, ==, 0640);

  old = bank_files_open (fixture->path);
  bank_files_add_reference (builder, "b");
  bank_files_write (builder, fixture->path);
  new = bank_files_open (fixture->path);
  g_assert_cmpuint (bank_files_count (fixture->directory), ==, 1);
  g_assert_cmpuint (weir_bank_get_n_references (old), ==, 1);
  g_assert_cmpuint (weir_bank_get_n_references (new), ==, 2);
  weir_bank_get_reference (old, 0, &reference);
  g_assert_cmpstr (reference.id, ==, "a");
}

/* ---- Threads ---- */

static gpointer
look_up_in_thread (gpointer user_data)
{
  WeirBank *bank = user_data;
  g_autoptr (GArray) video = g_array_new (FALSE, FALSE, sizeof (WeirVideoHit));
  g_autoptr (GArray) audio = g_array_new (FALSE, FALSE, sizeof (WeirAudioHit));
  const WeirPdqHash hash = { { 1, 2, 3, 4 } };
  guint i;

  for (i = 0; i < 1000; i++) {
    g_autoptr (WeirBank) held = weir_bank_ref (bank);

    weir_bank_lookup_video (held, &hash, 0, video);
    bank_files_look_up_key (held, 10, audio);
  }
  weir_bank_unref (bank);
  return GUINT_TO_POINTER (video->len + audio->len);
}

/* Each thread has a reference of its own; the last closes the bank. */
static void
test_threads (BankFiles *fixture, gconstpointer data)
{
  GThread *threads[2];
  WeirBank *bank;
  guint i;

  g_bytes_unref (bank_files_make_small (fixture));
  bank = bank_files_open (fixture->path);
  for (i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] =
        g_thread_new ("look-up", look_up_in_thread, weir_bank_ref (bank));
  weir_bank_unref (bank);
  for (i = 0; i < G_N_ELEMENTS (threads); i++)
    g_assert_cmpuint (GPOINTER_TO_UINT (g_thread_join (threads[i])), ==, 3000);
}

/* ---- Words ---- */

static void
test_words (void)
{
  static const gchar *const actions[] = { "none", "flag", "cut" };
  static const gchar *const opinions[] = { "unreviewed", "confirmed",
    "disputed" };
  WeirAction action = WEIR_ACTION_CUT;
  WeirOpinion opinion = WEIR_OPINION_DISPUTED;
  guint i;

  for (i = 0; i < 3; i++) {
    g_assert_cmpstr (weir_action_to_string ((WeirAction) i), ==, actions[i]);
    g_assert_cmpstr (weir_opinion_to_string ((WeirOpinion) i), ==, opinions[i]);
    g_assert_true (weir_action_from_string (actions[i], &action));
    g_assert_true (weir_opinion_from_string (opinions[i], &opinion));
    g_assert_cmpuint (action, ==, i);
    g_assert_cmpuint (opinion, ==, i);
  }
  g_assert_false (weir_action_from_string ("Cut", &action));
  g_assert_false (weir_action_from_string ("", &action));
  g_assert_false (weir_opinion_from_string ("flag", &opinion));
  g_assert_cmpint (action, ==, WEIR_ACTION_CUT);
  g_assert_cmpint (opinion, ==, WEIR_OPINION_DISPUTED);
}

static void
test_allowed_action (void)
{
  WeirReference reference = bank_files_make_reference ("id");
  guint opinion, action;

  for (opinion = 0; opinion <= WEIR_OPINION_DISPUTED; opinion++) {
    for (action = 0; action <= WEIR_ACTION_CUT; action++) {
      gboolean lowered =
          opinion != WEIR_OPINION_CONFIRMED && action == WEIR_ACTION_CUT;

      reference.opinion = (WeirOpinion) opinion;
      reference.max_action = (WeirAction) action;
      g_assert_cmpuint (weir_reference_get_allowed_action (&reference, 0), ==,
          lowered ? WEIR_ACTION_FLAG : action);
    }
  }

  reference.opinion = WEIR_OPINION_CONFIRMED;
  reference.expires = CREATED;
  g_assert_cmpuint (weir_reference_get_allowed_action (&reference, CREATED), ==,
      WEIR_ACTION_CUT);
  g_assert_cmpuint (weir_reference_get_allowed_action (&reference, CREATED + 1),
      ==, WEIR_ACTION_FLAG);
  g_assert_cmpuint (
      weir_reference_get_allowed_action (&reference, 0), ==, WEIR_ACTION_CUT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  bank_files_add_test ("/bank/write/failures", test_write_failures);
  bank_files_add_test ("/bank/write/does-not-fit", test_write_does_not_fit);
  bank_files_add_test ("/bank/write/replace", test_replace);
  bank_files_add_test ("/bank/threads", test_threads);
  g_test_add_func ("/bank/builder/refuses", test_builder_refuses);
  g_test_add_func ("/reference/words", test_words);
  g_test_add_func ("/reference/allowed-action", test_allowed_action);
  return g_test_run ();
}
