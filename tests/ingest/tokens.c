/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who may publish, and for how long not. */

#include "tokens.h"

#include <glib/gstdio.h>
#include <string.h>

#define SECOND ((gint64) G_USEC_PER_SEC)

/* The access of a request with this field; its publisher has to be @expected. */
static IngestAccess
check (IngestTokens *tokens, const gchar *authorization, gint64 now,
    const gchar *expected)
{
  g_autofree gchar *publisher = NULL;
  guint wait;
  IngestAccess access = ingest_tokens_check (
      tokens, authorization, "192.0.2.1", now, &publisher, &wait);

  g_assert_cmpstr (publisher, ==, expected);
  g_assert_true ((wait > 0) == (access == INGEST_ACCESS_DENIED));
  return access;
}

static void
test_known (void)
{
  static const gchar *const unknown[] = { NULL, "", "Bearer", "Bearer ",
    "Bearer secre", "Bearer secrets", "Bearer secret ", "Bearer  secret",
    "Basic secret", "secret", "Bearer secret, Bearer other",
    "Bearer se\xffret" };
  g_autoptr (IngestTokens) tokens = ingest_tokens_new ();
  guint i;

  g_assert_cmpint (
      check (tokens, "Bearer secret", 0, NULL), ==, INGEST_ACCESS_UNKNOWN);
  g_assert_true (ingest_tokens_add (tokens, "secret", "studio"));
  g_assert_true (ingest_tokens_add (tokens, "other", NULL));
  g_assert_cmpuint (ingest_tokens_get_n (tokens), ==, 2);

  g_assert_cmpint (
      check (tokens, "Bearer secret", 0, "studio"), ==, INGEST_ACCESS_GRANTED);
  g_assert_cmpint (
      check (tokens, "bearer secret", 0, "studio"), ==, INGEST_ACCESS_GRANTED);
  /* The beginning of its SHA-256. */
  g_assert_cmpint (check (tokens, "Bearer other", 0, "d9298a10d1b0"), ==,
      INGEST_ACCESS_GRANTED);
  for (i = 0; i < G_N_ELEMENTS (unknown); i++)
    g_assert_cmpint (
        check (tokens, unknown[i], 0, NULL), ==, INGEST_ACCESS_UNKNOWN);
}

static void
test_syntax (void)
{
  g_autoptr (IngestTokens) tokens = ingest_tokens_new ();
  g_autofree gchar *longest = g_strnfill (256, 'a');
  g_autofree gchar *longer = g_strnfill (257, 'a');

  g_assert_true (ingest_tokens_add (tokens, "aZ09-._~+/==", NULL));
  g_assert_true (ingest_tokens_add (tokens, longest, NULL));
  g_assert_false (ingest_tokens_add (tokens, longer, NULL));
  g_assert_false (ingest_tokens_add (tokens, "", NULL));
  g_assert_false (ingest_tokens_add (tokens, "==", NULL) &&
                  ingest_tokens_add (tokens, "a=b", NULL));
  g_assert_false (ingest_tokens_add (tokens, "two words", NULL));
}

static void
test_denied (void)
{
  g_autoptr (IngestTokens) tokens = ingest_tokens_new ();
  g_autofree gchar *publisher = NULL;
  guint wait;

  ingest_tokens_add (tokens, "secret", "studio");
  ingest_tokens_add (tokens, "other", "garage");
  ingest_tokens_deny (tokens, "studio", 10 * SECOND, 86400);
  g_assert_cmpint (check (tokens, "Bearer secret", 10 * SECOND, "studio"), ==,
      INGEST_ACCESS_DENIED);
  g_assert_cmpint (check (tokens, "Bearer other", 10 * SECOND, "garage"), ==,
      INGEST_ACCESS_GRANTED);
  g_assert_cmpint (ingest_tokens_check (tokens, "Bearer secret", "192.0.2.1",
                       86409 * SECOND + 1, &publisher, &wait),
      ==, INGEST_ACCESS_DENIED);
  g_assert_cmpuint (wait, ==, 1);
  g_assert_cmpint (check (tokens, "Bearer secret", 86410 * SECOND, "studio"),
      ==, INGEST_ACCESS_GRANTED);

  ingest_tokens_deny (tokens, "studio", 0, 0);
  g_assert_cmpint (
      check (tokens, "Bearer secret", 0, "studio"), ==, INGEST_ACCESS_GRANTED);
}

static void
test_open (void)
{
  g_autoptr (IngestTokens) tokens = ingest_tokens_new ();

  ingest_tokens_set_open (tokens, TRUE);
  g_assert_cmpint (
      check (tokens, NULL, 0, "192.0.2.1"), ==, INGEST_ACCESS_GRANTED);
  /* A new token makes no new person. */
  ingest_tokens_deny (tokens, "192.0.2.1", 0, 1);
  g_assert_cmpint (
      check (tokens, "Bearer any", 0, "192.0.2.1"), ==, INGEST_ACCESS_DENIED);
}

static void
test_bounded (void)
{
  g_autoptr (IngestTokens) tokens = ingest_tokens_new ();
  guint i;

  ingest_tokens_set_open (tokens, TRUE);
  for (i = 0; i < 65536; i++) {
    g_autofree gchar *name = g_strdup_printf ("%u", i);

    ingest_tokens_deny (tokens, name, 0, 100);
  }
  ingest_tokens_deny (tokens, "192.0.2.1", 0, 10);
  g_assert_cmpint (
      check (tokens, NULL, 0, "192.0.2.1"), ==, INGEST_ACCESS_DENIED);
  /* Another more, and the one that would be free first is. */
  ingest_tokens_deny (tokens, "one more", 0, 100);
  g_assert_cmpint (
      check (tokens, NULL, 0, "192.0.2.1"), ==, INGEST_ACCESS_GRANTED);
}

static void
test_file (void)
{
  g_autoptr (IngestTokens) tokens = ingest_tokens_new ();
  g_autoptr (GError) error = NULL;
  g_autofree gchar *path = NULL;
  gint file = g_file_open_tmp ("tokens-XXXXXX", &path, NULL);

  g_assert_cmpint (file, >=, 0);
  g_close (file, NULL);
  g_file_set_contents (
      path, "# tokens\n\nsecret  the studio \r\n  other\n", -1, NULL);
  g_assert_true (ingest_tokens_load (tokens, path, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (ingest_tokens_get_n (tokens), ==, 2);
  g_assert_cmpint (check (tokens, "Bearer secret", 0, "the studio"), ==,
      INGEST_ACCESS_GRANTED);

  g_file_set_contents (path, "fine\nn\xc3\xb6t\n", -1, NULL);
  g_assert_false (ingest_tokens_load (tokens, path, &error));
  g_assert_nonnull (strstr (error->message, "line 2"));
  g_assert_null (strstr (error->message, "fine"));
  g_clear_error (&error);
  g_unlink (path);
  g_assert_false (ingest_tokens_load (tokens, path, &error));
  g_assert_nonnull (error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tokens/known", test_known);
  g_test_add_func ("/tokens/syntax", test_syntax);
  g_test_add_func ("/tokens/denied", test_denied);
  g_test_add_func ("/tokens/open", test_open);
  g_test_add_func ("/tokens/bounded", test_bounded);
  g_test_add_func ("/tokens/file", test_file);
  return g_test_run ();
}
