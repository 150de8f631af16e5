/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reads arbitrary bytes as a file of a feed, FEED_FILE of those below. What is
 * taken is written as it was read: there is one way to write a thing.
 */
#include "feed/feed-change.h"
#include "feed/feed-head.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

#define HEAD   1
#define ROOT   2
#define CHANGE 3
#define SIGNED 4

static G_GNUC_UNUSED void
check_same (gchar *text, const gchar *data, gsize size)
{
  g_assert_cmpmem (text, strlen (text), data, size);
  g_free (text);
}

static void
read_file (const gchar *data, gsize size, GError **error)
{
#if FEED_FILE == HEAD
  g_autoptr (WeirFeedHead) head = weir_feed_head_parse (data, size, error);

  if (head) {
    const WeirFeedPosition nothing = { 0 };
    g_autoptr (GPtrArray) files = weir_feed_head_plan (head, &nothing, FALSE);

    g_assert_cmpuint (files->len, >, 0);
    check_same (weir_feed_head_format (head), data, size);
  }
#elif FEED_FILE == ROOT
  g_autoptr (WeirFeedRoot) root = weir_feed_root_parse (data, size, error);

  if (root)
    check_same (weir_feed_root_format (root), data, size);
#elif FEED_FILE == CHANGE
  g_autoptr (WeirFeedChange) change =
      weir_feed_change_parse (data, size, error);
  g_autofree gchar *text = change ? weir_feed_change_format (change) : NULL;

  /* Ids may be escaped more than they must. */
  if (text) {
    g_autoptr (WeirFeedChange) again =
        weir_feed_change_parse (text, strlen (text), NULL);

    g_assert_cmpuint (again->removals->len, ==, change->removals->len);
  }
#elif FEED_FILE == SIGNED
  WeirKeyRing ring;
  gsize length = 0;

  weir_key_ring_init (&ring);
  if (weir_signed_file_get_content (data, size, "input", &length, error))
    g_assert_false (
        weir_signed_file_verify (data, size, &ring, "input", error));
  g_assert_cmpuint (length, <=, size);
  weir_key_ring_clear (&ring);
#endif
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree gchar *text = g_memdup2 (data, size);
  g_autoptr (GError) error = NULL;

  if (!text)
    return 0;
  g_assert_true (weir_minisign_init ());
  read_file (text, size, &error);
  if (error)
    g_assert_null (strchr (error->message, '\n'));
  return 0;
}
