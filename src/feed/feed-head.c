/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Heads: reading, writing, and what a client makes of one. */
#include "feed/feed-head.h"

#include "feed/feed-lines.h"

#include <string.h>

#define FIRST_LINE "weir-head 1"

/* No file that is announced is larger, packed or not. Bytes. */
#define MAX_FILE_SIZE (G_GUINT64_CONSTANT (1) << 40)

#define MAX_WAIT 86400

#define NUMBER G_GUINT64_FORMAT

WeirFeedHead *
weir_feed_head_new (void)
{
  WeirFeedHead *head = g_new0 (WeirFeedHead, 1);

  head->deltas = g_array_new (FALSE, FALSE, sizeof (WeirFeedFile));
  return head;
}

void
weir_feed_head_free (WeirFeedHead *head)
{
  g_array_unref (head->deltas);
  g_free (head->list);
  g_free (head->purpose);
  g_free (head->policy);
  g_free (head);
}

/* ---- Reading ---- */

/* "FROM TO SIZE UNPACKED DIGEST" */
static gboolean
parse_file (const gchar *value, WeirFeedFile *file)
{
  g_auto (GStrv) words = weir_feed_split (value, 5);

  if (!words ||
      !weir_feed_parse_number (
          words[0], 0, WEIR_FEED_MAX_NUMBER, &file->from) ||
      !weir_feed_parse_number (
          words[1], file->from + 1, WEIR_FEED_MAX_NUMBER, &file->to) ||
      !weir_feed_parse_number (words[2], 1, MAX_FILE_SIZE, &file->size) ||
      !weir_feed_parse_number (words[3], 1, MAX_FILE_SIZE, &file->unpacked) ||
      !weir_feed_is_hex (words[4], WEIR_FEED_DIGEST_DIGITS))
    return FALSE;
  g_strlcpy (file->digest, words[4], sizeof (file->digest));
  return TRUE;
}

static gboolean
take_delta (WeirFeedLines *lines, WeirFeedHead *head)
{
  g_autofree gchar *value = weir_feed_lines_take_optional (lines, "delta");
  const WeirFeedFile *before =
      head->deltas->len > 0
          ? &g_array_index (head->deltas, WeirFeedFile, head->deltas->len - 1)
          : NULL;
  WeirFeedFile delta = { 0 };

  if (!value)
    return FALSE;
  if (head->deltas->len == WEIR_FEED_MAX_DELTAS ||
      !parse_file (value, &delta) || delta.from == 0 ||
      (before && before->to != delta.from))
    weir_feed_lines_fail (lines);
  g_array_append_val (head->deltas, delta);
  return TRUE;
}

static void
take_files (WeirFeedLines *lines, WeirFeedHead *head)
{
  g_autofree gchar *snapshot = weir_feed_lines_take (lines, "snapshot");
  const WeirFeedFile *last = NULL;
  gboolean leads;

  if (!parse_file (snapshot, &head->snapshot) || head->snapshot.from != 0 ||
      head->snapshot.to > head->sequence)
    weir_feed_lines_fail (lines);
  leads = head->snapshot.to == head->sequence;
  while (take_delta (lines, head)) {
    last = &g_array_index (head->deltas, WeirFeedFile, head->deltas->len - 1);
    leads |= last->from == head->snapshot.to;
  }
  if (!leads || (last && last->to != head->sequence))
    weir_feed_lines_fail (lines);
}

static void
take_state (WeirFeedLines *lines, WeirFeedHead *head)
{
  g_autofree gchar *state = weir_feed_lines_take (lines, "state");
  g_autofree gchar *canary = weir_feed_lines_take (lines, "canary");

  if (!weir_feed_is_hex (state, WEIR_FEED_DIGEST_DIGITS) ||
      (strcmp (canary, "yes") != 0 && strcmp (canary, "no") != 0))
    weir_feed_lines_fail (lines);
  g_strlcpy (head->state, state, sizeof (head->state));
  head->canary = strcmp (canary, "yes") == 0;
}

WeirFeedHead *
weir_feed_head_parse (const gchar *text, gsize length, GError **error)
{
  const guint64 max = WEIR_FEED_MAX_NUMBER;
  g_autoptr (WeirFeedHead) head = weir_feed_head_new ();
  WeirFeedLines lines;

  weir_feed_lines_init (&lines, text, length, FIRST_LINE, "the head");
  head->list = weir_feed_lines_take (&lines, "list");
  head->epoch = weir_feed_lines_take_number (&lines, "epoch", 1, max);
  head->sequence = weir_feed_lines_take_number (&lines, "sequence", 1, max);
  head->issued =
      (gint64) weir_feed_lines_take_number (&lines, "issued", 1, max);
  head->expires =
      (gint64) weir_feed_lines_take_number (&lines, "expires", 1, max);
  head->min_wait =
      (guint) weir_feed_lines_take_number (&lines, "min-wait", 1, MAX_WAIT);
  head->root = weir_feed_lines_take_number (&lines, "root", 0, max);
  head->purpose = weir_feed_lines_take_optional (&lines, "purpose");
  head->policy = weir_feed_lines_take_optional (&lines, "policy");
  head->references = weir_feed_lines_take_number (&lines, "references", 0, max);
  take_state (&lines, head);
  take_files (&lines, head);
  weir_feed_lines_take_end (&lines);
  if (lines.next != lines.end || !weir_feed_is_list_name (head->list) ||
      head->issued >= head->expires)
    weir_feed_lines_fail (&lines);
  return weir_feed_lines_check (&lines, error) ? g_steal_pointer (&head) : NULL;
}

WeirFeedHead *
weir_feed_head_read (
    const WeirFeedRoot *root, const gchar *text, gsize length, GError **error)
{
  gsize content_length;
  const gchar *content = weir_signed_file_get_content (
      text, length, "the head", &content_length, error);

  if (!content ||
      !weir_signed_file_verify (text, length, &root->heads, "the head", error))
    return NULL;
  return weir_feed_head_parse (content, content_length, error);
}

/* ---- Writing ---- */

static void
append_file (GString *text, const gchar *key, const WeirFeedFile *file)
{
  g_string_append_printf (text,
      "%s %" NUMBER " %" NUMBER " %" NUMBER " %" NUMBER " %s\n", key,
      file->from, file->to, file->size, file->unpacked, file->digest);
}

gchar *
weir_feed_head_format (const WeirFeedHead *head)
{
  GString *text = g_string_new (FIRST_LINE "\n");

  g_string_append_printf (text,
      "list %s\nepoch %" NUMBER "\nsequence %" NUMBER
      "\nissued %" G_GINT64_FORMAT "\nexpires %" G_GINT64_FORMAT
      "\nmin-wait %u\nroot %" NUMBER "\n",
      head->list, head->epoch, head->sequence, head->issued, head->expires,
      head->min_wait, head->root);
  if (head->purpose)
    g_string_append_printf (text, "purpose %s\n", head->purpose);
  if (head->policy)
    g_string_append_printf (text, "policy %s\n", head->policy);
  g_string_append_printf (text, "references %" NUMBER "\nstate %s\ncanary %s\n",
      head->references, head->state, head->canary ? "yes" : "no");
  append_file (text, "snapshot", &head->snapshot);
  for (guint i = 0; i < head->deltas->len; i++)
    append_file (text, "delta", &g_array_index (head->deltas, WeirFeedFile, i));
  g_string_append (text, "end\n");
  return g_string_free (text, FALSE);
}

/* ---- What a client makes of it ---- */

static gboolean
check_time (const WeirFeedHead *head, gint64 now, GError **error)
{
  if (head->issued > now + WEIR_FEED_CLOCK_SKEW)
    return weir_feed_refuse (error, WEIR_FEED_ERROR_CLOCK,
        "the head is %" G_GINT64_FORMAT
        " s from the future; is this machine's clock behind?",
        head->issued - now);
  if (head->expires < now)
    return weir_feed_refuse (error, WEIR_FEED_ERROR_EXPIRED,
        "the head expired %" G_GINT64_FORMAT
        " s ago; has the publisher stopped, or is this machine's clock ahead?",
        now - head->expires);
  return TRUE;
}

static gboolean
check_order (
    const WeirFeedHead *head, const WeirFeedPosition *position, GError **error)
{
  gboolean same =
      head->epoch == position->epoch && head->sequence == position->sequence;

  if (head->epoch < position->epoch ||
      (head->epoch == position->epoch && head->sequence < position->sequence) ||
      (same && head->issued < position->issued))
    return weir_feed_refuse (error, WEIR_FEED_ERROR_ROLLBACK,
        "the head is an old one, %" NUMBER " of epoch %" NUMBER ", and %" NUMBER
        " of epoch %" NUMBER " is in use",
        head->sequence, head->epoch, position->sequence, position->epoch);
  if (same && strcmp (head->state, position->state) != 0)
    return weir_feed_refuse (error, WEIR_FEED_ERROR_ROLLBACK,
        "there are two heads with the number %" NUMBER
        "; the publisher must publish once more",
        head->sequence);
  return TRUE;
}

gboolean
weir_feed_head_check (const WeirFeedHead *head, const WeirFeedRoot *root,
    const WeirFeedPosition *position, gint64 now, GError **error)
{
  if (strcmp (head->list, root->list) != 0)
    return weir_feed_refuse (error, WEIR_FEED_ERROR_LIST,
        "the head is that of the list '%s', not of '%s'", head->list,
        root->list);
  if (head->epoch != root->epoch)
    return weir_feed_refuse (error, WEIR_FEED_ERROR_ROLLBACK,
        "the head is of epoch %" NUMBER ", and the root says %" NUMBER,
        head->epoch, root->epoch);
  if (root->expires != 0 && root->expires < now)
    return weir_feed_refuse (error, WEIR_FEED_ERROR_EXPIRED,
        "root %" NUMBER
        " has expired; a new one must be published, or this clock is wrong",
        root->version);
  return check_order (head, position, error) && check_time (head, now, error);
}

/* Deltas from @position on, if there are all. */
static GPtrArray *
plan_deltas (const WeirFeedHead *head, const WeirFeedPosition *position)
{
  g_autoptr (GPtrArray) files = g_ptr_array_new ();
  guint64 at = position->sequence, size = 0;

  if (position->epoch != head->epoch)
    return NULL;
  for (guint i = 0; i < head->deltas->len; i++) {
    WeirFeedFile *delta = &g_array_index (head->deltas, WeirFeedFile, i);

    if (delta->from != at)
      continue;
    g_ptr_array_add (files, delta);
    at = delta->to;
    size += delta->size;
  }
  return at == head->sequence && size <= head->snapshot.size
             ? g_steal_pointer (&files)
             : NULL;
}

GPtrArray *
weir_feed_head_plan (const WeirFeedHead *head, const WeirFeedPosition *position,
    gboolean snapshot)
{
  GPtrArray *files = snapshot ? NULL : plan_deltas (head, position);
  gboolean follows = FALSE;

  if (files)
    return files;
  files = g_ptr_array_new ();
  g_ptr_array_add (files, (gpointer) &head->snapshot);
  for (guint i = 0; i < head->deltas->len; i++) {
    WeirFeedFile *delta = &g_array_index (head->deltas, WeirFeedFile, i);

    follows |= delta->from == head->snapshot.to;
    if (follows)
      g_ptr_array_add (files, delta);
  }
  return files;
}

gchar *
weir_feed_file_get_path (const WeirFeedFile *file)
{
  return file->from == 0
             ? g_strdup_printf (
                   "s/%" NUMBER "-%.16s.zst", file->to, file->digest)
             : g_strdup_printf ("d/%" NUMBER "-%" NUMBER "-%.16s.zst",
                   file->from, file->to, file->digest);
}
