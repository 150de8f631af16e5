/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Banks that are replaced while they are followed. */
#include "bank-files.h"

#include "bank/bank-private.h"
#include "bank/manifest.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

/* Long enough for any machine: only a test that fails waits for it. ms */
#define PATIENCE 60000

/* An interval at which nothing is found but by word of the kernel, and one for
 * what is found by looking alone. us */
#define NEVER (3600 * (gint64) G_USEC_PER_SEC)
#define SOON  2000

/* What the follower said, handed from its thread to the test's through a pipe,
 * whose order a checker of threads knows. */
typedef struct {
  gint ends[2];
  WeirBankFollower *freed_by_callback;
} Listener;

typedef struct {
  WeirBank *bank;
  gchar *path;
  gint code; /* of the error; -1: none */
  GThread *thread;
} Word;

static void
on_bank (
    WeirBank *bank, const gchar *path, const GError *error, gpointer user_data)
{
  Listener *listener = user_data;
  Word word = { bank ? weir_bank_ref (bank) : NULL, g_strdup (path),
    error ? error->code : -1, g_thread_self () };

  g_assert_cmpint (write (listener->ends[1], &word, sizeof (word)), ==,
      (gssize) sizeof (word));
  if (listener->freed_by_callback)
    weir_bank_follower_free (g_steal_pointer (&listener->freed_by_callback));
}

static void
clear_word (Word *word)
{
  g_clear_pointer (&word->bank, weir_bank_unref);
  g_clear_pointer (&word->path, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Word, clear_word)

static void
init_listener (Listener *listener)
{
  *listener = (Listener){ { -1, -1 }, NULL };
  g_assert_cmpint (pipe (listener->ends), ==, 0);
}

static void
clear_listener (Listener *listener)
{
  struct pollfd more = { .fd = listener->ends[0], .events = POLLIN };

  /* Everything that was said was asked for. */
  g_assert_cmpint (poll (&more, 1, 0), ==, 0);
  g_assert_cmpint (close (listener->ends[0]), ==, 0);
  g_assert_cmpint (close (listener->ends[1]), ==, 0);
}

static Word
listen_for_word (const Listener *listener)
{
  struct pollfd end = { .fd = listener->ends[0], .events = POLLIN };
  Word word;

  g_assert_cmpint (poll (&end, 1, PATIENCE), ==, 1);
  g_assert_cmpint (
      read (end.fd, &word, sizeof (word)), ==, (gssize) sizeof (word));
  return word;
}

/* The next word is of a bank of one reference, @id. */
static void
hear_bank (const Listener *listener, const gchar *id)
{
  g_auto (Word) word = listen_for_word (listener);
  WeirReference reference;

  g_assert_cmpint (word.code, ==, -1);
  g_assert_cmpuint (weir_bank_get_n_references (word.bank), ==, 1);
  weir_bank_get_reference (word.bank, 0, &reference);
  g_assert_cmpstr (reference.id, ==, id);
}

static void
hear_error (const Listener *listener, WeirBankError code)
{
  g_auto (Word) word = listen_for_word (listener);

  g_assert_null (word.bank);
  g_assert_cmpint (word.code, ==, (gint) code);
}

static void
write_bank (const gchar *path, const gchar *id)
{
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();

  bank_files_add_reference (builder, id);
  bank_files_write (builder, path);
}

/* Replaces what is followed in each way there is. */
static void
replace (const BankFiles *fixture, const Listener *listener)
{
  g_autofree gchar *other =
      g_build_filename (fixture->directory, "other.weir", NULL);

  hear_bank (listener, "first");
  write_bank (fixture->path, "second");
  hear_bank (listener, "second");

  /* Refused once, and the one after it taken. */
  g_assert_true (g_file_set_contents (fixture->path, "not a bank", -1, NULL));
  hear_error (listener, WEIR_BANK_ERROR_FOREIGN);
  write_bank (fixture->path, "second");
  hear_bank (listener, "second");

  /* The same content again is no change. */
  write_bank (fixture->path, "second");
  g_assert_cmpint (g_unlink (fixture->path), ==, 0);
  hear_error (listener, WEIR_BANK_ERROR_FILE);
  write_bank (other, "third");
  g_assert_cmpint (g_rename (other, fixture->path), ==, 0);
  hear_bank (listener, "third");
}

static void
check_followed (BankFiles *fixture, gint64 interval, gboolean is_told)
{
  Listener listener;
  WeirBankFollower *follower;

  init_listener (&listener);
  write_bank (fixture->path, "first");
  follower = weir_bank_follower_new_full (
      fixture->path, interval, is_told, on_bank, &listener);
  replace (fixture, &listener);
  weir_bank_follower_free (follower);
  clear_listener (&listener);
}

static void
test_told (BankFiles *fixture, gconstpointer data)
{
  check_followed (fixture, NEVER, TRUE);
}

static void
test_looked_at (BankFiles *fixture, gconstpointer data)
{
  check_followed (fixture, SOON, FALSE);
}

/* The first word comes before the follower does, by the caller's thread, all
 * others by the follower's. */
static void
test_threads (BankFiles *fixture, gconstpointer data)
{
  Listener listener;
  WeirBankFollower *follower;
  Word word;

  init_listener (&listener);
  follower = weir_bank_follower_new (fixture->path, on_bank, &listener);
  word = listen_for_word (&listener);
  g_assert_true (word.thread == g_thread_self ());
  g_assert_cmpint (word.code, ==, WEIR_BANK_ERROR_FILE);
  clear_word (&word);

  write_bank (fixture->path, "appears");
  word = listen_for_word (&listener);
  g_assert_true (word.thread != g_thread_self ());
  g_assert_nonnull (word.bank);
  g_assert_cmpstr (word.path, ==, fixture->path);
  clear_word (&word);
  weir_bank_follower_free (follower);
  clear_listener (&listener);
}

static void
test_set_path (BankFiles *fixture, gconstpointer data)
{
  g_autofree gchar *other =
      g_build_filename (fixture->directory, "other.weir", NULL);
  g_autofree gchar *both = g_strdup_printf ("%s,%s", fixture->path, other);
  g_auto (Word) nothing = { 0 };
  g_auto (Word) two = { 0 };
  Listener listener;
  WeirBankFollower *follower;

  init_listener (&listener);
  follower =
      weir_bank_follower_new_full (NULL, NEVER, TRUE, on_bank, &listener);
  nothing = listen_for_word (&listener);
  g_assert_null (nothing.bank);
  g_assert_null (nothing.path);
  g_assert_cmpint (nothing.code, ==, -1);
  write_bank (fixture->path, "first");
  write_bank (other, "second");
  weir_bank_follower_set_path (follower, fixture->path);
  hear_bank (&listener, "first");
  weir_bank_follower_set_path (follower, other);
  hear_bank (&listener, "second");
  weir_bank_follower_set_path (follower, both);
  two = listen_for_word (&listener);
  g_assert_cmpuint (weir_bank_get_n_references (two.bank), ==, 2);
  clear_word (&two);

  /* Any of them. */
  write_bank (other, "third");
  two = listen_for_word (&listener);
  g_assert_cmpuint (weir_bank_get_n_references (two.bank), ==, 2);
  g_assert_true (weir_bank_find_reference (two.bank, "third", &(guint32){ 0 }));
  weir_bank_follower_set_path (follower, NULL);
  clear_word (&nothing);
  nothing = listen_for_word (&listener);
  g_assert_null (nothing.path);
  weir_bank_follower_free (follower);
  clear_listener (&listener);
  g_assert_cmpint (g_unlink (other), ==, 0);
}

/* A segment that is there is nothing yet; the manifest makes it so. */
static void
test_folder (BankFiles *fixture, gconstpointer data)
{
  static const gchar *const names[] = { "1.weir", "2.weir" };
  g_autoptr (WeirManifest) manifest = weir_manifest_new ();
  g_autofree gchar *list =
      g_build_filename (fixture->directory, WEIR_MANIFEST_NAME, NULL);
  g_autoptr (WeirBankFollower) follower = NULL;
  Listener listener;

  init_listener (&listener);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree gchar *path =
        g_build_filename (fixture->directory, names[i], NULL);
    g_autoptr (WeirBank) bank = NULL;
    g_autoptr (GError) error = NULL;
    g_auto (Word) word = { 0 };

    write_bank (path, names[i]);
    bank = bank_files_open (path);
    weir_manifest_add_segment (
        manifest, names[i], weir_bank_get_version (bank));
    weir_manifest_write (manifest, fixture->directory, &error);
    g_assert_no_error (error);
    if (!follower)
      follower = weir_bank_follower_new_full (
          fixture->directory, NEVER, TRUE, on_bank, &listener);
    word = listen_for_word (&listener);
    g_assert_cmpuint (weir_bank_get_n_references (word.bank), ==, i + 1);
  }
  g_clear_pointer (&follower, weir_bank_follower_free);
  clear_listener (&listener);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree gchar *path =
        g_build_filename (fixture->directory, names[i], NULL);

    g_assert_cmpint (g_unlink (path), ==, 0);
  }
  g_assert_cmpint (g_unlink (list), ==, 0);
}

static void
test_free_in_callback (BankFiles *fixture, gconstpointer data)
{
  Listener listener;
  WeirBankFollower *follower;

  init_listener (&listener);
  write_bank (fixture->path, "first");
  follower = weir_bank_follower_new_full (
      fixture->path, NEVER, TRUE, on_bank, &listener);
  hear_bank (&listener, "first");
  listener.freed_by_callback = follower;
  write_bank (fixture->path, "second");
  hear_bank (&listener, "second");
  write_bank (fixture->path, "third");
  clear_listener (&listener);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  bank_files_add_test ("/bank/follower/told", test_told);
  bank_files_add_test ("/bank/follower/looked-at", test_looked_at);
  bank_files_add_test ("/bank/follower/threads", test_threads);
  bank_files_add_test ("/bank/follower/set-path", test_set_path);
  bank_files_add_test ("/bank/follower/folder", test_folder);
  bank_files_add_test (
      "/bank/follower/free-in-callback", test_free_in_callback);
  return g_test_run ();
}
