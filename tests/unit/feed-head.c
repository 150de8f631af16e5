/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Heads: their text, what a client may take, and which files it needs. */
#include "feed/feed-head.h"

#include <string.h>

#define NOW 1764000000
#define DIGEST                                                                 \
  "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* As text: a list at 12, a snapshot of 10, deltas from 9 on. */
#define BEGIN                                                                  \
  "weir-head 1\nlist hot\nepoch 2\nsequence 12\nissued 1764000000\n"           \
  "expires 1764001800\nmin-wait 10\nroot 1\n"
#define MIDDLE   "references 3\nstate " DIGEST "\ncanary no\n"
#define SNAPSHOT "snapshot 0 10 1000 2000 " DIGEST "\n"
#define DELTAS                                                                 \
  "delta 9 10 100 200 " DIGEST "\n"                                            \
  "delta 10 11 100 200 " DIGEST "\n"                                           \
  "delta 11 12 100 200 " DIGEST "\n"
#define HEAD BEGIN MIDDLE SNAPSHOT DELTAS "end\n"

static WeirFeedHead *
parse (const gchar *text)
{
  g_autoptr (GError) error = NULL;
  WeirFeedHead *head = weir_feed_head_parse (text, strlen (text), &error);

  g_assert_no_error (error);
  return head;
}

static void
test_round_trip (void)
{
  g_autoptr (WeirFeedHead) head = parse (HEAD);
  g_autoptr (WeirFeedHead) with_words = NULL;
  g_autofree gchar *text = weir_feed_head_format (head);
  g_autofree gchar *words = NULL;

  g_assert_cmpstr (text, ==, HEAD);
  g_assert_cmpstr (head->list, ==, "hot");
  g_assert_cmpuint (head->epoch, ==, 2);
  g_assert_cmpuint (head->sequence, ==, 12);
  g_assert_cmpint (head->issued, ==, NOW);
  g_assert_cmpint (head->expires, ==, NOW + 1800);
  g_assert_cmpuint (head->min_wait, ==, 10);
  g_assert_cmpuint (head->root, ==, 1);
  g_assert_cmpuint (head->references, ==, 3);
  g_assert_false (head->canary);
  g_assert_cmpuint (head->snapshot.unpacked, ==, 2000);
  g_assert_cmpuint (head->deltas->len, ==, 3);

  with_words = parse (
      BEGIN "purpose of the test\npolicy https://example.org/\n" MIDDLE SNAPSHOT
          DELTAS "end\n");
  words = weir_feed_head_format (with_words);
  g_assert_nonnull (strstr (words, "\npurpose of the test\npolicy https://"));
}

static void
test_refusals (void)
{
  static const gchar *const texts[] = { "", "weir-head 1\n",
    "weir-head 2\nend\n", HEAD "end\n", HEAD "x",
    BEGIN MIDDLE SNAPSHOT DELTAS "end", BEGIN MIDDLE DELTAS "end\n",
    BEGIN SNAPSHOT DELTAS "end\n",
    BEGIN MIDDLE SNAPSHOT SNAPSHOT DELTAS "end\n",
    /* Deltas that do not chain: a gap, the wrong end, none from the snapshot. */
    BEGIN MIDDLE SNAPSHOT "delta 9 10 1 1 " DIGEST "\ndelta 11 12 1 1 " DIGEST
                          "\nend\n",
    BEGIN MIDDLE SNAPSHOT "delta 10 11 1 1 " DIGEST "\nend\n",
    BEGIN MIDDLE SNAPSHOT "delta 11 12 1 1 " DIGEST "\nend\n",
    BEGIN MIDDLE SNAPSHOT "end\n",
    BEGIN MIDDLE "snapshot 1 12 1 1 " DIGEST "\nend\n",
    BEGIN MIDDLE "snapshot 0 13 1 1 " DIGEST "\nend\n",
    BEGIN MIDDLE "snapshot 0 12 0 1 " DIGEST "\nend\n",
    BEGIN MIDDLE "snapshot 0 12 1 2000000000000 " DIGEST "\nend\n",
    BEGIN MIDDLE "snapshot 0 12 1 1 " DIGEST " \nend\n",
    BEGIN MIDDLE "snapshot 0 012 1 1 " DIGEST "\nend\n",
    BEGIN MIDDLE "snapshot 0 +12 1 1 " DIGEST "\nend\n",
    BEGIN MIDDLE "snapshot 0 12 1 1 0123\nend\n", "weir-head 1\nlist Hot\n",
    "weir-head 1\nlist ../x\n", "weir-head 1\nlist hot\nepoch 0\n",
    "weir-head 1\nlist hot\nepoch 9007199254740992\n",
    "weir-head 1\nlist \xff\n" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (weir_feed_head_parse (texts[i], strlen (texts[i]), &error));
    g_assert_error (error, WEIR_FEED_ERROR, WEIR_FEED_ERROR_FORMAT);
    g_assert_null (strchr (error->message, '\n'));
  }
}

/* Each cut and each altered byte is refused or says something else. */
static void
test_altered (void)
{
  for (gsize i = 0; i < strlen (HEAD); i++) {
    g_autofree gchar *text = g_strdup (HEAD);
    g_autoptr (WeirFeedHead) head = NULL;

    g_assert_null (weir_feed_head_parse (text, i, NULL));
    text[i] ^= 1;
    head = weir_feed_head_parse (text, strlen (text), NULL);
    if (head) {
      g_autofree gchar *again = weir_feed_head_format (head);

      g_assert_cmpstr (again, ==, text);
    }
  }
}

/* ---- What a client may take ---- */

static gint
judge (const WeirFeedHead *head, const WeirFeedRoot *root,
    const WeirFeedPosition *position, gint64 now)
{
  g_autoptr (GError) error = NULL;

  if (weir_feed_head_check (head, root, position, now, &error))
    return -1;
  g_assert_cmpint (error->domain, ==, WEIR_FEED_ERROR);
  g_assert_null (strchr (error->message, '\n'));
  return error->code;
}

static void
test_check (void)
{
  g_autoptr (WeirFeedHead) head = parse (HEAD);
  g_auto (WeirKeyRing) none = { 0 };
  g_autoptr (WeirFeedRoot) root = NULL;
  g_autoptr (WeirFeedRoot) other = NULL;
  WeirFeedPosition at = { .epoch = 2, .sequence = 11, .issued = NOW + 5 };
  const WeirFeedPosition nothing = { 0 };

  weir_key_ring_init (&none);
  root = weir_feed_root_new ("hot", &none);
  other = weir_feed_root_new ("bulk", &none);
  root->epoch = 2;
  g_assert_cmpint (judge (head, root, &nothing, NOW), ==, -1);
  g_assert_cmpint (judge (head, root, &at, NOW), ==, -1);
  g_assert_cmpint (
      judge (head, other, &nothing, NOW), ==, WEIR_FEED_ERROR_LIST);

  /* The clock: at most five minutes behind, and not past the end. */
  g_assert_cmpint (judge (head, root, &at, NOW - 300), ==, -1);
  g_assert_cmpint (
      judge (head, root, &at, NOW - 301), ==, WEIR_FEED_ERROR_CLOCK);
  g_assert_cmpint (judge (head, root, &at, NOW + 1800), ==, -1);
  g_assert_cmpint (
      judge (head, root, &at, NOW + 1801), ==, WEIR_FEED_ERROR_EXPIRED);

  /* Back in sequence, in time, in epoch; another of the same number. */
  at.sequence = 13;
  g_assert_cmpint (judge (head, root, &at, NOW), ==, WEIR_FEED_ERROR_ROLLBACK);
  at.sequence = 12;
  g_assert_cmpint (judge (head, root, &at, NOW), ==, WEIR_FEED_ERROR_ROLLBACK);
  at.issued = NOW;
  g_assert_cmpint (judge (head, root, &at, NOW), ==, WEIR_FEED_ERROR_ROLLBACK);
  g_strlcpy (at.state, DIGEST, sizeof (at.state));
  g_assert_cmpint (judge (head, root, &at, NOW), ==, -1);
  at.epoch = 3;
  g_assert_cmpint (judge (head, root, &at, NOW), ==, WEIR_FEED_ERROR_ROLLBACK);

  /* After a head of the far future, a root of the next epoch helps; a head of an
   * epoch that no root has named does not. */
  at = (WeirFeedPosition){ .epoch = 1, .sequence = G_MAXINT64 };
  g_assert_cmpint (judge (head, root, &at, NOW), ==, -1);
  root->epoch = 1;
  g_assert_cmpint (judge (head, root, &at, NOW), ==, WEIR_FEED_ERROR_ROLLBACK);
  root->epoch = 2;
  root->expires = NOW - 1;
  g_assert_cmpint (judge (head, root, &at, NOW), ==, WEIR_FEED_ERROR_EXPIRED);
}

/* The sequences that the planned files lead to. */
static gchar *
plan (const WeirFeedHead *head, guint64 epoch, guint64 sequence,
    gboolean snapshot)
{
  const WeirFeedPosition at = { .epoch = epoch, .sequence = sequence };
  g_autoptr (GPtrArray) files = weir_feed_head_plan (head, &at, snapshot);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < files->len; i++) {
    g_autofree gchar *path =
        weir_feed_file_get_path (g_ptr_array_index (files, i));

    g_string_append (text, strchr (path, '/') + 1);
    g_string_truncate (text, text->len - strlen ("-0123456789abcdef.zst"));
    g_string_append_c (text, ' ');
  }
  return g_string_free (text, FALSE);
}

static void
assert_plan (const WeirFeedHead *head, guint64 epoch, guint64 sequence,
    gboolean snapshot, const gchar *expected)
{
  g_autofree gchar *found = plan (head, epoch, sequence, snapshot);

  g_assert_cmpstr (found, ==, expected);
}

static void
test_plan (void)
{
  g_autoptr (WeirFeedHead) head = parse (HEAD);
  g_autoptr (WeirFeedHead) heavy = NULL;
  g_autofree gchar *path = weir_feed_file_get_path (&head->snapshot);

  g_assert_cmpstr (path, ==, "s/10-0123456789abcdef.zst");
  assert_plan (head, 2, 12, FALSE, "");
  assert_plan (head, 2, 11, FALSE, "11-12 ");
  assert_plan (head, 2, 9, FALSE, "9-10 10-11 11-12 ");
  assert_plan (head, 2, 8, FALSE, "10 10-11 11-12 ");
  assert_plan (head, 1, 12, FALSE, "10 10-11 11-12 ");
  assert_plan (head, 0, 0, FALSE, "10 10-11 11-12 ");
  assert_plan (head, 2, 11, TRUE, "10 10-11 11-12 ");
  heavy = parse (BEGIN MIDDLE "snapshot 0 12 100 200 " DIGEST "\n"
                              "delta 11 12 101 200 " DIGEST "\nend\n");
  assert_plan (heavy, 2, 11, FALSE, "12 ");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/feed/head/round-trip", test_round_trip);
  g_test_add_func ("/feed/head/refusals", test_refusals);
  g_test_add_func ("/feed/head/altered", test_altered);
  g_test_add_func ("/feed/head/check", test_check);
  g_test_add_func ("/feed/head/plan", test_plan);
  return g_test_run ();
}
