/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Changes: their lines, and their files. */
#include "feed/feed-change.h"

#include "bank/manifest.h"
#include "feed/feed-lines.h"
#include "feed/feed-pack.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FIRST_LINE "weir-change 1"

/* What ends the lines. */
#define LAST_LINE "\nend\n"

/* As in a manifest: all but '%' and control characters. */
#define PLAIN_CHARACTERS " !\"#$&'()*+,/:;<=>?@[\\]^`{|}"

#define VERSION_DIGITS 16

WeirFeedChange *
weir_feed_change_new (const gchar *list)
{
  WeirFeedChange *change = g_new0 (WeirFeedChange, 1);

  change->list = g_strdup (list);
  change->removals = g_ptr_array_new_with_free_func (g_free);
  return change;
}

void
weir_feed_change_free (WeirFeedChange *change)
{
  g_ptr_array_unref (change->removals);
  g_free (change->list);
  g_free (change);
}

gchar *
weir_feed_change_get_name (const WeirFeedChange *change)
{
  return g_strconcat (change->version, WEIR_BANK_SUFFIX, NULL);
}

/* ---- Lines ---- */

static gboolean
take_removal (WeirFeedLines *lines, WeirFeedChange *change)
{
  g_autofree gchar *value = weir_feed_lines_take_optional (lines, "remove");
  gchar *id;

  if (!value)
    return FALSE;
  id = g_uri_unescape_string (value, NULL);
  if (id && id[0] != '\0' && strlen (id) <= WEIR_REFERENCE_MAX_TEXT) {
    g_ptr_array_add (change->removals, id);
    return TRUE;
  }
  g_free (id);
  weir_feed_lines_fail (lines);
  return FALSE;
}

/* "VERSION LENGTH" */
static void
take_segment (WeirFeedLines *lines, WeirFeedChange *change)
{
  g_autofree gchar *value = weir_feed_lines_take_optional (lines, "segment");
  g_auto (GStrv) words = value ? weir_feed_split (value, 2) : NULL;

  if (!value)
    return;
  if (words && weir_feed_is_hex (words[0], VERSION_DIGITS) &&
      weir_feed_parse_number (
          words[1], 1, WEIR_FEED_MAX_NUMBER, &change->length))
    g_strlcpy (change->version, words[0], sizeof (change->version));
  else
    weir_feed_lines_fail (lines);
}

WeirFeedChange *
weir_feed_change_parse (const gchar *text, gsize length, GError **error)
{
  g_autoptr (WeirFeedChange) change = weir_feed_change_new (NULL);
  WeirFeedLines lines;

  weir_feed_lines_init (&lines, text, length, FIRST_LINE, "a change");
  change->list = weir_feed_lines_take (&lines, "list");
  change->from =
      weir_feed_lines_take_number (&lines, "from", 0, WEIR_FEED_MAX_NUMBER);
  change->to = weir_feed_lines_take_number (
      &lines, "to", change->from + 1, WEIR_FEED_MAX_NUMBER);
  while (take_removal (&lines, change))
    ;
  take_segment (&lines, change);
  weir_feed_lines_take_end (&lines);
  if (lines.next != lines.end)
    weir_feed_lines_fail (&lines);
  return weir_feed_lines_check (&lines, error) ? g_steal_pointer (&change)
                                               : NULL;
}

gchar *
weir_feed_change_format (const WeirFeedChange *change)
{
  GString *text = g_string_new (FIRST_LINE "\n");

  g_string_append_printf (text,
      "list %s\nfrom %" G_GUINT64_FORMAT "\nto %" G_GUINT64_FORMAT "\n",
      change->list, change->from, change->to);
  for (guint i = 0; i < change->removals->len; i++) {
    g_autofree gchar *id = g_uri_escape_string (
        g_ptr_array_index (change->removals, i), PLAIN_CHARACTERS, TRUE);

    g_string_append_printf (text, "remove %s\n", id);
  }
  if (change->version[0] != '\0')
    g_string_append_printf (text, "segment %s %" G_GUINT64_FORMAT "\n",
        change->version, change->length);
  g_string_append (text, "end\n");
  return g_string_free (text, FALSE);
}

/* ---- Packing ---- */

gboolean
weir_feed_change_pack (const WeirFeedChange *change, const gchar *bank,
    const gchar *path, WeirFeedFile *file, GError **error)
{
  g_autofree gchar *lines = weir_feed_change_format (change);
  g_autoptr (GMappedFile) map = NULL;
  g_autoptr (GError) reason = NULL;
  WeirFeedPacker *packer;

  if (bank)
    map = g_mapped_file_new (bank, FALSE, &reason);
  if (reason)
    return weir_feed_refuse (error, WEIR_FEED_ERROR_CACHE,
        "'%s' cannot be read: %s", bank, reason->message);
  packer = weir_feed_packer_new (path, error);
  if (!packer)
    return FALSE;
  weir_feed_packer_put (packer, lines, strlen (lines));
  if (map)
    weir_feed_packer_put (packer, g_mapped_file_get_contents (map),
        g_mapped_file_get_length (map));
  file->from = change->from;
  file->to = change->to;
  return weir_feed_packer_finish (packer, file, error);
}

/* ---- Unpacking ---- */

typedef struct {
  GString *lines;
  WeirFeedChange *change; /* once the lines are read */
  const gchar *folder;
  gchar *temporary; /* NULL: no file is being written */
  gint descriptor;
  guint64 left; /* bytes of the bank file still to come */
} Unpacking;

static gboolean
refuse_write (const gchar *path, gint reason, GError **error)
{
  return weir_feed_refuse (error, WEIR_FEED_ERROR_CACHE,
      "'%s' cannot be written: %s", path, g_strerror (reason));
}

static gboolean
write_all (
    Unpacking *unpacking, const guint8 *data, gsize length, GError **error)
{
  while (length > 0) {
    gssize written = write (unpacking->descriptor, data, length);

    if (written < 0 && errno == EINTR)
      continue;
    if (written < 0)
      return refuse_write (unpacking->temporary, errno, error);
    data += written;
    length -= (gsize) written;
  }
  return TRUE;
}

static gboolean
begin_segment (Unpacking *unpacking, GError **error)
{
  unpacking->left = unpacking->change->length;
  if (unpacking->change->version[0] == '\0')
    return TRUE;
  unpacking->temporary =
      g_build_filename (unpacking->folder, ".weir-XXXXXX", NULL);
  unpacking->descriptor =
      g_mkstemp_full (unpacking->temporary, O_WRONLY | O_CLOEXEC, 0644);
  if (unpacking->descriptor >= 0)
    return TRUE;
  refuse_write (unpacking->folder, errno, error);
  g_clear_pointer (&unpacking->temporary, g_free);
  return FALSE;
}

static gboolean
take_segment_bytes (
    Unpacking *unpacking, const guint8 *data, gsize length, GError **error)
{
  if (length > unpacking->left)
    return weir_feed_refuse (error, WEIR_FEED_ERROR_FORMAT,
        "a change goes on after its bank file; the publisher must publish "
        "again");
  unpacking->left -= length;
  return write_all (unpacking, data, length, error);
}

/* Gathers the lines; what is behind their end belongs to the bank file. */
static gboolean
take_bytes (
    const guint8 *data, gsize length, gpointer user_data, GError **error)
{
  Unpacking *unpacking = user_data;
  GString *lines = unpacking->lines;
  gsize before = lines->len, begin, end;
  const gchar *found;

  if (unpacking->change)
    return take_segment_bytes (unpacking, data, length, error);
  g_string_append_len (lines, (const gchar *) data, (gssize) length);
  begin = before - MIN (before, strlen (LAST_LINE));
  found = g_strstr_len (
      lines->str + begin, (gssize) (lines->len - begin), LAST_LINE);
  if (!found)
    return lines->len <= WEIR_FEED_CHANGE_MAX_SIZE ||
           weir_feed_refuse (error, WEIR_FEED_ERROR_SIZE,
               "a change has more than %d bytes of lines",
               WEIR_FEED_CHANGE_MAX_SIZE);
  end = (gsize) (found - lines->str) + strlen (LAST_LINE);
  unpacking->change = weir_feed_change_parse (lines->str, end, error);
  return unpacking->change && begin_segment (unpacking, error) &&
         take_segment_bytes (
             unpacking, data + (end - before), lines->len - end, error);
}

/* That the change is whole, and the one that was announced. */
static gboolean
check_change (const Unpacking *unpacking, const WeirFeedFile *file,
    const gchar *list, GError **error)
{
  const WeirFeedChange *change = unpacking->change;

  if (!change || unpacking->left > 0)
    return weir_feed_refuse (error, WEIR_FEED_ERROR_FORMAT,
        "a change ends too soon; the publisher must publish again");
  if (strcmp (change->list, list) != 0)
    return weir_feed_refuse (error, WEIR_FEED_ERROR_LIST,
        "a change is of the list '%s', not of '%s'", change->list, list);
  if (change->from != file->from || change->to != file->to)
    return weir_feed_refuse (error, WEIR_FEED_ERROR_DIGEST,
        "a change is from %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT
        ", and the head says from %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT,
        change->from, change->to, file->from, file->to);
  return TRUE;
}

static gboolean
keep_segment (Unpacking *unpacking, GError **error)
{
  g_autofree gchar *name = weir_feed_change_get_name (unpacking->change);
  g_autofree gchar *path = g_build_filename (unpacking->folder, name, NULL);

  if (fsync (unpacking->descriptor) == 0 &&
      g_rename (unpacking->temporary, path) == 0) {
    g_clear_pointer (&unpacking->temporary, g_free);
    return TRUE;
  }
  return refuse_write (path, errno, error);
}

static void
clear_unpacking (Unpacking *unpacking)
{
  if (unpacking->descriptor >= 0)
    g_close (unpacking->descriptor, NULL);
  if (unpacking->temporary)
    g_unlink (unpacking->temporary);
  g_free (unpacking->temporary);
  g_string_free (unpacking->lines, TRUE);
  if (unpacking->change)
    weir_feed_change_free (unpacking->change);
}

WeirFeedChange *
weir_feed_change_unpack (const gchar *path, const WeirFeedFile *file,
    const gchar *list, const gchar *folder, GError **error)
{
  Unpacking unpacking = {
    .lines = g_string_new (NULL),
    .folder = folder,
    .descriptor = -1,
  };
  WeirFeedChange *change = NULL;

  if (weir_feed_unpack (path, file->unpacked, take_bytes, &unpacking, error) &&
      check_change (&unpacking, file, list, error) &&
      (!unpacking.temporary || keep_segment (&unpacking, error)))
    change = g_steal_pointer (&unpacking.change);
  clear_unpacking (&unpacking);
  return change;
}
