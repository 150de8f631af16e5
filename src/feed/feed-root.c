/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Roots: reading, writing, going from one to the next. */
#include "feed/feed-root.h"

#include "feed/feed-lines.h"

#include <string.h>

#define FIRST_LINE "weir-root 1"

static WeirFeedRoot *
root_new (void)
{
  WeirFeedRoot *root = g_new0 (WeirFeedRoot, 1);

  weir_key_ring_init (&root->roots);
  weir_key_ring_init (&root->heads);
  return root;
}

WeirFeedRoot *
weir_feed_root_new (const gchar *list, const WeirKeyRing *keys)
{
  WeirFeedRoot *root = g_new0 (WeirFeedRoot, 1);

  root->list = g_strdup (list);
  root->epoch = 1;
  weir_key_ring_copy (&root->roots, keys);
  weir_key_ring_copy (&root->heads, keys);
  return root;
}

void
weir_feed_root_free (WeirFeedRoot *root)
{
  weir_key_ring_clear (&root->roots);
  weir_key_ring_clear (&root->heads);
  g_free (root->list);
  g_free (root);
}

/* "ROLE-threshold N" and at least as many lines "ROLE-key KEY". */
static void
take_ring (WeirFeedLines *lines, const gchar *role, WeirKeyRing *ring)
{
  g_autofree gchar *threshold = g_strconcat (role, "-threshold", NULL);
  g_autofree gchar *key = g_strconcat (role, "-key", NULL);
  gchar *value;

  ring->threshold = (guint) weir_feed_lines_take_number (
      lines, threshold, 1, WEIR_SIGNED_FILE_MAX_SIGNATURES);
  while ((value = weir_feed_lines_take_optional (lines, key))) {
    g_autofree gchar *text = value;
    WeirMinisignPublicKey parsed;

    if (ring->keys->len == WEIR_SIGNED_FILE_MAX_SIGNATURES ||
        !weir_minisign_parse_public (text, &parsed) ||
        !weir_key_ring_add (ring, &parsed))
      weir_feed_lines_fail (lines);
  }
  if (ring->keys->len < ring->threshold)
    weir_feed_lines_fail (lines);
}

WeirFeedRoot *
weir_feed_root_parse (const gchar *text, gsize length, GError **error)
{
  g_autoptr (WeirFeedRoot) root = root_new ();
  WeirFeedLines lines;

  weir_feed_lines_init (&lines, text, length, FIRST_LINE, "the root");
  root->list = weir_feed_lines_take (&lines, "list");
  root->version =
      weir_feed_lines_take_number (&lines, "version", 1, WEIR_FEED_MAX_NUMBER);
  root->epoch =
      weir_feed_lines_take_number (&lines, "epoch", 1, WEIR_FEED_MAX_NUMBER);
  root->expires = (gint64) weir_feed_lines_take_number (
      &lines, "expires", 1, WEIR_FEED_MAX_NUMBER);
  take_ring (&lines, "root", &root->roots);
  take_ring (&lines, "head", &root->heads);
  weir_feed_lines_take_end (&lines);
  if (lines.next != lines.end || !weir_feed_is_list_name (root->list))
    weir_feed_lines_fail (&lines);
  return weir_feed_lines_check (&lines, error) ? g_steal_pointer (&root) : NULL;
}

static void
append_ring (GString *text, const gchar *role, const WeirKeyRing *ring)
{
  g_string_append_printf (text, "%s-threshold %u\n", role, ring->threshold);
  for (guint i = 0; i < ring->keys->len; i++) {
    g_autofree gchar *key = weir_minisign_format_public (
        &g_array_index (ring->keys, WeirMinisignPublicKey, i));

    g_string_append_printf (text, "%s-key %s\n", role, key);
  }
}

gchar *
weir_feed_root_format (const WeirFeedRoot *root)
{
  GString *text = g_string_new (FIRST_LINE "\n");

  g_string_append_printf (text,
      "list %s\nversion %" G_GUINT64_FORMAT "\nepoch %" G_GUINT64_FORMAT
      "\nexpires %" G_GINT64_FORMAT "\n",
      root->list, root->version, root->epoch, root->expires);
  append_ring (text, "root", &root->roots);
  append_ring (text, "head", &root->heads);
  g_string_append (text, "end\n");
  return g_string_free (text, FALSE);
}

/* That @next may follow @root. */
static gboolean
check_step (const WeirFeedRoot *root, const WeirFeedRoot *next, gint64 now,
    GError **error)
{
  if (strcmp (next->list, root->list) != 0)
    return weir_feed_refuse (error, WEIR_FEED_ERROR_LIST,
        "the root is that of the list '%s', not of '%s'", next->list,
        root->list);
  if (next->version != root->version + 1)
    return weir_feed_refuse (error, WEIR_FEED_ERROR_ROLLBACK,
        "root %" G_GUINT64_FORMAT " comes after root %" G_GUINT64_FORMAT,
        next->version, root->version);
  if (next->epoch < root->epoch)
    return weir_feed_refuse (error, WEIR_FEED_ERROR_ROLLBACK,
        "root %" G_GUINT64_FORMAT " goes back to epoch %" G_GUINT64_FORMAT,
        next->version, next->epoch);
  if (next->expires < now)
    return weir_feed_refuse (error, WEIR_FEED_ERROR_EXPIRED,
        "root %" G_GUINT64_FORMAT
        " has expired; a new one must be published, or this clock is wrong",
        next->version);
  return TRUE;
}

WeirFeedRoot *
weir_feed_root_next (const WeirFeedRoot *root, const gchar *text, gsize length,
    gint64 now, GError **error)
{
  gsize content_length;
  const gchar *content = weir_signed_file_get_content (
      text, length, "the root", &content_length, error);
  g_autoptr (WeirFeedRoot) next = NULL;

  if (!content ||
      !weir_signed_file_verify (text, length, &root->roots, "the root", error))
    return NULL;
  next = weir_feed_root_parse (content, content_length, error);
  if (!next ||
      !weir_signed_file_verify (
          text, length, &next->roots, "the root", error) ||
      !check_step (root, next, now, error))
    return NULL;
  return g_steal_pointer (&next);
}
